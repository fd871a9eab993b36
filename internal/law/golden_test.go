package law_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"counterseal/internal/calendar"
	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// goldenCase is one set of facts with every violated rule it must give.
type goldenCase struct {
	File, Name string
	Facts      fact.Facts
	Expect     []goldenFinding
	Asks       []string          // facts that must be asked for; others may be
	Deadlines  map[string]string // latest, or not_before, of these deadlines
	Case, Near int               // the numbered case that it is, or lies one fact away from
}

type goldenFinding struct {
	Rule     string         `yaml:"rule"`
	Severity law.Severity   `yaml:"severity"`
	Respond  []law.Response `yaml:"respond"`
	Cite     string         `yaml:"cite"`
}

// goldens reads golden/*.yaml: base facts, then cases that change some of them.
func goldens(t testing.TB) []goldenCase {
	t.Helper()
	var out []goldenCase
	for _, file := range filesLike(t, "golden/*.yaml") {
		var g struct {
			Title string    `yaml:"title"`
			Facts yaml.Node `yaml:"facts"`
			Cases []struct {
				Name   string          `yaml:"name"`
				Change yaml.Node       `yaml:"change"`
				Expect []goldenFinding `yaml:"expect"`
				Asks   []string        `yaml:"asks"`
				Case   int             `yaml:"case"`
				Near   int             `yaml:"near"`

				Deadlines map[string]string `yaml:"deadlines"`
			} `yaml:"cases"`
		}
		decodeStrictly(t, file, &g)
		for _, c := range g.Cases {
			out = append(out, goldenCase{file, c.Name, merge(t, file+", "+c.Name, &g.Facts, &c.Change), c.Expect, c.Asks, c.Deadlines, c.Case, c.Near})
		}
	}
	return out
}

// filesLike are the golden files of a pattern, of which there are some.
func filesLike(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	return files
}

// decodeStrictly reads a golden file, in which no key may be unknown.
func decodeStrictly(t testing.TB, file string, into any) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err = dec.Decode(into)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// merge writes the changed facts as a facts file of its own, so that the strict
// reader sees them.
func merge(t testing.TB, name string, base, change *yaml.Node) fact.Facts {
	t.Helper()
	data := changed(t, base, change)
	f, err := law.ParseFactsYAML(name, data)
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	return f
}

// changed is the text of base with the facts of change in their places.
func changed(t testing.TB, base, change *yaml.Node) []byte {
	t.Helper()
	m := yaml.Node{Kind: yaml.MappingNode, Content: slices.Clone(base.Content)}
	for i := 0; i+1 < len(change.Content); i += 2 {
		at := 0
		for at < len(m.Content) && m.Content[at].Value != change.Content[i].Value {
			at += 2
		}
		m.Content = append(m.Content[:at:at], append([]*yaml.Node{change.Content[i], change.Content[i+1]}, m.Content[min(at+2, len(m.Content)):]...)...)
	}
	data, err := yaml.Marshal(&m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// check says how the engine's answer differs from the golden case.
func (g goldenCase) check(e *law.Engine) string {
	findings := e.Assess(g.Facts)
	got := []goldenFinding{}
	for _, f := range findings {
		if f.Outcome == law.Violated {
			got = append(got, goldenFinding{f.Rule, f.Severity, f.Respond, f.Cite})
		}
	}
	if g.Expect == nil {
		return "a golden case states what it expects, be it []"
	}
	if d := cmp.Diff(g.Expect, got); d != "" {
		return d
	}
	asked := map[string]bool{}
	for _, q := range law.Questions(findings) {
		asked[q.Fact] = true
	}
	for _, a := range g.Asks {
		if !asked[a] {
			return fmt.Sprintf("%s is not asked for", a)
		}
	}
	for rule, want := range g.Deadlines {
		if got := momentOf(e, rule, g.Facts); got != want {
			return fmt.Sprintf("%s falls %q, not %q", rule, got, want)
		}
	}
	return ""
}

// momentOf is the last, else the first, moment of a deadline as a person reads
// it, followed by "suspended" where it rests; or its outcome.
func momentOf(e *law.Engine, rule string, f fact.Facts) string {
	for _, d := range e.Deadlines(f) {
		if d.Rule != rule {
			continue
		}
		if d.Outcome != law.Counted {
			return string(d.Outcome)
		}
		zone, err := calendar.Zone(d.Zone)
		if err != nil {
			return err.Error()
		}
		text := law.Face(d.Latest, zone)
		if text == "" {
			text = law.Face(d.NotBefore, zone)
		}
		if d.Suspended == law.Rests {
			text += " suspended"
		}
		return text
	}
	return "none"
}

func TestTheGoldenCasesGiveExactlyTheirFindings(t *testing.T) {
	e := engine(t, embedded(t)...)
	for _, g := range goldens(t) {
		if d := g.check(e); d != "" {
			t.Errorf("%s, %s: (-want +got)\n%s", g.File, g.Name, d)
		}
	}
}
