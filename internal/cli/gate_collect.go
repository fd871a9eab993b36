package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

func (s *session) gateCollect() *cobra.Command {
	var from, how, as, key, armored, manifest string
	var part []string
	var textOnly, yes bool
	c := &cobra.Command{
		Use:   "collect DEMAND FOLDER",
		Short: "Bring an export that you collected by hand, where no store is connected",
		Long: `Reads a folder that a store's own tools wrote, names every file with its size and
SHA-256, and says who collected it, from what, how and when. You sign that list, and
the files go to the gate as a stream. Then 'demand grant --by-hand' puts exactly
these files before the approvers. Who collected them cannot approve.

The gate compares nothing in them with the scope: the approvers, the package and
everybody who verifies it are told that it is not gate-filtered, and such answers are
counted apart. A release that finds one byte changed lets nothing leave.

The export covers what was decided to be given and has not left, or --part of it.
Where that is of several accounts, services or categories, put the files into folders
ACCOUNT/SERVICE/CATEGORY. A week later an export that nobody released is removed.

With a key that only ssh-keygen can use:
  counterseal gate collect DEMAND FOLDER --from … --how … --text > export.txt
  ssh-keygen -Y sign -n counterseal-export-v1 -f KEY export.txt
  counterseal gate collect DEMAND FOLDER --manifest export.txt --signature export.txt.sig`,
		Example: "  counterseal gate collect k7wq-93 june-export --from \"mail server mx-2\" --how \"doveadm export, mailbox INBOX\" --as p-mira --key ~/.ssh/id_ed25519",
		Args:    exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if manifest == "" && (from == "" || how == "") {
				return missingFlag("--from WHAT and --how HOW")
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				h, err := s.readExport(ctx, o, args, manifest, as, app.Collected{From: from, How: how}, part)
				if err != nil {
					return err
				}
				defer h.Close()
				if textOnly {
					return s.answerText(h.Text)
				}
				signed, err := s.sign(key, armored, signature.Export, h.Text, "say that you collected this", yes)
				if err != nil {
					return err
				}
				out, err := o.BringExport(ctx, h, signed, s.progress("Bringing"))
				if err != nil {
					return err
				}
				return s.answer(out, func(w io.Writer) {
					fmt.Fprintf(w, "✓ the gate keeps %d files (%d bytes), not gate-filtered\n  export %s\n  put it before the approvers: counterseal demand grant %s --by-hand\n", out.Files, out.Bytes, out.Export, out.Demand)
				})
			})
		},
	}
	c.Flags().StringVar(&from, "from", "", "what it was collected from, in words")
	c.Flags().StringVar(&how, "how", "", "with which tools, in words")
	c.Flags().StringArrayVar(&part, "part", nil, "a selector line that the export covers (see docs/formats.md); may be given more than once")
	c.Flags().StringVar(&manifest, "manifest", "", "the list as it was printed with --text and signed")
	c.Flags().BoolVar(&textOnly, "text", false, "print the list to be signed and nothing else")
	addActor(c, &as)
	addSigner(c, &key, &armored, &yes)
	return c
}

func (s *session) readExport(ctx context.Context, o *app.Office, args []string, manifest, as string, by app.Collected, part []string) (*app.HandExport, error) {
	if manifest != "" {
		text, err := readFile(manifest, grant.MaxExportText)
		if err != nil {
			return nil, err
		}
		h, err := o.OpenExport(args[1], text)
		return h, in(manifest, err)
	}
	actor, err := s.actor(o, as, "gate.collect")
	if err != nil {
		return nil, err
	}
	by.Person = actor
	if len(part) > 0 {
		by.Covers, err = scope.ParseLines(part)
		if err != nil {
			return nil, err
		}
	}
	return o.ReadExport(ctx, demand.ID(args[0]), args[1], by, s.progress("Reading"))
}

// progress tells a person how far a long act is, at most ten times a second.
func (s *session) progress(act string) app.Progress {
	var last time.Time
	return func(done, total int64) {
		if !s.Terminal || s.json || total < 64<<20 {
			return
		}
		now := s.Now()
		if done < total && now.Sub(last) < 100*time.Millisecond {
			return
		}
		last = now
		fmt.Fprintf(s.Err, "\r%s %3d %% of %d MiB", act, 100*done/total, total>>20)
		if done == total {
			fmt.Fprintln(s.Err)
		}
	}
}

func (s *session) gateCalled() *cobra.Command {
	var reached, contact, readBack, as, key string
	var confirmed, denied, textOnly, yes bool
	c := &cobra.Command{
		Use:   "called DEMAND",
		Short: "Say, signed, that you called the agency back, and what you heard",
		Long: `An emergency grant rests on a call to a contact that the charter holds: never to the
number on the demand itself. Whoever called signs who was reached and when, and does
not approve the grant. A recipient's key that was read back on the call counts at
once; any other must have been known for a day.

A call on which the agency knows of nothing is recorded with --denied; no grant can
rest on it.`,
		Example: "  counterseal gate called k7wq-93 --reached \"R. Sample, duty desk\" --confirmed --as p-elin --key ~/.ssh/id_ed25519",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reached == "" || confirmed == denied {
				return missingFlag("--reached WHOM, and --confirmed or --denied")
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "gate.call")
				if err != nil {
					return err
				}
				text, err := o.CallBack(ctx, demand.ID(args[0]), actor, contact, reached, readBack, confirmed)
				if err != nil {
					return err
				}
				if textOnly {
					return s.answerText(text)
				}
				signed, err := s.sign(key, "", signature.Caller, text, "say that you called", yes)
				if err != nil {
					return err
				}
				held, err := o.Desk().Called(ctx, grant.Signed{Text: text, Signature: signed})
				if err != nil {
					return err
				}
				return s.answer(held, func(w io.Writer) {
					fmt.Fprintf(w, "✓ recorded: %s called %s\n  call %s\n", held.Caller, held.Contact, held.Call)
					if held.Confirmed {
						fmt.Fprintf(w, "  draft the grant: counterseal demand grant %s --emergency\n", held.Demand)
					}
				})
			})
		},
	}
	c.Flags().StringVar(&reached, "reached", "", "who answered, in words (required)")
	c.Flags().StringVar(&contact, "contact", "", "which contact of the charter was called, where it holds several")
	c.Flags().StringVar(&readBack, "key-read-back", "", "the recipient's whole key, as it was read back on the call")
	c.Flags().BoolVar(&confirmed, "confirmed", false, "the agency confirmed the demand")
	c.Flags().BoolVar(&denied, "denied", false, "the agency did not confirm it")
	c.MarkFlagsMutuallyExclusive("confirmed", "denied")
	c.Flags().BoolVar(&textOnly, "text", false, "print the text to be signed and nothing else")
	addActor(c, &as)
	addSigner(c, &key, nil, &yes)
	return c
}

// beside shows what a grant rests on beyond its own text: the list of an export's
// files, a caller's statement.
func (s *session) beside(ctx context.Context, o *app.Office, text []byte) error {
	g, err := grant.Parse(text)
	if err != nil {
		return err
	}
	show := func(what string, text []byte) {
		fmt.Fprintf(s.Err, "%s\n%s\n\n%s", strings.Repeat("─", 72), what, folded(string(text)))
	}
	if g.ByHand() {
		list, err := o.Desk().ExportText(ctx, g.Export.Manifest.String())
		if err != nil {
			return err
		}
		show("Not gate-filtered. What leaves is exactly these files, collected by hand:", list)
	}
	if g.Copy != (grant.CopyFacts{}) {
		stated, err := o.Desk().CopyText(ctx, g.Copy.Statement.String())
		if err != nil {
			return err
		}
		show("What the gate states about the copy:", stated)
	}
	if g.Caller != "" {
		call, err := o.Desk().CallText(ctx, g.Call.String())
		if err != nil {
			return err
		}
		show("The agency was called back:", call)
	}
	for _, alike := range grant.LooksAlike(g) {
		fmt.Fprintf(s.Err, "Compare with the order, letter by letter: %s\n", alike)
	}
	return s.despite(ctx, o, g)
}

// despite tells of the stops that a grant names, whose text has their digests alone.
func (s *session) despite(ctx context.Context, o *app.Office, g grant.Grant) error {
	if len(g.Stops) == 0 {
		return nil
	}
	held, err := o.Desk().Stops(ctx)
	if err != nil {
		return err
	}
	for _, d := range g.Stops {
		i := slices.IndexFunc(held, func(h gate.HeldStop) bool { return h.Digest == d.String() })
		if i < 0 {
			fmt.Fprintf(s.Err, "Despite a stop that nobody can read here: %s\n", d)
			continue
		}
		fmt.Fprintf(s.Err, "Despite a stop: %s stopped %s %s, because: %s\n", held[i].Person, held[i].Reach, s.told.At(held[i].At).Text, held[i].Reason)
	}
	return nil
}

func (s *session) exportWords(w io.Writer, e gate.Export) {
	fmt.Fprintf(w, "Export of demand %s, by hand, not gate-filtered: %d files, %d bytes\n  collected     %s by %s\n  from          %s\n  how           %s\n  export        %s\n",
		e.Demand, e.Files, e.Bytes, s.told.At(e.Collected).Text, e.Collector, e.From, e.How, e.Export)
}
