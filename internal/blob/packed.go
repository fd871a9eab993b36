package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"

	"counterseal/internal/batch"
)

// Packed keeps blobs in segments: large files that are only ever appended to. It
// is safe for concurrent use, by several processes too; each process appends to
// a segment of its own.
type Packed struct {
	disk   disk
	old    *Dir // files of the time before segments: read and removed, never written
	random io.Reader
	limit  int64 // bytes after which a segment is full
	most   int   // records after which it is

	mu       sync.RWMutex
	segments map[segmentID]*segment
	mine     *segment // the one that this process appends to

	queue   batch.Queue[*job]
	writing sync.Mutex // held while a group is written; guards what follows
	active  *writer
	shunned map[segmentID]bool // a write to them failed; this process adds nothing
	closed  bool
}

// Limits of a segment; the last record may go beyond.
const (
	segmentBytes   = 256 << 20
	segmentRecords = 1 << 16
)

// OpenPacked opens the store in a directory, which must exist and may hold the
// files of a Dir: those stay readable. Nothing is made or read before it is
// needed. random names segments and must be cryptographic. Problem:
// blob.unavailable.
func OpenPacked(root string, random io.Reader) (*Packed, error) {
	info, err := os.Stat(root)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
	}
	if err != nil {
		return nil, unavailable(err)
	}
	return openPacked(folder(filepath.Join(root, "pack")), &Dir{root: root}, random), nil
}

func openPacked(d disk, old *Dir, random io.Reader) *Packed {
	return &Packed{disk: d, old: old, random: random, limit: segmentBytes, most: segmentRecords,
		queue: batch.Queue[*job]{Fit: fit}, shunned: make(map[segmentID]bool)}
}

// Put stores the bytes durably and returns their address. Calls at the same time
// share one sync. Problems: blob.too_large, blob.unavailable; after the latter
// the blob may be there or not.
func (p *Packed) Put(ctx context.Context, b []byte) (Address, error) {
	if err := acceptable(ctx, b); err != nil {
		return Address{}, err
	}
	a := sha256.Sum256(b)
	if err := p.commit(&job{head: head{kind: isBlob, length: int64(len(b)), address: a}, body: b}); err != nil {
		return Address{}, unavailable(err)
	}
	return a, nil
}

// Get returns the blob. Problems: blob.missing, blob.corrupt, blob.unavailable.
func (p *Packed) Get(ctx context.Context, a Address) ([]byte, error) {
	// What is not found is looked for again without faith in any index.
	answer := missing()
	for _, before := range []func() error{p.refresh, p.refresh, p.relearn} {
		if err := ctx.Err(); err != nil {
			return nil, unavailable(err)
		}
		if err := before(); err != nil {
			return nil, unavailable(err)
		}
		b, found, err := p.read(a)
		switch {
		case errors.Is(err, errMoved):
			answer = unavailable(err)
			continue
		case err != nil:
			return nil, unavailable(err)
		case b != nil:
			return b, nil
		case found:
			answer = corrupt()
		default:
			answer = missing()
		}
		if b, err = p.old.Get(ctx, a); !errors.Is(err, missing()) {
			return b, err
		}
	}
	return nil, answer
}

// read gives the first copy that is whole; found says whether there is any.
func (p *Packed) read(a Address) (b []byte, found bool, err error) {
	live, err := p.live(a)
	if err != nil {
		return nil, false, err
	}
	for _, l := range live {
		f, err := openPack(p.disk, l.segment, false)
		if err != nil {
			return nil, false, err
		}
		b := make([]byte, l.length)
		_, err = f.ReadAt(b, l.offset+headSize)
		f.Close()
		if err != nil && err != io.EOF {
			return nil, false, err
		}
		if sha256.Sum256(b) == a {
			return b, true, nil
		}
	}
	return nil, len(live) > 0, nil
}

// located is a record and where it stands.
type located struct {
	place
	head
}

// live finds the blobs of an address that no removal names.
func (p *Packed) live(a Address) (blobs []located, err error) {
	all, err := p.records(a)
	if err != nil {
		return nil, err
	}
	gone := make(map[place]bool)
	for _, r := range all {
		if r.kind == isRemoval {
			gone[r.target()] = true
		}
	}
	for _, r := range all {
		if r.kind == isBlob && !gone[r.place] {
			blobs = append(blobs, r)
		}
	}
	return blobs, nil
}

// records finds all records of an address.
func (p *Packed) records(a Address) (all []located, err error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, s := range p.segments {
		offsets, err := s.offsets(p.disk, prefixOf(a))
		if err != nil {
			return nil, err
		}
		if all, err = p.recordsOf(s.id, offsets, a, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (p *Packed) recordsOf(id segmentID, offsets []int64, a Address, all []located) ([]located, error) {
	if len(offsets) == 0 {
		return all, nil
	}
	f, err := openPack(p.disk, id, false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	for _, offset := range offsets {
		at := place{id, offset}
		h, ok, err := readHead(f, at, size)
		if err != nil {
			return nil, err
		}
		if ok && h.address == a {
			all = append(all, located{at, h})
		}
	}
	return all, nil
}

// Remove removes a blob, all copies of it; one that is not there is no error.
// The bytes stay on disk until Compact. Problem: blob.unavailable.
func (p *Packed) Remove(ctx context.Context, a Address) error {
	if err := p.old.Remove(ctx, a); err != nil {
		return err
	}
	// While segments are being replaced, a removal might name a place that has
	// moved.
	unlock, err := p.lockMoves(false)
	if err != nil {
		return unavailable(err)
	}
	defer unlock()
	var live []located
	for range 3 {
		if err = p.refresh(); err != nil {
			return unavailable(err)
		}
		if live, err = p.live(a); !errors.Is(err, errMoved) {
			break
		}
	}
	if err != nil {
		return unavailable(err)
	}
	for _, l := range live {
		if err := p.commit(&job{head: head{kind: isRemoval, length: 16, address: a, payload: l.bytes()}, body: l.bytes()}); err != nil {
			return unavailable(err)
		}
	}
	return nil
}

// Close ends writing; it leaves an index, so that whoever opens the store next
// need not read what was written. Problem: blob.unavailable.
func (p *Packed) Close() error {
	p.writing.Lock()
	defer p.writing.Unlock()
	p.closed = true
	if err := p.leave(false); err != nil {
		return unavailable(err)
	}
	return nil
}
