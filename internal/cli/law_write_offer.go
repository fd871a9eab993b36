package cli

import (
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// form says how expressions are written.
const form = `  binding                            a fact that is true; !binding: false
  signer == 'judge'                  a word; != for is not
  signer in ['judge', 'prosecutor']  one of several
  'headers' in fields                a set that holds a word
  offence_max_months >= 36           a number
  issuing_country == 'NO'            a country, by its two letters
  expiry <= effective + days(90)     days: the first of them is not counted; date('2026-08-18') is one
  answered_at <= received_at + days(2)   of moments, 48 hours
  a && b,  a || b,  !(a)             and, or, not
`

// offer lists what fits a field.
func (a *author) offer(field, about string) {
	all := strings.HasPrefix(about, "?")
	about = strings.TrimSpace(strings.TrimPrefix(about, "?"))
	switch {
	case meanings[field] != "":
		fmt.Fprint(a.out, meanings[field])
	case field == "instruments":
		a.list(fact.Words(fact.Instrument), about, all, "no paper holds this")
	case field == "inside" && about == "":
		a.courts()
	case field == "inside":
		a.list(fact.Words(fact.Forum), about, all, "no court holds this")
		fmt.Fprintln(a.out, "  A State's own courts are us.state; which State: ask us_state in the next question.")
	case field != "applies" && field != "requires":
		fmt.Fprintln(a.out, "  what you write stands in the rule as it is")
	case about == "":
		fmt.Fprint(a.out, form)
	default:
		a.facts(about, all)
	}
}

// shown is how many lines a search prints.
const shown = 8

// list lists words with what they mean: those that hold a text, or all.
func (a *author) list(words []fact.Word, about string, all bool, none string) {
	if about != "" {
		words = fact.Find(words, about)
	}
	if len(words) == 0 {
		fmt.Fprintf(a.out, "  %s; ? lists all\n", none)
	}
	for i, w := range words {
		if i == shown && about != "" && !all {
			fmt.Fprintf(a.out, "  %d more: ??%s\n", len(words)-i, about)
			return
		}
		fmt.Fprintf(a.out, "  %-*s  %s\n", width(words), w.Name, w.Meaning)
	}
}

func width(words []fact.Word) (n int) {
	for _, w := range words {
		n = max(n, len(w.Name))
	}
	return n
}

// courts lists the courts, a circuit on a line.
func (a *author) courts() {
	for _, w := range fact.Words(fact.Forum) {
		within := fact.WithinForum(w.Name)
		switch {
		case len(within) > 1:
			fmt.Fprintf(a.out, "  %-11s  %s, with %s\n", w.Name, w.Meaning, strings.Join(within[1:], " "))
		case strings.HasPrefix(w.Meaning, "Court of Appeals") || !strings.Contains(w.Meaning, "District"):
			fmt.Fprintf(a.out, "  %-11s  %s\n", w.Name, w.Meaning)
		}
	}
}

// facts lists those that hold a text; what a fact takes, where it is the only one or
// named.
func (a *author) facts(about string, all bool) {
	found := fact.Find(fact.Names(), about)
	if slices.Contains([]string{"date", "dates", "day", "days", "when"}, strings.ToLower(about)) {
		all = true
		found = slices.DeleteFunc(fact.Names(), func(w fact.Word) bool {
			k, _ := fact.Lookup(w.Name)
			return k.Def().Type != fact.Date && k.Def().Type != fact.Instant
		})
	}
	if i := slices.IndexFunc(found, func(w fact.Word) bool { return w.Name == strings.ToLower(about) }); i >= 0 && !all {
		found = found[i : i+1] // whoever writes a name means that fact
	}
	if len(found) == 0 {
		fmt.Fprintln(a.out, "  no fact holds this; try another word. Where there is none, the rule cannot be written yet: without it, it would catch too much.")
	}
	for i, w := range found {
		if i == shown && !all {
			fmt.Fprintf(a.out, "  %d more: ??%s\n", len(found)-i, about)
			return
		}
		k, _ := fact.Lookup(w.Name)
		fmt.Fprintf(a.out, "  %s (%s)  %s\n", w.Name, k.Def().Type, w.Meaning)
		if len(found) == 1 || w.Name == strings.ToLower(about) {
			a.values(k)
		}
	}
}

// values lists the words that a fact takes.
func (a *author) values(k fact.Key) {
	switch words := wrapped(k.Def().Values, 90); {
	case k == fact.Forum || k == fact.Instrument:
		fmt.Fprintln(a.out, "      the words of the question about courts, or papers")
	default:
		for _, line := range words {
			fmt.Fprintf(a.out, "      %s\n", line)
		}
	}
}

// wrapped joins words by commas on lines of a width.
func wrapped(words []string, width int) (lines []string) {
	line := ""
	for i, w := range words {
		if i < len(words)-1 {
			w += ","
		}
		if len(line)+len(w) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}
