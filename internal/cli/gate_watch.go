package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/gate"
)

// watchEvery is how often somebody who waits is told how far it has come.
const watchEvery = 2 * time.Second

// watch tells whoever waits at a terminal, or asked to be told, how far a run of the gate
// has come, until it is stopped. It asks the gate and changes nothing; what it cannot
// learn it does not tell.
func (s *session) watch(ctx context.Context, desk gate.Desk, id string, asked bool) (stop func()) {
	if !asked && (!s.Terminal || s.json) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		t := time.NewTicker(watchEvery)
		defer t.Stop()
		var last gate.Progress
		for {
			select {
			case <-ctx.Done():
				return
			case <-t.C:
			}
			st, err := desk.Status(ctx, id)
			if err == nil && st.Progress != nil && *st.Progress != last {
				last = *st.Progress
				s.sayProgress(id, last)
			}
		}
	}()
	return func() { cancel(); <-done }
}

// sayProgress is a line on standard error: words, or with --json one document.
func (s *session) sayProgress(id string, p gate.Progress) {
	if !s.json {
		s.say("  %s", progressWords(p))
		return
	}
	_ = json.NewEncoder(s.Err).Encode(map[string]any{"progress": struct {
		Grant string `json:"grant"`
		gate.Progress
	}{id, p}})
}

func addProgress(c *cobra.Command, progress *bool) {
	c.Flags().BoolVar(progress, "progress", false, "say every two seconds how far it has come (with --json in lines of JSON, on standard error)")
}

func progressWords(p gate.Progress) string {
	return fmt.Sprintf("so far %d items (%d MiB), %d withheld", p.Items, p.Bytes>>20, p.Withheld)
}
