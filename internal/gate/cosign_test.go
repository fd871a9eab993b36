package gate_test

import (
	"context"
	"crypto/rand"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"
)

// cosigning is a scene whose gate is a witness too.
func cosigning(t *testing.T) (*scene, *witness.Witness) {
	t.Helper()
	s := newScene(t)
	key, _, err := note.GenerateKey(rand.Reader, "gate.example")
	if err != nil {
		t.Fatal(err)
	}
	w, err := witness.Open(witness.Config{Dir: t.TempDir(), Key: key, Logs: []string{s.Journal.Policy().LogKey()}, Now: s.Clock.Now,
		Before: func(ctx context.Context, last, next proof.Checkpoint) error { return s.gate.Agrees(ctx, last, next) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	s.cfg = func(c *gate.Config) { c.Cosigned = w.Last }
	s.reopen()
	return s, w
}

// sign asks the gate's witness to cosign what a journal shows.
func (s *scene) sign(w *witness.Witness, j *gatetest.Journal) error {
	text, err := j.Checkpoint(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	next, err := proof.ParseCheckpoint(text)
	if err != nil {
		s.t.Fatal(err)
	}
	last, err := w.Last(next.Origin)
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := j.Consistency(ctx, last.Size, next.Size)
	if err != nil {
		return err
	}
	var hashes []proof.Hash
	for _, h := range raw {
		hashes = append(hashes, h)
	}
	_, err = w.AddCheckpoint(ctx, last.Size, hashes, text)
	return err
}

func TestAGateCosignsTheJournalThatItReleasesBy(t *testing.T) {
	s, w := cosigning(t)
	s.Journal.Add([32]byte{1})
	if err := s.sign(w, s.Journal); err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	for n := range byte(3) {
		if err := s.sign(w, s.Journal); err != nil {
			t.Fatal(err)
		}
		s.Journal.Add([32]byte{2, n})
	}
	asked := s.Journal.Calls["Consistency"]
	if err := s.sign(w, s.Journal); err != nil {
		t.Fatal(err)
	}
	if more := s.Journal.Calls["Consistency"] - asked; more > 1 {
		t.Errorf("an idle tick took %d questions; one is the test's own", more)
	}
}

func TestAGateCosignsNoOtherJournalThanItReleasedBy(t *testing.T) {
	s, w := cosigning(t)
	other := s.Journal.Copy()
	if _, err := s.released(s.Grant(1)); err != nil { // the gate has seen the journal go on
		t.Fatal(err)
	}
	for n := range byte(40) {
		other.Add([32]byte{9, n}) // the same keeper's other journal, of the same keys, and longer
	}
	s.Journal.Serve = other // which gives the gate proofs of itself
	if err := s.sign(w, other); problem.Code(err) != "witness.against" {
		t.Fatalf("got %v", err)
	}
	if last, err := w.Last(other.Policy().Origin()); err != nil || last.Size != 0 {
		t.Fatalf("cosigned %d leaves, %v", last.Size, err)
	}
}

func TestAGateReleasesByNoOtherJournalThanItCosigned(t *testing.T) {
	for _, witnesses := range []bool{true, false} {
		s, w := cosigning(t)
		other := s.Journal.Copy()
		for n := range byte(3) {
			other.Add([32]byte{9, n})
		}
		for n := range byte(20) {
			s.Journal.Add([32]byte{8, n})
		}
		if err := s.sign(w, other); err != nil { // before this gate has released anything
			t.Fatal(err)
		}
		if !witnesses { // the attack succeeds on a gate that is no witness
			s.cfg = nil
			s.reopen()
		}
		_, err := s.released(s.Grant(1))
		if witnesses && problem.Code(err) != "gate.log_forked" || !witnesses && err != nil {
			t.Fatalf("a witness: %v: got %v", witnesses, err)
		}
	}
}
