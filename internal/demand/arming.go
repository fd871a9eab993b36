package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
)

// Asking is the question to the authority whether the duty continues.
type Asking struct {
	Seq    Seq
	At     time.Time
	End    time.Time // the end that was asked about
	Days   int       // before the end: 30 or 7
	Letter string
	Answer string
}

// Arming is a person's word that the notice goes when the duty ends. It is for
// one end: a duty that is renewed is armed anew.
type Arming struct {
	Seq Seq
	By  Person
	End time.Time
}

// SecrecyAsked is the question to the authority before the end.
type SecrecyAsked struct {
	End    time.Time
	Days   int
	Letter string
}

func (e SecrecyAsked) apply(s *State, m Meta) {
	s.Duty.Asked = append(s.Duty.Asked, Asking{Seq: m.Seq, At: m.At, End: e.End, Days: e.Days, Letter: e.Letter})
}

// AskSecrecy records that the authority was asked. Codes: secrecy.asked,
// secrecy.form.
type AskSecrecy SecrecyAsked

func (AskSecrecy) on() Stream { return SecrecyStream }

func (c AskSecrecy) decide(s *State, _ Env) ([]Event, error) {
	if !text(c.Letter) || !slices.Contains(askDays, c.Days) || !c.End.Equal(s.Duty.End()) || c.End.IsZero() {
		return nil, problem.New(problem.Invalid, "secrecy.form", "the question is about the end that stands, %v days before it", askDays).At("end")
	}
	if s.Duty.asked(c.Days) {
		return nil, problem.New(problem.Conflict, "secrecy.asked", "this was asked")
	}
	own := SecrecyAsked(c)
	own.End = instant(c.End)
	return []Event{own}, nil
}

func (d *SecrecyDuty) asked(days int) bool {
	return slices.ContainsFunc(d.Asked, func(a Asking) bool { return a.Days == days && a.End.Equal(d.End()) })
}

// SecrecyReviewed is a person's look at a duty without an end.
type SecrecyReviewed struct{ Next time.Time }

func (e SecrecyReviewed) apply(s *State, _ Meta) { s.Duty.Review = e.Next }

// ReviewSecrecy records it. Codes: secrecy.reason, secrecy.dates.
type ReviewSecrecy SecrecyReviewed

func (ReviewSecrecy) on() Stream { return SecrecyStream }

func (c ReviewSecrecy) decide(_ *State, e Env) ([]Event, error) {
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "secrecy.reason", "say what was found: why the duty still stands")
	}
	if !c.Next.After(e.Now) || c.Next.Sub(e.Now) > 2*reviewAfter {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "the next review lies ahead, within a year").At("next")
	}
	return []Event{SecrecyReviewed{Next: instant(c.Next)}}, nil
}

// NoticeArmed is a person's word that the notice goes when the duty ends.
type NoticeArmed struct{ End time.Time }

func (e NoticeArmed) apply(s *State, m Meta) {
	s.Duty.Armed = Arming{Seq: m.Seq, By: m.By, End: e.End}
}

// ArmNotice arms it for the end that stands. It is for counsel or privacy.
// Codes: secrecy.seat, secrecy.moved.
type ArmNotice NoticeArmed

func (ArmNotice) on() Stream { return SecrecyStream }

func (c ArmNotice) decide(s *State, e Env) ([]Event, error) {
	if !slices.Contains(e.Seats, "counsel") && !slices.Contains(e.Seats, "privacy") {
		return nil, forCounsel("secrecy.seat", "a notice after secrecy is armed by counsel or by privacy")
	}
	if c.End.IsZero() || !c.End.Equal(s.Duty.End()) {
		return nil, problem.New(problem.Conflict, "secrecy.moved", "the duty ends on another day than you saw, or has no end").At("end").Fix("look again")
	}
	return []Event{NoticeArmed{End: instant(c.End)}}, nil
}

// NoticeDisarmed takes the word back.
type NoticeDisarmed struct{}

func (NoticeDisarmed) apply(s *State, _ Meta) { s.Duty.Armed = Arming{} }

// DisarmNotice takes it back. Code: secrecy.reason.
type DisarmNotice NoticeDisarmed

func (DisarmNotice) on() Stream { return SecrecyStream }

func (c DisarmNotice) decide(_ *State, e Env) ([]Event, error) {
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "secrecy.reason", "say why the notice is held back")
	}
	return []Event{NoticeDisarmed(c)}, nil
}

// ChannelsDrained says that everything that could bring a renewal was read past
// the end: nothing that came in time lies unread.
type ChannelsDrained struct{ Through time.Time }

func (e ChannelsDrained) apply(s *State, _ Meta) {
	if e.Through.After(s.Duty.Drained) {
		s.Duty.Drained = e.Through
	}
}

// DrainChannels records it. Code: secrecy.dates.
type DrainChannels ChannelsDrained

func (DrainChannels) on() Stream { return SecrecyStream }

func (c DrainChannels) decide(s *State, e Env) ([]Event, error) {
	if c.Through.IsZero() || c.Through.After(e.Now) {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "channels are read up to now at most").At("through")
	}
	return []Event{ChannelsDrained{Through: instant(c.Through)}}, nil
}

// askDays are how long before the end the authority is asked (design §10).
var askDays = []int{30, 7}

const armBefore = 7 * 24 * time.Hour

func askKind(days int) string {
	if days == askDays[0] {
		return "secrecy.ask_30"
	}
	return "secrecy.ask_7"
}
