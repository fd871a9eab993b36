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
		a.draft.Examples, a.before = nil, slices.Clone(a.judged)
		a.first = p.Cases[0].Facts
		changed, err := a.beside(p.Cases)
		if err != nil {
			return err
		}
		if changed {
			continue
		}
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
		changed, err = a.kept(p.Cases)
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
		if a.stood(c.Facts, c.Says) && !slices.ContainsFunc(c.Ranks, func(f fact.Facts) bool { return !a.stood(f, c.Says) }) {
			stand++
		}
	}
	switch {
	case stand == len(list):
		fmt.Fprintf(a.out, "\n%d cases. What you said of each stands.\n", len(list))
	case stand > 0:
		fmt.Fprintf(a.out, "\n%d cases. What you said of %d of them stands. What does the law say of the others? (A name of yours for it may follow the letter.)\n%s\n", len(list), stand, letters)
	default:
		fmt.Fprintf(a.out, "\n%d cases. What does the law say of each? (A name of yours for it may follow the letter.)\n%s\n", len(list), letters)
	}
}

// stood says whether a verdict on facts was given, or the case was left out.
func (a *author) stood(f fact.Facts, says law.Outcome) bool {
	return slices.ContainsFunc(a.judged, func(e law.Example) bool { return e.Facts == f && e.Expect == says })
}

// remember takes down what was said of a case; "" as its name: it was left out.
func (a *author) remember(name string, c law.Case, says law.Outcome) {
	a.judged = slices.DeleteFunc(a.judged, func(e law.Example) bool { return e.Facts == c.Facts })
	a.judged = append(a.judged, law.Example{Name: name, Facts: c.Facts, Expect: says, Missing: c.Missing})
}

// lookedAt is what the draft looks at in any of the cases: who forgot a condition misses it
// here, before a case that leaves it unsaid.
func lookedAt(list []law.Case) (all law.Case) {
	for _, c := range list {
		for _, name := range c.Looked {
			if !slices.Contains(all.Looked, name) {
				all.Looked = append(all.Looked, name)
			}
		}
	}
	return all
}

// kept takes the examples that were judged before and are not among the proposed cases,
// and asks again where the rule says otherwise of one now.
func (a *author) kept(list []law.Case) (changed bool, err error) {
	for _, e := range slices.Clone(a.judged) {
		proposed := slices.ContainsFunc(list, func(c law.Case) bool {
			return c.Facts == e.Facts || slices.Contains(c.Also, e.Facts) || slices.Contains(c.Ranks, e.Facts)
		})
		taken := slices.ContainsFunc(a.draft.Examples, func(x law.Example) bool { return x.Facts == e.Facts })
		if e.Name == "" || proposed || taken || a.superseded(e) {
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
		changed, err = a.judge(c, theLaw)
		if changed || err != nil {
			return changed, err
		}
	}
	return false, nil
}

// superseded says whether a case that was judged stands with the same verdict, and states
// more of what the rule has come to look at: then it shows nothing of its own.
func (a *author) superseded(e law.Example) bool {
	return slices.ContainsFunc(a.draft.Examples, func(x law.Example) bool {
		f := x.Facts
		more := f.Known().Without(e.Facts.Known()).Names()
		for _, name := range more {
			_ = f.Forget(name) // it is the schema's
		}
		return len(more) > 0 && x.Expect == e.Expect && f == e.Facts
	})
}

// more asks for cases of the author's own until there are no more; changed says that the
// draft was, and everything is asked again.
func (a *author) more(list []law.Case) (changed bool, err error) {
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
	return a.judge(c, theLaw)
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
		ranks := a.words.SayRanks(c)
		if a.stood(c.Facts, c.Says) && !slices.ContainsFunc(c.Ranks, func(f fact.Facts) bool { return !a.stood(f, c.Says) }) {
			a.takeUp(c)
			for _, f := range c.Ranks {
				a.takeUp(law.Case{Facts: f, Says: c.Says})
			}
			continue
		}
		fmt.Fprintf(a.out, "\n%d  %s\n", i+1, a.told(c))
		var err error
		changed := false
		if a.stood(c.Facts, c.Says) {
			a.takeUp(c)
			fmt.Fprintf(a.out, "   %s, as you said\n", verdicts[c.Says])
		} else {
			changed, err = a.judge(c, theLaw)
		}
		for j := 0; j < len(ranks) && !changed && err == nil; j++ {
			like := law.Case{Facts: c.Ranks[j], Says: c.Says, Missing: c.Missing, Looked: c.Looked, Like: i, Changed: c.Ranks[j].Differs(&c.Facts).Names()}
			if a.stood(like.Facts, like.Says) {
				a.takeUp(like)
				continue
			}
			changed, err = a.judge(like, fmt.Sprintf("   as %d where %s", i+1, ranks[j]))
		}
		if changed || err != nil {
			return false, err
		}
	}
	return true, nil
}

// takeUp takes a case down under the name that it was judged by; one without was left out.
func (a *author) takeUp(c law.Case) {
	was := slices.IndexFunc(a.judged, func(e law.Example) bool { return e.Facts == c.Facts })
	if name := a.judged[was].Name; name != "" {
		a.take(c, name)
	}
}

// told is a case in words, with those of which the same is said.
func (a *author) told(c law.Case) string {
	says := a.words.SayCase(c, a.draft.Applies, a.draft.Requires)
	if len(c.Also) > 0 {
		says += "\n   and so where " + strings.Join(a.words.SayAlso(c), ", or ")
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

// theLaw is what is asked of a case.
const theLaw = "   the law says"

// judge asks for one case until the person agrees with the draft, or changes it. What she
// held against the draft is not asked again where the changed one says so, too.
func (a *author) judge(c law.Case, what string) (changed bool, err error) {
	again := "" // judged anew at once
	for {
		text := again
		if text == "" {
			text, err = a.line(what, a.earlier(c))
			if err != nil {
				return false, err
			}
		}
		again = ""
		text, name, _ := strings.Cut(text, " ")
		if text == "s" {
			a.remember("", c, c.Says)
			return false, nil
		}
		says, known := answers[text]
		if !known {
			fmt.Fprintf(a.out, "   %s\n", letters)
			continue
		}
		name = cmp.Or(strings.TrimSpace(name), a.named(c))
		if says != c.Says {
			fmt.Fprintf(a.out, "   You say %s, the rule as it is written %s%s: one of the two is wrong.\n", verdicts[says], verdicts[c.Says], missing(c.Missing))
			fmt.Fprintf(a.out, "   It looks at %s, and at nothing else.\n", a.looked(c))
			text, err = a.line("   Judge again by a letter, or c: correct the rule", "")
			if err != nil {
				return false, err
			}
			if text == "c" {
				a.remember(name, c, says)
				return true, a.again(wrongIn(says, c.Says))
			}
			again = text
			continue
		}
		a.take(c, name)
		a.remember(name, c, says)
		return false, nil
	}
}

// earlier is the letter, and the name, that was given to the same case before the rule looked
// at what it states more: whoever adds a condition judges its cases again by Enter, but for
// those that are other in it.
func (a *author) earlier(c law.Case) (says string) {
	least := fact.Count
	for _, e := range a.before {
		f := c.Facts
		more := c.Facts.Known().Without(e.Facts.Known()).Names()
		added := len(more) > 0 && e.Name != "" && e.Expect != law.Ask
		for _, name := range more {
			_ = f.Forget(name) // it is the schema's
			added = added && slices.Contains(c.Looked, name) && !slices.Contains(c.Changed, name)
		}
		if added && f == e.Facts && len(more) < least {
			says, least = string(e.Expect)[:1]+" "+e.Name, len(more)
		}
	}
	return says
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
