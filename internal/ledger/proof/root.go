package proof

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
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
	block  cipher.Block // under the interval key
	events []Placed
	at     [Places]uint16 // which event, from 1; 0: a filler
}

func newPlaces(key [32]byte, events []Placed) (*places, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	p := &places{block: block, events: events}
	for i, e := range events {
		if int(e.Position) >= Places || p.at[e.Position] != 0 {
			return nil, problem.New(problem.Invalid, "proof.position", "a place in the private tree is out of range or taken twice")
		}
		p.at[e.Position] = uint16(i + 1)
	}
	return p, nil
}

// hashes puts those of one part's places into out. All its fillers are computed, so
// that the time a tick takes does not depend on how many events it holds: AES-256 in
// counter mode, NIST SP 800-38A. The key is of this tick alone, so the counter begins
// at zero, with the first place.
func (p *places) hashes(part int, out []Hash) {
	var counter [aes.BlockSize]byte
	binary.BigEndian.PutUint64(counter[8:], uint64(part*partSize*len(Hash{})/aes.BlockSize))
	var fillers [partSize * len(Hash{})]byte
	cipher.NewCTR(p.block, counter[:]).XORKeyStream(fillers[:], fillers[:])
	for i := range partSize {
		v := Hash(fillers[i*len(Hash{}):][:len(Hash{})])
		if e := p.at[part*partSize+i]; e != 0 {
			v = p.events[e-1].Event
		}
		out[i] = placeHash(v)
	}
}

// rootOf is the root over one part, made from the left with one waiting hash a
// level.
func (p *places) rootOf(part int) Hash {
	var left [partDepth + 1]Hash
	var places [partSize]Hash
	p.hashes(part, places[:])
	for i, h := range places {
		level := 0
		for ; i>>level&1 == 1; level++ {
			h = nodeHash(left[level], h)
		}
		left[level] = h
	}
	return left[partDepth]
}
