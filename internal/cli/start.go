package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/canon"
	"counterseal/internal/intake"
	"counterseal/internal/problem"
)

// settle is how long a file of a mail folder must not change before it is read.
const settle = 2 * time.Second

func (s *session) startCommand() *cobra.Command {
	var n app.Founding
	var mail, address string
	var staff []string
	c := &cobra.Command{
		Use:   "start --mail DIR",
		Short: "Begin on Monday: a folder of mail, and pages to answer it from",
		Long: `Makes the provider's folder where there is none, takes in every message and document of
the mail folder as a demand, now and whenever one is dropped there, and serves the pages
on loopback. Nothing in the mail folder is changed. No store, no customers' map and no
charter are needed: what cannot be promised yet is said, here and by 'counterseal doctor'.

The first time, name yourselves: --provider, --origin and --contact stand in every
letter and receipt, and --staff says who does what. Other commands work beside it. Stop
it with Ctrl-C. docs/first-day.md goes from here to the first answer.`,
		Example: `  counterseal start --mail ./inbox --provider "Example Cloud ApS" --origin cloud.example --contact privacy@cloud.example \
    --staff "ada:Ada Example:reviewer,counsel" --staff "elin:Elin Example:reviewer"
  counterseal start --mail ./inbox`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if mail == "" {
				return missingFlag("--mail DIR")
			}
			var err error
			if n.Staff, err = members(staff); err != nil {
				return err
			}
			if err := s.found(n); err != nil {
				return err
			}
			return s.start(cmd.Context(), mail, address)
		},
	}
	f := c.Flags()
	f.StringVar(&mail, "mail", "", "the folder of mail: .eml files, PDFs, or a Maildir (required)")
	f.StringVar(&n.Provider, "provider", "", "your name, as it stands in letters and receipts (the first time)")
	f.StringVar(&n.Origin, "origin", "", "a domain of yours, with which the logs' names begin (the first time)")
	f.StringVar(&n.Contact, "contact", "", "how somebody reaches you; every letter states it (the first time)")
	f.StringVar(&n.Zone, "zone", "", "in which you state days, such as Europe/Copenhagen (the first time; UTC unless stated)")
	f.StringArrayVar(&staff, "staff", nil, "who works here, as ID:NAME:SEATS with the seats reviewer, counsel, privacy (the first\ntime; may be given more than once)")
	f.StringVar(&address, "listen", "127.0.0.1:8780", "loopback address of the pages")
	return c
}

// members reads ID:NAME:SEATS.
func members(staff []string) (out []app.Member, err error) {
	for _, x := range staff {
		id, rest, _ := strings.Cut(x, ":")
		i := strings.LastIndex(rest, ":")
		if i < 0 || id == "" || canon.Text(x) != x || strings.ContainsAny(id, " \t") {
			return nil, problem.New(problem.Invalid, "cli.staff", "somebody of the staff has an id, a name and seats").At("--staff %.80q", x).Fix(`write "ada:Ada Example:reviewer,counsel"`)
		}
		seats := strings.Split(rest[i+1:], ",")
		for _, seat := range seats {
			if seatWords[seat] == "" {
				return nil, problem.New(problem.Invalid, "cli.staff", "there is no such seat").At("--staff %.80q: %.40q", x, seat).Fix("the seats are reviewer, counsel and privacy")
			}
		}
		if slices.ContainsFunc(out, func(m app.Member) bool { return m.ID == id }) {
			return nil, problem.New(problem.Invalid, "cli.staff", "two people have one id").At("--staff %.80q", x).Fix("give each an id of their own")
		}
		out = append(out, app.Member{ID: id, Name: rest[:i], Seats: seats})
	}
	return out, nil
}

// found makes the folder if it is not there. What names it again later is refused
// rather than passed over.
func (s *session) found(n app.Founding) error {
	_, err := os.Stat(app.Folder(s.data).Config())
	if err == nil {
		if n.Provider != "" || n.Origin != "" || n.Contact != "" || n.Zone != "" || len(n.Staff) > 0 {
			return problem.New(problem.Conflict, "app.folder_in_use", "there is a Counterseal folder here already").At("%s", s.data).
				Fix("leave out --provider, --origin, --contact, --zone and --staff; counterseal.toml in it holds them")
		}
		return nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return problem.New(problem.Unavailable, "app.folder", "the folder cannot be read").At("%s", s.data).Fix("check whose folder it is, and its rights").Because(err)
	}
	if n.Provider == "" || n.Origin == "" || n.Contact == "" {
		return missingFlag("--provider NAME, --origin DOMAIN and --contact ADDRESS: there is no folder yet")
	}
	f, err := app.Found(s.data, n)
	if err != nil {
		return err
	}
	if err := f.BeginAgencies(); err != nil {
		return err
	}
	s.say("✓ made %s", s.data)
	return nil
}

// start serves the pages and watches the mail until ctx ends.
func (s *session) start(ctx context.Context, mail, address string) error {
	if info, err := os.Stat(mail); err != nil || !info.IsDir() {
		return problem.New(problem.Unavailable, "folder.open", "the folder cannot be opened").At("%s", mail).Fix("name a folder that exists and that this program may read").Because(err)
	}
	o, err := app.Open(ctx, app.Folder(s.data), s.servingOptions())
	if err != nil {
		return err
	}
	defer o.Close()
	h := app.NewHouse(o)
	links := map[string]string{}
	people := []string{""}
	if len(o.Config.Staff) > 0 {
		people = nil
		for _, m := range o.Config.Staff {
			people = append(people, m.ID)
		}
	}
	for _, person := range people {
		if links[person], err = h.Admit(person); err != nil {
			return err
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	ready := make(chan string, 1)
	g.Go(func() error {
		return h.Serve(ctx, address, func(base string) {
			ready <- base
			s.startWords(o, base, mail, people, links)
		})
	})
	g.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case base := <-ready:
			return o.WatchMail(ctx, mail, settle, s.arrivals(base))
		}
	})
	return g.Wait()
}

func (s *session) startWords(o *app.Office, base, mail string, people []string, tokens map[string]string) {
	links := map[string]string{}
	for person, token := range tokens {
		links[person] = access.EnterURL(base, token)
	}
	_ = s.answer(map[string]any{"folder": s.data, "mail": mail, "public": base + "/", "links": links}, func(w io.Writer) {
		fmt.Fprintf(w, "Public page   %s/\n", base)
		for _, person := range people {
			fmt.Fprintf(w, "Staff, once   %s%s\n", links[person], linkFor(person))
		}
	})
	s.say("%s takes demands from %s. Stop with Ctrl-C.\n\n%s", o.Config.Provider, mail, limits)
	for _, p := range o.Promises() {
		if !p.Holds {
			s.say("– %s", p.Says)
		}
	}
	s.say("")
}

// arrivals tells of every file that came: what became of it, and where to look.
func (s *session) arrivals(base string) func(intake.Found, app.Receipt, error) {
	var one sync.Mutex
	failed := map[string]string{}
	return func(f intake.Found, r app.Receipt, err error) {
		one.Lock()
		defer one.Unlock()
		if p := problem.Of(err); p != nil {
			if failed[f.Place] != p.Code { // it is tried again and again, and told once
				failed[f.Place] = p.Code
				s.say("✗ %s: %s (%s)", f.Place, p.Message, p.Code)
			}
			return
		}
		delete(failed, f.Place)
		again := ""
		if r.Again {
			again = " (known)"
		}
		s.say("✓ %s → demand %s%s  %s/demand/%s", f.Place, r.Demand, again, base, r.Demand)
	}
}
