package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

func (s *session) lawBacktestCommand() *cobra.Command {
	as := ""
	c := &cobra.Command{
		Use:   "backtest [PACKDIR]",
		Short: "Say what changed packs would find in the demands on record",
		Long: `Reads the packs of a folder and compares each with the pack of its name that is in
force, over the facts of every demand in the provider's folder, and says which findings
and dates would appear, vanish or change, by demand and by rule. A finding here is a
rule that is violated or asks; a pack of a new name is compared with nothing. Without a
folder it compares the packs that gate amend would list next: what the quorum would sign.

Both sides are asked today, on the facts that are stated or on record now; what was
found earlier stays as it was. Nothing is recorded and nothing changes. Progress goes to
standard error.

It sees what the person of --as may see: what lies in a sealed case is there for its
members alone, and without --as it is not there, in no list and in no count.`,
		Example: "  counterseal law backtest\n  counterseal law backtest mypacks\n  counterseal law backtest mypacks --as p-okafor --json | jq '.totals'",
		Args:    atMostOne,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return s.backtest(cmd.Context(), nil, as)
			}
			sources, own, err := lawSources(args)
			if err != nil {
				return err
			}
			packs, err := law.ParseDrafts(slices.DeleteFunc(sources, func(x law.Source) bool { return !own[x.File] }))
			if err != nil {
				return err
			}
			return s.backtest(cmd.Context(), packs, as)
		},
	}
	addReader(c, &as)
	return c
}

func (s *session) backtest(ctx context.Context, packs []*law.Pack, as string) error {
	// Without the standing work of withOffice: reading must leave the folder as it is.
	o, err := app.Open(ctx, app.Folder(s.data), s.officeOptions())
	if err != nil {
		return err
	}
	said := time.Now()
	result, err := o.Backtest(o.As(ctx, named(as)), packs, func(n int) {
		if time.Since(said) > 2*time.Second {
			said = time.Now()
			s.say("%s compared", several(n, "demand"))
		}
	})
	if closeErr := o.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	s.say("%s compared", several(result.Compared, "demand"))
	err = s.answer(result, func(w io.Writer) { backtestWords(w, result) })
	if err == nil && len(result.Unread) > 0 {
		return problem.New(problem.Unverified, "law.backtest", "%s could not be read, and is not compared", several(len(result.Unread), "demand")).Fix("counterseal doctor says more")
	}
	return err
}

func backtestWords(w io.Writer, b app.Backtest) {
	for _, d := range b.Demands {
		fmt.Fprintf(w, "%s  %s\n", d.Demand, d.Instrument)
		for _, c := range d.Changes {
			fmt.Fprintf(w, "  %-9s %s: %s\n", c.How, c.Rule, changeWords(c))
		}
	}
	if len(b.Demands) > 0 {
		fmt.Fprintln(w)
	}
	for _, d := range b.Unread {
		fmt.Fprintf(w, "%s  cannot be opened (%s)\n", d.Demand, d.Code)
	}
	for _, t := range b.Totals {
		fmt.Fprintf(w, "%-40s appears %d, vanishes %d, changes %d\n", t.Rule, t.Appears, t.Vanishes, t.Changes)
	}
	fmt.Fprintf(w, "%s of %s would be found otherwise. Nothing was recorded.\n", several(b.Differ, "demand"), several(b.Compared, "demand"))
}

func changeWords(c law.Change) string {
	if c.How == law.Changes {
		return fmt.Sprintf("%s → %s (%s)", standing(c.Before), standing(c.After), strings.Join(c.What, ", "))
	}
	return standing(cmp.Or(c.After, c.Before))
}

// standing is what a rule says, in a few words.
func standing(x *law.Standing) string {
	words := []string{x.Outcome, string(x.Severity)}
	if x.NotBefore != "" {
		words = append(words, "not before "+x.NotBefore)
	}
	if x.Latest != "" {
		words = append(words, x.Latest)
	}
	words = append(words, x.Cite)
	if len(x.Missing) > 0 {
		words = append(words, "state "+strings.Join(x.Missing, ", "))
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), ", ")
}
