package demand

import (
	"slices"
	"strings"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Obstacle says what stands in the way, the events it rests on, and who can
// remove it. Screens, API and letters show obstacles as they are; the words for
// a code are the edge's.
type Obstacle struct {
	Code    string
	Because []Seq
	Seat    string // who can remove it: reviewer, counsel, privacy, court, clerk, gate, time
	Until   time.Time
	About   string // the target, line, rule or account it concerns, in the demand's own terms
}

// Blocked is the only refusal that a guard causes. A command that a guard
// refuses carries it as its cause: errors.As finds the obstacles.
type Blocked []Obstacle

// Error lists the codes, in guard order. What an obstacle is about stays out: it
// may be an account or a sealed order, and error texts are logged (invariant 17).
func (b Blocked) Error() string {
	codes := make([]string, 0, len(b))
	for _, o := range b {
		if !slices.Contains(codes, o.Code) {
			codes = append(codes, o.Code)
		}
	}
	return strings.Join(codes, ", ")
}

// Problem renders the obstacles as one typed error whose code is the first
// obstacle's: the first in guard order is the one to remove first. It is nil
// where nothing stands in the way.
func (b Blocked) Problem() *problem.Error {
	if len(b) == 0 {
		return nil
	}
	return problem.New(problem.Refused, b[0].Code, "something still stands in the way: %s", b.Error()).
		Fix("see the obstacles of the demand").Because(b)
}

// check is one obstacle's rule. The part is what the act is about; checks that
// depend on reach apply where their reach meets it.
type check func(*State, scope.Scope, Env) []Obstacle

// A guard is a list of checks, in the order in which people would remove them.
var (
	mayDecide  = []check{sound, open, authentic}
	mayGrant   = []check{sound, clockSane, open, authentic, targetsChecked, assessed, findingsAnswered, compelled, unstayed, secrecyStated, journaled}
	mayRelease = []check{sound, clockSane, open, authentic, targetsChecked, assessed, findingsAnswered, compelled, unstayed, told, journaled}
)

// MayDecide lists what stands in the way of giving something on a line.
func MayDecide(s *State, line int, e Env) Blocked {
	asked, some := s.Asked(line)
	out := run(mayDecide, s, asked, e)
	l := s.line(line)
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

// MayRelease lists what stands in the way of the release of a grant.
func MayRelease(s *State, grant string, e Env) Blocked {
	g, ok := s.grant(grant)
	if !ok {
		return Blocked{{Code: "grant.missing", Seat: "reviewer"}}
	}
	out := run(mayRelease, s, g.Scope, e)
	if g.Revoked > 0 {
		out = append(out, Obstacle{Code: "grant.revoked", Because: []Seq{g.Revoked}, Seat: "reviewer"})
	}
	if !e.Now.Before(g.Expires) {
		out = append(out, Obstacle{Code: "grant.expired", Because: []Seq{g.Seq}, Seat: "reviewer", Until: g.Expires})
	}
	if missing := e.Policy.Approvals - len(g.Approvals); missing > 0 || e.Policy.Approvals < 1 {
		out = append(out, Obstacle{Code: "approval.missing", Because: []Seq{g.Seq}, Seat: "approver"})
	}
	if g.Permitted > 0 {
		out = append(out, Obstacle{Code: "grant.used", Because: []Seq{g.Permitted}, Seat: "reviewer"})
	}
	return out
}

// MayNotify lists what stands in the way of telling an account's holder. A closed
// demand does not: what was secret while the work went on is told after it.
func MayNotify(s *State, a scope.AccountID, e Env) Blocked {
	out := run([]check{sound, clockSane}, s, scope.Scope{}, e)
	out = append(out, secrecyStated(s, scope.Scope{}, e)...)
	if s.Secrecy.stands() {
		// That its end has passed is not enough: a person arms the notice, and
		// until that act exists a duty once stated blocks (invariant 19).
		out = append(out, Obstacle{Code: "secrecy.in_force", Because: []Seq{s.Secrecy.Seq}, Seat: "court", Until: s.Secrecy.Until})
	}
	out = append(out, authentic(s, scope.Scope{}, e)...)
	if c, some := s.Compelled(); !some || !slices.Contains(c.Accounts(), a) {
		out = append(out, Obstacle{Code: "notice.not_concerned", Seat: "reviewer", About: string(a)})
	}
	return out
}

// MayClose lists what stands in the way of closing: every line is decided, every
// line that gives something has been released, and every permitted release has
// ended.
func MayClose(s *State, e Env) Blocked {
	out := run([]check{sound, open}, s, scope.Scope{}, e)
	for _, l := range s.Lines {
		switch {
		case l.Decision == Undecided:
			out = append(out, Obstacle{Code: "line.undecided", Seat: "reviewer", About: lineName(l)})
		case l.Decision.gives() && !s.released(l.Part):
			out = append(out, Obstacle{Code: "line.not_released", Because: []Seq{l.Decided}, Seat: "reviewer", About: lineName(l)})
		}
	}
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

// sound asks that the history is one that Decide can have made.
func sound(s *State, _ scope.Scope, _ Env) []Obstacle {
	if s.Unsound > 0 {
		return []Obstacle{{Code: "history.unsound", Because: []Seq{s.Unsound}, Seat: "counsel"}}
	}
	return nil
}

// clockSane stops what depends on the time while the time is not known
// (invariant 21).
func clockSane(_ *State, _ scope.Scope, e Env) []Obstacle {
	if !e.ClockSane {
		return []Obstacle{{Code: "clock.unsound", Seat: "clerk"}}
	}
	return nil
}

func open(s *State, _ scope.Scope, _ Env) []Obstacle {
	if s.Closed > 0 {
		return []Obstacle{{Code: "demand.closed", Because: []Seq{s.Closed}, Seat: "counsel"}}
	}
	return nil
}

func authentic(s *State, _ scope.Scope, _ Env) []Obstacle {
	switch {
	case s.Authentic.Seq == 0:
		return []Obstacle{{Code: "instrument.unverified", Seat: "reviewer"}}
	case !s.Authentic.Genuine:
		return []Obstacle{{Code: "instrument.forged", Because: []Seq{s.Authentic.Seq}, Seat: "counsel"}}
	}
	return nil
}

// targetsChecked asks every target whose accounts the part names, and refuses a
// part that names an account of none.
func targetsChecked(s *State, part scope.Scope, _ Env) []Obstacle {
	var out []Obstacle
	for _, a := range part.Accounts() {
		named := false
		for _, t := range s.Targets {
			if slices.Contains(t.Accounts, a) {
				named = true
				out = append(out, targetObstacles(t)...)
			}
		}
		if !named {
			out = append(out, Obstacle{Code: "target.not_named", Seat: "reviewer", About: string(a)})
		}
	}
	return out
}

func targetObstacles(t Target) []Obstacle {
	switch {
	case t.Resolved == 0:
		return []Obstacle{{Code: "target.unresolved", Seat: "reviewer", About: targetName(t)}}
	case t.Checked == 0:
		return []Obstacle{{Code: "target.unchecked", Because: []Seq{t.Resolved}, Seat: "reviewer", About: targetName(t)}}
	}
	return nil
}

func assessed(s *State, _ scope.Scope, _ Env) []Obstacle {
	switch {
	case s.Findings.Seq == 0:
		return []Obstacle{{Code: "findings.missing", Seat: "reviewer"}}
	case s.Findings.Facts != s.FactsSeq:
		return []Obstacle{{Code: "findings.stale", Because: []Seq{s.FactsSeq}, Seat: "reviewer"}}
	}
	return nil
}

func findingsAnswered(s *State, _ scope.Scope, _ Env) []Obstacle {
	var out []Obstacle
	for _, f := range s.Findings.All {
		if f.open() && !s.Findings.answered(f.Rule) {
			out = append(out, Obstacle{Code: "finding.open", Because: []Seq{s.Findings.Seq}, Seat: "counsel", About: f.Rule})
		}
	}
	return out
}

func compelled(s *State, part scope.Scope, _ Env) []Obstacle {
	all, some := s.Compelled()
	if some && !part.Empty() && all.Contains(part) {
		return nil
	}
	var because []Seq
	for _, l := range s.Lines {
		if l.Decided > 0 {
			because = append(because, l.Decided)
		}
	}
	return []Obstacle{{Code: "release.not_compelled", Because: because, Seat: "counsel"}}
}

func unstayed(s *State, part scope.Scope, e Env) []Obstacle {
	var out []Obstacle
	for _, st := range s.Stays {
		over := !st.Until.IsZero() && !e.Now.Before(st.Until)
		if st.Lifted == 0 && !over && st.Reach.Intersects(part) {
			out = append(out, Obstacle{Code: "release.stayed", Because: []Seq{st.Seq}, Seat: "court", Until: st.Until, About: st.Source})
		}
	}
	return out
}

func secrecyStated(s *State, _ scope.Scope, _ Env) []Obstacle {
	if s.Secrecy.Seq == 0 {
		return []Obstacle{{Code: "secrecy.unstated", Seat: "counsel"}}
	}
	return nil
}

// told asks, for every account of the part, that its holder was told and the
// waiting period is over. Where secrecy stands, notice is not owed yet. A day on
// the instrument's face is never passed for the sake of the wait (design §10).
func told(s *State, part scope.Scope, e Env) []Obstacle {
	if s.Secrecy.Seq == 0 {
		return secrecyStated(s, part, e)
	}
	if s.Secrecy.stands() {
		return nil
	}
	var out []Obstacle
	for _, a := range part.Accounts() {
		n, sent := s.notice(a)
		if !sent {
			out = append(out, Obstacle{Code: "notice.not_sent", Because: []Seq{s.Secrecy.Seq}, Seat: "clerk", About: string(a)})
			continue
		}
		if until := s.WaitingEnds(n, e.Policy); e.Now.Before(until) {
			out = append(out, Obstacle{Code: "notice.waiting", Because: []Seq{n.Seq}, Seat: "time", Until: until, About: string(a)})
		}
	}
	return out
}

// WaitingEnds is when the waiting period that a notice began is over: the policy's
// length, but a day before the day on the instrument's face at the latest.
func (s *State) WaitingEnds(n Notice, p Policy) time.Time {
	until := n.At.Add(p.Waiting)
	// The last day itself is left for the release: it begins a day before the end.
	if due := s.Instrument.Due; !due.IsZero() && until.After(due.Add(-24*time.Hour)) {
		until = due.Add(-24 * time.Hour)
	}
	return until
}

// journaled asks that the receipt of the demand and the decisions that compel
// the part are in the journal: what left is always a subset of what was logged.
func journaled(s *State, _ scope.Scope, e Env) []Obstacle {
	var waiting []Seq
	for _, seq := range append([]Seq{1}, decidedSeqs(s)...) {
		if !e.Journaled[seq] {
			waiting = append(waiting, seq)
		}
	}
	if len(waiting) > 0 {
		return []Obstacle{{Code: "ledger.not_journaled", Because: waiting, Seat: "time"}}
	}
	return nil
}

func decidedSeqs(s *State) []Seq {
	var out []Seq
	for _, l := range s.Lines {
		if l.Decision.gives() {
			out = append(out, l.Decided)
		}
	}
	return out
}

// released reports whether everything of the part has left in finished releases.
func (s *State) released(part scope.Scope) bool {
	rest, some := part, true
	if part.Empty() {
		return false
	}
	for _, g := range s.Grants {
		if g.Outcome == Released && some {
			rest, some = rest.Minus(g.Scope)
		}
	}
	return !some
}
