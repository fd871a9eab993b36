package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"counterseal/internal/blob/blobtest"
	"counterseal/internal/problem"
)

func packedIn(t testing.TB, root string) *Packed {
	t.Helper()
	p, err := OpenPacked(root, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func addressOf(s string) Address { return sha256.Sum256([]byte(s)) }

func put(t testing.TB, p *Packed, s string) Address {
	t.Helper()
	a, err := p.Put(context.Background(), []byte(s))
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	return a
}

func has(t testing.TB, p *Packed, s string) {
	t.Helper()
	b, err := p.Get(context.Background(), sha256.Sum256([]byte(s)))
	if err != nil || string(b) != s {
		t.Fatalf("%.40q: %v", s, err)
	}
}

func lacks(t testing.TB, p *Packed, s, code string) {
	t.Helper()
	_, err := p.Get(context.Background(), sha256.Sum256([]byte(s)))
	if problem.Code(err) != code {
		t.Fatalf("%.40q: got %v, want %s", s, err, code)
	}
}

func files(t testing.TB, root, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "pack", pattern))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSegmentsKeepTheContract(t *testing.T) {
	blobtest.Run(t, Max, func(t *testing.T) (blobtest.Store, func() blobtest.Store) {
		root := t.TempDir()
		first := packedIn(t, root)
		return first, func() blobtest.Store {
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			return packedIn(t, root)
		}
	})
}

func TestSegmentsWithoutAnIndexKeepTheContract(t *testing.T) {
	blobtest.Run(t, Max, func(t *testing.T) (blobtest.Store, func() blobtest.Store) {
		root := t.TempDir()
		// The first is never closed, as after a crash.
		return packedIn(t, root), func() blobtest.Store { return packedIn(t, root) }
	})
}

func TestFilesOfTheTimeBeforeSegmentsStayReadableAndRemovable(t *testing.T) {
	root := t.TempDir()
	d, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	old, err := d.Put(t.Context(), []byte("old"))
	if err != nil {
		t.Fatal(err)
	}
	p := packedIn(t, root)
	put(t, p, "new")
	has(t, p, "old")
	has(t, p, "new")
	if err = os.WriteFile(d.path(old), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	lacks(t, p, "old", "blob.corrupt")
	if err = p.Remove(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	lacks(t, p, "old", "blob.missing")
}

func TestManyAtOnceShareSyncsAndSegmentsFillUp(t *testing.T) {
	root := t.TempDir()
	p := packedIn(t, root)
	p.most = 100
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 50 {
				if _, err := p.Put(t.Context(), fmt.Appendf(nil, "%d-%d", g, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := len(files(t, root, "*.pack")); n < 2 || n > 8 {
		t.Errorf("%d segments of at least 100 records for 800", n)
	}
	other := packedIn(t, root)
	for g := range 16 {
		for i := range 50 {
			s := fmt.Sprintf("%d-%d", g, i)
			has(t, p, s)
			has(t, other, s)
		}
	}
}

func TestProcessesSeeEachOthersBlobsAndRemovals(t *testing.T) {
	root := t.TempDir()
	a, b := packedIn(t, root), packedIn(t, root)
	for i := range 20 {
		maker, reader := a, b
		if i%2 == 1 {
			maker, reader = b, a
		}
		s := fmt.Sprint("blob ", i)
		at := put(t, maker, s)
		has(t, reader, s)
		if i%3 == 0 {
			if err := reader.Remove(t.Context(), at); err != nil {
				t.Fatal(err)
			}
			lacks(t, reader, s, "blob.missing")
		}
	}
	if n := len(files(t, root, "*.pack")); n != 2 {
		t.Errorf("%d segments for two processes", n)
	}
	a.Close()
	b.Close()
	c := packedIn(t, root)
	for i := range 20 {
		if i%3 == 0 {
			lacks(t, c, fmt.Sprint("blob ", i), "blob.missing")
		} else {
			has(t, c, fmt.Sprint("blob ", i))
		}
	}
	put(t, c, "one more")
	if n := len(files(t, root, "*.pack")); n != 2 {
		t.Errorf("%d segments: nobody's segment is appended to again", n)
	}
}

func TestARemovedBlobMayBePutAgain(t *testing.T) {
	root := t.TempDir()
	p := packedIn(t, root)
	for range 3 {
		a := put(t, p, "again")
		put(t, p, "again")
		has(t, p, "again")
		if err := p.Remove(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		lacks(t, p, "again", "blob.missing")
	}
	put(t, p, "again")
	has(t, packedIn(t, root), "again")
}

func TestOpeningAndReadingMakesNothing(t *testing.T) {
	root := t.TempDir()
	p := packedIn(t, root)
	lacks(t, p, "x", "blob.missing")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(root); len(left) != 0 {
		t.Fatalf("%v", left)
	}
	if _, err := OpenPacked(filepath.Join(root, "absent"), rand.Reader); problem.Code(err) != "blob.unavailable" {
		t.Fatalf("got %v", err)
	}
}

func TestAClosedStoreTakesNothing(t *testing.T) {
	p := packedIn(t, t.TempDir())
	put(t, p, "x")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Put(t.Context(), []byte("y")); problem.Code(err) != "blob.unavailable" || problem.Of(err).Remedy == "" {
		t.Fatalf("got %v", err)
	}
}

func BenchmarkPut(b *testing.B) {
	for _, c := range []struct {
		name string
		open func(root string) (blobtest.Store, error)
	}{
		{"files", func(root string) (blobtest.Store, error) { return Open(root) }},
		{"segments", func(root string) (blobtest.Store, error) { return OpenPacked(root, rand.Reader) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, err := c.open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				body := make([]byte, 4096)
				rand.Read(body)
				for n := 0; pb.Next(); n++ {
					body[0], body[1], body[2] = byte(n), byte(n>>8), byte(n>>16)
					if _, err := s.Put(context.Background(), body); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}
