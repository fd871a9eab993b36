package blob

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"counterseal/internal/problem"
)

// history drives stores on one disk and remembers what must hold.
type history struct {
	t     *rapid.T
	disk  *memory
	none  *Dir
	open  []*Packed
	kept  map[string]bool // acknowledged, not removed
	gone  map[string]bool // removal acknowledged
	loose map[string]bool // unknown: an act failed
	next  int
}

func (h *history) store() *Packed {
	return h.open[rapid.IntRange(0, len(h.open)-1).Draw(h.t, "process")]
}

func (h *history) start() {
	p := openPacked(h.disk, h.none, rand.Reader)
	p.most = rapid.IntRange(3, 30).Draw(h.t, "records in a segment")
	p.limit = 3000
	h.open = append(h.open, p)
}

func (h *history) put() {
	p := h.store()
	n := rapid.IntRange(1, 4).Draw(h.t, "at once")
	errs := make([]error, n)
	names := make([]string, n)
	var all sync.WaitGroup
	for i := range n {
		h.next++
		names[i] = fmt.Sprint("blob ", h.next, strings.Repeat("x", rapid.IntRange(0, 1500).Draw(h.t, "length")))
		all.Go(func() { _, errs[i] = p.Put(h.t.Context(), []byte(names[i])) })
	}
	all.Wait()
	for i, err := range errs {
		if err == nil {
			h.kept[names[i]] = true
		} else {
			h.loose[names[i]] = true
		}
	}
}

func (h *history) remove() {
	for s := range h.kept {
		err := h.store().Remove(h.t.Context(), addressOf(s))
		delete(h.kept, s)
		if err == nil {
			h.gone[s] = true
		} else {
			h.loose[s] = true
		}
		return
	}
}

// holds asks a process, or a new one, for everything.
func (h *history) holds(p *Packed) {
	for s := range h.kept {
		b, err := p.Get(h.t.Context(), addressOf(s))
		if err != nil || string(b) != s {
			h.t.Fatalf("an acknowledged blob is lost: %.12q %v", s, err)
		}
	}
	for s := range h.gone {
		if _, err := p.Get(h.t.Context(), addressOf(s)); problem.Code(err) != "blob.missing" {
			h.t.Fatalf("a removed blob is back: %.12q %v", s, err)
		}
	}
	for s := range h.loose {
		b, err := p.Get(h.t.Context(), addressOf(s))
		if code := problem.Code(err); err == nil && string(b) != s || err != nil && code != "blob.missing" && code != "blob.corrupt" {
			h.t.Fatalf("%.12q %v", s, err)
		}
	}
}

// failing strikes one of the next acts of a kind.
func (h *history) failing() {
	op := rapid.SampledFrom([]string{"write", "sync", "sync folder", "create", "rename", "truncate", "remove", "open", "read", "list"}).Draw(h.t, "fails")
	after := rapid.IntRange(0, 2).Draw(h.t, "after")
	h.disk.fault = func(what string) error {
		if what != op {
			return nil
		}
		if after--; after >= 0 {
			return nil
		}
		return errDisk
	}
}

func (h *history) healthy() { h.disk.fault, h.disk.room = nil, -1 }

func (h *history) powerCut() {
	h.disk = h.disk.cut(func(n int) int { return rapid.IntRange(0, n).Draw(h.t, "reaches the disk") })
	h.open = nil
	h.start()
	h.holds(h.open[0])
}

func TestNoAcknowledgedBlobIsLostAndNoneComesBack(t *testing.T) {
	none := &Dir{root: t.TempDir()}
	rapid.Check(t, func(t *rapid.T) {
		h := &history{t: t, disk: newMemory(), none: none, kept: map[string]bool{}, gone: map[string]bool{}, loose: map[string]bool{}}
		h.start()
		t.Repeat(map[string]func(*rapid.T){
			"put":      func(t *rapid.T) { h.put() },
			"put more": func(t *rapid.T) { h.put() },
			"remove":   func(t *rapid.T) { h.remove() },
			"new process": func(t *rapid.T) {
				if len(h.open) < 3 {
					h.start()
				}
			},
			"close": func(t *rapid.T) {
				h.open[0].Close()
				h.open = h.open[1:]
				if len(h.open) == 0 {
					h.start()
				}
			},
			"kill": func(t *rapid.T) { // the disk keeps what was written, locks go
				h.disk.unlock()
				h.open = nil
				h.start()
			},
			"power cut": func(t *rapid.T) { h.powerCut() },
			"failing disk": func(t *rapid.T) {
				h.failing()
				h.put()
				if rapid.Bool().Draw(t, "compact too") {
					h.store().Compact(t.Context())
				}
				h.healthy()
			},
			"full disk": func(t *rapid.T) {
				h.disk.room = int64(rapid.IntRange(0, 3000).Draw(t, "room"))
				h.put()
				h.remove()
				if rapid.Bool().Draw(t, "compact too") {
					h.store().Compact(t.Context())
				}
				h.healthy()
			},
			"compact": func(t *rapid.T) {
				if _, err := h.store().Compact(t.Context()); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) { h.holds(h.store()) },
		})
		h.powerCut()
	})
}
