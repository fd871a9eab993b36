package sheet

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"counterseal/internal/canon"
)

// Neutral makes a cell that no table program takes for a formula: one that begins,
// after spaces, with = + - @, their wide forms, a tab or a line end gets an
// apostrophe before it, which such programs show as text. Characters that cannot be
// seen become spaces.
func Neutral(s string) string {
	line := canon.Text(s)
	if line == "" {
		return ""
	}
	if strings.ContainsRune("=+-@|%＝＋－＠", []rune(line)[0]) {
		return "'" + line
	}
	return line
}

// WriteCSV writes every row with its verdict: line, verdict, codes, the row that it
// repeats, then the cells, neutralised. Line ends are CR LF, every cell is quoted
// (RFC 4180).
func (r Report) WriteCSV(w io.Writer) error {
	out := bufio.NewWriter(w)
	head := []string{"line", "verdict", "codes", "repeats"}
	for _, h := range r.Headings {
		head = append(head, h.Text)
	}
	writeRow(out, head)
	for _, row := range r.Rows {
		var codes []string
		for _, f := range row.Faults {
			codes = append(codes, f.Code)
		}
		repeats := row.OfName
		if row.OfLine > 0 {
			repeats = "line " + strconv.Itoa(row.OfLine)
		}
		writeRow(out, append([]string{strconv.Itoa(row.Line), string(row.Verdict), strings.Join(codes, " "), repeats}, row.Cells...))
	}
	return out.Flush()
}

func writeRow(w *bufio.Writer, cells []string) {
	for i, c := range cells {
		if i > 0 {
			w.WriteByte(',')
		}
		w.WriteByte('"')
		w.WriteString(strings.ReplaceAll(Neutral(c), `"`, `""`))
		w.WriteByte('"')
	}
	w.WriteString("\r\n")
}

// WriteText writes the report for a person: what each column is taken for, how many
// rows have which verdict, and each row that would not be taken in, with the reason.
func (r Report) WriteText(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "Header in line %d (%s%s)\n", r.Line, r.Format, where(r.Sheet))
	if !r.Certain {
		fmt.Fprintln(out, "The character set is not stated; some letters may be wrong")
	}
	for i, h := range r.Headings {
		means := string(h.Holds)
		switch {
		case !h.Known && h.Text != "":
			means = "unknown: passed over"
		case means == "":
			means = "passed over"
		}
		fmt.Fprintf(out, "  %-3s %-20s %s\n", Letter(i+1), h.Text, means)
	}
	fmt.Fprintf(out, "%d rows: %d ok, %d duplicate, %d in conflict, %d malformed, %d empty\n",
		len(r.Rows), r.Count(OK), r.Count(Duplicate), r.Count(Conflict), r.Count(Malformed), r.Count(Blank))
	for _, row := range r.Rows {
		row.write(out)
	}
	return out.Flush()
}

func where(sheet string) string {
	if sheet == "" {
		return ""
	}
	return ", sheet " + sheet
}

func (row Row) write(w io.Writer) {
	of := row.OfName
	if row.OfLine > 0 {
		of = "line " + strconv.Itoa(row.OfLine)
	}
	switch row.Verdict {
	case Duplicate:
		fmt.Fprintf(w, "line %d: the same as %s\n", row.Line, of)
	case Conflict:
		fmt.Fprintf(w, "line %d: the agency and number of %s, with other words\n", row.Line, of)
	case Malformed:
		for _, f := range row.Faults {
			if f.Column == 0 {
				fmt.Fprintf(w, "line %d: %s: %s\n", row.Line, f.Code, Faults[f.Code])
				continue
			}
			held := ""
			if f.Column <= len(row.Cells) {
				held = shortened(canon.Text(row.Cells[f.Column-1]))
			}
			fmt.Fprintf(w, "line %d, column %s (%s): %s: %s: %q\n", row.Line, Letter(f.Column), f.Holds, f.Code, Faults[f.Code], held)
		}
	}
}

func shortened(s string) string {
	if len(s) <= 60 {
		return s
	}
	return strings.ToValidUTF8(s[:60], "") + "…"
}
