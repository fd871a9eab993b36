package blob

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// folderSize is what all segments take together.
func folderSize(t *testing.T, root string) (n int64) {
	t.Helper()
	for _, path := range files(t, root, "*.pack") {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}

func TestCompactingFreesWhatWasRemovedAndNothingElse(t *testing.T) {
	root := t.TempDir()
	p := packedIn(t, root)
	p.most = 10
	long := strings.Repeat("x", 1000)
	for i := range 60 {
		a := put(t, p, fmt.Sprint(long, i))
		if i%3 == 0 {
			if err := p.Remove(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
	}
	beside := packedIn(t, root)
	has(t, beside, long+"1")
	before := folderSize(t, root)
	c, err := p.Compact(t.Context())
	if err != nil || c.Freed < 20*1000 || c.Damaged != 0 || c.Segments < 6 {
		t.Fatalf("%+v %v", c, err)
	}
	if after := folderSize(t, root); before-after != c.Freed {
		t.Errorf("%d bytes were freed, not %d", before-after, c.Freed)
	}
	for _, s := range []*Packed{p, beside, packedIn(t, root)} {
		for i := range 60 {
			if i%3 == 0 {
				lacks(t, s, fmt.Sprint(long, i), "blob.missing")
			} else {
				has(t, s, fmt.Sprint(long, i))
			}
		}
	}
	again, err := p.Compact(t.Context())
	if err != nil || again.Segments != 0 {
		t.Errorf("a second time there is nothing to do: %+v %v", again, err)
	}
	put(t, p, "after")
	has(t, beside, "after")
}

func TestReadingPuttingAndRemovingGoOnBesideCompacting(t *testing.T) {
	root := t.TempDir()
	p, other := packedIn(t, root), packedIn(t, root)
	p.most, other.most = 20, 20
	for i := range 100 {
		put(t, p, fmt.Sprint("old", i))
	}
	var all sync.WaitGroup
	stop := make(chan struct{})
	all.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			has(t, other, fmt.Sprint("old", 2*(i%50)+1))
			put(t, other, fmt.Sprint("new", i%10))
		}
	})
	for i := range 50 {
		s := fmt.Sprint("old", 2*i)
		if err := p.Remove(t.Context(), addressOf(s)); err != nil {
			t.Error(err, errors.Unwrap(err))
		}
		if i%10 == 0 {
			if _, err := p.Compact(t.Context()); err != nil {
				t.Error(err, errors.Unwrap(err))
			}
		}
	}
	close(stop)
	all.Wait()
	for i := range 50 {
		lacks(t, other, fmt.Sprint("old", 2*i), "blob.missing")
		has(t, other, fmt.Sprint("old", 2*i+1))
	}
}

func TestADamagedBlobKeepsItsSegmentFromBeingRewritten(t *testing.T) {
	root := t.TempDir()
	p := packedIn(t, root)
	put(t, p, "damaged")
	gone := put(t, p, "gone")
	put(t, p, "good")
	if err := p.Remove(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	p.Close()
	path := files(t, root, "*.pack")[0]
	flip(t, path, packStart+headSize)
	p = packedIn(t, root)
	c, err := p.Compact(t.Context())
	if err != nil || c.Damaged != 1 || c.Segments != 0 {
		t.Fatalf("%+v %v", c, err)
	}
	lacks(t, p, "damaged", "blob.corrupt")
	lacks(t, p, "gone", "blob.missing")
	has(t, p, "good")
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[at] ^= 1
	if err = os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
