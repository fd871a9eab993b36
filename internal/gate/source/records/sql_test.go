package records_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"counterseal/internal/gate/source/table"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
)

// rowsOf collects what a store gives: cells joined, or the reason.
func rowsOf(t testing.TB, s *table.Store) (out []string, err error) {
	t.Helper()
	err = s.Rows(t.Context(), table.Ask{Account: "ac-1"}, func(r *table.Row) error {
		out = append(out, r.Bad+strings.Join(r.Cells, "|"))
		return nil
	})
	return out, err
}

// A query reads the wanted columns as text, so that no driver makes UTC of a time
// without a zone, and a name that is no column is not taken for a text.
func TestAQueryGivesTextAndCannotWrite(t *testing.T) {
	dir := t.TempDir()
	fill(t, filepath.Join(dir, "f.db"))
	for query, want := range map[string]any{
		"SELECT at AS a, n AS c FROM t":                           []string{"2013-04-02 06:00:00|1.5", "|9007199254740993"},
		"SELECT at AS a, n AS c, secret FROM t WHERE who = $1":    []string{"2013-04-02 06:00:00|1.5"},
		"SELECT at AS a, b AS c FROM t -- a comment at the end":   []string{"source.row_text", "|"},
		"SELECT at AS a FROM t":                                   "source.unreadable",
		"DELETE FROM t RETURNING at AS a, n AS c":                 "source.unreadable",
		"SELECT 1 AS a, writefile('x','y') AS c":                  "source.unreadable",
		"SELECT a, c FROM (SELECT 1 AS a), (SELECT x AS c FROM t": "source.unreadable",
	} {
		opened, err := table.New(table.Config{Form: table.SQLite, Root: dir, Files: []string{"f.db"}, Query: query}, []string{"a", "c"})
		must(t, err)
		got, err := rowsOf(t, opened)
		if code, fails := want.(string); fails {
			if problem.Code(err) != code || opened.Probe(t.Context()) == nil {
				t.Errorf("%s: %v, %q", query, err, got)
			}
			continue
		}
		must(t, opened.Probe(t.Context()))
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s: %v %s", query, err, d)
		}
	}
}

func fill(t testing.TB, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	for _, q := range []string{
		"CREATE TABLE t (who TEXT, at TIMESTAMP, n, b BLOB, secret TEXT)",
		"INSERT INTO t VALUES ('ac-1', '2013-04-02 06:00:00', 1.5, x'ff', 'hunter2')",
		"INSERT INTO t VALUES ('ac-2', NULL, 9007199254740993, NULL, 'hunter2')",
	} {
		_, err := db.Exec(q)
		must(t, err)
	}
}

// A zero byte ends a text for some of SQLite's functions: a cell that holds one is given
// whole, and another account's id does not become this one's by it.
func TestACellWithAZeroByteIsGivenWholeAndIsNobodyElses(t *testing.T) {
	for _, encoding := range []string{"UTF-8", "UTF-16le"} {
		dir := t.TempDir()
		db, err := sql.Open("sqlite", filepath.Join(dir, "f.db"))
		must(t, err)
		defer db.Close()
		for _, q := range []string{
			"PRAGMA encoding = '" + encoding + "'",
			"CREATE TABLE t (account TEXT, login_at TEXT, agent)",
			"INSERT INTO t VALUES ('ac-june', '2013-04-02 06:00:00', 'seen' || char(0) || 'hæ' || char(0)), ('ac-june' || char(0) || 'x', '2013-04-02 07:00:00', 'somebody else''s')",
			"INSERT INTO t VALUES ('ac-june', '2013-04-02 08:00:00', 17.25), ('ac-june', '2013-04-02 09:00:00', printf('%.*c', 262145, 'x')), ('ac-june', '2013-04-02 10:00:00', replace(printf('%.*c', 262144, 'x'), 'x', '😀'))",
		} {
			_, err := db.Exec(q)
			must(t, err)
		}
		cfg := sessions(table.Config{Form: table.SQLite, Root: dir, Files: []string{"f.db"}, Query: "SELECT * FROM t"})
		_, texts, gaps, err := collect(t, open(t, cfg), "ac-june")
		must(t, err)
		if len(texts) != 3 || !strings.Contains(texts[0], `"device":"seen\u0000hæ\u0000"`) || !strings.Contains(texts[1], `"device":"17.25"`) || strings.Count(texts[2], "😀") != 262144 {
			t.Errorf("%s: %d, %.300q", encoding, len(texts), texts)
		}
		if d := cmp.Diff([]string{"source.account_form at sessions: f.db, line 2", "source.row_too_long at sessions: f.db, line 4"}, gaps); d != "" {
			t.Errorf("%s: %s", encoding, d)
		}
	}
}

func TestPostgreSQLIsReadAsOneSnapshotInUTC(t *testing.T) {
	connection := servers.PostgreSQL(t).Connection
	db, err := sql.Open("pgx", connection)
	must(t, err)
	defer db.Close()
	for _, q := range []string{
		"CREATE TABLE sessions (account text, secret text, login_at timestamp, zoned timestamptz, agent text)",
		"INSERT INTO sessions VALUES ('ac-june', 'hunter2', '2013-04-02 06:00:00', '2013-04-02 06:00:00-04', 'Example/1.0'), ('ac-mercer', 'x', NULL, NULL, 'y')",
		"INSERT INTO sessions SELECT 'ac-many', 's', '2013-01-01'::timestamp + n * interval '1 second', NULL, 'n' || n FROM generate_series(1, 50000) n",
	} {
		_, err := db.Exec(q)
		must(t, err)
	}
	cfg := sessions(table.Config{Form: table.Postgres, Connection: connection, Query: "SELECT * FROM sessions WHERE account = $1"})
	must(t, open(t, cfg).Probe(t.Context()))
	_, texts, gaps, err := collect(t, open(t, cfg), "ac-june")
	must(t, err)
	want := []string{`{"store":"sessions","account":"ac-june","category":"identification","fields":{"session_start":{"stated":"2013-04-02 06:00:00","utc":"2013-04-02T06:00:00Z"},"device":"Example/1.0"}}` + "\n"}
	if d := cmp.Diff(want, texts); d != "" || len(gaps) > 0 {
		t.Errorf("%v %s", gaps, d)
	}
	// A time without a zone is the column's, one with a zone its own, whatever the server's.
	zoned := cfg
	zoned.Table.Query = "SELECT account, zoned AS login_at, agent FROM sessions WHERE account = $1"
	_, texts, _, err = collect(t, open(t, zoned), "ac-june")
	must(t, err)
	if len(texts) != 1 || !strings.Contains(texts[0], `"stated":"2013-04-02 10:00:00+00","utc":"2013-04-02T10:00:00Z"`) {
		t.Errorf("%q", texts)
	}
	for _, query := range []string{"DELETE FROM sessions RETURNING *", "WITH gone AS (DELETE FROM sessions RETURNING *) SELECT * FROM gone", "SELECT account, agent FROM sessions", "SELECT nextval('x') AS account", "SELECT * FROM nowhere"} {
		bad := cfg
		bad.Table.Query = query
		if _, _, _, err := collect(t, open(t, bad), "ac-june"); problem.Code(err) != "source.unreadable" {
			t.Errorf("%s: %v", query, err)
		}
	}
	keepsStill(t, db, cfg.Table)
}

// keepsStill reads while the table is emptied, and then stops in the middle.
func keepsStill(t *testing.T, db *sql.DB, cfg table.Config) {
	t.Helper()
	s, err := table.New(cfg, []string{"account", "agent"})
	must(t, err)
	n := 0
	err = s.Rows(t.Context(), table.Ask{Account: "ac-many"}, func(*table.Row) error {
		if n++; n == 1 {
			_, err := db.Exec("DELETE FROM sessions WHERE account = 'ac-many' AND agent > 'n3'")
			return err
		}
		return nil
	})
	if n != 50_000 || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n = 0
	err = s.Rows(ctx, table.Ask{Account: "ac-many"}, func(*table.Row) error {
		if n++; n == 3 {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n > 100 {
		t.Errorf("%d rows, %v", n, err)
	}
	cfg.Patience = 300 * time.Millisecond
	cfg.Query = "SELECT account, agent FROM sessions, pg_sleep(5)"
	slow, err := table.New(cfg, []string{"account", "agent"})
	must(t, err)
	began := time.Now()
	if _, err := rowsOf(t, slow); problem.Code(err) != "source.unreadable" || time.Since(began) > 4*time.Second {
		t.Errorf("a query that does not end: %v after %v", err, time.Since(began))
	}
}
