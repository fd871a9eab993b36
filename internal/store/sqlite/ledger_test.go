package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
)

func TestTheLedgersOutboxKeepsItsContract(t *testing.T) {
	ledgertest.Outbox(t, func(t *testing.T) ledgertest.Store { return fresh(t).Ledger() })
}

func TestAnEntryComesAndGoesWithTheTransactionOfItsEvent(t *testing.T) {
	db := fresh(t)
	e := ledgertest.Event(true)
	refused := errors.New("the event was refused")
	err := db.update(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		if err := InsertEntry(ctx, tx, e); err != nil {
			t.Fatal(err)
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatalf("got %v", err)
	}
	left, err := db.Ledger().Pending(t.Context(), ledger.InJournal, 9)
	if err != nil || len(left) != 0 {
		t.Fatalf("got %v, %v", left, err)
	}
}
