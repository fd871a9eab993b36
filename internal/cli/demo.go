package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/app"
	"counterseal/internal/demo"
	"counterseal/internal/problem"
)

func (s *session) demoCommand() *cobra.Command {
	var dir, listen string
	var noServe bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Play one lawful demand on Nordwind Cloud, from the door to a verified package",
		Long: `Makes a folder with a provider that does not exist, its people, their keys and 2,400
messages, and plays the story open-door in the real program, with a clock of its own:
a warrant for one account and two months of mail. It ends with a package, a letter and
a page to open. Everything that it does, you can do with the other commands.`,
		Args: none,
		RunE: func(cmd *cobra.Command, _ []string) error {
			began := time.Now()
			if dir == "" {
				d, err := os.MkdirTemp("", "counterseal-demo-")
				if err != nil {
					return problem.New(problem.Unavailable, "demo.folder", "no folder could be made for the demo").Fix("name one with --dir").Because(err)
				}
				dir = d
			}
			stage, err := demo.NewStage(filepath.Clean(dir), s.Random)
			if err != nil {
				return err
			}
			o, err := app.Open(cmd.Context(), stage.Folder, s.officeOptions())
			if err != nil {
				return err
			}
			var steps []demo.Step
			result, err := demo.OpenDoor(cmd.Context(), stage, o, func(st demo.Step) {
				steps = append(steps, st)
				if !s.json {
					fmt.Fprintf(s.Out, "%17s  %-15s %s\n", st.At.Format("2 Jan 2006 15:04"), st.Who, st.What)
				}
			})
			if err == nil {
				err = stage.Folder.SetDemoClock(o.Clock.Now())
			}
			closeErr := o.Close()
			if err != nil {
				return err
			}
			if closeErr != nil {
				return closeErr
			}
			err = s.answer(map[string]any{"folder": dir, "steps": steps, "result": result, "seconds": time.Since(began).Seconds()},
				func(w io.Writer) { demoWords(w, dir, result, time.Since(began)) })
			if err != nil || noServe || !s.Terminal {
				return err
			}
			s.data = dir
			return s.serve(cmd.Context(), listen, "p-halvorsen")
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "a new folder to play in; without one, a temporary folder that is kept")
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback address of the pages")
	c.Flags().BoolVar(&noServe, "no-serve", false, "do not open the pages at the end")
	return c
}

func demoWords(w io.Writer, dir string, r demo.Result, took time.Duration) {
	fmt.Fprintf(w, `
Demand %s: %d messages left, in %.1f s. Look at it:

  the letter    %s
  the package   %s
  check it      counterseal verify %s --trust %s --identity %s
  with age      age -d -i %s %s | tar xf -
  the logs      counterseal ledger check --data %s
  the demand    counterseal demand show %s --data %s
  the pages     counterseal serve --data %s
`, r.Demand, r.Items, took.Seconds(), r.Letter, r.Package, r.Package, r.Trust, filepath.Join(dir, "people", "officer.agekey"),
		filepath.Join(dir, "people", "officer.agekey"), filepath.Join(r.Package, "package.tar.age"), dir, r.Demand, dir, dir)
}
