package demo

import (
	"context"

	"counterseal/internal/app"
	"counterseal/internal/problem"
)

// Contacts of Thamesford Police: the one on file that answers at any hour, and the
// one that stood in a mail.
const (
	controlRoom = "+44 20 7946 0102"
	inTheMail   = "+44 20 7946 0199"
	policeDesk  = "desk@thamesford-police.example"
)

// London is the story of danger to life: a forged emergency request and a genuine
// one, and of being asked for help to break in.
func London() Story {
	const zone = "Europe/London"
	return Story{Name: "london", Title: "Danger to life, and no help to break in", Rows: []Row{
		{Name: "before", At: at(zone, "2026-09-14 09:35"), When: "14 September 2026, morning", What: "a preservation request from a police mailbox", Do: londonBefore, Shows: showLondonBefore},
		{Name: "forged", At: at(zone, "2026-09-14 15:10"), When: "half an hour after the attack", What: "an emergency request from the same mailbox: real domain, signed mail", Do: londonForged, Shows: showLondonForged},
		{Name: "refused", At: at(zone, "2026-09-14 15:18"), When: "eight minutes later", What: "called back on the number on file: not theirs", Do: londonRefused, Shows: showLondonRefused},
		{Name: "genuine", At: at(zone, "2026-09-14 15:25"), When: "15:25", What: "the genuine one, through the portal, with an urgent authorisation", Do: londonGenuine, Shows: showLondonGenuine},
		{Name: "called", At: at(zone, "2026-09-14 15:34"), When: "15:34", What: "called back, confirmed and signed by the caller", Do: londonCalled, Shows: showLondonCalled},
		{Name: "narrowed", At: at(zone, "2026-09-14 15:46"), When: "15:46", What: "48 hours of log-ins of one account; silence under section 82 recorded", Do: londonNarrowed, Shows: showLondonNarrowed},
		{Name: "released", At: at(zone, "2026-09-14 15:55"), When: "before 16:10", What: "two others approve from their phones; released", Do: londonReleased, Shows: showLondonReleased},
		{Name: "paper", At: at(zone, "2026-09-16 11:20"), When: "two days later", What: "the confirming paper", Do: londonPaper, Shows: showLondonPaper},
		{Name: "request", At: at(zone, "2026-09-16 14:00"), When: "16 September", What: "a request to push a modified client and to add a way round encryption", Do: londonRequest, Shows: showLondonRequest},
		{Name: "notice", At: at(zone, "2026-09-23 10:00"), When: "a week later", What: "the same as a binding notice", Do: londonNotice, Shows: showLondonNotice},
		{Name: "treaty", At: at(zone, "2026-09-24 11:00"), When: "the day after", What: "content under the customer's own key, asked for through the treaty", Do: londonTreaty, Shows: showLondonTreaty},
		{Name: "ciphertext", At: at(zone, "2026-10-02 11:00"), When: "eight days later", What: "it is given as it is: ciphertext, as the catalogue said beforehand", Do: londonCiphertext, Shows: showLondonCiphertext},
	}}
}

// londonBefore: nobody knows yet that the mailbox is somebody else's.
func londonBefore(ctx context.Context, p *Play) error {
	if err := p.Drop(ctx, "keep", "mail", "keep.eml"); err != nil {
		return err
	}
	p.Told(policeDesk, "asks by mail to preserve an account; demand %s", p.ID("keep"))
	_, err := p.Do(ctx, Reviewer, "demand.read", "keep", "", Values{"kind": "preservation", "instrument": "preservation_letter", "title": "Preservation request TP/26/8801", "number": "TP/26/8801", "agency": "gb-thamesford"})
	return err
}

// londonForged: what a signed mail from a real domain proves is nothing.
func londonForged(ctx context.Context, p *Play) error {
	if err := p.Drop(ctx, "forged", "mail", "forged.eml"); err != nil {
		return err
	}
	p.Told(policeDesk, "demands everything about noor.whitlock@nordwind.example within fifteen minutes; real domain, DKIM signature, a number to call; demand %s", p.ID("forged"))
	_, err := p.Do(ctx, Reviewer, "demand.read", "forged", "", Values{"kind": "data", "emergency": "yes", "instrument": "emergency_request", "title": "Emergency request TP/26/8817", "number": "TP/26/8817", "agency": "gb-thamesford", "officer": "P. Marlowe"})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "demand.ask", "forged", "", Values{"identifier": "address", "stated": "noor.whitlock@nordwind.example", "service": "records", "category": "identification", "from": "2026-01-01", "until": "2026-09-14"})
	if err != nil {
		return err
	}
	err = p.StateFacts(ctx, Reviewer, "forged", Facts{"kind": "data", "requester": "government", "issuing_country": "GB", "authority_kind": "police", "instrument": "emergency_request",
		"entity_country": "DK", "emergency": "death_or_serious_injury", "binding": false, "verified": false, "targets_named": 1, "wider_than_danger": true, "asks_content": false, "gdpr_basis": "none",
		"transfer_ground": "none", "secrecy_source": "none", "bulk": false, "direct_access": false, "assistance": "none"})
	if err != nil {
		return err
	}
	if _, err = p.Assess(ctx, Reviewer, "forged"); err != nil {
		return err
	}
	p.Told(Reviewer, "reads it: an emergency rests on a call-back to a contact that is on file; the number in the mail, %s, is not", inTheMail)
	_, err = p.Do(ctx, Reviewer, "callback.record", "forged", "the mail asks for it", Values{"contact": inTheMail, "reached": "a man who says he is Marlowe", "at": "2026-09-14 16:10", "answer": "confirmed"})
	return p.Refused(Reviewer, "tries to record a call to the number that stands in the mail", "callback.not_on_file", err)
}

// londonRefused: not theirs; the mailbox is flagged, and what else it sent waits.
func londonRefused(ctx context.Context, p *Play) error {
	if err := p.Called(ctx, Reviewer, "forged", controlRoom, "the control room's duty inspector", "gb-thamesford", false, "the number in the mail, "+inTheMail+", is not on file; the control room's is"); err != nil {
		return err
	}
	p.Told(Reviewer, "calls the control room on %s, which is on file: “not ours”", controlRoom)
	if _, err := p.Do(ctx, Reviewer, "paper.authenticate", "forged", "", Values{"outcome": "not_genuine", "how": "called back on " + controlRoom + ": not theirs"}); err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "line.decide", "forged", "forged", Values{"line": "1", "decision": "reject"}); err != nil {
		return err
	}
	if err := p.Answer(ctx, Counsel, "forged", "call-back-failed", app.Answer{}); err != nil {
		return err
	}
	held, err := p.Office.FlagMailbox(ctx, Reviewer, "gb-thamesford", policeDesk, "called back on 14 September 2026: the control room had sent nothing")
	if err != nil {
		return err
	}
	p.Told(Reviewer, "flags the mailbox; %d open demands that came from it wait", len(held))
	if err := p.Drop(ctx, "again", "mail", "again.eml"); err != nil {
		return err
	}
	p.Told(policeDesk, "writes again; demand %s is held at the door", p.ID("again"))
	return nil
}

// londonGenuine: to a Danish controller this is a voluntary disclosure.
func londonGenuine(ctx context.Context, p *Play) error {
	if err := p.Submit(ctx, "urgent"); err != nil {
		return err
	}
	p.Told("the control room", "asks through the portal, an urgent authorisation under s. 61A attached; demand %s", p.ID("urgent"))
	if err := p.Resolve(ctx, "urgent", Deputy, Privacy); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "urgent"); err != nil {
		return err
	}
	err := p.Draft(ctx, Reviewer, "urgent", "early", app.Terms{Emergency: true})
	return p.Refused(Reviewer, "drafts a grant at once", "grant.nothing", err)
}

// londonCalled: who calls signs contact and time, and does not approve.
func londonCalled(ctx context.Context, p *Play) error {
	if err := p.Called(ctx, Reviewer, "urgent", controlRoom, "Supt. H. Lindsey, by the switchboard", "gb-thamesford", true, ""); err != nil {
		return err
	}
	p.Told(Reviewer, "calls the control room on %s: confirmed, and the key read back; signs contact and time for the gate", controlRoom)
	if err := p.Genuine(ctx, Reviewer, "urgent", "called back on "+controlRoom+", which is on file: Supt. Lindsey confirmed TF-CR-26-0914/3"); err != nil {
		return err
	}
	err := p.StateFacts(ctx, Privacy, "urgent", Facts{"gdpr_basis": "vital_interests", "transfer_ground": "adequacy"})
	if err != nil {
		return err
	}
	p.Told(Privacy, "records the grounds: GDPR Article 6(1)(d), and for the transfer Article 45")
	_, err = p.Assess(ctx, Reviewer, "urgent")
	return err
}

// londonNarrowed: no more than the danger needs.
func londonNarrowed(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "line.decide", "urgent", "the danger needs to know where the account was used since Saturday, and no more", Values{"line": "1", "decision": "in_part", "from": "2026-09-12 16:00"})
	if err != nil {
		return err
	}
	if err := p.Against(ctx, "urgent", "provider.emergency.narrow", "narrowed to 48 hours of log-ins of the one account"); err != nil {
		return err
	}
	p.Told(Counsel, "decides: 48 hours of log-ins instead of six weeks")
	err = p.Open(ctx, Counsel, "secrecy.open", "urgent", "silence", "", Values{"source": "statute", "cite": "Investigatory Powers Act 2016, s. 82", "authority": "Thamesford Police", "number": "TF-CR-26-0914/3",
		"binds": "existence", "effective": "2026-09-14 16:25", "review": "2027-03-14"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "records the silence: section 82 needs no order and names no end, so it is looked at again in March")
	return p.Draft(ctx, Reviewer, "urgent", "grant", app.Terms{Emergency: true})
}

// londonReleased: two who did not call, of two groups.
func londonReleased(ctx context.Context, p *Play) error {
	err := p.Approve(ctx, Reviewer, "grant")
	if err := p.Refused(Reviewer, "who called and drafted, approves", "approval.drafter", err); err != nil {
		return err
	}
	out, err := p.Give(ctx, "grant", "gb-thamesford", "H. Lindsey", Deputy, Privacy)
	if err != nil {
		return err
	}
	if out.Items == 0 || !out.At.Before(at("Europe/London", "2026-09-14 16:10")) {
		return problem.New(problem.Internal, "demo.late", "the emergency was not answered in time").At("%d items, %s", out.Items, out.At)
	}
	p.Told("the gate", "gives %d log-ins at %s, and withholds %d", out.Items, out.At.Format("15:04"), out.Withheld)
	return nil
}

// londonPaper: had it not come, there would be an alarm.
func londonPaper(ctx context.Context, p *Play) error {
	err := p.Drop(ctx, "confirming", "post", "confirming.txt")
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "demand.read", "confirming", "", Values{"kind": "data", "instrument": "ipa_authorisation", "title": "Authorisation, Investigatory Powers Act 2016, s. 60A", "number": "TF-CR-26-0914/3", "agency": "gb-thamesford", "officer": "H. Lindsey", "signed": "2026-09-15"})
	if err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, "confirming", "called back on "+controlRoom); err != nil {
		return err
	}
	if _, err := p.Do(ctx, Reviewer, "demand.link", "confirming", "", Values{"type": "confirms_emergency", "other": string(p.ID("urgent"))}); err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "deadline.meet", "urgent", "", Values{"deadline": "provider.emergency.paper_due", "how": "the paper came as " + string(p.ID("confirming"))})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "deadline.meet", "urgent", "", Values{"deadline": "uk.ipa.urgent_ends", "how": "an ordinary authorisation of 15 September has taken its place"})
	if err != nil {
		return err
	}
	p.Told(Reviewer, "links the confirming paper to the emergency; the duty is met")
	_, err = p.Assess(ctx, Reviewer, "urgent")
	return err
}

// assistance are the facts of being asked to break in.
func assistance(instrument string, binding bool) Facts {
	return Facts{"kind": "assistance", "requester": "government", "issuing_country": "GB", "authority_kind": "minister", "signer": "minister", "instrument": instrument, "entity_country": "DK",
		"assistance": "weaken_encryption", "binding": binding, "bulk": false, "direct_access": false, "asks_content": true, "content_keys": "customer", "customer_kind": "enterprise", "customer_country": "GB"}
}

// londonRequest: refused by policy.
func londonRequest(ctx context.Context, p *Play) error {
	if err := p.Drop(ctx, "request", "post", "request.txt"); err != nil {
		return err
	}
	_, err := p.Do(ctx, Reviewer, "demand.read", "request", "", Values{"kind": "assistance", "instrument": "other", "title": "Letter HD/26/204", "number": "HD/26/204", "agency": "gb-home"})
	if err != nil {
		return err
	}
	if err := p.StateFacts(ctx, Reviewer, "request", assistance("other", false)); err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, "request", "called back on the department's published number"); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "request"); err != nil {
		return err
	}
	if err := p.Answer(ctx, Counsel, "request", "rejection", app.Answer{}); err != nil {
		return err
	}
	p.Told(Counsel, "declines: no help to break in, and no means to do so exists here")
	_, err = p.Do(ctx, Counsel, "demand.conclude", "request", "declined by the provider's policy", Values{"how": "refused"})
	return err
}

// londonNotice: contested, counsel owns the risk, and there is no code to comply with.
func londonNotice(ctx context.Context, p *Play) error {
	if err := p.Drop(ctx, "notice", "post", "notice.txt"); err != nil {
		return err
	}
	_, err := p.Do(ctx, Reviewer, "demand.read", "notice", "", Values{"kind": "assistance", "instrument": "ipa_technical_notice", "title": "Technical capability notice TCN/26/17", "number": "TCN/26/17", "agency": "gb-home", "signed": "2026-09-23"})
	if err != nil {
		return err
	}
	facts := assistance("ipa_technical_notice", true)
	facts["secrecy_source"], facts["secrecy_term"], facts["mla_agreement"] = "uk_ipa", "indefinite", false
	if err := p.StateFacts(ctx, Reviewer, "notice", facts); err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, "notice", "called back on the department's published number"); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "notice"); err != nil {
		return err
	}
	err = p.Open(ctx, Counsel, "contest.open", "notice", "review", "counsel owns the risk of not complying meanwhile", Values{"title": "Review of notice TCN/26/17, s. 257", "against": "statute", "court": "Secretary of State, on referral back", "filed": "2026-09-23"})
	if err != nil {
		return err
	}
	err = p.Open(ctx, Counsel, "secrecy.open", "notice", "notice.silence", "", Values{"source": "statute", "cite": "Investigatory Powers Act 2016, s. 255(8)", "authority": "Secretary of State", "number": "TCN/26/17", "binds": "existence", "review": "2027-03-23"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "refers it back for review, and owns the risk; the silence that it imposes is recorded with a day of review")
	if _, err := p.Assess(ctx, Reviewer, "notice"); err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "demand.ask", "notice", "", Values{"identifier": "address", "stated": "lab@kestrel-research.example", "service": "mail", "category": "content", "from": "2026-09-01", "until": "2026-09-14"})
	if err := p.Refused(Reviewer, "tries to make it a demand for data", "demand.not_stored_data", err); err != nil {
		return err
	}
	err = p.Draft(ctx, Reviewer, "notice", "none", app.Terms{})
	return p.Refused(Reviewer, "tries to draft a grant for it", "grant.nothing", err)
}
