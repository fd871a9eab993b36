package cli

import (
	"fmt"
	"slices"

	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// answers are the letters by which a person says what the law says of a case.
var answers = map[string]law.Outcome{"v": law.Violated, "h": law.Holds, "n": law.None, "a": law.Ask}

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
		if agreed && a.enough() {
			return nil
		}
	}
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
		return a.words.SayFacts(c.Facts)
	case a.words.SayFacts(c.Facts, c.Changed) == "":
		return "as 1, but nobody states " + c.Changed
	}
	return "as 1, but " + a.words.SayFacts(c.Facts, c.Changed)
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
			continue
		}
		if says != c.Says {
			fmt.Fprintf(a.out, "   You say %s, and the rule as it is written says %s%s: one of the two is wrong.\n", says, c.Says, missing(c.Missing))
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
