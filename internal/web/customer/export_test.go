package customer

import (
	"fmt"
	"strings"
)

// Missing lists what one language has and another has not, or has in the same words.
func Missing() (out []string) {
	for _, lang := range Languages {
		for key, text := range english {
			other, ok := texts[lang][key]
			switch {
			case !ok || other == "":
				out = append(out, fmt.Sprintf("%s has no %q", lang, key))
			case strings.Count(other, "%") != strings.Count(text, "%"):
				out = append(out, fmt.Sprintf("%s: %q takes %d values", lang, key, strings.Count(other, "%")))
			case lang != "en" && other == text && key != "accounts":
				out = append(out, fmt.Sprintf("%s: %q is in English", lang, key))
			}
		}
		if len(texts[lang]) != len(english) {
			out = append(out, lang+" has texts that English has not")
		}
	}
	return out
}
