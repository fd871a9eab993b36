package keys

import (
	"crypto/sha256"
	"encoding/binary"
)

// index says in which records a key may stand, at 11 to 22 bytes a key, so that a
// million take little memory. It knows 32 bits of each id's digest: whoever asks
// reads the record and compares the rest. Digests are uniform, so those bits
// spread the keys over the slots as well.
type index struct {
	slots []slot // a power of two, at most three quarters in use
	used  int
}

type slot struct {
	mark   uint32 // of the digest
	record uint32 // its number plus 1; 0: free
}

// newIndex makes an index with room for so many keys.
func newIndex(keys int64) (x index) {
	n := 1024
	for int64(n) < keys*4/3 {
		n *= 2
	}
	x.slots = make([]slot, n)
	return x
}

func markOf(digest [sha256.Size]byte) uint32 { return binary.BigEndian.Uint32(digest[:]) }

func (x *index) add(digest [sha256.Size]byte, record uint32) {
	if 4*(x.used+1) > 3*len(x.slots) {
		old := x.slots
		x.slots = make([]slot, max(1024, 2*len(old)))
		for _, s := range old {
			if s.record != 0 {
				x.put(s)
			}
		}
	}
	x.used++
	x.put(slot{mark: markOf(digest), record: record + 1})
}

func (x *index) put(s slot) {
	mask := uint32(len(x.slots) - 1)
	i := s.mark & mask
	for x.slots[i].record != 0 {
		i = (i + 1) & mask
	}
	x.slots[i] = s
}

// find hands over the records in which the key may stand, newest last, until is
// says that it is the one.
func (x *index) find(digest [sha256.Size]byte, is func(record uint32) (bool, error)) (found bool, err error) {
	if len(x.slots) == 0 {
		return false, nil
	}
	mask, mark := uint32(len(x.slots)-1), markOf(digest)
	for i := mark & mask; x.slots[i].record != 0 && !found && err == nil; i = (i + 1) & mask {
		if x.slots[i].mark == mark {
			found, err = is(x.slots[i].record - 1)
		}
	}
	return found, err
}
