package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	stop := s.watch(t.Context(), desk, "g-1", false)
	for end := time.Now().Add(20 * time.Second); !strings.Contains(said.String(), "so far 1000 items (16 MiB), 2 withheld"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it says %q", said.String())
		}
	}
	stop()
	before := desk.asked
	s.Terminal = false
	s.watch(t.Context(), desk, "g-1", false)()
	if desk.asked != before {
		t.Error("a program that waits is told as well")
	}
}

func TestAProgramThatAsksIsToldHowFarItHasComeInLinesOfJSON(t *testing.T) {
	said := &lockedLines{}
	s := &session{World: World{Err: said}, json: true}
	stop := s.watch(t.Context(), &runningDesk{}, "g-1", true)
	for end := time.Now().Add(30 * time.Second); strings.Count(said.String(), "\n") < 2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it says %q", said.String())
		}
	}
	stop()
	for i, line := range strings.Split(strings.TrimSuffix(said.String(), "\n"), "\n") {
		var got map[string]map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		want := map[string]map[string]any{"progress": {"grant": "g-1", "items": float64(1000 * (i + 1)), "bytes": float64((i + 1) << 24), "withheld": float64(2)}}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}
