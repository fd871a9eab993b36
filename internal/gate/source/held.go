package source

import (
	"bytes"
	"io"

	"counterseal/internal/problem"
)

// Held is an item's bytes that stand in memory while its callback runs.
type Held struct {
	bytes  []byte
	r      bytes.Reader
	closed bool
}

// Give calls item with an item whose bytes are content, and takes the bytes back
// when item returns: content can be written over then.
func Give(it Item, content []byte, item func(Item) error) error {
	h := &Held{bytes: content}
	it.Size, it.Open = int64(len(content)), h.open
	err := item(it)
	h.closed, h.bytes = true, nil
	return err
}

func (h *Held) open() (io.ReadCloser, error) {
	if h.closed {
		return nil, Overdue()
	}
	h.r.Reset(h.bytes)
	return h, nil
}

func (h *Held) Read(p []byte) (int, error) {
	if h.closed {
		return 0, Overdue()
	}
	return h.r.Read(p)
}

// Close implements io.Closer.
func (h *Held) Close() error { return nil }

// Overdue says that bytes were asked for after their item's callback.
func Overdue() error {
	return problem.New(problem.Internal, "source.closed", "an item's bytes can be read only while it is given")
}
