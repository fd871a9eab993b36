package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// maxWording bounds a letter's text as somebody edited it.
const maxWording = 1 << 20

func (s *session) letterCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use: "letter", Short: "Letters to whoever demands: no records, rejections, questions",
		Long: `A letter is written from the record: what was asked, what the rules found, each ground
with its provision. Somebody reads it and may change its words before it goes. Sent, it
is kept with the demand and lies in the folder's spool, to be put into the post.

Kinds: ` + strings.Join(app.AnswerKinds[:5], ", ") + `,
` + strings.Join(app.AnswerKinds[5:], ", ") + `.`,
	})
	c.AddCommand(s.letterDraft(), s.letterSend())
	return c
}

// letterFlags are what a person adds to what the record says.
type letterFlags struct {
	app.Answer
	as string
}

func (f *letterFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.Language, "language", "", "en, de, da or it; none: the agency's")
	c.Flags().StringArrayVar(&f.Says, "say", nil, "a sentence of yours: a question, a ground, what an instrument would need; may be\ngiven more than once")
	c.Flags().StringVar(&f.Channel, "channel", "", "redirect: treaty, customer or representative")
	c.Flags().StringVar(&f.Contact, "contact", "", "redirect: where that channel is")
	c.Flags().StringArrayVar(&f.Reasons, "ground", nil, "annex-three: a code of section D; may be given more than once")
	c.Flags().BoolVar(&f.Kept, "kept", false, "what was asked for is kept meanwhile")
	addActor(c, &f.as)
}

func (s *session) letterDraft() *cobra.Command {
	var f letterFlags
	c := &cobra.Command{
		Use: "draft DEMAND KIND", Short: "Write a letter from the record, for somebody to read", Args: exactly(2),
		Long: `Prints the words of a letter. It records nothing and sends nothing. Change the words in a
file, and send that.`,
		Example: "  counterseal letter draft k7wq-93 no-records > letter.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, _, err := s.actor(o, f.as)
				if err != nil {
					return err
				}
				d, err := o.DraftAnswer(ctx, string(actor), demand.ID(args[0]), args[1], f.Answer)
				if err != nil {
					return wanting(err)
				}
				return s.answer(map[string]any{"kind": d.Kind, "language": d.Language, "wording": d.Wording, "grounds": plain(d.Sentences)},
					func(w io.Writer) { fmt.Fprintln(w, strings.TrimSpace(d.Wording)) })
			})
		},
	}
	f.add(c)
	return c
}

func (s *session) letterSend() *cobra.Command {
	var f letterFlags
	var text string
	c := &cobra.Command{
		Use: "send DEMAND KIND", Short: "Send a letter, as drafted or in your own words", Args: exactly(2),
		Long: `Renders the letter, keeps it with the demand, and puts it into the spool (spool/notices in
the folder), from which it is posted. With --text it goes in the words of that file;
what counsel changed is kept among the privileged notes. What a ground rests on stays.`,
		Example: "  counterseal letter send k7wq-93 no-records --as p-okafor\n  counterseal letter send k7wq-93 rejection --text letter.txt --as p-okafor",
		RunE: func(cmd *cobra.Command, args []string) error {
			wording := ""
			if text != "" {
				b, err := readFile(text, maxWording)
				if err != nil {
					return err
				}
				wording = strings.TrimSpace(string(b))
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, _, err := s.actor(o, f.as)
				if err != nil {
					return err
				}
				sent, err := o.SendAnswer(ctx, string(actor), demand.ID(args[0]), args[1], f.Answer, wording)
				if err != nil {
					return wanting(err)
				}
				return s.answer(map[string]any{"letter": sent.ID, "message": sent.Number, "text": string(sent.Text)}, func(w io.Writer) {
					fmt.Fprintf(w, "%s\n\n✓ message %d of %s; to be posted from %s\n", strings.TrimSpace(string(sent.Text)), sent.Number, args[0], o.Folder.Spool())
				})
			})
		},
	}
	c.Flags().StringVar(&text, "text", "", "a file with the words that it goes in")
	f.add(c)
	return c
}

// wanting says with which flag a person adds what a letter lacks.
func wanting(err error) error {
	p := problem.Of(err)
	if p == nil || p.Code != "notice.field" || p.Remedy != "" {
		return err
	}
	return p.Fix("state it in the record, or add a sentence of yours with --say")
}
