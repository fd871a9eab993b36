package app

import (
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// The gate releases a further emergency up to that very moment (gate.checkOverdue), and
// doctor says the same of it.
func TestWhatTheWitnessesOweIsOverdueOnceItsLastMomentIsOver(t *testing.T) {
	due := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	for now, code := range map[time.Time]string{
		due.Add(-time.Nanosecond): "witnesses.owed", due: "witnesses.owed", due.Add(time.Nanosecond): "witnesses.overdue",
	} {
		if err := owed(&gate.Witnessed{Due: due}, "demand d-1, grant g-1", now); problem.Code(err) != code {
			t.Errorf("%s: %v", now.Sub(due), err)
		}
	}
}
