package law_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"counterseal/internal/law"
)

// A condition that the rules beside a draft have and it lacks is named.
func TestWhatTheRulesBesideADraftLookAtIsNamed(t *testing.T) {
	packs := embedded(t)
	for _, c := range []struct {
		id, papers, applies, requires string
		facts, no                     []string
	}{
		{"ie.x.a", "ie_order", "requester == 'government' && asks_subscriber", "signer == 'police_officer'", []string{"emergency", "kind"}, []string{"signer", "asks_subscriber"}},
		{"ie.x.a", "ie_order", "requester == 'government' && kind == 'data'", "signer == 'judge' || emergency != 'none'", nil, []string{"emergency", "kind"}},
		{"us.pen.a", "pen_trap_order", "requester == 'government'", "!asks_content", []string{"signer", "us_state"}, []string{"asks_content", "as_of", "instrument"}},
		{"pl.x.a", "foreign_order", "issuing_country == 'PL'", "signer == 'judge'", nil, []string{"emergency"}},
		{"eu.x.a", "", "requester == 'government'", "verified", []string{"entity_country"}, nil},
	} {
		d := draftOf(t, c.id, "instruments", c.papers, "applies", c.applies, "requires", c.requires)
		named := d.Beside(packs, d.Applies, d.Requires)
		for _, want := range c.facts {
			if !slices.Contains(named, want) {
				t.Errorf("%s: %s is not among %q", c.requires, want, named)
			}
		}
		for _, not := range c.no {
			if slices.Contains(named, not) {
				t.Errorf("%s: %s is among %q", c.requires, not, named)
			}
		}
	}
}

func TestTheDaysOfTheActThatIsCitedAreFound(t *testing.T) {
	packs := embedded(t)
	// The StPO of Austria is not that of Germany.
	if days, _ := draftOf(t, "at.x.a", "cite", "§ 100x StPO").Days(packs); len(days) > 0 {
		t.Errorf("a rule of Austria is told of days of Germany: %v", days)
	}
	for cite, want := range map[string]string{
		"Communications (Retention of Data) Act 2011, s. 6": "[2023-06-26]", "18 USC 3127(3)": "[2001-10-26]", "§ 100x StPO": "[2021-04-02 2024-05-14 2021-07-01 2021-12-01]",
		"Some Act 1999, s. 6": "[]", "Gesetz": "[]", "§ 1 XYZ": "[]",
	} {
		id := "ie.x.a"
		if strings.HasPrefix(cite, "§") {
			id = "de.x.a"
		}
		days, rules := draftOf(t, id, "cite", cite).Days(packs)
		if fmt.Sprint(days) != want || len(days) != len(rules) {
			t.Errorf("%s: %v %v, want %s", cite, days, rules, want)
		}
	}
}

// Each rule of the packs has itself for a twin, where it is written again, in other words,
// too; and one that catches less has one that catches that and more.
func TestARuleThatStandsAlreadyIsFound(t *testing.T) {
	packs := embedded(t)
	again := func(pack string, r law.Rule) *law.Draft {
		r.ID = pack + "_again.rule"
		d, err := law.DraftOf(r)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, p := range packs {
		for _, r := range p.Rules {
			if r.From > today {
				continue
			}
			twin := again(p.Name, r).Twins([]*law.Pack{p}, today)
			if twin == nil || !twin.Same {
				t.Errorf("%s written again: %v", r.ID, twin)
			}
		}
	}
	if found := again("fr.x", packs[slices.IndexFunc(packs, func(p *law.Pack) bool { return p.Name == "uk.ipa" })].Rules[0]).Twins(packs, today); found != nil {
		t.Errorf("a rule of France is told of a British one: %v", found)
	}
	const who = "requester == 'government'"
	here := &law.Pack{Name: "ie.x", File: "x", Rules: []law.Rule{{Entry: law.Entry{ID: "ie.x.a", Cite: "c", Applies: who, Instruments: []string{"ie_order"}}, Requires: "signer in ['judge', 'prosecutor']", Severity: law.Blocking}}}
	for _, c := range []struct{ papers, applies, requires, want string }{
		{"ie_order", who, "signer == 'judge' || signer == 'prosecutor'", "&{ie.x.a c true}"},
		{"ie_order", who + " && binding", "signer in ['judge', 'prosecutor']", "&{ie.x.a c false}"},
		{"ie_order", who, "signer in ['judge', 'prosecutor', 'minister']", "&{ie.x.a c false}"},
		{"ie_order", who, "signer == 'judge'", "<nil>"},
		{"ie_order", who, "binding", "<nil>"},
		{"de_order", who, "signer in ['judge', 'prosecutor']", "<nil>"},
		{"", who, "signer in ['judge', 'prosecutor']", "<nil>"},
	} {
		d := draftOf(t, "ie.y.b", "instruments", c.papers, "applies", c.applies, "requires", c.requires, "severity", "blocking")
		if got := fmt.Sprint(d.Twins([]*law.Pack{here}, today)); got != c.want {
			t.Errorf("%v: %s, want %s", c, got, c.want)
		}
	}
}
