package sourcetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// struckState is where the process that is struck finds what the test told it.
const struckState = "COUNTERSEAL_STRUCK_STATE"

// reads are the calls by which a store is read.
var reads = []string{"read", "pread64", "openat", "getdents64", "newfstatat", "fstat", "lseek", "connect"}

// Struck reads a store once for each of its own calls, of which one fails each time
// (by strace), and once for each that reads bytes, which then gives none, as at an end
// that is not there; it holds that a store which could not be read in full is never empty
// nor shorter: there is a problem, or every item that is missing has its gap. open gives the
// source by what the test told it, in a process of its own; state makes the store, in
// this one. Where strace is missing it skips; COUNTERSEAL_FAULTS=all takes every call.
func Struck(t *testing.T, open func(state string) (source.Source, source.Query, error), state func() string) {
	strike(t, open, state, false)
}

// StruckAside is Struck of the calls of all other threads, for a source that reads ahead.
// What it could not read ahead it may read again, so that nothing need be noticed.
func StruckAside(t *testing.T, open func(state string) (source.Source, source.Query, error), state func() string) {
	strike(t, open, state, true)
}

func strike(t *testing.T, open func(state string) (source.Source, source.Query, error), state func() string, aside bool) {
	if told, child := os.LookupEnv(struckState); child {
		readStruck(t, open, told)
		return
	}
	if testing.Short() {
		t.Skip("SKIPPED: it starts a process for each call")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing")
		}
		t.Skip("SKIPPED: strace is missing")
	}
	told := state()
	log := filepath.Join(t.TempDir(), "calls")
	whole := straced(t, told, "-o", log, "-e", "trace="+strings.Join(reads, ","))
	if len(whole.items) < 3 || whole.code != "" {
		t.Fatalf("the store gives %+v when nothing befalls it", whole)
	}
	all := points(t, log, aside)
	step := 1
	if os.Getenv("COUNTERSEAL_FAULTS") != "all" {
		step = max(len(all)/12, 1)
	}
	failed := 0
	for i := step / 2; i < len(all); i += step {
		for _, how := range all[i].faults() {
			got := straced(t, told, "-o", "/dev/null", "-e", "trace="+all[i].call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", all[i].call, how, all[i].at))
			if !got.honest(whole) {
				t.Fatalf("after %s %d had %s, the store gave %+v; whole it gives %+v", all[i].call, all[i].at, how, got, whole)
			}
			if got.code != "" {
				failed++
			}
		}
	}
	t.Logf("%d calls, every %dth was struck; %d times it was a problem", len(all), step, failed)
	if failed == 0 && !aside {
		t.Error("not one failing call was noticed")
	}
}

// A told is what the struck process said.
type told struct {
	items map[string]string // their bytes' digests by id
	gaps  int
	code  string // of the problem; "" where the whole store was read
	cut   bool   // it said neither
}

// honest holds that what is missing is said, and that nothing is other than it is.
func (g told) honest(whole told) bool {
	for id, digest := range g.items {
		if whole.items[id] != digest {
			return false
		}
	}
	return g.code != "" || g.cut || len(g.items)+g.gaps >= len(whole.items)+whole.gaps
}

func straced(t *testing.T, state string, options ...string) told {
	t.Helper()
	args := append(append([]string{"-f", "--seccomp-bpf", "-qq"}, options...), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.timeout=1m")
	c := exec.Command("strace", args...)
	c.Env = append(os.Environ(), struckState+"="+state)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	got := told{items: map[string]string{}, cut: true}
	for _, line := range strings.Split(out.String(), "\n") {
		words := strings.SplitN(line, " ", 3)
		switch {
		case words[0] == "item" && len(words) == 3:
			got.items[words[2]] = words[1]
		case words[0] == "gap":
			got.gaps++
		case words[0] == "end":
			got.cut = false
		case words[0] == "problem":
			got.code, got.cut = words[1], false
		case strings.HasPrefix(line, "panic:"):
			t.Fatalf("it fell over: %s", out.String())
		}
	}
	return got
}

// readStruck is what the struck process does. strace counts the calls of each thread.
func readStruck(t *testing.T, open func(string) (source.Source, source.Query, error), state string) {
	runtime.LockOSThread()
	src, q, err := open(state)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(os.Stdout, "ready")
	// What is told goes out at once: a call that fails must not take it along.
	f, err := os.Open("/proc/self/stat") // the mark after which calls are struck
	if err == nil {
		f.Close()
	}
	err = src.Items(context.Background(), q, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, r)
		err = errors.Join(err, r.Close())
		if err == nil {
			fmt.Printf("item %x %s\n", h.Sum(nil), it.ID)
		}
		return err
	}, func(g source.Gap) error {
		fmt.Println("gap", g.Reason)
		return nil
	})
	if err != nil {
		fmt.Println("problem", problem.Code(err))
		return
	}
	fmt.Println("end")
}

type point struct {
	call string
	at   int
}

// faults are what befalls a call, as strace has it.
func (p point) faults() []string {
	if p.call == "read" || p.call == "pread64" {
		return []string{"error=EIO", "retval=0"}
	}
	return []string{"error=EIO"}
}

// Where Go starts a program it reads from a pipe whether that went well, and after an
// error, which no pipe of a kernel gives, it waits for the end of a program that waits
// for it (syscall.forkExec).
var starting = regexp.MustCompile(` read\(\d+, "", 8\) += 0$`)

var straceLine = regexp.MustCompile(`^(\d+) +([a-z0-9_]+)\(`)

// points are the calls of the thread that reads the store, or of all others.
func points(t *testing.T, log string, aside bool) (out []point) {
	t.Helper()
	b, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	thread, seen := "", map[string]int{}
	lines := strings.Split(string(b), "\n")
	for _, l := range lines {
		if m := straceLine.FindStringSubmatch(l); m != nil && strings.Contains(l, `"/proc/self/stat"`) {
			thread = m[1]
		}
	}
	ready := false
	for _, l := range lines {
		m := straceLine.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		seen[m[1]+m[2]]++
		if starting.MatchString(l) {
			continue
		}
		if ready && (m[1] == thread) != aside {
			out = append(out, point{m[2], seen[m[1]+m[2]]})
		}
		ready = ready || strings.Contains(l, `"/proc/self/stat"`)
	}
	if len(out) < 5 {
		t.Fatalf("only %d calls: strace's log was not understood", len(out))
	}
	return out
}
