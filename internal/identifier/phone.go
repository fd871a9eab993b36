package identifier

import (
	"slices"
	"strings"
)

// readPhone reads a telephone number with its country code into E.164 (at most
// fifteen digits). A number without one belongs to whatever country the reader
// has in mind, so it is refused, and so is the prefix 00, which is an
// international prefix in some countries and part of a number in others.
func readPhone(s string) (Identifier, error) {
	rest := s
	if lowerASCII(s[:min(4, len(s))]) == "tel:" { // RFC 3966
		rest = s[4:]
	}
	if strings.ContainsAny(rest, ";,xX#*") {
		return Identifier{}, malformed("an extension or a dialling command is not part of a number").Fix("state the number alone")
	}
	number, plus := strings.CutPrefix(strings.TrimLeft(rest, " \t\u00a0"), "+")
	if !plus {
		return Identifier{}, ambiguous("a number without its country code").Fix("ask for it with + and the country code, as in +44 20 7946 0018")
	}
	number, trunk := cutTrunk(number)
	digits, err := digitsOf(number)
	if err != nil {
		return Identifier{}, err
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' {
		return Identifier{}, malformed("a number of E.164 has 7 to 15 digits and begins with a country code")
	}
	code := countryCode(digits)
	if trunk && !slices.Contains(trunkZero, code) {
		return Identifier{}, ambiguous("in numbers of +%s the (0) may belong to the number or not", code).Fix("ask for the number as it is dialled from abroad")
	}
	if slices.Contains(trunkZero, code) && digits[len(code)] == '0' {
		return Identifier{}, ambiguous("a number of +%s has no 0 after the country code", code).Fix("ask for the number as it is dialled from abroad")
	}
	return Identifier{Normal: "+" + digits}, nil
}

// cutTrunk takes "(0)" out of a number where it stands after the country code.
func cutTrunk(number string) (string, bool) {
	before, after, found := strings.Cut(number, "(0)")
	digits := strings.Trim(before, " \u00a0-./")
	if !found || len(digits) == 0 || len(digits) > 3 {
		return number, false
	}
	return before + after, true
}

// digitsOf takes off what is written between digits for the eye, hyphens of
// Unicode and the space that does not break included.
func digitsOf(number string) (string, error) {
	var b strings.Builder
	for _, r := range number {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune(" \t\u00a0-.()/\u2010\u2011\u2012\u2013", r):
		default:
			return "", malformed("a number has digits from 0 to 9, not %q (%U)", r, r)
		}
	}
	return b.String(), nil
}

// countryCode is the country code that a number of E.164 begins with: one digit
// for 1 and 7, two for those listed, three for all others (ITU-T list of E.164
// country codes).
func countryCode(digits string) string {
	if digits[0] == '1' || digits[0] == '7' {
		return digits[:1]
	}
	if strings.Contains(twoDigits, " "+digits[:2]+" ") {
		return digits[:2]
	}
	return digits[:3]
}

const twoDigits = " 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 "

// trunkZero are country codes whose numbers lose a leading 0 when dialled from
// abroad, so that "(0)" there says nothing. Italy (39) keeps it and Denmark (45)
// has none; of countries that are not listed nothing is supposed.
var trunkZero = []string{"27", "31", "32", "33", "353", "358", "40", "41", "43", "44", "46", "49", "61", "64", "81", "82", "90", "381", "385", "386"}
