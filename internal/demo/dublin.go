package demo

import (
	"context"
	"fmt"

	"counterseal/internal/app"
	"counterseal/internal/demand"
)

// Dublin is the story of a warrant for mail that lies in Ireland, contested through
// every instance. The dates of the public case that it follows are from secondary
// sources.
func Dublin() Story {
	const ny = "America/New_York"
	return Story{Name: "dublin", Title: "Data abroad, contested through every instance", Rows: []Row{
		{Name: "warrant", At: at(ny, "2013-12-04 10:00"), When: "4 December 2013", What: "a warrant is served on Nordwind Cloud Inc.: records that lie in Ashburn, mail that lies in Dublin", Do: dublinWarrant, Shows: showDublinWarrant},
		{Name: "records", At: at(ny, "2013-12-12 11:00"), When: "eight days later", What: "the records are released from Ashburn; the mail is preserved in Dublin", Do: dublinRecords, Shows: showDublinRecords},
		{Name: "motion", At: at(ny, "2013-12-18 09:00"), When: "18 December 2013", What: "Nordwind moves to vacate", Do: dublinMotion, Shows: showDublinMotion},
		{Name: "denied", At: at(ny, "2014-04-25 15:00"), When: "25 April 2014", What: "the magistrate judge denies the motion", Do: dublinDenied, Shows: showDublinDenied},
		{Name: "objections", At: at(ny, "2014-05-08 12:00"), When: "8 May 2014", What: "objections go to the district judge", Do: dublinObjections, Shows: showDublinObjections},
		{Name: "stayed", At: at(ny, "2014-07-31 16:00"), When: "31 July 2014", What: "the district judge upholds the warrant and stays her order pending appeal, the prosecution agreeing", Do: dublinStayed, Shows: showDublinStayed},
		{Name: "lifted", At: at(ny, "2014-08-29 14:00"), When: "29 August 2014", What: "the stay is lifted; Nordwind declines, and is held in contempt by agreement so that it can appeal", Do: dublinLifted, Shows: showDublinLifted},
		{Name: "supporters", At: at(ny, "2014-12-15 12:00"), When: "December 2014", What: "companies and a foreign state file in support", Do: dublinSupporters, Shows: showDublinSupporters},
		{Name: "reversed", At: at(ny, "2016-07-14 11:00"), When: "14 July 2016", What: "the court of appeals reverses", Do: dublinReversed, Shows: showDublinReversed},
		{Name: "certiorari", At: at(ny, "2017-10-16 10:00"), When: "16 October 2017", What: "the Supreme Court takes the case", Do: dublinCertiorari, Shows: showDublinCertiorari},
		{Name: "moot", At: at(ny, "2018-04-17 10:30"), When: "17 April 2018", What: "moot, after 18 USC 2713 of 23 March 2018", Do: dublinMoot, Shows: showDublinMoot},
		{Name: "again", At: at(ny, "2018-06-05 10:00"), When: "June 2018", What: "a new warrant, which supersedes the old", Do: dublinAgain, Shows: showDublinAgain},
		{Name: "mail", At: at(ny, "2018-06-13 11:00"), When: "eight days later", What: "the mail is released from Dublin", Do: dublinMail, Shows: showDublinMail},
	}}
}

func dublinWarrant(ctx context.Context, p *Play) error {
	if err := p.Submit(ctx, "warrant"); err != nil {
		return err
	}
	_, err := p.Do(ctx, Reviewer, "service.record", "warrant", "", Values{"entity": "Nordwind Cloud Inc.", "manner": "by the portal of the company in Virginia", "at": "2013-12-04T10:00:00-05:00"})
	if err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, "warrant", "called back on the number in the court's printed directory; the clerk confirmed No. 13-mj-2990"); err != nil {
		return err
	}
	if err := p.Resolve(ctx, "warrant", Reviewer, Privacy); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "warrant"); err != nil {
		return err
	}
	p.Told("the rules", "warn of the mail: it lies in Ireland, and Virginia can open it; nothing is amiss with the records")
	if err := p.Decide(ctx, Counsel, "warrant", demand.Comply, "records of our own, in Ashburn; no defect", 1, 2); err != nil {
		return err
	}
	if err := p.NoSecrecy(ctx, Counsel, "warrant", "no order of secrecy came with it"); err != nil {
		return err
	}
	if err := p.Office.Round(ctx); err != nil {
		return err
	}
	p.Told(Counsel, "gives the records, and leaves the mail undecided until a court has spoken; the customer in Ireland is told, and may object for a week")
	return p.KeepLetter("warrant", "notice", "Aoife Byrne")
}

func showDublinWarrant(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{"13-mj-2990", "18 USC 2703(a) before 18 USC 2713", "ac-byrne", "Nordwind Cloud Inc.", "18 Dec", "notice.waiting", "line.undecided"}},
		{Command: []string{"law", "reach", "--demand", string(p.ID("warrant"))}, Says: []string{"US"}},
		{File: p.Kept("notice"), Says: []string{"Aoife Byrne", "United States Attorney, Southern District of New York", "13-mj-2990", "object"}},
	}
}

func dublinRecords(ctx context.Context, p *Play) error {
	if err := p.Draft(ctx, Reviewer, "warrant", "records", app.Terms{}); err != nil {
		return err
	}
	out, err := p.Give(ctx, "records", "us-sdny", "T. Sample, Southern District", Counsel, Privacy)
	if err != nil {
		return err
	}
	p.Keep("records.items", fmt.Sprint(out.Items))
	p.Told("the gate", "of Ashburn gives %d records; the officer verifies them offline", out.Items)
	_, err = p.Do(ctx, Reviewer, "preservation.make", "warrant", "", Values{"copy": "byrne-mail-2013", "lines": "3", "region": "dub", "until": "2014-12-31"})
	if err != nil {
		return err
	}
	p.Told(Reviewer, "has the mail kept in Dublin, by the store's own means, until the courts are done")
	return nil
}

func showDublinRecords(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{p.Kept("records"), "released", p.Kept("records.items") + " items", "byrne-mail-2013", "dub", "line.undecided"}},
		{As: Reviewer, Page: "/register/preservation", Says: []string{"byrne-mail-2013"}},
		{Command: p.VerifyCommand("records", "us-sdny"), Says: []string{"Everything holds", "gate-iad-1 in iad"}},
	}
}

func dublinMotion(ctx context.Context, p *Play) error {
	err := p.Open(ctx, Counsel, "contest.open", "warrant", "contest", "", Values{"title": "Motion to vacate warrant 13-mj-2990", "against": "production", "court": "Magistrate Judge, S.D.N.Y.",
		"number": "13-mj-2990", "filed": "2013-12-18", "lines": "3"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "moves to vacate as to the mail; the day on the warrant stays as it is, for nothing has been stayed")
	return nil
}

func showDublinMotion(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("contest"), Says: []string{"Magistrate Judge, S.D.N.Y.", "No stay is in force. Contesting stops no deadline and no release by itself.", "18 Dec"}},
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{"By when", "18 Dec", "Motion to vacate warrant 13-mj-2990"}},
		{As: Reviewer, Page: "/register/contests", Says: []string{string(p.ID("contest")), "Magistrate Judge, S.D.N.Y."}},
	}
}

func dublinDenied(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.rule", "contest", "", Values{"ruling": "denied", "on": "2014-04-25",
		"says": "A warrant under the Act is served like a subpoena: it reaches what the company controls, wherever it lies."})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Counsel, "deadline.set", "warrant", "", Values{"deadline": "district-judge", "kind": "object", "latest": "2014-05-09", "lines": "3",
		"says": "Objections to the district judge, 14 days after 25 April 2014"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "records the ruling of the first instance, and the last day for objections to the next: 9 May 2014")
	return nil
}

func showDublinDenied(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("contest"), Says: []string{"denied", "it reaches what the company controls, wherever it lies", "25 Apr"}},
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{"Objections to the district judge, 14 days after 25 April 2014", "9 May"}},
	}
}

func dublinObjections(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.move", "contest", "", Values{"court": "District Judge, S.D.N.Y.", "number": "13-mj-2990", "filed": "2014-05-08"})
	if err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "deadline.meet", "warrant", "", Values{"deadline": "district-judge", "how": "objections filed on 8 May 2014"}); err != nil {
		return err
	}
	p.Told(Counsel, "files objections in time")
	return nil
}

func showDublinObjections(p *Play) []Show {
	return []Show{{As: Reviewer, Page: p.Page("contest"), Says: []string{"District Judge, S.D.N.Y.", "8 May", "No stay is in force"}}}
}

func dublinStayed(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.rule", "contest", "", Values{"ruling": "upheld", "on": "2014-07-31", "says": "The warrant stands: it is a question of control, not of where the mail lies."})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "contest.stay", "contest", "", Values{"source": "S.D.N.Y., order of 31 July 2014, stayed pending appeal with the prosecution's consent", "on": "2014-07-31"})
	if err != nil {
		return err
	}
	s, err := p.State(ctx, "contest")
	if err != nil {
		return err
	}
	p.Keep("stay", fmt.Sprint(s.Contest.Stays[0].Seq))
	if err := p.Decide(ctx, Counsel, "warrant", demand.Comply, "the district judge upheld the warrant; to be given once no court stops it", 3); err != nil {
		return err
	}
	err = p.Draft(ctx, Deputy, "warrant", "mail", app.Terms{})
	return p.Refused(Deputy, "has not read the whole order, and drafts a grant for the mail", "release.stayed", err)
}

func showDublinStayed(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("contest"), Says: []string{"upheld", "stayed pending appeal", "in force", "31 Jul"}, Not: []string{"No stay is in force"}},
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{"release.stayed", "S.D.N.Y., order of 31 July 2014"}},
		{As: Reviewer, Page: "/queue", Says: []string{string(p.ID("warrant"))}},
	}
}

func dublinLifted(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.lift_stay", "contest", "", Values{"stay": p.Kept("stay"), "source": "S.D.N.Y., order of 29 August 2014", "on": "2014-08-29"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "records that the stay is lifted; nothing moves by itself: a grant needs people, and nobody drafts one")
	_, err = p.Do(ctx, Counsel, "contest.contempt", "contest", "", Values{"court": "District Judge, S.D.N.Y.", "on": "2014-09-08",
		"terms": "Nordwind declines to comply. Civil contempt by agreement, so that it can appeal; no sanction while the appeal is pending. The risk is Nordwind's."})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Counsel, "contest.move", "contest", "", Values{"court": "Court of Appeals, 2d Cir.", "number": "14-9985", "filed": "2014-09-09"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "declines; contempt is entered by agreement, and the appeal is filed")
	return nil
}

func showDublinLifted(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("contest"), Says: []string{"lifted", "Civil contempt by agreement", "The risk is Nordwind's", "Court of Appeals, 2d Cir.", "No stay is in force"}},
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{"Draft a grant"}, Not: []string{"release.stayed"}},
	}
}

func dublinSupporters(ctx context.Context, p *Play) error {
	for _, f := range []Values{
		{"who": "Twenty-eight companies", "what": "brief in support of Nordwind", "on": "2014-12-15"},
		{"who": "Thirty-five scholars of computer science", "what": "brief on where mail lies", "on": "2014-12-15"},
		{"who": "Ireland", "what": "brief of a foreign state: it would consider a request by treaty as quickly as possible", "on": "2014-12-23"},
	} {
		if _, err := p.Do(ctx, Reviewer, "contest.filing", "contest", "", f); err != nil {
			return err
		}
	}
	_, err := p.Do(ctx, Reviewer, "preservation.extend", "warrant", "", Values{"copy": "byrne-mail-2013", "until": "2016-12-31", "source": "the appeal is pending"})
	p.Told(Reviewer, "keeps the register of those who support either side, and the mail in Dublin while the appeal is pending")
	return err
}

func showDublinSupporters(p *Play) []Show {
	return []Show{{As: Reviewer, Page: p.Page("contest"), Says: []string{"Twenty-eight companies", "Ireland", "brief of a foreign state"}}}
}

func dublinReversed(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.rule", "contest", "", Values{"ruling": "reversed", "on": "2016-07-14",
		"says": "A warrant under 18 USC 2703 does not reach content that is stored outside the United States."})
	if err != nil {
		return err
	}
	found, err := p.Assess(ctx, Reviewer, "warrant")
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.Rule == "us.abroad.second_circuit" {
			p.Told("the rules", "speak anew of the mail: %s, %s (%s)", f.Outcome, f.Respond, f.Cite)
		}
	}
	if err := p.Decide(ctx, Counsel, "warrant", demand.Reject, "829 F.3d 197: the warrant does not reach mail in Dublin", 3); err != nil {
		return err
	}
	_, err = p.Do(ctx, Reviewer, "preservation.extend", "warrant", "", Values{"copy": "byrne-mail-2013", "until": "2018-12-31", "source": "not final: rehearing and certiorari are open"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "rejects the line; what is kept stays kept until the decision is final")
	return p.Answer(ctx, Counsel, "warrant", "answer-in-part", app.Answer{})
}

func showDublinReversed(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("contest"), Says: []string{"reversed", "does not reach content that is stored outside the United States", "14 Jul"}},
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{"829 F.3d 197", "byrne-mail-2013", "kept"}},
		{File: p.Kept("warrant.answer-in-part"), Says: []string{"13-mj-2990", "treaty"}},
	}
}

func dublinCertiorari(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.move", "contest", "", Values{"court": "Supreme Court of the United States", "number": "17-9002", "filed": "2017-10-16"})
	p.Told(Counsel, "records that the Supreme Court takes the case; the mail stays kept")
	return err
}

func showDublinCertiorari(p *Play) []Show {
	return []Show{{As: Reviewer, Page: p.Page("contest"), Says: []string{"Supreme Court of the United States", "16 Oct"}}}
}

// dublinMoot: the law has changed. What the same paper would meet today is asked of
// the packs, as a back-test does.
func dublinMoot(ctx context.Context, p *Play) error {
	_, err := p.Do(ctx, Counsel, "contest.rule", "contest", "", Values{"ruling": "moot", "on": "2018-04-17", "says": "Vacated as moot: 18 USC 2713 of 23 March 2018 answers the question for every later warrant."})
	if err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "contest.end", "contest", "", Values{"how": "moot", "on": "2018-04-17"}); err != nil {
		return err
	}
	file := p.Stage.path("counsel", "13-mj-2990-today.yaml")
	p.Keep("today", file)
	p.Told(Counsel, "records that the case is moot, and asks the packs what the same warrant would meet today: its location would be no defect any more")
	return p.Stage.write(file, []byte("kind: data\nrequester: government\ninstrument: sca_warrant\nissuing_country: US\nforum: us.sdny\nentity_country: US\ncontrol: true\nasks_content: true\nstorage_country: IE\nas_of: 2018-04-17\n"))
}

func showDublinMoot(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("contest"), Says: []string{"moot", "18 USC 2713", "17 Apr"}},
		{Command: []string{"law", "assess", p.Kept("today")}, Says: []string{"us.abroad.location", "18 USC 2713"}, Not: []string{"us.abroad.second_circuit", "us.abroad.contested"}},
	}
}

func dublinAgain(ctx context.Context, p *Play) error {
	if err := p.Submit(ctx, "again"); err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, "again", "called back on the number in the court's printed directory; the clerk confirmed No. 18-mj-4107"); err != nil {
		return err
	}
	if err := p.Resolve(ctx, "again", Reviewer, Privacy); err != nil {
		return err
	}
	if _, err := p.Do(ctx, Reviewer, "demand.link", "again", "", Values{"type": "supersedes", "other": p.Kept("warrant")}); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "again"); err != nil {
		return err
	}
	if err := p.Decide(ctx, Counsel, "again", demand.Comply, "18 USC 2713; Ireland has no agreement under 2523, so 2703(h) is not open and comity alone is left, which the courts have heard", 1); err != nil {
		return err
	}
	if err := p.NoSecrecy(ctx, Counsel, "again", "no order of secrecy came with it"); err != nil {
		return err
	}
	if err := p.Office.Round(ctx); err != nil {
		return err
	}
	p.Told(Counsel, "decides the new warrant, which supersedes the old; the rules warn of GDPR Article 48 beside it; the customer is told again")
	return p.KeepLetter("again", "again.notice", "Aoife Byrne")
}

func showDublinAgain(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("again"), Says: []string{"18-mj-4107", string(p.ID("warrant")), "18 USC 2713", "Regulation (EU) 2016/679, Articles 3(2), 48, 49", "comity"}, Not: []string{"2703(h)(2)(A), (4)"}},
		{File: p.Kept("again.notice"), Says: []string{"Aoife Byrne", "18-mj-4107"}},
	}
}

func dublinMail(ctx context.Context, p *Play) error {
	if err := p.Draft(ctx, Reviewer, "again", "mail", app.Terms{}); err != nil {
		return err
	}
	out, err := p.Give(ctx, "mail", "us-sdny", "T. Sample, Southern District", Counsel, Outside)
	if err != nil {
		return err
	}
	p.Keep("mail.items", fmt.Sprint(out.Items))
	p.Told("the gate", "of Dublin gives %d messages; the officer verifies them offline", out.Items)
	_, err = p.Do(ctx, Reviewer, "preservation.end", "warrant", "", Values{"copy": "byrne-mail-2013", "end": "produced"})
	if err != nil {
		return err
	}
	return p.Close(ctx, Reviewer, "warrant", "again")
}

func showDublinMail(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("again"), Says: []string{p.Kept("mail"), p.Kept("mail.items") + " items", "released"}},
		{Command: p.VerifyCommand("mail", "us-sdny"), Says: []string{"Everything holds", "gate-dub-1 in dub"}},
		{As: Reviewer, Page: "/register/contests", Says: []string{string(p.ID("contest"))}},
	}
}
