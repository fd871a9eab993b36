package law_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/calendar"
	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// aDane is a Danish consumer of a company with a sister in Virginia and a
// representative in Dublin.
const aDane = `customer_kind: consumer
customer_country: DK
customer_us_person: false
emergency: none
as_of: 2026-11-01
entities:
  - {id: cloud.dk, country: DK, controls: [DK, IE, DE], role: controller}
  - {id: cloud.us, country: US, controls: [US]}
  - {id: cloud.ie, country: IE, representative: true}
storage: [DK, DE]
`

func reaches(t testing.TB, text string) map[string]law.Reach {
	t.Helper()
	f, s, err := law.ParseSettingYAML("f.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	list, err := engine(t, embedded(t)...).Reach(f, s)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]law.Reach{}
	for _, r := range list {
		if r.Outcome == law.Reaches {
			out[r.Rule] = r
		}
	}
	return out
}

func names(m map[string]law.Reach) []string {
	var out []string
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func TestACustomerLearnsWhoseLawReachesHerData(t *testing.T) {
	got := reaches(t, aDane)
	want := []string{"coe.budapest.article_29", "coe.budapest.article_32", "de.orders.domestic", "de.orders.treaty", "dk.orders.domestic", "dk.orders.treaty",
		"eu.reach.article_48", "eu.reach.epoc", "eu.reach.investigation_order", "it.orders.consent"}
	if d := cmp.Diff(want, names(got)); d != "" {
		t.Fatal(d)
	}
	epoc := got["eu.reach.epoc"]
	if slices.Contains(epoc.By, "DK") || slices.Contains(epoc.By, "IE") || len(epoc.By) != 25 || !slices.Equal(epoc.Through, []string{"cloud.dk"}) {
		t.Errorf("a certificate by %v through %v", epoc.By, epoc.Through)
	}
	if de := got["de.orders.domestic"]; !slices.Equal(de.Storage, []string{"DE"}) {
		t.Errorf("a German court reaches %v", de.Storage)
	}
}

func TestWhatVirginiaCanOpenAmericanLawReaches(t *testing.T) {
	got := reaches(t, string(bytes.Replace([]byte(aDane), []byte("controls: [US]"), []byte("controls: [US, DE]"), 1)))
	w, ok := got["us.reach.warrant"]
	if !ok || !slices.Equal(w.Through, []string{"cloud.us"}) || !slices.Equal(w.Storage, []string{"DE"}) || !slices.Equal(w.By, []string{"US"}) {
		t.Errorf("%+v", w)
	}
	for _, rule := range []string{"us.reach.fisa", "uk.reach.copo", "us.reach.treaty", "us.reach.content_abroad"} {
		if _, ok := got[rule]; !ok {
			t.Errorf("%s does not reach", rule)
		}
	}
}

func TestADemandIsToldWhatStandsAgainstItAndWhereToGo(t *testing.T) {
	for country, want := range map[string][]string{
		"BR": {"coe.budapest.article_29", "coe.budapest.article_32", "de.orders.treaty", "dk.orders.treaty", "eu.reach.article_48"},
		"IN": {"de.orders.treaty", "dk.orders.treaty", "eu.reach.article_48"},
		"IT": {"coe.budapest.article_29", "coe.budapest.article_32", "dk.orders.treaty", "eu.reach.epoc", "eu.reach.investigation_order", "it.orders.consent"},
		"DK": {"coe.budapest.article_29", "coe.budapest.article_32", "de.orders.treaty", "dk.orders.domestic"},
	} {
		if d := cmp.Diff(want, names(reaches(t, "issuing_country: "+country+"\n"+aDane))); d != "" {
			t.Errorf("%s: %s", country, d)
		}
	}
}

func TestTheAnswerReadsAsItsGoldenInDanish(t *testing.T) {
	f, s, err := law.ParseSettingYAML("f.yaml", []byte(aDane))
	if err != nil {
		t.Fatal(err)
	}
	list, err := engine(t, embedded(t)...).Reach(f, s)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err = law.WriteReach(&b, list, nil, "da"); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/reach-da.txt"
	if *update {
		if err = os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), b.String()); d != "" {
		t.Errorf("run with -update and read the difference:\n%s", d)
	}
}

func TestAStateWhoseLawNoPackHoldsIsNamed(t *testing.T) {
	e := engine(t, embedded(t)...)
	for text, want := range map[string][]string{
		aDane: {},
		"issuing_country: IN\ncustomer_country: FR\nentities: [{id: a, country: US, controls: [BR, DE]}]\nstorage: [BR, DE]\n": {"BR", "FR", "IN"},
		"entity_country: CH\nstorage_country: BE\n": {"BE", "CH"},
	} {
		f, s, err := law.ParseSettingYAML("f.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Unread(f, s)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		var b bytes.Buffer
		if err = law.WriteReach(&b, nil, got, "en"); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b.Bytes(), []byte("lets their own authorities demand: ")) != (len(want) > 0) {
			t.Errorf("%v: %s", want, b.String())
		}
	}
}

func TestASettingIsReadStrictly(t *testing.T) {
	for name, c := range map[string]struct{ text, code string }{
		"only the last id stands twice": {"entities: [{id: a, country: DK}, {id: b, country: DK}, {id: b, country: DK}]", "law.setting"},
		"country":                       {"entities: [{id: a, country: dk}]", "law.setting"},
		"controls":                      {"entities: [{id: a, country: DK, controls: [dk]}]", "law.reach"},
		"role":                          {"entities: [{id: a, country: DK, role: owner}]", "law.setting"},
		"id":                            {"entities: [{id: A, country: DK}]", "law.setting"},
		"unknown field":                 {"entities: [{id: a, country: DK, size: x}]", "law.unknown_field"},
		"representative":                {"entities: [{id: a, country: DK, representative: maybe}]", "law.type"},
		"storage":                       {"storage: [DK, DK]", "law.duplicate_key"},
		"facts":                         {"moon: full", "fact.unknown_key"},
		"not a mapping":                 {"- a", "law.type"},
	} {
		f, _, err := law.ParseSettingYAML("f.yaml", []byte(c.text))
		if problem.Code(err) != c.code || f != (fact.Facts{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseSettingYAML(f *testing.F) {
	f.Add([]byte(aDane))
	f.Add([]byte("storage: [DK]\n"))
	e := engine(f, embedded(f)...)
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, s, err := law.ParseSettingYAML("f", b)
		if err != nil {
			return
		}
		if _, err = e.Reach(facts, s); err != nil {
			t.Fatalf("a setting that was accepted cannot be asked about: %v", err)
		}
	})
}

func TestStatingMoreFactsNeverMovesADate(t *testing.T) {
	e := engine(t, embedded(t)...)
	rapid.Check(t, func(t *rapid.T) {
		var less, more fact.Facts
		for _, d := range fact.Schema() {
			v := drawValue(t, d)
			state := rapid.IntRange(0, 4).Draw(t, d.Name+"?")
			if state > 0 {
				_ = more.Set(d.Name, v)
			}
			if state > 1 {
				_ = less.Set(d.Name, v)
			}
		}
		after := map[string]law.Deadline{}
		for _, d := range e.Deadlines(more) {
			after[d.Rule] = d
		}
		for _, d := range e.Deadlines(less) {
			a := after[d.Rule]
			if d.Outcome == law.Counted && (a.Outcome != law.Counted || !a.Latest.Equal(d.Latest) || !a.NotBefore.Equal(d.NotBefore)) {
				t.Fatalf("%s moved from %s to %s %s", d.Rule, d.Latest, a.Outcome, a.Latest)
			}
			if (d.Outcome == law.AskFirst || d.Suspended == law.AskRest) && len(d.Missing) == 0 {
				t.Fatalf("%s asks for nothing", d.Rule)
			}
			if d.Outcome == law.Counted && d.Stored().Check() != nil {
				t.Fatalf("%s cannot be stored: %v", d.Rule, d.Stored().Check())
			}
		}
	})
}

func TestNothingStatedFallsDueNowhere(t *testing.T) {
	for _, d := range engine(t, embedded(t)...).Deadlines(fact.Facts{}) {
		if d.Outcome != law.AskFirst || !d.Latest.IsZero() || !d.NotBefore.IsZero() {
			t.Errorf("%s is %s although nothing is known", d.Rule, d.Outcome)
		}
	}
}

func TestEveryForumOfADistrictIsCountedSomewhere(t *testing.T) {
	e := engine(t, embedded(t)...)
	zones := map[string]bool{}
	for _, forum := range fact.Forum.Def().Values {
		f, err := law.ParseFactsYAML("f", []byte("secrecy_source: us_2705b\nsecrecy_term: fixed\nsecrecy_until: 2021-05-07\nas_of: 2020-05-08\nforum: "+forum+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		d := deadlineOf(e, "us.secrecy.ends", f)
		if slices.Contains([]string{"us.state", "us.military", "eu", "other"}, forum) {
			if d.Outcome != law.Uncounted || d.Why == "" {
				t.Errorf("%s is in no one place, but %s", forum, d.Outcome)
			}
			continue
		}
		if d.Outcome != law.Counted {
			t.Errorf("%s: %s %s", forum, d.Outcome, d.Why)
			continue
		}
		zone, err := calendar.Zone(d.Zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := law.Face(d.NotBefore, zone); got != "2021-05-07 24:00" {
			t.Errorf("%s: %s", forum, got)
		}
		zones[d.Zone] = true
	}
	if len(zones) < 12 {
		t.Errorf("only %d zones", len(zones))
	}
}

func TestABadDeadlineOrRuleOfReachIsRefused(t *testing.T) {
	const top = "pack: us.x\ntitle: t\nversion: 2026-01-01\n"
	deadline := func(line string) string {
		return top + "deadlines:\n  - {id: us.x.a, cite: c, applies: binding, kind: answer, " + line +
			", sets: [latest], says: s, checked: {level: text, source: s, on: 2026-01-01}, examples: [{name: a, facts: {binding: true, received: 2026-01-01}, expect: counted, latest: '2026-01-11 24:00'}, {name: b, facts: {binding: false}, expect: none}]}\n"
	}
	good := "start: received, length: 10 days, count: plain, place: DK"
	if err := load(deadline(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, code string }{
		{"no length", deadline("start: received, count: plain, place: DK"), "law.length"},
		{"start and until", deadline("start: received, until: due, length: 10 days, count: plain, place: DK"), "law.length"},
		{"a length of words", deadline("start: received, length: ten days, count: plain, place: DK"), "law.length"},
		{"a start that is no date", deadline("start: binding, length: 10 days, count: plain, place: DK"), "law.length"},
		{"hours from a day", deadline("start: received, length: 10 hours, count: plain, place: DK"), "law.length"},
		{"days from a moment", deadline("start: received_at, length: 10 days, count: plain, place: DK"), "law.length"},
		{"until a moment", deadline("until: received_at, place: DK"), "law.length"},
		{"a method", deadline("start: received, length: 10 days, count: moon, place: DK"), "law.unknown_word"},
		{"a place", deadline("start: received, length: 10 days, count: plain, place: FR"), "law.place"},
		{"a place that is a fact of another type", deadline("start: received, length: 10 days, count: plain, place: binding"), "law.place"},
		{"a suspension that is no truth", deadline(good + ", suspended: targets_named"), "law.expression"},
		{"nothing at all", top, "law.missing_field"},
		{"a role", top + "reach:\n  - {id: us.x.a, role: wishes, law: US, cite: c, applies: control, categories: [content], channel: direct, says: {en: e, de: d, da: d, it: i}, checked: {level: text, source: s, on: 2026-01-01}, examples: []}\n", "law.unknown_word"},
		{"by and not by", top + "reach:\n  - {id: us.x.a, role: compels, law: US, by: [US], not_by: [DK], cite: c, applies: control, categories: [content], channel: direct, says: {en: e, de: d, da: d, it: i}, checked: {level: text, source: s, on: 2026-01-01}, examples: []}\n", "law.reach"},
	} {
		if err := load(c.text); problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
}
