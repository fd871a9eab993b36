package act_test

import (
	"slices"
	"strings"
	"testing"

	"counterseal/internal/act"
)

// What a person needs to use an act: one line, an example of that very act with
// all that it requires, and a word on each field.
func TestEveryActAndFieldIsExplained(t *testing.T) {
	for _, a := range act.All() {
		w := a.Wording()
		if w.Short == "" || len(w.Short) > 90 || strings.HasSuffix(w.Short, ".") {
			t.Errorf("%s: one line without a full stop: %q", a.Name, w.Short)
		}
		group, verb, _ := strings.Cut(a.Name, ".")
		if act.Groups[group] == "" {
			t.Errorf("nothing says what the acts of %s are about", group)
		}
		words := strings.Fields(w.Example)
		if len(words) < 2 || words[0] != group || words[1] != strings.ReplaceAll(verb, "_", "-") {
			t.Errorf("%s: its example is of another act: %q", a.Name, w.Example)
		}
		for _, f := range a.Fields {
			if a.Says(f) == "" {
				t.Errorf("%s: nothing says what %s is for", a.Name, f.Name)
			}
			flag := "--" + strings.ReplaceAll(f.Name, "_", "-")
			if f.Required && f.Kind != act.Document && !slices.Contains(words, flag) {
				t.Errorf("%s: its example leaves out %s", a.Name, flag)
			}
		}
	}
}
