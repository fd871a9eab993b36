package law_test

import (
	"slices"
	"strings"
	"testing"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// On a paper of one country nobody is asked what matters for the law of another alone.
func TestARuleThatNoAnswerMakesApplyAsksNothing(t *testing.T) {
	e := engine(t, embedded(t)...)
	var f fact.Facts
	for _, x := range [][2]any{{"requester", "government"}, {"instrument", "ie_order"}, {"signer", "police_officer"}, {"as_of", today}} {
		err := f.Set(x[0].(string), x[1])
		if err != nil {
			t.Fatal(err)
		}
	}
	asks := func(f fact.Facts) (rules []string, facts []string) {
		findings, deadlines := e.Open(f, e.Assess(f), e.Deadlines(f))
		for _, q := range law.Questions(findings, deadlines...) {
			facts, rules = append(facts, q.Fact), append(rules, q.Rules...)
		}
		return rules, facts
	}
	rules, facts := asks(f)
	for _, r := range rules {
		if strings.HasPrefix(r, "us.secrecy.") || strings.HasPrefix(r, "us_state.") {
			t.Errorf("%s asks of an Irish order", r)
		}
	}
	if slices.Contains(facts, "secrecy_term") || slices.Contains(facts, "forum") || !slices.Contains(facts, "emergency") {
		t.Error(facts)
	}
	_ = f.Set("instrument", "sca_warrant")
	if rules, _ = asks(f); !slices.Contains(rules, "us.secrecy.court_order") {
		t.Error("nothing is asked of a warrant's silence")
	}
}

// Whatever is left unstated of an example that goes together: the rule it is of is still
// asked about.
func TestARuleThatAnAnswerMakesApplyStaysOpen(t *testing.T) {
	packs := embedded(t)
	e := engine(t, packs...)
	tried := 0
	for _, p := range packs {
		for _, r := range p.Rules {
			for _, x := range r.Examples {
				if x.Expect != law.Violated && x.Expect != law.Holds || !x.Facts.GoTogether() {
					continue
				}
				for _, name := range x.Facts.Known().Names() {
					f := x.Facts
					_ = f.Forget(name) // it is the schema's
					findings := slices.DeleteFunc(e.Assess(f), func(x law.Finding) bool { return x.Rule != r.ID || x.Outcome != law.Ask })
					if len(findings) == 0 {
						continue
					}
					tried++
					if left, _ := e.Open(f, findings, nil); len(left) == 0 {
						t.Errorf("%s, %q without %s: not asked", r.ID, x.Name, name)
					}
				}
			}
		}
	}
	if tried < 800 {
		t.Errorf("only %d tried", tried)
	}
}
