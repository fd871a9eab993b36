package law

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Engine holds compiled packs. It is safe for concurrent use.
type Engine struct {
	packs     []*Pack
	rules     []compiled         // by severity, then id
	deadlines []compiledDeadline // by id
	reaches   []compiledReach    // by role, then id
	// byInstrument lists, for each word of the fact, the rules that may speak.
	byInstrument [][]int32
	every        []int32 // for an unknown instrument
	values       *values
	free         sync.Pool // *evaluator
}

// entry is an Entry made ready: what is looked at before any expression runs.
type entry struct {
	pack     *Pack
	applies  cel.Program
	from, to int64  // days in force
	forums   []bool // by index of the fact; nil: all
	gates    fact.Bits

	conditions []condition
}

type compiled struct {
	*Rule
	entry
	requires cel.Program
}

// NewEngine compiles packs once. Errors: law.expression, law.cost,
// law.unknown_value, law.duplicate_rule.
func NewEngine(packs ...*Pack) (*Engine, error) { return newEngine(nil, packs...) }

// newEngine leaves out what does not compile where refusals are kept in all.
func newEngine(all *[]error, packs ...*Pack) (*Engine, error) {
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
		for _, id := range p.entries() {
			if seen[id.ID] && all == nil {
				r := reader{file: p.File, rule: id.ID}
				return nil, r.fail("law.duplicate_rule", id.Line, "another pack has a rule with this id")
			}
			seen[id.ID] = true
		}
		err = e.compile(env, p, all)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(e.rules, func(a, b compiled) int {
		return cmp.Or(slices.Index(severities, a.Severity)-slices.Index(severities, b.Severity), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(e.deadlines, func(a, b compiledDeadline) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(e.reaches, func(a, b compiledReach) int {
		return cmp.Or(slices.Index(roles, a.Role)-slices.Index(roles, b.Role), cmp.Compare(a.ID, b.ID))
	})
	e.index()
	return e, nil
}

// entries lists everything in the pack that has an id.
func (p *Pack) entries() []*Entry {
	var out []*Entry
	for i := range p.Rules {
		out = append(out, &p.Rules[i].Entry)
	}
	for i := range p.Deadlines {
		out = append(out, &p.Deadlines[i].Entry)
	}
	for i := range p.Reach {
		out = append(out, &p.Reach[i].Entry)
	}
	return out
}

func (e *Engine) compile(env *cel.Env, p *Pack, all *[]error) error {
	at := reader{all: all}
	for i := range p.Rules {
		c, err := compileRule(env, p, &p.Rules[i])
		if err == nil {
			e.rules = append(e.rules, c)
		} else if !at.kept(err) {
			return err
		}
	}
	for i := range p.Deadlines {
		d, err := compileDeadline(env, p, &p.Deadlines[i])
		if err == nil {
			e.deadlines = append(e.deadlines, d)
		} else if !at.kept(err) {
			return err
		}
	}
	for i := range p.Reach {
		base, err := compileEntry(env, p, &p.Reach[i].Entry)
		if err == nil {
			e.reaches = append(e.reaches, compiledReach{&p.Reach[i], base})
		} else if !at.kept(err) {
			return err
		}
	}
	return nil
}

func compileRule(env *cel.Env, p *Pack, r *Rule) (compiled, error) {
	base, err := compileEntry(env, p, &r.Entry)
	if err != nil {
		return compiled{}, err
	}
	requires, err := compileExpression(env, p, &r.Entry, "requires", r.Requires)
	return compiled{r, base, requires}, err
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

func compileEntry(env *cel.Env, p *Pack, r *Entry) (entry, error) {
	c := entry{pack: p, from: dayNumber(r.From, firstDay), to: dayNumber(r.To, lastDay), forums: forumMask(r)}
	if r.Instruments != nil {
		c.gates.Add(fact.Instrument)
	}
	if r.From != "" || r.To != "" {
		c.gates.Add(fact.AsOf)
	}
	if c.forums != nil {
		c.gates.Add(fact.Forum)
	}
	tree, err := readExpression(env, p, r, "applies", r.Applies)
	if err != nil {
		return c, err
	}
	c.conditions = conditionsOf(tree)
	c.applies, err = prepare(env, p, r, "applies", tree)
	return c, err
}

func compileExpression(env *cel.Env, p *Pack, r *Entry, field, src string) (cel.Program, error) {
	tree, err := readExpression(env, p, r, field, src)
	if err != nil {
		return nil, err
	}
	return prepare(env, p, r, field, tree)
}

func prepare(env *cel.Env, p *Pack, r *Entry, field string, tree *cel.Ast) (cel.Program, error) {
	prg, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		at := reader{file: p.File, rule: r.ID}
		return nil, at.fail("law.expression", r.Line, "%s cannot be prepared", field)
	}
	return prg, nil
}

// readExpression refuses what is no expression over the facts, or a costly one.
func readExpression(env *cel.Env, p *Pack, r *Entry, field, src string) (*cel.Ast, error) {
	at := reader{file: p.File, rule: r.ID}
	tree, issues := env.Compile(src)
	if issues.Err() != nil {
		why := "it cannot be read"
		if list := issues.Errors(); len(list) > 0 {
			why = list[0].Message
		}
		if len(why) > 200 {
			why = why[:200]
		}
		return nil, at.fail("law.expression", r.Line, "%s is not an expression over the facts: %s%s", field, why, instead(src, why))
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
	return tree, nil
}

func forumMask(r *Entry) []bool {
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

// instead says how to write what lawyers write first: "not", "and", "or", one "=" and
// a word processor's quotation marks are none of the language.
func instead(src, why string) string {
	if strings.Contains(why, "(timestamp, int)") || strings.Contains(why, "(duration, int)") {
		return "; a number of days is written days(90)"
	}
	if strings.ContainsAny(src, "“”„‘’‚«»") {
		return "; write straight quotation marks: a word as 'judge'"
	}
	outside := quoted.ReplaceAllString(src, "''")
	if spoken.MatchString(outside) {
		return "; write ! for not, && for and, || for or, == for is"
	}
	return ""
}

var (
	quoted = regexp.MustCompile(`'[^']*'`)
	spoken = regexp.MustCompile(`(^|[^a-z_])(not|and|or|is)([^a-z_]|$)|[^=!<>]=[^=]`)
)
