package demo

import (
	"context"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
	"counterseal/internal/report"
)

// Brussels is the story of the right channel: an order from outside the Union, the
// certificates of the electronic evidence regulation, and whose law reaches what.
func Brussels() Story {
	const zone = "Europe/Dublin"
	return Story{Name: "brussels", Title: "The right channel", Rows: []Row{
		{Name: "third", At: at(zone, "2026-09-21 10:00"), When: "21 September 2026", What: "an order of a third country, sent straight to Copenhagen for a Danish consumer's mail", Do: brusselsThird, Shows: showBrusselsThird},
		{Name: "prosecutor", At: at(zone, "2026-09-28 09:30"), When: "28 September", What: "an EPOC for content, signed by a prosecutor alone", Do: brusselsProsecutor, Shows: showBrusselsProsecutor},
		{Name: "judge", At: at(zone, "2026-09-28 16:00"), When: "the same afternoon", What: "the EPOC again, from an Italian judge; the enforcing authority is notified", Do: brusselsJudge, Shows: showBrusselsJudge},
		{Name: "preserve", At: at(zone, "2026-09-30 11:00"), When: "the same week", What: "an EPOC-PR: sixty days", Do: brusselsPreserve, Shows: showBrusselsPreserve},
		{Name: "ahead", At: at(zone, "2026-10-08 15:00"), When: "the tenth day", What: "approved ahead; it goes by itself at 24:00", Do: brusselsAhead, Shows: showBrusselsAhead},
		{Name: "word", At: at(zone, "2026-10-08 23:55"), When: "five minutes before", What: "a person says that the order still stands", Do: brusselsWord, Shows: showBrusselsWord},
		{Name: "midnight", At: at(zone, "2026-10-09 00:00"), When: "the end of the tenth day", What: "the enforcing authority was silent: released by itself", Do: brusselsMidnight, Shows: showBrusselsMidnight},
		{Name: "extended", At: at(zone, "2026-11-20 10:00"), When: "20 November", What: "the preservation is extended by thirty days", Do: brusselsExtended, Shows: showBrusselsExtended},
		{Name: "destroyed", At: at(zone, "2026-12-30 09:00"), When: "the ninety days are over", What: "no order came: what was kept is destroyed", Do: brusselsDestroyed, Shows: showBrusselsDestroyed},
		{Name: "safe", At: at("Europe/Copenhagen", "2027-02-15 12:00"), When: "any day", What: "a Danish customer asks whether her data are safe", Do: brusselsSafe, Shows: showBrusselsSafe},
	}}
}

// brusselsThird: who may compel, what forbids, which channel is right.
func brusselsThird(ctx context.Context, p *Play) error {
	if err := p.Submit(ctx, "order"); err != nil {
		return err
	}
	p.Told("a prosecutor in Nordberg", "sends an order to Copenhagen for Maja Dahl's mail; demand %s", p.ID("order"))
	if err := p.Genuine(ctx, Reviewer, "order", "called back on the number in the canton's printed directory"); err != nil {
		return err
	}
	if err := p.Resolve(ctx, "order", Reviewer, Privacy); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "order"); err != nil {
		return err
	}
	if err := p.Decide(ctx, Counsel, "order", demand.Redirect, "GDPR Article 48: through mutual assistance; preservation under Article 29 of the Budapest Convention", 1); err != nil {
		return err
	}
	p.Told(Counsel, "does not give it: Article 48; names the treaty channel, and the Budapest Convention to have the data preserved meanwhile")
	return p.Answer(ctx, Counsel, "order", "redirect", app.Answer{Channel: "treaty", Contact: "Justitsministeriet, København; zur umgehenden Sicherung die dänische Kontaktstelle (Artikel 29 und 35 des Budapester Übereinkommens)"})
}

// certificate is what every certificate goes through before a decision.
func (p *Play) certificate(ctx context.Context, name, how string) error {
	if err := p.Submit(ctx, name); err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, name, how); err != nil {
		return err
	}
	if err := p.Resolve(ctx, name, Reviewer, Privacy); err != nil {
		return err
	}
	_, err := p.Assess(ctx, Reviewer, name)
	return err
}

// silent records that the certificate forbids telling the user. A controller may be
// told.
func (p *Play) silent(ctx context.Context, on, authority, number string) error {
	return p.Open(ctx, Counsel, "secrecy.open", on, on+".silence", "", Values{"source": "statute", "cite": "Regulation (EU) 2023/1543, Annex I, section H; Article 13", "authority": authority, "number": number,
		"binds": "existence", "may_tell": "controller", "review": "2027-03-28"})
}

// brusselsProsecutor: preserved at once, Annex III, nothing given.
func brusselsProsecutor(ctx context.Context, p *Play) error {
	if err := p.certificate(ctx, "epoc1", "the qualified seal of the decentralised system, and a call to the number in the Judicial Atlas"); err != nil {
		return err
	}
	p.Told("a prosecutor in Portoscuro", "sends a certificate for content under his own signature alone; demand %s", p.ID("epoc1"))
	_, err := p.Do(ctx, Reviewer, "preservation.make", "epoc1", "", Values{"copy": "seidel-mail", "lines": "1", "region": "fra", "until": "2026-11-27"})
	if err != nil {
		return err
	}
	if err := p.Decide(ctx, Counsel, "epoc1", demand.Reject, "Article 4(2): content needs a judge", 1); err != nil {
		return err
	}
	if err := p.silent(ctx, "epoc1", "Procura della Repubblica di Portoscuro", "2214/2026 RGNR"); err != nil {
		return err
	}
	p.Told(Reviewer, "has the mail preserved at once; counsel returns the form of Annex III, in Italian: content needs a judge")
	return p.Answer(ctx, Counsel, "epoc1", "annex-three", app.Answer{Reasons: []string{"issuing-authority"}, Kept: true})
}

// brusselsJudge: not before the end of the tenth day, and not after it.
func brusselsJudge(ctx context.Context, p *Play) error {
	if err := p.certificate(ctx, "epoc2", "the qualified seal of the decentralised system, and a call to the court's number in the Judicial Atlas"); err != nil {
		return err
	}
	p.Told("a judge in Portoscuro", "orders it; the offence was in Italy, the account holder lives in Germany, so Dublin's authority was notified; demand %s", p.ID("epoc2"))
	_, err := p.Do(ctx, Reviewer, "demand.link", "epoc2", "", Values{"type": "supersedes", "other": string(p.ID("epoc1"))})
	if err != nil {
		return err
	}
	if err := p.silent(ctx, "epoc2", "Tribunale di Portoscuro", "1907/2026 GIP"); err != nil {
		return err
	}
	p.Told(Counsel, "records that the user is not told (Annex I, section H), and that a controller could be")
	return p.Decide(ctx, Counsel, "epoc2", demand.Comply, "a judge, and an offence of the list", 1)
}

func brusselsPreserve(ctx context.Context, p *Play) error {
	if err := p.certificate(ctx, "epocpr", "the qualified seal of the decentralised system"); err != nil {
		return err
	}
	if err := p.Decide(ctx, Counsel, "epocpr", demand.Comply, "a certificate that orders preservation, and nothing else", 1); err != nil {
		return err
	}
	_, err := p.Do(ctx, Reviewer, "preservation.make", "epocpr", "", Values{"copy": "seidel-files", "lines": "1", "region": "fra", "until": "2026-11-30"})
	if err != nil {
		return err
	}
	p.Told(Reviewer, "has the files kept until 30 November, because the sixtieth day is a Sunday")
	return p.Answer(ctx, Reviewer, "epocpr", "preserved", app.Answer{})
}

// brusselsAhead: everything but the time.
func brusselsAhead(ctx context.Context, p *Play) error {
	if err := p.Draft(ctx, Reviewer, "epoc2", "grant", app.Terms{}); err != nil {
		return err
	}
	for _, who := range []string{Counsel, Privacy} {
		if err := p.Approve(ctx, who, "grant"); err != nil {
			return err
		}
	}
	_, err := p.Do(ctx, Counsel, "release.ask", "epoc2", "", Values{"grant": p.Kept("grant")})
	if err != nil {
		return err
	}
	p.Told(Counsel, "approves with the privacy officer, and asks that it go by itself at 24:00 if the enforcing authority stays silent")
	return p.stillHere(ctx, "grant")
}

// stillHere asks that nothing of a grant has left.
func (p *Play) stillHere(ctx context.Context, name string) error {
	st, err := p.Office.Desk().Status(ctx, p.grants[name].ID)
	if err == nil && st.State != gate.Offered {
		return problem.New(problem.Internal, "demo.early", "this left before its time").At("%s", st.State)
	}
	return err
}

// brusselsWord: without it nothing goes.
func brusselsWord(ctx context.Context, p *Play) error {
	if err := p.InForce(ctx, Deputy, "grant"); err != nil {
		return err
	}
	p.Told(Deputy, "looks: no refusal from Dublin's authority; signs that the order still stands")
	return p.stillHere(ctx, "grant")
}

// brusselsMidnight: it has gone.
func brusselsMidnight(ctx context.Context, p *Play) error {
	st, err := p.Office.Desk().Status(ctx, p.grants["grant"].ID)
	if err != nil {
		return err
	}
	if st.Outcome == nil || st.Outcome.Items == 0 || st.Outcome.At.Sub(at("Europe/Dublin", "2026-10-09 00:00")) > time.Minute {
		return problem.New(problem.Internal, "demo.not_released", "it did not go by itself").At("%s, %v", st.State, st.Obstacles)
	}
	p.Told("the program", "releases %d messages in the first minute: ten days of Regulation 1182/71 are over, nobody refused", st.Outcome.Items)
	if err := p.Fetch(ctx, "grant", "E. Bassi"); err != nil {
		return err
	}
	return p.Verify(ctx, "grant", "it-tribunale", st.Outcome.Items)
}

func brusselsExtended(ctx context.Context, p *Play) error {
	if err := p.StateFacts(ctx, Reviewer, "epocpr", Facts{"renewed": true}); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "epocpr"); err != nil {
		return err
	}
	_, err := p.Do(ctx, Reviewer, "deadline.meet", "epocpr", "", Values{"deadline": "eu.evidence.preserve", "how": "extended with the form of Annex VI"})
	if err != nil {
		return err
	}
	p.Told(Reviewer, "keeps the files thirty days longer, on the form of Annex VI")
	_, err = p.Do(ctx, Reviewer, "preservation.extend", "epocpr", "", Values{"copy": "seidel-files", "until": "2026-12-29", "source": "Annex VI, 20 November 2026"})
	return err
}

func brusselsDestroyed(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Reviewer, "preservation.end", "epocpr", "no request for production was confirmed", Values{"copy": "seidel-files", "end": "destroyed"})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "preservation.end", "epoc1", "produced under the judge's certificate", Values{"copy": "seidel-mail", "end": "produced"})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "deadline.meet", "epocpr", "", Values{"deadline": "eu.evidence.preserve_extended", "how": "ended; destroyed"})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "demand.close", "epocpr", "", nil)
	p.Told(Reviewer, "has destroyed what was kept: ninety days are over and no production order came")
	return err
}

// brusselsSafe: where her data lie, who may reach them by which instrument, and what
// was refused last year.
func brusselsSafe(ctx context.Context, p *Play) error {
	half, err := report.ParsePeriod("2026-H2")
	if err != nil {
		return err
	}
	if _, err := p.Office.Publish(ctx, Counsel, half); err != nil {
		return err
	}
	p.Told(Counsel, "publishes the report of the second half of 2026")
	p.Told("Maja Dahl", "asks whether her data are safe, and reads where they lie, whose law reaches them, and what was refused")
	return nil
}
