package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
)

func (s *session) lawPacksCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "packs",
		Short: "List the rule packs that count here, and those that wait to be listed",
		Long: `Once there is a charter, the packs that it lists by their digests count and no other: a
pack that the quorum has not signed does not load, be it the program's own. Before, those
that came with the program count. Packs of your own lie in the folder law/ of the
provider's folder, as law/us/sca.yaml; one that has the name of a program's pack takes
its place.

What is marked + would be listed by the next charter statement:

  counterseal law backtest     says what it would find in the demands on record
  counterseal gate amend       drafts the statement; the quorum signs it`,
		Example: "  counterseal law packs\n  counterseal law packs --json | jq -r '.packs[] | select(.in_force.sha256 != .next.sha256) | .name'",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOffice(cmd.Context(), func(_ context.Context, o *app.Office) error {
				statement, packs, err := o.Packs()
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"statement": statement, "packs": packs}, func(w io.Writer) { packWords(w, statement, packs) })
			})
		},
	}
}

func packWords(w io.Writer, statement int, packs []app.PackState) {
	waits := 0
	for _, p := range packs {
		if p.InForce != nil {
			fmt.Fprintf(w, "✓ %-14s %s  %-9s  %.12s  %s\n", p.Name, p.InForce.Version, several(p.InForce.Rules, "rule"), p.InForce.Digest, p.Title)
		}
		if !p.Waits() {
			continue
		}
		waits++
		if p.Next == nil {
			fmt.Fprintf(w, "- %-14s neither the program nor law/ has it any more\n", p.Name)
			continue
		}
		from := "the program's"
		if p.Own {
			from = "your own"
		}
		fmt.Fprintf(w, "+ %-14s %s  %-9s  %.12s  %s, waits to be listed\n", p.Name, p.Next.Version, several(p.Next.Rules, "rule"), p.Next.Digest, from)
	}
	switch {
	case statement == 0:
		fmt.Fprintln(w, "\nThere is no charter yet: the packs that came with the program count.")
	case waits == 0:
		fmt.Fprintf(w, "\nAs charter statement %d lists them. Nothing waits.\n", statement)
	default:
		fmt.Fprintf(w, "\nWhat counts is what the charter up to statement %d lists. %s to be listed: see what changes with\n  counterseal law backtest\nthen let the quorum sign it, beginning with\n  counterseal gate amend\n", statement, waiting(waits))
	}
}

func waiting(n int) string {
	if n == 1 {
		return "1 pack waits"
	}
	return fmt.Sprintf("%d packs wait", n)
}
