package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// grantFlags say how a grant answers.
type grantFlags struct {
	production, export, call string
	copy                     string
	byHand, emergency, zip   bool
}

func (f *grantFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.production, "production", "", "first, rolling, supplement or correction; left out: first, or supplement after a release")
	c.Flags().BoolVar(&f.byHand, "by-hand", false, "send the export of this demand that the gate keeps: not gate-filtered")
	c.Flags().StringVar(&f.export, "export", "", "with --by-hand: which one, where there are several")
	c.Flags().StringVar(&f.copy, "copy", "", "take from this copy that the gate keeps; by the grant that made it")
	c.MarkFlagsMutuallyExclusive("copy", "by-hand")
	c.Flags().BoolVar(&f.emergency, "emergency", false, "the emergency lane; needs a call to the agency")
	c.Flags().BoolVar(&f.zip, "zip", false, "pack a ZIP under a passphrase that is read out on a call, though the agency has a key")
	c.Flags().StringVar(&f.call, "call", "", "the call that the grant names; left out with --emergency: the last one that was confirmed")
}

func (f *grantFlags) terms(ctx context.Context, o *app.Office, id demand.ID) (t app.Terms, err error) {
	t.Production, t.Emergency, t.Copy, t.Zip = grant.Production(f.production), f.emergency, f.copy, f.zip
	if f.production != "" && !slices.Contains(grant.Productions, t.Production) {
		return t, problem.New(problem.Invalid, "cli.production", "there is no such kind of production").At("--production").Fix("write first, rolling, supplement or correction")
	}
	if f.call != "" {
		t.Call, err = grant.ParseDigest(f.call)
		if err != nil {
			return t, err
		}
	}
	switch {
	case f.export != "" && !f.byHand:
		return t, missingFlag("--by-hand to --export")
	case f.export != "":
		t.Export, err = grant.ParseDigest(f.export)
	case f.byHand:
		t.Export, err = o.OnlyExport(ctx, id)
	}
	return t, err
}
