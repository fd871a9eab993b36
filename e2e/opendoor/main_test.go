package opendoor_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/internal/cli"
)

// scratch is a folder for what the tests of this run share.
var scratch string

func TestMain(m *testing.M) { os.Exit(run(m)) }

// Most of a test's time is waiting for the journal's next leaf, so more of them
// run side by side than there are processors.
const sideBySide = "4"

func run(m *testing.M) int {
	flag.Parse()
	if err := flag.Set("test.parallel", sideBySide); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "opendoor-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	scratch = dir
	return m.Run()
}

// program builds counterseal once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "counterseal")
	build := exec.Command("go", "build", "-o", path, "counterseal/cmd/counterseal")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as it is given out: a build with cgo cannot have Landlock hold all threads
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// played is the folder in which the built program played the demo, with what it
// said at the end.
type played struct {
	Folder  string `json:"folder"`
	Stories []struct {
		Kept map[string]string `json:"kept"`
	} `json:"stories"`
}

// kept is what the story has kept under a name: the demand "warrant", the "grant",
// the folder "grant.package".
func (p played) kept(name string) string { return p.Stories[0].Kept[name] }

var playOnce = sync.OnceValues(func() (played, error) {
	var p played
	path, err := program()
	if err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var said, amiss bytes.Buffer
	c := exec.CommandContext(ctx, path, "demo", "open-door", "--until", "2013-06-15", "--no-serve", "--json", "--dir", filepath.Join(scratch, "demo"))
	c.Stdout, c.Stderr = &said, &amiss
	if err := c.Run(); err != nil {
		return p, fmt.Errorf("%w: %s", err, amiss.Bytes())
	}
	return p, json.Unmarshal(said.Bytes(), &p)
})

// theDemo is the one demo of this run; nobody changes its folder.
func theDemo(t *testing.T) played {
	t.Helper()
	p, err := playOnce()
	must(t, err)
	return p
}

func (p played) path(parts ...string) string {
	return filepath.Join(append([]string{p.Folder}, parts...)...)
}

// said is what one command of the program answered.
type said struct {
	exit     int
	out, err string
}

// code is the stable code of the problem that a command with --json reported.
func (s said) code() string {
	var p struct {
		Problem struct{ Code string } `json:"problem"`
	}
	_ = json.Unmarshal([]byte(s.err), &p)
	return p.Problem.Code
}

// command runs one command of the program, with --json, in this process.
func command(t *testing.T, args ...string) said {
	t.Helper()
	var out, errs bytes.Buffer
	exit := cli.Main(t.Context(), append([]string{"--json"}, args...), cli.World{In: strings.NewReader(""), Out: &out, Err: &errs, Now: time.Now, Random: rand.Reader})
	return said{exit, out.String(), errs.String()}
}

// missing skips the test, by name; where CI is "true" it fails it.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("SKIPPED: %s is missing", what)
}

// tool runs a program that nobody here wrote.
func tool(t *testing.T, dir, stdin, name string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		missing(t, "the tool "+name)
	}
	c := exec.CommandContext(t.Context(), path, args...)
	c.Dir, c.Stdin, c.WaitDelay = dir, strings.NewReader(stdin), time.Second
	out, err := c.CombinedOutput()
	return string(out), err
}

func read(t *testing.T, parts ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	must(t, err)
	return string(b)
}

func write(t *testing.T, text string, parts ...string) {
	t.Helper()
	must(t, os.WriteFile(filepath.Join(parts...), []byte(text), 0o600))
}

func copyFolder(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	must(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v: %s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
}

// lockedBuffer takes what a process says while a test looks at it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
