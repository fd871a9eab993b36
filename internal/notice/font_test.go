package notice

import (
	"slices"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"github.com/google/go-cmp/cmp"
)

// The small face is chosen by what a letter says, so nobody may see which it was: its
// letters are the large one's, and as wide.
func TestTheSmallFaceHasTheLettersOfTheLargeOne(t *testing.T) {
	small, large := smallFace(), largeFace()
	if len(small.has) < 500 || len(small.has)*4 > len(large.has) {
		t.Fatalf("%d letters of %d", len(small.has), len(large.has))
	}
	var all []rune
	for r := range small.has {
		if !large.has[r] {
			t.Errorf("the large face lacks %q", r)
		}
		all = append(all, r)
	}
	slices.Sort(all)
	for style, fonts := range map[string][2][]byte{"": {small.regular, large.regular}, "B": {small.bold, large.bold}} {
		widths := func(font []byte) (out []float64) {
			f := fpdf.New("P", "pt", "A4", "")
			f.AddUTF8FontFromBytes("letter", style, font)
			f.SetFont("letter", style, 10)
			for _, r := range all {
				out = append(out, f.GetStringWidth(string(r)))
			}
			return out
		}
		if diff := cmp.Diff(widths(fonts[1]), widths(fonts[0])); diff != "" {
			t.Errorf("%q: %s", style, diff)
		}
	}
}

func TestALetterInAnotherScriptIsDrawnFromTheLargeFace(t *testing.T) {
	for text, want := range map[string]bool{
		"# Answer\n\nTo Jürgen Größ, Ærø; § 3, 12 €\n\n- città – über": true,
		"# Answer\n\nTo Ελένη Παππά":                                   false,
		"# Жалоба\n\nTo somebody":                                      false,
		"# Answer\n\n- one\n- שלום":                                    false,
		"# Answer\n\nTo 王伟, whom no face draws":                        false,
	} {
		if got := latin(parse(text)); got != want {
			t.Errorf("%q: %t", text, got)
		}
		sheet, err := pdf("en", time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), parse(text))
		if err != nil || len(sheet) < 5_000 {
			t.Errorf("%q: %d bytes, %v", text, len(sheet), err)
		}
	}
}
