package cli_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"counterseal/internal/cli"
	"counterseal/internal/confine"
	"counterseal/internal/evidence/timestamp/timestamptest"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"counterseal": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		world := cli.System()
		world.Confine = confine.Process // a process of its own, as the program is
		if day, err := time.Parse(time.DateOnly, os.Getenv("TEST_DAY")); err == nil {
			world.Now = func() time.Time { return day } // of a script that shows the day
		}
		code := cli.Main(ctx, os.Args[1:], world)
		stop()
		os.Exit(code)
	}})
}

// TestScripts drives the real program as a user types it. The scripts' own
// commands stand in scriptCommands.
func TestScripts(t *testing.T) {
	rules, err := filepath.Abs("../policy/office.toml")
	if err != nil {
		t.Fatal(err)
	}
	stamps, ca := authority(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds:                scriptCommands,
		Setup: func(e *testscript.Env) error {
			e.Setenv("COUNTERSEAL_DATA", filepath.Join(e.WorkDir, "office"))
			e.Setenv("RULES", rules)
			e.Setenv("STAMPS", stamps)
			e.Setenv("STAMPS_CA", ca)
			return os.Chmod(e.WorkDir, 0o755)
		},
	})
}

// authority is a time-stamping authority that openssl makes: its address, of which
// /down answers nothing, and the file of its root. "" where there is no openssl.
func authority(t *testing.T) (address, ca string) {
	if _, err := exec.LookPath("openssl"); err != nil {
		return "", ""
	}
	a := timestamptest.NewOpenSSL(t, "ec")
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		a.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, a.CA()
}

var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits":    exits,
	"answers":  answers,
	"refuses":  refuses,
	"corrects": corrects,
	"capture":  capture,
	"fill":     fill,
	"await":    await,
	"until":    until,
	"weakened": weakened,
	"officers": officers,
	"state":    state,
	"example":  example,
	"dialogue": dialogue,

	"inbox":      inbox,
	"follow":     follow,
	"named":      namedDemand,
	"alike":      alike,
	"alike-acts": alikeActs,
	"hangup":     hangup,
	"comes-in":   comesIn,
	"queue":      queueAnswers,
}

// run runs the program and keeps what it wrote for stdout and stderr.
func run(ts *testscript.TestScript, args []string) int {
	err := ts.Exec("counterseal", args...)
	var ended *exec.ExitError
	if e, ok := err.(*exec.ExitError); ok {
		ended = e
		return ended.ExitCode()
	}
	ts.Check(err)
	return 0
}

// exits CODE ARG… runs counterseal and asks for this exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := run(ts, args[1:]); got != want {
		ts.Fatalf("exit code %d, want %d\n%s", got, want, ts.ReadFile("stderr"))
	}
}

// refuses EXIT CODE WHERE ARG… runs counterseal and asks for the exit code, the
// stable code, the field (a regular expression; - for any), a sentence, and
// nothing on standard output.
func refuses(ts *testscript.TestScript, _ bool, args []string) {
	exits(ts, false, append([]string{args[0]}, args[3:]...))
	said := ts.ReadFile("stderr")
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("a refusal wrote an answer: %s", out)
	}
	lines := map[string]string{}
	for l := range strings.Lines(said) {
		if key, rest, ok := strings.Cut(strings.TrimSpace(l), "  "); ok && strings.HasPrefix(l, "  ") {
			lines[key] = strings.TrimSpace(rest)
		}
	}
	if lines["code"] != args[1] {
		ts.Fatalf("code %q, want %q\n%s", lines["code"], args[1], said)
	}
	if args[2] != "-" && !regexp.MustCompile(args[2]).MatchString(lines["where"]) {
		ts.Fatalf("where %q, want %q\n%s", lines["where"], args[2], said)
	}
	if !strings.HasPrefix(said, "counterseal: ") && !strings.Contains(said, "\ncounterseal: ") {
		ts.Fatalf("a refusal says what happened:\n%s", said)
	}
	if strings.Contains(said, "panic") || strings.Contains(said, "goroutine") {
		ts.Fatalf("%s", said)
	}
}

// corrects is refuses for bad input: the refusal names the place and the remedy.
func corrects(ts *testscript.TestScript, neg bool, args []string) {
	refuses(ts, neg, args)
	said := ts.ReadFile("stderr")
	if !strings.Contains(said, "\n  where  ") || !strings.Contains(said, "\n  fix    ") {
		ts.Fatalf("a refusal of bad input says where it is and what to do:\n%s", said)
	}
}

// answers COMMAND asks that the last answer is one JSON document with exactly the
// keys that docs/formats.md states for this command.
func answers(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile("stdout")
	d := json.NewDecoder(strings.NewReader(text))
	var got map[string]any
	ts.Check(d.Decode(&got))
	if d.More() {
		ts.Fatalf("more than one document:\n%s", text)
	}
	name := strings.Join(args, " ")
	want, err := documentedAnswers()
	ts.Check(err)
	keys, ok := want[name]
	if !ok {
		ts.Fatalf("docs/formats.md does not say what %q answers", name)
	}
	for key, always := range keys {
		if _, there := got[key]; always && !there {
			ts.Fatalf("%q answers without %q, which docs/formats.md states:\n%s", name, key, text)
		}
	}
	for key := range got {
		if _, there := keys[key]; !there {
			ts.Fatalf("%q answers with %q, which docs/formats.md does not state", name, key)
		}
	}
}

// capture NAME PATTERN keeps the first group of PATTERN in the last output.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("no match of %s in\n%s", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], m[1])
}

// fill FILE… puts environment variables in place of ${NAME}, and the content of
// a file in place of ${@NAME}.
func fill(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		path := ts.MkAbs(name)
		text := os.Expand(ts.ReadFile(name), func(v string) string {
			if file, ok := strings.CutPrefix(v, "@"); ok {
				return strings.TrimSpace(ts.ReadFile(file))
			}
			return ts.Getenv(v)
		})
		ts.Check(os.WriteFile(path, []byte(text), 0o600))
	}
}

// await PATTERN waits until a file or socket is there.
func await(ts *testscript.TestScript, _ bool, args []string) {
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if found, err := filepath.Glob(ts.MkAbs(args[0])); err == nil && len(found) > 0 {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%s did not appear", args[0])
		}
	}
}

// until PATTERN ARG… runs counterseal until its output matches.
func until(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if run(ts, args[1:]) == 0 && pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("%q never said %s", args[1:], args[0])
		}
	}
}

// weakened EXIT CODE ARG… is refuses for a user who is bound by the rights of
// files: where the tests run as root, it gives root's privileges up.
func weakened(ts *testscript.TestScript, _ bool, args []string) {
	program, words := "counterseal", args[2:]
	if os.Geteuid() == 0 {
		program, words = "setpriv", append([]string{"--bounding-set=-all", "counterseal"}, words...)
	}
	err := ts.Exec(program, words...)
	e, ok := err.(*exec.ExitError)
	if !ok || strconv.Itoa(e.ExitCode()) != args[0] || !strings.Contains(ts.ReadFile("stderr"), "code   "+args[1]) {
		ts.Fatalf("%v, want exit code %s and %s:\n%s", err, args[0], args[1], ts.ReadFile("stderr"))
	}
}

// officers checks with OpenSSH alone, as somebody outside would:
// officers NAMESPACE PUBLICKEY TEXT SIGNATURE.
func officers(ts *testscript.TestScript, neg bool, args []string) {
	signers := ts.MkAbs("allowed-signers")
	ts.Check(os.WriteFile(signers, []byte("somebody "+strings.TrimSpace(ts.ReadFile(args[1]))+"\n"), 0o600))
	c := exec.Command("ssh-keygen", "-Y", "verify", "-f", signers, "-I", "somebody", "-n", args[0], "-s", ts.MkAbs(args[3]))
	c.Stdin = strings.NewReader(ts.ReadFile(args[2]))
	out, err := c.CombinedOutput()
	if (err != nil) != neg {
		ts.Fatalf("ssh-keygen: %v: %s", err, out)
	}
}

// state FILE writes every demand with its whole history, for comparison. What is
// left out moves by itself: obstacles that only time removes.
func state(ts *testscript.TestScript, _ bool, args []string) {
	ask := func(into any, words ...string) {
		if code := run(ts, append(words, "--json")); code != 0 {
			ts.Fatalf("exit code %d\n%s", code, ts.ReadFile("stderr"))
		}
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), into))
	}
	var list struct{ Rows []struct{ ID string } }
	ask(&list, "list")
	out := map[string]any{}
	for _, row := range list.Rows {
		var shown map[string]any
		ask(&shown, "demand", "show", row.ID)
		out[row.ID] = []any{shown["status"], shown["history"], shown["lines"], shown["targets"], shown["grants"]}
	}
	text, err := json.MarshalIndent(out, "", " ")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// example PAGE NAME FILE writes the example of this name on a page of docs/.
func example(ts *testscript.TestScript, _ bool, args []string) {
	page, err := os.ReadFile(filepath.Join(docs, args[0]))
	ts.Check(err)
	m := regexp.MustCompile("(?ms)^```[a-z]+ " + regexp.QuoteMeta(args[1]) + "\n(.*?)^```$").FindSubmatch(page)
	if m == nil {
		ts.Fatalf("%s has no example %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), m[1], 0o600))
}

// dialogue FILE ARG… runs counterseal with what a person types in a dialogue, which is
// what follows › on a line; what it prints must be the rest, where … stands for anything.
func dialogue(ts *testscript.TestScript, _ bool, args []string) {
	var typed, printed strings.Builder
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		asked, answer, prompt := strings.Cut(line, " ›")
		if !prompt {
			printed.WriteString(line)
			continue
		}
		printed.WriteString(asked + " › ")
		typed.WriteString(strings.TrimSpace(answer) + "\n")
	}
	ts.Check(os.WriteFile(ts.MkAbs("typed"), []byte(typed.String()), 0o600))
	c := exec.Command("counterseal", args[1:]...)
	c.Dir, c.Stdin = ts.MkAbs("."), strings.NewReader(typed.String())
	c.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), "HOME="+ts.Getenv("HOME"), "TEST_DAY="+ts.Getenv("TEST_DAY"))
	out, err := c.CombinedOutput()
	ts.Check(err)
	want, got := strings.TrimSpace(printed.String()), strings.TrimSpace(string(out))
	form := strings.ReplaceAll(regexp.QuoteMeta(want), "…", "(?s:.*?)")
	if !regexp.MustCompile("^" + form + "$").MatchString(got) {
		ts.Fatalf("the dialogue goes otherwise (-written +printed):\n%s", cmp.Diff(want, got))
	}
}

// docs is the folder of the pages.
var docs, _ = filepath.Abs("../../docs")

// documentedAnswers reads the table "Answers with --json" of docs/formats.md:
// command, then its keys; true for a key that is always there.
func documentedAnswers() (map[string]map[string]bool, error) {
	text, err := os.ReadFile(filepath.Join(docs, "formats.md"))
	if err != nil {
		return nil, err
	}
	_, section, ok := strings.Cut(string(text), "## Answers with --json")
	if !ok {
		return nil, fmt.Errorf("docs/formats.md has no section on answers")
	}
	out := map[string]map[string]bool{}
	for l := range strings.Lines(section) {
		if strings.HasPrefix(l, "## ") {
			break
		}
		cells := strings.Split(strings.TrimSpace(l), "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		keys := map[string]bool{}
		for key := range strings.FieldsFuncSeq(cells[2], func(r rune) bool { return strings.ContainsRune("`, ", r) }) {
			keys[strings.TrimSuffix(key, "?")] = !strings.HasSuffix(key, "?")
		}
		for _, name := range strings.Split(cells[1], "`") {
			if name = strings.Trim(name, " ,"); name != "" {
				out[name] = keys
			}
		}
	}
	return out, nil
}

// wordsOf lists what stands after a script command in all scripts.
func wordsOf(t *testing.T, command string) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(string(text)) {
			if rest, ok := strings.CutPrefix(l, command+" "); ok {
				out = append(out, strings.TrimSpace(rest))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
