package docket

import (
	"context"
	"math/rand/v2"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// Act is a command that somebody gives on a demand, or on another stream.
type Act struct {
	ID        demand.ID
	CommandID [16]byte // random, chosen by the caller: the same act sent again is done once
	Actor     demand.Person
	Seats     []string
	Reason    string
	Command   demand.Command
}

// Result is what came of an act. Events are First to Last of its own stream; none
// (both 0) when the act found its purpose fulfilled already.
type Result struct {
	First, Last demand.Seq
	Events      []demand.Recorded
	Again       bool // this act was done before, and this is what came of it then
}

// attempts bounds how often an act is decided anew when others come first; after
// patience of them it is decided alone, so that an act on a contest with many busy
// demands is not put off by each of them.
const (
	attempts = 12
	patience = 4
)

// Do decides an act on the stream as it stands and stores what comes of it, in
// one transaction with all that it brings about in other streams, durable when Do
// returns. The same act again gives the same result; another act under the same
// CommandID is docket.conflict. When somebody else has moved any stream that the
// act was decided on, it is decided again on the new state, never stored on the
// old one; docket.stale when that happens time and again. Other problems:
// docket.not_found, docket.tampered, docket.command, docket.compartment, those of
// the command and its guards, and those of store, keys and journal. On
// store.unavailable the outcome may be open: sending the same act again settles
// it.
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
	err = d.insist(ctx, func() error {
		r, err = d.try(ctx, a, token, request)
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return r, nil
}

// insist tries until nobody else comes first.
func (d *Docket) insist(ctx context.Context, try func() error) error {
	for n := range attempts {
		err := d.inTurn(n, try)
		if !again(err) {
			return err
		}
		if err = backOff(ctx, n); err != nil {
			return err
		}
	}
	return ErrStale
}

func (d *Docket) inTurn(n int, try func() error) error {
	if n < patience {
		d.turn.RLock()
		defer d.turn.RUnlock()
		return try()
	}
	d.turn.Lock()
	defer d.turn.Unlock()
	return try()
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
	if err := d.admit(ctx, a.ID); err != nil {
		return Result{}, err
	}
	s := d.session()
	o, err := s.dossier(ctx, a.ID)
	if err != nil {
		return Result{}, err
	}
	done, found, err := d.Store.Done(ctx, token)
	if err != nil {
		return Result{}, err
	}
	if found {
		return o.again(done, request, markAct)
	}
	if s.at, err = d.moment(ctx); err != nil {
		return Result{}, err
	}
	if err = s.ready(ctx, o); err != nil {
		return Result{}, err
	}
	events, err := s.decide(ctx, o, a.Command, giver{a.Actor, a.Seats, a.Reason})
	if err != nil || len(events) == 0 {
		return Result{}, err
	}
	if err = s.derive(ctx); err != nil {
		return Result{}, err
	}
	return s.finish(ctx, o, Mark{Token: token, Request: request, Demand: a.ID}, work{kind: markAct})
}

// ready gives a stream of notes its key before the first of them.
func (s *session) ready(ctx context.Context, o *opened) error {
	if o.vault != nil {
		return nil
	}
	if _, err := s.read(ctx, about(o.id)); err != nil {
		return err
	}
	err := s.Keys.Create(ctx, string(o.id))
	if err != nil && problem.Code(err) != "keys.exists" {
		return err
	}
	o.vault, err = s.vaultOf(ctx, o.id)
	return err
}

// finish stores a session: the mark of the act itself covers what it wrote on its
// own stream, and one beside it what it brought about in each other.
func (s *session) finish(ctx context.Context, o *opened, own Mark, w work) (Result, error) {
	var marks []Mark
	for id, c := range s.changes {
		if len(c.records) == 0 {
			continue
		}
		m, x := own, w
		if id != o.id {
			m = Mark{Token: s.index.name(place("echo", own.Token[:], []byte(id))), Request: own.Request, Demand: id}
			x = work{kind: markEcho}
		}
		x.first, x.last = uint64(c.after+1), uint64(c.after)+uint64(len(c.records))
		m, err := s.streams[id].vault.sealMark(s.Rand, m, x)
		if err != nil {
			return Result{}, err
		}
		marks = append(marks, m)
	}
	if err := s.store(ctx, marks, nil); err != nil {
		return Result{}, err
	}
	c := s.changes[o.id]
	return Result{First: c.after + 1, Last: o.state.Last, Events: o.history[c.after:]}, nil
}

// again gives the recorded result of an act. The snapshot o may be older than
// the mark: then the caller looks again.
func (o *opened) again(done Mark, request Digest, kind byte) (Result, error) {
	if done.Request != request {
		return Result{}, ErrReused
	}
	if done.Demand != o.id {
		return Result{}, tampered(nil)
	}
	if o.vault == nil {
		return Result{}, ErrStale
	}
	w, err := o.vault.openMark(done)
	if err != nil {
		return Result{}, err
	}
	if w.last > uint64(len(o.history)) {
		return Result{}, ErrStale
	}
	if w.kind != kind || w.first == 0 || w.first > w.last {
		return Result{}, tampered(nil)
	}
	return Result{First: demand.Seq(w.first), Last: demand.Seq(w.last), Events: o.history[w.first-1 : w.last], Again: true}, nil
}
