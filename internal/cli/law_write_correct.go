package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// parts are the fields of a rule by the letters by which they are corrected.
var parts = []struct{ letter, field string }{
	{"a", "applies"}, {"r", "requires"}, {"p", "instruments"}, {"f", "in_force"}, {"k", "inside"}, {"l", "leaves_out"}, {"s", "finds"}, {"t", "en"}, {"c", "cite"}, {"q", "quote"}, {"h", "read"},
}

// deciding is how many of them decide what the rule finds.
const deciding = 5

// partNames are short names of the fields.
var partNames = map[string]string{"applies": "applies where", "requires": "requires that", "leaves_out": "leaves out", "instruments": "papers", "in_force": "in force", "inside": "courts", "finds": "finds",
	"en": "sentence", "cite": "citation", "quote": "words", "read": "read"}

// shows is a field as people read it.
func (a *author) shows(field string) string {
	said := a.draft.Said(field)
	switch {
	case said == "":
		return cmp.Or(map[string]string{"in_force": "always", "quote": "none", "leaves_out": "nothing"}[field], "every")
	case field == "applies" || field == "requires":
		return a.words.Say(said)
	}
	return said
}

// wrongIn is the part in which the draft is likely wrong: to what it applies, where a case is
// other in that alone, or in where the paper is from; else what it requires, which may have been forgotten.
func (a *author) wrongIn(r *row) string {
	in := func(condition string) bool {
		return slices.ContainsFunc(r.Changed, func(name string) bool { return strings.Contains(condition, name) })
	}
	home, _, _ := a.draft.Home()
	if len(a.draft.Instruments) > 0 && slices.Contains(r.Changed, fact.Instrument.String()) && !in(a.draft.Applies+a.draft.Requires) {
		return "p"
	}
	if (in(a.draft.Applies) || slices.Contains(r.Changed, home.String())) && !in(a.draft.Requires) {
		return "a"
	}
	return "r"
}

// correct shows the parts of the draft, and asks for those that are wrong anew, until there
// are no more.
func (a *author) correct(likely string) error {
	defer a.resay()()
	var others []string
	for i, p := range parts {
		switch {
		case !a.asks(p.field):
		case likely != "" && i >= deciding:
			others = append(others, p.letter+" "+partNames[p.field])
		default:
			fmt.Fprintf(a.out, "   %s  %-13s  %s\n", p.letter, partNames[p.field], a.shows(p.field))
		}
	}
	what := "   Which part is to be other? (empty: none)"
	if likely != "" {
		fmt.Fprintf(a.out, "   also %s\n", strings.Join(others, ", "))
		what = "   Which part?"
	}
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

// mended says what a change of one word is.
func (a *author) mended(fields map[string]string) string {
	var out []string
	for _, p := range parts {
		text, changes := fields[p.field]
		if changes && p.field != "instruments" {
			text = a.words.Say(text)
		}
		if changes {
			out = append(out, partNames[p.field]+" "+text)
		}
	}
	return strings.Join(out, "; ")
}

// mend changes the draft by words that it proposed itself.
func (a *author) mend(fields map[string]string) error {
	own := a.draft.Letter.EN != a.sentence()
	defer a.resay()()
	for _, p := range parts {
		text, changes := fields[p.field]
		if !changes {
			continue
		}
		err := a.draft.State(p.field, text)
		if err != nil {
			return err
		}
		a.keep(p.field, text)
	}
	if own && fields["requires"] != "" {
		a.begun["en"] = a.draft.Letter.EN
		err := a.field("en") // it says what the rule required
		if errors.Is(err, errBack) {
			return nil
		}
		return err
	}
	return nil
}

// resay keeps the sentence for letters the proposed one, where it was taken, when the rule is
// changed: it gives what is to be done then.
func (a *author) resay() func() {
	was := a.sentence()
	return func() {
		is := a.sentence()
		if a.draft.Letter.EN == was && is != "" && a.draft.State("en", is) == nil {
			a.keep("en", is)
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
