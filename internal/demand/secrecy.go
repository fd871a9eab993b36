package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Secrecy is what the demand says about telling the customer. While nobody has
// stated it, it is unknown, and unknown blocks notice (invariant 19).
type Secrecy struct {
	Seq    Seq
	Stated time.Time // when it was recorded
	None   bool
	Source string    // order, statute, certification
	Until  time.Time // zero: no end is stated, so a person reviews it
}

// SecrecyStated records it.
type SecrecyStated struct {
	None   bool
	Source string
	Until  time.Time
}

func (e SecrecyStated) apply(s *State, m Meta) {
	if e.None == (e.Source != "") || s.Secrecy.shortenedBy(e) {
		s.misfit(m)
		return
	}
	s.Secrecy = Secrecy{Seq: m.Seq, Stated: m.At, None: e.None, Source: e.Source, Until: e.Until}
}

// StateSecrecy says that no duty of secrecy is known: the customer may be told. A
// duty is a stream of its own (OpenSecrecy), and one that stands is not talked
// away. Codes: secrecy.source, secrecy.stands.
type StateSecrecy SecrecyStated

func (c StateSecrecy) decide(s *State, e Env) ([]Event, error) {
	if !c.None || c.Source != "" || !c.Until.IsZero() {
		return nil, problem.New(problem.Invalid, "secrecy.source", "a duty of secrecy rests on an order, a statute or a certification, and is recorded on its own").At("source").
			Fix("record the duty with what it rests on; here it can only be said that there is none")
	}
	own := SecrecyStated{None: true}
	if s.Secrecy.shortenedBy(own) || slices.ContainsFunc(s.Duties(), func(d *SecrecyDuty) bool { return d.Stands(e.Now) || d.Open() }) {
		return nil, problem.New(problem.Refused, "secrecy.stands", "a duty of secrecy that stands is not ended by saying that there is none").
			Fix("record the order that lifts it")
	}
	return []Event{own}, nil
}

// stands reports whether a duty of secrecy has been stated. Its end alone does
// not end it: a person arms the notice (invariant 19).
func (s Secrecy) stands() bool { return s.Seq > 0 && !s.None }

func (s Secrecy) shortenedBy(e SecrecyStated) bool {
	return s.stands() && (e.None || endsBefore(e.Until, s.Until))
}

// endsBefore compares ends of which the zero time is no end at all.
func endsBefore(a, b time.Time) bool { return !a.IsZero() && (b.IsZero() || a.Before(b)) }

// Whom a notice goes to.
const (
	Holder         = "holder"
	Representative = "representative" // named at onboarding; may be told where a duty allows it
)

// Notice is a letter that went to an account's holder, or to the representative
// of the customer whose account it is.
type Notice struct {
	Account scope.AccountID
	Letter  string
	To      string
	Seq     Seq
	At      time.Time
}

// NoticeSent records that a letter left.
type NoticeSent struct {
	Account scope.AccountID
	Letter  string
	To      string
}

type noticeSentV1 struct {
	Account scope.AccountID
	Letter  string
}

func (e noticeSentV1) lift() NoticeSent {
	return NoticeSent{Account: e.Account, Letter: e.Letter, To: Holder}
}

func (e NoticeSent) apply(s *State, m Meta) {
	if s.told(e.Account, e.To) || (e.To != Holder && e.To != Representative) {
		s.misfit(m)
		return
	}
	s.Notices = append(s.Notices, Notice{Account: e.Account, Letter: e.Letter, To: e.To, Seq: m.Seq, At: m.At})
}

// SendNotice records one letter, once. To is Holder unless it says otherwise.
// Codes: notice.sent, notice.letter, and the obstacles of MayNotify.
type SendNotice NoticeSent

func (c SendNotice) decide(s *State, e Env) ([]Event, error) {
	if c.To == "" {
		c.To = Holder
	}
	if s.told(c.Account, c.To) {
		return nil, problem.New(problem.Conflict, "notice.sent", "this customer has been told").At("account")
	}
	if !text(c.Letter) || (c.To != Holder && c.To != Representative) {
		return nil, problem.New(problem.Invalid, "notice.letter", "a notice is a letter to the holder or to the representative").At("letter")
	}
	if blocked := MayTell(s, c.Account, c.To, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{NoticeSent(c)}, nil
}

// notice is the first letter about an account, whoever got it.
func (s *State) notice(a scope.AccountID) (Notice, bool) {
	for _, n := range s.Notices {
		if n.Account == a {
			return n, true
		}
	}
	return Notice{}, false
}

func (s *State) told(a scope.AccountID, to string) bool {
	return slices.ContainsFunc(s.Notices, func(n Notice) bool { return n.Account == a && n.To == to })
}

// DutiesOn are the duties of secrecy that cover an account of this demand.
func (s *State) DutiesOn(a scope.AccountID) []*SecrecyDuty {
	var out []*SecrecyDuty
	for _, d := range s.Duties() {
		if d.covers(s.ID, a) {
			out = append(out, d)
		}
	}
	return out
}

// Silenced is the duty of secrecy on an account that ends last, among those that
// stand or wait for counsel; nil where none does. No end is the latest.
func (s *State) Silenced(a scope.AccountID, now time.Time) *SecrecyDuty {
	var last *SecrecyDuty
	for _, d := range s.DutiesOn(a) {
		if !d.Stands(now) && !d.Open() {
			continue
		}
		if last == nil || endsBefore(last.End(), d.End()) {
			last = d
		}
	}
	return last
}

// Stay is a court's order that stops a part.
type Stay struct {
	Seq    Seq
	Source string
	Reach  scope.Scope
	Until  time.Time // zero: until it is lifted
	Lifted Seq
}

// Stayed records a stay. Reach holds canonical scope lines.
type Stayed struct {
	Source string
	Reach  []string
	Until  time.Time
}

func (e Stayed) apply(s *State, m Meta) {
	s.Stays = append(s.Stays, Stay{Seq: m.Seq, Source: e.Source, Reach: s.parts(e.Reach, m), Until: e.Until})
}

// RecordStay records a court's stay. Code: stay.source, stay.reach.
type RecordStay struct {
	Source string
	Reach  scope.Scope
	Until  time.Time
}

func (c RecordStay) decide(_ *State, _ Env) ([]Event, error) {
	if c.Source == "" || len(c.Source) > MaxText {
		return nil, problem.New(problem.Invalid, "stay.source", "a stay names the court and its order").At("source")
	}
	if c.Reach.Empty() {
		return nil, problem.New(problem.Invalid, "stay.reach", "a stay says what it stops").At("reach")
	}
	return []Event{Stayed{Source: c.Source, Reach: c.Reach.Lines(), Until: instant(c.Until)}}, nil
}

// StayLifted ends a stay.
type StayLifted struct{ Stay Seq }

func (e StayLifted) apply(s *State, m Meta) {
	for i := range s.Stays {
		if s.Stays[i].Seq == e.Stay && s.Stays[i].Lifted == 0 {
			s.Stays[i].Lifted = m.Seq
			return
		}
	}
	s.misfit(m)
}

// LiftStay records that a court lifted its stay. Code: stay.missing, stay.reason.
type LiftStay StayLifted

func (c LiftStay) decide(s *State, e Env) ([]Event, error) {
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "stay.reason", "name the order that lifted the stay")
	}
	for _, st := range s.Stays {
		if st.Seq == c.Stay && st.Lifted == 0 {
			return []Event{StayLifted(c)}, nil
		}
	}
	return nil, problem.New(problem.Missing, "stay.missing", "no such stay stands").At("event %d", c.Stay)
}
