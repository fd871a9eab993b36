package blob

import (
	"bytes"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// layOut puts three blobs and gives the segment's bytes and where each record
// ends.
func layOut(t *testing.T) (name string, whole []byte, ends []int) {
	t.Helper()
	root := t.TempDir()
	p := packedIn(t, root)
	for _, s := range three {
		put(t, p, s)
		ends = append(ends, int(folderSize(t, root)))
	}
	path := files(t, root, "*.pack")[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Base(path), whole, ends
}

var three = []string{"first", strings.Repeat("second", 9), "last " + strings.Repeat("z", 40)}

// reopened writes a segment as a crash has left it, opens the store and puts one
// more blob.
func reopened(t *testing.T, name string, segment []byte) *Packed {
	t.Helper()
	m, none := newMemory(), &Dir{root: filepath.Join(t.TempDir(), "none")}
	m.names[name] = &inode{seen: segment, holders: map[*handle]bool{}}
	p := openPacked(m, none, rand.Reader)
	put(t, p, "after")
	has(t, p, "after")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = openPacked(m, none, rand.Reader)
	has(t, p, "after")
	return p
}

func TestASegmentCutAtAnyByteKeepsWhatIsWholeAndBelievesNothingElse(t *testing.T) {
	name, whole, ends := layOut(t)
	for n := range len(whole) + 1 {
		for _, tail := range [][]byte{nil, make([]byte, len(whole)-n), bytes.Repeat([]byte{0xa5}, len(whole)-n)} {
			p := reopened(t, name, append(bytes.Clone(whole[:n]), tail...))
			for i, s := range three {
				switch {
				case n >= ends[i]-alignment && n < ends[i]:
					continue // only padding may be missing
				case n >= ends[i]:
					has(t, p, s)
				default:
					lacks(t, p, s, "blob.missing")
				}
			}
		}
	}
}

func TestAFlippedByteSpoilsOneBlobAtMost(t *testing.T) {
	name, whole, ends := layOut(t)
	for n := range whole {
		bad := bytes.Clone(whole)
		bad[n] ^= 1
		p := reopened(t, name, bad)
		for i, s := range three {
			if n < packStart || n >= ends[i] || (i > 0 && n < ends[i-1]) {
				has(t, p, s)
				continue
			}
			b, err := p.Get(t.Context(), addressOf(s))
			if err == nil && string(b) != s {
				t.Fatalf("byte %d: %q", n, b)
			}
		}
	}
}

func TestADamagedOrMissingIndexIsDoneWithoutAndMadeAnew(t *testing.T) {
	root := t.TempDir()
	p := packedIn(t, root)
	for _, s := range three {
		put(t, p, s)
	}
	p.Close()
	path := files(t, root, "*.index")[0]
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		bad := bytes.Clone(whole)
		bad[n] ^= 1
		for _, b := range [][]byte{bad, whole[:n]} {
			if err = os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			p = packedIn(t, root)
			for _, s := range three {
				has(t, p, s)
			}
		}
	}
	p = packedIn(t, root)
	put(t, p, "one more")
	p.Close()
	if _, err = os.Stat(path); err != nil {
		t.Fatal(err)
	}
	has(t, packedIn(t, root), three[0])
}

func TestADocumentThatHoldsARecordIsNotTakenForOne(t *testing.T) {
	name, whole, _ := layOut(t)
	root := t.TempDir()
	p := packedIn(t, root)
	// Bytes of another segment, a removal among them, and then damage to the
	// header of the document that holds them.
	id, _ := segmentOf(name)
	removal := head{kind: isRemoval, length: 16, address: addressOf("kept"), payload: place{id, packStart}.bytes()}
	inside := append(bytes.Clone(whole[packStart:]), removal.marshal(place{id, packStart})...)
	put(t, p, "kept")
	put(t, p, string(inside))
	put(t, p, "behind")
	p.Close()
	path := files(t, root, "*.pack")[0]
	if err := os.Remove(files(t, root, "*.index")[0]); err != nil {
		t.Fatal(err)
	}
	flip(t, path, packStart+int(head{length: 4}.size())+1)
	p = packedIn(t, root)
	has(t, p, "kept")
	has(t, p, "behind")
	for _, s := range three {
		lacks(t, p, s, "blob.missing")
	}
}
