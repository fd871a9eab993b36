package law_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"counterseal/internal/law"
)

// reachCase is one setting with every rule of reach that answers it. The answers
// were written from the law before the packs were asked.
type reachCase struct {
	Name    string    `yaml:"name"`
	Why     string    `yaml:"why"`
	Change  yaml.Node `yaml:"change"`
	Reaches []string  `yaml:"reaches"`
	Asks    []string  `yaml:"asks"`
}

// reachGoldens reads golden/reach/*.yaml: base facts, then cases that add a setting.
func reachGoldens(t *testing.T, each func(t *testing.T, c reachCase, text []byte)) {
	t.Helper()
	for _, file := range filesLike(t, "golden/reach/*.yaml") {
		var g struct {
			Title string      `yaml:"title"`
			Facts yaml.Node   `yaml:"facts"`
			Cases []reachCase `yaml:"cases"`
		}
		decodeStrictly(t, file, &g)
		for _, c := range g.Cases {
			t.Run(filepath.Base(file)+", "+c.Name, func(t *testing.T) { each(t, c, changed(t, &g.Facts, &c.Change)) })
		}
	}
}

func TestTheGoldenSettingsAreReachedByExactlyTheirLaws(t *testing.T) {
	e := engine(t, embedded(t)...)
	used := map[string]bool{}
	reachGoldens(t, func(t *testing.T, c reachCase, text []byte) {
		f, s, err := law.ParseSettingYAML(c.Name, text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		list, err := e.Reach(f, s)
		if err != nil {
			t.Fatal(err)
		}
		var reaches, asks []string
		for _, r := range list {
			if r.Outcome == law.Reaches {
				reaches = append(reaches, r.Rule)
				used[r.Rule] = true
			} else {
				asks = append(asks, r.Rule)
			}
		}
		slices.Sort(reaches)
		slices.Sort(asks)
		if d := cmp.Diff(append([]string{}, c.Reaches...), append([]string{}, reaches...)); d != "" {
			t.Errorf("%s: reaches (-want +got)\n%s", c.Why, d)
		}
		if d := cmp.Diff(append([]string{}, c.Asks...), append([]string{}, asks...)); d != "" {
			t.Errorf("%s: asks (-want +got)\n%s", c.Why, d)
		}
	})
	for _, p := range embedded(t) {
		for _, r := range p.Reach {
			if !used[r.ID] {
				t.Errorf("%s reaches in no golden setting", r.ID)
			}
		}
	}
}
