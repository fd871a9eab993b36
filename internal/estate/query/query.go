package query

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"time"
	"unicode/utf8"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"counterseal/internal/estate"
	"counterseal/internal/problem"
)

// Table says how one table of the map is read. A column that Columns does not
// name has the field's own name; a column that is no field is refused.
type Table struct {
	Name    string            `toml:"table"`
	SQL     string            `toml:"sql"`
	Columns map[string]string `toml:"columns"` // column → field
}

// Source implements estate.Source. It does not close DB.
type Source struct {
	DB     *sql.DB
	Tables []Table // in any order
}

// OpenSQLite opens a file of SQLite so that nothing can be written through it.
// Code: estate.unavailable.
func OpenSQLite(path string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, unavailable(err)
	}
	u := url.URL{Scheme: "file", Path: abs, RawQuery: url.Values{"mode": {"ro"}, "_pragma": {"query_only(1)", "busy_timeout(5000)"}}.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, unavailable(err)
	}
	return db, nil
}

func unavailable(err error) error {
	return problem.New(problem.Unavailable, "estate.unavailable", "the map cannot be read where it is kept").
		Fix("check that the database is there and may be read").Because(err)
}

// Read implements estate.Source.
func (s Source) Read(ctx context.Context) (estate.Tables, error) {
	var t estate.Tables
	tx, err := s.DB.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return t, unavailable(err)
	}
	defer tx.Rollback()
	for _, q := range s.Tables {
		if err := q.read(ctx, tx, &t); err != nil {
			return estate.Tables{}, err
		}
	}
	return t, nil
}

func (q Table) read(ctx context.Context, tx *sql.Tx, t *estate.Tables) error {
	rows, err := tx.QueryContext(ctx, q.SQL)
	if err != nil {
		return q.failed(ctx, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || len(columns) == 0 { // a statement that gives no rows does something else
		return q.failed(ctx, err)
	}
	fields := make(map[string]any, len(columns))
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return q.failed(ctx, err)
		}
		clear(fields)
		for i, c := range columns {
			if to, mapped := q.Columns[c]; mapped {
				c = to
			}
			if _, twice := fields[c]; twice {
				return problem.New(problem.Invalid, "estate.query", "two columns stand for one field").At("%s: %.40q", q.Name, c)
			}
			fields[c] = plain(values[i])
		}
		if err := t.Add(q.Name, fields); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return q.failed(ctx, err)
	}
	return nil
}

// plain makes of a driver's value one that Tables.Add takes.
func plain(v any) any {
	switch v := v.(type) {
	case []byte:
		if utf8.Valid(v) {
			return string(v)
		}
	case time.Time:
		return v.UTC()
	}
	return v
}

// failed tells a query that is wrong from a database that does not answer as far
// as that can be told: what ran out of time is not the query's fault.
func (q Table) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return unavailable(err)
	}
	return problem.New(problem.Invalid, "estate.query", "this query cannot be run, or would not only read").At("%.40s", q.Name).
		Fix("run it in the database's own shell, as the same user").Because(err)
}
