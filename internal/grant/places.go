package grant

import (
	"slices"
	"time"

	"counterseal/internal/identifier"
	"counterseal/internal/scope"
)

// places finds rows of the gate's own estate without reading all of it.
type places struct {
	accounts map[scope.AccountID][]int // rows of Charter.Accounts
	aliases  map[string][]int          // rows of Charter.Aliases, by kind and normal form
}

func drawPlaces(c *Charter) *places {
	p := &places{map[scope.AccountID][]int{}, map[string][]int{}}
	for i, a := range c.Accounts {
		p.accounts[a.ID] = append(p.accounts[a.ID], i)
	}
	for i, a := range c.Aliases {
		key := a.Kind + " " + compared(a.Kind, a.Value)
		p.aliases[key] = append(p.aliases[key], i)
	}
	return p
}

func (c *Charter) place() *places {
	if c.places == nil { // a charter that was not made by Extend
		return drawPlaces(c)
	}
	return c.places
}

// RegionOf says where the data of one service of an account lie; false means that
// the charter knows no such account, or that it does not have the service.
func (c *Charter) RegionOf(account scope.AccountID, service scope.Service) (string, bool) {
	for _, i := range c.place().accounts[account] {
		if slices.Contains(c.Accounts[i].Services, service) {
			return c.Accounts[i].Region, true
		}
	}
	return "", false
}

// knowsAccount reports whether the charter has the account at all.
func (c *Charter) knowsAccount(id scope.AccountID) bool { return len(c.place().accounts[id]) > 0 }

// Holders lists the accounts that an identifier stood for at any time in the
// interval, sorted. An account id stands for itself. A network address counts at
// the instant that is stated with it, whatever the interval: a session ends, and
// what is asked for of its holder may be older or younger.
func (c *Charter) Holders(kind, stated string, from, until time.Time) []scope.AccountID {
	var out []scope.AccountID
	if kind == identifier.Account {
		if c.knowsAccount(scope.AccountID(stated)) {
			out = append(out, scope.AccountID(stated))
		}
		return out
	}
	if kind == identifier.Name {
		return nil // a name identifies nobody, whatever a charter from before says
	}
	rows, from, until := c.rowsOf(kind, stated, from, until)
	for _, a := range rows {
		if !a.From.After(until) && (a.Until.IsZero() || !a.Until.Before(from)) {
			out = append(out, a.Account)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// heldThroughout reports whether the identifier stood for the account during
// all of the interval, by one or several adjoining rows.
func (c *Charter) heldThroughout(kind, stated string, account scope.AccountID, from, until time.Time) bool {
	if kind == identifier.Account {
		return stated == string(account)
	}
	rows, at, until := c.rowsOf(kind, stated, from, until)
	rows = slices.DeleteFunc(rows, func(a Alias) bool { return a.Account != account })
	slices.SortFunc(rows, func(a, b Alias) int { return a.From.Compare(b.From) })
	for _, a := range rows {
		switch {
		case a.From.After(at):
			return false
		case a.Until.IsZero() || !a.Until.Before(until):
			return true
		case !a.Until.Before(at):
			at = a.Until.Add(time.Second)
		}
	}
	return false
}

// rowsOf gives the alias rows of an identifier, whenever they held, and the
// interval that counts.
func (c *Charter) rowsOf(kind, stated string, from, until time.Time) ([]Alias, time.Time, time.Time) {
	key := compared(kind, stated)
	if kind == identifier.IP {
		id, err := identifier.Parse(kind, stated)
		if err != nil {
			return nil, from, until // without its instant it names nobody
		}
		key, from, until = id.Normal, id.At, id.At
	}
	var rows []Alias
	for _, i := range c.place().aliases[kind+" "+key] {
		rows = append(rows, c.Aliases[i])
	}
	return rows, from, until
}

// compared is the form in which identifiers are compared. What has no normal form
// is compared as it stands: charters older than a kind's normal form hold such.
func compared(kind, value string) string {
	n, err := identifier.Normal(kind, value)
	if err != nil {
		return normal(kind, value)
	}
	return n
}

// normal is the form in which an alias stands in a statement's text. It is part
// of the text's format and does not change: what package identifier learns
// changes how texts are compared, never which texts can be read.
func normal(kind, value string) string {
	if kind == identifier.Address {
		n, err := scope.NormalAddress(value)
		if err == nil {
			return n
		}
	}
	return value
}
