package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// questions are the fields as they are asked.
var questions = map[string]string{
	"cite":        "Citation, as in a letter",
	"quote":       "Words of the source, letter for letter (empty: none)",
	"in_force":    "In force from (2001-10-26, or 2001-10-26 to 2020-12-31; empty: always)",
	"instruments": "Papers (numbers or words; empty: every)",
	"inside":      "Courts (empty: every)",
	"applies":     "It applies where",
	"requires":    "There it requires that",
	"leaves_out":  "It leaves out, for a person to look at (a; b; - 2 strikes out 2)",
	"finds":       "Where it is violated (blocking, warning, information; comply, clarify, narrow, reject, …; ? explains)",
	"en":          "The sentence for letters, in English",
	"de":          "  in German",
	"da":          "  in Danish",
	"it":          "  in Italian",
	"read":        "What was read (text: …; secondary: …)",
}

// meanings say what the words of short lists stand for, and how a day is written.
var meanings = map[string]string{
	"leaves_out": "  What the law hangs on and no fact says. It stands with every finding of the rule,\n  also where it holds; what begins with unless is an exception, and stands only where it is violated.\n",
	"in_force":   "  the first day, or the first and the last: 2001-10-26 to 2020-12-31; to 2020-12-31: the last alone. The fact as_of is compared with them\n",
	"finds": `  blocking: two persons must go against it; warning: counsel looks; information: good to know
  and what to propose then:
  comply: give what is asked         clarify: ask the authority what it means
  narrow: give less                  reject: give nothing, and say why
  redirect_treaty: another state's way     redirect_enterprise: ask the customer's organisation
  challenge: take it to a court      preserve: keep the data meanwhile
  Write those that fit: warning, narrow, reject
`,
	"read": "  text: the law's own text was read; secondary: a book, a translation or an excerpt; unchecked: from memory.\n  Then what: text: BGBl. 2021 I 448\n",
}

// ownPaper is the paper that a rule of a jurisdiction is about where it has one alone.
var ownPaper = map[string]string{"ie": "ie_order", "de": "de_order", "dk": "dk_order", "it": "it_order"}

// private are papers by which no government asks, or not only one.
var private = []string{"none", "other", "civil_subpoena", "trial_subpoena", "customer_consent"}

// ordinary is what is proposed of a field in a rule that is new.
func (a *author) ordinary(field string) string {
	if a.stands {
		return ""
	}
	switch field {
	case "instruments":
		return cmp.Or(ownPaper[a.jurisdiction], a.foreignOrder())
	case "applies":
		applies, _ := a.outline()
		ordinarily := a.ordinarily()
		if ordinarily == "" || applies == "" {
			return ordinarily + applies
		}
		if law.Joins(applies, "||") {
			applies = "(" + applies + ")"
		}
		return ordinarily + " && " + applies
	case "requires":
		_, requires := a.outline()
		return a.onPaper(requires)
	case "leaves_out":
		return strings.Join(a.left, "; ")
	case "finds":
		if len(a.draft.LeavesOut) > 0 { // such a rule only warns
			return string(law.Warning) + ", " + string(law.Clarify)
		}
		return string(law.Blocking) + ", " + string(law.Reject)
	case "en":
		return a.sentence()
	case "read":
		return "unchecked: from memory"
	}
	return ""
}

// foreignOrder is the paper of a country that has no word of its own here.
func (a *author) foreignOrder() string {
	groups, order := a.paperGroups()
	k, _, one := a.draft.Home()
	if one && k == fact.IssuingCountry && len(groups[order[0]]) == 0 {
		return "foreign_order"
	}
	return ""
}

// ordinarily is to what a rule applies as most do: where a government asks, and where the
// paper is of the State or country that the rule's pack belongs to. What is asked of a
// provider in the United States is asked from everywhere by its law: that is not proposed.
func (a *author) ordinarily() string {
	var out []string
	if len(a.draft.Instruments) == 0 || slices.ContainsFunc(a.draft.Instruments, func(s string) bool { return !slices.Contains(private, s) }) {
		out = append(out, "requester == 'government'")
	}
	k, code, one := a.draft.Home()
	if k == fact.USState {
		code = cmp.Or(code, a.begun["state"])
	}
	if one && code != "" && a.jurisdiction != "us" && !a.draft.AtHome() {
		out = append(out, fmt.Sprintf("%s == '%s'", k, code))
	}
	return strings.Join(out, " && ")
}

// whichState asks for the State of a new rule, where its pack's name does not say it.
func (a *author) whichState() error {
	k, code, _ := a.draft.Home()
	if _, said := a.begun["state"]; said || k != fact.USState || code != "" || a.stands {
		return nil
	}
	for {
		text, err := a.line("Which State? (CA, or California; empty: every)", "")
		if err != nil {
			return err
		}
		if text == "<" {
			return errBack
		}
		for _, w := range fact.Words(fact.USState) {
			if strings.EqualFold(text, w.Name) || strings.EqualFold(text, w.Meaning) {
				code = w.Name
			}
		}
		if code != "" || text == "" {
			a.keep("state", code)
			return nil
		}
		a.list(fact.USState, strings.TrimLeft(text, "?"), true, "no State is called so")
	}
}

// hasCourts says whether the rule may be one of some courts: those of the United States
// alone have words of their own.
func (a *author) hasCourts() bool {
	american := func(paper string) bool {
		return slices.ContainsFunc(fact.Words(fact.Instrument), func(w fact.Word) bool {
			return w.Name == paper && strings.Contains(w.Meaning, "United States: ")
		})
	}
	return a.jurisdiction == "us" || a.jurisdiction == "us_state" || len(a.draft.Inside) > 0 || slices.ContainsFunc(a.draft.Instruments, american)
}

// field asks until the answer stands.
func (a *author) field(field string) error {
	keep := a.draft.Said(field)
	if was, said := a.begun[field]; said {
		keep = was
	} else if keep == "" {
		keep = a.ordinary(field)
	}
	question := questions[field]
	condition := field == "applies" || field == "requires"
	inBrackets := keep
	if condition && keep != "" {
		question += " (and … adds)"
		inBrackets = a.words.Say(keep)
	}
	numbered := a.leadIn(field, keep)
	for {
		text, err := a.shownLine(question, keep, inBrackets)
		if err != nil {
			return err
		}
		if about, asks := strings.CutPrefix(text, "?"); asks {
			a.offer(field, strings.TrimSpace(about))
			continue
		}
		if m := strikes.FindStringSubmatch(text); m != nil && field == "leaves_out" {
			keep = without(keep, m[1])
			inBrackets = keep
			continue
		}
		switch text {
		case "<":
			a.readings = nil
			return errBack
		case "-":
			text = "" // in place of what stands in brackets
		}
		readings := a.readings
		if condition {
			text = a.meant(keep, text)
		} else if isList(field) {
			text = inList(numbered, keep, text)
		}
		err = a.state(field, text, keep)
		if err != nil {
			a.refused(field, text, err)
			if readings != nil { // a letter goes on meaning one of them
				a.readings = readings
				a.choose()
			}
			continue
		}
		if a.readings != nil {
			continue
		}
		text = a.draft.Said(field)
		if text != keep && condition {
			fmt.Fprintf(a.out, "  in words: %s\n", a.words.Say(text))
		}
		if condition {
			a.twin()
		}
		if field == "in_force" {
			a.dated()
		}
		a.keep(field, text)
		return nil
	}
}

// without is a list of texts apart by semicolons, but for those of some numbers.
func without(list, numbers string) string {
	var rest []string
	for i, s := range strings.Split(list, "; ") {
		if !slices.Contains(strings.FieldsFunc(numbers, func(c rune) bool { return c == ' ' || c == ',' }), strconv.Itoa(i+1)) {
			rest = append(rest, s)
		}
	}
	return strings.Join(rest, "; ")
}

// leadIn says before a question what helps to answer it; of papers it gives those that it numbered.
func (a *author) leadIn(field, keep string) (numbered []string) {
	switch field {
	case "in_force":
		a.days()
	case "requires":
		again := keep == "" || len(a.proposed) > 3 // they stood on the screen before
		if _, proposed := a.outline(); proposed != "" && keep == a.onPaper(proposed) && keep != proposed {
			fmt.Fprintln(a.out, "  A mere letter is among the papers. By itself it violates, so that an order is required, too:")
			order := law.Proposed{Words: "an order", Condition: a.anOrder()}
			if again {
				a.counted(order.Condition)
			} else {
				a.number(order)
			}
		}
		if again {
			a.again()
		}
	case "instruments":
		if keep == "" && slices.ContainsFunc(a.looksAt(), requiresPaper) {
			fmt.Fprintln(a.out, "  A law that requires a paper is about every paper: leave this empty, and require it.")
		}
		return a.ownPapers()
	}
	return nil
}

// requiresPaper says whether a condition asks for a paper; consent is none that a law requires.
func requiresPaper(p law.Proposed) bool {
	return p.Fact == fact.Instrument && p.Condition != "" && p.So != "customer_consent" && p.Not != "customer_consent"
}

// dated says what the days mean that were given, or that none was.
func (a *author) dated() {
	switch from := a.draft.From; {
	case from > a.today:
		fmt.Fprintf(a.out, "  %s lies ahead: until then the rule finds nothing\n", law.DayWords(from))
	case from == "" && !a.stands:
		fmt.Fprintln(a.out, "  it holds on every day then, also in 1980; to name the first one, go back by <")
	}
}

// state states a field. What stands already is taken as packs have it; where and and or
// are mixed in what was typed, both readings are said, and one of them must be chosen.
func (a *author) state(field, text, keep string) (err error) {
	if text == keep {
		return a.draft.State(field, text)
	}
	a.readings, err = a.draft.Typed(field, text)
	if a.readings == nil {
		return err
	}
	a.choose()
	return nil
}

// choose asks which of two readings is meant.
func (a *author) choose() {
	fmt.Fprintf(a.out, "  \"and\" and \"or\" side by side can be read in two ways. Do you mean\n")
	for i, r := range a.readings {
		fmt.Fprintf(a.out, "    %c  %s\n", 'a'+i, a.words.Say(r))
	}
	fmt.Fprintln(a.out, "  Type a or b, or write the brackets.")
}

// meant is what an answer stands for: one of two readings by its letter, or what is added
// to what stands in brackets, where it begins with and, or with or.
func (a *author) meant(keep, text string) string {
	readings := a.readings
	a.readings = nil
	if i := slices.Index([]string{"a", "b"}, text); readings != nil && i >= 0 {
		return readings[i]
	}
	text = byNumbers(a.proposed, thePaper.ReplaceAllString(text, "the instrument is "))
	for _, word := range []struct{ begins, sign, other string }{{"&&", "&&", "||"}, {"and ", "&&", "||"}, {"||", "||", "&&"}, {"or ", "||", "&&"}} {
		more, adds := strings.CutPrefix(text, word.begins)
		if !adds {
			continue
		}
		if keep == "" {
			return strings.TrimSpace(more) // there is nothing to add it to
		}
		if law.Joins(keep, word.other) {
			keep = "(" + keep + ")"
		}
		return keep + " " + word.sign + " " + strings.TrimSpace(more)
	}
	return text
}

// thePaper is what people call the instrument.
var thePaper = regexp.MustCompile(`\b(?:the |a )?paper is (?:a |an |the )?`)

// onPaper requires the order, too, of a rule that is about a mere letter beside it.
func (a *author) onPaper(requires string) string {
	if requires == "" || law.Joins(requires, "||") || a.anOrder() == "" || !slices.Contains(a.draft.Instruments, "none") || strings.Contains(requires, "instrument") {
		return requires
	}
	return requires + " && " + a.anOrder()
}

// anOrder is that the paper is one of the rule's by which an authority orders; "": it has none.
func (a *author) anOrder() string {
	orders := slices.DeleteFunc(slices.Clone(a.draft.Instruments), func(s string) bool { return slices.Contains(private, s) || s == "emergency_request" })
	if len(orders) == 0 {
		return ""
	}
	return law.OneOf(fact.Instrument.String(), orders)
}

// byNumbers puts conditions where their numbers stand alone between and, or, not and brackets.
func byNumbers(list []string, text string) string {
	words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", "!", " ! ", "&&", " && ", "||", " || ").Replace(text))
	joins := func(i int) bool {
		return i < 0 || i >= len(words) || slices.Contains([]string{"and", "or", "not", "(", ")", "!", "&&", "||"}, words[i])
	}
	out, any := slices.Clone(words), false
	for i, w := range words {
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 || n > len(list) || !joins(i-1) || !joins(i+1) {
			continue
		}
		out[i], any = list[n-1], true
		if i > 0 && (words[i-1] == "not" || words[i-1] == "!") && strings.Contains(list[n-1], " ") {
			out[i] = "(" + list[n-1] + ")"
		}
	}
	if !any {
		return text
	}
	return strings.Join(out, " ")
}

// isList says whether a field is a list of words.
func isList(field string) bool {
	return field == "instruments" || field == "inside"
}

// inList is what an answer stands for in a list: words by their numbers, where they were
// given numbers, and what is added to what stands, where it begins with and.
func inList(numbered []string, keep, text string) string {
	more, adds := strings.CutPrefix(text, "and ")
	words := strings.FieldsFunc(more, func(c rune) bool { return c == ',' || c == ' ' })
	words = slices.DeleteFunc(words, func(s string) bool { return s == "and" })
	for i, w := range words {
		n, err := strconv.Atoi(w)
		if err == nil && n >= 1 && n <= len(numbered) {
			words[i] = numbered[n-1]
		}
	}
	if adds && keep != "" {
		words = append([]string{keep}, words...)
	}
	return strings.Join(words, ", ")
}

// looksFor is what people type who look for a word.
var looksFor = regexp.MustCompile(`^[\p{L}\d_-]{3,}( [\p{L}\d_-]+){0,2}$`)

// refused says why an answer does not stand, and what it finds where it is looked for.
func (a *author) refused(field, text string, err error) {
	p := problem.Of(err)
	if looksFor.MatchString(text) && slices.Contains([]string{"instruments", "inside", "applies", "requires"}, field) {
		fmt.Fprintf(a.out, "  %q is no answer; looked for:\n", text)
		a.offer(field, text)
		return
	}
	if rest := law.Unheard(text); p.Code == "law.expression" && rest != "" {
		fmt.Fprintf(a.out, "  not understood: %s (%s); ? shows how to write, ?TEXT finds facts\n", strings.Trim(rest, "&| "), p.Code)
		a.suggest(rest)
		return
	}
	fmt.Fprintf(a.out, "  %s (%s)\n", p.Message, p.Code)
}

// keep writes down what was answered, for a sitting that is broken off.
func (a *author) keep(field, text string) {
	a.begun[field] = text
	kept, err := json.Marshal(a.begun)
	if err == nil {
		_ = os.WriteFile(a.part(), kept, 0o644) // without it everything is asked again
	}
}

// translations asks for the three others of a rule that stands already, and once whether
// they are at hand. What stands of them stays where they are not.
func (a *author) translations() error {
	if !a.stands {
		return nil
	}
	text, err := a.line("German, Danish and Italian now? (y; empty: later)", "")
	if err != nil {
		return err
	}
	for _, field := range []string{"de", "da", "it"} {
		if strings.HasPrefix(text, "y") {
			err = a.field(field)
		} else if was := a.begun[field]; was != "" {
			err = a.draft.State(field, was)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
