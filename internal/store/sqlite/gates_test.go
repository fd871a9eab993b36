package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/store/sqlite"
)

func entry(n byte) ledger.Entry {
	return ledger.Entry{ID: ledger.ID{n}, Log: ledger.InJournal, Urgent: true, Event: proof.Opening{Salt: [32]byte{n}, Digest: [32]byte{0xd0, n}}}
}

func TestAGatesCounterRisesByOneWithItsEntry(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "x.db")
	db, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	l := db.Ledger()
	if n, _, err := l.GateCounter(ctx, "g"); n != 0 || err != nil {
		t.Fatalf("a gate begins at 0: %d, %v", n, err)
	}
	for n := byte(1); n <= 3; n++ {
		if err := l.CommitCounter(ctx, "g", uint64(n), entry(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.CommitCounter(ctx, "g", 3, entry(3)); err != nil {
		t.Fatalf("the same counter again changes nothing: %v", err)
	}
	for name, c := range map[string]struct {
		n uint64
		e ledger.Entry
	}{"replayed with another digest": {3, entry(9)}, "skipped": {5, entry(5)}, "gone back": {2, entry(2)}} {
		if err := l.CommitCounter(ctx, "g", c.n, c.e); problem.Code(err) != "ledger.counter" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	db.Close()
	db, err = sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n, digest, err := db.Ledger().GateCounter(ctx, "g")
	if n != 3 || digest != entry(3).Event.Digest || err != nil {
		t.Fatalf("after reopening: %d %x %v", n, digest, err)
	}
	id, err := db.Ledger().FindDigest(ctx, entry(2).Event.Digest)
	if id != entry(2).ID || err != nil {
		t.Fatalf("by digest: %x, %v", id, err)
	}
	if _, err := db.Ledger().FindDigest(ctx, [32]byte{1}); problem.Code(err) != "ledger.unknown" {
		t.Fatalf("an unknown digest: %v", err)
	}
	if _, err := db.Ledger().FindDigest(ctx, entry(9).Event.Digest); problem.Code(err) != "ledger.unknown" {
		t.Fatalf("a refused counter must leave no entry: %v", err)
	}
}
