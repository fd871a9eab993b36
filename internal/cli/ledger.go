package cli

import (
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"strings"
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
	var dir, policyFile, trustFile string
	check := &cobra.Command{
		Use:   "check",
		Short: "Recompute the logs offline and compare them with their signed heads",
		Long: `Reads every leaf of the journal and the register, recomputes the roots, checks
the signatures and the witnesses' cosignatures, and runs Tessera's own check. With
--log and --trust it checks any copy of one log by the keys of a trust file, without the
provider's folder; with --policy, by that log's policy alone.`,
		Example: "  counterseal ledger check\n  counterseal ledger check --log mirror/register --trust trust.txt\n  counterseal ledger check --log mirror/journal --policy journal.policy",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f := app.Folder(s.data)
			targets := []wholeLog{{"journal", f.Journal(), policyIn(f.Policy("journal"))}, {"register", f.Register(), policyIn(f.Policy("register"))}}
			switch outside := policyFile != "" || trustFile != ""; {
			case outside != (dir != "") || policyFile != "" && trustFile != "":
				return missingFlag("--log FOLDER with --trust FILE or --policy FILE, or none of them")
			case trustFile != "":
				targets = []wholeLog{{"log", dir, func() (proof.Policy, error) { return trustedPolicy(trustFile, dir) }}}
			case outside:
				targets = []wholeLog{{"log", dir, policyIn(policyFile)}}
			default:
				if _, err := f.ReadConfig(); err != nil {
					return err
				}
				if err := f.SameRegister(); problem.Code(err) == "register.other_key" { // what is amiss with the charter itself, doctor says
					return err
				}
			}
			var out []checkedLog
			for _, t := range targets {
				policy, err := t.policy()
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
	check.Flags().StringVar(&trustFile, "trust", "", "the provider's trust file, which names the keys of both logs")
	c.AddCommand(check, s.ledgerProve(), s.ledgerOpened())
	return c
}

// wholeLog is a log to be checked, and the policy by which.
type wholeLog struct {
	name, dir string
	policy    func() (proof.Policy, error)
}

func policyIn(file string) func() (proof.Policy, error) {
	return func() (proof.Policy, error) {
		text, err := readFile(file, 1<<20)
		if err != nil {
			return proof.Policy{}, err
		}
		return proof.ParsePolicy(text)
	}
}

// trustedPolicy is the policy by which a trust file believes the log of a folder: the
// journal's, or that of the register, which has the same witnesses. Codes: verify.trust,
// ledger.not_named.
func trustedPolicy(trustFile, dir string) (proof.Policy, error) {
	t, err := readTrust(trustFile)
	if err != nil {
		return proof.Policy{}, err
	}
	policies, err := proof.ParsePolicies(t.LogPolicy)
	if err != nil {
		return proof.Policy{}, err
	}
	text, err := readFile(filepath.Join(dir, "checkpoint"), 1<<16)
	if err != nil {
		return proof.Policy{}, err
	}
	named := []proof.Policy{policies.Now()}
	if t.Register != "" {
		register, err := policies.Now().Beside(t.Register)
		if err != nil {
			return proof.Policy{}, err
		}
		named = append(named, register)
	}
	origin, _, _ := strings.Cut(string(text), "\n")
	for _, p := range named {
		if p.Origin() == origin {
			return p, nil
		}
	}
	return proof.Policy{}, problem.New(problem.Unverified, "ledger.not_named", "the trust file names no log of this name").At("%.80q", origin).
		Fix("obtain the provider's trust file again; one of before the charter named the register's key knows the journal alone")
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
