package paper

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText bounds the text that is given for reading, in bytes.
const MaxText = 1 << 20

// Unseen says what Inert left out.
type Unseen struct {
	Invisible bool // controls, zero width, unassigned
	Direction bool // what turns the direction of writing
	Replaced  bool // bytes that are not UTF-8, shown as U+FFFD
	Cut       bool // the text was longer than the bound
}

// Inert makes text fit to be shown: UTF-8 of visible characters, spaces, tabs and
// line feeds, at most most bytes, never ending inside a character. Every kind of
// line end becomes a line feed and every kind of space a space, so that words do
// not run together; what cannot be seen is left out and reported.
func Inert(s string, most int) (string, Unseen) {
	var b strings.Builder
	var u Unseen
	b.Grow(min(len(s), most))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == '\r' && i+1 < len(s) && s[i+1] == '\n' {
			size = 2
		}
		i += size
		if r == utf8.RuneError && size == 1 {
			u.Replaced = true
		}
		shown, seen := shape(r)
		if !seen {
			turns := unicode.Is(unicode.Bidi_Control, r)
			u.Direction, u.Invisible = u.Direction || turns, u.Invisible || !turns
			continue
		}
		if b.Len()+utf8.RuneLen(shown) > most {
			u.Cut = true
			break
		}
		b.WriteRune(shown)
	}
	return b.String(), u
}

// shape gives the character that stands for r, or false where r has no shape.
func shape(r rune) (rune, bool) {
	switch {
	case r == '\n' || r == '\t' || r == utf8.RuneError:
		return r, true
	case r == '\r' || r == '\f' || r == '\v' || r == 0x85 || r == 0x2028 || r == 0x2029:
		return '\n', true
	case unicode.Is(unicode.Zs, r), r == '\u2800':
		return ' ', true
	}
	ok := unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r)
	return r, ok
}

// remark turns what was left out into remarks at a place.
func (u Unseen) remark(r *remarks, where string) {
	for _, c := range []struct {
		on   bool
		code string
	}{{u.Invisible, "paper.invisible"}, {u.Direction, "paper.direction"}, {u.Replaced, "paper.encoding"}, {u.Cut, "paper.cut"}} {
		if c.on {
			r.add(c.code, where)
		}
	}
}

// Remarks are the remarks that follow from what was left out.
func (u Unseen) Remarks(where string) []Remark {
	var r remarks
	u.remark(&r, where)
	return r
}
