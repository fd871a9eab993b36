package proof_test

import (
	"bytes"
	"testing"

	"counterseal/internal/ledger/proof"
)

// parses fuzzes one parser: whatever it accepts encodes back to the same bytes.
func parses[T any](f *testing.F, parse func([]byte) (T, error), marshal func(T) []byte, seeds ...[]byte) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := parse(b)
		if err == nil && !bytes.Equal(marshal(v), b) {
			t.Fatalf("accepted %q, encodes to %q", b, marshal(v))
		}
	})
}

func FuzzParseProof(f *testing.F) {
	p, policy := goodProof(f)
	r, _ := goodRegisterProof(f)
	parse := func(b []byte) (proof.Proof, error) {
		q, err := proof.ParseProof(b)
		if err == nil {
			proof.Verify(q, q.Opening.Digest, policy)
		}
		return q, err
	}
	parses(f, parse, proof.Proof.Marshal, p.Marshal(), r.Marshal(), nil)
}

func FuzzParseRegisterProof(f *testing.F) {
	r, _ := goodRegisterProof(f)
	parses(f, proof.ParseRegisterProof, proof.RegisterProof.Marshal, r.Marshal(), nil)
}

func FuzzParsePolicy(f *testing.F) {
	parses(f, proof.ParsePolicy, proof.Policy.Marshal, policyOf(f, "journal.example", 1, "w1.example", "w2.example").Marshal(), nil)
}

func FuzzParseCheckpoint(f *testing.F) {
	p, policy := goodProof(f)
	f.Add(p.Checkpoint)
	f.Fuzz(func(t *testing.T, b []byte) {
		cp, err := proof.ParseCheckpoint(b)
		if err == nil && (cp.Origin == "" || cp.Witnesses != nil) {
			t.Fatalf("got %+v", cp)
		}
		if _, err := policy.OpenCheckpoint(b); err == nil && !bytes.HasPrefix(b, p.Checkpoint[:60]) {
			t.Fatalf("a forged checkpoint: %q", b)
		}
	})
}

func FuzzParseJournalLeaf(f *testing.F) {
	p, _ := goodProof(f)
	parses(f, proof.ParseJournalLeaf, proof.JournalLeaf.Marshal, p.Leaf.Marshal(), nil)
}

func FuzzParseRegisterLeaf(f *testing.F) {
	r, _ := goodRegisterProof(f)
	parses(f, proof.ParseRegisterLeaf, proof.RegisterLeaf.Marshal, r.Leaf.Marshal(), nil)
}

func FuzzParseRegisterOpening(f *testing.F) {
	parses(f, proof.ParseRegisterOpening, proof.RegisterOpening.Marshal, goodOpening(f).Marshal(), nil)
}
