package main

import (
	"context"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"

	"counterseal/internal/law"
)

// The comparison is worth something only if both sides give the same answers.
func TestOPAGivesTheSameOutcomes(t *testing.T) {
	packs, err := law.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := law.NewEngine(packs...)
	if err != nil {
		t.Fatal(err)
	}
	query, err := prepare(packs)
	if err != nil {
		t.Fatal(err)
	}
	sets, inputs, err := draw(600)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packs { // and the packs' own examples, so that every rule is violated once
		for _, r := range p.Rules {
			for _, ex := range r.Examples {
				v, err := input(&ex.Facts)
				if err != nil {
					t.Fatal(err)
				}
				sets, inputs = append(sets, ex.Facts), append(inputs, v)
			}
		}
	}
	seen := map[string]map[string]int{}
	for i := range sets {
		rs, err := query.Eval(context.Background(), rego.EvalParsedInput(inputs[i]))
		if err != nil {
			t.Fatal(err)
		}
		theirs := rs[0].Expressions[0].Value.(map[string]any)
		results := engine.Evaluate(&sets[i], nil)
		if len(results) != len(theirs) {
			t.Errorf("demand %d: %d results, OPA %d", i, len(results), len(theirs))
		}
		for _, r := range results {
			rule, _ := engine.RuleAt(r.Rule)
			if got := theirs[rule.ID]; got != string(r.Outcome) {
				t.Errorf("demand %d, %s: %s, OPA %v", i, rule.ID, r.Outcome, got)
			}
			if seen[rule.ID] == nil {
				seen[rule.ID] = map[string]int{}
			}
			seen[rule.ID][string(r.Outcome)]++
		}
	}
	for _, p := range packs {
		for _, r := range p.Rules {
			if seen[r.ID]["violated"] == 0 {
				t.Errorf("%s is never violated in the sample: %v", r.ID, seen[r.ID])
			}
		}
	}
}
