package law_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

const head = "pack: us.x\ntitle: t\nversion: 2026-01-01\nrules:\n"

// rule is a good rule; change replaces lines of it by their first word.
func rule(id string, change map[string]string) string {
	lines := []string{
		"cite: c", "quote: q", "in_force: {from: 2020-01-01, to: 2021-01-01}", "instruments: [nsl]", "forum: {inside: [us.2d_cir]}",
		"applies: binding", "requires: verified", "severity: warning", "respond: [clarify]",
		"letter: {en: e, de: d, da: d, it: i}", "checked: {level: text, source: s, on: 2026-01-01}",
		"examples: [{name: a, facts: {binding: true}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]",
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  - id: %s\n", id)
	for _, l := range lines {
		key, _, _ := strings.Cut(l, ":")
		if c, ok := change[key]; ok {
			l = c
		}
		if l != "" {
			fmt.Fprintf(&b, "    %s\n", l)
		}
	}
	return b.String()
}

func load(text string) error {
	p, err := law.ParsePack("x.yaml", []byte(text))
	if err != nil {
		return err
	}
	_, err = law.NewEngine(p)
	return err
}

func TestAGoodPackLoads(t *testing.T) {
	if err := load(head + rule("us.x.a", nil)); err != nil {
		t.Fatal(err)
	}
}

func TestABadPackIsRefusedWithFileLineRuleAndReason(t *testing.T) {
	one := func(key, line string) string {
		return head + rule("us.x.good", nil) + rule("us.x.bad", map[string]string{key: line})
	}
	for _, c := range []struct{ name, text, code, at string }{
		{"unknown field", one("quote", "quotation: q"), "law.unknown_field", "x.yaml:20, rule us.x.bad"},
		{"unknown field of the pack", "author: x\n" + head + rule("us.x.a", nil), "law.unknown_field", "x.yaml:1"},
		{"unknown nested field", one("checked", "checked: {level: text, source: s, on: 2026-01-01, by: me}"), "law.unknown_field", "x.yaml:29, rule us.x.bad"},
		{"missing field", one("severity", ""), "law.missing_field", "x.yaml:18, rule us.x.bad"},
		{"missing language", one("letter", "letter: {en: e, de: d, da: d}"), "law.missing_field", "x.yaml:28, rule us.x.bad"},
		{"empty field", one("cite", "cite: ''"), "law.missing_field", "x.yaml:19, rule us.x.bad"},
		{"duplicate key", one("quote", "cite: c"), "law.duplicate_key", "x.yaml:20, rule us.x.bad"},
		{"duplicate word", one("respond", "respond: [clarify, reject, clarify]"), "law.duplicate_key", "x.yaml:27, rule us.x.bad"},
		{"anchor", one("cite", "cite: &a c"), "law.alias", "x.yaml:19, rule us.x.bad"},
		{"alias", one("cite", "cite: &a c") + "    quote: *a\n", "law.alias", "x.yaml:19, rule us.x.bad"},
		{"merge key", one("examples", "<<: {a: b}"), "law.type", "x.yaml:30, rule us.x.bad"},
		{"tag", one("cite", "cite: !!binary aGk="), "law.tag", "x.yaml:19, rule us.x.bad"},
		{"list for a word", one("severity", "severity: [warning]"), "law.type", "x.yaml:26, rule us.x.bad"},
		{"number for text", one("cite", "cite: 18"), "law.type", "x.yaml:19, rule us.x.bad"},
		{"null", one("quote", "quote: null"), "law.type", "x.yaml:20, rule us.x.bad"},
		{"empty list", one("instruments", "instruments: []"), "law.type", "x.yaml:22, rule us.x.bad"},
		{"two lines in a letter", one("letter", `letter: {en: "a\nb", de: d, da: d, it: i}`), "law.letter", "x.yaml:28, rule us.x.bad"},
		{"left out in two lines", one("severity", "leaves_out: [\"a\\nb\"]\n    severity: warning"), "law.letter", "x.yaml:26, rule us.x.bad"},
		{"left out twice", one("severity", "leaves_out: [a, a]\n    severity: warning"), "law.duplicate_key", "x.yaml:26, rule us.x.bad"},
		{"too much left out", one("severity", "leaves_out: [a, b, c, d, e, f, g, h, i]\n    severity: warning"), "law.size", "x.yaml:26, rule us.x.bad"},
		{"left out without a list", one("severity", "leaves_out: a\n    severity: warning"), "law.type", "x.yaml:26, rule us.x.bad"},
		{"unknown severity", one("severity", "severity: fatal"), "law.unknown_word", "x.yaml:26, rule us.x.bad"},
		{"unknown response", one("respond", "respond: [clarify, ignore]"), "law.unknown_word", "x.yaml:27, rule us.x.bad"},
		{"unknown instrument", one("instruments", "instruments: [nsl, nls]"), "law.unknown_word", "x.yaml:22, rule us.x.bad"},
		{"unknown forum", one("forum", "forum: {outside: [us.2nd_cir]}"), "law.unknown_word", "x.yaml:23, rule us.x.bad"},
		{"unknown level", one("checked", "checked: {level: sure, source: s, on: 2026-01-01}"), "law.unknown_word", "x.yaml:29, rule us.x.bad"},
		{"no such day", one("in_force", "in_force: {from: 2021-02-29}"), "law.date", "x.yaml:21, rule us.x.bad"},
		{"inverted dates", one("in_force", "in_force: {from: 2021-01-02, to: 2021-01-01}"), "law.dates_inverted", "x.yaml:21, rule us.x.bad"},
		{"unknown successor", one("quote", "replaced_by: [us.x.none]"), "law.unknown_rule", "x.yaml:18, rule us.x.bad"},
		{"successor in a circle", one("quote", "replaced_by: [us.x.bad]"), "law.dates_inverted", "x.yaml:18, rule us.x.bad"},
		{"successor that begins too early", one("quote", "replaced_by: [us.x.good]"), "law.dates_inverted", "x.yaml:18, rule us.x.bad"},
		{"only the last id stands twice", head + rule("us.x.a", nil) + rule("us.x.b", nil) + rule("us.x.a", nil), "law.duplicate_rule", "x.yaml:31, rule us.x.a"},
		{"id of another pack", head + rule("uk.x.a", nil), "law.rule_id", "x.yaml:5, rule uk.x.a"},
		{"id too long", head + rule("us.x."+strings.Repeat("a", 80), nil), "law.rule_id", "x.yaml:5"},
		{"pack name", strings.Replace(head, "us.x", "us", 1) + rule("us.a", nil), "law.pack_name", "x.yaml:1"},
		{"not YAML", "a: [", "law.yaml", "x.yaml"},
		{"empty", "", "law.yaml", "x.yaml"},
		{"two documents", head + rule("us.x.a", nil) + "---\na: b\n", "law.yaml", "x.yaml:18"},
		{"not UTF-8", head + "\xff", "law.yaml", "x.yaml"},
		{"a list", "- a\n", "law.type", "x.yaml:1"},
		{"too deep", one("quote", "quote: [[[[[[[[[[a]]]]]]]]]]"), "law.depth", "x.yaml:20, rule us.x.bad"},
		{"far too deep", "a: " + strings.Repeat("[", 100_000), "law.yaml", "x.yaml"},
		{"a value too long", one("quote", "quote: "+strings.Repeat("q", 5000)), "law.size", "x.yaml:20, rule us.x.bad"},
		{"a file too long", "a: " + strings.Repeat("q", law.MaxPack), "law.size", "x.yaml"},
		{"an example with a wrong fact", one("examples", "examples: [{name: a, facts: {bindung: true}, expect: violated}]"), "fact.unknown_key", `x.yaml:30, rule us.x.bad, "bindung"`},
		{"an example that contradicts itself", one("examples", "examples: [{name: a, facts: {binding: true, instrument: none}, expect: violated}]"), "fact.contradiction", "x.yaml:30, rule us.x.bad, binding"},
		{"never violated", one("examples", "examples: [{name: a, facts: {binding: false}, expect: none}]"), "law.example", "x.yaml:30, rule us.x.bad"},
		{"always violated", one("examples", "examples: [{name: a, facts: {binding: true}, expect: violated}]"), "law.example", "x.yaml:30, rule us.x.bad"},
		{"asks for nothing", one("examples", "examples: [{name: a, facts: {binding: true}, expect: ask}]"), "law.example", "x.yaml:30, rule us.x.bad"},
		{"unknown outcome", one("examples", "examples: [{name: a, facts: {binding: true}, expect: maybe}]"), "law.unknown_word", "x.yaml:30, rule us.x.bad"},
		{"syntax of an expression", one("applies", "applies: binding &&"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"unknown fact in an expression", one("applies", "applies: bindung"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"not a truth", one("requires", "requires: targets_named"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"function not given", one("requires", "requires: authority.matches('a')"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"division", one("requires", "requires: 10 / targets_named > 1"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"macro not given", one("requires", "requires: fields.map(f, f) == fields"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"no such date in an expression", one("requires", "requires: as_of > date('2026-02-29')"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"days from a fact", one("requires", "requires: as_of > served + days(targets_named)"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"too many days", one("requires", "requires: as_of > served + days(36501)"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"expression too long", one("requires", "requires: "+strings.Repeat("verified || ", 200)+"verified"), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"expression too nested", one("requires", "requires: "+strings.Repeat("(", 300)+"verified"+strings.Repeat(")", 300)), "law.expression", "x.yaml:18, rule us.x.bad"},
		{"misspelt word", one("requires", "requires: signer == 'juge'"), "law.unknown_value", "x.yaml:18, rule us.x.bad"},
		{"misspelt word on the left", one("requires", "requires: '''juge'' != signer'"), "law.unknown_value", "x.yaml:18, rule us.x.bad"},
		{"only the last word of a list misspelt", one("requires", "requires: signer in ['judge', 'juge']"), "law.unknown_value", "x.yaml:18, rule us.x.bad"},
		{"misspelt word in a loop", one("requires", "requires: fields.all(f, f in ['name', 'shoe'])"), "law.unknown_value", "x.yaml:18, rule us.x.bad"},
		{"misspelt member", one("requires", "requires: \"'shoe' in fields\""), "law.unknown_value", "x.yaml:18, rule us.x.bad"},
		{"lower-case country", one("requires", "requires: issuing_country == 'us'"), "law.unknown_value", "x.yaml:18, rule us.x.bad"},
		{"time from a fact", one("requires", "requires: timestamp(authority) < as_of"), "law.unknown_value", "x.yaml:18, rule us.x.bad"},
		{"too costly", one("requires", "requires: fields.exists(a, fields.exists(b, fields.exists(c, fields.exists(d, a == b && c == d))))"), "law.cost", "x.yaml:18, rule us.x.bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := load(c.text)
			p := problem.Of(err)
			if p == nil || p.Code != c.code || p.Field != c.at || p.Kind != problem.Invalid {
				t.Fatalf("got %v, want %s at %s", err, c.code, c.at)
			}
		})
	}
}

func TestAPackOfTenThousandRulesIsRefused(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			b.WriteString(rule(fmt.Sprintf("us.x.r%d", i), nil))
		}
		return b.String()
	}
	if err := load(many(10_000)); problem.Code(err) != "law.too_many_rules" {
		t.Fatalf("got %v", err)
	}
	if _, err := law.ParsePack("x.yaml", []byte(many(law.MaxRules))); err != nil {
		t.Fatal(err)
	}
}

func TestTwoPacksCannotHoldTheSameRule(t *testing.T) {
	p, err := law.ParsePack("x.yaml", []byte(head+rule("us.x.a", nil)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = law.NewEngine(p, p); problem.Code(err) != "law.duplicate_rule" {
		t.Fatalf("got %v", err)
	}
}

func TestAPackIsNamedAfterItsFile(t *testing.T) {
	good := head + rule("us.x.a", nil)
	if _, err := law.Load(fstest.MapFS{"p/us/x.yaml": {Data: []byte(good)}}, "p"); err != nil {
		t.Fatal(err)
	}
	if _, err := law.Load(fstest.MapFS{"p/us/y.yaml": {Data: []byte(good)}}, "p"); problem.Code(err) != "law.pack_name" {
		t.Fatalf("got %v", err)
	}
	big := strings.Repeat("#", law.MaxPack+1)
	if _, err := law.Load(fstest.MapFS{"p/us/x.yaml": {Data: []byte(good)}, "p/us/z.yaml": {Data: []byte(big)}}, "p"); problem.Code(err) != "law.size" {
		t.Fatalf("got %v", err)
	}
}

func TestAFactsFileIsReadStrictly(t *testing.T) {
	f, err := law.ParseFactsYAML("f.yaml", []byte("issuing_country: NO\nverified: false\ntargets_named: 3\nas_of: 2026-01-01\nfields: [name]\nbinding: unknown\nreceived_at: 2026-01-01T00:00:00Z\n"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := fact.ParseJSON([]byte(`{"issuing_country":"NO","verified":false,"targets_named":3,"as_of":"2026-01-01","fields":["name"],"received_at":"2026-01-01T00:00:00Z"}`))
	if err != nil || f != want {
		t.Fatalf("%v\ngot %+v\nwant %+v", err, f, want)
	}
	for _, c := range []struct{ text, code, at string }{
		{"kind: data\nkind: data\n", "law.duplicate_key", "f.yaml:2"},
		{"kind: data\nverified: yes\n", "fact.type", "f.yaml:2, verified"},
		{"kind: data\nverified: True\n", "law.type", "f.yaml:2"},
		{"verified: ~\n", "law.type", "f.yaml:1"},
		{"targets_named: 0x10\n", "law.type", "f.yaml:1"},
		{"targets_named: 1.5\n", "law.type", "f.yaml:1"},
		{"targets_named: 1_0\n", "law.type", "f.yaml:1"},
		{"kind: {a: b}\n", "law.type", "f.yaml:1"},
		{"fields: [name, [a]]\n", "law.type", "f.yaml:1"},
		{"fields: [name, address, name]\n", "fact.duplicate", "f.yaml:1, fields"},
		{"kind: data\nas_of: 2026-02-30\n", "fact.date", "f.yaml:2, as_of"},
		{"kind: data\nsecrecy_source: none\nsecrecy_until: 2026-01-01\n", "fact.contradiction", "f.yaml:1, secrecy_until"},
		{"kind: &a data\n", "law.alias", "f.yaml:1"},
		{"? [a]\n: b\n", "law.type", "f.yaml:1"},
		{"kind: " + strings.Repeat("a", law.MaxFacts), "law.size", "f.yaml"},
	} {
		f, err := law.ParseFactsYAML("f.yaml", []byte(c.text))
		if p := problem.Of(err); p == nil || p.Code != c.code || p.Field != c.at {
			t.Errorf("%.40q: got %v, want %s at %s", c.text, err, c.code, c.at)
		}
		if f != (fact.Facts{}) {
			t.Errorf("%.40q: a refused file gave facts", c.text)
		}
	}
}

func FuzzParseFactsYAML(f *testing.F) {
	f.Add([]byte("kind: data\nfields: [name]\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, err := law.ParseFactsYAML("f", b)
		if err == nil && facts.Validate() != nil {
			t.Fatal("accepted facts that contradict each other")
		}
		if err != nil && !strings.Contains(problem.Code(err), ".") {
			t.Fatalf("no code: %v", err)
		}
	})
}

func FuzzParsePack(f *testing.F) {
	f.Add([]byte(head + rule("us.x.a", nil)))
	f.Add([]byte(head + rule("us.x.a", map[string]string{"requires": "requires: fields.all(f, f in ['name'])"})))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := load(string(b))
		if err != nil && !strings.HasPrefix(problem.Code(err), "law.") && !strings.HasPrefix(problem.Code(err), "fact.") {
			t.Fatalf("no code of ours: %v", err)
		}
	})
}

// What is refused names the field, and shows how it is written.
func TestARefusalNamesTheFieldAndShowsHowToWriteIt(t *testing.T) {
	one := func(key, line string) string {
		return head + rule("us.x.a", map[string]string{key: line})
	}
	due := func(line, example string) string {
		return "pack: us.x\ntitle: t\nversion: 2026-01-01\ndeadlines:\n  - {id: us.x.a, cite: c, applies: binding, kind: answer, length: 10 days, count: plain, place: DK, sets: [latest], says: s, " +
			"start: received, checked: {level: text, source: s, on: 2026-01-01}, examples: [{name: a, facts: {binding: true, received: 2026-01-01}, expect: counted" + example + "}, {name: b, facts: {binding: false}, expect: none}]" + line + "}\n"
	}
	swap := func(from, to string) string {
		return strings.Replace(due("", ", latest: '2026-01-11 24:00'"), from, to, 1)
	}
	if err := load(due("", ", latest: '2026-01-11 24:00'")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, says string }{
		{"a word", one("severity", "severity: fatal"), `"fatal" is not a word of severity: blocking, warning, information`},
		{"a word of a list", one("respond", "respond: [clarify, ignore]"), `"ignore" is not a word of respond: comply, clarify, `},
		{"the kind of a deadline", swap("kind: answer", "kind: reply"), `"reply" is not a word of kind: answer, object, `},
		{"a word for a list", swap("sets: [latest]", "sets: latest"), "a list with at least one entry is expected for sets: write [latest]"},
		{"an empty list", swap("sets: [latest]", "sets: []"), "a list with at least one entry is expected for sets: write for example [latest]"},
		{"one example without a dash", one("examples", "examples: {name: a}"), "a list with at least one entry is expected for examples: begin each entry with a dash"},
		{"a list for a word", one("severity", "severity: [warning]"), "text is expected for severity"},
		{"a number for text", one("cite", "cite: 18"), "text is expected for cite; put what looks like a number or a list in double quotation marks"},
		{"an empty text", one("cite", "cite: ''"), "the text of cite is empty"},
		{"a word for fields", one("checked", "checked: text"), "fields with a colon are expected for checked"},
		{"a day", one("in_force", "in_force: {from: yesterday}"), "from is a date, written YYYY-MM-DD"},
		{"a start", swap("start: received", "start: receipt"), `"receipt" is not a fact that a deadline can run from: signed, served, received, `},
		{"a place", swap("place: DK", "place: FR"), "a place is DE, DK, GB, IE, IT, US, forum, or a fact that holds a country"},
		{"a moment that is missing", due("", ""), `the end of a day as 24:00: latest: "2026-11-12 24:00"`},
		{"a moment without its hour", due("", ", latest: 2026-01-11"), `the end of a day as 24:00: latest: "2026-11-12 24:00"`},
		{"a moment that is not set", due("", ", latest: '2026-01-11 24:00', not_before: '2026-01-11 24:00'"), "the example states not_before, and the deadline does not set it"},
		{"a moment of what is not counted", swap("expect: none", "expect: none, latest: '2026-01-11 24:00'"), "the example states latest, but is not counted"},
		{"two fields", strings.Replace(one("severity", ""), "    requires: verified\n", "", 1), `the fields "requires", "severity" are missing`},
		{"a fact", one("examples", "examples: [{name: a, facts: {binding: ~}, expect: violated}]"), "the value of binding is neither a word"},
	} {
		if err := load(c.text); err == nil || !strings.Contains(problem.Of(err).Message, c.says) {
			t.Errorf("%s: %v, want %s", c.name, err, c.says)
		}
	}
}
