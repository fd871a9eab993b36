package gatehttp

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// held serves like a process that is stopped: its host takes connections and what is
// sent, and gives nothing.
func held(t *testing.T) *Client {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return hasty(t, l)
}

func hasty(t *testing.T, l net.Listener) *Client {
	c := Unix(l.Addr().String())
	c.waits = waits{looking: 100 * time.Millisecond, acting: 200 * time.Millisecond, between: 100 * time.Millisecond}
	t.Cleanup(func() { c.Close() })
	return c
}

// One process that is stopped would else keep an office from its other gates for ever:
// a stop from reaching them, the clerk from his rounds.
func TestAGateThatIsSilentIsOneThatDoesNotAnswer(t *testing.T) {
	c := held(t)
	for name, ask := range map[string]func(context.Context) error{
		"list": func(ctx context.Context) error { _, err := c.List(ctx); return err },
		"text": func(ctx context.Context) error { _, err := c.Text(ctx, "g"); return err },
		"stop": func(ctx context.Context) error { _, err := c.Stop(ctx, grant.Signed{}); return err },
		"offer": func(ctx context.Context) error {
			_, err := c.Offer(ctx, gate.Offer{Document: make([]byte, 8<<20)})
			return err
		},
		"release": func(ctx context.Context) error { _, err := c.Release(ctx, "g"); return err },
		"list of an incident": func(ctx context.Context) error {
			_, _, err := c.ReadIncident(ctx, grant.Signed{})
			return err
		},
		"passphrase": func(ctx context.Context) error { _, err := c.TellPassphrase(ctx, grant.Signed{}); return err },
		"fetch":      func(ctx context.Context) error { _, _, err := c.Fetch(ctx, "g", "f", "me"); return err },
		"bring": func(ctx context.Context) error {
			_, err := c.BringExport(ctx, "e", strings.NewReader("x"))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			err := ask(ctx)
			if problem.Code(err) != "gate.unreachable" || ctx.Err() != nil {
				t.Errorf("it is waited for without limit: %v", err)
			}
		})
	}
}

// taking releases for as long as a test wants.
type taking struct {
	gate.Desk
	begun, end chan struct{}
}

func (d taking) Release(context.Context, string) (gate.Outcome, error) {
	close(d.begun)
	<-d.end
	return gate.Outcome{ID: "done"}, nil
}

// stopping holds the lines of a server when it is told to.
type stopping struct {
	net.Listener
	stop chan struct{}
}

func (l stopping) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return stoppingLine{c, l.stop}, err
}

type stoppingLine struct {
	net.Conn
	stop chan struct{}
}

func (c stoppingLine) Write(b []byte) (int, error) {
	select {
	case <-c.stop:
		return len(b), nil // it comes nowhere
	default:
		return c.Conn.Write(b)
	}
}

func longRelease(t *testing.T) (*Client, taking, stopping) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	d, s := taking{nil, make(chan struct{}), make(chan struct{})}, stopping{l, make(chan struct{})}
	srv := &http.Server{Handler: Handler(d, slog.New(slog.DiscardHandler))}
	go srv.Serve(s)
	t.Cleanup(func() { srv.Close() })
	return hasty(t, l), d, s
}

func TestALongReleaseIsWaitedForWhileItsGateIsThere(t *testing.T) {
	c, d, _ := longRelease(t)
	go func() {
		<-d.begun
		time.Sleep(time.Second) // far beyond the patience for anything else
		close(d.end)
	}()
	out, err := c.Release(t.Context(), "g")
	if err != nil || out.ID != "done" {
		t.Errorf("%+v %v", out, err)
	}
}

func TestAGateThatFallsSilentInALongReleaseIsNotWaitedFor(t *testing.T) {
	c, d, s := longRelease(t)
	defer close(d.end)
	go func() {
		<-d.begun
		close(s.stop)
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err := c.Release(ctx, "g")
	if problem.Code(err) != "gate.unreachable" || ctx.Err() != nil {
		t.Errorf("it is waited for without limit: %v", err)
	}
}

// A download that the gate stops giving ends; one that its reader pauses does not.
func TestADownloadThatStandsStillEnds(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, strings.Repeat("x", 50))
		_ = http.NewResponseController(w).Flush()
		<-end
	})}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	defer close(end)
	r, _, err := hasty(t, l).Fetch(t.Context(), "g", "f", "me")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	time.Sleep(500 * time.Millisecond)
	first := make([]byte, 50)
	if _, err := io.ReadFull(r, first); err != nil {
		t.Errorf("its reader took a pause: %v", err)
	}
	begun := time.Now()
	if _, err := io.ReadAll(r); problem.Code(err) != "gate.cut" || time.Since(begun) > 5*time.Second {
		t.Errorf("after %s: %v", time.Since(begun), err)
	}
}

// oneDown says what one of its gates knows; the other is down.
type oneDown struct {
	gate.Desk
	list []gate.Status
}

func (d oneDown) List(context.Context) ([]gate.Status, error) {
	return d.list, problem.New(problem.Unavailable, "gate.unreachable", "the gate does not answer").At("gate gate-dub-1")
}

// An office answers for gates elsewhere. What some say is not kept back for one that is down.
func TestAListOfWhichOneGateIsMissingComesWithTheWordThatItIs(t *testing.T) {
	for _, list := range [][]gate.Status{nil, {{ID: "g-1"}}} {
		l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
		if err != nil {
			t.Fatal(err)
		}
		srv := &http.Server{Handler: Handler(oneDown{nil, list}, slog.New(slog.DiscardHandler))}
		go srv.Serve(l)
		t.Cleanup(func() { srv.Close() })
		c := Office(l.Addr().String())
		t.Cleanup(func() { c.Close() })
		got, err := c.List(t.Context())
		if p := problem.Of(err); p == nil || p.Code != "gate.unreachable" || p.Field != "gate gate-dub-1" || len(got) != len(list) {
			t.Errorf("%v %v", got, err)
		}
	}
}
