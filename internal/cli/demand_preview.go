package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
)

func (s *session) demandPreview() *cobra.Command {
	var as, region string
	c := &cobra.Command{
		Use: "preview DEMAND", Short: "Put before an approver that the gate counts what is asked", Args: exactly(1),
		Long: `Drafts a grant by which the gate counts, in its own region, what the demand asks for, and
keeps a table of rounded numbers by service and month: for a scope that is argued over,
or a cost that is estimated. No item is opened and nothing leaves. One person approves it,
who did not draft it; then 'gate preview' counts.

No number is finer than ten, and none says that there is nothing. Three previews of one
demand can begin within 24 hours. What names participants or items is not counted.`,
		Example: "  counterseal demand preview k7wq-93 --as p-halvorsen",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "grant.draft")
				if err != nil {
					return err
				}
				st, err := o.DraftPreview(o.As(ctx, string(actor)), demand.ID(args[0]), actor, region)
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) {
					fmt.Fprintf(w, "✓ grant %s, to preview, is before an approver until %s\n  read and approve it: counterseal approve %s --key KEY\n  then: counterseal gate preview %s --key KEY\n",
						st.Grant, s.told.End(st.Expires).Text, st.Grant, st.Grant)
				})
			})
		},
	}
	c.Flags().StringVar(&region, "region", "", "whose gate counts; left out: the first in which something is asked")
	addActor(c, &as)
	return c
}

func (s *session) gatePreview() *cobra.Command {
	var key, as string
	var yes bool
	c := &cobra.Command{
		Use:   "preview GRANT",
		Short: "Count what a grant to preview names, or show the table again",
		Long: `Asks every check that a release asks, then counts in the stores inside the gate's region.
It opens no item, nothing leaves, and the gate keeps a rounded table only. With --key it
first says, signed, that the demand still stands. Running it again shows the kept table
and reads no store.`,
		Example: "  counterseal gate preview v-1f2e3d4c5b --key ~/.ssh/id_ed25519 --as p-okafor",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				err := s.standsFirst(ctx, o, args[0], as, key, yes)
				if err != nil {
					return err
				}
				out, err := o.Desk().Preview(ctx, args[0])
				if err != nil {
					return err
				}
				return s.answer(out, func(w io.Writer) { s.previewWords(w, out) })
			})
		},
	}
	addActor(c, &as)
	addSigner(c, &key, nil, &yes)
	return c
}

func (s *session) previewWords(w io.Writer, p gate.Preview) {
	fmt.Fprintf(w, "Preview %s of demand %s, in %s, counted %s. Numbers are rounded; months are of UTC.\n", p.Grant, p.Demand, p.Region, s.told.At(p.At).Text)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range p.Rows {
		fmt.Fprintf(t, "  %s\t%s\t%s\n", r.Service, r.Month, bandWords(r.Band))
	}
	t.Flush()
	fmt.Fprintf(w, "  in no month: %s (without a time that can be told, or unreadable)\n", bandWords(p.Unplaced))
}

func bandWords(b grant.Band) string {
	if b.Least == 0 {
		return fmt.Sprintf("%d or fewer", b.Most)
	}
	return fmt.Sprintf("%d to %d", b.Least, b.Most)
}
