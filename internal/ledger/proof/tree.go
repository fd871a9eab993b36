package proof

import (
	"crypto/sha256"

	"counterseal/internal/problem"
)

// Depth and Places fix the shape of every private tree: one leaf each 15
// seconds must hold the largest rate of intake.
const (
	Depth  = 14
	Places = 1 << Depth
)

// Path is the sibling hashes from a place to the root, the lowest first.
type Path [Depth]Hash

// Placed is an event at its place in a private tree.
type Placed struct {
	Position uint16 // 0 … Places-1
	Event    Hash
}

// Tree is the private tree of one tick (1 MiB). Immutable once built.
type Tree struct {
	// nodes is a heap: nodes[1] is the root, the places start at nodes[Places].
	nodes []Hash
}

// NewTree builds the private tree of one tick. Every place without an event
// holds a filler from the interval key: 32 secret random bytes used for this
// tick alone. Who does not know the key cannot tell a filler from an event
// hash. Problem: proof.position when a position is out of range or taken twice.
func NewTree(intervalKey [32]byte, events []Placed) (*Tree, error) {
	p, err := newPlaces(intervalKey, events)
	if err != nil {
		return nil, err
	}
	t := &Tree{nodes: make([]Hash, 2*Places)}
	eachPart(func(part int) {
		p.hashes(part, t.nodes[Places+part*partSize:])
		// The nodes over this part, a level at a time.
		for n, first := partSize/2, (Places+part*partSize)/2; n >= 1; n, first = n/2, first/2 {
			t.join(first, n)
		}
	})
	for i := parts - 1; i >= 1; i-- {
		t.join(i, 1)
	}
	return t, nil
}

// join makes n nodes of those below them.
func (t *Tree) join(first, n int) {
	for i := first; i < first+n; i++ {
		t.nodes[i] = nodeHash(t.nodes[2*i], t.nodes[2*i+1])
	}
}

// Root is the hash that the journal leaf publishes.
func (t *Tree) Root() Hash { return t.nodes[1] }

// Path gives the siblings of a place, or proof.position outside the tree.
func (t *Tree) Path(position uint16) (Path, error) {
	var p Path
	if int(position) >= Places {
		return p, problem.New(problem.Invalid, "proof.position", "a place in the private tree is out of range")
	}
	for level, i := 0, Places+int(position); level < Depth; level, i = level+1, i/2 {
		p[level] = t.nodes[i^1]
	}
	return p, nil
}

// Root is the root of the tree that holds the event at the position, if the
// path is its path. The position must be below Places.
func (p Path) Root(position uint16, event Hash) Hash {
	h := placeHash(event)
	for level := range Depth {
		if position>>level&1 == 0 {
			h = nodeHash(h, p[level])
		} else {
			h = nodeHash(p[level], h)
		}
	}
	return h
}

func placeHash(v Hash) Hash {
	var b [33]byte
	copy(b[1:], v[:])
	return sha256.Sum256(b[:])
}

func nodeHash(l, r Hash) Hash {
	var b [65]byte
	b[0] = 1
	copy(b[1:], l[:])
	copy(b[33:], r[:])
	return sha256.Sum256(b[:])
}
