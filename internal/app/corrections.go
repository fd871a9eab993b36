package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/gate"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/web/staff"
)

// correction tells a customer who was told before that a package held too much of their
// data, and what was done about it.
func (o *Office) correction(c docket.Case, to clerk.Letter, history []demand.Recorded) (notice.Letter, error) {
	s := c.State
	r, err := o.addressee(to.Account)
	if err != nil {
		return nil, err
	}
	var x demand.Incident
	for _, y := range s.Uncorrected(to.Account) {
		if y.Digest == to.Incident {
			x = y
		}
	}
	l := &notice.Correction{Head: o.head(r, c.ID, c.Env.Now), Earlier: s.Told(to.Account).At, Found: x.At}
	if r.organisation {
		l.Accounts = []string{string(to.Account)}
	}
	for _, g := range s.Grants {
		if g.ID != x.Grant {
			continue
		}
		l.Given = g.Left
		if g.Recalled > 0 {
			l.Recalled = history[g.Recalled-1].At
		}
	}
	for _, e := range x.Of(to.Account) {
		l.Beyond = append(l.Beyond, notice.Excess{Service: e.Service, Category: e.Category, Items: e.Items, From: e.From, Until: e.Until})
	}
	return l, nil
}

// whoseView says whose data went too far, and whether they have been told.
func whoseView(s *demand.State, x demand.Incident, e demand.Env) []staff.Whose {
	var out []staff.Whose
	for _, b := range x.Beyond {
		if n := len(out); n == 0 || out[n-1].Account != string(b.Account) {
			w := staff.Whose{Account: string(b.Account)}
			w.State, w.At, w.Event = heard(s, x, b.Account, e)
			out = append(out, w)
		}
		w := &out[len(out)-1]
		w.Kinds = append(w.Kinds, staff.Excess{Service: string(b.Service), Category: string(b.Category), Items: int(b.Items), From: b.From, Until: b.Until})
	}
	return out
}

// heard is where the duty to tell an account's customer of an incident stands.
func heard(s *demand.State, x demand.Incident, a scope.AccountID, e demand.Env) (state string, at time.Time, event uint64) {
	for _, c := range s.Corrections {
		if c.Account == a && c.Incident == x.Digest {
			return staff.Corrected, c.At, uint64(c.Seq)
		}
	}
	told := s.Told(a)
	switch {
	case told.Seq == 0:
		return staff.NotTold, time.Time{}, 0
	case !slices.ContainsFunc(s.Uncorrected(a), func(y demand.Incident) bool { return y.Digest == x.Digest }):
		return staff.Heard, told.At, uint64(told.Seq)
	case s.Silenced(a, e.Now) != nil && len(demand.MayCorrect(s, a, demand.Representative, e)) > 0:
		return staff.Silent, s.Silenced(a, e.Now).End(), 0
	}
	return staff.ToTell, told.At, uint64(told.Seq)
}

// correctsWithin is how long the clerk may take to tell a customer once more before that
// is amiss: a letter that cannot go is tried again within the hour.
const correctsWithin = 2 * time.Hour

// examineCorrections says whether everybody who was told of a demand before it was known
// that a package held too much of their data has been told of that, or waits by law.
func (o *Office) examineCorrections(ctx context.Context, h *Health, list []gate.Incident) {
	var sent, owed, late []string
	seen := map[string]bool{}
	var err error
	for _, x := range list {
		if x.Kind != gate.HadLeft || seen[x.Demand] {
			continue
		}
		seen[x.Demand] = true
		c, e := o.Docket.State(ctx, demand.ID(x.Demand))
		if p := problem.Of(e); p != nil && p.Kind == problem.Missing { // sealed, or not ours
			continue
		}
		if e != nil {
			err = e
			continue
		}
		for _, n := range c.State.Corrections {
			sent = append(sent, n.Letter)
		}
		for _, a := range c.State.ToCorrect() {
			owed = append(owed, x.Demand)
			if slices.ContainsFunc(demand.Agenda(c.State, c.Env.Policy), func(y demand.Duty) bool {
				return y.Kind == "notice.correct" && y.About == string(a) && c.Env.Now.Sub(y.At) > correctsWithin
			}) {
				late = append(late, x.Demand)
			}
		}
	}
	if err == nil && len(late) > 0 {
		err = problem.New(problem.Refused, "correction.late", "%s may be told that a package held too much, and no letter has", plural(len(late), "customer")).At("demand %s", some(late)).
			Fix("see what keeps the clerk from sending it: counterseal demand show, counterseal letter unsent")
	}
	says := "no customer who was told before has to be told that a package held too much"
	if len(owed) > 0 {
		says = fmt.Sprintf("%s to be told that a package held too much, at once or when secrecy ends; %d told", plural(len(owed), "customer"), len(sent))
	} else if len(sent) > 0 {
		says = fmt.Sprintf("%s told once more, that a package held too much; nobody waits", plural(len(sent), "customer"))
	}
	h.check("corrections", says, err)
}
