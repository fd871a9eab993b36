package demand_test

import (
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// told is one history after the other, by hand, each event a day after the last.
func told(events ...demand.Event) []demand.Recorded {
	var out []demand.Recorded
	for i, e := range events {
		out = append(out, demand.Recorded{Meta: demand.Meta{Seq: demand.Seq(i + 1), At: start.Add(time.Duration(i) * 24 * time.Hour), By: "carl", Reason: "why"}, Event: e})
	}
	return out
}

// wholeHistory has every kind of event that a demand's history can have.
func wholeHistory() []demand.Recorded {
	r := received()
	r.Kind, r.Emergency, r.Served, r.Entity = demand.ForData, true, start, "Nordwind Cloud Inc."
	kept := whole("acc-one").Lines()
	due := start.Add(30 * 24 * time.Hour)
	order := demand.Instrument{Kind: "us.warrant", Title: "Amended warrant", Number: "26-mj-1a", Agency: "agency-7"}
	more := []demand.StatedLine{{No: 4, Target: 1, Service: scope.Records, Category: scope.Subscriber, From: april, Until: endMay, Basis: scope.Received}}
	again := []demand.StatedLine{{No: 5, Target: 4, Service: scope.Mail, Category: scope.Content, From: april, Until: endMay, Basis: scope.Received}}
	out := ready().change("received", r).history()
	add := func(events ...demand.Event) {
		for _, e := range events {
			last := out[len(out)-1]
			out = append(out, demand.Recorded{Meta: demand.Meta{Seq: last.Seq + 1, At: last.At.Add(time.Hour), By: "carl", Reason: "why"}, Event: e})
		}
	}
	add(demand.AskedAdded{Paper: 1, Lines: more},
		demand.PaperAdded{Amends: 1, Document: digestR, Instrument: order, Targets: []demand.StatedTarget{{No: 4, Kind: "address", Stated: "p4@example.com"}}, Lines: again, Supersedes: []int{2}},
		demand.PaperAuthenticated{Paper: 2, Genuine: true, How: "call"}, demand.ServiceRecorded{Paper: 2, Entity: "Nordwind Cloud Inc.", Manner: "by hand", At: start},
		demand.PartyNamed{Role: "issuing", Name: "Magistrate", Note: "S.D.N.Y."}, demand.CallbackMade{Contact: "+1 555 0142", Reached: "the clerk", At: start, Confirmed: true},
		demand.DeadlineSet{ID: "art10", Kind: "answer", Lines: []int{1}, Start: start, NotBefore: start.Add(time.Hour), Latest: due, Rule: "eu.x", Cite: "Art. 10", Zone: "Europe/Dublin", Calendar: "ie@1", Says: "ten days"},
		demand.DeadlineSuspended{ID: "art10", Source: "Art. 10(6)"}, demand.DeadlineResumed{ID: "art10", Latest: due.Add(time.Hour), Says: "five more"}, demand.DeadlineCleared{ID: "art10", Source: "the authority"},
		demand.DeadlineMet{ID: "art10", How: "answered"}, demand.CopyMade{Copy: "copy-1", Scope: kept, Region: "iad", How: "hand", Until: due}, demand.CopyExtended{Copy: "copy-1", Until: due.Add(time.Hour), Source: "renewed"},
		demand.CopyEnded{Copy: "copy-1", End: "destroyed"}, demand.HoldPlaced{Kind: "action", Why: "flagged mailbox"})
	hold := out[len(out)-1].Seq
	add(demand.HoldLifted{Hold: hold}, demand.Linked{Other: "k7wq-93", Type: "supersedes", From: true}, demand.Joined{Stream: "c-k7wq-93"}, demand.UnderMatter{Matter: "m-k7wq-93"},
		demand.Sealed{Case: "x-k7wq-93"}, demand.MessageKept{Out: true, Party: "S.D.N.Y.", Channel: "post", Subject: "A question", Document: digestO, Letter: "clarification", Question: true},
		demand.TaskSet{What: "call the clerk", Seat: "reviewer", Due: due}, demand.TaskDone{Task: 1}, demand.CostNoted{What: "search", Minor: 12500, Currency: "USD", State: "billed", Basis: "18 USC 2706"},
		demand.Concluded{How: "answered"}, demand.SilenceAsked{Until: due}, demand.FactsStated{Facts: []byte{1, 1, 1, 0}}, demand.Stayed{Source: "court", Reach: kept, Until: due})
	add(demand.StayLifted{Stay: out[len(out)-1].Seq}, demand.ReleasePermitted{Grant: "g1", Release: digestR, Items: 3}, demand.ReleaseEnded{Grant: "g1", Outcome: demand.Released},
		demand.ReleaseAcknowledged{Grant: "g1", By: "R. Sample"}, demand.ProductionRecalled{Grant: "g1"},
		demand.GrantDrafted{Grant: "g2", Digest: digestO, Scope: kept, Region: "iad", Recipient: "officer", Expires: due, Collection: "by-hand", Production: "supplement"}, demand.GrantRevoked{Grant: "g2"}, demand.Closed{},
		demand.GrantDrafted{Grant: "g3", Digest: digestO, Scope: kept, Region: "iad", Recipient: "officer", Expires: due, Collection: "gate", Production: "rolling"}, demand.ReleaseAsked{Grant: "g3"})
	return out
}

// readHistory is of a demand that came as bytes alone.
func readHistory() []demand.Recorded {
	r := received()
	return told(demand.Received{Channel: "mail", Original: digestO, Unread: true},
		demand.DemandRead{Kind: demand.ForPreservation, Emergency: true, Instrument: r.Instrument, Facts: []byte{1, 0}, Targets: r.Targets, Lines: r.Lines})
}

// keepingHistory is of a demand for which the gate keeps a copy, longer than at first,
// and destroys it.
func keepingHistory() []demand.Recorded {
	r := received()
	r.Kind = demand.ForPreservation
	kept, until := whole("acc-one").Lines(), start.Add(60*24*time.Hour)
	return told(r, demand.KeepingDrafted{Grant: "c-1", Digest: digestG, Scope: kept, Region: "iad", Until: until, Expires: start.Add(24 * time.Hour)},
		demand.CopyMade{Copy: "c-1", Scope: kept, Region: "iad", How: "gate", Until: until},
		demand.KeepingDrafted{Grant: "c-2", Digest: digestO, Scope: kept, Region: "iad", Until: until.Add(time.Hour), Longer: "c-1", Expires: start.Add(24 * time.Hour)},
		demand.CopyExtended{Copy: "c-1", Until: until.Add(time.Hour), Source: "grant c-2"}, demand.CopyEnded{Copy: "c-1", End: "destroyed"})
}

// previewHistory is of a demand of which the gate counts what it asks for.
func previewHistory() []demand.Recorded {
	return told(received(), demand.PreviewDrafted{Grant: "v-1", Digest: digestG, Scope: whole("acc-one").Lines(), Region: "iad", Expires: start.Add(24 * time.Hour)})
}

// incidentHistory is of a demand of which the gate caught a package that held too much.
func incidentHistory() []demand.Recorded {
	return append(previewHistory(), told(received(), received(), demand.OverProduced{Incident: demand.Digest{8}, Grant: "v-1", Kind: demand.KeptApart, Outside: 1, List: demand.Digest{8}})[2])
}

// correctionHistory is of a demand whose package turns out to have held too much after a
// customer was told.
func correctionHistory() []demand.Recorded {
	return told(received(), demand.NoticeSent{Account: "acc-one", Letter: "l-1", To: demand.Holder, Knew: 1},
		demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole("acc-one").Lines(), Region: "iad", Recipient: "officer", Expires: start.Add(24 * time.Hour), Collection: "gate", Production: "first"},
		demand.ReleasePermitted{Grant: "g1", Release: digestR, Items: 3}, demand.ReleaseEnded{Grant: "g1", Outcome: demand.Released},
		demand.OverProduced{Incident: demand.Digest{8}, Grant: "g1", Kind: demand.HadLeft, Items: 3, Outside: 1, List: demand.Digest{9},
			Beyond: []demand.Excess{{Account: "acc-one", Service: scope.Mail, Category: scope.Content, Items: 1, From: april, Until: april.AddDate(0, 0, 3)}}},
		demand.NoticeCorrected{Incident: demand.Digest{8}, Account: "acc-one", Letter: "l-2", To: demand.Holder})
}

// witnessHistory is of a demand for which the gate went by the emergency policy.
func witnessHistory() []demand.Recorded {
	return told(received(), demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole("acc-one").Lines(), Region: "iad", Recipient: "officer", Expires: start.Add(24 * time.Hour), Emergency: true},
		demand.WitnessesSaid{Grant: "g1", Word: demand.WitnessesOwed, Due: start.Add(72 * time.Hour)}, demand.WitnessesSaid{Grant: "g1", Word: demand.WitnessesHeard, Due: start.Add(72 * time.Hour)})
}

func contestHistory() []demand.Recorded {
	reach := whole("acc-one").Lines()
	return told(demand.ContestOpened{ID: "c-k7wq-93", Title: "Motion to vacate", Against: "production", Court: "S.D.N.Y., magistrate", Number: "13 Mag. 2814", Filed: start,
		Covers: []demand.Cover{{Demand: "k7wq-93", Reach: reach}}, Duties: []demand.ID{"s-k7wq-93"}},
		demand.ContestWidened{Covers: []demand.Cover{{Demand: "b3xt-77", Reach: reach}}},
		demand.ContestRuled{Instance: 1, Ruling: "denied", On: start.Add(time.Hour), Says: "The motion is denied."},
		demand.ContestMoved{Court: "S.D.N.Y., district judge", Number: "1", Filed: start.Add(2 * time.Hour)},
		demand.ContestStayed{Source: "the district judge", On: start, Covers: []demand.Cover{{Demand: "k7wq-93", Reach: reach}, {Demand: "b3xt-77", Reach: reach}}, Until: start.Add(400 * 24 * time.Hour)},
		demand.ContestStayLifted{Stay: 5, Source: "the same", On: start}, demand.HeldInContempt{Court: "S.D.N.Y.", On: start, Terms: "by agreement"},
		demand.ContestFiled{Who: "a foreign State", What: "as a friend of the court", On: start}, demand.ContestUnsealed{What: "the decision, redacted", On: start}, demand.ContestEnded{How: "moot", On: start})
}

func secrecyHistory() []demand.Recorded {
	end := start.Add(365 * 24 * time.Hour)
	return told(demand.SecrecyOpened{ID: "s-k7wq-93", Source: "order", Cite: "18 USC 2705(b)", Authority: "E.D.N.Y.", Number: "18-mc-1", Reasons: "boilerplate",
		Covers: []demand.Silence{{Demand: "k7wq-93", Accounts: []scope.AccountID{"acc-one", "acc-two"}}, {Demand: "b3xt-77"}}, Binds: []string{"existence", "contents"},
		Signed: start, Served: start, Effective: start, Until: end, MayTell: []string{"counsel"}},
		demand.SecrecyAsked{End: end, Days: 30, Letter: "l-1"}, demand.SecrecyRenewed{Number: "18-mc-2", Signed: end.Add(-time.Hour), Served: end.Add(time.Hour), Until: end.Add(1000 * time.Hour)},
		demand.RenewalSettled{Renewal: 3, Binds: true}, demand.SecrecyEased{Source: "the court", On: start, Who: []string{"representative"}, Free: []demand.Silence{{Demand: "k7wq-93", Accounts: []scope.AccountID{"acc-two"}}}},
		demand.SecrecyReviewed{Next: end}, demand.DutyContested{Contest: "c-k7wq-93"}, demand.NoticeArmed{End: end}, demand.NoticeDisarmed{}, demand.ChannelsDrained{Through: end}, demand.SecrecyLifted{Source: "the court", On: end})
}

func matterHistory() []demand.Recorded {
	return told(demand.MatterOpened{ID: "m-k7wq-93", Title: "Harbor inquiry", Ref: "H-7"}, demand.MatterTook{Demand: "k7wq-93"}, demand.MatterTook{Demand: "b3xt-77"})
}

func caseHistory() []demand.Recorded {
	return told(demand.CaseOpened{ID: "x-k7wq-93", Why: "by order", Members: []demand.Person{"ann", "carl"}}, demand.MemberChanged{Person: "bob", In: true}, demand.MemberChanged{Person: "ann"})
}

func notesHistory() []demand.Recorded {
	return told(demand.NoteWritten{Text: "Counsel's view."}, demand.NoteWritten{Text: "And again."})
}
