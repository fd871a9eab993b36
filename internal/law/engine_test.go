package law_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

func embedded(t testing.TB) []*law.Pack {
	t.Helper()
	packs, err := law.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return packs
}

func engine(t testing.TB, packs ...*law.Pack) *law.Engine {
	t.Helper()
	e, err := law.NewEngine(packs...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// outcomeOf is what the engine says of one rule.
func outcomeOf(e *law.Engine, rule string, f fact.Facts) (law.Outcome, []string) {
	for _, x := range e.Assess(f) {
		if x.Rule == rule {
			if len(x.Missing) == 0 {
				return x.Outcome, nil
			}
			return x.Outcome, x.Missing
		}
	}
	return law.None, nil
}

func TestEveryRuleGivesTheOutcomesOfItsExamples(t *testing.T) {
	packs := embedded(t)
	e := engine(t, packs...)
	for _, p := range packs {
		for _, r := range p.Rules {
			for _, ex := range r.Examples {
				got, missing := outcomeOf(e, r.ID, ex.Facts)
				if got != ex.Expect || cmp.Diff(ex.Missing, missing) != "" {
					t.Errorf("%s:%d %s, %s: got %s %v, want %s %v", p.File, ex.Line, r.ID, ex.Name, got, missing, ex.Expect, ex.Missing)
				}
			}
		}
	}
}
