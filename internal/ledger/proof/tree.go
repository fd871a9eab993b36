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

// Tree is the private tree of one tick: what stands at its places, and the nodes over
// its parts. Immutable once built.
type Tree struct {
	places *places
	// over is a heap: over[1] is the root, the roots of the parts start at over[parts].
	over [2 * parts]Hash
}

// NewTree builds the private tree of one tick. Every place without an event
// holds a filler from the interval key: 32 secret random bytes used for this
// tick alone. Who does not know the key cannot tell a filler from the hash of an
// event. Problem: proof.position when a position is out of range or taken twice.
func NewTree(intervalKey [32]byte, events []Placed) (*Tree, error) {
	p, err := newPlaces(intervalKey, events)
	if err != nil {
		return nil, err
	}
	t := &Tree{places: p}
	eachPart(func(part int, room *fillers) {
		var nodes [2 * partSize]Hash
		p.nodes(part, room, &nodes)
		t.over[parts+part] = nodes[1]
	})
	join(t.over[:])
	return t, nil
}

// Root is the hash that the journal leaf publishes.
func (t *Tree) Root() Hash { return t.over[1] }

// Path gives the siblings of a place, or proof.position outside the tree. The nodes
// below one part's root are made again: a tree would be 1 MiB with them, of which few
// are ever asked for.
func (t *Tree) Path(position uint16) (Path, error) {
	var p Path
	if int(position) >= Places {
		return p, problem.New(problem.Invalid, "proof.position", "a place in the private tree is out of range")
	}
	part := int(position) / partSize
	var nodes [2 * partSize]Hash
	t.places.nodes(part, new(fillers), &nodes)
	siblings(nodes[:], partSize+int(position)%partSize, p[:partDepth])
	siblings(t.over[:], parts+part, p[partDepth:])
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
