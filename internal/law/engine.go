package law

import (
	"cmp"
	"slices"
	"sync"

	"cel.dev/cel-go/cel"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Engine holds compiled packs. It is safe for concurrent use.
type Engine struct {
	packs []*Pack
	rules []compiled // by severity, then id
	// byInstrument lists, for each word of the fact, the rules that may speak.
	byInstrument [][]int32
	every        []int32 // for an unknown instrument
	values       *values
	free         sync.Pool // *evaluator
}

type compiled struct {
	*Rule
	pack              *Pack
	applies, requires cel.Program
	from, to          int64  // days in force
	forums            []bool // by index of the fact; nil: all
	gates             fact.Bits
}

// NewEngine compiles packs once. Errors: law.expression, law.cost,
// law.unknown_value, law.duplicate_rule.
func NewEngine(packs ...*Pack) (*Engine, error) {
	env, err := newEnv()
	if err != nil {
		return nil, problem.New(problem.Internal, "law.language", "the rule language could not be set up").Because(err)
	}
	e := &Engine{packs: slices.Clone(packs), values: newValues()}
	ev, err := newEvaluator(e.values)
	if err != nil {
		return nil, problem.New(problem.Internal, "law.language", "the rule language could not be set up").Because(err)
	}
	e.free.Put(ev)
	seen := make(map[string]bool)
	for _, p := range packs {
		for i := range p.Rules {
			c, err := compileRule(env, p, &p.Rules[i])
			if err != nil {
				return nil, err
			}
			if seen[c.ID] {
				r := reader{p.File, c.ID}
				return nil, r.fail("law.duplicate_rule", c.Line, "another pack has a rule with this id")
			}
			seen[c.ID] = true
			e.rules = append(e.rules, c)
		}
	}
	slices.SortFunc(e.rules, func(a, b compiled) int {
		return cmp.Or(slices.Index(severities, a.Severity)-slices.Index(severities, b.Severity), cmp.Compare(a.ID, b.ID))
	})
	e.index()
	return e, nil
}

func (e *Engine) index() {
	words := fact.Instrument.Def().Values
	e.byInstrument = make([][]int32, len(words))
	for i := range e.rules {
		r := &e.rules[i]
		e.every = append(e.every, int32(i))
		for w, word := range words {
			if r.Instruments == nil || slices.Contains(r.Instruments, word) {
				e.byInstrument[w] = append(e.byInstrument[w], int32(i))
			}
		}
	}
}

// Packs lists the packs in the order given to NewEngine.
func (e *Engine) Packs() []*Pack { return slices.Clone(e.packs) }

func compileRule(env *cel.Env, p *Pack, r *Rule) (compiled, error) {
	c := compiled{Rule: r, pack: p, from: dayNumber(r.From, firstDay), to: dayNumber(r.To, lastDay), forums: forumMask(r)}
	if r.Instruments != nil {
		c.gates.Add(fact.Instrument)
	}
	if r.From != "" || r.To != "" {
		c.gates.Add(fact.AsOf)
	}
	if c.forums != nil {
		c.gates.Add(fact.Forum)
	}
	for _, x := range []struct {
		to    *cel.Program
		field string
		src   string
	}{{&c.applies, "applies", r.Applies}, {&c.requires, "requires", r.Requires}} {
		prg, err := compileExpression(env, p, r, x.field, x.src)
		if err != nil {
			return compiled{}, err
		}
		*x.to = prg
	}
	return c, nil
}

func compileExpression(env *cel.Env, p *Pack, r *Rule, field, src string) (cel.Program, error) {
	at := reader{p.File, r.ID}
	tree, issues := env.Compile(src)
	if issues.Err() != nil {
		why := "it cannot be read"
		if list := issues.Errors(); len(list) > 0 {
			why = list[0].Message
		}
		if len(why) > 200 {
			why = why[:200]
		}
		return nil, at.fail("law.expression", r.Line, "%s is not an expression over the facts: %s", field, why)
	}
	if tree.OutputType() != cel.BoolType {
		return nil, at.fail("law.expression", r.Line, "%s is not true or false but %s", field, tree.OutputType())
	}
	err := checkWords(tree.NativeRep())
	if err != nil {
		return nil, at.fail("law.unknown_value", r.Line, "%s: %s", field, err)
	}
	est, err := env.EstimateCost(tree, sizes{})
	if err != nil || est.Max > MaxCost {
		return nil, at.fail("law.cost", r.Line, "%s may cost %d, more than %d", field, est.Max, MaxCost)
	}
	prg, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, at.fail("law.expression", r.Line, "%s cannot be prepared", field)
	}
	return prg, nil
}

func forumMask(r *Rule) []bool {
	if r.Inside == nil && r.Outside == nil {
		return nil
	}
	d := fact.Forum.Def()
	mask := make([]bool, len(d.Values))
	mark := func(names []string, v bool) {
		for _, n := range names {
			for _, f := range fact.WithinForum(n) {
				if i, ok := d.Index(f); ok {
					mask[i] = v
				}
			}
		}
	}
	for i := range mask {
		mask[i] = r.Inside == nil
	}
	mark(r.Inside, true)
	mark(r.Outside, false)
	return mask
}
