package country_test

import (
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"counterseal/internal/country"
)

// Every code of two letters has the name that the library has for it, or none.
func TestCountriesHaveTheNamesOfTheCLDR(t *testing.T) {
	named := 0
	for _, lang := range []string{"en", "de", "da", "it"} {
		namer := display.Regions(language.MustParse(lang))
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				code := string(a) + string(b)
				want := code
				r, err := language.ParseRegion(code)
				if name := namer.Name(r); err == nil && name != "" {
					want = name
					named++
				}
				if got := country.Name(code, lang); got != want && code != "EU" && code != "CE" {
					t.Errorf("%s in %s is %q, want %q", code, lang, got, want)
				}
			}
		}
	}
	if named < 1000 {
		t.Errorf("only %d names", named)
	}
}

// A name in any language finds a code whose name it is.
func TestANameFindsItsCode(t *testing.T) {
	for name, want := range map[string]string{"Germany": "DE", "deutschland": "DE", "Tyskland": "DE", " Irlanda ": "IE", "United States": "US", "United Kingdom": "GB"} {
		if got, ok := country.Code(name); got != want || !ok {
			t.Errorf("%q: %q", name, got)
		}
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			name := country.Name(string(a)+string(b), "en")
			if code, ok := country.Code(name); ok && country.Name(code, "en") != name {
				t.Errorf("%s finds %s, which is %s", name, code, country.Name(code, "en"))
			}
		}
	}
	if code, ok := country.Code("Atlantis"); ok {
		t.Error(code)
	}
}
