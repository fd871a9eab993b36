package ledgertest

import (
	"context"
	"slices"
	"sync"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Memory is a ledger.Outbox and ledger.Placements in memory. Safe for
// concurrent use; nothing is durable.
type Memory struct {
	mu    sync.Mutex
	rows  []ledger.Placement // in order of insertion
	logs  map[ledger.Log][]ledger.Leaf
	epoch map[ledger.Log]uint64
}

// NewMemory makes an empty one.
func NewMemory() *Memory {
	return &Memory{logs: make(map[ledger.Log][]ledger.Leaf), epoch: make(map[ledger.Log]uint64)}
}

// Clone copies the present state: a backup to be restored later.
func (m *Memory) Clone() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := NewMemory()
	c.rows = slices.Clone(m.rows)
	for log, leaves := range m.logs {
		c.logs[log] = slices.Clone(leaves)
		c.epoch[log] = m.epoch[log]
	}
	return c
}

// Insert puts an entry into the outbox.
func (m *Memory) Insert(_ context.Context, e ledger.Entry) error {
	err := e.Validate()
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.rows {
		if r.Entry.ID == e.ID || r.Entry.Hash() == e.Hash() {
			if r.Entry.ID == e.ID && r.Entry.Hash() == e.Hash() && r.Entry.Log == e.Log && r.Entry.Urgent == e.Urgent {
				return nil
			}
			return problem.New(problem.Conflict, "ledger.entry_conflict", "another entry has this id or content")
		}
	}
	m.rows = append(m.rows, ledger.Placement{Entry: e})
	return nil
}

func (m *Memory) Claim(_ context.Context, log ledger.Log) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.epoch[log]++
	return m.epoch[log], nil
}

func (m *Memory) Size(_ context.Context, log ledger.Log) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return uint64(len(m.logs[log])), nil
}

func (m *Memory) Leaves(_ context.Context, log ledger.Log, from uint64, limit int) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out [][]byte
	all := m.logs[log]
	for i := from; i < uint64(len(all)) && len(out) < limit; i++ {
		out = append(out, all[i].Bytes)
	}
	return out, nil
}

func (m *Memory) Pending(_ context.Context, log ledger.Log, limit int) ([]ledger.Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []ledger.Entry
	for _, urgent := range []bool{true, false} {
		for _, r := range m.rows {
			if r.Entry.Log == log && !r.Sequenced && r.Entry.Urgent == urgent && len(out) < limit {
				out = append(out, r.Entry)
			}
		}
	}
	return out, nil
}

func (m *Memory) Sequence(_ context.Context, b ledger.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b.Epoch != m.epoch[b.Log] {
		return ledger.Fenced()
	}
	if b.First != uint64(len(m.logs[b.Log])) {
		return ledger.Mismatch("the database has another size")
	}
	rows := slices.Clone(m.rows)
	index := make(map[ledger.ID]int, len(rows))
	for i, r := range rows {
		index[r.Entry.ID] = i
	}
	for _, p := range b.Places {
		i, ok := index[p.Entry]
		if !ok || rows[i].Entry.Log != b.Log || rows[i].Sequenced {
			return ledger.Mismatch("an entry cannot be placed")
		}
		rows[i].Sequenced, rows[i].Sequence, rows[i].Position = true, p.Sequence, p.Position
	}
	m.rows = rows
	m.logs[b.Log] = append(m.logs[b.Log], b.Leaves...)
	return nil
}

func (m *Memory) Find(_ context.Context, id ledger.ID) (ledger.Placement, error) {
	return m.find(func(e ledger.Entry) bool { return e.ID == id })
}

// FindAll gives those of the entries that there are.
func (m *Memory) FindAll(ctx context.Context, ids []ledger.ID) (map[ledger.ID]ledger.Placement, error) {
	out := map[ledger.ID]ledger.Placement{}
	for _, id := range ids {
		if p, err := m.Find(ctx, id); err == nil {
			out[id] = p
		}
	}
	return out, nil
}

func (m *Memory) FindHash(_ context.Context, h proof.Hash) (ledger.Placement, error) {
	return m.find(func(e ledger.Entry) bool { return e.Hash() == h })
}

func (m *Memory) find(match func(ledger.Entry) bool) (ledger.Placement, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.rows {
		if match(r.Entry) {
			return r, nil
		}
	}
	return ledger.Placement{}, ledger.Unknown()
}

func (m *Memory) Interval(_ context.Context, seq uint64) (ledger.Interval, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	leaves := m.logs[ledger.InJournal]
	if seq >= uint64(len(leaves)) {
		return ledger.Interval{}, ledger.Unknown()
	}
	in := ledger.Interval{Leaf: leaves[seq].Bytes, Key: [32]byte(leaves[seq].Key)}
	for _, r := range m.rows {
		if r.Entry.Log == ledger.InJournal && r.Sequenced && r.Sequence == seq {
			in.Events = append(in.Events, proof.Placed{Position: r.Position, Event: r.Entry.Hash()})
		}
	}
	return in, nil
}
