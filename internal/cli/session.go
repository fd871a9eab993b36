package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/web/ui"
)

func (s *session) sessionCommand() *cobra.Command {
	c := group(&cobra.Command{
		Use:   "session",
		Short: "Who is signed in to the pages, and how to end that",
		Long: `A session ends by itself after 8 hours, after half an hour without use, when its passkey
or its person is taken out of counterseal.toml or off the roster, and when the clock
jumps back. Here it ends at once, whichever process runs the pages.`,
	})
	c.AddCommand(s.sessionList(), s.sessionEnd())
	return c
}

func (s *session) sessionList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show the sessions that are open",
		Long: `Lists each open session: its id, whose it is, how they signed in, since when, until when
at most, and when it was last used, within a minute.`,
		Example: "  counterseal session list\n  counterseal session list --json | jq -r '.sessions[].person'",
		Args:    none,
		RunE: func(*cobra.Command, []string) error {
			open, err := app.Folder(s.data).OpenSessions(s.Now())
			if err != nil {
				return err
			}
			return s.answer(map[string]any{"sessions": sessionsOf(open)}, func(w io.Writer) { s.sessionWords(w, open) })
		},
	}
}

// sessionsOf is never null in JSON.
func sessionsOf(list []*access.Session) []*access.Session {
	return append([]*access.Session{}, list...)
}

func (s *session) sessionWords(w io.Writer, open []*access.Session) {
	if len(open) == 0 {
		fmt.Fprintln(w, "Nobody is signed in.")
		return
	}
	clock := ui.Clock{Now: s.Now()}
	for _, x := range open {
		fmt.Fprintf(w, "%s  %s, by %s\n  since %s, last used %s, until %s at most\n", x.ID, x.Person, strings.TrimSpace(x.By+" "+x.Key), clock.At(x.Issued).Text, clock.At(x.Used).Text, clock.At(x.Until).Text)
	}
}

func (s *session) sessionEnd() *cobra.Command {
	person := ""
	c := &cobra.Command{
		Use:   "end [ID]",
		Short: "End a session, or every session of a person, at once",
		Long: `Ends the session of an id that 'session list' shows, or with --person all of theirs. The
browser that had it gets the same answer as one that never had any. Whoever can still
sign in can begin another: take their line out of counterseal.toml first. A link that
was not used yet ends by itself within 15 minutes of the program's start.`,
		Example: "  counterseal session end 4f1d0c9a77b2e360\n  counterseal session end --person p-okafor",
		Args:    atMostOne,
		RunE: func(_ *cobra.Command, args []string) error {
			id := strings.Join(args, "")
			if (id == "") == (person == "") {
				return usagef("name one session by its id, or one person with --person")
			}
			ended, err := app.Folder(s.data).EndSessions(id, person)
			if err != nil {
				return err
			}
			return s.answer(map[string]any{"ended": sessionsOf(ended)}, func(w io.Writer) {
				for _, x := range ended {
					fmt.Fprintf(w, "✓ %s of %s has ended\n", x.ID, x.Person)
				}
			})
		},
	}
	c.Flags().StringVar(&person, "person", "", "end every session of this person")
	return c
}
