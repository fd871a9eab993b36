package law_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/law"
	"counterseal/internal/problem"
)

const today = "2026-11-28"

// penRule states a draft of the rule that docs/packs.md writes.
func penRule(t *testing.T) *law.Draft {
	t.Helper()
	d, err := law.NewDraft("us.pen.no_content")
	if err != nil {
		t.Fatal(err)
	}
	for field, text := range map[string]string{
		"cite": "18 USC 3127(3)", "from": "2001-10-26", "instruments": "pen_trap_order", "applies": "requester == 'government'", "requires": "!asks_content",
		"severity": "blocking", "respond": "narrow, reject", "en": `No "content": not by this order.`, "level": "unchecked", "source": "from memory",
	} {
		err = d.State(field, text)
		if err != nil {
			t.Fatal(field, err)
		}
	}
	return d
}

func TestADraftRefusesAFieldAtOnceAndKeepsWhatStood(t *testing.T) {
	d := penRule(t)
	for _, c := range []struct{ field, text, code string }{
		{"cite", "", "law.missing_field"},
		{"cite", strings.Repeat("x", 5000), "law.size"},
		{"from", "26 October 2001", "law.date"},
		{"to", "2001-10-25", "law.dates_inverted"},
		{"instruments", "pen_trap_order, warant", "law.unknown_word"},
		{"instruments", "pen_trap_order pen_trap_order", "law.duplicate_key"},
		{"applies", "requester == == 'government'", "law.expression"},
		{"applies", "the requester is nobody in particular", "law.expression"},
		{"applies", "issuing_country == 'Atlantis'", "law.unknown_value"},
		{"requires", "asks_contents", "law.expression"},
		{"requires", "requester == 'goverment'", "law.unknown_value"},
		{"severity", "grave", "law.unknown_word"},
		{"respond", "", "law.missing_field"},
		{"level", "sure", "law.unknown_word"},
		{"colour", "red", "law.unknown_field"},
	} {
		was := d.Rule
		err := d.State(c.field, c.text)
		if problem.Code(err) != c.code {
			t.Errorf("%s %.40q: %v, want %s", c.field, c.text, err, c.code)
		}
		if diff := cmp.Diff(was, d.Rule); diff != "" {
			t.Errorf("%s %.40q changed the draft: %s", c.field, c.text, diff)
		}
	}
	for _, id := range []string{"pen", "us.pen", "us.Pen.x", "us..x", strings.Repeat("us.", 40) + "x"} {
		if _, err := law.NewDraft(id); problem.Code(err) != "law.rule_id" {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestACaseIsOneFactAwayAndSaysSomethingElse(t *testing.T) {
	p, err := penRule(t).Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Cases {
		got = append(got, strings.Join(append([]string{strings.Join(c.Changed, "+"), string(c.Says)}, c.Missing...), " "))
	}
	want := []string{" violated", "asks_content holds", "requester none", "instrument none", "asks_content ask asks_content", "as_of none"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Every rule of the packs is a draft: what is proposed for it is what the packs say,
// and written down again it is the same rule.
func TestEveryRuleCanBeWrittenAnew(t *testing.T) {
	packs, err := law.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	neighbours := 0
	for _, p := range packs {
		for _, r := range p.Rules {
			d, err := law.DraftOf(r)
			if err != nil {
				t.Fatalf("%s: %v", r.ID, err)
			}
			p, err := d.Cases(today)
			cases := p.Cases
			if problem.Code(err) == "law.not_decided" {
				continue
			}
			if err != nil {
				t.Errorf("%s: %v", r.ID, err)
				continue
			}
			if cases[0].Says != law.Violated {
				t.Errorf("%s: the first case says %s", r.ID, cases[0].Says)
			}
			quiet := false
			for i, c := range cases {
				if i > 0 && len(c.Changed) == 1 {
					neighbours++
				}
				quiet = quiet || c.Says == law.Holds || c.Says == law.None
				err = d.Judged("case", c, c.Says)
				if err != nil {
					t.Errorf("%s: %v", r.ID, err)
				}
			}
			if !quiet {
				t.Errorf("%s: no case that is in order", r.ID)
				continue
			}
			again(t, d, r)
		}
	}
	if neighbours < 300 {
		t.Errorf("only %d neighbours", neighbours)
	}
}

// again writes a draft into a pack of its own and into one that stands, and reads both.
func again(t *testing.T, d *law.Draft, want law.Rule) {
	t.Helper()
	d.ReplacedBy, want.ReplacedBy = nil, nil // they do not stand in this pack
	text, err := d.Into("x.yaml", nil, "A title: of its own", today)
	if err != nil {
		t.Errorf("%s: %v\n%s", want.ID, err, d.YAML(today))
		return
	}
	twice, err := d.Into("x.yaml", text, "", today)
	if err != nil || string(twice) != string(text) {
		t.Errorf("%s: written twice it is not the same: %v\n%s", want.ID, err, twice)
	}
	p, err := law.ParseDraft("x.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Rules[0]
	if len(got.Examples) != len(d.Examples) {
		t.Errorf("%s: %d examples of %d", want.ID, len(got.Examples), len(d.Examples))
	}
	for i, e := range got.Examples {
		if e.Facts != d.Examples[i].Facts || e.Expect != d.Examples[i].Expect {
			t.Errorf("%s: example %d is not what was judged", want.ID, i)
		}
	}
	// What a draft does not ask for, and what writing it sets.
	want.Line, want.Checked.On = got.Line, today
	want.Examples, got.Examples = nil, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s", want.ID, diff)
	}
}

func TestWhoDiffersFromTheDraftIsNotTakenDown(t *testing.T) {
	d := penRule(t)
	offered, err := d.Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	cases := offered.Cases
	err = d.Judged("it is allowed", cases[0], law.Holds)
	if problem.Code(err) != "law.example" || len(d.Examples) != 0 {
		t.Error(err, d.Examples)
	}
}

func TestADraftWithoutCasesSaysWhy(t *testing.T) {
	for expr, code := range map[string]string{"asks_content || !asks_content": "law.never_violated", "requester == 'government'": "law.never_violated"} {
		d := penRule(t)
		err := d.State("requires", expr)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = d.Cases(today); problem.Code(err) != code {
			t.Errorf("%s: %v", expr, err)
		}
	}
	d := penRule(t)
	err := d.State("applies", "instrument == 'sca_warrant'")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = d.Cases(today); problem.Code(err) != "law.never_applies" {
		t.Error(err)
	}
}

func TestARuleIsAddedToAPackWithAllElseInIt(t *testing.T) {
	d := penRule(t)
	offered, err := d.Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	cases := offered.Cases
	for _, c := range cases {
		err = d.Judged("a case", c, c.Says)
		if err != nil {
			t.Fatal(err)
		}
	}
	alone, err := d.Into("us/pen.yaml", nil, "Pen registers", "2026-01-01")
	if err != nil {
		t.Fatal(err)
	}
	second := penRule(t)
	second.ID = "us.pen.other"
	second.Examples = d.Examples
	more := strings.Replace(string(alone), "rules:", "# ours\nrules:", 1)
	both, err := second.Into("us/pen.yaml", []byte(more), "", today)
	if err != nil {
		t.Fatal(err)
	}
	p, err := law.ParseDraft("us/pen.yaml", both)
	if err != nil || len(p.Rules) != 2 || p.Version != today || !strings.Contains(string(both), "# ours\n") {
		t.Errorf("%v, %d rules, version %s\n%s", err, len(p.Rules), p.Version, both)
	}
	// Where rules stand in one line nothing can be added, and the pack stays.
	_, err = second.Into("us/pen.yaml", []byte("pack: us.pen\ntitle: x\nversion: 2026-01-01\nrules: []\n"), "", today)
	if err == nil {
		t.Error("a pack without a list of lines was added to")
	}
}

func TestTranslationsMayComeLaterAndNotInForce(t *testing.T) {
	d := penRule(t)
	offered, err := d.Cases(today)
	if err != nil {
		t.Fatal(err)
	}
	cases := offered.Cases
	for _, c := range cases {
		_ = d.Judged("a case", c, c.Says)
	}
	text, err := d.Into("us/pen.yaml", nil, "Pen registers", today)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = law.ParsePack("us/pen.yaml", text); problem.Code(err) != "law.missing_field" {
		t.Errorf("in force without translations: %v", err)
	}
	var said []string
	for _, r := range law.Check([]law.Source{{File: "us/pen.yaml", Name: "us.pen", Data: text}}) {
		said = append(said, string(r.Severity)+" "+r.Code)
	}
	if diff := cmp.Diff([]string{"warning law.untranslated", "note law.unchecked"}, said); diff != "" {
		t.Error(diff)
	}
}

func FuzzStatingAField(f *testing.F) {
	f.Add("applies", "requester == 'government'")
	f.Add("en", "\u2028 a sentence: # with \"marks\"")
	f.Add("instruments", "[pen_trap_order]")
	f.Add("source", "\x00\xff")
	f.Fuzz(func(t *testing.T, field, text string) {
		d := penRule(t)
		err := d.State(field, text)
		if err != nil {
			return
		}
		offered, err := d.Cases(today)
		if err != nil {
			return
		}
		for _, c := range offered.Cases {
			err = d.Judged("a case", c, c.Says)
			if err != nil {
				t.Fatal(err)
			}
		}
		out, err := d.Into("us/pen.yaml", nil, text+"x", today)
		if err != nil {
			return // refused, by name
		}
		p, err := law.ParseDraft("us/pen.yaml", out)
		if err != nil || len(p.Rules) != 1 {
			t.Fatalf("%v\n%s", err, out)
		}
	})
}
