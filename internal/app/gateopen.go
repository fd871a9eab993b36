package app

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// Desk gives the gates; nil while there is no charter. An office that was started before
// the first ceremony comes to have them by takeGates.
func (o *Office) Desk() gate.Desk {
	if d := o.desk.Load(); d != nil {
		return *d
	}
	return nil
}

func (o *Office) setDesk(d gate.Desk) {
	if d != nil {
		o.desk.Store(&d)
	}
}

// founded says that a charter was drafted: before that no gate runs inside, and nothing
// can leave.
func (f Folder) founded() bool {
	_, err := os.Stat(f.Statement("1"))
	return err == nil
}

// openGate finds the gates: one that runs by itself answers at its address; one that
// is to run inside may answer on the socket of an office that runs already, with all
// others; otherwise it is opened here, once there is a charter.
func (o *Office) openGate(ctx context.Context) error {
	if o.Desk() != nil {
		return nil
	}
	o.awaits = o.Config.anyInside() && !o.Folder.founded()
	return o.openGates(ctx, o.Config, !o.awaits)
}

func (o *Office) openGates(ctx context.Context, c Config, founded bool) error {
	if c.anyInside() && founded && answers(o.Folder.GateSocket()) {
		o.setDesk(gatehttp.Office(o.Folder.GateSocket()))
		return nil
	}
	out, inside := desks{}, []*gate.Gate{}
	for i, r := range c.gates() {
		if r.inside() && !founded {
			continue
		}
		d, g, err := o.openDesk(ctx, r, i == 0)
		if err != nil {
			for _, g := range inside {
				err = errors.Join(err, g.Close())
			}
			if problem.Code(err) == "gate.busy" && o.answersSoon(ctx) {
				o.setDesk(gatehttp.Office(o.Folder.GateSocket()))
				return nil
			}
			return err
		}
		if g != nil {
			inside = append(inside, g)
		}
		out = append(out, regionDesk{ID: r.Gate, Region: r.ID, Desk: d})
	}
	for _, g := range inside {
		o.closeWith(g.Close)
	}
	switch len(out) {
	case 0:
	case 1:
		o.setDesk(out[0].Desk)
	default:
		o.setDesk(out)
	}
	return nil
}

// openDesk opens a gate in this process, or the way to one that runs by itself.
func (o *Office) openDesk(ctx context.Context, r Region, first bool) (gate.Desk, *gate.Gate, error) {
	if !r.inside() {
		d, err := o.reach(r)
		return d, nil, err
	}
	g, err := o.OpenGateInside(ctx, r, first)
	if err != nil {
		return nil, nil, err
	}
	return g, g, nil
}

func answers(socket string) bool {
	c, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// answersSoon waits for an office that has opened the gate and is about to answer for it.
func (o *Office) answersSoon(ctx context.Context) bool {
	for range 20 {
		if answers(o.Folder.GateSocket()) {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
	return false
}

// gateDir is where a gate that runs inside keeps its things, and the name of its key. The
// first has them where a folder of one gate has them.
func (f Folder) gateDir(r Region, first bool) (dir, secret string) {
	if first {
		return f.Gate(), "gate"
	}
	return f.GateOf(r.Gate), gateSecret(r.Gate)
}

// OpenGateInside opens one of the folder's own gates in this process.
func (o *Office) OpenGateInside(ctx context.Context, r Region, first bool) (*gate.Gate, error) {
	dir, name := o.Folder.gateDir(r, first)
	secret, err := o.Folder.readSecret(name)
	if err != nil {
		return nil, err
	}
	key, err := signature.ReadKey(secret)
	if err != nil {
		return nil, err
	}
	var charter atomic.Pointer[gate.Gate]
	lists, err := r.Stores.lists()
	if err != nil {
		return nil, err
	}
	keys, err := r.Stores.customerKeys()
	if err != nil {
		return nil, err
	}
	sources, err := r.Stores.open(&charter)
	if err != nil {
		return nil, err
	}
	stamps, err := o.Folder.stamps(o.Config.Ledger.Stamp)
	if err != nil {
		return nil, err
	}
	g, err := gate.Open(ctx, gate.Config{ID: r.Gate, Dir: dir, Key: key, Sources: sources, Journal: o.journal, Docket: o, Stamps: stamps,
		Now: o.Clock.Now, Rand: o.random, Log: o.log, Readings: &o.readings, Version: Version, Lists: lists, CustomerKeys: o.customerKeys(keys), Walls: o.held, PickUpPage: r.PickUp})
	if err != nil {
		return nil, err
	}
	charter.Store(g)
	return g, nil
}

// takeGates waits, in an office that was started before the first ceremony, until a gate
// that is to run inside has its charter, and opens it: its desk, its pages, and the stores
// that the configuration names by then. A command that has the gate just then ends soon.
func (h *House) takeGates(ctx context.Context, g *errgroup.Group, endPages func()) error {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	said := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
		if !h.chartered() {
			continue
		}
		c, err := h.openTaken(ctx)
		if err == nil {
			h.log.Info("gates taken up", "gates", len(c.gates()))
			h.serveTaken(ctx, g, h.deskSocket) // at once: commands wait for it
			endPages()
			h.serveTaken(ctx, g, func(ctx context.Context) ([]func() error, error) { return h.gatePages(ctx, c) })
			return nil
		}
		if code := problem.Code(err); code != said && code != "gate.busy" {
			said = code
			h.log.Error("gates not taken up", "code", code)
		}
	}
}

// chartered says that the ceremony's statement has reached a gate of this folder.
func (o *Office) chartered() bool {
	for i, r := range o.Config.gates() {
		dir, _ := o.Folder.gateDir(r, i == 0)
		if r.inside() && gate.Chartered(dir) {
			return true
		}
	}
	return false
}

// openTaken opens the gates by the configuration as it stands now. Other gates than at
// the start are not taken up. Code: app.other_gates, and those of OpenGateInside.
func (o *Office) openTaken(ctx context.Context) (Config, error) {
	c, err := o.Folder.ReadConfig()
	if err != nil {
		return c, err
	}
	same := func(a, b Region) bool { return a.ID == b.ID && a.Gate == b.Gate && a.Elsewhere == b.Elsewhere }
	if !slices.EqualFunc(c.gates(), o.Config.gates(), same) || c.Gate.Uplink != o.Config.Gate.Uplink {
		return c, problem.New(problem.Conflict, "app.other_gates", "counterseal.toml names other gates than when this office was started").Fix("start the office again")
	}
	if err := o.openGates(ctx, c, true); err != nil {
		return c, err
	}
	o.connected.Store(c.Stores.any() || c.anyElsewhere())
	return c, nil
}

// serveTaken answers where the gates that were taken up are reached. What cannot be opened
// ends no office that has run for days; the log says so.
func (h *House) serveTaken(ctx context.Context, g *errgroup.Group, open func(context.Context) ([]func() error, error)) {
	some, err := open(ctx)
	if err != nil {
		h.log.Error("gates not answered for", "code", problem.Code(err))
	}
	for _, serve := range some {
		g.Go(serve)
	}
}
