package intake_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/fact"
	"counterseal/internal/intake"
)

var update = flag.Bool("update", false, "write the golden files anew")

// register has agencies by domain.
type register map[string][]string

func (r register) AgenciesAt(domain string) []string { return r[domain] }

var agencies = register{"district.example": {"example-district"}, "police.example": {"example-north", "example-central"}, "gericht.example": {"ag-beispielstadt"}}

// readLetter reads a letter of testdata: its first line says who it is from.
func readLetter(t *testing.T, path string) intake.Reading {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, text, _ := strings.Cut(string(b), "\n")
	return intake.Reading{From: []string{strings.TrimPrefix(first, "From: ")}, Text: text}
}

func letters(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/letters/*.txt")
	if err != nil || len(paths) < 9 {
		t.Fatalf("%d letters, %v", len(paths), err)
	}
	return paths
}

func TestWhatALetterStatesIsProposedWithItsPlace(t *testing.T) {
	for _, path := range letters(t) {
		r := readLetter(t, path)
		p := intake.Proposed(r, agencies)
		got, err := json.MarshalIndent(p, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(path, ".txt") + ".json"
		if *update {
			if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(strings.TrimSpace(string(want)), string(got)); d != "" {
			t.Errorf("%s: %s", path, d)
		}
		places(t, r.Text, p)
	}
}

// places checks that everything proposed stands where it is said to stand.
func places(t *testing.T, text string, p intake.Proposals) {
	t.Helper()
	check := func(stated string, at intake.Place) {
		if at.Begin < 0 || at.End > len(text) || at.Begin >= at.End {
			t.Errorf("%q at %+v of %d bytes", stated, at, len(text))
			return
		}
		if got := strings.Join(strings.Fields(text[at.Begin:at.End]), " "); got != stated {
			t.Errorf("%q stands at %+v, not %q", got, at, stated)
		}
		if strings.Count(text[:at.Begin], "\n")+1 != at.Line {
			t.Errorf("%q is not in line %d", stated, at.Line)
		}
	}
	for _, d := range p.Dates {
		check(d.Stated, d.Place)
	}
	for _, i := range p.Instruments {
		check(i.Stated, i.Place)
	}
	for _, x := range p.Targets {
		check(x.Stated, x.Place)
	}
	for _, q := range quoted(p) {
		check(q.Stated, q.Place)
	}
	checkWords(t, p)
}

func TestEveryKindThatIsProposedIsAWordOfTheFacts(t *testing.T) {
	for _, path := range letters(t) {
		for _, i := range intake.Proposed(readLetter(t, path), nil).Instruments {
			var f fact.Facts
			if err := f.Set("instrument", i.Kind); err != nil {
				t.Errorf("%s: %s: %v", path, i.Kind, err)
			}
		}
	}
}

func TestNoAgencyIsProposedUnlessOneSenderIsExactlyThere(t *testing.T) {
	for name, from := range map[string][]string{
		"nobody": nil, "two": {"a@police.example", "b@police.example"}, "below": {"a@north.police.example"}, "like it": {"a@police.example.evil.example"},
		"two at signs": {"a@police.example@evil.example"}, "other letters": {"a@pol\u0131ce.example"}, "no domain": {"police.example"},
	} {
		if p := intake.Proposed(intake.Reading{From: from}, agencies); len(p.Agencies) > 0 {
			t.Errorf("%s: %v", name, p.Agencies)
		}
	}
	if d := cmp.Diff([]string{"example-central", "example-north"}, intake.Proposed(intake.Reading{From: []string{"A@Police.Example"}}, agencies).Agencies); d != "" {
		t.Error(d)
	}
}

func TestWhatIsAmbiguousIsNotProposed(t *testing.T) {
	for _, text := range []string{"03/04/2026", "3-4-2026", "31.02.2026", "30 February 2026", "1.2.3.2026", "14.9.26", "2026-13-01", "May 2026", "in 2026", "call 555-0199", "030 123456",
		"version 1.2.3.4", "section 2.5.1.3", "12:30:45", "490154203237518", "IMEI 490154203237519", "a subpoena", "a warrant", "a search warrant", "Beschluss", "an epoch", "user@localhost", "@handle",
		"Tel: +45 20 00 00 00", "IP 127.0.0.1", "256.1.1.1 IP", "kendelse", "EPOCA", "richiesta urgente"} {
		if p := intake.Proposed(intake.Reading{Text: text}, nil); len(p.Dates)+len(p.Targets)+len(p.Instruments) > 0 {
			t.Errorf("%q: %+v", text, p)
		}
	}
}

func FuzzProposed(f *testing.F) {
	for _, s := range []string{"by 14 September 2026", "IP 192.0.2.1:80 2026-09-14 10:00 UTC", "+45 20 00 00 00", "MÄRZ\n3. März 2026", "EPOC-PR EPOC", "\u212aendelse retsplejelov"} {
		f.Add("a@police.example", s)
	}
	f.Fuzz(func(t *testing.T, from, text string) {
		if !utf8.ValidString(text) {
			return
		}
		start := time.Now()
		p := intake.Proposed(intake.Reading{From: []string{from}, Text: text}, agencies)
		places(t, text, p)
		if spent := time.Since(start); spent > 10*time.Second {
			t.Errorf("it took %v", spent)
		}
	})
}

func TestALongLetterIsReadInBoundedTime(t *testing.T) {
	for _, s := range []string{"1.", "+1 ", "a@b.", "12/12/2026 ", "192.0.2.1 ip ", "a:", "\n", "by ", "kendelse retsplejelov ", "4 ", "é"} {
		start := time.Now()
		p := intake.Proposed(intake.Reading{Text: strings.Repeat(s, 2<<20/len(s))}, nil)
		if spent := time.Since(start); spent > time.Minute || len(p.Dates) > 200 || len(p.Targets) > 200 {
			t.Errorf("%q took %v", s, spent)
		}
	}
}
