package ui

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// unions are what a law can belong to that is no state, by the codes of the packs.
var unions = map[string]map[string]string{
	"EU": {"en": "European Union", "de": "Europäische Union", "da": "Den Europæiske Union", "it": "Unione europea"},
	"CE": {"en": "Council of Europe", "de": "Europarat", "da": "Europarådet", "it": "Consiglio d’Europa"},
}

// The names of the CLDR, in four languages: a line a region, its code and the names in
// the order of countryLangs. A test holds them to golang.org/x/text, whose own tables
// have sixty languages and cost the program half a megabyte.
//
//go:embed countries.tsv
var countryTable string

var countryLangs = []string{"en", "de", "da", "it"}

var countries = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(countryTable) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		out[cells[0]] = cells[1:]
	}
	return out
})

// Country names a state, or a union of states, by its code of two capital letters
// in the language of the words; a code that has no name is its own.
func (w *Words) Country(code string) string {
	if name := unions[code][w.Lang]; name != "" {
		return name
	}
	names, i := countries()[code], slices.Index(countryLangs, w.Lang)
	if names == nil || i < 0 {
		return code
	}
	return names[i]
}
