package demo

import (
	"context"
	"fmt"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// The ends of the order of silence: each is the first moment after its last day.
const (
	firstEnd  = "2019-10-01T00:00:00-04:00"
	secondEnd = "2020-10-01T00:00:00-04:00"
	thirdEnd  = "2021-10-01T00:00:00-04:00"
)

// Brooklyn is the story of an enterprise that may not be told, of the contest about
// it, and of the minute in which it ends.
func Brooklyn() Story {
	const ny = "America/New_York"
	return Story{Name: "brooklyn", Title: "A gag that ends", Rows: []Row{
		{Name: "warrant", At: at(ny, "2018-10-01 11:00"), When: "1 October 2018", What: "a sealed warrant for two accounts of an enterprise, with an order of silence for a year", Do: brooklynWarrant, Shows: showBrooklynWarrant},
		{Name: "contest", At: at(ny, "2018-10-04 10:00"), When: "three days later", What: "the gag is contested by itself; production runs on its own clock", Do: brooklynContest, Shows: showBrooklynContest},
		{Name: "production", At: at(ny, "2018-10-12 10:00"), When: "before the 15th", What: "what is due is given", Do: brooklynProduction, Shows: showBrooklynProduction},
		{Name: "denied", At: at(ny, "2019-07-31 12:00"), When: "31 July 2019", What: "the magistrate judge denies the motion", Do: brooklynDenied, Shows: showBrooklynDenied},
		{Name: "renewed", At: at(ny, "2019-09-20 15:00"), When: "20 September 2019", What: "the gag is renewed for a year", Do: renewal("19-mj-8310", "2019-09-19", "2019-09-20T15:00:00-04:00", secondEnd), Shows: showRenewal("19-mj-8310")},
		{Name: "unsealed", At: at(ny, "2019-09-24 12:00"), When: "24 September 2019", What: "the decision is unsealed, redacted", Do: brooklynUnsealed, Shows: showBrooklynUnsealed},
		{Name: "affirmed", At: at(ny, "2020-05-08 12:00"), When: "8 May 2020", What: "the district judge affirms; Nordwind appeals", Do: brooklynAffirmed, Shows: showBrooklynAffirmed},
		{Name: "renewed-again", At: at(ny, "2020-09-18 15:00"), When: "18 September 2020", What: "the gag is renewed again", Do: renewal("20-mj-7007", "2020-09-17", "2020-09-18T15:00:00-04:00", thirdEnd), Shows: showRenewal("20-mj-7007")},
		{Name: "asked", At: at(ny, "2021-09-24 10:00"), When: "a week before the end", What: "the authority was asked 30 and 7 days before; it seeks no renewal; counsel arms the notice", Do: brooklynArmed, Shows: showBrooklynArmed},
		{Name: "last-day", At: at(ny, "2021-09-30 23:59"), When: "the last day", What: "nobody is told yet", Do: brooklynLastDay, Shows: showBrooklynLastDay},
		{Name: "told", At: at(ny, "2021-10-01 00:01"), When: "the first minute", What: "the representative is told, in Italian", Do: brooklynTold, Shows: showBrooklynTold},
	}}
}

func brooklynWarrant(ctx context.Context, p *Play) error {
	if err := p.Submit(ctx, "warrant"); err != nil {
		return err
	}
	err := p.Open(ctx, Counsel, "case.open", "", "case", "", Values{"why": "under seal of the court, No. 18-mj-9120", "members": Counsel + "," + Outside + "," + Privacy})
	if err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "case.seal", "warrant", "under seal of the court", Values{"case": p.Kept("case")}); err != nil {
		return err
	}
	p.Told(Counsel, "seals the warrant at once in a case of three members; nobody else can see that it exists")
	if err := p.Genuine(ctx, Counsel, "warrant", "called back on the number in the court's printed directory; the clerk confirmed No. 18-mj-9120"); err != nil {
		return err
	}
	if err := p.Resolve(ctx, "warrant", Outside, Privacy); err != nil {
		return err
	}
	err = p.Open(ctx, Counsel, "secrecy.open", "warrant", "secrecy", "", Values{"source": "order", "cite": "18 USC 2705(b)", "authority": "Magistrate Judge, E.D.N.Y.", "number": "18-mj-9120",
		"reasons": "boilerplate", "accounts": "ac-bt-conti,ac-bt-greco", "binds": "existence", "signed": "2018-10-01T09:00:00-04:00", "served": "2018-10-01T11:00:00-04:00", "until": firstEnd})
	if err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Outside, "warrant"); err != nil {
		return err
	}
	p.Told("the rules", "warn: the reasons are boilerplate, one person of the enterprise could be told, and the enterprise was not asked first")
	if err := p.Answer(ctx, Counsel, "warrant", "redirect", app.Answer{Channel: "customer", Contact: "the organisation's counsel, whom it named at onboarding"}); err != nil {
		return err
	}
	_, err = p.Attach(ctx, Counsel, "message.keep", "warrant", "", "declined.txt", Values{"direction": "in", "party": "us-edny", "channel": "mail", "subject": "declined: the organisation is not asked first"})
	if err != nil {
		return err
	}
	p.Told("the prosecution", "declines to ask the enterprise first (DOJ policy of 14 December 2017)")
	return nil
}

func showBrooklynWarrant(p *Play) []Show {
	id := string(p.ID("warrant"))
	return append(p.unseen(),
		Show{As: Counsel, Page: p.Page("warrant"), Says: []string{"18-mj-9120", "18 USC 2705(b); DOJ policy of 19 Oct 2017", "14 Dec 2017", "declined: the organisation is not asked first", "15 Oct"}},
		Show{As: Privacy, Page: p.Page("secrecy"), Says: []string{"18-mj-9120", "Boilerplate", "Magistrate Judge, E.D.N.Y.", id}},
		Show{As: Counsel, Page: "/queue", Says: []string{id}},
		Show{File: p.Kept("warrant.redirect"), Says: []string{"18-mj-9120"}},
	)
}

// unseen is what those outside the case see of it: what anybody sees of what is not
// there.
func (p *Play) unseen() []Show {
	words := []string{string(p.ID("warrant")), string(p.ID("secrecy")), string(p.ID("case")), "18-mj-9120", "Brambilla"}
	return []Show{
		{As: Deputy, Page: p.Page("warrant"), Absent: true, Not: words},
		{As: Reviewer, Page: p.Page("secrecy"), Absent: true, Not: words},
		{As: Deputy, Page: "/queue", Not: words},
		{As: Reviewer, Page: "/register/secrecy", Not: words},
		{As: Reviewer, Page: "/register/contests", Not: words},
		{As: Reviewer, Page: "/find?q=" + words[0], Not: words[1:]},
		{Page: "/", Not: words},
	}
}

func brooklynContest(ctx context.Context, p *Play) error {
	err := p.Open(ctx, Counsel, "contest.open", "warrant", "contest", "", Values{"title": "Motion for individual reasons, and for leave to tell one person of the enterprise", "against": "secrecy",
		"court": "Magistrate Judge, E.D.N.Y.", "number": "18-mj-9120", "filed": "2018-10-04", "duties": p.Kept("secrecy")})
	if err != nil {
		return err
	}
	p.Told(Counsel, "contests the silence by itself; what has to be given by the 15th is still due on the 15th")
	return p.StateFacts(ctx, Counsel, "warrant", Facts{"secrecy_contested": true, "stay_recorded": false})
}

func showBrooklynContest(p *Play) []Show {
	return append(p.unseen(),
		Show{As: Counsel, Page: p.Page("contest"), Says: []string{"leave to tell one person of the enterprise", "No stay is in force. Contesting stops no deadline and no release by itself.", p.Kept("secrecy")}},
		Show{As: Counsel, Page: p.Page("warrant"), Says: []string{"15 Oct"}},
		Show{As: Deputy, Page: p.Page("contest"), Absent: true},
	)
}

func brooklynProduction(ctx context.Context, p *Play) error {
	found, err := p.Assess(ctx, Outside, "warrant")
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Rule == "us.secrecy.contest_runs" {
			p.Told("the rules", "say that a contest of silence suspends no production: %s (%s)", f.Outcome, f.Cite)
		}
	}
	if err := p.Decide(ctx, Counsel, "warrant", demand.Comply, "two accounts, three services, dates; no defect of the warrant itself", 1, 2, 3, 4, 5, 6); err != nil {
		return err
	}
	if err := p.Draft(ctx, Outside, "warrant", "grant", app.Terms{}); err != nil {
		return err
	}
	out, err := p.Give(ctx, "grant", "us-edny", "V. Sample, Eastern District", Counsel, Privacy)
	if err != nil {
		return err
	}
	p.Keep("grant.items", fmt.Sprint(out.Items))
	p.Told("the gate", "gives %d items of two accounts out of 3,000, and the enterprise is not told", out.Items)
	letters, err := p.Letters("warrant")
	if err != nil {
		return err
	}
	if len(letters) != 1 { // ours to the authority
		return problem.New(problem.Internal, "demo.letter", "somebody was told").At("%d letters", len(letters))
	}
	return nil
}

func showBrooklynProduction(p *Play) []Show {
	return append(p.unseen(),
		Show{As: Counsel, Page: p.Page("warrant"), Says: []string{p.Kept("grant"), p.Kept("grant.items") + " items", "released", "in force"}},
		Show{Command: p.VerifyCommand("grant", "us-edny"), Says: []string{"Everything holds"}},
	)
}

func brooklynDenied(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.rule", "contest", "", Values{"ruling": "denied", "on": "2019-07-31", "says": "The order stands as it is; the court is not bound to give reasons of its own, nor to let one person be told."})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Counsel, "contest.move", "contest", "", Values{"court": "District Judge, E.D.N.Y.", "number": "19-mc-8001", "filed": "2019-08-14"})
	p.Told(Counsel, "records the ruling, and asks the district judge")
	return err
}

func showBrooklynDenied(p *Play) []Show {
	return append(p.unseen(), Show{As: Counsel, Page: p.Page("contest"), Says: []string{"denied", "31 Jul", "District Judge, E.D.N.Y."}})
}

// renewal records one, as it was served.
func renewal(number, signed, served, until string) func(context.Context, *Play) error {
	return func(ctx context.Context, p *Play) error {
		_, err := p.Do(ctx, Counsel, "secrecy.renew", "secrecy", "", Values{"number": number, "signed": signed, "served": served, "until": until})
		p.Told("the court", "renews the silence: %s, signed on %s", number, signed)
		return err
	}
}

func showRenewal(number string) func(*Play) []Show {
	return func(p *Play) []Show {
		return append(p.unseen(),
			Show{As: Counsel, Page: p.Page("secrecy"), Says: []string{"Renewal " + number, "binds", "30 days before the end"}},
			Show{As: Counsel, Page: "/register/secrecy", Says: []string{string(p.ID("secrecy"))}},
		)
	}
}

func brooklynUnsealed(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.unseal", "contest", "", Values{"on": "2019-09-24",
		"what": "The decision, redacted: anybody may be told that a provider contested silence towards an enterprise. Names, accounts and the number stay secret."})
	p.Told(Counsel, "records what may now be told, and to whom")
	return err
}

func showBrooklynUnsealed(p *Play) []Show {
	return append(p.unseen(), Show{As: Counsel, Page: p.Page("contest"), Says: []string{"anybody may be told that a provider contested silence", "24 Sep"}})
}

func brooklynAffirmed(ctx context.Context, p *Play) error {
	if _, err := p.Do(ctx, Counsel, "contest.rule", "contest", "", Values{"ruling": "upheld", "on": "2020-05-08", "says": "Affirmed."}); err != nil {
		return err
	}
	_, err := p.Do(ctx, Counsel, "contest.move", "contest", "", Values{"court": "Court of Appeals, 2d Cir.", "number": "20-8555", "filed": "2020-06-05"})
	p.Told(Counsel, "records that the district judge affirms, and appeals")
	return err
}

func showBrooklynAffirmed(p *Play) []Show {
	return append(p.unseen(),
		Show{As: Counsel, Page: p.Page("contest"), Says: []string{"upheld", "8 May", "Court of Appeals, 2d Cir."}},
		Show{As: Outside, Page: "/register/contests", Says: []string{string(p.ID("contest"))}},
	)
}

func brooklynArmed(ctx context.Context, p *Play) error {
	p.Told("the clerk", "has asked the authority 30 and 7 days before the end whether the silence continues")
	_, err := p.Attach(ctx, Counsel, "message.keep", "warrant", "", "inquiry.txt", Values{"direction": "in", "party": "us-edny", "channel": "mail", "subject": "no further renewal will be sought"})
	if err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "secrecy.arm", "secrecy", "", Values{"end": thirdEnd}); err != nil {
		return err
	}
	p.Told(Counsel, "arms the notice for the first moment of 1 October 2021 in New York")
	return nil
}

func showBrooklynArmed(p *Play) []Show {
	return append(p.unseen(), Show{As: Counsel, Page: p.Page("secrecy"), Says: []string{"30 days before the end", "7 days before the end", "1 Sep", "armed by p-okafor"}, Not: []string{"Nobody has armed"}})
}

func brooklynLastDay(ctx context.Context, p *Play) error {
	s, err := p.State(ctx, "warrant")
	if err != nil {
		return err
	}
	if len(s.Notices) > 0 {
		return problem.New(problem.Internal, "demo.letter", "the enterprise was told too early")
	}
	p.Told("nobody", "is told: a minute is left, and a renewal could still be served")
	return nil
}

func showBrooklynLastDay(p *Play) []Show {
	return append(p.unseen(), Show{As: Counsel, Page: p.Page("secrecy"), Says: []string{"in force", "armed by p-okafor"}})
}

// brooklynTold: the clerk has sent the letters in the first minute.
func brooklynTold(ctx context.Context, p *Play) error {
	s, err := p.State(ctx, "warrant")
	if err != nil {
		return err
	}
	end, err := time.Parse(time.RFC3339, thirdEnd)
	if err != nil {
		return err
	}
	if len(s.Notices) != 2 {
		return problem.New(problem.Internal, "demo.letter", "two letters were due").At("%d", len(s.Notices))
	}
	for _, n := range s.Notices {
		if late := n.At.Sub(end); late < 0 || late >= time.Minute {
			return problem.New(problem.Internal, "demo.letter", "the letter did not go in the first minute").At("%s after the end", late)
		}
	}
	if err := p.KeepLetter("warrant", "notice", "Chiara Fontana", "ac-bt-conti"); err != nil {
		return err
	}
	p.Told("the clerk", "writes to Chiara Fontana of Brambilla Tessuti, in Italian: when it came, what was given, how to object, and the opening of the leaf")
	proof, digest, err := p.Office.ProveReceipt(ctx, p.Kept("warrant"), false)
	if err != nil {
		return err
	}
	p.Keep("proof", p.Stage.path("elsewhere", "proof.tlog"))
	p.Keep("digest", digest)
	if err := p.Stage.write(p.Kept("proof"), proof); err != nil {
		return err
	}
	for _, v := range []Values{{"ruling": "moot", "on": "2021-10-01", "says": "The silence has ended."}} {
		if _, err := p.Do(ctx, Counsel, "contest.rule", "contest", "", v); err != nil {
			return err
		}
	}
	if _, err := p.Do(ctx, Counsel, "contest.end", "contest", "", Values{"how": "moot", "on": "2021-10-01"}); err != nil {
		return err
	}
	return p.Close(ctx, Counsel, "warrant")
}

func showBrooklynTold(p *Play) []Show {
	return append(p.unseen(),
		Show{File: p.Kept("notice"), Says: []string{"Chiara Fontana", "Brambilla Tessuti S.p.A.", "18-mj-9120", "lun 1º ott 2018", "venerdì 1º ottobre 2021", p.Kept("digest")}},
		Show{As: Counsel, Page: p.Page("warrant"), Says: []string{"1 Oct"}},
		Show{As: Counsel, Page: "/register/notices", Says: []string{"ac-bt-conti", "ac-bt-greco"}},
		Show{Command: []string{"ledger", "opened", p.Kept("proof"), "--digest", p.Kept("digest"), "--trust", p.Stage.Folder.Trust()}, Says: []string{"2018-10-01"}},
	)
}
