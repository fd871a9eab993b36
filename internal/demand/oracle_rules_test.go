package demand_test

import (
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// stayedByContest is the one reason that is asked last, so that a release which is
// refused for it is refused for nothing else.
const stayedByContest = "stayed by a contest"

// whyNoRelease is "" where the invariants allow the release of g at now.
func (o *oracle) whyNoRelease(id demand.ID, g *grantFact, e demand.Env) string {
	d := o.demands[id]
	if why := d.whyNotReady(g, e); why != "" {
		return why
	}
	for i, a := range world {
		if !g.reach.meets(week << (7 * i)) {
			continue
		}
		if !d.accountAgreed(a) {
			return "an account nobody checked"
		}
		if why := o.whyUntold(id, a, e); why != "" {
			return why
		}
	}
	for _, s := range d.stays {
		if s.stops(id, g.reach, e.Now) {
			return "stayed"
		}
	}
	for _, c := range o.contests {
		for _, s := range c.stays {
			if s.stops(id, g.reach, e.Now) {
				return stayedByContest
			}
		}
	}
	return ""
}

// whyNotReady asks what has nothing to do with secrecy and stays.
func (d *demandFacts) whyNotReady(g *grantFact, e demand.Env) string {
	switch {
	case d.closed || g.revoked || g.permitted || !e.Now.Before(g.expires) || !e.ClockSane:
		return "over"
	case d.assessed != d.facts:
		return "not assessed on these facts"
	case d.emergency && (len(d.calls) == 0 || !d.calls[len(d.calls)-1].Confirmed):
		return "an emergency that nobody confirmed"
	case len(e.Journaled) == 0:
		return "the journal is not there"
	}
	for _, kind := range d.holds {
		if kind == "action" {
			return "held"
		}
	}
	for rule, who := range d.blocking {
		if len(who) < 2 || who[0] == who[1] {
			return "a blocking finding without two answers: " + rule
		}
	}
	var all reach
	for line, r := range d.given {
		all |= r
		if !r.meets(g.reach) {
			continue
		}
		if !d.genuine[d.paper[line]] {
			return "a paper that is not genuine"
		}
		for _, x := range d.deadlines {
			if about := len(x.Lines) == 0 || slices.Contains(x.Lines, line); about && !x.cleared && e.Now.Before(x.NotBefore) {
				return "too early"
			}
		}
	}
	if !g.reach.inside(all) {
		return "outside what is compelled"
	}
	counted := 0
	for p := range g.approvers {
		if p != g.drafter && !(d.emergency && d.callers[p]) {
			counted++
		}
	}
	if counted < e.Policy.Approvals {
		return "too few persons"
	}
	return ""
}

func (d *demandFacts) accountAgreed(a scope.AccountID) bool {
	named := false
	for target, accounts := range d.resolved {
		if slices.Contains(accounts, a) {
			named = true
			if !d.agreed[target] {
				return false
			}
		}
	}
	return named
}

// known reports whether anybody has said whether the account is under secrecy.
func (o *oracle) known(id demand.ID, a scope.AccountID) bool {
	known := o.demands[id].said
	for _, y := range o.duties {
		known = known || y.covers1(id, a) || slices.Contains(y.freed[id], a)
	}
	return known
}

// whyUntold asks what a release owes the holder of an account first.
func (o *oracle) whyUntold(id demand.ID, a scope.AccountID, e demand.Env) string {
	d := o.demands[id]
	if !o.known(id, a) {
		return "secrecy unknown"
	}
	for _, y := range o.duties {
		if y.covers1(id, a) && (y.inForce(e.Now) || len(y.late) > 0) {
			return "" // a gag does not stop production
		}
	}
	at, sent := d.letter[a]
	switch {
	case d.emergency:
		return ""
	case !sent:
		return "a customer who was not told"
	case e.Now.Sub(at) >= e.Policy.Waiting:
		return ""
	}
	if due := d.answerBy(); !due.IsZero() && due.Sub(e.Now) <= 24*time.Hour {
		return ""
	}
	return "within the wait"
}

func (d *demandFacts) answerBy() time.Time {
	out := d.due
	for _, x := range d.deadlines {
		if x.Kind == "answer" && !x.met && !x.suspended && !x.Latest.IsZero() && (out.IsZero() || x.Latest.Before(out)) {
			out = x.Latest
		}
	}
	return out
}

// whyNoNotice is "" where somebody may be told about an account.
func (o *oracle) whyNoNotice(id demand.ID, a scope.AccountID, to string, e demand.Env) string {
	d := o.demands[id]
	concerned := false
	for line, r := range d.given {
		if r.meets(ofAccount(a)) {
			concerned = true
			if !d.genuine[d.paper[line]] {
				return "a paper that is not genuine"
			}
		}
	}
	switch {
	case !e.ClockSane:
		return "clock"
	case d.told[a][to]:
		return "told before"
	case !concerned:
		return "not concerned"
	}
	return o.whySilent(id, a, to, e)
}

// whyNoCorrection is "" where somebody who was told of a demand may be told that a package
// of it held too much of an account.
func (o *oracle) whyNoCorrection(id demand.ID, x demand.Digest, a scope.AccountID, to string, e demand.Env) string {
	switch {
	case !o.owed(id, x, a):
		return "not owed"
	case !e.ClockSane:
		return "clock"
	}
	return o.whySilent(id, a, to, e)
}

// owed reports whether an account's customer was told by a letter that did not know of an
// incident which concerns them, and has not been told of it since. Of two letters the
// holder's counts.
func (o *oracle) owed(id demand.ID, x demand.Digest, a scope.AccountID) bool {
	d := o.demands[id]
	incident, there := d.exceeded[x]
	knew, some := d.knew[a][demand.Holder]
	if !some {
		knew, some = d.knew[a][demand.Representative]
	}
	return there && some && slices.Contains(incident.whose, a) && knew < incident.at && !d.corrected[correctionFact{x, a}]
}

// whySilent is "" where neither a request nor a duty forbids to tell somebody.
func (o *oracle) whySilent(id demand.ID, a scope.AccountID, to string, e demand.Env) string {
	switch d := o.demands[id]; {
	case e.Now.Before(d.silence):
		return "asked to be silent a short time"
	case !o.known(id, a):
		return "secrecy unknown"
	}
	for _, y := range o.duties {
		if !y.covers1(id, a) || y.mayTell[to] {
			continue
		}
		at, some := y.end()
		switch {
		case len(y.late) > 0:
			return "a late renewal"
		case !some || e.Now.Before(at):
			return "in force"
		case !y.armed.Equal(at) || y.armed.IsZero():
			return "not armed"
		case y.drained.Before(at):
			return "not drained"
		}
	}
	return ""
}

// afterSecrecy reports whether a duty that has ended covered the account.
func (o *oracle) afterSecrecy(id demand.ID, a scope.AccountID, to string) bool {
	for _, y := range o.duties {
		if y.covers1(id, a) && !y.mayTell[to] {
			return true
		}
	}
	return false
}

// whyKept is "" where a copy may end so.
func (o *oracle) whyKept(id demand.ID, c demand.EndCopy) string {
	d := o.demands[id]
	kept, there := d.copies[c.Copy]
	if !there {
		return "no such copy"
	}
	var left reach
	for _, g := range d.grants {
		if g.outcome == demand.Released {
			left |= g.reach
		}
	}
	for _, x := range o.contests {
		r, covered := x.covers[id]
		all := r == 0 && x.against != "secrecy"
		if covered && !x.ended && (all || r.meets(kept)) && !(c.End == "produced" && kept.inside(left)) {
			return "contested"
		}
	}
	for _, kind := range d.holds {
		if kind == "retention" {
			return "held"
		}
	}
	return ""
}

// whyOpen is "" where a demand may be closed.
func (d *demandFacts) whyOpen() string {
	var left reach
	for _, g := range d.grants {
		if g.permitted && g.outcome != demand.Released && g.outcome != demand.Nothing {
			return "a release that has not ended"
		}
		if g.outcome == demand.Released {
			left |= g.reach
		}
		if g.exceeded && !g.recalled {
			return "what went too far was not asked back"
		}
	}
	for line := range d.target {
		r, gives := d.given[line]
		switch {
		case gives && !r.inside(left):
			return "something to be given has not left"
		case !gives && !d.rejected[line] && !d.replaced[line]:
			return "a line that nobody decided"
		}
	}
	for _, x := range d.deadlines {
		if !x.met && !x.suspended && !x.Latest.IsZero() && x.Kind != "answer" {
			return "a deadline that was not met"
		}
	}
	if d.openTasks > 0 {
		return "a task"
	}
	if d.closed {
		return "closed"
	}
	return ""
}
