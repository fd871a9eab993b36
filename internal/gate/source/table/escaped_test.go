package table

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"counterseal/internal/problem"
)

// A child that the program left behind in a session of its own is not ended with its
// group, and keeps what the program had open.
func TestAChildThatEscapedIsNotWaitedFor(t *testing.T) {
	for name, script := range map[string]string{
		"it holds the rows":       `setsid sleep 8 2>/dev/null & echo '{"end":0}'`,
		"it holds the complaints": `setsid sleep 8 >/dev/null & echo '{"end":0}'`,
		"it holds both":           `setsid sleep 8 & echo '{"end":0}'`,
		"before the end":          `setsid sleep 8 2>/dev/null & echo '{"a":"1"}'`,
		"after a failure":         `setsid sleep 8 2>/dev/null & exit 1`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := New(Config{Form: Command, Argv: []string{"/bin/sh", "-c", script}, Patience: time.Second}, []string{"a"})
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			err = s.Rows(context.Background(), Ask{}, func(*Row) error { return nil })
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it was waited for: %s", took)
			}
			if problem.Code(err) != "source.unreadable" {
				t.Error(err)
			}
		})
	}
}

// A look at a store must not take it into memory.
func TestALookReadsNoMoreThanARow(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "s.csv"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteString(`"a quotation mark that is never closed`)
	if err == nil {
		err = f.Truncate(256 << 20)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	s, err := New(Config{Form: CSV, Root: dir, Files: []string{"s.csv"}}, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = s.Probe(t.Context())
	runtime.ReadMemStats(&after)
	if problem.Code(err) != "source.malformed" || after.TotalAlloc-before.TotalAlloc > 32<<20 {
		t.Errorf("%d bytes: %v", after.TotalAlloc-before.TotalAlloc, err)
	}
}
