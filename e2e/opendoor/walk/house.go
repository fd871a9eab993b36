package walk

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"

	"counterseal/internal/app"
	"counterseal/internal/demo"
	"counterseal/internal/signature"
)

// The people of every house. The first drafts; the other two approve.
const (
	Drafter = "p-halvorsen"
	Counsel = "p-okafor"
	Privacy = "p-brandt"
)

var groups = map[string]string{Drafter: "response", Counsel: "counsel", Privacy: "privacy"}

// House is a founded folder with its people. Its methods are for one goroutine.
type House struct {
	testing.TB
	Folder  app.Folder
	Keys    map[string]ssh.Signer // of the people, by id
	Officer string                // file with the recipient's age identity
	Clock   *app.Clock
	Office  *app.Office // nil while closed

	stop    context.CancelFunc
	running chan error
}

// Nordwind is the demo's provider, after its ceremony and open.
func Nordwind(t testing.TB) *House {
	t.Helper()
	stage, err := demo.NewStage(filepath.Join(t.TempDir(), "nordwind"), rand.Reader)
	must(t, err)
	h := &House{TB: t, Folder: stage.Folder, Keys: map[string]ssh.Signer{}, Officer: stage.Officer, Clock: app.NewClock(demo.Begin)}
	for id, p := range stage.People {
		h.Keys[id] = p.Key
	}
	h.ceremony()
	return h
}

// Set is what a house of another provider is made of.
type Set struct {
	Estate string // estate.toml
	Mail   app.MailStore
	Stores string        // further sections of counterseal.toml
	Batch  time.Duration // of the register
}

// Agency is the one requester that every house knows.
const Agency = "us-harbor"

// Found makes a house of its own, with the ceremony done, and opens it.
func Found(t testing.TB, s Set) *House {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "house")
	folder, err := app.Found(dir, app.Founding{Provider: "Brookfield Mail Ltd.", Origin: "brookfield.example", Tick: app.ShortestTick, Batch: s.Batch,
		GateID: "gate-dub-1", Region: "dub", Contact: "privacy@brookfield.example", Clock: demo.Begin, Mail: []app.MailStore{s.Mail}})
	must(t, err)
	h := &House{TB: t, Folder: folder, Keys: map[string]ssh.Signer{}, Officer: filepath.Join(dir, "officer.agekey"), Clock: app.NewClock(demo.Begin)}
	officer, err := age.GenerateX25519Identity()
	must(t, err)
	var charter strings.Builder
	charter.WriteString(policy)
	for _, id := range []string{Drafter, Counsel, Privacy} {
		key, _, err := signature.NewKey(rand.Reader, id)
		must(t, err)
		h.Keys[id] = key
		fmt.Fprintf(&charter, "\n[[person]]\nid = %q\ngroup = %q\nname = %q\nkeys = [%q]\n", id, groups[id], "Person "+id[2:], signature.Line(key.PublicKey()))
	}
	config, err := os.ReadFile(folder.Config())
	must(t, err)
	h.write(folder.Config(), strings.Replace(string(config), "[demo]", s.Stores+"\n[demo]", 1))
	h.write(h.Officer, officer.String()+"\n")
	h.write(folder.Estate(), s.Estate)
	h.write(folder.Agencies(), fmt.Sprintf(agencies, Agency, officer.Recipient()))
	h.write(folder.CharterDraft(), charter.String())
	h.ceremony()
	return h
}

const policy = `[policy]
approvals = 2
groups = 2
quorum = 2
grant_life = "24h"
fresh = "10m"
key_age = "24h"
skew = "2m"
byte_cap = 1073741824
accounts_per_day = 20
`

const agencies = `[[agency]]
id = %q
name = "Office of the Prosecutor, Harbor District"
country = "US"
language = "en"
contact = "+1 555 0142"
contact_source = "the court's printed directory"

[[agency.recipient]]
key = %q
since = 2013-05-03T15:00:00Z
`

// ceremony lets everybody sign the first charter, opens the house and hands the
// charter to the gate.
func (h *House) ceremony() {
	h.Helper()
	draft, err := os.ReadFile(h.Folder.CharterDraft())
	must(h, err)
	private, err := os.ReadFile(h.Folder.Secret("gate"))
	must(h, err)
	gateKey, err := signature.ReadKey(private)
	must(h, err)
	st, err := h.Folder.Draft(draft, signature.Line(gateKey.PublicKey()), h.Clock.Now())
	must(h, err)
	text, err := st.Bytes()
	must(h, err)
	must(h, os.MkdirAll(filepath.Dir(h.Folder.Statement("1")), 0o700))
	h.write(h.Folder.Statement("1"), string(text))
	for id, key := range h.Keys {
		signed, err := signature.Sign(key, signature.Charter, text)
		must(h, err)
		h.write(strings.TrimSuffix(h.Folder.Statement("1"), ".txt")+"."+id+".sig", string(signed))
	}
	must(h, h.Open())
	_, err = h.Office.InitGate(h.Context())
	must(h, err)
}

// Open opens the folder and lets the office's standing work run until Close, or
// the test's end.
func (h *House) Open() error { return h.open((*app.Office).Run) }

// OpenStill opens the folder without the standing work: no leaf is added to a
// log, and the clerk does nothing by himself.
func (h *House) OpenStill() error {
	return h.open(func(*app.Office, context.Context) error { return nil })
}

func (h *House) open(work func(*app.Office, context.Context) error) error {
	o, err := app.Open(h.Context(), h.Folder, app.Options{Clock: h.Clock})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	h.Office, h.stop, h.running = o, stop, make(chan error, 1)
	go func() { h.running <- work(o, ctx) }()
	h.Cleanup(h.Close)
	return nil
}

// Close ends the standing work and closes the folder. Closing twice is nothing.
func (h *House) Close() {
	if h.Office == nil {
		return
	}
	h.stop()
	<-h.running
	err := h.Office.Close()
	h.Office = nil
	if err != nil {
		h.Errorf("closing the office: %v", err)
	}
}

// Copy gives a closed house with a copy of the folder, for another test. The
// copied house must be closed. The mail store is shared and only read.
func (h *House) Copy(t testing.TB) *House {
	t.Helper()
	if h.Office != nil {
		t.Fatal("an open folder cannot be copied")
	}
	dir := filepath.Join(t.TempDir(), "copy")
	must(t, copyTree(string(h.Folder), dir))
	return &House{TB: t, Folder: app.Folder(dir), Keys: h.Keys, Officer: h.Officer, Clock: h.Clock}
}

// copyTree copies files and folders with their rights: a key that others can
// read is refused.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, name), info.Mode().Perm())
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), b, info.Mode().Perm())
	})
}

// Keep copies parts of the closed folder aside, by their names in it; what it
// returns puts them back in place of what has become of them.
func (h *House) Keep(parts ...string) (restore func()) {
	h.Helper()
	if h.Office != nil {
		h.Fatal("an open folder cannot be copied")
	}
	aside := h.TempDir()
	for _, p := range parts {
		must(h, copyTree(filepath.Join(string(h.Folder), p), filepath.Join(aside, p)))
	}
	return func() {
		h.Helper()
		if h.Office != nil {
			h.Fatal("an open folder cannot be restored")
		}
		for _, p := range parts {
			must(h, os.RemoveAll(filepath.Join(string(h.Folder), p)))
			must(h, copyTree(filepath.Join(aside, p), filepath.Join(string(h.Folder), p)))
		}
	}
}

// Visible names what the gate holds ready for pick-up, and whatever it has begun.
func (h *House) Visible() []string {
	h.Helper()
	var names []string
	for _, part := range []string{"out", "staging"} {
		entries, err := os.ReadDir(filepath.Join(h.Folder.Gate(), part))
		must(h, err)
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return names
}

func (h *House) write(path, text string) {
	h.Helper()
	must(h, os.WriteFile(path, []byte(text), 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
