package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
)

func (s *session) gateStamp() *cobra.Command {
	return &cobra.Command{
		Use:   "stamp",
		Short: "Ask for the time stamps that packages wait for, now",
		Long: `Asks the time-stamping authority that counterseal.toml names under [ledger.stamp] for a
time stamp (RFC 3161) on the journal's checkpoint in each package that has none yet,
and gives it to the gate, which checks it and lays it beside the package. What runs
under counterseal serve does this by itself, and again after a failure; this does it
at once and says what is in the way. No release waits for a time stamp.`,
		Example: "  counterseal gate stamp",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				out, err := o.StampWaiting(ctx, true)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"packages": out}, func(w io.Writer) {
					for _, x := range out {
						if x.Code == "" {
							fmt.Fprintf(w, "✓ demand %s, grant %s: stamped at %s by %s\n", x.Demand, x.Grant, x.At.UTC().Format(time.RFC3339), x.By)
						} else {
							fmt.Fprintf(w, "– demand %s, grant %s: no time stamp yet (%s), since %s\n", x.Demand, x.Grant, x.Code, x.Since.UTC().Format(time.RFC3339))
						}
					}
					if len(out) == 0 {
						fmt.Fprintln(w, "No package waits for a time stamp.")
					}
				})
			})
		},
	}
}
