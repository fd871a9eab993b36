package law

import (
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// mostForgotten are shown of what the author named and the draft does not look at.
const mostForgotten = 3

// Forgotten is what the draft's author said that the law looks at, and the draft does not: of
// what the same words name, nothing where one of it is looked at. Where she named a rank, and the
// draft looks at who signs and names others alone, that is forgotten, too.
func (d *Draft) Forgotten() (out []Proposed) {
	looked, seen := d.looksAt(d.Applies, d.Requires), map[string]bool{}
	for _, p := range d.Named {
		seen[p.Words] = seen[p.Words] || looked[p.Fact]
	}
	for i, p := range d.Named {
		word, named := p.So.(string)
		unnamed := named && ranked(p.Fact) && looked[p.Fact] && !strings.Contains(d.Applies+d.Requires, "'"+word+"'")
		if hasField(p.Fact) || p.Hangs == Aside || second(d.Named, i) || p.Condition == "" && !p.byName() {
			continue // papers are judged in cases of their own; and a word that hints at a fact is no condition
		}
		if unnamed || !seen[p.Words] && !looked[p.Fact] {
			out = append(out, p)
		}
	}
	return out[:min(len(out), mostForgotten)]
}

// forgotten shows what is forgotten: of what a rule applies to, a case that violates the draft with
// that not so, and one that asks for none of the data that the draft looks at; of an exception, one
// that violates it with that so; of what is required, one that does not violate it with that not
// so. Without them it would be in no case.
func (w *sitting) forgotten(d *Draft) {
	for _, p := range d.Forgotten() {
		if p.Condition == "" {
			continue
		}
		_, requires := Outline([]Proposed{p})
		demand, required := ofDemand(p.Fact), requires != ""
		for _, c := range []struct {
			is    bool
			says  Outcome
			value any
		}{{demand, Violated, p.Not}, {ofData(p.Fact), None, p.So}, {required, Holds, p.Not}, {!demand && !required, Violated, p.So}} {
			for like := range w.cases {
				f := w.cases[like].Facts
				if !c.is || w.cases[like].Says != c.says || c.says == None && !w.otherData(like) {
					continue
				}
				if f.Set(p.Fact.String(), c.value) == nil {
					w.addAs(f, like)
					break
				}
			}
		}
	}
}

// ofData says whether a fact says what data are asked for.
func ofData(k fact.Key) bool { return k == fact.Fields || strings.HasPrefix(k.String(), "asks_") }

// otherData says whether a case is other in the data that it asks for.
func (w *sitting) otherData(i int) bool {
	return slices.ContainsFunc(w.cases[i].Changed, func(name string) bool {
		k, _ := fact.Lookup(name)
		return ofData(k)
	})
}
