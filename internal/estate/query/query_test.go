package query_test

import (
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"counterseal/internal/estate"
	"counterseal/internal/estate/estatetest"
	"counterseal/internal/estate/query"
	"counterseal/internal/problem"
)

// database is a medium: a table of its own for each table of the map, one column
// under another name.
type database struct{ path string }

// columns of each table of the map; aliases are kept as a provider might.
var mapped = map[string]map[string]string{"alias": {"acct_no": "account", "ident": "value"}}

func (d database) Set(t *testing.T, rows []estatetest.Row) {
	db := open(t, d.path)
	defer db.Close()
	have := map[string][]string{}
	for _, name := range estate.TableNames() {
		exec(t, db, `DROP TABLE IF EXISTS "`+name+`"`)
		have[name] = nil
	}
	for _, r := range rows {
		have[r.Table] = append(have[r.Table], slices.Sorted(maps.Keys(r.Fields))...)
	}
	for name, cols := range have {
		if cols = slices.Compact(slices.Sorted(slices.Values(cols))); len(cols) == 0 {
			cols = []string{"nothing"} // no rows, so nobody asks what it means
		}
		for i, c := range cols {
			for to, from := range mapped[name] {
				if from == c {
					cols[i] = to
				}
			}
		}
		exec(t, db, fmt.Sprintf(`CREATE TABLE %q (%s)`, name, `"`+strings.Join(cols, `", "`)+`"`))
	}
	for _, r := range rows {
		insert(t, db, r)
	}
}

func insert(t *testing.T, db *sql.DB, r estatetest.Row) {
	var cols, marks []string
	var values []any
	for c, v := range r.Fields {
		for to, from := range mapped[r.Table] {
			if from == c {
				c = to
			}
		}
		if list, ok := v.([]string); ok {
			v = strings.Join(list, ",")
		}
		cols, marks, values = append(cols, `"`+c+`"`), append(marks, "?"), append(values, v)
	}
	exec(t, db, fmt.Sprintf(`INSERT INTO %q (%s) VALUES (%s)`, r.Table, strings.Join(cols, ","), strings.Join(marks, ",")), values...)
}

func open(t *testing.T, path string) *sql.DB {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func exec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func (d database) Break(t *testing.T) {
	if err := os.WriteFile(d.path, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d database) Source(t *testing.T) estate.Source {
	db, err := query.OpenSQLite(d.path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxIdleConns(0) // the file is replaced under it
	t.Cleanup(func() { db.Close() })
	s := query.Source{DB: db}
	for _, name := range estate.TableNames() {
		s.Tables = append(s.Tables, query.Table{Name: name, SQL: `SELECT * FROM "` + name + `"`, Columns: mapped[name]})
	}
	return s
}

func TestAQueryIsASource(t *testing.T) {
	estatetest.Run(t, func(t *testing.T) estatetest.Medium { return database{filepath.Join(t.TempDir(), "crm.db")} })
}

func TestAQueryOnlyReads(t *testing.T) {
	d := database{filepath.Join(t.TempDir(), "crm.db")}
	d.Set(t, estatetest.Map())
	db, err := query.OpenSQLite(d.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	other := filepath.Join(t.TempDir(), "other.db")
	for _, text := range []string{
		`DELETE FROM alias RETURNING acct_no AS account`, `SELECT 1 AS account; DELETE FROM alias`, `PRAGMA query_only=0; DELETE FROM alias`,
		`ATTACH '` + other + `' AS o; CREATE TABLE o.x (y)`,
		`ATTACH '` + other + `' AS o; CREATE TABLE o.x (y); SELECT 'dub' AS account`, `VACUUM INTO '` + other + `'`, `DROP TABLE alias`,
	} {
		_, err := query.Source{DB: db, Tables: []query.Table{{Name: "alias", SQL: text}}}.Read(t.Context())
		if err == nil {
			t.Errorf("%s: taken", text)
		}
	}
	if info, err := os.Stat(other); err == nil && info.Size() > 0 {
		t.Error("a file was written")
	}
	rw := open(t, d.path)
	defer rw.Close()
	var n int
	if err := rw.QueryRow("SELECT count(*) FROM alias").Scan(&n); err != nil || n != 1 {
		t.Fatalf("%d rows are left, %v", n, err)
	}
}

func TestAQueryThatIsWrongIsRefusedWithoutTheDriversText(t *testing.T) {
	d := database{filepath.Join(t.TempDir(), "crm.db")}
	d.Set(t, estatetest.Map())
	s := d.Source(t).(query.Source)
	for name, c := range map[string]struct {
		table query.Table
		code  string
	}{
		"no such table of the database": {query.Table{Name: "alias", SQL: "SELECT * FROM secret_subscribers"}, "estate.query"},
		"no such table of the map":      {query.Table{Name: "aliases", SQL: "SELECT 1 AS id"}, "estate.row"},
		"two columns for one field":     {query.Table{Name: "region", SQL: "SELECT 'a' AS id, 'b' AS code", Columns: map[string]string{"code": "id"}}, "estate.query"},
		"a column that is no field":     {query.Table{Name: "region", SQL: "SELECT 'a' AS fax"}, "estate.row"},
		"bytes":                         {query.Table{Name: "region", SQL: "SELECT x'ff00' AS id"}, "estate.row"},
		"a fraction":                    {query.Table{Name: "session", SQL: "SELECT 1.5 AS first_port"}, "estate.row"},
	} {
		s.Tables = []query.Table{c.table}
		_, err := s.Read(t.Context())
		if problem.Code(err) != c.code || strings.Contains(err.Error(), "secret_subscribers") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADatabaseThatIsNotThereIsSaidToBeUnavailable(t *testing.T) {
	db, err := query.OpenSQLite(filepath.Join(t.TempDir(), "none.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = query.Source{DB: db, Tables: []query.Table{{Name: "region", SQL: "SELECT 1"}}}.Read(t.Context())
	if problem.Code(err) != "estate.unavailable" {
		t.Fatalf("got %v", err)
	}
}
