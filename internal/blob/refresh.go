package blob

import (
	"errors"
	"io/fs"
	"strings"
)

// longTail is the number of records without an index from which on a reader
// writes the index that a crash has prevented.
const longTail = 4096

// refresh learns what this and other processes have written or replaced.
func (p *Packed) refresh() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.segments == nil {
		p.segments = make(map[segmentID]*segment)
	}
	names, err := p.disk.Names()
	if err != nil {
		return err
	}
	there := make(map[segmentID]bool)
	for _, name := range names {
		id, ok := segmentOf(name)
		if !ok {
			continue
		}
		if err := p.learn(id); errors.Is(err, errMoved) {
			continue // replaced since the names were read
		} else if err != nil {
			return err
		}
		there[id] = true
	}
	for _, s := range p.segments {
		for _, id := range s.replaces {
			there[id] = false
		}
	}
	for id := range p.segments {
		if !there[id] {
			delete(p.segments, id)
		}
	}
	return nil
}

// learn brings what is known of a segment up to date.
func (p *Packed) learn(id segmentID) error {
	if p.mine != nil && p.mine.id == id {
		p.segments[id] = p.mine
		return nil
	}
	s := p.segments[id]
	if s != nil && s.full() {
		return nil
	}
	f, err := openPack(p.disk, id, false)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return err
	}
	if s != nil {
		x, err := loadIndex(p.disk, id, size)
		if err != nil {
			return err
		}
		if x == nil || (s.index != nil && x.end == s.index.end && x.full == s.index.full) {
			return s.take(f, size, false)
		}
	}
	if s, err = openSegment(p.disk, f, id, false); err != nil {
		return err
	}
	if len(s.tail.entries) >= longTail {
		s = p.indexed(s, f)
	}
	p.segments[id] = s
	return nil
}

// indexed writes the index of a segment that nobody appends to, and gives the
// segment with it; without, where that is not possible.
func (p *Packed) indexed(s *segment, f file) *segment {
	if f.Lock(true, false) != nil || s.save(p.disk, false) != nil {
		return s
	}
	again, err := openSegment(p.disk, f, s.id, false)
	if err != nil {
		return s
	}
	return again
}

// relearn forgets all segments, gives up the one that it appends to, removes each
// index that was changed, and learns everything anew.
func (p *Packed) relearn() error {
	p.writing.Lock()
	defer p.writing.Unlock()
	if p.active != nil {
		if err := p.release(); err != nil {
			return err
		}
	}
	names, err := p.disk.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ".index") {
			continue
		}
		if err := p.dropUnsound(name); err != nil {
			return err
		}
	}
	p.mu.Lock()
	p.segments = nil
	p.mu.Unlock()
	return p.refresh()
}

func (p *Packed) dropUnsound(name string) error {
	f, err := p.disk.Open(name, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	x, ok := readIndex(f, 1<<62)
	if ok && x.sound(f) {
		return nil
	}
	err = p.disk.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lockMoves keeps segments where they are (shared), or keeps others from
// removing blobs while segments are replaced (exclusive).
func (p *Packed) lockMoves(exclusive bool) (unlock func(), err error) {
	const name = "moves.lock"
	f, err := p.disk.Open(name, true)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = p.disk.Create(name)
		if errors.Is(err, fs.ErrExist) {
			f, err = p.disk.Open(name, true)
		}
	}
	if err != nil {
		return nil, err
	}
	if err = f.Lock(exclusive, true); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}
