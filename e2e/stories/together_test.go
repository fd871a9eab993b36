package stories_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/docket"
)

// In one folder the stories' rows go by date, each in its own streams; at the end the
// house is whole.
func TestAllStoriesGoInOneFolder(t *testing.T) {
	h := openHouse(t)
	plays, err := demo.Tell(t.Context(), h.stage, h.pages.Office, demo.Stories(), demo.Telling{})
	must(t, err)
	must(t, h.pages.Shown(t.Context()))
	last := time.Time{}
	for _, p := range plays {
		rows := p.Story.Rows
		last = later(last, rows[len(rows)-1].At)
		shown := 0
		for name, kept := range p.Names() {
			if id := demand.ID(kept); docket.ValidID(id) && demand.StreamOf(id) == demand.DemandStream {
				h.holds(p.Story.Name+", seen from the end: "+name, demo.Show{As: demo.Counsel, Page: p.Page(name), Says: []string{kept}})
				shown++
			}
		}
		if shown == 0 {
			t.Errorf("%s has no demand to show", p.Story.Name)
		}
	}
	if now := h.pages.Clock.Now(); now.Before(last) || now.After(last.Add(time.Hour)) {
		t.Errorf("the clock stands at %s, and the last row was at %s", now, last)
	}
	for _, c := range h.pages.Examine(t.Context()).Checks {
		// Years lie between the stories in which nobody is at a desk.
		if !c.Well && c.Code != "duty.overdue" {
			t.Errorf("%s: %s", c.Code, c.Says)
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func TestAStoryStopsAtTheEndOfADay(t *testing.T) {
	h := openHouse(t)
	day := time.Date(2013, 6, 8, 23, 59, 59, 0, time.UTC)
	plays, err := demo.Tell(t.Context(), h.stage, h.pages.Office, []demo.Story{demo.OpenDoor()}, demo.Telling{Until: day})
	must(t, err)
	if _, drafted := plays[0].Names()["grant"]; drafted || plays[0].Kept("warrant") == "" {
		t.Errorf("kept: %v", plays[0].Names())
	}
	if now := h.pages.Clock.Now(); now.Before(day) || now.After(day.Add(time.Minute)) {
		t.Errorf("the clock stands at %s", now)
	}
}
