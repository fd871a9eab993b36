package demand

import (
	"slices"
	"time"

	"counterseal/internal/scope"
)

// sound asks that the history is one that Decide can have made.
func sound(s *State, _ scope.Scope, _ Env) []Obstacle {
	if s.Unsound > 0 {
		return []Obstacle{{Code: "history.unsound", Because: []Seq{s.Unsound}, Seat: "counsel"}}
	}
	if !s.whole() {
		return []Obstacle{{Code: "dossier.incomplete", Seat: "counsel"}}
	}
	return nil
}

// read asks that somebody has said what the demand asks.
func read(s *State, _ scope.Scope, _ Env) []Obstacle {
	if s.Unread {
		return []Obstacle{{Code: "demand.unread", Because: []Seq{1}, Seat: "reviewer"}}
	}
	return nil
}

// stored asks that stored data is demanded: nothing else is ever given here
// (design §18).
func stored(s *State, _ scope.Scope, _ Env) []Obstacle {
	if !s.Kind.Stored() {
		return []Obstacle{{Code: "demand.not_stored_data", Because: []Seq{1}, Seat: "counsel", About: string(s.Kind)}}
	}
	return nil
}

// givable asks that the demand compels more than to keep: what is preserved waits for
// a demand that follows (18 USC 2703(f); Regulation (EU) 2023/1543, Article 6).
func givable(s *State, _ scope.Scope, _ Env) []Obstacle {
	if s.Kind == ForPreservation {
		return []Obstacle{{Code: "demand.keeps_only", Because: []Seq{1}, Seat: "counsel"}}
	}
	return nil
}

// unheld asks that nobody has put a hold on acting.
func unheld(s *State, _ scope.Scope, _ Env) []Obstacle {
	var out []Obstacle
	for _, h := range s.Holds {
		if h.Kind == "action" && h.Lifted == 0 {
			out = append(out, Obstacle{Code: "demand.held", Because: []Seq{h.Seq}, Seat: "counsel", About: h.Why})
		}
	}
	return out
}

// calledBack asks of an emergency that an independently held contact has confirmed
// it, in the last word that was had of them (invariant 8).
func calledBack(s *State, _ scope.Scope, _ Env) []Obstacle {
	if !s.Emergency {
		return nil
	}
	last, yes := s.confirmed()
	switch {
	case last.Seq == 0:
		return []Obstacle{{Code: "callback.missing", Seat: "reviewer"}}
	case !yes:
		return []Obstacle{{Code: "callback.denied", Because: []Seq{last.Seq}, Seat: "counsel", About: last.Reached}}
	}
	return nil
}

// notTooEarly asks that the first day of every deadline that concerns the part has
// come, or that whoever it waits for has agreed.
func notTooEarly(s *State, part scope.Scope, e Env) []Obstacle {
	var out []Obstacle
	for _, d := range s.Deadlines {
		if d.NotBefore.IsZero() || d.Cleared > 0 || !e.Now.Before(d.NotBefore) {
			continue
		}
		for _, l := range s.Lines {
			if l.Decision.gives() && d.about(l.No) && l.Part.Intersects(part) {
				out = append(out, Obstacle{Code: "deadline.not_before", Because: []Seq{d.Seq}, Seat: "time", Until: d.NotBefore, About: d.Cite})
				break
			}
		}
	}
	return out
}

// NotBefore is when the last of the first days that concern the part is over; zero
// where none holds it back, or whoever it waits for has agreed.
func (s *State) NotBefore(part scope.Scope) (last time.Time) {
	for _, o := range notTooEarly(s, part, Env{}) {
		if o.Until.After(last) {
			last = o.Until
		}
	}
	return last
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

// authentic asks every paper that the part rests on.
func authentic(s *State, part scope.Scope, _ Env) []Obstacle {
	var out []Obstacle
	for _, no := range s.papersOf(func(l Line) bool { return l.Part.Intersects(part) }) {
		out = append(out, s.genuine(no)...)
	}
	return out
}

// genuineFor asks every paper on which it rests that something of an account is
// given; the first where none does yet.
func (s *State) genuineFor(a scope.AccountID) []Obstacle {
	var out []Obstacle
	for _, no := range s.papersOf(func(l Line) bool { return slices.Contains(l.Part.Accounts(), a) }) {
		out = append(out, s.genuine(no)...)
	}
	return out
}

func (s *State) genuine(paper int) []Obstacle {
	about := ""
	if paper > 1 {
		about = paperName(paper)
	}
	switch a := s.genuineness(paper); {
	case a.Seq == 0:
		return []Obstacle{{Code: "instrument.unverified", Seat: "reviewer", About: about}}
	case !a.Genuine:
		return []Obstacle{{Code: "instrument.forged", Because: []Seq{a.Seq}, Seat: "counsel", About: about}}
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

// unstayed asks the stays of the demand and those of every contest that touches it.
func unstayed(s *State, part scope.Scope, e Env) []Obstacle {
	out := s.stayed(part, e)
	for _, st := range s.Stays {
		over := !st.Until.IsZero() && !e.Now.Before(st.Until)
		if st.Lifted == 0 && !over && st.Reach.Intersects(part) {
			out = append(out, Obstacle{Code: "release.stayed", Because: []Seq{st.Seq}, Seat: "court", Until: st.Until, About: st.Source})
		}
	}
	return out
}

// secrecyStated asks, for every account of the part, that a duty covers it, that a
// court has freed it from one, or that somebody has said that none covers it.
// Unknown blocks (invariant 19).
func secrecyStated(s *State, part scope.Scope, _ Env) []Obstacle {
	if s.Secrecy.Seq > 0 {
		return nil
	}
	for _, a := range part.Accounts() {
		if len(s.DutiesOn(a)) == 0 && !s.freed(a) {
			return unstated()
		}
	}
	if part.Empty() { // nothing is decided yet, and it will be asked
		return unstated()
	}
	return nil
}

func unstated() []Obstacle { return []Obstacle{{Code: "secrecy.unstated", Seat: "counsel"}} }

// told asks, for every account of the part, that its holder was told and the
// waiting period is over. Where secrecy stands, notice is not owed yet. A day on
// the instrument's face is never passed for the sake of the wait (design §10).
func told(s *State, part scope.Scope, e Env) []Obstacle {
	if unstated := secrecyStated(s, part, e); len(unstated) > 0 {
		return unstated
	}
	if s.Secrecy.stands() {
		return nil
	}
	var out []Obstacle
	for _, a := range part.Accounts() {
		if s.Silenced(a, e.Now) != nil || s.Emergency {
			continue
		}
		n, sent := s.notice(a)
		if !sent {
			out = append(out, Obstacle{Code: "notice.not_sent", Because: s.secrecySeqs(), Seat: "clerk", About: string(a)})
			continue
		}
		if until := s.WaitingEnds(n, e.Policy); e.Now.Before(until) {
			out = append(out, Obstacle{Code: "notice.waiting", Because: []Seq{n.Seq}, Seat: "time", Until: until, About: string(a)})
		}
	}
	return out
}

func (s *State) secrecySeqs() []Seq {
	if s.Secrecy.Seq == 0 {
		return nil
	}
	return []Seq{s.Secrecy.Seq}
}

// WaitingEnds is when the waiting period that a notice began is over: the policy's
// length, but a day before the day on the instrument's face at the latest.
func (s *State) WaitingEnds(n Notice, p Policy) time.Time {
	until := n.At.Add(p.Waiting)
	// The last day itself is left for the release: it begins a day before the end.
	if due := s.AnswerBy(); !due.IsZero() && until.After(due.Add(-24*time.Hour)) {
		until = due.Add(-24 * time.Hour)
	}
	return until
}

// AnswerBy is the first of the days by which an answer is due: the one on the
// paper's face and those of the deadlines that run; zero where there is none.
func (s *State) AnswerBy() time.Time {
	due := s.Instrument.Due
	for _, d := range s.Deadlines {
		if d.Kind == "answer" && d.Met == 0 && d.Suspended == 0 && !d.Latest.IsZero() && (due.IsZero() || d.Latest.Before(due)) {
			due = d.Latest
		}
	}
	return due
}

// journaled asks that the receipt of the demand and the decisions that compel
// the part are in the journal: what left is always a subset of what was logged.
func journaled(s *State, _ scope.Scope, e Env) []Obstacle {
	var waiting []Seq
	for _, seq := range append([]Seq{1}, decidedSeqs(s)...) {
		if !e.Journaled[seq] && !(e.Emergency && e.JournaledInEmergency[seq]) {
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

// preserved reports whether copies were made of all of a part, whatever became of
// them.
func (s *State) preserved(part scope.Scope) bool {
	rest, some := part, !part.Empty()
	for _, c := range s.Copies {
		if some {
			rest, some = rest.Minus(c.Scope)
		}
	}
	return !some && !part.Empty()
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
