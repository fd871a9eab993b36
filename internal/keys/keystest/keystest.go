// Package keystest is the contract of docket.Keys: what every store of data keys
// must do. It imports the standard library and problem.
package keystest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"counterseal/internal/problem"
)

// Keys is the interface under test, as docket declares it, and Destroy.
type Keys interface {
	Create(ctx context.Context, id string) error
	Key(ctx context.Context, id string) ([32]byte, error)
	Destroy(ctx context.Context, ids ...string) error
}

// Run runs the contract. fresh opens an empty store; reopen ends it and opens it
// again.
func Run(t *testing.T, fresh func(t *testing.T) (k Keys, reopen func() Keys)) {
	t.Run("a key is the same on every reading and differs from all others", func(t *testing.T) {
		k, reopen := fresh(t)
		seen := make(map[[32]byte]string)
		for i := range 50 {
			id := fmt.Sprint("demand-", i)
			must(t, k.Create(t.Context(), id))
			seen[key(t, k, id)] = id
		}
		if len(seen) != 50 {
			t.Fatalf("%d distinct keys of 50", len(seen))
		}
		k = reopen()
		for v, id := range seen {
			if key(t, k, id) != v {
				t.Errorf("%s changed", id)
			}
		}
	})
	t.Run("an id gets one key only", func(t *testing.T) {
		k, _ := fresh(t)
		must(t, k.Create(t.Context(), "a"))
		before := key(t, k, "a")
		refused(t, k.Create(t.Context(), "a"), "keys.exists")
		if key(t, k, "a") != before {
			t.Error("the key was replaced")
		}
	})
	t.Run("an id is 1 to 64 bytes", func(t *testing.T) {
		k, _ := fresh(t)
		refused(t, k.Create(t.Context(), ""), "keys.id")
		refused(t, k.Create(t.Context(), string(make([]byte, 65))), "keys.id")
	})
	t.Run("concurrent creation gives each id one key, and one winner per id", func(t *testing.T) {
		k, reopen := fresh(t)
		var all sync.WaitGroup
		var mu sync.Mutex
		won := make(map[string]int)
		for range 8 {
			all.Go(func() {
				for i := range 25 {
					id := fmt.Sprint("d-", i)
					err := k.Create(t.Context(), id)
					if err != nil {
						refused(t, err, "keys.exists")
						continue
					}
					mu.Lock()
					won[id]++
					mu.Unlock()
				}
			})
		}
		all.Wait()
		k = reopen()
		for i := range 25 {
			id := fmt.Sprint("d-", i)
			if won[id] != 1 {
				t.Errorf("%s: %d winners", id, won[id])
			}
			key(t, k, id)
		}
	})
	t.Run("destroyed keys are gone and all others stay", func(t *testing.T) {
		k, reopen := fresh(t)
		kept := make(map[string][32]byte)
		for i := range 10 {
			id := fmt.Sprint("d-", i)
			must(t, k.Create(t.Context(), id))
			kept[id] = key(t, k, id)
		}
		must(t, k.Destroy(t.Context(), "d-3", "never-there", "d-9"))
		delete(kept, "d-3")
		delete(kept, "d-9")
		for range 2 {
			for id, v := range kept {
				if key(t, k, id) != v {
					t.Errorf("%s changed", id)
				}
			}
			for _, id := range []string{"d-3", "d-9"} {
				_, err := k.Key(t.Context(), id)
				refused(t, err, "keys.missing")
			}
			k = reopen()
		}
		must(t, k.Create(t.Context(), "later"))
		key(t, k, "later")
	})
}

func key(t *testing.T, k Keys, id string) [32]byte {
	t.Helper()
	v, err := k.Key(t.Context(), id)
	if err != nil {
		t.Errorf("%s: %v", id, err)
	}
	if v == ([32]byte{}) {
		t.Errorf("%s: the key is zero", id)
	}
	return v
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}
