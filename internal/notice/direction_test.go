package notice

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestANameFromRightToLeftKeepsWhatStandsBesideItInPlace(t *testing.T) {
	for in, want := range map[string]string{
		"To שלום כהן, 12 May":  "To ⟨שלום כהן⟩, 12 May",
		"(محمد علي) 7":         "(⟨محمد علي⟩) 7",
		"a שלום 7 כהן":         "a ⟨שלום⟩ 7 ⟨כהן⟩",
		"(שלום) (כהן)":         "(⟨שלום⟩) (⟨כהן⟩)",
		"בן־גוריון":            "⟨בן־גוריון⟩",
		"plain Ωμέγα Žižka 12": "plain Ωμέγα Žižka 12",
		"":                     "",
	} {
		got := strings.NewReplacer("\u2068", "⟨", "\u2069", "⟩").Replace(isolated(in))
		if got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestPaperShowsANameFromRightToLeft(t *testing.T) {
	for in, want := range map[string]string{
		"To שלום כהן, 12": "To ןהכ םולש, 12",
		"שָׁלוֹם":         "םוֹלשָׁ", // marks stay behind their letters
		"عمر":             "\uFEAE\uFEE4\uFECB",
		"سلام":            "\uFEE1\uFEFC\uFEB3", // lam and alef are one
		"علاء":            "\uFE80\uFEFC\uFECB",
		"abc 123":         "abc 123",
	} {
		if got := drawn(in); got != want {
			t.Errorf("%q: got %+q, want %+q", in, got, want)
		}
	}
}

func TestIsolatingLosesNothingAndPairsEachMark(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOfN(rapid.RuneFrom([]rune("abא בג1 ,()-لاםָ王")), 0, 40, -1).Draw(t, "line")
		out := isolated(in)
		if strings.NewReplacer("\u2068", "", "\u2069", "").Replace(out) != in {
			t.Fatalf("%q became %q", in, out)
		}
		open := 0
		for _, r := range out {
			switch r {
			case '\u2068':
				open++
			case '\u2069':
				open--
			}
			if open < 0 || open > 1 {
				t.Fatalf("%q is not in pairs", out)
			}
		}
		if open != 0 {
			t.Fatalf("%q is not in pairs", out)
		}
	})
}

// What is drawn is what the fonts have: each form of each Arabic letter, each
// letter of the templates, and what the dates and lists need.
func TestTheFontsHaveWhatIsDrawn(t *testing.T) {
	has := coverage()
	if len(has) < 2000 || has['王'] || has[0x10FFFF] {
		t.Fatalf("the fonts' characters are not read: %d", len(has))
	}
	need := "□–…ÆØÅæøåÄÖÜäöüßÀÈÉÌÒÙàèéìòùºłŁžŽőŐșȘ€§№ΩЖאתşğİ"
	for _, s := range arabic {
		for i := range rune(4) {
			if i >= 2 && !s.joins {
				break
			}
			if s.isolated != 0xFE80 || i == 0 {
				need += string(s.isolated + i)
			}
		}
	}
	for _, r := range lamAlef {
		need += string(r) + string(r+1)
	}
	entries, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := templates.ReadFile("templates/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		need += string(b)
	}
	for _, r := range need + reasonTable {
		if r >= ' ' && !has[r] {
			t.Errorf("%U %q", r, r)
		}
	}
}
