package table

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
)

// maxCell bounds a cell of a query, in characters.
const maxCell = 256 << 10

// connect opens the database for reading.
func (s *Store) connect() (*sql.DB, error) {
	if s.cfg.Form == Postgres {
		db, err := sql.Open("pgx", s.cfg.Connection)
		if err != nil {
			return nil, s.unreadable(err)
		}
		return db, nil
	}
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := rooted.Open(root, s.cfg.Files[0])
	if err != nil {
		return nil, err
	}
	f.Close()
	path, err := filepath.Abs(filepath.Join(s.cfg.Root, s.cfg.Files[0]))
	if err != nil {
		return nil, s.unreadable(err)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&_pragma=query_only(1)&_pragma=trusted_schema(0)&_pragma=busy_timeout(5000)")
	if err != nil {
		return nil, s.unreadable(err)
	}
	return db, nil
}

// name is what the store is called where a row or a failure is named.
func (s *Store) name() string {
	switch s.cfg.Form {
	case Postgres:
		return "query"
	case Command:
		return filepath.Base(s.cfg.Argv[0])
	}
	return s.cfg.Files[0]
}

func (s *Store) unreadable(err error) error {
	return problem.New(problem.Unavailable, "source.unreadable", "a store cannot be read").At("%s", s.name()).Because(err)
}

// statement asks the configured query for the wanted columns alone, as text: a
// driver would otherwise read a time without a zone as UTC. Inside a FROM the
// query can only be one that reads. A qualified name is never taken for a text
// in quotation marks, as SQLite does with others. SQLite's substr of a text ends at a
// zero byte, and of bytes it does not: a cell is cut as bytes, of which a character has
// at most four.
func (s *Store) statement(limit string) string {
	cell := fmt.Sprintf("substr(CAST(%%s AS TEXT), 1, %d)", maxCell+1)
	if s.cfg.Form == SQLite {
		cell = fmt.Sprintf("CAST(substr(CAST(%%s AS BLOB), 1, %d) AS TEXT)", 4*(maxCell+1))
	}
	var b strings.Builder
	for i, c := range s.columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, cell, `counterseal_rows."`+strings.ReplaceAll(c, `"`, `""`)+`"`)
	}
	return "SELECT " + b.String() + " FROM (" + s.cfg.Query + "\n) AS counterseal_rows" + limit
}

func (s *Store) query(ctx context.Context, a Ask, row func(*Row) error) error {
	return s.inTransaction(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.each(ctx, tx, a, "", row) })
}

func (s *Store) probeQuery(ctx context.Context) error {
	return s.inTransaction(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return s.each(ctx, tx, Ask{}, " LIMIT 0", func(*Row) error { return nil })
	})
}

// inTransaction works on one snapshot that cannot be written, within the store's
// patience.
func (s *Store) inTransaction(ctx context.Context, work func(context.Context, *sql.Tx) error) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	db, err := s.connect()
	if err != nil {
		return err
	}
	defer db.Close()
	limited, cancel := context.WithTimeout(ctx, s.cfg.Patience)
	defer cancel()
	tx, err := db.BeginTx(limited, s.isolation())
	if err != nil {
		return s.unreadable(err)
	}
	defer tx.Rollback()
	if s.cfg.Form == Postgres {
		_, err = tx.ExecContext(limited, "SET LOCAL timezone = 'UTC'")
		if err != nil {
			return s.unreadable(err)
		}
	}
	err = work(limited, tx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (s *Store) isolation() *sql.TxOptions {
	if s.cfg.Form == Postgres {
		return &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return nil // mode=ro; a transaction of SQLite is a snapshot
}

func (s *Store) each(ctx context.Context, tx *sql.Tx, a Ask, limit string, row func(*Row) error) error {
	var args []any
	if strings.Contains(s.cfg.Query, "$1") {
		args = append(args, a.Account)
	}
	rows, err := tx.QueryContext(ctx, s.statement(limit), args...)
	if err != nil {
		return s.unreadable(err)
	}
	defer rows.Close()
	out := Row{File: s.name()}
	values, into := make([]sql.NullString, len(s.columns)), make([]any, len(s.columns))
	cells := make([]string, len(s.columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		err := rows.Scan(into...)
		if err != nil {
			return s.unreadable(err)
		}
		out.Line++
		out.Cells, out.Bad = cells, ""
		for i, v := range values {
			cells[i] = v.String
			switch {
			case len(v.String) > maxCell && utf8.RuneCountInString(v.String) > maxCell:
				out.Cells, out.Bad = nil, badLong
			case !utf8.ValidString(v.String):
				out.Cells, out.Bad = nil, badText
			}
		}
		err = ctx.Err()
		if err == nil {
			err = row(&out)
		}
		if err != nil {
			return err
		}
	}
	err = rows.Err()
	if err != nil {
		return s.unreadable(err)
	}
	return nil
}
