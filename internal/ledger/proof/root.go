package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"runtime"
	"sync"
	"sync/atomic"

	"counterseal/internal/problem"
)

// A tree is made in parts, on several cores at once. A part takes about a tenth of a
// millisecond: whoever else waits for a core gets it between two of them.
const (
	partDepth = 8
	partSize  = 1 << partDepth
	parts     = Places / partSize
)

// TreeRoot is the root of NewTree's tree, without the tree: whoever writes or
// compares a tick needs no path. It keeps one hash a level where the tree takes
// 1 MiB. Problem: proof.position, as for NewTree.
func TreeRoot(intervalKey [32]byte, events []Placed) (Hash, error) {
	p, err := newPlaces(intervalKey, events)
	if err != nil {
		return Hash{}, err
	}
	var roots [parts]Hash
	eachPart(func(part int) { roots[part] = p.rootOf(part) })
	top := roots[:]
	for n := parts; n > 1; n /= 2 {
		for i := range n / 2 {
			top[i] = nodeHash(top[2*i], top[2*i+1])
		}
	}
	return top[0], nil
}

// eachPart calls f for every part, on as many cores as there are.
func eachPart(f func(part int)) {
	var next atomic.Int32
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), parts) {
		all.Go(func() {
			for part := next.Add(1) - 1; part < parts; part = next.Add(1) - 1 {
				f(int(part))
				runtime.Gosched()
			}
		})
	}
	all.Wait()
}

// places is what stands at the places of one tick.
type places struct {
	key    [32]byte
	events []Placed
	at     [Places]uint16 // which event, from 1; 0: a filler
}

func newPlaces(key [32]byte, events []Placed) (*places, error) {
	p := &places{key: key, events: events}
	for i, e := range events {
		if int(e.Position) >= Places || p.at[e.Position] != 0 {
			return nil, problem.New(problem.Invalid, "proof.position", "a place in the private tree is out of range or taken twice")
		}
		p.at[e.Position] = uint16(i + 1)
	}
	return p, nil
}

// fillers makes the fillers of one part. It belongs to one goroutine.
type fillers struct {
	mac hash.Hash
	msg [len(fillerDomain) + 2]byte
	sum Hash
}

func (p *places) fillers() *fillers {
	f := &fillers{mac: hmac.New(sha256.New, p.key[:])}
	copy(f.msg[:], fillerDomain)
	return f
}

// hash is that of a place. Fillers of taken places are computed too, so that the
// time a tick takes does not depend on how many events it holds.
func (p *places) hash(f *fillers, position int) Hash {
	binary.BigEndian.PutUint16(f.msg[len(fillerDomain):], uint16(position))
	f.mac.Reset()
	f.mac.Write(f.msg[:])
	f.mac.Sum(f.sum[:0])
	h := placeHash(f.sum)
	if e := p.at[position]; e != 0 {
		return placeHash(p.events[e-1].Event)
	}
	return h
}

// rootOf is the root over one part, made from the left with one waiting hash a
// level.
func (p *places) rootOf(part int) Hash {
	var left [partDepth + 1]Hash
	f := p.fillers()
	for i := range partSize {
		h, level := p.hash(f, part*partSize+i), 0
		for ; i>>level&1 == 1; level++ {
			h = nodeHash(left[level], h)
		}
		left[level] = h
	}
	return left[partDepth]
}
