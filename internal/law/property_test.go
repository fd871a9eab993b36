package law_test

import (
	"bytes"
	"flag"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

var update = flag.Bool("update", false, "write the golden files anew")

// drawValue picks a value near what the packs look at.
func drawValue(t *rapid.T, d fact.Def) any {
	switch d.Type {
	case fact.Bool:
		return rapid.Bool().Draw(t, d.Name)
	case fact.Enum:
		return rapid.SampledFrom(d.Values).Draw(t, d.Name)
	case fact.Int:
		return rapid.Int64Range(d.Min, min(d.Max, 2)).Draw(t, d.Name)
	case fact.Date:
		return time.Unix(rapid.Int64Range(14000, 21000).Draw(t, d.Name)*86400, 0).UTC().Format(time.DateOnly)
	case fact.Instant:
		return time.Unix(rapid.Int64Range(0, 84006*86400-1).Draw(t, d.Name), 0).UTC().Format(time.RFC3339)
	case fact.Set:
		return rapid.SliceOfDistinct(rapid.SampledFrom(d.Values), rapid.ID).Draw(t, d.Name)
	case fact.Country:
		return rapid.SampledFrom([]string{"US", "GB", "AU", "IE", "ZZ", "AA"}).Draw(t, d.Name)
	default:
		return rapid.SampledFrom([]string{"a", "us.x"}).Draw(t, d.Name)
	}
}

func outcomes(e *law.Engine, f fact.Facts) map[string]law.Finding {
	m := map[string]law.Finding{}
	for _, x := range e.Assess(f) {
		m[x.Rule] = x
	}
	return m
}

func TestStatingMoreFactsNeverUndoesWhatIsDecided(t *testing.T) {
	e := engine(t, embedded(t)...)
	var all []string
	for _, p := range e.Packs() {
		for _, r := range p.Rules {
			all = append(all, r.ID)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var less, more fact.Facts
		for _, d := range fact.Schema() {
			v := drawValue(t, d)
			state := rapid.IntRange(0, 2).Draw(t, d.Name+"?")
			if state > 0 {
				_ = more.Set(d.Name, v)
			}
			if state > 1 {
				_ = less.Set(d.Name, v)
			}
		}
		before, after := outcomes(e, less), outcomes(e, more)
		for _, id := range all {
			b, a := before[id].Outcome, after[id].Outcome
			if b == law.Violated && a != law.Violated || b == "" && a != "" || b == law.Holds && a != law.Holds && a != "" {
				t.Fatalf("%s: %q became %q", id, b, a)
			}
			if b == law.Ask && len(before[id].Missing) == 0 {
				t.Fatalf("%s asks for nothing", id)
			}
			if b != law.Ask && len(before[id].Missing) > 0 {
				t.Fatalf("%s: %s misses %v", id, b, before[id].Missing)
			}
		}
	})
}

// A fact that refutes a rule by itself is looked at first; no finding depends on it.
func TestWhatIsLookedAtFirstChangesNoFinding(t *testing.T) {
	e := engine(t, embedded(t)...)
	thorough, err := law.NewThorough(embedded(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if e.Conditions() < len(e.Packs()) || thorough.Conditions() != 0 {
		t.Fatalf("%d conditions, and %d", e.Conditions(), thorough.Conditions())
	}
	rapid.Check(t, func(t *rapid.T) {
		var f fact.Facts
		for _, d := range fact.Schema() {
			if rapid.IntRange(0, 3).Draw(t, d.Name+"?") > 0 {
				_ = f.Set(d.Name, drawValue(t, d))
			}
		}
		if diff := cmp.Diff(thorough.Assess(f), e.Assess(f)); diff != "" {
			t.Fatalf("(-thorough +quick):\n%s", diff)
		}
	})
}

func TestOnlyTheFactsReadDecide(t *testing.T) {
	e := engine(t, embedded(t)...)
	rapid.Check(t, func(t *rapid.T) {
		var f fact.Facts
		for _, d := range fact.Schema() {
			if rapid.IntRange(0, 3).Draw(t, d.Name+"?") > 0 {
				_ = f.Set(d.Name, drawValue(t, d))
			}
		}
		for id, x := range outcomes(e, f) {
			if x.Outcome == law.Ask {
				continue
			}
			var g fact.Facts
			for _, n := range x.Facts {
				v, known, err := f.Get(n)
				if err != nil || !known || g.Set(n, v) != nil {
					t.Fatalf("%s read %s, which nobody stated", id, n)
				}
			}
			if got, _ := outcomeOf(e, id, g); got != x.Outcome {
				t.Fatalf("%s: %s on all facts, %s on those it says it used: %v", id, x.Outcome, got, x.Facts)
			}
		}
	})
}

func TestFindingsAreInOneOrderAndConcurrentUseIsSafe(t *testing.T) {
	packs := embedded(t)
	e := engine(t, packs...)
	back := slices.Clone(packs)
	slices.Reverse(back)
	other := engine(t, back...)
	var wg sync.WaitGroup
	for _, g := range goldens(t) {
		want := e.Assess(g.Facts)
		if d := cmp.Diff(want, other.Assess(g.Facts)); d != "" {
			t.Fatalf("the order of the packs shows: %s", d)
		}
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if d := cmp.Diff(want, e.Assess(g.Facts)); d != "" {
					t.Errorf("%s: %s", g.Name, d)
				}
			}()
		}
	}
	wg.Wait()
}

func TestNothingStatedBlocksNothing(t *testing.T) {
	e := engine(t, embedded(t)...)
	for _, f := range e.Assess(fact.Facts{}) {
		if f.Outcome != law.Ask || f.Blocks() {
			t.Errorf("%s is %s although nothing is known", f.Rule, f.Outcome)
		}
	}
}

func TestAnExpressionThatFailsIsUndecidedAndBlocksNothing(t *testing.T) {
	// More years apart than a duration can hold.
	const far = "as_of + days(36500) + days(36500) - served > days(1)"
	p, err := law.ParsePack("x.yaml", []byte(head+rule("us.x.a", map[string]string{"requires": "requires: " + far, "forum": "", "instruments": "", "in_force": "",
		"examples": "examples: [{name: a, facts: {binding: true}, expect: violated}, {name: b, facts: {binding: false}, expect: none}]"})))
	if err != nil {
		t.Fatal(err)
	}
	var f fact.Facts
	_ = f.Set("binding", true)
	_ = f.Set("as_of", "2199-12-31")
	_ = f.Set("served", "1970-01-01")
	findings := engine(t, p).Assess(f)
	if len(findings) != 1 || findings[0].Outcome != law.Ask || len(findings[0].Missing) != 0 || findings[0].Blocks() {
		t.Fatalf("got %+v", findings)
	}
	if r := law.NewReport(findings, nil); len(r.Undecided) != 1 {
		t.Fatalf("the report is silent about it: %+v", r)
	}
}

func TestTheReportReadsAsItsGolden(t *testing.T) {
	f, err := law.ParseFactsYAML("f", []byte("kind: data\nrequester: government\nissuing_country: US\ninstrument: admin_subpoena\nasks_content: true\nverified: true\nbinding: true\ndue: 2026-11-13\nentity_country: US\nas_of: 2026-11-01\n"))
	if err != nil {
		t.Fatal(err)
	}
	e := engine(t, embedded(t)...)
	r := law.NewReport(e.Assess(f), e.Deadlines(f))
	for file, write := range map[string]func(*bytes.Buffer) error{
		"testdata/report.txt":  func(b *bytes.Buffer) error { return r.Text(b) },
		"testdata/report.json": func(b *bytes.Buffer) error { return r.JSON(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if *update {
			if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), b.String()); d != "" {
			t.Errorf("%s: run with -update and read the difference:\n%s", file, d)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	e := engine(b, embedded(b)...)
	g := goldens(b)
	var out []law.Result
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		out = e.Evaluate(&g[i%len(g)].Facts, out[:0])
	}
}
