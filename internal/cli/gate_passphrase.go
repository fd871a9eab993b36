package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

func (s *session) gatePassphrase() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "passphrase",
		Short: "The passphrase of a package that is a ZIP: be told it, say whom you reached",
		Long: `A package for an agency without a key is a ZIP under a passphrase that the gate draws
and keeps. Somebody calls the agency on a contact of the charter and reads it out.`,
	})
	c.AddCommand(s.gatePassphraseTell(), s.gatePassphraseReached())
	return c
}

func (s *session) gatePassphraseTell() *cobra.Command {
	var as, key, armored, contact, statement string
	var textOnly, yes bool
	c := &cobra.Command{
		Use:   "tell GRANT",
		Short: "Be told a passphrase, once, to read it out on a call",
		Long: `Have the line to the agency ready first: the gate shows the passphrase once and keeps it
no longer, whatever happens to the call. You say, signed, that you are about to call the
agency on a contact that the charter holds: never the number on the demand itself, and
never somebody who calls you. Who drafted or approved the grant is not told.

Read it out group by group; the last sign of each group checks the other four, so one
that was misheard is found when it is read back. Afterwards say whom you reached:
counterseal gate passphrase reached. If nobody was, nobody opens this package: draft
and approve a new grant. With a passkey the same is done on the gate's own page.

With a key that only ssh-keygen can use:
  counterseal gate passphrase tell GRANT --text > tell.txt
  ssh-keygen -Y sign -n counterseal-passphrase-v1 -f KEY tell.txt
  counterseal gate passphrase tell GRANT --statement tell.txt --signature tell.txt.sig`,
		Example: "  counterseal gate passphrase tell g-1f2e3d4c5b --as p-okafor --key ~/.ssh/id_ed25519",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				text, err := s.passphraseText(ctx, o, args[0], as, contact, statement)
				if err != nil {
					return err
				}
				if textOnly {
					return s.answerText(text)
				}
				signed, err := s.sign(key, armored, signature.Telling, text, "say that you are about to call", yes)
				if err != nil {
					return err
				}
				told, err := o.Desk().TellPassphrase(ctx, grant.Signed{Text: text, Signature: signed})
				if err != nil {
					return err
				}
				return s.answer(told, func(w io.Writer) {
					fmt.Fprintf(w, "%s\n\n  call          %s\n  this is told once and kept nowhere; then: counterseal gate passphrase reached %s --reached WHOM --read-out\n", told.Passphrase, told.Contact, told.Grant)
				})
			})
		},
	}
	c.Flags().StringVar(&contact, "contact", "", "which contact of the charter you call, where it holds several")
	c.Flags().StringVar(&statement, "statement", "", "the text as it was printed with --text and signed")
	c.Flags().BoolVar(&textOnly, "text", false, "print the text to be signed and nothing else")
	addActor(c, &as)
	addSigner(c, &key, &armored, &yes)
	return c
}

func (s *session) passphraseText(ctx context.Context, o *app.Office, id, as, contact, statement string) ([]byte, error) {
	actor, err := s.actor(o, as, "gate.passphrase")
	if err != nil {
		return nil, err
	}
	if statement != "" {
		return readFile(statement, grant.MaxText)
	}
	return o.PassphraseText(ctx, id, actor, contact)
}

func (s *session) gatePassphraseReached() *cobra.Command {
	var as, key, armored, reached, statement string
	var readOut, notReadOut, textOnly, yes bool
	c := &cobra.Command{
		Use:   "reached GRANT",
		Short: "Say, signed, whom you reached with a passphrase, and whether you read it out",
		Long: `After the call, whoever was told the passphrase says who answered and whether they read
it out. It stands in the gate's record and its digest in the journal. If it was not read
out, nobody opens this package any more: draft and approve a new grant.`,
		Example: "  counterseal gate passphrase reached g-1f2e3d4c5b --reached \"R. Sample, duty desk\" --read-out --as p-okafor --key ~/.ssh/id_ed25519",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if statement == "" && (reached == "" || readOut == notReadOut) {
				return missingFlag("--reached WHOM, and --read-out or --not-read-out")
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "gate.passphrase")
				if err != nil {
					return err
				}
				var text []byte
				if statement != "" {
					text, err = readFile(statement, grant.MaxText)
				} else {
					text, err = o.ReachedText(ctx, args[0], actor, reached, readOut)
				}
				if err != nil {
					return err
				}
				if textOnly {
					return s.answerText(text)
				}
				signed, err := s.sign(key, armored, signature.Reached, text, "say whom you reached", yes)
				if err != nil {
					return err
				}
				st, err := o.Desk().PassphraseReached(ctx, grant.Signed{Text: text, Signature: signed})
				if err != nil {
					return err
				}
				return s.answer(st, func(w io.Writer) { s.statusWords(w, st) })
			})
		},
	}
	c.Flags().StringVar(&reached, "reached", "", "who answered, in words")
	c.Flags().BoolVar(&readOut, "read-out", false, "you read the passphrase out to them")
	c.Flags().BoolVar(&notReadOut, "not-read-out", false, "you did not")
	c.MarkFlagsMutuallyExclusive("read-out", "not-read-out")
	c.Flags().StringVar(&statement, "statement", "", "the text as it was printed with --text and signed")
	c.Flags().BoolVar(&textOnly, "text", false, "print the text to be signed and nothing else")
	addActor(c, &as)
	addSigner(c, &key, &armored, &yes)
	return c
}

// passphraseWords says where the passphrase of a grant's package stands.
func (s *session) passphraseWords(w io.Writer, st gate.Status) {
	p := st.Passphrase
	switch {
	case p == nil:
	case p.State == gate.PassphraseWaits:
		fmt.Fprintf(w, "  passphrase    waits to be told, until %s: counterseal gate passphrase tell %s\n", s.told.End(p.Until).Text, st.Grant)
	case p.State == gate.PassphraseEnded:
		fmt.Fprintln(w, "  passphrase    destroyed; nobody asked for it in time")
	case p.Reached == "":
		fmt.Fprintf(w, "  passphrase    told to %s, %s; whom they reached is not said yet\n", p.Person, s.told.At(p.At).Text)
	default:
		out := "read out"
		if !p.ReadOut {
			out = "not read out"
		}
		fmt.Fprintf(w, "  passphrase    told to %s, %s; %s to %s\n", p.Person, s.told.At(p.At).Text, out, p.Reached)
	}
}
