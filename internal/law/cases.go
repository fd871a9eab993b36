package law

import (
	"slices"
	"time"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Case is a statement of facts on which a draft says something. Who knows the law is
// to say first what the law says of it.
type Case struct {
	Facts   fact.Facts
	Changed string // the one fact in which it differs from the first case; "": the first, or in more
	Says    Outcome
	Missing []string // where it asks
}

// maxCases is how many a person judges at one sitting.
const maxCases = 10

// Cases proposes what to judge of a draft: a case that violates it, that case with one
// fact changed so that the draft says something else, for each fact that can, and that
// case with a fact unstated. They are found by trying values, as Check does. Errors:
// those of NewEngine; law.never_applies, law.never_violated, law.not_decided.
func (d *Draft) Cases(today string) ([]Case, error) {
	engine, err := NewEngine(&Pack{Name: d.Pack, File: d.Pack, Version: today, Rules: []Rule{d.Rule}})
	if err != nil {
		return nil, err
	}
	c := &check{studies: map[string]*study{}, engine: engine}
	r := &engine.rules[0]
	s := c.study(d.env, r.entry, &r.Entry)
	s.requires = studiedOf(d.env, r.pack, &r.Entry, "requires", r.Requires, r.requires)
	w := &sitting{engine: engine, rule: r, study: s, solver: &solver{ev: engine.evaluator()}}
	err = w.first(startOf(r, today))
	if err != nil {
		return nil, err
	}
	w.neighbours()
	w.other()
	w.unstated()
	return w.cases[:min(len(w.cases), maxCases)], nil
}

// startOf are the facts that every case begins with: a day on which the rule is in
// force, where it has a beginning or an end, and its first paper.
func startOf(r *compiled, today string) (f fact.Facts) {
	day := today
	if r.From != "" && day < r.From {
		day = r.From
	}
	if r.To != "" && day > r.To {
		day = r.To
	}
	if r.From != "" || r.To != "" {
		_ = f.Set(fact.AsOf.String(), day) // a day, and below a word of the schema
	}
	if len(r.Instruments) > 0 {
		_ = f.Set(fact.Instrument.String(), r.Instruments[0])
	}
	return f
}

// sitting collects the cases of one draft.
type sitting struct {
	engine *Engine
	rule   *compiled
	study  *study
	solver *solver
	cases  []Case
}

func (w *sitting) add(f fact.Facts, changed string) bool {
	named(&f)
	says, missing := w.engine.one(w.rule, f)
	if f.Validate() != nil || slices.ContainsFunc(w.cases, func(c Case) bool { return c.Facts == f }) {
		return false
	}
	w.cases = append(w.cases, Case{f, changed, says, missing})
	return true
}

// elsewhere are states to stand for any that a draft does not write.
var elsewhere = []string{"BR", "IN", "JP", "ZA", "CA", "AU", "MX", "KE"}

// named puts states in place of the codes that domains has for others.
func named(f *fact.Facts) {
	for _, name := range f.Known().Names() {
		v, _, _ := f.Get(name) // the name is the schema's
		code, ok := v.(string)
		k, _ := fact.Lookup(name)
		if ok && k.Def().Type == fact.Country && code[0] == 'X' && code[1]-'A' < byte(len(elsewhere)) {
			_ = f.Set(name, elsewhere[code[1]-'A']) // a state's code
		}
	}
}

// first finds a case that violates the draft: from the start, or from nothing.
func (w *sitting) first(start fact.Facts) error {
	violated := ask(w.study).and(w.study.requires, false)
	decided := true
	for _, f := range []fact.Facts{start, {}} {
		found, a := w.solver.witness(violated, f)
		if a == canBe {
			w.add(found, "")
			return nil
		}
		decided = a == cannotBe
	}
	if !decided {
		return problem.New(problem.Invalid, "law.not_decided", "no facts were found that violate it: there are too many values to try").At("rule %s", w.rule.ID).Fix("write its examples by hand")
	}
	if _, a := w.solver.witness(ask(w.study), fact.Facts{}); a == cannotBe {
		return problem.New(problem.Invalid, "law.never_applies", "no facts make it apply: applies, instruments and the dates in force exclude each other").At("rule %s", w.rule.ID)
	}
	return problem.New(problem.Invalid, "law.never_violated", "no facts violate it: what it requires follows from when it applies").At("rule %s", w.rule.ID)
}

// neighbours change one fact of the first case: for each fact, the first value with
// which the draft says something else, then one for what it has not said yet.
func (w *sitting) neighbours() {
	base := w.cases[0]
	values := domainsOf(ask(w.study).and(w.study.requires, false)).values
	read := w.study.requires.facts.Union(w.study.applies.facts)
	for _, of := range []fact.Bits{w.study.requires.facts, read} {
		for _, name := range of.Names() {
			k, _ := fact.Lookup(name)
			if slices.ContainsFunc(w.cases, func(c Case) bool { return c.Changed == name }) {
				continue
			}
			for _, v := range values[k] {
				f := base.Facts
				err := f.Set(name, v)
				if err != nil {
					continue
				}
				says, _ := w.engine.one(w.rule, f)
				if says != base.Says && says != Ask && w.add(f, name) {
					break
				}
			}
		}
	}
}

// other adds a case that holds, where none was one fact away, and another paper.
func (w *sitting) other() {
	if !slices.ContainsFunc(w.cases, func(c Case) bool { return c.Says == Holds }) {
		found, a := w.solver.witness(ask(w.study).and(w.study.requires, true), startOf(w.rule, dayText(w.cases[0].Facts)))
		if a == canBe {
			w.add(found, "")
		}
	}
	if w.study.instruments == nil {
		return
	}
	words := fact.Instrument.Def().Values
	at := slices.Index(words, w.rule.Instruments[0])
	for n := range words { // the one that stands beside it first
		i := (at + n) % len(words)
		f := w.cases[0].Facts
		err := f.Set(fact.Instrument.String(), words[i])
		if err == nil && !w.study.instruments[i] && w.add(f, fact.Instrument.String()) {
			return
		}
	}
}

func dayText(f fact.Facts) string {
	raw, _ := f.Raw(fact.AsOf)
	return fact.DayTime(raw).Format(time.DateOnly)
}

// unstated forgets each fact of the first case without which the draft asks.
func (w *sitting) unstated() {
	for _, name := range w.study.requires.facts.Names() {
		f := w.cases[0].Facts
		err := f.Forget(name)
		says, _ := w.engine.one(w.rule, f)
		if err == nil && says == Ask {
			w.add(f, name)
		}
	}
}

// Own judges a case of the author's own: facts as a facts file has them, and a day on
// which the rule is in force where they state none. Errors: those of ParseFactsYAML and
// NewEngine.
func (d *Draft) Own(text, today string) (Case, error) {
	f, err := ParseFactsYAML("case", []byte("{"+text+"}"))
	if err != nil {
		return Case{}, err
	}
	_, dated := f.Raw(fact.AsOf)
	if !dated && (d.From != "" || d.To != "") {
		start := startOf(&compiled{Rule: &d.Rule}, today)
		_ = f.Set(fact.AsOf.String(), dayText(start)) // a day
	}
	return d.CaseOf(f, today)
}

// CaseOf judges facts. Errors: those of NewEngine.
func (d *Draft) CaseOf(f fact.Facts, today string) (Case, error) {
	engine, err := NewEngine(&Pack{Name: d.Pack, File: d.Pack, Version: today, Rules: []Rule{d.Rule}})
	if err != nil {
		return Case{}, err
	}
	says, missing := engine.one(&engine.rules[0], f)
	return Case{Facts: f, Says: says, Missing: missing}, nil
}
