package opendoor_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/demo"
)

// The process of the gate that is asked first is held: its host takes connections and
// what is sent, and gives nothing. What the other regions' gates do goes on meanwhile, and
// a stop is in force there; when the process goes on, it does what it was told, and has
// what it had.
func TestAFrozenGateHoldsUpNoOtherAndLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it waits for a gate that says nothing, for minutes")
	}
	if os.Getuid() != 0 {
		missing(t, "root, who alone can run processes of two users,")
	}
	base := shared(t)
	gate, store := filepath.Join(base, "gate"), filepath.Join(base, "store")
	two := twoUsers{T: t, base: base, office: filepath.Join(base, "office")}
	two.path = two.program()
	two.foundFirstFar(gate, store)

	two.start(officeUser, "Staff, once", "serve", "--data", two.office, "--listen", "127.0.0.1:0")
	pid := two.start(gateUser, "The gate answers at tls://", "gate", "run", "--dir", gate)
	goOn := func() { must(t, syscall.Kill(pid, syscall.SIGCONT)) }
	t.Cleanup(goOn) // or it would not hear that it is to end
	two.ceremony()
	two.untilTaken()
	grant := two.decide()
	two.do("stop", "--account", "ac-before", "--reason", "before it was held", "--yes", "--as", "p-okafor", "--key", two.key("p-okafor"))

	two.do("approve", grant, "--yes", "--key", two.key("p-okafor"))

	must(t, syscall.Kill(pid, syscall.SIGSTOP))
	const limit = 5 * time.Minute // each look at the gate that is held takes a quarter of one
	two.within(limit, "approve", grant, "--yes", "--key", two.key("p-brandt"))
	two.within(limit, "gate", "release", grant, "--yes", "--as", "p-okafor", "--key", two.key("p-okafor"))
	fetched := filepath.Join(two.office, "fetched")
	two.within(limit, "gate", "fetch", grant, "--to", fetched, "--by", "R. Sample")
	two.do("verify", fetched, "--trust", filepath.Join(two.office, "trust.txt"), "--identity", filepath.Join(two.office, "people", "us-harbor.agekey"))

	stop := two.command(t.Context(), officeUser, two.path, "stop", "--everything", "--reason", "while it was held", "--yes", "--as", "p-okafor", "--key", two.key("p-okafor"), "--data", two.office)
	var said lockedBuffer
	stop.Stdout, stop.Stderr = &said, &said
	must(t, stop.Start())
	ended := make(chan error, 1)
	go func() { ended <- stop.Wait() }()
	two.untilStopped(grant, ended, &said)

	goOn()
	if err := <-ended; err != nil {
		t.Fatalf("the gate that goes on has not heard of the stop: %v: %s", err, said.String())
	}
	record := texts(read(t, gate, "state", "record"))
	for _, reason := range []string{"before it was held", "while it was held"} {
		if !strings.Contains(record, reason) {
			t.Errorf("the gate that was held does not know what was stopped %s", reason)
		}
	}
	if out := two.do("gate", "list"); !strings.Contains(out, "while it was held") {
		t.Errorf("the stop is not listed: %s", out)
	}
}

// untilTaken waits until the office, which was started before the ceremony, has taken up the gates
// that run inside it. Until then each command has them for itself, and another is told so.
func (u twoUsers) untilTaken() {
	u.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		line, err := net.Dial("unix", filepath.Join(u.office, "gate.sock"))
		if err == nil {
			line.Close()
			return
		}
		if time.Now().After(end) {
			u.Fatal(err)
		}
	}
}

// texts are what stands in a gate's record in base64.
func texts(record string) string {
	var out strings.Builder
	for _, coded := range regexp.MustCompile(`[A-Za-z0-9+/]{40,}={0,2}`).FindAllString(record, -1) {
		b, err := base64.StdEncoding.DecodeString(coded)
		if err == nil {
			out.Write(append(b, '\n'))
		}
	}
	return out.String()
}

// untilStopped fetches until the gate refuses it for the stop, while the stop is still
// being told to the gate that is held.
func (u twoUsers) untilStopped(grant string, told <-chan error, said *lockedBuffer) {
	u.Helper()
	for n := range 1000 {
		out, err := u.command(u.Context(), officeUser, u.path, "gate", "fetch", grant, "--to", filepath.Join(u.office, fmt.Sprint("again-", n)), "--by", "R. Sample", "--data", u.office).CombinedOutput()
		select {
		case err := <-told:
			u.Fatalf("the stop has ended before it was in force: %v: %s", err, said.String())
		default:
		}
		if err != nil && bytes.Contains(out, []byte("gate.stopped")) {
			return
		}
		if err != nil {
			u.Fatalf("a fetch: %v: %s", err, out)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// foundFirstFar lays out Nordwind's office so that the gate which is asked first is that
// of Dublin, on a host of its own; the others, with the mail of Ashburn, run in the office.
func (u twoUsers) foundFirstFar(gate, store string) {
	u.Helper()
	stage, err := demo.NewStage(u.office, rand.Reader)
	must(u.T, err)
	must(u.T, os.Rename(filepath.Join(u.office, "store-dub"), store))
	gateAt, officeAt := freePort(u.T), freePort(u.T)
	say := func(args ...string) string {
		out, err := exec.Command(u.path, args...).CombinedOutput()
		if err != nil {
			u.Fatalf("%v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	officePin := say("gate", "pin", "--data", u.office)
	say("gate", "found", "--dir", gate, "--id", "gate-dub-1", "--uplink", "tls://"+officeAt, "--listen", "tls://"+gateAt, "--office-pin", officePin, "--mail-root", store)
	first := fmt.Sprintf("[gate]\naddress = %q\npin = %q\nkey = %q\nuplink = %q\nid = \"gate-dub-1\"\nregion = \"dub\"\n\n",
		"tls://"+gateAt, say("gate", "pin", "--dir", gate), strings.TrimSpace(read(u.T, gate, "gate.pub")), "tls://"+officeAt)
	head, rest, _ := strings.Cut(read(u.T, stage.Folder.Config()), "[gate]")
	_, rest, _ = strings.Cut(rest, "[[staff]]")
	staff, _, _ := strings.Cut(rest, "[[mail]]")
	_, regions, _ := strings.Cut(rest, "[[region]]\nid = \"fra\"") // which follows Dublin
	regions, _, _ = strings.Cut(regions, "[demo]")
	ashburn := fmt.Sprintf("[[region]]\nid = \"iad\"\ngate = \"gate-iad-1\"\n\n[[region.mail]]\nroot = %q\nfile = \"mail.mbox\"\nheader = \"Delivered-To\"\nquote = \"mboxo\"\n\n", filepath.Join(u.office, "store-iad"))
	text := strings.Replace(head, "waiting_days = 7", "waiting_days = 0", 1) + first + "[[staff]]" + staff + ashburn + "[[region]]\nid = \"fra\"" + regions
	must(u.T, os.WriteFile(stage.Folder.Config(), []byte(text), 0o600))
	must(u.T, os.MkdirAll(stage.Folder.GateOf("gate-iad-1"), 0o700))
	for _, end := range []string{"", ".pub"} { // Ashburn's key is that of a region now
		b, err := os.ReadFile(filepath.Join(u.office, "keys", "gate"+end))
		if end == "" {
			must(u.T, err)
		}
		if err == nil {
			must(u.T, os.WriteFile(filepath.Join(u.office, "keys", "gate-gate-iad-1"+end), b, 0o600))
		}
	}
	must(u.T, os.Chmod(gate, 0o700))
	give(u.T, u.office, officeUser)
	give(u.T, gate, gateUser)
	give(u.T, store, gateUser)
}
