package stories_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"counterseal/internal/demo"
)

func TestLondonGoesAsItIsWritten(t *testing.T) {
	openHouse(t).play(time.Time{}, demo.London())
}

// The story without its paper: nobody meets the duty, and it is not forgotten.
func TestAnEmergencyWhosePaperDoesNotComeIsAnAlarm(t *testing.T) {
	h := openHouse(t)
	story := demo.London().Only("genuine", "called", "narrowed", "released")
	story.Rows = append(story.Rows, demo.Row{Name: "no paper", At: time.Date(2026, 9, 16, 17, 0, 0, 0, time.UTC), Do: func(context.Context, *demo.Play) error { return nil },
		Shows: func(p *demo.Play) []demo.Show {
			return []demo.Show{
				{As: demo.Counsel, Page: "/queue", Says: []string{string(p.ID("urgent")), "2 h ago", "get a confirmation, by a deadline"}},
				{As: demo.Counsel, Page: p.Page("urgent"), Says: []string{"provider.emergency.paper_due"}},
			}
		}})
	p := h.play(time.Time{}, story)[0]
	log, err := os.ReadFile(demo.LogFile(string(h.stage.Folder)))
	must(t, err)
	for _, line := range strings.Split(string(log), "\n") {
		if strings.Contains(line, string(p.ID("urgent"))) && strings.Contains(line, "deadline.confirm") {
			return
		}
	}
	t.Fatalf("no alarm is in the log:\n%s", log)
}
