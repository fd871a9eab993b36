package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
)

func (s *session) initCommand() *cobra.Command {
	var n app.Founding
	c := &cobra.Command{
		Use:   "init --provider NAME --origin DOMAIN",
		Short: "Make a provider's folder: keys, logs and one local witness",
		Long: `Makes the folder that all other commands work on. Everything secret in it is
readable by its owner alone. Nothing can leave it yet: there is no gate before the
first ceremony (counterseal gate init), and no demand before an agency is registered.

What to write next, each with an example in docs/operations.md:

  estate.toml        your customers, their accounts, and which identifier was whose, when
  agencies.toml      who may make demands, and the contact that you call back
  charter.toml       who may approve, and how many of them it takes
  counterseal.toml   is there already: connect a mail store, and say how customers reach you`,
		Example: `  counterseal init --provider "Example Cloud ApS" --origin example.com --contact privacy@example.com --data ./office`,
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if n.Provider == "" || n.Origin == "" {
				return missingFlag("--provider NAME and --origin DOMAIN")
			}
			f, err := app.Found(s.data, n)
			if err != nil {
				return err
			}
			next := []string{f.Estate(), f.Agencies(), f.CharterDraft()}
			return s.answer(map[string]any{"folder": s.data, "provider": n.Provider, "write_next": next}, func(w io.Writer) {
				fmt.Fprintf(w, "✓ %s\n  write next: estate.toml, agencies.toml and charter.toml (docs/operations.md has each to begin with)\n", s.data)
				if n.Contact == "" {
					fmt.Fprintln(w, "  and in counterseal.toml, under [notice], how a customer reaches you")
				}
				fmt.Fprintln(w, "  then hold the first ceremony: counterseal gate init")
			})
		},
	}
	f := c.Flags()
	f.StringVar(&n.Provider, "provider", "", "your name, as it stands in letters, receipts and the charter (required)")
	f.StringVar(&n.Origin, "origin", "", "a domain of yours, with which the logs' names begin (required)")
	f.StringVar(&n.Contact, "contact", "", "how a customer reaches you; every letter states it")
	f.StringVar(&n.GateID, "gate", "gate-1", "the gate's name in the charter")
	f.StringVar(&n.Region, "region", "main", "the region in which the gate and its stores are")
	return c
}
