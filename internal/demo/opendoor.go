package demo

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/report"
)

// OpenDoor is the story of direct access: whoever asks for it gets none, whoever
// tries other ways in is refused, and a warrant is answered.
func OpenDoor() Story {
	const ny = "America/New_York"
	return Story{Name: "open-door", Title: "No direct access, however one asks", Rows: []Row{
		{Name: "letter", At: at(ny, "2013-06-07 12:00"), When: "7 June 2013", What: "a letter asks for continuing access to the mail, files and calls of persons of interest", Do: letterComes, Shows: showLetter},
		{Name: "warrant", At: at(ny, "2013-06-07 14:00"), When: "two hours later", What: "a warrant for one account, two months, four services", Do: warrantComes, Shows: showWarrantComes},
		{Name: "directive", At: at(ny, "2013-06-10 10:00"), When: "the same week", What: "a directive on named selectors, secret by statute", Do: directiveComes, Shows: showDirective},
		{Name: "friend", At: at(ny, "2013-06-14 14:00"), When: "the same week", What: "a friend inside tries every other way in", Do: friend, Shows: showFriend},
		{Name: "package", At: at(ny, "2013-06-14 14:30"), When: "a week after the warrant", What: "nobody objected: one package from four sources", Do: warrantAnswered, Shows: showWarrantAnswered},
		{Name: "others", At: at(ny, "2013-06-18 11:00"), When: "the same month", What: "two more letters of the kind, and three subpoenas for addresses that Nordwind has not", Do: othersCome, Shows: showOthers},
		{Name: "ourselves", At: at("Europe/Copenhagen", "2013-10-16 09:00"), When: "later", What: "a foreign prosecutor orders Nordwind's own docket", Do: ourselves, Shows: showOurselves},
		{Name: "year", At: at("Europe/Copenhagen", "2014-01-06 09:00"), When: "the year's end", What: "the public page", Do: yearEnds, Shows: showYear},
	}}
}

// letterComes: no instrument, no target: it cannot become a scope; it is answered.
func letterComes(ctx context.Context, p *Play) error {
	if err := p.readLetter(ctx, "letter"); err != nil {
		return err
	}
	p.Told(Reviewer, "reads the letter of the liaison office, %s: no instrument, nobody is named", p.ID("letter"))
	_, err := p.Do(ctx, Reviewer, "demand.ask", "letter", "", Values{"identifier": "address", "stated": "june.hartwell@nordwind.example", "service": "mail", "category": "content",
		"from": "2013-01-01", "until": "2013-06-07"})
	if err := p.Refused(Reviewer, "tries to enter a person of interest on the letter", "demand.not_stored_data", err); err != nil {
		return err
	}
	if err := p.declineLetter(ctx, "letter"); err != nil {
		return err
	}
	p.Told(Counsel, "declines by letter: nobody can be given access, and nobody is told of any person; it is counted as a refusal")
	return nil
}

// readLetter takes in a letter that asks for access, and says what it is.
func (p *Play) readLetter(ctx context.Context, name string, replace ...string) error {
	if err := p.Drop(ctx, name, "post", "letter.txt", replace...); err != nil {
		return err
	}
	_, err := p.Do(ctx, Reviewer, "demand.read", name, "", Values{"kind": "informal", "instrument": "none", "title": "Letter asking for continuing access", "agency": "us-liaison"})
	if err != nil {
		return err
	}
	err = p.StateFacts(ctx, Reviewer, name, Facts{"kind": "informal", "requester": "government", "issuing_country": "US", "authority": "us-liaison", "authority_kind": "intelligence",
		"instrument": "none", "signer": "none", "targets_named": 0, "bulk": true, "direct_access": true, "binding": false, "assistance": "other", "prospective": true})
	if err != nil {
		return err
	}
	_, err = p.Assess(ctx, Reviewer, name)
	return err
}

func (p *Play) declineLetter(ctx context.Context, name string) error {
	err := p.Answer(ctx, Counsel, name, "no-instrument", app.Answer{Says: []string{"We answer an order of a court or an authority that names an account, a time and the data that it asks for."}})
	if err != nil {
		return err
	}
	_, err = p.Do(ctx, Counsel, "demand.conclude", name, "no instrument and no target; answered by letter", Values{"how": "refused"})
	return err
}

func showLetter(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("letter"), Says: []string{string(p.ID("letter")), "Letter asking for continuing access", "Liaison Office for Communications", "one demand at a time", "no instrument and no target; answered by letter"}},
		{File: p.Kept("letter.no-instrument"), Says: []string{"direct access", "names an account", string(p.ID("letter"))}},
		{Command: []string{"demand", "show", string(p.ID("letter"))}, Says: []string{"Letter asking for continuing access"}, Not: []string{"hartwell"}},
	}
}

// warrantComes: checked, resolved, decided, and the customer told.
func warrantComes(ctx context.Context, p *Play) error {
	if err := p.Submit(ctx, "warrant"); err != nil {
		return err
	}
	p.Told("the officer", "submits warrant 13-mj-0417: one account, two months of log-ins, mail, files and calls; gets demand %s and a signed receipt that opens its leaf", p.ID("warrant"))
	err := p.Genuine(ctx, Reviewer, "warrant", "called back on the number in the court's printed directory; the clerk confirmed No. 13-mj-0417")
	if err != nil {
		return err
	}
	p.Told(Reviewer, "calls back on the number in the printed directory, not the one on the letter: genuine")
	if err := p.Resolve(ctx, "warrant", Reviewer, Privacy); err != nil {
		return err
	}
	p.Told(Privacy, "checks as second person: june.hartwell@nordwind.example was ac-hartwell in April and May")
	found, err := p.Assess(ctx, Reviewer, "warrant")
	if err != nil {
		return err
	}
	holds, cite := 0, ""
	for _, f := range found {
		if f.Outcome == "holds" {
			holds++
			if cite == "" && strings.Contains(f.Cite, "USC") {
				cite = f.Cite
			}
		}
	}
	p.Told("the rules", "%d hold (such as %s), none is violated", holds, cite)
	if err := p.Decide(ctx, Counsel, "warrant", demand.Comply, "a warrant with account and dates", 1, 2, 3, 4, 5); err != nil {
		return err
	}
	if err := p.NoSecrecy(ctx, Counsel, "warrant", "no order, statute or certification of secrecy"); err != nil {
		return err
	}
	p.Told(Counsel, "decides: give the five lines as asked; nothing forbids telling the customer")
	if err := p.Office.Round(ctx); err != nil {
		return err
	}
	if err := p.KeepLetter("warrant", "warrant.letter", "June Hartwell"); err != nil {
		return err
	}
	p.Told("the clerk", "writes to June Hartwell: what was demanded, by whom, how to object, and that there are seven days")
	return nil
}

func showWarrantComes(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{"13-mj-0417", "ac-hartwell", "called back on the number", "p-brandt", "notice.waiting"}},
		{Command: []string{"demand", "show", string(p.ID("warrant"))}, Says: []string{"13-mj-0417", "Office of the Prosecutor, Harbor District"}},
		{Command: []string{"receipt", p.Kept("warrant.receipt"), "--trust", p.Stage.Folder.Trust()}, Says: []string{string(p.ID("warrant"))}},
		{File: p.Kept("warrant.letter"), Says: []string{"June Hartwell", "Office of the Prosecutor, Harbor District", "13-mj-0417", "object"}},
	}
}

// directiveComes: registered, clocked, to counsel, and seen by nobody else.
func directiveComes(ctx context.Context, p *Play) error {
	if err := p.Drop(ctx, "directive", "post", "directive.txt"); err != nil {
		return err
	}
	err := p.Open(ctx, Counsel, "case.open", "", "directive.case", "", Values{"why": "secret by statute", "members": Counsel + "," + Outside})
	if err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "case.seal", "directive", "secret by statute", Values{"case": p.Kept("directive.case")}); err != nil {
		return err
	}
	_, err = p.Do(ctx, Counsel, "demand.read", "directive", "", Values{"kind": "prospective", "instrument": "fisa_directive", "title": "Directive, 50 USC 1881a(i)(1)", "number": "13-D-0072",
		"agency": "us-ag", "signed": "2013-06-10", "due": "2013-06-24"})
	if err != nil {
		return err
	}
	err = p.StateFacts(ctx, Counsel, "directive", Facts{"kind": "prospective", "requester": "government", "issuing_country": "US", "authority": "us-ag", "authority_kind": "intelligence",
		"instrument": "fisa_directive", "targets_named": 3, "bulk": false, "direct_access": false, "binding": true, "prospective": true, "secrecy_source": "us_fisa", "assistance": "other"})
	if err != nil {
		return err
	}
	err = p.Open(ctx, Counsel, "secrecy.open", "directive", "directive.secrecy", "", Values{"source": "statute", "cite": "50 USC 1881a(i)(1)", "authority": "The Attorney General and the Director of National Intelligence",
		"number": "13-D-0072", "binds": "existence,contents", "signed": "2013-06-10", "served": "2013-06-10 10:00", "review": "2013-12-09"})
	if err != nil {
		return err
	}
	p.Told(Counsel, "registers the directive in a sealed case of two members; a clock runs to 24 June; outside counsel is asked whether to petition the court")
	return nil
}

func showDirective(p *Play) []Show {
	return []Show{
		{As: Counsel, Page: p.Page("directive"), Says: []string{"13-D-0072", "24 Jun", "50 USC 1881a"}},
		{As: Outside, Page: p.Page("directive"), Says: []string{"13-D-0072"}},
		{As: Reviewer, Page: p.Page("directive"), Absent: true, Not: []string{string(p.ID("directive")), "1881a"}},
		{As: Reviewer, Page: "/queue", Not: []string{string(p.ID("directive")), "1881a"}},
		{Page: "/", Not: []string{string(p.ID("directive")), "1881a"}},
	}
}

func showFriend(p *Play) []Show {
	var codes []string
	for _, t := range tries {
		codes = append(codes, `"`+t.code+`"`)
	}
	return []Show{
		{File: LogFile(string(p.Stage.Folder)), Says: codes, Not: []string{"hartwell"}},
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{p.Kept("grant")}, Not: []string{Engineer}},
		{Command: []string{"ledger", "check"}},
	}
}

// warrantAnswered: two approvals at the gate, one package from four sources.
func warrantAnswered(ctx context.Context, p *Play) error {
	if err := p.unreleased(ctx); err != nil {
		return err
	}
	if err := p.Approve(ctx, Privacy, "grant"); err != nil {
		return err
	}
	p.Told(Privacy, "reads the text on the gate's own page and signs: two persons of two groups, neither the drafter")
	if err := p.InForce(ctx, Counsel, "grant"); err != nil {
		return err
	}
	out, err := p.Release(ctx, "grant")
	if err != nil {
		return err
	}
	if out.Items == 0 {
		return problem.New(problem.Internal, "demo.empty", "the package is empty")
	}
	p.Keep("grant.items", fmt.Sprint(out.Items))
	p.Told("the gate", "checks again, commits to the journal, reads records, mail, files and calls of everybody, gives %d items, withholds %d with the reason, encrypts to the officer", out.Items, out.Withheld)
	if err := p.Fetch(ctx, "grant", "R. Sample, Harbor District"); err != nil {
		return err
	}
	if err := p.Verify(ctx, "grant", "us-harbor", out.Items); err != nil {
		return err
	}
	p.Told("the officer", "fetches and verifies it offline: signature, journal proof, %d items, nothing beside what was approved", out.Items)
	if err := p.Refused(Engineer, "offers the old grant again, and has both sign it unread", "gate.replayed", again(ctx, p)); err != nil {
		return err
	}
	return p.nothingElse()
}

// unreleased drafts the grant and lets counsel sign, where nobody has yet.
func (p *Play) unreleased(ctx context.Context) error {
	if _, drafted := p.grants["grant"]; drafted {
		return nil
	}
	if err := p.Draft(ctx, Reviewer, "warrant", "grant", app.Terms{}); err != nil {
		return err
	}
	p.Told(Reviewer, "drafts grant %s; the gate parses it, asks its own charter, and shows it to the approvers", p.Kept("grant"))
	if err := p.Approve(ctx, Counsel, "grant"); err != nil {
		return err
	}
	if err := p.InForce(ctx, Counsel, "grant"); err != nil {
		return err
	}
	_, err := p.Release(ctx, "grant")
	return p.Refused(Counsel, "signs with his own key, says that the warrant stands, and asks for the release alone", "grant.approvals_missing", err)
}

func showWarrantAnswered(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{p.Kept("grant"), "p-okafor", "p-brandt", p.Kept("grant.items") + " items"}},
		{Command: p.VerifyCommand("grant", "us-harbor"), Says: []string{"Everything holds", string(p.ID("warrant")), p.Kept("grant.items") + " items"}},
	}
}

// othersCome: what else the month brought, so that the year's table has something to
// count.
func othersCome(ctx context.Context, p *Play) error {
	// One has nothing to do with the other, and the staff do not wait for each other.
	var all errgroup.Group
	for _, day := range []string{"17", "18"} {
		all.Go(func() error { return p.anotherLetter(ctx, "letter-"+day, day+" June 2013") })
	}
	for _, number := range []string{"13-gj-1101", "13-gj-1102", "13-gj-1103"} {
		all.Go(func() error { return p.nobodysSubpoena(ctx, number) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	p.Told(Reviewer, "answers three subpoenas: no records; two more letters are declined; what is done is closed")
	return p.Close(ctx, Reviewer, "letter", "letter-17", "letter-18", "warrant")
}

func (p *Play) anotherLetter(ctx context.Context, name, day string) error {
	if err := p.readLetter(ctx, name, "7 June 2013", day); err != nil {
		return err
	}
	return p.declineLetter(ctx, name)
}

// nobodysSubpoena names an address that nobody has or had.
func (p *Play) nobodysSubpoena(ctx context.Context, number string) error {
	if err := p.SubmitAs(ctx, number, "subpoena", "{{number}}", number, "{{address}}", "gone-"+number+"@nordwind.example"); err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, number, "called back on the number in the court's printed directory"); err != nil {
		return err
	}
	if err := p.Resolve(ctx, number, Reviewer, Privacy); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, number); err != nil {
		return err
	}
	if err := p.Decide(ctx, Counsel, number, demand.NoRecords, "no account has or had this address", 1); err != nil {
		return err
	}
	if err := p.Answer(ctx, Reviewer, number, "no-records", app.Answer{}); err != nil {
		return err
	}
	return p.Close(ctx, Reviewer, number)
}

func showOthers(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: "/queue?show=closed", Says: []string{p.Kept("13-gj-1101"), p.Kept("13-gj-1103")}},
		{File: p.Kept("13-gj-1102.no-records"), Says: []string{"gone-13-gj-1102@nordwind.example", "13-gj-1102"}},
	}
}

// ourselves: our own records are asked for. Whoever is named is shut out; nothing
// is destroyed.
func ourselves(ctx context.Context, p *Play) error {
	if err := p.Drop(ctx, "ourselves", "post", "ourselves.txt"); err != nil {
		return err
	}
	err := p.Open(ctx, Counsel, "case.open", "", "ourselves.case", "", Values{"why": "it concerns people of our own", "members": Counsel + "," + Outside})
	if err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "case.seal", "ourselves", "it names two of those who would work on it", Values{"case": p.Kept("ourselves.case")}); err != nil {
		return err
	}
	_, err = p.Do(ctx, Counsel, "demand.read", "ourselves", "", Values{"kind": "about_us", "instrument": "de_order", "title": "Herausgabeverlangen nach § 95 StPO", "number": "7710 Js 2209/13",
		"agency": "de-hafenstadt", "signed": "2013-10-14"})
	if err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "hold.place", "ourselves", "", Values{"kind": "retention", "why": "legal hold: the docket is asked for"}); err != nil {
		return err
	}
	if _, err := p.Do(ctx, Counsel, "hold.place", "ourselves", "", Values{"kind": "action", "why": "outside counsel answers"}); err != nil {
		return err
	}
	p.Told(Counsel, "opens a sealed case without the two who are named, and places a legal hold on the docket; outside counsel answers")
	return nil
}

func showOurselves(p *Play) []Show {
	id := string(p.ID("ourselves"))
	return []Show{
		{As: Counsel, Page: p.Page("ourselves"), Says: []string{"7710 Js 2209/13", "Staatsanwaltschaft Hafenstadt", "legal hold"}},
		{As: Outside, Page: p.Page("ourselves"), Says: []string{"7710 Js 2209/13"}},
		{As: Reviewer, Page: p.Page("ourselves"), Absent: true, Not: []string{id, "Hafenstadt"}},
		{As: Privacy, Page: p.Page("ourselves"), Absent: true, Not: []string{id, "Hafenstadt"}},
		{As: Reviewer, Page: "/queue", Not: []string{id, "Hafenstadt"}},
		{As: Privacy, Page: "/queue", Not: []string{id, "Hafenstadt"}},
	}
}

// yearEnds: counsel publishes the half year that is over. What it counts cannot be
// changed unseen after that: the report is in the journal.
func yearEnds(ctx context.Context, p *Play) error {
	for _, on := range []string{"directive", "ourselves"} {
		if _, err := p.Do(ctx, Counsel, "demand.conclude", on, "outside counsel has it before the court", Values{"how": "to_counsel"}); err != nil {
			return err
		}
	}
	if _, err := p.Do(ctx, Counsel, "secrecy.review", "directive.secrecy", "the statute still forbids it", Values{"next": "2014-06-30"}); err != nil {
		return err
	}
	half, err := report.ParsePeriod("2013-H1")
	if err != nil {
		return err
	}
	if _, err := p.Office.Publish(ctx, Counsel, half); err != nil {
		return err
	}
	if err := p.Office.Settle(ctx); err != nil {
		return err
	}
	proof, err := p.Office.ReportProof(ctx, half)
	if err != nil {
		return err
	}
	text, err := p.Office.ReportFile(ctx, half)
	if err != nil {
		return err
	}
	p.Keep("report.digest", fmt.Sprintf("%x", sha256.Sum256(text)))
	p.Keep("report.proof", p.Stage.path("elsewhere", "2013-H1.proof"))
	p.Told(Counsel, "publishes the half year: what was refused and what was answered, and the directive in a band alone")
	return p.Stage.write(p.Kept("report.proof"), proof)
}

func showYear(p *Play) []Show {
	secret := []string{"13-mj-0417", "13-D-0072", "Hartwell", "fisa_directive"}
	return []Show{
		{Page: "/report", Says: []string{"2013-H1", "refused", "no records", "0–249", p.Kept("report.digest"), "Checkable, not proven"}, Not: secret},
		{Page: "/", Says: []string{"nordwind.example/journal", "nordwind.example/register"}, Not: secret},
		{Command: []string{"ledger", "opened", p.Kept("report.proof"), "--digest", p.Kept("report.digest"), "--trust", p.Stage.Folder.Trust()}, Says: []string{"2014-01-06"}},
		{Command: []string{"ledger", "check"}},
	}
}
