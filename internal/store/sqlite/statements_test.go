package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
)

func opened(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "s.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestATextMayBeAskedWhileItsRowsAreRead(t *testing.T) {
	conn, err := opened(t).writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const text = "SELECT value FROM json_each($1)"
	outer, err := conn.QueryContext(t.Context(), text, "[1,2,3]")
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	var sum int
	for outer.Next() {
		var n, inner int
		if err = outer.Scan(&n); err != nil {
			t.Fatal(err)
		}
		if err = conn.QueryRowContext(t.Context(), text, fmt.Sprintf("[%d]", n*10)).Scan(&inner); err != nil {
			t.Fatal(err)
		}
		sum += inner
	}
	if sum != 60 || outer.Err() != nil {
		t.Fatalf("%d %v", sum, outer.Err())
	}
}

func TestAStatementIsGoodAfterItFailedWasCancelledOrTheTablesChanged(t *testing.T) {
	db := opened(t).writer
	run := func(text string, args ...any) error {
		_, err := db.ExecContext(t.Context(), text, args...)
		return err
	}
	const insert = "INSERT INTO t (a) VALUES ($1)"
	if run("CREATE TABLE t (a INTEGER NOT NULL PRIMARY KEY) STRICT") != nil || run(insert, 1) != nil {
		t.Fatal("no table")
	}
	if run(insert, 1) == nil || run(insert, "no number") == nil {
		t.Fatal("a bad row was taken")
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.ExecContext(cancelled, insert, 2); err == nil {
		t.Fatal("cancelled, and done")
	}
	if err := run("ALTER TABLE t ADD COLUMN b TEXT"); err != nil {
		t.Fatal(err)
	}
	if err := run(insert, 2); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM t").Scan(&n); err != nil || n != 2 {
		t.Fatalf("%d rows, %v", n, err)
	}
}

func TestTextsBeyondTheBoundGoTheLongWay(t *testing.T) {
	db := opened(t).writer
	for i := range 2*maxStatements + 1 {
		var n int
		if err := db.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d", i)).Scan(&n); err != nil || n != i {
			t.Fatalf("%d %v", n, err)
		}
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		if n := len(c.(*compiled).statements); n != maxStatements {
			return fmt.Errorf("%d statements are kept", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
