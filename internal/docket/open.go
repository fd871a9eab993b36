package docket

import (
	"context"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// Opening begins a contest, a duty of secrecy, a matter or a sealed case.
type Opening struct {
	Stream    demand.Stream
	CommandID [16]byte // random, chosen by the caller: the same opening sent again is done once
	Actor     demand.Person
	Seats     []string
	Reason    string
	// Compartment is where it lies: General, or a sealed case. "" is where the
	// first demand that it names lies, and General where it names none. A sealed
	// case lies in itself.
	Compartment string
	// Command makes the command that begins the stream from its id. It has no
	// other effect and gives the same command for the same id.
	Command func(demand.ID) demand.Command
}

// Opened is the stream that was opened, and what came of it there.
type Opened struct {
	ID demand.ID
	Result
}

// Open begins a stream under a random id and a data key of its own, with all that
// this brings about elsewhere, in one transaction. The same opening again gives
// the same id. Problems: docket.command, docket.compartment, docket.numbers, and
// those of Do.
func (d *Docket) Open(ctx context.Context, p Opening) (out Opened, err error) {
	defer func() { d.refused(ctx, "open", out.ID, err) }()
	token, request, err := d.markOfOpening(p)
	if err != nil {
		return Opened{}, err
	}
	var fresh *opened
	err = d.insist(ctx, func() error {
		done, found, err := d.Store.Done(ctx, token)
		if err != nil {
			return err
		}
		if found {
			out, err = d.openedBefore(ctx, done, request)
			return err
		}
		if fresh == nil {
			if fresh, err = d.fresh(ctx, p); err != nil {
				return err
			}
		}
		out, err = d.begins(ctx, p, fresh, Mark{Token: token, Request: request, Demand: fresh.id})
		return err
	})
	if err != nil {
		return Opened{}, err
	}
	return out, nil
}

func (d *Docket) markOfOpening(p Opening) (token, request Digest, err error) {
	bad := problem.New(problem.Invalid, "docket.command", "an opening has an id, an actor and a command, and is of a contest, a duty of secrecy, a matter or a sealed case")
	switch p.Stream {
	case demand.ContestStream, demand.SecrecyStream, demand.MatterStream, demand.CaseStream:
	default:
		return token, request, bad
	}
	if p.CommandID == ([16]byte{}) || p.Actor == "" || p.Command == nil || len(p.Compartment) > maxName {
		return token, request, bad
	}
	command, err := describe(p.Command(""))
	if err != nil {
		return token, request, err
	}
	token = d.index.name(place("open", p.CommandID[:]))
	request = d.index.name(place("open request", []byte(p.Stream), []byte(p.Actor), []byte(p.Reason), []byte(p.Compartment), command))
	return token, request, nil
}

// fresh draws id and key for a stream whose first command is well formed, so that
// one which is not leaves no key.
func (d *Docket) fresh(ctx context.Context, p Opening) (*opened, error) {
	m, err := d.moment(ctx)
	if err != nil {
		return nil, err
	}
	id, err := newID(d.Rand, p.Stream)
	if err != nil {
		return nil, err
	}
	if _, err = demand.Decide(demand.NewState(id), p.Command(id), d.envAt(m, p)); err != nil {
		return nil, err
	}
	return d.number(ctx, p.Stream)
}

// envAt is what guards may know of a stream that does not exist yet.
func (d *Docket) envAt(m moment, p Opening) demand.Env {
	return demand.Env{Now: m.now, Policy: d.Policy, ClockSane: m.sane, Actor: p.Actor, Seats: p.Seats, Reason: p.Reason}
}

func (d *Docket) openedBefore(ctx context.Context, done Mark, request Digest) (Opened, error) {
	if done.Request != request {
		return Opened{}, ErrReused
	}
	o, err := d.load(ctx, done.Demand)
	if err != nil {
		return Opened{}, err
	}
	r, err := o.again(done, request, markBegin)
	return Opened{ID: o.id, Result: r}, err
}

// begins tries to begin the stream. Fresh is drawn once for all tries.
func (d *Docket) begins(ctx context.Context, p Opening, fresh *opened, mark Mark) (Opened, error) {
	s := d.session()
	var err error
	if s.at, err = d.moment(ctx); err != nil {
		return Opened{}, err
	}
	command := p.Command(fresh.id)
	o := &opened{id: fresh.id, vault: fresh.vault, state: demand.NewState(fresh.id)}
	if o.born, err = s.birthplace(ctx, p, o, command); err != nil {
		return Opened{}, err
	}
	s.streams[o.id] = o
	events, err := s.decide(ctx, o, command, giver{p.Actor, p.Seats, p.Reason})
	if err != nil {
		return Opened{}, err
	}
	if len(events) == 0 {
		return Opened{}, broken(nil)
	}
	if err = s.derive(ctx); err != nil {
		return Opened{}, err
	}
	r, err := s.finish(ctx, o, mark, work{kind: markBegin, born: o.born})
	return Opened{ID: o.id, Result: r}, err
}

// birthplace is the compartment in which a stream begins.
func (s *session) birthplace(ctx context.Context, p Opening, o *opened, c demand.Command) (string, error) {
	if p.Stream == demand.CaseStream {
		return string(o.id), nil
	}
	if p.Compartment != "" {
		return p.Compartment, s.mayUse(ctx, p.Compartment)
	}
	// What the command would bring about names the demands; a command that is
	// refused is refused again where it counts.
	events, err := demand.Decide(o.state, c, s.envAt(s.at, p))
	if err != nil {
		return "", err
	}
	echoes := demand.Echoes(o.id, events)
	if len(echoes) == 0 {
		return General, nil
	}
	first := echoes[0].To
	if err = s.admit(ctx, first); err != nil {
		return "", err
	}
	to, err := s.one(ctx, first)
	if err != nil {
		return "", err
	}
	return to.compartment(), nil
}
