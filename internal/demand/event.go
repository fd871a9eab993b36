package demand

import (
	"time"
	"unicode/utf8"

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
	Salt   Salt
}

// Salt is random and kept with the event, so that the digest of its record, which
// lies in the open where the journal is written, confirms no guess about it.
type Salt [16]byte

// Policy is what the provider has set and a guard needs.
type Policy struct {
	Waiting   time.Duration // between the customer's notice and a release; default 7 days
	Approvals int           // distinct persons that a grant needs
	Silence   time.Duration // how long notice waits after a bare request to stay silent; 0 means 48 hours
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

	Emergency            bool         // it is about a grant of the emergency lane
	JournaledInEmergency map[Seq]bool // as Journaled, by the emergency policy of witnesses
}

// Event is a fact that happened. Apply folds it into the state and cannot fail;
// where it does not fit what came before, it marks the state as unsound.
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

// MaxEvents bounds a history, so that folding it stays fast. The last of them
// are kept for acts that stop or end something, so that a full history can
// still be stayed, ended and closed.
const (
	MaxEvents   = 2000
	keptForEnds = 100
)

// Decide runs a command against the state. The state is not changed, and the
// events share no memory with the command. Codes of its own: history.unsound,
// clock.unsound, demand.actor, demand.reason, demand.exists, demand.missing,
// demand.closed, demand.too_long, demand.text, demand.time.
func Decide(s *State, c Command, e Env) ([]Event, error) {
	if err := mayAct(s, c, e); err != nil {
		return nil, err
	}
	events, err := c.decide(s, e)
	if err != nil {
		return nil, err
	}
	for _, ev := range events {
		if err := wellFormed(ev); err != nil {
			return nil, err
		}
	}
	return events, nil
}

// ErrClosed: the demand is closed, and this would be work on it.
var ErrClosed = problem.New(problem.Conflict, "demand.closed", "this demand is closed").Fix("receive what came since as a linked demand")

// mayAct asks what every command must pass.
func mayAct(s *State, c Command, e Env) error {
	if s.Unsound > 0 {
		return problem.New(problem.Internal, "history.unsound", "an event of this demand's history does not fit the ones before it; nothing is done until a person has looked").
			At("event %d", s.Unsound)
	}
	if !e.ClockSane && !stops(c) {
		return problem.New(problem.Refused, "clock.unsound", "the clock has jumped; acts that depend on time wait until a person has set it right")
	}
	if e.Actor == "" {
		return problem.New(problem.Invalid, "demand.actor", "an act has somebody who did it").At("actor")
	}
	if len(e.Reason) > MaxText || !utf8.ValidString(e.Reason) || !utf8.ValidString(string(e.Actor)) {
		return problem.New(problem.Invalid, "demand.reason", "a reason is text of at most %d bytes", MaxText).At("reason")
	}
	if err := fitsStream(s, c); err != nil {
		return err
	}
	if !s.whole() && !stops(c) {
		return incomplete()
	}
	if s.Closed > 0 && works(c) {
		return ErrClosed
	}
	if s.Last >= MaxEvents || (s.Last >= MaxEvents-keptForEnds && !ends(c)) {
		return problem.New(problem.Refused, "demand.too_long", "this demand's history is full").Fix("continue it in a linked demand")
	}
	return nil
}

// fitsStream asks that the command is one for this kind of stream, and that it
// begins a history exactly where there is none.
func fitsStream(s *State, c Command) error {
	want := on(c)
	if s.Last > 0 && s.stream() != want {
		return problem.New(problem.Invalid, "stream.kind", "this cannot be done on a %s", string(s.stream()))
	}
	if want == NotesStream {
		return nil
	}
	if first := begins(c); first != (s.Last == 0) {
		if first {
			return problem.New(problem.Conflict, "demand.exists", "this has been recorded already")
		}
		return problem.New(problem.Missing, "demand.missing", "there is no such demand")
	}
	return nil
}

// stops tells the commands that only take something back. They do not depend on
// the time, so a clock that cannot be trusted does not hold them up.
func stops(c Command) bool {
	switch c.(type) {
	case RecordStay, RevokeGrant, StayContest, PlaceHold, DisarmNotice, joinStream:
		return true
	}
	return false
}

// ends tells the commands for which the end of a history is kept.
func ends(c Command) bool {
	switch c.(type) {
	case EndRelease, SendNotice, SendCorrection, StateSecrecy, Close, Conclude, EndContest, LiftSecrecy, RenewSecrecy, EndCopy, RecordIncident, RecallProduction, RecordWitnesses:
		return true
	}
	return stops(c)
}

// works tells the commands that would take up the work on a closed demand again.
// What a court, the gate or the end of a secrecy still brings is not among them.
func works(c Command) bool { // the rule "closed" of package policy names their acts
	switch c.(type) {
	case Authenticate, StateFacts, Assess, AnswerFinding, Resolve, Check, DecideLine, SeeApproval, ReadDemand, AddAsked, AddPaper, AuthenticatePaper, MakeCopy, DraftKeeping, DraftPreview, Conclude:
		return true
	}
	return false
}

// Fold builds the state from a history.
func Fold(history []Recorded) *State {
	s := new(State)
	for _, r := range history {
		s.Apply(r)
	}
	return s
}

// Apply adds one event. It neither fails nor panics, whatever a history says
// that was changed by hand: an event that does not fit is left out as far as it
// does not fit, and Unsound names the first of them.
func (s *State) Apply(r Recorded) {
	k, known := kindOf(r.Event)
	fits := known && r.Seq == s.Last+1 && (k.first || s.Last > 0) && (!k.first || s.Last == 0 || k.stream == NotesStream) && (s.Last == 0 || k.stream == s.stream())
	if s.Last == 0 && known {
		s.Stream = k.stream
	}
	s.Last = r.Seq
	if !fits {
		s.misfit(r.Meta)
		return
	}
	r.At = instant(r.At)
	r.Event.apply(s, r.Meta)
}

// NewState is the state of a stream without history.
func NewState(id ID) *State { return &State{ID: id} }

// misfit marks the history as one that Decide cannot have made. Every guard and
// every command stop there: what an unreadable stay was to stop, nobody knows.
func (s *State) misfit(m Meta) {
	if s.Unsound == 0 {
		s.Unsound = max(m.Seq, 1)
	}
}

// instant is the form in which a state holds times: UTC, no monotonic reading.
func instant(t time.Time) time.Time { return t.Round(0).UTC() }

// State is what a history adds up to. It is read by guards, agenda and read
// models; only Apply writes it.
type State struct {
	ID         ID // set by who loads it; a history does not say whose it is
	Stream     Stream
	Last       Seq
	Unsound    Seq // the first event that does not fit what came before it; 0 in a history that Decide made
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

	Kind      DemandKind
	Unread    bool // it came as bytes, and nobody has read it yet
	Emergency bool
	Papers    []Paper
	Parties   []Party
	Callbacks []Callback
	Deadlines []Deadline
	Keepings  []Keeping
	Previews  []PreviewGrant
	Incidents []Incident

	Corrections []Correction

	Witnessings []Witnessing // grants that went by the emergency policy of witnesses
	Copies      []Copy
	Holds       []Hold
	Links       []Link
	Thread      []Message
	Tasks       []Task
	Costs       []Cost
	Conclusion  Conclusion
	Silence     time.Time // notice waits until then for an order; zero: nobody asked
	Matter      ID
	SealedIn    ID // the sealed case; "" for what everybody on the staff may see

	// What the other streams hold: one of these is set, as Stream says.
	Contest Contest
	Duty    SecrecyDuty
	About   Matter
	Case    Case
	Notes   []Note

	touching []ID
	beside   map[ID]*State
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
// second result is false while nothing has, and for a demand to preserve: it compels
// nothing to be given.
func (s *State) Compelled() (scope.Scope, bool) {
	if s.Kind == ForPreservation {
		return scope.Scope{}, false
	}
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
