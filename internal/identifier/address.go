package identifier

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"counterseal/internal/scope"
)

// readAddress reads one mail address. The local part is folded in ASCII only, as
// the stores do; a "+tag" is part of it.
func readAddress(s string) (Identifier, error) {
	if strings.ContainsFunc(s, unicode.IsSpace) || strings.ContainsAny(s, ",<>") || len(s) > scope.MaxAddress {
		return Identifier{}, malformed("an address is one word of up to %d bytes, without a display name", scope.MaxAddress).Fix("state the address alone, as in ada@lindworm.example")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at == len(s)-1 {
		if strings.ContainsAny(s, "\uff20\ufe6b") {
			return Identifier{}, ambiguous("it holds a sign that looks like @ and is another").Fix("ask for the address as it is typed")
		}
		return Identifier{}, malformed("an address has a local part, an @ and a domain")
	}
	local, domain := s[:at], s[at+1:]
	host, notes, err := readDomain(domain)
	if err != nil {
		return Identifier{}, err
	}
	return Identifier{Normal: lowerASCII(local) + "@" + host, Notes: append(beyondASCII(local), notes...)}, nil
}

// readDomain gives a domain in ASCII. A label with letters of the Latin
// supplements becomes its xn-- form, as every program does; whatever programs
// treat in two ways is refused: dots that are not the full stop (IDNA maps
// U+3002, U+FF0E and U+FF61 to it, others do not), ß and other letters on which
// IDNA 2003 and 2008 differ, combining marks, other scripts.
func readDomain(s string) (string, []string, error) {
	if plainDomain(s) {
		return lowerASCII(s), nil, nil
	}
	for _, r := range s {
		if strings.ContainsRune("\u3002\uff0e\uff61\u2024\ufe52", r) {
			return "", nil, ambiguous("it holds %U, which some programs read as a dot and others do not", r).Fix("ask for the domain with full stops")
		}
	}
	labels := strings.Split(s, ".")
	var notes []string
	for i, l := range labels {
		if l == "" {
			return "", nil, malformed("a domain has no empty label and no dot at its end")
		}
		ascii, err := readLabel(l)
		if err != nil {
			return "", nil, err
		}
		if ascii != lowerASCII(l) {
			notes = append(notes, "The domain's label "+l+" was compared as "+ascii+".")
		}
		labels[i] = ascii
	}
	host := strings.Join(labels, ".")
	if len(host) > 253 {
		return "", nil, malformed("a domain has at most 253 bytes")
	}
	return host, notes, nil
}

// plainDomain reports whether a domain is in ASCII and all in order, as nearly all
// are: a map has a million of them.
func plainDomain(s string) bool {
	label := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.' && label > 0:
			label = 0
		case asciiLabel(rune(c)) && label < 63:
			label++
		default:
			return false
		}
	}
	return label > 0 && len(s) <= 253
}

func readLabel(l string) (string, error) {
	plain := true
	for _, r := range l {
		plain = plain && r < utf8.RuneSelf
		if r < utf8.RuneSelf && !asciiLabel(r) {
			return "", malformed("a domain holds letters, digits, hyphens and dots, not %q", r)
		}
		if r >= utf8.RuneSelf && !settled(r) {
			return "", ambiguous("its domain holds %U, which programs read in different ways or which looks like another letter", r).Fix("ask for the domain in its xn-- form")
		}
	}
	out := lowerASCII(l)
	if !plain {
		out = "xn--" + punycode(strings.Map(unicode.ToLower, l))
	}
	if len(out) > 63 {
		return "", malformed("a domain's label has at most 63 bytes")
	}
	return out, nil
}

func asciiLabel(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_'
}

// settled reports a letter of Latin-1 or Latin Extended-A that every version of
// IDNA reads alike and that looks like no other.
func settled(r rune) bool {
	return (r >= 'À' && r <= 'ſ') && unicode.IsLetter(r) && !strings.ContainsRune("ßĲĳĸĿŀŉİıſ", r)
}

// punycode encodes one label (RFC 3492 §6.3). The label has at most MaxStated
// bytes, so nothing overflows.
func punycode(label string) string {
	const base, tmin, tmax, skew, damp, initialBias, initialN = 36, 1, 26, 38, 700, 72, 128
	runes := []rune(label)
	var out []byte
	for _, r := range runes {
		if r < utf8.RuneSelf {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	done := basic
	if basic > 0 {
		out = append(out, '-')
	}
	digit := func(d int) byte {
		if d < 26 {
			return byte('a' + d)
		}
		return byte('0' + d - 26)
	}
	n, delta, bias := rune(initialN), 0, initialBias
	for done < len(runes) {
		next := rune(unicode.MaxRune)
		for _, r := range runes {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tmin), tmax)
				if q < t {
					break
				}
				out = append(out, digit(t+(q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			out = append(out, digit(q))
			// adapt, RFC 3492 §6.1
			if done == basic {
				delta /= damp
			} else {
				delta /= 2
			}
			delta += delta / (done + 1)
			k := 0
			for ; delta > (base-tmin)*tmax/2; k += base {
				delta /= base - tmin
			}
			bias = k + (base-tmin+1)*delta/(delta+skew)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return string(out)
}
