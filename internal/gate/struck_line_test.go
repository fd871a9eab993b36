package gate_test

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterseal/internal/gate/pinned"
	"counterseal/internal/gate/uplink"
)

// farUplink serves journal and docket as an office on another host does, leaves the
// gate's own key and the office's pin in the folder, and gives the address.
func (v *victim) farUplink() string {
	v.t.Helper()
	ours, theirs := newIdentity(v.t, filepath.Join(v.base, "line.key")), newIdentity(v.t, filepath.Join(v.base, "office.key"))
	l, err := theirs.Listen(ctx, "127.0.0.1:0", ours.Pin())
	if err != nil {
		v.t.Fatal(err)
	}
	srv := &http.Server{Handler: uplink.Proven(v.Journal, v.docket, "gate-1", slog.New(slog.DiscardHandler))}
	go srv.Serve(l)
	v.t.Cleanup(func() { srv.Close() })
	return l.Addr().String() + " " + theirs.Pin().String()
}

func newIdentity(t *testing.T, path string) pinned.Identity {
	t.Helper()
	text, err := pinned.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	i, err := pinned.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// farLink is the child's way to it.
func farLink(t *testing.T, dir, at string) *uplink.Client {
	t.Helper()
	address, pin, _ := strings.Cut(at, " ")
	text, err := os.ReadFile(filepath.Join(dir, "line.key"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := pinned.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	office, err := pinned.ParsePin(pin)
	if err != nil {
		t.Fatal(err)
	}
	return uplink.Over(own.Dialer(address, office), "")
}

// onTheLine is what befalls the line itself, whose calls are made by threads that the
// runtime chooses: strace strikes each thread's, so one of them is met.
func onTheLine() (out []blow) {
	for at := 1; at <= 8; at++ {
		out = append(out, blow{"connect", at, "error=ECONNREFUSED"}, blow{"write", at, "error=EPIPE"}, blow{"read", at, "error=ECONNRESET"},
			blow{"write", at, "delay_enter=60000000"}, blow{"read", at, "signal=KILL"}, blow{"connect", at, "error=ENETUNREACH"})
	}
	return out
}
