package law

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"counterseal/internal/fact"
)

// Result is the outcome of one rule in compact form, for going over many
// demands. Assess gives the same as findings.
type Result struct {
	Rule    int // index for Engine.RuleAt
	Outcome Outcome
	Used    fact.Bits // known facts that were read
	Missing fact.Bits // for Ask: what is needed to know; empty if the expression itself failed
}

// RuleAt is the rule of a Result, and its pack.
func (e *Engine) RuleAt(i int) (*Rule, *Pack) { return e.rules[i].Rule, e.rules[i].pack }

// Evaluate appends to out the results of all rules that apply, in the order of
// Assess.
func (e *Engine) Evaluate(f *fact.Facts, out []Result) []Result {
	ev := e.evaluator()
	ev.begin(f)
	list := e.every
	if w, known := f.Raw(fact.Instrument); known {
		list = e.byInstrument[w]
	}
	w := whenAndWhere(f)
	for _, i := range list {
		c := &e.rules[i]
		if w.outside(&c.entry) {
			continue
		}
		if r, ok := ev.rule(c); ok {
			r.Rule = int(i)
			out = append(out, r)
		}
	}
	e.put(ev)
	return out
}

// gate holds the facts that are looked at before any expression runs.
type gate struct {
	day, forum           int64
	dayKnown, forumKnown bool
}

func whenAndWhere(f *fact.Facts) (g gate) {
	g.day, g.dayKnown = f.Raw(fact.AsOf)
	g.forum, g.forumKnown = f.Raw(fact.Forum)
	return g
}

// outside says that the entry is certainly not in force then or there.
func (g gate) outside(c *entry) bool {
	return g.dayKnown && (g.day < c.from || g.day > c.to) || g.forumKnown && c.forums != nil && !c.forums[g.forum]
}

// put gives an evaluator back.
func (e *Engine) put(ev *evaluator) {
	ev.begin(nil)
	e.free.Put(ev)
}

func (e *Engine) evaluator() *evaluator {
	if ev, ok := e.free.Get().(*evaluator); ok {
		return ev
	}
	ev, err := newEvaluator(e.values)
	if err != nil {
		panic(err) // NewEngine has made one
	}
	return ev
}

// rule fills in the outcome table of the package.
func (ev *evaluator) rule(c *compiled) (Result, bool) {
	applies, missing := ev.applies(&c.entry)
	if applies == no {
		return Result{}, false
	}
	requires, need := ev.eval(c.requires)
	r := Result{Used: ev.used()}
	switch {
	case requires == yes:
		r.Outcome = Holds
	case applies == yes && requires == no:
		r.Outcome = Violated
	default:
		r.Outcome = Ask
		r.Missing = missing.Union(need)
	}
	return r, true
}

// applies begins with an entry: whether it applies, and the facts that are needed
// to know.
func (ev *evaluator) applies(c *entry) (truth, fact.Bits) {
	if c.refuted(ev.facts) {
		return no, fact.Bits{}
	}
	ev.read = c.gates
	applies, need := ev.eval(c.applies)
	if applies == no {
		return no, fact.Bits{}
	}
	missing := c.gates.Without(ev.facts.Known()).Union(need)
	if !missing.Empty() {
		applies = perhaps
	}
	return applies, missing
}

// used is the known facts that were read since applies.
func (ev *evaluator) used() fact.Bits {
	return ev.read.Without(ev.read.Without(ev.facts.Known()))
}

// truth is three-valued.
type truth uint8

const (
	no truth = iota
	yes
	perhaps
)

// evaluator is the activation of one assessment: it resolves facts by slot,
// remembers which were read, and converts each at most once.
type evaluator struct {
	values *values
	frame  *interpreter.ExecutionFrame // one for all evaluations: it holds no state of any
	facts  *fact.Facts
	read   fact.Bits
	ready  fact.Bits
	cache  [fact.Count]ref.Val
}

func newEvaluator(v *values) (*evaluator, error) {
	ev := &evaluator{values: v}
	frame, err := interpreter.NewExecutionFrame(ev)
	if err != nil {
		return nil, err
	}
	ev.frame = frame
	return ev, nil
}

func (ev *evaluator) begin(f *fact.Facts) {
	ev.facts = f
	ev.ready = fact.Bits{}
}

// Parent implements interpreter.Activation.
func (ev *evaluator) Parent() interpreter.Activation { return nil }

// ResolveName implements interpreter.Activation.
func (ev *evaluator) ResolveName(name string) (any, bool) {
	k, ok := fact.Lookup(name)
	if !ok {
		return nil, false
	}
	ev.read.Add(k)
	if !ev.ready.Has(k) {
		ev.cache[k] = ev.values.of(ev.facts, k)
		ev.ready.Add(k)
	}
	return ev.cache[k], true
}

// eval also gives the facts that an undecided expression needs. An expression
// that fails (only overflow of times can) is undecided and needs none.
func (ev *evaluator) eval(p cel.Program) (truth, fact.Bits) {
	var need fact.Bits
	v, _, _ := p.Eval(ev.frame)
	switch v := v.(type) {
	case types.Bool:
		if v {
			return yes, need
		}
		return no, need
	case *types.Unknown:
		// One missing fact is the common case, and its value is ours.
		for k := fact.Key(0); int(k) < fact.Count; k++ {
			if ev.values.unknown[k] == v {
				need.Add(k)
				return perhaps, need
			}
		}
		for _, id := range v.IDs() {
			need.Add(fact.Key(id - 1))
		}
	}
	return perhaps, need
}

// values holds the CEL values of words and countries, made once.
type values struct {
	words     [fact.Count][]ref.Val
	unknown   [fact.Count]*types.Unknown // its id is the slot plus one
	countries [26 * 26]ref.Val
}

func newValues() *values {
	v := &values{}
	for i, d := range fact.Schema() {
		v.unknown[i] = types.NewUnknown(int64(i)+1, types.NewAttributeTrail(d.Name))
		for _, w := range d.Values {
			v.words[i] = append(v.words[i], types.String(w))
		}
	}
	for i := range v.countries {
		v.countries[i] = types.String([]byte{byte('A' + i/26), byte('A' + i%26)})
	}
	return v
}

func (v *values) of(f *fact.Facts, k fact.Key) ref.Val {
	raw, known := f.Raw(k)
	if !known {
		return v.unknown[k]
	}
	switch d := k.Def(); d.Type {
	case fact.Bool:
		return types.Bool(raw == 1)
	case fact.Enum:
		return v.words[k][raw]
	case fact.Int:
		return types.Int(raw)
	case fact.Date:
		return types.Timestamp{Time: fact.DayTime(raw)}
	case fact.Instant:
		return types.Timestamp{Time: fact.SecondTime(raw)}
	case fact.Set:
		var list []ref.Val
		for i, w := range v.words[k] {
			if raw&(1<<i) != 0 {
				list = append(list, w)
			}
		}
		return types.NewRefValList(types.DefaultTypeAdapter, list)
	case fact.Country:
		return v.countries[(raw>>8-'A')*26+(raw&0xff-'A')]
	default:
		s, _ := f.Text(k)
		return types.String(s)
	}
}
