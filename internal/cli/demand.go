package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/intake"
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
	c.AddCommand(s.demandSubmit(), s.demandReading(), s.demandShow())
	c.AddCommand(s.demandSteps()...)
	return c
}

func (s *session) demandSubmit() *cobra.Command {
	var original, channel, receipt string
	c := &cobra.Command{
		Use:   "submit FORM.toml --original DOCUMENT | submit DOCUMENT",
		Short: "Take a demand in and give a receipt",
		Long: `Stores the document byte for byte and what the form states, then prints a signed
receipt with the opening of the demand's leaf in the public logs. The same
submission again gives the same receipt; a changed one under the same number is
refused. A receipt acknowledges bytes: it neither accepts service nor waives
objections. The form is described in docs/demand-form.md.

Without a form, the document is taken in as it came, a mail or a PDF or anything else,
and waits for somebody to read it: 'demand reading' shows what its text seems to ask,
'demand read' and 'demand ask' record what it asks.`,
		Example: "  counterseal demand submit demand.toml --original warrant.pdf --receipt receipt.txt\n  counterseal demand submit letter.eml",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			take, err := delivery(args[0], original, channel)
			if err != nil {
				return err
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				r, err := take(ctx, o)
				if err != nil {
					return err
				}
				return s.answerReceipt(r, receipt)
			})
		},
	}
	c.Flags().StringVar(&original, "original", "", "the document as it came, where a form says what it asks")
	c.Flags().StringVar(&channel, "channel", "files", "how it came: portal, mail, files, post")
	c.Flags().StringVar(&receipt, "receipt", "", "write the receipt here, and its signature beside it as .sig")
	return c
}

// delivery opens what somebody brings: a form with its document, or a document
// alone.
func delivery(first, original, channel string) (func(context.Context, *app.Office) (app.Receipt, error), error) {
	if original == "" {
		if strings.EqualFold(filepath.Ext(first), ".toml") {
			return nil, missingFlag("--original DOCUMENT to a form")
		}
		b, err := readFile(first, intake.MaxOriginal)
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, o *app.Office) (app.Receipt, error) {
			return o.TakeUnread(ctx, channel, filepath.Base(first), b, "door:"+channel)
		}, nil
	}
	return func(ctx context.Context, o *app.Office) (app.Receipt, error) {
		form, err := openFile(first)
		if err != nil {
			return app.Receipt{}, err
		}
		defer form.Close()
		document, err := openFile(original)
		if err != nil {
			return app.Receipt{}, err
		}
		defer document.Close()
		return o.TakeIn(ctx, app.Delivery{Channel: channel, FormName: first, Form: form, OriginalName: original, Original: document})
	}, nil
}

func (s *session) answerReceipt(r app.Receipt, path string) error {
	if path != "" {
		if err := writeReceipt(path, r); err != nil {
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

func (s *session) demandShow() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "show DEMAND",
		Short: "One demand: what it asks, what stands in the way, what comes next",
		Long: `Shows what the instrument asks, what was decided and by whom, what stands in the way and
who can remove it, and the command for the next act.`,
		Example: "  counterseal demand show k7wq-93",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				return s.showDemand(o.As(ctx, named(as)), o, demand.ID(args[0]), named(as))
			})
		},
	}
	addReader(c, &as)
	return c
}

func (s *session) demandWords(w io.Writer, d staff.Demand) {
	words := ui.WordsFor("en")
	p := func(label, format string, args ...any) {
		fmt.Fprintf(w, "%-13s %s\n", label, fmt.Sprintf(format, args...))
	}
	p("Demand", "%s · %s", d.ID, d.Status)
	if d.Instrument.Title == "" {
		p("Document", "not read yet; what its text seems to ask: counterseal demand reading %s", d.ID)
	} else {
		p("Instrument", "%s", withComma(d.Instrument.Title, "No. ", d.Instrument.Number))
		p("Who asks", "%s", withComma(d.Instrument.Agency, "", d.Instrument.Officer))
	}
	if !d.Due.IsZero() {
		due := s.told.Due(d.Due)
		p("By when", "%s · %s", due.Text, due.Distance)
	}
	for _, t := range d.Targets {
		p(fmt.Sprintf("Target %d", t.No), "%s %s → %s", t.Kind, t.Stated, target(t))
	}
	for _, l := range d.Lines {
		p(fmt.Sprintf("Line %d", l.No), "%s %s, %s, %s: %s", l.Service, l.Category, s.told.Span(l.From, l.Until), l.Basis, decision(words, l.Decision))
	}
	if d.Others != nil {
		p("Rules", "others are in force than on %s; %s", s.told.At(d.Others.Asked).Text, otherRules(len(d.Others.Changes), d.ID))
	}
	asks := 0
	for _, f := range d.Findings {
		switch f.Outcome {
		case "violated":
			p("Finding", "%s %s: %s (%s)", f.Outcome, f.Severity, f.Rule, f.Cite)
		case "ask":
			asks++
		}
	}
	if asks > 0 {
		p("Rules", "%d need to know facts that nobody stated; counterseal demand assess %s lists them", asks, d.ID)
	}
	for _, g := range d.Grants {
		p("Grant", "%s · %d of %d approvals · %s%s", g.ID, len(g.Approvals), g.Needed, s.grantState(g), grantManner(g))
	}
	s.exceededWords(p, d)
	s.keptWords(p, d)
	for _, o := range d.Next.Way {
		p("In the way", "%s", s.inTheWay(o.Code, o.About, o.Until))
	}
	p("Next", "%s %s", words.Of(ui.Acts, d.Next.Act), about(d.Next.About))
	if d.Next.Command != "" {
		p("", "%s", d.Next.Command)
	}
}

// exceededWords says whose data went too far, and whether they know.
func (s *session) exceededWords(p func(label, format string, args ...any), d staff.Demand) {
	words := ui.WordsFor("en")
	for _, g := range d.Grants {
		for _, x := range g.Exceeded {
			for _, w := range x.Whose {
				var kinds []string
				for _, k := range w.Kinds {
					kinds = append(kinds, withComma(fmt.Sprintf("%s, %s, %s", several(k.Items, "item"), words.Of(ui.Services, k.Service), words.Of(ui.Categories, k.Category)), "", k.Days()))
				}
				p("Too much", "%s: %s; %s", w.Account, strings.Join(kinds, "; "), s.toldOfIt(w))
			}
		}
	}
}

func (s *session) toldOfIt(w staff.Whose) string {
	switch w.State {
	case staff.Corrected:
		return "told of it " + s.told.At(w.At).Text
	case staff.Heard:
		return "told of it in the first letter, " + s.told.At(w.At).Text
	case staff.NotTold:
		return "not told of the demand yet; the first letter says it"
	case staff.Silent:
		if w.At.IsZero() {
			return "told of the demand before; hears of this when secrecy ends"
		}
		return "told of the demand before; hears of this when secrecy ends, " + s.told.End(w.At).Text
	}
	return "told of the demand before, " + s.told.At(w.At).Text + "; a letter that says so is due"
}

// keptWords says what is kept for a demand, and until when.
func (s *session) keptWords(p func(label, format string, args ...any), d staff.Demand) {
	for _, part := range d.Sections {
		if part.Part != "preservation" {
			continue
		}
		for _, e := range part.Entries {
			until := ""
			for _, f := range e.Facts {
				if (f.Name == "Until" || f.Name == "To be kept until") && !f.At.IsZero() {
					until = " · until " + s.told.End(f.At).Text
				}
			}
			p("Copy", "%s · %s%s", e.Title, e.State, until)
		}
	}
}

func otherRules(differ int, id string) string {
	if differ == 0 {
		return "asked today, they say the same"
	}
	return fmt.Sprintf("%s would be otherwise; the page says which, and counterseal demand assess %s asks them", several(differ, "finding"), id)
}

// withComma joins what is known.
func withComma(first, label, second string) string {
	if second == "" {
		return first
	}
	return first + ", " + label + second
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

func (s *session) grantState(g staff.Grant) string {
	switch {
	case g.Outcome != "":
		return g.Outcome
	case g.Revoked:
		return "taken back"
	case g.Permitted:
		return "permitted"
	}
	return "valid until " + s.told.End(g.Expires).Text
}
