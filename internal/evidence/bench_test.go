package evidence_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"counterseal/internal/evidence"
)

// BenchmarkPackage writes 48,000 messages of 5 KiB (234 MiB) to a file in memory
// or, where there is none, to the temporary folder.
func BenchmarkPackage(b *testing.B) {
	b.Run("age", func(b *testing.B) { benchPackage(b, newKey(b).Recipient()) })
	b.Run("openpgp", func(b *testing.B) { benchPackage(b, certificate(b)) })
}

func benchPackage(b *testing.B, to evidence.Recipient) {
	body := bytes.Repeat([]byte("a line of a message, as long as such lines are\r\n"), 5120/48)
	dir := "/dev/shm"
	if _, err := os.Stat(dir); err != nil {
		dir = b.TempDir()
	}
	const items = 48_000
	b.SetBytes(items * int64(len(body)))
	for b.Loop() {
		f, err := os.CreateTemp(dir, "package-*")
		if err != nil {
			b.Fatal(err)
		}
		os.Remove(f.Name())
		o := options(b)
		o.ByteCap = 1 << 40
		w, err := evidence.NewWriter(context.Background(), f, to, header(b), o)
		if err != nil {
			b.Fatal(err)
		}
		for i := range items {
			it := item("acct-rossi", fmt.Sprintf("m%d", i), march(3), march(3), "message.eml", body)
			it.Open = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
			if err := w.Add(it); err != nil {
				b.Fatal(err)
			}
		}
		closed(b, w, "en")
		f.Close()
	}
}
