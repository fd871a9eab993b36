package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"counterseal/internal/fact"

	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// answers are the letters by which a person says what the law says of a case.
var answers = map[string]law.Outcome{"v": law.Violated, "h": law.Holds, "n": law.None, "a": law.Ask}

var verdicts = map[law.Outcome]string{law.Violated: "violated", law.Holds: "in order", law.None: "not about such a case", law.Ask: "that it must be asked"}

// cases asks what the law says of each case that the draft tells apart, until person
// and draft agree.
func (a *author) cases() error {
	fmt.Fprint(a.out, "\nCases. Say what the law says of each: v violated, h in order, n not about such a case, a nobody can say\nwithout the missing fact, s leave it out.\n")
	for {
		list, err := a.draft.Cases(a.today)
		if err != nil {
			p := problem.Of(err)
			fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
			err = a.again()
			if err != nil {
				return err
			}
			continue
		}
		a.draft.Examples = nil
		agreed, err := a.sitting(list)
		if err != nil {
			return err
		}
		if !agreed {
			continue
		}
		changed, err := a.kept(list)
		if err != nil {
			return err
		}
		if changed {
			continue
		}
		changed, err = a.more()
		if err != nil {
			return err
		}
		if !changed && a.enough() {
			return nil
		}
	}
}

// kept takes the examples that were judged before and are not among the proposed cases,
// and asks again where the rule says otherwise of one now.
func (a *author) kept(list []law.Case) (changed bool, err error) {
	for _, e := range slices.Clone(a.judged) {
		proposed := slices.ContainsFunc(list, func(c law.Case) bool { return c.Facts == e.Facts })
		taken := slices.ContainsFunc(a.draft.Examples, func(x law.Example) bool { return x.Facts == e.Facts })
		if e.Name == "" || proposed || taken {
			continue
		}
		c, err := a.draft.CaseOf(e.Facts, a.today)
		if err != nil {
			return false, err
		}
		if c.Says == e.Expect {
			_ = a.draft.Judged(e.Name, c, e.Expect) // they agree
			continue
		}
		fmt.Fprintf(a.out, "\n%s: %s\n", e.Name, a.words.SayFacts(c.Facts)+between(c.Facts))
		changed, err = a.judge(c, own)
		if changed || err != nil {
			return changed, err
		}
	}
	return false, nil
}

// own is the place of a case that was not proposed.
const own = -1

// more asks for cases of the author's own until there are no more; changed says that the
// draft was, and everything is asked again.
func (a *author) more() (changed bool, err error) {
	for what := "\nA case of your own (facts, such as " + example(a.draft) + "; empty: none)"; ; what = "\nAnother one (empty: no more)" {
		text, err := a.line(what, "")
		if err != nil || text == "" {
			return false, err
		}
		c, err := a.draft.Own(text, a.today)
		if err != nil {
			p := problem.Of(err)
			fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
			continue
		}
		fmt.Fprintf(a.out, "   %s\n", a.words.SayFacts(c.Facts)+between(c.Facts))
		changed, err := a.judge(c, own)
		if changed || err != nil {
			return changed, err
		}
	}
}

// example is a case as it is typed: the first one that was judged.
func example(d *law.Draft) string {
	if len(d.Examples) == 0 {
		return "kind: data"
	}
	return strings.Trim(law.FactsText(d.Examples[0].Facts), "{}")
}

// enough says whether the examples are those that a rule needs.
func (a *author) enough() bool {
	has := func(list ...law.Outcome) bool {
		return slices.ContainsFunc(a.draft.Examples, func(e law.Example) bool { return slices.Contains(list, e.Expect) })
	}
	if has(law.Violated) && has(law.Holds, law.None) {
		return true
	}
	fmt.Fprintln(a.out, "  a rule has a case that violates it and one that does not: do not leave both out")
	a.judged = nil
	return false
}

// sitting goes through the cases; false: the draft was changed, and they are made anew.
func (a *author) sitting(list []law.Case) (bool, error) {
	for i, c := range list {
		was := slices.IndexFunc(a.judged, func(e law.Example) bool { return e.Facts == c.Facts })
		if was >= 0 && a.judged[was].Expect == c.Says {
			e := a.judged[was]
			if e.Name != "" { // else it was left out
				_ = a.draft.Judged(e.Name, c, e.Expect) // they agree
			}
			continue
		}
		fmt.Fprintf(a.out, "\n%d  %s\n", i+1, a.told(c, i))
		changed, err := a.judge(c, i)
		if changed || err != nil {
			return false, err
		}
	}
	return true, nil
}

// told is a case in words: the first whole, the others by what is other than there.
func (a *author) told(c law.Case, i int) string {
	switch {
	case i == 0 || c.Changed == "":
		return a.words.SayFacts(c.Facts) + between(c.Facts)
	case a.words.SayFacts(c.Facts, c.Changed) == "":
		return "as 1, but nobody states " + c.Changed
	}
	return "as 1, but " + a.words.SayFacts(c.Facts, c.Changed) + between(c.Facts)
}

// between counts the days from one date of a case to the next, which nobody does in
// their head.
func between(f fact.Facts) string {
	var days []time.Time
	var names []string
	for _, name := range f.Known().Names() {
		k, _ := fact.Lookup(name)
		raw, _ := f.Raw(k)
		if k.Def().Type == fact.Date && k != fact.AsOf {
			days, names = append(days, fact.DayTime(raw)), append(names, name)
		}
	}
	var out []string
	for i := range days {
		for j := range i {
			n := int(days[i].Sub(days[j]).Hours() / 24)
			first, last := names[j], names[i]
			if n < 0 {
				n, first, last = -n, last, first
			}
			out = append(out, fmt.Sprintf("%s is %s after %s", last, several(n, "day"), first))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return " (" + strings.Join(out, "; ") + ")"
}

// judge asks for one case until the person agrees with the draft, or changes it.
func (a *author) judge(c law.Case, i int) (changed bool, err error) {
	for {
		text, err := a.line("   the law says (v, h, n, a, s)", "")
		if err != nil {
			return false, err
		}
		if text == "s" {
			a.judged = append(a.judged, law.Example{Facts: c.Facts, Expect: c.Says})
			return false, nil
		}
		says, known := answers[text]
		if !known {
			fmt.Fprintln(a.out, "   v violated · h in order · n not about such a case · a nobody can say without the missing fact · s leave it out")
			continue
		}
		if says != c.Says {
			fmt.Fprintf(a.out, "   You say %s, and the rule as it is written says %s%s: one of the two is wrong.\n", verdicts[says], verdicts[c.Says], missing(c.Missing))
			text, err = a.line("   j judge again, c correct the rule", "j")
			if err != nil {
				return false, err
			}
			if text == "c" {
				return true, a.again()
			}
			continue
		}
		name, err := a.line("   a name for this case", a.named(c, i))
		if err != nil {
			return false, err
		}
		err = a.draft.Judged(name, c, says)
		a.judged = append(a.judged, law.Example{Name: name, Facts: c.Facts, Expect: says, Missing: c.Missing})
		return false, err
	}
}

func missing(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprint(" for ", names)
}

// named proposes a name.
func (a *author) named(c law.Case, i int) string {
	switch {
	case i == own:
		return "a further case"
	case i == 0 || c.Changed == "":
		return a.words.Say("!(" + a.draft.Requires + ")")
	case a.words.SayFacts(c.Facts, c.Changed) == "":
		return c.Changed + " is not stated"
	}
	return a.words.SayFacts(c.Facts, c.Changed)
}

// again asks for what may be wrong in the draft.
func (a *author) again() error {
	for _, field := range []string{"from", "to", "instruments", "applies", "requires"} {
		a.begun[field] = a.draft.Said(field)
		err := a.field(field)
		if err != nil {
			return err
		}
	}
	return nil
}
