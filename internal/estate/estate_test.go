package estate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/estate"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const good = `
[[customer]]
id = "c-1"
name = "Ada Falk"
kind = "person"
country = "DK"
language = "da"
zone = "Europe/Copenhagen"

[[customer]]
id = "c-2"
name = "Bo Rask"
kind = "person"
country = "US"
language = "en"
zone = "America/New_York"

[[account]]
id = "ac-falk"
customer = "c-1"
region = "cph"
services = ["mail", "records"]

[[account]]
id = "ac-rask"
customer = "c-2"
region = "iad"
services = ["mail"]

[[alias]]
account = "ac-falk"
kind = "address"
value = "Team@Nordwind.example"
from = 2010-01-01T00:00:00Z
until = 2011-12-31T23:59:59Z

[[alias]]
account = "ac-rask"
kind = "address"
value = "team@nordwind.example"
from = 2012-01-01T00:00:00Z
`

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestARecycledAddressResolvesByItsTime(t *testing.T) {
	e, err := estate.Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		kind, stated string
		from, until  time.Time
		want         []scope.AccountID
	}{
		"former holder":        {"address", "TEAM@nordwind.example", day(2011, 1, 1), day(2011, 2, 1), []scope.AccountID{"ac-falk"}},
		"later holder":         {"address", "team@nordwind.example", day(2012, 3, 1), day(2012, 4, 1), []scope.AccountID{"ac-rask"}},
		"both in the interval": {"address", "team@nordwind.example", day(2011, 12, 1), day(2012, 1, 2), []scope.AccountID{"ac-falk", "ac-rask"}},
		"last second counts":   {"address", "team@nordwind.example", time.Date(2011, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2011, 12, 31, 23, 59, 59, 0, time.UTC), []scope.AccountID{"ac-falk"}},
		"before anybody":       {"address", "team@nordwind.example", day(2009, 1, 1), day(2009, 2, 1), nil},
		"a name is nobody":     {"name", "Ada Falk", day(2011, 1, 1), day(2011, 2, 1), nil},
		"account by its id":    {"account", "ac-rask", day(2011, 1, 1), day(2011, 2, 1), []scope.AccountID{"ac-rask"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if d := cmp.Diff(c.want, e.Resolve(c.kind, c.stated, c.from, c.until).Accounts()); d != "" {
				t.Fatal(d)
			}
		})
	}
	if h, ok := e.Holder("ac-falk"); !ok || h.Language != "da" {
		t.Fatalf("got %+v", h)
	}
	if _, ok := e.Holder("ac-none"); ok {
		t.Fatal("nobody holds an unknown account")
	}
}

func TestABadRowIsRefusedAlsoWhenItIsTheLast(t *testing.T) {
	cases := map[string]struct{ add, code, field string }{
		"customer without a language": {"[[customer]]\nid='c-3'\nname='N'\ncountry='DK'\nzone='UTC'\n", "estate.customer", "customer 3"},
		"customer twice":              {"[[customer]]\nid='c-1'\nname='N'\ncountry='DK'\nlanguage='da'\nzone='UTC'\n", "estate.customer", "customer 3"},
		"no such zone":                {"[[customer]]\nid='c-3'\nname='N'\ncountry='DK'\nlanguage='da'\nzone='Mars/Base'\n", "estate.customer", "customer 3: zone"},
		"account of nobody":           {"[[account]]\nid='ac-x'\ncustomer='c-9'\nregion='iad'\nservices=['mail']\n", "estate.account", "account 3"},
		"account id out of form":      {"[[account]]\nid='AC X'\ncustomer='c-1'\nregion='iad'\nservices=['mail']\n", "estate.account", "account 3"},
		"no such service":             {"[[account]]\nid='ac-x'\ncustomer='c-1'\nregion='iad'\nservices=['mail','fax']\n", "estate.account", `account 3: "fax"`},
		"alias of no account":         {"[[alias]]\naccount='ac-x'\nkind='address'\nvalue='a@b.example'\nfrom=2012-01-01T00:00:00Z\n", "estate.alias", "alias 3"},
		"alias that ends before":      {"[[alias]]\naccount='ac-rask'\nkind='address'\nvalue='a@b.example'\nfrom=2012-01-01T00:00:00Z\nuntil=2011-01-01T00:00:00Z\n", "estate.alias", "alias 3"},
		"alias with a space":          {"[[alias]]\naccount='ac-rask'\nkind='address'\nvalue='a b'\nfrom=2012-01-01T00:00:00Z\n", "identifier.form", "alias 3"},
		"unknown key":                 {"[[alias]]\nacount='ac-rask'\n", "estate.form", "estate, line"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := estate.Parse([]byte(good + c.add))
			p := problem.Of(err)
			if p == nil || p.Code != c.code || !strings.HasPrefix(p.Field, c.field) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, text []byte) {
		if e, err := estate.Parse(text); err == nil {
			for _, a := range e.Aliases() {
				if stated := a.Value; len(e.Resolve(a.Kind, stated, a.From, a.From).Held) == 0 && a.Kind != "ip" {
					t.Fatalf("an alias that was read does not resolve: %+v", a)
				}
			}
		}
	})
}
