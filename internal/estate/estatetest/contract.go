// Package estatetest is the contract that every source of the provider's map
// passes, whatever it reads from.
package estatetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/estate"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Row is one row as it stands in the medium. Values are strings, int64 and
// []string; times are RFC 3339.
type Row struct {
	Table  string
	Fields map[string]any
}

// Medium is where a source reads: a file, a database, a program's output.
type Medium interface {
	// Set makes the medium hold these rows and no others.
	Set(t *testing.T, rows []Row)
	// Break makes it hold something that is no map at all.
	Break(t *testing.T)
	// Source reads it.
	Source(t *testing.T) estate.Source
}

// Map is a small map with a row of every table.
func Map() []Row {
	return []Row{
		{"region", map[string]any{"id": "dub", "country": "IE", "city": "Dublin"}},
		{"region", map[string]any{"id": "iad", "country": "US", "city": "Ashburn"}},
		{"entity", map[string]any{"id": "inc", "name": "Nordwind Cloud Inc.", "country": "US", "controls": []string{"iad", "dub"}}},
		{"customer", map[string]any{"id": "c-1", "name": "Aoife Example", "kind": "person", "class": "consumer", "country": "IE", "language": "en", "zone": "Europe/Dublin", "role": "controller"}},
		{"representative", map[string]any{"customer": "c-1", "name": "Brid Example", "address": "1 Example Street, Dublin", "language": "en", "reach": "+353 1 555 0100", "since": "2012-01-01T00:00:00Z"}},
		{"contract", map[string]any{"customer": "c-1", "entity": "inc", "from": "2012-01-01T00:00:00Z", "until": "2018-12-31T23:59:59Z"}},
		{"account", map[string]any{"id": "ac-aoife", "customer": "c-1", "region": "dub", "services": []string{"mail", "files"}}},
		{"place", map[string]any{"account": "ac-aoife", "service": "records", "region": "iad"}},
		{"validity", map[string]any{"account": "ac-aoife", "from": "2012-01-01T00:00:00Z"}},
		{"folder", map[string]any{"id": "fo-aoife", "owner": "ac-aoife", "service": "files", "region": "dub"}},
		{"share", map[string]any{"folder": "fo-aoife", "account": "ac-aoife", "from": "2012-01-01T00:00:00Z"}},
		{"alias", map[string]any{"account": "ac-aoife", "kind": "address", "value": "Aoife@Nordwind.example", "from": "2012-01-01T01:00:00+01:00"}},
		{"session", map[string]any{"account": "ac-aoife", "ip": "198.51.100.7", "first_port": int64(4000), "last_port": int64(4999), "from": "2013-12-01T10:00:00Z", "until": "2013-12-01T11:00:00Z"}},
	}
}

// Run holds a source to the contract.
func Run(t *testing.T, medium func(t *testing.T) Medium) {
	t.Run("every table comes through", func(t *testing.T) { everyTable(t, medium(t)) })
	t.Run("no rows are an empty map", func(t *testing.T) {
		m := medium(t)
		m.Set(t, nil)
		e, err := estate.Load(t.Context(), m.Source(t))
		if err != nil || e.Len() != 0 {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("a bad row is refused, the last one too, and the map in force stays", func(t *testing.T) { badRows(t, medium(t)) })
	t.Run("a reload sees what has changed", func(t *testing.T) { reload(t, medium(t)) })
	t.Run("what is no map leaves the one in force", func(t *testing.T) { broken(t, medium(t)) })
	t.Run("nothing is read when time is up", func(t *testing.T) {
		m := medium(t)
		m.Set(t, Map())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := m.Source(t).Read(ctx); err == nil || problem.Of(err).Kind != problem.Unavailable {
			t.Fatalf("got %v", err)
		}
	})
}

func everyTable(t *testing.T, m Medium) {
	m.Set(t, Map())
	e, err := estate.Load(t.Context(), m.Source(t))
	if err != nil {
		t.Fatal(err)
	}
	if e.Len() != len(Map()) {
		t.Errorf("%d rows of %d came through", e.Len(), len(Map()))
	}
	at := time.Date(2013, 12, 1, 10, 30, 0, 0, time.UTC)
	r := e.Resolve("address", "aoife@nordwind.example", at, at)
	if d := cmp.Diff([]estate.Held{{Account: "ac-aoife", Intervals: []estate.Interval{{From: time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC)}}, Throughout: true}}, r.Held); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]scope.AccountID{"ac-aoife"}, e.Resolve("ip", "198.51.100.7:4711 2013-12-01T10:30:00Z", at, at).Accounts()); d != "" {
		t.Error(d)
	}
	if e.Resolve("ip", "198.51.100.7:5000 2013-12-01T10:30:00Z", at, at).Held != nil {
		t.Error("a port outside the session resolves")
	}
	if d := cmp.Diff([]estate.Kept{{Owner: "ac-aoife", Region: "dub", Services: []scope.Service{"mail", "files"}}, {Owner: "ac-aoife", Region: "iad", Services: []scope.Service{"records"}},
		{Owner: "fo-aoife", Region: "dub", Services: []scope.Service{"files"}}}, e.Kept()); d != "" {
		t.Error(d)
	}
	if entity, held := e.ContractAt("c-1", at); entity.ID != "inc" || held.Until.Year() != 2018 {
		t.Errorf("contract: %+v %v", entity, held)
	}
	if rep, ok := e.Representative("c-1"); !ok || rep.Reach != "+353 1 555 0100" || !e.Controls("inc", "dub") {
		t.Errorf("representative: %+v", rep)
	}
	if c, _ := e.Holder("fo-aoife"); c.Class != "consumer" || c.Role != "controller" {
		t.Errorf("customer: %+v", c)
	}
}

func badRows(t *testing.T, m Medium) {
	m.Set(t, Map())
	live, err := estate.Open(t.Context(), m.Source(t))
	if err != nil {
		t.Fatal(err)
	}
	was := live.Now()
	for name, bad := range map[string]Row{
		"an alias of no account":     {"alias", map[string]any{"account": "ac-nobody", "kind": "address", "value": "a@b.example", "from": "2012-01-01T00:00:00Z"}},
		"a time without a zone":      {"alias", map[string]any{"account": "ac-aoife", "kind": "address", "value": "a@b.example", "from": "2012-01-01T00:00:00"}},
		"a time that is a word":      {"alias", map[string]any{"account": "ac-aoife", "kind": "address", "value": "a@b.example", "from": "yesterday"}},
		"a field that is none":       {"alias", map[string]any{"account": "ac-aoife", "kind": "address", "value": "a@b.example", "from": "2012-01-01T00:00:00Z", "fax": "1"}},
		"a number with two readings": {"alias", map[string]any{"account": "ac-aoife", "kind": "phone", "value": "020 7946 0018", "from": "2012-01-01T00:00:00Z"}},
		"a name as an alias":         {"alias", map[string]any{"account": "ac-aoife", "kind": "name", "value": "Aoife Example", "from": "2012-01-01T00:00:00Z"}},
		"a port that is none":        {"session", map[string]any{"account": "ac-aoife", "ip": "198.51.100.7", "first_port": int64(70000), "last_port": int64(70001), "from": "2012-01-01T00:00:00Z"}},
		"a number where a word is":   {"customer", map[string]any{"id": "c-2", "name": int64(7), "country": "IE", "language": "en", "zone": "Europe/Dublin"}},
	} {
		m.Set(t, append(Map(), bad))
		err := live.Reload(t.Context())
		if err == nil || problem.Of(err).Kind == problem.Internal {
			t.Errorf("%s: %v", name, err)
		}
		if live.Now() != was {
			t.Fatalf("%s: the map in force was given up", name)
		}
	}
}

func reload(t *testing.T, m Medium) {
	m.Set(t, Map())
	live, err := estate.Open(t.Context(), m.Source(t))
	if err != nil {
		t.Fatal(err)
	}
	before := live.Now()
	m.Set(t, append(Map(), Row{"alias", map[string]any{"account": "ac-aoife", "kind": "phone", "value": "+353 (0)1 555 0199", "from": "2012-01-01T00:00:00Z"}}))
	if err := live.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2013, 1, 1, 0, 0, 0, 0, time.UTC)
	if len(live.Now().Resolve("phone", "+35315550199", at, at).Held) != 1 || len(before.Resolve("phone", "+35315550199", at, at).Held) != 0 {
		t.Fatal("a reload changes the map in force and not the one that somebody still reads")
	}
}

func broken(t *testing.T, m Medium) {
	m.Set(t, Map())
	live, err := estate.Open(t.Context(), m.Source(t))
	if err != nil {
		t.Fatal(err)
	}
	m.Break(t)
	if err := live.Reload(t.Context()); err == nil || problem.Of(err).Kind == problem.Internal || live.Now().Len() != len(Map()) {
		t.Fatalf("got %v", err)
	}
	if l, err := estate.Open(t.Context(), m.Source(t)); err == nil || l.Now() != nil {
		t.Fatalf("got %v", err)
	}
}
