package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

func (s *session) gateIncident() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "incident",
		Short: "What left and was not compelled",
		Long: `A package that held more than was compelled: say so, see which there were, read the
exact list.`,
	})
	c.AddCommand(s.gateIncidentReport(), s.gateIncidentList(), s.gateIncidentRead())
	return c
}

func (s *session) gateIncidentReport() *cobra.Command {
	var c app.Compelled
	var as, key, armored, statement string
	var textOnly, yes bool
	cmd := &cobra.Command{
		Use:   "report GRANT",
		Short: "Say, signed, that what left was more than was compelled",
		Long: `For what turns out after a package has left: a court narrowed or quashed the order, an
interval was wrong, an item was no part of it. You say what was compelled; the gate
holds its index of that release to it and lists exactly what should not have left.

From then on nobody fetches that package. The docket, the journal and 'doctor' learn
how much it is and the digest of the list, and no item; counsel is to ask the
production back. The docket also learns whose data it is, in numbers: customers who
were told of the demand before get a letter, at once or when secrecy ends. The list
itself lies encrypted at the gate: read it with 'gate incident read'. A later word
makes another incident; none is ever changed.

A release that is older than indexes, or an export by hand, has none. Ask it back
without a list: counterseal production recall.

With a key that only ssh-keygen can use:
  counterseal gate incident report GRANT --nothing --reason … --text > incident.txt
  ssh-keygen -Y sign -n counterseal-incident-v1 -f KEY incident.txt
  counterseal gate incident report GRANT --statement incident.txt --signature incident.txt.sig`,
		Example: "  counterseal gate incident report g-1f2e3d4c5b --nothing --reason \"quashed on 3 March\" --as p-okafor --key ~/.ssh/id_ed25519",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				text, err := s.incidentText(ctx, o, args[0], as, statement, c)
				if err != nil {
					return err
				}
				if textOnly {
					return s.answerText(text)
				}
				signed, err := s.sign(key, armored, signature.Incident, text, "say that this left and was not compelled", yes)
				if err != nil {
					return err
				}
				out, err := o.ReportIncident(ctx, grant.Signed{Text: text, Signature: signed})
				if err != nil {
					return err
				}
				return s.answer(out, func(w io.Writer) {
					s.incidentWords(w, out)
					fmt.Fprintf(w, "  ask it back:  counterseal production recall %s --grant %s --reason …\n", out.Demand, out.Grant)
				})
			})
		},
	}
	cmd.Flags().BoolVar(&c.Nothing, "nothing", false, "nothing was compelled: the order is quashed")
	cmd.Flags().StringArrayVar(&c.Lines, "compelled", nil, "a selector line of what was compelled (see docs/formats.md); may be given more than once")
	cmd.Flags().StringArrayVar(&c.Items, "item", nil, `an item that was not compelled: 'ACCOUNT SERVICE "ID"'; may be given more than once`)
	cmd.Flags().StringVar(&c.Reason, "reason", "", "why it was not compelled, in words")
	cmd.Flags().StringVar(&statement, "statement", "", "the statement as it was printed with --text and signed")
	cmd.Flags().BoolVar(&textOnly, "text", false, "print the statement to be signed and nothing else")
	cmd.MarkFlagsMutuallyExclusive("nothing", "compelled")
	addActor(cmd, &as)
	addSigner(cmd, &key, &armored, &yes)
	return cmd
}

func (s *session) incidentText(ctx context.Context, o *app.Office, id, as, statement string, c app.Compelled) ([]byte, error) {
	if statement != "" {
		return readFile(statement, grant.MaxText)
	}
	actor, err := s.actor(o, as, "gate.incident")
	if err != nil {
		return nil, err
	}
	return o.IncidentText(ctx, id, actor, c)
}

func (s *session) gateIncidentList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "What was over-produced, after it left and before", Args: none,
		Long: `Lists each package that held more than was compelled: of what left, who said so, how much
it is and until when its list is kept; of what was caught before it was signed, what is
kept apart. No item is named.`,
		Example: "  counterseal gate incident list --json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				list, err := o.Desk().Incidents(ctx)
				if err != nil && len(list) == 0 {
					return err
				}
				down := err // of one gate; the others have answered
				err = s.answer(map[string]any{"incidents": list}, func(w io.Writer) {
					for _, x := range list {
						s.incidentWords(w, x)
					}
					if len(list) == 0 {
						fmt.Fprintln(w, "No package is known to have held more than was compelled.")
					}
				})
				if err != nil {
					return err
				}
				return down
			})
		},
	}
}

func (s *session) gateIncidentRead() *cobra.Command {
	var as, key, armored, word, to string
	var textOnly, yes bool
	c := &cobra.Command{
		Use:   "read INCIDENT --to FILE",
		Short: "Read the list of an incident: each item, by id and by SHA-256",
		Long: `The gate shows the list to a person on the roster who says, signed, that they read it
now. Each word is good once, and the gate's record keeps who read. The file is JSON
lines: first the statement on which the incident rests, then an item a line. Its SHA-256
is what the gate has stated. Keep it as you keep customers' data.`,
		Example: "  counterseal gate incident read 5f0c…e1 --to list.jsonl --as p-okafor --key ~/.ssh/id_ed25519",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if to == "" && !textOnly {
				return missingFlag("--to FILE")
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				text, err := s.listReadText(ctx, o, args[0], as, word)
				if err != nil {
					return err
				}
				if textOnly {
					return s.answerText(text)
				}
				signed, err := s.sign(key, armored, signature.IncidentRead, text, "say that you read this list", yes)
				if err != nil {
					return err
				}
				n, err := readList(ctx, o, grant.Signed{Text: text, Signature: signed}, to)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"file": to, "bytes": n}, func(w io.Writer) { fmt.Fprintf(w, "✓ %s, %d bytes\n", to, n) })
			})
		},
	}
	c.Flags().StringVar(&to, "to", "", "a new file")
	c.Flags().StringVar(&word, "statement", "", "the word as it was printed with --text and signed")
	c.Flags().BoolVar(&textOnly, "text", false, "print the word to be signed and nothing else")
	addActor(c, &as)
	addSigner(c, &key, &armored, &yes)
	return c
}

func (s *session) listReadText(ctx context.Context, o *app.Office, incident, as, word string) ([]byte, error) {
	if word != "" {
		return readFile(word, grant.MaxText)
	}
	actor, err := s.actor(o, as, "gate.incident")
	if err != nil {
		return nil, err
	}
	return o.ListReadText(ctx, incident, actor)
}

func readList(ctx context.Context, o *app.Office, word grant.Signed, to string) (int64, error) {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, problem.New(problem.Conflict, "cli.exists", "this file is there already, or cannot be made; nothing was overwritten").At("%s", to).Fix("name another with --to").Because(err)
	}
	defer f.Close()
	r, size, err := o.Desk().ReadIncident(ctx, word)
	if err != nil {
		os.Remove(to)
		return 0, err
	}
	defer r.Close()
	n, err := io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	if err != nil || n != size {
		return n, problem.New(problem.Unavailable, "cli.output", "the file could not be written whole").At("%s", to).Because(err)
	}
	return n, nil
}

func (s *session) incidentWords(w io.Writer, x gate.Incident) {
	if x.Kind == gate.KeptApart {
		fmt.Fprintf(w, "Grant %s of demand %s: %d items beyond the grant, caught before they left\n", x.Grant, x.Demand, max(0, x.Outside+x.Unlisted))
		if x.Kept {
			fmt.Fprintf(w, "  kept apart    quarantine/%s in the gate's folder\n", x.ID)
		}
		return
	}
	fmt.Fprintf(w, "Grant %s of demand %s: %d of %d items that left were not compelled (%d bytes)\n  said by       %s, %s: %s\n  downloads     ended\n  incident      %s\n",
		x.Grant, x.Demand, x.Outside, x.Items, x.Bytes, x.Person, s.told.At(x.At).Text, x.Reason, x.Incident)
	for _, e := range x.Whose {
		fmt.Fprintf(w, "  of            %s: %s, %s, %s\n", e.Account, several(int(e.Items), "item"), e.Service, e.Category)
	}
	if x.Kept {
		fmt.Fprintf(w, "  list          until %s: counterseal gate incident read %s --to FILE\n", s.told.At(x.Until).Text, x.Incident)
	} else {
		fmt.Fprintln(w, "  list          not kept any more")
	}
}
