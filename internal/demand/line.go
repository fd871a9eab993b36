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
	Duplicate Decision = "duplicate"

	// Superseded is what a line becomes when an amended order replaces it; nobody
	// decides it, and nothing decides the line any more.
	Superseded Decision = "superseded"
)

// Decisions lists what DecideLine accepts.
var Decisions = []Decision{Comply, InPart, NoRecords, Reject, Redirect, Withdrawn, Duplicate}

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
	if l == nil || l.Decision == Superseded || !slices.Contains(Decisions, e.Decision) || e.Decision.gives() != (len(e.Part) > 0) {
		s.misfit(m)
		return
	}
	l.Decision, l.Decided, l.Part = e.Decision, m.Seq, scope.Scope{}
	if e.Decision.gives() {
		l.Part = s.parts(e.Part, m)
	}
}

// parts reads the scope lines of an event, which its decide wrote. The empty
// scope that stands for lines nobody can read reaches nothing, so the state is
// then unsound.
func (s *State) parts(lines []string, m Meta) scope.Scope {
	sc, err := scope.ParseLines(lines)
	if err != nil {
		s.misfit(m)
	}
	return sc
}

// DecideLine decides one line; deciding again replaces the decision, and a grant
// that reached further than the new one can no longer be released. An empty Part
// with Comply means all that the line asks; a Part that leaves something out is
// InPart, which has a reason. Codes: demand.line, line.decision, line.part,
// line.reason, scope.too_large, and the obstacles of MayDecide.
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
	if l.Decision == Superseded {
		return nil, superseded(c.Line)
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
	if c.Decision == Comply && !part.Contains(asked) {
		return nil, problem.New(problem.Invalid, "line.part", "this gives less than the line asks").At("line %d", c.Line).Fix("decide in_part, with a reason")
	}
	if err := s.fits(c.Line, part); err != nil {
		return nil, err
	}
	return []Event{LineDecided{Line: c.Line, Decision: c.Decision, Part: part.Lines()}}, nil
}

// fits refuses a decision after which what the demand compels could no longer
// be written as one scope: nothing of it could be released or told any more.
func (s *State) fits(line int, part scope.Scope) error {
	all := part.Selectors()
	for _, l := range s.Lines {
		if l.No != line && l.Decision.gives() {
			all = append(all, l.Part.Selectors()...)
		}
	}
	if _, err := scope.New(all...); err != nil {
		return problem.Of(err).At("line %d", line)
	}
	return nil
}
