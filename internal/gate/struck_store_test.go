package gate_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/gate/source"
)

const (
	impatient = 1500 * time.Millisecond // of the child with its store
	patient   = 2 * time.Minute         // of the test itself
)

// countFar takes the child's own thread so far ahead in the count of its calls that no
// other thread comes to the numbers that it then has; or every other thread, where it is
// they who speak to the store. A blow, which has a number and no thread, then meets what
// it is meant for.
func countFar(t *testing.T, others bool) {
	t.Helper()
	if !others {
		callOften(t)
		return
	}
	const threads = 16 // more than are idle now or wanted later
	var ready, over sync.WaitGroup
	ready.Add(threads)
	over.Add(threads)
	for range threads {
		go func() {
			defer over.Done()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			ready.Done()
			ready.Wait() // each has a thread of its own
			callOften(t)
		}()
	}
	over.Wait()
}

func callOften(t *testing.T) {
	for range 300 {
		f, err := os.OpenFile("/dev/zero", os.O_RDWR, 0)
		if err != nil {
			t.Error(err)
			return
		}
		b := []byte{0}
		_, rerr := f.Read(b)
		_, werr := f.Write(b)
		s, serr := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		_ = syscall.Connect(s, &syscall.SockaddrUnix{Name: "/dev/zero"})
		if err := errorsOf(rerr, werr, f.Close(), serr, syscall.Close(s)); err != nil {
			t.Error(err)
			return
		}
	}
}

// straceOf runs the child and gives what strace says about it.
func (v *victim) straceOf(f *far, options ...string) (well bool, log []string) {
	v.t.Helper()
	path := filepath.Join(v.base, "strace")
	env := []string{"COUNTERSEAL_CHILD_STORE=" + f.state()}
	if f.pooled {
		env = append(env, "COUNTERSEAL_CHILD_POOL=1")
	}
	well = v.straced(append([]string{"-yy", "-s", "64", "-o", path}, options...), time.Minute, env...)
	text, err := os.ReadFile(path)
	if err != nil {
		v.t.Fatal(err)
	}
	return well, strings.Split(string(text), "\n")
}

// farBlows are what can befall a call on the way to a store: it fails, says that there is
// nothing more, takes longer than there is patience, or ends the gate.
func farBlows(call string, at int) (out []blow) {
	whats := map[string][]string{
		"connect": {"error=ECONNREFUSED", "error=EIO", "error=ETIMEDOUT"},
		"read":    {"error=EIO", "error=ECONNRESET", "retval=0"},
		"pread64": {"error=EIO", "retval=0"},
		"write":   {"error=EIO", "error=ECONNRESET", "error=ENOSPC"},
		"openat":  {"error=EIO", "error=ENFILE"},
	}[call]
	for _, what := range append(whats, "signal=KILL", "delay_enter=3000000", "delay_exit=3000000") {
		out = append(out, blow{call, at, what})
	}
	return out
}

var farCalls = []string{"connect", "read", "pread64", "write", "openat"}

// farPoints runs the child unharmed and gives the numbers, in their threads, of the calls
// that are the store's.
func (v *victim) farPoints(f *far, mark *regexp.Regexp) (out []blow) {
	v.t.Helper()
	well, log := v.straceOf(f, "-e", "trace="+strings.Join(farCalls, ","))
	if !well {
		v.t.Fatal("the child does not go well when nothing befalls it")
	}
	seen, found := map[string]int{}, map[blow]bool{}
	for _, l := range log {
		m := straceLine.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		seen[m[1]+m[2]]++
		if mark.MatchString(l) {
			found[blow{call: m[2], at: seen[m[1]+m[2]]}] = true
		}
	}
	points := slices.SortedFunc(maps.Keys(found), func(a, b blow) int {
		return strings.Compare(fmt.Sprintf("%s %5d", a.call, a.at), fmt.Sprintf("%s %5d", b.call, b.at))
	})
	for _, p := range points {
		out = append(out, farBlows(p.call, p.at)...)
	}
	if len(out) < 20 {
		v.t.Fatalf("only %d points: the log of calls was not understood", len(out))
	}
	return out
}

// farStrike lets something befall the child, and says how many of the calls that it
// befell were the store's, and how many others.
func (v *victim) farStrike(f *far, b blow, mark *regexp.Regexp) (well bool, ours, others int) {
	v.t.Helper()
	well, log := v.straceOf(f, "-e", "trace="+b.call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", b.call, b.what, b.at))
	begun := map[string]string{} // what each thread was doing
	for _, l := range log {
		thread, _, _ := strings.Cut(l, " ")
		if straceLine.MatchString(l) {
			begun[thread] = l
		}
		if !strings.Contains(l, "(INJECTED)") && !strings.Contains(l, "(DELAYED)") {
			continue
		}
		if mark.MatchString(begun[thread]) {
			ours++
		} else {
			others++
		}
	}
	return well, ours, others
}

// newFarVictim is a victim whose next release reads the store.
func newFarVictim(t *testing.T, f *far) *victim {
	t.Helper()
	v := newVictim(t)
	v.gate.Close()
	v.sources = []source.Source{storeAt(t, f.state(), patient)}
	v.open()
	v.mustReady(f.asked(v.Grant(1)))
	v.gate.Close()
	return v
}

// Whatever befalls one call by which the gate speaks to a store's server, reads a store's
// file or hears a store's program: the package is whole, or says what is missing, or
// there is none and it is said that the store was not read to its end.
func TestNothingThatBefallsTheWayToAStoreMakesAPackageSilentlyShorter(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing")
		}
		t.Skip("SKIPPED: strace is missing")
	}
	if testing.Short() {
		t.Skip("SKIPPED: it takes minutes under the race detector")
	}
	for name, make := range fars {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := make(t)
			mark := regexp.MustCompile(f.mark)
			want := f.holds(t, storeAt(t, f.state(), patient))
			all := newFarVictim(t, f).farPoints(f, mark)
			some := sampled(all, 4)
			met, tried, outcomes := 0, 0, map[string]int{}
			// Which thread speaks to the store changes from run to run, and with it the
			// numbers: where none of the few met it, more are tried.
			for _, b := range append(some, sampled(all, 60)...) {
				if tried >= len(some) && met > 0 {
					break
				}
				tried++
				v := newFarVictim(t, f)
				well, ours, others := v.farStrike(f, b, mark)
				if ours > 0 {
					met++
				}
				v.open()
				outcomes[v.holdsFar(f, want, well, ours > 0 && others == 0)]++
				v.gate.Close()
				if t.Failed() {
					t.Fatalf("after %v, which befell %d calls of the store's and %d others", b, ours, others)
				}
			}
			t.Logf("%d of %d points, of which %d met the store and did not end the gate: %v", tried, len(all), met, outcomes)
			if met == 0 {
				t.Error("nothing befell the store: nothing was tested")
			}
		})
	}
}
