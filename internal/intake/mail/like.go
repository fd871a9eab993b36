package mail

import (
	"strings"

	"golang.org/x/net/idna"
)

// LooksLike gives the known domain that a reader could take domain for, or "" if
// it is one of them or like none. It compares shapes: letters of other scripts and
// digits as the Latin letters they resemble, without hyphens; one letter more,
// less, other or swapped; and a known domain's name used as the beginning of
// somebody else's. It finds many tricks and cannot find all.
func LooksLike(domain string, known []string) string {
	domain = lowerASCII(domain)
	for _, k := range known {
		if domain == lowerASCII(k) || strings.HasSuffix(domain, "."+lowerASCII(k)) {
			return ""
		}
	}
	if len(domain) > 255 {
		return ""
	}
	s := skeleton(domain)
	for _, k := range known {
		k = lowerASCII(k)
		want := skeleton(k)
		registered, _, _ := strings.Cut(k, ".")
		switch {
		case s == want,
			strings.HasPrefix(s, want+"."),
			len(registered) >= 4 && strings.HasPrefix(s, strings.ReplaceAll(want, ".", "")),
			len(want) >= 7 && near(s, want):
			return k
		}
	}
	return ""
}

// shapes are characters that resemble Latin letters in common type.
var shapes = strings.NewReplacer("0", "o", "1", "l", "3", "e", "5", "s", "rn", "m", "vv", "w", "cl", "d", "-", "", "i", "l", "ı", "l", "ł", "l",
	"а", "a", "в", "b", "с", "c", "ԁ", "d", "е", "e", "ё", "e", "һ", "h", "н", "h", "і", "l", "ј", "j", "к", "k", "ӏ", "l", "м", "m", "о", "o", "р", "p", "ԛ", "q", "ѕ", "s", "т", "t", "у", "y", "х", "x", "ѡ", "w",
	"α", "a", "β", "b", "ε", "e", "η", "n", "ι", "l", "κ", "k", "ν", "v", "ο", "o", "ρ", "p", "τ", "t", "υ", "u", "χ", "x",
	"à", "a", "á", "a", "â", "a", "ä", "a", "å", "a", "ā", "a", "ạ", "a", "ç", "c", "è", "e", "é", "e", "ê", "e", "ë", "e", "ē", "e", "ẹ", "e", "ì", "l", "í", "l", "î", "l", "ï", "l", "ī", "l", "ị", "l",
	"ñ", "n", "ò", "o", "ó", "o", "ô", "o", "ö", "o", "ø", "o", "ō", "o", "ọ", "o", "š", "s", "ş", "s", "ù", "u", "ú", "u", "û", "u", "ü", "u", "ū", "u", "ụ", "u", "ý", "y", "ž", "z", "ɡ", "g", "K", "k", "ſ", "s",
	"。", ".", "．", ".", "｡", ".")

// skeleton is the shape of a domain. Names written in the encoded form (RFC 3492)
// are decoded for it; one that cannot be decoded keeps its letters.
func skeleton(domain string) string {
	if u, err := idna.Punycode.ToUnicode(domain); err == nil {
		domain = u
	}
	return shapes.Replace(strings.ToLower(domain))
}

// near says whether one letter was added, left out, changed, or swapped with its
// neighbour.
func near(a, b string) bool {
	if a == b || len(a)-len(b) > 1 || len(b)-len(a) > 1 {
		return false
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	if len(a) > len(b) {
		return a[i+1:] == b[i:]
	}
	if a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
