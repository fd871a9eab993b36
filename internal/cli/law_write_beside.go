package cli

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/country"
	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// about looks up what a new rule looks at before it is written: a law that hangs on what is
// no fact is noticed here, and not after half of the fields. What it finds are conditions, which
// are then written by their numbers.
func (a *author) about() error {
	if a.stands || len(a.begun) > 0 && a.begun["about"] == "" {
		return nil
	}
	if a.begun["about"] != "" {
		lines := func(s string) []string { return strings.FieldsFunc(s, func(c rune) bool { return c == '\n' }) }
		a.struck, a.proposed, a.left = lines(a.begun["struck"]), lines(a.begun["numbers"]), lines(a.begun["left"])
		for _, text := range lines(a.begun["typed"]) {
			a.typed(text)
		}
		a.propose()
		a.again()
		return nil
	}
	return a.looksFor("What does it look at? All of it in a few words, with commas (empty: go on)")
}

// looksFor asks what the law looks at until there is no more.
func (a *author) looksFor(what string) error {
	for ; ; what = "More of that, other words for it, or - 2 to strike out 2 (empty: go on)" {
		text, err := a.line(what, "")
		if err != nil || text == "" || text == "<" {
			return err
		}
		if looksFor, asks := strings.CutPrefix(text, "?"); asks {
			a.explains(strings.TrimSpace(looksFor))
			continue
		}
		if m := strikes.FindStringSubmatch(text); m != nil {
			a.strike(m[1])
			continue
		}
		had := len(a.draft.Named)
		text = a.conditionsIn(text)
		a.keep("about", cmp.Or(strings.Trim(a.begun["about"]+", "+text, ", "), " "))
		unknown, quiet := a.propose()
		a.absent(text)
		a.leaves(text, unknown, quiet)
		if len(unknown) == 0 && had > 0 && len(a.draft.Named) == had {
			fmt.Fprintln(a.out, "  Nothing new: it stands above, or is proposed below, as who asks is, and where the paper is from.")
		}
		a.unknown = append(a.unknown, unknown...)
		if len(unknown) > 0 {
			fmt.Fprintf(a.out, "  The program knows nothing of %s. The rule leaves it out and says so; where your law hangs on it, let the rule only warn, or write none.\n", within(text, unknown))
		}
	}
}

var (
	joining = regexp.MustCompile(`^(?:or|and|but)\s+`)
	strikes = regexp.MustCompile(`^-\s*(\d+(?:[ ,]+\d+)*)$`)
	written = regexp.MustCompile(`[=<>\[\]]|&&|\|\|`)
)

// conditionsIn takes conditions that are written out from among the words for what a law looks at,
// and gives what is left.
func (a *author) conditionsIn(text string) (rest string) {
	if a.typed(text) {
		return ""
	}
	var words []string
	for _, part := range strings.Split(text, ",") {
		switch {
		case a.typed(part):
		case written.MatchString(part):
			fmt.Fprintf(a.out, "  not understood: %s; say it in a few words, or write one condition alone\n", strings.TrimSpace(part))
		default:
			words = append(words, part)
		}
	}
	return strings.Join(words, ",")
}

// typed takes down one condition that is written out.
func (a *author) typed(text string) bool {
	p, is := a.draft.ConditionOf(strings.TrimSpace(text))
	if !is {
		return false
	}
	if !slices.ContainsFunc(a.own, func(x law.Proposed) bool { return x.Condition == p.Condition }) {
		a.own = append(a.own, p)
		a.number(p)
	}
	var all []string
	for _, x := range a.own {
		all = append(all, x.Condition)
	}
	a.keep("typed", strings.Join(all, "\n"))
	return true
}

// leaves keeps the parts of a text that hang on what no fact says, of which the program does not
// know a word, or for which it finds nothing: the rule leaves them out, and says so.
func (a *author) leaves(text string, unknown, quiet []string) {
	for _, part := range strings.Split(text, ",") {
		part = joining.ReplaceAllString(strings.TrimSpace(part), "")
		limit := slices.ContainsFunc(absent(part), func(x absence) bool { return x.limit })
		nothing := slices.ContainsFunc(quiet, func(s string) bool { return strings.Contains(strings.ToLower(part), s) })
		if (limit || nothing || len(among(part, unknown)) > 0) && !slices.Contains(a.left, part) {
			a.left = append(a.left, part)
			a.keep("left", strings.Join(a.left, "\n"))
		}
	}
}

// among gives those of some words that stand in a text.
func among(text string, words []string) (here []string) {
	for _, w := range words {
		if !slices.Contains(here, w) && slices.ContainsFunc(strings.Fields(strings.ToLower(text)), func(s string) bool { return strings.Trim(s, ".;:()") == w }) {
			here = append(here, w)
		}
	}
	return here
}

// within names unknown words, each with the part of a text in which it stands.
func within(text string, words []string) string {
	var out []string
	for _, part := range strings.Split(text, ",") {
		here := among(part, words)
		switch part = strings.TrimSpace(part); {
		case len(here) > 0 && len(strings.Fields(part)) > len(here):
			out = append(out, fmt.Sprintf("%s (in %q)", strings.Join(here, ", "), part))
		case len(here) > 0:
			out = append(out, strings.Join(here, ", "))
		}
	}
	if len(out) == 0 {
		return strings.Join(words, ", ")
	}
	return strings.Join(out, "; ")
}

// explains says what a condition looks at, by its number, or looks for a fact.
func (a *author) explains(about string) {
	n, err := strconv.Atoi(about)
	if err != nil || n < 1 || n > len(a.proposed) {
		a.offer("applies", about)
		return
	}
	fmt.Fprintf(a.out, "  %s\n", a.proposed[n-1])
	for _, name := range a.words.Reads(a.proposed[n-1]) {
		a.briefly(name)
	}
}

// number gives a condition its number, where it has none, and says it.
func (a *author) number(p law.Proposed) {
	if a.counted(p.Condition) {
		return
	}
	fmt.Fprintf(a.out, "  %2d  %s: %s\n", len(a.proposed), p.Words, a.words.Say(p.Condition))
}

// counted gives a condition its number, and says whether it had one.
func (a *author) counted(condition string) bool {
	if slices.Contains(a.proposed, condition) {
		return true
	}
	a.proposed = append(a.proposed, condition)
	a.keep("numbers", strings.Join(a.proposed, "\n"))
	return false
}

// strike takes conditions by their numbers out of what the law looks at. The numbers of the
// others stay.
func (a *author) strike(list string) {
	for _, no := range strings.FieldsFunc(list, func(c rune) bool { return c == ' ' || c == ',' }) {
		n, err := strconv.Atoi(no)
		if err != nil || n < 1 || n > len(a.proposed) {
			fmt.Fprintf(a.out, "  there is no condition %s\n", no)
			continue
		}
		a.struck = append(a.struck, a.proposed[n-1])
		fmt.Fprintf(a.out, "  without %d: %s\n", n, a.words.Say(a.proposed[n-1]))
	}
	a.keep("struck", strings.Join(a.struck, "\n"))
}

// again says the conditions once more that the rule does not apply by, by their numbers.
func (a *author) again() {
	for i, condition := range a.proposed {
		if !slices.Contains(a.struck, condition) && !strings.Contains(a.draft.Applies, condition) {
			fmt.Fprintf(a.out, "  %2d  %s\n", i+1, a.words.Say(condition))
		}
	}
}

// ownName is what a State or a country is called.
func (a *author) ownName(k fact.Key, code string) string {
	if k == fact.USState {
		return fact.StateName(code)
	}
	return country.Name(code, "en")
}

// likelyPapers are those that a rule of this jurisdiction may look at.
func (a *author) likelyPapers() []string {
	groups, order := a.paperGroups()
	papers := []string{"customer_consent"}
	for _, w := range groups[order[0]] {
		papers = append(papers, w.Name)
	}
	return papers
}

// propose lists the conditions for what the rule looks at, with numbers, and after them the
// facts of which it was not said what they are to be; of those only what is new.
func (a *author) propose() (unknown, quiet []string) {
	list, unknown, silent := law.Propose(a.begun["about"], a.draft.Country(), a.likelyPapers()...)
	list = append(list, a.own...)
	for _, p := range list {
		if p.Condition != "" {
			a.number(p)
		}
	}
	var bare []string
	for _, p := range list {
		if p.Condition == "" && !slices.ContainsFunc(a.draft.Named, func(x law.Proposed) bool { return x.Fact == p.Fact }) {
			bare = append(bare, p.Fact.String())
		}
	}
	if len(bare) > 0 {
		fmt.Fprintf(a.out, "      also facts, of which you say no more: %s (?%s says how to write it)\n", strings.Join(bare, ", "), bare[0])
	}
	for _, s := range silent {
		if !slices.Contains(a.unknown, s) {
			a.unknown = append(a.unknown, s)
			fmt.Fprintf(a.out, "      nothing is found for %q; say it in other words, or the rule leaves it out\n", s)
			quiet = append(quiet, s)
		}
	}
	if len(a.proposed) > 0 && a.draft.Named == nil {
		fmt.Fprintln(a.out, "  Conditions are written by these numbers, too: 1 and not (2 or 3)")
	}
	if in := a.ordinarily(); in != "" && a.draft.Named == nil {
		fmt.Fprintf(a.out, "  Already in, and asked for below: %s\n", a.words.Say(in))
	}
	a.draft.Named = list
	return slices.DeleteFunc(unknown, func(s string) bool { return slices.Contains(a.unknown, s) }), quiet
}

// packs are the program's and the folder's, to be compared with; what cannot be read is
// left out, and the check says so in the end.
func (a *author) packs() []*law.Pack {
	if a.others != nil {
		return a.others
	}
	sources, _, err := lawSources([]string{filepath.Dir(filepath.Dir(a.file))})
	if err != nil {
		sources, _ = law.EmbeddedSources() // they are in the program
	}
	for _, s := range sources {
		p, err := law.ParseDraft(s.File, s.Data)
		if err == nil {
			a.others = append(a.others, p)
		}
	}
	return a.others
}

// days says from when other rules of the act are in force.
func (a *author) days() {
	days, rules := a.draft.Days(a.packs())
	var said []string
	for i := range days {
		said = append(said, fmt.Sprintf("%s (%s)", law.DayWords(days[i]), rules[i]))
	}
	if len(said) > 0 && !a.stands {
		fmt.Fprintf(a.out, "  Other rules of this act are in force from %s.\n", strings.Join(said[:min(len(said), 3)], ", "))
	}
}

// twin says, as soon as the conditions are given, that a rule stands already which says the
// same, or catches all that this one does.
func (a *author) twin() {
	if a.draft.Applies == "" || a.draft.Requires == "" {
		return
	}
	t := a.draft.Twins(a.packs(), a.today)
	if t == nil || a.twinned == t.Rule {
		return
	}
	a.twinned = t.Rule
	says := t.Rule + " (" + t.Cite + ") finds all that yours finds. Go on only where yours is to be cited beside it"
	if t.Same {
		says = t.Rule + " (" + t.Cite + ") says the same already: yours is not needed where both are in force"
	}
	fmt.Fprintf(a.out, "  %s (law.same_rule)\n", says)
}

// overview says before the cases what the rule looks at, and what its author, or other rules
// on the same papers, look at and it does not.
func (a *author) overview() {
	all := a.all
	looked := a.looked(all)
	if looked == a.overviewed {
		return
	}
	a.overviewed = looked
	fmt.Fprintf(a.out, "\nThe rule looks at %s, and at nothing else.\n", looked)
	if a.stands {
		return
	}
	k, code, one := a.draft.Home()
	if one && code != "" && a.jurisdiction != "us" && !a.draft.AtHome() && !slices.Contains(all.Looked, k.String()) {
		fmt.Fprintf(a.out, "By its name the pack is of %s; the rule does not look at where a paper is from.\n", a.ownName(k, code))
	}
	var others []string
	var named []string
	for i, p := range a.draft.Forgotten() {
		if i == 0 {
			fmt.Fprintln(a.out, "You said that the law looks at, and the rule does not")
		}
		named = append(named, p.Fact.String())
		if p.Condition != "" {
			fmt.Fprintf(a.out, "  %s: %s\n", p.Fact, a.words.Say(p.Condition))
		} else {
			a.briefly(p.Fact.String())
		}
	}
	for _, name := range a.draft.Beside(a.packs(), a.draft.Applies, a.draft.Requires) {
		if len(a.draft.Instruments) > 0 && !slices.Contains(named, name) {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		fmt.Fprintf(a.out, "Not at %s, as rules beside it do.\n", strings.Join(others, ", "))
	}
}

// looksAt is what the author said that the law looks at, beside what its papers are called.
func (a *author) looksAt() []law.Proposed {
	return slices.DeleteFunc(slices.Clone(a.draft.Named), func(p law.Proposed) bool {
		return a.inPapers(p.Words) || slices.Contains(a.struck, p.Condition)
	})
}

// outline proposes both conditions, by what the law looks at.
func (a *author) outline() (applies, requires string) {
	return law.Outline(slices.DeleteFunc(a.looksAt(), func(p law.Proposed) bool {
		paper, one := p.So.(string)
		tells := len(a.draft.Instruments) != 1 && one && slices.Contains(a.draft.Instruments, paper) // one of several
		return p.Fact == fact.Instrument && len(a.draft.Instruments) > 0 && !tells
	}))
}

// sentence proposes one for letters, which counsel writes better; "": none that reads like one.
func (a *author) sentence() string {
	requires := a.words.SayInLetter(a.draft.Requires)
	if requires == "" {
		return ""
	}
	says := fmt.Sprintf("Under %s we may answer this demand only where %s.", a.draft.Cite, requires)
	var left []string
	for _, s := range a.draft.LeavesOut {
		if !strings.HasPrefix(s, "unless ") {
			left = append(left, strings.TrimPrefix(s, "whether "))
		}
	}
	if len(left) > 0 {
		says += " Please say, too, how it is with the following, where it matters: " + strings.Join(left, "; ") + "."
	}
	return says
}

// inPapers says whether the papers that the rule is about are called so.
func (a *author) inPapers(words string) bool {
	return slices.ContainsFunc(fact.Words(fact.Instrument), func(w fact.Word) bool {
		all := strings.ToLower(w.Meaning + " " + strings.Join(w.Also, " "))
		return slices.Contains(a.draft.Instruments, w.Name) && strings.Contains(all, words)
	})
}

// briefly prints a fact on a line.
func (a *author) briefly(name string) {
	k, _ := fact.Lookup(name)
	meaning, _, _ := strings.Cut(k.Def().Meaning, ";")
	fmt.Fprintf(a.out, "  %s  %s\n", name, meaning)
}

// neighbours lists, before the conditions are written, what other rules on the same papers
// look at, beside what most do.
func (a *author) neighbours() {
	facts := a.draft.Beside(a.packs(), a.ordinarily())
	if a.stands || len(facts) == 0 || len(a.draft.Instruments) == 0 { // of rules on no paper there are all kinds
		return
	}
	fmt.Fprintf(a.out, "  Other rules on the same papers look at %s (?NAME explains)\n", strings.Join(facts, ", "))
}

// there puts the words first that exist in the country of the rule.
func (a *author) there(k fact.Key, words []fact.Word) (first, foreign []fact.Word) {
	for _, w := range words {
		if fact.Exists(k, w.Name, a.draft.Country()) {
			first = append(first, w)
		} else {
			foreign = append(foreign, w)
		}
	}
	return first, foreign
}

// elsewhere names the words that do not exist in the country of the rule.
func (a *author) elsewhere(foreign []fact.Word) {
	var names []string
	for _, w := range foreign {
		names = append(names, w.Name)
	}
	for i, line := range wrapped(names, 90) {
		if i == 0 {
			line = "not of " + country.Name(a.draft.Country(), "en") + ": " + line
		}
		fmt.Fprintf(a.out, "      %s\n", line)
	}
}
