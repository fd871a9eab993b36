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

// StateSecrecy says that no duty of secrecy is known beside those that are
// recorded: the other customers may be told. A duty is a stream of its own
// (OpenSecrecy), and one that covers the whole demand and stands is not talked away. Codes: secrecy.source, secrecy.stands.
type StateSecrecy SecrecyStated

func (c StateSecrecy) decide(s *State, e Env) ([]Event, error) {
	if !c.None || c.Source != "" || !c.Until.IsZero() {
		return nil, problem.New(problem.Invalid, "secrecy.source", "a duty of secrecy rests on an order, a statute or a certification, and is recorded on its own").At("source").
			Fix("record the duty with what it rests on; here it can only be said that there is none")
	}
	own := SecrecyStated{None: true}
	if s.Secrecy.shortenedBy(own) || slices.ContainsFunc(s.Duties(), func(d *SecrecyDuty) bool { return d.coversWhole(s.ID) && (d.Stands(e.Now) || d.Open()) }) {
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

// freed reports whether a court has freed the account from a duty of secrecy.
func (s *State) freed(a scope.AccountID) bool {
	return slices.ContainsFunc(s.Duties(), func(d *SecrecyDuty) bool { return silencesAccount(d.freed, s.ID, a) })
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
