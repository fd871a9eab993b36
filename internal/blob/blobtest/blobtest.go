// Package blobtest is the contract of docket.Originals: what every store of
// documents must do. It imports the standard library and problem.
package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"sync"
	"testing"

	"counterseal/internal/problem"
)

// Store is the interface under test, as docket declares it, and Remove.
type Store interface {
	Put(ctx context.Context, b []byte) ([32]byte, error)
	Get(ctx context.Context, address [32]byte) ([]byte, error)
	Remove(ctx context.Context, address [32]byte) error
}

// Run runs the contract. fresh opens an empty store of blobs up to max bytes;
// reopen opens the same one again.
func Run(t *testing.T, max int, fresh func(t *testing.T) (s Store, reopen func() Store)) {
	t.Run("bytes come back as they were, after reopening too", func(t *testing.T) {
		s, reopen := fresh(t)
		all := [][]byte{{}, {0}, []byte("an order"), bytes.Repeat([]byte{7}, 1<<20)}
		for _, b := range all {
			a := put(t, s, b)
			if a != sha256.Sum256(b) {
				t.Errorf("the address of %d bytes is not their SHA-256", len(b))
			}
		}
		s = reopen()
		for _, b := range all {
			got, err := s.Get(t.Context(), sha256.Sum256(b))
			if err != nil || !bytes.Equal(got, b) {
				t.Errorf("%d bytes: %v", len(b), err)
			}
		}
	})
	t.Run("the same bytes may be put again, at once too", func(t *testing.T) {
		s, _ := fresh(t)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { put(t, s, []byte("twice")) })
		}
		all.Wait()
	})
	t.Run("what was never put is missing", func(t *testing.T) {
		s, _ := fresh(t)
		_, err := s.Get(t.Context(), sha256.Sum256([]byte("absent")))
		refused(t, err, "blob.missing")
	})
	t.Run("what was removed is missing, and may be removed again", func(t *testing.T) {
		s, _ := fresh(t)
		a, b := put(t, s, []byte("a")), put(t, s, []byte("b"))
		for range 2 {
			if err := s.Remove(t.Context(), a); err != nil {
				t.Error(err)
			}
		}
		_, err := s.Get(t.Context(), a)
		refused(t, err, "blob.missing")
		if _, err = s.Get(t.Context(), b); err != nil {
			t.Error(err)
		}
	})
	t.Run("one byte too many is refused", func(t *testing.T) {
		s, _ := fresh(t)
		put(t, s, make([]byte, max))
		_, err := s.Put(t.Context(), make([]byte, max+1))
		refused(t, err, "blob.too_large")
	})
}

func put(t *testing.T, s Store, b []byte) [32]byte {
	t.Helper()
	a, err := s.Put(t.Context(), b)
	if err != nil {
		t.Error(err)
	}
	return a
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}
