package declaration_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

var update = flag.Bool("update", false, "write the golden drafts anew")

var at = time.Date(2026, 9, 19, 9, 0, 0, 0, time.UTC)

func facts(country, language, export string) declaration.Facts {
	return declaration.Facts{
		Release: release.Release{Demand: "m2fd-10", GrantSHA256: sha256.Sum256([]byte("grant")), ScopeSHA256: sha256.Sum256([]byte("scope")), Region: "mil", Gate: "gate-mil-1",
			Recipient: "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", TagManifest: sha256.Sum256([]byte("tags")), AgeHeader: sha256.Sum256([]byte("header")),
			Size: 1, Items: 214, Withheld: 3, Filtered: release.ByGate, CollectedFrom: at.AddDate(0, -2, 0), CollectedUntil: at.AddDate(0, -1, 0), CollectedAt: at.Add(-time.Hour)},
		Provider: "Nordlys Cloud A/S", Authority: "Office of the Prosecutor, Harbor District (US)", Country: country, Language: language, Order: "Search warrant No. 13-mj-0417",
		Scope: []string{"mail content of account acct-rossi, received from 1 March 2026 00:00:00 to 31 March 2026 23:59:59 UTC, both included"}, Export: export,
		Person: "p-okafor", Name: "Jonas Okafor", At: at,
	}
}

func draft(t testing.TB, f declaration.Facts) []byte {
	t.Helper()
	text, err := declaration.Draft(f)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestDraftsAreAsSomebodyReadThem(t *testing.T) {
	for name, f := range map[string]declaration.Facts{
		"us": facts("US", "en", ""), "us-by-hand": facts("US", "en", "2 files with 48 bytes, collected by p-mira on 8 January 2026, from the mail server mx-2, doveadm export"),
		"en": facts("IE", "en", ""), "de": facts("DE", "de", ""), "da": facts("DK", "da", ""), "it": facts("IT", "it", "2 files"), "de-by-hand": facts("DE", "de", "2 files"), "da-by-hand": facts("DK", "da", "2 files"), "en-by-hand": facts("IE", "en", "2 files"), "it-gate": facts("IT", "it", ""),
	} {
		got := draft(t, f)
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), string(got)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

// What a person must know themselves is never stated for them.
func TestADraftLeavesOpenWhatTheProgramCannotKnow(t *testing.T) {
	for _, f := range []declaration.Facts{facts("US", "en", ""), facts("IE", "en", ""), facts("DE", "de", ""), facts("DK", "da", ""), facts("IT", "it", "")} {
		d, err := declaration.Parse(draft(t, f))
		if err != nil {
			t.Fatal(err)
		}
		if problem.Code(d.Settled()) != "declaration.open" {
			t.Fatalf("%s: a draft counts as settled: %v", f.Country, d.Settled())
		}
		for _, claim := range []string{"regular practice", "accurate result", "at or near the time", "custodian of the records"} {
			for _, line := range strings.Split(d.Body, "\n") {
				if strings.Contains(line, claim) && !strings.HasPrefix(line, "[ ] ") {
					t.Errorf("%s: stated as known: %s", f.Country, line)
				}
			}
		}
		if (f.Country == "US") != strings.Contains(d.Body, "penalty of perjury") {
			t.Errorf("%s: perjury", f.Country)
		}
		d.Body = strings.ReplaceAll(strings.ReplaceAll(d.Body, "[ ] ", ""), "____", "counsel")
		if err := d.Settled(); err != nil {
			t.Fatal(err)
		}
		if f.Language != "en" && strings.Contains(d.Body, "collected") {
			t.Errorf("%s: English words", f.Language)
		}
	}
}

func TestAScopeOfManyWordsFits(t *testing.T) {
	f := facts("US", "en", "")
	f.Scope[0] += ", only with " + strings.Repeat("somebody.with.a.long.name@elsewhere.example or ", 3000) + "nobody@elsewhere.example"
	d, err := declaration.Parse(draft(t, f))
	if err != nil || strings.Count(d.Body, "somebody.with") != 3000 {
		t.Fatalf("%v, %d", err, strings.Count(d.Body, "somebody.with"))
	}
}

func TestAChangedHeadIsRefusedAndAChangedBodyIsKept(t *testing.T) {
	text := string(draft(t, facts("US", "en", "")))
	for _, c := range [][2]string{{"counterseal-declaration-v1", "counterseal-declaration-v2"}, {"\nperson: ", "\nperson:  "}, {"\ndemand: m2fd-10", "\ndemand: M2FD-10"},
		{"\nat: 2026-09-19T09:00:00Z", "\nat: 2026-09-19T09:00:00+00:00"}, {"\nname: Jonas", "\nname: \u202eJonas"}, {"\n\nCERT", "\nCERT"}, {"I, Jonas", "I,\u200b Jonas"}, {"release-sha256: ", "release-sha256: 00"}, {"Jonas Okafor\n", "Jonas Okafor"}} {
		i := strings.LastIndex(text, c[0])
		if i < 0 {
			t.Fatalf("%q is not in it", c[0])
		}
		if _, err := declaration.Parse([]byte(text[:i] + c[1] + text[i+len(c[0]):])); err == nil {
			t.Errorf("%q in the place of %q was accepted", c[1], c[0])
		}
	}
	edited := strings.Replace(text, "8. I do not state", "8. On the advice of counsel, I do not state", 1)
	if _, err := declaration.Parse([]byte(edited)); err != nil || edited == text {
		t.Fatal(err)
	}
}

func TestTheGatesWordHasOneForm(t *testing.T) {
	w := declaration.Word{Release: sha256.Sum256([]byte("r")), Declaration: sha256.Sum256([]byte("d")), Signature: sha256.Sum256([]byte("s")), Person: "p-okafor", Group: "counsel", Key: "SHA256:abc", At: at}
	text, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	got, err := declaration.ParseWord(text)
	if err != nil || got != w {
		t.Fatalf("%v %v", got, err)
	}
	if _, err := declaration.ParseWord(bytes.Replace(text, []byte("at: 2026"), []byte("at:  2026"), 1)); err == nil {
		t.Fatal("a second form was accepted")
	}
	if _, err := declaration.ParseWord(bytes.Replace(text, []byte("sha256: "), []byte("sha256: A"), 1)); err == nil {
		t.Fatal("a digest in another form was accepted")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(draft(f, facts("US", "en", "")))
	f.Add([]byte("counterseal-declaration-v1\n\n\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := declaration.Parse(text)
		if err != nil {
			return
		}
		again, err := d.Bytes()
		if err != nil || !bytes.Equal(text, again) {
			t.Fatalf("accepted in a second form: %v", err)
		}
	})
}

func FuzzParseWord(f *testing.F) {
	text, err := declaration.Word{Person: "p", Group: "g", Key: "k", At: at}.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		w, err := declaration.ParseWord(text)
		if err != nil {
			return
		}
		again, err := w.Bytes()
		if err != nil || !bytes.Equal(text, again) {
			t.Fatalf("accepted in a second form: %v", err)
		}
	})
}
