package evidence

import (
	"io"

	"counterseal/internal/ciphertext"
)

// leastRoom is what a block must still have room for before an item is begun in it.
const leastRoom = headerSize + 4<<10

// room sees to it that there is a current block with room.
func (w *Writer) room() error {
	if w.cur != nil && blockSize-len(w.cur.buf) < leastRoom {
		err := w.hand()
		if err != nil {
			return err
		}
	}
	if w.cur != nil {
		return nil
	}
	return w.fresh()
}

func (w *Writer) fresh() error {
	k, err := w.enc.take()
	if err != nil {
		return stopCause(w.ctx)
	}
	w.cur = k
	return nil
}

// hand gives the current block to the binder.
func (w *Writer) hand() error {
	k := w.cur
	w.cur = nil
	if k == nil || len(k.items) == 0 {
		return nil
	}
	select {
	case w.full <- k:
		return nil
	case <-w.ctx.Done():
		if k.large != nil {
			k.large.close()
		}
		return stopCause(w.ctx)
	}
}

// lay reads the item into the current block, behind room for its header, whose
// position it gives. An item that outgrows its block moves to a fresh one, and
// one that outgrows that to a spool, because a header states the size. A failure
// of the source leaves the package as it was; cap and spool failures lose it.
func (w *Writer) lay(it Item) (at int, size int64, err error) {
	r, err := it.Open()
	if err != nil {
		return 0, 0, unreadable(err)
	}
	defer r.Close()
	at = len(w.cur.buf)
	end := at + headerSize
	for done := false; !done; {
		if end == blockSize && at > 0 {
			err = w.move(at)
			if err != nil {
				return 0, 0, err
			}
			at, end = 0, end-at
		} else if end == blockSize {
			size, err = w.layLarge(r)
			return 0, size, err
		}
		n, err := r.Read(w.cur.buf[end:blockSize])
		end += n
		size = int64(end - at - headerSize)
		done, err = w.after(size, err)
		if err != nil {
			return 0, 0, err
		}
	}
	w.form = ciphertext.Of(w.cur.buf[at+headerSize : end])
	w.cur.buf = append(w.cur.buf[:end], padding(size)...) // blocks hold whole records, so there is room
	return at, size, nil
}

// move takes what a full block holds of an item, from at on, to a fresh one.
func (w *Writer) move(at int) error {
	full := w.cur
	err := w.fresh()
	if err != nil {
		return err
	}
	next := w.cur
	copy(next.buf[:blockSize], full.buf[at:blockSize])
	w.cur = full
	err = w.hand()
	w.cur = next
	return err
}

// layLarge reads the rest of an item that fills the current block into a spool.
func (w *Writer) layLarge(r io.Reader) (size int64, err error) {
	s, err := w.takeSpool()
	if err != nil {
		return 0, err
	}
	w.form = ciphertext.Of(w.cur.buf[headerSize:blockSize]) // the block is read into anew
	err = w.spool(s, w.cur.buf[:blockSize], r)
	if err != nil {
		w.free <- s
		return 0, err
	}
	w.cur.large = s
	return s.size, nil
}

// spool writes what a block holds of an item, and the rest of it through the block.
func (w *Writer) spool(to *spool, block []byte, r io.Reader) error {
	part := block[headerSize:]
	for done := false; ; {
		_, err := to.Write(part)
		if err != nil {
			w.fail(err)
			return err
		}
		if done {
			return nil
		}
		n, err := r.Read(block)
		part = block[:n]
		done, err = w.after(to.size+int64(n), err)
		if err != nil {
			return err
		}
	}
}

func (w *Writer) takeSpool() (*spool, error) {
	select {
	case s := <-w.free:
		if s.file != nil || cap(s.mem) > 2*inMemory {
			s.close()
			s = w.newSpool()
		}
		s.mem, s.size = s.mem[:0], 0
		return s, nil
	case <-w.ctx.Done():
		return nil, stopCause(w.ctx)
	}
}
