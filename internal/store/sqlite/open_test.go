package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"

	"counterseal/internal/problem"
)

func fresh(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "a store?with#odd%20name.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestAStoreIsReadableByItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(name), info.Mode())
		}
	}
}

func TestAStoreOpensAgainAndKeepsItsMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	for range 3 {
		db, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err = db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMissingFolderIsAProblemWithARemedyAndWithoutPaths(t *testing.T) {
	_, err := Open(t.Context(), filepath.Join(t.TempDir(), "absent", "s.db"))
	p := problem.Of(err)
	if p == nil || p.Code != "store.unavailable" || p.Kind != problem.Unavailable || p.Remedy == "" {
		t.Fatalf("got %v", err)
	}
}

func TestAFileThatIsNoStoreIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	if err := os.WriteFile(path, []byte("this is certainly not a database, and long enough to be looked at as one ............................"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path); problem.Code(err) != "store.unavailable" {
		t.Fatalf("got %v", err)
	}
}

func TestAnAppliedMigrationThatChangedOrVanishedRefusesToStart(t *testing.T) {
	one := &fstest.MapFile{Data: []byte("CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE b (x TEXT) STRICT;")}
	two := &fstest.MapFile{Data: []byte("CREATE TABLE c (x INTEGER) STRICT;")}
	before := fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0002_two.sql": two}
	cases := map[string]struct {
		files fstest.MapFS
		code  string
	}{
		"the same":         {before, ""},
		"one more":         {fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0002_two.sql": two, "migrations/0003_three.sql": {Data: []byte("DROP TABLE c;")}}, ""},
		"the last changed": {fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0002_two.sql": one}, "store.migration"},
		"the last missing": {fstest.MapFS{"migrations/0001_one.sql": one}, "store.migration"},
		"one in between":   {fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0001_other.sql": two, "migrations/0002_two.sql": two}, "store.migration"},
		"renamed":          {fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0002_zwei.sql": two}, "store.migration"},
		"a new one fails":  {fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0002_two.sql": two, "migrations/0003_three.sql": {Data: []byte("CREATE TABLE d (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT;")}}, "store.migration"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "s.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if err = migrate(t.Context(), db, before); err != nil {
				t.Fatal(err)
			}
			if err = migrate(t.Context(), db, c.files); problem.Code(err) != c.code {
				t.Fatalf("got %v, want %q", err, c.code)
			}
			if err = migrate(t.Context(), db, before); c.code != "" && err != nil {
				t.Fatalf("a refused start must change nothing: %v", err)
			}
		})
	}
}

func number(t *testing.T, db *DB) {
	t.Helper()
	if _, err := db.writer.Exec("CREATE TABLE n (x INTEGER PRIMARY KEY) STRICT"); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *DB) (n int) {
	t.Helper()
	if err := db.reader.QueryRow("SELECT count(*) FROM n").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOneFailingTransactionOfAGroupTakesNothingOfTheOthers(t *testing.T) {
	db := fresh(t)
	number(t, db)
	mine := errors.New("mine")
	var group []*job
	for i := range 10 {
		group = append(group, &job{ctx: t.Context(), do: func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, "INSERT INTO n (x) VALUES ($1)", i); err != nil {
				return err
			}
			if i == 9 || i == 3 {
				return mine
			}
			return nil
		}})
	}
	db.runGroup(group)
	for i, j := range group {
		if fails := i == 9 || i == 3; fails != (j.err == mine) || (!fails && j.err != nil) {
			t.Errorf("job %d: %v", i, j.err)
		}
	}
	if n := count(t, db); n != 8 {
		t.Fatalf("%d rows, want 8", n)
	}
}

func TestAGroupWhoseTransactionIsLostAnswersNobodyWithSuccess(t *testing.T) {
	db := fresh(t)
	number(t, db)
	insert := func(x int, then string) *job {
		return &job{ctx: t.Context(), do: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO n (x) VALUES ("+strconv.Itoa(x)+");"+then)
			return err
		}}
	}
	// A full disk makes SQLite end the transaction by itself; a plain ROLLBACK does the same to us.
	group := []*job{insert(1, ""), insert(2, "ROLLBACK"), insert(3, "")}
	db.runGroup(group)
	for i, j := range group {
		if problem.Code(j.err) != "store.unavailable" {
			t.Errorf("job %d: %v", i, j.err)
		}
	}
	if n := count(t, db); n != 0 {
		t.Fatalf("%d rows remain", n)
	}
	if err := db.update(t.Context(), insert(4, "").do); err != nil {
		t.Fatalf("the store must go on after a lost group: %v", err)
	}
}

func TestAPanicInOneTransactionLeavesTheStoreUsable(t *testing.T) {
	db := fresh(t)
	number(t, db)
	func() {
		defer func() { recover() }()
		db.update(t.Context(), func(context.Context, *sql.Tx) error { panic("a defect") })
	}()
	err := db.update(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO n (x) VALUES (1)")
		return err
	})
	if err != nil || count(t, db) != 1 {
		t.Fatalf("%v", err)
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	db := fresh(t)
	number(t, db)
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for i := range 25 {
				err := db.update(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
					_, err := tx.ExecContext(ctx, "INSERT INTO n (x) VALUES ($1)", w*1000+i)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := count(t, db); n != 400 {
		t.Fatalf("%d rows, want 400", n)
	}
}

func TestACancelledCallerDoesNotWrite(t *testing.T) {
	db := fresh(t)
	number(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := db.update(ctx, func(context.Context, *sql.Tx) error { t.Error("ran"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestAReaderCannotWrite(t *testing.T) {
	db := fresh(t)
	number(t, db)
	err := db.view(t.Context(), func(ctx context.Context, tx asking) error {
		return tx.QueryRowContext(ctx, "INSERT INTO n (x) VALUES (1) RETURNING x").Scan(new(int))
	})
	if err == nil {
		t.Fatal("a view wrote")
	}
}

// A view whose work fails or panics must not leave its snapshot open: the next on its
// connection would begin no other, or see what was.
func TestAViewEndsWithItsWorkHoweverThatEnds(t *testing.T) {
	db := fresh(t)
	number(t, db)
	for i := range 40 { // more than there are connections
		func() {
			defer func() { _ = recover() }()
			_ = db.view(t.Context(), func(ctx context.Context, tx asking) error {
				if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM n").Scan(new(int)); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					panic("in a view")
				}
				return errors.New("in a view")
			})
		}()
		insert := func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO n (x) VALUES ($1)", 100+i)
			return err
		}
		if err := db.update(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		err := db.view(t.Context(), func(ctx context.Context, tx asking) error {
			return tx.QueryRowContext(ctx, "SELECT x FROM n WHERE x = $1", 100+i).Scan(new(int))
		})
		if err != nil {
			t.Fatalf("after %d: %v", i, err)
		}
	}
}
