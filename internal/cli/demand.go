package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

func (s *session) demandCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "demand",
		Short: "Take in, read and answer demands",
		Long: `One demand goes through these acts; each is recorded with who, when and why:

  demand submit       the document and what it asks come in; a signed receipt goes back
  demand read, ask    where no form came: what the paper is, and what it asks
  paper authenticate  the instrument was checked, on a contact found independently
  demand resolve      an identifier stands for none, one or several accounts
  demand check        a second person agrees
  demand assess       the rule packs say what they find
  demand answer       two persons go against a blocking finding
  line decide         a line is given, in full or in part, or not
  demand secrecy      no duty of secrecy is known; or: secrecy open
  demand grant        what may be collected is put before the approvers
  demand revoke       a grant is taken back before it is released
  demand outcome      a person records how an interrupted release ended
  demand close        nothing is left to do

What lies beside this way has commands of its own: contest, stay, deadline, message,
note, task, cost, hold, matter, case, preservation.

'demand show' says what stands in the way and which act comes next.

Every act names who acts: add --as PERSON, or set COUNTERSEAL_AS.`,
	})
	c.AddCommand(s.demandSubmit(), s.demandList(), s.demandShow())
	c.AddCommand(s.demandSteps()...)
	return c
}

func (s *session) demandSubmit() *cobra.Command {
	var original, channel, receipt string
	c := &cobra.Command{
		Use:   "submit FORM.toml --original DOCUMENT",
		Short: "Take a demand in and give a receipt",
		Long: `Stores the document byte for byte and what the form states, then prints a signed
receipt with the opening of the demand's leaf in the public logs. The same
submission again gives the same receipt; a changed one under the same number is
refused. A receipt acknowledges bytes: it neither accepts service nor waives
objections. The form is described in docs/demand-form.md.`,
		Example: "  counterseal demand submit demand.toml --original warrant.pdf --receipt receipt.txt",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if original == "" {
				return missingFlag("--original DOCUMENT")
			}
			form, err := openFile(args[0])
			if err != nil {
				return err
			}
			defer form.Close()
			document, err := openFile(original)
			if err != nil {
				return err
			}
			defer document.Close()
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				r, err := o.TakeIn(ctx, app.Delivery{Channel: channel, FormName: args[0], Form: form, OriginalName: original, Original: document})
				if err != nil {
					return err
				}
				if receipt != "" {
					if err := writeReceipt(receipt, r); err != nil {
						return err
					}
				}
				return s.answer(map[string]any{"demand": r.Demand, "received": r.Received, "original_sha256": r.Original, "again": r.Again,
					"receipt": string(r.Text), "signature": string(r.Signature)},
					func(w io.Writer) {
						if r.Again {
							fmt.Fprintf(w, "Known: this was received before, as demand %s.\n\n", r.Demand)
						}
						fmt.Fprintf(w, "%s%s", r.Text, r.Signature)
					})
			})
		},
	}
	c.Flags().StringVar(&original, "original", "", "the document as it came (required)")
	c.Flags().StringVar(&channel, "channel", "files", "how it came: portal, mail, files, post")
	c.Flags().StringVar(&receipt, "receipt", "", "write the receipt here, and its signature beside it as .sig")
	return c
}

func writeReceipt(path string, r app.Receipt) error {
	for name, b := range map[string][]byte{path: r.Text, path + ".sig": r.Signature} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			return problem.New(problem.Unavailable, "cli.output", "the receipt could not be written; the demand is stored").At("%s", name).
				Fix("submit the same files again for the same receipt").Because(err)
		}
	}
	return nil
}

func (s *session) demandList() *cobra.Command {
	var after string
	c := &cobra.Command{
		Use:   "list",
		Short: "The queue, by what falls due",
		Long: `Lists the demands, what falls due first on top, and under each the first thing that
stands in its way.`,
		Example: "  counterseal demand list\n  counterseal demand list --json | jq -r '.demands[].demand'",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				q, err := app.Staff{Office: o}.Queue(ctx, "cli", staff.Ask{After: after})
				if err != nil {
					return err
				}
				return s.answer(queueAnswer(q), func(w io.Writer) { queueWords(w, q, o.Clock.Now()) })
			})
		},
	}
	c.Flags().StringVar(&after, "after", "", "the next page: what --json gave as next")
	return c
}

type queueRow struct {
	Demand string     `json:"demand"`
	Due    *time.Time `json:"due,omitempty"`
	Agency string     `json:"agency"`
	Title  string     `json:"title"`
	Asks   string     `json:"asks"`
	Status string     `json:"status"`
	Way    []string   `json:"obstacles"`
}

func queueAnswer(q staff.Queue) any {
	rows := []queueRow{}
	for _, r := range q.Rows {
		row := queueRow{Demand: r.ID, Agency: r.Agency, Title: r.Title, Asks: r.Asks, Status: r.Status, Way: []string{}}
		if !r.Due.IsZero() {
			row.Due = &r.Due
		}
		for _, o := range r.Way {
			row.Way = append(row.Way, o.Code)
		}
		rows = append(rows, row)
	}
	return map[string]any{"demands": rows, "next": q.Next}
}

func queueWords(w io.Writer, q staff.Queue, now time.Time) {
	if len(q.Rows) == 0 {
		fmt.Fprintln(w, "The queue is empty. A demand comes in with: counterseal demand submit FORM.toml --original DOCUMENT")
		return
	}
	words := ui.WordsFor("en")
	for _, r := range q.Rows {
		due := "—"
		if !r.Due.IsZero() {
			due = ui.Distance(now, r.Due)
		}
		fmt.Fprintf(w, "%-14s %-8s %s · %s · %s\n", due, r.ID, r.Agency, r.Title, r.Asks)
		for _, o := range r.Way[:min(len(r.Way), 1)] {
			fmt.Fprintf(w, "%-23s %s\n", "", words.Obstacle(o.Code).Says)
		}
	}
}

func (s *session) demandShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show DEMAND",
		Short: "One demand: what it asks, what stands in the way, what comes next",
		Long: `Shows what the instrument asks, what was decided and by whom, what stands in the way and
who can remove it, and the command for the next act.`,
		Example: "  counterseal demand show k7wq-93",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				d, err := app.Staff{Office: o}.Demand(ctx, "cli", args[0])
				if err != nil {
					return err
				}
				return s.answer(plain(d), func(w io.Writer) { demandWords(w, d, o.Clock.Now()) })
			})
		},
	}
}

func demandWords(w io.Writer, d staff.Demand, now time.Time) {
	words := ui.WordsFor("en")
	p := func(label, format string, args ...any) {
		fmt.Fprintf(w, "%-13s %s\n", label, fmt.Sprintf(format, args...))
	}
	p("Demand", "%s · %s", d.ID, d.Status)
	p("Instrument", "%s, No. %s", d.Instrument.Title, d.Instrument.Number)
	p("Who asks", "%s, %s", d.Instrument.Agency, d.Instrument.Officer)
	if !d.Due.IsZero() {
		p("By when", "%s · %s", d.Due.UTC().Format("2 Jan 2006 15:04 MST"), ui.Distance(now, d.Due))
	}
	for _, t := range d.Targets {
		p(fmt.Sprintf("Target %d", t.No), "%s %s → %s", t.Kind, t.Stated, target(t))
	}
	for _, l := range d.Lines {
		p(fmt.Sprintf("Line %d", l.No), "%s %s, %s – %s, %s: %s", l.Service, l.Category, l.From.Format("2 Jan 2006 15:04"), l.Until.Format("2 Jan 2006 15:04 MST"), l.Basis, decision(words, l.Decision))
	}
	for _, f := range d.Findings {
		if f.Outcome != "holds" {
			p("Finding", "%s %s: %s (%s)", f.Outcome, f.Severity, f.Rule, f.Cite)
		}
	}
	for _, g := range d.Grants {
		p("Grant", "%s · %d of %d approvals · %s%s", g.ID, len(g.Approvals), g.Needed, grantState(g), grantManner(g))
	}
	for _, o := range d.Next.Way {
		p("In the way", "%s", inTheWay(words, o.Code, o.About, o.Until))
	}
	p("Next", "%s %s", words.Of(ui.Acts, d.Next.Act), about(d.Next.About))
	if d.Next.Command != "" {
		p("", "%s", d.Next.Command)
	}
}

func about(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

func target(t staff.Target) string {
	switch {
	case t.Resolved == 0:
		return "not looked up yet"
	case len(t.Accounts) == 0:
		return "no account of ours"
	case t.Checked == 0:
		return strings.Join(t.Accounts, ", ") + " (second check to come)"
	}
	return strings.Join(t.Accounts, ", ")
}

func decision(w *ui.Words, d string) string {
	if d == "" {
		return "not decided"
	}
	return w.Of(ui.Decisions, d)
}

// grantManner says what is out of the ordinary about a grant.
func grantManner(g staff.Grant) string {
	manner := ""
	if g.Emergency {
		manner += " · emergency"
	}
	if g.ByHand {
		manner += " · by hand, not gate-filtered"
	}
	if g.Production != "" && g.Production != "first" {
		manner += " · " + g.Production
	}
	return manner
}

func grantState(g staff.Grant) string {
	switch {
	case g.Outcome != "":
		return g.Outcome
	case g.Revoked:
		return "taken back"
	case g.Permitted:
		return "permitted"
	}
	return "valid until " + g.Expires.UTC().Format("2 Jan 2006 15:04 MST")
}
