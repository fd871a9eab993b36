package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/problem"
	"counterseal/internal/web/customer"
	"counterseal/internal/web/ui"
)

func (s *session) customerCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "customer",
		Short: "What a customer may see, and the link to their page",
		Long: `Until customers can sign in, their page opens by a link that you give to them: it works
once, for a day, on the machine that serves the pages.`,
	})
	c.AddCommand(s.customerLink(), s.customerShow())
	return c
}

func (s *session) customerLink() *cobra.Command {
	base := ""
	c := &cobra.Command{
		Use:   "link CUSTOMER",
		Short: "Make the one-time link to a customer's page",
		Long: `Prints a signed link that opens the page of one customer once, within a day, on the
machine on which 'counterseal serve' runs. Give it to the customer and nobody else; of an
organisation, to the representative whom it named. CUSTOMER is an id of the estate.`,
		Example: "  counterseal customer link c-1\n  counterseal customer link c-1 --base http://127.0.0.1:8780",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(_ context.Context, o *app.Office) error {
				token, to, err := app.Customers{Office: o}.Link(args[0])
				if err != nil {
					return err
				}
				link := access.EnterURLUnder(base, customer.At, token)
				return s.answer(map[string]string{"customer": args[0], "give_to": to, "link": link}, func(w io.Writer) {
					fmt.Fprintf(w, "For %s alone, once, within a day:\n%s\n", to, link)
				})
			})
		},
	}
	c.Flags().StringVar(&base, "base", "http://127.0.0.1:8780", "where the pages are served")
	return c
}

func (s *session) customerShow() *cobra.Command {
	lang := ""
	c := &cobra.Command{
		Use:   "show CUSTOMER",
		Short: "What a customer's page shows: where their data lie and whose law reaches them",
		Long: `Prints what the customer's own page shows: where each service's data lie, whose law
reaches them and by which way, and the notices that were sent. Of demands it knows only
what was told.`,
		Example: "  counterseal customer show c-1\n  counterseal customer show c-1 --lang da --json",
		Args:    exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				v, err := app.Customers{Office: o}.Customer(ctx, args[0], "en")
				if err != nil {
					return err
				}
				if lang == "" {
					lang = v.Language
				}
				if ui.WordsFor(lang).Lang != lang {
					return problem.New(problem.Invalid, "law.language_unknown", "the sentences are in en, de, da or it").At("--lang").Fix("choose one of the four")
				}
				v, err = app.Customers{Office: o}.Customer(ctx, args[0], lang)
				if err != nil {
					return err
				}
				return s.answer(plain(v), func(w io.Writer) { customer.Write(w, v, lang) })
			})
		},
	}
	c.Flags().StringVar(&lang, "lang", "", "en, de, da or it; the customer's own unless stated")
	return c
}
