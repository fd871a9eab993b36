package ledger_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
)

// TestAProofIsThereSoonAfterItsEntry measures entry → proof at the shortest
// tick. The bound is loose: the machine may be busy.
func TestAProofIsThereSoonAfterItsEntry(t *testing.T) {
	w := newWorld(t, "journal.example")
	c := w.config()
	c.Now = time.Now
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()
	var took []time.Duration
	for i := range 24 {
		time.Sleep(time.Duration(i*17) * time.Millisecond % ledger.MinPeriod)
		e := ledgertest.Event(true)
		start := time.Now()
		w.insert(e)
		_, err := w.reader().Await(t.Context(), ledger.ByID(e.ID))
		must(t, err)
		took = append(took, time.Since(start))
	}
	cancel()
	must(t, <-done)
	must(t, j.Close())
	slices.Sort(took)
	t.Logf("entry to proof: median %v, worst of %d %v", took[len(took)/2], len(took), took[len(took)-1])
	if took[len(took)/2] > time.Second {
		t.Errorf("median %v", took[len(took)/2])
	}
}

// BenchmarkTick is one idle tick: tree, database in memory, log on disk.
func BenchmarkTick(b *testing.B) {
	w := newWorld(b, "journal.example")
	j := w.journal()
	for b.Loop() {
		w.clock = w.clock.Add(time.Second)
		must(b, j.Tick(b.Context()))
	}
}

func BenchmarkProve(b *testing.B) {
	w := newWorld(b, "journal.example")
	j := w.journal()
	e := ledgertest.Event(true)
	w.insert(e)
	w.tick(j)
	w.published(ledger.InJournal, 1)
	for b.Loop() {
		_, err := w.reader().Prove(b.Context(), ledger.ByID(e.ID))
		must(b, err)
	}
}
