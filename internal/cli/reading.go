package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/intake/mail"
	"counterseal/internal/law"
)

func (s *session) demandReading() *cobra.Command {
	var as string
	var text bool
	c := &cobra.Command{
		Use: "reading DEMAND", Short: "Show what a document seems to ask, before anybody has read it", Args: exactly(1),
		Long: `Shows who a document says it is from, what a person should know before believing it, and
what its text seems to ask: each proposal with its line. Nothing is decided by it; read
the document, then record what it asks with 'demand read' and 'demand ask'.`,
		Example: "  counterseal demand reading k7wq-93 --text",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				r, err := o.Reading(o.As(ctx, named(as)), demand.ID(args[0]))
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"id": args[0], "reading": r}, func(w io.Writer) { readingWords(w, args[0], r, text) })
			})
		},
	}
	c.Flags().BoolVar(&text, "text", false, "print the text as well")
	addReader(c, &as)
	return c
}

func readingWords(w io.Writer, id string, r app.Reading, whole bool) {
	p := func(label, format string, args ...any) {
		fmt.Fprintf(w, "%-12s %s\n", label, fmt.Sprintf(format, args...))
	}
	text := ""
	if m := r.Mail; m != nil {
		text = m.Text
		for _, from := range m.Senders {
			p(from.Field, "%s <%s>", from.Name, from.Address)
		}
		p("Subject", "%s", m.Subject)
		for _, at := range m.Attachments {
			p("Attached", "%s, %d bytes", at.Name, at.Size)
		}
		for _, x := range m.Remarks {
			p("Mind", "%s %s", mail.Says(x), about(x.Where))
		}
	}
	if d := r.Paper; d != nil {
		text = d.Text
		p("Document", "%s, %d bytes", d.Kind, d.Size)
		for _, x := range d.Remarks {
			p("Mind", "%s %s", x.Says(), about(x.Where))
		}
	}
	for _, a := range r.Proposals.Agencies {
		p("Agency?", "%s", a)
	}
	for _, i := range r.Proposals.Instruments {
		p("Instrument?", "%s   line %d: %s", i.Kind, i.Place.Line, i.Stated)
	}
	for _, d := range r.Proposals.Dates {
		what := ""
		if d.Due {
			what = " (a term)"
		}
		p("Day?", "%s%s   line %d: %s", d.Day, what, d.Place.Line, d.Stated)
	}
	for _, t := range r.Proposals.Targets {
		p("Target?", "%s %s   line %d", t.Kind, strings.TrimSpace(t.Stated+" "+t.Port+" "+t.Time), t.Place.Line)
	}
	if whole {
		fmt.Fprintf(w, "\n%s\n\n", strings.TrimSpace(text))
	}
	p("Next", "counterseal demand read %s --kind data --instrument KIND --title TEXT --agency ID --due DAY", id)
}

// stepFacts states the facts of a demand that came without a form, or corrects
// them.
func stepFacts() demandStep {
	return demandStep{use: "facts DEMAND FACTS.yaml", short: "State the facts that the rules ask about", args: 1,
		long: `Records the facts of a demand in place of those that were stated before. They are written
as for 'law assess' (docs/facts.md). A fact that nobody stated is unknown, neither no nor
zero. Findings on other facts no longer count: assess the demand again.`,
		example: "  counterseal demand facts k7wq-93 facts.yaml --as p-halvorsen",
		do: func(_ context.Context, _ *app.Office, _ demand.ID, args []string) (demand.Command, error) {
			text, err := readFile(args[0], 1<<20)
			if err != nil {
				return nil, err
			}
			facts, err := law.ParseFactsYAML(args[0], text)
			if err != nil {
				return nil, contradiction(err)
			}
			return demand.StateFacts{Facts: facts.Encode(nil)}, nil
		}}
}
