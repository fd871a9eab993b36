package demand

import (
	"fmt"
	"slices"
	"time"

	"counterseal/internal/scope"
)

// Duty is what falls due: something that the clerk does, or that a person must
// be reminded of. Duties are derived; they are stored beside the history only so
// that what is due can be found without folding every demand.
type Duty struct {
	Kind  string // decide, answer, close, read, conclude, notice.send, notice.correct, notice.arm, secrecy.*, deadline.*, preservation.end, task, message.remind, grant.expires, outcome.find, production.recall, witnesses.*, history.check
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
	if s.Unsound > 0 || !s.whole() {
		out = append(out, Duty{Kind: "history.check", At: s.begun(), Seat: "counsel"})
	}
	switch s.stream() {
	case DemandStream:
		return append(out, s.demandDuties()...)
	case ContestStream:
		return append(out, s.Contest.agenda()...)
	case SecrecyStream:
		return append(out, s.Duty.agenda()...)
	}
	return out
}

// begun is when the history began.
func (s *State) begun() time.Time {
	return latest(s.Received.At, s.Contest.Opened.At, s.Duty.Opened.At, s.About.Opened.At, s.Case.Opened.At)
}

func (s *State) demandDuties() []Duty {
	out := append(s.noticeDuties(), s.correctionDuties()...)
	out = append(out, s.copyDuties()...)
	out = append(out, s.recallDuties()...)
	out = append(out, s.witnessDuties()...)
	out = append(out, s.taskDuties()...)
	out = append(out, s.deadlineDuties()...)
	if s.Closed > 0 { // what was to be answered was; the rest outlives the work
		return slices.DeleteFunc(out, func(d Duty) bool { return d.Kind == answerDeadline })
	}
	for _, m := range s.asked() {
		out = append(out, Duty{Kind: "message.remind", At: m.At.Add(remindAfter), About: fmt.Sprintf("%d %s", m.No, m.Party), Seat: "reviewer"})
	}
	if s.Unread && s.Conclusion.Seq == 0 {
		return append(out, Duty{Kind: "read", At: s.Received.At.Add(readWithin), Seat: "reviewer"})
	}
	out = append(out, s.lineDuties()...)
	return append(out, s.grantDuties()...)
}

const answerDeadline = "deadline.answer"

// Working limits where no law sets one, so that nothing lies unseen.
const (
	readWithin  = 24 * time.Hour
	remindAfter = 5 * 24 * time.Hour
)

// lineDuties are never empty: where every line is done, closing is left.
func (s *State) lineDuties() []Duty {
	var out []Duty
	due := s.AnswerBy()
	for _, l := range s.Lines {
		switch {
		case l.Decision == Undecided:
			out = append(out, Duty{Kind: "decide", At: orIn(due, s.Received.At, 48*time.Hour), About: lineName(l), Seat: "reviewer"})
		case s.owes(l):
			out = append(out, Duty{Kind: "answer", At: orIn(due, s.Received.At, 14*24*time.Hour), About: lineName(l), Seat: "reviewer"})
		}
	}
	switch {
	case len(s.Lines) == 0 && s.Conclusion.Seq == 0:
		out = append(out, Duty{Kind: "conclude", At: orIn(due, s.Received.At, 48*time.Hour), Seat: "counsel"})
	case len(out) == 0:
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
// them, now or when the last duty on them ends. What a person has to do about a
// duty of secrecy, to arm the notice or to look again, is on that duty's own
// agenda. A duty to look again stays until somebody does, so a notice is escalated
// and not forgotten.
func (s *State) noticeDuties() []Duty {
	c, some := s.Compelled()
	if !some {
		return nil
	}
	var out []Duty
	untold := len(s.ToCorrect()) > 0
	for _, a := range c.Accounts() {
		if s.told(a, Holder) {
			continue
		}
		untold = true
		if d, send := s.noticeDuty(a); send {
			out = append(out, d)
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

// noticeDuty is when an account's holder is told, as far as it is known: at the
// end of the last duty, once a person has armed it; at once where none stands.
func (s *State) noticeDuty(a scope.AccountID) (Duty, bool) {
	send := Duty{Kind: "notice.send", At: latest(s.Received.At, s.Silence), About: string(a), Seat: "clerk"}
	if len(s.DutiesOn(a)) == 0 {
		return send, len(MayNotify(s, a, Env{ClockSane: true, Now: send.At})) == 0
	}
	at, lawful := s.lawfulFrom(a, send.At, !s.told(a, Representative))
	send.At = at
	return send, lawful && len(s.genuineFor(a)) == 0
}

// lawfulFrom is the first moment, not before another, at which the duties of secrecy on
// an account let its holder be told, or the representative where that is enough; false
// while a person's act is needed first.
func (s *State) lawfulFrom(a scope.AccountID, at time.Time, representative bool) (time.Time, bool) {
	for _, d := range s.DutiesOn(a) {
		if d.MayTellWho(Holder) || representative && d.MayTellWho(Representative) {
			continue
		}
		if d.Open() || d.End().IsZero() || !d.ArmedFor() {
			return at, false
		}
		at = latest(at, d.End())
	}
	return at, !s.Secrecy.stands()
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
func paperName(no int) string    { return fmt.Sprintf("paper %d", no) }

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
	case s.Authentic.Seq > 0 && !s.Authentic.Genuine, len(s.asked()) > 0:
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
	if len(s.Lines) == 0 && s.Conclusion.Seq == 0 {
		return StatusChecking
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
