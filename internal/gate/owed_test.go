package gate

import (
	"testing"
	"time"

	"counterseal/internal/problem"
)

func TestAFurtherEmergencyIsReleasedUpToTheVeryMomentAtWhichTheWitnessesAreDue(t *testing.T) {
	due := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	for now, code := range map[time.Time]string{
		due.Add(-time.Nanosecond): "", due: "", due.Add(time.Nanosecond): "gate.emergency_overdue",
	} {
		g := &Gate{cfg: Config{Now: func() time.Time { return now }}, state: newState("gate-1")}
		g.duty = &duty{since: due.Add(-time.Hour), due: due}
		if err := checkOverdue(&attempt{g: g}, checkpoint{}, checkpoint{}); problem.Code(err) != code {
			t.Errorf("%s: %v", now.Sub(due), err)
		}
	}
}
