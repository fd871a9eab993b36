package law_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// leavesOf finds where the atoms of an expression stand: what and, or, not and brackets
// leave. It reads the text, as a person does, and not the tree that the program reads.
func leavesOf(src string) (out [][2]int) {
	var walk func(from, to int)
	walk = func(from, to int) {
		for from < to && src[from] == ' ' {
			from++
		}
		for from < to && src[to-1] == ' ' {
			to--
		}
		for _, sign := range []string{"||", "&&"} {
			if parts := splitAt(src, from, to, sign); len(parts) > 1 {
				for _, p := range parts {
					walk(p[0], p[1])
				}
				return
			}
		}
		switch {
		case src[from] == '!':
			walk(from+1, to)
		case src[from] == '(' && closing(src, from) == to-1:
			walk(from+1, to-1)
		default:
			out = append(out, [2]int{from, to})
		}
	}
	walk(0, len(src))
	return out
}

// splitAt splits at a sign that stands in no bracket and no quotation.
func splitAt(src string, from, to int, sign string) (out [][2]int) {
	depth, quoted, begin := 0, false, from
	for i := from; i < to; i++ {
		switch c := src[i]; {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && strings.HasPrefix(src[i:to], sign):
			out = append(out, [2]int{begin, i})
			begin = i + len(sign)
			i++
		}
	}
	return append(out, [2]int{begin, to})
}

func closing(src string, at int) int {
	depth := 0
	for i := at; i < len(src); i++ {
		switch src[i] {
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

var (
	someDays  = regexp.MustCompile(`days\((\d+)\)`)
	someDay   = regexp.MustCompile(`date\('([0-9-]+)'\)`)
	someCount = regexp.MustCompile(`[<>=] (\d+)$`)
	someList  = regexp.MustCompile(`in \[([^\]]+)\]$`)
)

// wrongAtoms are the ways in which one atom may be written wrongly, by kind.
func wrongAtoms(src string) map[string][]string {
	out := map[string][]string{}
	for _, at := range leavesOf(src) {
		atom := src[at[0]:at[1]]
		put := func(kind, text string) { out[kind] = append(out[kind], src[:at[0]]+text+src[at[1]:]) }
		put("negated", "!("+atom+")")
		for _, r := range []*regexp.Regexp{someDays, someCount} {
			for _, m := range r.FindAllStringSubmatchIndex(atom, -1) {
				n, _ := strconv.Atoi(atom[m[2]:m[3]])
				put("count", atom[:m[2]]+strconv.Itoa(n+1)+atom[m[3]:])
				if n > 0 {
					put("count", atom[:m[2]]+strconv.Itoa(n-1)+atom[m[3]:])
				}
			}
		}
		for _, m := range someDay.FindAllStringSubmatchIndex(atom, -1) {
			for _, n := range []int{1, -1} {
				put("count", atom[:m[2]]+shift(atom[m[2]:m[3]], n)+atom[m[3]:])
			}
		}
		if m := someList.FindStringSubmatchIndex(atom); m != nil {
			words := strings.Split(atom[m[2]:m[3]], ", ")
			for i := range words {
				if len(words) > 1 {
					put("member", atom[:m[2]]+strings.Join(slices.Delete(slices.Clone(words), i, i+1), ", ")+atom[m[3]:])
				}
			}
		}
	}
	return out
}

// wrongRules are a rule with one atom written wrongly, by kind.
func wrongRules(r law.Rule) map[string][]law.Rule {
	out := map[string][]law.Rule{}
	for _, of := range []struct {
		src string
		set func(*law.Rule, string)
	}{
		{r.Applies, func(r *law.Rule, s string) { r.Applies = s }},
		{r.Requires, func(r *law.Rule, s string) { r.Requires = s }},
	} {
		for kind, list := range wrongAtoms(strings.Join(strings.Fields(of.src), " ")) {
			for _, s := range list {
				m := r
				of.set(&m, s)
				out[kind] = append(out[kind], m)
			}
		}
	}
	for _, drop := range []func(*law.Rule) bool{
		func(m *law.Rule) bool { m.From = ""; return r.From != "" },
		func(m *law.Rule) bool { m.To = ""; return r.To != "" },
		func(m *law.Rule) bool { m.Inside, m.Outside = nil, nil; return r.Inside != nil || r.Outside != nil },
	} {
		m := r
		if drop(&m) {
			out["bound"] = append(out["bound"], m)
		}
	}
	for i := range r.Instruments {
		if len(r.Instruments) > 1 {
			m := r
			m.Instruments = slices.Delete(slices.Clone(r.Instruments), i, i+1)
			out["paper"] = append(out["paper"], m)
		}
	}
	return out
}

// What is offered to be judged notices that one atom of a rule is written wrongly: each
// of the packs' rules is put to that test.
func TestTheOfferedCasesNoticeAWrongAtom(t *testing.T) {
	found, all, counts := map[string]int{}, map[string]int{}, map[int]int{}
	for _, p := range embedded(t) {
		for _, r := range p.Rules {
			d, err := law.DraftOf(r)
			if err != nil {
				t.Fatal(err)
			}
			offered, err := d.Cases(today)
			if err != nil {
				t.Fatal(r.ID, err)
			}
			counts[len(offered.Cases)]++
			right := engine(t, &law.Pack{Name: "us.x", Rules: []law.Rule{r}})
			for kind, list := range wrongRules(r) {
				for _, m := range list {
					all[kind]++
					wrong := engine(t, &law.Pack{Name: "us.x", Rules: []law.Rule{m}})
					differs := func(f fact.Facts) bool { return says(right, f) != says(wrong, f) }
					said := kind == "bound" && slices.ContainsFunc(offered.Untold, func(s string) bool { return strings.HasPrefix(s, "the law is in force") })
					if slices.ContainsFunc(factsIn(offered.Cases), differs) || said {
						found[kind]++
					} else {
						t.Logf("%s, %s: not noticed: %s | %s | %v", r.ID, kind, m.Applies, m.Requires, m.Instruments)
					}
				}
			}
		}
	}
	t.Logf("noticed %v of %v; rules by how many cases they have: %v", found, all, counts)
	for kind, missed := range map[string]int{"negated": 0, "count": 0, "bound": 0, "member": 1, "paper": 1} {
		if all[kind] < 60 || all[kind]-found[kind] > missed {
			t.Errorf("%s: %d of %d noticed", kind, found[kind], all[kind])
		}
	}
	for n := range counts {
		if n > 12 {
			t.Errorf("%d rules have %d cases", counts[n], n)
		}
	}
}

// says is what an engine's only rule finds.
func says(e *law.Engine, f fact.Facts) law.Outcome {
	for _, r := range e.Evaluate(&f, nil) {
		return r.Outcome
	}
	return law.None
}

// factsIn are the facts of cases, with those of which the same is said.
func factsIn(list []law.Case) (out []fact.Facts) {
	for _, c := range list {
		out = append(append(append(out, c.Facts), c.Also...), c.Ranks...)
	}
	return out
}

// someAtoms and someValues are small enough that all facts can be tried.
var someAtoms = []string{"binding", "control", "signer == 'judge'", "signer in ['judge', 'prosecutor']", "signer != 'minister'", "validator == 'judge'", "validator == signer",
	"targets_named >= 2", "targets_named == 1", "as_of <= signed + days(2)", "as_of < signed + days(3)", "'name' in fields"}

var someValues = map[string][]any{"binding": {true, false}, "control": {true, false}, "signer": {"judge", "prosecutor", "minister", "police_officer", "none"}, "validator": {"none", "judge", "prosecutor"},
	"targets_named": {0, 1, 2, 3}, "as_of": {today}, "signed": {"2026-11-25", "2026-11-26", "2026-11-28"}, "fields": {[]string{}, []string{"name"}, []string{"address"}}}

func drawExpression(t *rapid.T, depth int) string {
	if depth == 0 || rapid.IntRange(0, 3).Draw(t, "leaf") == 0 {
		return rapid.SampledFrom(someAtoms).Draw(t, "atom")
	}
	a, b := drawExpression(t, depth-1), drawExpression(t, depth-1)
	switch rapid.IntRange(0, 4).Draw(t, "join") {
	case 0:
		return "!(" + a + ")"
	case 1, 2:
		return "(" + a + ") && (" + b + ")"
	}
	return "(" + a + ") || (" + b + ")"
}

// everything is all facts that someValues allow for the facts that a text names.
func everything(text string) []fact.Facts {
	out := []fact.Facts{{}}
	for _, d := range fact.Schema() {
		values := someValues[d.Name]
		if values == nil || !strings.Contains(text, d.Name) {
			continue
		}
		var more []fact.Facts
		for _, f := range out {
			for _, v := range values {
				_ = f.Set(d.Name, v) // it is in the schema
				more = append(more, f)
			}
		}
		out = more
	}
	return out
}

// ruleOf is a rule of two expressions and nothing else.
func ruleOf(t *rapid.T, applies, requires string) (law.Rule, *law.Engine) {
	r := law.Rule{Entry: law.Entry{ID: "us.x.a", Applies: applies}, Requires: requires, Severity: law.Blocking}
	e, err := law.NewEngine(&law.Pack{Name: "us.x", Rules: []law.Rule{r}})
	if err != nil {
		t.Fatal(err)
	}
	return r, e
}

// Whatever the expressions are: where some facts leave an atom to decide, being so or
// not, a case among those that are offered does. That is found here by trying all facts.
func TestEachAtomThatCanDecideAloneHasItsPairOfCases(t *testing.T) {
	atoms := 0
	holds := map[string]*law.Engine{} // by atom
	rapid.Check(t, func(t *rapid.T) {
		src := [2]string{drawExpression(t, 1), drawExpression(t, 2)}
		r, right := ruleOf(t, src[0], src[1])
		facts := everything(src[0] + src[1])
		d, err := law.NewDraft(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		d.Rule = r
		offered, err := d.Cases(today)
		can := slices.ContainsFunc(facts, func(f fact.Facts) bool { return says(right, f) == law.Violated })
		if can != (err == nil) {
			t.Fatalf("%q: it can be violated: %v; %v", src, can, err)
		}
		if !can {
			return
		}
		for side := range src {
			for _, at := range leavesOf(src[side]) {
				atoms++
				atom, turned := src[side][at[0]:at[1]], src
				turned[side] = src[side][:at[0]] + "!(" + atom + ")" + src[side][at[1]:]
				_, wrong := ruleOf(t, turned[0], turned[1])
				if holds[atom] == nil {
					_, holds[atom] = ruleOf(t, "true", atom)
				}
				decided := func(list []fact.Facts) map[law.Outcome]bool {
					out := map[law.Outcome]bool{}
					for _, f := range list {
						a, b := says(right, f), says(wrong, f)
						if a != b && a != law.Ask && b != law.Ask {
							out[says(holds[atom], f)] = true
						}
					}
					return out
				}
				if diff := cmp.Diff(decided(facts), decided(factsIn(offered.Cases))); diff != "" {
					t.Fatalf("%q: %s decides, being so (holds) or not (violated), otherwise than the cases show (-can +shown): %s", src, atom, diff)
				}
			}
		}
	})
	if atoms < 100 {
		t.Errorf("only %d atoms", atoms)
	}
}

// The boundary is offered on both sides, and what cannot be told is named.
func TestDaysAreOfferedAtTheirBoundary(t *testing.T) {
	d := penRule(t)
	_ = d.State("requires", "signer == 'judge' || signer == 'prosecutor' && (validator == 'judge' || as_of <= signed + days(2))")
	p, err := d.Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]law.Outcome{}
	for _, c := range p.Cases {
		v := func(name string) any { x, _, _ := c.Facts.Get(name); return x }
		if v("signer") == "prosecutor" && c.Says != law.None {
			seen[fmt.Sprint(v("validator"), " ", v("signed"))] = c.Says
		}
	}
	want := map[string]law.Outcome{"none 2026-11-25": law.Violated, "none 2026-11-26": law.Holds, "judge 2026-11-25": law.Holds, "<nil> 2026-11-25": law.Ask}
	if diff := cmp.Diff(want, seen); diff != "" || len(p.Untold) > 0 {
		t.Error(diff, p.Untold)
	}
	_ = d.State("requires", "signer == 'judge' || signer != 'judge' && validator == 'judge'")
	p, err = d.Cases(today)
	if err != nil || !slices.Equal(p.Untold, []string{"the signer is not judge"}) {
		t.Errorf("%q %v", p.Untold, err)
	}
}

// What is offered goes together: who asks, which authority it is, and who signed; where
// the rule itself does not put them together.
func TestOfferedCasesGoTogether(t *testing.T) {
	d, err := law.NewDraft("de.x.a")
	if err != nil {
		t.Fatal(err)
	}
	_ = d.State("applies", "requester == 'government' && 'passwords' in fields")
	_ = d.State("requires", "signer in ['judge', 'investigating_judge'] || validator == 'court'")
	_ = d.State("instruments", "de_order")
	p, err := d.Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	private := false
	for _, c := range p.Cases {
		requester, _, _ := c.Facts.Get("requester")
		signer, _, _ := c.Facts.Get("signer")
		private = private || requester == "private_litigant" && signer != "police_officer"
		if law.Odd(c.Facts) > 0 {
			t.Error(law.FactsText(c.Facts))
		}
	}
	if !private {
		t.Error("no case of a private litigant")
	}
	all, strange := 0, 0 // of the program's rules
	for _, p := range embedded(t) {
		for _, r := range p.Rules {
			d, err := law.DraftOf(r)
			if err != nil {
				t.Fatal(err)
			}
			offered, err := d.Cases(today)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range factsIn(offered.Cases) {
				all++
				if law.Odd(f) > 0 {
					strange++
					t.Log(r.ID, law.FactsText(f))
				}
			}
		}
	}
	if strange > 3 || all < 1500 {
		t.Errorf("%d of %d do not go together", strange, all)
	}
}
