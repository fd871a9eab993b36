package app

import (
	"context"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// KeepTerms say what a grant to keep is for.
type KeepTerms struct {
	Until  time.Time // when the copy ends
	Longer string    // the copy whose end moves, by its grant or its digest; "": a copy is made
	Region string    // whose gate keeps it; "": the first in which something is not kept yet
}

// DraftKeeping makes the grant to keep everything that the demand asks for and that is
// not kept yet, or one copy longer, records it and puts it before an approver at the
// gate. Codes: app.no_charter, preservation.nothing, gate.copy_missing, the obstacles of
// demand.MayKeep, and those of gate.Desk.Offer.
func (o *Office) DraftKeeping(ctx context.Context, id demand.ID, drafter demand.Person, terms KeepTerms) (gate.Status, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return gate.Status{}, err
	}
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return gate.Status{}, err
	}
	g, longer, err := o.keepingFor(ctx, c.State, id, drafter, terms)
	if err != nil {
		return gate.Status{}, err
	}
	return o.offered(ctx, id, drafter, g, demand.DraftKeeping{Grant: g.ID, Digest: demand.Digest(g.Digest()), Scope: g.Scope, Region: g.Region, Until: g.Until, Longer: longer, Expires: g.Expires})
}

func (o *Office) keepingFor(ctx context.Context, s *demand.State, id demand.ID, drafter demand.Person, terms KeepTerms) (g grant.Grant, longer string, err error) {
	var part scope.Scope
	var named gate.Copy
	region := terms.Region
	if terms.Longer != "" {
		named, err = o.CopyNamed(ctx, terms.Longer)
		if err != nil {
			return g, "", err
		}
		region, longer = named.Region, named.Grant
		part, err = scope.ParseLines(named.Covers)
	} else {
		part, region, err = o.unkept(s, region)
	}
	if err != nil {
		return g, "", err
	}
	g, err = o.grantBasis(ctx, s, id, part, drafter, region)
	if err != nil {
		return g, "", err
	}
	g.ID = "c" + g.ID[1:]
	g.Purpose, g.Until = grant.ToKeep, terms.Until.UTC().Truncate(time.Second)
	if longer != "" {
		g.Purpose = grant.ToKeepLonger
		g.Copy, err = copyFacts(named)
	}
	return g, longer, err
}

// unkept is what the demand asks for in one region and no copy holds.
func (o *Office) unkept(s *demand.State, region string) (scope.Scope, string, error) {
	part, some := s.AskedAll()
	for _, k := range s.Copies {
		if some && k.Ended == 0 {
			part, some = part.Minus(k.Scope)
		}
	}
	if !some {
		return part, region, problem.New(problem.Refused, "preservation.nothing", "nothing that is asked stands for an account and is not kept yet").Fix("resolve a target first, or see what is kept: counterseal gate copies")
	}
	return o.partIn(part, region)
}

func copyFacts(c gate.Copy) (grant.CopyFacts, error) {
	d, err := grant.ParseDigest(c.Copy)
	return grant.CopyFacts{Statement: d, Demand: c.Demand, Made: c.Made}, err
}

// CopyNamed finds a copy that the gates have, by the grant that made it or by the digest
// of the gate's statement. Code: gate.copy_missing.
func (o *Office) CopyNamed(ctx context.Context, name string) (gate.Copy, error) {
	list, err := o.Desk().Copies(ctx)
	i := slices.IndexFunc(list, func(c gate.Copy) bool { return c.Copy == name || c.Grant == name })
	if i < 0 && err != nil {
		return gate.Copy{}, err
	}
	if i < 0 {
		return gate.Copy{}, problem.New(problem.Missing, "gate.copy_missing", "no gate has such a copy").At("%.64q", name).Fix("see: counterseal gate copies")
	}
	return list[i], nil
}

// inCopy is what of a part a copy holds.
func inCopy(part scope.Scope, c gate.Copy) (scope.Scope, error) {
	covers, err := scope.ParseLines(c.Covers)
	if err != nil {
		return part, err
	}
	if rest, some := part.Minus(covers); some {
		part, some = part.Minus(rest)
		if !some {
			return part, problem.New(problem.Refused, "grant.nothing", "nothing that waits is in this copy").At("%s", c.Grant).Fix("release it from the stores: leave out --copy")
		}
	}
	return part, nil
}

// drawOn makes a grant one that takes from a copy. Stops of the demand for which it is
// kept reach it then.
func (o *Office) drawOn(ctx context.Context, g *grant.Grant, from gate.Copy) error {
	facts, err := copyFacts(from)
	if err != nil {
		return err
	}
	g.Purpose, g.Copy = grant.FromCopy, facts
	stops, err := o.stopsAt(ctx, g.Gate)
	if err != nil {
		return err
	}
	return nameStops(g, stops)
}

// Keep asks the gate to do what a grant to keep is for, and records what it says.
func (o *Office) Keep(ctx context.Context, id string) (gate.Copy, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return gate.Copy{}, err
	}
	out, err := o.Desk().Keep(ctx, id)
	if err != nil {
		return out, err
	}
	return out, o.takeCopy(ctx, out)
}

// EndCopyAllowed refuses to have a copy destroyed that a contest or a hold keeps, as far
// as the docket knows its demand. Codes: those of demand.MayEndCopy.
func (o *Office) EndCopyAllowed(ctx context.Context, c gate.Copy) error {
	state, err := o.Docket.State(ctx, demand.ID(c.Demand))
	if err != nil {
		return err
	}
	err = demand.MayEndCopy(state.State, c.Grant)
	if problem.Code(err) == "preservation.missing" {
		return nil // the docket has not heard of it yet
	}
	return err
}

// takeCopies records what the gates say of their copies and the docket does not know.
func (o *Office) takeCopies(ctx context.Context, list []gate.Copy) (first error) {
	for _, c := range list {
		name, says := "copy "+c.Copy, string(c.State)+" "+c.Until.String()
		if o.news.is(name, says) {
			continue
		}
		err := o.takeCopy(ctx, c)
		if err == nil {
			o.news.note(name, says)
		} else if first == nil {
			first = err
		}
	}
	return first
}

// takeCopy records one copy of a grant that this docket drafted: that it was made, that
// its end moved, that it was destroyed.
func (o *Office) takeCopy(ctx context.Context, c gate.Copy) error {
	id := demand.ID(c.Demand)
	state, err := o.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	s := state.State
	i := slices.IndexFunc(s.Keepings, func(k demand.Keeping) bool { return k.ID == c.Grant })
	if i < 0 {
		return nil
	}
	says := func(command demand.Command) error {
		_, err := o.act(ctx, id, demand.TheGate, nil, "the gate's record says so", command)
		return err
	}
	n := slices.IndexFunc(s.Copies, func(k demand.Copy) bool { return k.ID == c.Grant })
	until := s.Keepings[i].Until
	if n < 0 {
		err = says(demand.MakeCopy{Copy: c.Grant, Scope: s.Keepings[i].Scope, Region: c.Region, How: "gate", Until: until})
	} else if s.Copies[n].Ended > 0 {
		return nil
	} else {
		until = s.Copies[n].Until
	}
	if err == nil && c.Until.After(until) {
		err = says(demand.ExtendCopy{Copy: c.Grant, Until: c.Until, Source: "grant " + c.LastBy})
	}
	if err == nil && c.State == gate.CopyEnded {
		err = says(demand.EndCopy{Copy: c.Grant, End: "destroyed"})
	}
	return err
}
