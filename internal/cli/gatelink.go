package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
)

func (s *session) gateLink() *cobra.Command {
	var as, by string
	c := &cobra.Command{
		Use:   "link GRANT --for NAME",
		Short: "Make a link with which an officer picks a released package up in a browser",
		Long: `The page behind the link is the gate's own (pickup in its configuration). It fetches
the package and decrypts it in the officer's browser; docs/pick-up.md says what the
officer sees. The link opens nothing without the recipient's key; of a package that is a
ZIP it hands out the ZIP, which opens with its passphrase alone. It counts for seven
days, and a new one takes its place. Every fetch by it is logged under NAME, counted
with those of 'gate fetch', and stops when a stop arrives. The demand's page makes one
too.`,
		Example: "  counterseal gate link g-1f2e3d4c5b --for \"R. Sample, Harbor District\" --as p-okafor",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if by == "" {
				return missingFlag("--for NAME")
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				if _, err := s.actor(o, as, "gate.link"); err != nil {
					return err
				}
				l, err := o.Desk().Link(ctx, args[0], by)
				if err != nil {
					return err
				}
				return s.answer(l, func(w io.Writer) {
					fmt.Fprintf(w, "%s\n  for %s alone, until %s; it opens with the recipient's key, or the passphrase of a ZIP\n", l.URL, l.For, s.told.At(l.Until).Text)
				})
			})
		},
	}
	c.Flags().StringVar(&by, "for", "", "who picks the package up, in words")
	addActor(c, &as)
	return c
}
