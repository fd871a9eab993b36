package docket

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

func TestCaseNumbersHaveOneFormAndUseTheWholeAlphabetEvenly(t *testing.T) {
	seen := make(map[byte]int)
	const n = 20000
	for range n {
		id, err := newID(rand.Reader, demand.DemandStream)
		if err != nil || !ValidID(id) || strings.IndexByte(string(id), '-') != 4 || len(id) != 7 {
			t.Fatalf("%q %v", id, err)
		}
		for _, c := range []byte(strings.Replace(string(id), "-", "", 1)) {
			seen[c]++
		}
	}
	for _, c := range []byte(alphabet) {
		// 6n/28 are expected; 6 standard deviations are about 400.
		if d := seen[c] - 6*n/28; d < -450 || d > 450 {
			t.Errorf("%c came %d times of %d", c, seen[c], 6*n/28)
		}
	}
	if len(seen) != 28 || strings.ContainsAny(alphabet, "01aeioul") {
		t.Errorf("%d characters in use", len(seen))
	}
}

func TestANumberNeedsRandomness(t *testing.T) {
	if _, err := newID(bytes.NewReader([]byte{1, 2, 3}), demand.DemandStream); problem.Code(err) != "docket.randomness" {
		t.Fatalf("got %v", err)
	}
}

func FuzzValidID(f *testing.F) {
	for _, s := range []string{"k7wq-93", "K7wq-93", "k7wq93", "k7wq-930", "-------", "c-k7wq-93", "n-c-k7wq-93", "q-k7wq-93", "k7w\xc3\xa9-9", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !ValidID(demand.ID(s)) {
			return
		}
		for _, kind := range []demand.Stream{demand.ContestStream, demand.SecrecyStream, demand.MatterStream, demand.CaseStream, demand.NotesStream} {
			s = strings.TrimPrefix(s, demand.Prefix(kind))
		}
		if len(s) != 7 || s[4] != '-' || strings.Trim(s, alphabet+"-") != "" || strings.Count(s, "-") != 1 {
			t.Errorf("%q passes for a case number", s)
		}
	})
}

func TestSealedBytesOpenInTheirPlaceOnly(t *testing.T) {
	v, err := newVault([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	other, err := newVault([32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := v.seal(rand.Reader, place("record", []byte("ab"), []byte("c")), []byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := v.open(place("record", []byte("ab"), []byte("c")), sealed); err != nil || string(b) != "plain" {
		t.Fatalf("%q %v", b, err)
	}
	for _, p := range [][]byte{place("record", []byte("a"), []byte("bc")), place("row", []byte("ab"), []byte("c")), nil} {
		if _, err := v.open(p, sealed); problem.Code(err) != "docket.tampered" {
			t.Errorf("%q: %v", p, err)
		}
	}
	if _, err := other.open(place("record", []byte("ab"), []byte("c")), sealed); problem.Code(err) != "docket.tampered" {
		t.Errorf("another key: %v", err)
	}
	for n := range sealed {
		if _, err := v.open(place("record", []byte("ab"), []byte("c")), sealed[:n]); problem.Code(err) != "docket.tampered" {
			t.Errorf("cut to %d: %v", n, err)
		}
	}
}
