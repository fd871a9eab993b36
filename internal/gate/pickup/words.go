package pickup

import (
	"embed"
	"strings"
)

//go:embed words/*.txt
var texts embed.FS

// readWords reads what the pages say in a language: a name and its words a line. A name
// with a dot is a code, with what it means to an officer.
func readWords(lang string) (map[string]string, error) {
	b, err := texts.ReadFile("words/" + lang + ".txt")
	out := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		out[name] = text
	}
	return out, err
}

// said are the words that the pages' scripts show: the codes, and those of progress.
func said(t map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range t {
		if strings.Contains(k, ".") {
			out[k] = v
		}
	}
	for _, k := range []string{"asking", "progress", "save", "held"} {
		out[k] = t[k]
	}
	return out
}
