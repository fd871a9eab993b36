package records_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/records"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/gate/sourcetest"
	"counterseal/internal/scope"
)

// TestMain lets this program be the provider's own: it prints a file of JSON
// lines and how many there were.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "-as-store" {
		os.Exit(storeProgram(os.Args[2]))
	}
	os.Exit(m.Run())
}

func storeProgram(path string) int {
	f, err := os.Open(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	b := bufio.NewReader(f)
	for n := 0; ; n++ {
		line, err := b.ReadBytes('\n')
		if err == io.EOF {
			fmt.Printf("{\"end\":%d}\n", n)
			return 0
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		os.Stdout.Write(line)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mapped pairs fields with columns.
func mapped(pairs ...string) (out []table.Mapping) {
	for p := range slices.Chunk(pairs, 2) {
		out = append(out, table.Mapping{Field: p[0], Column: p[1]})
	}
	return out
}

// sessions is what the tests of the contract map: account, login_at, agent; the
// column secret is not mapped.
func sessions(cfg table.Config) records.Config {
	return records.Config{Store: "sessions", Table: cfg, Account: "account", Columns: map[string]table.Column{"login_at": {Zone: "UTC"}},
		Groups: []records.Group{{Category: scope.Identification, Time: "login_at", Fields: mapped("session_start", "login_at", "device", "agent")}}}
}

func open(t testing.TB, cfg records.Config) *records.Source {
	t.Helper()
	s, err := records.New(cfg)
	must(t, err)
	return s
}

// plant says what the source must give for a row, by encoding/json.
func plant(n int, account scope.AccountID, body []byte) sourcetest.Planted {
	at := sourcetest.At(n)
	type stated struct {
		Stated string    `json:"stated"`
		UTC    time.Time `json:"utc"`
	}
	type fields struct {
		Start  stated `json:"session_start"`
		Device string `json:"device,omitempty"`
	}
	line, err := json.Marshal(struct {
		Store    string          `json:"store"`
		Account  scope.AccountID `json:"account"`
		Category string          `json:"category"`
		Fields   fields          `json:"fields"`
	}{"sessions", account, "identification", fields{stated{at.Format(time.DateTime), at}, string(body)}})
	if err != nil {
		panic(err)
	}
	return sourcetest.Planted{Account: account, Received: at, Bytes: append(line, '\n'), Body: body}
}

func row(p sourcetest.Planted) []string {
	return []string{string(p.Account), "hunter2", p.Received.Format(time.DateTime), string(p.Body)}
}

var columns = []string{"account", "secret", "login_at", "agent"}

// appendCSV adds rows, with the first row where the file is new.
func appendCSV(t testing.TB, path string, messages []sourcetest.Planted) {
	t.Helper()
	_, err := os.Stat(path)
	f, ferr := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, ferr)
	defer f.Close()
	w := csv.NewWriter(f)
	if errors.Is(err, os.ErrNotExist) {
		must(t, w.Write(columns))
	}
	for _, m := range messages {
		must(t, w.Write(row(m)))
	}
	w.Flush()
	must(t, w.Error())
}

func appendJSONL(t testing.TB, path string, messages []sourcetest.Planted) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	must(t, err)
	defer f.Close()
	e := json.NewEncoder(f)
	for _, m := range messages {
		r := row(m)
		must(t, e.Encode(map[string]any{"account": r[0], "secret": []string{r[1]}, "login_at": r[2], "agent": r[3]}))
	}
}

func appendSQLite(t testing.TB, path string, messages []sourcetest.Planted) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	tx, err := db.Begin()
	must(t, err)
	_, err = tx.Exec("CREATE TABLE IF NOT EXISTS sessions (account TEXT, secret TEXT, login_at TIMESTAMP, agent TEXT)")
	must(t, err)
	for _, m := range messages {
		r := row(m)
		_, err := tx.Exec("INSERT INTO sessions VALUES (?, ?, ?, ?)", r[0], r[1], r[2], r[3])
		must(t, err)
	}
	must(t, tx.Commit())
}

func damage(name string) func(t testing.TB, dir string, _ scope.AccountID) {
	return func(t testing.TB, dir string, _ scope.AccountID) {
		path := filepath.Join(dir, name)
		must(t, os.Remove(path))
		must(t, os.Mkdir(path, 0o700))
	}
}

func link(name string) func(t testing.TB, dir, outside string, _ scope.AccountID) {
	return func(t testing.TB, dir, outside string, _ scope.AccountID) {
		path, moved := filepath.Join(dir, name), filepath.Join(outside, "moved")
		must(t, os.Rename(path, moved))
		must(t, os.Symlink(moved, path))
	}
}

// form makes a fixture of a store in one file.
func form(name string, write func(testing.TB, string, []sourcetest.Planted), cfg func(dir string) table.Config) sourcetest.Fixture {
	return sourcetest.Fixture{
		Lay: func(t testing.TB, dir string, messages []sourcetest.Planted) source.Source {
			write(t, filepath.Join(dir, name), messages)
			return open(t, sessions(cfg(dir)))
		},
		Plant: plant, Text: true, Longest: 150 << 10, Damage: damage(name), Link: link(name),
		Touch: func(t testing.TB, dir string, m sourcetest.Planted) {
			write(t, filepath.Join(dir, name), []sourcetest.Planted{m})
		},
	}
}

func TestCSVKeepsTheContract(t *testing.T) {
	sourcetest.Run(t, form("s.csv", appendCSV, func(dir string) table.Config {
		return table.Config{Form: table.CSV, Root: dir, Files: []string{"s.csv"}}
	}))
}

func TestJSONLinesKeepTheContract(t *testing.T) {
	sourcetest.Run(t, form("s.jsonl", appendJSONL, func(dir string) table.Config {
		return table.Config{Form: table.JSONL, Root: dir, Files: []string{"s.jsonl"}}
	}))
}

// A reader of SQLite keeps writers away, or reads the state before them.
func TestSQLiteKeepsTheContract(t *testing.T) {
	f := form("s.db", appendSQLite, func(dir string) table.Config {
		return table.Config{Form: table.SQLite, Root: dir, Files: []string{"s.db"}, Query: "SELECT * FROM sessions WHERE account = $1 ORDER BY rowid"}
	})
	f.Snapshot = true
	f.Touch = func(t testing.TB, dir string, m sourcetest.Planted) {
		db, err := sql.Open("sqlite", filepath.Join(dir, "s.db"))
		must(t, err)
		defer db.Close()
		r := row(m)
		_, err = db.Exec("INSERT INTO sessions VALUES (?, ?, ?, ?)", r[0], r[1], r[2], r[3])
		if err != nil && !strings.Contains(err.Error(), "locked") {
			t.Fatal(err)
		}
	}
	sourcetest.Run(t, f)
}

// A program gives what it gives: what its store does meanwhile it must know.
func TestAProgramKeepsTheContract(t *testing.T) {
	self, err := os.Executable()
	must(t, err)
	f := form("s.jsonl", func(t testing.TB, path string, m []sourcetest.Planted) {
		appendJSONL(t, path, m)
	}, func(dir string) table.Config {
		return table.Config{Form: table.Command, Argv: []string{self, "-as-store", filepath.Join(dir, "s.jsonl")}}
	})
	f.Link = nil
	f.Snapshot = true
	f.Touch = func(testing.TB, string, sourcetest.Planted) {}
	sourcetest.Run(t, f)
}

func collect(t testing.TB, s source.Source, account scope.AccountID) (items []source.Item, texts []string, gaps []string, err error) {
	t.Helper()
	err = s.Items(t.Context(), source.Query{Account: account}, func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		var b bytes.Buffer
		_, err = b.ReadFrom(r)
		items, texts = append(items, it), append(texts, b.String())
		return err
	}, func(g source.Gap) error {
		gaps = append(gaps, g.Reason+" at "+g.Place)
		return nil
	})
	return items, texts, gaps, err
}
