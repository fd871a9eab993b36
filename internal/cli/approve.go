package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/app"
	"counterseal/internal/canon"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

func (s *session) approveCommand() *cobra.Command {
	var key, armored, order string
	var textOnly, yes bool
	c := &cobra.Command{
		Use:   "approve GRANT",
		Short: "Read a grant, as the gate understands it, and sign it",
		Long: `Shows the exact text that the gate has parsed, asks, and signs it with your key.
Nothing but this text is approved: a grant that differs in one byte needs its own
signatures. Who drafted a grant cannot approve it, and two keys of one person count
once. Neither can who collected an export by hand, or called the agency back: the
list of files and the call are shown beside the text, and the stops that it goes on
despite.

Your own tools do the same:
  counterseal approve GRANT --text > grant.txt
  ssh-keygen -Y sign -n counterseal-grant-v1 -f KEY grant.txt
  counterseal approve GRANT --signature grant.txt.sig`,
		Example: "  counterseal approve g-1f2e3d4c5b --key ~/.ssh/id_ed25519",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				text, err := o.Desk().Text(ctx, args[0])
				if err != nil {
					return err
				}
				if order != "" {
					if err := saveOrder(ctx, o, args[0], order); err != nil {
						return err
					}
				}
				if textOnly {
					return s.answerText(text)
				}
				if !yes && armored == "" {
					if err := s.beside(ctx, o, text); err != nil {
						return err
					}
				}
				signed, err := s.sign(key, armored, signature.Grant, text, "approve exactly this", yes)
				if err != nil {
					return err
				}
				st, err := o.Desk().Approve(ctx, args[0], signed)
				if err != nil && armored != "" && strings.HasPrefix(problem.Code(err), "signature.") {
					return in(armored, err)
				}
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) { s.statusWords(w, st) })
			})
		},
	}
	addSigner(c, &key, &armored, &yes)
	c.Flags().BoolVar(&textOnly, "text", false, "print the text to be signed and nothing else")
	c.Flags().StringVar(&order, "order", "", "also write the order's document here, to read it beside the text")
	return c
}

func addSigner(c *cobra.Command, key, armored *string, yes *bool) {
	c.Flags().StringVar(key, "key", "", "your private key (OpenSSH form, without passphrase; otherwise use ssh-keygen and --signature)")
	if armored != nil {
		c.Flags().StringVar(armored, "signature", "", "a signature made with ssh-keygen -Y sign")
		c.MarkFlagsMutuallyExclusive("key", "signature")
	}
	c.Flags().BoolVar(yes, "yes", false, "do not ask: the text was read before")
}

func saveOrder(ctx context.Context, o *app.Office, id, path string) error {
	doc, err := o.Desk().Document(ctx, id)
	if err != nil {
		return err
	}
	return writeNew(path, doc)
}

// sign takes a signature from a file, or shows the text, asks, and signs it.
func (s *session) sign(key, armored string, ns signature.Namespace, text []byte, question string, yes bool) ([]byte, error) {
	if armored != "" {
		return readFile(armored, signature.MaxArmor)
	}
	signer, err := readKey(key)
	if err != nil {
		return nil, err
	}
	if !yes {
		if err := s.confirm(text, question); err != nil {
			return nil, err
		}
	}
	return signature.Sign(signer, ns, text)
}

func readKey(path string) (ssh.Signer, error) {
	if path == "" {
		return nil, missingFlag("--key FILE or --signature FILE")
	}
	b, err := readFile(path, 1<<16)
	if err != nil {
		return nil, err
	}
	key, err := signature.ReadKey(b)
	return key, in(path, err)
}

// confirm shows what will be signed, folded, and takes only a whole "yes".
func (s *session) confirm(text []byte, question string) error {
	fmt.Fprintf(s.Err, "%s\n", strings.Repeat("─", 72))
	fmt.Fprint(s.Err, folded(string(text)))
	fmt.Fprintf(s.Err, "%s\nSign to %s? Type yes: ", strings.Repeat("─", 72), question)
	line, err := bufio.NewReader(io.LimitReader(s.In, 100)).ReadString('\n')
	if !s.Terminal {
		fmt.Fprintln(s.Err) // nobody's Enter ended the line
	}
	if strings.TrimSpace(line) != "yes" {
		return problem.New(problem.Refused, "cli.not_confirmed", "nothing was signed").Fix("type yes, or give --yes if the text was read before").Because(err)
	}
	return nil
}

func (s *session) statusWords(w io.Writer, st gate.Status) {
	fmt.Fprintf(w, "Grant %s of demand %s: %s\n", st.Grant, st.Demand, st.State)
	if st.Collection == string(release.ByHand) {
		fmt.Fprintf(w, "  collected     by hand, not gate-filtered; export %s\n", st.Export)
	}
	if st.Purpose != "" {
		fmt.Fprintf(w, "  purpose       %s\n", st.Purpose)
	}
	if st.Copy != "" {
		fmt.Fprintf(w, "  copy          %s\n", st.Copy)
	}
	if !st.Until.IsZero() {
		fmt.Fprintf(w, "  keep until    %s\n", s.told.End(st.Until).Text)
	}
	if st.Production != "" {
		fmt.Fprintf(w, "  production    %s\n", st.Production)
	}
	if st.Emergency {
		fmt.Fprintln(w, "  lane          emergency")
	}
	if st.Caller != "" {
		fmt.Fprintf(w, "  called back   by %s\n", st.Caller)
	}
	fmt.Fprintf(w, "  approved by   %s\n", orNobody(st.Approvals))
	if !st.InForce.IsZero() {
		fmt.Fprintf(w, "  in force      said %s by %s\n", s.told.At(st.InForce).Text, st.InForceBy)
	}
	for _, o := range st.Obstacles {
		fmt.Fprintf(w, "  in the way    %s\n", o)
	}
	if st.Progress != nil {
		fmt.Fprintf(w, "  under way     %s\n", progressWords(*st.Progress))
	}
	if st.Code != "" {
		fmt.Fprintf(w, "  ended with    %s\n", st.Code)
	}
	if st.Outcome != nil {
		if at := st.Outcome.StampedAt; !at.IsZero() {
			fmt.Fprintf(w, "  time-stamped  %s by %s\n", s.told.At(at).Text, st.Outcome.StampedBy)
		}
		fmt.Fprintf(w, "  released      %d items, %d withheld, %s\n", st.Outcome.Items, st.Outcome.Withheld, s.told.At(st.Outcome.At).Text)
	}
	s.passphraseWords(w, st)
	if u := st.UnderEmergency; u != nil {
		fmt.Fprintf(w, "  witnesses     emergency policy; %s\n", s.witnessWords(*u))
	}
	fmt.Fprintf(w, "  valid until   %s\n", s.told.End(st.Expires).Text)
}

// witnessWords says what has become of the witnesses that were not waited for.
func (s *session) witnessWords(u gate.Witnessed) string {
	switch {
	case u.Contradicted:
		return "the others have cosigned another journal"
	case !u.Since.IsZero():
		return "heard " + s.told.At(u.Since).Text
	}
	return "the others are owed until " + s.told.End(u.Due).Text
}

func orNobody(list []string) string {
	if len(list) == 0 {
		return "nobody yet"
	}
	return strings.Join(slices.Sorted(slices.Values(list)), ", ")
}

func (s *session) stopCommand() *cobra.Command {
	var key, demandID, grantID, account, copied, reason, as string
	var everything, yes bool
	c := &cobra.Command{
		Use:   "stop",
		Short: "Halt a demand, a grant, an account or everything, at once",
		Long: `Any one person on the roster can stop. The stop goes straight to the gate and
holds when this command returns: no collection starts, every chunk under way and
every download looks for it. A stop is never undone; a later grant must name it, so
that its approvers have seen it.

--copy also ends a copy that the gate keeps: its key is destroyed before the command
returns, and nothing brings it back. It is refused while a contest or a hold keeps it.
The other stops keep copies as they are, and nothing is released from them.`,
		Example: "  counterseal stop --demand k7wq-93 --as p-okafor --key ~/.ssh/id_ed25519 --reason \"stay granted this morning\"",
		Args:    none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			reach, err := reachOf(demandID, grantID, account, everything)
			if err != nil && copied == "" {
				return err
			}
			signer, err := readKey(key)
			if err != nil {
				return err
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "gate.stop")
				if err != nil {
					return err
				}
				if copied != "" {
					named, err := s.reachOfCopy(ctx, o, copied)
					if err != nil {
						return err
					}
					reach, err = grant.ParseReach(named)
					if err != nil {
						return err
					}
				}
				stop := grant.Stop{Reach: reach, Person: string(actor), At: o.Clock.Now().UTC().Truncate(time.Second), Reason: canon.Text(reason)}
				text, err := stop.Bytes()
				if err != nil {
					return err
				}
				if !yes && s.Terminal {
					if err := s.confirm(text, "stop this"); err != nil {
						return err
					}
				}
				signed, err := signature.Sign(signer, signature.Stop, text)
				if err != nil {
					return err
				}
				held, err := o.Desk().Stop(ctx, grant.Signed{Text: text, Signature: signed})
				if err != nil {
					return err
				}
				return s.answer(held, func(w io.Writer) { fmt.Fprintf(w, "✓ stopped: %s\n  %s\n", held.Reach, held.Digest) })
			})
		},
	}
	c.Flags().StringVar(&demandID, "demand", "", "everything of one demand")
	c.Flags().StringVar(&grantID, "grant", "", "one grant")
	c.Flags().StringVar(&account, "account", "", "everything of one account")
	c.Flags().StringVar(&copied, "copy", "", "one copy that the gate keeps, which is destroyed; by the grant that made it")
	c.Flags().BoolVar(&everything, "everything", false, "all releases of this gate")
	c.MarkFlagsMutuallyExclusive("demand", "grant", "account", "copy", "everything")
	c.Flags().StringVar(&reason, "reason", "", "why (required)")
	addActor(c, &as)
	addSigner(c, &key, nil, &yes)
	return c
}

func reachOf(demandID, grantID, account string, everything bool) (grant.Reach, error) {
	switch {
	case demandID != "":
		return grant.ParseReach("demand " + demandID)
	case grantID != "":
		return grant.ParseReach("grant " + grantID)
	case account != "":
		return grant.ParseReach("account " + account)
	case everything:
		return grant.ParseReach("everything")
	}
	return grant.Reach{}, missingFlag("--demand, --grant, --account, --copy or --everything")
}

// withDesk is withOffice for acts that need the gate.
func (s *session) withDesk(ctx context.Context, do func(context.Context, *app.Office) error) error {
	return s.withOffice(ctx, func(ctx context.Context, o *app.Office) error {
		if o.Desk() == nil {
			_, err := o.Folder.Charter()
			return err
		}
		return do(ctx, o)
	})
}
