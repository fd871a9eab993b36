package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/problem"
	"counterseal/internal/report"
)

func (s *session) reportCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "report",
		Short: "Say in public how many demands came and how they ended",
		Long: `Reports are of half-years of the calendar that are over. Small numbers are put together
or withheld, so that no single demand can be computed; what the law lets be told in bands
alone is told in bands. A report that was published never changes.`,
	})
	c.AddCommand(s.reportShow(), s.reportPublish(), s.reportCertificates())
	return c
}

func (s *session) reportShow() *cobra.Command {
	asCSV := false
	c := &cobra.Command{
		Use:     "show PERIOD",
		Short:   "Print a published report",
		Long:    `Prints a report as it was published. With --csv it prints the table (RFC 4180).`,
		Example: "  counterseal report show 2026-H1\n  counterseal report show 2026-H1 --csv > 2026-H1.csv",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := report.ParsePeriod(args[0])
			if err != nil {
				return err
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				text, err := o.ReportFile(ctx, p)
				if err != nil {
					return err
				}
				r, err := report.Parse(text)
				if err != nil {
					return err
				}
				return s.printReport(r, asCSV)
			})
		},
	}
	c.Flags().BoolVar(&asCSV, "csv", false, "print the table as comma-separated values")
	return c
}

func (s *session) reportPublish() *cobra.Command {
	as, dry := "", false
	c := &cobra.Command{
		Use:   "publish PERIOD",
		Short: "Count a half-year that is over and publish its report for good",
		Long: `Counts the demands that came in the period by their verified histories and publishes the
report: on the public page, as a file that never changes, with its digest in the journal. It
takes counsel or the privacy officer. With --dry-run it prints what would be published, for
people who may see it, and publishes nothing.`,
		Example: "  counterseal report publish 2026-H1 --as p-okafor\n  counterseal report publish 2026-H1 --dry-run",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := report.ParsePeriod(args[0])
			if err != nil {
				return err
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				if dry {
					r, err := o.Count(ctx, p)
					if err != nil {
						return err
					}
					s.say("Not published. This is what would be:")
					return s.printReport(r, false)
				}
				person, err := s.actor(o, as, "report.publish")
				if err != nil {
					return err
				}
				r, err := o.Publish(ctx, string(person), p)
				if err != nil {
					return err
				}
				return s.printReport(r, false)
			})
		},
	}
	c.Flags().StringVar(&as, "as", "", "who publishes (or set COUNTERSEAL_AS)")
	c.Flags().BoolVar(&dry, "dry-run", false, "print what would be published, and publish nothing")
	return c
}

func (s *session) printReport(r report.Report, asCSV bool) error {
	if asCSV {
		return s.table(r.CSV())
	}
	return s.answer(r, func(w io.Writer) { reportWords(w, r) })
}

func reportWords(out io.Writer, r report.Report) {
	fmt.Fprintf(out, "%s, %s to %s: %s received\n", r.Period, r.From, r.To, r.Total.Text())
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(r.Rows) > 0 {
		fmt.Fprint(w, "\t\treceived")
		for _, o := range report.Outcomes {
			if _, told := r.Outcomes[o]; told {
				fmt.Fprintf(w, "\t%s", o)
			}
		}
		fmt.Fprintln(w)
	}
	line := func(country, class, total string, cells map[report.Outcome]report.Figure) {
		fmt.Fprintf(w, "%s\t%s\t%s", country, class, total)
		for _, o := range report.Outcomes {
			if f, told := cells[o]; told {
				text := f.Text()
				if f.Withheld {
					text = "–"
				}
				fmt.Fprintf(w, "\t%s", text)
			}
		}
		fmt.Fprintln(w)
	}
	for _, row := range r.Rows {
		if row.Rest {
			row.Class = "all others"
		}
		line(row.Country, row.Class, fmt.Sprint(row.Total), row.Outcomes)
	}
	if len(r.Rows) > 0 {
		line("", "all", r.Total.Text(), r.Outcomes)
	}
	_ = w.Flush()
	if r.SecurityProcess != nil {
		fmt.Fprintf(out, "national security process %d–%d, customer selectors %d–%d (50 USC 1874(a)(3))\n", r.SecurityProcess.From, r.SecurityProcess.To, r.SecuritySelectors.From, r.SecuritySelectors.To)
	}
	fmt.Fprintf(out, "answered by hand %s · from earlier lists %s\n", orWithheld(r.ByHand), orWithheld(r.Imported))
}

func orWithheld(f report.Figure) string {
	if f.Withheld {
		return "withheld"
	}
	return f.Text()
}

func (s *session) reportCertificates() *cobra.Command {
	as, asCSV := "", false
	c := &cobra.Command{
		Use:   "certificates YEAR",
		Short: "Count the EPOCs and EPOC-PRs of a year, for the Commission",
		Long: `Counts the certificates under Regulation (EU) 2023/1543 that came in a calendar year (UTC) that
is over, by type of data, issuing State and emergency: what was fulfilled and how long it took,
as Article 28(4) lets a provider send to the Commission by 31 March. Whether it is sent is the
provider's choice. The numbers are exact and no small one is withheld, so it takes counsel or
the privacy officer, and it is not for publication.`,
		Example: "  counterseal report certificates 2026 --as p-okafor\n  counterseal report certificates 2026 --as p-okafor --csv > 2026-certificates.csv",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			year, err := report.Year(args[0])
			if err != nil {
				return err
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				person, err := s.actor(o, as, "report.certificates")
				if err != nil {
					return err
				}
				r, err := o.Certificates(ctx, string(person), year)
				if err != nil {
					return err
				}
				if asCSV {
					return s.table(r.CSV())
				}
				return s.answer(r, func(w io.Writer) { certificateWords(w, r) })
			})
		},
	}
	c.Flags().StringVar(&as, "as", "", "who asks (or set COUNTERSEAL_AS)")
	c.Flags().BoolVar(&asCSV, "csv", false, "print the lines as comma-separated values")
	return c
}

// table prints a table that was made, byte for byte.
func (s *session) table(text []byte, err error) error {
	if err != nil {
		return err
	}
	_, err = s.Out.Write(text)
	if err != nil {
		return problem.New(problem.Unavailable, "cli.output", "the answer could not be written").Because(err)
	}
	return nil
}

func certificateWords(out io.Writer, r report.Statistics) {
	fmt.Fprintf(out, "%d, certificates under Regulation (EU) 2023/1543. Not for publication: no small number is withheld.\n", r.Year)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\tdata\tfrom\t\treceived\tfulfilled\tin part\tnot\topen\taverage hours\tof")
	line := func(form, data, state, situation string, t report.Tally) {
		hours := report.Hours(t.Took) + report.Hours(t.Followed)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t%d\n", form, data, state, situation, t.Received, t.Fulfilled, t.InPart, t.Not, t.Open, hours, t.Measured)
	}
	for _, l := range r.Lines {
		situation := ""
		if l.Emergency {
			situation = "emergency"
		}
		line(l.Form, l.Data, l.State, situation, l.Tally)
	}
	for _, k := range r.Totals {
		line(k.Form, "all", "", "", k.Tally)
	}
	_ = w.Flush()
	fmt.Fprintln(out, "Average hours: of an EPOC until the data were given, of an EPOC-PR until the request for production. A certificate for several types stands in several lines.")
}
