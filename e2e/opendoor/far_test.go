package opendoor_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/demo"
	"counterseal/internal/gate/pinned"
)

// Nordwind's mail in Ashburn has its gate on a host of its own; the other regions'
// gates run in the office. Both ends talk over TLS and know each other by their keys.
// A gate that is down delays what is its own and loses nothing: the office goes on, and
// what waited leaves once the gate is back.
func TestAGateOnAHostOfItsOwnReleasesAndOneThatIsDownOnlyDelays(t *testing.T) {
	if os.Getuid() != 0 {
		missing(t, "root, who alone can run processes of two users,")
	}
	base := shared(t)
	gate, store := filepath.Join(base, "gate"), filepath.Join(base, "store")
	two := twoUsers{T: t, base: base, office: filepath.Join(base, "office")}
	two.path = two.program()
	far := two.foundFar(gate, store)

	two.run(officeUser, "Staff, once", "serve", "--data", two.office, "--listen", "127.0.0.1:0", "--log")
	stop := two.run(gateUser, "The gate answers at tls://", "gate", "run", "--dir", gate, "--log")
	two.ceremony()
	two.strangersStayOutside(far)
	grant := two.decide()
	two.do("approve", grant, "--yes", "--key", two.key("p-okafor"))

	stop()
	for _, args := range [][]string{{"approve", grant, "--yes", "--key", two.key("p-brandt")}, {"gate", "release", grant, "--yes", "--as", "p-okafor", "--key", two.key("p-okafor")}} {
		out, code := two.fails(args...)
		if code != 7 || !strings.Contains(out, "gate.unreachable") || !strings.Contains(out, "gate-iad-1") {
			t.Errorf("%v ends with %d: %s", args[:2], code, out)
		}
	}
	if got := two.do("list"); !strings.Contains(got, "warrant") {
		t.Errorf("the queue does not say what waits: %s", got)
	}
	if out, code := two.fails("doctor"); code != 6 || !strings.Contains(out, "gate-iad-1") {
		t.Errorf("doctor ends with %d: %s", code, out)
	}

	two.run(gateUser, "The gate answers at tls://", "gate", "run", "--dir", gate, "--log")
	two.do("approve", grant, "--yes", "--key", two.key("p-brandt"))
	two.do("gate", "release", grant, "--yes", "--as", "p-okafor", "--key", two.key("p-okafor"))
	fetched := filepath.Join(two.office, "fetched")
	two.do("gate", "fetch", grant, "--to", fetched, "--by", "R. Sample")
	two.do("verify", fetched, "--trust", filepath.Join(two.office, "trust.txt"), "--identity", filepath.Join(two.office, "people", "us-harbor.agekey"))
	two.cannotRead(officeUser, store)
	if found, _ := filepath.Glob(filepath.Join(two.office, "gate", "out", "*")); len(found) > 0 {
		t.Errorf("a package lies at the office: %v", found)
	}
}

// farGate is where both ends listen, and what each is known by.
type farGate struct {
	*twoUsers
	gateAt, officeAt   string
	gatePin, officePin string
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	return l.Addr().String()
}

// foundFar lays out Nordwind's office without the mail of Ashburn, and the gate that
// has it in a folder of its own, each with the other's pin.
func (u *twoUsers) foundFar(gate, store string) farGate {
	u.Helper()
	stage, err := demo.NewStage(u.office, rand.Reader)
	must(u.T, err)
	must(u.T, os.Rename(filepath.Join(u.office, "store-iad"), store))
	must(u.T, os.Mkdir(filepath.Join(u.base, "run"), 0o777)) // where cannotRead tries to copy to
	must(u.T, os.Chmod(filepath.Join(u.base, "run"), 0o777))
	far := farGate{twoUsers: u, gateAt: freePort(u.T), officeAt: freePort(u.T)}
	say := func(args ...string) string {
		out, err := exec.Command(u.path, args...).CombinedOutput()
		if err != nil {
			u.Fatalf("%v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	far.officePin = say("gate", "pin", "--data", u.office)
	say("gate", "found", "--dir", gate, "--id", "gate-iad-1", "--uplink", "tls://"+far.officeAt, "--listen", "tls://"+far.gateAt, "--office-pin", far.officePin, "--mail-root", store)
	far.gatePin = say("gate", "pin", "--dir", gate)
	public, err := os.ReadFile(filepath.Join(gate, "gate.pub"))
	must(u.T, err)
	b, err := os.ReadFile(stage.Folder.Config())
	must(u.T, err)
	text, rest, _ := strings.Cut(string(b), "[[mail]]")
	if i := strings.Index(rest, "[[region]]"); i >= 0 { // the regions after the first gate's stores stay
		text += rest[i:]
	}
	text, _, _ = strings.Cut(text, "[demo]")
	text = strings.Replace(text, `address = "inside"`, fmt.Sprintf("address = %q\npin = %q\nkey = %q\nuplink = %q", "tls://"+far.gateAt, far.gatePin, strings.TrimSpace(string(public)), "tls://"+far.officeAt), 1)
	text = strings.Replace(text, "waiting_days = 7", "waiting_days = 0", 1)
	must(u.T, os.WriteFile(stage.Folder.Config(), []byte(text), 0o600))
	must(u.T, os.Chmod(gate, 0o700))
	give(u.T, u.office, officeUser)
	give(u.T, gate, gateUser)
	give(u.T, store, gateUser)
	return far
}

// strangersStayOutside knocks at both ends with a key that is nobody's, and shows each
// end the other's role.
func (u *twoUsers) strangersStayOutside(far farGate) {
	u.Helper()
	text, err := pinned.New(rand.Reader)
	must(u.T, err)
	nobody, err := pinned.Read(text)
	must(u.T, err)
	ends := []struct{ at, pin string }{{far.gateAt, far.gatePin}, {far.officeAt, far.officePin}}
	for i, end := range ends {
		for _, expected := range []string{end.pin, ends[1-i].pin} {
			pin, err := pinned.ParsePin(expected)
			must(u.T, err)
			c, err := nobody.Dialer(end.at, pin)(u.Context())
			if err == nil { // in TLS 1.3 the refusal of a client comes with its first read
				must(u.T, c.SetDeadline(time.Now().Add(5*time.Second)))
				_, err = c.Read(make([]byte, 1))
				c.Close()
			}
			if err == nil || os.IsTimeout(err) {
				u.Errorf("%s let a stranger in: %v", end.at, err)
			}
		}
	}
}

// run starts a process and gives what ends it.
func (u *twoUsers) run(user uint32, words string, args ...string) (stop func()) {
	u.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := u.command(ctx, user, u.path, args...)
	var out lockedBuffer
	c.Stdout, c.Stderr = &out, &out
	c.Cancel = func() error { return c.Process.Kill() }
	must(u.T, c.Start())
	ended := false
	stop = func() {
		if !ended {
			ended = true
			cancel()
			_ = c.Wait()
			if u.Failed() {
				u.Logf("%v: %s", args, out.String())
			}
		}
	}
	u.Cleanup(stop)
	for end := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), words); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			u.Fatalf("%v does not start: %s", args, out.String())
		}
	}
	return stop
}

// fails runs a command that must not go well, and gives its words and exit code.
func (u *twoUsers) fails(args ...string) (string, int) {
	u.Helper()
	ctx, cancel := context.WithTimeout(u.Context(), time.Minute)
	defer cancel()
	c := u.command(ctx, officeUser, u.path, append(args, "--data", u.office)...)
	out, err := c.CombinedOutput()
	if err == nil {
		u.Errorf("%v went well: %s", args, out)
	}
	return string(out), c.ProcessState.ExitCode()
}
