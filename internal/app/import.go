package app

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"time"

	"counterseal/internal/calendar"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/fact"
	pastsheet "counterseal/internal/intake/sheet"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

// importChannel is how demands of former days come, so that they are counted apart.
const importChannel = "import"

// Imports is what came of a table of past demands.
type Imports struct {
	pastsheet.Report
	Demands map[int]demand.ID // by the line of their row: taken in now, or before
	Taken   int               // now
	Known   int               // before
}

// Import takes in the good rows of a table of past demands, each as a demand that
// was received, concluded as imported and closed in one transaction. A row that was
// taken in before is known by its key, whatever table it stands in, and one that
// then had other words is a conflict; so an import that broke off is run again.
// With dry, nothing is taken in. The report is complete as far as it goes, also where
// an error comes with it. Codes: those of sheet.Read and docket.Submit,
// import.interrupted.
func (o *Office) Import(ctx context.Context, table []byte, options pastsheet.Options, person string, dry bool, told Progress) (Imports, error) {
	w, err := o.reader(person)
	if err != nil {
		return Imports{}, err
	}
	if err := w.may("past.import", policy.Resource{}); err != nil {
		return Imports{}, err
	}
	if options.Today == (calendar.Day{}) {
		options.Today = calendar.DayOf(o.Clock.Now().In(o.Zone()))
	}
	report, err := pastsheet.Read(ctx, table, options)
	if err != nil {
		return Imports{}, err
	}
	out := Imports{Report: report, Demands: map[int]demand.ID{}}
	for i := range out.Rows {
		told(int64(i), int64(len(out.Rows)))
		if out.Rows[i].Verdict != pastsheet.OK {
			continue
		}
		if ctx.Err() != nil {
			return out, problem.New(problem.Unavailable, "import.interrupted", "the import was interrupted at line %d; what was taken in stays", out.Rows[i].Line).
				Fix("run it again: what is in is known").Because(ctx.Err())
		}
		if err := o.importRow(ctx, w, &out, &out.Rows[i], dry); err != nil {
			return out, err
		}
	}
	told(int64(len(out.Rows)), int64(len(out.Rows)))
	return out, nil
}

func (o *Office) importRow(ctx context.Context, w who, out *Imports, row *pastsheet.Row, dry bool) error {
	if dry {
		known, err := o.Docket.Delivered(ctx, row.Key, importChannel)
		if known {
			row.Verdict, row.OfName = pastsheet.Duplicate, "one that is on file"
			out.Known++
		}
		return err
	}
	s, err := o.past(row, w)
	if err != nil {
		return err
	}
	a, err := o.Docket.Submit(ctx, s)
	switch {
	case problem.Code(err) == "docket.conflict":
		row.Verdict, row.OfName = pastsheet.Conflict, "one that is on file"
		return nil
	case err != nil:
		return problem.Of(err).At("line %d", row.Line)
	}
	out.Demands[row.Line] = a.ID
	row.OfName = string(a.ID)
	if a.Known {
		row.Verdict = pastsheet.Duplicate
		out.Known++
		return nil
	}
	out.Taken++
	return nil
}

// past is a demand of former days: the row as it stood is its original.
func (o *Office) past(row *pastsheet.Row, w who) (docket.Submission, error) {
	r := row.Record
	original, err := originalOf(r)
	if err != nil {
		return docket.Submission{}, err
	}
	received, err := calendar.At(r.Received, 0, 0, 0, o.Zone(), calendar.Earlier)
	if err != nil {
		return docket.Submission{}, problem.Of(err).At("line %d: received", row.Line)
	}
	paper := cmp.Or(r.Instrument, "other")
	var f fact.Facts
	for name, v := range map[string]string{"issuing_country": r.Country, "instrument": paper} {
		_ = f.Set(name, v) // what facts have no word for is in the original
	}
	read := demand.ReadDemand{Kind: demand.ForData, Facts: f.Encode(nil), Instrument: demand.Instrument{Kind: paper, Title: paper, Number: r.Number, Agency: r.Agency}}
	why := fmt.Sprintf("received %s", r.Received)
	if r.Answered != (calendar.Day{}) {
		why += fmt.Sprintf(", answered %s", r.Answered)
	}
	why += ": " + cmp.Or(r.Outcome, "outcome not stated")
	return docket.Submission{Channel: importChannel, Key: row.Key, Original: original, MediaType: "text/csv", By: w.person,
		Receive: demand.Receive{Unread: true, Served: received.UTC().Truncate(time.Second)},
		Then:    []docket.Step{{Command: read, Seats: w.seats}, {Command: demand.Conclude{How: "imported"}, Seats: w.seats, Reason: why}, {Command: demand.Close{}, Seats: w.seats}}}, nil
}

// originalOf writes a record as a table of one row. The same record gives the same
// bytes, in whatever table it stood.
func originalOf(r pastsheet.Record) ([]byte, error) {
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	heads := make([]string, len(pastsheet.Columns))
	for i, c := range pastsheet.Columns {
		heads[i] = string(c)
	}
	day := func(d calendar.Day) string {
		if d == (calendar.Day{}) {
			return ""
		}
		return d.String()
	}
	accounts := ""
	if r.Accounts >= 0 {
		accounts = fmt.Sprint(r.Accounts)
	}
	err := out.WriteAll([][]string{heads, {r.Agency, r.Country, r.Instrument, r.Number, day(r.Received), day(r.Answered), r.Outcome, accounts, r.Notes}})
	if err != nil {
		return nil, problem.New(problem.Internal, "import.row", "a row could not be written").Because(err)
	}
	return b.Bytes(), nil
}
