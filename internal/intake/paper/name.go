package paper

import (
	"strings"
	"unicode/utf8"

	"counterseal/internal/canon"
)

// maxName bounds a name as shown, in bytes.
const maxName = 120

// Name makes a file name from outside fit to be shown, and to be offered as a
// name for saving: the last element of a path, without characters that cannot be
// seen or that mean something to a file system, without leading dots, and not the
// name of a device. It says whether anything but a path was taken away. It is
// never used to open anything.
func Name(stated string) (name string, changed bool) {
	base := stated
	if i := strings.LastIndexAny(base, `/\`); i >= 0 {
		base = base[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`<>:"|?*`, r) {
			return '_'
		}
		return r
	}, canon.Text(base))
	name = strings.TrimRight(strings.TrimLeft(name, ". "), ". ")
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch {
	case stem == "con", stem == "prn", stem == "aux", stem == "nul", len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt") && stem[3] >= '0' && stem[3] <= '9':
		name = "_" + name
	}
	name = shorten(name)
	if name == "" {
		return "unnamed", stated != ""
	}
	return name, name != base
}

// shorten keeps the end of the name, which says what it claims to be.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	ending := Ending(name)
	if ending != "" {
		ending = "." + ending
	}
	cut := maxName - len(ending) - len("…")
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "…" + ending
}

// Ending is what follows the last dot, in lower-case ASCII, or "".
func Ending(name string) string {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || len(name)-i > 10 {
		return ""
	}
	out := []byte(name[i+1:])
	for k, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[k] = c + 'a' - 'A'
		} else if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return ""
		}
	}
	return string(out)
}
