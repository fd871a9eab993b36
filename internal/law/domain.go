package law

import (
	"math/bits"
	"slices"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"

	"counterseal/internal/fact"
)

// domains are the values that stand for all values of the facts in a question:
//
//	true and false          both
//	words, countries        those that are written, and others that are not; all words where two facts are compared
//	sets                    every combination of the written words and one other, up to maxWritten words
//	numbers                 those at and beside a written one, and the ends
//	dates                   those at, beside and written days away from a written one or an end of being in force, for up to three facts
//
// Moments, sets compared as a whole, more than two dates in one comparison, or more
// values than maxValues make it partial: then a value that is found counts, and that
// none was found proves nothing.
type domains struct {
	values  [fact.Count][]any
	partial bool
}

const (
	maxWritten = 9   // words of a set
	maxValues  = 400 // days of a question
)

// written is what the expressions of a question write out.
type written struct {
	facts   fact.Bits
	words   map[string]bool
	numbers []int64
	days    []int64 // dates
	apart   []int64 // lengths, in days
	paired  bool    // two facts that hold words are compared
	partial bool
}

func domainsOf(q question, stated *fact.Facts) (d domains) {
	w := written{words: map[string]bool{"none": true, "indefinite": true}} // these two are looked at by fact.Validate
	for _, e := range q.want {
		w.read(e.tree.NativeRep().Expr())
	}
	for _, s := range q.in {
		w.facts.Add(fact.Instrument)
		w.facts.Add(fact.Forum)
		w.facts.Add(fact.AsOf)
		for _, bound := range []string{s.From, s.To} {
			if bound != "" {
				w.days = append(w.days, dayNumber(bound, 0))
			}
		}
	}
	w.stated(stated)
	d.partial = w.partial || w.dates() > 3
	days := w.calendar(&d)
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		if w.facts.Has(k) {
			d.values[k] = w.valuesOf(q, k, days, &d)
		}
	}
	return d
}

// stated takes down what others may be compared with: days and countries.
func (w *written) stated(f *fact.Facts) {
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		raw, known := f.Raw(k)
		if !known || !w.facts.Has(k) {
			continue
		}
		switch k.Def().Type {
		case fact.Date:
			w.days = append(w.days, raw)
		case fact.Instant:
			w.days = append(w.days, raw/86400)
		case fact.Country:
			v, _, _ := f.Get(k.String()) // its name is the schema's
			w.words[v.(string)] = true
		}
	}
}

func (w *written) valuesOf(q question, k fact.Key, days []any, d *domains) []any {
	def := k.Def()
	switch def.Type {
	case fact.Bool:
		return []any{true, false}
	case fact.Enum:
		return w.wordsOf(q, k, def.Values)
	case fact.Set:
		return w.setsOf(def.Values, d)
	case fact.Int:
		return w.numbersOf(def)
	case fact.Date:
		return days
	case fact.Country:
		return w.countriesOf()
	case fact.Instant:
		d.partial = true
		var out []any
		for _, day := range days {
			out = append(out, day.(string)+"T12:00:00Z")
		}
		return out
	default:
		return w.tokensOf()
	}
}

// wordsOf keeps one of the words that nothing in the question tells apart.
func (w *written) wordsOf(q question, k fact.Key, all []string) (out []any) {
	seen := map[string]bool{}
	for i, word := range all {
		sign := ""
		for _, s := range q.in {
			mask := map[fact.Key][]bool{fact.Instrument: s.instruments, fact.Forum: s.forums}[k]
			sign += string(rune('0' + btoi(mask == nil || mask[i])))
		}
		if w.words[word] || w.paired {
			sign += word
		}
		if q.together {
			sign += fact.Home(k, word)
		}
		if !seen[sign] {
			seen[sign] = true
			out = append(out, word)
		}
	}
	return out
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *written) setsOf(all []string, d *domains) (out []any) {
	var some []string
	other := false
	for _, word := range all {
		if w.words[word] {
			some = append(some, word)
		} else if !other {
			some, other = append(some, word), true
		}
	}
	if len(some) > maxWritten+1 {
		d.partial = true
		some = some[:maxWritten+1]
	}
	for mask := range uint(1) << len(some) {
		list := make([]string, 0, bits.OnesCount(mask))
		for i, word := range some {
			if mask&(1<<i) != 0 {
				list = append(list, word)
			}
		}
		out = append(out, list)
	}
	return out
}

func (w *written) numbersOf(def fact.Def) (out []any) {
	pool := []int64{def.Min, def.Max}
	for _, n := range w.numbers {
		pool = append(pool, n-2, n-1, n, n+1, n+2)
	}
	slices.Sort(pool)
	for _, n := range slices.Compact(pool) {
		if def.Min <= n && n <= def.Max {
			out = append(out, n)
		}
	}
	return out
}

// countriesOf gives the written ones and as many others as could differ.
func (w *written) countriesOf() (out []any) {
	for word := range w.words {
		if isCountry(word) {
			out = append(out, word)
		}
	}
	slices.SortFunc(out, func(a, b any) int { return slices.Compare([]byte(a.(string)), []byte(b.(string))) })
	for i := range 8 { // there are fewer facts that hold a country
		out = append(out, "X"+string(rune('A'+i)))
	}
	return out
}

func (w *written) tokensOf() []any {
	out := []any{"other.a", "other.b"}
	for word := range w.words {
		out = append(out, word) // what is no token is refused by Set
	}
	return out
}

// calendar gives the days to try: each written one, those beside it, and those that
// are written lengths away, in up to two steps.
func (w *written) calendar(d *domains) []any {
	if len(w.days) == 0 {
		w.days = []int64{dayNumber("2026-01-01", 0)}
	}
	pool := map[int64]bool{}
	var steps []int64
	for _, n := range append(w.apart, 0) {
		steps = append(steps, n-1, n, n+1, -n-1, -n, -n+1)
	}
	slices.Sort(steps)
	steps = slices.Compact(steps)
	for _, day := range w.days {
		for _, a := range steps {
			for _, b := range steps {
				pool[day+a+b] = true
			}
		}
	}
	list := make([]int64, 0, len(pool))
	for day := range pool {
		list = append(list, day)
	}
	slices.Sort(list)
	if len(list) > maxValues {
		d.partial = true
		list = list[:maxValues]
	}
	out := make([]any, len(list))
	for i, day := range list {
		out[i] = fact.DayTime(day).Format(time.DateOnly)
	}
	return out
}

// dates counts the facts that hold one: the days that are tried stand for up to three.
func (w *written) dates() (n int) {
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		n += btoi(w.facts.Has(k) && k.Def().Type == fact.Date)
	}
	return n
}

// read takes down what one expression writes.
func (w *written) read(e ast.Expr) {
	loops := map[string]bool{}
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			if k, ok := fact.Lookup(e.AsIdent()); ok && !loops[e.AsIdent()] {
				w.facts.Add(k)
			}
		case ast.LiteralKind:
			w.literal(e.AsLiteral())
		case ast.ComprehensionKind:
			loops[e.AsComprehension().IterVar()] = true
		case ast.CallKind:
			w.call(e.AsCall())
		}
	}))
}

func (w *written) literal(v any) {
	switch v := v.(type) {
	case types.String:
		s := string(v)
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			w.days = append(w.days, t.Unix()/86400)
			return
		}
		if length, err := time.ParseDuration(s); err == nil {
			w.apart = append(w.apart, int64(length/(24*time.Hour)))
			return
		}
		w.words[s] = true
	case types.Int:
		w.numbers = append(w.numbers, int64(v))
	}
}

// call looks at comparisons, which say how far the values that are tried stand for
// all.
func (w *written) call(c ast.CallExpr) {
	switch c.FunctionName() {
	case operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
	default:
		return
	}
	facts, lengths, sets, enums := 0, 0, 0, 0
	for _, a := range c.Args() {
		ast.PostOrderVisit(a, ast.NewExprVisitor(func(e ast.Expr) {
			switch {
			case e.Kind() == ast.IdentKind:
				facts++
				if k, ok := fact.Lookup(e.AsIdent()); ok {
					sets += btoi(k.Def().Type == fact.Set)
					enums += btoi(k.Def().Type == fact.Enum)
				}
			case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == overloads.TypeConvertDuration:
				lengths++
			}
		}))
	}
	w.paired = w.paired || enums > 1
	w.partial = w.partial || facts > 2 || lengths > 1 || sets > 0
}
