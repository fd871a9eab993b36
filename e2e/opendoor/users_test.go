package opendoor_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"counterseal/internal/demo"
)

// Two users who are nobody else on this machine, and the group whose folder of
// sockets both reach.
const (
	officeUser = 64001
	gateUser   = 64002
	socketsOf  = 64010
)

// The office and the gate run as processes of two users. The whole lawful way is
// walked with the commands that a user types, and neither user can read what is
// the other's: the office's no key, record or store of the gate's, the gate's
// nothing of the docket.
func TestAGateUnderItsOwnUserReleasesAndNeitherUserReadsTheOthersThings(t *testing.T) {
	if os.Getuid() != 0 {
		missing(t, "root, who alone can run processes of two users,")
	}
	base := shared(t)
	office, gate, store := filepath.Join(base, "office"), filepath.Join(base, "gate"), filepath.Join(base, "store")
	two := twoUsers{T: t, base: base, office: office, gatePID: new(int)}
	two.path = two.program()
	two.found(gate, store)

	two.start(officeUser, "Staff, once", "serve", "--data", office, "--listen", "127.0.0.1:0")
	*two.gatePID = two.start(gateUser, "The gate answers", "gate", "run", "--dir", gate)
	two.ceremony("--gate-key", filepath.Join(base, "gate.pub"))
	grant := two.decide()
	two.do("approve", grant, "--yes", "--key", two.key("p-okafor"))
	two.do("approve", grant, "--yes", "--key", two.key("p-brandt"))
	two.do("gate", "release", grant, "--yes", "--as", "p-okafor", "--key", two.key("p-okafor"))
	fetched := filepath.Join(office, "fetched")
	two.do("gate", "fetch", grant, "--to", fetched, "--by", "R. Sample")
	two.do("verify", fetched, "--trust", filepath.Join(office, "trust.txt"), "--identity", filepath.Join(office, "people", "us-harbor.agekey"))

	two.isHeld("gate-iad-1")

	for _, path := range []string{gate, filepath.Join(gate, "gate.key"), filepath.Join(gate, "state", "record"), store, filepath.Join(store, "mail.mbox")} {
		two.cannotRead(officeUser, path)
	}
	for _, path := range []string{office, filepath.Join(office, "docket", "docket.db"), filepath.Join(office, "keys", "docket"), two.key("p-okafor")} {
		two.cannotRead(gateUser, path)
	}
}

// isHeld holds that the gate whose release just went well has the kernel's walls around
// it: the filter of calls on each of its threads, and Landlock where the kernel has it.
func (u twoUsers) isHeld(gate string) {
	u.Helper()
	out, _ := u.command(u.Context(), officeUser, u.path, "doctor", "--data", u.office).CombinedOutput() // ends with 6 where anything else is amiss
	want := []string{"✓ Gate " + gate + ": The kernel refuses this process", "records sessions can be read"}
	if _, _, errno := syscall.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION); errno == 0 {
		want = append(want, "✓ Gate "+gate+": The kernel lets this process reach by name only its own folder")
	}
	for _, w := range want {
		if !bytes.Contains(out, []byte(w)) {
			u.Errorf("doctor does not say %q: %s", w, out)
		}
	}
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", *u.gatePID))
	must(u.T, err)
	for _, t := range threads {
		status := read(u.T, t)
		if !strings.Contains(status, "NoNewPrivs:\t1\n") || !strings.Contains(status, "Seccomp:\t2\n") {
			u.Errorf("%s: a thread of the gate is not held: %s", t, status)
		}
	}
	if len(threads) < 2 {
		u.Errorf("the gate has %d threads", len(threads))
	}
}

type twoUsers struct {
	*testing.T
	base, office, path string
	gatePID            *int
}

// shared is a folder that other users can pass through.
func shared(t *testing.T) string {
	t.Helper()
	base, err := os.MkdirTemp("", "two-users-")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(base) })
	must(t, os.Chmod(base, 0o711))
	return base
}

// program builds the program where both users can run it.
func (u twoUsers) program() string {
	u.Helper()
	built, err := program()
	must(u.T, err)
	b, err := os.ReadFile(built)
	must(u.T, err)
	path := filepath.Join(u.base, "counterseal")
	must(u.T, os.WriteFile(path, b, 0o755))
	return path
}

// found lays out Nordwind's office, a store beside it, and the gate's own folder,
// and gives each to its user.
func (u twoUsers) found(gate, store string) {
	u.Helper()
	stage, err := demo.NewStage(u.office, rand.Reader)
	must(u.T, err)
	must(u.T, os.Rename(filepath.Join(u.office, "store-iad"), store))
	sockets := filepath.Join(u.base, "run")
	must(u.T, os.Mkdir(sockets, 0o770))
	must(u.T, os.Chown(sockets, 0, socketsOf))
	must(u.T, os.Chmod(sockets, 0o770|os.ModeSetgid)) // so that each socket belongs to the group
	u.configure(stage.Folder.Config(), sockets)
	out, err := exec.Command(u.path, "gate", "found", "--dir", gate, "--id", "gate-iad-1", "--uplink", "unix:"+filepath.Join(sockets, "uplink.sock"),
		"--listen", "unix:"+filepath.Join(sockets, "gate.sock"), "--token", filepath.Join(u.office, "keys", "uplink"), "--mail-root", store).CombinedOutput()
	if err != nil {
		u.Fatalf("gate found: %v: %s", err, out)
	}
	public, err := os.ReadFile(filepath.Join(gate, "gate.pub"))
	must(u.T, err)
	must(u.T, os.WriteFile(filepath.Join(u.base, "gate.pub"), public, 0o644))
	u.withSessions(gate, store)
	must(u.T, os.Chmod(gate, 0o700))
	give(u.T, u.office, officeUser)
	give(u.T, gate, gateUser)
	give(u.T, store, gateUser)
}

// withSessions connects a database to the gate, which nobody's demand asks for: what
// SQLite does with the system is then seen to be among what the gate may do.
func (u twoUsers) withSessions(gate, store string) {
	u.Helper()
	db, err := sql.Open("sqlite", filepath.Join(store, "sessions.db"))
	must(u.T, err)
	_, err = db.Exec("CREATE TABLE sessions (account TEXT, login_at TEXT, ip TEXT)")
	must(u.T, err)
	must(u.T, db.Close())
	config := read(u.T, gate, "gate.toml") + fmt.Sprintf(`
[[records]]
store = "sessions"
form = "sqlite"
root = %q
files = ["sessions.db"]
query = "SELECT account, login_at, ip FROM sessions WHERE account = $1 ORDER BY login_at"
account = "account"
column = { login_at = { zone = "UTC" } }
[[records.group]]
category = "identification"
time = "login_at"
fields = [{ field = "session_start", column = "login_at" }, { field = "network_address", column = "ip" }]
`, store)
	write(u.T, config, gate, "gate.toml")
}

// configure points the office at its gate, lets it go by the machine's clock, and
// has no waiting period, which a test cannot sit through.
func (u twoUsers) configure(path, sockets string) {
	u.Helper()
	b, err := os.ReadFile(path)
	must(u.T, err)
	text, _, _ := strings.Cut(string(b), "[[mail]]")
	text = strings.Replace(text, `address = "inside"`, `address = "unix:`+filepath.Join(sockets, "gate.sock")+"\"\nuplink = \"unix:"+filepath.Join(sockets, "uplink.sock")+`"`, 1)
	text = strings.Replace(text, "waiting_days = 7", "waiting_days = 0", 1)
	must(u.T, os.WriteFile(path, []byte(text), 0o600))
}

func give(t *testing.T, dir string, user int) {
	t.Helper()
	must(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, user, user)
	}))
}

// command is a command that a user runs.
func (u twoUsers) command(ctx context.Context, user uint32, path string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, path, args...)
	c.Dir = u.base
	c.Env = append(os.Environ(), "HOME="+u.base)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user, Groups: []uint32{socketsOf}}}
	return c
}

// start runs a process until the test ends, waits for its first words, and gives its id.
func (u twoUsers) start(user uint32, words string, args ...string) int {
	u.Helper()
	ctx, stop := context.WithCancel(context.Background())
	c := u.command(ctx, user, u.path, args...)
	var out lockedBuffer
	c.Stdout, c.Stderr = &out, &out
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 10 * time.Second
	must(u.T, c.Start())
	u.Cleanup(func() { stop(); _ = c.Wait() })
	for end := time.Now().Add(20 * time.Second); !strings.Contains(out.String(), words); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			u.Fatalf("%v does not start: %s", args, out.String())
		}
	}
	return c.Process.Pid
}

// ceremony is the first one: the statement is drafted, signed by each who is to, and put in force.
func (u twoUsers) ceremony(drafting ...string) {
	u.Helper()
	u.do(append([]string{"gate", "init"}, drafting...)...)
	for _, p := range []string{"p-halvorsen", "p-okafor", "p-brandt", "p-lund", "p-castellan"} {
		u.do("gate", "init", "--key", u.key(p))
	}
	u.do("gate", "init", "--finish")
}

// do runs a command as the office's user and returns what it says.
func (u twoUsers) do(args ...string) string {
	u.Helper()
	return u.within(time.Minute, args...)
}

func (u twoUsers) within(limit time.Duration, args ...string) string {
	u.Helper()
	ctx, cancel := context.WithTimeout(u.Context(), limit)
	defer cancel()
	out, err := u.command(ctx, officeUser, u.path, append(args, "--data", u.office)...).CombinedOutput()
	if err != nil {
		u.Fatalf("%v: %v: %s", args, err, out)
	}
	return string(out)
}

func (u twoUsers) key(person string) string { return filepath.Join(u.office, "people", person) }

// decide takes the warrant to the point where a grant is before the approvers.
func (u twoUsers) decide() (grant string) {
	u.Helper()
	in := filepath.Join(u.office, "inbox")
	id := regexp.MustCompile(`demand: (\S+)`).FindStringSubmatch(u.do("demand", "submit", filepath.Join(in, "warrant.toml"), "--original", filepath.Join(in, "warrant.txt")))
	if id == nil {
		u.Fatal("no case number came back")
	}
	for _, act := range [][]string{
		{"paper", "authenticate", "--outcome", "genuine", "--how", "called back", "--as", "p-halvorsen"},
		{"demand", "resolve", "--target", "1", "--propose", "--as", "p-halvorsen"},
		{"demand", "check", "--target", "1", "--as", "p-brandt"},
		{"demand", "assess", "--as", "p-halvorsen"},
		{"line", "decide", "--line", "2", "--decision", "comply", "--reason", "a warrant", "--as", "p-okafor"}, // the gate of this test has a store of mail alone
		{"line", "decide", "--line", "1", "--decision", "reject", "--reason", "another day", "--as", "p-okafor"},
		{"line", "decide", "--line", "3", "--decision", "reject", "--reason", "another day", "--as", "p-okafor"},
		{"line", "decide", "--line", "4", "--decision", "reject", "--reason", "another day", "--as", "p-okafor"},
		{"line", "decide", "--line", "5", "--decision", "reject", "--reason", "another day", "--as", "p-okafor"},
		{"demand", "secrecy", "--none", "--as", "p-okafor"},
	} {
		u.do(append([]string{act[0], act[1], id[1]}, act[2:]...)...)
	}
	for end := time.Now().Add(20 * time.Second); !strings.Contains(u.do("demand", "show", id[1]), "Draft a grant"); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			u.Fatalf("the customer is not told: %s", u.do("demand", "show", id[1]))
		}
	}
	said := regexp.MustCompile(`g-[0-9a-f]{10}`).FindString(u.do("demand", "grant", id[1], "--as", "p-halvorsen"))
	if said == "" {
		u.Fatal("no grant was drafted")
	}
	return said
}

// cannotRead holds that the user gets nothing of the path.
func (u twoUsers) cannotRead(user uint32, path string) {
	u.Helper()
	if _, err := os.Lstat(path); err != nil {
		u.Errorf("there is nothing to hide at %s: %v", path, err)
	}
	out, err := u.command(u.Context(), user, "/bin/cp", "-r", path, filepath.Join(u.base, "run", "stolen")).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("ermission denied")) {
		u.Errorf("user %d can read %s: %s", user, path, out)
	}
}
