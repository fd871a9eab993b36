package law

import (
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"counterseal/internal/fact"
)

// condition is what an entry demands of one fact before anything else: one of some
// values, as facts hold them.
type condition struct {
	fact    fact.Key
	allowed []int64
}

// refuted reports whether a known fact alone says that the entry does not apply. A
// conjunction is false where one side is, whatever the others are and whether they
// are known, so no outcome depends on looking at it first.
func (c *entry) refuted(f *fact.Facts) bool {
	for i := range c.conditions {
		x := &c.conditions[i]
		if raw, known := f.Raw(x.fact); known && !slices.Contains(x.allowed, raw) {
			return true
		}
	}
	return false
}

// conditionsOf finds what a conjunction demands of single facts: that one is true,
// or not, is a word or a state, or one of some. What it demands in other ways is
// left to the expression.
func conditionsOf(tree *cel.Ast) []condition {
	var out []condition
	var walk func(ast.Expr)
	walk = func(e ast.Expr) {
		if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.LogicalAnd {
			for _, side := range e.AsCall().Args() {
				walk(side)
			}
			return
		}
		if c, ok := conditionOf(e); ok {
			out = append(out, c)
		}
	}
	walk(tree.NativeRep().Expr())
	return out
}

func conditionOf(e ast.Expr) (condition, bool) {
	if k, ok := factIn(e); ok {
		return condition{k, []int64{1}}, k.Def().Type == fact.Bool
	}
	if e.Kind() != ast.CallKind {
		return condition{}, false
	}
	args := e.AsCall().Args()
	switch e.AsCall().FunctionName() {
	case operators.LogicalNot:
		k, ok := factIn(args[0])
		return condition{k, []int64{0}}, ok && k.Def().Type == fact.Bool
	case operators.Equals:
		k, ok := factIn(args[0])
		if !ok {
			return condition{}, false
		}
		return among(k, args[1:])
	case operators.In:
		k, ok := factIn(args[0])
		if !ok || args[1].Kind() != ast.ListKind {
			return condition{}, false
		}
		return among(k, args[1].AsList().Elements())
	}
	return condition{}, false
}

func factIn(e ast.Expr) (fact.Key, bool) {
	if e.Kind() != ast.IdentKind {
		return 0, false
	}
	return fact.Lookup(e.AsIdent())
}

// among is a fact that is one of some words or states.
func among(k fact.Key, words []ast.Expr) (condition, bool) {
	c := condition{fact: k}
	for _, w := range words {
		if w.Kind() != ast.LiteralKind {
			return c, false
		}
		s, ok := w.AsLiteral().(types.String)
		if !ok {
			return c, false
		}
		raw, ok := rawOf(k, string(s))
		if !ok {
			return c, false
		}
		c.allowed = append(c.allowed, raw)
	}
	return c, true
}

// rawOf is a word or a state as facts hold it.
func rawOf(k fact.Key, word string) (int64, bool) {
	switch d := k.Def(); {
	case d.Type == fact.Enum:
		i, ok := d.Index(word)
		return int64(i), ok
	case d.Type == fact.Country && len(word) == 2:
		return int64(word[0])<<8 | int64(word[1]), true
	}
	return 0, false
}
