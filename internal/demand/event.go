package demand

import (
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// ID is a demand's random case number; it says nothing about order or count.
type ID string

// Seq is an event's place in its demand's history, from 1.
type Seq uint64

// Person is the id of a member of staff, or of the clerk or gate acting by rule.
type Person string

// Digest is a SHA-256.
type Digest [32]byte

// Meta is what every event carries beside its content.
type Meta struct {
	Seq    Seq
	At     time.Time
	By     Person
	Reason string
}

// Policy is what the provider has set and a guard needs.
type Policy struct {
	Waiting   time.Duration // between the customer's notice and a release; default 7 days
	Approvals int           // distinct persons that a grant needs
}

// Env is everything a decision may know beside the history: data, never calls.
type Env struct {
	Now       time.Time
	Actor     Person
	Seats     []string // the actor's seats: reviewer, counsel, privacy, clerk, gate
	Reason    string
	Policy    Policy
	ClockSane bool         // the clock is within its bound (invariant 21)
	Journaled map[Seq]bool // events whose leaf is in the journal, proof at hand
}

// Event is a fact that happened. Apply folds it into the state and cannot fail.
type Event interface{ apply(*State, Meta) }

// Command asks for events. It returns them, or a problem and no events.
type Command interface {
	decide(*State, Env) ([]Event, error)
}

// Recorded is an event with its meta.
type Recorded struct {
	Meta
	Event Event
}

// MaxEvents bounds a history, so that folding it stays fast.
const MaxEvents = 2000

// Decide runs a command against the state. The state is not changed.
func Decide(s *State, c Command, e Env) ([]Event, error) {
	if !e.ClockSane {
		return nil, problem.New(problem.Refused, "clock.unsound", "the clock has jumped; acts that depend on time wait until a person has set it right")
	}
	if _, first := c.(Receive); first != (s.Last == 0) {
		if first {
			return nil, problem.New(problem.Conflict, "demand.exists", "this demand has been received already")
		}
		return nil, problem.New(problem.Missing, "demand.missing", "there is no such demand")
	}
	if s.Last >= MaxEvents {
		return nil, problem.New(problem.Refused, "demand.too_long", "this demand's history is full").Fix("continue it in a linked demand")
	}
	return c.decide(s, e)
}

// Fold builds the state from a history.
func Fold(history []Recorded) *State {
	s := new(State)
	for _, r := range history {
		s.Apply(r)
	}
	return s
}

// Apply adds one event.
func (s *State) Apply(r Recorded) {
	s.Last = r.Seq
	r.Event.apply(s, r.Meta)
}

// State is what a history adds up to. It is read by guards, agenda and read
// models; only Apply writes it.
type State struct {
	Last       Seq
	Received   Meta
	Channel    string
	Original   Digest
	Instrument Instrument
	Facts      []byte // package fact, compact encoding; the latest statement
	FactsSeq   Seq
	Targets    []Target
	Lines      []Line
	Authentic  Authenticity
	Findings   Findings
	Secrecy    Secrecy
	Stays      []Stay
	Notices    []Notice
	Grants     []Grant
	Closed     Seq
}

// line finds a line by its number.
func (s *State) line(no int) *Line {
	for i := range s.Lines {
		if s.Lines[i].No == no {
			return &s.Lines[i]
		}
	}
	return nil
}

func (s *State) target(no int) *Target {
	for i := range s.Targets {
		if s.Targets[i].No == no {
			return &s.Targets[i]
		}
	}
	return nil
}

// Compelled is the union of the parts that have been decided to be given. The
// second result is false while nothing has.
func (s *State) Compelled() (scope.Scope, bool) {
	var all []scope.Selector
	for _, l := range s.Lines {
		if l.Decision.gives() {
			all = append(all, l.Part.Selectors()...)
		}
	}
	if len(all) == 0 {
		return scope.Scope{}, false
	}
	sc, err := scope.New(all...)
	return sc, err == nil
}

func has(seats []string, seat string) bool {
	for _, s := range seats {
		if s == seat {
			return true
		}
	}
	return false
}
