package law_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/law"
)

// suite is every example and golden case of the untouched packs.
type suite struct {
	examples map[string][]law.Example // by rule
	goldens  []goldenCase
}

// holds runs the examples of one rule, then the golden cases.
func (s suite) holds(e *law.Engine, rule string) bool {
	for _, ex := range s.examples[rule] {
		got, missing := outcomeOf(e, rule, ex.Facts)
		if got != ex.Expect || cmp.Diff(ex.Missing, missing) != "" {
			return false
		}
	}
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
	if r.Inside != nil || r.Outside != nil {
		m["forums forgotten"] = func(r *law.Rule) { r.Inside, r.Outside = nil, nil }
		m["forums swapped"] = func(r *law.Rule) { r.Inside, r.Outside = r.Outside, r.Inside }
	}
	return m
}

func TestNoRuleCanBeDeletedOrTurnedRoundUnnoticed(t *testing.T) {
	packs := embedded(t)
	s := suite{map[string][]law.Example{}, goldens(t)}
	replaces := map[string]bool{}
	for _, p := range packs {
		for _, r := range p.Rules {
			s.examples[r.ID] = r.Examples
			for _, id := range r.ReplacedBy {
				replaces[id] = true
			}
		}
	}
	count := 0
	for i, p := range packs {
		for j, r := range p.Rules {
			if !s.holds(engine(t, packs...), r.ID) {
				t.Fatalf("%s: the untouched packs fail their own suite", r.ID)
			}
			deleted := clone(packs)
			deleted[i].Rules = slices.Delete(deleted[i].Rules, j, j+1)
			count++
			if s.holds(engine(t, deleted...), r.ID) {
				t.Errorf("%s: deleting the rule fails no example and no golden case", r.ID)
			}
			for name, mutate := range mutants(r, replaces[r.ID]) {
				m := clone(packs)
				mutate(&m[i].Rules[j])
				count++
				if s.holds(engine(t, m...), r.ID) {
					t.Errorf("%s, %s: no example and no golden case fails", r.ID, name)
				}
			}
		}
	}
	t.Logf("%d mutants", count)
}
