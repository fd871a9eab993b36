package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A part of a rule may be corrected when its cases are judged.
type part struct{ letter, field, name, none string }

var parts = []part{
	{"a", "applies", "applies where", ""},
	{"r", "requires", "requires that", ""},
	{"p", "instruments", "papers", "every"},
	{"f", "in_force", "in force", "always"},
	{"k", "inside", "courts", "every"},
	{"s", "severity", "severity", ""},
	{"d", "respond", "proposes", ""},
	{"t", "en", "sentence", ""},
}

// wrongIn is the part in which the draft is likely wrong: what it requires, where a case is
// other in what that looks at, and in the first.
func (a *author) wrongIn(r *row) string {
	if len(r.Changed) == 0 || slices.ContainsFunc(r.Changed, func(name string) bool { return strings.Contains(a.draft.Requires, name) }) {
		return "r"
	}
	return "a"
}

// correct shows the parts of the draft, and asks for those that are wrong anew, until there
// are no more.
func (a *author) correct(likely string) error {
	for _, p := range parts {
		if !a.asks(p.field) {
			continue
		}
		said := a.draft.Said(p.field)
		switch {
		case said == "":
			said = p.none
		case p.field == "applies" || p.field == "requires":
			said = a.words.Say(said)
		}
		fmt.Fprintf(a.out, "   %s  %-13s  %s\n", p.letter, p.name, said)
	}
	what := "   Which part?"
	for {
		text, err := a.line(what, likely)
		if err != nil || text == "" {
			return err
		}
		for _, p := range parts {
			if strings.ToLower(text) != p.letter || !a.asks(p.field) {
				continue
			}
			err := a.anew(p.field)
			if err != nil {
				return err
			}
			what, likely = "   Another part? (empty: no)", ""
		}
	}
}

// anew asks for a part of the draft that stands.
func (a *author) anew(field string) error {
	was := a.draft.Said(field)
	a.begun[field] = was
	err := a.field(field)
	if errors.Is(err, errBack) {
		return nil
	}
	if err == nil && a.draft.Said(field) == was {
		fmt.Fprintln(a.out, "   That is as it was: the rule is not changed.")
	}
	return err
}
