package gatehttp

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
)

// crowded counts the offers that it takes at once.
type crowded struct {
	gate.Desk
	now, most *atomic.Int64
}

func (d crowded) Offer(context.Context, gate.Offer) (gate.Status, error) {
	n := d.now.Add(1)
	defer d.now.Add(-1)
	for {
		most := d.most.Load()
		if n <= most || d.most.CompareAndSwap(most, n) {
			break
		}
	}
	time.Sleep(200 * time.Millisecond)
	return gate.Status{}, nil
}

func (d crowded) Stop(context.Context, grant.Signed) (gate.HeldStop, error) {
	return gate.HeldStop{Digest: "held"}, nil
}

func TestLargeBodiesAreTakenAFewAtATimeAndAStopIsNotAmongThem(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	d := crowded{nil, new(atomic.Int64), new(atomic.Int64)}
	srv := &http.Server{Handler: Handler(d, slog.New(slog.DiscardHandler))}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	c := Unix(l.Addr().String())
	t.Cleanup(func() { c.Close() })
	var all sync.WaitGroup
	for range 5 * largeAtOnce {
		all.Go(func() {
			if _, err := c.Offer(t.Context(), gate.Offer{}); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(100 * time.Millisecond)
	begun := time.Now()
	held, err := c.Stop(t.Context(), grant.Signed{})
	if err != nil || held.Digest != "held" || time.Since(begun) > 150*time.Millisecond {
		t.Errorf("a stop waited for %s: %v", time.Since(begun), err)
	}
	all.Wait()
	if n := d.most.Load(); n > largeAtOnce {
		t.Errorf("%d at once", n)
	}
}
