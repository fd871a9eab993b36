package estate_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"counterseal/internal/estate"
	"counterseal/internal/scope"
)

// large is one enterprise of 3,000 accounts with a million aliases and 100,000
// sessions behind 100 carrier addresses.
func large(tb testing.TB) *estate.Estate {
	t := estate.Tables{Customers: []estate.Customer{{ID: "c-1", Name: "Impresa Esempio", Kind: "organisation", Country: "IT", Language: "it", Zone: "Europe/Rome"}}}
	account := func(i int) scope.AccountID { return scope.AccountID(fmt.Sprintf("ac-%04d", i%3000)) }
	for i := range 3000 {
		t.Accounts = append(t.Accounts, estate.Account{ID: account(i), Customer: "c-1", Region: "iad", Services: []scope.Service{"mail"}})
	}
	for i := range 1_000_000 {
		t.Aliases = append(t.Aliases, estate.Alias{Account: account(i), Kind: "address", Value: fmt.Sprintf("person-%d@impresa.example", i), From: day(2010, 1, 1)})
	}
	start := day(2026, 1, 1)
	for i := range 100_000 {
		from := start.Add(time.Duration(i/100) * time.Minute)
		t.Sessions = append(t.Sessions, estate.Session{Account: account(i), IP: netip.AddrFrom4([4]byte{198, 51, 100, byte(1 + i%100)}).String(), FirstPort: 1024, LastPort: 65535, From: from, Until: from.Add(time.Hour)})
	}
	e, err := estate.New(t)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func BenchmarkResolve(b *testing.B) {
	e := large(b)
	stated := make([]string, 1000)
	for i := range stated {
		stated[i] = fmt.Sprintf("Person-%d@impresa.example", i*997)
	}
	b.Run("address", func(b *testing.B) {
		for i := range b.N {
			if r := e.Resolve("address", stated[i%1000], day(2026, 1, 1), day(2026, 2, 1)); len(r.Held) != 1 {
				b.Fatal(r.Why)
			}
		}
	})
	b.Run("ip", func(b *testing.B) {
		for range b.N {
			if r := e.Resolve("ip", "198.51.100.7:4711 2026-01-01T12:30:30Z", time.Time{}, time.Time{}); len(r.Held) == 0 {
				b.Fatal(r.Why)
			}
		}
	})
}
