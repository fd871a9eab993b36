package law

import (
	"slices"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Case is a statement of facts on which a draft says something. Who knows the law is
// to say first what the law says of it.
type Case struct {
	Facts   fact.Facts
	Also    []fact.Facts // the same with another word of a list, of which the draft says the same
	Ranks   []fact.Facts // and with another rank: each is judged by itself
	Like    int          // the earlier case that is nearest; -1: the first
	Changed []string     // the facts in which it differs from that one
	Follows []string     // those of them that only go together with another
	Says    Outcome
	Missing []string // where it asks
	Looked  []string // the stated facts that the draft looks at
}

// Proposal is what to judge of a draft.
type Proposal struct {
	Cases []Case
	// Untold are bounds, and atoms, in words, that no case decides alone both where they are so and
	// where they are not: the rest of the draft has decided by then.
	Untold []string
}

// Cases proposes what to judge of a draft. The first case violates it. After that, for
// each atom of requires and applies, there is a case in which it is so and one in which
// it is not, and in both it alone decides (modified condition and decision coverage);
// where it counts days or compares a number, on the last day and the first. Then there
// is a paper of another country where it does not look at that, a rank near to those that it
// names, a paper that it is not about, what its author named and it does not look at, a fact
// unstated, and where it is bound to them, a day on which it is not in force and a court that
// it is not of. They are as few as the search finds, each near to an earlier one. Errors: those of
// NewEngine; law.never_applies, law.never_violated, law.not_decided.
func (d *Draft) Cases(today string) (Proposal, error) {
	engine, err := d.engine(today)
	if err != nil {
		return Proposal{}, err
	}
	c := &check{studies: map[string]*study{}, engine: engine}
	r := &engine.rules[0]
	s := c.study(d.env, r.entry, &r.Entry)
	s.requires = studiedOf(d.env, r.pack, &r.Entry, "requires", r.Requires, r.requires)
	a, err := dissect(d.env, s, engine.evaluator())
	if err != nil {
		return Proposal{}, problem.New(problem.Internal, "law.language", "the rule language could not be set up").Because(err)
	}
	w := &sitting{engine: engine, rule: r, anatomy: a, near: d.First, start: startOf(r, today), country: d.Country()}
	w.values = w.choices(today)
	err = w.first()
	if err != nil {
		return Proposal{}, err
	}
	w.pairs()
	w.lists()
	w.abroad(d)
	w.nearWords()
	w.otherPaper()
	w.forgotten(d)
	w.unstated()
	err = w.outside(d, today)
	if err != nil {
		return Proposal{}, err
	}
	return Proposal{w.cases, w.untold()}, nil
}

func (d *Draft) engine(today string) (*Engine, error) {
	return NewEngine(&Pack{Name: d.Pack, File: d.Pack, Version: today, Rules: []Rule{d.Rule}})
}

// startOf are the facts that every case begins with: a day on which the rule is in
// force, where it has a beginning or an end, and its first paper.
func startOf(r *compiled, today string) (f fact.Facts) {
	if r.From != "" || r.To != "" {
		_ = f.Set(fact.AsOf.String(), dayInForce(r.Rule, today)) // a day, and below a word of the schema
	}
	if len(r.Instruments) > 0 {
		_ = f.Set(fact.Instrument.String(), r.Instruments[0])
	}
	return f
}

// dayInForce is today, or the day nearest to it on which the rule is in force.
func dayInForce(r *Rule, today string) string {
	switch {
	case r.From != "" && today < r.From:
		return r.From
	case r.To != "" && today > r.To:
		return r.To
	}
	return today
}

// sitting collects the cases of one draft.
type sitting struct {
	*anatomy
	engine  *Engine
	rule    *compiled
	near    fact.Facts // of the first case before the draft was changed
	start   fact.Facts
	country string // whose law it is
	values  [fact.Count][]any
	spare   [fact.Count][]any // further words of facts that go together with others
	anchor  int64             // the day in question, or today
	cases   []Case
	open    []goal   // of those that are sought now, what no case shows yet
	lost    []goal   // for which no facts were found
	unbound []string // bounds of the draft, in words, that no case shows
	spent   int      // views of changed cases
	sought  int      // views of facts that were sought afresh
}

// add takes a case down, tells it by the nearest earlier one, and strikes off what it
// shows.
func (w *sitting) add(f fact.Facts) bool { return w.addAs(f, -1) }

// addAs tells it by a certain one.
func (w *sitting) addAs(f fact.Facts, like int) bool {
	if f.Validate() != nil || slices.ContainsFunc(w.cases, func(c Case) bool { return c.Facts == f }) {
		return false
	}
	c := w.judge(f)
	for i := range w.cases {
		changed := f.Differs(&w.cases[i].Facts).Names()
		if like == i || like < 0 && (c.Like < 0 || len(changed) < len(c.Changed)) {
			c.Like, c.Changed = i, changed
		}
	}
	if c.Like >= 0 {
		c.Follows = follow(w.cases[c.Like].Facts, f, c.Changed)
	}
	w.cases = append(w.cases, c)
	v := w.look(&f)
	w.open = slices.DeleteFunc(w.open, func(g goal) bool {
		is, _ := v.shown(g)
		return is == yes
	})
	return true
}

// judge is what a rule says of facts, and by which of them.
func (e *Engine) judge(r *compiled, f fact.Facts, applies, requires fact.Bits) Case {
	c := Case{Facts: f, Like: -1}
	c.Says, c.Missing = e.one(r, f)
	read := r.gates.Union(applies)
	if c.Says != None {
		read = read.Union(requires)
	}
	c.Looked = read.Without(read.Without(f.Known())).Names()
	return c
}

func (w *sitting) judge(f fact.Facts) Case {
	return w.engine.judge(w.rule, f, w.study.applies.facts, w.study.requires.facts)
}

// first finds a case that violates the draft: from the first one of before, from the start, or
// from nothing; and changes it one by one as long as it shows more so.
func (w *sitting) first() error {
	violated := asked(func(v *view) (truth, fact.Bits) {
		says, need := v.outcome(-1, no)
		return map[Outcome]truth{Violated: yes, Holds: no, None: no, Ask: perhaps}[says], need
	})
	w.open = append(w.goals(true), w.goals(false)...)
	decided, most := true, -1
	var best fact.Facts
	for _, from := range []fact.Facts{w.near, w.start, {}} {
		for _, so := range append([]asked{violated}, w.deciding(violated)...) {
			f, a := w.seek(from, so)
			if a != canBe {
				decided = a == cannotBe && decided
				continue
			}
			f = w.fit(w.richer(f, violated), violated)
			if n := w.shows(&f); n > most {
				best, most = f, n
			}
		}
		if most >= 0 {
			w.add(w.firstPaper(best, most, violated))
			return nil
		}
	}
	if !decided {
		return problem.New(problem.Invalid, "law.not_decided", "no facts were found that violate it: there are too many values to try").At("rule %s", w.rule.ID).Fix("write its examples by hand")
	}
	_, a := w.seek(fact.Facts{}, func(v *view) (truth, fact.Bits) { return v.applied(-1, no) })
	if a == cannotBe {
		return problem.New(problem.Invalid, "law.never_applies", "no facts make it apply: applies, instruments and the dates in force exclude each other").At("rule %s", w.rule.ID)
	}
	return problem.New(problem.Invalid, "law.never_violated", "no facts violate it: what it requires follows from when it applies").At("rule %s", w.rule.ID)
}

// firstPaper gives facts the first paper of the rule with which they show no less: whoever adds
// a paper finds the first case as it was.
func (w *sitting) firstPaper(best fact.Facts, most int, so asked) fact.Facts {
	if _, stated := best.Raw(fact.Instrument); !stated {
		return best
	}
	for _, paper := range w.rule.Instruments {
		f := best
		_ = f.Set(fact.Instrument.String(), paper) // a word of the schema
		v := w.look(&f)
		if is, _ := so(v); is == yes && w.shows(&f) >= most {
			return f
		}
	}
	return best
}

// deciding asks for each of the first atoms of requires that the draft is violated by it
// alone.
func (w *sitting) deciding(violated asked) (out []asked) {
	for _, g := range w.goals(true) {
		if g.slip == nil && len(out) < 8 {
			out = append(out, func(v *view) (truth, fact.Bits) {
				is, need := violated(v)
				if is == no {
					return no, need
				}
				more, needed := v.shown(g)
				if more == no {
					return no, needed
				}
				return max(is, more), need.Union(needed)
			})
		}
	}
	return out
}

// pairs finds cases until each atom has its two, first those of requires.
func (w *sitting) pairs() {
	for _, requires := range []bool{true, false} {
		w.open = w.unshown(w.goals(requires))
		w.exhaust()
	}
}

func (w *sitting) exhaust() {
	for len(w.open) > 0 {
		f, found := w.oneAway()
		if !found {
			f, found = w.afresh()
		}
		was := len(w.open)
		if found {
			w.add(f)
		}
		if len(w.open) == was { // nothing shows this one
			w.lost = append(w.lost, w.open[0])
			w.open = w.open[1:]
		}
	}
}

// unshown are the goals that no case shows yet.
func (w *sitting) unshown(goals []goal) []goal {
	for i := range w.cases {
		v := w.look(&w.cases[i].Facts)
		goals = slices.DeleteFunc(goals, func(g goal) bool {
			is, _ := v.shown(g)
			return is == yes
		})
	}
	return goals
}

// goals are what the atoms of requires, or of applies, are to show.
func (w *sitting) goals(requires bool) (out []goal) {
	for i := range w.atoms {
		a := &w.atoms[i]
		if a.requires != requires {
			continue
		}
		out = append(out, goal{i, yes, nil}, goal{i, no, nil})
		for j := range a.slips {
			if a.slips[j].word == "" {
				out = append(out, goal{i, perhaps, &a.slips[j]})
			}
		}
	}
	return out
}

// enough is how many cases of an ordinary rule a person judges with patience; what is
// no atom's pair is added up to there only.
const enough = 8

// unstated forgets one fact: of what stands deepest in requires, where it alone is
// missing then.
func (w *sitting) unstated() {
	order := make([]int, len(w.atoms))
	for i := range order {
		order[i] = len(order) - 1 - i
	}
	slices.SortStableFunc(order, func(a, b int) int { return w.weight(b) - w.weight(a) })
	for _, i := range order {
		for _, name := range w.atoms[i].facts.Names() {
			for like, c := range w.cases {
				f := c.Facts
				err := f.Forget(name)
				if err != nil || f == c.Facts {
					continue
				}
				says, missing := w.engine.one(w.rule, f)
				if says == Ask && slices.Equal(missing, []string{name}) && w.addAs(f, like) {
					return
				}
			}
		}
	}
}

// weight says of which atom a fact is best left unstated: of requires, deep in it, and
// no day, which everybody thinks of.
func (w *sitting) weight(i int) int {
	a := &w.atoms[i]
	days := 0
	for _, name := range a.facts.Names() {
		k, _ := fact.Lookup(name)
		days += btoi(k.Def().Type == fact.Date)
	}
	return 100*btoi(a.requires) - 20*btoi(days > 0) + a.depth
}

// untold names the atoms without a pair.
func (w *sitting) untold() (out []string) {
	for i := range w.atoms {
		if slices.ContainsFunc(w.lost, func(g goal) bool { return g.atom == i && g.slip == nil }) {
			out = append(out, clause(w.atoms[i].expr, true))
		}
	}
	return slices.Compact(append(out, w.unbound...))
}

// Own judges a case of the author's own: facts as a facts file has them, or in the words
// of SayCase, in place of those of the first of some cases, or of another where the text
// begins with its number (0: of none). Errors: those of ParseFactsYAML and NewEngine;
// law.case_words.
func (d *Draft) Own(text, today string, cases []Case) (Case, error) {
	f, like, n, err := ownCase(text, cases)
	if err != nil {
		return Case{}, err
	}
	c, err := d.CaseOf(f, today)
	if changed := f.Differs(&like).Names(); err == nil && like != (fact.Facts{}) && len(changed) > 0 {
		c.Like, c.Changed = n, changed
	}
	return c, err
}

// CaseOf judges facts. Errors: those of NewEngine.
func (d *Draft) CaseOf(f fact.Facts, today string) (Case, error) {
	engine, err := d.engine(today)
	if err != nil {
		return Case{}, err
	}
	var read [2]fact.Bits
	for i, src := range []string{d.Applies, d.Requires} {
		for _, name := range (&Wording{d.env}).reads(src) {
			k, _ := fact.Lookup(name)
			read[i].Add(k)
		}
	}
	return engine.judge(&engine.rules[0], f, read[0], read[1]), nil
}
