package demand

import (
	"slices"
	"time"

	"counterseal/internal/scope"
)

// check is one obstacle's rule. The part is what the act is about; checks that
// depend on reach apply where their reach meets it.
type check func(*State, scope.Scope, Env) []Obstacle

// A guard is a list of checks, in the order in which people would remove them.
var (
	mayDecide  = []check{sound, open, read, stored, authentic}
	mayGrant   = []check{sound, clockSane, open, stored, givable, unheld, authentic, calledBack, targetsChecked, assessed, findingsAnswered, compelled, unstayed, secrecyStated, journaled}
	mayKeep    = []check{sound, clockSane, open, read, stored, unheld, authentic, targetsChecked, askedFor}
	mayPreview = []check{sound, clockSane, open, read, stored, unheld, authentic, targetsChecked, askedFor, unstayed}
	mayRelease = []check{sound, clockSane, open, stored, givable, unheld, authentic, calledBack, targetsChecked, assessed, findingsAnswered, compelled, unstayed, notTooEarly, told, journaled}
)

// MayDecide lists what stands in the way of giving something on a line.
func MayDecide(s *State, line int, e Env) Blocked {
	_, some := s.Asked(line)
	l := s.line(line)
	out := run(mayDecide, s, scope.Scope{}, e)
	if l != nil && l.Paper > 1 {
		out = append(run([]check{sound, open, read, stored}, s, scope.Scope{}, e), s.genuine(l.Paper)...)
	}
	if l == nil {
		return append(out, Obstacle{Code: "demand.line", Seat: "reviewer"})
	}
	t := s.target(l.Target)
	if t == nil {
		return append(out, Obstacle{Code: "demand.target", Seat: "reviewer", About: lineName(*l)})
	}
	out = append(out, targetObstacles(*t)...)
	if t.Resolved > 0 && !some {
		out = append(out, Obstacle{Code: "target.no_account", Because: []Seq{t.Resolved}, Seat: "reviewer", About: targetName(*t)})
	}
	return out
}

// MayGrant lists what stands in the way of putting a grant for this part before
// approvers.
func MayGrant(s *State, part scope.Scope, e Env) Blocked { return run(mayGrant, s, part, e) }

// MayKeep lists what stands in the way of keeping a part for an order that may follow.
// Neither findings nor stays do: what is kept is not given, and a court may still want
// it.
func MayKeep(s *State, part scope.Scope, e Env) Blocked { return run(mayKeep, s, part, e) }

// MayPreview lists what stands in the way of counting a part. What is counted is not
// given, so findings do not; a stay does, since counting reads and may wait.
func MayPreview(s *State, part scope.Scope, e Env) Blocked { return run(mayPreview, s, part, e) }

// MayRelease lists what stands in the way of the release of a grant.
func MayRelease(s *State, grant string, e Env) Blocked {
	g, ok := s.grant(grant)
	if !ok {
		return Blocked{{Code: "grant.missing", Seat: "reviewer"}}
	}
	e.Emergency = g.Emergency
	out := run(mayRelease, s, g.Scope, e)
	if g.Revoked > 0 {
		out = append(out, Obstacle{Code: "grant.revoked", Because: []Seq{g.Revoked}, Seat: "reviewer"})
	}
	if !e.Now.Before(g.Expires) {
		out = append(out, Obstacle{Code: "grant.expired", Because: []Seq{g.Seq}, Seat: "reviewer", Until: g.Expires})
	}
	if missing := e.Policy.Approvals - len(s.counted(g)); missing > 0 || e.Policy.Approvals < 1 {
		out = append(out, Obstacle{Code: "approval.missing", Because: []Seq{g.Seq}, Seat: "approver"})
	}
	if g.Permitted > 0 {
		out = append(out, Obstacle{Code: "grant.used", Because: []Seq{g.Permitted}, Seat: "reviewer"})
	}
	return out
}

// counted are the approvals that count: in an emergency, not the one of who made
// the call-back (invariant 8).
func (s *State) counted(g Grant) []Person {
	if !s.Emergency {
		return g.Approvals
	}
	return slices.DeleteFunc(slices.Clone(g.Approvals), func(p Person) bool {
		return slices.ContainsFunc(s.Callbacks, func(c Callback) bool { return c.Caller == p })
	})
}

// MayNotify lists what stands in the way of telling an account's holder.
func MayNotify(s *State, a scope.AccountID, e Env) Blocked { return MayTell(s, a, Holder, e) }

// MayTell lists what stands in the way of telling the holder of an account, or the
// representative of the customer whose account it is. A closed demand does not:
// what was secret while the work went on is told after it.
func MayTell(s *State, a scope.AccountID, to string, e Env) Blocked {
	out := append(s.mayHear(a, to, e), s.genuineFor(a)...)
	if c, some := s.Compelled(); !some || !slices.Contains(c.Accounts(), a) {
		out = append(out, Obstacle{Code: "notice.not_concerned", Seat: "reviewer", About: string(a)})
	}
	return out
}

// MayCorrect lists what stands in the way of telling, of a demand of which they were told
// before, what has come to light since. Nothing but secrecy does: what was told is put
// right whatever has become of the paper and of what was decided.
func MayCorrect(s *State, a scope.AccountID, to string, e Env) Blocked { return s.mayHear(a, to, e) }

// mayHear asks whether anything may be said of a demand to somebody.
func (s *State) mayHear(a scope.AccountID, to string, e Env) Blocked {
	out := run([]check{sound, clockSane}, s, scope.Scope{}, e)
	duties := s.DutiesOn(a)
	if len(duties) == 0 && s.Secrecy.Seq == 0 && !s.freed(a) {
		out = append(out, unstated()...)
	}
	if s.Secrecy.stands() {
		// A duty of the first version has no stream in which it could be armed.
		out = append(out, Obstacle{Code: "secrecy.in_force", Because: []Seq{s.Secrecy.Seq}, Seat: "court", Until: s.Secrecy.Until})
	}
	for _, d := range duties {
		out = append(out, d.silences(to, e.Now)...)
	}
	if e.Now.Before(s.Silence) {
		out = append(out, Obstacle{Code: "notice.silence_asked", Seat: "time", Until: s.Silence})
	}
	return out
}

// silences lists what a duty puts before telling somebody: that it stands, that
// counsel has to settle a renewal, that nobody has armed the notice, that a
// channel may hold a renewal that came in time (invariant 19).
func (d *SecrecyDuty) silences(to string, now time.Time) []Obstacle {
	at := func(code, seat string, because Seq, until time.Time) []Obstacle {
		return []Obstacle{{Code: code, Because: []Seq{because}, Seat: seat, Until: until, In: d.ID}}
	}
	switch {
	case d.MayTellWho(to):
		return nil
	case d.Open():
		return at("secrecy.unsettled", "counsel", d.Renewals[len(d.Renewals)-1].Seq, time.Time{})
	case d.Stands(now):
		return at("secrecy.in_force", "court", d.Opened.Seq, d.End())
	case !d.ArmedFor():
		return at("notice.not_armed", "counsel", d.Opened.Seq, time.Time{})
	case d.Drained.Before(d.End()):
		return at("notice.not_drained", "clerk", d.Opened.Seq, time.Time{})
	}
	return nil
}

// MayClose lists what stands in the way of closing: every line is decided, every
// line that gives something has been released (or preserved, where that is all that is
// asked), and every permitted release has ended.
func MayClose(s *State, e Env) Blocked {
	out := run([]check{sound, open}, s, scope.Scope{}, e)
	for _, l := range s.Lines {
		switch {
		case s.Conclusion.How == imported: // it was answered before it came here
		case l.Decision == Undecided:
			out = append(out, Obstacle{Code: "line.undecided", Seat: "reviewer", About: lineName(l)})
		case s.owes(l) && s.Kind == ForPreservation:
			out = append(out, Obstacle{Code: "line.not_kept", Because: []Seq{l.Decided}, Seat: "reviewer", About: lineName(l)})
		case s.owes(l):
			out = append(out, Obstacle{Code: "line.not_released", Because: []Seq{l.Decided}, Seat: "reviewer", About: lineName(l)})
		}
	}
	if len(s.Lines) == 0 && s.Conclusion.Seq == 0 {
		out = append(out, Obstacle{Code: "demand.not_concluded", Seat: "counsel"})
	}
	for _, d := range s.deadlineDuties() {
		if d.Kind == answerDeadline {
			continue // the lines say whether it was answered
		}
		out = append(out, Obstacle{Code: "deadline.open", Seat: "counsel", Until: d.At, About: d.About})
	}
	for _, t := range s.taskDuties() {
		out = append(out, Obstacle{Code: "task.open", Seat: t.Seat, Until: t.At, About: t.About})
	}
	out = append(out, s.unrecalled()...)
	for _, g := range s.Grants {
		if g.Permitted > 0 && g.Outcome == Pending {
			out = append(out, Obstacle{Code: "release.pending", Because: []Seq{g.Permitted}, Seat: "gate", About: g.ID})
		}
		if g.Outcome == Unknown {
			out = append(out, Obstacle{Code: "release.unknown", Because: []Seq{g.Permitted}, Seat: "counsel", About: g.ID})
		}
	}
	return out
}

func run(checks []check, s *State, part scope.Scope, e Env) Blocked {
	out := Blocked{}
	for _, c := range checks {
		out = append(out, c(s, part, e)...)
	}
	return out
}
