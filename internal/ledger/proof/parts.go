package proof

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"runtime"
	"slices"
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

// fillers has room for those of one part.
type fillers [partSize * len(Hash{})]byte

// eachPart calls f for every part, on as many cores as there are, with room that no
// other call has at the time.
func eachPart(f func(part int, room *fillers)) {
	var next atomic.Int32
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), parts) {
		all.Go(func() {
			var room fillers
			for part := next.Add(1) - 1; part < parts; part = next.Add(1) - 1 {
				f(int(part), &room)
				runtime.Gosched()
			}
		})
	}
	all.Wait()
}

// places is what stands at the places of one tick.
type places struct {
	block  cipher.Block // under the interval key
	events []Placed
	at     [Places]uint16 // which event, from 1; 0: a filler
}

func newPlaces(key [32]byte, events []Placed) (*places, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	p := &places{block: block, events: slices.Clone(events)}
	for i, e := range events {
		if int(e.Position) >= Places || p.at[e.Position] != 0 {
			return nil, problem.New(problem.Invalid, "proof.position", "a place in the private tree is out of range or taken twice")
		}
		p.at[e.Position] = uint16(i + 1)
	}
	return p, nil
}

// hashes puts those of one part's places into out. Fillers stand there as they come
// from the stream: a hash of them would look no different, and nobody ever opens one.
// The stream is AES-256 in counter mode, NIST SP 800-38A. The key is of this tick alone,
// so the counter begins at zero, with the first place.
func (p *places) hashes(part int, room *fillers, out []Hash) {
	var counter [aes.BlockSize]byte
	binary.BigEndian.PutUint64(counter[8:], uint64(part*partSize*len(Hash{})/aes.BlockSize))
	clear(room[:])
	cipher.NewCTR(p.block, counter[:]).XORKeyStream(room[:], room[:])
	for i := range partSize {
		out[i] = Hash(room[i*len(Hash{}):][:len(Hash{})])
		if e := p.at[part*partSize+i]; e != 0 {
			out[i] = placeHash(p.events[e-1].Event)
		}
	}
}

// nodes makes the tree over one part, a heap.
func (p *places) nodes(part int, room *fillers, heap *[2 * partSize]Hash) {
	p.hashes(part, room, heap[partSize:])
	join(heap[:])
}

// join makes each node of a heap out of the two below it.
func join(heap []Hash) {
	for i := len(heap)/2 - 1; i >= 1; i-- {
		heap[i] = nodeHash(heap[2*i], heap[2*i+1])
	}
}

// siblings puts those on the way from a node of a heap to its root into out.
func siblings(heap []Hash, node int, out []Hash) {
	for level := range out {
		out[level] = heap[node^1]
		node /= 2
	}
}
