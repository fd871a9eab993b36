package cli

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/intake"
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
		p("Received", "%s   (top field, the trace of the last server)", orNotStated(m.Received))
		p("Date", "%s   (the sender's claim)", orNotStated(m.Stated))
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
	proposalWords(p, r.Proposals)
	if whole {
		fmt.Fprintf(w, "\n%s\n\n", strings.TrimSpace(text))
	}
	p("Next", "counterseal demand read %s%s", id, readFlags(r.Proposals))
}

func orNotStated(s string) string {
	if s == "" {
		return "not stated"
	}
	return s
}

// proposalWords shows what the document leaves no doubt about, then all that it
// names, each with its words.
func proposalWords(p func(label, format string, args ...any), r intake.Proposals) {
	for _, a := range r.Agencies {
		p("Agency?", "%s", a)
	}
	for _, c := range chosen(r) {
		p(c.label+"?", "%s   line %d: %s", c.word.Value, c.word.Place.Line, c.word.Stated)
	}
	if x := r.Period; x != nil {
		p("Period?", "%s to %s   line %d: %s", x.From, x.Until, x.Place.Line, x.Stated)
		if x.Today != nil {
			p("", "today is the letter's own day, line %d: %s", x.Today.Place.Line, x.Today.Stated)
		}
	}
	for _, t := range r.Targets {
		p("Target?", "%s %s   line %d", t.Kind, strings.TrimSpace(t.Stated+" "+t.Port+" "+t.Time), t.Place.Line)
	}
	for _, d := range r.Dates {
		if !d.Due && !d.Signed {
			p("Day", "%s   line %d: %s", d.Day, d.Place.Line, d.Stated)
		}
	}
	for _, m := range r.Remarks {
		p("Mind", "%s", m.Says())
		for _, q := range m.Quotes {
			p("", "line %d: %s", q.Place.Line, q.Stated)
		}
	}
}

// choice is one value that the document leaves no doubt about.
type choice struct {
	label, flag string
	word        *intake.ProposedWord
}

func chosen(r intake.Proposals) []choice {
	all := []choice{{"Kind", "kind", r.Kind}, {"Instrument", "instrument", r.Instrument}, {"Number", "number", r.Number}, {"Signed", "signed", r.Signed}, {"Due", "due", r.Due}}
	return slices.DeleteFunc(all, func(c choice) bool { return c.word == nil })
}

// readFlags are the flags of the command that records it, with the values that are
// proposed; what is left in capitals is for the person to say.
func readFlags(r intake.Proposals) string {
	values := map[string]string{"kind": "KIND", "instrument": "KIND"}
	for _, c := range chosen(r) {
		values[c.flag] = "'" + strings.ReplaceAll(c.word.Value, "'", "") + "'"
		if plainWord.MatchString(c.word.Value) {
			values[c.flag] = c.word.Value
		}
	}
	out := ""
	for _, flag := range []string{"kind", "instrument", "number", "signed", "due"} {
		if values[flag] != "" {
			out += " --" + flag + " " + values[flag]
		}
	}
	return out + " --title TEXT --agency ID"
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9._/-]+$`)

// stepFacts states the facts of a demand that came without a form, or corrects
// them.
func stepFacts() demandStep {
	return demandStep{act: "facts.state", use: "facts DEMAND FACTS.yaml", short: "State the facts that the rules ask about", args: 1,
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
