package gatehttp

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// full takes approvals, offers and calls until it is told to end.
type full struct {
	gate.Desk
	taken chan int
	end   chan struct{}
}

func (d full) Approve(_ context.Context, _ string, signature []byte) (gate.Status, error) {
	d.taken <- len(signature)
	<-d.end
	return gate.Status{}, nil
}

func (d full) Offer(context.Context, gate.Offer) (gate.Status, error) {
	d.taken <- 0
	<-d.end
	return gate.Status{}, nil
}

func (d full) Stop(context.Context, grant.Signed) (gate.HeldStop, error) {
	return gate.HeldStop{Digest: "held"}, nil
}

func newFull(t *testing.T, queue time.Duration, room int64) (full, *Client, string) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	d := full{nil, make(chan int, 100), make(chan struct{})}
	s := server{d, slog.New(slog.DiscardHandler), make(chan struct{}, largeAtOnce), queue}
	srv := &http.Server{Handler: handler(s, room)}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	c := Unix(l.Addr().String())
	t.Cleanup(func() { c.Close() })
	return d, c, l.Addr().String()
}

// With each body that is held, memory grows. Whoever sends more than there is room for is
// told at once to come later; a stop has room of its own.
func TestSmallBodiesAreHeldBelowATotalAndAStopIsNotAmongThem(t *testing.T) {
	const most, size = 10, 30_000 // bytes of a signature; in base64 a third more
	d, c, _ := newFull(t, queueing, most*(size/3*4+1000))
	var all sync.WaitGroup
	for range most {
		all.Go(func() {
			if _, err := c.Approve(t.Context(), "g", make([]byte, size)); err != nil {
				t.Error(err)
			}
		})
	}
	for range most {
		<-d.taken
	}
	for range 3 {
		_, err := c.Approve(t.Context(), "g", make([]byte, size))
		if p := problem.Of(err); p == nil || p.Code != "gatehttp.busy" || p.Kind != problem.Unavailable || p.Remedy == "" {
			t.Errorf("one more was taken: %v", err)
		}
		_, err = c.Approve(t.Context(), "g", make([]byte, 700_000)) // more than a line holds by itself
		if problem.Code(err) != "gatehttp.busy" {
			t.Errorf("one more and large was taken: %v", err)
		}
	}
	for range 3 {
		held, err := c.Stop(t.Context(), grant.Signed{Text: make([]byte, size)})
		if err != nil || held.Digest != "held" {
			t.Errorf("a stop was refused: %v", err)
		}
	}
	if _, _, err := c.Fetch(t.Context(), "g", strings.Repeat("f", 10), strings.Repeat("x", size)); problem.Code(err) != "gatehttp.busy" {
		t.Errorf("a fetch: %v", err)
	}
	close(d.end)
	all.Wait()
	if _, err := c.Approve(t.Context(), "g", make([]byte, size)); err != nil {
		t.Errorf("room is not given back: %v", err)
	}
}

func TestARefusalForWantOfRoomSaysWhenToComeAgain(t *testing.T) {
	_, c, _ := newFull(t, queueing, 1000)
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://gate/v1/offers/g/approvals", strings.NewReader(`{"signature":"`+strings.Repeat("A", 900_000)+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") != "5" || !strings.Contains(string(b), `"code":"gatehttp.busy"`) {
		t.Errorf("%d %v %s", resp.StatusCode, resp.Header, b)
	}
}

// Who announces a body and does not send it would else keep all others out.
func TestABodyThatDoesNotComeTakesNoRoom(t *testing.T) {
	d, c, address := newFull(t, queueing, 100_000)
	close(d.end)
	for range 50 {
		line, err := net.Dial("unix", address)
		if err != nil {
			t.Fatal(err)
		}
		defer line.Close()
		_, err = fmt.Fprintf(line, "POST /v1/offers/g/approvals HTTP/1.1\r\nHost: gate\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n{", maxBody)
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 50 {
		if _, err := c.Approve(t.Context(), "g", make([]byte, 30_000)); err != nil {
			t.Fatal(err)
		}
	}
}

// Large bodies have places of their own; a place is waited for a while, and not for ever.
func TestAPlaceAmongTheLargeIsNotWaitedForWithoutEnd(t *testing.T) {
	d, c, _ := newFull(t, 100*time.Millisecond, room)
	var all sync.WaitGroup
	for range largeAtOnce {
		all.Go(func() {
			if _, err := c.Offer(t.Context(), gate.Offer{}); err != nil {
				t.Error(err)
			}
		})
	}
	for range largeAtOnce {
		<-d.taken
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, err := c.Offer(ctx, gate.Offer{}); problem.Code(err) != "gatehttp.busy" {
		t.Errorf("it was waited for: %v", err)
	}
	close(d.end)
	all.Wait()
	if _, err := c.Offer(t.Context(), gate.Offer{}); err != nil {
		t.Error(err)
	}
}

// A large body counts as a small one does, and no more: its place bounds the rest.
func TestOfALargeBodyAMebibyteCounts(t *testing.T) {
	d, c, _ := newFull(t, queueing, maxBody+1000)
	close(d.end)
	for range 3 {
		if _, err := c.Offer(t.Context(), gate.Offer{Document: make([]byte, 8<<20)}); err != nil {
			t.Fatal(err)
		}
	}
}
