package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/demo"
	"counterseal/internal/problem"
)

const demoLong = `Makes a folder with a provider that does not exist, its people, their keys, five regions
and what lies in their stores, and plays stories in the real program, with a clock of
its own: all of them by date, or the one that is named. On a terminal the pages are
open from the first moment and stay open at the end. Everything that a story does, you
can do with the other commands. Stories:

`

func (s *session) demoCommand() *cobra.Command {
	var d demoRun
	c := &cobra.Command{
		Use:   "demo [STORY]",
		Short: "Play the stories on a provider that does not exist, in the real program",
		Long:  demoLong,
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			stories := demo.Stories()
			if len(args) > 0 {
				one, err := demo.Find(args[0])
				if err != nil {
					return err
				}
				stories = []demo.Story{one}
			}
			return s.demo(cmd.Context(), d, stories)
		},
	}
	explainWhenAsked(c, func() string { return demoLong + storyList() })
	f := c.Flags()
	f.StringVar(&d.dir, "dir", "", "a new folder to play in; without one, a temporary folder, in memory where there is room")
	f.StringVar(&d.until, "until", "", "stop at the end of this day, such as 2014-07-31")
	f.StringVar(&d.listen, "listen", "127.0.0.1:0", "loopback address of the pages")
	f.BoolVar(&d.noServe, "no-serve", false, "do not open the pages")
	return c
}

func storyList() string {
	var b strings.Builder
	for _, st := range demo.Stories() {
		fmt.Fprintf(&b, "  %-10s  %s\n", st.Name, st.Title)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// demoRun is how the stories are played.
type demoRun struct {
	dir, until, listen string
	noServe            bool
}

func (s *session) demo(ctx context.Context, d demoRun, stories []demo.Story) (err error) {
	began := time.Now()
	until, err := d.lastMoment()
	if err != nil {
		return err
	}
	if d.dir == "" {
		d.dir, err = temporary("counterseal-demo-")
		if err != nil {
			return err
		}
	}
	stage, err := demo.NewStage(filepath.Clean(d.dir), s.Random)
	if err != nil {
		return err
	}
	options := s.officeOptions()
	log, closer, err := demo.OpenLog(d.dir, options.Log.Handler())
	if err != nil {
		return err
	}
	defer closer.Close()
	options.Log = log
	o, err := app.Open(ctx, stage.Folder, options)
	if err != nil {
		return err
	}
	defer func() {
		for _, e := range []error{stage.Folder.SetDemoClock(o.Clock.Now()), o.Close()} {
			if err == nil {
				err = e
			}
		}
	}()
	if err := demo.Ceremony(ctx, stage, o); err != nil {
		return err
	}
	ended, err := s.openPages(ctx, o, d)
	if err != nil {
		return err
	}
	var steps []demo.Step
	plays, err := demo.Tell(ctx, stage, o, stories, demo.Telling{Until: until, Tell: func(st demo.Step) {
		steps = append(steps, st)
		if !s.json {
			fmt.Fprintf(s.Out, "%17s  %-15s %s\n", st.At.Format("2 Jan 2006 15:04"), st.Who, st.What)
		}
	}})
	if err != nil {
		return err
	}
	took := time.Since(began)
	err = s.answer(demoAnswer(d.dir, steps, plays, took), func(w io.Writer) { demoWords(w, stage, plays, took) })
	if err != nil || ended == nil {
		return err
	}
	return <-ended
}

// temporary makes a folder that stays until the system throws it away: in memory where it
// can be, where writing does not wait for a disk, or where the environment says.
func temporary(name string) (string, error) {
	place := ""
	if os.Getenv("TMPDIR") == "" {
		place = memoryFolder()
	}
	dir, err := os.MkdirTemp(place, name)
	if err != nil && place != "" {
		dir, err = os.MkdirTemp("", name)
	}
	if err != nil {
		return "", problem.New(problem.Unavailable, "demo.folder", "no folder could be made for the demo").Fix("name one with --dir").Because(err)
	}
	return dir, nil
}

// lastMoment is the end of the day up to which stories are played, in UTC.
func (d demoRun) lastMoment() (time.Time, error) {
	if d.until == "" {
		return time.Time{}, nil
	}
	day, err := time.Parse(time.DateOnly, d.until)
	if err != nil {
		return day, problem.New(problem.Invalid, "cli.time", "this is no day").At("--until: %.40q", d.until).Fix("write, for example, 2014-07-31")
	}
	return day.Add(24*time.Hour - time.Second), nil
}

// openPages serves the house while the stories are played, where a person is
// watching. What it gives ends with the pages; nil: nothing is served.
func (s *session) openPages(ctx context.Context, o *app.Office, d demoRun) (<-chan error, error) {
	if d.noServe || !s.Terminal || s.json {
		return nil, nil
	}
	h := app.NewHouse(o)
	token, err := h.Admit(demo.Reviewer)
	if err != nil {
		return nil, err
	}
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- h.Serve(ctx, d.listen, func(base string) { ready <- base }) }()
	select {
	case err := <-ended:
		return nil, err
	case base := <-ready:
		fmt.Fprintf(s.Out, "Public page   %s/\nStaff, once   %s  (%s)\n\n", base, access.EnterURL(base, token), demo.Reviewer)
	}
	return ended, nil
}

type demoStory struct {
	Name  string            `json:"name"`
	Title string            `json:"title"`
	Kept  map[string]string `json:"kept"` // demands, grants, letters and packages, by the names that the story gives them
}

func demoAnswer(dir string, steps []demo.Step, plays []*demo.Play, took time.Duration) map[string]any {
	var told []demoStory
	for _, p := range plays {
		told = append(told, demoStory{p.Story.Name, p.Story.Title, p.Names()})
	}
	return map[string]any{"folder": dir, "steps": steps, "stories": told, "seconds": took.Seconds()}
}

func demoWords(w io.Writer, stage *demo.Stage, plays []*demo.Play, took time.Duration) {
	dir := string(stage.Folder)
	fmt.Fprintf(w, "\nPlayed in %.1f s, in %s. Look at it:\n", took.Seconds(), dir)
	for _, p := range plays {
		fmt.Fprintf(w, "\n  %s: %s\n", p.Story.Name, p.Story.Title)
		kept := p.Names()
		for _, name := range slices.Sorted(maps.Keys(kept)) {
			fmt.Fprintf(w, "    %-22s %s\n", name, kept[name])
		}
	}
	fmt.Fprintf(w, `
  a demand      counterseal demand show DEMAND --data %[1]s
  a package     counterseal verify PACKAGE --trust %[2]s --identity %[1]s/people/AGENCY.agekey
  the logs      counterseal ledger check --data %[1]s
  the pages     counterseal serve --data %[1]s
`, dir, stage.Folder.Trust())
}
