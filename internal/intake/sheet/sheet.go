package sheet

import (
	"bytes"
	"context"

	"counterseal/internal/calendar"
	"counterseal/internal/problem"
)

// Bounds of one table.
const (
	MaxSheet    = 32 << 20 // bytes of the file
	maxUnpacked = 64 << 20 // bytes of a workbook unpacked
	maxRows     = 100_000
	maxColumns  = 100
	maxCell     = 32 << 10 // bytes
)

// Options say how a table is to be read.
type Options struct {
	Headings map[string]Column // headings beside those that are understood; "" for a column to pass over
	Outcomes map[string]string // words for outcomes beside those that are understood
	Dates    string            // YYYY-MM-DD (also where empty), DD.MM.YYYY, DD/MM/YYYY, DD-MM-YYYY or MM/DD/YYYY
	Comma    byte              // between the cells of CSV; 0: comma, semicolon or tab, by the header
	Sheet    string            // of a workbook; empty: the first
	Today    calendar.Day      // nothing was received after it; zero: not asked

	// Known finds a demand that is on file by its key, with the digest of its words
	// and the name under which a person finds it. Nil: none is.
	Known func(key [32]byte) (name string, digest [32]byte, known bool)
}

// Verdict is what became of a row.
type Verdict string

const (
	OK        Verdict = "ok"
	Duplicate Verdict = "duplicate"
	Conflict  Verdict = "conflict"
	Malformed Verdict = "malformed"
	Blank     Verdict = "empty"
)

// Fault says what is wrong with one cell. Codes are those of Faults.
type Fault struct {
	Code   string `json:"code"`
	Column int    `json:"column"` // from 1; 0 for the whole row
	Holds  Column `json:"holds,omitempty"`
}

// Faults are the codes of faults, each with its sentence.
var Faults = map[string]string{
	"sheet.accounts":    "accounts are a whole number from 0 to 1,000,000",
	"sheet.cell_error":  "the workbook has an error here instead of a value",
	"sheet.country":     "a country is two capital letters of ISO 3166-1; GB for the United Kingdom",
	"sheet.date":        "this is not a day in the form that was named",
	"sheet.date_plain":  "this number is not marked as a date in the workbook",
	"sheet.extra_cells": "the row has more cells than the header has headings",
	"sheet.formula":     "a formula is not a value; write what it gives",
	"sheet.future":      "this day has not come yet",
	"sheet.invisible":   "this holds characters that cannot be seen",
	"sheet.long":        "this is longer than can be taken",
	"sheet.missing":     "this must be stated",
	"sheet.order":       "it was answered before it was received",
	"sheet.outcome":     "this is not a known outcome",
	"sheet.quote":       "a quotation mark is not closed, or stands inside a cell without quotation marks",
}

// Record is one past demand. Days are zero where nothing was stated.
type Record struct {
	Agency     string
	Country    string
	Instrument string
	Number     string
	Received   calendar.Day
	Answered   calendar.Day
	Outcome    string // comply, in_part, no_records, reject, redirect, withdrawn, superseded, duplicate, or empty
	Accounts   int    // -1 where not stated
	Notes      string
}

// Row is one row with its verdict.
type Row struct {
	Line    int
	Cells   []string // as they stood; a formula as its text after "="
	Verdict Verdict
	Faults  []Fault
	Record  Record   // of a row that is ok, duplicate or in conflict
	Key     [32]byte // as above
	Digest  [32]byte // of the record's words
	OfLine  int      // the earlier row that it repeats, or 0
	OfName  string   // what is on file that it repeats, or ""
}

// Heading is one column of the table.
type Heading struct {
	Text  string // inert
	Holds Column // "" where it is passed over
	Known bool   // false: nobody said what this is
}

// Report is a table as read: what would be taken in, and what would not.
type Report struct {
	Format   string // "csv" or "xlsx"
	Sheet    string // of a workbook
	Line     int    // of the header
	Headings []Heading
	Rows     []Row
	Certain  bool // false: the character set was guessed
	dates    string
}

// Count is how many rows have a verdict.
func (r Report) Count(v Verdict) int {
	n := 0
	for i := range r.Rows {
		if r.Rows[i].Verdict == v {
			n++
		}
	}
	return n
}

// cell is one cell as a file holds it.
type cell struct {
	text string
	kind cellKind
}

type cellKind uint8

const (
	asText cellKind = iota
	asNumber
	asDay // text is YYYY-MM-DD
	asFormula
	asError
	asBroken // a row that CSV cannot be cut into cells
)

// grid is a table before anybody knows what it holds.
type grid struct {
	format, sheet string
	rows          []gridRow
	certain       bool
}

type gridRow struct {
	line  int
	cells []cell
}

// Read reads a table and judges each row. It does not change b. Codes:
// sheet.too_large, sheet.too_many, sheet.form, sheet.none, sheet.header,
// sheet.option, sheet.interrupted.
func Read(ctx context.Context, b []byte, o Options) (Report, error) {
	if len(b) > MaxSheet {
		return Report{}, problem.New(problem.Invalid, "sheet.too_large", "a table has at most %d MiB", MaxSheet>>20).Fix("divide it")
	}
	layout, err := dateLayout(o.Dates)
	if err != nil {
		return Report{}, err
	}
	g, err := read(ctx, b, o)
	if err != nil {
		return Report{}, err
	}
	r := Report{Format: g.format, Sheet: g.sheet, Certain: g.certain, dates: layout}
	rest, err := r.header(g.rows, o)
	if err != nil {
		return Report{}, err
	}
	return r, r.judge(ctx, rest, o)
}

func read(ctx context.Context, b []byte, o Options) (grid, error) {
	switch {
	case bytes.HasPrefix(b, []byte("PK\x03\x04")):
		return readWorkbook(ctx, b, o.Sheet)
	case bytes.HasPrefix(b, []byte("\xd0\xcf\x11\xe0")):
		return grid{}, formProblem("an old or an encrypted workbook is not read").Fix("save it as .xlsx without a password, or as CSV")
	case bytes.IndexByte(b[:min(len(b), 4096)], 0) >= 0 && !bytes.HasPrefix(b, []byte("\xff\xfe")) && !bytes.HasPrefix(b, []byte("\xfe\xff")):
		return grid{}, formProblem("this is neither CSV nor a workbook").Fix("save it as .xlsx or as CSV")
	}
	return readCSV(ctx, b, o.Comma)
}

func formProblem(format string, args ...any) *problem.Error {
	return problem.New(problem.Invalid, "sheet.form", format, args...)
}

func tooMany(format string, args ...any) *problem.Error {
	return problem.New(problem.Invalid, "sheet.too_many", format, args...).Fix("divide it")
}

func interrupted(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return problem.New(problem.Unavailable, "sheet.interrupted", "reading was interrupted; nothing was taken in").Because(ctx.Err())
}

var layouts = map[string]string{"": "2006-01-02", "YYYY-MM-DD": "2006-01-02", "DD.MM.YYYY": "2.1.2006", "DD/MM/YYYY": "2/1/2006", "DD-MM-YYYY": "2-1-2006", "MM/DD/YYYY": "1/2/2006"}

func dateLayout(name string) (string, error) {
	layout, ok := layouts[name]
	if !ok {
		return "", problem.New(problem.Invalid, "sheet.option", "this is not a form of dates").At("dates").Fix("use YYYY-MM-DD, DD.MM.YYYY, DD/MM/YYYY, DD-MM-YYYY or MM/DD/YYYY")
	}
	return layout, nil
}
