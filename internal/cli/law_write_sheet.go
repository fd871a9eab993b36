package cli

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// A row is a case on the sheet that a person judges. Whether a rule is kept or is not about
// a case comes to the same for a demand: nothing is found. So one letter says both.
type row struct {
	law.Case
	no      int    // 0: it stands alone
	told    string // in words
	says    law.Outcome
	name    string // "": as proposed
	skipped bool
	stood   bool   // it was judged before, and is not asked again
	before  string // the letter and the name of the same case, with less stated
}

// answers are the words by which a person says what the law says of a case.
var answers = map[string]law.Outcome{"v": law.Violated, "o": law.None, "h": law.None, "n": law.None, "a": law.Ask}

// verdicts are what a rule says.
var verdicts = map[law.Outcome]string{law.Violated: "violated", law.Holds: "in order", law.None: "not about such a case", law.Ask: "that it must be asked"}

const letters = "v violated; o not violated, or about something else; a nobody can say before it is stated; s skip"

// letters are those by which cases are judged; what hangs on what is left out nobody judges.
func (a *author) letters() string {
	if len(a.draft.LeavesOut) > 0 {
		return letters + " what hangs on what is left out"
	}
	return letters
}

// letter is how an outcome is typed.
func letter(o law.Outcome) string {
	switch o {
	case law.Violated:
		return "v"
	case law.Ask:
		return "a"
	}
	return "o"
}

// agree says whether two outcomes come to the same for a demand.
func agree(a, b law.Outcome) bool { return letter(a) == letter(b) }

// judge asks for the rows until the person agrees with the draft in each, or changes it.
// What she held against the draft is not asked again where the changed one says so, too.
func (a *author) judge(rows []row) (changed bool, err error) {
	open := where(rows, func(r row) bool { return r.says == "" && !r.skipped })
	a.lay(rows, where(rows, func(r row) bool { return !r.stood }))
	for {
		question := a.question(rows, open)
		var mend map[string]string
		if len(where(rows, func(r row) bool { return r.says == "" && !r.skipped })) == 0 {
			open = where(rows, func(r row) bool { return !r.skipped && !agree(r.says, r.Says) })
			if len(open) == 0 {
				a.taken(rows)
				switch {
				case slices.ContainsFunc(rows, func(r row) bool { return r.skipped }):
					fmt.Fprintf(a.out, "Of those that you did not skip, you and the rule say the same. %s", saidOfSkipped(rows))
				default:
					fmt.Fprintln(a.out, "You and the rule say the same.")
				}
				return false, nil
			}
			question, mend = a.differ(rows, open)
		}
		text, err := a.line(question, before(rows, open))
		if err != nil {
			return false, err
		}
		if looksFor, asks := strings.CutPrefix(text, "?"); asks && looksFor != "" {
			a.offer("applies", strings.TrimSpace(looksFor))
			continue
		}
		switch {
		case text == "c":
			return true, a.correct(cmp.Or(a.rememberAll(rows), "a"))
		case text == "m" && mend != nil:
			a.rememberAll(rows)
			return true, a.mend(mend)
		}
		open = a.answered(rows, open, text)
	}
}

// saidOfSkipped is what the rule says of cases that nobody judged.
func saidOfSkipped(rows []row) string {
	var out []string
	for _, r := range rows {
		if r.skipped && r.no > 0 {
			out = append(out, fmt.Sprintf("of %d %s", r.no, verdicts[r.Says]))
		}
	}
	if len(out) == 0 {
		return "\n"
	}
	return "It says " + strings.Join(out, ", ") + ".\n"
}

// rememberAll takes down what was said of rows, and gives the part that is likely wrong in the first
// of which the draft says otherwise.
func (a *author) rememberAll(rows []row) (likely string) {
	for i := range rows {
		r := &rows[i]
		if r.says == "" && !r.skipped {
			continue
		}
		if likely == "" && !agree(r.says, r.Says) {
			likely = a.wrongIn(r)
		}
		a.remember(a.nameOf(r), r.Case, a.meantBy(r))
	}
	return likely
}

// where gives the places of rows of which something is so.
func where(rows []row, so func(row) bool) (out []int) {
	for i, r := range rows {
		if so(r) {
			out = append(out, i)
		}
	}
	return out
}

// lay prints the rows that did not stand, and those that they are told by.
func (a *author) lay(rows []row, open []int) {
	switch {
	case rows[0].no == 0:
	case len(open) == 0:
		fmt.Fprintf(a.out, "\n%d cases. What you said of each stands.\n", len(rows))
	case len(open) < len(rows):
		fmt.Fprintf(a.out, "\n%d cases. What you said of %d of them stands. %s\n\n", len(rows), len(rows)-len(open), a.letters())
	default:
		fmt.Fprintf(a.out, "\n%d cases. %s\n\n", len(rows), a.letters())
	}
	needed := map[int]bool{}
	for _, i := range open {
		for !needed[i] {
			needed[i] = true
			if rows[i].Like >= 0 && rows[i].Like < len(rows) && rows[i].no > 0 {
				i = rows[i].Like
			}
		}
	}
	for i, r := range rows {
		if needed[i] {
			a.seen = append(a.seen, r.Also...)
		}
		switch {
		case r.no == 0:
			fmt.Fprintf(a.out, "   %s\n", r.told)
		case needed[i] && r.stood:
			fmt.Fprintf(a.out, "%d  %s (%s, as you said)\n", r.no, r.told, verdicts[r.Says])
		case needed[i]:
			fmt.Fprintf(a.out, "%d  %s\n", r.no, r.told)
		}
	}
}

// question asks for the rows that are open.
func (a *author) question(rows []row, open []int) string {
	if len(open) == 0 || rows[open[0]].no == 0 {
		return "The law says"
	}
	return "The law says of " + numbers(rows, open)
}

// numbers names rows: 1 to 6, or 2, 4, 6 to 9.
func numbers(rows []row, open []int) string {
	var out []string
	for i := 0; i < len(open); i++ {
		first, last := open[i], open[i]
		for i+1 < len(open) && open[i+1] == last+1 {
			i++
			last = open[i]
		}
		switch no := strconv.Itoa(rows[first].no); last - first {
		case 0:
			out = append(out, no)
		case 1:
			out = append(out, no, strconv.Itoa(rows[last].no))
		default:
			out = append(out, no+" to "+strconv.Itoa(rows[last].no))
		}
	}
	return strings.Join(out, ", ")
}

// before is what was said, with less stated, of the first of the rows that are open.
func before(rows []row, open []int) string {
	var out []string
	for _, i := range open {
		said, _, _ := strings.Cut(rows[i].before, " ")
		if said == "" || rows[i].says != "" {
			break
		}
		out = append(out, said)
	}
	return strings.Join(out, " ")
}

// differ says in which rows person and draft differ, and asks for them anew, or for a change
// of the draft: one of a word is proposed where it is enough.
func (a *author) differ(rows []row, open []int) (question string, mend map[string]string) {
	var list []law.Difference
	asks := false
	for _, i := range open {
		r := &rows[i]
		of, said := "", verdicts[r.says]
		if r.no > 0 {
			of = fmt.Sprintf(" of %d", r.no)
		}
		if agree(r.says, law.None) {
			said = "not violated"
		}
		asks = asks || r.says == law.Ask
		fmt.Fprintf(a.out, "   You say%s %s, the rule as it is written %s%s.\n", of, said, verdicts[r.Says], missing(r.Missing))
		list = append(list, law.Difference{Case: r.Case, Means: r.says})
	}
	fmt.Fprintf(a.out, "   It looks at %s, and at nothing else.\n", a.looked(a.all))
	if asks {
		fmt.Fprintln(a.out, "   Where the law hangs on what the program does not know, leave the case out: s. The rule goes on to say so there.")
	}
	again := "Judge again"
	if rows[open[0]].no > 0 {
		again += " " + numbers(rows, open)
	}
	mend, mends := a.draft.Amended(list, a.today)
	question = "   One of the two is wrong. " + again + ", or c: correct the rule"
	if mend != nil {
		question += ", or m: " + a.mended(mend)
	}
	if len(mends) > 0 && len(mends) < len(open) {
		var those []int
		for _, i := range mends {
			those = append(those, open[i])
		}
		question += ", for " + numbers(rows, those)
	}
	return question, mend
}

// oneRow is an answer for one row by its number: 4 v a wiretap is another question.
var oneRow = regexp.MustCompile(`^(\d+)[ .:]+(\pL)\b\s*(.*)$`)

// answered takes an answer: letters for the rows that are open in their order, a letter and
// a name for the first of them, or both for one by its number. It gives what is still open.
func (a *author) answered(rows []row, open []int, text string) []int {
	words := strings.Fields(strings.ReplaceAll(text, ",", " "))
	if len(words) == 1 && len(text) == len(open) {
		words = strings.Split(text, "")
	}
	known := func(s string) bool { return s == "s" || answers[s] != "" }
	all := !slices.ContainsFunc(words, func(s string) bool { return !known(s) })
	switch m := oneRow.FindStringSubmatch(text); {
	case m != nil && known(m[2]):
		i := slices.IndexFunc(rows, func(r row) bool { return r.no > 0 && strconv.Itoa(r.no) == m[1] })
		if i < 0 {
			break
		}
		rows[i].is(m[2], m[3])
		return slices.DeleteFunc(open, func(o int) bool { return o == i })
	case all && len(words) > 0 && len(words) <= len(open):
		for i, w := range words {
			r, name := &rows[open[i]], ""
			if said, was, _ := strings.Cut(r.before, " "); said == w {
				name = was
			}
			r.is(w, name)
		}
		return open[len(words):]
	case !all && known(words[0]):
		_, name, _ := strings.Cut(text, " ")
		rows[open[0]].is(words[0], name)
		return open[1:]
	}
	fmt.Fprintf(a.out, "   %s\n   a letter each, in their order (v o o), or one by its number, with a name if you like (4 v a wiretap)\n", a.letters())
	return open
}

// is takes down a letter, and a name where there is one.
func (r *row) is(said, name string) {
	r.skipped, r.says = said == "s", answers[said]
	r.name = cmp.Or(strings.TrimSpace(name), r.name)
}

// nameOf is the name of a row's example; "" where it was left out.
func (a *author) nameOf(r *row) string {
	if r.skipped {
		return ""
	}
	return cmp.Or(r.name, a.named(r.Case))
}

// meantBy is what a row's letter says: where the draft agrees, exactly what it says.
func (a *author) meantBy(r *row) law.Outcome {
	if r.skipped || agree(r.says, r.Says) {
		return r.Says
	}
	return r.says
}

// taken takes down all rows, on which person and draft agree.
func (a *author) taken(rows []row) {
	for i := range rows {
		name := a.nameOf(&rows[i])
		if name != "" {
			a.take(rows[i].Case, name)
		}
		a.remember(name, rows[i].Case, rows[i].Says)
	}
}

// earlier is the letter, and the name, that was given to the same case before the rule looked
// at what it states more: whoever adds a condition judges its cases again by Enter, but for
// those that are other in it.
func (a *author) earlier(c law.Case, looked []string) (says string) {
	least := fact.Count
	for _, e := range a.before {
		f := c.Facts
		more := c.Facts.Known().Without(e.Facts.Known()).Names()
		added := len(more) > 0 && e.Name != "" && e.Expect != law.Ask
		for _, name := range more {
			_ = f.Forget(name) // it is the schema's
			added = added && slices.Contains(looked, name) && !slices.Contains(c.Changed, name)
		}
		if added && f == e.Facts && len(more) < least {
			says, least = letter(e.Expect)+" "+e.Name, len(more)
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
