package law

import "counterseal/internal/fact"

// Possible says whether some facts make an expression true, as Check decides it:
// "yes", "no" or "undecided".
func Possible(applies string) (string, error) {
	p := &Pack{Name: "us.x", File: "x.yaml", Rules: []Rule{{Entry: Entry{ID: "us.x.a", Applies: applies}, Requires: "true", Severity: Blocking}}}
	e, err := NewEngine(p)
	if err != nil {
		return "", err
	}
	env, err := newEnv()
	if err != nil {
		return "", err
	}
	c := &check{engine: e, studies: map[string]*study{}}
	s := c.study(env, e.rules[0].entry, &p.Rules[0].Entry)
	solver := &solver{ev: e.evaluator()}
	return [...]string{"no", "yes", "undecided"}[solver.holds(ask(s))], nil
}

// NewThorough is an engine that looks at nothing before the expressions.
func NewThorough(packs ...*Pack) (*Engine, error) {
	e, err := NewEngine(packs...)
	if err != nil {
		return nil, err
	}
	for i := range e.rules {
		e.rules[i].conditions = nil
	}
	return e, nil
}

// Conditions counts what is looked at before the expressions.
func (e *Engine) Conditions() (n int) {
	for i := range e.rules {
		n += len(e.rules[i].conditions)
	}
	return n
}

// OwnFacts are the facts of a case of an author's own.
func OwnFacts(text string, cases []Case) (fact.Facts, error) {
	f, _, _, err := ownCase(text, cases)
	return f, err
}

// Odd counts what does not go together in facts.
func Odd(f fact.Facts) int { return odd(f) }
