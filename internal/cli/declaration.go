package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/evidence/declaration"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

func (s *session) declarationCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "declaration",
		Short: "The custodian's declaration about a package: drafted here, signed by a person",
		Long: `Drafts a declaration from the facts of a release, and keeps the one that a person
signed beside the package. For a demand from the United States it follows FRE 902(11),
(13), (14) and 28 USC 1746; otherwise it says how the package was made, in the
officer's language. What the program cannot know stands open, and nobody can sign
while it does.`,
	})
	c.AddCommand(s.declarationDraft(), s.declarationSign())
	return c
}

func (s *session) declarationDraft() *cobra.Command {
	var as string
	c := &cobra.Command{
		Use:   "draft GRANT",
		Short: "Draft the declaration about the package of a grant",
		Long: `Prints a draft. Leave the lines above the first empty line as they are; edit the rest
as counsel thinks right. "[ ]" stands before what only the person who signs can say:
take it away to confirm the sentence, or strike the sentence out. "____" is a place
to fill in.`,
		Example: "  counterseal declaration draft g-1f2e3d4c5b --as p-okafor > declaration.txt",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "gate.declare")
				if err != nil {
					return err
				}
				text, err := o.DraftDeclaration(ctx, args[0], actor)
				if err != nil {
					return err
				}
				return s.answerText(text)
			})
		},
	}
	addActor(c, &as)
	return c
}

func (s *session) declarationSign() *cobra.Command {
	var key, armored string
	var yes bool
	c := &cobra.Command{
		Use:   "sign GRANT FILE",
		Short: "Sign a declaration, and lay it beside the package",
		Long: `Shows the declaration, asks, signs it with your key, and gives it to the gate, which
checks that it is about this release and that you are on the roster, and says so,
signed, beside it. It is dated when it is signed: where the draft is older, put today's
time into the line "at:" and the date into the text. A later one takes its place.

Your own tools do the same:
  ssh-keygen -Y sign -n counterseal-declaration-v1 -f KEY declaration.txt
  counterseal declaration sign GRANT declaration.txt --signature declaration.txt.sig`,
		Example: "  counterseal declaration sign g-1f2e3d4c5b declaration.txt --key ~/.ssh/id_ed25519",
		Args:    exactly(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readFile(args[1], declaration.MaxText)
			if err != nil {
				return err
			}
			d, err := declaration.Parse(text)
			if err != nil {
				return in(args[1], err)
			}
			if err := d.Settled(); err != nil {
				return in(args[1], err)
			}
			return s.withDesk(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				signed, err := s.sign(key, armored, signature.Declaration, text, "declare this", yes)
				if err != nil {
					return err
				}
				out, err := o.Desk().Declare(ctx, args[0], grant.Signed{Text: text, Signature: signed})
				if err != nil {
					return err
				}
				return s.answer(out, func(w io.Writer) {
					fmt.Fprintf(w, "✓ the declaration of %s of %s lies beside the package of demand %s\n", out.Name, out.At.UTC().Format(time.DateOnly), out.Demand)
				})
			})
		},
	}
	addSigner(c, &key, &armored, &yes)
	return c
}
