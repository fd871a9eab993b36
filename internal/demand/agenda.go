package demand

import (
	"fmt"
	"time"
)

// Duty is what falls due: something that the clerk does, or that a person must
// be reminded of. Duties are derived; they are stored beside the history only so
// that what is due can be found without folding every demand.
type Duty struct {
	Kind  string // decide, answer, close, notice.send, secrecy.review, grant.expires, outcome.find, history.check
	At    time.Time
	About string // account, line, grant
	Seat  string // who acts: clerk, or the seat to remind
}

// Agenda derives what falls due from the state, in no particular order. It does
// not know the time: a duty in the past is overdue. Until a demand is closed it
// has a duty of its own (invariant 24); a customer who has not been told
// outlives even that (invariant 20).
func Agenda(s *State, p Policy) []Duty {
	if s.Last == 0 {
		return nil
	}
	var out []Duty
	if s.Unsound > 0 {
		out = append(out, Duty{Kind: "history.check", At: s.Received.At, Seat: "counsel"})
	}
	out = append(out, s.noticeDuties()...)
	if s.Closed > 0 {
		return out
	}
	out = append(out, s.lineDuties()...)
	return append(out, s.grantDuties()...)
}

// lineDuties are never empty: where every line is done, closing is left.
func (s *State) lineDuties() []Duty {
	var out []Duty
	due := s.Instrument.Due
	for _, l := range s.Lines {
		switch {
		case l.Decision == Undecided:
			out = append(out, Duty{Kind: "decide", At: orIn(due, s.Received.At, 48*time.Hour), About: lineName(l), Seat: "reviewer"})
		case l.Decision.gives() && !s.released(l.Part):
			out = append(out, Duty{Kind: "answer", At: orIn(due, s.Received.At, 14*24*time.Hour), About: lineName(l), Seat: "reviewer"})
		}
	}
	if len(out) == 0 {
		out = append(out, Duty{Kind: "close", At: orIn(due, s.Received.At, 14*24*time.Hour), Seat: "reviewer"})
	}
	return out
}

func (s *State) grantDuties() []Duty {
	var out []Duty
	for _, g := range s.Grants {
		switch {
		case g.Permitted > 0 && g.Outcome == Pending:
			out = append(out, Duty{Kind: "outcome.find", At: g.Expires, About: g.ID, Seat: "counsel"})
		case g.Outcome == Unknown:
			out = append(out, Duty{Kind: "outcome.find", At: s.Received.At, About: g.ID, Seat: "counsel"})
		case g.Permitted == 0 && g.Revoked == 0:
			out = append(out, Duty{Kind: "grant.expires", At: g.Expires, About: g.ID, Seat: "reviewer"})
		}
	}
	return out
}

// Before a duty of secrecy ends the authority is asked; one without an end is
// looked at again after half a year.
const (
	askBefore   = 30 * 24 * time.Hour
	reviewAfter = 182 * 24 * time.Hour
)

// noticeDuties are about the accounts whose holders were not told yet: to tell
// them, or, while secrecy stands, to look whether it still does. A duty to look
// again stays until somebody does, so a notice is escalated and not forgotten.
func (s *State) noticeDuties() []Duty {
	c, some := s.Compelled()
	if !some {
		return nil
	}
	var out []Duty
	untold := false
	for _, a := range c.Accounts() {
		if _, sent := s.notice(a); sent {
			continue
		}
		untold = true
		if len(MayNotify(s, a, Env{ClockSane: true})) == 0 {
			out = append(out, Duty{Kind: "notice.send", At: s.Received.At, About: string(a), Seat: "clerk"})
		}
	}
	if untold && s.Secrecy.stands() {
		at := s.Secrecy.Stated.Add(reviewAfter)
		if !s.Secrecy.Until.IsZero() {
			at = s.Secrecy.Until.Add(-askBefore)
		}
		out = append(out, Duty{Kind: "secrecy.review", At: at, About: s.Secrecy.Source, Seat: "counsel"})
	}
	return out
}

// orIn is the day on the instrument's face, or a working limit after receipt
// where it has none, so that no demand is without an alarm (invariant 24).
func orIn(due, received time.Time, limit time.Duration) time.Time {
	if due.IsZero() {
		return received.Add(limit)
	}
	return due
}

func lineName(l Line) string     { return fmt.Sprintf("line %d", l.No) }
func targetName(t Target) string { return fmt.Sprintf("target %d", t.No) }

// Status is the one word for people outside.
type Status string

const (
	StatusReceived Status = "received"
	StatusChecking Status = "checking"
	StatusWaiting  Status = "waiting for us"
	StatusOnHold   Status = "on hold by law"
	StatusInPart   Status = "answered in part"
	StatusClosed   Status = "closed"
	StatusForYou   Status = "waiting for you"
)

// Status derives the word from the tracks as they stand at now.
func (s *State) Status(now time.Time) Status {
	switch {
	case s.Closed > 0:
		return StatusClosed
	case s.Authentic.Seq > 0 && !s.Authentic.Genuine:
		return StatusForYou
	case s.someReleased():
		return StatusInPart
	case s.held(now):
		return StatusOnHold
	case s.Authentic.Seq == 0:
		return StatusReceived
	}
	for _, l := range s.Lines {
		if l.Decision == Undecided {
			return StatusChecking
		}
	}
	return StatusWaiting
}

func (s *State) someReleased() bool {
	for _, g := range s.Grants {
		if g.Outcome == Released {
			return true
		}
	}
	return false
}

// held reports whether a stay reaches something that was decided to be given.
func (s *State) held(now time.Time) bool {
	c, some := s.Compelled()
	return some && len(unstayed(s, c, Env{Now: now})) > 0
}
