package estate

import (
	"slices"
	"strings"
	"time"

	"counterseal/internal/scope"
)

// RegionOf says where the data of one service of an account or folder lie; false:
// the map has no such account, or the account does not have the service.
func (e *Estate) RegionOf(id scope.AccountID, service scope.Service) (string, bool) {
	if f, ok := e.Folder(id); ok {
		return f.Region, f.Service == service
	}
	for _, i := range e.places[id] {
		if p := e.rows.Places[i]; p.Service == service {
			return p.Region, true
		}
	}
	a, ok := e.Account(id)
	if !ok || !slices.Contains(a.Services, service) {
		return "", false
	}
	return a.Region, true
}

// ServicesOf lists the services of an account or folder, in the order of display.
func (e *Estate) ServicesOf(id scope.AccountID) []scope.Service {
	var out []scope.Service
	for _, s := range scope.Services {
		if _, ok := e.RegionOf(id, s); ok {
			out = append(out, s)
		}
	}
	return out
}

// Kept is one row of the charter's estate: the services of an owner whose data
// lie in one region.
type Kept struct {
	Owner    scope.AccountID
	Region   string
	Services []scope.Service
}

// Kept lists accounts in the order of the map and then folders, the rows of one
// owner by region: the charter's canonical order.
func (e *Estate) Kept() []Kept {
	out := make([]Kept, 0, len(e.rows.Accounts)+len(e.rows.Folders))
	for _, a := range e.rows.Accounts {
		if len(e.places[a.ID]) == 0 {
			out = append(out, Kept{a.ID, a.Region, slices.Clone(a.Services)})
			continue
		}
		first := len(out)
		for _, s := range e.ServicesOf(a.ID) {
			region, _ := e.RegionOf(a.ID, s)
			i := slices.IndexFunc(out[first:], func(k Kept) bool { return k.Region == region })
			if i < 0 {
				out = append(out, Kept{Owner: a.ID, Region: region})
				i = len(out) - 1 - first
			}
			out[first+i].Services = append(out[first+i].Services, s)
		}
		slices.SortFunc(out[first:], func(a, b Kept) int { return strings.Compare(a.Region, b.Region) })
	}
	for _, f := range e.rows.Folders {
		out = append(out, Kept{f.ID, f.Region, []scope.Service{f.Service}})
	}
	return out
}

// Where is what a customer may be told about one service of an account.
type Where struct {
	Service    scope.Service
	Region     Region // its id alone where the map lists no regions
	Contract   Entity // who contracts with the customer; zero where the map does not say
	Contracted Interval
	Reach      []Entity // who can open the region
	Role       string   // the provider's: controller, processor, or "" where the map does not say
	Keys       string   // in whose custody: provider, customer
}

// Ciphertext reports whether content of the service comes out as ciphertext: its
// keys are not the provider's. Subscriber and log-in records are the provider's own.
func (w Where) Ciphertext() bool { return w.Keys == "customer" && w.Service != scope.Records }

// Where says, for each service of an account or folder, where its data lie and
// who can reach them, at a time.
func (e *Estate) Where(id scope.AccountID, at time.Time) []Where {
	holder, ok := e.Holder(id)
	if !ok {
		return nil
	}
	owner := id
	if f, folder := e.Folder(id); folder {
		owner = f.Owner
	}
	a, _ := e.Account(owner)
	contract, contracted := e.ContractAt(holder.ID, at)
	var out []Where
	for _, s := range e.ServicesOf(id) {
		region, _ := e.RegionOf(id, s)
		w := Where{Service: s, Contract: contract, Contracted: contracted, Reach: e.Reach(region), Role: first(a.Role, holder.Role), Keys: first(a.Keys, holder.Keys, "provider")}
		w.Region, ok = e.Region(region)
		if !ok {
			w.Region = Region{ID: region}
		}
		out = append(out, w)
	}
	return out
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// Region finds a region.
func (e *Estate) Region(id string) (Region, bool) {
	i, ok := e.regions[id]
	if !ok {
		return Region{}, false
	}
	return e.rows.Regions[i], true
}

// Regions and Entities return copies of the rows.
func (e *Estate) Regions() []Region { return slices.Clone(e.rows.Regions) }

// Entities returns a copy of the rows.
func (e *Estate) Entities() []Entity { return slices.Clone(e.rows.Entities) }

// Entity finds one of the provider's companies.
func (e *Estate) Entity(id string) (Entity, bool) {
	i, ok := e.entities[id]
	if !ok {
		return Entity{}, false
	}
	return e.rows.Entities[i], true
}

// Reach lists the entities that can open a region, in the order of the map.
func (e *Estate) Reach(region string) []Entity {
	var out []Entity
	for _, n := range e.rows.Entities {
		if slices.Contains(n.Controls, region) {
			out = append(out, n)
		}
	}
	return out
}

// Controls reports whether an entity can open a region: whether data there are in
// its possession, custody or control (18 USC 2713).
func (e *Estate) Controls(entity, region string) bool {
	n, ok := e.Entity(entity)
	return ok && slices.Contains(n.Controls, region)
}

// ContractAt says which entity contracted with a customer at a time, and from when
// until when; a zero Entity: none that the map knows.
func (e *Estate) ContractAt(customer string, at time.Time) (Entity, Interval) {
	for _, i := range e.contracts[customer] {
		c := e.rows.Contracts[i]
		if held := (Interval{c.From, c.Until}); held.meets(Interval{at, at}) {
			n, _ := e.Entity(c.Entity)
			return n, held
		}
	}
	return Entity{}, Interval{}
}
