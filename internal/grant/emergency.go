package grant

import (
	"slices"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
)

// Emergency is the charter's section for the day on which too few witnesses answer and a
// life is in danger: the policy under which a gate then takes the journal for a grant of
// the emergency lane, and for no other. Without lines it is Withdrawn.
type Emergency struct {
	Log  []string      // the policy's text, line by line; package proof reads it
	Wait time.Duration // how long a gate waits for the log policy first
	Late time.Duration // how long the cosignatures of the log policy may be missing
}

// Bounds of an emergency policy's terms.
const (
	MinEmergencyWait = time.Second
	MaxEmergencyWait = time.Minute
	MinEmergencyLate = time.Hour
	MaxEmergencyLate = 7 * 24 * time.Hour
)

// Withdrawn is the section of a statement that takes the emergency policy out of the
// charter.
func Withdrawn() *Emergency { return &Emergency{} }

// none reports whether it is Withdrawn.
func (e *Emergency) none() bool { return len(e.Log) == 0 }

const noEmergency = "none"

func (e *Emergency) terms() string {
	if e.none() {
		return noEmergency
	}
	return "wait=" + e.Wait.String() + " late=" + e.Late.String()
}

func parseEmergency(f canon.Field) (*Emergency, error) {
	e := &Emergency{}
	if f.Value == noEmergency {
		return e, nil
	}
	wait, late, ok := strings.Cut(strings.TrimPrefix(f.Value, "wait="), " late=")
	if !ok {
		return nil, badText(f.Key)
	}
	var err error
	e.Wait, err = time.ParseDuration(wait)
	if err != nil {
		return nil, badText(f.Key)
	}
	e.Late, err = time.ParseDuration(late)
	if err != nil {
		return nil, badText(f.Key)
	}
	return e, nil
}

// holds reports whether the text carries it unambiguously.
func (e *Emergency) holds() bool {
	return !slices.Contains(e.Log, "") && (!e.none() || e.Wait == 0 && e.Late == 0)
}

// check refuses terms that would make of an emergency a habit, or of a wait a death.
func (e *Emergency) check() error {
	if e == nil {
		return nil
	}
	if e.Wait < MinEmergencyWait || e.Wait > MaxEmergencyWait || e.Late < MinEmergencyLate || e.Late > MaxEmergencyLate {
		return problem.New(problem.Invalid, "charter.emergency", "the emergency policy does not hold").At("emergency").
			Fix("a gate waits one second to one minute for the witnesses, and what is missing comes within one hour to seven days")
	}
	return nil
}
