package app

import (
	"context"
	"fmt"
	"io"
	"slices"

	"counterseal/internal/demand"
	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// DraftDeclaration drafts a person's declaration about the package of a grant,
// from the release that the gate signed, the grant that was approved, and the
// charter. Codes: declaration.not_on_roster, those of gate.Desk.Text and Fetch,
// of grant.Parse, release.Parse and declaration.Draft.
func (o *Office) DraftDeclaration(ctx context.Context, id string, person demand.Person) ([]byte, error) {
	c, err := o.charter()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(c.Roster, func(p grant.Person) bool { return p.ID == string(person) })
	if i < 0 {
		return nil, problem.New(problem.Refused, "declaration.not_on_roster", "a declaration is signed by a person on the roster").At("%s", person).
			Fix("name a person of the charter with --as")
	}
	text, err := o.Desk().Text(ctx, id)
	if err != nil {
		return nil, err
	}
	g, err := grant.Parse(text)
	if err != nil {
		return nil, err
	}
	r, err := o.fetchRelease(ctx, id, person)
	if err != nil {
		return nil, err
	}
	f := declaration.Facts{Release: r, Provider: c.Provider, Authority: g.Requester, Language: g.Language, Order: g.Order, Scope: grant.InWords(g.Scope),
		Person: string(person), Name: c.Roster[i].Name, At: o.Clock.Now().UTC()}
	for _, a := range c.Agencies {
		if a.ID == g.Requester {
			f.Authority, f.Country = a.Name+" ("+a.Country+")", a.Country
		}
	}
	if x := g.Export; g.ByHand() {
		f.Export = fmt.Sprintf("%s; from %s; %s", x.InWords(), x.From, x.How)
	}
	return declaration.Draft(f)
}

// fetchRelease reads the statement that the gate signed.
func (o *Office) fetchRelease(ctx context.Context, id string, person demand.Person) (release.Release, error) {
	in, _, err := o.Desk().Fetch(ctx, id, release.ReleaseFile, "drafts a declaration: "+string(person))
	if err != nil {
		return release.Release{}, err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, release.MaxText+1))
	if err != nil {
		return release.Release{}, err
	}
	return release.Parse(text)
}
