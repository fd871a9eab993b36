package estate

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/strict"
)

// Source gives a map's rows, all of them or an error; it reads and never writes.
// It stops when ctx ends, and it is bounded in time and memory. It may be asked
// again, and then gives the rows as they are then. estatetest holds its contract.
type Source interface {
	Read(ctx context.Context) (Tables, error)
}

// Load reads a map and checks it. Codes: those of the package and of the source.
func Load(ctx context.Context, s Source) (*Estate, error) {
	t, err := s.Read(ctx)
	if err != nil {
		return nil, err
	}
	return New(t)
}

// File is a source: a TOML file, up to MaxFile. A file that is not there is an
// empty map. Codes: estate.form, estate.unavailable.
type File string

// Read implements Source.
func (f File) Read(ctx context.Context) (Tables, error) {
	var t Tables
	if err := ctx.Err(); err != nil {
		return t, unavailable(err)
	}
	info, err := os.Stat(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err == nil && info.Size() > MaxFile {
		return t, problem.New(problem.Invalid, "estate.form", "the file is larger than %d bytes", MaxFile)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(string(f))
	}
	if err != nil {
		return t, unavailable(err)
	}
	return readTOML(text)
}

func readTOML(text []byte) (Tables, error) {
	var t Tables
	if err := strict.TOML("estate", text, MaxFile, "estate.form", &t); err != nil {
		return t, err
	}
	return t, t.zoned()
}

// zoned refuses times without a zone: TOML has them, and they would mean the
// zone of the machine.
func (t *Tables) zoned() error {
	tables := reflect.ValueOf(t).Elem()
	for i := range tables.NumField() {
		rows, name := tables.Field(i), tables.Type().Field(i).Tag.Get("toml")
		for j := range rows.Len() {
			for k := range rows.Index(j).NumField() {
				at, ok := rows.Index(j).Field(k).Interface().(time.Time)
				if ok && !at.IsZero() && at.Location() == time.Local {
					return badRow("a time has its date, its seconds and its zone").At("%s %d: %s", name, j+1, rows.Index(j).Type().Field(k).Tag.Get("toml")).Fix("write 2026-01-05T15:00:00Z")
				}
			}
		}
	}
	return nil
}

func unavailable(err error) error {
	return problem.New(problem.Unavailable, "estate.unavailable", "the map cannot be read where it is kept").
		Fix("check whose file it is, and its rights").Because(err)
}

// Live is the map in force. It is safe for concurrent use; a reader keeps the
// Estate that Now gave for as long as one act takes.
type Live struct {
	source Source
	now    atomic.Pointer[Estate]
	one    sync.Mutex // one reload at a time
}

// Open loads the first map; there is none without it.
func Open(ctx context.Context, s Source) (*Live, error) {
	l := &Live{source: s}
	return l, l.Reload(ctx)
}

// Now is the map in force.
func (l *Live) Now() *Estate { return l.now.Load() }

// Reload reads the source again. A map that cannot be read or is not right leaves
// the one in force where it is. Codes: those of Load.
func (l *Live) Reload(ctx context.Context) error {
	l.one.Lock()
	defer l.one.Unlock()
	e, err := Load(ctx, l.source)
	if err != nil {
		return err
	}
	l.now.Store(e)
	return nil
}
