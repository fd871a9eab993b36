package pickup

import "strings"

// words are what the pages say, by language. A name with a dot is a code, with what it
// means to an officer.
var words = map[string]map[string]string{"en": english, "de": german, "da": danish, "it": italian}

// saidAlways are the words beside codes that a page's script shows.
var saidAlways = map[string][]string{"pickup.html": {"asking", "progress", "save", "held"}}

// said are the words that a page's script shows: the codes, and those beside them.
func said(t map[string]string, page string) map[string]string {
	out := map[string]string{}
	for k, v := range t {
		if strings.Contains(k, ".") {
			out[k] = v
		}
	}
	for _, k := range saidAlways[page] {
		out[k] = t[k]
	}
	return out
}
