package sqlite

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite"

	"counterseal/internal/batch"
	"counterseal/internal/problem"
)

// readers bounds the connections that read. Readers never wait for the writer.
const readers = 4

// DB is an open store. It is safe for concurrent use; Close ends it.
type DB struct {
	writer *sql.DB // one connection; see update
	reader *sql.DB // query_only

	queue   batch.Queue[*job]
	writing sync.Mutex // held while a group is written
}

// forWriting is set on the writer alone. Savepoints are undone from memory: their
// journal in a file would be written for nothing, since only the write-ahead log
// survives a crash. That log is folded into the file every 32 MiB and not every 4,
// as pages of indexes over random keys are then written once and not many times.
// 32 MiB of cache hold the indexes' upper pages of some million demands.
var forWriting = []string{"temp_store(MEMORY)", "wal_autocheckpoint(8192)", "cache_size(-32768)"}

// Open opens or creates the file at path and applies what migrations are
// missing. The folder must exist. Problems: store.unavailable (the file cannot be
// opened, read or written), store.settings (the file system refuses write-ahead
// logging), store.migration.
func Open(ctx context.Context, path string) (*DB, error) {
	if err := create(path); err != nil {
		return nil, unavailable(err)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, unavailable(err)
	}
	db := &DB{queue: batch.Queue[*job]{Fit: fit}}
	db.writer, err = connect(ctx, abs, 1, url.Values{"_txlock": {"immediate"}, "_pragma": forWriting})
	if err != nil {
		return nil, err
	}
	if err = migrate(ctx, db.writer, embedded); err != nil {
		db.writer.Close()
		return nil, err
	}
	db.reader, err = connect(ctx, abs, readers, url.Values{"_pragma": {"query_only(1)"}})
	if err != nil {
		db.writer.Close()
		return nil, err
	}
	return db, nil
}

// Close ends all connections. What was acknowledged is on disk already.
func (db *DB) Close() error {
	db.writing.Lock()
	defer db.writing.Unlock()
	first := db.reader.Close()
	second := db.writer.Close()
	if first != nil || second != nil {
		return unavailable(first)
	}
	return nil
}

// create makes the file with mode 0600 before SQLite would with the umask's;
// its journal files inherit that mode.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func connect(ctx context.Context, path string, conns int, q url.Values) (*sql.DB, error) {
	q["_pragma"] = append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "trusted_schema(0)"}, q["_pragma"]...)
	driver, err := sqlite.NewConnector((&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, unavailable(err)
	}
	c := sql.OpenDB(compiling{driver})
	c.SetMaxOpenConns(conns)
	c.SetMaxIdleConns(conns)
	if err = checkSettings(ctx, c); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// checkSettings reads back what the promises rest on: SQLite keeps another
// journal mode without an error where a file system does not allow this one.
func checkSettings(ctx context.Context, c *sql.DB) error {
	for _, p := range [...]struct{ ask, want string }{
		{"PRAGMA journal_mode", "wal"}, {"PRAGMA synchronous", "2"}, {"PRAGMA foreign_keys", "1"},
	} {
		var got string
		if err := c.QueryRowContext(ctx, p.ask).Scan(&got); err != nil {
			return unavailable(err)
		}
		if got != p.want {
			return problem.New(problem.Unavailable, "store.settings", "the store's file system does not allow safe writing").
				At("%s", p.ask).Fix("keep the store on a local disk")
		}
	}
	return nil
}

func unavailable(cause error) *problem.Error {
	return problem.New(problem.Unavailable, "store.unavailable", "the store could not be read or written; nothing was changed").
		Fix("see that its disk has room and its folder can be written, then try again").Because(cause)
}
