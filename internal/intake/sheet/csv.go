package sheet

import (
	"context"
	"strings"

	"counterseal/internal/intake/paper"
)

// readCSV cuts a text into rows and cells (RFC 4180; line ends of any kind). A row
// whose quotation marks do not close comes back as one broken row of that line
// alone, and reading goes on with the next line, so that one mark too few does not
// swallow the rest of the table.
func readCSV(ctx context.Context, b []byte, comma byte) (grid, error) {
	text, certain := paper.Decode(b)
	g := grid{format: "csv", certain: certain}
	text = strings.TrimPrefix(text, "\uFEFF")
	if rest, ok := strings.CutPrefix(text, "sep="); ok && comma == 0 && len(rest) > 1 && (rest[1] == '\n' || rest[1] == '\r') {
		comma, text = rest[0], strings.TrimLeft(rest[1:], "\r\n")
	}
	if comma == 0 {
		comma = separator(text)
	}
	line := 1
	for len(text) > 0 {
		if len(g.rows)%1024 == 0 {
			if err := interrupted(ctx); err != nil {
				return grid{}, err
			}
		}
		cells, n, ok := cutRow(text, comma)
		if !ok {
			n = lineLength(text)
			cells = []cell{{strings.TrimRight(text[:n], "\r\n"), asBroken}}
		}
		if len(g.rows) == maxRows {
			return grid{}, tooMany("a table has at most %d rows", maxRows)
		}
		if len(cells) > maxColumns {
			return grid{}, tooMany("a table has at most %d columns", maxColumns).At("line %d", line)
		}
		g.rows = append(g.rows, gridRow{line, cells})
		line += lines(text[:n])
		text = text[n:]
	}
	return g, nil
}

// separator is the one of comma, semicolon and tab that the first line has most of.
func separator(text string) byte {
	first := strings.TrimLeft(text, "\r\n")
	first = first[:lineLength(first)]
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if strings.Count(first, string(c)) > strings.Count(first, string(best)) {
			best = c
		}
	}
	return best
}

// lineLength is the length of the first line with its end.
func lineLength(s string) int {
	i := strings.IndexAny(s, "\r\n")
	switch {
	case i < 0:
		return len(s)
	case strings.HasPrefix(s[i:], "\r\n"):
		return i + 2
	}
	return i + 1
}

// lines counts line ends.
func lines(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}

// cutRow gives the cells of the first row and its length.
func cutRow(s string, comma byte) (cells []cell, n int, ok bool) {
	stop := string([]byte{comma, '\r', '\n', '"'})
	for {
		var text string
		if n < len(s) && s[n] == '"' {
			var end int
			text, end, ok = quoted(s[n:])
			if !ok {
				return nil, 0, false
			}
			n += end
		} else {
			end := strings.IndexAny(s[n:], stop)
			if end < 0 {
				end = len(s) - n
			}
			text = s[n : n+end]
			n += end
		}
		cells = append(cells, cell{text: text})
		switch {
		case n == len(s):
			return cells, n, true
		case s[n] == comma:
			n++
		case s[n] == '\r' || s[n] == '\n':
			return cells, n + lineLength(s[n:]), true
		default: // a mark inside a cell, or words after the closing one
			return nil, 0, false
		}
	}
}

// quoted reads a cell between quotation marks and gives where it ends.
func quoted(s string) (string, int, bool) {
	for i := 1; i < len(s) && i <= maxCell+1024; i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		return strings.ReplaceAll(s[1:i], `""`, `"`), i + 1, true
	}
	return "", 0, false
}
