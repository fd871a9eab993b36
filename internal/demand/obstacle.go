package demand

import (
	"slices"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Obstacle says what stands in the way, the events it rests on, and who can
// remove it. Screens, API and letters show obstacles as they are; the words for
// a code are the edge's.
type Obstacle struct {
	Code    string
	Because []Seq
	Seat    string // who can remove it: reviewer, counsel, privacy, court, clerk, gate, time
	Until   time.Time
	About   string // the target, line, rule or account it concerns, in the demand's own terms
	In      ID     // the contest or duty whose events Because names; "" for the demand itself
}

// Blocked is the only refusal that a guard causes. A command that a guard
// refuses carries it as its cause: errors.As finds the obstacles.
type Blocked []Obstacle

// Error lists the codes, in guard order. What an obstacle is about stays out: it
// may be an account or a sealed order, and error texts are logged (invariant 17).
func (b Blocked) Error() string {
	codes := make([]string, 0, len(b))
	for _, o := range b {
		if !slices.Contains(codes, o.Code) {
			codes = append(codes, o.Code)
		}
	}
	return strings.Join(codes, ", ")
}

// Problem renders the obstacles as one typed error whose code is the first
// obstacle's: the first in guard order is the one to remove first. It is nil
// where nothing stands in the way.
func (b Blocked) Problem() *problem.Error {
	if len(b) == 0 {
		return nil
	}
	return problem.New(problem.Refused, b[0].Code, "something still stands in the way: %s", b.Error()).
		Fix("see the obstacles of the demand").Because(b)
}
