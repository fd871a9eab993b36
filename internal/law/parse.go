package law

import (
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"counterseal/internal/calendar"
	"counterseal/internal/fact"
)

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)+$`)

const maxID = 80

// ParsePack reads one pack. It checks everything but the expressions, which
// NewEngine compiles.
func ParsePack(file string, data []byte) (*Pack, error) {
	return (&reader{file: file}).pack(data)
}

// ParseDraft reads a pack that is not finished: a sentence may still be without its
// translations, in whose place the English stands. Such a pack can be tried and is
// never in force.
func ParseDraft(file string, data []byte) (*Pack, error) {
	return (&reader{file: file, draft: true}).pack(data)
}

func (r *reader) pack(data []byte) (*Pack, error) {
	root, err := r.document(data, MaxPack)
	if err != nil {
		return nil, err
	}
	m, err := r.fields(root, "pack!", "title!", "version!", "rules", "deadlines", "reach")
	if err != nil && (m["pack"] == nil || !r.kept(err)) {
		return nil, err // without its name no id in it can be read
	}
	p := &Pack{File: r.file, Digest: sha256.Sum256(data)}
	p.Name, err = r.text(m["pack"])
	if err != nil {
		return nil, err
	}
	if len(p.Name) > maxID || !idForm.MatchString(p.Name) {
		return nil, r.fail("law.pack_name", m["pack"].Line, "a pack is named like us.sca")
	}
	p.Title, err = r.text(m["title"])
	if err != nil && !r.kept(err) {
		return nil, err
	}
	p.Version, err = r.day(m["version"])
	if err != nil && !r.kept(err) {
		return nil, err
	}
	err = r.readAll(p, m)
	if err != nil {
		return nil, err
	}
	return p, r.checkIDs(p)
}

// readAll reads the three lists of a pack, any of which may be missing.
func (r *reader) readAll(p *Pack, m map[string]*yaml.Node) error {
	total := 0
	for _, list := range []struct {
		key string
		one func(*yaml.Node) error
	}{
		{"rules", func(n *yaml.Node) error { return appendTo(&p.Rules, r.readRule, p.Name, n) }},
		{"deadlines", func(n *yaml.Node) error { return appendTo(&p.Deadlines, r.readDeadline, p.Name, n) }},
		{"reach", func(n *yaml.Node) error { return appendTo(&p.Reach, r.readReachRule, p.Name, n) }},
	} {
		if m[list.key] == nil {
			continue
		}
		nodes, err := r.list(m[list.key])
		if err != nil && r.kept(err) {
			total++
			continue
		}
		if err != nil {
			return err
		}
		total += len(nodes)
		if total > MaxRules {
			return r.fail("law.too_many_rules", m[list.key].Line, "the pack has %d rules, more than %d", total, MaxRules)
		}
		for _, n := range nodes {
			if r.broken[n] {
				continue
			}
			r.rule = peekID(n)
			err = list.one(n)
			if err != nil && !r.kept(err) {
				return err
			}
			if err != nil {
				r.entryRefused(n)
			}
		}
		r.rule = ""
	}
	if total == 0 {
		return r.fail("law.missing_field", 1, "the pack holds nothing: write rules, deadlines or reach")
	}
	return nil
}

func appendTo[T any](list *[]T, read func(string, *yaml.Node) (T, error), pack string, n *yaml.Node) error {
	x, err := read(pack, n)
	if err == nil {
		*list = append(*list, x)
	}
	return err
}

// entryFields are the fields of an Entry; each list adds its own.
var entryFields = []string{"id!", "cite!", "quote", "in_force", "instruments", "forum", "applies!", "leaves_out", "checked!", "examples!"}

// readEntry reads what everything in a pack has, and gives all fields.
func (r *reader) readEntry(pack string, n *yaml.Node, to *Entry, own ...string) (map[string]*yaml.Node, error) {
	m, err := r.fields(n, append(slices.Clone(own), entryFields...)...)
	if err != nil {
		return nil, err
	}
	to.Line = n.Line
	to.ID, err = r.text(m["id"])
	if err != nil {
		return nil, err
	}
	if len(to.ID) > maxID || !idForm.MatchString(to.ID) || !strings.HasPrefix(to.ID, pack+".") {
		return nil, r.fail("law.rule_id", m["id"].Line, "the id of a rule is %s. and a few lower-case words", pack)
	}
	r.rule = to.ID
	for _, f := range []struct {
		to  *string
		key string
	}{{&to.Cite, "cite"}, {&to.Quote, "quote"}, {&to.Applies, "applies"}} {
		*f.to, err = r.text(m[f.key])
		if err != nil {
			return nil, err
		}
	}
	err = r.readForce(m, to)
	if err != nil {
		return nil, err
	}
	to.LeavesOut, err = r.leavesOut(m["leaves_out"])
	if err != nil {
		return nil, err
	}
	return m, r.readChecked(m, to)
}

func (r *reader) readRule(pack string, n *yaml.Node) (rule Rule, err error) {
	m, err := r.readEntry(pack, n, &rule.Entry, "replaced_by", "requires!", "severity!", "respond!", "letter!")
	if err != nil {
		return rule, err
	}
	rule.Requires, err = r.text(m["requires"])
	if err != nil {
		return rule, err
	}
	rule.ReplacedBy, err = r.texts(m["replaced_by"])
	if err != nil {
		return rule, err
	}
	err = r.readProposal(m, &rule)
	if err != nil {
		return rule, err
	}
	rule.Letter, err = r.readSentences(m["letter"])
	if err != nil {
		return rule, err
	}
	return rule, r.readExamples(m, &rule)
}

// readForce reads dates in force, instruments and forums.
func (r *reader) readForce(m map[string]*yaml.Node, rule *Entry) (err error) {
	if n := m["in_force"]; n != nil {
		d, err := r.fields(n, "from", "to")
		if err != nil {
			return err
		}
		if rule.From, err = r.day(d["from"]); err != nil {
			return err
		}
		if rule.To, err = r.day(d["to"]); err != nil {
			return err
		}
		if rule.From != "" && rule.To != "" && rule.To < rule.From {
			return r.fail("law.dates_inverted", n.Line, "the rule ends before it begins")
		}
	}
	if rule.Instruments, err = r.words(m["instruments"], fact.Instrument.Def().Values); err != nil {
		return err
	}
	if n := m["forum"]; n != nil {
		f, err := r.fields(n, "inside", "outside")
		if err != nil {
			return err
		}
		if rule.Inside, err = r.words(f["inside"], fact.Forum.Def().Values); err != nil {
			return err
		}
		if rule.Outside, err = r.words(f["outside"], fact.Forum.Def().Values); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) readProposal(m map[string]*yaml.Node, rule *Rule) error {
	s, err := r.word(m["severity"], texts(severities))
	if err != nil {
		return err
	}
	rule.Severity = Severity(s)
	respond, err := r.words(m["respond"], texts(responses))
	if err != nil {
		return err
	}
	for _, s := range respond {
		rule.Respond = append(rule.Respond, Response(s))
	}
	return nil
}

func (r *reader) readSentences(n *yaml.Node) (out Sentences, err error) {
	keys := []string{"en!", "de!", "da!", "it!"}
	if r.draft {
		keys = []string{"en!", "de", "da", "it"}
	}
	l, err := r.fields(n, keys...)
	if err != nil {
		return out, err
	}
	for _, f := range []struct {
		to  *string
		key string
	}{{&out.EN, "en"}, {&out.DE, "de"}, {&out.DA, "da"}, {&out.IT, "it"}} {
		*f.to, err = r.sentence(l[f.key])
		if err != nil {
			return out, err
		}
		if *f.to == "" {
			*f.to = out.EN
		}
	}
	return out, nil
}

func (r *reader) sentence(n *yaml.Node) (string, error) {
	s, err := r.text(n)
	if err == nil && strings.ContainsAny(s, "\n\r") {
		err = r.fail("law.letter", n.Line, "a letter takes one sentence on one line")
	}
	return s, err
}

// maxLeftOut bounds what a rule leaves out: a rule that leaves out more is another rule.
const maxLeftOut = 8

func (r *reader) leavesOut(n *yaml.Node) ([]string, error) {
	out, err := r.texts(n)
	if err != nil {
		return nil, err
	}
	if len(out) > maxLeftOut {
		return nil, r.fail("law.size", n.Line, "a rule leaves out at most %d things", maxLeftOut)
	}
	for _, s := range out {
		if strings.ContainsAny(s, "\n\r") {
			return nil, r.fail("law.letter", n.Line, "what is left out stands on one line")
		}
	}
	return out, nil
}

func (r *reader) readChecked(m map[string]*yaml.Node, rule *Entry) error {
	c, err := r.fields(m["checked"], "level!", "source!", "on!")
	if err != nil {
		return err
	}
	level, err := r.word(c["level"], texts(levels))
	if err != nil {
		return err
	}
	rule.Checked.Level = Level(level)
	if rule.Checked.Source, err = r.text(c["source"]); err != nil {
		return err
	}
	rule.Checked.On, err = r.day(c["on"])
	return err
}

func (r *reader) readExamples(m map[string]*yaml.Node, rule *Rule) error {
	nodes, err := r.list(m["examples"])
	if err != nil {
		return err
	}
	var fired, quiet bool
	for _, n := range nodes {
		e, err := r.fields(n, "name!", "facts!", "expect!", "missing")
		if err != nil {
			return err
		}
		ex := Example{Line: n.Line}
		if ex.Name, err = r.text(e["name"]); err != nil {
			return err
		}
		if ex.Facts, err = r.facts(e["facts"]); err != nil {
			return err
		}
		expect, err := r.word(e["expect"], texts(outcomes))
		if err != nil {
			return err
		}
		ex.Expect = Outcome(expect)
		if ex.Missing, err = r.texts(e["missing"]); err != nil {
			return err
		}
		if (ex.Expect == Ask) != (len(ex.Missing) > 0) {
			return r.fail("law.example", n.Line, "an example that asks names the missing facts, and no other does")
		}
		fired = fired || ex.Expect == Violated
		quiet = quiet || ex.Expect == None || ex.Expect == Holds
		rule.Examples = append(rule.Examples, ex)
	}
	if !fired || !quiet {
		return r.fail("law.example", m["examples"].Line, "a rule has an example that violates it and one that does not")
	}
	return nil
}

// word reads one word from a closed list.
func (r *reader) word(n *yaml.Node, allowed []string) (string, error) {
	s, err := r.text(n)
	if err != nil {
		return "", err
	}
	if !slices.Contains(allowed, s) {
		return "", r.fail("law.unknown_word", n.Line, "%q is not a word of %s: %s", s, r.of(n), choices(s, allowed))
	}
	return s, nil
}

// choices are the words that may have been meant: all of a short list, of a long one
// those that begin alike.
func choices(s string, allowed []string) string {
	const short = 12
	meant := allowed
	if len(allowed) > short {
		meant = nil
		for n := min(3, len(s)); n > 0 && len(meant) == 0; n-- {
			for _, a := range allowed {
				if strings.HasPrefix(a, s[:n]) && len(meant) < short {
					meant = append(meant, a)
				}
			}
		}
	}
	if len(meant) == 0 {
		return "docs/packs.md and docs/facts.md have it"
	}
	return strings.Join(meant, ", ")
}

// words reads a list of words from a closed list.
func (r *reader) words(n *yaml.Node, allowed []string) ([]string, error) {
	out, err := r.texts(n)
	if err != nil {
		return nil, err
	}
	for i, s := range out {
		if !slices.Contains(allowed, s) {
			return nil, r.fail("law.unknown_word", n.Content[i].Line, "%q is not a word of %s: %s", s, r.of(n), choices(s, allowed))
		}
	}
	return out, nil
}

func (r *reader) day(n *yaml.Node) (string, error) {
	s, err := r.text(n)
	if err != nil || s == "" {
		return "", err
	}
	d, err := calendar.ParseDay(s)
	if err != nil {
		return "", r.fail("law.date", n.Line, "%s is a date, written YYYY-MM-DD", r.of(n))
	}
	return d.String(), nil
}

// checkIDs refuses duplicate ids, and successors that do not exist, begin too
// early or run in a circle.
func (r *reader) checkIDs(p *Pack) error {
	seen := make(map[string]bool)
	for _, e := range p.entries() {
		r.rule = e.ID
		if seen[e.ID] {
			err := r.fail("law.duplicate_rule", e.Line, "the id stands twice in the pack")
			if !r.kept(err) {
				return err
			}
		}
		seen[e.ID] = true
	}
	byID := make(map[string]*Rule, len(p.Rules))
	for i := range p.Rules {
		byID[p.Rules[i].ID] = &p.Rules[i]
	}
	for i := range p.Rules {
		rule := &p.Rules[i]
		r.rule = rule.ID
		for _, id := range rule.ReplacedBy {
			err := r.successor(rule, byID[id], id)
			if err != nil && !r.kept(err) {
				return err
			}
		}
	}
	return nil
}

func (r *reader) successor(rule, next *Rule, id string) error {
	if next == nil && r.ids[id] {
		return nil // it is in the pack, and what is amiss in it was said
	}
	if next == nil {
		return r.fail("law.unknown_rule", rule.Line, "%s is not in the pack", id)
	}
	// Each step goes forward in time, so a circle is impossible.
	if rule.To == "" || next.From == "" || next.From <= rule.To {
		return r.fail("law.dates_inverted", rule.Line, "%s must begin after this rule has ended", id)
	}
	return nil
}

func texts[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
