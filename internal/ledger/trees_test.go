package ledger

import (
	"testing"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

func TestAKeptTreeStandsForItsOwnContentsAlone(t *testing.T) {
	a, b := proof.Placed{Position: 3, Event: proof.Hash{1}}, proof.Placed{Position: 9, Event: proof.Hash{2}}
	var kept Trees
	first, err := kept.tree([32]byte{7}, []proof.Placed{a, b})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := kept.tree([32]byte{7}, []proof.Placed{b, a}); err != nil || again != first {
		t.Fatalf("made anew: %v", err)
	}
	moved := b
	moved.Position = 10
	for name, c := range map[string]struct {
		key    byte
		events []proof.Placed
	}{
		"the same": {7, []proof.Placed{b, a}}, "another key": {8, []proof.Placed{a, b}}, "one less": {7, []proof.Placed{a}},
		"moved": {7, []proof.Placed{a, moved}}, "exchanged": {7, []proof.Placed{{Position: 3, Event: b.Event}, {Position: 9, Event: a.Event}}},
	} {
		want, err := proof.NewTree([32]byte{c.key}, c.events)
		if err != nil {
			t.Fatal(err)
		}
		got, err := kept.root([32]byte{c.key}, c.events)
		if err != nil || got != want.Root() {
			t.Errorf("%s: another root: %v", name, err)
		}
	}
	if _, err := kept.root([32]byte{7}, []proof.Placed{a, a}); problem.Code(err) != "proof.position" {
		t.Errorf("a place taken twice: %v", err)
	}
}

func TestFewTreesAreKept(t *testing.T) {
	var kept, none = &Trees{}, (*Trees)(nil)
	for n := range keptTrees + 3 {
		events := []proof.Placed{{Position: uint16(n)}}
		made, err := kept.tree([32]byte{1}, events)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := none.tree([32]byte{1}, events)
		if err != nil || alone.Root() != made.Root() {
			t.Fatalf("%d: %v", n, err)
		}
	}
	if len(kept.kept) != keptTrees {
		t.Errorf("%d trees are kept", len(kept.kept))
	}
}
