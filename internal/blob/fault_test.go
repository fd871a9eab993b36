package blob

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"counterseal/internal/problem"
)

func onMemory(t *testing.T) (*memory, *Packed) {
	t.Helper()
	m := newMemory()
	return m, openPacked(m, &Dir{root: t.TempDir()}, rand.Reader)
}

func (m *memory) packs() (n int) {
	for name := range m.names {
		if strings.HasSuffix(name, ".pack") || strings.HasSuffix(name, ".tmp") {
			n++
		}
	}
	return n
}

func TestAfterAFailedSyncNothingMoreIsWrittenToThatSegment(t *testing.T) {
	m, p := onMemory(t)
	put(t, p, "before")
	m.fault = func(op string) error {
		if op == "sync" {
			return errDisk
		}
		return nil
	}
	for i := range 20 {
		_, err := p.Put(t.Context(), fmt.Append(nil, i))
		if problem.Code(err) != "blob.unavailable" || problem.Of(err).Remedy == "" || !errors.Is(err, errDisk) {
			t.Fatalf("got %v", err)
		}
	}
	if n := m.packs(); n > 2 {
		t.Errorf("20 failures have left %d segments", n)
	}
	m.fault = nil
	put(t, p, "after")
	// What the failed sync has lost is gone, what was acknowledged is there.
	after := openPacked(m.cut(func(int) int { return 0 }), p.old, rand.Reader)
	has(t, after, "before")
	has(t, after, "after")
}

func TestAFullDiskIsAProblemAndRoomIsUsedWhenItComes(t *testing.T) {
	m, p := onMemory(t)
	put(t, p, "before")
	m.room = 100
	for i := range 20 {
		_, err := p.Put(t.Context(), []byte(strings.Repeat("x", 1000+i)))
		if problem.Code(err) != "blob.unavailable" || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("got %v", err)
		}
		has(t, p, "before")
	}
	if n := m.packs(); n > 2 {
		t.Errorf("20 failures have left %d segments", n)
	}
	m.room = -1
	put(t, p, "after")
	has(t, p, "after")
}

func TestAReadThatFailsIsNotABlobThatIsMissing(t *testing.T) {
	m, p := onMemory(t)
	put(t, p, "x")
	for _, op := range []string{"read", "open", "list"} {
		m.fault = func(what string) error {
			if what == op {
				return errDisk
			}
			return nil
		}
		lacks(t, p, "x", "blob.unavailable")
		m.fault = nil
		has(t, p, "x")
	}
}
