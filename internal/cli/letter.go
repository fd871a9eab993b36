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
is kept with the demand; it goes by mail to the agency's address where one and a server
are named, else it lies in the folder's spool, to be put into the post. The same is done
on the page of a demand.

Kinds, with what each takes beside the record (* it must have):
` + lettersWithFlags(),
	})
	c.AddCommand(s.letterDraft(), s.letterSend(), s.letterUnsent(), s.letterResolve())
	return c
}

// lettersWithFlags lists the letters with the flags that they take.
func lettersWithFlags() string {
	var b strings.Builder
	for _, kind := range app.AnswerKinds {
		fmt.Fprintf(&b, "  %-22s", kind)
		for _, f := range app.AnswerTakes(kind) {
			must := ""
			if f.Required {
				must = "*"
			}
			fmt.Fprintf(&b, " --%s%s", f.Name, must)
		}
		b.WriteByte('\n')
	}
	return strings.TrimSuffix(b.String(), "\n")
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
				actor, err := s.actor(o, f.as, "letter.draft")
				if err != nil {
					return err
				}
				d, err := o.DraftAnswer(ctx, string(actor), demand.ID(args[0]), args[1], f.Answer)
				if err != nil {
					return byFlag(err)
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
	var again bool
	c := &cobra.Command{
		Use: "send DEMAND KIND", Short: "Send a letter, as drafted or in your own words", Args: exactly(2),
		Long: `Renders the letter, keeps it with the demand, and sends it by mail or puts it into the
spool (spool/notices in the folder), from which it is posted. With --text it goes in the
words of that file, which are the whole letter: --say is not needed beside it. What
counsel changed is kept among the privileged notes. A letter of a kind that has gone
before is sent --again or not at all.`,
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
				actor, err := s.actor(o, f.as, "letter.send")
				if err != nil {
					return err
				}
				if !again {
					if err := o.NotSentBefore(ctx, string(actor), demand.ID(args[0]), args[1]); err != nil {
						return err
					}
				}
				sent, err := f.send(ctx, o, string(actor), args, wording)
				if err != nil {
					return err
				}
				how := "sent by mail"
				if sent.Channel == "post" {
					how = "to be posted from " + o.Folder.Spool()
				}
				return s.answer(map[string]any{"letter": sent.ID, "channel": sent.Channel, "message": sent.Number, "text": string(sent.Text)}, func(w io.Writer) {
					fmt.Fprintf(w, "%s\n\n✓ message %d of %s; %s\n", strings.TrimSpace(string(sent.Text)), sent.Number, args[0], how)
				})
			})
		},
	}
	c.Flags().StringVar(&text, "text", "", "a file with the whole wording that it goes in")
	c.Flags().BoolVar(&again, "again", false, "send it though a letter of this kind has gone to them already")
	f.add(c)
	return c
}

// send sends it. What the record lacks in sentences of a person's is in the wording
// that a person wrote, so nobody is asked for it twice.
func (f letterFlags) send(ctx context.Context, o *app.Office, actor string, args []string, wording string) (app.SentAnswer, error) {
	sent, err := o.SendAnswer(ctx, actor, demand.ID(args[0]), args[1], f.Answer, wording)
	if wording != "" && len(f.Says) == 0 && flagFor(err) == "--say" {
		f.Says = []string{"(as the letter itself says)"}
		sent, err = o.SendAnswer(ctx, actor, demand.ID(args[0]), args[1], f.Answer, wording)
	}
	return sent, byFlag(err)
}

// flagFor is the flag that supplies what a letter lacks; "" where none does.
func flagFor(err error) string {
	p := problem.Of(err)
	if p == nil || p.Code != "notice.field" {
		return ""
	}
	switch p.Field {
	case "questions", "reasons", "explained", "needed":
		return "--say"
	case "channel", "contact":
		return "--" + p.Field
	}
	return ""
}

// byFlag names the flag that supplies what a letter lacks.
func byFlag(err error) error {
	flag := flagFor(err)
	if flag == "" {
		return err
	}
	p := problem.Of(err)
	return p.At("%s", flag).Fix("add %s: %s", flag, p.Remedy)
}

func (s *session) letterUnsent() *cobra.Command {
	return &cobra.Command{
		Use: "unsent", Short: "Letters by mail that no server has certainly taken", Args: exactly(0),
		Long: `Refused: nothing has gone, and they are tried again by themselves. Unknown: the
connection ended in the middle, so they may have gone; they wait for "letter resolve".`,
		Example: "  counterseal letter unsent",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				u, err := o.UnsentLetters(ctx)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"refused": plain(u.Refused), "unknown": plain(u.Unknown)}, func(w io.Writer) {
					if len(u.Refused)+len(u.Unknown) == 0 {
						fmt.Fprintln(w, "every letter by mail has gone")
					}
					for _, id := range u.Refused {
						fmt.Fprintf(w, "%s  refused\n", id)
					}
					for _, id := range u.Unknown {
						fmt.Fprintf(w, "%s  unknown\n", id)
					}
				})
			})
		},
	}
}

func (s *session) letterResolve() *cobra.Command {
	var as, how string
	var went, not bool
	c := &cobra.Command{
		Use: "resolve LETTER", Short: "Say whether a letter went of which it was not certain", Args: exactly(1),
		Long: `Ask the operator of the mail server, or the reader, by the letter's Message-ID (in
spool/mailed). What went is not sent again; what did not goes at the next attempt.`,
		Example: "  counterseal letter resolve 41b9c00de2 --went --how \"it is in the server's log\" --as p-okafor",
		RunE: func(cmd *cobra.Command, args []string) error {
			if went == not {
				return usagef("give one of --went, --not-sent")
			}
			return s.withOffice(cmd.Context(), func(ctx context.Context, o *app.Office) error {
				actor, err := s.actor(o, as, "letter.resolve")
				if err != nil {
					return err
				}
				err = o.ResolveLetter(ctx, string(actor), args[0], went, how)
				if err != nil {
					return err
				}
				return s.answer(map[string]any{"letter": args[0], "went": went}, func(w io.Writer) { fmt.Fprintf(w, "✓ noted of %s\n", args[0]) })
			})
		},
	}
	c.Flags().BoolVar(&went, "went", false, "it went")
	c.Flags().BoolVar(&not, "not-sent", false, "it did not go")
	c.Flags().StringVar(&how, "how", "", "how that was found out")
	addActor(c, &as)
	return c
}
