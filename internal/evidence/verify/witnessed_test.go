package verify_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/problem"
)

// rescued is a folder of the emergency lane whose release says how it began.
func (w world) rescued(t *testing.T, at release.Witnesses) string {
	t.Helper()
	var out bytes.Buffer
	s := w.seal(t, &out, "m2fd-10", 2)
	s.Release.Witnesses = at
	return w.lay(t, out.Bytes(), s.Release)
}

// checked verifies a folder whose proofs hold under the log's policy for the files named,
// and under the emergency policy always.
func (w world) checked(dir string, ordinary ...[]byte) (verify.Report, error) {
	o := w.options()
	o.Emergency = w.checkProof
	o.Proof = func(proof []byte, digest [32]byte) (time.Time, error) {
		for _, p := range ordinary {
			if bytes.Equal(p, proof) {
				return w.checkProof(proof, digest)
			}
		}
		return time.Time{}, errors.New("too few witnesses")
	}
	return verify.Verify(context.Background(), dir, w.trust, o)
}

func words(r verify.Report, name string) verify.Step {
	for _, s := range r.Steps {
		if s.Name == name {
			return s
		}
	}
	return verify.Step{}
}

func TestWhatRestsOnTheEmergencyPolicySaysSoUntilTheWitnessesHaveCosigned(t *testing.T) {
	w := newWorld(t)
	for _, began := range []release.Witnesses{release.Emergency, release.Ordinary} {
		dir := w.rescued(t, began)
		r, err := w.checked(dir)
		if err != nil || r.Witnesses != verify.InEmergency || r.Complete || words(r, "witnesses").Checked || !words(r, "proof").Checked {
			t.Fatalf("%s: %+v, %v", began, r, err)
		}
		r, err = w.checked(dir, read(t, dir, release.ProofFile))
		if err != nil || r.Witnesses != verify.AsAlways || !r.Complete || !words(r, "witnesses").Checked {
			t.Fatalf("%s, all have cosigned: %+v, %v", began, r, err)
		}
		text := read(t, dir, release.ReleaseFile)
		write(t, dir, release.LateProofFile, w.prove(text, r.LoggedAt))
		// The proof itself does not hold under the log's policy; the later one, of the
		// same bytes here, does: told apart by the order in which they are asked.
		n := 0
		o := w.options()
		o.Emergency = w.checkProof
		o.Proof = func(proof []byte, digest [32]byte) (time.Time, error) {
			n++
			if n == 1 {
				return time.Time{}, errors.New("too few witnesses")
			}
			return w.checkProof(proof, digest)
		}
		r, err = verify.Verify(context.Background(), dir, w.trust, o)
		if err != nil || r.Witnesses != verify.Late || !r.Complete {
			t.Fatalf("%s, later: %+v, %v", began, r, err)
		}
		elsewhere := w.prove(text, r.LoggedAt.Add(time.Minute))
		write(t, dir, release.LateProofFile, elsewhere)
		if _, err := w.checked(dir, elsewhere); problem.Code(err) != "verify.proof_late" {
			t.Errorf("%s, at another place: %v", began, err)
		}
		if _, err := w.checked(dir); problem.Code(err) != "verify.proof_late" {
			t.Errorf("%s, a later proof that does not hold: %v", began, err)
		}
	}
}

func TestAnOrdinaryReleaseNeverRestsOnTheEmergencyPolicy(t *testing.T) {
	w := newWorld(t)
	dir := w.rescued(t, "")
	if _, err := w.checked(dir); problem.Code(err) != "verify.proof" {
		t.Error(err)
	}
	r, err := w.checked(dir, read(t, dir, release.ProofFile))
	if err != nil || r.Witnesses != "" || words(r, "witnesses").Name != "" {
		t.Errorf("%+v, %v", r, err)
	}
	o := w.options() // a trust file without an emergency policy
	o.Proof = func([]byte, [32]byte) (time.Time, error) { return time.Time{}, errors.New("too few witnesses") }
	if _, err := verify.Verify(context.Background(), w.rescued(t, release.Emergency), w.trust, o); problem.Code(err) != "verify.proof" {
		t.Error(err)
	}
}
