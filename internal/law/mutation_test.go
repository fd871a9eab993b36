package law_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/calendar"
	"counterseal/internal/law"
)

// alone is an engine that holds one rule and nothing else: what its own examples
// catch needs no other rule, and that is nearly everything.
func alone(t testing.TB, p *law.Pack, change func(*law.Pack)) *law.Engine {
	t.Helper()
	c := *p
	c.Rules, c.Deadlines, c.Reach = nil, nil, nil
	change(&c)
	return engine(t, &c)
}

// suite is the golden cases of the untouched packs.
type suite struct {
	packs   []*law.Pack
	goldens []goldenCase
}

// examplesHold runs the examples of one rule.
func examplesHold(e *law.Engine, rule string, examples []law.Example) bool {
	for _, ex := range examples {
		got, missing := outcomeOf(e, rule, ex.Facts)
		if got != ex.Expect || cmp.Diff(ex.Missing, missing) != "" {
			return false
		}
	}
	return true
}

// survives says that neither the rule's examples nor a golden case notices that
// the rule at i, j was replaced; a nil rule deletes it.
func (s suite) survives(t testing.TB, i, j int, mutant *law.Rule) bool {
	t.Helper()
	r := s.packs[i].Rules[j]
	if !examplesHold(alone(t, s.packs[i], func(p *law.Pack) {
		if mutant != nil {
			p.Rules = []law.Rule{*mutant}
		}
	}), r.ID, r.Examples) {
		return false
	}
	m := clone(s.packs)
	if mutant == nil {
		m[i].Rules = slices.Delete(m[i].Rules, j, j+1)
	} else {
		m[i].Rules[j] = *mutant
	}
	e := engine(t, m...)
	for _, g := range s.goldens {
		if g.check(e) != "" {
			return false
		}
	}
	return true
}

// clone copies packs so deep that a mutated rule leaves the original alone.
func clone(packs []*law.Pack) []*law.Pack {
	out := make([]*law.Pack, len(packs))
	for i, p := range packs {
		c := *p
		c.Rules = slices.Clone(p.Rules)
		out[i] = &c
	}
	return out
}

func shift(day string, n int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}

// mutants of a rule. A date or forum is mutated only where a golden case or a
// neighbouring rule makes the boundary matter: where the rule replaces another,
// is replaced, or names its forums.
func mutants(r law.Rule, replaces bool) map[string]func(*law.Rule) {
	m := map[string]func(*law.Rule){
		"applies negated":   func(r *law.Rule) { r.Applies = "!(" + r.Applies + ")" },
		"requires negated":  func(r *law.Rule) { r.Requires = "!(" + r.Requires + ")" },
		"applies always":    func(r *law.Rule) { r.Applies = "true" },
		"requires nothing":  func(r *law.Rule) { r.Requires = "true" },
		"requires too much": func(r *law.Rule) { r.Requires = "false" },
	}
	if r.To != "" {
		m["ends a day early"] = func(r *law.Rule) { r.To = shift(r.To, -1) }
		m["ends a day late"] = func(r *law.Rule) { r.To = shift(r.To, 1) }
	}
	if replaces {
		m["begins a day early"] = func(r *law.Rule) { r.From = shift(r.From, -1) }
		m["begins a day late"] = func(r *law.Rule) { r.From = shift(r.From, 1) }
	}
	if r.Instruments != nil {
		m["papers forgotten"] = func(r *law.Rule) { r.Instruments = nil }
	}
	if r.Inside != nil || r.Outside != nil {
		m["forums forgotten"] = func(r *law.Rule) { r.Inside, r.Outside = nil, nil }
		m["forums swapped"] = func(r *law.Rule) { r.Inside, r.Outside = r.Outside, r.Inside }
	}
	return m
}

func TestNoRuleCanBeDeletedOrTurnedRoundUnnoticed(t *testing.T) {
	s := suite{embedded(t), goldens(t)}
	replaces := map[string]bool{}
	for _, p := range s.packs {
		for _, r := range p.Rules {
			for _, id := range r.ReplacedBy {
				replaces[id] = true
			}
		}
	}
	count := 0
	for i, p := range s.packs {
		for j, r := range p.Rules {
			if !s.survives(t, i, j, &r) {
				t.Fatalf("%s: the untouched packs fail their own suite", r.ID)
			}
			count++
			if s.survives(t, i, j, nil) {
				t.Errorf("%s: deleting the rule fails no example and no golden case", r.ID)
			}
			for name, mutate := range mutants(r, replaces[r.ID]) {
				m := r
				mutate(&m)
				count++
				if s.survives(t, i, j, &m) {
					t.Errorf("%s, %s: no example and no golden case fails", r.ID, name)
				}
			}
		}
	}
	t.Logf("%d mutants", count)
}

// mutantsOfDeadline turn what a deadline is made of.
func mutantsOfDeadline(d law.DeadlineRule) map[string]func(*law.DeadlineRule) {
	m := map[string]func(*law.DeadlineRule){
		"applies negated": func(d *law.DeadlineRule) { d.Applies = "!(" + d.Applies + ")" },
		"applies always":  func(d *law.DeadlineRule) { d.Applies = "true" },
		"sets the other":  func(d *law.DeadlineRule) { d.NotBefore, d.Latest = d.Latest, d.NotBefore },
	}
	if d.NotBefore && d.Latest {
		m["sets the other"] = func(d *law.DeadlineRule) { d.NotBefore = false }
	}
	if !d.Until {
		m["a unit longer"] = func(d *law.DeadlineRule) { d.N++ }
		m["a unit shorter"] = func(d *law.DeadlineRule) {
			d.N--
			if d.N == 0 {
				d.N = 3000
			}
		}
		m["counted otherwise"] = func(d *law.DeadlineRule) {
			switch {
			case d.Unit == calendar.WorkingDays: // every other method counts them alike
				d.Method = calendar.Inclusive
			case d.Method == calendar.Plain:
				d.Method = calendar.EURegulation
			default:
				d.Method = calendar.Plain
			}
		}
	}
	if d.Suspended != "" {
		m["never suspended"] = func(d *law.DeadlineRule) { d.Suspended = "" }
		m["suspended negated"] = func(d *law.DeadlineRule) { d.Suspended = "!(" + d.Suspended + ")" }
	}
	if d.Instruments != nil {
		m["papers forgotten"] = func(d *law.DeadlineRule) { d.Instruments = nil }
	}
	if d.To != "" {
		m["ends a day early"] = func(d *law.DeadlineRule) { d.To = shift(d.To, -1) }
		m["ends a day late"] = func(d *law.DeadlineRule) { d.To = shift(d.To, 1) }
	}
	return m
}

func TestNoDeadlineCanBeDeletedOrTurnedRoundUnnoticed(t *testing.T) {
	for _, p := range embedded(t) {
		for _, d := range p.Deadlines {
			holds := func(m law.DeadlineRule) bool {
				e := alone(t, p, func(p *law.Pack) { p.Deadlines = []law.DeadlineRule{m} })
				for _, ex := range d.Examples {
					if differs(t, deadlineOf(e, d.ID, ex.Facts), ex) != "" {
						return false
					}
				}
				return true
			}
			if !holds(d) {
				t.Fatalf("%s fails its own examples", d.ID)
			}
			if bare := alone(t, p, func(*law.Pack) {}); !slices.ContainsFunc(d.Examples, func(ex law.DeadlineExample) bool {
				return differs(t, deadlineOf(bare, d.ID, ex.Facts), ex) != ""
			}) {
				t.Errorf("%s: deleting the deadline fails no example", d.ID)
			}
			for name, mutate := range mutantsOfDeadline(d) {
				m := d
				mutate(&m)
				if holds(m) {
					t.Errorf("%s, %s: no example fails", d.ID, name)
				}
			}
		}
	}
}

func TestNoRuleOfReachCanBeDeletedOrTurnedRoundUnnoticed(t *testing.T) {
	for _, p := range embedded(t) {
		for _, r := range p.Reach {
			holds := func(m law.ReachRule) bool {
				e := alone(t, p, func(p *law.Pack) { p.Reach = []law.ReachRule{m} })
				for _, ex := range r.Examples {
					got, by := reachOf(t, e, r.ID, ex.Facts)
					if got != ex.Expect || ex.By != nil && cmp.Diff(ex.By, by) != "" {
						return false
					}
				}
				return true
			}
			if !holds(r) {
				t.Fatalf("%s fails its own examples", r.ID)
			}
			if !slices.ContainsFunc(r.Examples, func(ex law.ReachExample) bool { return ex.Expect != law.NoReach }) {
				t.Errorf("%s: deleting the rule fails no example", r.ID)
			}
			all := map[string]func(*law.ReachRule){
				"applies negated": func(r *law.ReachRule) { r.Applies = "!(" + r.Applies + ")" },
				"applies always":  func(r *law.ReachRule) { r.Applies = "true" },
			}
			if r.By != nil || r.NotBy != nil {
				all["for everyone"] = func(r *law.ReachRule) { r.By, r.NotBy = nil, nil }
			}
			if r.To != "" {
				all["ends a day late"] = func(r *law.ReachRule) { r.To = shift(r.To, 1) }
			}
			for name, mutate := range all {
				m := r
				mutate(&m)
				if holds(m) {
					t.Errorf("%s, %s: no example fails", r.ID, name)
				}
			}
		}
	}
}
