package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
)

// Deadline is a time that the law or a paper sets. NotBefore holds a release
// back; Latest is when it must have happened. Rule, zone and calendar are kept as
// they stood, so that the arithmetic can be done again (invariant 22).
type Deadline struct {
	ID        string
	Seq       Seq
	Kind      string // answer, object, review, confirm, preserve, respond
	Lines     []int  // the lines that it is about; none means the demand as a whole
	Start     time.Time
	NotBefore time.Time
	Latest    time.Time
	Rule      string // the rule of a pack, or "face" for the day on the paper
	Cite      string
	Zone      string
	Calendar  string
	Says      string // the arithmetic in one sentence
	Suspended Seq    // 0 while it runs
	Met       Seq
	Cleared   Seq // NotBefore no longer holds
}

// DeadlineKinds are what a deadline is for.
var DeadlineKinds = []string{"answer", "object", "review", "confirm", "preserve", "respond", "notify"}

// DeadlineSet records a deadline, or moves one of the same id.
type DeadlineSet struct {
	ID        string
	Kind      string
	Lines     []int
	Start     time.Time
	NotBefore time.Time
	Latest    time.Time
	Rule      string
	Cite      string
	Zone      string
	Calendar  string
	Says      string
}

func (e DeadlineSet) apply(s *State, m Meta) {
	d := Deadline{ID: e.ID, Seq: m.Seq, Kind: e.Kind, Lines: e.Lines, Start: e.Start, NotBefore: e.NotBefore, Latest: e.Latest, Rule: e.Rule, Cite: e.Cite,
		Zone: e.Zone, Calendar: e.Calendar, Says: e.Says}
	if old := s.deadline(e.ID); old != nil {
		if old.Met > 0 {
			s.misfit(m)
			return
		}
		d.Suspended = old.Suspended
		*old = d
		return
	}
	s.Deadlines = append(s.Deadlines, d)
}

// SetDeadline records it. A deadline that was met is not moved. Codes:
// deadline.form, deadline.met, deadline.too_many.
type SetDeadline DeadlineSet

func (c SetDeadline) decide(s *State, _ Env) ([]Event, error) {
	bad := problem.New(problem.Invalid, "deadline.form", "a deadline has an id, a kind, a rule and a time, and does not end before it begins")
	for _, x := range []string{c.ID, c.Rule, c.Says} {
		if !text(x) {
			return nil, bad.At("deadline")
		}
	}
	for _, x := range []string{c.Cite, c.Zone, c.Calendar} {
		if len(x) > MaxText {
			return nil, bad.At("deadline")
		}
	}
	if !slices.Contains(DeadlineKinds, c.Kind) || (c.Latest.IsZero() && c.NotBefore.IsZero()) || (!c.Latest.IsZero() && c.Latest.Before(c.NotBefore)) {
		return nil, bad.At("%.40q", c.ID)
	}
	for _, l := range c.Lines {
		if s.line(l) == nil {
			return nil, problem.New(problem.Missing, "demand.line", "the demand has no such line").At("line %d", l)
		}
	}
	old := s.deadline(c.ID)
	if old != nil && old.Met > 0 {
		return nil, problem.New(problem.Conflict, "deadline.met", "this deadline was met")
	}
	if old == nil && len(s.Deadlines) >= MaxDeadlines {
		return nil, problem.New(problem.Refused, "deadline.too_many", "a demand has at most %d deadlines", MaxDeadlines)
	}
	own := DeadlineSet(c)
	own.Lines = slices.Clone(c.Lines)
	own.Start, own.NotBefore, own.Latest = instant(c.Start), instant(c.NotBefore), instant(c.Latest)
	return []Event{own}, nil
}

// MaxDeadlines bounds those of one demand.
const MaxDeadlines = 100

// DeadlineSuspended stops the clock of a deadline.
type DeadlineSuspended struct {
	ID     string
	Source string // the law or order that suspends it
}

func (e DeadlineSuspended) apply(s *State, m Meta) {
	d := s.deadline(e.ID)
	if d == nil || d.Suspended > 0 || d.Met > 0 {
		s.misfit(m)
		return
	}
	d.Suspended = m.Seq
}

// SuspendDeadline records that the law or an order suspends it; that somebody
// contests the demand suspends nothing (invariant 23). Codes: deadline.missing,
// deadline.source, deadline.suspended.
type SuspendDeadline DeadlineSuspended

func (c SuspendDeadline) decide(s *State, _ Env) ([]Event, error) {
	d, err := s.running(c.ID)
	if err != nil {
		return nil, err
	}
	if !text(c.Source) {
		return nil, problem.New(problem.Invalid, "deadline.source", "name the law or the order that suspends the deadline; a contest alone does not").At("source")
	}
	if d.Suspended > 0 {
		return nil, problem.New(problem.Conflict, "deadline.suspended", "this deadline is suspended")
	}
	return []Event{DeadlineSuspended(c)}, nil
}

// DeadlineResumed lets it run again.
type DeadlineResumed struct {
	ID     string
	Latest time.Time
	Says   string
}

func (e DeadlineResumed) apply(s *State, m Meta) {
	d := s.deadline(e.ID)
	if d == nil || d.Suspended == 0 {
		s.misfit(m)
		return
	}
	d.Suspended, d.Latest, d.Says = 0, e.Latest, e.Says
}

// ResumeDeadline lets it run again, with its new end and the arithmetic. Codes:
// deadline.missing, deadline.form, deadline.suspended.
type ResumeDeadline DeadlineResumed

func (c ResumeDeadline) decide(s *State, _ Env) ([]Event, error) {
	d, err := s.running(c.ID)
	if err != nil {
		return nil, err
	}
	if d.Suspended == 0 {
		return nil, problem.New(problem.Conflict, "deadline.suspended", "this deadline runs")
	}
	if c.Latest.IsZero() || c.Latest.Before(d.NotBefore) || !text(c.Says) {
		return nil, problem.New(problem.Invalid, "deadline.form", "say when the deadline ends now, and how that was reckoned").At("latest")
	}
	own := DeadlineResumed(c)
	own.Latest = instant(c.Latest)
	return []Event{own}, nil
}

// DeadlineMet says that what the deadline was for has happened.
type DeadlineMet struct {
	ID  string
	How string
}

func (e DeadlineMet) apply(s *State, m Meta) {
	d := s.deadline(e.ID)
	if d == nil || d.Met > 0 {
		s.misfit(m)
		return
	}
	d.Met = m.Seq
}

// MeetDeadline records it. Codes: deadline.missing, deadline.how.
type MeetDeadline DeadlineMet

func (c MeetDeadline) decide(s *State, _ Env) ([]Event, error) {
	if _, err := s.running(c.ID); err != nil {
		return nil, err
	}
	if !text(c.How) {
		return nil, problem.New(problem.Invalid, "deadline.how", "say how the deadline was met").At("how")
	}
	return []Event{DeadlineMet(c)}, nil
}

// DeadlineCleared says that whoever NotBefore waits for has agreed.
type DeadlineCleared struct {
	ID     string
	Source string
}

func (e DeadlineCleared) apply(s *State, m Meta) {
	d := s.deadline(e.ID)
	if d == nil || d.Cleared > 0 {
		s.misfit(m)
		return
	}
	d.Cleared = m.Seq
}

// ClearDeadline records it. Codes: deadline.missing, deadline.source.
type ClearDeadline DeadlineCleared

func (c ClearDeadline) decide(s *State, _ Env) ([]Event, error) {
	d, err := s.running(c.ID)
	if err != nil {
		return nil, err
	}
	if !text(c.Source) || d.NotBefore.IsZero() || d.Cleared > 0 {
		return nil, problem.New(problem.Invalid, "deadline.source", "name who agreed; only a deadline with a first day can be cleared, once").At("source")
	}
	return []Event{DeadlineCleared(c)}, nil
}

func (s *State) deadline(id string) *Deadline {
	for i := range s.Deadlines {
		if s.Deadlines[i].ID == id {
			return &s.Deadlines[i]
		}
	}
	return nil
}

func (s *State) running(id string) (*Deadline, error) {
	d := s.deadline(id)
	if d == nil {
		return nil, problem.New(problem.Missing, "deadline.missing", "the demand has no such deadline").At("%.40q", id)
	}
	if d.Met > 0 {
		return nil, problem.New(problem.Conflict, "deadline.met", "this deadline was met")
	}
	return d, nil
}

// about reports whether the deadline concerns a line.
func (d *Deadline) about(line int) bool { return len(d.Lines) == 0 || slices.Contains(d.Lines, line) }

func (s *State) deadlineDuties() []Duty {
	var out []Duty
	for _, d := range s.Deadlines {
		if d.Met == 0 && d.Suspended == 0 && !d.Latest.IsZero() {
			out = append(out, Duty{Kind: "deadline." + d.Kind, At: d.Latest, About: d.ID, Seat: "counsel"})
		}
	}
	return out
}
