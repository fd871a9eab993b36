package grant

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// maxAlike is how many letters of one name are told.
const maxAlike = 8

// LooksAlike says of each identifier and participant in a grant which letters it has
// beyond those of ASCII: some of them look like others, and an address of somebody else
// may differ from the one in the order by nothing that anybody sees (UTS #39). It is for
// those who approve; what is compared is compared byte for byte.
func LooksAlike(g Grant) (out []string) {
	names := map[string]bool{}
	for _, t := range g.Targets {
		names[t.Stated] = true
	}
	for _, sel := range g.Scope.Selectors() {
		for _, p := range sel.Participants {
			names[p] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if letters := beyond(name); len(letters) > 0 {
			out = append(out, fmt.Sprintf("%s has letters beyond a–z: %s", name, strings.Join(letters, ", ")))
		}
	}
	return out
}

// beyond lists a name's letters that are not of ASCII, each once, with their scripts.
func beyond(name string) (out []string) {
	seen := map[rune]bool{}
	for _, r := range name {
		if r <= unicode.MaxASCII || seen[r] {
			continue
		}
		seen[r] = true
		if len(out) == maxAlike {
			return append(out, "…")
		}
		out = append(out, fmt.Sprintf("%c (%s, U+%04X)", r, script(r), r))
	}
	return out
}

func script(r rune) string {
	for _, name := range slices.Sorted(maps.Keys(unicode.Scripts)) {
		if unicode.Is(unicode.Scripts[name], r) {
			return strings.ReplaceAll(name, "_", " ")
		}
	}
	return "no script"
}
