package law_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterseal/internal/law"
)

// What docs/packs.md says can be written is taken, in either column, as the same
// condition; and the words are those that the program says.
func TestThePageOfConditionsIsTaken(t *testing.T) {
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "packs.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| Write | or in words |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "`")
		if len(cells) < 5 {
			continue
		}
		rows++
		written, said := strings.ReplaceAll(cells[1], `\|`, "|"), cells[3]
		d := penRule(t)
		for _, text := range []string{written, said} {
			err = d.State("applies", text)
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			if d.Applies != written {
				t.Errorf("%s is taken as %s, want %s", text, d.Applies, written)
			}
		}
		if got := w.Say(written); got != said && !strings.Contains(written, "binding") {
			t.Errorf("%s is said %q, the page has %q", written, got, said)
		}
	}
	if rows < 15 {
		t.Errorf("only %d rows", rows)
	}
}
