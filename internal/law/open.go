package law

import (
	"slices"

	"counterseal/internal/fact"
)

// Open leaves out of findings and deadlines those that ask of rules which no answer makes
// apply: one that is for a day, a paper or a State that the facts exclude only together,
// or for the law of another state than the one whose paper it is. What is not decided
// within the limits of solver stays. It changes no finding.
func (e *Engine) Open(f fact.Facts, findings []Finding, deadlines []Deadline) ([]Finding, []Deadline) {
	env, err := newEnv()
	if err != nil {
		return findings, deadlines // NewEngine has made one
	}
	ev := e.evaluator()
	defer e.put(ev)
	c := &check{studies: map[string]*study{}, solver: &solver{ev: ev}}
	from := f.From()
	if _, known := f.Raw(fact.IssuingCountry); !known && from != "" {
		_ = f.Set(fact.IssuingCountry.String(), from) // two letters
	}
	never := func(base entry, r *Entry) bool {
		s := c.study(env, base, r)
		if s == nil {
			return false
		}
		q := ask(s)
		q.together = f.GoTogether()
		_, a := c.solver.witness(q, f)
		return a == cannotBe
	}
	findings = slices.DeleteFunc(findings, func(x Finding) bool {
		i := slices.IndexFunc(e.rules, func(r compiled) bool { return r.ID == x.Rule })
		return x.Outcome == Ask && never(e.rules[i].entry, &e.rules[i].Entry)
	})
	deadlines = slices.DeleteFunc(deadlines, func(x Deadline) bool {
		i := slices.IndexFunc(e.deadlines, func(r compiledDeadline) bool { return r.ID == x.Rule })
		return x.Outcome == AskFirst && never(e.deadlines[i].entry, &e.deadlines[i].Entry)
	})
	return findings, deadlines
}
