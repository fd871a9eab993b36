package proof_test

import (
	"crypto/aes"
	"crypto/cipher"
	"testing"

	"counterseal/internal/ledger/proof"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestAPlaceHasItsPathAndNoOther(t *testing.T) {
	event := proof.Opening{Salt: fill(1)}.EventHash()
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Uint16Range(0, proof.Places-1).Draw(t, "at")
		tree, err := proof.NewTree(fill(9), []proof.Placed{{Position: at, Event: event}})
		if err != nil {
			t.Fatal(err)
		}
		path, err := tree.Path(at)
		if err != nil || path.Root(at, event) != tree.Root() {
			t.Fatalf("no path at %d: %v", at, err)
		}
		// The private tree is the tree of RFC 6962 over the places.
		record := make(tlog.RecordProof, 0, proof.Depth)
		for _, h := range path {
			record = append(record, h)
		}
		if err := tlog.CheckRecord(record, proof.Places, tree.Root(), int64(at), tlog.RecordHash(event[:])); err != nil {
			t.Fatal(err)
		}
		other := rapid.Uint16Range(0, proof.Places-1).Draw(t, "other")
		if other != at && path.Root(other, event) == tree.Root() {
			t.Fatalf("the path of %d also serves %d", at, other)
		}
	})
}

// One stream over all places, as doc.go states it, and RFC 6962 over what comes out.
func TestFillersAreOneStreamUnderTheTicksOwnKey(t *testing.T) {
	key, event := fill(9), fill(1)
	block, err := aes.NewCipher(key[:])
	must(t, err)
	stream := make([]byte, proof.Places*32)
	cipher.NewCTR(block, make([]byte, aes.BlockSize)).XORKeyStream(stream, stream)
	const at = 300
	var level []tlog.Hash
	for place := range proof.Places {
		level = append(level, tlog.Hash(stream[32*place:][:32]))
	}
	level[at] = tlog.RecordHash(event[:])
	for len(level) > 1 {
		var up []tlog.Hash
		for i := 0; i < len(level); i += 2 {
			up = append(up, tlog.NodeHash(level[i], level[i+1]))
		}
		level = up
	}
	tree, err := proof.NewTree(key, []proof.Placed{{Position: at, Event: event}})
	must(t, err)
	if tree.Root() != proof.Hash(level[0]) {
		t.Error("another root")
	}
}

func TestPlacesTakenTwiceOrOutsideAreRefused(t *testing.T) {
	for _, bad := range [][]proof.Placed{
		{{Position: 1}, {Position: 2}, {Position: 1}},
		{{Position: 1}, {Position: proof.Places}},
	} {
		_, err := proof.NewTree(fill(1), bad)
		wantCode(t, err, "proof.position")
	}
	tree, err := proof.NewTree(fill(1), nil)
	must(t, err)
	_, err = tree.Path(proof.Places)
	wantCode(t, err, "proof.position")
	other, err := proof.NewTree(fill(2), nil)
	must(t, err)
	if tree.Root() == other.Root() {
		t.Error("two idle ticks share a root")
	}
}
