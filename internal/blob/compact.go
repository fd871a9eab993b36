package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// Compacted says what Compact has done.
type Compacted struct {
	Segments int   // replaced
	Freed    int64 // bytes that the folder is smaller by
	Damaged  int   // segments left as they are, since a blob in them is not whole
}

// Compact rewrites the segments that hold something removed, and those that are
// small, into new ones, and deletes them. Reading and putting go on meanwhile;
// removing waits. Segments that some process appends to are left for another
// time. A crash leaves the old segments or the new one in force, never a removed
// blob. It copies as a stream, and needs room for one segment more. Problem:
// blob.unavailable.
func (p *Packed) Compact(ctx context.Context) (c Compacted, err error) {
	unlock, err := p.lockMoves(true)
	if err != nil {
		return c, unavailable(err)
	}
	defer unlock()
	p.writing.Lock()
	err = p.leave(false)
	p.writing.Unlock()
	if err != nil {
		return c, unavailable(err)
	}
	r := &rewriting{p: p, ctx: ctx}
	defer r.unlock()
	if err = r.run(); err != nil {
		return r.done, unavailable(err)
	}
	return r.done, nil
}

// rewriting is one run of Compact.
type rewriting struct {
	p    *Packed
	ctx  context.Context
	held []file // the locks of the segments that are replaced
	done Compacted
}

func (r *rewriting) unlock() {
	for _, f := range r.held {
		f.Close()
	}
}

// shrinkable is a segment that is to be replaced, with what is to be kept of it.
type shrinkable struct {
	id   segmentID
	file file
	size int64
	keep []scanned
	need int64
}

func (r *rewriting) run() error {
	if err := r.sweep(); err != nil {
		return err
	}
	if err := r.deleteReplaced(); err != nil {
		return err
	}
	if err := r.p.refresh(); err != nil {
		return err
	}
	candidates, err := r.candidates()
	if err != nil {
		return err
	}
	for len(candidates) > 0 {
		var group []*shrinkable
		var need int64
		for len(candidates) > 0 && len(group) < maxReplaces && (len(group) == 0 || need+candidates[0].need <= r.p.limit) {
			need += candidates[0].need
			group, candidates = append(group, candidates[0]), candidates[1:]
		}
		if err := r.replace(group); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes segments that never got their names; the maker of a living one
// holds its lock.
func (r *rewriting) sweep() error {
	names, err := r.p.disk.Names()
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasSuffix(name, ".pack.tmp") {
			continue
		}
		f, err := r.p.disk.Open(name, false)
		if err != nil {
			continue // it has its name by now
		}
		if f.Lock(true, false) == nil {
			_ = r.p.disk.Remove(name)
		}
		f.Close()
	}
	return nil
}

// deleteReplaced finishes what a crash has left between naming a new segment and
// deleting the old ones.
func (r *rewriting) deleteReplaced() error {
	if err := r.p.relearn(); err != nil {
		return err
	}
	r.p.mu.RLock()
	var old []segmentID
	for _, s := range r.p.segments {
		old = append(old, s.replaces...)
	}
	r.p.mu.RUnlock()
	return r.delete(old)
}

func (r *rewriting) delete(ids []segmentID) error {
	if len(ids) == 0 {
		return nil
	}
	// The name of what stands for them is durable first.
	if err := r.p.disk.Sync(); err != nil {
		return err
	}
	for _, id := range ids {
		// The pack goes first: an index alone means nothing.
		for _, name := range []string{id.pack(), id.index()} {
			err := r.p.disk.Remove(name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return r.p.disk.Sync()
}

// candidates locks the segments that are worth replacing.
func (r *rewriting) candidates() (out []*shrinkable, err error) {
	r.p.mu.RLock()
	var ids []segmentID
	for id := range r.p.segments {
		ids = append(ids, id)
	}
	r.p.mu.RUnlock()
	var small []*shrinkable
	for _, id := range ids {
		if err := r.ctx.Err(); err != nil {
			return nil, err
		}
		s, dead, err := r.weigh(id)
		if errors.Is(err, errLocked) || errors.Is(err, errMoved) {
			continue
		}
		if err != nil {
			return nil, err
		}
		switch {
		case dead:
			out = append(out, s)
		case s.size < r.p.limit/4:
			small = append(small, s)
		default:
			s.file.Close()
			continue
		}
		r.held = append(r.held, s.file)
	}
	if len(small) > 1 || len(out) > 0 {
		out = append(out, small...)
	}
	return out, nil
}

// weigh locks a segment and finds what is to be kept of it.
func (r *rewriting) weigh(id segmentID) (s *shrinkable, dead bool, err error) {
	f, err := openPack(r.p.disk, id, true)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	if err = f.Lock(true, false); err != nil {
		return nil, false, err
	}
	s = &shrinkable{id: id, file: f}
	if s.size, err = f.Size(); err != nil {
		return nil, false, err
	}
	var all []scanned
	if _, err = scan(f, id, packStart, s.size, false, func(rec scanned) { all = append(all, rec) }); err != nil {
		return nil, false, err
	}
	for _, rec := range all {
		keep, err := r.wanted(place{id, rec.offset}, rec.head)
		if err != nil {
			return nil, false, err
		}
		if keep {
			s.keep, s.need = append(s.keep, rec), s.need+rec.size()
		} else if rec.kind != isReplaces {
			dead = true
		}
	}
	return s, dead, nil
}

// wanted says whether a record still means something: a blob that nothing
// removes, a removal whose blob is still on disk.
func (r *rewriting) wanted(at place, h head) (bool, error) {
	switch h.kind {
	case isBlob:
		live, err := r.p.live(h.address)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(live, func(l located) bool { return l.place == at }), nil
	case isRemoval:
		r.p.mu.RLock()
		defer r.p.mu.RUnlock()
		return r.p.segments[h.target().segment] != nil, nil
	}
	return false, nil
}

// replace writes one segment that stands for a group, and deletes the group.
func (r *rewriting) replace(group []*shrinkable) error {
	group, err := r.sound(group)
	if err != nil || len(group) == 0 {
		return err
	}
	w, err := r.write(group)
	if err != nil {
		return err
	}
	r.held = append(r.held, w.file)
	var ids []segmentID
	for _, s := range group {
		ids = append(ids, s.id)
		r.done.Freed += s.size
	}
	r.done.Freed -= w.end
	r.done.Segments += len(group)
	_ = w.segment.save(r.p.disk, w.end >= r.p.limit)
	if err = r.delete(ids); err != nil {
		return err
	}
	return r.p.refresh()
}

// sound leaves out segments in which a blob to be kept is damaged: its bytes may
// be of use to whoever repairs it.
func (r *rewriting) sound(group []*shrinkable) (out []*shrinkable, err error) {
	for _, s := range group {
		whole := true
		for _, rec := range s.keep {
			if whole, err = rec.whole(s.file, rec.offset); err != nil {
				return nil, err
			}
			if !whole {
				break
			}
		}
		if whole {
			out = append(out, s)
		} else {
			r.done.Damaged++
		}
	}
	return out, nil
}

// write makes the new segment, whole and synced before it has its name.
func (r *rewriting) write(group []*shrinkable) (*writer, error) {
	w, err := r.p.temporary()
	if err != nil {
		return nil, err
	}
	if err = r.fill(w, group); err != nil {
		return nil, errors.Join(err, w.file.Close(), r.p.unmake(w.segment.id))
	}
	return w, r.p.name(w)
}

func (r *rewriting) fill(w *writer, group []*shrinkable) (err error) {
	var ids []byte
	for _, s := range group {
		ids = append(ids, s.id[:]...)
	}
	// Its address is of no use to anyone; the check covers it.
	about := head{kind: isReplaces, length: int64(len(ids)), address: sha256.Sum256(ids), payload: ids}
	if _, w.end, err = w.append([]*job{{head: about, body: ids}}); err != nil {
		return err
	}
	for _, s := range group {
		for _, rec := range s.keep {
			if err = r.copy(w, s, rec, group); err != nil {
				return err
			}
		}
	}
	w.segment.end = w.end
	return nil
}

func (r *rewriting) copy(w *writer, s *shrinkable, rec scanned, group []*shrinkable) error {
	if err := r.ctx.Err(); err != nil {
		return err
	}
	for _, g := range group {
		if rec.kind == isRemoval && rec.target().segment == g.id {
			return nil // goes together with what it removed
		}
	}
	to := io.NewOffsetWriter(w.file, w.end)
	if _, err := to.Write(rec.marshal(place{w.segment.id, w.end})); err != nil {
		return err
	}
	if _, err := io.Copy(to, io.NewSectionReader(s.file, rec.offset+headSize, rec.size()-headSize)); err != nil {
		return err
	}
	w.segment.tail.add(entry{prefixOf(rec.address), w.end})
	w.end += rec.size()
	return nil
}
