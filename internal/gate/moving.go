package gate

import "sync/atomic"

// moving counts what a run that is under way has given so far. The zero value is at the
// beginning. Nothing of it is written down, so a run that was cut off has none.
type moving struct{ items, bytes, withheld atomic.Int64 }

func (m *moving) gave(size int64) {
	m.items.Add(1)
	m.bytes.Add(size)
}

func (m *moving) progress() *Progress {
	return &Progress{Items: m.items.Load(), Bytes: m.bytes.Load(), Withheld: m.withheld.Load()}
}
