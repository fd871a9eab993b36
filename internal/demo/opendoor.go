package demo

import (
	"context"
	"fmt"
	"strings"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// OpenDoor is the story of direct access: whoever asks for it gets none, whoever
// tries other ways in is refused, and a warrant is answered.
func OpenDoor() Story {
	return Story{Name: "open-door", Title: "No direct access, however one asks", Rows: []Row{
		{Name: "warrant", At: at("America/New_York", "2013-06-07 14:00"), When: "7 June 2013, two hours later", What: "a warrant for one account, two months, four services", Do: warrantComes, Shows: showWarrantComes},
		{Name: "package", At: at("America/New_York", "2013-06-14 14:30"), When: "a week later", What: "nobody objected: one package from four sources", Do: warrantAnswered, Shows: showWarrantAnswered},
	}}
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
	}
}

// warrantAnswered: two approvals at the gate, one package from four sources.
func warrantAnswered(ctx context.Context, p *Play) error {
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
	if err := p.Refused(Counsel, "signs with his own key, says that the warrant stands, and asks for the release alone", "grant.approvals_missing", err); err != nil {
		return err
	}
	if err := p.Approve(ctx, Privacy, "grant"); err != nil {
		return err
	}
	p.Told(Privacy, "reads the same text and signs: two persons of two groups, neither the drafter")
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
	p.Told("the gate", "checks again, commits to the journal, reads records, mail, files and calls of everybody, gives %d items, withholds %d with the reason, encrypts to the officer", out.Items, out.Withheld)
	p.Keep("grant.items", fmt.Sprint(out.Items))
	if err := p.Fetch(ctx, "grant", "R. Sample, Harbor District"); err != nil {
		return err
	}
	if err := p.Verify(ctx, "grant", "us-harbor", out.Items); err != nil {
		return err
	}
	p.Told("the officer", "fetches and verifies it offline: signature, journal proof, %d items, nothing beside what was approved", out.Items)
	return nil
}

func showWarrantAnswered(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("warrant"), Says: []string{p.Kept("grant"), "p-okafor", "p-brandt"}},
		{Command: p.VerifyCommand("grant", "us-harbor"), Says: []string{"Everything holds", string(p.ID("warrant"))}},
	}
}
