package demo

import (
	"context"

	"counterseal/internal/app"
	"counterseal/internal/demand"
)

// londonTreaty: content under the customer's own key is asked for by the right way.
func londonTreaty(ctx context.Context, p *Play) error {
	if err := p.Submit(ctx, "treaty"); err != nil {
		return err
	}
	if err := p.Genuine(ctx, Reviewer, "treaty", "called back on the number that the department publishes"); err != nil {
		return err
	}
	if err := p.Resolve(ctx, "treaty", Reviewer, Privacy); err != nil {
		return err
	}
	if _, err := p.Assess(ctx, Reviewer, "treaty"); err != nil {
		return err
	}
	if err := p.Decide(ctx, Counsel, "treaty", demand.Comply, "a judge's order on a treaty request; the content as it is", 1); err != nil {
		return err
	}
	if err := p.NoSecrecy(ctx, Counsel, "treaty", "the order forbids nothing"); err != nil {
		return err
	}
	p.Told(Counsel, "gives the mail of Kestrel Research as it is: under a key that only Kestrel has; their representative is told first")
	if err := p.Office.Round(ctx); err != nil {
		return err
	}
	return p.KeepLetter("treaty", "treaty.letter", "Rhys Calder")
}

func showLondonTreaty(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("treaty"), Says: []string{"MA/26/3310", "provider.door.customer_keys", "content under the customer's own key", "notice.waiting"}},
		{File: p.Kept("treaty.letter"), Says: []string{"Kestrel"}},
		{Command: []string{"customer", "show", "c-kestrel"}, Says: []string{"The keys are yours. We hold ciphertext and cannot open it."}},
	}
}

func londonCiphertext(ctx context.Context, p *Play) error {
	if err := p.Draft(ctx, Reviewer, "treaty", "ciphertext", app.Terms{}); err != nil {
		return err
	}
	out, err := p.Give(ctx, "ciphertext", "ie-central", "the Central Authority", Counsel, Privacy)
	if err != nil {
		return err
	}
	p.Told("the gate", "gives %d messages whose bodies are ciphertext; no means to open them exists here", out.Items)
	return nil
}

func showLondonCiphertext(p *Play) []Show {
	return []Show{
		{As: Reviewer, Page: p.Page("treaty"), Says: []string{p.Kept("ciphertext"), Counsel, Privacy}},
		{Command: p.VerifyCommand("ciphertext", "ie-central"), Says: []string{"Everything holds", string(p.ID("treaty"))}},
	}
}
