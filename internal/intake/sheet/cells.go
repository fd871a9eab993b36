package sheet

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// sheetReader reads the rows of one sheet as they stream by.
type sheetReader struct {
	w     *workbook
	rows  []gridRow
	row   *gridRow
	kind  string // attribute t of the cell
	style string
	at    int // column of the cell, from 1
	value strings.Builder
	form  strings.Builder
	has   bool // the cell has a formula
	into  *strings.Builder
}

func (w *workbook) readSheet(part string) ([]gridRow, error) {
	r := &sheetReader{w: w}
	err := w.each(part, r.start, r.end, func(t []byte) {
		if r.into != nil && r.into.Len() <= maxCell {
			r.into.Write(t)
		}
	})
	return r.rows, err
}

func (r *sheetReader) start(_ *xml.Decoder, e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		return r.begin(attr(e, "r"))
	case "c":
		return r.cell(e)
	case "v", "t":
		r.into = &r.value
	case "f":
		r.has, r.into = true, &r.form
	case "rPh":
		r.into = nil
	}
	return nil
}

func (r *sheetReader) begin(number string) error {
	line := 1
	if len(r.rows) > 0 {
		line = r.rows[len(r.rows)-1].line + 1
	}
	if number != "" {
		n, err := strconv.Atoi(number)
		if err != nil || n < line || n > 1<<20 {
			return formProblem("the rows of the sheet are out of order").At("row %.20q", number)
		}
		line = n
	}
	if len(r.rows) == maxRows {
		return tooMany("a table has at most %d rows", maxRows)
	}
	r.rows = append(r.rows, gridRow{line: line})
	r.row = &r.rows[len(r.rows)-1]
	return nil
}

func (r *sheetReader) cell(e xml.StartElement) error {
	if r.row == nil {
		return formProblem("the sheet has a cell outside a row")
	}
	r.at = len(r.row.cells) + 1
	if ref := attr(e, "r"); ref != "" {
		at := columnOf(ref)
		if at < r.at {
			return formProblem("the cells of a row are out of order").At("line %d", r.row.line)
		}
		r.at = at
	}
	if r.at > maxColumns {
		return tooMany("a table has at most %d columns", maxColumns).At("line %d", r.row.line)
	}
	r.kind, r.style, r.has, r.into = attr(e, "t"), attr(e, "s"), false, nil
	r.value.Reset()
	r.form.Reset()
	return nil
}

// columnOf is the number of the column that a reference such as BC12 names, or 0.
func columnOf(ref string) int {
	n := 0
	for _, c := range []byte(ref) {
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > 1<<14 {
			return 1 << 14
		}
	}
	return n
}

func (r *sheetReader) end(name string) error {
	switch name {
	case "v", "t", "f", "rPh":
		r.into = nil
	case "c":
		if r.row == nil {
			return nil
		}
		for len(r.row.cells) < r.at-1 {
			r.row.cells = append(r.row.cells, cell{})
		}
		c := r.read()
		if len(c.text) > maxCell {
			return tooMany("a cell has at most %d bytes", maxCell).At("line %d, column %s", r.row.line, Letter(r.at))
		}
		r.row.cells = append(r.row.cells, c)
	case "row":
		r.row = nil
	}
	return nil
}

// read makes the cell out of what stood in it.
func (r *sheetReader) read() cell {
	value := r.value.String()
	if r.has {
		return cell{strings.TrimPrefix(r.form.String(), "="), asFormula}
	}
	switch r.kind {
	case "s":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n >= len(r.w.strings) {
			return cell{value, asError}
		}
		return cell{text: r.w.strings[n]}
	case "inlineStr", "str":
		return cell{text: value}
	case "b":
		return cell{text: map[string]string{"1": "TRUE", "0": "FALSE"}[value]}
	case "e":
		return cell{value, asError}
	case "d":
		day, _, _ := strings.Cut(value, "T")
		return cell{day, asDay}
	}
	if value == "" {
		return cell{}
	}
	if s, err := strconv.Atoi(r.style); err == nil && s >= 0 && s < len(r.w.dates) && r.w.dates[s] {
		if day, ok := r.w.day(value); ok {
			return cell{day, asDay}
		}
	}
	return cell{value, asNumber}
}
