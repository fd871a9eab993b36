package law_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// atoms are comparisons of every kind that the packs know; each looks at the facts
// in front of the colon.
var atoms = strings.Split(strings.TrimSpace(`
binding: binding
verified: verified
signer: signer == 'judge'
signer: signer in ['judge', 'minister']
signer secrecy_signer: signer == secrecy_signer
targets_named: targets_named >= 2
targets_named: targets_named < 1
fields: 'name' in fields
fields: fields.all(f, f in ['name', 'headers'])
fields: fields.exists(f, f == 'payment')
as_of: as_of < date('2026-01-01')
granted: granted > date('2026-01-02')
served granted: served < granted + days(3)
served granted: served - granted > days(1)
served granted: served == granted
issuing_country: issuing_country == 'US'
issuing_country storage_country: issuing_country == storage_country
secrecy_source secrecy_term: secrecy_source == 'none' && secrecy_term == 'indefinite'
instrument binding: instrument == 'none' && binding`), "\n")

// tried are values of which a true expression over atoms is made true by some.
var tried = map[string][]any{
	"binding": {true, false}, "verified": {true, false}, "signer": {"judge", "minister", "attorney"}, "secrecy_signer": {"judge", "minister", "attorney"},
	"targets_named": {0, 1, 2}, "fields": {[]string{}, []string{"name"}, []string{"payment"}, []string{"headers"}, []string{"name", "payment"}, []string{"contacts"}},
	"as_of": {"2025-12-31", "2026-01-01"}, "granted": {"2026-01-01", "2026-01-02", "2026-01-03"}, "served": {"2025-12-31", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05", "2026-01-08"},
	"issuing_country": {"US", "DK"}, "storage_country": {"US", "DK"}, "secrecy_source": {"none", "request"}, "secrecy_term": {"fixed", "indefinite"}, "instrument": {"none", "nsl"},
}

// What the check says can never be is false for all facts that are tried, and what it
// says can be is not.
func TestWhatCanNeverBeIsFalseForAllFacts(t *testing.T) {
	decided := 0
	rapid.Check(t, func(t *rapid.T) {
		looks, src := map[string]bool{}, ""
		for i := range rapid.IntRange(1, 4).Draw(t, "atoms") {
			facts, atom, _ := strings.Cut(rapid.SampledFrom(atoms).Draw(t, "atom"), ": ")
			for _, f := range strings.Fields(facts) {
				looks[f] = true
			}
			if rapid.Bool().Draw(t, "not") {
				atom = "!(" + atom + ")"
			}
			if i > 0 {
				src += rapid.SampledFrom([]string{" && ", " && ", " || "}).Draw(t, "op")
			}
			src += atom
		}
		answer, err := law.Possible(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		found := witness(t, src, looks)
		if answer == "no" && found != "" {
			t.Fatalf("%s can be, with %s", src, found)
		}
		if answer == "yes" && found == "" {
			// The values of this test may be too few; then the solver knows better.
			t.Logf("%s: only the solver found facts", src)
		}
		if answer != "undecided" {
			decided++
		}
	})
	if decided < 50 {
		t.Fatalf("only %d were decided", decided)
	}
}

// witness looks for facts by brute force.
func witness(t *rapid.T, src string, looks map[string]bool) string {
	e := engineOf(t, src)
	all := []fact.Facts{{}}
	for name := range looks {
		var more []fact.Facts
		for _, f := range all {
			for _, v := range tried[name] {
				g := f
				if err := g.Set(name, v); err != nil {
					t.Fatal(err)
				}
				more = append(more, g)
			}
		}
		all = more
	}
	for _, f := range all {
		if f.Validate() != nil {
			continue
		}
		for _, x := range e.Assess(f) {
			if x.Outcome == law.Violated {
				return fmt.Sprint(x.Facts)
			}
		}
	}
	return ""
}

func engineOf(t *rapid.T, src string) *law.Engine {
	p := &law.Pack{Name: "us.x", File: "x.yaml", Rules: []law.Rule{{Entry: law.Entry{ID: "us.x.a", Applies: src}, Requires: "false", Severity: law.Blocking}}}
	e, err := law.NewEngine(p)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWhatCannotBeDecidedIsNotSaid(t *testing.T) {
	for src, want := range map[string]string{
		"received_at < answered_at && answered_at < received_at": "undecided", // moments
		"fields == ['name'] && !('name' in fields)":              "undecided", // a whole set
		"served < granted && granted < served":                   "no",
		"served < granted + days(1) && served > granted":         "no",
		"served < granted + days(2) && served > granted":         "yes",
		"signed > served": "no", // fact.Validate refuses it
		"issuing_country != storage_country && !(issuing_country in ['US', 'DK'])":                 "yes",
		"issuing_country == storage_country && issuing_country == 'US' && storage_country == 'DK'": "no",
	} {
		if got, err := law.Possible(src); err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", src, got, want, err)
		}
	}
}

// docs/packs.md explains every remark that is no refusal.
func TestThePageOfPacksListsEveryRemark(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "packs.md"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range []string{"check.go", "check_data.go"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:Defect|Doubt|Note), "(law\.[a-z_]+)"`).FindAllStringSubmatch(string(src), -1) {
			n++
			if m[1] != "law.duplicate_rule" && !strings.Contains(string(page), "`"+m[1]+"`") {
				t.Errorf("docs/packs.md does not explain %s", m[1])
			}
		}
	}
	if n < 10 {
		t.Fatalf("%d remarks were found", n)
	}
}
