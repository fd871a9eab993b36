package ledger_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
	"counterseal/internal/ledger/proof"
)

func TestAnEventIsProvenAfterItsTick(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	e := ledgertest.Event(false)
	_, err := w.reader().Prove(t.Context(), ledger.ByID(e.ID))
	wantCode(t, err, "ledger.unknown")
	w.insert(e)
	_, err = w.reader().Prove(t.Context(), ledger.ByID(e.ID))
	wantCode(t, err, "ledger.pending")
	w.tick(j)
	for _, ref := range []ledger.Ref{ledger.ByID(e.ID), ledger.ByHash(e.Hash())} {
		p, err := w.reader().Await(t.Context(), ref)
		must(t, err)
		parsed, err := proof.ParseProof(p.Marshal())
		must(t, err)
		v, err := proof.Verify(parsed, e.Event.Digest, w.policy)
		must(t, err)
		if !v.Tick.Equal(w.clock.Truncate(ledger.MinPeriod)) || v.Index != 0 || len(v.Witnesses) != 1 {
			t.Fatalf("got %+v", v)
		}
	}
}

func TestATickHoldsWhatWaitedWhenItBeganUnderItsTime(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	before, after := ledgertest.Event(false), ledgertest.Event(true)
	w.insert(before)
	w.clock = w.clock.Add(ledger.MinPeriod)
	began := w.clock.Truncate(ledger.MinPeriod)
	finish, err := j.Begin(t.Context())
	must(t, err)
	w.insert(after)
	w.clock = w.clock.Add(time.Hour)
	must(t, finish(t.Context()))
	p, err := w.reader().Await(t.Context(), ledger.ByID(before.ID))
	must(t, err)
	v, err := proof.Verify(p, before.Event.Digest, w.policy)
	must(t, err)
	if !v.Tick.Equal(began) {
		t.Errorf("it stands under %v, and the tick began at %v", v.Tick, began)
	}
	_, err = w.reader().Prove(t.Context(), ledger.ByID(after.ID))
	wantCode(t, err, "ledger.pending")
	w.tick(j)
	_, err = w.reader().Await(t.Context(), ledger.ByID(after.ID))
	must(t, err)
	// A tick that cannot begin leaves the journal free for the next.
	_, err = j.Begin(t.Context())
	wantCode(t, err, "ledger.clock")
	w.tick(j)
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	w := newWorld(t, "journal.example")
	w.journal()
	e := ledgertest.Event(false)
	w.insert(e)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err := w.reader().Await(ctx, ledger.ByID(e.ID))
	wantCode(t, err, "ledger.pending")
}

func TestIdleAndBusyTicksLookAlike(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	for i := range 6 {
		for range i * 40 {
			w.insert(ledgertest.Event(false))
		}
		w.tick(j)
		leaves, err := w.db.Leaves(t.Context(), ledger.InJournal, 0, 99)
		must(t, err)
		if len(leaves) != i+1 || len(leaves[i]) != proof.JournalLeafSize {
			t.Fatalf("tick %d: %d leaves, last of %d bytes", i, len(leaves), len(leaves[i]))
		}
	}
	w.published(ledger.InJournal, 6)
}

func TestUrgentEntriesOvertakeAFloodAndTheOverflowWaits(t *testing.T) {
	w := newWorld(t, "journal.example")
	db := &flood{Memory: w.db}
	c := w.config()
	c.Outbox = db
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	defer j.Close()
	for range proof.Places + 3 {
		db.waiting = append(db.waiting, ledgertest.Event(false))
	}
	grant := ledgertest.Event(true)
	db.waiting = append(db.waiting, grant)
	w.tick(j)
	if len(db.placed) != proof.Places || db.placed[0].Entry != grant.ID {
		t.Fatalf("%d placed", len(db.placed))
	}
	seen := make(map[uint16]bool)
	for _, p := range db.placed {
		seen[p.Position] = true
	}
	if len(seen) != proof.Places {
		t.Fatalf("%d distinct places", len(seen))
	}
	w.tick(j)
	if len(db.placed) != proof.Places+4 {
		t.Fatalf("%d placed after the next tick", len(db.placed))
	}
}

// flood is an outbox too full for Memory's slow scans.
type flood struct {
	*ledgertest.Memory
	waiting []ledger.Entry
	placed  []ledger.Place
}

func (f *flood) Pending(_ context.Context, _ ledger.Log, limit int) ([]ledger.Entry, error) {
	var out []ledger.Entry
	for _, urgent := range []bool{true, false} {
		for _, e := range f.waiting {
			if e.Urgent == urgent && len(out) < limit {
				out = append(out, e)
			}
		}
	}
	return out, nil
}

func (f *flood) Sequence(ctx context.Context, b ledger.Batch) error {
	f.placed = append(f.placed, b.Places...)
	gone := make(map[ledger.ID]bool)
	for _, p := range b.Places {
		gone[p.Entry] = true
	}
	var left []ledger.Entry
	for _, e := range f.waiting {
		if !gone[e.ID] {
			left = append(left, e)
		}
	}
	f.waiting = left
	b.Places = nil
	return f.Memory.Sequence(ctx, b)
}

func TestATickNeedsAClockThatMoves(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	wantCode(t, j.Tick(t.Context()), "ledger.clock")
	j.Close()
	w.clock = w.clock.Add(-time.Hour)
	again := w.journal()
	wantCode(t, again.Tick(t.Context()), "ledger.clock")
	if size, _ := w.db.Size(t.Context(), ledger.InJournal); size != 1 {
		t.Fatalf("%d leaves", size)
	}
}

func TestRunWritesOneLeafForEachTick(t *testing.T) {
	w := newWorld(t, "journal.example")
	c := w.config()
	c.Now = time.Now
	c.Period = 500 * time.Millisecond // long enough for a busy machine
	c.Failed = func(err error) { t.Error(err) }
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	defer j.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 4*c.Period+c.Period/2)
	defer cancel()
	must(t, j.Run(ctx))
	leaves, err := w.db.Leaves(t.Context(), ledger.InJournal, 0, 99)
	must(t, err)
	if len(leaves) < 4 || len(leaves) > 5 {
		t.Fatalf("%d leaves", len(leaves))
	}
	var last int64
	for i, b := range leaves {
		leaf, err := proof.ParseJournalLeaf(b)
		must(t, err)
		if i > 0 && leaf.TickMillis != last+c.Period.Milliseconds() {
			t.Errorf("leaf %d: %d after %d", i, leaf.TickMillis, last)
		}
		last = leaf.TickMillis
	}
}

func TestConsistencyLeadsFromEachHeadToTheNext(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	heads := []ledger.Head{w.publishedAfter(j, 1), w.publishedAfter(j, 4), w.publishedAfter(j, 3)}
	r := w.reader()
	for i := 1; i < len(heads); i++ {
		hashes, err := r.Consistency(t.Context(), heads[i-1].Size, heads[i].Size)
		must(t, err)
		must(t, proof.Consistent(heads[i-1].Checkpoint, heads[i].Checkpoint, hashes))
	}
	for _, pair := range [][2]uint64{{5, 4}, {0, 99}} {
		_, err := r.Consistency(t.Context(), pair[0], pair[1])
		wantCode(t, err, "ledger.range")
	}
}

func (w *world) publishedAfter(j *ledger.Journal, ticks int) ledger.Head {
	w.t.Helper()
	for range ticks {
		w.tick(j)
	}
	size, err := w.db.Size(w.t.Context(), ledger.InJournal)
	must(w.t, err)
	return w.published(ledger.InJournal, size)
}

func TestWithoutItsWitnessTheLogPublishesNothing(t *testing.T) {
	w := newWorld(t, "journal.example")
	c := w.config()
	c.HTTP.Transport = nil
	c.HTTP = nil
	c.Witnesses[0].URL = "http://127.0.0.1:1/"
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	e := ledgertest.Event(false)
	w.insert(e)
	w.tick(j)
	time.Sleep(300 * time.Millisecond)
	_, err = w.reader().Prove(t.Context(), ledger.ByID(e.ID))
	wantCode(t, err, "ledger.pending")
	must(t, j.Close())
	// With its witness back, the next tick makes up for it.
	w.tick(w.journal())
	_, err = w.reader().Await(t.Context(), ledger.ByID(e.ID))
	must(t, err)
}

func TestSecondWriterGetsBusy(t *testing.T) {
	w := newWorld(t, "journal.example")
	first := w.journal()
	_, err := ledger.OpenJournal(t.Context(), w.config())
	wantCode(t, err, "ledger.busy")
	w.tick(first)
	// A writer elsewhere, on a copy of the directory, fences this one out.
	_, err = w.db.Claim(t.Context(), ledger.InJournal)
	must(t, err)
	w.clock = w.clock.Add(time.Second)
	wantCode(t, first.Tick(t.Context()), "ledger.busy")
	wantCode(t, first.Tick(t.Context()), "ledger.busy")
	must(t, first.Close())
	wantCode(t, first.Tick(t.Context()), "ledger.closed")
	w.tick(w.journal())
}

func TestReadersDoNotDisturbTheWriter(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	e := ledgertest.Event(false)
	w.insert(e)
	w.tick(j)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				if _, err := w.reader().Await(t.Context(), ledger.ByID(e.ID)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 5 {
		w.tick(j)
	}
	wg.Wait()
}
