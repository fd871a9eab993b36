package estate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/estate"
	"counterseal/internal/scope"
)

const abroad = `
[[region]]
id = "dub"
country = "IE"
city = "Dublin"
[[region]]
id = "iad"
country = "US"
city = "Ashburn"
[[entity]]
id = "as"
name = "Nordwind Cloud A/S"
country = "DK"
controls = ["dub"]
[[entity]]
id = "inc"
name = "Nordwind Cloud Inc."
country = "US"
controls = ["dub", "iad"]
[[customer]]
id = "c-1"
name = "Aoife Example"
kind = "person"
class = "consumer"
country = "IE"
residence = "IE"
language = "en"
zone = "Europe/Dublin"
role = "controller"
[[contract]]
customer = "c-1"
entity = "as"
from = 2019-01-01T00:00:00Z
[[contract]]
customer = "c-1"
entity = "inc"
from = 2012-01-01T00:00:00Z
until = 2018-12-31T23:59:59Z
[[account]]
id = "ac-aoife"
customer = "c-1"
region = "dub"
services = ["records", "mail"]
[[place]]
account = "ac-aoife"
service = "records"
region = "iad"
[[account]]
id = "ac-keys"
customer = "c-1"
region = "dub"
services = ["files", "records"]
keys = "customer"
role = "processor"
`

func TestACustomerIsToldWhereEachServiceLiesAndWhoReachesIt(t *testing.T) {
	e := parsed(t, abroad)
	row := func(w estate.Where) []string {
		out := []string{string(w.Service), w.Region.ID, w.Region.Country, w.Contract.ID, w.Role, w.Keys}
		for _, n := range w.Reach {
			out = append(out, n.ID)
		}
		if w.Ciphertext() {
			out = append(out, "ciphertext")
		}
		return out
	}
	var got [][]string
	for _, q := range []struct {
		account scope.AccountID
		year    int
	}{{"ac-aoife", 2013}, {"ac-aoife", 2026}, {"ac-keys", 2026}} {
		for _, w := range e.Where(q.account, day(q.year, 12, 4)) {
			got = append(got, row(w))
		}
	}
	want := [][]string{
		{"records", "iad", "US", "inc", "controller", "provider", "inc"},
		{"mail", "dub", "IE", "inc", "controller", "provider", "as", "inc"},
		{"records", "iad", "US", "as", "controller", "provider", "inc"},
		{"mail", "dub", "IE", "as", "controller", "provider", "as", "inc"},
		{"records", "dub", "IE", "as", "processor", "customer", "as", "inc"},
		{"files", "dub", "IE", "as", "processor", "customer", "as", "inc", "ciphertext"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if e.Where("ac-none", day(2026, 1, 1)) != nil || !e.Controls("inc", "dub") || e.Controls("as", "iad") {
		t.Error("control is not what the map says")
	}
	if n, _ := e.ContractAt("c-1", day(2011, 1, 1)); n.ID != "" {
		t.Error("somebody contracted before the first contract")
	}
}

// The charter's text of a map that says nothing new stays what it was, so that
// no amendment is drafted for it; an account that lies apart has a row a region.
func TestTheChartersRowsAreInTheirCanonicalOrder(t *testing.T) {
	want := []estate.Kept{{Owner: "ac-aoife", Region: "dub", Services: []scope.Service{"mail"}}, {Owner: "ac-aoife", Region: "iad", Services: []scope.Service{"records"}},
		{Owner: "ac-keys", Region: "dub", Services: []scope.Service{"files", "records"}}}
	if d := cmp.Diff(want, parsed(t, abroad).Kept()); d != "" {
		t.Error(d)
	}
}
