package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	pastsheet "counterseal/internal/intake/sheet"
	"counterseal/internal/web/staff"
)

// maxLooked bounds the rows of a table that a page shows for a person's look.
const maxLooked = 200

// Judge implements staff.Sheets.
func (v Staff) Judge(ctx context.Context, reader, _ string, table []byte) (staff.Verdicts, error) {
	return v.judged(ctx, reader, table, true)
}

// Import implements staff.Sheets. Rows are known by what they say, so the same table
// again takes nothing in twice, whatever its command.
func (v Staff) Import(ctx context.Context, reader string, _ [16]byte, _ string, table []byte) (staff.Verdicts, error) {
	return v.judged(ctx, reader, table, false)
}

func (v Staff) judged(ctx context.Context, reader string, table []byte, dry bool) (staff.Verdicts, error) {
	in, err := v.Office.Import(ctx, table, pastsheet.Options{}, reader, dry, func(int64, int64) {})
	if err != nil {
		return staff.Verdicts{}, err
	}
	sum := sha256.Sum256(table)
	out := staff.Verdicts{Digest: hex.EncodeToString(sum[:]), Done: !dry, Good: in.Taken, Again: in.Known}
	if dry {
		out.Good = in.Count(pastsheet.OK)
	}
	for _, h := range in.Headings {
		out.Columns = append(out.Columns, h.Text)
	}
	for _, r := range in.Rows {
		if r.Verdict != pastsheet.Malformed && r.Verdict != pastsheet.Conflict {
			continue
		}
		out.Wrong++
		if len(out.Rows) == maxLooked {
			out.More = true
			continue
		}
		x := staff.Verdict{Line: r.Line, State: string(r.Verdict), Cells: r.Cells}
		for _, f := range r.Faults {
			x.Faults = append(x.Faults, pastsheet.Faults[f.Code])
		}
		out.Rows = append(out.Rows, x)
	}
	return out, nil
}
