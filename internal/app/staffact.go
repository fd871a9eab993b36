package app

import (
	"context"
	"slices"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/web/staff"
)

// Do implements staff.Hand. Codes: staff.changed, app.roster, app.seat,
// app.proposal, and those of docket.Do and of the commands.
func (v Staff) Do(ctx context.Context, reader string, a staff.Act) (staff.Done, error) {
	ctx = as(ctx, reader)
	id := demand.ID(a.Demand)
	c, err := v.Docket.State(ctx, id)
	if err != nil {
		return staff.Done{}, err
	}
	w, err := v.reader(reader)
	if err != nil {
		return staff.Done{}, err
	}
	if err := w.may(actionOfDeed(a.Deed), resourceOf(c)); err != nil && !leftToDocket(err) {
		return staff.Done{}, err
	}
	command, err := v.command(c.State, a.Deed)
	if err != nil {
		return staff.Done{}, v.orChanged(ctx, id, a.Seen, err)
	}
	r, err := v.Docket.Do(asSeen(ctx, id, demand.Seq(a.Seen)), docket.Act{ID: id, CommandID: a.Command, Actor: w.person, Seats: w.seats, Reason: canon.Text(a.Reason), Command: command})
	if err != nil {
		return staff.Done{}, v.orChanged(ctx, id, a.Seen, err)
	}
	if _, assessed := a.Deed.(staff.Assess); assessed {
		if _, err := v.SetDeadlines(ctx, id, w.person); err != nil {
			return staff.Done{}, err
		}
	}
	return staff.Done{First: uint64(r.First), Last: uint64(r.Last)}, nil
}

// orChanged says that a demand has changed where that is why something was
// refused: what a person would do about it is to look again.
func (v Staff) orChanged(ctx context.Context, id demand.ID, seen uint64, err error) error {
	e := problem.Of(err)
	if e.Kind != problem.Refused && e.Kind != problem.Invalid && e.Kind != problem.Conflict || e.Code == "docket.conflict" {
		return err
	}
	c, now := v.Docket.State(ctx, id)
	if now != nil || uint64(c.State.Last) == seen {
		return err
	}
	return staff.ErrChanged.Because(err)
}

func (v Staff) command(s *demand.State, d staff.Deed) (demand.Command, error) {
	switch d := d.(type) {
	case staff.Authenticate:
		return demand.Authenticate{Genuine: d.Genuine, How: canon.Text(d.How)}, nil
	case staff.Resolve:
		return v.resolution(s, d)
	case staff.Check:
		return demand.Check{Target: d.Target, Resolution: demand.Seq(d.Resolution)}, nil
	case staff.Assess:
		findings, packs, err := v.assess(s)
		return demand.Assess{Packs: packs, Facts: s.FactsSeq, Findings: findings}, err
	case staff.Answer:
		return demand.AnswerFinding{Rule: d.Rule}, nil
	case staff.Decide:
		return demand.DecideLine{Line: d.Line, Decision: demand.Decision(d.Decision)}, nil
	case staff.StateNoSecrecy:
		return demand.StateSecrecy{None: true}, nil
	}
	return nil, problem.New(problem.Invalid, "app.deed", "the pages do not do this")
}

// resolution takes accounts only from what the estate proposes: the page shows
// nothing else, and another account is a matter for the command line.
func (v Staff) resolution(s *demand.State, d staff.Resolve) (demand.Command, error) {
	out := demand.Resolve{Target: d.Target}
	proposed := v.proposal(s, d.Target)
	for _, a := range d.Accounts {
		if !slices.Contains(proposed, scope.AccountID(a)) {
			return nil, problem.New(problem.Invalid, "app.proposal", "our own map does not propose this account").At("%.64q", a).
				Fix("look at the proposal again; to record another account, use the command line")
		}
		out.Accounts = append(out.Accounts, scope.AccountID(a))
	}
	return out, nil
}

// offers lists the acts that the reader can do on the page, in the order of the
// walk. That one is offered promises nothing: the guards are asked when it is done.
func (v Staff) offers(c docket.Case, w who) []staff.Offer {
	s := c.State
	if s.Unsound > 0 || s.Unread {
		return nil
	}
	var out []staff.Offer
	add := func(o staff.Offer) {
		if w.may(actionOfForm[o.Act], resourceOf(c)) == nil {
			out = append(out, o)
		}
	}
	if s.Authentic.Seq == 0 {
		agency, _ := v.Agencies.Agency(s.Instrument.Agency)
		o := staff.Offer{Act: "authenticate"}
		if agency.Contact != "" {
			call := agency.OnFile()[0] // one that answers at any hour comes first
			o.Contact = call.Contact + " (" + call.Source + ")"
		}
		add(o)
	}
	for _, t := range s.Targets {
		if t.Checked > 0 {
			continue
		}
		o := staff.Offer{Act: "resolve", No: t.No, Stated: t.Stated, By: string(t.By), Resolution: uint64(t.Resolved)}
		v.propose(&o, s, t.No)
		for _, a := range t.Accounts {
			o.Found = append(o.Found, string(a))
		}
		if t.Resolved > 0 && t.By != w.person {
			check := o
			check.Act = "check"
			add(check)
		}
		add(o)
	}
	if s.Findings.Seq == 0 || s.Findings.Facts != s.FactsSeq {
		add(staff.Offer{Act: "assess"})
	}
	for _, f := range findingsView(s, nil) {
		first := f.AnsweredBy == ""
		if f.Open() && f.AnsweredBy != string(w.person) && (w.holds("counsel") || !first) { // the privacy officer answers as the second
			add(staff.Offer{Act: "answer", Rule: f.Rule, By: f.AnsweredBy})
		}
	}
	for _, l := range s.Lines {
		if l.Decision != demand.Undecided {
			continue
		}
		o := staff.Offer{Act: "decide", No: l.No, Way: obstacles(demand.MayDecide(s, l.No, c.Env))}
		if asked, some := s.Asked(l.No); some {
			o.Gives = grant.InWords(asked)
		}
		add(o)
	}
	if s.Secrecy.Seq == 0 && len(s.Duties()) == 0 {
		add(staff.Offer{Act: "state_secrecy"})
	}
	return out
}

func (v Staff) proposal(s *demand.State, target int) []scope.AccountID {
	r, _ := v.lookUp(s, target)
	return r.Accounts()
}

// reachOfLines is the time that the lines of a target span.
func reachOfLines(s *demand.State, target int) (from, until time.Time) {
	for _, l := range s.Lines {
		if l.Target != target {
			continue
		}
		if from.IsZero() || l.From.Before(from) {
			from = l.From
		}
		if l.Until.After(until) {
			until = l.Until
		}
	}
	return from, until
}

// propose lays before a person what our own map says, with why and what to mind.
func (v Staff) propose(o *staff.Offer, s *demand.State, target int) {
	r, _ := v.lookUp(s, target)
	e := v.Estate.Now()
	o.Why, o.Notes = r.Why, r.Notes
	for _, h := range r.Held {
		holder, _ := e.Holder(h.Account)
		w := staff.Account{ID: string(h.Account), Holder: holder.Name, Region: regionsOf(e, h.Account), Part: !h.Throughout}
		for _, x := range e.ServicesOf(h.Account) {
			w.Services = append(w.Services, string(x))
		}
		o.Accounts = append(o.Accounts, w)
	}
}

// seenKey carries the last event that somebody saw of a demand down to the store.
type seenKey struct{}

type seen struct {
	id   demand.ID
	last demand.Seq
}

func asSeen(ctx context.Context, id demand.ID, last demand.Seq) context.Context {
	return context.WithValue(ctx, seenKey{}, seen{id, last})
}

// seenStore refuses, in the very transaction, to add events to a demand that has
// others than the actor saw. Without it an act is decided again on the new state,
// which is right for those who say what should be, and wrong for those who
// decided on what they saw.
type seenStore struct{ docket.Store }

// Update implements docket.Store.
func (s seenStore) Update(ctx context.Context, do func(context.Context, docket.Tx) error) error {
	what, asked := ctx.Value(seenKey{}).(seen)
	if !asked {
		return s.Store.Update(ctx, do)
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx docket.Tx) error { return do(ctx, seenTx{tx, what}) })
}

type seenTx struct {
	docket.Tx
	seen
}

// Append implements docket.Tx.
func (t seenTx) Append(ctx context.Context, id demand.ID, after demand.Seq, rs []docket.Record) error {
	if id == t.id && after != t.last {
		return staff.ErrChanged
	}
	return t.Tx.Append(ctx, id, after, rs)
}
