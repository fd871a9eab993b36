package blob

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// Bounds of what shares one sync, and of the buffer in which small records are
// gathered.
const (
	maxGroup      = 256
	maxGroupBytes = Max + 8<<20
	gather        = 256 << 10
)

// job is a record to append. err is set when its group has been written.
type job struct {
	head
	body []byte
	err  error
}

// writer is the segment that this process appends to. It holds the file's lock.
type writer struct {
	segment *segment
	file    file
	end     int64 // behind the last acknowledged record
	fresh   bool  // made by this process, and nothing was acknowledged yet
}

// commit returns when the record is durable.
func (p *Packed) commit(mine *job) error {
	p.queue.Do(mine, func(group []*job) {
		p.writing.Lock()
		defer p.writing.Unlock()
		err := p.writeGroup(group)
		for _, j := range group {
			j.err = err
		}
	})
	return mine.err
}

func fit(waiting []*job) int {
	bytes := int64(0)
	for n, j := range waiting[:min(len(waiting), maxGroup)] {
		bytes += j.size()
		if bytes > maxGroupBytes {
			return n
		}
	}
	return min(len(waiting), maxGroup)
}

// writeGroup appends all or acknowledges none.
func (p *Packed) writeGroup(group []*job) error {
	if p.closed {
		return os.ErrClosed
	}
	if w := p.active; w != nil && (w.end >= p.limit || w.segment.count() >= p.most) {
		// An index that cannot be written now is made when it is missed.
		_ = p.leave(true)
	}
	if p.active == nil {
		if err := p.begin(); err != nil {
			return err
		}
	}
	w := p.active
	entries, end, err := w.append(group)
	if err == nil {
		err = w.file.Sync()
	}
	if err != nil {
		p.abandon()
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range entries {
		w.segment.tail.add(e)
	}
	w.segment.end, w.end, w.fresh = end, end, false
	return nil
}

// append writes records behind the end: small ones together, large ones alone.
func (w *writer) append(group []*job) (entries []entry, end int64, err error) {
	buf, at := make([]byte, 0, gather), w.end
	end = w.end
	flush := func() error {
		_, err := w.file.WriteAt(buf, at)
		at += int64(len(buf))
		buf = buf[:0]
		return err
	}
	for _, j := range group {
		entries = append(entries, entry{prefixOf(j.address), end})
		buf = append(buf, j.marshal(place{w.segment.id, end})...)
		if len(j.body) >= gather {
			if err = flush(); err != nil {
				return nil, 0, err
			}
			if _, err = w.file.WriteAt(j.body, at); err != nil {
				return nil, 0, err
			}
			at += int64(len(j.body))
		} else {
			buf = append(buf, j.body...)
		}
		end += j.size()
		buf = append(buf, make([]byte, end-at-int64(len(buf)))...)
		if len(buf) >= gather {
			if err = flush(); err != nil {
				return nil, 0, err
			}
		}
	}
	return entries, end, flush()
}

// abandon gives a segment up after a failed write or sync: what the disk holds
// behind the acknowledged end is unknown, and a second sync would not tell.
// Later records go to another segment.
func (p *Packed) abandon() {
	w := p.active
	p.shunned[w.segment.id] = true
	err := w.file.Truncate(w.end)
	if err == nil {
		err = w.file.Sync()
	}
	if w.fresh && p.disk.Remove(w.segment.id.pack()) == nil {
		p.release()
		return
	}
	if err == nil {
		_ = w.segment.save(p.disk, true)
	}
	p.release()
}

// leave closes the active segment with its index, if there is one.
func (p *Packed) leave(full bool) error {
	w := p.active
	if w == nil {
		return nil
	}
	err := w.segment.save(p.disk, full)
	return errors.Join(err, p.release())
}

// release closes the active segment's file, and so its lock. What is known of
// it is learnt again like any other's.
func (p *Packed) release() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.active
	p.active, p.mine = nil, nil
	delete(p.segments, w.segment.id)
	return w.file.Close()
}

// begin finds a segment to append to: one that nobody has and that is neither
// full nor torn, or a new one.
func (p *Packed) begin() error {
	names, err := p.disk.Names()
	if err != nil {
		return err
	}
	if err = p.refresh(); err != nil {
		return err
	}
	for _, name := range names {
		id, ok := segmentOf(name)
		if !ok || p.passOver(id) {
			continue
		}
		w, err := p.adopt(id)
		if err != nil {
			return err
		}
		if w != nil {
			p.use(w)
			return nil
		}
	}
	w, err := p.create()
	if err != nil {
		return err
	}
	p.use(w)
	return nil
}

func (p *Packed) use(w *writer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active, p.mine = w, w.segment
	p.segments[w.segment.id] = w.segment
}

func (p *Packed) passOver(id segmentID) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	s := p.segments[id]
	return p.shunned[id] || s == nil || s.full() || s.end >= p.limit || s.count() >= p.most
}

// adopt takes a segment over; nil when another has it or its end is torn. A torn
// one is cut after its last whole record and closed for good: readers may have
// seen what stood there, so nothing else is ever written there.
func (p *Packed) adopt(id segmentID) (*writer, error) {
	f, err := openPack(p.disk, id, true)
	if errors.Is(err, errMoved) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w, err := p.takeOver(f, id)
	if w == nil {
		f.Close()
	}
	if errors.Is(err, errLocked) || errors.Is(err, errMoved) {
		return nil, nil
	}
	return w, err
}

func (p *Packed) takeOver(f file, id segmentID) (*writer, error) {
	if err := f.Lock(true, false); err != nil {
		return nil, err
	}
	// Compact removes under this lock: what is there now stays.
	again, err := openPack(p.disk, id, false)
	if err != nil {
		return nil, err
	}
	again.Close()
	// Whoever gave it its name may have ended before the name was durable.
	if err = p.disk.Sync(); err != nil {
		return nil, err
	}
	s, err := openSegment(p.disk, f, id, true)
	if err != nil {
		return nil, err
	}
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size == s.end {
		return &writer{segment: s, file: f, end: s.end}, nil
	}
	if err = f.Truncate(s.end); err != nil {
		return nil, err
	}
	if err = f.Sync(); err != nil {
		return nil, err
	}
	_ = s.save(p.disk, true)
	return nil, nil
}

// create makes a segment. It has its name only when it and the name are durable,
// and its lock before its name.
func (p *Packed) create() (*writer, error) {
	w, err := p.temporary()
	if err != nil {
		return nil, err
	}
	if err = p.name(w); err != nil {
		return nil, err
	}
	w.fresh = true
	return w, nil
}

// temporary makes a segment that has no name yet, and its lock.
func (p *Packed) temporary() (*writer, error) {
	for n := 0; ; n++ {
		var id segmentID
		if _, err := io.ReadFull(p.random, id[:]); err != nil {
			return nil, err
		}
		f, err := p.disk.Create(id.temporary())
		if err != nil {
			return nil, err
		}
		if err = f.Lock(true, false); err == nil {
			return &writer{segment: &segment{id: id, end: packStart}, file: f, end: packStart}, nil
		}
		f.Close()
		// A sweep may have come between.
		if !errors.Is(err, errLocked) || n == 3 {
			return nil, errors.Join(err, p.unmake(id))
		}
	}
}

// unmake removes a segment that did not come to be, under either name.
func (p *Packed) unmake(id segmentID) (err error) {
	for _, name := range []string{id.temporary(), id.pack()} {
		if wrong := p.disk.Remove(name); wrong != nil && !errors.Is(wrong, fs.ErrNotExist) {
			err = errors.Join(err, wrong)
		}
	}
	return err
}

// name makes a segment that is whole visible. Where that fails it is gone.
func (p *Packed) name(w *writer) error {
	id := w.segment.id
	head := make([]byte, packStart)
	copy(head, packMagic)
	_, err := w.file.WriteAt(head, 0)
	if err == nil {
		err = w.file.Sync()
	}
	if err == nil {
		err = p.disk.Rename(id.temporary(), id.pack())
	}
	if err == nil {
		err = p.disk.Sync()
	}
	if err != nil {
		return errors.Join(err, w.file.Close(), p.unmake(id))
	}
	return nil
}
