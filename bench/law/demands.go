package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"counterseal/internal/fact"
)

// demand draws facts of a made-up demand: mostly from a government of the United
// States, about a fifth of them unknown, so that the packs have work to do.
func demand(r *rand.Rand) fact.Facts {
	for {
		var f fact.Facts
		for _, d := range fact.Schema() {
			if r.IntN(5) == 0 {
				continue
			}
			err := f.Set(d.Name, value(r, d))
			if err != nil {
				panic(fmt.Sprintf("%s: %v", d.Name, err))
			}
		}
		if f.Validate() == nil {
			return f
		}
		// Contradictions come from the silence and the paper: leave them out.
		for _, n := range []string{"secrecy_until", "received_at", "signed", "effective", "secrecy_term", "secrecy_scope", "binding"} {
			if err := f.Forget(n); err != nil {
				panic(err)
			}
		}
		if f.Validate() == nil {
			return f
		}
	}
}

func value(r *rand.Rand, d fact.Def) any {
	often := map[string]any{"requester": "government", "kind": "data", "issuing_country": "US", "entity_country": "US", "storage_country": "US", "bulk": false, "direct_access": false, "secrecy_source": "us_2705b"}
	if v, ok := often[d.Name]; ok && r.IntN(4) > 0 {
		return v
	}
	switch d.Type {
	case fact.Bool:
		return r.IntN(2) == 0
	case fact.Enum:
		if d.Name == "instrument" { // the first ten are those of the United States
			return d.Values[r.IntN(10)]
		}
		return d.Values[r.IntN(len(d.Values))]
	case fact.Int:
		return d.Min + r.Int64N(3)
	case fact.Date:
		return time.Unix((16000+r.Int64N(4900))*86400, 0).UTC().Format(time.DateOnly)
	case fact.Instant:
		return time.Unix(1_700_000_000+r.Int64N(1e7), 0).UTC().Format(time.RFC3339)
	case fact.Set:
		out := []string{}
		for _, w := range d.Values {
			if r.IntN(6) == 0 {
				out = append(out, w)
			}
		}
		return out
	case fact.Country:
		return []string{"US", "GB", "AU", "IE", "DK"}[r.IntN(5)]
	default:
		return "x"
	}
}

// input is the demand as OPA takes it, parsed beforehand: absent where unknown,
// dates as day numbers.
func input(f *fact.Facts) (ast.Value, error) {
	m := map[string]any{}
	for _, name := range f.Known().Names() {
		v, _, err := f.Get(name)
		if err != nil {
			return nil, err
		}
		k, _ := fact.Lookup(name)
		if k.Def().Type == fact.Date {
			v, _ = f.Raw(k)
		}
		m[name] = v
	}
	return ast.InterfaceToValue(m)
}
