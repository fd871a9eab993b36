package stories_test

import (
	"context"
	"testing"
	"time"

	"counterseal/internal/demo"
)

func TestBrusselsGoesAsItIsWritten(t *testing.T) {
	openHouse(t).play(time.Time{}, demo.Brussels())
}

// Asked for by two people and approved by two, its time come: without a person's word
// of the last ten minutes it stays (invariant 9).
func TestWhatGoesByItselfStaysWithoutAFreshWord(t *testing.T) {
	story := demo.Brussels().Only("prosecutor", "judge", "ahead")
	story.Rows = append(story.Rows, demo.Row{Name: "midnight", At: time.Date(2026, 10, 8, 23, 0, 0, 0, time.UTC), Do: func(context.Context, *demo.Play) error { return nil },
		Shows: func(p *demo.Play) []demo.Show {
			return []demo.Show{
				{As: demo.Counsel, Page: p.Page("epoc2"), Says: []string{"Goes by itself"}, Not: []string{"Release permitted", "Release ended"}},
				{Command: []string{"gate", "status", p.Grant("grant").ID}, Says: []string{"offered", "inforce.missing"}},
			}
		}})
	openHouse(t).play(time.Time{}, story)
}

// The story's certificates, as Regulation (EU) 2023/1543, Article 28(4), counts them
// when the year is over: of two EPOCs one was refused, the other given after ten days and eight hours.
func TestTheYearsCertificatesAreCountedForTheCommission(t *testing.T) {
	story := demo.Brussels()
	story.Rows = append(story.Rows, demo.Row{Name: "new year", At: time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC), Do: func(context.Context, *demo.Play) error { return nil },
		Shows: func(*demo.Play) []demo.Show {
			return []demo.Show{{Command: []string{"report", "certificates", "2026", "--as", "p-okafor"}, Says: []string{"epoc content IT 2 1 0 1 0 248.0 1", "epoc all 2 1 0 1 0 248.0 1", "epoc_pr all 1 1 0 0 0"}}}
		}})
	openHouse(t).play(time.Time{}, story)
}
