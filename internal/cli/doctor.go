package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
)

func (s *session) doctorCommand() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say which promises hold on this set-up, and what is amiss",
		Long: `Looks at the folder, the clock, the logs, the gate and every demand that is open, and
says plainly what holds here and what does not. It changes nothing. It ends with exit
code 6 if something is amiss that a person must see to; a promise that this set-up
cannot keep is not amiss, but it is said. What lies in sealed cases is looked at and
counted for their members alone.`,
		Example: "  counterseal doctor --json | jq '.promises[] | select(.holds | not)'",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				report := o.Examine(o.As(ctx, named(as)))
				err := s.answer(report, func(w io.Writer) { doctorWords(w, report) })
				if err != nil {
					return err
				}
				return report.Problem()
			})
		},
	}
	addReader(c, &as)
	return c
}

// limits stands over what does not hold, each told as it is.
const limits = "Limits of this set-up"

func doctorWords(w io.Writer, r app.Health) {
	for _, c := range r.Checks {
		sign := "✓"
		if !c.Well {
			sign = "✗"
		}
		fmt.Fprintf(w, "%s %-11s %s\n", sign, c.About, c.Says)
		if c.Fix != "" {
			fmt.Fprintf(w, "  %-11s %s\n", "", c.Fix)
		}
	}
	fmt.Fprintf(w, "\nWhat holds here\n")
	for _, p := range r.Promises {
		if p.Holds {
			fmt.Fprintf(w, "✓ %s\n", p.Says)
		}
	}
	fmt.Fprintf(w, "\n%s\n", limits)
	for _, p := range r.Promises {
		if !p.Holds {
			fmt.Fprintf(w, "– %s\n", p.Says)
		}
	}
}
