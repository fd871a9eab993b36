package gate_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/evidence/timestamp/timestamptest"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// stampedScene is a gate that knows an authority, with one visible package.
func stampedScene(t *testing.T) (*scene, *timestamptest.Authority, gate.Status) {
	t.Helper()
	a := timestamptest.NewAuthority(t, gatetest.Start, nil)
	s := newScene(t)
	s.cfg = func(c *gate.Config) { c.Stamps = a.Anchors() }
	s.reopen()
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	return s, a, s.unstamped()
}

func (s *scene) unstamped() gate.Status {
	s.t.Helper()
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.StampRequest == nil {
		s.t.Fatalf("%+v %v", st, err)
	}
	return st
}

// wish is what an honest authority says now.
func (s *scene) wish(u gate.Status) timestamptest.Wish {
	digest, nonce := timestamptest.Question(s.t, u.StampRequest)
	return timestamptest.Wish{Digest: digest, Nonce: nonce, At: s.Clock.Now().Add(2 * time.Second)}
}

func (s *scene) verifyStamped(anchors timestamp.Anchors, change func(*verify.Options)) (verify.Report, error) {
	trust := verify.Trust{Gates: []verify.GateKey{{Gate: "gate-1", Region: "ie", Key: s.GateKey.PublicKey()}}, Stamps: anchors}
	check := func(text []byte, digest [32]byte) (time.Time, error) {
		p, err := proof.ParseProof(text)
		if err != nil {
			return time.Time{}, err
		}
		v, err := proof.Verify(p, digest, s.Journal.Policy())
		return v.Tick, err
	}
	o := verify.Options{Identities: []age.Identity{s.Agency}, Proof: check, Now: s.Clock.Now()}
	if change != nil {
		change(&o)
	}
	return verify.Verify(context.Background(), filepath.Join(s.dir, "out", s.out()[0]), trust, o)
}

func TestATimeStampLiesBesideThePackageAndChangesNothingElse(t *testing.T) {
	s, a, u := stampedScene(t)
	before := s.beside()
	if r, err := s.verifyStamped(a.Anchors(), nil); err != nil || !r.Complete || !r.Stamped.At.IsZero() {
		t.Fatalf("without one: %+v %v", r.Stamped, err)
	}
	if _, _, err := s.gate.Fetch(ctx, "g-1", timestamp.File, "R. Sample"); problem.Code(err) != "gate.no_file" {
		t.Fatal(err)
	}
	s.Clock.Add(time.Hour) // the authority was down
	answer := a.Answer(t, s.wish(u))
	out, err := s.gate.Stamp(ctx, u.ID, answer)
	if err != nil || out.Outcome.StampedBy != "CN=Stamp 1,O=Fictional Time" || out.StampRequest != nil {
		t.Fatalf("%+v %v", out, err)
	}
	r, err := s.verifyStamped(a.Anchors(), nil)
	if err != nil || !r.Complete || !r.Stamped.At.Equal(out.Outcome.StampedAt) || r.Stamped.By != out.Outcome.StampedBy {
		t.Fatalf("%+v %v", r.Stamped, err)
	}
	after := s.beside()
	delete(after, timestamp.File)
	for name, content := range before {
		if !bytes.Equal(content, after[name]) {
			t.Errorf("%s is another one", name)
		}
	}
	if len(before) != len(after) {
		t.Errorf("%d files, then %d", len(before), len(after))
	}
	// The first one stays, also over a restart, and nothing waits any more.
	s.reopen()
	again, err := s.gate.Stamp(ctx, u.ID, a.Answer(t, s.wish(u)))
	if err != nil || !again.Outcome.StampedAt.Equal(out.Outcome.StampedAt) {
		t.Fatalf("%+v, first %+v, %v", again, out, err)
	}
	if st, err := s.gate.Status(ctx, "g-1"); err != nil || st.StampRequest != nil {
		t.Fatalf("%+v %v", st, err)
	}
	f, _, err := s.gate.Fetch(ctx, "g-1", timestamp.File, "R. Sample")
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || !st.Outcome.StampedAt.Equal(out.Outcome.StampedAt) {
		t.Fatalf("%+v %v", st.Outcome, err)
	}
}

// beside gives the files of the one package.
func (s *scene) beside() map[string][]byte {
	s.t.Helper()
	dir := filepath.Join(s.dir, "out", s.out()[0])
	entries, err := os.ReadDir(dir)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			s.t.Fatal(err)
		}
		out[e.Name()] = b
	}
	return out
}

func TestATimeStampThatDoesNotHoldIsRefusedAndStillWaitedFor(t *testing.T) {
	s, a, u := stampedScene(t)
	other := timestamptest.NewAuthority(t, gatetest.Start, nil)
	brief := timestamptest.NewAuthority(t, gatetest.Start, func(c *x509.Certificate) { c.NotAfter = c.NotBefore.Add(time.Minute) })
	good := s.wish(u)
	with := func(change func(*timestamptest.Wish)) timestamptest.Wish { w := good; change(&w); return w }
	for name, c := range map[string]struct {
		answer []byte
		code   string
	}{
		"another checkpoint":    {a.Answer(t, with(func(w *timestamptest.Wish) { w.Digest[3] ^= 1 })), "timestamp.imprint"},
		"another question":      {a.Answer(t, with(func(w *timestamptest.Wish) { w.Nonce++ })), "timestamp.nonce"},
		"another authority":     {other.Answer(t, good), "timestamp.signer"},
		"expired":               {brief.Answer(t, good), "timestamp.signer"},
		"two signers":           {a.Answer(t, with(func(w *timestamptest.Wish) { w.Twice = true })), "timestamp.form"},
		"in the future":         {a.Answer(t, with(func(w *timestamptest.Wish) { w.At = w.At.Add(6 * time.Minute) })), "gate.stamp_time"},
		"before the package":    {a.Answer(t, with(func(w *timestamptest.Wish) { w.At = w.At.Add(-6 * time.Minute) })), "gate.stamp_time"},
		"rejected":              {a.Answer(t, with(func(w *timestamptest.Wish) { w.Status = 2 })), "timestamp.refused"},
		"something behind":      {append(a.Answer(t, good), 0), "timestamp.form"},
		"a page":                {[]byte("<html>"), "timestamp.form"},
		"100 MB":                {make([]byte, 100<<20), "timestamp.form"},
		"of an unknown package": {a.Answer(t, good), "gate.unknown"},
	} {
		id := u.ID
		if c.code == "gate.unknown" {
			id = strings.Repeat("0", 64)
		}
		if _, err := s.gate.Stamp(ctx, id, c.answer); problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if again := s.unstamped(); !bytes.Equal(again.StampRequest, u.StampRequest) {
		t.Error("the question has changed")
	}
	if _, err := os.Lstat(filepath.Join(s.dir, "out", s.out()[0], timestamp.File)); !os.IsNotExist(err) {
		t.Fatal("a refused stamp lies beside the package")
	}
	// A crash between record and file: it is asked for again, and the next one counts.
	if _, err := s.gate.Stamp(ctx, u.ID, a.Answer(t, good)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.dir, "out", s.out()[0], timestamp.File)); err != nil {
		t.Fatal(err)
	}
	s.reopen()
	if _, err := s.gate.Stamp(ctx, s.unstamped().ID, a.Answer(t, good)); err != nil {
		t.Fatal(err)
	}
	if r, err := s.verifyStamped(a.Anchors(), nil); err != nil || r.Stamped.At.IsZero() {
		t.Fatal(err)
	}
}

func TestAGateThatKnowsNoAuthorityAsksForNothing(t *testing.T) {
	s := newScene(t)
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	if st, err := s.gate.Status(ctx, "g-1"); err != nil || st.StampRequest != nil {
		t.Fatalf("%+v %v", st, err)
	}
	if _, err := s.gate.Stamp(ctx, "g-1", nil); problem.Code(err) != "gate.no_stamps" {
		t.Fatal(err)
	}
}

func TestNothingWaitsOnceThePackageCannotBeFetched(t *testing.T) {
	s, _, _ := stampedScene(t)
	s.Clock.Add(31 * 24 * time.Hour)
	if st, err := s.gate.Status(ctx, "g-1"); err != nil || st.StampRequest != nil {
		t.Fatalf("%+v %v", st, err)
	}
}

// What lies in the folder is checked there, whatever the gate did.
func TestVerifyRefusesATimeStampThatSomebodyPutThere(t *testing.T) {
	s, a, u := stampedScene(t)
	path := filepath.Join(s.dir, "out", s.out()[0], timestamp.File)
	other := timestamptest.NewAuthority(t, gatetest.Start, nil)
	file := func(by *timestamptest.Authority, w timestamptest.Wish) []byte { return by.Answer(t, w) }
	good := s.wish(u)
	for name, c := range map[string]func(*timestamptest.Wish) *timestamptest.Authority{
		"of another checkpoint":    func(w *timestamptest.Wish) *timestamptest.Authority { w.Digest[0] ^= 1; return a },
		"by another authority":     func(*timestamptest.Wish) *timestamptest.Authority { return other },
		"earlier than the package": func(w *timestamptest.Wish) *timestamptest.Authority { w.At = w.At.Add(-time.Hour); return a },
		"later than now":           func(w *timestamptest.Wish) *timestamptest.Authority { w.At = w.At.Add(time.Hour); return a },
		"with what nobody signed":  func(w *timestamptest.Wish) *timestamptest.Authority { w.Unsigned = true; return a },
		"with another's certificates": func(w *timestamptest.Wish) *timestamptest.Authority {
			w.Certificates = []*x509.Certificate{a.Signer, other.Root}
			return a
		},
	} {
		w := good
		by := c(&w)
		if err := os.WriteFile(path, file(by, w), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.verifyStamped(a.Anchors(), nil); problem.Code(err) != "verify.timestamp" {
			t.Errorf("%s: %v", name, err)
		}
	}
	whole := file(a, good)
	for i := 0; i < len(whole); i += 7 {
		bad := bytes.Clone(whole)
		bad[i] ^= 0x10
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.verifyStamped(a.Anchors(), func(o *verify.Options) { o.Identities = nil }); problem.Code(err) != "verify.timestamp" {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := s.verifyStamped(a.Anchors(), nil); err != nil || !r.Complete {
		t.Fatal(err)
	}
	// An older trust file names nobody: the rest holds, and the report says what was not checked.
	r, err := s.verifyStamped(nil, nil)
	if err != nil || r.Complete || !r.Stamped.At.IsZero() {
		t.Fatalf("%+v %v", r, err)
	}
}
