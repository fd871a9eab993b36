package blob

import (
	"errors"
	"io"
	"io/fs"
)

// segment is what one process knows of a segment: its index, and a table of the
// records behind what the index covers.
type segment struct {
	id       segmentID
	index    *index // nil when there is none
	tail     table
	end      int64 // index and tail cover the segment up to here
	replaces []segmentID
}

// table holds entries in memory, newest first for each prefix.
type table struct {
	newest  map[uint64]int32 // prefix → number of an entry, from 1
	entries []chained
}

type chained struct {
	entry
	before int32
}

func (t *table) add(e entry) {
	if t.newest == nil {
		t.newest = make(map[uint64]int32)
	}
	t.entries = append(t.entries, chained{e, t.newest[e.prefix]})
	t.newest[e.prefix] = int32(len(t.entries))
}

func (t *table) offsets(prefix uint64) (found []int64) {
	for n := t.newest[prefix]; n != 0; n = t.entries[n-1].before {
		found = append(found, t.entries[n-1].offset)
	}
	return found
}

func (s *segment) full() bool { return s.index != nil && s.index.full }

func (s *segment) count() int {
	n := len(s.tail.entries)
	if s.index != nil {
		n += s.index.count
	}
	return n
}

// openSegment learns a segment. With check it reads every payload that no index
// covers, and leaves out what is torn at the end.
func openSegment(d disk, f file, id segmentID, check bool) (*segment, error) {
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	s := &segment{id: id, end: packStart}
	if s.index, err = loadIndex(d, id, size); err != nil {
		return nil, err
	}
	if s.index != nil {
		s.end = s.index.end
	}
	h, ok, err := readHead(f, place{id, packStart}, size)
	if err != nil {
		return nil, err
	}
	if ok && h.kind == isReplaces {
		for b := h.payload; len(b) > 0; b = b[len(segmentID{}):] {
			s.replaces = append(s.replaces, segmentID(b))
		}
	}
	return s, s.take(f, size, check)
}

// take learns what stands behind what is known.
func (s *segment) take(r io.ReaderAt, size int64, check bool) (err error) {
	s.end, err = scan(r, s.id, s.end, size, check, func(rec scanned) {
		if rec.kind != isReplaces {
			s.tail.add(entry{prefixOf(rec.address), rec.offset})
		}
	})
	return err
}

// offsets finds where records of a prefix may stand.
func (s *segment) offsets(d disk, prefix uint64) ([]int64, error) {
	found := s.tail.offsets(prefix)
	if s.index == nil || !s.index.filter.has(prefix) {
		return found, nil
	}
	f, err := d.Open(s.id.index(), false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size != s.index.entriesAt()+int64(s.index.count)*entrySize+32 {
		return nil, errMoved // another process has written a longer one
	}
	on, err := s.index.offsets(f, prefix)
	return append(found, on...), err
}

// save writes the segment's index, over index and tail, and lets the tail go.
func (s *segment) save(d disk, full bool) error {
	var all []entry
	if s.index != nil {
		f, err := d.Open(s.id.index(), false)
		if err != nil {
			return err
		}
		defer f.Close()
		if !s.index.sound(f) {
			return errMoved
		}
		if all, err = s.index.all(f); err != nil {
			return err
		}
	}
	for _, e := range s.tail.entries {
		all = append(all, e.entry)
	}
	return saveIndex(d, s.id, s.end, full, all)
}

// errMoved says that what is known of the segments is out of date.
var errMoved = errors.New("the segments have changed")

// openPack opens a segment's file; errMoved when it is gone.
func openPack(d disk, id segmentID, write bool) (file, error) {
	f, err := d.Open(id.pack(), write)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errMoved
	}
	return f, err
}
