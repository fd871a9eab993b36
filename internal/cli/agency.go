package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/authority"
	"counterseal/internal/problem"
)

func (s *session) agencyCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "agency",
		Short: "Who demands: contacts on file, and mailboxes in other hands",
		Long: `Agencies stand in agencies.toml, each with contacts that were found independently of
any demand. A mailbox proves nothing: when one was found to be in other hands it is
flagged, and whatever came or comes from it waits.`,
	})
	c.AddCommand(s.agencyShow(), s.agencyFlag())
	return c
}

func (s *session) agencyShow() *cobra.Command {
	return &cobra.Command{
		Use: "show AGENCY", Short: "The contacts of an agency, its keys, and its flagged mailboxes", Args: exactly(1),
		Example: "  counterseal agency show us-harbor",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(_ context.Context, o *app.Office) error {
				a, known := o.Agencies.Agency(args[0])
				if !known {
					return problem.New(problem.Missing, "authority.unknown", "no agency of this id is registered").At("%.64q", args[0]).Fix("register it in agencies.toml")
				}
				return s.answer(plain(a), func(w io.Writer) { s.agencyWords(w, a) })
			})
		},
	}
}

func (s *session) agencyWords(w io.Writer, a authority.Agency) {
	fmt.Fprintf(w, "%s\n  %s · %s · letters in %s\n", a.Name, strings.TrimSpace(a.Kind+" "+a.Country), a.ID, a.Language)
	for _, c := range a.OnFile() {
		kind := "contact"
		if c.Emergency {
			kind = "at any hour"
		}
		fmt.Fprintf(w, "  %-12s %s, from %s\n", kind, c.Contact, c.Source)
	}
	for _, r := range a.Recipients {
		fmt.Fprintf(w, "  %-12s %s, since %s\n", "key", r.Key, s.told.Day(r.Since))
	}
	if a.Zip != nil {
		what := "never content"
		if a.Zip.Content {
			what = "content too"
		}
		fmt.Fprintf(w, "  %-12s may get a ZIP under a passphrase read out on a call, %s, since %s\n", "zip", what, s.told.Day(a.Zip.Since))
	}
	for _, f := range a.Flags {
		word := "flagged"
		if !f.Lifted.IsZero() {
			word = "was flagged"
		}
		fmt.Fprintf(w, "  %-12s %s, %s, by %s: %s\n", word, f.Mailbox, s.told.At(f.At).Text, f.By, f.Why)
	}
}

func (s *session) agencyFlag() *cobra.Command {
	var as, why string
	c := &cobra.Command{
		Use: "flag AGENCY MAILBOX --why TEXT", Short: "Say that a mailbox is in other hands: everything from it waits", Args: exactly(2),
		Long: `Writes the flag into agencies.toml, everything else there as it stands. What comes
from the mailbox from now on is held at the door, and what came before and is still
open is held too. @DOMAIN is every mailbox of the domain. To lift a flag, write
lifted = TIME beside it in the file; each hold is then lifted by counsel.`,
		Example: "  counterseal agency flag gb-thamesford desk@thamesford-police.example --why \"called back: not theirs\" --as p-halvorsen",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "mailbox.flag")
				if err != nil {
					return err
				}
				held, err := o.FlagMailbox(ctx, string(actor), args[0], args[1], why)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"flagged": args[1], "held": plain(held)}, func(w io.Writer) {
					fmt.Fprintf(w, "✓ flagged: %s\n", args[1])
					for _, id := range held {
						fmt.Fprintf(w, "  held  %s\n", id)
					}
				})
			})
		},
	}
	c.Flags().StringVar(&why, "why", "", "what was found (required)")
	addActor(c, &as)
	return c
}
