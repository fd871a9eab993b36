//go:build amd64 || arm64

package confine

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestMain is the process that a test shuts in, where the environment asks for it.
func TestMain(m *testing.M) {
	if act := os.Getenv("COUNTERSEAL_CONFINED"); act != "" {
		confined(act)
		return
	}
	os.Exit(m.Run())
}

// inside runs one act in a process of its own and gives what it says.
func inside(t *testing.T, act string) (string, error) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), "COUNTERSEAL_CONFINED="+act)
	out, err := c.CombinedOutput()
	return string(out), err
}

// confined does in this process what a test wants tried.
func confined(act string) {
	what, needs, _ := strings.Cut(act, " ")
	switch what {
	case "reader":
		readerTries(needs)
		return
	case "files":
		filesTries(needs)
		return
	}
	n := Needs{Programs: strings.Contains(needs, "programs"), Network: strings.Contains(needs, "network")}
	// A thread that was there before is held too.
	ask, answer := make(chan func() error), make(chan error)
	go func() {
		runtime.LockOSThread()
		for f := range ask {
			answer <- f()
		}
	}()
	for _, w := range Process(n) {
		fmt.Println(w.About, w.Holds)
	}
	for name, try := range attempts() {
		here := try()
		ask <- try
		fmt.Println(name, here, "|", <-answer)
	}
	var all sync.WaitGroup // the runtime still makes threads
	for range 20 {
		all.Go(func() { runtime.LockOSThread() })
	}
	all.Wait()
	fmt.Println("alive")
}

func attempts() map[string]func() error {
	raw := func(call uintptr, args ...uintptr) func() error {
		return func() error {
			args = append(args, 0, 0, 0, 0, 0, 0)
			_, _, errno := unix.RawSyscall6(call, args[0], args[1], args[2], args[3], args[4], args[5])
			if errno != 0 {
				return errno
			}
			return nil
		}
	}
	word := func(s string) uintptr { return uintptr(unsafe.Pointer(&[]byte(s + "\x00")[0])) }
	return map[string]func() error{
		"ptrace":   raw(unix.SYS_PTRACE, unix.PTRACE_ATTACH, uintptr(os.Getppid())),
		"memory":   raw(unix.SYS_PROCESS_VM_READV, uintptr(os.Getppid())),
		"mount":    raw(unix.SYS_MOUNT, word("none"), word("/mnt"), word("tmpfs")),
		"unshare":  raw(unix.SYS_UNSHARE, unix.CLONE_NEWUSER),
		"bpf":      raw(unix.SYS_BPF),
		"ring":     raw(unix.SYS_IO_URING_SETUP, 1),
		"keyctl":   raw(unix.SYS_KEYCTL),
		"personal": raw(unix.SYS_PERSONALITY, 0xffffffff),
		"program":  func() error { return exec.Command("/bin/true").Run() },
		"network": func() error {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err == nil {
				l.Close()
			}
			return err
		},
		"socket": func() error {
			l, err := net.Listen("unix", filepath.Join(os.TempDir(), fmt.Sprintf("confined-%d.sock", os.Getpid())))
			if err == nil {
				l.Close()
			}
			return err
		},
	}
}

func TestAConfinedProcessLivesAndDoesNoneOfIt(t *testing.T) {
	free := map[string]func() error{"ptrace": nil, "memory": nil, "mount": nil, "unshare": nil, "bpf": nil, "ring": nil, "keyctl": nil, "personal": nil}
	for needs, may := range map[string]map[string]bool{
		"":                 {"socket": true},
		"network":          {"socket": true, "network": true},
		"programs network": {"socket": true, "network": true, "program": true},
	} {
		out, err := inside(t, "process "+needs)
		if err != nil {
			t.Fatalf("%s: %v: %s", needs, err, out)
		}
		if !strings.Contains(out, "calls true\n") || !strings.HasSuffix(out, "alive\n") {
			t.Fatalf("%s: %s", needs, out)
		}
		for name := range attempts() {
			want := "operation not permitted"
			if may[name] {
				want = "<nil>"
			}
			line := ""
			for _, l := range strings.Split(out, "\n") {
				if rest, ok := strings.CutPrefix(l, name+" "); ok {
					line = rest
				}
			}
			here, there, _ := strings.Cut(line, " | ")
			_, alwaysRefused := free[name]
			if alwaysRefused && may[name] || !strings.Contains(here, want) || !strings.Contains(there, want) {
				t.Errorf("%q: %s gives %q", needs, name, line)
			}
		}
	}
}

// readerTries does one thing that reading does not need.
func readerTries(what string) {
	if err := Reader(); err != nil {
		fmt.Println("not confined:", err)
		os.Exit(9)
	}
	switch what {
	case "nothing":
		b := make([]byte, 1<<20)
		fmt.Println("read", len(b))
	case "file":
		_, err := os.ReadFile("/etc/hostname")
		fmt.Println("file", errors.Is(err, os.ErrPermission))
	case "network":
		_, err := net.Dial("tcp", "127.0.0.1:1")
		fmt.Println("network", err)
	case "program":
		fmt.Println("program", syscall.Exec("/bin/true", nil, nil))
	case "signal":
		fmt.Println("signal", syscall.Kill(os.Getppid(), 0))
	}
}

func TestAReaderReadsAndIsEndedForAnythingElse(t *testing.T) {
	for what, want := range map[string]string{"nothing": "read 1048576", "file": "file true"} {
		if out, err := inside(t, "reader "+what); err != nil || strings.TrimSpace(out) != want {
			t.Errorf("%s: %q, %v", what, out, err)
		}
	}
	for _, what := range []string{"network", "program", "signal"} {
		out, err := inside(t, "reader "+what)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGSYS {
			t.Errorf("%s: %q, %v", what, out, err)
		}
	}
}

// What memory the kernel says it has locked, before and after, where the limit allows.
func TestMemoryIsLockedOrItIsSaidWhyNot(t *testing.T) {
	out, err := inside(t, "process network")
	if err != nil {
		t.Fatal(err)
	}
	var most unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MEMLOCK, &most); err != nil {
		t.Fatal(err)
	}
	swap, err := os.ReadFile("/proc/swaps")
	if err != nil {
		t.Skip("SKIPPED: this system does not say whether it swaps")
	}
	want := most.Cur == unix.RLIM_INFINITY || mayLock() || strings.Count(strings.TrimSpace(string(swap)), "\n") == 0
	if got := strings.Contains(out, "memory true\n"); got != want {
		t.Errorf("memory is held: %v, want %v", got, want)
	}
}
