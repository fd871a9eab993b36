package law

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// A Difference is a case of which the draft's author says otherwise than the draft.
type Difference struct {
	Case
	Means Outcome // what the law says; None stands for Holds, too
}

// Amended proposes changes, by their fields, by which the draft says what its author says of
// those of some cases that it gives, by their places: a rank or another word more, or less, where
// the rule lists such, or a paper more. Nil: there is no change of that kind. The draft stays as
// it is.
func (d *Draft) Amended(list []Difference, today string) (fields map[string]string, mends []int) {
	e := *d
	e.said = maps.Clone(d.said)
	for i, x := range list {
		field, text := e.amend(x)
		was, said := e.Rule, e.said[field]
		if field == "" || e.State(field, text) != nil {
			continue
		}
		if !e.means(x, today) {
			e.Rule, e.said[field] = was, said
			continue
		}
		if fields == nil {
			fields = map[string]string{}
		}
		fields[field], mends = e.Said(field), append(mends, i)
	}
	for _, i := range mends { // one change may undo another
		if !e.means(list[i], today) {
			return nil, nil
		}
	}
	return fields, mends
}

// means says whether the draft says of a case what its author does.
func (d *Draft) means(x Difference, today string) bool {
	c, err := d.CaseOf(x.Facts, today)
	return err == nil && (c.Says == Violated) == (x.Means == Violated) && c.Says != Ask
}

// amend is a change for one case, which is other in one word.
func (d *Draft) amend(x Difference) (field, text string) {
	changed := slices.DeleteFunc(slices.Clone(x.Changed), func(name string) bool { return slices.Contains(x.Follows, name) })
	if len(changed) != 1 || x.Means == Ask || x.Says == Ask {
		return "", ""
	}
	v, known, err := x.Facts.Get(changed[0])
	word, isWord := v.(string)
	k, _ := fact.Lookup(changed[0])
	if err != nil || !known || !isWord || k.Def().Type != fact.Enum {
		return "", ""
	}
	if k == fact.Instrument && x.Means == Violated && len(d.Instruments) > 0 && !slices.Contains(d.Instruments, word) {
		return "instruments", strings.Join(append(slices.Clone(d.Instruments), word), ", ")
	}
	// What requires names is in order, and what applies names is not otherwise: one more
	// is in order then, or is what the rule is about.
	for _, f := range []struct {
		field, says string
		more        bool
	}{{"requires", d.Requires, x.Means != Violated}, {"applies", d.Applies, x.Means == Violated}} {
		if text := relisted(f.says, changed[0], word, f.more); text != "" {
			return f.field, text
		}
	}
	return "", ""
}

// relisted is a condition with a word more, or less, where it lists words of a fact once; "":
// it does not, or nothing would be other.
func relisted(condition, name, word string, more bool) string {
	lists := regexp.MustCompile(`\b` + name + ` (?:== '\w+'|in \[[^]]+\])`)
	at := lists.FindAllStringIndex(condition, -1)
	if len(at) != 1 {
		return ""
	}
	_, words, is := wordsOf(condition[at[0][0]:at[0][1]])
	if !is || slices.Contains(words, word) == more {
		return ""
	}
	if more {
		words = append(words, word)
	} else {
		words = slices.DeleteFunc(words, func(w string) bool { return w == word })
	}
	if len(words) == 0 {
		return ""
	}
	return condition[:at[0][0]] + OneOf(name, words) + condition[at[0][1]:]
}
