package ledger

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestPositionsAreDistinctAndUniform(t *testing.T) {
	const draws, each, bins = 2000, 16, 64
	var count [bins]int
	for range draws {
		seen := make(map[uint16]bool)
		ps, err := positions(rand.Reader, each)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range ps {
			if int(p) >= proof.Places || seen[p] {
				t.Fatalf("place %d", p)
			}
			seen[p] = true
			count[int(p)*bins/proof.Places]++
		}
	}
	// Chi-squared with 63 degrees of freedom exceeds 150 once in ten billion runs.
	expected := float64(draws*each) / bins
	var chi float64
	for _, c := range count {
		chi += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	if chi > 150 {
		t.Fatalf("chi-squared %.0f: %v", chi, count)
	}
}

func TestBelowThrowsAwayWhatWouldFavourSmallNumbers(t *testing.T) {
	r := bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff, 0, 0, 0, 5})
	got, err := below(r, 3)
	if err != nil || got != 2 || r.Len() != 0 {
		t.Fatalf("got %d, %v, %d bytes left", got, err, r.Len())
	}
}

func TestAFailingSourceOfRandomnessIsNoted(t *testing.T) {
	for _, draw := range []func(io.Reader) error{
		func(r io.Reader) error { _, err := positions(r, 2); return err },
		func(r io.Reader) error { _, err := permutation(r, 3); return err },
	} {
		err := draw(io.MultiReader(bytes.NewReader(make([]byte, 4)), broken{}))
		if problem.Code(err) != "ledger.randomness" {
			t.Fatalf("got %v", err)
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func TestAPermutationHoldsEachOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 300).Draw(t, "n")
		p, err := permutation(rand.Reader, n)
		if err != nil {
			t.Fatal(err)
		}
		seen := make(map[int]bool)
		for _, v := range p {
			seen[v] = v >= 0 && v < n
		}
		if len(p) != n || len(seen) != n {
			t.Fatalf("got %v", p)
		}
	})
}

func TestTheFrontierHasTheRootOfRFC6962(t *testing.T) {
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var out []tlog.Hash
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	var f frontier
	if f.root() != proof.EmptyRoot() {
		t.Fatal("empty")
	}
	for n := range int64(600) {
		leaf := []byte{byte(n), byte(n >> 8)}
		f.append(tlog.RecordHash(leaf))
		more, err := tlog.StoredHashes(n, leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, more...)
		want, err := tlog.TreeHash(n+1, read)
		if err != nil {
			t.Fatal(err)
		}
		if f.root() != want {
			t.Fatalf("size %d", n+1)
		}
	}
}

func TestDuringReplayOnlyTheEmptyCheckpointIsSigned(t *testing.T) {
	skey, _, err := note.GenerateKey(rand.Reader, "journal.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	s := emptySigner{signer}
	if _, err := s.Sign([]byte("journal.example\n0\nroot\n")); err != nil {
		t.Errorf("the empty checkpoint: %v", err)
	}
	for _, msg := range []string{"journal.example\n1\nroot\n", "journal.example\n00\nroot\n", "0", ""} {
		if _, err := s.Sign([]byte(msg)); problem.Code(err) != "ledger.recovering" {
			t.Errorf("%q: got %v", msg, err)
		}
	}
}
