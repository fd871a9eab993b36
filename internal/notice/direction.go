package notice

import (
	"slices"
	"strings"
	"unicode"
)

// The scripts that run from right to left, of those that living people's names
// are written in.
var leftward = []*unicode.RangeTable{unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam}

// stretches divides a line into stretches that run from right to left and the
// rest. Such a stretch begins and ends with a letter of those scripts, and holds
// only them, their marks, and what joins names: spaces, hyphens, apostrophes.
// Anything else ends it, so that what stands beside a name keeps its place.
func stretches(line string, left func(string), right func(string)) {
	runes := []rune(line)
	from, begin, end := 0, -1, -1 // the stretch is begin..end, both inside
	flush := func() {
		if begin < 0 {
			return
		}
		if begin > from {
			right(string(runes[from:begin]))
		}
		left(string(runes[begin : end+1]))
		from, begin = end+1, -1
	}
	for i, r := range runes {
		switch {
		case unicode.In(r, leftward...) && !unicode.IsDigit(r):
			if begin < 0 {
				begin = i
			}
			end = i
		case begin >= 0 && end == i-1 && unicode.Is(unicode.Mn, r):
			end = i
		case r != ' ' && !strings.ContainsRune("-–'’׳״־", r):
			flush()
		}
	}
	flush()
	if from < len(runes) {
		right(string(runes[from:]))
	}
}

// isolated puts each stretch between U+2068 and U+2069, as UAX #9 asks for text
// of unknown direction, so that it cannot reorder what stands beside it.
func isolated(line string) string {
	var b strings.Builder
	stretches(line, func(s string) { b.WriteString("\u2068" + s + "\u2069") }, func(s string) { b.WriteString(s) })
	return b.String()
}

// drawn puts a line into the order in which paper shows it, from the left.
func drawn(line string) string {
	var b strings.Builder
	stretches(line, func(s string) { b.WriteString(reversed(joined(s))) }, func(s string) { b.WriteString(s) })
	return b.String()
}

// reversed turns a stretch round, with each mark behind its letter.
func reversed(s string) string {
	var letters []string
	for _, r := range s {
		if unicode.Is(unicode.Mn, r) && len(letters) > 0 {
			letters[len(letters)-1] += string(r)
			continue
		}
		letters = append(letters, string(r))
	}
	slices.Reverse(letters)
	return strings.Join(letters, "")
}

// The shapes of an Arabic letter begin at its isolated form (Unicode,
// Arabic Presentation Forms): isolated, final, and if it also joins what
// follows, initial and medial.
type shapes struct {
	isolated rune
	joins    bool // what follows
}

var arabic = map[rune]shapes{
	'ء': {0xFE80, false}, 'آ': {0xFE81, false}, 'أ': {0xFE83, false}, 'ؤ': {0xFE85, false}, 'إ': {0xFE87, false}, 'ئ': {0xFE89, true},
	'ا': {0xFE8D, false}, 'ب': {0xFE8F, true}, 'ة': {0xFE93, false}, 'ت': {0xFE95, true}, 'ث': {0xFE99, true}, 'ج': {0xFE9D, true},
	'ح': {0xFEA1, true}, 'خ': {0xFEA5, true}, 'د': {0xFEA9, false}, 'ذ': {0xFEAB, false}, 'ر': {0xFEAD, false}, 'ز': {0xFEAF, false},
	'س': {0xFEB1, true}, 'ش': {0xFEB5, true}, 'ص': {0xFEB9, true}, 'ض': {0xFEBD, true}, 'ط': {0xFEC1, true}, 'ظ': {0xFEC5, true},
	'ع': {0xFEC9, true}, 'غ': {0xFECD, true}, 'ف': {0xFED1, true}, 'ق': {0xFED5, true}, 'ك': {0xFED9, true}, 'ل': {0xFEDD, true},
	'م': {0xFEE1, true}, 'ن': {0xFEE5, true}, 'ه': {0xFEE9, true}, 'و': {0xFEED, false}, 'ى': {0xFEEF, false}, 'ي': {0xFEF1, true},
	'پ': {0xFB56, true}, 'چ': {0xFB7A, true}, 'ژ': {0xFB8A, false}, 'ک': {0xFB8E, true}, 'گ': {0xFB92, true}, 'ی': {0xFBFC, true},
}

// lamAlef are the obligatory ligatures of lam with an alef: isolated; final is the next.
var lamAlef = map[rune]rune{'آ': 0xFEF5, 'أ': 0xFEF7, 'إ': 0xFEF9, 'ا': 0xFEFB}

// joined gives Arabic letters the shape that their neighbours ask for.
func joined(s string) string {
	runes := []rune(s)
	var out []rune
	before := false // whether the letter before joins what follows
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		x, known := arabic[r]
		if unicode.Is(unicode.Mn, r) {
			out = append(out, r)
			continue
		}
		if !known {
			out, before = append(out, r), false
			continue
		}
		if i+1 < len(runes) && r == 'ل' && lamAlef[runes[i+1]] != 0 {
			out, before = append(out, lamAlef[runes[i+1]]+offsetOf(before, false)), false
			i++
			continue
		}
		after := x.joins && joinsNext(runes[i+1:])
		out, before = append(out, x.isolated+offsetOf(before && r != 'ء', after)), after
	}
	return string(out)
}

func offsetOf(before, after bool) rune {
	switch {
	case before && after:
		return 3
	case after:
		return 2
	case before:
		return 1
	}
	return 0
}

// joinsNext reports whether the next letter, marks aside, is one that can be joined.
func joinsNext(rest []rune) bool {
	for _, r := range rest {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		_, known := arabic[r]
		return known && r != 'ء'
	}
	return false
}
