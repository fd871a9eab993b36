package law_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/calendar"
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

// deadlineOf is what the engine says of one deadline.
func deadlineOf(e *law.Engine, rule string, f fact.Facts) law.Deadline {
	for _, d := range e.Deadlines(f) {
		if d.Rule == rule {
			return d
		}
	}
	return law.Deadline{Outcome: law.NoDeadline, Suspended: law.Runs}
}

// differs says how a deadline differs from its example; "" if it does not.
func differs(t testing.TB, d law.Deadline, ex law.DeadlineExample) string {
	t.Helper()
	got := law.DeadlineExample{Name: ex.Name, Line: ex.Line, Facts: ex.Facts, Expect: d.Outcome, Suspended: d.Suspended, Missing: d.Missing}
	if len(got.Missing) == 0 {
		got.Missing = nil
	}
	if d.Outcome == law.Counted {
		zone, err := calendar.Zone(d.Zone)
		if err != nil {
			t.Fatal(err)
		}
		got.NotBefore, got.Latest = law.Face(d.NotBefore, zone), law.Face(d.Latest, zone)
		if err = d.Stored().Check(); err != nil {
			t.Fatalf("%s, %s: %v", d.Rule, ex.Name, err)
		}
	}
	return cmp.Diff(ex, got, cmp.Comparer(func(a, b fact.Facts) bool { return a == b }))
}

func TestEveryDeadlineFallsWhereItsExamplesSay(t *testing.T) {
	packs := embedded(t)
	e := engine(t, packs...)
	for _, p := range packs {
		for _, r := range p.Deadlines {
			for _, ex := range r.Examples {
				if d := differs(t, deadlineOf(e, r.ID, ex.Facts), ex); d != "" {
					t.Errorf("%s:%d %s, %s: (-want +got)\n%s", p.File, ex.Line, r.ID, ex.Name, d)
				}
			}
		}
	}
}

// reachOf is what the engine says of one rule of reach.
func reachOf(t testing.TB, e *law.Engine, rule string, f fact.Facts) (law.ReachOutcome, []string) {
	t.Helper()
	list, err := e.Reach(f, law.Setting{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if r.Rule == rule {
			return r.Outcome, r.By
		}
	}
	return law.NoReach, nil
}

func TestEveryRuleOfReachReachesAsItsExamplesSay(t *testing.T) {
	packs := embedded(t)
	e := engine(t, packs...)
	for _, p := range packs {
		for _, r := range p.Reach {
			for _, ex := range r.Examples {
				got, by := reachOf(t, e, r.ID, ex.Facts)
				if got != ex.Expect || ex.By != nil && cmp.Diff(ex.By, by) != "" {
					t.Errorf("%s:%d %s, %s: got %s %v, want %s %v", p.File, ex.Line, r.ID, ex.Name, got, by, ex.Expect, ex.By)
				}
			}
		}
	}
}
