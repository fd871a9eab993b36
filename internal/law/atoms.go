package law

import (
	"fmt"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"counterseal/internal/fact"
)

// atom is a part of an expression that and, or, not and if-then join: what a rule looks
// at as one.
type atom struct {
	expr     ast.Expr
	program  cel.Program
	facts    fact.Bits
	requires bool // it stands there, and not in applies
	depth    int
	slips    []slip
}

// slip is an atom as somebody might have written it wrongly.
type slip struct {
	program cel.Program
	list    fact.Key // a word of a list is left out that this fact is compared with
	word    string
}

// branch is an inner place of an expression, or one of its atoms.
type branch struct {
	op   string // of cel; "": an atom
	atom int
	kids []branch
}

// anatomy is a rule taken apart into atoms.
type anatomy struct {
	ev       *evaluator
	study    *study
	atoms    []atom
	applies  branch
	requires branch
}

// dissect takes a rule apart. What cannot be planned alone has no atom; nothing that
// compiled whole is known to be so.
func dissect(env *cel.Env, s *study, ev *evaluator) (*anatomy, error) {
	a := &anatomy{ev: ev, study: s}
	var err error
	a.applies, err = a.split(env, s.applies.tree.NativeRep(), s.applies.tree.NativeRep().Expr(), false, 0)
	if err != nil {
		return nil, err
	}
	a.requires, err = a.split(env, s.requires.tree.NativeRep(), s.requires.tree.NativeRep().Expr(), true, 0)
	return a, err
}

func (a *anatomy) split(env *cel.Env, tree *ast.AST, e ast.Expr, requires bool, depth int) (b branch, err error) {
	if e.Kind() == ast.CallKind {
		switch op := e.AsCall().FunctionName(); op {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional:
			b.op = op
			for _, x := range e.AsCall().Args() {
				kid, err := a.split(env, tree, x, requires, depth+1)
				if err != nil {
					return b, err
				}
				b.kids = append(b.kids, kid)
			}
			return b, nil
		}
	}
	w := written{words: map[string]bool{}}
	w.read(e)
	x := atom{expr: e, facts: w.facts, requires: requires, depth: depth}
	x.program, err = part(env, tree, e)
	if err != nil {
		return b, err
	}
	for _, wrong := range slipsOf(e) {
		program, err := part(env, tree, wrong.expr)
		if err == nil {
			x.slips = append(x.slips, slip{program, wrong.list, wrong.word})
		}
	}
	a.atoms = append(a.atoms, x)
	return branch{atom: len(a.atoms) - 1}, nil
}

// part plans a piece of a checked expression, or that piece with other values in it.
func part(env *cel.Env, tree *ast.AST, e ast.Expr) (cel.Program, error) {
	return env.PlanProgram(ast.NewCheckedAST(ast.NewAST(e, tree.SourceInfo()), tree.TypeMap(), tree.ReferenceMap()))
}

type wrongly struct {
	expr ast.Expr
	list fact.Key
	word string
}

// noList is the list of a slip that is none of a list.
const noList = fact.Key(fact.Count)

// slipsOf writes an atom wrongly: each number, day and count of days one more and one
// less, and each list without each of its words.
func slipsOf(e ast.Expr) (out []wrongly) {
	places := 0
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(ast.Expr) { places++ }))
	for at := range places {
		for n := 0; ; n++ {
			copied := ast.NewExprFactory().CopyExpr(e)
			var parent ast.Expr
			var here ast.Expr
			i := 0
			ast.PostOrderVisit(copied, ast.NewExprVisitor(func(x ast.Expr) {
				if i == at {
					here = x
				} else if i > at && parent == nil && holds(x, here) {
					parent = x
				}
				i++
			}))
			list, word, ok := spoil(here, parent, n)
			if !ok {
				break
			}
			out = append(out, wrongly{copied, list, word})
		}
	}
	return out
}

// holds says whether a call has an argument.
func holds(call, arg ast.Expr) bool {
	if call.Kind() != ast.CallKind {
		return false
	}
	for _, x := range call.AsCall().Args() {
		if x.ID() == arg.ID() {
			return true
		}
	}
	return false
}

// spoil writes one place wrongly in the nth way; false: there is no such way.
func spoil(e, parent ast.Expr, n int) (list fact.Key, word string, ok bool) {
	f := ast.NewExprFactory()
	switch e.Kind() {
	case ast.LiteralKind:
		if n > 1 || parent == nil {
			return noList, "", false
		}
		v, ok := beside(e.AsLiteral(), parent.AsCall().FunctionName(), int64(1-2*n))
		if ok {
			e.SetKindCase(f.NewLiteral(e.ID(), v))
		}
		return noList, "", ok
	case ast.ListKind:
		words := e.AsList().Elements()
		if n >= len(words) || len(words) < 2 || words[n].Kind() != ast.LiteralKind {
			return noList, "", false
		}
		word = fmt.Sprint(words[n].AsLiteral().Value())
		list = noList
		if parent != nil && parent.AsCall().FunctionName() == operators.In {
			if k, ok := factIn(parent.AsCall().Args()[0]); ok && k.Def().Type != fact.Set {
				list = k
			}
		}
		rest := append(append([]ast.Expr{}, words[:n]...), words[n+1:]...)
		e.SetKindCase(f.NewList(e.ID(), rest, nil))
		return list, word, true
	}
	return noList, "", false
}

// beside is a number, a day or a length one more or less; false: it is another thing.
func beside(v ref.Val, in string, by int64) (ref.Val, bool) {
	switch v := v.(type) {
	case types.Int:
		return v + types.Int(by), true
	case types.String:
		switch in {
		case overloads.TypeConvertDuration:
			d, err := time.ParseDuration(string(v))
			return types.String((d + time.Duration(by)*24*time.Hour).String()), err == nil
		case overloads.TypeConvertTimestamp:
			t, err := time.Parse(time.RFC3339, string(v))
			return types.String(t.AddDate(0, 0, int(by)).Format(time.RFC3339)), err == nil
		}
	}
	return v, false
}

// view is what the atoms say of some facts.
type view struct {
	*anatomy
	facts *fact.Facts
	is    []truth
	need  []fact.Bits
}

// look asks every atom. A view holds until the next.
func (a *anatomy) look(f *fact.Facts) *view {
	v := &view{a, f, make([]truth, len(a.atoms)), make([]fact.Bits, len(a.atoms))}
	a.ev.begin(f)
	for i := range a.atoms {
		v.is[i], v.need[i] = a.ev.eval(a.atoms[i].program)
	}
	return v
}

// outcome is what the rule says where one atom is as given instead (none: -1). Ask: the
// facts in need decide.
func (v *view) outcome(atom int, instead truth) (Outcome, fact.Bits) {
	applies, need := v.applied(atom, instead)
	switch applies {
	case no:
		return None, fact.Bits{}
	case perhaps:
		return Ask, need
	}
	requires, need := v.value(v.requires, atom, instead)
	return map[truth]Outcome{yes: Holds, no: Violated, perhaps: Ask}[requires], need
}

// applied says whether the rule is in force and applies.
func (v *view) applied(atom int, instead truth) (truth, fact.Bits) {
	in, need := v.study.inForce(v.facts)
	if in == no {
		return no, need
	}
	applies, more := v.value(v.applies, atom, instead)
	if applies == no {
		return no, more
	}
	if in == perhaps || applies == perhaps {
		return perhaps, need.Union(more)
	}
	return yes, need
}

// value joins the atoms as cel does: what one side decides needs no other.
func (v *view) value(b branch, atom int, instead truth) (truth, fact.Bits) {
	if b.op == "" {
		if b.atom == atom {
			return instead, fact.Bits{}
		}
		return v.is[b.atom], v.need[b.atom]
	}
	switch b.op {
	case operators.LogicalNot:
		is, need := v.value(b.kids[0], atom, instead)
		return turned(is), need
	case operators.Conditional:
		is, need := v.value(b.kids[0], atom, instead)
		if is == perhaps {
			return perhaps, need
		}
		return v.value(b.kids[2-int(is)], atom, instead)
	}
	decisive := map[string]truth{operators.LogicalAnd: no, operators.LogicalOr: yes}[b.op]
	all, need := turned(decisive), fact.Bits{}
	for _, kid := range b.kids {
		is, missing := v.value(kid, atom, instead)
		if is == decisive {
			return is, fact.Bits{}
		}
		if is == perhaps {
			all, need = perhaps, need.Union(missing)
		}
	}
	return all, need
}

func turned(t truth) truth {
	if t == perhaps {
		return t
	}
	return yes - t
}

// goal is what one of the cases is to show: that an atom decides where it is so, or is
// not, or that it would decide otherwise if it were written wrongly.
type goal struct {
	atom int
	is   truth // perhaps: either
	slip *slip // nil: it is turned round
}

// shown says whether facts show it: with the atom otherwise, and all others as they
// are, the rule says something else.
func (v *view) shown(g goal) (truth, fact.Bits) {
	is := v.is[g.atom]
	if is == perhaps {
		return perhaps, v.need[g.atom]
	}
	if g.is != perhaps && is != g.is {
		return no, fact.Bits{}
	}
	instead, need := turned(is), fact.Bits{}
	if g.slip != nil {
		instead, need = v.ev.eval(g.slip.program)
	}
	if instead == perhaps {
		return perhaps, need
	}
	if instead == is {
		return no, need
	}
	a, needA := v.outcome(-1, no)
	b, needB := v.outcome(g.atom, instead)
	if a == Ask || b == Ask {
		return perhaps, needA.Union(needB)
	}
	if a == b {
		return no, need
	}
	return yes, need
}
