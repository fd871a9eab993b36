package app

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// releaseDue releases what somebody asked to go by itself (release.ask), once nothing
// stands in its way: approvals, first days, stays and waiting periods are asked of the
// docket, and of the gate its own obstacles, a person's fresh word that the order
// stands among them. Nothing is tried before: a release that a gate begins and refuses
// spends its grant. What is refused all the same goes into the log.
//
// Each goes on by itself, so that one from a slow store keeps no other waiting; over is
// called with what was begun, before the next one begins.
func (o *Office) releaseDue(ctx context.Context, over func(<-chan struct{})) error {
	if o.Desk() == nil {
		return nil
	}
	list, down := o.Desk().List(ctx) // what lies with a gate that is down goes once it is back
	for _, st := range list {
		if st.State != gate.Offered || len(st.Obstacles) > 0 {
			continue
		}
		goes, err := o.goesByItself(ctx, st)
		if err == nil && goes {
			run := o.going.begin(st.ID, func() { o.releasedByItself(ctx, st) })
			if run == nil {
				break // what is left is found the next time
			}
			over(run)
		}
		if err != nil {
			o.notReleased(st, err)
		}
	}
	return down
}

func (o *Office) releasedByItself(ctx context.Context, st gate.Status) {
	_, err := o.Release(ctx, st.ID)
	if err != nil {
		o.notReleased(st, err)
	}
}

func (o *Office) notReleased(st gate.Status, err error) {
	o.log.Warn("not released by itself", "demand", st.Demand, "code", problem.Code(err))
}

// going are the releases under way that go by themselves. Its zero value has none.
type going struct {
	mu   sync.Mutex
	runs map[string]chan struct{} // by the grant's digest
	all  sync.WaitGroup
}

// byItself is how many releases that go by themselves are under way at most: each takes
// memory and time of its gate, and many may have waited for one that was down.
const byItself = 8

// begin lets a release go, unless it is under way. over is closed when it has ended; it is
// nil where as many as may be are under way.
func (g *going) begin(id string, release func()) (over <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if run, under := g.runs[id]; under {
		return run
	}
	if len(g.runs) == byItself {
		return nil
	}
	if g.runs == nil {
		g.runs = map[string]chan struct{}{}
	}
	run := make(chan struct{})
	g.runs[id] = run
	g.all.Go(func() {
		defer close(run)
		release()
		g.mu.Lock()
		defer g.mu.Unlock()
		delete(g.runs, id)
	})
	return run
}

// wait waits for what is under way now.
func (g *going) wait() {
	g.mu.Lock()
	runs := slices.Collect(maps.Values(g.runs))
	g.mu.Unlock()
	for _, run := range runs {
		<-run
	}
}

func (o *Office) goesByItself(ctx context.Context, st gate.Status) (bool, error) {
	c, err := o.Docket.State(ctx, demand.ID(st.Demand))
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(c.State.Grants, func(g demand.Grant) bool { return g.ID == st.Grant })
	return i >= 0 && c.State.Grants[i].Asked.Seq > 0 && len(demand.MayRelease(c.State, st.Grant, c.Env)) == 0, nil
}

// releases looks every few seconds for what goes by itself, until ctx ends. It is
// not a part of the clerk's round: a large release keeps no notice waiting.
func (o *Office) releases(ctx context.Context) error {
	defer o.going.all.Wait()
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := o.releaseDue(ctx, func(<-chan struct{}) {}); err != nil && ctx.Err() == nil {
			o.log.Error("releases", "code", problem.Code(err))
		}
	}
}
