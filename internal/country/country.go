package country

import (
	_ "embed"
	"maps"
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
// the order of langs. A test holds them to golang.org/x/text, whose own tables have
// sixty languages and cost the program half a megabyte.
//
//go:embed countries.tsv
var table string

var langs = []string{"en", "de", "da", "it"}

var names = sync.OnceValue(func() map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), "\t")
		out[cells[0]] = cells[1:]
	}
	return out
})

// gone are codes of states that are no more, or second codes of one that is: a name
// finds the other.
var gone = strings.Fields("BU CS CT DD DY FX HV JT MI NH NQ NT PU PZ QU RH SU TP UK VD WK YD YU ZR")

// byName are the codes by their names in every language, in small letters.
var byName = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for i := range langs {
		for code, cells := range names() {
			if !slices.Contains(gone, code) {
				out[strings.ToLower(cells[i])] = code
			}
		}
	}
	return out
})

// Name names a state, or a union of states, by its code of two capital letters in a
// language; a code that has no name is its own.
func Name(code, lang string) string {
	if name := unions[code][lang]; name != "" {
		return name
	}
	cells, i := names()[code], slices.Index(langs, lang)
	if cells == nil || i < 0 {
		return code
	}
	return cells[i]
}

// Code finds the code of a state by its name in any of the languages.
func Code(name string) (string, bool) {
	code, ok := byName()[strings.ToLower(strings.TrimSpace(name))]
	return code, ok
}

// Codes lists the codes that have a name.
func Codes() []string {
	all := slices.Concat(slices.Collect(maps.Keys(names())), slices.Collect(maps.Keys(unions)))
	slices.Sort(all)
	return slices.Compact(all)
}
