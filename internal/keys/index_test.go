package keys

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

func TestTheIndexFindsEachRecordAlsoWhereTheBitsItKnowsAreTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x index
		var held [][sha256.Size]byte
		alike := rapid.Uint64Range(1, 1<<16).Draw(t, "distinct marks")
		for n := range rapid.IntRange(0, 5000).Draw(t, "keys") {
			d := sha256.Sum256([]byte{byte(n), byte(n >> 8)})
			m := uint32(uint64(markOf(d)) % alike)
			d[0], d[1], d[2], d[3] = byte(m>>24), byte(m>>16), byte(m>>8), byte(m)
			x.add(d, uint32(n))
			held = append(held, d)
		}
		find := func(d [sha256.Size]byte) (at int, found bool) {
			found, _ = x.find(d, func(n uint32) (bool, error) { at = int(n); return held[n] == d, nil })
			return at, found
		}
		for n := 0; n < len(held); n += 1 + len(held)/50 {
			if at, found := find(held[n]); !found || at != n {
				t.Fatalf("record %d is found at %d, %v", n, at, found)
			}
			absent := held[n]
			absent[31] ^= 1
			if _, found := find(absent); found {
				t.Fatal("a key that is not there was found")
			}
		}
	})
}

// BenchmarkOpenMillion opens the keys of a million demands; B/op is what they
// take in memory, and what it took to grow.
func BenchmarkOpenMillion(b *testing.B) {
	f := openBench(b)
	for b.Loop() {
		x, _, err := readIndex(f)
		if err != nil || x.used != 1_000_000 {
			b.Fatal(x.used, err)
		}
		b.ReportMetric(float64(8*len(x.slots))/float64(x.used), "bytes/key")
		if _, err = f.Seek(0, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func openBench(b *testing.B) *os.File {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "wrapped"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	w := bufio.NewWriter(f)
	w.WriteString(wrappedMagic)
	var rec [recordSize]byte
	for n := range 1_000_000 {
		d := sha256.Sum256(binary.BigEndian.AppendUint32(nil, uint32(n)))
		copy(rec[:], d[:])
		w.Write(rec[:])
	}
	if err = w.Flush(); err != nil {
		b.Fatal(err)
	}
	if _, err = f.Seek(0, 0); err != nil {
		b.Fatal(err)
	}
	return f
}
