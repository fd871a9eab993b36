package blob

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math/bits"
	"slices"
	"sort"
)

const (
	indexMagic  = "counterseal-pack-index-v1\n"
	indexHead   = 64
	entrySize   = 16
	filterBits  = 16 // a record; about one false hit in 400
	filterProbe = 4
	maxEntries  = 1 << 24
)

// entry says where a record of an address stands. prefix is the address's first
// eight bytes: a hit is believed only when the record itself has been read.
type entry struct {
	prefix uint64
	offset int64
}

func prefixOf(a Address) uint64 { return binary.BigEndian.Uint64(a[:]) }

// filter is a Bloom filter over prefixes, which are uniform already.
type filter []byte

func newFilter(n int) filter {
	need := max(n*filterBits/8, 64)
	return make(filter, 1<<bits.Len(uint(need-1)))
}

func (f filter) each(prefix uint64, do func(i uint64, bit byte) bool) bool {
	mask := uint64(len(f))*8 - 1
	for n := range uint64(filterProbe) {
		at := (prefix + n*(prefix>>32|1)) & mask
		if !do(at/8, 1<<(at%8)) {
			return false
		}
	}
	return true
}

func (f filter) add(prefix uint64) {
	f.each(prefix, func(i uint64, bit byte) bool { f[i] |= bit; return true })
}

func (f filter) has(prefix uint64) bool {
	return f.each(prefix, func(i uint64, bit byte) bool { return f[i]&bit != 0 })
}

// index is the part of an index file that is kept in memory. It covers the
// segment up to end; full means that nothing will follow.
type index struct {
	end    int64
	full   bool
	count  int
	filter filter
}

func (x *index) entriesAt() int64 { return indexHead + int64(len(x.filter)) + sha256.Size }

// marshalIndex gives the bytes of an index file. It sorts the entries.
func marshalIndex(end int64, full bool, entries []entry) []byte {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.prefix, b.prefix), cmp.Compare(a.offset, b.offset))
	})
	f := newFilter(len(entries))
	for _, e := range entries {
		f.add(e.prefix)
	}
	out := make([]byte, 32, indexHead+len(f)+2*sha256.Size+entrySize*len(entries))
	copy(out, indexMagic)
	out = binary.BigEndian.AppendUint64(out, uint64(end))
	out = binary.BigEndian.AppendUint64(out, uint64(len(entries)))
	out = binary.BigEndian.AppendUint64(out, uint64(len(f)))
	out = append(out, 0, 0, 0, 0, 0, 0, 0, 0)
	if full {
		out[len(out)-1] = 1
	}
	out = append(out, f...)
	sum := sha256.Sum256(out)
	out = append(out, sum[:]...)
	begin := len(out)
	for _, e := range entries {
		out = binary.BigEndian.AppendUint64(out, e.prefix)
		out = binary.BigEndian.AppendUint64(out, uint64(e.offset))
	}
	sum = sha256.Sum256(out[begin:])
	return append(out, sum[:]...)
}

// readIndex reads what is kept in memory of an index file. ok is false when it
// is none, was changed or cut, or claims more than the segment's size.
func readIndex(r io.ReaderAt, size int64) (x *index, ok bool) {
	var b [indexHead]byte
	if _, err := r.ReadAt(b[:], 0); err != nil || !bytes.HasPrefix(b[:], []byte(indexMagic)) {
		return nil, false
	}
	end, count, length := binary.BigEndian.Uint64(b[32:]), binary.BigEndian.Uint64(b[40:]), binary.BigEndian.Uint64(b[48:])
	if end < packStart || end > uint64(size) || count > maxEntries || length < 64 || length > maxEntries*4 || length&(length-1) != 0 {
		return nil, false
	}
	rest := make([]byte, length+sha256.Size)
	if _, err := r.ReadAt(rest, indexHead); err != nil && err != io.EOF {
		return nil, false
	}
	d := sha256.New()
	d.Write(b[:])
	d.Write(rest[:length])
	if !bytes.Equal(d.Sum(nil), rest[length:]) {
		return nil, false
	}
	return &index{end: int64(end), full: b[indexHead-1] == 1, count: int(count), filter: rest[:length]}, true
}

// sound reports whether the entries on disk are those that were written.
func (x *index) sound(r io.ReaderAt) bool {
	d := sha256.New()
	n, err := io.Copy(d, io.NewSectionReader(r, x.entriesAt(), int64(x.count)*entrySize))
	var sum [sha256.Size]byte
	if err != nil || n != int64(x.count)*entrySize {
		return false
	}
	_, err = r.ReadAt(sum[:], x.entriesAt()+n)
	return (err == nil || err == io.EOF) && bytes.Equal(d.Sum(nil), sum[:])
}

func (x *index) entry(r io.ReaderAt, i int) (e entry, err error) {
	var b [entrySize]byte
	if _, err = r.ReadAt(b[:], x.entriesAt()+int64(i)*entrySize); err != nil {
		return e, err
	}
	return entry{binary.BigEndian.Uint64(b[:]), int64(binary.BigEndian.Uint64(b[8:]))}, nil
}

// offsets finds the records of a prefix among the entries on disk.
func (x *index) offsets(r io.ReaderAt, prefix uint64) (found []int64, err error) {
	first := sort.Search(x.count, func(i int) bool {
		e, wrong := x.entry(r, i)
		if wrong != nil {
			err = wrong
		}
		return e.prefix >= prefix
	})
	for i := first; i < x.count && err == nil; i++ {
		var e entry
		if e, err = x.entry(r, i); err != nil || e.prefix != prefix {
			break
		}
		found = append(found, e.offset)
	}
	return found, err
}

func (x *index) all(r io.ReaderAt) ([]entry, error) {
	b := make([]byte, x.count*entrySize)
	if _, err := r.ReadAt(b, x.entriesAt()); err != nil && err != io.EOF {
		return nil, err
	}
	out := make([]entry, x.count)
	for i := range out {
		e := b[i*entrySize:]
		out[i] = entry{binary.BigEndian.Uint64(e), int64(binary.BigEndian.Uint64(e[8:]))}
	}
	return out, nil
}

// loadIndex gives the index of a segment of this size, or nil where none can be
// believed.
func loadIndex(d disk, id segmentID, size int64) (*index, error) {
	f, err := d.Open(id.index(), false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	x, _ := readIndex(f, size)
	return x, nil
}

// saveIndex writes an index file. It is not synced: one that a crash spoils is
// found by its digests and made anew.
func saveIndex(d disk, id segmentID, end int64, full bool, entries []entry) error {
	name := id.index() + ".tmp"
	err := d.Remove(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := d.Create(name)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(marshalIndex(end, full, entries), 0)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, d.Remove(name))
	}
	return d.Rename(name, id.index())
}
