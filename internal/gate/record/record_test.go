package record_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/gate/record"
	"counterseal/internal/problem"
)

var noon = time.Date(2031, 4, 5, 12, 0, 0, 0, time.UTC)

func write(t *testing.T, path string, n int) {
	t.Helper()
	r, _, err := record.Open(path, "g", func(record.Line) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for i := range n {
		if _, err := r.Append(noon, "step", map[string]int{"n": i}); err != nil {
			t.Fatal(err)
		}
	}
}

func count(path, name string) (int, error) {
	n := 0
	r, _, err := record.Open(path, name, func(record.Line) error { n++; return nil })
	if err == nil {
		r.Close()
	}
	return n, err
}

func TestWhatWasAppendedIsReadAgainInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record")
	write(t, path, 3)
	write(t, path, 2)
	var got string
	r, fresh, err := record.Open(path, "g", func(l record.Line) error { got += string(l.Body); return nil })
	if err != nil || fresh {
		t.Fatal(fresh, err)
	}
	defer r.Close()
	if want := `{"n":0}{"n":1}{"n":2}{"n":0}{"n":1}`; got != want {
		t.Fatalf("got %s", got)
	}
}

// A crash can leave any beginning of the last line.
func TestAnyTornLastLineIsCutOffAndOnlyThat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record")
	write(t, path, 3)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	second := bytes.LastIndexByte(whole[:len(whole)-1], '\n') + 1
	for cut := second; cut < len(whole); cut++ {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		n, err := count(path, "g")
		if n != 2 || err != nil {
			t.Fatalf("cut at %d: %d lines, %v", cut, n, err)
		}
		write(t, path, 1)
		if n, err := count(path, "g"); n != 3 || err != nil {
			t.Fatalf("cut at %d, then one more: %d lines, %v", cut, n, err)
		}
	}
}

func TestEveryChangedByteOfAWholeRecordIsDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "record")
	write(t, path, 3)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(whole) - 1 { // the last line feed: a torn line
		bad := bytes.Clone(whole)
		bad[i] ^= 0x01
		_, _, err := record.Read(bytes.NewReader(bad), "g", func(record.Line) error { return nil })
		if problem.Code(err) != "gate.record_damaged" {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	for name, bad := range map[string][]byte{
		"a line left out":  bytes.Join([][]byte{lines[0], lines[2]}, nil),
		"two lines turned": bytes.Join([][]byte{lines[1], lines[0], lines[2]}, nil),
		"a line twice":     bytes.Join([][]byte{lines[0], lines[0], lines[1]}, nil),
		"an empty line":    append(bytes.Clone(whole), '\n'),
		"no first line":    bytes.Join(lines[1:], nil),
	} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := count(path, "g"); problem.Code(err) != "gate.record_damaged" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := count(path, "another gate"); problem.Code(err) != "gate.record_damaged" {
		t.Errorf("another gate's record: %v", err)
	}
}

func TestAClosedRecordTakesNothing(t *testing.T) {
	r, _, err := record.Open(filepath.Join(t.TempDir(), "record"), "g", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	if _, err := r.Append(noon, "step", 1); problem.Code(err) != "gate.closed" {
		t.Fatal(err)
	}
}

func FuzzRead(f *testing.F) {
	dir := f.TempDir()
	r, _, err := record.Open(filepath.Join(dir, "record"), "g", nil)
	if err != nil {
		f.Fatal(err)
	}
	for i := range 3 {
		if _, err := r.Append(noon, fmt.Sprint("k", i), i); err != nil {
			f.Fatal(err)
		}
	}
	r.Close()
	whole, err := os.ReadFile(filepath.Join(dir, "record"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-5])
	f.Add([]byte("\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, size, err := record.Read(bytes.NewReader(b), "g", func(record.Line) error { return nil })
		if size > int64(len(b)) || (size > 0 && b[size-1] != '\n') {
			t.Fatalf("size %d of %d", size, len(b))
		}
		if err == nil && bytes.IndexByte(b[size:], '\n') >= 0 {
			t.Fatal("a whole line was passed over")
		}
	})
}
