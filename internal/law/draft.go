package law

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"go.yaml.in/yaml/v3"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

// Draft is a rule that somebody is writing, field by field. It refuses a field with
// the codes of ParsePack and NewEngine as soon as it is stated, proposes cases to be
// judged, and gives the lines of a pack. It is not safe for concurrent use.
type Draft struct {
	Rule
	Pack  string     // its pack's name: us.pen of us.pen.no_content
	Named []Proposed // what its author said that the law looks at
	First fact.Facts // of the first case of before: the next ones are told by the same, where they can

	env  *cel.Env
	said map[string]string // fields as they were stated
}

// DraftFields are the fields of a draft, in the order in which they are best asked.
var DraftFields = []string{"cite", "quote", "in_force", "instruments", "inside", "applies", "requires", "leaves_out", "finds", "en", "de", "da", "it", "read"}

// NewDraft begins a rule. Errors: law.rule_id, law.language.
func NewDraft(id string) (*Draft, error) {
	words := strings.Split(id, ".")
	if len(id) > maxID || !idForm.MatchString(id) || len(words) < 3 {
		return nil, problem.New(problem.Invalid, "law.rule_id", "the id of a rule is its pack's name, a dot and a few lower-case words").At("%.80q", id).Fix("write it like us.pen.no_content, which stands in the pack us.pen")
	}
	env, err := newEnv()
	if err != nil {
		return nil, problem.New(problem.Internal, "law.language", "the rule language could not be set up").Because(err)
	}
	d := &Draft{Pack: strings.Join(words[:len(words)-1], "."), env: env, said: map[string]string{}}
	d.ID = id
	return d, nil
}

// DraftOf is a rule that stands, to be written anew; its examples are left out, what is not asked
// for (its successors and the courts outside) stays.
func DraftOf(r Rule) (*Draft, error) {
	d, err := NewDraft(r.ID)
	if err != nil {
		return nil, err
	}
	d.ReplacedBy, d.Outside = r.ReplacedBy, r.Outside
	as := map[string]string{"inside": strings.Join(r.Inside, ", "), "cite": r.Cite, "quote": r.Quote, "in_force": span(r.From, r.To), "instruments": strings.Join(r.Instruments, ", "), "applies": r.Applies, "requires": r.Requires, "leaves_out": strings.Join(r.LeavesOut, "; "),
		"finds": found(&r), "read": string(r.Checked.Level) + ": " + r.Checked.Source}
	for _, lang := range Languages {
		as[lang] = r.Letter.In(lang)
		if lang != "en" && as[lang] == as["en"] {
			as[lang] = "" // it is not translated yet
		}
	}
	for _, field := range DraftFields {
		err = d.State(field, as[field])
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Said gives a field as it was stated last.
func (d *Draft) Said(field string) string { return d.said[field] }

// State states a field as a person writes it: words of a list apart by commas or
// blanks, a condition in the language of the packs or in the words of Wording. An empty
// text takes it back. A refusal leaves what stood.
func (d *Draft) State(field, text string) error {
	text = strings.TrimSpace(text)
	was := d.Rule
	err := d.state(field, text)
	if err != nil {
		d.Rule = was
		return err
	}
	switch field {
	case "applies":
		text = d.Applies
	case "requires":
		text = d.Requires
	case "in_force":
		text = span(d.From, d.To)
	case "finds":
		text = found(&d.Rule)
	case "leaves_out":
		text = strings.Join(d.LeavesOut, "; ")
	case "read":
		text = string(d.Checked.Level) + ": " + d.Checked.Source
	}
	d.said[field] = text
	return nil
}

func (d *Draft) state(field, text string) (err error) {
	r := &reader{file: d.Pack, rule: d.ID}
	if text == "" && slices.Contains([]string{"cite", "applies", "requires", "finds", "severity", "respond", "en", "level", "source", "read"}, field) {
		return r.fail("law.missing_field", 0, "%s is needed", field)
	}
	if len(text) > maxScalar {
		return r.fail("law.size", 0, "a value is longer than %d bytes", maxScalar)
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if text == "" {
		n = nil
	} else {
		r.name(n, field)
	}
	switch field {
	case "cite", "quote", "source":
		*map[string]*string{"cite": &d.Cite, "quote": &d.Quote, "source": &d.Checked.Source}[field] = text
	case "in_force":
		return d.stateSpan(text)
	case "finds":
		return d.stateFinds(r, text)
	case "read":
		return d.stateRead(r, text)
	case "from":
		d.From, err = r.day(n)
	case "to":
		d.To, err = r.day(n)
		if err == nil && d.To != "" && d.To < d.From {
			err = r.fail("law.dates_inverted", 0, "the rule ends before it begins")
		}
	case "instruments":
		d.Instruments, err = r.words(listNode(r, field, text), fact.Instrument.Def().Values)
	case "inside":
		d.Inside, err = r.words(listNode(r, field, text), fact.Forum.Def().Values)
	case "applies", "requires":
		text = d.mended(text)
		*map[string]*string{"applies": &d.Applies, "requires": &d.Requires}[field] = text
		_, err = readExpression(d.env, &Pack{Name: d.Pack, File: d.Pack}, &d.Entry, field, text)
	case "leaves_out":
		d.LeavesOut, err = r.leavesOut(lines(r, field, text))
	case "severity":
		text, err = r.word(n, texts(severities))
		d.Severity = Severity(text)
	case "respond":
		var words []string
		words, err = r.words(listNode(r, field, text), texts(responses))
		d.Respond = nil
		for _, w := range words {
			d.Respond = append(d.Respond, Response(w))
		}
	case "level":
		text, err = r.word(n, texts(levels))
		d.Checked.Level = Level(text)
	case "en", "de", "da", "it":
		*map[string]*string{"en": &d.Letter.EN, "de": &d.Letter.DE, "da": &d.Letter.DA, "it": &d.Letter.IT}[field] = text
	default:
		err = r.fail("law.unknown_field", 0, "%q is not a field here", field)
	}
	return err
}

// spanWords stand between the first and the last day on which a law is in force.
var spanWords = regexp.MustCompile(`\s*(?:\b(?:to|until|till)\b|–|\.\.)\s*`)

// span is how the first and the last day are written on one line.
func span(from, to string) string {
	if to == "" {
		return from
	}
	return strings.TrimSpace(from + " to " + to)
}

// stateSpan states both days, as packs write them or as DayWords does.
func (d *Draft) stateSpan(text string) error {
	days := append(spanWords.Split(strings.TrimPrefix(text, "from "), 2), "")
	for i, text := range days {
		h := &heard{text: text}
		if day, end := h.day(0); end == len(text) {
			days[i] = day
		}
	}
	d.To = ""
	err := d.state("from", days[0])
	if err != nil {
		return err
	}
	return d.state("to", days[1])
}

// found is what a rule finds where it is violated, and proposes, on one line.
func found(r *Rule) string {
	return strings.Join(append([]string{string(r.Severity)}, texts(r.Respond)...), ", ")
}

// stateFinds states both, or one of them: blocking, narrow, reject. Of what is not named the
// one stays that stood; a severity that was never named is blocking.
func (d *Draft) stateFinds(r *reader, text string) error {
	var severity, respond []string
	for _, w := range strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(",;: \t[]", c) }) {
		switch {
		case slices.Contains(texts(severities), w):
			severity = append(severity, w)
		case slices.Contains(texts(responses), w):
			respond = append(respond, w)
		default:
			return r.fail("law.unknown_word", 0, "%.80q is none of %s, %s", w, strings.Join(texts(severities), ", "), strings.Join(texts(responses), ", "))
		}
	}
	if len(severity) > 1 {
		return r.fail("law.duplicate_key", 0, "a rule finds one of %s", strings.Join(texts(severities), ", "))
	}
	if len(severity) > 0 || d.Severity == "" {
		err := d.state("severity", append(severity, string(Blocking))[0])
		if err != nil {
			return err
		}
	}
	if len(respond) == 0 && len(d.Respond) > 0 {
		return nil
	}
	return d.state("respond", strings.Join(respond, ", "))
}

// stateRead states how the law was read, and after it what: text: BGBl. 2021 I 448.
func (d *Draft) stateRead(r *reader, text string) error {
	level, source := text, ""
	if i := strings.IndexAny(text, ":, "); i > 0 {
		level, source = text[:i], strings.TrimLeft(text[i:], ":, ")
	}
	if !slices.Contains(texts(levels), level) {
		return r.fail("law.unknown_word", 0, "begin with text, secondary or unchecked, and then say what was read")
	}
	if source == "" {
		return r.fail("law.missing_field", 0, "say after %s what was read", level)
	}
	err := d.state("level", level)
	if err != nil {
		return err
	}
	return d.state("source", source)
}

// listNode is a list as YAML has it, of words apart by commas or blanks; nil: none.
func listNode(r *reader, field, text string) *yaml.Node {
	words := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(", \t[]", c) })
	if len(words) == 0 {
		return nil
	}
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, w := range words {
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: w})
	}
	r.name(n, field)
	return n
}

// lines is a list as YAML has it, of texts apart by semicolons; nil: none.
func lines(r *reader, field, text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.SequenceNode}
	for _, s := range strings.Split(text, ";") {
		if s = strings.TrimSpace(s); s != "" {
			n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s})
		}
	}
	if len(n.Content) == 0 {
		return nil
	}
	r.name(n, field)
	return n
}

// WordsOf lists the words that a field takes; nil where it takes none of a list.
func WordsOf(field string) []string {
	switch field {
	case "instruments":
		return slices.Clone(fact.Instrument.Def().Values)
	case "inside":
		return slices.Clone(fact.Forum.Def().Values)
	case "severity":
		return texts(severities)
	case "respond":
		return texts(responses)
	case "level":
		return texts(levels)
	}
	return nil
}

// Judged adds an example: facts, a name, and what the law says of them, which is
// what the draft must say. Errors: law.example, where the draft says otherwise.
func (d *Draft) Judged(name string, c Case, says Outcome) error {
	if says != c.Says {
		return problem.New(problem.Invalid, "law.example", "you say %s, and the rule as it is written says %s", says, said(string(c.Says), c.Missing))
	}
	d.Examples = append(d.Examples, Example{Name: name, Facts: c.Facts, Expect: says, Missing: c.Missing})
	return nil
}

// YAML gives the rule's lines in a pack, read on a day.
func (d *Draft) YAML(today string) string {
	var b strings.Builder
	line := func(indent int, key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%*s%s: %s\n", indent, "", key, value)
		}
	}
	fmt.Fprintf(&b, "  - id: %s\n", d.ID)
	line(4, "cite", quote(d.Cite))
	line(4, "quote", quote(d.Quote))
	line(4, "in_force", flow("{}", stated("from: ", d.From), stated("to: ", d.To)))
	line(4, "replaced_by", flow("[]", d.ReplacedBy...))
	line(4, "instruments", flow("[]", d.Instruments...))
	line(4, "forum", flow("{}", stated("inside: ", flow("[]", d.Inside...)), stated("outside: ", flow("[]", d.Outside...))))
	line(4, "applies", quote(d.Applies))
	line(4, "requires", quote(d.Requires))
	line(4, "leaves_out", flow("[]", quotes(d.LeavesOut)...))
	line(4, "severity", string(d.Severity))
	line(4, "respond", flow("[]", texts(d.Respond)...))
	b.WriteString("    letter:\n")
	for _, lang := range Languages {
		line(6, lang, quote(d.Letter.In(lang)))
	}
	line(4, "checked", flow("{}", "level: "+string(d.Checked.Level), "source: "+quote(d.Checked.Source), "on: "+today))
	b.WriteString("    examples:\n")
	for _, ex := range d.Examples {
		line(6, "- name", quote(ex.Name))
		line(8, "facts", FactsText(ex.Facts))
		line(8, "expect", string(ex.Expect))
		line(8, "missing", flow("[]", ex.Missing...))
	}
	return b.String()
}

// quote writes a text in double quotation marks, as YAML and JSON have them alike;
// nothing where it is empty.
func quote(s string) string {
	if s == "" {
		return ""
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string has always a form
	return strings.TrimSpace(b.String())
}

func quotes(list []string) (out []string) {
	for _, s := range list {
		out = append(out, quote(s))
	}
	return out
}

// flow writes what is there on one line, between two brackets; nothing where nothing is.
func flow(brackets string, parts ...string) string {
	parts = slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" })
	if len(parts) == 0 {
		return ""
	}
	return brackets[:1] + strings.Join(parts, ", ") + brackets[1:]
}

// FactsText writes facts on one line of a facts file, in curly brackets.
func FactsText(f fact.Facts) string { return flow("{}", factsParts(f)...) }

// FactsLines writes facts as a facts file of their own, each on a line.
func FactsLines(f fact.Facts) string { return strings.Join(factsParts(f), "\n") + "\n" }

func factsParts(f fact.Facts) (parts []string) {
	for _, name := range f.Known().Names() {
		v, _, _ := f.Get(name) // the name is the schema's
		text := fmt.Sprint(v)
		k, _ := fact.Lookup(name)
		switch k.Def().Type {
		case fact.Set:
			text = "[" + strings.Join(v.([]string), ", ") + "]"
		case fact.Token, fact.Country, fact.Instant:
			text = quote(text)
		}
		parts = append(parts, name+": "+text)
	}
	return parts
}

// Into adds the draft's rule to the text of its pack, or begins the pack with a title
// where there is none. The error is what refuses the pack then; the rule takes the
// place of one of the same id.
func (d *Draft) Into(file string, pack []byte, title, today string) ([]byte, error) {
	text := string(pack)
	if len(pack) == 0 {
		text = fmt.Sprintf("pack: %s\ntitle: %s\nversion: %s\nrules:\n", d.Pack, quote(title), today)
	}
	was, err := ParseDraft(file, pack)
	if len(pack) > 0 && err != nil {
		return nil, err
	}
	if was != nil {
		i := slices.IndexFunc(was.Rules, func(r Rule) bool { return r.ID == d.ID })
		if i >= 0 {
			text = strings.Replace(text, Written(pack, was.Rules[i].Line), "", 1)
		}
		text = versionLine.ReplaceAllString(text, "version: "+today)
	}
	if !rulesLine.MatchString(text) {
		text = strings.TrimRight(text, "\n") + "\nrules:\n"
	}
	at := len(text)
	from := rulesLine.FindStringIndex(text)[1]
	if next := topLine.FindStringIndex(text[from:]); next != nil {
		at = from + next[0]
	}
	head := strings.TrimRight(text[:at], "\n") + "\n"
	out := []byte(head + d.YAML(today) + text[at:])
	is, err := ParseDraft(file, out)
	if err != nil {
		return nil, err
	}
	if was != nil {
		for _, id := range was.IDs() {
			if !slices.Contains(is.IDs(), id) {
				return nil, problem.New(problem.Invalid, "law.pack_form", "the pack is written in a way to which nothing can be added").At("%s", file).Fix("give the rule a pack of its own, or copy its lines from there")
			}
		}
	}
	return out, nil
}

var (
	versionLine = regexp.MustCompile(`(?m)^version:.*$`)
	rulesLine   = regexp.MustCompile(`(?m)^rules:[ \t]*$\n?`)
	topLine     = regexp.MustCompile(`(?m)^[a-z_]+:`)
)
