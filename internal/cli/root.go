package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"counterseal/internal/problem"
)

// World is everything outside that a command touches.
type World struct {
	In       io.Reader
	Out, Err io.Writer
	Now      func() time.Time
	Random   io.Reader
	Terminal bool // a person is watching: ask, and show progress
}

// System is the world of a process.
func System() World {
	info, err := os.Stdin.Stat()
	return World{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now, Random: rand.Reader,
		Terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// ExitUsage is the exit code for a command line that cannot be understood.
const ExitUsage = 2

// Main runs one command and returns the exit code.
func Main(ctx context.Context, args []string, w World) int {
	quietTessera()
	s := &session{World: w}
	root := s.root()
	root.SetArgs(args)
	root.SetIn(w.In)
	root.SetOut(w.Out)
	root.SetErr(w.Err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	return s.report(err)
}

// quietTessera keeps the log library's own chatter off standard error: what it
// reports as errors reaches our log through the ledger's writer.
func quietTessera() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
}

// session is one run of the program: the flags that every command shares.
type session struct {
	World
	data    string // the folder
	json    bool
	verbose bool
	logged  bool
}

func (s *session) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "counterseal",
		Short: "The door between governments and your customers' data",
		Long: `Counterseal takes every demand for data at one door, checks it against the law,
lets two people approve with their own keys, gives exactly what is compelled,
tells the customer at the first lawful moment, and commits every step to a log
that anybody can check.

See it work:            counterseal demo
Check a package:        counterseal verify FOLDER --trust trust.txt --identity KEY
Ask what a rule says:   counterseal law assess FACTS.yaml
Begin for yourself:     counterseal serve --data DIR --found "Your company"`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&s.data, "data", defaultData(), "the provider's folder (or set COUNTERSEAL_DATA)")
	root.PersistentFlags().BoolVar(&s.json, "json", false, "answer with one JSON document")
	root.PersistentFlags().BoolVar(&s.verbose, "log", false, "show the log on standard error")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage{err} })
	root.AddCommand(s.demoCommand(), s.serveCommand(), s.demandCommand(), s.gateCommand(), s.approveCommand(), s.stopCommand(),
		s.verifyCommand(), s.lawCommand(), s.ledgerCommand(), s.doctorCommand(), s.versionCommand())
	root.CompletionOptions.HiddenDefaultCmd = true
	return root
}

func defaultData() string {
	if d := os.Getenv("COUNTERSEAL_DATA"); d != "" {
		return d
	}
	return "counterseal-data"
}

// usage marks an error of the command line itself.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// report prints a problem and returns its exit code. Internal causes are shown
// only in the log.
func (s *session) report(err error) int {
	var u usage
	if errors.As(err, &u) || isCobraUsage(err) {
		fmt.Fprintf(s.Err, "counterseal: %v\nSee counterseal --help.\n", err)
		return ExitUsage
	}
	p := problem.Of(err)
	if s.verbose {
		s.log().Error("command failed", "code", p.Code, "cause", fmt.Sprint(errors.Unwrap(p)))
	}
	if s.json {
		_ = json.NewEncoder(s.Err).Encode(map[string]any{"problem": map[string]string{
			"code": p.Code, "kind": p.Kind.String(), "message": p.Message, "field": p.Field, "fix": p.Remedy}})
		return p.Kind.ExitCode()
	}
	fmt.Fprintf(s.Err, "counterseal: %s\n", p.Message)
	if p.Field != "" {
		fmt.Fprintf(s.Err, "  where  %s\n", p.Field)
	}
	if p.Remedy != "" {
		fmt.Fprintf(s.Err, "  fix    %s\n", p.Remedy)
	}
	fmt.Fprintf(s.Err, "  code   %s\n", p.Code)
	return p.Kind.ExitCode()
}

// isCobraUsage recognises the errors that cobra makes itself, which have no type.
func isCobraUsage(err error) bool {
	var p *problem.Error
	if errors.As(err, &p) {
		return false
	}
	for _, begin := range []string{"unknown command", "unknown flag", "accepts ", "requires at least", "required flag", "if any flags in the group"} {
		if strings.HasPrefix(err.Error(), begin) {
			return true
		}
	}
	return false
}

// log is the structured log of this run: on standard error with --log, else silent.
func (s *session) log() *slog.Logger {
	if !s.verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(s.Err, nil))
}

// answer prints v as JSON with --json, and otherwise lets text print it.
func (s *session) answer(v any, text func(io.Writer)) error {
	if !s.json {
		text(s.Out)
		return nil
	}
	e := json.NewEncoder(s.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return problem.New(problem.Unavailable, "cli.output", "the answer could not be written").Because(err)
	}
	return nil
}

// say tells a person what is going on, on standard error.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.Err, format+"\n", args...)
}

// readFile reads a file that the user named. Codes: cli.file, cli.file_too_large.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, problem.New(problem.Invalid, "cli.file", "the file cannot be opened").At("%s", path).Fix("check the name and that you may read it").Because(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, problem.New(problem.Invalid, "cli.file", "the file cannot be read").At("%s", path).Because(err)
	}
	if int64(len(b)) > limit {
		return nil, problem.New(problem.Invalid, "cli.file_too_large", "the file is larger than %d bytes", limit).At("%s", path)
	}
	return b, nil
}
