package source

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Mark stands for an account in a pattern.
const Mark = "{account}"

// A Place says under which name a store keeps an account: the pattern, with the
// account's id for the mark, or with the name that is stated for the account.
type Place struct {
	Pattern string
	Names   map[scope.AccountID]string // nil: the id is the name; else an account that has none is unknown
}

// Check looks at the pattern and every name. ok says what a whole place may look
// like. Code: source.config.
func (p Place) Check(what string, ok func(string) bool) error {
	bad := func(says, field string) error {
		return problem.New(problem.Invalid, "source.config", "%s", says).At("%s", field)
	}
	if strings.Count(p.Pattern, Mark) != 1 || !ok(strings.Replace(p.Pattern, Mark, "account", 1)) {
		return bad("an account's "+what+" is named by a pattern with {account} in it once", fmt.Sprintf("%s %.200q", what, p.Pattern))
	}
	for _, id := range slices.Sorted(maps.Keys(p.Names)) {
		if !scope.ValidAccount(string(id)) {
			return bad("an account id is 3 to 64 of a–z, 0–9 and inner hyphens", fmt.Sprintf("accounts %.70q", string(id)))
		}
		if !ok(strings.Replace(p.Pattern, Mark, p.Names[id], 1)) || p.Names[id] == "" {
			return bad("an account's name in the store is one that its pattern can hold", fmt.Sprintf("accounts %.70q", p.Names[id]))
		}
	}
	if shared, two := p.shared(); two {
		return bad("no two accounts have one place in the store, or one in the other's", fmt.Sprintf("accounts %.70q", shared))
	}
	return nil
}

// shared gives the name of an account whose place is another's too, or lies in it: what
// is there would be given as each of theirs.
func (p Place) shared() (name string, two bool) {
	taken := map[string]bool{}
	for _, name := range p.Names {
		place := strings.Replace(p.Pattern, Mark, name, 1)
		if taken[place] {
			return name, true
		}
		taken[place] = true
	}
	for _, name := range p.Names {
		place := strings.Replace(p.Pattern, Mark, name, 1)
		for i, c := range place {
			if c == '/' && taken[place[:i]] {
				return name, true
			}
		}
	}
	return "", false
}

// Of gives an account's place. Code: source.unknown_account.
func (p Place) Of(a scope.AccountID) (string, error) {
	name := string(a)
	if p.Names != nil {
		name = p.Names[a]
	}
	if !scope.ValidAccount(string(a)) || name == "" {
		return "", Unknown(a)
	}
	return strings.Replace(p.Pattern, Mark, name, 1), nil
}

// Unknown says that a store has no place for an account.
func Unknown(a scope.AccountID) error {
	return problem.New(problem.Missing, "source.unknown_account", "the store has no place for the account").
		At("account %.70q", string(a)).Fix("make the account's place if it holds nothing, or correct the store's configuration")
}
