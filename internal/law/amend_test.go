package law_test

import (
	"testing"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// A rank that was forgotten, or is one too many, and a paper that the rule is about, too, are put
// right by one word; what hangs on something else is not.
func TestARuleThatDiffersInOneWordIsAmended(t *testing.T) {
	first := fact.Facts{}
	set := func(f fact.Facts, kv ...any) fact.Facts {
		t.Helper()
		for i := 0; i < len(kv); i += 2 {
			if err := f.Set(kv[i].(string), kv[i+1]); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	first = set(first, "requester", "government", "issuing_country", "PL", "instrument", "foreign_order", "asks_traffic", true, "signer", "police_officer", "validator", "none")
	for name, c := range map[string]struct {
		requires string
		change   []any
		means    law.Outcome
		want     map[string]string
	}{
		"a rank more":            {"signer == 'judge'", []any{"signer", "prosecutor"}, law.None, map[string]string{"requires": "signer in ['judge', 'prosecutor']"}},
		"a rank more of several": {"signer in ['judge', 'prosecutor'] || validator == 'court'", []any{"signer", "investigating_judge"}, law.None, map[string]string{"requires": "signer in ['judge', 'prosecutor', 'investigating_judge'] || validator == 'court'"}},
		"a rank less":            {"signer in ['judge', 'prosecutor']", []any{"signer", "prosecutor"}, law.Violated, map[string]string{"requires": "signer == 'judge'"}},
		"the only rank":          {"signer == 'judge'", []any{"signer", "judge"}, law.Violated, nil},
		"a paper more":           {"signer == 'judge'", []any{"instrument", "treaty_request"}, law.Violated, map[string]string{"instruments": "foreign_order, treaty_request"}},
		"listed twice":           {"signer == 'judge' || (signer == 'judge' && validator == 'court')", []any{"signer", "prosecutor"}, law.None, nil},
		"what must be asked":     {"signer == 'judge'", []any{"signer", "prosecutor"}, law.Ask, nil},
		"a yes or no":            {"signer == 'judge'", []any{"asks_traffic", false}, law.Violated, nil},
		"another authority":      {"signer == 'judge'", []any{"authority_kind", "agency"}, law.Violated, map[string]string{"applies": "requester == 'government' && asks_traffic && authority_kind in ['police', 'agency']"}},
		"what helps nothing":     {"signer == 'judge' && validator == 'court'", []any{"signer", "prosecutor"}, law.None, nil},
	} {
		applies := "requester == 'government' && asks_traffic"
		if name == "another authority" {
			applies += " && authority_kind == 'police'"
		}
		d := draftOf(t, "pl.x.a", "instruments", "foreign_order", "applies", applies, "requires", c.requires)
		was := d.Rule
		is, err := d.CaseOf(set(first, c.change...), today)
		if err != nil {
			t.Fatal(err)
		}
		is.Changed = []string{c.change[0].(string)}
		got, _ := d.Amended([]law.Difference{{Case: is, Means: c.means}}, today)
		if len(got) != len(c.want) || d.Requires != was.Requires || len(d.Instruments) != 1 {
			t.Errorf("%s: %v, want %v; the draft is %s", name, got, c.want, d.Requires)
		}
		for field, want := range c.want {
			if got[field] != want {
				t.Errorf("%s: %s is %q, want %q", name, field, got[field], want)
			}
		}
	}
}

// Of several cases those are put right that a word is enough for; the others stay open.
func TestACaseThatAWordPutsRightIsAmendedBesideOneThatItDoesNot(t *testing.T) {
	d := draftOf(t, "pl.x.a", "instruments", "foreign_order", "applies", "requester == 'government' && asks_traffic", "requires", "signer == 'judge' && offence_max_months > 12")
	var list []law.Difference
	for _, change := range []struct {
		name  string
		value any
		means law.Outcome
	}{{"offence_max_months", 12, law.Ask}, {"signer", "investigating_judge", law.None}, {"offence_max_months", 6, law.None}} {
		f := fact.Facts{}
		for name, v := range map[string]any{"requester": "government", "instrument": "foreign_order", "asks_traffic": true, "signer": "judge", "offence_max_months": 24} {
			if err := f.Set(name, v); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Set(change.name, change.value); err != nil {
			t.Fatal(err)
		}
		is, err := d.CaseOf(f, today)
		if err != nil {
			t.Fatal(err)
		}
		is.Changed = []string{change.name}
		list = append(list, law.Difference{Case: is, Means: change.means})
	}
	got, mends := d.Amended(list, today)
	if len(got) != 1 || got["requires"] != "signer in ['judge', 'investigating_judge'] && offence_max_months > 12" || len(mends) != 1 || mends[0] != 1 {
		t.Errorf("%v mends %v", got, mends)
	}
	if d.Requires != "signer == 'judge' && offence_max_months > 12" {
		t.Errorf("the draft is %s", d.Requires)
	}
}
