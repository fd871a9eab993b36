package stories_test

import (
	"context"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/demo"
)

func TestBrooklynGoesAsItIsWritten(t *testing.T) {
	openHouse(t).play(time.Time{}, demo.Brooklyn())
}

// What comes at the end of a gag: the sealed warrant of the story, and then one row
// of our own.
func TestARenewalAtTheEndCountsByWhenItWasSignedAndServed(t *testing.T) {
	end := time.Date(2019, 10, 1, 4, 0, 0, 0, time.UTC) // midnight in New York
	arm := demo.Row{Name: "arm", At: end.Add(-48 * time.Hour), Do: func(ctx context.Context, p *demo.Play) error {
		if err := p.Decide(ctx, demo.Counsel, "warrant", demand.Comply, "no defect", 1); err != nil {
			return err
		}
		_, err := p.Do(ctx, demo.Counsel, "secrecy.arm", "secrecy", "", demo.Values{"end": end.Format(time.RFC3339)})
		return err
	}, Shows: noneTold}
	decide := arm
	decide.Do = func(ctx context.Context, p *demo.Play) error {
		return p.Decide(ctx, demo.Counsel, "warrant", demand.Comply, "no defect", 1)
	}
	renew := func(ctx context.Context, p *demo.Play, signed, served time.Time) error {
		_, err := p.Do(ctx, demo.Counsel, "secrecy.renew", "secrecy", "", demo.Values{"number": "19-mj-8310", "signed": signed.Format(time.RFC3339), "served": served.Format(time.RFC3339),
			"until": end.AddDate(1, 0, 0).Format(time.RFC3339)})
		return err
	}
	for _, c := range []struct {
		name   string
		before demo.Row
		after  []demo.Row
	}{
		{"served a second before, it keeps the gag", arm, []demo.Row{
			{Name: "served", At: end.Add(-time.Second), Do: func(ctx context.Context, p *demo.Play) error {
				return renew(ctx, p, end.Add(-time.Hour), end.Add(-time.Second))
			}, Shows: noneTold},
			{Name: "later", At: end.Add(time.Hour), Do: nothing, Shows: noneTold}}},
		{"signed before and served after, it alarms counsel and nobody is told", decide, []demo.Row{
			{Name: "served", At: end.Add(10 * time.Minute), Do: func(ctx context.Context, p *demo.Play) error {
				return renew(ctx, p, end.Add(-time.Hour), end.Add(9*time.Minute))
			},
				Shows: func(p *demo.Play) []demo.Show {
					return append(noneTold(p), demo.Show{As: demo.Counsel, Page: p.Page("secrecy"), Says: []string{"to be settled", "Until counsel has settled whether it binds, nobody is told."}},
						demo.Show{As: demo.Counsel, Page: "/register/duties", Says: []string{p.Kept("secrecy")}})
				}}}},
		{"signed after, it does not undo a letter that has gone", arm, []demo.Row{
			{Name: "told", At: end.Add(time.Minute), Do: func(ctx context.Context, p *demo.Play) error {
				if err := p.KeepLetter("warrant", "notice", "Chiara Fontana"); err != nil {
					return err
				}
				return p.Refused("the court", "renews what has ended", "secrecy.ended", renew(ctx, p, end.Add(30*time.Second), end.Add(40*time.Second)))
			}, Shows: func(p *demo.Play) []demo.Show {
				return []demo.Show{{File: p.Kept("notice"), Says: []string{"Chiara Fontana", "18-mj-9120"}}, {As: demo.Counsel, Page: "/register/notices", Says: []string{"ac-bt-conti"}}}
			}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			story := demo.Brooklyn().Only("warrant")
			story.Rows = append(append(story.Rows, c.before), c.after...)
			openHouse(t).play(time.Time{}, story)
		})
	}
}

func nothing(context.Context, *demo.Play) error { return nil }

// noneTold shows that the enterprise has not been told.
func noneTold(p *demo.Play) []demo.Show {
	return []demo.Show{{As: demo.Counsel, Page: "/register/notices", Not: []string{"ac-bt-conti", "ac-bt-greco"}}}
}
