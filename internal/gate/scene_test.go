package gate_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

var ctx = context.Background()

// scene is a gate on a real folder in a world.
type scene struct {
	*gatetest.World
	t       *testing.T
	dir     string
	store   *gatetest.Store
	docket  *docket
	log     *logged
	gate    *gate.Gate
	without []string
	sources []source.Source
	cfg     func(*gate.Config)
}

// docket is one that says yes, unless it is told otherwise.
type docket struct {
	mu     sync.Mutex
	refuse error
	before func()
	asked  int // about releases
	keeps  int // about copies
	counts int // about previews
	last   [32]byte
}

func (d *docket) Permit(_ context.Context, demand, grantID string, release [32]byte, items int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	d.last = release
	if d.before != nil {
		d.before()
	}
	return d.refuse
}

func (d *docket) PermitPreview(_ context.Context, demand, grantID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts++
	return d.refuse
}

func (d *docket) PermitKeep(_ context.Context, demand, grantID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keeps++
	return d.refuse
}

// logged keeps the log's lines.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) all() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// refusals gives the codes of the refusals that were logged.
func (l *logged) refusals() (out []string) {
	for _, line := range strings.Split(strings.TrimSpace(l.all()), "\n") {
		var e struct{ Level, Msg, Code string }
		if json.Unmarshal([]byte(line), &e) == nil && e.Level == "WARN" {
			out = append(out, e.Code)
		}
	}
	return out
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{World: gatetest.NewWorld(), t: t, dir: t.TempDir(), store: gatetest.Mailbox(), docket: &docket{}, log: &logged{}}
	s.open()
	s.charter()
	return s
}

func (s *scene) config() gate.Config {
	c := gate.Config{ID: "gate-1", Dir: s.dir, Key: s.GateKey, Sources: []source.Source{s.store}, Journal: s.Journal, Docket: s.docket,
		Now: s.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.NewJSONHandler(s.log, nil)), Patience: 20 * time.Second}
	if s.sources != nil {
		c.Sources = s.sources
	}
	if s.cfg != nil {
		s.cfg(&c)
	}
	return c
}

func (s *scene) open() {
	s.t.Helper()
	g, err := gate.Open(ctx, s.config())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { g.Close() })
	s.gate = g
	g.Without(s.without...)
}

func (s *scene) reopen() {
	s.t.Helper()
	s.gate.Close()
	s.open()
}

func (s *scene) charter() {
	s.t.Helper()
	if _, err := s.gate.ExtendCharter(ctx, s.Text, s.Signed); err != nil {
		s.t.Fatal(err)
	}
}

// journaled puts the grant into the journal, as the docket does.
func (s *scene) journaled(g grant.Grant) {
	if err := s.Journal.Commit(ctx, g.Digest(), true); err != nil {
		s.t.Fatal(err)
	}
}

// offered brings the grant to the gate; refusals are returned.
func (s *scene) offered(g grant.Grant) error {
	s.journaled(g)
	_, err := s.gate.Offer(ctx, gate.Offer{Text: gatetest.Text(g), Document: s.Order})
	return err
}

func (s *scene) approved(g grant.Grant, persons ...string) error {
	for _, p := range persons {
		text, err := s.gate.Text(ctx, g.Digest().String())
		if err != nil {
			return err
		}
		if _, err := s.gate.Approve(ctx, g.Digest().String(), s.Sign(p, signature.Grant, text)); err != nil {
			return err
		}
	}
	return nil
}

// released goes the whole way with two approvers.
func (s *scene) released(g grant.Grant) (gate.Outcome, error) {
	if err := s.ready(g); err != nil {
		return gate.Outcome{}, err
	}
	return s.gate.Release(ctx, g.Digest().String())
}

// ready goes all of the way but for the release.
func (s *scene) ready(g grant.Grant) error {
	if err := s.offered(g); err != nil {
		return err
	}
	if err := s.approved(g, "anna", "bo"); err != nil {
		return err
	}
	_, err := s.gate.InForce(ctx, s.InForce("carla", g))
	return err
}

func (s *scene) mustReady(g grant.Grant) {
	s.t.Helper()
	if err := s.ready(g); err != nil {
		s.t.Fatal(err)
	}
}

// out lists what is visible.
func (s *scene) out() (names []string) {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.dir, "out"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// staging lists what was left in the making.
func (s *scene) staging() int {
	entries, err := os.ReadDir(filepath.Join(s.dir, "staging"))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(entries)
}

// verified checks a visible package as its recipient would, and returns the
// paths in the bag.
func (s *scene) verified(name string, id age.Identity) verify.Report {
	s.t.Helper()
	r, err := s.verify(name, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *scene) verify(name string, id age.Identity) (verify.Report, error) {
	trust := verify.Trust{Gates: []verify.GateKey{{Gate: "gate-1", Region: "ie", Key: s.GateKey.PublicKey()}}}
	check := func(text []byte, digest [32]byte) (time.Time, error) {
		p, err := proof.ParseProof(text)
		if err != nil {
			return time.Time{}, err
		}
		v, err := proof.Verify(p, digest, s.Journal.Policy())
		return v.Tick, err
	}
	return verify.Verify(ctx, filepath.Join(s.dir, "out", name), trust, verify.Options{Identities: []age.Identity{id}, Proof: check})
}

func TestOneGrantIsReleasedOnceAndExactly(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	out, err := s.released(g)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log.all())
	}
	if got := s.out(); len(got) != 1 || got[0] != "k7wq-93_g-1" || s.staging() != 0 {
		t.Fatalf("out holds %v, staging %d", got, s.staging())
	}
	r := s.verified("k7wq-93_g-1", s.Agency)
	// Three inside and one split of acct-a1; near, undated and the gap are listed.
	if !r.Complete || r.Items != 4 || out.Items != 4 || out.Withheld != 3 || r.Release.Withheld != 3 {
		t.Fatalf("report %+v, outcome %+v", r, out)
	}
	again, err := s.gate.Release(ctx, "g-1")
	if err != nil || again != out {
		t.Fatalf("the same release again: %+v, %v", again, err)
	}
	if s.store.Asked() != 1 || s.docket.asked != 1 {
		t.Fatalf("the store was read %d times, the docket asked %d times", s.store.Asked(), s.docket.asked)
	}
	s.reopen()
	again, err = s.gate.Release(ctx, "g-1")
	if err != nil || again != out || s.store.Asked() != 1 {
		t.Fatalf("the same release after a restart: %+v, %v", again, err)
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Released || *st.Outcome != out {
		t.Fatalf("status %+v, %v", st, err)
	}
	for _, word := range []string{"lindworm.example", "acct-", "in-acct", "near-"} {
		if strings.Contains(s.log.all(), word) {
			t.Errorf("the log holds %q:\n%s", word, s.log.all())
		}
	}
}

func TestTheGateSaysWhatStandsInTheWay(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if err := s.offered(g); err != nil {
		t.Fatal(err)
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Offered || !slices.Equal(st.Obstacles, []string{"grant.approvals_missing", "inforce.missing"}) {
		t.Fatalf("%+v, %v", st, err)
	}
	s.mustReady(g)
	st, err = s.gate.Status(ctx, "g-1")
	if err != nil || len(st.Obstacles) != 0 || !slices.Equal(slices.Sorted(slices.Values(st.Approvals)), []string{"anna", "bo"}) || st.InForceBy != "carla" {
		t.Fatalf("%+v, %v", st, err)
	}
	s.Clock.Add(25 * time.Hour)
	st, err = s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Expired {
		t.Fatalf("%+v, %v", st, err)
	}
}

func TestAFetchGivesTheSealedFilesAndNothingElse(t *testing.T) {
	s := newScene(t)
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	for _, name := range release.Files {
		r, size, err := s.gate.Fetch(ctx, "g-1", name, "desk of the police")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		want, _ := os.ReadFile(filepath.Join(s.dir, "out", "k7wq-93_g-1", name))
		if err != nil || !bytes.Equal(got, want) || size != int64(len(want)) {
			t.Fatalf("%s: %d of %d bytes, %v", name, len(got), size, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"", ".", "../record", "record", "package.tar.age/", "order", "spool-1"} {
		if _, _, err := s.gate.Fetch(ctx, "g-1", name, "x"); problem.Code(err) != "gate.no_file" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, _, err := s.gate.Fetch(ctx, "g-1", release.ReleaseFile, "two\nlines"); problem.Code(err) != "gate.no_name" {
		t.Error(err)
	}
}
