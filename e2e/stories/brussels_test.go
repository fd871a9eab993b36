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
