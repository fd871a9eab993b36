package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"counterseal/internal/fact"
	"counterseal/internal/law/book"
)

// form says how expressions are written. docs/packs.md has the same examples.
const form = `  binding, !binding                     a fact that is so, or is not
  signer == 'judge', signer != 'judge'  a word, or any other
  signer in ['judge', 'prosecutor']     one of several
  'headers' in fields                   a set that includes a word
  offence_max_months >= 36              a number
  issuing_country == 'Norway'           a country, by its name or two letters
  as_of <= received + days(90)          days: the first of them is not counted
  as_of >= date('2026-08-18')           a day
  answered_at <= received_at + days(2)  of moments, 48 hours
  a and b, a or b, not (a)              also && || !
  the signer is judge                   the words that follow "in words" are read, too
`

// offer lists what fits a field.
func (a *author) offer(field, about string) {
	all := strings.HasPrefix(about, "?")
	about = strings.TrimSpace(strings.TrimPrefix(about, "?"))
	switch {
	case meanings[field] != "":
		fmt.Fprint(a.out, meanings[field])
	case field == "instruments" && about == "":
		a.papers(all)
	case field == "instruments":
		a.list(fact.Instrument, about, all, "no paper holds this")
	case field == "inside" && about == "":
		a.courts()
	case field == "inside":
		a.list(fact.Forum, about, all, "no court holds this")
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

// list lists words of a fact with what they mean: those that hold a text, or all; first
// those that exist in the country of the rule.
func (a *author) list(k fact.Key, about string, all bool, none string) {
	words := fact.Words(k)
	if about != "" {
		words = fact.Find(words, about)
	}
	words, foreign := a.there(k, words)
	words = append(words, foreign...)
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

// papers lists all papers by whose they are: first those of the rule's own jurisdiction,
// then those of no one's; all: then those of others.
func (a *author) papers(all bool) {
	groups, order := a.paperGroups()
	if !all {
		order = order[:slices.Index(order, anyone)+1]
	}
	for _, of := range order {
		if len(groups[of]) == 0 {
			continue
		}
		fmt.Fprintf(a.out, "  %s\n", of)
		for _, w := range groups[of] {
			fmt.Fprintf(a.out, "    %-*s  %s\n", width(groups[of]), w.Name, w.Meaning)
		}
	}
	if !all {
		fmt.Fprintln(a.out, "  ?? lists those of all countries")
	}
	fmt.Fprintln(a.out, "  A private claimant's letter is none; a court's order for one is the order of its country. Who asks is said by requester.")
}

// ownPapers lists those of the rule's own jurisdiction with numbers, and nothing where there
// is only one, which is proposed.
func (a *author) ownPapers() (names []string) {
	groups, order := a.paperGroups()
	own := groups[order[0]]
	if a.foreignOrder() != "" && !a.stands {
		fmt.Fprintf(a.out, "  An order of the authorities of %s is called foreign_order here, as of every state that has no word of its own. A mere letter is called none: \"and none\" adds it.\n", a.place())
	}
	if a.stands || len(own) < 2 {
		return nil
	}
	for i, w := range own {
		fmt.Fprintf(a.out, "  %2d  %-*s  %s\n", i+1, width(own), w.Name, w.Meaning)
		names = append(names, w.Name)
	}
	fmt.Fprintln(a.out, "  ? lists those of others; ?TEXT searches")
	return names
}

// paperGroups are the papers by whose they are, and their order.
func (a *author) paperGroups() (groups map[string][]fact.Word, order []string) {
	groups, order = map[string][]fact.Word{}, []string{a.place(), anyone}
	if a.jurisdiction != "eu" && fact.Exists(fact.Instrument, "epoc", a.draft.Country()) {
		order = []string{a.place(), book.Name("eu", "en"), anyone}
	}
	for _, w := range fact.Words(fact.Instrument) {
		of, meaning, apart := strings.Cut(w.Meaning, ": ")
		if !apart || w.Name == "none" {
			of, meaning = anyone, w.Meaning
		}
		of = strings.Replace(of, "a State of", "States of", 1)
		if !slices.Contains(order, of) {
			order = append(order, of)
		}
		w.Meaning = meaning
		groups[of] = append(groups[of], w)
	}
	return groups, order
}

// anyone's are papers that no one jurisdiction has alone.
const anyone = "Of any country"

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
	defer a.absent(about)
	if len(found) == 0 {
		fmt.Fprintln(a.out, "  no fact holds this; try another word, or leave it out. Where the law hangs on it, let the rule only warn.")
	}
	for i, w := range found {
		if i == shown && !all {
			fmt.Fprintf(a.out, "  %d more: ??%s\n", len(found)-i, about)
			return
		}
		k, _ := fact.Lookup(w.Name)
		fmt.Fprintf(a.out, "  %s (%s)  %s\n", w.Name, kinds[k.Def().Type], w.Meaning)
		if len(found) == 1 || w.Name == strings.ToLower(about) {
			a.values(k)
		}
	}
}

// meant is how many facts a condition that was not understood may have meant, at most.
const meant = 5

// suggest lists the facts that the words of a condition name.
func (a *author) suggest(text string) {
	words, facts := fact.Meant(text)
	for i, w := range facts[:min(len(facts), meant)] {
		fmt.Fprintf(a.out, "    %s: %s  %s\n", words[i], w.Name, w.Meaning)
	}
	a.absent(text)
}

type absence struct {
	words []string
	says  string
	limit bool // a rule without it only warns
}

// absences are what people look for and no fact says, by words that stand for it.
var absences = []absence{
	{[]string{"day", "days", "date", "dates", "when", "werktag", "werktage", "weekdays", "working", "business", "feriale"}, "A rule counts calendar days; working days are counted in deadlines alone.", false},
	{[]string{"confirmed", "confirmation", "confirm", "validated", "bestätigt", "bestätigung", "convalida", "convalidato"}, "The day on which somebody confirmed is no fact: validator says who, not when.", false},
	{[]string{"proceedings", "proceeding", "criminal", "civil", "missing", "coroner", "inquest", "tax", "disciplinary", "verfahren", "strafverfahren", "procedimento"}, "The kind of proceedings is no fact: requester says who asks, authority_kind which authority, offence_max_months how grave the offence is.", false},
	{[]string{"least", "minimum", "less", "lowest"}, "The lowest penalty of an offence is no fact: offence_max_months is the highest.", true},
	{[]string{"probable", "suspicion", "suspicions", "verdacht", "sospetto", "mistanke"}, "How strong a suspicion is is no fact: a judge's paper stands for the finding.", false},
	{[]string{"listed", "list", "catalogue", "catalog", "enumerated", "katalog", "katalogtat"}, "Which section an offence falls under is no fact: offence_max_months is its highest penalty.", true},
	{[]string{"application", "applicant", "applies", "antrag", "ansökan"}, "Who applies for an order is no fact: signer says who signed it, validator who authorised what another signed.", false},
	{[]string{"urgency", "urgent", "periculum", "mora", "gefahr", "verzug", "urgenza", "exigent"}, "Urgency for the sake of an investigation is no fact: emergency is a danger that the requester states.", true},
}

var highest = regexp.MustCompile(`\b(?:maximum|highest)\b[^,]*`)

// absent says what of that no fact says.
func (a *author) absent(about string) {
	for _, x := range absent(about) {
		fmt.Fprintf(a.out, "  %s\n", x.says)
	}
}

// absent finds what of a text no fact says.
func absent(about string) (found []absence) {
	about = highest.ReplaceAllString(strings.ToLower(about), "") // its least is what is known
	asked := strings.FieldsFunc(about, func(c rune) bool { return !unicode.IsLetter(c) })
	for _, x := range absences {
		if slices.ContainsFunc(asked, func(s string) bool { return slices.Contains(x.words, s) }) {
			found = append(found, x)
		}
	}
	return found
}

// kinds say what a fact is, for who does not know types.
var kinds = map[fact.Type]string{fact.Bool: "yes or no", fact.Enum: "one word", fact.Set: "several words", fact.Int: "a number", fact.Date: "a day", fact.Instant: "a moment", fact.Country: "a country", fact.Token: "a name"}

// values says how a fact is written in a condition, and lists the words that it takes with
// what they mean.
func (a *author) values(k fact.Key) {
	def := k.Def()
	def.Values = slices.DeleteFunc(slices.Clone(def.Values), func(word string) bool { return !fact.Exists(k, word, a.draft.Country()) })
	fmt.Fprintf(a.out, "      write  %s\n", examples[def.Type](def))
	switch {
	case k == fact.Forum:
		fmt.Fprintln(a.out, "      the words of the question about courts")
	case k == fact.Instrument:
		a.papers(false)
	case k == fact.USState || k == fact.EntityUSState:
		for _, line := range wrapped(k.Def().Values, 90) {
			fmt.Fprintf(a.out, "      %s\n", line)
		}
	default:
		words, foreign := a.there(k, fact.Words(k))
		for _, w := range words {
			fmt.Fprintf(a.out, "      %-*s  %s\n", width(words), w.Name, w.Meaning)
		}
		a.elsewhere(foreign)
	}
}

// examples say how a fact of each type is written.
var examples = map[fact.Type]func(fact.Def) string{
	fact.Bool: func(d fact.Def) string { return d.Name + ", or !" + d.Name + " (not)" },
	fact.Enum: func(d fact.Def) string {
		return fmt.Sprintf("%s == '%s', or %s in ['%s', '%s']", d.Name, d.Values[0], d.Name, d.Values[0], d.Values[1])
	},
	fact.Set: func(d fact.Def) string { return fmt.Sprintf("'%s' in %s", d.Values[len(d.Values)-1], d.Name) },
	fact.Int: func(d fact.Def) string { return d.Name + " >= 1" },
	fact.Date: func(d fact.Def) string {
		return "as_of <= " + d.Name + " + days(2), or " + d.Name + " >= date('2026-08-18')"
	},
	fact.Instant: func(d fact.Def) string { return "answered_at <= " + d.Name + " + days(2)" },
	fact.Country: func(d fact.Def) string { return d.Name + " == 'Germany', or " + d.Name + " == 'DE'" },
	fact.Token:   func(d fact.Def) string { return d.Name + " == 'a-name'" },
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
