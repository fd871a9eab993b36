package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// ledgerOpened checks a proof for whoever was given one, offline.
func (s *session) ledgerOpened() *cobra.Command {
	var trustFile, digest string
	var emergency bool
	c := &cobra.Command{
		Use:   "opened PROOF --digest HEX --trust trust.txt",
		Short: "Check a proof that something has been in the journal since a day",
		Long: `Checks offline, without the provider's folder, that the log and its witnesses hold what
the digest stands for, and since when. A letter or receipt states the digest.`,
		Example: "  counterseal ledger opened proof.tlog --digest 5a3246fc118920a8e85608b62e177d702173d11d0cc319a0ad52c16980d18931 --trust trust.txt",
		Args:    exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if trustFile == "" || digest == "" {
				return missingFlag("--trust FILE and --digest HEX")
			}
			trust, err := readTrust(trustFile)
			if err != nil {
				return err
			}
			check, spare, err := proofCheckers(trust)
			if err != nil {
				return err
			}
			if emergency {
				check = spare
			}
			text, err := readFile(args[0], 1<<20)
			if err != nil {
				return err
			}
			d, err := parseDigest(digest)
			if err != nil {
				return err
			}
			at, err := check(text, d)
			if err != nil {
				return err
			}
			answer := map[string]any{"digest": digest, "in_the_journal_since": at}
			if emergency {
				answer["witnesses"] = "emergency"
			}
			return s.answer(answer, func(w io.Writer) {
				fmt.Fprintf(w, "✓ in the journal since %s\n", at.UTC().Format(time.RFC3339))
				if emergency {
					fmt.Fprint(w, emergencyOnly)
				}
			})
		},
	}
	c.Flags().StringVar(&trustFile, "trust", "", "trust file (required)")
	c.Flags().StringVar(&digest, "digest", "", "the leaf's digest, as the letter or receipt states it (required)")
	c.Flags().BoolVar(&emergency, "emergency", false, "take a proof that rests on the provider's emergency policy of witnesses")
	return c
}

const emergencyOnly = "  under the emergency policy: fewer witnesses than the log's policy asks for have cosigned;\n  ask for another proof once they answer again\n"

// ledgerProve writes the proof that a demand's receipt is in the journal.
func (s *session) ledgerProve() *cobra.Command {
	var out string
	var emergency bool
	c := &cobra.Command{
		Use:   "prove DEMAND",
		Short: "Write the proof that a demand has been in the journal since it came",
		Long: `Waits until the journal holds the demand's receipt, and writes the proof for whoever has
the receipt. The digest that it proves is the receipt's journal-digest. While too few
witnesses answer there is none; with --emergency it rests on the charter's emergency
policy, if there is one, and whoever checks it has to say --emergency too.`,
		Example: "  counterseal ledger prove k7wq-93 --out proof.tlog",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				wait, cancel := context.WithTimeout(ctx, patience)
				defer cancel()
				text, digest, err := o.ProveReceipt(wait, args[0], emergency)
				if err != nil {
					return err
				}
				if out == "" {
					return s.answer(map[string]string{"proof": string(text), "digest": digest}, func(w io.Writer) { w.Write(text) })
				}
				if err := writeNew(out, text); err != nil {
					return err
				}
				return s.answer(map[string]string{"file": out, "digest": digest}, func(w io.Writer) {
					fmt.Fprintf(w, "✓ %s\n  check it: counterseal ledger opened %s --digest %s --trust trust.txt\n", out, out, digest)
				})
			})
		},
	}
	c.Flags().StringVar(&out, "out", "", "write it to this new file")
	c.Flags().BoolVar(&emergency, "emergency", false, "take the emergency policy of witnesses where the log's own does not hold")
	return c
}

func parseDigest(s string) ([32]byte, error) {
	d, err := grant.ParseDigest(s)
	if err != nil {
		return d, problem.New(problem.Invalid, "cli.digest", "a digest is 64 lower-case hexadecimal digits").At("--digest").Fix("copy it whole from the letter or receipt")
	}
	return d, nil
}
