package cli

import (
	"context"
	"fmt"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/gate"
)

// watchEvery is how often somebody who waits is told how far it has come.
const watchEvery = 2 * time.Second

// watch tells whoever waits at a terminal how far a run of the gate has come, until it is
// stopped. It asks the gate and changes nothing; what it cannot learn it does not tell.
func (s *session) watch(ctx context.Context, o *app.Office, id string) (stop func()) {
	if !s.Terminal {
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
			st, err := o.Desk.Status(ctx, id)
			if err == nil && st.Progress != nil && *st.Progress != last {
				last = *st.Progress
				s.say("  %s", progressWords(last))
			}
		}
	}()
	return func() { cancel(); <-done }
}

func progressWords(p gate.Progress) string {
	return fmt.Sprintf("so far %d items (%d MiB), %d withheld", p.Items, p.Bytes>>20, p.Withheld)
}
