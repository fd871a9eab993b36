package sqlite

import (
	"path/filepath"
	"testing"

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
