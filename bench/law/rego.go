package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// The rules in Rego, as somebody who picked OPA would have to write them to keep
// unknown apart from false: an absent input field is undefined, so every
// expression is written twice, once for when it is true and once for when it is
// false, each as alternatives (bodies of one rule) of conditions (lines).
type alternatives [][]string

func all(a, b alternatives) (out alternatives) {
	for _, x := range a {
		for _, y := range b {
			out = append(out, append(slices.Clone(x), y...))
		}
	}
	return out
}

func any2(a, b alternatives) alternatives { return append(slices.Clone(a), b...) }

func line(format string, args ...any) alternatives {
	return alternatives{strings.Split(fmt.Sprintf(format, args...), "\n")}
}

// module writes all rules of the packs as one Rego module with the object
// data.law.out from rule id to outcome.
func module(packs []*law.Pack) (string, error) {
	env, err := cel.NewCustomEnv(cel.ClearMacros())
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("package law\n\nimport rego.v1\n")
	n := 0
	for _, p := range packs {
		for _, r := range p.Rules {
			n++
			err := oneRule(&b, env, fmt.Sprintf("r%d", n), r)
			if err != nil {
				return "", fmt.Errorf("%s: %w", r.ID, err)
			}
		}
	}
	return b.String(), nil
}

func oneRule(b *strings.Builder, env *cel.Env, name string, r law.Rule) error {
	yes, no, err := parse(env, r.Applies)
	if err != nil {
		return err
	}
	gateYes, gateNo := gates(r)
	met, unmet, err := parse(env, r.Requires)
	if err != nil {
		return err
	}
	bodies := func(suffix string, alts alternatives) {
		for _, a := range alts {
			fmt.Fprintf(b, "\n%s_%s if {\n\t%s\n}\n", name, suffix, strings.Join(a, "\n\t"))
		}
	}
	fmt.Fprintf(b, "\n# %s\n", r.ID)
	bodies("no", any2(gateNo, no))
	bodies("yes", all(gateYes, yes))
	bodies("met", met)
	bodies("unmet", unmet)
	for _, s := range []struct {
		suffix string
		alts   alternatives
	}{{"no", any2(gateNo, no)}, {"yes", yes}, {"met", met}, {"unmet", unmet}} {
		if len(s.alts) == 0 {
			fmt.Fprintf(b, "\n%s_%s if false\n", name, s.suffix)
		}
	}
	fmt.Fprintf(b, `
%[1]s_decided if {
	%[1]s_yes
	%[1]s_unmet
}

out[%[2]q] := "holds" if {
	not %[1]s_no
	%[1]s_met
}

out[%[2]q] := "violated" if {
	not %[1]s_no
	%[1]s_decided
}

out[%[2]q] := "ask" if {
	not %[1]s_no
	not %[1]s_met
	not %[1]s_decided
}
`, name, r.ID)
	return nil
}

func gates(r law.Rule) (yes, no alternatives) {
	yes = alternatives{{}}
	add := func(y, n alternatives) { yes, no = all(yes, y), any2(no, n) }
	if r.Instruments != nil {
		add(member("instrument", r.Instruments))
	}
	if r.From != "" {
		add(line("input.as_of >= %d", day(r.From)), line("input.as_of < %d", day(r.From)))
	}
	if r.To != "" {
		add(line("input.as_of <= %d", day(r.To)), line("input.as_of > %d", day(r.To)))
	}
	if r.Inside != nil {
		add(member("forum", within(r.Inside)))
	}
	if r.Outside != nil {
		y, n := member("forum", within(r.Outside))
		add(n, y)
	}
	return yes, no
}

func within(names []string) (out []string) {
	for _, n := range names {
		out = append(out, fact.WithinForum(n)...)
	}
	return out
}

func member(name string, words []string) (yes, no alternatives) {
	return line("input.%s in %s", name, set(words)), line("input.%[1]s\nnot input.%[1]s in %[2]s", name, set(words))
}

func set(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = fmt.Sprintf("%q", w)
	}
	return "{" + strings.Join(q, ", ") + "}"
}

func day(s string) int64 {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t.Unix() / 86400
}

func parse(env *cel.Env, src string) (yes, no alternatives, err error) {
	tree, issues := env.Parse(src)
	if issues.Err() != nil {
		return nil, nil, issues.Err()
	}
	return truth(tree.NativeRep().Expr())
}

var opposite = map[string]string{"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}

// truth translates the constructs that the packs use; any other is an error.
func truth(e ast.Expr) (yes, no alternatives, err error) {
	if e.Kind() == ast.IdentKind {
		return line("input.%s == true", e.AsIdent()), line("input.%s == false", e.AsIdent()), nil
	}
	if e.Kind() != ast.CallKind {
		return nil, nil, fmt.Errorf("no translation for kind %v", e.Kind())
	}
	c := e.AsCall()
	args := c.Args()
	if c.FunctionName() == operators.LogicalNot {
		no, yes, err = truth(args[0])
		return yes, no, err
	}
	if len(args) == 2 && (c.FunctionName() == operators.LogicalAnd || c.FunctionName() == operators.LogicalOr) {
		y1, n1, err := truth(args[0])
		if err != nil {
			return nil, nil, err
		}
		y2, n2, err := truth(args[1])
		if err != nil {
			return nil, nil, err
		}
		if c.FunctionName() == operators.LogicalAnd {
			return all(y1, y2), any2(n1, n2), nil
		}
		return any2(y1, y2), all(n1, n2), nil
	}
	switch c.FunctionName() {
	case operators.In:
		if args[0].Kind() == ast.LiteralKind { // a word in a set
			word, err := term(args[0])
			list := "input." + args[1].AsIdent()
			return line("%s in %s", word, list), line("%[2]s\nnot %[1]s in %[2]s", word, list), err
		}
		yes, no = member(args[0].AsIdent(), words(args[1]))
		return yes, no, nil
	case operators.Exists:
		list := c.Target().AsIdent()
		sought := set(words(args[1].AsCall().Args()[1]))
		return line("some f in input.%s\nf in %s", list, sought), line("input.%[1]s\nevery f in input.%[1]s { not f in %[2]s }", list, sought), nil
	case operators.All:
		list := c.Target().AsIdent()
		allowed := set(words(args[1].AsCall().Args()[1]))
		return line("input.%[1]s\nevery f in input.%[1]s { f in %[2]s }", list, allowed), line("some f in input.%s\nnot f in %s", list, allowed), nil
	}
	op := strings.Trim(c.FunctionName(), "_")
	if opposite[op] == "" {
		return nil, nil, fmt.Errorf("no translation for %s", c.FunctionName())
	}
	a, err := term(args[0])
	if err != nil {
		return nil, nil, err
	}
	b, err := term(args[1])
	if err != nil {
		return nil, nil, err
	}
	return line("%s %s %s", a, op, b), line("%s %s %s", a, opposite[op], b), nil
}

func words(e ast.Expr) (out []string) {
	for _, x := range e.AsList().Elements() {
		out = append(out, string(x.AsLiteral().(types.String)))
	}
	return out
}

// term translates words and numbers; dates are days since 1970-01-01.
func term(e ast.Expr) (string, error) {
	switch e.Kind() {
	case ast.IdentKind:
		return "input." + e.AsIdent(), nil
	case ast.LiteralKind:
		switch v := e.AsLiteral().(type) {
		case types.String:
			return fmt.Sprintf("%q", string(v)), nil
		case types.Int:
			return fmt.Sprint(int64(v)), nil
		}
	case ast.CallKind:
		c := e.AsCall()
		switch c.FunctionName() {
		case "date":
			return fmt.Sprint(day(string(c.Args()[0].AsLiteral().(types.String)))), nil
		case "days":
			return term(c.Args()[0])
		case operators.Add, operators.Subtract:
			a, err := term(c.Args()[0])
			if err != nil {
				return "", err
			}
			b, err := term(c.Args()[1])
			return "(" + a + " " + strings.Trim(c.FunctionName(), "_") + " " + b + ")", err
		}
	}
	return "", fmt.Errorf("no translation for a term")
}
