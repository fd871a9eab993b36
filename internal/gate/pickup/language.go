package pickup

import (
	"slices"
	"strconv"
	"strings"
)

type language struct{ Code, Name string }

var languages = []language{{"en", "English"}, {"de", "Deutsch"}, {"da", "Dansk"}, {"it", "Italiano"}}

// preferred is the language that the reader likes best of ours (RFC 9110, section
// 12.5.4); English where there is none.
func preferred(accept string) string {
	best, weight := "en", 0.0
	for i, part := range strings.Split(accept, ",") {
		if i == 20 {
			break
		}
		tag, rest, weighted := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if weighted {
			n, ok := strings.CutPrefix(strings.TrimSpace(rest), "q=")
			v, err := strconv.ParseFloat(n, 64)
			if !ok || err != nil {
				continue
			}
			q = v
		}
		if slices.ContainsFunc(languages, func(l language) bool { return l.Code == primary }) && q > weight {
			best, weight = primary, q
		}
	}
	return best
}
