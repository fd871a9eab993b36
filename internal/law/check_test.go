package law_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/law"
	"counterseal/internal/problem"
)

func remarks(text string) []law.Remark {
	return law.Check([]law.Source{{File: "us/x.yaml", Name: "us.x", Data: []byte(text)}})
}

func TestTheEmbeddedPacksHaveNoDefect(t *testing.T) {
	sources, err := law.EmbeddedSources()
	if err != nil {
		t.Fatal(err)
	}
	notes := 0
	for _, r := range law.Check(sources) {
		switch {
		case r.Severity != law.Note:
			t.Errorf("%+v", r)
		case r.Code == "law.unchecked":
			notes++
		case r.Code == "law.not_decided" && r.Rule == "":
			t.Errorf("%+v", r)
		}
	}
	if notes == 0 {
		t.Fatal("what rests on memory is not listed")
	}
}

// brief is a remark without its sentence.
func brief(list []law.Remark) (out []string) {
	for _, r := range list {
		out = append(out, fmt.Sprintf("%s %s %s:%d %s", r.Severity, r.Code, r.File, r.Line, r.Rule))
	}
	return out
}

func TestWhatIsAmissInAPackIsSaidByFileLineAndRule(t *testing.T) {
	open := map[string]string{"in_force": "", "instruments": "", "forum": ""}
	with := func(more map[string]string) map[string]string {
		m := map[string]string{}
		for k, v := range open {
			m[k] = v
		}
		for k, v := range more {
			m[k] = v
		}
		return m
	}
	// examples of rules whose applies is true and whose requires is verified.
	verified := "examples: [{name: a, facts: {binding: true, verified: false}, expect: violated}, {name: b, facts: {binding: true, verified: true}, expect: holds}]"
	unverified := "examples: [{name: a, facts: {binding: true, verified: true}, expect: violated}, {name: b, facts: {binding: true, verified: false}, expect: holds}]"
	for _, c := range []struct {
		name string
		text string
		want []string
	}{
		{"nothing", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}"})), nil},
		{"several refusals, each by its rule", head + rule("us.x.a", map[string]string{"severity": ""}) + rule("us.x.b", map[string]string{"applies": "applies: bindung"}) + rule("us.x.c", map[string]string{"cite": "cite: 18"}),
			[]string{"error law.missing_field us/x.yaml:5 us.x.a", "error law.expression us/x.yaml:17 us.x.b", "warning law.untranslated us/x.yaml:17 us.x.b", "note law.ends us/x.yaml:17 us.x.b", "error law.type us/x.yaml:31 us.x.c"}},
		{"one of each of what cannot be read, by entry", strings.Replace(head, "title: t\n", "", 1) + rule("us.x.a", map[string]string{"requires": "requires: !verified"}) + rule("us.x.b", map[string]string{"cite": "cite: &c x"}) +
			rule("us.x.c", map[string]string{"cite": "cite: 18", "in_force": "in_force: {to: 2019-01-01}\n    replaced_by: [us.x.a]"}) + "deadlines: none\n",
			[]string{"error law.missing_field us/x.yaml:1 ", "error law.tag us/x.yaml:11 us.x.a", "error law.alias us/x.yaml:18 us.x.b", "error law.type us/x.yaml:31 us.x.c", "error law.type us/x.yaml:44 "}},
		{"a successor that was refused is not said to be missing", head + rule("us.x.a", with(map[string]string{"in_force": "in_force: {to: 2019-01-01}\n    replaced_by: [us.x.b]", "letter": "letter: {en: a, de: b, da: c, it: d}",
			"examples": "examples: [{name: a, facts: {binding: true, verified: false, as_of: 2018-01-01}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]"})) + rule("us.x.b", map[string]string{"requires": "requires: !verified"}),
			[]string{"error law.tag us/x.yaml:24 us.x.b"}},
		{"an unknown fact in an example", head + rule("us.x.a", with(map[string]string{"examples": "examples: [{name: a, facts: {bindung: true}, expect: violated}]"})),
			[]string{"error fact.unknown_key us/x.yaml:14 us.x.a"}},
		{"an id twice", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}"})) + rule("us.x.a", with(map[string]string{"examples": verified})),
			[]string{"error law.duplicate_rule us/x.yaml:15 us.x.a"}},
		{"an example that the packs do not bear out", head + rule("us.x.a", with(map[string]string{"examples": "examples: [{name: a, facts: {binding: true, verified: true}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]"})),
			[]string{"warning law.untranslated us/x.yaml:5 us.x.a", "error law.example_fails us/x.yaml:14 us.x.a"}},
		{"words that exclude each other", head + rule("us.x.a", with(map[string]string{"applies": "applies: signer == 'judge' && signer == 'minister'", "examples": verified})),
			[]string{"error law.never_applies us/x.yaml:5 us.x.a", "warning law.untranslated us/x.yaml:5 us.x.a", "error law.example_fails us/x.yaml:14 us.x.a"}},
		{"dates that exclude each other", head + rule("us.x.a", map[string]string{"forum": "", "applies": "applies: instrument == 'nsl' && as_of > date('2021-06-01')", "letter": "letter: {en: a, de: b, da: c, it: d}",
			"examples": "examples: [{name: a, facts: {instrument: nsl, as_of: 2022-01-01}, expect: none}, {name: b, facts: {instrument: nsl, as_of: 2020-02-01}, expect: none}, {name: c, facts: {instrument: none, as_of: 2020-02-01}, expect: violated}]"}),
			[]string{"error law.never_applies us/x.yaml:5 us.x.a", "note law.ends us/x.yaml:5 us.x.a", "error law.example_fails us/x.yaml:16 us.x.a"}},
		{"a requirement that follows", head + rule("us.x.a", with(map[string]string{"applies": "applies: binding && verified", "requires": "requires: verified || geofence", "examples": verified})),
			[]string{"error law.never_violated us/x.yaml:5 us.x.a", "warning law.untranslated us/x.yaml:5 us.x.a", "error law.example_fails us/x.yaml:14 us.x.a"}},
		{"opposite demands under one condition", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}"})) +
			rule("us.x.b", with(map[string]string{"applies": "applies: '!(!binding)'", "requires": "requires: '!verified'", "examples": unverified, "letter": "letter: {en: a, de: b, da: c, it: d}"})),
			[]string{"error law.contradiction us/x.yaml:15 us.x.b"}},
		{"opposite demands where both apply", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}"})) +
			rule("us.x.b", with(map[string]string{"applies": "applies: binding && geofence == false", "requires": "requires: '!verified'", "letter": "letter: {en: a, de: b, da: c, it: d}",
				"examples": "examples: [{name: a, facts: {binding: true, geofence: false, verified: true}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]"})),
			[]string{"warning law.contradiction us/x.yaml:15 us.x.b"}},
		{"demands under conditions that exclude each other", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}"})) +
			rule("us.x.b", with(map[string]string{"applies": "applies: '!binding'", "requires": "requires: '!verified'", "letter": "letter: {en: a, de: b, da: c, it: d}",
				"examples": "examples: [{name: a, facts: {binding: false, verified: true}, expect: violated}, {name: b, facts: {binding: true}, expect: none}]"})), nil},
		{"the same twice", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}"})) +
			rule("us.x.b", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}"})),
			[]string{"warning law.same_rule us/x.yaml:15 us.x.b"}},
		{"no translation", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: a, it: d}"})),
			[]string{"warning law.untranslated us/x.yaml:5 us.x.a"}},
		{"from memory", head + rule("us.x.a", with(map[string]string{"examples": verified, "letter": "letter: {en: a, de: b, da: c, it: d}", "checked": "checked: {level: unchecked, source: s, on: 2026-01-01}"})),
			[]string{"note law.unchecked us/x.yaml:5 us.x.a"}},
		{"not YAML", "a: [", []string{"error law.yaml us/x.yaml:1 "}},
		{"another name", strings.Replace(head, "us.x", "us.y", 1) + rule("us.y.a", nil), []string{"error law.pack_name us/x.yaml:0 "}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := remarks(c.text)
			if d := cmp.Diff(c.want, brief(got)); d != "" {
				t.Fatalf("(-want +got)\n%s\n%+v", d, got)
			}
		})
	}
}

// What is amiss between a rule of one's own and one of another pack is said of one's
// own, once, whichever pack stands first.
func TestAPairIsReportedOfTheRuleOfOnesOwn(t *testing.T) {
	one := func(pack, requires, applies, examples string) law.Source {
		text := strings.Replace(head, "us.x", pack, 1) + rule(pack+".r", map[string]string{"in_force": "", "instruments": "instruments: [nsl, sca_d_order]", "forum": "", "severity": "severity: blocking",
			"applies": "applies: " + applies, "requires": "requires: " + requires, "examples": examples, "letter": "letter: {en: a, de: b, da: c, it: d}"})
		return law.Source{File: strings.ReplaceAll(pack, ".", "/") + ".yaml", Name: pack, Data: []byte(text)}
	}
	truths := func(when, bad, good string) string {
		return fmt.Sprintf("examples: [{name: a, facts: {instrument: nsl, %s, %s}, expect: violated}, {name: b, facts: {instrument: nsl, %s, %s}, expect: holds}]", when, bad, when, good)
	}
	theirs := one("us.m", "'!asks_content'", "binding", truths("binding: true", "asks_content: true", "asks_content: false"))
	for _, c := range []struct{ name, requires, applies, examples, want string }{
		{"the opposite", "asks_content", "binding", truths("binding: true", "asks_content: false", "asks_content: true"), "error law.contradiction"},
		{"the opposite where both apply", "asks_content", "binding && verified", truths("binding: true, verified: true", "asks_content: false", "asks_content: true"), "warning law.contradiction"},
		{"the same", "'!asks_content'", "binding", truths("binding: true", "asks_content: true", "asks_content: false"), "warning law.same_rule"},
		{"another requirement, where theirs is never met", "kind == 'preservation'", "binding && asks_content", truths("binding: true, asks_content: true", "kind: data", "kind: preservation"), "warning law.overruled"},
		{"another requirement, where theirs may be met", "kind == 'preservation'", "binding && asks_traffic", truths("binding: true, asks_traffic: true", "kind: data", "kind: preservation"), ""},
		{"theirs is violated there, but may not apply", "kind == 'preservation'", "asks_content", truths("asks_content: true", "kind: data", "kind: preservation"), ""},
	} {
		for _, pack := range []string{"us.a", "us.z"} {
			ours := one(pack, c.requires, c.applies, c.examples)
			sources := []law.Source{ours, theirs}
			if pack == "us.z" {
				sources = []law.Source{theirs, ours}
			}
			var want []string
			if c.want != "" {
				want = []string{c.want + " " + ours.File + ":5 " + pack + ".r"}
			}
			got := law.CheckOf(sources, func(s law.Source) bool { return s.Name == pack })
			if d := cmp.Diff(want, brief(got)); d != "" {
				t.Errorf("%s, %s: (-want +got)\n%s\n%+v", c.name, pack, d, got)
			}
		}
	}
}

// Of two rules of one's own either may be the one that never counts.
func TestARuleThatNeverCountsIsFoundWhicheverStandsFirst(t *testing.T) {
	content := rule("us.x.content", map[string]string{"in_force": "", "instruments": "", "forum": "", "severity": "severity: blocking", "requires": "requires: '!asks_content'", "letter": "letter: {en: a, de: b, da: c, it: d}",
		"examples": "examples: [{name: a, facts: {binding: true, asks_content: true}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]"})
	kept := rule("us.x.kept", map[string]string{"in_force": "", "instruments": "", "forum": "", "applies": "applies: binding && asks_content", "requires": "requires: kind == 'preservation'", "letter": "letter: {en: a, de: b, da: c, it: d}",
		"examples": "examples: [{name: a, facts: {binding: true, asks_content: true, kind: data}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]"})
	for line, text := range map[int]string{15: content + kept, 5: kept + content} {
		if d := cmp.Diff([]string{fmt.Sprintf("warning law.overruled us/x.yaml:%d us.x.kept", line)}, brief(remarks(head+text))); d != "" {
			t.Error(d)
		}
	}
}

// An id of another pack is refused in one's own file, whichever stands first.
func TestAnIDOfAnotherPackIsRefusedInOnesOwn(t *testing.T) {
	source := func(pack string) law.Source {
		return law.Source{File: pack + ".yaml", Name: pack, Data: []byte(strings.Replace(head, "us.x", pack, 1) + rule("us.x.y.r", nil))}
	}
	for _, sources := range [][]law.Source{{source("us.x"), source("us.x.y")}, {source("us.x.y"), source("us.x")}} {
		found := 0
		for _, r := range law.CheckOf(sources, func(s law.Source) bool { return s.Name == "us.x" }) {
			if r.File != "us.x.yaml" {
				t.Errorf("%+v", r)
			}
			if r.Code == "law.duplicate_rule" {
				found++
			}
		}
		if found != 1 {
			t.Errorf("it was said %d times", found)
		}
	}
}

// What the author wrote and what the packs say is compared in the words of the file.
func TestAnExampleOfADeadlineIsComparedInItsOwnWords(t *testing.T) {
	text := "pack: us.x\ntitle: t\nversion: 2026-01-01\ndeadlines:\n  - {id: us.x.a, cite: c, applies: binding, kind: answer, length: 10 days, count: plain, place: DK, sets: [latest], says: s, start: received, suspended: geofence, " +
		"checked: {level: text, source: s, on: 2026-01-01}, examples: [{name: a, facts: {binding: true, received: 2026-01-01, geofence: false}, expect: counted, latest: '2026-01-12 24:00'}, " +
		"{name: b, facts: {binding: true, received: 2026-01-01, geofence: true}, expect: counted, latest: '2026-01-11 24:00'}, {name: c, facts: {binding: false}, expect: none}]}\n"
	var says []string
	for _, r := range remarks(text) {
		says = append(says, r.Says)
	}
	want := []string{
		"the example “a” expects counted, latest 2026-01-12 24:00, but the packs say counted, latest 2026-01-11 24:00",
		"the example “b” expects counted, latest 2026-01-11 24:00, but the packs say counted, latest 2026-01-11 24:00, suspended yes",
	}
	if d := cmp.Diff(want, says); d != "" {
		t.Fatal(d)
	}
}

func TestGapsAndOverlapsInTimeAreFound(t *testing.T) {
	at := func(id, force, more string) string {
		return rule(id, map[string]string{"in_force": "in_force: " + force + more, "instruments": "", "forum": "", "letter": "letter: {en: a, de: b, da: c, it: d}",
			"examples": "examples: [{name: a, facts: {binding: true, verified: false, as_of: 2019-01-01}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]"})
	}
	codes := func(text string) (out []string) {
		for _, r := range remarks(text) {
			if r.Code != "law.example_fails" && r.Code != "law.same_rule" {
				out = append(out, r.Rule+" "+r.Code)
			}
		}
		return out
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"no day without", at("us.x.a", "{from: 2018-01-01, to: 2019-12-31}", "\n    replaced_by: [us.x.b]") + at("us.x.b", "{from: 2020-01-01}", ""), nil},
		{"a day without", at("us.x.a", "{from: 2018-01-01, to: 2019-12-31}", "\n    replaced_by: [us.x.b]") + at("us.x.b", "{from: 2020-01-02}", ""), []string{"us.x.a law.date_gap"}},
		{"nobody says that it follows", at("us.x.a", "{from: 2018-01-01, to: 2019-12-31}", "") + at("us.x.b", "{from: 2020-02-01}", ""), []string{"us.x.a law.ends", "us.x.b law.date_gap"}},
		{"both at once", at("us.x.a", "{from: 2018-01-01, to: 2019-12-31}", "") + at("us.x.b", "{from: 2019-12-31}", ""), []string{"us.x.a law.ends", "us.x.b law.date_overlap"}},
		{"a circle", at("us.x.a", "{from: 2018-01-01, to: 2018-12-31}", "\n    replaced_by: [us.x.b]") + at("us.x.b", "{from: 2019-01-01, to: 2019-12-31}", "\n    replaced_by: [us.x.a]"),
			[]string{"us.x.b law.dates_inverted"}},
	} {
		if d := cmp.Diff(c.want, codes(head+c.text)); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// What somebody wrote to harm is refused in a moment and in little memory.
func TestHostilePacksAreRefusedInBoundedTimeAndMemory(t *testing.T) {
	many := func(n int, change map[string]string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := range n {
			b.WriteString(rule(fmt.Sprintf("us.x.r%d", i), change))
		}
		return b.String()
	}
	one := func(key, line string) string { return head + rule("us.x.a", map[string]string{key: line}) }
	loops := "fields.exists(a, fields.exists(b, fields.exists(c, fields.exists(d, fields.exists(e, a == b && c == d && d == e)))))"
	laughs := "a: &a [x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		laughs += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1)
	}
	for _, c := range []struct{ name, text, code string }{
		{"exploding expression", one("requires", "requires: "+loops), "law.cost"},
		{"aliases of aliases", laughs, "law.alias"},
		{"an alias of itself", "a: &a [*a]\n", "law.alias"},
		{"deep nesting", "a: " + strings.Repeat("[", 2_000_000), "law.size"},
		{"nesting that the parser ends", "a: " + strings.Repeat("[", 500_000), "law.yaml"},
		{"nesting in a rule", one("quote", "quote: "+strings.Repeat("{a: ", 500)+"b"+strings.Repeat("}", 500)), "law.depth"},
		{"millions of values", "a: [" + strings.Repeat("a,", 4_000_000) + "a]", "law.size"},
		{"as many values as are read", "pack: [" + strings.Repeat("a,", 500_000) + "a]", "law.missing_field"},
		{"ten thousand rules", many(10_000, nil), "law.too_many_rules"},
		{"one id ten thousand times", head + strings.Repeat(rule("us.x.a", nil), 2_000), "law.duplicate_rule"},
		{"a long key", strings.Repeat("k", 5_000_000) + ": a\n", "law.yaml"},
		{"dates in a circle", one("quote", "replaced_by: [us.x.a]"), "law.dates_inverted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			got := remarks(c.text)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if len(got) == 0 || got[0].File != "us/x.yaml" || got[0].Says == "" {
				t.Fatalf("%+v", got)
			}
			found := false
			for _, r := range got {
				found = found || r.Code == c.code && r.Severity == law.Defect
			}
			if !found || len(got) > law.MaxRemarks {
				t.Fatalf("%d remarks, none is %s: %+v", len(got), c.code, got[0])
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 20*time.Second || used > 1200 {
				t.Fatalf("it took %s and %d MiB", took, used)
			}
			t.Logf("%s, %d MiB, %+v", took, (after.TotalAlloc-before.TotalAlloc)>>20, got[0])
		})
	}
}

// So many good rules that not every pair can be asked about: the check ends, and
// says what it did not do.
func TestAPackOfManyRulesIsCheckedInBoundedTime(t *testing.T) {
	var b strings.Builder
	b.WriteString(head)
	for i := range law.MaxRules {
		b.WriteString(rule(fmt.Sprintf("us.x.r%d", i), map[string]string{"in_force": "", "applies": fmt.Sprintf("applies: binding && targets_named > %d", i),
			"requires": "requires: verified || signer == 'judge' && targets_named > 3"}))
	}
	begin := time.Now()
	got := remarks(b.String())
	if took := time.Since(begin); took > 90*time.Second {
		t.Fatalf("it took %s", took)
	}
	if len(got) != law.MaxRemarks {
		t.Fatalf("%d remarks", len(got))
	}
}

func TestAFolderIsReadAsPacksOfJurisdictions(t *testing.T) {
	good := []byte(head + rule("us.x.a", nil))
	for _, c := range []struct {
		name string
		fs   fstest.MapFS
		code string
	}{
		{"empty", fstest.MapFS{}, "law.no_packs"},
		{"on top", fstest.MapFS{"us/x.yaml": {Data: good}, "y.yaml": {Data: good}}, "law.pack_place"},
		{"another ending", fstest.MapFS{"us/x.yml": {Data: good}}, "law.pack_place"},
	} {
		if _, err := law.Sources(c.fs, ".", "mine"); problem.Code(err) != c.code {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	full := fstest.MapFS{}
	for i := range law.MaxPacks + 1 {
		full[fmt.Sprintf("us/x%d.yaml", i)] = &fstest.MapFile{Data: good}
	}
	if _, err := law.Sources(full, ".", "mine"); problem.Code(err) != "law.too_many_packs" {
		t.Error(err)
	}
	heavy := fstest.MapFS{}
	for i := range 5 {
		heavy[fmt.Sprintf("us/x%d.yaml", i)] = &fstest.MapFile{Data: []byte(strings.Repeat("#", law.MaxPack))}
	}
	if _, err := law.Sources(heavy, ".", "mine"); problem.Code(err) != "law.size" {
		t.Error(err)
	}
	base, err := law.EmbeddedSources()
	if err != nil {
		t.Fatal(err)
	}
	mine, err := law.Sources(fstest.MapFS{"us/sca.yaml": {Data: good}, "us/x.yaml": {Data: good}}, ".", "mine")
	if err != nil {
		t.Fatal(err)
	}
	over := law.Over(base, mine)
	if len(over) != len(base)+1 || mine[0].File != "mine/us/sca.yaml" {
		t.Fatalf("%d packs over %d, %s", len(over), len(base), mine[0].File)
	}
}
