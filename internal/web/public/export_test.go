package public

import (
	"fmt"
	"strings"

	"counterseal/internal/report"
)

// Missing lists what one language has and another has not, or has in the same
// words, and codes without words.
func Missing() (out []string) {
	same := map[string]bool{"c.subpoena": true}
	for _, lang := range languages {
		for key, text := range reportTexts["en"] {
			other := reportTexts[lang][key]
			if other == "" || strings.Count(other, "%") != strings.Count(text, "%") || lang != "en" && other == text && !same[key] {
				out = append(out, fmt.Sprintf("%s: %q is %q", lang, key, other))
			}
		}
		for _, o := range report.Outcomes {
			if reportTexts[lang]["o."+string(o)] == "" {
				out = append(out, lang+": no outcome "+string(o))
			}
		}
		for _, c := range report.Classes {
			if reportTexts[lang]["c."+c] == "" {
				out = append(out, lang+": no class "+c)
			}
		}
		if len(reportTexts[lang]) != len(reportTexts["en"]) {
			out = append(out, lang+" has texts that English has not")
		}
	}
	return out
}

// MissingOfGuide lists the texts of the guidelines' pages that a language lacks.
func MissingOfGuide() (out []string) {
	for key := range guideTexts["en"] {
		for _, lang := range languages {
			if guideTexts[lang][key] == "" {
				out = append(out, lang+" lacks "+key)
			}
		}
	}
	return out
}
