package cli

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A line that is as long as a row, and goes on with what looks like another line.
func TestNoWordsOfAValueStandWhereALineBegins(t *testing.T) {
	for text, want := range map[string]string{
		"order: warrant " + strings.Repeat("x", columns-16) + " collect: nothing\ngrant: g-1\n": "order: warrant " + strings.Repeat("x", columns-16) + " \n" + continued + "collect: nothing\ngrant: g-1\n",
		strings.Repeat("x", columns) + "collect: nothing":                                       strings.Repeat("x", columns) + "\n" + continued + "collect: nothing",
		strings.Repeat("x", columns) + "\nshort\n":                                              strings.Repeat("x", columns) + "\nshort\n",
	} {
		if got := folded(text); got != want {
			t.Errorf("%q", got)
		}
	}
	wide := "order: " + strings.Repeat("\u5f20", 40) + "collect: nothing\n"
	for row := range strings.Lines(folded(wide)) {
		if strings.HasPrefix(row, "collect:") {
			t.Errorf("%q", row)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("abc: \u0301\u5f20\n⤷")), 0, 400, -1).Draw(t, "text")
		got := folded(text)
		for row := range strings.Lines(got) {
			n := 0
			for _, r := range strings.TrimSuffix(row, "\n") {
				n += columnsOf(r)
			}
			if n > columns+2 { // the mark itself is taken as two, and a letter of two always gets on
				t.Fatalf("a row of %d: %q", n, row)
			}
		}
		if strings.ReplaceAll(got, "\n"+continued, "") != strings.ReplaceAll(text, "\n"+continued, "") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
