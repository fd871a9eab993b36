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
	"time"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"counterseal/internal/app"
	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// World is everything outside that a command touches.
type World struct {
	In       io.Reader
	Out, Err io.Writer
	Now      func() time.Time
	Random   io.Reader
	Terminal bool // a person is watching: ask, and show progress

	// Program is the file of this program, which it starts again for what takes a
	// process of its own; "": such things are left out.
	Program string

	// Confine has the kernel hold this process to what it needs, for good; nil: it is not
	// asked, as where a test runs a command within itself.
	Confine app.Confiner
}

// System is the world of a process.
func System() World {
	info, err := os.Stdin.Stat()
	return World{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now, Random: rand.Reader,
		Terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

// Main runs one command and returns the exit code.
func Main(ctx context.Context, args []string, w World) int {
	quietTessera()
	s := &session{World: w}
	root := s.root()
	root.SetArgs(args)
	root.SetIn(w.In)
	root.SetOut(w.Out)
	root.SetErr(w.Err)
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	return s.report(command, err)
}

// Tree is the tree of commands, for what documents and tests them.
func Tree(w World) *cobra.Command { return (&session{World: w}).root() }

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
	told    ui.Clock // by which people are told times; of an office once one is open
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
Begin for yourself:     counterseal init --provider "Your company" --origin DOMAIN

Exit codes: 0 done, 1 a fault of ours, 2 the command line, 3 invalid input, 4 there is
no such thing, 5 somebody came first, 6 not allowed now, 7 a needed part does not
answer, 8 a proof does not hold. docs/exit-codes.md says what to do about each.`,
		Example:       "  counterseal demo\n  counterseal verify package --trust trust.txt --identity officer.agekey",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&s.data, "data", defaultData(), "the provider's folder (or set COUNTERSEAL_DATA)")
	root.PersistentFlags().BoolVar(&s.json, "json", false, "answer with one JSON document")
	root.PersistentFlags().BoolVar(&s.verbose, "log", false, "show the log on standard error")
	root.SetFlagErrorFunc(flagError)
	s.addCommands(root)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetUsageTemplate(usageTemplate)
	return group(root)
}

// addCommands adds every command, under headings by whose work it is.
func (s *session) addCommands(root *cobra.Command) {
	demands := s.demandCommand()
	add := func(title string, commands ...*cobra.Command) {
		root.AddGroup(&cobra.Group{ID: title, Title: title})
		for _, c := range commands {
			c.GroupID = title
		}
		root.AddCommand(commands...)
	}
	add("Begin, run, look", s.demoCommand(), s.startCommand(), s.initCommand(), s.serveCommand(), s.sessionCommand(), s.policyCommand(), s.doctorCommand())
	add("Demands and all that concerns them", append([]*cobra.Command{s.listCommand(), s.showCommand(), s.historyCommand(), s.documentCommand(), demands, s.letterCommand(), s.agencyCommand(),
		s.importCommand(), s.customerCommand(), s.reportCommand()}, s.catalogue(demands)...)...)
	add("Approve, collect, release", s.gateCommand(), s.approveCommand(), s.stopCommand(), s.clockCommand(), s.declarationCommand())
	add("Check", s.verifyCommand(), s.receiptCommand(), s.ledgerCommand(), s.witnessCommand(), s.lawCommand(), s.versionCommand())
	root.AddCommand(s.readPDFCommand())
}

func defaultData() string {
	if d := os.Getenv("COUNTERSEAL_DATA"); d != "" {
		return d
	}
	return "counterseal-data"
}

// report prints a problem and returns its exit code. Internal causes are shown
// only in the log.
func (s *session) report(command *cobra.Command, err error) int {
	p, usage := usageProblem(err)
	if !usage {
		p = problem.Of(err)
	}
	code, kind := p.Kind.ExitCode(), p.Kind.String()
	if usage {
		code, kind, p = ExitUsage, "usage", p.Fix("%s --help", command.CommandPath())
	}
	if s.verbose {
		s.log().Error("command failed", "code", p.Code, "cause", fmt.Sprint(errors.Unwrap(p)))
	}
	way := s.blocked(err)
	if s.json {
		_ = json.NewEncoder(s.Err).Encode(map[string]any{"problem": map[string]any{
			"code": p.Code, "kind": kind, "message": p.Message, "field": p.Field, "fix": p.Remedy, "obstacles": way}})
		return code
	}
	if len(way) > 0 {
		p = problem.New(p.Kind, p.Code, "this is not possible yet").Fix("counterseal demand show says what comes next")
	}
	fmt.Fprintf(s.Err, "counterseal: %s\n", p.Message)
	for _, o := range way {
		fmt.Fprintf(s.Err, "  in the way  %s\n", o.Says)
	}
	if p.Field != "" {
		fmt.Fprintf(s.Err, "  where  %s\n", p.Field)
	}
	if p.Remedy != "" {
		fmt.Fprintf(s.Err, "  fix    %s\n", p.Remedy)
	}
	fmt.Fprintf(s.Err, "  code   %s\n", p.Code)
	return code
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

// answerText prints a text to be signed, byte for byte, or with --json in one
// document.
func (s *session) answerText(text []byte) error {
	return s.answer(map[string]string{"text": string(text)}, func(w io.Writer) { w.Write(text) })
}

// say tells a person what is going on, on standard error.
func (s *session) say(format string, args ...any) {
	fmt.Fprintf(s.Err, format+"\n", args...)
}

// openFile opens a file that the user named. Code: cli.file.
func openFile(path string) (*os.File, error) {
	bad := problem.New(problem.Invalid, "cli.file", "the file cannot be opened").At("%s", path).Fix("check the name and that you may read it")
	f, err := os.Open(path)
	if err != nil {
		return nil, bad.Because(err)
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		f.Close()
		return nil, bad.Because(err)
	}
	return f, nil
}

// in lets a problem name the file that the user named, beside what it says itself.
func in(path string, err error) error {
	p := problem.Of(err)
	if p == nil {
		return nil
	}
	if p.Field == "" {
		return p.At("%s", path)
	}
	return p.At("%s: %s", path, p.Field)
}

// readFile reads a file that the user named. Codes: cli.file, cli.file_too_large.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, problem.New(problem.Invalid, "cli.file", "the file cannot be read").At("%s", path).Fix("try again, or copy the file first").Because(err)
	}
	if int64(len(b)) > limit {
		return nil, problem.New(problem.Invalid, "cli.file_too_large", "the file is larger than %d bytes", limit).At("%s", path).Fix("check that it is the right file")
	}
	return b, nil
}

// explainWhenAsked leaves a command's longer text until somebody asks for help: whatever
// it takes to make, the start of each command would pay for it.
func explainWhenAsked(c *cobra.Command, long func() string) {
	c.SetHelpFunc(func(c *cobra.Command, args []string) {
		c.Long = long()
		c.Root().HelpFunc()(c, args)
	})
}
