package source

// MaxItems bounds what one query gives, because ids are numbered by what was
// given before: 12 bytes for each slot of a table that is at most half full.
const MaxItems = 2 << 20

// Numbering counts ids by their first 8 bytes, in open addressing. Two different ids
// with the same 8 bytes are merely numbered as if they were equal.
type Numbering struct {
	keys   []uint64
	counts []uint32
	used   int
	given  int
}

// Count returns how many times key has come, this time included; false means
// that there were too many items.
func (s *Numbering) Count(key uint64) (uint32, bool) {
	if s.given == MaxItems {
		return 0, false
	}
	s.given++
	if 2*s.used >= len(s.keys) {
		s.grow()
	}
	i := s.slot(key)
	if s.counts[i] == 0 {
		s.keys[i] = key
		s.used++
	}
	s.counts[i]++
	return s.counts[i], true
}

// slot finds the key's slot, or the free one where it belongs.
func (s *Numbering) slot(key uint64) int {
	mask := len(s.keys) - 1
	i := int(key) & mask
	for s.counts[i] != 0 && s.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

func (s *Numbering) grow() {
	old := *s
	n := max(1024, 2*len(old.keys))
	s.keys, s.counts = make([]uint64, n), make([]uint32, n)
	for i, c := range old.counts {
		if c > 0 {
			j := s.slot(old.keys[i])
			s.keys[j], s.counts[j] = old.keys[i], c
		}
	}
}
