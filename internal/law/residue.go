package law

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"counterseal/internal/fact"
)

// residue says what is left of an expression once some facts are known, in words:
// what they decide already is left out. decided is no, yes, or perhaps where words
// are left.
func (w *Wording) residue(ev *evaluator, f *fact.Facts, src string) (words string, decided truth) {
	tree, issues := w.env.Compile(src)
	if issues.Err() != nil {
		return src, perhaps
	}
	p := pruner{w, ev, tree.NativeRep()}
	ev.begin(f)
	decided = p.decide(tree.NativeRep().Expr())
	if decided != perhaps {
		return "", decided
	}
	return clause(p.prune(tree.NativeRep().Expr()), true), perhaps
}

// pruner evaluates parts of one checked expression.
type pruner struct {
	*Wording
	ev   *evaluator
	tree *ast.AST
}

func (p pruner) decide(e ast.Expr) truth {
	part := ast.NewCheckedAST(ast.NewAST(e, p.tree.SourceInfo()), p.tree.TypeMap(), p.tree.ReferenceMap())
	program, err := p.env.PlanProgram(part)
	if err != nil {
		return perhaps
	}
	t, _ := p.ev.eval(program)
	return t
}

// prune leaves out of chains what the facts decide.
func (p pruner) prune(e ast.Expr) ast.Expr {
	if e.Kind() != ast.CallKind {
		return e
	}
	c := e.AsCall()
	switch c.FunctionName() {
	case operators.LogicalNot:
		return ast.NewExprFactory().NewCall(e.ID(), c.FunctionName(), p.prune(c.Args()[0]))
	case operators.LogicalAnd, operators.LogicalOr:
	default:
		return e
	}
	var left []ast.Expr
	for _, a := range c.Args() {
		if p.decide(a) == perhaps {
			left = append(left, p.prune(a))
		}
	}
	switch len(left) {
	case 0:
		return e
	case 1:
		return left[0]
	}
	return ast.NewExprFactory().NewCall(e.ID(), c.FunctionName(), left...)
}
