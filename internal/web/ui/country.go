package ui

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// unions are what a law can belong to that is no state, by the codes of the packs.
var unions = map[string]map[string]string{
	"EU": {"en": "European Union", "de": "Europäische Union", "da": "Den Europæiske Union", "it": "Unione europea"},
	"CE": {"en": "Council of Europe", "de": "Europarat", "da": "Europarådet", "it": "Consiglio d’Europa"},
}

var regions = map[string]display.Namer{
	"en": display.Regions(language.English), "de": display.Regions(language.German), "da": display.Regions(language.Danish), "it": display.Regions(language.Italian),
}

// Country names a state, or a union of states, by its code of two capital letters
// in the language of the words; a code that has no name is its own.
func (w *Words) Country(code string) string {
	if name := unions[code][w.Lang]; name != "" {
		return name
	}
	r, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 {
		return code
	}
	if name := regions[w.Lang].Name(r); name != "" {
		return name
	}
	return code
}
