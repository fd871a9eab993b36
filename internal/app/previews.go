package app

import (
	"context"

	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// DraftPreview makes the grant to count everything that the demand asks for in one
// region ("": the first that it reaches), records it and puts it before an approver at
// the gate. Codes: app.no_charter, preview.nothing, the obstacles of demand.MayPreview,
// and those of gate.Desk.Offer.
func (o *Office) DraftPreview(ctx context.Context, id demand.ID, drafter demand.Person, region string) (gate.Status, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return gate.Status{}, err
	}
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return gate.Status{}, err
	}
	g, err := o.previewFor(ctx, c.State, id, drafter, region)
	if err != nil {
		return gate.Status{}, err
	}
	return o.offered(ctx, id, drafter, g, demand.DraftPreview{Grant: g.ID, Digest: demand.Digest(g.Digest()), Scope: g.Scope, Region: g.Region, Expires: g.Expires})
}

func (o *Office) previewFor(ctx context.Context, s *demand.State, id demand.ID, drafter demand.Person, region string) (grant.Grant, error) {
	part, some := s.AskedAll()
	if !some {
		return grant.Grant{}, problem.New(problem.Refused, "preview.nothing", "nothing that is asked stands for an account yet").Fix("resolve a target first")
	}
	part, region, err := o.partIn(part, region)
	if err != nil {
		return grant.Grant{}, err
	}
	g, err := o.grantBasis(ctx, s, id, part, drafter, region)
	if err != nil {
		return g, err
	}
	g.ID, g.Purpose = "v"+g.ID[1:], grant.ToPreview
	return g, nil
}
