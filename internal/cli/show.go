package cli

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

func (s *session) showCommand() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use: "show ID", Short: "One demand, contest, duty of secrecy, matter or sealed case as it stands", Args: exactly(1),
		Long: `Shows a demand as 'demand show' does, and of anything else what it holds. What is sealed is
there for members of its case; for everybody else it is as if it did not exist.`,
		Example: "  counterseal show c-t4vb-65 --as p-okafor",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				return s.show(o.As(ctx, named(as)), o, demand.ID(args[0]), named(as))
			})
		},
	}
	addReader(c, &as)
	return c
}

func (s *session) show(ctx context.Context, o *app.Office, id demand.ID, reader string) error {
	if demand.StreamOf(id) == demand.DemandStream {
		return s.showDemand(ctx, o, id, reader)
	}
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	history, err := o.Docket.History(ctx, id)
	if err != nil {
		return err
	}
	about := map[demand.Stream]any{demand.ContestStream: c.State.Contest, demand.SecrecyStream: c.State.Duty, demand.MatterStream: c.State.About, demand.CaseStream: c.State.Case,
		demand.NotesStream: c.State.Notes}[c.State.Stream]
	events := eventsOf(o, history)
	return s.answer(map[string]any{"id": id, "stream": c.State.Stream, "about": plain(about), "history": events}, func(w io.Writer) {
		fmt.Fprintf(w, "%s %s\n", c.State.Stream, id)
		fields(w, "  ", plain(about))
		fmt.Fprintln(w)
		s.eventWords(w, events)
	})
}

// showDemand shows one demand.
func (s *session) showDemand(ctx context.Context, o *app.Office, id demand.ID, reader string) error {
	if reader == "" {
		reader = app.Onlooker
	}
	d, err := app.Staff{Office: o}.Demand(ctx, reader, string(id))
	if err != nil {
		return err
	}
	return s.answer(plain(d), func(w io.Writer) { s.demandWords(w, d) })
}

// fields prints data as words, one a line, in the order of their names. What says
// nothing is left out.
func fields(w io.Writer, indent string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			field(w, indent, strings.ReplaceAll(key, "_", " "), v[key])
		}
	case []any:
		for _, x := range v {
			field(w, indent, "-", x)
		}
	}
}

func field(w io.Writer, indent, name string, v any) {
	switch x := v.(type) {
	case nil:
	case map[string]any, []any:
		if fmt.Sprint(x) == "map[]" || fmt.Sprint(x) == "[]" {
			return
		}
		fmt.Fprintf(w, "%s%s\n", indent, name)
		fields(w, indent+"  ", x)
	default:
		if text := fmt.Sprint(x); text != "" && text != "0" && text != "false" {
			fmt.Fprintf(w, "%s%-12s %s\n", indent, name, text)
		}
	}
}

// recorded is one event of a history in an answer.
type recorded struct {
	event
	Reason string `json:"reason,omitempty"`
	States any    `json:"states"`
	says   string
}

func eventsOf(o *app.Office, history []demand.Recorded) []recorded {
	out := []recorded{}
	for _, r := range history {
		out = append(out, recorded{event: event{Seq: r.Seq, Kind: demand.KindOf(r.Event), At: r.At, By: r.By}, Reason: r.Reason, States: plain(r.Event), says: o.Says(r.Event)})
	}
	return out
}

func (s *session) eventWords(w io.Writer, events []recorded) {
	words := ui.WordsFor("en")
	for _, e := range events {
		fmt.Fprintf(w, "%4d  %s  %-14s %s", e.Seq, s.told.At(e.At).Text, e.By, words.Of(ui.Events, e.Kind))
		for _, more := range []string{e.says, e.Reason} {
			if more != "" {
				fmt.Fprintf(w, ": %s", more)
			}
		}
		fmt.Fprintln(w)
	}
}

func (s *session) historyCommand() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use: "history ID", Short: "Every event of a demand, contest, duty, matter or case, with who, when and why", Args: exactly(1),
		Long: `Prints the whole history, oldest first. Nothing in it is ever changed or left out; with
--json each event comes with all that it states.`,
		Example: "  counterseal history k7wq-93 --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				history, err := o.Docket.History(o.As(ctx, named(as)), demand.ID(args[0]))
				if err != nil {
					return err
				}
				events := eventsOf(o, history)
				return s.answer(map[string]any{"id": args[0], "events": events}, func(w io.Writer) { s.eventWords(w, events) })
			})
		},
	}
	addReader(c, &as)
	return c
}

func (s *session) documentCommand() *cobra.Command {
	var as, out string
	c := &cobra.Command{
		Use: "document ID [DIGEST]", Short: "Give a document that is kept, byte for byte as it came",
		Long: `Writes a document of a demand or of another stream to standard output, or into the file of
--out. Without a digest it is the original that the demand came with; 'history --json'
names the digests of all others. A document comes from outside: open it with care.`,
		Example: "  counterseal document k7wq-93 > order.pdf\n  counterseal document k7wq-93 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef --out annex.pdf",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return usagef("an id follows, and may be followed by a digest: %s", c.UseLine())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" && s.json {
				return missingFlag("--out FILE to --json")
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				b, media, err := document(o.As(ctx, named(as)), o, args)
				if err != nil {
					return err
				}
				if out == "" {
					return s.give(b)
				}
				if err := os.WriteFile(out, b, 0o600); err != nil {
					return problem.New(problem.Unavailable, "cli.output", "the document could not be written").At("%s", out).Because(err)
				}
				return s.answer(map[string]any{"file": out, "media_type": media, "bytes": len(b)}, func(w io.Writer) {
					fmt.Fprintf(w, "✓ %s, %d bytes, said to be %s\n", out, len(b), media)
				})
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "write it here")
	addReader(c, &as)
	return c
}

// document finds a document by its digest, or the original. That somebody may see
// the stream is asked before the digest is read.
func document(ctx context.Context, o *app.Office, args []string) (b []byte, media string, err error) {
	id := demand.ID(args[0])
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return nil, "", err
	}
	if len(args) == 1 || args[1] == c.State.Original.String() {
		return o.Docket.Original(ctx, id)
	}
	raw, err := hex.DecodeString(args[1])
	if err != nil || len(raw) != len(demand.Digest{}) {
		return nil, "", problem.New(problem.Invalid, "cli.digest", "this is no digest").At("%.80q", args[1]).Fix("write 64 digits from 0 to f, as the history has them")
	}
	return o.Docket.Document(ctx, id, demand.Digest(raw))
}

// give writes bytes as they are. A document could steer a terminal, so it is not
// shown there.
func (s *session) give(b []byte) error {
	if f, ok := s.Out.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return usagef("a document is not shown on a terminal: write > FILE behind it, or add --out FILE")
		}
	}
	if _, err := s.Out.Write(b); err != nil {
		return problem.New(problem.Unavailable, "cli.output", "the document could not be written").Because(err)
	}
	return nil
}

// noteRead reads counsel's notes about a demand.
func (s *session) noteRead() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use: "read DEMAND", Short: "Read the privileged notes about a demand", Args: exactly(1),
		Long:    "Prints counsel's notes about a demand, oldest first. They lie under a key of their own\nand are there for counsel alone.",
		Example: "  counterseal note read k7wq-93 --as p-okafor",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				id := demand.ID(args[0])
				if demand.StreamOf(id) != demand.DemandStream {
					return docket.NotFound()
				}
				c, err := o.Docket.State(o.As(ctx, named(as)), demand.NotesOf(id))
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"id": id, "notes": plain(c.State.Notes)}, func(w io.Writer) {
					for _, n := range c.State.Notes {
						fmt.Fprintf(w, "%s  %s\n%s\n\n", s.told.At(n.At).Text, n.By, n.Text)
					}
				})
			})
		},
	}
	addReader(c, &as)
	return c
}
