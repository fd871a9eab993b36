package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/intake/sheet"
	"counterseal/internal/problem"
)

// importFlags say how a table is to be read.
type importFlags struct {
	columns, outcomes []string
	dates, comma      string
	sheet, report, as string
	dry               bool
}

func (s *session) importCommand() *cobra.Command {
	var f importFlags
	c := &cobra.Command{
		Use:   "import FILE.csv|FILE.xlsx",
		Short: "Take in the list of past demands that somebody kept",
		Long: `Reads a table of past demands, one a row, and takes the good rows in: each as a demand
that is received, concluded as imported and closed at once, and counted apart. Columns
are found by their headings: ` + columnList() + `.
Of these, agency and received must be there.

Every row is judged, and nothing is lost: the report stands beside the file as
FILE.report.csv, each row with its verdict, its reasons and its cells as they stood, made
inert so that no table program takes one for a formula. Formulas are never evaluated. A
row that is in already is known, so a broken import is run again.`,
		Example: `  counterseal import past.csv --dry-run
  counterseal import past.xlsx --map Authority=agency --map Colour= --dates DD.MM.YYYY --as p-okafor`,
		Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.importTable(cmd.Context(), args[0], f)
		},
	}
	c.Flags().StringArrayVar(&f.columns, "map", nil, "HEADING=COLUMN, or HEADING= to pass it over; may be given more than once")
	c.Flags().StringArrayVar(&f.outcomes, "outcome", nil, "WORD=OUTCOME, such as 'erledigt=comply'; may be given more than once")
	c.Flags().StringVar(&f.dates, "dates", "YYYY-MM-DD", "how days are written: YYYY-MM-DD, DD.MM.YYYY, DD/MM/YYYY, DD-MM-YYYY or MM/DD/YYYY")
	c.Flags().StringVar(&f.comma, "comma", "", "what stands between cells: a comma, a semicolon or tab; none: by the header")
	c.Flags().StringVar(&f.sheet, "sheet", "", "which sheet of a workbook; none: the first")
	c.Flags().StringVar(&f.report, "report", "", "where the report goes; none: FILE.report.csv")
	c.Flags().BoolVar(&f.dry, "dry-run", false, "judge every row and take nothing in")
	addActor(c, &f.as)
	return c
}

func columnList() string {
	var out []string
	for _, c := range sheet.Columns {
		out = append(out, string(c))
	}
	return strings.Join(out, ", ")
}

// options reads the flags.
func (f importFlags) options() (o sheet.Options, err error) {
	o = sheet.Options{Headings: map[string]sheet.Column{}, Outcomes: map[string]string{}, Dates: f.dates, Sheet: f.sheet}
	for _, x := range f.columns {
		heading, column, ok := strings.Cut(x, "=")
		if !ok || heading == "" || column != "" && !slices.Contains(sheet.Columns, sheet.Column(column)) {
			return o, problem.New(problem.Invalid, "cli.map", "a heading stands for one of our columns").At("--map %.80q", x).Fix("write HEADING=COLUMN with one of: %s", columnList())
		}
		o.Headings[heading] = sheet.Column(column)
	}
	for _, x := range f.outcomes {
		word, outcome, ok := strings.Cut(x, "=")
		if !ok || word == "" || outcome == "" {
			return o, problem.New(problem.Invalid, "cli.map", "a word stands for one of our outcomes").At("--outcome %.80q", x).Fix("write WORD=OUTCOME, such as erledigt=comply")
		}
		o.Outcomes[word] = outcome
	}
	switch f.comma {
	case "":
	case ",", ";":
		o.Comma = f.comma[0]
	case "tab", "\t":
		o.Comma = '\t'
	default:
		return o, problem.New(problem.Invalid, "cli.comma", "cells are parted by a comma, a semicolon or a tab").At("--comma %.20q", f.comma).Fix("write ',' or ';' or tab")
	}
	return o, nil
}

func (s *session) importTable(ctx context.Context, path string, f importFlags) error {
	options, err := f.options()
	if err != nil {
		return err
	}
	table, err := readFile(path, sheet.MaxSheet)
	if err != nil {
		return err
	}
	if f.report == "" {
		f.report = path + ".report.csv"
	}
	return s.withOffice(ctx, func(ctx context.Context, o *app.Office) error {
		actor, err := s.actor(o, f.as, "past.import")
		if err != nil {
			return err
		}
		out, err := o.Import(o.As(ctx, string(actor)), table, options, string(actor), f.dry, s.rows("Importing"))
		if len(out.Rows) == 0 && err != nil {
			return in(path, err)
		}
		if reportErr := writeReport(f.report, out); reportErr != nil {
			return reportErr
		}
		if answerErr := s.answerImports(out, f); answerErr != nil {
			return answerErr
		}
		return err
	})
}

func writeReport(path string, out app.Imports) error {
	var b bytes.Buffer
	err := out.WriteCSV(&b)
	if err == nil {
		err = os.WriteFile(path, b.Bytes(), 0o600)
	}
	if err != nil {
		return problem.New(problem.Unavailable, "cli.output", "the report could not be written; what was taken in stays").At("%s", path).Fix("import again with --report FILE: what is in is known").Because(err)
	}
	return nil
}

// importRow is one row in the answer.
type importRow struct {
	Line    int           `json:"line"`
	Verdict sheet.Verdict `json:"verdict"`
	Demand  string        `json:"demand,omitempty"`
	Repeats string        `json:"repeats,omitempty"`
	Faults  []importFault `json:"faults,omitempty"`
}

type importFault struct {
	Code   string `json:"code"`
	Column string `json:"column,omitempty"`
	Says   string `json:"says"`
}

func (s *session) answerImports(out app.Imports, f importFlags) error {
	rows := make([]importRow, 0, len(out.Rows))
	for _, r := range out.Rows {
		x := importRow{Line: r.Line, Verdict: r.Verdict, Demand: string(out.Demands[r.Line])}
		if r.OfLine > 0 {
			x.Repeats = fmt.Sprintf("line %d", r.OfLine)
		}
		for _, fault := range r.Faults {
			y := importFault{Code: fault.Code, Says: sheet.Faults[fault.Code]}
			if fault.Column > 0 {
				y.Column = sheet.Letter(fault.Column)
			}
			x.Faults = append(x.Faults, y)
		}
		rows = append(rows, x)
	}
	counts := map[string]int{}
	for _, v := range []sheet.Verdict{sheet.OK, sheet.Duplicate, sheet.Conflict, sheet.Malformed, sheet.Blank} {
		counts[string(v)] = out.Count(v)
	}
	return s.answer(map[string]any{"dry_run": f.dry, "taken_in": out.Taken, "known": out.Known, "counts": counts, "rows": rows, "report": f.report}, func(w io.Writer) {
		_ = out.WriteText(w)
		if f.dry {
			fmt.Fprintf(w, "Nothing was taken in. Every row: %s\n", f.report)
			return
		}
		fmt.Fprintf(w, "✓ %d taken in, received and closed as imported; %d were in already. Every row: %s\n", out.Taken, out.Known, f.report)
	})
}

// rows tells a person how many rows are done, at most ten times a second.
func (s *session) rows(act string) app.Progress {
	var last time.Time
	return func(done, total int64) {
		now := s.Now()
		if !s.Terminal || s.json || total < 100 || done < total && now.Sub(last) < 100*time.Millisecond {
			return
		}
		last = now
		fmt.Fprintf(s.Err, "\r%s %3d %% of %d rows", act, 100*done/total, total)
		if done == total {
			fmt.Fprintln(s.Err)
		}
	}
}
