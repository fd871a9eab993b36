package ui_test

import (
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"counterseal/internal/web/ui"
)

// Every code of two letters has the name that the library has for it, or none.
func TestCountriesHaveTheNamesOfTheCLDR(t *testing.T) {
	named := 0
	for _, lang := range []string{"en", "de", "da", "it"} {
		namer, words := display.Regions(language.MustParse(lang)), ui.WordsFor(lang)
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string(a) + string(b)
				want := code
				r, err := language.ParseRegion(code)
				if name := namer.Name(r); err == nil && name != "" {
					want = name
					named++
				}
				if got := words.Country(code); got != want && code != "EU" && code != "CE" {
					t.Errorf("%s in %s is %q, want %q", code, lang, got, want)
				}
			}
		}
	}
	if named < 1000 {
		t.Errorf("only %d names", named)
	}
}
