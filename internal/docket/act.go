package docket

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// Act is a command that somebody gives on a demand.
type Act struct {
	ID        demand.ID
	CommandID [16]byte // random, chosen by the caller: the same act sent again is done once
	Actor     demand.Person
	Seats     []string
	Reason    string
	Command   demand.Command
}

// Result is what came of an act. Events are First to Last; none (both 0) when
// the act found its purpose fulfilled already.
type Result struct {
	First, Last demand.Seq
	Events      []demand.Recorded
	Again       bool // this act was done before, and this is what came of it then
}

// attempts bounds how often an act is decided anew when others come first.
const attempts = 12

// Do decides an act on the demand as it stands and stores what comes of it, in
// one transaction, durable when Do returns. The same act again gives the same
// result; another act under the same CommandID is docket.conflict. When somebody
// else comes first the act is decided again on the new state, never stored on the
// old one; docket.stale when that happens time and again. Other problems:
// docket.not_found, docket.tampered, docket.command, those of the command and its
// guards, and those of store, keys and journal. On store.unavailable the outcome
// may be open: sending the same act again settles it.
func (d *Docket) Do(ctx context.Context, a Act) (r Result, err error) {
	defer func() { d.refused(ctx, "do", a.ID, err) }()
	if a.CommandID == ([16]byte{}) || a.Actor == "" || a.Command == nil {
		return Result{}, problem.New(problem.Invalid, "docket.command", "an act has an id, an actor and a command")
	}
	if _, first := a.Command.(demand.Receive); first {
		return Result{}, problem.New(problem.Invalid, "docket.command", "a demand is received through the door")
	}
	token, request, err := d.markOfAct(a)
	if err != nil {
		return Result{}, err
	}
	for n := range attempts {
		r, err = d.try(ctx, a, token, request)
		if !isStale(err) && !errors.Is(err, ErrDone) {
			return r, err
		}
		if err = backOff(ctx, n); err != nil {
			return Result{}, err
		}
	}
	return Result{}, ErrStale
}

func (d *Docket) markOfAct(a Act) (token, request Digest, err error) {
	command, err := describe(a.Command)
	if err != nil {
		return token, request, err
	}
	token = d.index.name(place("act", a.CommandID[:]))
	request = d.index.name(place("act request", []byte(a.ID), []byte(a.Actor), []byte(a.Reason), command))
	return token, request, nil
}

// backOff waits up to 2, 4, 8 … 128 ms, at random so that those who met once do
// not meet again.
func backOff(ctx context.Context, n int) error {
	wait := time.Duration(rand.Int64N(int64(2*time.Millisecond) << min(n, 6)))
	select {
	case <-ctx.Done():
		return problem.New(problem.Unavailable, "docket.cancelled", "nobody waited for the answer; nothing was done").Because(ctx.Err())
	case <-time.After(wait):
		return nil
	}
}

func (d *Docket) try(ctx context.Context, a Act, token, request Digest) (Result, error) {
	o, err := d.load(ctx, a.ID)
	if err != nil {
		return Result{}, err
	}
	done, found, err := d.Store.Done(ctx, token)
	if err != nil {
		return Result{}, err
	}
	if found {
		return o.again(done, request)
	}
	m, env, err := d.env(ctx, o)
	if err != nil {
		return Result{}, err
	}
	env.Actor, env.Seats, env.Reason = a.Actor, a.Seats, a.Reason
	events, err := demand.Decide(o.state, a.Command, env)
	if err != nil || len(events) == 0 {
		return Result{}, err
	}
	return d.append(ctx, o, m, a, Mark{Token: token, Request: request, Demand: a.ID}, events)
}

func (d *Docket) append(ctx context.Context, o *opened, m moment, a Act, mark Mark, events []demand.Event) (Result, error) {
	c, err := d.extend(o, m.now, a.Actor, a.Reason, events)
	if err != nil {
		return Result{}, err
	}
	mark, err = o.vault.sealMark(d.Rand, mark, work{markAct, uint64(c.after + 1), uint64(o.state.Last)})
	if err != nil {
		return Result{}, err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		if err := tx.Once(ctx, mark); err != nil {
			return err
		}
		if err := tx.Append(ctx, o.id, c.after, c.records); err != nil {
			return err
		}
		if err := tx.Put(ctx, o.id, c.row, c.duties, c.entries); err != nil {
			return err
		}
		return keepTime(ctx, tx, m)
	})
	if err != nil {
		return Result{}, err
	}
	return Result{First: c.after + 1, Last: o.state.Last, Events: c.events}, nil
}

// again gives the recorded result of an act. The snapshot o may be older than
// the mark: then the caller looks again.
func (o *opened) again(done Mark, request Digest) (Result, error) {
	if done.Request != request {
		return Result{}, ErrReused
	}
	if done.Demand != o.id {
		return Result{}, tampered(nil)
	}
	w, err := o.vault.openMark(done)
	if err != nil {
		return Result{}, err
	}
	if w.last > uint64(len(o.history)) {
		return Result{}, ErrStale
	}
	if w.kind != markAct || w.first == 0 || w.first > w.last {
		return Result{}, tampered(nil)
	}
	return Result{First: demand.Seq(w.first), Last: demand.Seq(w.last), Events: o.history[w.first-1 : w.last], Again: true}, nil
}

// env is what guards may know of the moment.
func (d *Docket) env(ctx context.Context, o *opened) (moment, demand.Env, error) {
	m, err := d.moment(ctx)
	if err != nil {
		return m, demand.Env{}, err
	}
	in, err := d.journaled(ctx, o)
	if err != nil {
		return m, demand.Env{}, err
	}
	return m, demand.Env{Now: m.now, Policy: d.Policy, ClockSane: d.soundFor(m, o.last()), Journaled: in}, nil
}
