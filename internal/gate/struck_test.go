package gate_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// strikable are the calls by which a gate makes something last, moves it into view,
// takes it away, or tells another process.
var strikable = []string{"write", "fsync", "renameat", "unlinkat", "mkdirat", "openat"}

// A blow is what befalls one call of the child.
type blow struct {
	call string
	at   int    // which of the calls of this name, of one thread
	what string // as strace's inject= takes it
}

// blows are what can befall a call: it fails, the process ends before it, or it hangs
// and the process ends, with the call done or not.
func blows(call string, at int) (out []blow) {
	for _, what := range []string{"error=EIO", "error=ENOSPC", "signal=KILL", "delay_exit=60000000", "delay_enter=60000000"} {
		out = append(out, blow{call, at, what})
	}
	return out
}

func (b blow) String() string { return fmt.Sprintf("%s %d %s", b.call, b.at, b.what) }

// hangs is how long a call may hang before whoever runs the gate ends it.
const hangs = 700 * time.Millisecond

// straced runs the child under strace and says whether it reported that all went well.
func (v *victim) straced(options []string, patience time.Duration, env ...string) (well bool) {
	v.t.Helper()
	args := append(append([]string{"-f", "--seccomp-bpf", "-qq"}, options...), os.Args[0], "-test.run=^TestChild$", "-test.count=1")
	c := exec.Command("strace", args...)
	c.Env = append(append(os.Environ(), "COUNTERSEAL_CHILD_DIR="+v.base, "COUNTERSEAL_CHILD_STRUCK=1"), env...)
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		v.t.Fatal(err)
	}
	end := time.AfterFunc(patience, func() { syscall.Kill(-c.Process.Pid, syscall.SIGKILL) })
	defer end.Stop()
	err := c.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		v.t.Fatal(err)
	}
	if bytes.Contains(said.Bytes(), []byte("panic:")) || bytes.Contains(said.Bytes(), []byte("fatal error:")) && !bytes.Contains(said.Bytes(), []byte("runtime: ")) {
		v.t.Errorf("the child fell over: %s", said.Bytes())
	}
	return err == nil
}

func (v *victim) strike(b blow, env ...string) (well bool) {
	v.t.Helper()
	patience := 2 * time.Minute
	if strings.Contains(b.what, "delay") {
		patience = hangs + time.Second // it takes a moment to get there
	}
	return v.straced([]string{"-o", "/dev/null", "-e", "trace=" + b.call, "-e", fmt.Sprintf("inject=%s:%s:when=%d", b.call, b.what, b.at)}, patience, env...)
}

var straceLine = regexp.MustCompile(`^(\d+) +([a-z0-9_]+)\(`)

// points runs the child unharmed and gives each call that its own thread makes after
// it is ready.
func (v *victim) points(env ...string) (out []blow) {
	v.t.Helper()
	log := filepath.Join(v.base, "calls")
	if !v.straced([]string{"-o", log, "-e", "trace=" + strings.Join(strikable, ",")}, 2*time.Minute, env...) {
		v.t.Fatal("the child does not go well when nothing befalls it")
	}
	b, err := os.ReadFile(log)
	if err != nil {
		v.t.Fatal(err)
	}
	lines := strings.Split(string(b), "\n")
	thread := ""
	for _, l := range lines {
		if m := straceLine.FindStringSubmatch(l); m != nil && strings.Contains(l, `write(1, "ready\n"`) {
			thread = m[1]
		}
	}
	seen, ready := map[string]int{}, false
	for _, l := range lines {
		m := straceLine.FindStringSubmatch(l)
		if m == nil || m[1] != thread {
			continue
		}
		seen[m[2]]++
		if ready && !strings.Contains(l, "O_RDONLY") { // what is only read is for the tests of stores
			out = append(out, blows(m[2], seen[m[2]])...)
		}
		ready = ready || strings.Contains(l, `write(1, "ready\n"`)
	}
	if len(out) < 40 {
		v.t.Fatalf("only %d points: the log of calls was not understood", len(out))
	}
	return out
}

// howMany is what COUNTERSEAL_FAULTS asks for: all, or a number of points or rounds of each
// test; otherwise as few as the test takes by itself.
func howMany(few, all int) int {
	asked := os.Getenv("COUNTERSEAL_FAULTS")
	if asked == "all" {
		return all
	}
	n, err := strconv.Atoi(asked)
	if err == nil && n > 0 {
		return min(n, all)
	}
	return min(few, all)
}

// sampled takes a few of the points, spread over all of them and over what befalls
// them; all where COUNTERSEAL_FAULTS says so.
func sampled(all []blow, few int) (out []blow) {
	few = howMany(few, len(all))
	if few == len(all) {
		return all
	}
	step := max(len(all)/few, 1)
	for step%5 == 0 || step > 1 && len(all)%step == 0 { // so that what befalls them changes from one to the next
		step++
	}
	for i := step / 2; i < len(all); i += step {
		out = append(out, all[i])
	}
	return out
}

// A struckAct is an act of a gate that befalls something.
type struckAct struct {
	env  []string
	tls  bool
	make func(*victim)                   // brings the gate to where the act can begin, and closes it
	hold func(v *victim, well bool) bool // what must be true afterwards; true: the act had its effect
}

func struckActs() map[string]struckAct {
	acts := map[string]struckAct{
		"release":        {make: toRelease, hold: holdsRelease},
		"release by TLS": {make: toRelease, hold: holdsRelease, tls: true},
		"keep":           {env: []string{"COUNTERSEAL_CHILD_ACT=keep"}, make: toKeep, hold: holdsKeep},
		"open a copy":    {env: []string{"COUNTERSEAL_CHILD_ACT=open"}, make: toOpen, hold: holdsOpen},
		"longer":         {env: []string{"COUNTERSEAL_CHILD_ACT=longer"}, make: toExtend, hold: holdsExtend},
		"end a copy":     {env: []string{"COUNTERSEAL_CHILD_ACT=stop"}, make: toEnd, hold: holdsEnd},
		"preview":        {env: []string{"COUNTERSEAL_CHILD_ACT=preview"}, make: toPreview, hold: holdsPreview},
		"release a ZIP":  {env: []string{later}, make: toZip, hold: holdsZip},
		"tell":           {env: []string{"COUNTERSEAL_CHILD_ACT=passphrase", later}, make: toTell, hold: holdsTell},
		"over-produce":   {env: []string{"COUNTERSEAL_CHILD_BREAKS=1"}, make: toRelease, hold: holdsApart},
	}
	return acts
}

// Whatever befalls one call on the way of an act, the act is whole or it is not there,
// what was reported as done is done, nothing is visible that the journal does not know,
// and the gate goes on.
func TestNothingThatBefallsACallBreaksWhatAGatePromises(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing")
		}
		t.Skip("SKIPPED: strace is missing")
	}
	if testing.Short() {
		t.Skip("SKIPPED: it takes minutes under the race detector")
	}
	for name, act := range struckActs() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := func() (*victim, []string) {
				v := newVictimWith(t, gatetest.Mailbox())
				env := act.env
				if act.tls {
					env = append([]string{"COUNTERSEAL_CHILD_TLS=" + v.farUplink()}, env...)
				}
				act.make(v)
				return v, env
			}
			v, env := begin()
			all := v.points(env...)
			if act.tls {
				all = append(onTheLine(), all...)
			}
			some := sampled(all, 6)
			done, last := 0, blow{}
			defer func() {
				if t.Failed() {
					t.Logf("after %v", last)
				}
			}()
			for _, b := range some {
				v, env := begin()
				last = b
				well := v.strike(b, env...)
				v.open()
				if act.hold(v, well) {
					done++
				}
				v.gate.Close()
				if t.Failed() {
					return
				}
			}
			t.Logf("%d of %d points; after %d the act stood", len(some), len(all), done)
		})
	}
}

func toRelease(v *victim) {
	v.grant = v.Grant(1)
	v.mustReady(v.grant)
	v.gate.Close()
}

// holdsRelease holds a release that may have gone well.
func holdsRelease(v *victim, well bool) bool { return v.holdsReleaseOf("g-1", well, true) }

func (v *victim) holdsReleaseOf(id string, well, again bool) bool {
	v.t.Helper()
	st, err := v.gate.Status(ctx, id)
	out := v.out()
	if err != nil || v.staging() != 0 || len(out) > 1 {
		v.t.Fatalf("%+v, %v; staging %d, visible %v", st, err, v.staging(), out)
	}
	if (st.State == gate.Released) != (len(out) == 1) || well && st.State != gate.Released {
		v.t.Fatalf("reported as well: %v; state %s, visible %v", well, st.State, out)
	}
	switch st.State {
	case gate.Released:
		r := v.verified(out[0], v.Agency)
		var digest [32]byte
		if _, err := hex.Decode(digest[:], []byte(st.Outcome.Release)); err != nil || !v.Journal.Holds(digest) || v.docket.last != digest || !r.Complete || r.Items != 4 {
			v.t.Errorf("what is visible is not what journal and docket know: %+v", r)
		}
	case gate.Offered:
		if v.docket.asked != 0 {
			v.t.Error("nothing has begun, and the docket was asked")
		}
	case gate.Refused, gate.Interrupted, gate.Unknown:
		if st.State == gate.Unknown && v.docket.asked == 0 {
			v.t.Error("an unknown outcome without a word of the docket")
		}
		if _, err := v.gate.Release(ctx, id); err == nil || len(v.out()) != 0 {
			v.t.Errorf("a spent grant is released: %v", v.out())
		}
	default:
		v.t.Errorf("state %s", st.State)
	}
	if again {
		if _, err := v.released(v.Grant(2)); err != nil {
			v.t.Errorf("the next grant: %v", err)
		}
	}
	return st.State == gate.Released
}

func toKeep(v *victim) {
	v.t.Helper()
	g := v.KeepGrant(1)
	if err := errorsOf(v.offered(g), v.approved(g, "anna")); err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.gate.InForce(ctx, v.InForce("carla", g)); err != nil {
		v.t.Fatal(err)
	}
	v.gate.Close()
}

func holdsKeep(v *victim, well bool) bool {
	v.t.Helper()
	st, err := v.gate.Status(ctx, "g-1")
	data, keys := v.files()
	if err != nil || v.staging() != 0 || len(v.out()) != 0 || well && st.State != gate.Kept {
		v.t.Fatalf("reported as well: %v; %+v, %v; staging %d, visible %v", well, st, err, v.staging(), v.out())
	}
	if st.State != gate.Kept {
		if data != 0 || keys != 0 {
			v.t.Errorf("of what was not made (%s): data %d, keys %d", st.State, data, keys)
		}
		v.kept(2)
		return false
	}
	if data != 1 || keys != 1 {
		v.t.Errorf("of what was made: data %d, keys %d", data, keys)
	}
	if _, err := v.released(v.CopyGrant(3, v.statedOf(v.aCopyOf(gate.CopyKept)))); err != nil {
		v.t.Error(err)
	}
	return true
}

func toOpen(v *victim) {
	v.t.Helper()
	_, k := v.kept(1)
	v.mustReady(v.CopyGrant(3, k))
	v.gate.Close()
}

func holdsOpen(v *victim, well bool) bool {
	v.t.Helper()
	stood := v.holdsReleaseOf("g-3", well, false)
	data, keys := v.files()
	if data != 1 || keys != 1 {
		v.t.Errorf("the copy is not what it was: data %d, keys %d", data, keys)
	}
	if _, err := v.released(v.CopyGrant(4, v.statedOf(v.aCopyOf(gate.CopyKept)))); err != nil {
		v.t.Errorf("the next grant of the copy: %v", err)
	}
	return stood
}

func toExtend(v *victim) {
	v.t.Helper()
	_, k := v.kept(1)
	g := v.LongerGrant(2, k, v.Clock.Now().Add(80*day))
	if err := errorsOf(v.offered(g), v.approved(g, "anna")); err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.gate.InForce(ctx, v.InForce("carla", g)); err != nil {
		v.t.Fatal(err)
	}
	v.gate.Close()
}

func holdsExtend(v *victim, well bool) bool {
	v.t.Helper()
	c := v.aCopyOf(gate.CopyKept)
	data, keys := v.files()
	moved := c.Until.Equal(v.Clock.Now().Add(80 * day))
	if data != 1 || keys != 1 || well && !moved {
		v.t.Errorf("reported as well: %v; %+v; data %d, keys %d", well, c, data, keys)
	}
	if _, err := v.released(v.CopyGrant(3, v.statedOf(c))); err != nil {
		v.t.Error(err)
	}
	return moved
}

func toEnd(v *victim) {
	v.t.Helper()
	c, _ := v.kept(1)
	s := v.Stop("dan", "copy "+c.Copy)
	if err := errorsOf(os.WriteFile(filepath.Join(v.base, "stop"), s.Text, 0o600), os.WriteFile(filepath.Join(v.base, "stop.sig"), s.Signature, 0o600)); err != nil {
		v.t.Fatal(err)
	}
	v.gate.Close()
}

// holdsEnd: a copy that has ended has neither key nor data, and its end is in the
// journal; one that has not can be ended again.
func holdsEnd(v *victim, well bool) bool {
	v.t.Helper()
	list, err := v.gate.Copies(ctx)
	if err != nil || len(list) != 1 || well && list[0].State != gate.CopyEnded {
		v.t.Fatalf("reported as well: %v; %+v, %v", well, list, err)
	}
	ended := list[0].State == gate.CopyEnded
	data, keys := v.files()
	if ended && data+keys != 0 || !ended && (data != 1 || keys != 1) {
		v.t.Errorf("%s: data %d, keys %d", list[0].State, data, keys)
	}
	if !ended {
		if err := stopBy("dan", "copy "+list[0].Copy)(v.scene); err != nil {
			v.t.Error(err)
		}
		v.aCopyOf(gate.CopyEnded)
		return false
	}
	end, err := v.gate.EndDigest(grant.Digest(must(hex32(list[0].Copy))))
	if err != nil || !v.Journal.Holds(end) {
		v.t.Errorf("the journal was not told: %v", err)
	}
	return true
}

func hex32(s string) (out [32]byte, err error) {
	_, err = hex.Decode(out[:], []byte(s))
	return out, err
}

func toPreview(v *victim) {
	v.t.Helper()
	g := v.PreviewGrant(1)
	if err := errorsOf(v.offered(g), v.approved(g, "anna")); err != nil {
		v.t.Fatal(err)
	}
	if _, err := v.gate.InForce(ctx, v.InForce("carla", g)); err != nil {
		v.t.Fatal(err)
	}
	v.gate.Close()
}

func holdsPreview(v *victim, well bool) bool {
	v.t.Helper()
	st, err := v.gate.Status(ctx, "g-1")
	if err != nil || v.staging() != 0 || len(v.out()) != 0 || well && st.State != gate.Previewed {
		v.t.Fatalf("reported as well: %v; %+v, %v; staging %d", well, st, err, v.staging())
	}
	tables, err := filepath.Glob(filepath.Join(v.dir, "previews", "*"))
	if err != nil || (st.State == gate.Previewed) != (len(tables) == 1) {
		v.t.Errorf("%s, and there are %v: %v", st.State, tables, err)
	}
	if st.State == gate.Previewed {
		if out, err := v.gate.Preview(ctx, "g-1"); err != nil || len(out.Rows) == 0 {
			v.t.Errorf("%+v, %v", out, err)
		}
	}
	if _, err := v.preview(v.PreviewGrant(2)); err != nil {
		v.t.Errorf("the next one: %v", err)
	}
	return st.State == gate.Previewed
}

// holdsApart: what a broken filter packed is nowhere to be had, and where it is found
// in the record, it lies apart.
func holdsApart(v *victim, well bool) bool {
	v.t.Helper()
	st, err := v.gate.Status(ctx, "g-1")
	if err != nil || v.staging() != 0 || len(v.out()) != 0 || v.docket.asked != 0 || st.State == gate.Released {
		v.t.Fatalf("%+v, %v; staging %d, visible %v, docket asked %d", st, err, v.staging(), v.out(), v.docket.asked)
	}
	apart := st.Code == "gate.overproduced"
	if well && !apart {
		v.t.Fatalf("it was reported as found, and the state is %+v", st)
	}
	if apart {
		v.keptApart(v.grant, "outside.jsonl", release.PackageFile)
	}
	if st.State != gate.Offered {
		if _, err := v.gate.Release(ctx, "g-1"); err == nil || apart && problem.Code(err) != "gate.overproduced" {
			v.t.Errorf("again: %v", err)
		}
	}
	if _, err := v.released(v.Grant(2)); err != nil {
		v.t.Errorf("the next grant: %v", err)
	}
	return apart
}
