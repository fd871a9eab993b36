package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"

	"counterseal/internal/ledger/proof"
)

// keptTrees bounds the trees that are kept: those of the last ticks, whose proofs
// people wait for.
const keptTrees = 4

// Trees keeps the private trees of the last ticks that held something, so that
// whoever proves an entry need not make the tree again that the writer has just made.
// A tree is found by everything that it follows from, and by nothing else. Nil keeps
// none. Safe for concurrent use.
type Trees struct {
	mu   sync.Mutex
	kept []keptTree // the last one made last
}

type keptTree struct {
	from proof.Hash // key and events
	tree *proof.Tree
}

// tree is proof.NewTree, kept.
func (t *Trees) tree(key [32]byte, events []proof.Placed) (*proof.Tree, error) {
	if t == nil {
		return proof.NewTree(key, events)
	}
	from := contents(key, events)
	if known := t.find(from); known != nil {
		return known, nil
	}
	made, err := proof.NewTree(key, events)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.kept) == keptTrees {
		t.kept = slices.Delete(t.kept, 0, 1)
	}
	t.kept = append(t.kept, keptTree{from, made})
	return made, nil
}

// root is that of the tree, which is not kept: whoever only compares many ticks drives
// none out.
func (t *Trees) root(key [32]byte, events []proof.Placed) (proof.Hash, error) {
	if t != nil {
		if known := t.find(contents(key, events)); known != nil {
			return known.Root(), nil
		}
	}
	tree, err := proof.NewTree(key, events)
	if err != nil {
		return proof.Hash{}, err
	}
	return tree.Root(), nil
}

func (t *Trees) find(from proof.Hash) *proof.Tree {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.kept {
		if k.from == from {
			return k.tree
		}
	}
	return nil
}

// contents names a key and events, in whatever order they are given.
func contents(key [32]byte, events []proof.Placed) proof.Hash {
	sorted := slices.SortedStableFunc(slices.Values(events), func(a, b proof.Placed) int { return cmp.Compare(a.Position, b.Position) })
	b := append([]byte(nil), key[:]...)
	for _, e := range sorted {
		b = binary.BigEndian.AppendUint16(b, e.Position)
		b = append(b, e.Event[:]...)
	}
	return sha256.Sum256(b)
}
