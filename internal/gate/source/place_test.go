package source_test

import (
	"testing"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Whatever lies in a place that two accounts share would be given as each of theirs.
func TestNoTwoAccountsHaveOnePlaceOrOneInTheOthers(t *testing.T) {
	any := func(string) bool { return true }
	for name, c := range map[string]struct {
		pattern string
		names   map[scope.AccountID]string
		code    string
	}{
		"each its own":        {"home/{account}", map[scope.AccountID]string{"acc-1": "a", "acc-2": "b", "acc-3": "ab", "acc-4": "c/d", "acc-5": "c/e"}, ""},
		"one name twice":      {"home/{account}", map[scope.AccountID]string{"acc-1": "a", "acc-2": "b", "acc-3": "a"}, "source.config"},
		"one in the other's":  {"home/{account}", map[scope.AccountID]string{"acc-1": "a/x/y", "acc-2": "b", "acc-3": "a"}, "source.config"},
		"beside the other's":  {"{account}/files", map[scope.AccountID]string{"acc-1": "a/x", "acc-2": "a"}, ""},
		"below the pattern's": {"{account}/files", map[scope.AccountID]string{"acc-1": "a/files/x", "acc-2": "a"}, "source.config"},
	} {
		err := source.Place{Pattern: c.pattern, Names: c.names}.Check("folder", any)
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
