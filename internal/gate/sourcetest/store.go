package sourcetest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
)

// snapshot describes every file of a store: kind, size, change time and content.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		sum := ""
		if info.Mode().IsRegular() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum = fmt.Sprintf("%x", sha256.Sum256(b))
		}
		out[path] = fmt.Sprint(info.Mode(), info.Size(), info.ModTime().UnixNano(), sum)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (f Fixture) readOnly(t *testing.T) {
	dir := t.TempDir()
	s := f.Lay(t, dir, f.mixed(30))
	before := snapshot(t, dir)
	_, _, err := f.collect(t, s, everything(Alice))
	if err != nil {
		t.Fatal(err)
	}
	after := snapshot(t, dir)
	for path, was := range before {
		if after[path] != was {
			t.Errorf("%s was %s and is %s", filepath.Base(path), was, after[path])
		}
		delete(after, path)
	}
	for path := range after {
		t.Errorf("%s is new", filepath.Base(path))
	}
}

func (f Fixture) damaged(t *testing.T) {
	dir := t.TempDir()
	s := f.Lay(t, dir, f.mixed(30))
	f.Damage(t, dir, Alice)
	_, _, err := f.collect(t, s, everything(Alice))
	p := problem.Of(err)
	if p == nil || p.Code != "source.unreadable" && p.Code != "source.not_a_file" {
		t.Fatalf("a damaged store: %v", err)
	}
	if p.Field == "" {
		t.Errorf("the error does not name what is damaged: %v", err)
	}
	err = os.RemoveAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	items, _, err := f.collect(t, s, everything(Alice))
	if err == nil {
		t.Errorf("a store that is gone gives %d items and no error", len(items))
	}
}

func (f Fixture) linked(t *testing.T) {
	if f.Link == nil {
		t.Skip("this store has no files")
	}
	dir := t.TempDir()
	s := f.Lay(t, dir, f.mixed(30))
	f.Link(t, dir, t.TempDir(), Alice)
	_, _, err := f.collect(t, s, everything(Alice))
	if problem.Code(err) != "source.outside" {
		t.Errorf("a link out of the store: %v", err)
	}
}

func (f Fixture) touched(t *testing.T) {
	dir := t.TempDir()
	s := f.Lay(t, dir, f.mixed(30))
	touched, given := false, 0
	err := s.Items(t.Context(), everything(Alice), func(it source.Item) error {
		if !f.aside(it) {
			given++
		}
		if !touched {
			touched = true
			f.Touch(t, dir, f.plant(31, Alice, []byte("late\n")))
		}
		return nil
	}, func(source.Gap) error { return nil })
	if f.Snapshot {
		if want := len(of(Alice, f.mixed(30))); err != nil || given != want {
			t.Errorf("a store that keeps still gives %d of %d, %v", given, want, err)
		}
		return
	}
	if problem.Code(err) != "source.changed" {
		t.Errorf("a store that changed: %v", err)
	}
}

// memory reads 100 MB, a message of 40 MB among them, with every item opened.
func (f Fixture) memory(t *testing.T) {
	if testing.Short() {
		t.Skip("a hundred megabytes take minutes under the race detector; the plain run has them")
	}
	dir := t.TempDir()
	s := f.layLarge(t, dir)
	runtime.GC()
	base := heap()
	peak, bytes, items := uint64(0), int64(0), 0
	last := time.Now()
	err := s.Items(t.Context(), everything(Alice), func(it source.Item) error {
		r, err := it.Open()
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, r)
		bytes += n
		items++
		if time.Since(last) > 5*time.Millisecond || n > 1<<20 {
			peak, last = max(peak, heap()), time.Now()
		}
		return errors.Join(err, r.Close())
	}, func(g source.Gap) error { return fmt.Errorf("gap %v", g) })
	if err != nil {
		t.Fatal(err)
	}
	if bytes < 100<<20 {
		t.Errorf("%d bytes in %d items, want 100 MB", bytes, items)
	}
	if peak > base+32<<20 {
		t.Errorf("the heap grew by %d MB", (peak-base)>>20)
	}
}

// layLarge plants in a function of its own, so that the messages are garbage
// when the source reads.
func (f Fixture) layLarge(t *testing.T, dir string) source.Source {
	line := []byte("sixty-three letters of text, and then the line is over, at last\n")
	var all []Planted
	n, size := 6200, 40<<20
	if f.Longest > 0 && f.Longest < size {
		n, size = 10_500, 0
	}
	for i := range n {
		body := make([]byte, 0, 11<<10)
		for len(body) < 10<<10 {
			body = append(body, line...)
		}
		all = append(all, f.plant(i, Alice, body))
	}
	if size == 0 {
		return f.Lay(t, dir, all)
	}
	huge := make([]byte, size)
	for i := range huge {
		huge[i] = 'x'
	}
	return f.Lay(t, dir, append(all, f.plant(n, Alice, append(huge, '\n'))))
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
