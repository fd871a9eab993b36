package app

import (
	"context"
	"slices"
	"strings"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// makeLink is the act of making a link with which an officer picks a package up.
const makeLink = "gate.link"

// fetchable reports whether a link could be made for a grant's package, as far as the
// docket knows: the gate says whether it still can be fetched, and how.
func fetchable(s *demand.State, g demand.Grant) bool {
	return g.Outcome == demand.Released && !strings.HasPrefix(g.Recipient, "openpgp:") &&
		!slices.ContainsFunc(s.Incidents, func(x demand.Incident) bool { return x.Grant == g.ID && x.Kind == demand.HadLeft })
}

// LinkForm implements staff.PickUps. Codes: app.roster, app.seat, docket.not_found.
func (v Staff) LinkForm(ctx context.Context, reader, id string) (staff.LinkForm, error) {
	_, c, err := v.linker(ctx, reader, id)
	if err != nil {
		return staff.LinkForm{}, err
	}
	out := staff.LinkForm{Title: titleOf(c.State)}
	for _, g := range c.State.Grants {
		if fetchable(c.State, g) {
			out.Grants = append(out.Grants, staff.Option{Value: g.ID, Says: g.ID, Quiet: join2(grant.InWords(g.Scope))})
		}
	}
	return out, nil
}

// linker is who asks, and the demand that they ask about, where they may.
func (v Staff) linker(ctx context.Context, reader, id string) (who, docket.Case, error) {
	c, err := v.answered(as(ctx, reader), demand.ID(id))
	if err != nil {
		return who{}, c, err
	}
	w, err := v.reader(reader)
	if err == nil {
		err = w.may(makeLink, resourceOf(c))
	}
	v.refusedSeat(reader, makeLink, err)
	return w, c, err
}

// MakeLink implements staff.PickUps. The link passes through this office, as it does on
// the command line; nothing of it is kept here. Codes: those of LinkForm, link.grant,
// app.no_charter, and those of gate.Desk.Link.
func (v Staff) MakeLink(ctx context.Context, reader string, a staff.LinkAsked) (staff.PickUpLink, error) {
	w, c, err := v.linker(ctx, reader, a.Demand)
	if err != nil {
		return staff.PickUpLink{}, err
	}
	if !slices.ContainsFunc(c.State.Grants, func(g demand.Grant) bool { return g.ID == a.Grant && fetchable(c.State, g) }) {
		return staff.PickUpLink{}, problem.New(problem.Refused, "link.grant", "of this grant there is no package that a link could hand out").At("%.64q", a.Grant).Fix("choose one that has left, and that no incident has ended")
	}
	if v.Desk() == nil {
		_, err := v.charter()
		return staff.PickUpLink{}, err
	}
	l, err := v.Desk().Link(ctx, a.Grant, canon.Text(a.For))
	if err != nil {
		return staff.PickUpLink{}, err
	}
	v.log.Info("link", "demand", a.Demand, "grant", l.Grant, "by", string(w.person))
	return staff.PickUpLink{Grant: l.Grant, For: l.For, URL: l.URL, Until: l.Until}, nil
}
