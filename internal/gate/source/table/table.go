package table

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
)

// Form is how a store keeps its rows.
type Form string

const (
	CSV      Form = "csv"
	JSONL    Form = "jsonl"
	SQLite   Form = "sqlite"
	Postgres Form = "postgres"
	Command  Form = "command"
)

// maxRow bounds a row, in bytes of the store.
const maxRow = 1 << 20

// Reasons for a bad row.
const (
	badColumns = "source.row_columns"  // csv: it has more or fewer cells than the first row
	badText    = "source.row_text"     // a wanted cell is not UTF-8
	badForm    = "source.row_form"     // jsonl: it is not one object, or a key stands twice
	badNested  = "source.row_nested"   // jsonl: a wanted cell is an object or a list
	badLong    = "source.row_too_long" // jsonl, sql: it is longer than maxRow
)

// Config says where rows come from. Times count for postgres and command.
type Config struct {
	Form       Form
	Root       string        // csv, jsonl, sqlite: the folder; nothing outside it is read
	Files      []string      // csv, jsonl: relative to Root, read in this order; sqlite: one
	Separator  rune          // csv; zero is a comma
	Query      string        // sqlite, postgres: one SELECT, without a semicolon
	Connection string        // postgres: a connection string as libpq has it
	Argv       []string      // command: an absolute path and its arguments
	Patience   time.Duration // sqlite, postgres, command: for one query; 0: ten minutes
	Memory     uint64        // command: bytes of data that each of its processes may hold; 0: 1 GiB
}

// Ask is what a query or a program may use to read less.
type Ask struct {
	Account     string
	From, Until time.Time
}

// Row is one row. It is valid until the callback returns.
type Row struct {
	File  string
	Line  int64    // from 1; of csv the line on which the row begins; of a query the row
	Cells []string // of the wanted columns, in their order
	Bad   string   // why there are no cells
}

// Place names the row for the people who look after the store.
func (r *Row) Place() string { return fmt.Sprintf("%s, line %d", r.File, r.Line) }

// Store reads the rows of one store. It may be used from several goroutines.
type Store struct {
	cfg     Config
	columns []string
}

// New checks a configuration; it does not touch the store. Columns are wanted by
// their exact names, each once. Code: source.config.
func New(cfg Config, columns []string) (*Store, error) {
	if len(columns) == 0 || len(columns) > 256 {
		return nil, Misconfigured("a store has 1 to 256 columns that are read", "columns")
	}
	for i, c := range columns {
		if c == "" || len(c) > 200 || !utf8.ValidString(c) || strings.ContainsAny(c, "\x00\n\r") || slices.Contains(columns[:i], c) {
			return nil, Misconfigured("a column has a name of 1 to 200 bytes and is named once", fmt.Sprintf("column %.70q", c))
		}
	}
	cfg.Files, cfg.Argv = slices.Clone(cfg.Files), slices.Clone(cfg.Argv)
	if cfg.Patience == 0 {
		cfg.Patience = 10 * time.Minute
	}
	if cfg.Memory == 0 {
		cfg.Memory = 1 << 30
	}
	if cfg.Separator == 0 {
		cfg.Separator = ','
	}
	err := cfg.check()
	if err != nil {
		return nil, err
	}
	return &Store{cfg, slices.Clone(columns)}, nil
}

func (c Config) check() error {
	switch c.Form {
	case CSV, JSONL, SQLite:
		if err := c.checkFiles(); err != nil {
			return err
		}
	case Postgres:
		if c.Connection == "" {
			return Misconfigured("a PostgreSQL store has a connection string", "connection")
		}
	case Command:
		if len(c.Argv) == 0 || !filepath.IsAbs(c.Argv[0]) {
			return Misconfigured("a command begins with the absolute path of a program; no shell reads it", "command")
		}
	default:
		return Misconfigured("a store is csv, jsonl, sqlite, postgres or command", fmt.Sprintf("form %.40q", string(c.Form)))
	}
	if c.Form == CSV && !slices.Contains([]rune{',', ';', '\t', '|'}, c.Separator) {
		return Misconfigured("columns are separated by a comma, a semicolon, a tab or a bar", "separator")
	}
	if c.Form == SQLite || c.Form == Postgres {
		return c.checkQuery()
	}
	return nil
}

func (c Config) checkFiles() error {
	if c.Root == "" || len(c.Files) == 0 {
		return Misconfigured("a store of files has a folder and at least one file", "root, files")
	}
	if c.Form == SQLite && len(c.Files) != 1 {
		return Misconfigured("a SQLite store is one file", "files")
	}
	for i, f := range c.Files {
		if !rooted.Local(f) {
			return Misconfigured("a file is named by its path inside the store", fmt.Sprintf("files %.200q", f))
		}
		if slices.Contains(c.Files[:i], f) {
			return Misconfigured("a file is named once", fmt.Sprintf("files %.200q", f))
		}
	}
	return nil
}

func (c Config) checkQuery() error {
	if strings.TrimSpace(c.Query) == "" || len(c.Query) > 64<<10 || strings.ContainsAny(c.Query, ";\x00") {
		return Misconfigured("a query is one SELECT without a semicolon", "query")
	}
	return nil
}

// Misconfigured says what is wrong with a store's configuration.
func Misconfigured(what, field string) *problem.Error {
	return problem.New(problem.Invalid, "source.config", "%s", what).At("%s", field)
}

// Rows calls row for each row of the store, from one goroutine, and stops at the
// first error that it returns. Nil means that the whole store was read. Codes:
// source.unreadable, source.changed, source.outside, source.not_a_file,
// source.columns (a wanted column is not there), source.malformed.
func (s *Store) Rows(ctx context.Context, a Ask, row func(*Row) error) error {
	switch s.cfg.Form {
	case SQLite, Postgres:
		return s.query(ctx, a, row)
	case Command:
		return s.command(ctx, a, row)
	}
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range s.cfg.Files {
		err := s.file(ctx, root, name, row)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) file(ctx context.Context, root *os.Root, name string, row func(*Row) error) error {
	f, err := rooted.Open(root, name)
	if err != nil {
		return err
	}
	defer f.Close()
	if s.cfg.Form == CSV {
		err = s.csv(ctx, name, f, row)
	} else {
		err = s.jsonl(ctx, name, f, row)
	}
	if err != nil {
		return err
	}
	return f.Unchanged()
}

// Probe opens the store and looks for the wanted columns. It reads no rows of a
// file but the first line of a CSV, runs a query that gives nothing, and of a
// command looks only whether it is there. Codes: those of Rows.
func (s *Store) Probe(ctx context.Context) error {
	switch s.cfg.Form {
	case SQLite, Postgres:
		return s.probeQuery(ctx)
	case Command:
		return s.probeCommand()
	}
	root, err := rooted.Folder(s.cfg.Root)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range s.cfg.Files {
		f, err := rooted.Open(root, name)
		if err != nil {
			return err
		}
		if s.cfg.Form == CSV {
			_, _, err = s.header(name, &bounded{r: f})
		}
		f.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func noColumn(name, column string) error {
	return problem.New(problem.Invalid, "source.columns", "the store has no such column, or has it twice").At("%s: %.200q", name, column).
		Fix("write the column's name as the store has it")
}

func malformed(name string, line int64, what string) *problem.Error {
	return problem.New(problem.Invalid, "source.malformed", "the store cannot be read in rows: %s", what).At("%s, line %d", name, line).
		Fix("have the store written anew by the program that exports it")
}
