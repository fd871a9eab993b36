package app

import (
	"slices"

	"counterseal/internal/estate"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// CustomerKey says whose content in a service is encrypted under keys of the customers'
// own, which the provider does not have. Packages say so of each item; nothing follows
// from it.
type CustomerKey struct {
	Service  string   `toml:"service"`
	Accounts []string `toml:"accounts"`
	All      bool     `toml:"all"` // everybody's of that service
}

type keyed struct {
	service scope.Service
	account scope.AccountID // "": everybody's
}

// customerKeys adds what the map of customers says, which a gate of its own does not
// have.
func (o *Office) customerKeys(configured func(scope.Service, scope.AccountID) bool) func(scope.Service, scope.AccountID) bool {
	return func(service scope.Service, account scope.AccountID) bool {
		if configured(service, account) {
			return true
		}
		return slices.ContainsFunc(o.Estate.Now().Where(account, o.Clock.Now()), func(w estate.Where) bool { return w.Service == service && w.Ciphertext() })
	}
}

// customerKeys is what the gate asks. Code: app.config.
func (s Stores) customerKeys() (func(scope.Service, scope.AccountID) bool, error) {
	held := map[keyed]bool{}
	for _, k := range s.CustomerKeys {
		service := scope.Service(k.Service)
		if !slices.Contains(scope.Services, service) || k.All == (len(k.Accounts) > 0) || slices.ContainsFunc(k.Accounts, func(a string) bool { return !scope.ValidAccount(a) }) {
			return nil, problem.New(problem.Invalid, "app.config", "the configuration does not hold together").At("[[customer_keys]]: service %.40q", k.Service).Fix("name a service, and its accounts or all = true")
		}
		if k.All {
			held[keyed{service, ""}] = true
		}
		for _, a := range k.Accounts {
			held[keyed{service, scope.AccountID(a)}] = true
		}
	}
	return func(service scope.Service, account scope.AccountID) bool {
		return held[keyed{service, ""}] || held[keyed{service, account}]
	}, nil
}
