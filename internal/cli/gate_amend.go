package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

func (s *session) gateAmend() *cobra.Command {
	var keyFile, gateKey string
	var finish bool
	c := &cobra.Command{
		Use:   "amend",
		Short: "Change the charter: accounts, agencies, people, policy, rule packs",
		Long: `Change estate.toml, agencies.toml, charter.toml or a rule pack in law/ first; a new
program may bring packs, too (counterseal law packs). Then run it three times:

  counterseal gate amend                writes charter/next.txt: the sections that the
                                        files now state otherwise, and no others
  counterseal gate amend --key KEY      each person of the quorum signs it (or: ssh-keygen
                                        -Y sign -n counterseal-charter-v1, saved as
                                        charter/next.NAME.sig)
  counterseal gate amend --finish       the gate checks the signatures and takes it

A new recipient's key counts from the statement, and opens nothing on its first day.
Grants that were drafted before have to be drafted anew. A running office reads
agencies.toml again by itself, and the other files when it starts again.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f := app.Folder(s.data)
			if err := founded(f); err != nil {
				return err
			}
			switch {
			case finish:
				if err := f.Adopt(); err != nil {
					return err
				}
				return s.finishCeremony(cmd.Context())
			case keyFile != "":
				charter, err := f.Charter()
				if err != nil {
					return err
				}
				return s.signCharter(f.Pending(), charter.Roster, keyFile)
			}
			return s.draftAmendment(f, gateKey)
		},
	}
	c.Flags().StringVar(&keyFile, "key", "", "sign the statement with this private key")
	c.Flags().StringVar(&gateKey, "gate-key", "", "where the gate's key changes: its new public key")
	c.Flags().BoolVar(&finish, "finish", false, "hand the signed statement to the gate")
	c.MarkFlagsMutuallyExclusive("key", "finish", "gate-key")
	return c
}

// founded refuses to amend what no ceremony has made.
func founded(f app.Folder) error {
	_, err := f.ReadConfig()
	if err != nil {
		return err
	}
	_, err = f.Charter()
	if problem.Code(err) == "app.no_charter" {
		return problem.Of(err).Fix("hold the first ceremony: counterseal gate init")
	}
	return nil // what else is amiss in it is said where it is read
}

func (s *session) draftAmendment(f app.Folder, gateKey string) error {
	draft, err := readFile(f.CharterDraft(), 1<<20)
	if err != nil {
		return err
	}
	public := ""
	if gateKey != "" {
		if public, err = gatePublicKey(f, gateKey); err != nil {
			return err
		}
	}
	config, err := f.ReadConfig()
	if err != nil {
		return err
	}
	charter, err := f.Charter()
	if err != nil {
		return err
	}
	st, err := f.Amend(draft, strings.TrimSpace(public), config.NewClock().Now())
	if err != nil {
		return err
	}
	text, err := st.Bytes()
	if err != nil {
		return err
	}
	if err := writeNew(f.Pending(), text); err != nil {
		return err
	}
	rules := packsOtherwise(charter.Packs, st.Packs)
	return s.answer(map[string]any{"statement": f.Pending(), "persons": charter.Policy.Quorum, "packs": rules}, func(w io.Writer) {
		fmt.Fprintf(w, "✓ %s\n", f.Pending())
		if len(rules) > 0 {
			fmt.Fprintf(w, "  It changes which rules count: %s.\n  What they would find: counterseal law backtest\n", strings.Join(rules, ", "))
		}
		fmt.Fprintf(w, "  Read it. Then %d persons on the roster sign it:\n    counterseal gate amend --key KEY\n  At last: counterseal gate amend --finish\n", charter.Policy.Quorum)
	})
}

// packsOtherwise names the packs that a statement lists otherwise than the charter;
// none where it does not speak of packs.
func packsOtherwise(before, after []grant.Pack) []string {
	names := []string{}
	if after == nil {
		return names
	}
	for _, p := range after {
		if !slices.Contains(before, p) {
			names = append(names, p.Name)
		}
	}
	for _, p := range before {
		if !slices.ContainsFunc(after, func(a grant.Pack) bool { return a.Name == p.Name }) {
			names = append(names, "no longer "+p.Name)
		}
	}
	return names
}
