package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// answers are the words by which a person says what the law says of a case.
var answers = map[string]law.Outcome{"v": law.Violated, "violated": law.Violated, "h": law.Holds, "holds": law.Holds, "n": law.None, "none": law.None, "a": law.Ask, "ask": law.Ask}

var verdicts = map[law.Outcome]string{law.Violated: "violated", law.Holds: "in order", law.None: "not about such a case", law.Ask: "that it must be asked"}

const letters = "v violated, h in order, n not about such a case, a nobody can say before it is stated, s skip"

const ahead = "   That day in question lies ahead."

// cases asks what the law says of each case that the draft tells apart, until person
// and draft agree.
func (a *author) cases() error {
	for {
		p, err := a.draft.Cases(a.today)
		if err != nil {
			p := problem.Of(err)
			fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
			err = a.again("r")
			if err != nil {
				return err
			}
			continue
		}
		a.draft.Examples = nil
		a.first = p.Cases[0].Facts
		a.announce(p.Cases)
		for _, atom := range p.Untold {
			fmt.Fprintf(a.out, "No case shows whether it matters that %s: the rest has decided by then.\n", atom)
		}
		agreed, err := a.sitting(p.Cases)
		if err != nil {
			return err
		}
		if !agreed {
			continue
		}
		changed, err := a.kept(p.Cases)
		if err != nil {
			return err
		}
		if changed {
			continue
		}
		changed, err = a.more(p.Cases)
		if err != nil {
			return err
		}
		if !changed && a.enough() {
			return nil
		}
	}
}

// announce says how many cases there are, and how many of them were judged before.
func (a *author) announce(list []law.Case) {
	stand := 0
	for _, c := range list {
		if slices.ContainsFunc(a.judged, func(e law.Example) bool { return e.Facts == c.Facts && e.Expect == c.Says }) {
			stand++
		}
	}
	switch {
	case stand == len(list):
		fmt.Fprintf(a.out, "\n%d cases. What you said of each stands.\n", len(list))
	case stand > 0:
		fmt.Fprintf(a.out, "\n%d cases. What you said of %d stands. What does the law say of the others? (A name of yours for it may follow the letter.)\n%s\n", len(list), stand, letters)
	default:
		fmt.Fprintf(a.out, "\n%d cases. What does the law say of each? (A name of yours for it may follow the letter.)\n%s\n", len(list), letters)
	}
	if stand < len(list) {
		fmt.Fprintf(a.out, "The rule looks at %s, and at nothing else.\n", a.lookedAt(list))
	}
}

// lookedAt names what the draft looks at in any of the cases: who forgot a condition
// misses it here, before a case that leaves it unsaid.
func (a *author) lookedAt(list []law.Case) string {
	var all law.Case
	for _, c := range list {
		for _, name := range c.Looked {
			if !slices.Contains(all.Looked, name) {
				all.Looked = append(all.Looked, name)
			}
		}
	}
	return a.looked(all)
}

// kept takes the examples that were judged before and are not among the proposed cases,
// and asks again where the rule says otherwise of one now.
func (a *author) kept(list []law.Case) (changed bool, err error) {
	for _, e := range slices.Clone(a.judged) {
		proposed := slices.ContainsFunc(list, func(c law.Case) bool { return c.Facts == e.Facts || slices.Contains(c.Also, e.Facts) })
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
		fmt.Fprintf(a.out, "\n%s: %s\n", e.Name, a.told(c))
		changed, err = a.judge(c)
		if changed || err != nil {
			return changed, err
		}
	}
	return false, nil
}

// more asks for cases of the author's own until there are no more; changed says that the
// draft was, and everything is asked again.
func (a *author) more(list []law.Case) (changed bool, err error) {
	if a.owed != nil { // the one that showed what was wrong
		c, err := a.draft.CaseOf(*a.owed, a.today)
		if err != nil {
			return false, err
		}
		a.owed = nil
		changed, err = a.own(c)
		if changed || err != nil {
			return changed, err
		}
	}
	for what := "\nA case of your own: what is other than in case 1 (binding: false, or as cases say it: as 2, but …; empty: none)"; ; what = "\nAnother (empty: no more)" {
		text, err := a.line(what, "")
		if err != nil || slices.Contains([]string{"", "n", "no", "none"}, text) {
			return false, err
		}
		c, err := a.draft.Own(text, a.today, list)
		if err != nil {
			p := problem.Of(err)
			fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
			continue
		}
		changed, err := a.own(c)
		if changed || err != nil {
			return changed, err
		}
	}
}

// own asks for one case of the author's own, unless it stands already.
func (a *author) own(c law.Case) (changed bool, err error) {
	if i := slices.IndexFunc(a.draft.Examples, func(e law.Example) bool { return e.Facts == c.Facts }); i >= 0 {
		fmt.Fprintf(a.out, "   This case stands already: %s, %s.\n", a.draft.Examples[i].Name, verdicts[a.draft.Examples[i].Expect])
		return false, nil
	}
	fmt.Fprintf(a.out, "   %s\n", a.told(c))
	changed, err = a.judge(c)
	if changed {
		a.owed = &c.Facts
	}
	return changed, err
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
			if name := a.judged[was].Name; name != "" { // else it was left out
				a.take(c, name)
			}
			continue
		}
		fmt.Fprintf(a.out, "\n%d  %s\n", i+1, a.told(c))
		changed, err := a.judge(c)
		if changed || err != nil {
			return false, err
		}
	}
	return true, nil
}

// told is a case in words, with those of which the same is said.
func (a *author) told(c law.Case) string {
	says := a.words.SayCase(c, a.draft.Applies, a.draft.Requires)
	if len(c.Also) > 0 {
		says += "\n   and so where " + strings.Join(a.words.SayAlso(c), ", or ")
	}
	if day, known, _ := c.Facts.Get(fact.AsOf.String()); known && day.(string) > a.today { // the schema's name, a day
		says += "\n" + ahead
	}
	return says
}

// take takes down a case on which person and draft agree, and those beside it.
func (a *author) take(c law.Case, name string) {
	_ = a.draft.Judged(name, c, c.Says) // they agree
	for i, f := range c.Also {
		beside := name + ": " + a.words.SayAlso(c)[i]
		was := slices.IndexFunc(a.judged, func(e law.Example) bool { return e.Facts == f && e.Expect == c.Says && e.Name != "" })
		if was >= 0 {
			beside = a.judged[was].Name
		}
		_ = a.draft.Judged(beside, law.Case{Facts: f, Says: c.Says}, c.Says) // they agree there, too
	}
}

// judge asks for one case until the person agrees with the draft, or changes it.
func (a *author) judge(c law.Case) (changed bool, err error) {
	again := "" // judged anew at once
	for {
		text := again
		if text == "" {
			text, err = a.line("   the law says", "")
			if err != nil {
				return false, err
			}
		}
		again = ""
		text, name, _ := strings.Cut(text, " ")
		if text == "s" {
			a.judged = append(a.judged, law.Example{Facts: c.Facts, Expect: c.Says})
			return false, nil
		}
		says, known := answers[text]
		if !known {
			fmt.Fprintf(a.out, "   %s\n", letters)
			continue
		}
		if says != c.Says {
			fmt.Fprintf(a.out, "   You say %s, the rule as it is written %s%s: one of the two is wrong.\n", verdicts[says], verdicts[c.Says], missing(c.Missing))
			fmt.Fprintf(a.out, "   It looks at %s, and at nothing else.\n", a.looked(c))
			text, err = a.line("   Judge again by a letter, or c: correct the rule", "")
			if err != nil {
				return false, err
			}
			if text == "c" {
				return true, a.again(wrongIn(says, c.Says))
			}
			again = text
			continue
		}
		name = cmp.Or(strings.TrimSpace(name), a.named(c))
		a.take(c, name)
		a.judged = append(a.judged, law.Example{Name: name, Facts: c.Facts, Expect: says, Missing: c.Missing})
		return false, nil
	}
}

// looked names what the draft looks at in a case.
func (a *author) looked(c law.Case) string {
	out := slices.Clone(c.Looked)
	for i, name := range out {
		if name == fact.AsOf.String() {
			out[i] = "as_of (the day in question)"
		}
	}
	return strings.Join(out, ", ")
}

func missing(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprint(" for ", names)
}

// maxName is how many words a proposed name has.
const maxName = 10

// named proposes a name: what is other, or in what the first is amiss; where that takes
// many words, one of the facts as a facts file has it.
func (a *author) named(c law.Case) string {
	says, of := a.words.SayChange(c), c.Changed
	if c.Like < 0 {
		says, of = a.words.Say("!("+a.draft.Requires+")"), c.Looked
	}
	of = slices.DeleteFunc(slices.Clone(of), func(name string) bool { return name == fact.AsOf.String() })
	if len(strings.Fields(says)) <= maxName || len(of) == 0 {
		return says
	}
	last := of[len(of)-1]
	v, known, err := c.Facts.Get(last)
	if err != nil || !known {
		return "nobody states " + last
	}
	return fmt.Sprintf("%s: %v", last, v)
}

// wrongIn is the field in which the draft is likely wrong: applies, where one of two
// verdicts is that it is not about the case.
func wrongIn(says, is law.Outcome) string {
	if says == law.None || is == law.None {
		return "a"
	}
	return "r"
}

// again asks what is wrong in the draft, and for that anew.
func (a *author) again(likely string) error {
	for {
		text, err := a.line("   Which? a applies, r requires, p papers, c courts, f in force", likely)
		if err != nil {
			return err
		}
		field, known := map[string]string{"a": "applies", "r": "requires", "p": "instruments", "c": "inside", "f": "in_force"}[text]
		if !known {
			continue
		}
		was := a.draft.Said(field)
		a.begun[field] = was
		err = a.field(field)
		if errors.Is(err, errBack) {
			continue
		}
		if err == nil && a.draft.Said(field) == was {
			fmt.Fprintln(a.out, "   That is as it was: the rule is not changed.")
		}
		return err
	}
}
