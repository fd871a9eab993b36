package law_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// What a rule leaves out goes with each of its findings; an exception is of no use to a
// demand that keeps to the rule.
func TestWhatIsLeftOutGoesWithTheFindingAndAnExceptionOnlyWhereItIsViolated(t *testing.T) {
	p, err := law.ParsePack("x.yaml", []byte("pack: us.x\ntitle: t\nversion: 2026-01-01\nrules:\n  - {id: us.x.a, cite: c, applies: binding, requires: verified, leaves_out: [whether it is listed, unless it is urgent], severity: warning, respond: [clarify], "+
		"letter: {en: e, de: d, da: d, it: i}, checked: {level: text, source: s, on: 2026-01-01}, examples: [{name: a, facts: {binding: true, verified: false}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := engine(t, p)
	for outcome, c := range map[law.Outcome]struct {
		verified any
		leaves   []string
	}{
		law.Violated: {false, []string{"whether it is listed", "unless it is urgent"}},
		law.Holds:    {true, []string{"whether it is listed"}},
		law.Ask:      {nil, []string{"whether it is listed"}},
	} {
		var f fact.Facts
		for name, v := range map[string]any{"binding": true, "verified": c.verified} {
			if v == nil {
				continue
			}
			if err := f.Set(name, v); err != nil {
				t.Fatal(err)
			}
		}
		found := e.Assess(f)
		if len(found) != 1 || found[0].Outcome != outcome {
			t.Fatalf("%s: %+v", outcome, found)
		}
		if d := cmp.Diff(c.leaves, found[0].LeavesOut); d != "" {
			t.Errorf("%s: %s", outcome, d)
		}
	}
}
