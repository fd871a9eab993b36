package docket

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// session is one try at an act: the streams that it has read, each once, and what
// it would write. All of it is stored in one transaction, which asks that nobody
// has moved any stream of it since.
type session struct {
	*Docket
	at      moment
	streams map[demand.ID]*opened
	changes map[demand.ID]*change
	follow  map[demand.ID]bool // demands whose rows and duties follow from what is written
}

func (d *Docket) session() *session {
	return &session{Docket: d, streams: map[demand.ID]*opened{}, changes: map[demand.ID]*change{}, follow: map[demand.ID]bool{}}
}

func (s *session) one(ctx context.Context, id demand.ID) (*opened, error) {
	if o := s.streams[id]; o != nil {
		return o, nil
	}
	o, err := s.read(ctx, id)
	if err != nil {
		return nil, err
	}
	s.streams[id] = o
	return o, nil
}

// dossier reads a stream, and lays beside a demand what touches it. A contest or
// duty that cannot be read is left out: then the guards refuse, and what only
// stops something can still be recorded.
func (s *session) dossier(ctx context.Context, id demand.ID) (*opened, error) {
	o, err := s.one(ctx, id)
	if err != nil {
		return nil, err
	}
	o.beside, o.amiss = nil, nil
	for _, id := range o.state.Touching() {
		x, err := s.one(ctx, id)
		if err != nil && !unreadable(err) {
			return nil, err
		}
		if err != nil {
			o.amiss = append(o.amiss, Amiss{ID: id, Problem: problem.Of(err)})
			continue
		}
		o.state.Join(id, x.state)
		o.beside = append(o.beside, x)
	}
	return o, nil
}

// unreadable tells what no second look mends from a store that does not answer
// and a stream that has just moved.
func unreadable(err error) bool {
	p := problem.Of(err)
	return p != nil && p.Kind != problem.Unavailable && !isStale(err)
}

// env is what guards may know of a stream at this moment. It also finds an end
// that was cut off, here and in what lies beside.
func (s *session) env(ctx context.Context, o *opened) (demand.Env, error) {
	if err := s.heldAgainst(ctx, o); err != nil {
		return demand.Env{}, err
	}
	sane := s.soundFor(s.at, o.last())
	for _, x := range o.beside {
		if err := s.heldAgainst(ctx, x); err != nil {
			return demand.Env{}, err
		}
		sane = sane && s.soundFor(s.at, x.last())
	}
	return demand.Env{Now: s.at.now, Policy: s.Policy, ClockSane: sane, Journaled: o.in, JournaledInEmergency: o.spare}, nil
}

// heldAgainst compares a stream with the journal, once, as it was read.
func (s *session) heldAgainst(ctx context.Context, o *opened) (err error) {
	if o.in == nil {
		o.in, o.spare, err = s.journaled(ctx, o)
	}
	return err
}

// env is that of a stream by itself.
func (d *Docket) env(ctx context.Context, o *opened) (moment, demand.Env, error) {
	s := d.session()
	var err error
	if s.at, err = d.moment(ctx); err != nil {
		return s.at, demand.Env{}, err
	}
	e, err := s.env(ctx, o)
	return s.at, e, err
}

// giver is who gives a command, and why.
type giver struct {
	actor  demand.Person
	seats  []string
	reason string
}

// decide decides a command on a stream, adds what comes of it, and then what that
// brings about in other streams; an error there refuses the whole act.
func (s *session) decide(ctx context.Context, o *opened, c demand.Command, g giver) ([]demand.Event, error) {
	events, err := s.decideOn(ctx, o, c, g)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	for _, e := range demand.Echoes(o.id, events) {
		if err = s.echo(ctx, o, e, g); err != nil {
			return nil, err
		}
	}
	return events, nil
}

func (s *session) decideOn(ctx context.Context, o *opened, c demand.Command, g giver) ([]demand.Event, error) {
	env, err := s.env(ctx, o)
	if err != nil {
		return nil, err
	}
	env.Actor, env.Seats, env.Reason = g.actor, g.seats, g.reason
	events, err := demand.Decide(o.state, c, env)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	if err = s.mayLie(ctx, o, events); err != nil {
		return nil, err
	}
	s.followers(o)
	if err = s.extend(o, g, events); err != nil {
		return nil, err
	}
	s.followers(o)
	return events, nil
}

// echo decides what an event brings about elsewhere. Both streams lie in one
// compartment, or one would tell of the other to those who may not know.
func (s *session) echo(ctx context.Context, from *opened, e demand.Echo, g giver) error {
	if s.streams[e.To] == nil || s.changes[e.To] == nil {
		if err := s.admit(ctx, e.To); err != nil {
			return err
		}
	}
	to, err := s.dossier(ctx, e.To)
	if err != nil {
		return err
	}
	if to.compartment() != from.compartment() {
		return problem.New(problem.Refused, "docket.compartment", "what is sealed and what is not, or is sealed apart, are not joined").
			Fix("seal both in the same case first, or leave both open")
	}
	_, err = s.decide(ctx, to, e.Command, g)
	return err
}

// mayLie asks that a sealed case into which something is put is one that whoever
// reads may see.
func (s *session) mayLie(ctx context.Context, o *opened, events []demand.Event) error {
	for _, e := range events {
		if x, ok := e.(demand.Sealed); ok && x.Case != "" {
			if err := s.admit(ctx, x.Case); err != nil {
				return err
			}
			if _, err := s.read(ctx, x.Case); err != nil {
				return err
			}
		}
	}
	return nil
}

// followers notes whose rows and duties follow from a contest or a duty, before
// it changes and after.
func (s *session) followers(o *opened) {
	for _, id := range o.state.Covered() {
		s.follow[id] = true
	}
}

// derive makes the read models of all that was written, and of the demands that
// follow from it. One of these that cannot be read does not keep a court's order
// from being recorded: its own readers find it.
func (s *session) derive(ctx context.Context) error {
	for id := range s.follow {
		if s.changes[id] != nil {
			continue
		}
		o, err := s.dossier(ctx, id)
		if err != nil && !unreadable(err) {
			return err
		}
		if err != nil {
			s.refused(ctx, "derive", id, err)
			continue
		}
		s.changes[id] = &change{after: o.state.Last}
	}
	for id, c := range s.changes {
		// Events may have joined something since the dossier was made.
		o, err := s.dossier(ctx, id)
		if err != nil {
			return err
		}
		if err = s.readModels(c, o, s.at.now); err != nil {
			return err
		}
	}
	return nil
}

// store writes everything in one transaction: marks come with it, and more does
// what else belongs to it.
func (s *session) store(ctx context.Context, marks []Mark, more func(context.Context, Tx) error) error {
	ids := make([]demand.ID, 0, len(s.streams))
	for id := range s.streams {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b demand.ID) int { return cmp.Compare(a, b) })
	return s.Store.Update(ctx, func(ctx context.Context, tx Tx) error {
		for _, id := range ids {
			if err := s.move(ctx, tx, id); err != nil {
				return err
			}
		}
		for _, m := range marks {
			if err := tx.Once(ctx, m); err != nil {
				return err
			}
		}
		for _, id := range ids {
			if err := s.put(ctx, tx, id); err != nil {
				return err
			}
		}
		if more != nil {
			if err := more(ctx, tx); err != nil {
				return err
			}
		}
		return keepTime(ctx, tx, s.at)
	})
}

// move appends to a stream, or asks that it stands where it was read.
func (s *session) move(ctx context.Context, tx Tx, id demand.ID) error {
	if c := s.changes[id]; c != nil && len(c.records) > 0 {
		return tx.Append(ctx, id, c.after, c.records)
	}
	if s.streams[id].state.Last == 0 {
		return nil
	}
	return tx.Expect(ctx, id, s.streams[id].state.Last)
}

func (s *session) put(ctx context.Context, tx Tx, id demand.ID) error {
	c := s.changes[id]
	if c == nil || demand.StreamOf(id) == demand.NotesStream {
		return nil
	}
	if err := tx.Put(ctx, id, c.row, c.duties, c.entries); err != nil {
		return err
	}
	if len(c.records) == 0 || demand.StreamOf(id) != demand.CaseStream {
		return nil
	}
	return tx.PutMembers(ctx, id, s.memberTokens(s.streams[id].state))
}

// again tells the answers of a transaction after which one looks again.
func again(err error) bool { return isStale(err) || errors.Is(err, ErrDone) }
