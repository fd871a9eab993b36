package law

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"counterseal/internal/fact"
)

// SayCase gives the words of a case: the first whole, the others by what is other than
// in the case that they are told by.
func (w *Wording) SayCase(c Case, sources ...string) string {
	if c.Like < 0 {
		return w.SayFacts(c.Facts) + w.between(c.Facts, nil, sources)
	}
	says := fmt.Sprintf("as %d, but %s", c.Like+1, w.SayChange(c))
	if c.Says == None { // it is not for its days that it is not about this one
		return says
	}
	return says + w.between(c.Facts, c.Changed, sources)
}

// SayChange gives the words of what is other in a case, and of what only follows from that.
func (w *Wording) SayChange(c Case) string {
	var out, after []string
	for _, name := range c.Changed {
		said := w.SayFacts(c.Facts, name)
		switch {
		case said == "":
			out = append(out, "nobody states "+unstated(name))
		case slices.Contains(c.Follows, name):
			after = append(after, follows+said)
		default:
			out = append(out, said)
		}
	}
	return strings.Join(append(out, after...), "; ")
}

// follows stands before what changes with something else.
const follows = "and with that "

// SayRanks gives the words of the facts with other ranks beside those of a case.
func (w *Wording) SayRanks(c Case) (out []string) {
	for _, f := range c.Ranks {
		out = append(out, w.SayFacts(f, f.Differs(&c.Facts).Names()...))
	}
	return out
}

// SayAlso gives the words of the facts beside those of a case, of which one letter says all.
func (w *Wording) SayAlso(c Case) (out []string) {
	last := ""
	for _, f := range c.Also {
		changed := f.Differs(&c.Facts).Names()
		said := w.SayFacts(f, changed...)
		of := strings.Join(changed, " ")
		if lead := noun(of) + " is "; of == last && strings.HasPrefix(said, lead) {
			said = strings.TrimPrefix(said, lead)
		}
		out, last = append(out, said), of
	}
	return out
}

// unstated is what nobody states where a fact is unknown.
func unstated(name string) string {
	k, ok := fact.Lookup(name)
	if ok && k.Def().Type == fact.Bool {
		return "whether " + plainFact(name, true)
	}
	return noun(name)
}

// between counts the days between dates that one comparison holds together, which
// nobody does in their head: of all that are, or of those that changed.
func (w *Wording) between(f fact.Facts, changed, sources []string) string {
	var out []string
	for _, pair := range w.compares(sources) {
		if changed != nil && !slices.Contains(changed, pair[0].String()) && !slices.Contains(changed, pair[1].String()) {
			continue
		}
		a, known := f.Raw(pair[0])
		b, alsoKnown := f.Raw(pair[1])
		if !known || !alsoKnown {
			continue
		}
		if b < a {
			a, b, pair[0], pair[1] = b, a, pair[1], pair[0]
		}
		first, last := strings.TrimPrefix(noun(pair[0].String()), "the day of "), strings.TrimPrefix(noun(pair[1].String()), "the day of ")
		says := fmt.Sprintf("%s from %s to %s", count(b-a, "day"), first, last)
		if a == b {
			says = first + " and " + last + " on one day"
		}
		if !slices.Contains(out, says) {
			out = append(out, says)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, "; ") + ")"
}

// compares finds the dates that stand in one comparison.
func (w *Wording) compares(sources []string) (out [][2]fact.Key) {
	for _, src := range sources {
		tree, issues := w.env.Parse(src)
		if issues.Err() != nil {
			continue
		}
		ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if e.Kind() != ast.CallKind || !slices.Contains([]string{operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals}, e.AsCall().FunctionName()) {
				return
			}
			var dates []fact.Key
			ast.PostOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
				if k, ok := factIn(e); ok && k.Def().Type == fact.Date {
					dates = append(dates, k)
				}
			}))
			if len(dates) == 2 && dates[0] != dates[1] {
				out = append(out, [2]fact.Key{dates[0], dates[1]})
			}
		}))
	}
	return out
}
