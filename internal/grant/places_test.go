package grant_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// apart gives bea's records to the region us, while her mail stays in ie.
func apart(s *grant.Statement) {
	s.Accounts = slices.Insert(s.Accounts, 2, grant.Account{ID: "acct-b2", Region: "us", Services: []scope.Service{scope.Records}})
	s.Accounts[1].Services = []scope.Service{scope.Mail, scope.Files}
}

func TestEachServiceOfAnAccountIsKeptInItsOwnRegion(t *testing.T) {
	w := gatetest.NewWorld()
	c, err := ceremony(w, apart, everybody)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		account scope.AccountID
		service scope.Service
		region  string
	}{{"acct-b2", scope.Mail, "ie"}, {"acct-b2", scope.Files, "ie"}, {"acct-b2", scope.Records, "us"}, {"acct-b2", scope.Calls, ""}, {"acct-a1", scope.Records, "ie"}, {"acct-zz", scope.Mail, ""}} {
		if got, ok := c.RegionOf(q.account, q.service); got != q.region || ok != (q.region != "") {
			t.Errorf("%s %s lies in %q", q.account, q.service, got)
		}
	}
	rule := func(service scope.Service, gate string) error {
		g := sampleGrant()
		sel := selector("acct-b2")
		sel.Service = service
		sel.Participants = nil
		g.Scope, g.Region, g.Gate = scopeOf(selector("acct-a1"), sel), "ie", gate
		if gate == "gate-2" {
			g.Region, g.Scope = "us", scopeOf(sel)
		}
		for _, r := range grant.Rules {
			if r.Name == "estate" {
				return r.Check(grant.Case{Grant: g, Charter: c, Gate: gate})
			}
		}
		return nil
	}
	for _, k := range []struct {
		name    string
		service scope.Service
		gate    string
		code    string
	}{
		{"mail where the mail lies", scope.Mail, "gate-1", ""},
		{"records where the mail lies, last of two", scope.Records, "gate-1", "grant.account_region"},
		{"records where the records lie", scope.Records, "gate-2", ""},
		{"mail where the records lie", scope.Mail, "gate-2", "grant.account_region"},
		{"a service that the account does not have", scope.Calls, "gate-1", "grant.account_region"},
	} {
		if err := rule(k.service, k.gate); problem.Code(err) != k.code {
			t.Errorf("%s: %v", k.name, err)
		}
	}
}

func TestAnAccountInTwoRegionsIsWrittenInOneWay(t *testing.T) {
	st := sampleStatement()
	st.Accounts[1] = grant.Account{ID: "acct-a1", Region: "us", Services: []scope.Service{scope.Files}}
	st.Aliases = st.Aliases[:1]
	text, err := st.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	back, err := grant.ParseStatement(text)
	if err != nil || !cmp.Equal(st, back, compared) {
		t.Fatalf("%v\n%s", err, cmp.Diff(st, back, compared))
	}
}

// What the order states and what the charter holds are compared in the normal
// form of their kind; a charter from before keeps its text.
func TestTheGateComparesIdentifiersInTheirNormalForm(t *testing.T) {
	w := gatetest.NewWorld()
	at := func(h int) time.Time { return time.Date(2031, 1, 10, h, 0, 0, 0, time.UTC) }
	c, err := ceremony(w, func(s *grant.Statement) {
		s.Aliases = append(slices.Clone(s.Aliases),
			grant.Alias{Account: "acct-a1", Kind: "phone", From: at(0), Value: "+353 1 555 0100"},
			grant.Alias{Account: "acct-b2", Kind: "name", From: at(0), Value: "Bea Example"},
			grant.Alias{Account: "acct-b2", Kind: "device", From: at(0), Value: "the one with the dent"},
			grant.Alias{Account: "acct-a1", Kind: "ip", From: at(8), Until: at(9), Value: "198.51.100.7"},
			grant.Alias{Account: "acct-b2", Kind: "ip", From: at(10), Until: at(11), Value: "198.51.100.7"})
	}, everybody)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		name, kind, stated string
		want               []scope.AccountID
	}{
		{"a number with other spaces", "phone", "+353 (0)1 555-0100", []scope.AccountID{"acct-a1"}},
		{"a number without its country", "phone", "01 555 0100", nil},
		{"what has no normal form, as it stands", "device", "the one with the dent", []scope.AccountID{"acct-b2"}},
		{"a name", "name", "Bea Example", nil},
		{"a look-alike of an address", "address", "\u0430da@lindworm.example", nil},
		{"an address with a look-alike dot", "address", "ada@lindworm\u3002example", nil},
		{"a network address at its instant, not in the interval", "ip", "198.51.100.7:4711 2031-01-10T10:30:00Z", []scope.AccountID{"acct-b2"}},
		{"a network address mapped into IPv6", "ip", "::ffff:198.51.100.7 2031-01-10T08:30:00Z", []scope.AccountID{"acct-a1"}},
		{"a network address between two sessions", "ip", "198.51.100.7 2031-01-10T09:30:00Z", nil},
		{"a network address without its time", "ip", "198.51.100.7", nil},
	} {
		if d := cmp.Diff(q.want, c.Holders(q.kind, q.stated, at(0), at(23))); d != "" {
			t.Errorf("%s: %s", q.name, d)
		}
	}
}
