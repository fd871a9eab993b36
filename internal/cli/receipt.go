package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/problem"
	"counterseal/internal/receipt"
	"counterseal/internal/signature"
)

func (s *session) receiptCommand() *cobra.Command {
	var trustFile, signed string
	c := &cobra.Command{
		Use:   "receipt RECEIPT --trust trust.txt",
		Short: "Check a receipt offline: whose it is, and for which bytes",
		Long: `Checks the signature on a receipt against the docket's key in the trust file and says
what it acknowledges. Keep the receipt: it opens the demand's leaf in the public logs.`,
		Example: "  counterseal receipt receipt.txt --trust trust.txt",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if trustFile == "" {
				return missingFlag("--trust FILE")
			}
			trust, err := readTrust(trustFile)
			if err != nil {
				return err
			}
			if trust.Docket == nil {
				return problem.New(problem.Unverified, "cli.no_docket_key", "this trust file does not name the docket's key").At("%s", trustFile).
					Fix("obtain the provider's trust file again")
			}
			if signed == "" {
				signed = args[0] + ".sig"
			}
			text, err := readFile(args[0], receipt.MaxText)
			if err != nil {
				return err
			}
			armored, err := readFile(signed, signature.MaxArmor)
			if err != nil {
				return err
			}
			r, err := receipt.Verify(armored, text, trust.Docket)
			if err != nil {
				return err
			}
			answer := map[string]any{"provider": r.Provider, "demand": r.Demand, "received": r.Received, "original_sha256": fmt.Sprintf("%x", r.OriginalSHA256),
				"journal_digest": fmt.Sprintf("%x", r.JournalDigest)}
			return s.answer(answer, func(w io.Writer) {
				fmt.Fprintf(w, "✓ %s acknowledges that it received these bytes on %s\n  demand    %s\n  original  %x (%d bytes)\n  journal   %x\n",
					r.Provider, r.Received.UTC().Format(time.RFC3339), r.Demand, r.OriginalSHA256, r.OriginalBytes, r.JournalDigest)
			})
		},
	}
	c.Flags().StringVar(&trustFile, "trust", "", "trust file (required)")
	c.Flags().StringVar(&signed, "signature", "", "the receipt's signature; the receipt's name with .sig unless stated")
	return c
}
