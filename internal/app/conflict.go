package app

import (
	"context"
	"slices"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/web/staff"
)

// Conflict says whose law reaches what a demand asks for. The packs are asked of
// the facts on record and, where the targets are resolved, of the map: which of our
// companies can open the data, and where they lie. Nothing is recorded. An empty
// reader is the program itself. Codes: those of docket.State, and law.setting
// where the map has more companies or places than the law can be asked about.
func (o *Office) Conflict(ctx context.Context, reader, id string) (staff.Conflict, error) {
	if !docket.ValidID(demand.ID(id)) || demand.StreamOf(demand.ID(id)) != demand.DemandStream {
		return staff.Conflict{}, docket.NotFound()
	}
	if reader != "" {
		ctx = docket.For(ctx, demand.Person(reader))
	}
	c, err := o.Docket.State(ctx, demand.ID(id))
	if err != nil {
		return staff.Conflict{}, err
	}
	s := c.State
	facts, err := o.facts(s)
	if err != nil {
		return staff.Conflict{}, err
	}
	owners, services := reached(s)
	g := groundOf(o.Estate.Now(), owners, services, o.Clock.Now())
	out := staff.Conflict{ID: id, Instrument: instrumentName(s), Resolved: len(owners) > 0, Categories: categoriesOf(s), AsOf: textOf(facts, fact.AsOf)}
	out.FromMap, err = g.knows(&facts)
	if err != nil {
		return staff.Conflict{}, factsAmiss(err)
	}
	err = o.asker(s, &facts, &out)
	if err != nil {
		return staff.Conflict{}, factsAmiss(err)
	}
	out.Customer, out.Paper = textOf(facts, fact.CustomerCountry), textOf(facts, fact.Instrument)
	for _, r := range g.places {
		out.Storage = append(out.Storage, staff.Store{Region: r.ID, City: r.City, Country: r.Country})
	}
	for _, n := range g.Entities {
		out.Companies = append(out.Companies, staff.Company{Name: g.entities[n.ID].Name, Country: n.Country, Opens: n.Controls, Designated: n.Representative})
	}
	engine, err := o.Law()
	if err != nil {
		return staff.Conflict{}, err
	}
	found, err := engine.Reach(facts, g.Setting)
	if err != nil {
		return staff.Conflict{}, err
	}
	out.Unread, err = engine.Unread(facts, g.Setting)
	if err != nil {
		return staff.Conflict{}, err
	}
	sortReach(&out, found, g)
	return out, nil
}

// asker says whose authority asks: what was stated, else where the agency is.
func (o *Office) asker(s *demand.State, f *fact.Facts, out *staff.Conflict) error {
	agency, known := o.Agencies.Agency(s.Instrument.Agency)
	out.Agency = s.Instrument.Agency
	if known {
		out.Agency = agency.Name
	}
	_, stated, err := f.Get(fact.IssuingCountry.String())
	if err == nil && !stated && known && agency.Country != "" {
		err = f.Set(fact.IssuingCountry.String(), agency.Country)
	}
	if err != nil {
		return err
	}
	out.Country = textOf(*f, fact.IssuingCountry)
	return nil
}

// factsAmiss says that what the map or the roll of agencies knows cannot stand
// beside what was stated.
func factsAmiss(err error) error {
	p := problem.Of(err)
	return problem.New(problem.Invalid, "law.setting", "the facts and the map do not agree: %s", p.Message).At("%s", p.Field).Fix("correct the facts, or the map").Because(err)
}

func textOf(f fact.Facts, k fact.Key) string {
	value, known, err := f.Get(k.String())
	if err != nil || !known {
		return ""
	}
	text, _ := value.(string)
	return text
}

// reached are the accounts that the demand's targets stand for, and the services
// that it asks for.
func reached(s *demand.State) (owners []scope.AccountID, services []scope.Service) {
	for _, t := range s.Targets {
		owners = append(owners, t.Accounts...)
	}
	for _, l := range s.Lines {
		services = append(services, l.Service)
	}
	slices.Sort(owners)
	return slices.Compact(owners), services
}

func categoriesOf(s *demand.State) []string {
	out := []string{}
	for _, c := range scope.Categories {
		if slices.ContainsFunc(s.Lines, func(l demand.Line) bool { return l.Category == c }) {
			out = append(out, string(c))
		}
	}
	return out
}

// sortReach puts what the packs found under the question that it answers.
func sortReach(out *staff.Conflict, found []law.Reach, g ground) {
	heaps := map[law.Role]*[]staff.Law{law.Compels: &out.Compels, law.Forbids: &out.Forbids, law.Permits: &out.Permits, law.Route: &out.Ways}
	for _, h := range heaps {
		*h = []staff.Law{}
	}
	for _, r := range found {
		l := staff.Law{Rule: r.Rule, Law: r.Law, Certain: r.Outcome == law.Reaches, Paper: r.Paper, ThisPaper: r.Paper != "" && r.Paper == out.Paper && r.Role == law.Compels,
			Through: g.companies(r.Through), Storage: r.Storage, Reaches: r.Categories, Channel: string(r.Channel), Says: r.Says.In("en"), Cite: r.Cite, Quote: r.Quote,
			Checked: string(r.Checked.Level), CheckedOn: r.Checked.On, Source: r.Checked.Source, Missing: r.Missing, LeavesOut: r.LeavesOut, Digest: r.PackDigest, ByAnybody: len(r.By) == 0 && len(r.NotBy) == 0}
		if r.Role != law.Forbids {
			l.Short = short(out.Categories, r.Categories)
		}
		if len(out.Categories) > 0 && len(l.Short) == len(out.Categories) {
			continue // it reaches nothing of what is asked
		}
		*heaps[r.Role] = append(*heaps[r.Role], l)
		for _, m := range r.Missing {
			if !slices.Contains(out.Missing, m) {
				out.Missing = append(out.Missing, m)
			}
		}
	}
	slices.Sort(out.Missing)
}

// short lists what is asked and not reached.
func short(asked, reached []string) []string {
	return slices.DeleteFunc(slices.Clone(asked), func(c string) bool { return slices.Contains(reached, c) })
}
