package fact_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/fact"
	"counterseal/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

func set(t *testing.T, f *fact.Facts, name string, v any) {
	t.Helper()
	if err := f.Set(name, v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestAnUnstatedFactIsUnknownAndNeverFalse(t *testing.T) {
	var f fact.Facts
	for _, d := range fact.Schema() {
		v, known, err := f.Get(d.Name)
		if v != nil || known || err != nil {
			t.Fatalf("%s: got %v, %v, %v", d.Name, v, known, err)
		}
	}
	set(t, &f, "verified", false)
	v, known, _ := f.Get("verified")
	if v != false || !known {
		t.Fatal("a stated false must be known")
	}
	set(t, &f, "verified", "unknown")
	if f != (fact.Facts{}) {
		t.Fatal("the word unknown must leave nothing behind")
	}
}

func TestAWrongValueIsRefusedWithItsCodeAndChangesNothing(t *testing.T) {
	long := strings.Repeat("a", fact.MaxToken+1)
	for _, c := range []struct {
		name string
		v    any
		code string
	}{
		{"no_such", true, "fact.unknown_key"},
		{"Kind", "data", "fact.unknown_key"},
		{"verified", "true", "fact.type"},
		{"verified", 1, "fact.type"},
		{"verified", nil, "fact.type"},
		{"kind", true, "fact.type"},
		{"kind", "Data", "fact.enum"},
		{"kind", "", "fact.enum"},
		{"targets_named", "1", "fact.type"},
		{"targets_named", 1.0, "fact.type"},
		{"targets_named", -1, "fact.range"},
		{"targets_named", 1_000_001, "fact.range"},
		{"as_of", "2026-02-29", "fact.date"},
		{"as_of", "2026-2-3", "fact.date"},
		{"as_of", "1969-12-31", "fact.date"},
		{"as_of", "2200-01-01", "fact.date"},
		{"received_at", "2026-01-01T00:00:00", "fact.date"},
		{"received_at", "2026-01-01T00:00:00.5Z", "fact.date"},
		{"received_at", "2026-01-01T00:00:00,5Z", "fact.date"},
		{"received_at", "2200-01-01T00:30:00-01:00", "fact.date"},
		{"received_at", "1970-01-01T00:30:00+01:00", "fact.date"},
		{"issuing_country", "us", "fact.country"},
		{"issuing_country", "USA", "fact.country"},
		{"issuing_country", "Ü", "fact.country"},
		{"authority", "", "fact.token"},
		{"authority", long, "fact.token"},
		{"authority", "a..b", "fact.token"},
		{"authority", "-a", "fact.token"},
		{"authority", "a-", "fact.token"},
		{"authority", "A", "fact.token"},
		{"authority", "a\x00", "fact.token"},
		{"fields", "name", "fact.type"},
		{"fields", []string{"name", "shoe_size"}, "fact.enum"},
		{"fields", []string{"name", "address", "name"}, "fact.duplicate"},
	} {
		var f fact.Facts
		before := f
		if got := problem.Code(f.Set(c.name, c.v)); got != c.code {
			t.Errorf("%s = %v: got %q, want %q", c.name, c.v, got, c.code)
		}
		if f != before {
			t.Errorf("%s = %v: a refused value left a trace", c.name, c.v)
		}
	}
}

func TestFactsThatCannotAllBeTrueAreRefused(t *testing.T) {
	for name, facts := range map[string]string{
		"served before signed":     `{"signed":"2026-02-02","served":"2026-02-01"}`,
		"expired before signed":    `{"signed":"2026-02-02","expiry":"2026-02-01"}`,
		"expired before effective": `{"effective":"2026-02-02","expiry":"2026-02-01"}`,
		"two days of receipt":      `{"received":"2026-02-02","received_at":"2026-02-04T00:00:00Z"}`,
		"indefinite with an end":   `{"secrecy_term":"indefinite","secrecy_until":"2026-02-01"}`,
		"an end of no silence":     `{"secrecy_source":"none","secrecy_until":"2026-02-01"}`,
		"a scope of no silence":    `{"secrecy_source":"none","secrecy_scope":"anyone"}`,
		"no paper that binds":      `{"instrument":"none","binding":true}`,
		"silence before signature": `{"signed":"2026-02-02","secrecy_until":"2026-02-01"}`,
	} {
		if _, err := fact.ParseJSON([]byte(facts)); problem.Code(err) != "fact.contradiction" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, facts := range []string{
		`{"signed":"2026-02-02","served":"2026-02-02","expiry":"2026-02-02"}`,
		`{"received":"2026-02-02","received_at":"2026-02-03T03:00:00Z"}`,
		`{"secrecy_source":"none"}`, `{"instrument":"none","binding":false}`,
	} {
		if _, err := fact.ParseJSON([]byte(facts)); err != nil {
			t.Errorf("%s: %v", facts, err)
		}
	}
}

func TestJSONIsReadStrictly(t *testing.T) {
	for in, code := range map[string]string{
		``:                                      "fact.json",
		`[]`:                                    "fact.json",
		`{`:                                     "fact.json",
		`{"kind":"data"`:                        "fact.json",
		`{"kind":"data"}{}`:                     "fact.json",
		`{"kind":"data"} x`:                     "fact.json",
		"{\"kind\":\"\xff\"}":                   "fact.json",
		`{"kind":"data","kind":"data"}`:         "fact.duplicate",
		`{"kind":"data","k\u0069nd":"data"}`:    "fact.duplicate",
		`{"kind":"unknown","kind":"data"}`:      "fact.duplicate",
		`{"KIND":"data"}`:                       "fact.unknown_key",
		`{"verified":null}`:                     "fact.type",
		`{"verified":{}}`:                       "fact.type",
		`{"targets_named":1.0}`:                 "fact.type",
		`{"targets_named":1e2}`:                 "fact.type",
		`{"targets_named":9223372036854775808}`: "fact.type",
		`{"targets_named":-0}`:                  "fact.type",
		`{"fields":["name",["address"]]}`:       "fact.type",
		`{"fields":["name",1]}`:                 "fact.type",
		`{"as_of":"` + strings.Repeat("1", fact.MaxInput) + `"}`: "fact.json",
	} {
		f, err := fact.ParseJSON([]byte(in))
		if problem.Code(err) != code {
			t.Errorf("%.60q: got %v, want %s", in, err, code)
		}
		if f != (fact.Facts{}) {
			t.Errorf("%.60q: a refused document gave facts", in)
		}
	}
	keep, _ := fact.ParseJSON([]byte(`{"kind":"data"}`))
	f := keep
	if err := json.Unmarshal([]byte(`{"kind":"assistance","verified":3}`), &f); err == nil || f != keep {
		t.Fatalf("a refused document changed the facts: %v", err)
	}
}

// vectors freeze the binary form: a change here breaks stored demands.
var vectors = []struct{ json, hex string }{
	{`{}`, "0100"},
	{`{"kind":"data"}`, "01010100"},
	{`{"kind":"data","instrument":"sca_warrant","forum":"us.sdny","asks_content":true,"as_of":"2014-07-31"}`,
		"0105" + "8101080002" + "00" + "01" + "0b" + "01" + "9a7f"},
	{`{"issuing_country":"US","authority":"us.fbi","targets_named":300,"received_at":"2026-09-14T14:40:00Z"}`,
		"0104" + "0c004040" + "5553" + "0675732e666269" + "ac02" + "c08ea0d506"},
	{`{"fields":["name","other_records"],"conflict_country":"GB"}`,
		"0107" + "00001000000002" + "8140" + "4742"},
}

func TestTheBinaryFormIsFrozen(t *testing.T) {
	for _, v := range vectors {
		f, err := fact.ParseJSON([]byte(v.json))
		if err != nil {
			t.Fatal(err)
		}
		got := f.Encode(nil)
		if hex.EncodeToString(got) != v.hex {
			t.Errorf("%s: got %x, want %s", v.json, got, v.hex)
		}
		back, err := fact.Decode(got)
		if err != nil || back != f {
			t.Errorf("%s: %v", v.json, err)
		}
	}
}

func TestBytesThatEncodeWouldNotWriteAreRefused(t *testing.T) {
	for name, h := range map[string]string{
		"empty": "", "one byte": "01", "other version": "0200", "bitmap cut": "0102ff", "bitmap too long": "0111" + strings.Repeat("01", 17),
		"bitmap padded": "0102010000", "value missing": "010101", "value too large": "010101ff01", "enum past its end": "01010108",
		"varint padded": "0101018000", "bytes after the end": "0101010000", "slot unknown": "010700000000000004" + "01",
		"lower-case country": "0101047573", "country cut": "01010455", "token empty": "01010800", "token cut": "0101080261",
		"token bad": "0101080141", "token reserved": "010108" + "07" + hex.EncodeToString([]byte("unknown")),
	} {
		b, err := hex.DecodeString(h)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err = fact.Decode(b); problem.Code(err) != "fact.encoding" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	// signed 2026-02-02, served the day before
	b, _ := hex.DecodeString("010400000018" + "e99f01" + "e89f01")
	if _, err := fact.Decode(b); problem.Code(err) != "fact.contradiction" {
		t.Errorf("contradiction: got %v", err)
	}
}

func draw(t *rapid.T) fact.Facts {
	var f fact.Facts
	for _, d := range fact.Schema() {
		if !rapid.Bool().Draw(t, d.Name+"?") {
			continue
		}
		var v any
		switch d.Type {
		case fact.Bool:
			v = rapid.Bool().Draw(t, d.Name)
		case fact.Enum:
			v = rapid.SampledFrom(d.Values).Draw(t, d.Name)
		case fact.Int:
			v = rapid.Int64Range(d.Min, d.Max).Draw(t, d.Name)
		case fact.Date:
			v = time.Unix(rapid.Int64Range(0, 84005).Draw(t, d.Name)*86400, 0).UTC().Format(time.DateOnly)
		case fact.Instant:
			v = time.Unix(rapid.Int64Range(0, 84006*86400-1).Draw(t, d.Name), 0).UTC().Format(time.RFC3339)
		case fact.Set:
			v = rapid.SliceOfDistinct(rapid.SampledFrom(d.Values), rapid.ID).Draw(t, d.Name)
		case fact.Country:
			v = rapid.StringMatching(`[A-Z]{2}`).Draw(t, d.Name)
		case fact.Token:
			v = rapid.StringMatching(`[a-z0-9]{1,5}([._-][a-z0-9]{1,5}){0,3}`).Draw(t, d.Name)
		}
		if err := f.Set(d.Name, v); err != nil {
			t.Fatalf("%s = %v: %v", d.Name, v, err)
		}
	}
	return f
}

func TestEveryAcceptedFactSurvivesBothForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := draw(t)
		if f.Validate() != nil {
			return
		}
		b := f.Encode(nil)
		back, err := fact.Decode(b)
		if err != nil || back != f {
			t.Fatalf("binary: %v\n%s", err, cmp.Diff(f.Known().Names(), back.Known().Names()))
		}
		j, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		back, err = fact.ParseJSON(j)
		if err != nil || back != f {
			t.Fatalf("json: %v\n%s", err, j)
		}
		again, _ := json.Marshal(back)
		if !bytes.Equal(j, again) {
			t.Fatal("the JSON form is not stable")
		}
	})
}

func TestTheSchemaHoldsItsOwnRules(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range fact.Schema() {
		if d.Name == "" || d.Meaning == "" || seen[d.Name] {
			t.Errorf("%q: every fact has a name of its own and a meaning", d.Name)
		}
		seen[d.Name] = true
		words := map[string]bool{}
		for _, v := range d.Values {
			if words[v] || v == fact.Unknown {
				t.Errorf("%s: %q stands twice or is reserved", d.Name, v)
			}
			words[v] = true
		}
		if d.Type == fact.Set && len(d.Values) > 62 || (d.Type == fact.Enum || d.Type == fact.Set) && len(d.Values) == 0 {
			t.Errorf("%s: a closed list of the wrong length", d.Name)
		}
	}
	if fact.Count > fact.MaxFacts {
		t.Fatal("the bitmap has no room")
	}
}

func TestACourtOfAppealsCoversItsDistricts(t *testing.T) {
	got := fact.WithinForum("us.2d_cir")
	want := []string{"us.2d_cir", "us.d_conn", "us.d_vt", "us.edny", "us.ndny", "us.sdny", "us.wdny"}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	if d := cmp.Diff([]string{"us.sdny"}, fact.WithinForum("us.sdny")); d != "" {
		t.Fatal(d)
	}
	if fact.WithinForum("us.nowhere") != nil {
		t.Fatal("an unknown forum covers nothing")
	}
}

func TestTheDocumentMatchesItsGolden(t *testing.T) {
	const golden = "testdata/facts.md"
	if *update {
		if err := os.WriteFile(golden, []byte(fact.Doc()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), fact.Doc()); d != "" {
		t.Fatalf("run with -update and read the difference:\n%s", d)
	}
}

func TestDecodingDoesNotAllocateWithoutTokens(t *testing.T) {
	f, _ := fact.ParseJSON([]byte(vectors[2].json))
	b := f.Encode(nil)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := fact.Decode(b); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Fatalf("%v allocations", n)
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range vectors {
		b, _ := hex.DecodeString(v.hex)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, err := fact.Decode(b)
		if err != nil {
			if facts != (fact.Facts{}) {
				t.Fatal("a refused input gave facts")
			}
			return
		}
		if !bytes.Equal(facts.Encode(nil), b) {
			t.Fatal("accepted bytes that Encode would not write")
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, v := range vectors {
		f.Add([]byte(v.json))
	}
	f.Add([]byte(`{"kind":"data","kind":"unknown"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, err := fact.ParseJSON(b)
		if err != nil {
			return
		}
		back, err := fact.Decode(facts.Encode(nil))
		if err != nil || back != facts {
			t.Fatalf("accepted JSON has no binary form: %v", err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	f, _ := fact.ParseJSON([]byte(vectors[2].json))
	enc := f.Encode(nil)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = fact.Decode(enc)
	}
}
