package cli

import (
	"cmp"
	"strings"
	"unicode"
)

// columns is how much of a line stands on a row of a terminal that is as narrow as any.
const columns = 78

// continued begins a row that goes on with the line before.
const continued = "    ⤷ "

// folded breaks the lines of a text that is to be signed before a terminal breaks them,
// at a space where there is one, and says so: a value as long as a row would else go on
// at the margin, where its words could pass for a line of their own.
func folded(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		for room, first := columns, true; line != ""; room, first = columns-len([]rune(continued)), false {
			if !first {
				b.WriteString("\n" + continued)
			}
			n := rowOf(line, room)
			b.WriteString(line[:n])
			line = line[n:]
		}
	}
	return b.String()
}

// rowOf is how many bytes of a line stand on a row of so many columns.
func rowOf(line string, room int) int {
	space, at := 0, 0
	for i, r := range line {
		if at += columnsOf(r); at > room && r != '\n' {
			return cmp.Or(space, i)
		}
		if r == ' ' {
			space = i + 1
		}
	}
	return len(line)
}

// columnsOf is how many columns a letter may take: those of East Asia take two.
func columnsOf(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= 0x1100:
		return 2
	}
	return 1
}
