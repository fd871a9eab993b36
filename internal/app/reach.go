package app

import (
	"fmt"
	"slices"
	"time"

	"counterseal/internal/estate"
	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/scope"
)

// ground is what the map knows of where some data lie and who can open them: the
// setting that the law is asked about, and the map's own words for it.
type ground struct {
	law.Setting
	entities map[string]estate.Entity // by the id that the setting gives
	places   []estate.Region          // where the data lie
	holders  []estate.Customer
}

// groundOf asks the map about accounts and folders; services: none means all of
// them. A company opens a country where it opens a region there in which these
// data lie. Entities go under ids of the setting's own: an id of the map may be
// any text, a fact may not.
func groundOf(e *estate.Estate, owners []scope.AccountID, services []scope.Service, at time.Time) ground {
	g := ground{entities: map[string]estate.Entity{}}
	roles := map[string]string{}
	for _, id := range owners {
		for _, w := range e.Where(id, at) {
			if len(services) > 0 && !slices.Contains(services, w.Service) {
				continue
			}
			roles[w.Contract.ID] = w.Role
			if !slices.ContainsFunc(g.places, func(r estate.Region) bool { return r.ID == w.Region.ID }) {
				g.places = append(g.places, w.Region)
			}
			if w.Region.Country != "" && !slices.Contains(g.Storage, w.Region.Country) {
				g.Storage = append(g.Storage, w.Region.Country)
			}
		}
		holder, ok := e.Holder(id)
		if ok && !slices.ContainsFunc(g.holders, func(c estate.Customer) bool { return c.ID == holder.ID }) {
			g.holders = append(g.holders, holder)
		}
	}
	for i, n := range e.Entities() {
		id := fmt.Sprintf("company.%d", i+1)
		g.entities[id] = n
		g.Entities = append(g.Entities, law.Entity{ID: id, Country: n.Country, Controls: g.opens(n), Role: roles[n.ID], Representative: slices.Contains(n.Designated, "epoc")})
	}
	return g
}

// opens lists the countries in which a company can open these data.
func (g ground) opens(n estate.Entity) []string {
	var out []string
	for _, r := range g.places {
		if slices.Contains(n.Controls, r.ID) && r.Country != "" && !slices.Contains(out, r.Country) {
			out = append(out, r.Country)
		}
	}
	return out
}

// companies names those through which a law reaches.
func (g ground) companies(ids []string) []string {
	var out []string
	for _, id := range ids {
		out = append(out, g.entities[id].Name)
	}
	return out
}

// knows adds to facts what the map says of the holders, where all of them are
// alike and nobody has stated otherwise. It names what it added.
func (g ground) knows(f *fact.Facts) ([]string, error) {
	var added []string
	for _, k := range []struct {
		key fact.Key
		of  func(estate.Customer) string
	}{
		{fact.CustomerCountry, livesIn}, {fact.CustomerKind, func(c estate.Customer) string { return c.Class }},
	} {
		value := ""
		for i, c := range g.holders {
			if v := k.of(c); i == 0 {
				value = v
			} else if v != value {
				value = ""
				break
			}
		}
		_, stated, err := f.Get(k.key.String())
		if err != nil {
			return nil, err
		}
		if stated || value == "" {
			continue
		}
		err = f.Set(k.key.String(), value)
		if err != nil {
			return nil, err
		}
		added = append(added, k.key.String())
	}
	return added, nil
}

func livesIn(c estate.Customer) string {
	if c.Residence != "" {
		return c.Residence
	}
	return c.Country
}
