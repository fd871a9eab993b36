package cli

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

func (s *session) ledgerCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "ledger",
		Short: "Check the public logs",
		Long: `The journal gets one leaf every tick, busy or idle; every step of every demand is in
it before it takes effect. The register gets one leaf for each demand, in padded
batches. Both are public and say nothing to whoever has no opening. An opening is what
a receipt or letter states; with it and a proof, anybody checks one event offline.`,
	})
	var dir, policyFile string
	check := &cobra.Command{
		Use:   "check",
		Short: "Recompute the logs offline and compare them with their signed heads",
		Long: `Reads every leaf of the journal and the register, recomputes the roots, checks
the signatures and the witnesses' cosignatures, and runs Tessera's own check. With
--log and --policy it checks any copy of one log, without the provider's folder.`,
		Example: "  counterseal ledger check\n  counterseal ledger check --log mirror/journal --policy journal.policy",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			type target struct{ name, dir, policy string }
			f := app.Folder(s.data)
			targets := []target{{"journal", f.Journal(), f.Policy("journal")}, {"register", f.Register(), f.Policy("register")}}
			if dir != "" || policyFile != "" {
				if dir == "" || policyFile == "" {
					return missingFlag("both --log FOLDER and --policy FILE, or neither")
				}
				targets = []target{{"log", dir, policyFile}}
			} else if _, err := f.ReadConfig(); err != nil {
				return err
			}
			var out []checkedLog
			for _, t := range targets {
				text, err := readFile(t.policy, 1<<20)
				if err != nil {
					return err
				}
				policy, err := proof.ParsePolicy(text)
				if err != nil {
					return err
				}
				report, err := ledger.Check(cmd.Context(), t.dir, policy)
				if t.name == "register" && problem.Code(err) == "ledger.pending" {
					out = append(out, checkedLog{Log: t.name}) // its first batch is to come
					continue
				}
				if err != nil {
					return err
				}
				out = append(out, logAnswer(t.name, report))
			}
			return s.answer(struct {
				Logs []checkedLog `json:"logs"`
			}{out}, func(w io.Writer) { logWords(w, out) })
		},
	}
	check.Flags().StringVar(&dir, "log", "", "folder of one log")
	check.Flags().StringVar(&policyFile, "policy", "", "that log's policy")
	c.AddCommand(check, s.ledgerProve(), s.ledgerOpened())
	return c
}

type checkedLog struct {
	Log    string     `json:"log"`
	Origin string     `json:"origin,omitempty"`
	Size   uint64     `json:"size"`
	Root   string     `json:"root,omitempty"`
	First  *time.Time `json:"first,omitempty"`
	Last   *time.Time `json:"last,omitempty"`
}

func logAnswer(name string, r ledger.Report) checkedLog {
	c := checkedLog{Log: name, Origin: r.Origin, Size: r.Size, Root: hex.EncodeToString(r.Root[:])}
	if !r.First.IsZero() {
		c.First, c.Last = &r.First, &r.Last
	}
	return c
}

func logWords(w io.Writer, logs []checkedLog) {
	for _, l := range logs {
		if l.Origin == "" {
			fmt.Fprintf(w, "– %s: nothing is published yet; its first batch is to come\n", l.Log)
			continue
		}
		fmt.Fprintf(w, "✓ %s: %s, %d leaves, root %s…\n", l.Log, l.Origin, l.Size, l.Root[:16])
		if l.First != nil {
			fmt.Fprintf(w, "  from %s to %s\n", l.First.Format(time.RFC3339), l.Last.Format(time.RFC3339))
		}
	}
}
