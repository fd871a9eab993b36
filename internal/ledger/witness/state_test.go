package witness

import (
	"bytes"
	"testing"

	"counterseal/internal/ledger/proof"
)

func FuzzParseState(f *testing.F) {
	f.Add(marshalState(proof.Checkpoint{Origin: "journal.example", Size: 7, Root: proof.EmptyRoot()}))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		cp, err := parseState(b)
		if err == nil && !bytes.Equal(marshalState(cp), b) {
			t.Fatalf("accepted %q", b)
		}
	})
}
