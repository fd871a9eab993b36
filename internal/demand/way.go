package demand

import (
	"slices"
	"time"

	"counterseal/internal/scope"
)

// InTheWay lists what stands between a demand and what comes next of it: that nobody
// has read it; the
// decision of its lines and the release of what they give, as the guards say it,
// also before anybody has drafted a grant; the letters that are still owed once it
// is closed; else its closing. It is empty where nothing is left, and for a
// stream that is no demand.
func InTheWay(s *State, e Env) []Obstacle {
	switch {
	case s.Last == 0 || s.stream() != DemandStream:
		return nil
	case s.Closed > 0:
		return append(s.unrecalled(), s.untold(e)...)
	case s.Unread:
		return append(sound(s, scope.Scope{}, e), read(s, scope.Scope{}, e)...)
	case (s.undecided() || s.owesAny()) && s.Kind == ForPreservation:
		return s.beforeKept(e)
	case s.undecided() || s.owesAny():
		return s.beforeRelease(e)
	}
	return MayClose(s, e)
}

// untold lists what stands before the letters that a closed demand still owes.
func (s *State) untold(e Env) []Obstacle {
	var out []Obstacle
	part, some := s.Compelled()
	if !some {
		return nil
	}
	for _, a := range part.Accounts() {
		if _, sent := s.notice(a); !sent {
			out = append(out, MayNotify(s, a, e)...)
		}
	}
	return out
}

func (s *State) undecided() bool {
	return slices.ContainsFunc(s.Lines, func(l Line) bool { return l.Decision == Undecided })
}

// owes reports whether a line was decided to be met and has not been: its part has
// not left or, where it is only to be preserved, no copy was made of it.
func (s *State) owes(l Line) bool {
	if s.Kind == ForPreservation {
		return l.Decision.gives() && !s.preserved(l.Part)
	}
	return l.Decision.gives() && !s.released(l.Part)
}

func (s *State) owesAny() bool { return slices.ContainsFunc(s.Lines, s.owes) }

// beforeKept lists what stands before the preservation of all that is asked.
func (s *State) beforeKept(e Env) []Obstacle {
	var out []Obstacle
	for _, l := range s.Lines {
		if l.Decision == Undecided {
			out = append(append(out, MayDecide(s, l.No, e)...), Obstacle{Code: "line.undecided", Seat: "reviewer", About: lineName(l)})
		}
		if s.owes(l) {
			out = append(out, Obstacle{Code: "line.not_kept", Because: []Seq{l.Decided}, Seat: "reviewer", About: lineName(l)})
		}
	}
	return out
}

// beforeRelease lists what stands before the release of all that is decided to be
// given: that of the grant which waits, or else what stands before the lines that
// are still to be decided and before a grant that nobody has drafted yet.
func (s *State) beforeRelease(e Env) []Obstacle {
	for _, g := range s.Grants {
		if g.Permitted == 0 && g.Revoked == 0 && e.Now.Before(g.Expires) {
			return MayRelease(s, g.ID, e)
		}
	}
	var out, undecided []Obstacle
	add := func(os ...Obstacle) {
		for _, o := range os {
			if !slices.ContainsFunc(out, func(x Obstacle) bool { return x.Code == o.Code && x.About == o.About }) {
				out = append(out, o)
			}
		}
	}
	for _, l := range s.Lines {
		if l.Decision == Undecided {
			undecided = append(undecided, Obstacle{Code: "line.undecided", Seat: "reviewer", About: lineName(l)})
			add(MayDecide(s, l.No, e)...)
		}
	}
	part, _ := s.Compelled()
	const thought = "a grant that nobody has drafted"
	supposed := *s
	supposed.Grants = append(slices.Clip(slices.Clone(s.Grants)), Grant{ID: thought, Scope: part, Expires: e.Now.Add(time.Hour)})
	for _, o := range MayRelease(&supposed, thought, e) {
		switch {
		case o.Code == "approval.missing": // there is nothing to approve yet
		case o.Code == "release.not_compelled" && len(undecided) > 0:
			add(undecided...)
		default:
			add(o)
		}
	}
	add(undecided...)
	return out
}

// Moments are the times at which what stands in the way, or the status, changes
// by the passing of time alone, in order.
func Moments(s *State, p Policy) []time.Time {
	var out []time.Time
	add := func(ts ...time.Time) {
		for _, t := range ts {
			if !t.IsZero() {
				out = append(out, t)
			}
		}
	}
	contests, duties := s.Contests(), s.Duties()
	if s.stream() == ContestStream {
		contests = append(contests, &s.Contest)
	}
	if s.stream() == SecrecyStream {
		duties = append(duties, &s.Duty)
	}
	for _, c := range contests {
		for _, st := range c.Stays {
			if st.Lifted == 0 {
				add(st.Until)
			}
		}
	}
	for _, d := range duties {
		add(d.End())
	}
	for _, st := range s.Stays {
		if st.Lifted == 0 {
			add(st.Until)
		}
	}
	for _, d := range s.Deadlines {
		if d.Cleared == 0 {
			add(d.NotBefore)
		}
	}
	for _, g := range s.Grants {
		if g.Permitted == 0 && g.Revoked == 0 {
			add(g.Expires)
		}
	}
	for _, n := range s.Notices {
		add(s.WaitingEnds(n, p))
	}
	add(s.Silence, s.Secrecy.Until)
	slices.SortFunc(out, time.Time.Compare)
	return slices.CompactFunc(out, time.Time.Equal)
}
