package sheet

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/calendar"
	"counterseal/internal/canon"
	"counterseal/internal/problem"
)

// header finds what each column holds, and gives the rows below.
func (r *Report) header(rows []gridRow, o Options) ([]gridRow, error) {
	first := slices.IndexFunc(rows, func(g gridRow) bool { return !blank(g.cells) })
	if first < 0 {
		return nil, problem.New(problem.Invalid, "sheet.none", "the table is empty").Fix("name the columns in the first row")
	}
	names := maps.Clone(headings)
	for name, c := range o.Headings {
		if c != "" && !slices.Contains(Columns, c) {
			return nil, problem.New(problem.Invalid, "sheet.option", "there is no such column").At("%s", canon.Text(string(c))).Fix("use agency, country, instrument, number, received, answered, outcome, accounts or notes")
		}
		names[plainKey(name)] = c
	}
	r.Line = rows[first].line
	held := map[Column]bool{}
	for i, c := range rows[first].cells {
		h := Heading{Text: canon.Text(c.text)}
		h.Holds, h.Known = names[plainKey(c.text)]
		if h.Holds != "" && held[h.Holds] {
			return nil, problem.New(problem.Invalid, "sheet.header", "two columns hold the same").At("line %d, column %s", r.Line, Letter(i+1)).Fix("name one of them otherwise")
		}
		held[h.Holds] = true
		r.Headings = append(r.Headings, h)
	}
	for _, c := range required {
		if !held[c] {
			return nil, problem.New(problem.Invalid, "sheet.header", "no column is named for this").At("line %d: %s", r.Line, c).Fix("name the column, or say which heading means it")
		}
	}
	return rows[first+1:], nil
}

func blank(cells []cell) bool {
	for _, c := range cells {
		if strings.TrimSpace(c.text) != "" {
			return false
		}
	}
	return true
}

// judge gives each row its verdict.
func (r *Report) judge(ctx context.Context, rows []gridRow, o Options) error {
	words := maps.Clone(outcomes)
	for w, means := range o.Outcomes {
		if !slices.Contains(slices.Collect(maps.Values(outcomes)), means) {
			return problem.New(problem.Invalid, "sheet.option", "there is no such outcome").At("%s", canon.Text(means)).Fix("use a word such as comply, in_part, no_records or reject")
		}
		words[plainKey(w)] = means
	}
	seen := map[[32]byte]*Row{}
	r.Rows = make([]Row, 0, len(rows))
	for i, g := range rows {
		if i%1024 == 0 {
			if err := interrupted(ctx); err != nil {
				return err
			}
		}
		j := judge{report: r, row: Row{Line: g.line, Record: Record{Accounts: -1}}, options: o, outcomes: words}
		j.cells(g.cells)
		r.Rows = append(r.Rows, j.row) // capacity is there, so pointers hold
		row := &r.Rows[len(r.Rows)-1]
		if row.Verdict == "" {
			row.compare(seen, o)
		}
	}
	return nil
}

// compare finds what the row repeats: an earlier row, or what is on file.
func (row *Row) compare(seen map[[32]byte]*Row, o Options) {
	row.Key, row.Digest = row.Record.key(), row.Record.digest()
	row.Verdict = OK
	other := [32]byte{}
	if before := seen[row.Key]; before != nil {
		row.OfLine, other = before.Line, before.Digest
	} else if o.Known != nil {
		name, digest, known := o.Known(row.Key)
		if known {
			row.OfName, other = name, digest
		} else {
			seen[row.Key] = row
			return
		}
	} else {
		seen[row.Key] = row
		return
	}
	row.Verdict = Duplicate
	if other != row.Digest {
		row.Verdict = Conflict
	}
}

// key recognises a past demand. It is the SHA-256 of "counterseal-sheet-key-v1" and
// then, each preceded by its length in eight bytes, "number", agency and number, or
// "row" and every word of the record.
func (r Record) key() [32]byte {
	if r.Number != "" {
		return sum("counterseal-sheet-key-v1", "number", r.Agency, r.Number)
	}
	return sum("counterseal-sheet-key-v1", append([]string{"row"}, r.words()...)...)
}

func (r Record) digest() [32]byte { return sum("counterseal-sheet-record-v1", r.words()...) }

func (r Record) words() []string {
	day := func(d calendar.Day) string {
		if d == (calendar.Day{}) {
			return ""
		}
		return d.String()
	}
	return []string{r.Agency, r.Country, r.Instrument, r.Number, day(r.Received), day(r.Answered), r.Outcome, strconv.Itoa(r.Accounts), r.Notes}
}

func sum(domain string, words ...string) [32]byte {
	b := []byte(domain)
	for _, w := range words {
		b = binary.BigEndian.AppendUint64(b, uint64(len(w)))
		b = append(b, w...)
	}
	return sha256.Sum256(b)
}

// judge reads one row.
type judge struct {
	report   *Report
	row      Row
	options  Options
	outcomes map[string]string
}

func (j *judge) fault(code string, column int, holds Column) {
	j.row.Verdict = Malformed
	j.row.Faults = append(j.row.Faults, Fault{Code: code, Column: column, Holds: holds})
}

func (j *judge) cells(cells []cell) {
	for _, c := range cells {
		text := c.text
		if c.kind == asFormula {
			text = "=" + text
		}
		j.row.Cells = append(j.row.Cells, text)
	}
	if blank(cells) && !slices.ContainsFunc(cells, func(c cell) bool { return c.kind != asText }) {
		j.row.Verdict = Blank
		return
	}
	stated := map[Column]bool{}
	for i, c := range cells {
		if c.kind == asBroken {
			j.fault("sheet.quote", 0, "")
			return
		}
		if i >= len(j.report.Headings) {
			if c.text != "" {
				j.fault("sheet.extra_cells", i+1, "")
				break
			}
			continue
		}
		if h := j.report.Headings[i].Holds; h != "" && (strings.TrimSpace(c.text) != "" || c.kind != asText) {
			stated[h] = true
			j.cell(h, c, i+1)
		}
	}
	for i, h := range j.report.Headings {
		if slices.Contains(required, h.Holds) && !stated[h.Holds] {
			j.fault("sheet.missing", i+1, h.Holds)
		}
	}
	rec := j.row.Record
	if j.row.Verdict == "" && rec.Answered != (calendar.Day{}) && rec.Answered.Before(rec.Received) {
		j.fault("sheet.order", j.at(Answered), Answered)
	}
	if j.row.Verdict == Malformed {
		j.row.Record = Record{}
	}
}

func (j *judge) at(c Column) int {
	return 1 + slices.IndexFunc(j.report.Headings, func(h Heading) bool { return h.Holds == c })
}

// cell reads one cell into the record.
func (j *judge) cell(holds Column, c cell, at int) {
	rec := &j.row.Record
	text := strings.TrimSpace(c.text)
	switch {
	case len(text) > maxCell || holds != Notes && len(text) > 1000:
		j.fault("sheet.long", at, holds)
		return
	case c.kind == asError:
		j.fault("sheet.cell_error", at, holds)
		return
	case c.kind == asFormula && holds == Notes:
		text = "=" + text
	case c.kind == asFormula || holds != Notes && strings.HasPrefix(text, "="):
		j.fault("sheet.formula", at, holds)
		return
	case holds != Notes && canon.Text(text) != strings.Join(strings.Fields(text), " "):
		j.fault("sheet.invisible", at, holds)
		return
	}
	line := canon.Text(text)
	switch holds {
	case Agency:
		rec.Agency = line
	case Instrument:
		rec.Instrument = line
	case Number:
		rec.Number = line
	case Notes:
		rec.Notes = text
	case Country:
		rec.Country = strings.ToUpper(line)
		if len(line) != 2 || strings.Trim(rec.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || rec.Country == "UK" {
			j.fault("sheet.country", at, holds)
		}
	case Received:
		rec.Received = j.day(line, c.kind, at, holds)
	case Answered:
		rec.Answered = j.day(line, c.kind, at, holds)
	case Outcome:
		var ok bool
		rec.Outcome, ok = j.outcomes[plainKey(line)]
		if !ok {
			j.fault("sheet.outcome", at, holds)
		}
	case Accounts:
		n, err := strconv.ParseUint(line, 10, 20)
		if err != nil || n > 1_000_000 || strings.HasPrefix(line, "+") {
			j.fault("sheet.accounts", at, holds)
		}
		rec.Accounts = int(n)
	}
}

func (j *judge) day(text string, kind cellKind, at int, holds Column) calendar.Day {
	layout := j.report.dates
	switch kind {
	case asNumber:
		j.fault("sheet.date_plain", at, holds)
		return calendar.Day{}
	case asDay:
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, text)
	if err != nil || t.Year() < 1970 || t.Year() > 2199 {
		j.fault("sheet.date", at, holds)
		return calendar.Day{}
	}
	d := calendar.DayOf(t)
	if j.options.Today != (calendar.Day{}) && j.options.Today.Before(d) {
		j.fault("sheet.future", at, holds)
	}
	return d
}
