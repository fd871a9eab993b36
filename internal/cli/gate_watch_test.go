package cli

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/gate"
)

// runningDesk is a gate that has come further each time it is asked.
type runningDesk struct {
	gate.Desk
	asked int64
}

func (d *runningDesk) Status(context.Context, string) (gate.Status, error) {
	d.asked++
	return gate.Status{State: gate.Running, Progress: &gate.Progress{Items: 1000 * d.asked, Bytes: d.asked << 24, Withheld: 2}}, nil
}

type lockedLines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestWhoWaitsAtATerminalIsToldHowFarItHasCome(t *testing.T) {
	said := &lockedLines{}
	desk := &runningDesk{}
	s := &session{World: World{Err: said, Terminal: true}}
	stop := s.watch(t.Context(), &app.Office{Desk: desk}, "g-1")
	for end := time.Now().Add(20 * time.Second); !strings.Contains(said.String(), "so far 1000 items (16 MiB), 2 withheld"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it says %q", said.String())
		}
	}
	stop()
	before := desk.asked
	s.Terminal = false
	s.watch(t.Context(), &app.Office{Desk: desk}, "g-1")()
	if desk.asked != before {
		t.Error("a program that waits is told as well")
	}
}
