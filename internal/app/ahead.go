package app

import (
	"context"
	"slices"
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
func (o *Office) releaseDue(ctx context.Context) error {
	if o.Desk() == nil {
		return nil
	}
	o.releasing.Lock() // who asks finds done what another had begun
	defer o.releasing.Unlock()
	list, down := o.Desk().List(ctx) // what lies with a gate that is down goes once it is back
	for _, st := range list {
		if st.State != gate.Offered || len(st.Obstacles) > 0 {
			continue
		}
		goes, err := o.goesByItself(ctx, st)
		if err == nil && goes {
			_, err = o.Release(ctx, st.ID)
		}
		if err != nil {
			o.log.Warn("not released by itself", "demand", st.Demand, "code", problem.Code(err))
		}
	}
	return down
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
	t := time.NewTicker(2 * time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if err := o.releaseDue(ctx); err != nil && ctx.Err() == nil {
			o.log.Error("releases", "code", problem.Code(err))
		}
	}
}
