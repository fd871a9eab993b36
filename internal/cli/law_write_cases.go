package cli

import (
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// cases asks what the law says of each case that the draft tells apart, until person
// and draft agree.
func (a *author) cases() error {
	a.draft.Named = a.looksAt()
	for {
		p, err := a.draft.Cases(a.today)
		if err != nil {
			p := problem.Of(err)
			fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
			err = a.correct("r")
			if err != nil {
				return err
			}
			continue
		}
		a.draft.Examples, a.before = nil, slices.Clone(a.judged)
		a.first = p.Cases[0].Facts
		a.draft.First = a.first
		a.all = lookedAt(p.Cases)
		a.overview()
		for _, atom := range p.Untold {
			fmt.Fprintf(a.out, "No case shows whether it matters that %s: the rest has decided by then.\n", atom)
		}
		list := apart(p.Cases)
		rows, err := a.rows(list)
		if err != nil {
			return err
		}
		changed, err := a.judge(rows)
		if err != nil {
			return err
		}
		if changed {
			continue
		}
		err = a.kept(list)
		if err != nil {
			return err
		}
		changed, err = a.more(list)
		if err != nil {
			return err
		}
		if !changed && a.enough() {
			return nil
		}
	}
}

// apart puts a case for each other rank after all others, whose numbers stay.
func apart(list []law.Case) []law.Case {
	out := slices.Clone(list)
	for i, c := range list {
		for _, f := range c.Ranks {
			out = append(out, law.Case{Facts: f, Says: c.Says, Missing: c.Missing, Looked: c.Looked, Like: i, Changed: f.Differs(&c.Facts).Names()})
		}
	}
	return out
}

// rows are the cases of a sheet, and after them those that were judged before and of which
// the draft says otherwise now.
func (a *author) rows(list []law.Case) ([]row, error) {
	var rows []row
	looked := lookedAt(list).Looked
	for i, c := range list {
		r := row{Case: c, no: i + 1, told: a.told(c), before: a.earlier(c, looked)}
		for _, e := range a.judged {
			if e.Facts != c.Facts || !agree(e.Expect, c.Says) {
				continue
			}
			if slices.ContainsFunc(c.Also, func(f fact.Facts) bool { return !a.knows(f, c.Says) }) {
				r.before = letter(c.Says) + " " + e.Name // what is beside it was not judged
			} else {
				r.stood, r.says, r.name, r.skipped = true, c.Says, e.Name, e.Name == ""
			}
		}
		rows = append(rows, r)
	}
	for _, e := range slices.Clone(a.judged) {
		if e.Name == "" || proposed(list, e.Facts) || superseded(list, e) {
			continue
		}
		c, err := a.draft.CaseOf(e.Facts, a.today)
		if err != nil {
			return nil, err
		}
		if c.Says == law.Ask && e.Expect != law.Ask {
			c, err = a.filled(e, c)
			if err != nil {
				return nil, err
			}
		}
		if !agree(c.Says, e.Expect) {
			rows = append(rows, row{Case: c, no: len(rows) + 1, told: e.Name + ": " + a.told(c), says: e.Expect, name: e.Name})
		}
	}
	return rows, nil
}

// knows says whether the person has judged facts so, or seen them beside a case that she judged.
func (a *author) knows(f fact.Facts, says law.Outcome) bool {
	return slices.Contains(a.seen, f) || slices.ContainsFunc(a.judged, func(e law.Example) bool { return e.Facts == f && agree(e.Expect, says) })
}

// filled is a case that was judged, with what the draft has come to look at as it is in the first:
// what was said of it stands, where the draft says so, too.
func (a *author) filled(e law.Example, c law.Case) (law.Case, error) {
	f := e.Facts
	for _, name := range c.Missing {
		v, known, err := a.first.Get(name)
		if err != nil || !known || f.Set(name, v) != nil {
			return c, nil
		}
	}
	is, err := a.draft.CaseOf(f, a.today)
	if err != nil || !agree(is.Says, e.Expect) {
		return c, err
	}
	a.judged = slices.DeleteFunc(a.judged, func(x law.Example) bool { return x.Facts == e.Facts })
	a.remember(e.Name, is, e.Expect)
	return is, nil
}

// proposed says whether facts are those of a case.
func proposed(list []law.Case, f fact.Facts) bool {
	return slices.ContainsFunc(list, func(c law.Case) bool { return c.Facts == f || slices.Contains(c.Also, f) })
}

// superseded says whether a case that was judged is there with more of what the rule has come
// to look at: it is judged so, and shows nothing without that.
func superseded(list []law.Case, e law.Example) bool {
	same := func(f fact.Facts) bool {
		more := f.Known().Without(e.Facts.Known()).Names()
		for _, name := range more {
			_ = f.Forget(name) // it is the schema's
		}
		return len(more) > 0 && f == e.Facts
	}
	return slices.ContainsFunc(list, func(c law.Case) bool {
		return same(c.Facts) || slices.ContainsFunc(c.Also, same)
	})
}

// kept takes the examples that were judged before and are not among the cases.
func (a *author) kept(list []law.Case) error {
	for _, e := range slices.Clone(a.judged) {
		taken := slices.ContainsFunc(a.draft.Examples, func(x law.Example) bool { return x.Facts == e.Facts })
		if e.Name == "" || taken || proposed(list, e.Facts) || superseded(list, e) {
			continue
		}
		c, err := a.draft.CaseOf(e.Facts, a.today)
		if err != nil {
			return err
		}
		a.take(c, e.Name) // where they do not agree, it was judged again
	}
	return nil
}

// remember takes down what was said of a case; "" as its name: it was left out.
func (a *author) remember(name string, c law.Case, says law.Outcome) {
	a.judged = slices.DeleteFunc(a.judged, func(e law.Example) bool { return e.Facts == c.Facts })
	a.judged = append(a.judged, law.Example{Name: name, Facts: c.Facts, Expect: says, Missing: c.Missing})
}

// take takes down a case on which person and draft agree, and those beside it.
func (a *author) take(c law.Case, name string) {
	_ = a.draft.Judged(a.unlike(name), c, c.Says) // they agree
	for i, f := range c.Also {
		beside := name + ": " + a.words.SayAlso(c)[i]
		was := slices.IndexFunc(a.judged, func(e law.Example) bool { return e.Facts == f && e.Expect == c.Says && e.Name != "" })
		if was >= 0 {
			beside = a.judged[was].Name
		}
		_ = a.draft.Judged(a.unlike(beside), law.Case{Facts: f, Says: c.Says}, c.Says) // they agree there, too
	}
}

// unlike is a name that no example has yet.
func (a *author) unlike(name string) string {
	out := name
	for n := 2; slices.ContainsFunc(a.draft.Examples, func(e law.Example) bool { return e.Name == out }); n++ {
		out = fmt.Sprintf("%s (%d)", name, n)
	}
	return out
}

// more asks for cases of the author's own until there are no more; changed says that the
// draft was, and everything is asked again.
func (a *author) more(list []law.Case) (changed bool, err error) {
	for what := "\nA case of your own: as 2, but …; without a number as 1 (empty: none)"; ; what = "\nAnother (empty: no more)" {
		text, err := a.line(what, "")
		if err != nil || slices.Contains([]string{"", "n", "no", "none"}, text) {
			return false, err
		}
		if looksFor, asks := strings.CutPrefix(text, "?"); asks {
			a.offer("applies", strings.TrimSpace(looksFor))
			continue
		}
		c, err := a.draft.Own(text, a.today, list)
		if err != nil {
			p := problem.Of(err)
			fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
			a.suggest(text)
			continue
		}
		if i := slices.IndexFunc(a.draft.Examples, func(e law.Example) bool { return e.Facts == c.Facts }); i >= 0 {
			fmt.Fprintf(a.out, "   This case stands already: %s, %s.\n", a.draft.Examples[i].Name, verdicts[a.draft.Examples[i].Expect])
			continue
		}
		changed, err := a.judge([]row{{Case: c, told: a.told(c)}})
		if changed || err != nil {
			return changed, err
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

// told is a case in words, with those of which the same is said.
func (a *author) told(c law.Case) string {
	says := a.words.SayCase(c, a.draft.Applies, a.draft.Requires)
	if len(c.Also) > 0 {
		says += "\n   and so where " + strings.Join(a.words.SayAlso(c), ", or ")
	}
	return says
}
