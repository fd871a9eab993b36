package ledger

import (
	"context"
	"sync"
	"time"
)

// Bell tells those who wait in this process that a checkpoint was published, so
// that they need not look for it again and again. It promises no more than that:
// what stands in the log says the log, and whoever waits looks from time to time
// whether or not it has rung, as another process may be the one that writes. Nil
// never rings. Safe for concurrent use.
type Bell struct {
	mu   sync.Mutex
	next chan struct{} // closed when it rings; nil while nobody waits
}

// Rung gives a channel that is closed when the bell rings next. Whoever asks for it
// and looks then misses nothing.
func (b *Bell) Rung() <-chan struct{} {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *Bell) ring() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

// Wait waits until the bell has rung, for at most so long, or until ctx ends, whose
// error it gives.
func Wait(ctx context.Context, rung <-chan struct{}, most time.Duration) error {
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-rung:
	case <-t.C:
	}
	return nil
}
