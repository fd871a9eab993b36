package law_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// numbered are the cases that the packs are held to, by their numbers in the
// project's list; the gaps are the list's own.
var numbered = []int{1, 2, 3, 5, 6, 7, 8, 9, 11, 12, 14, 15, 17, 18, 20, 21, 23, 24, 26, 27, 29, 31, 32, 33, 36, 37, 39, 42}

// enoughNeighbours says how many cases must lie one fact away from a numbered one.
const enoughNeighbours = 3

// apart are the facts that two cases state differently.
func apart(a, b fact.Facts) (out []string) {
	for _, def := range fact.Schema() {
		x, xKnown, xErr := a.Get(def.Name)
		y, yKnown, yErr := b.Get(def.Name)
		if xErr != nil || yErr != nil || xKnown != yKnown || !cmp.Equal(x, y) {
			out = append(out, def.Name)
		}
	}
	return out
}

// sameOutcome says that the same rules are violated and the same facts asked for.
func sameOutcome(e *law.Engine, a, b goldenCase) bool {
	if cmp.Diff(a.Expect, b.Expect) != "" {
		return false
	}
	asked := func(g goldenCase) (out []string) {
		for _, q := range law.Questions(e.Assess(g.Facts)) {
			out = append(out, q.Fact)
		}
		return out
	}
	return slices.Equal(asked(a), asked(b))
}

func TestEveryNumberedCaseHasNeighboursThatEndOtherwise(t *testing.T) {
	e := engine(t, embedded(t)...)
	bases, near := map[int][]goldenCase{}, map[int]map[string]bool{}
	for _, g := range goldens(t) {
		if g.Case != 0 {
			bases[g.Case] = append(bases[g.Case], g)
		}
	}
	for _, g := range goldens(t) {
		if g.Near == 0 {
			continue
		}
		beside := slices.ContainsFunc(bases[g.Near], func(b goldenCase) bool {
			return len(apart(b.Facts, g.Facts)) == 1 && !sameOutcome(e, b, g)
		})
		if !beside {
			t.Errorf("%s, %s: it does not lie one fact away from a case %d, or ends as that does", g.File, g.Name, g.Near)
			continue
		}
		if near[g.Near] == nil {
			near[g.Near] = map[string]bool{}
		}
		near[g.Near][g.File+", "+g.Name] = true
	}
	for _, n := range numbered {
		if len(bases[n]) == 0 {
			t.Errorf("case %d has no facts", n)
		}
		if len(near[n]) < enoughNeighbours {
			t.Errorf("case %d has %d neighbours that end otherwise, not %d", n, len(near[n]), enoughNeighbours)
		}
	}
	for n := range bases {
		if !slices.Contains(numbered, n) {
			t.Errorf("case %d is not in the list", n)
		}
	}
}
