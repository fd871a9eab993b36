package demand

import (
	"slices"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Decision is what becomes of a line.
type Decision string

const (
	Undecided Decision = ""
	Comply    Decision = "comply"
	InPart    Decision = "in_part"
	NoRecords Decision = "no_records"
	Reject    Decision = "reject"
	Redirect  Decision = "redirect"
	Withdrawn Decision = "withdrawn"
)

// Decisions lists what DecideLine accepts.
var Decisions = []Decision{Comply, InPart, NoRecords, Reject, Redirect, Withdrawn}

func (d Decision) gives() bool { return d == Comply || d == InPart }

// LineDecided is the provider's decision on one line. Part holds the canonical
// lines of the scope that may be given.
type LineDecided struct {
	Line     int
	Decision Decision
	Part     []string
}

func (e LineDecided) apply(s *State, m Meta) {
	l := s.line(e.Line)
	l.Decision, l.Decided, l.Part = e.Decision, m.Seq, scope.Scope{}
	if e.Decision.gives() {
		l.Part, _ = scope.ParseLines(e.Part) // canonical: decide made it
	}
}

// DecideLine decides one line; deciding again replaces the decision, and a grant
// that reached further than the new one can no longer be released. An empty Part
// with Comply means all that the line asks. Codes: demand.line, line.decision,
// line.part, line.reason, and the obstacles of MayDecide.
type DecideLine struct {
	Line     int
	Decision Decision
	Part     scope.Scope
}

func (c DecideLine) decide(s *State, e Env) ([]Event, error) {
	l := s.line(c.Line)
	if l == nil {
		return nil, problem.New(problem.Missing, "demand.line", "the demand has no such line").At("line %d", c.Line)
	}
	if !slices.Contains(Decisions, c.Decision) {
		return nil, problem.New(problem.Invalid, "line.decision", "no such decision").At("%.40q", string(c.Decision))
	}
	if e.Reason == "" && c.Decision != Comply {
		return nil, problem.New(problem.Invalid, "line.reason", "a decision not to give all that is asked has a reason").At("line %d", c.Line)
	}
	if !c.Decision.gives() {
		if !c.Part.Empty() {
			return nil, problem.New(problem.Invalid, "line.part", "a decision that gives nothing names no part").At("line %d", c.Line)
		}
		return []Event{LineDecided{Line: c.Line, Decision: c.Decision}}, nil
	}
	if blocked := MayDecide(s, c.Line, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	asked, _ := s.Asked(c.Line)
	part := c.Part
	if part.Empty() && c.Decision == Comply {
		part = asked
	}
	if part.Empty() || !asked.Contains(part) {
		return nil, problem.New(problem.Refused, "line.part", "what may be given lies inside what the line asks").At("line %d", c.Line)
	}
	return []Event{LineDecided{Line: c.Line, Decision: c.Decision, Part: part.Lines()}}, nil
}
