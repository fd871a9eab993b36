package blob

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"sync"
	"syscall"
)

// memory is a disk that forgets what was not synced: a power cut leaves any
// part of it, sector by sector. Its writes can fail, and it can be full.
type memory struct {
	mu      sync.Mutex
	names   map[string]*inode // what processes see
	durable map[string]*inode // what a power cut leaves for certain
	moves   []move            // since the last Sync, in order

	fault func(op string) error // asked before each act; nil: none
	room  int64                 // bytes that still fit; -1: no limit
}

type move struct {
	old, name string // name is "" when old was removed, old "" when name was made
	node      *inode
}

type inode struct {
	seen    []byte // what processes see
	durable []byte
	writes  []written // since the last Sync, in order
	holders map[*handle]bool
	lone    bool // the lock is exclusive
}

type written struct {
	at   int64
	data []byte // nil: cut at this size
}

const sector = 512

func newMemory() *memory {
	return &memory{names: map[string]*inode{}, durable: map[string]*inode{}, room: -1}
}

func (m *memory) act(op string) error {
	if m.fault == nil {
		return nil
	}
	return m.fault(op)
}

func (m *memory) Names() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.names)), m.act("list")
}

func (m *memory) Open(name string, _ bool) (file, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[name]
	if n == nil {
		return nil, fs.ErrNotExist
	}
	return &handle{m: m, node: n}, m.act("open")
}

func (m *memory) Create(name string) (file, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names[name] != nil {
		return nil, fs.ErrExist
	}
	if err := m.act("create"); err != nil {
		return nil, err
	}
	n := &inode{holders: map[*handle]bool{}}
	m.names[name] = n
	m.moves = append(m.moves, move{name: name, node: n})
	return &handle{m: m, node: n}, nil
}

func (m *memory) Rename(old, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[old]
	if n == nil {
		return fs.ErrNotExist
	}
	if err := m.act("rename"); err != nil {
		return err
	}
	m.apply(m.names, move{old, name, n})
	m.moves = append(m.moves, move{old, name, n})
	return nil
}

func (m *memory) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[name]
	if n == nil {
		return fs.ErrNotExist
	}
	if err := m.act("remove"); err != nil {
		return err
	}
	m.apply(m.names, move{old: name})
	m.moves = append(m.moves, move{old: name})
	return nil
}

func (m *memory) Sync() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.act("sync folder"); err != nil {
		return err
	}
	m.durable, m.moves = maps.Clone(m.names), nil
	return nil
}

func (*memory) apply(names map[string]*inode, v move) {
	if v.old != "" {
		delete(names, v.old)
	}
	if v.name != "" {
		names[v.name] = v.node
	}
}

// cut gives the disk as it is after a power cut. upTo gives a number from 0 to
// n. Moves reach the disk in their order, writes in any.
func (m *memory) cut(upTo func(n int) int) *memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := newMemory()
	names := maps.Clone(m.durable)
	for _, v := range m.moves[:upTo(len(m.moves))] {
		m.apply(names, v)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		left := names[name].cut(upTo)
		n := &inode{seen: left, durable: slices.Clone(left), holders: map[*handle]bool{}}
		after.names[name], after.durable[name] = n, n
	}
	return after
}

// unlock ends all locks, as the end of all processes does.
func (m *memory) unlock() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.names {
		clear(n.holders)
	}
}

func (n *inode) cut(upTo func(n int) int) []byte {
	out := slices.Clone(n.durable)
	for _, w := range n.writes {
		if w.data == nil {
			if upTo(1) == 1 && int64(len(out)) > w.at {
				out = out[:w.at]
			}
			continue
		}
		for i := 0; i < len(w.data); {
			end := min(i+sector-int(w.at+int64(i))%sector, len(w.data))
			if upTo(1) == 1 {
				out = put1(out, w.at+int64(i), w.data[i:end])
			}
			i = end
		}
	}
	return out
}

func put1(b []byte, at int64, data []byte) []byte {
	if need := at + int64(len(data)) - int64(len(b)); need > 0 {
		b = append(b, make([]byte, need)...)
	}
	copy(b[at:], data)
	return b
}

type handle struct {
	m    *memory
	node *inode
}

func (h *handle) ReadAt(b []byte, at int64) (int, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.act("read"); err != nil {
		return 0, err
	}
	if at >= int64(len(h.node.seen)) {
		return 0, io.EOF
	}
	n := copy(b, h.node.seen[at:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

func (h *handle) WriteAt(b []byte, at int64) (n int, err error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.act("write"); err != nil {
		return 0, err
	}
	data := slices.Clone(b)
	if h.m.room >= 0 && int64(len(data)) > h.m.room {
		data, err = data[:h.m.room], syscall.ENOSPC
	}
	if h.m.room >= 0 {
		h.m.room -= int64(len(data))
	}
	if len(data) > 0 {
		h.node.seen = put1(h.node.seen, at, data)
		h.node.writes = append(h.node.writes, written{at, data})
	}
	return len(data), err
}

func (h *handle) Truncate(size int64) error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.act("truncate"); err != nil {
		return err
	}
	if size <= int64(len(h.node.seen)) {
		h.node.seen = h.node.seen[:size]
		h.node.writes = append(h.node.writes, written{at: size})
	} else {
		data := make([]byte, size-int64(len(h.node.seen)))
		h.node.writes = append(h.node.writes, written{int64(len(h.node.seen)), data})
		h.node.seen = append(h.node.seen, data...)
	}
	return nil
}

// Sync makes durable what was written. Where it fails, what was written is still
// seen and no later Sync will write it: that is how Linux does it.
func (h *handle) Sync() error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	if err := h.m.act("sync"); err != nil {
		h.node.writes = nil
		return err
	}
	for _, w := range h.node.writes {
		switch {
		case w.data != nil:
			h.node.durable = put1(h.node.durable, w.at, w.data)
		case int64(len(h.node.durable)) > w.at:
			h.node.durable = h.node.durable[:w.at]
		}
	}
	h.node.writes = nil
	return nil
}

func (h *handle) Size() (int64, error) {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	return int64(len(h.node.seen)), nil
}

func (h *handle) Lock(exclusive, wait bool) error {
	for {
		h.m.mu.Lock()
		others := len(h.node.holders)
		if h.node.holders[h] {
			others--
		}
		if others == 0 || (!exclusive && !h.node.lone) {
			h.node.holders[h], h.node.lone = true, exclusive
			h.m.mu.Unlock()
			return nil
		}
		h.m.mu.Unlock()
		if !wait {
			return errLocked
		}
		runtime.Gosched()
	}
}

func (h *handle) Close() error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	delete(h.node.holders, h)
	return nil
}

var errDisk = errors.New("input/output error")
