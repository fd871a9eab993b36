// Package estate is the provider's map of whose account is where: customers,
// accounts, aliases with their validity, services, regions.
//
// Its words. A *customer* is a person or organisation with a language and a time
// zone for letters. An *alias* is an identifier (an address, a phone number …)
// that stood for an account during a time; addresses are recycled, so an alias
// without its time says nothing. To *resolve* is to list the accounts that an
// identifier stood for during an interval: none, one or several. It proposes; a
// person records the resolution and a second one checks it, and the gate asks
// its own estate again.
//
// Its promises. Read-only after Parse, safe for concurrent use. Bad files are
// refused whole, with line, field and fix.
//
// Imports: standard library, scope, problem, strict.
package estate

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/strict"
)

// MaxFile bounds an estate file.
const MaxFile = 64 << 20

// Estate is a parsed map.
type Estate struct {
	customers []Customer
	accounts  []Account
	aliases   []Alias
}

// Customer is whom a letter goes to.
type Customer struct {
	ID       string `toml:"id"`
	Name     string `toml:"name"`
	Kind     string `toml:"kind"`     // person, organisation
	Country  string `toml:"country"`  // ISO 3166-1 alpha-2
	Language string `toml:"language"` // en, de, da, it
	Zone     string `toml:"zone"`     // IANA
}

// Account belongs to one customer and keeps its services' data in one region.
type Account struct {
	ID       scope.AccountID `toml:"id"`
	Customer string          `toml:"customer"`
	Region   string          `toml:"region"`
	Services []scope.Service `toml:"services"`
}

// Alias says that an identifier stood for an account from From until Until
// (zero: still).
type Alias struct {
	Account scope.AccountID `toml:"account"`
	Kind    string          `toml:"kind"`
	Value   string          `toml:"value"`
	From    time.Time       `toml:"from"`
	Until   time.Time       `toml:"until"`
}

type file struct {
	Customer []Customer `toml:"customer"`
	Account  []Account  `toml:"account"`
	Alias    []Alias    `toml:"alias"`
}

// Parse reads an estate file (TOML). Codes: estate.form, estate.customer,
// estate.account, estate.alias.
func Parse(text []byte) (*Estate, error) {
	var f file
	if err := strict.TOML("estate", text, MaxFile, "estate.form", &f); err != nil {
		return nil, err
	}
	e := &Estate{customers: f.Customer, accounts: f.Account, aliases: f.Alias}
	return e, e.check()
}

var languages = []string{"en", "de", "da", "it"}

func (e *Estate) check() error {
	customers := map[string]bool{}
	for i, c := range e.customers {
		if c.ID == "" || c.Name == "" || len(c.Country) != 2 || !slices.Contains(languages, c.Language) || customers[c.ID] {
			return problem.New(problem.Invalid, "estate.customer", "a customer has its own id, a name, a country of two letters and a language (en, de, da, it)").At("customer %d", i+1)
		}
		if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" {
			return problem.New(problem.Invalid, "estate.customer", "a customer's zone is an IANA time zone").At("customer %d: zone", i+1).Fix("write, for example, America/New_York")
		}
		customers[c.ID] = true
	}
	accounts := map[scope.AccountID]bool{}
	for i, a := range e.accounts {
		if !scope.ValidAccount(string(a.ID)) || accounts[a.ID] || !customers[a.Customer] || a.Region == "" || len(a.Services) == 0 {
			return problem.New(problem.Invalid, "estate.account", "an account has its own id, a known customer, a region and services").At("account %d", i+1)
		}
		for _, s := range a.Services {
			if !slices.Contains(scope.Services, s) {
				return problem.New(problem.Invalid, "estate.account", "no such service").At("account %d: %.40q", i+1, string(s))
			}
		}
		accounts[a.ID] = true
	}
	for i := range e.aliases {
		a := &e.aliases[i]
		if !accounts[a.Account] || a.Kind == "" || a.Value == "" || a.From.IsZero() || (!a.Until.IsZero() && a.Until.Before(a.From)) {
			return problem.New(problem.Invalid, "estate.alias", "an alias has a known account, a kind, a value, and a time that begins before it ends").At("alias %d", i+1)
		}
		v, err := Normal(a.Kind, a.Value)
		if err != nil {
			return problem.Of(err).At("alias %d", i+1)
		}
		a.Value, a.From, a.Until = v, a.From.UTC(), a.Until.UTC()
	}
	return nil
}

// Normal is the form in which identifiers of a kind are compared.
func Normal(kind, value string) (string, error) {
	if kind == "address" {
		return scope.NormalAddress(value)
	}
	return value, nil
}

// Resolve lists the accounts that the identifier stood for at any time between
// from and until. A name alone resolves to nothing: names are not identifiers.
func (e *Estate) Resolve(kind, stated string, from, until time.Time) []scope.AccountID {
	v, err := Normal(kind, stated)
	if err != nil {
		return nil
	}
	var out []scope.AccountID
	for _, a := range e.accounts {
		if kind == "account" && string(a.ID) == stated {
			out = append(out, a.ID)
		}
	}
	for _, a := range e.aliases {
		if a.Kind == kind && a.Value == v && !a.From.After(until) && (a.Until.IsZero() || !a.Until.Before(from)) {
			out = append(out, a.Account)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Account finds an account.
func (e *Estate) Account(id scope.AccountID) (Account, bool) {
	i := slices.IndexFunc(e.accounts, func(a Account) bool { return a.ID == id })
	if i < 0 {
		return Account{}, false
	}
	return e.accounts[i], true
}

// Holder finds the customer of an account.
func (e *Estate) Holder(id scope.AccountID) (Customer, bool) {
	a, ok := e.Account(id)
	if !ok {
		return Customer{}, false
	}
	i := slices.IndexFunc(e.customers, func(c Customer) bool { return c.ID == a.Customer })
	return e.customers[i], true
}

// Accounts and Aliases return copies of the rows, for the charter's ceremony.
func (e *Estate) Accounts() []Account { return slices.Clone(e.accounts) }

// Aliases returns a copy of the rows.
func (e *Estate) Aliases() []Alias { return slices.Clone(e.aliases) }
