package law

import (
	"slices"

	"cel.dev/cel-go/cel"

	"counterseal/internal/fact"
)

// answer says whether some facts make a question true.
type answer uint8

const (
	cannotBe answer = iota
	canBe
	notDecided // the limits were reached, or the values could not all be tried
)

// study is a rule, deadline or rule of reach whose expressions can be asked.
type study struct {
	*Entry
	pack        *Pack
	applies     studied
	requires    *studied // of rules
	severity    Severity // of rules
	from, to    int64
	forums      []bool // nil: all
	instruments []bool // by index of the fact; nil: all
}

// studied is an expression with its tree.
type studied struct {
	program cel.Program
	tree    *cel.Ast
	facts   fact.Bits
}

// question is a conjunction: everything in in is in force and each expression is as
// wanted.
type question struct {
	in       []*study
	want     []wanted
	together bool // of facts alone that are of one law: fact.GoTogether
}

type wanted struct {
	*studied
	so bool
}

func ask(in ...*study) question {
	q := question{in: in}
	for _, s := range in {
		q.want = append(q.want, wanted{&s.applies, true})
	}
	return q
}

func (q question) and(e *studied, so bool) question {
	q.want = append(slices.Clone(q.want), wanted{e, so})
	return q
}

// Limits of asking, which bound the time that a check takes.
const (
	maxSteps    = 5_000   // evaluations for one question
	stepsToAsk  = 20      // what setting a question up costs
	maxAllSteps = 500_000 // evaluations for one check
)

// solver answers questions by trying values. Unstated facts are unknown, so an
// expression that is decided already is decided for all values of the others, and
// only facts that matter are ever tried.
type solver struct {
	ev        *evaluator
	spent     int // of all questions
	exhausted bool
}

// holds answers a question. cannotBe is said only where the values that were tried
// stand for all there are: see domains.
func (s *solver) holds(q question) answer {
	if s.spent >= maxAllSteps {
		s.exhausted = true
		return notDecided
	}
	_, a := s.witness(q, fact.Facts{})
	return a
}

// witness answers a question about facts of which some are stated, and gives facts
// that make it true where it can be.
func (s *solver) witness(q question, stated fact.Facts) (fact.Facts, answer) {
	t := &trial{solver: s, question: q, domains: domainsOf(q, &stated)}
	a := t.search(stated)
	s.spent += t.steps + stepsToAsk
	if a == cannotBe && t.domains.partial {
		a = notDecided
	}
	return t.found, a
}

// trial is the search for one question.
type trial struct {
	*solver
	question
	domains domains
	steps   int
	found   fact.Facts // that make it true
}

func (t *trial) search(f fact.Facts) answer {
	t.steps++
	if t.steps > maxSteps {
		return notDecided
	}
	truth, need := t.look(&f)
	if truth == no {
		return cannotBe
	}
	if truth == yes {
		t.found = f
		return canBe
	}
	k, values := t.next(need)
	if len(values) == 0 {
		return notDecided // the expression failed, or a fact has no value to try
	}
	result := cannotBe
	for _, v := range values {
		g := f
		err := g.Set(k.String(), v)
		if err != nil || g.Validate() != nil || t.together && !g.GoTogether() {
			continue
		}
		switch t.search(g) {
		case canBe:
			return canBe
		case notDecided:
			result = notDecided
		}
		if t.steps > maxSteps {
			return notDecided
		}
	}
	return result
}

// next is the needed fact with the fewest values.
func (t *trial) next(need fact.Bits) (best fact.Key, values []any) {
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		if v := t.domains.values[k]; need.Has(k) && len(v) > 0 && (values == nil || len(v) < len(values)) {
			best, values = k, v
		}
	}
	return best, values
}

// look evaluates the conjunction on facts of which some are unknown.
func (t *trial) look(f *fact.Facts) (truth, fact.Bits) {
	all, need := yes, fact.Bits{}
	add := func(is truth, missing fact.Bits) bool {
		if is == perhaps {
			all, need = perhaps, need.Union(missing)
		}
		return is != no
	}
	for _, s := range t.in {
		if is, missing := s.inForce(f); !add(is, missing) {
			return no, need
		}
	}
	t.ev.begin(f)
	for _, w := range t.want {
		is, missing := t.ev.eval(w.program)
		if !w.so && is != perhaps {
			is = yes - is
		}
		if !add(is, missing) {
			return no, need
		}
	}
	return all, need
}

// inForce looks at what is looked at before any expression.
func (s *study) inForce(f *fact.Facts) (is truth, need fact.Bits) {
	is = yes
	for _, g := range []struct {
		key   fact.Key
		bound bool
		in    func(int64) bool
	}{
		{fact.Instrument, s.instruments != nil, func(v int64) bool { return s.instruments[v] }},
		{fact.AsOf, s.From != "" || s.To != "", func(v int64) bool { return s.from <= v && v <= s.to }},
		{fact.Forum, s.forums != nil, func(v int64) bool { return s.forums[v] }},
	} {
		if !g.bound {
			continue
		}
		v, known := f.Raw(g.key)
		switch {
		case !known:
			is = perhaps
			need.Add(g.key)
		case !g.in(v):
			return no, need
		}
	}
	return is, need
}

// meets says whether two entries can be in force for one demand.
func (s *study) meets(o *study) bool {
	if s.from > o.to || o.from > s.to {
		return false
	}
	return share(s.instruments, o.instruments) && share(s.forums, o.forums)
}

func share(a, b []bool) bool {
	if a == nil || b == nil {
		return true
	}
	for i := range a {
		if a[i] && b[i] {
			return true
		}
	}
	return false
}
