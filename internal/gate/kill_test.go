package gate_test

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/uplink"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

const token = "a token of the test"

// crowded is a mailbox whose collection takes a while.
func crowded() *gatetest.Store {
	s := gatetest.Mailbox()
	jan := time.Date(2031, 1, 12, 8, 0, 0, 0, time.UTC)
	for i := range 300 {
		s.Held = append(s.Held, gatetest.Message("acct-a1", fmt.Sprintf("many-%d", i), jan, jan, 30_000))
	}
	return s
}

// TestChild is not a test: the tests below run it in a process of its own, which
// they kill.
func TestChild(t *testing.T) {
	dir := os.Getenv("COUNTERSEAL_CHILD_DIR")
	if dir == "" {
		t.Skip("only for the tests that kill it")
	}
	private, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := signature.ReadKey(private)
	if err != nil {
		t.Fatal(err)
	}
	sources := []source.Source{crowded()}
	if os.Getenv("COUNTERSEAL_CHILD_STRUCK") != "" {
		runtime.LockOSThread() // strace counts the calls of each thread
		sources[0] = gatetest.Mailbox()
	}
	if os.Getenv("COUNTERSEAL_CHILD_BREAKS") != "" {
		february(sources[0].(*gatetest.Store))
	}
	if state := os.Getenv("COUNTERSEAL_CHILD_STORE"); state != "" {
		sources[0] = storeAt(t, state, impatient)
		countFar(t, os.Getenv("COUNTERSEAL_CHILD_POOL") != "")
	}
	link := uplink.Dial("unix:"+filepath.Join(dir, "uplink"), token)
	if at := os.Getenv("COUNTERSEAL_CHILD_TLS"); at != "" {
		link = farLink(t, dir, at)
	}
	now := gatetest.Start
	if later := os.Getenv("COUNTERSEAL_CHILD_LATER"); later != "" {
		d, err := time.ParseDuration(later)
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(d)
	}
	g, err := gate.Open(ctx, gate.Config{ID: "gate-1", Dir: filepath.Join(dir, "gate"), Key: key, Sources: sources, Journal: link, Docket: link,
		Now: func() time.Time { return now }, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if at := os.Getenv("COUNTERSEAL_CHILD_CRASH"); at != "" {
		g.SetHook(func(kind string) {
			if kind == at {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		})
	}
	if os.Getenv("COUNTERSEAL_CHILD_BREAKS") != "" {
		g.BreakFilters(wider())
	}
	fmt.Println("ready")
	if os.Getenv("COUNTERSEAL_CHILD_BRINGS") != "" {
		bringAsChild(t, g, dir)
		return
	}
	if act := os.Getenv("COUNTERSEAL_CHILD_ACT"); act != "" {
		actAsChild(t, g, act)
		return
	}
	_, err = g.Release(ctx, "g-1")
	if os.Getenv("COUNTERSEAL_CHILD_STRUCK") != "" && problem.Code(err) == "gate.overproduced" {
		return // which is what goes well there
	}
	if err != nil {
		t.Fatal(err)
	}
}

// victim is a scene whose next release runs in a child.
type victim struct {
	*scene
	base  string
	grant grant.Grant
}

func newVictim(t *testing.T) *victim { return newVictimWith(t, crowded()) }

func newVictimWith(t *testing.T, store *gatetest.Store) *victim {
	t.Helper()
	key, private, err := signature.NewKey(rand.Reader, "")
	if err != nil {
		t.Fatal(err)
	}
	// A socket's path is short; the test's own folder may be long.
	base, err := os.MkdirTemp("", "gate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(base) })
	if err := os.WriteFile(filepath.Join(base, "key"), private, 0o600); err != nil {
		t.Fatal(err)
	}
	w := gatetest.NewWorld()
	w.First.Gates[0].Key, w.GateKey = key.PublicKey(), key
	allServices(w)
	v := &victim{scene: &scene{World: w, t: t, dir: filepath.Join(base, "gate"), store: store, docket: &docket{}, log: &logged{}}, base: base}
	l, err := net.Listen("unix", filepath.Join(base, "uplink"))
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: uplink.Handler(w.Journal, v.docket, "gate-1", token, slog.New(slog.DiscardHandler))}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	v.open()
	v.charter()
	return v
}

// waiting is a victim whose grant waits for its release.
func waiting(t *testing.T) *victim {
	t.Helper()
	v := newVictim(t)
	v.grant = v.Grant(1)
	v.mustReady(v.grant)
	v.gate.Close()
	return v
}

// child starts the release elsewhere and returns when it is about to begin.
func (v *victim) child(crash string, more ...string) *exec.Cmd {
	v.t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.count=1")
	c.Env = append(os.Environ(), "COUNTERSEAL_CHILD_DIR="+v.base, "COUNTERSEAL_CHILD_CRASH="+crash)
	c.Env = append(c.Env, more...)
	out, err := c.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		v.t.Fatal(err)
	}
	line := make([]byte, 6)
	if _, err := io.ReadFull(out, line); err != nil || string(line) != "ready\n" {
		v.t.Fatalf("the child says %q, %v", line, err)
	}
	go io.Copy(io.Discard, out)
	return c
}

// sound asserts what must hold after any crash, and returns the grant's state.
func (v *victim) sound() gate.State {
	v.t.Helper()
	v.open()
	st, err := v.gate.Status(ctx, "g-1")
	if err != nil {
		v.t.Fatal(err)
	}
	if v.staging() != 0 {
		v.t.Errorf("something is left in the making")
	}
	out := v.out()
	switch st.State {
	case gate.Released:
		if len(out) != 1 {
			v.t.Fatalf("released, and visible is %v", out)
		}
		r := v.verified(out[0], v.Agency)
		if !r.Complete || r.Items != 304 {
			v.t.Errorf("the package is not whole: %+v", r)
		}
		var digest [32]byte
		if _, err := hex.Decode(digest[:], []byte(st.Outcome.Release)); err != nil || !v.Journal.Holds(digest) || v.docket.last != digest {
			v.t.Errorf("journal or docket do not know what left")
		}
		if again, err := v.gate.Release(ctx, "g-1"); err != nil || again != *st.Outcome {
			v.t.Errorf("again: %+v, %v", again, err)
		}
	case gate.Interrupted, gate.Unknown:
		want := map[gate.State]string{gate.Interrupted: "gate.interrupted", gate.Unknown: "gate.outcome_unknown"}[st.State]
		if _, err := v.gate.Release(ctx, "g-1"); problem.Code(err) != want || st.Code != want {
			v.t.Errorf("a spent grant: %v, status %+v", err, st)
		}
		if list, err := v.gate.Interrupted(ctx); err != nil || len(list) != 1 || list[0].State != st.State {
			v.t.Errorf("interrupted: %+v, %v", list, err)
		}
		if st.State == gate.Unknown && v.docket.asked == 0 {
			v.t.Error("an unknown outcome without a word of the docket")
		}
		if len(v.out()) != 0 {
			v.t.Errorf("visible: %v", v.out())
		}
	case gate.Offered:
		if len(out) != 0 || v.docket.asked != 0 {
			v.t.Errorf("nothing has begun, and visible is %v", out)
		}
		if _, err := v.gate.Release(ctx, "g-1"); err != nil {
			v.t.Errorf("what had not begun must still be possible: %v", err)
		}
	default:
		v.t.Errorf("state %s", st.State)
	}
	// The gate goes on: another grant is released.
	if _, err := v.released(v.Grant(2)); err != nil {
		v.t.Errorf("the next grant: %v", err)
	}
	return st.State
}

func TestACrashAtAnyStepLeavesNothingOrACompletePackage(t *testing.T) {
	for _, c := range []struct {
		at   string
		want gate.State
	}{
		{"charter-proven", gate.Offered}, {"checkpoint", gate.Offered},
		{"begun", gate.Interrupted}, {"counter", gate.Interrupted}, {"counter-committed", gate.Interrupted},
		{"collecting", gate.Interrupted}, {"sealed", gate.Interrupted}, {"permit-asked", gate.Interrupted},
		{"permitted", gate.Unknown}, {"publishing", gate.Unknown},
		{"renamed", gate.Released}, {"visible", gate.Released},
	} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			v := waiting(t)
			child := v.child(c.at)
			child.Wait()
			if s, ok := child.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
				t.Fatalf("the child was not killed: %v", child.ProcessState)
			}
			if got := v.sound(); got != c.want {
				t.Errorf("state %s, want %s", got, c.want)
			}
		})
	}
}

func TestAKillAtAnyMomentLeavesNothingOrACompletePackage(t *testing.T) {
	rounds := 6
	if n, err := strconv.Atoi(os.Getenv("COUNTERSEAL_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	whole := waiting(t)
	begin := time.Now()
	if err := whole.child("").Wait(); err != nil {
		t.Fatal(err)
	}
	length := time.Since(begin)
	if got := whole.sound(); got != gate.Released {
		t.Fatalf("nobody was killed, and the state is %s", got)
	}
	seen := map[gate.State]int{}
	for range rounds {
		v := waiting(t)
		child := v.child("")
		time.Sleep(time.Duration(mathrand.Int64N(int64(length))))
		child.Process.Kill()
		child.Wait()
		seen[v.sound()]++
		v.gate.Close()
		if t.Failed() {
			break
		}
	}
	t.Logf("%d rounds over %v: %v", rounds, length, seen)
}
