package sqlite

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/docket/storetest"
	"counterseal/internal/ledger"
	"counterseal/internal/problem"
)

func TestTheStoreKeepsDocketsContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Opened {
		path := filepath.Join(t.TempDir(), "s.db")
		var db *DB
		t.Cleanup(func() { db.Close() })
		var open func() storetest.Opened
		open = func() storetest.Opened {
			if db != nil {
				db.Close()
			}
			var err error
			db, err = Open(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			return storetest.Opened{Store: db.Docket(), Reopen: open, HasEntry: func(t *testing.T, id ledger.ID) bool {
				t.Helper()
				_, err := db.Ledger().Find(t.Context(), id)
				if err != nil && problem.Code(err) != "ledger.unknown" {
					t.Fatal(err)
				}
				return err == nil
			}}
		}
		return open()
	})
}

func TestAFullDiskIsAProblemWithARemedyAndLosesNothing(t *testing.T) {
	db := fresh(t)
	d := db.Docket()
	put := func(id demand.ID, size int) error {
		return d.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			record := docket.Record{Seq: 1, Chain: docket.Digest{1}, Sealed: make([]byte, size)}
			if err := tx.Append(ctx, id, 0, []docket.Record{record}); err != nil {
				return err
			}
			return tx.Put(ctx, id, docket.Row{Compartment: "general", Due: time.UnixMilli(1), Sealed: []byte("row")}, nil, nil)
		})
	}
	if err := put("bbbb-22", 10); err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := db.writer.QueryRow("PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	// SQLite answers as on a full disk, and ends the transaction by itself.
	limit := func(n int) {
		if _, err := db.writer.Exec("PRAGMA max_page_count = " + strconv.Itoa(n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages + 3)
	err := put("cccc-22", 1<<20)
	if p := problem.Of(err); p == nil || p.Code != "store.unavailable" || p.Remedy == "" {
		t.Fatalf("got %v", err)
	}
	for id, want := range map[demand.ID]demand.Seq{"bbbb-22": 1, "cccc-22": 0} {
		if s, err := d.Load(t.Context(), id); err != nil || s.Last != want {
			t.Errorf("%s: %d %v", id, s.Last, err)
		}
	}
	limit(1 << 30)
	if err := put("cccc-22", 1<<20); err != nil {
		t.Fatalf("with room again: %v", err)
	}
}
