package law_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"counterseal/internal/fact"
	"counterseal/internal/law"
)

// What a rule of the packs says in words is heard as what it says: in the same words,
// and with the same outcome for all that is offered to be judged.
func TestTheWordsOfEveryRuleAreHeardAgain(t *testing.T) {
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	heard := 0
	for _, p := range embedded(t) {
		for _, r := range p.Rules {
			again := r
			for _, src := range []*string{&again.Applies, &again.Requires} {
				said := w.Say(*src)
				if strings.Contains(said, "what is written here") || strings.Contains(said, "for each ") || strings.Contains(said, "for one ") {
					t.Logf("%s: has no words: %s", r.ID, *src)
					continue
				}
				back, ok := law.Heard(said)
				if !ok || w.Say(back) != said {
					t.Errorf("%s\n wrote %s\n said  %s\n heard %s", r.ID, *src, said, back)
					continue
				}
				heard++
				*src = back
			}
			same(t, r, again)
		}
	}
	if heard < 250 {
		t.Errorf("only %d", heard)
	}
}

// same says the same of all cases that either would be judged by.
func same(t *testing.T, a, b law.Rule) {
	t.Helper()
	one, other := engine(t, &law.Pack{Name: "us.x", Rules: []law.Rule{a}}), engine(t, &law.Pack{Name: "us.x", Rules: []law.Rule{b}})
	for _, r := range []law.Rule{a, b} {
		d, err := law.DraftOf(r)
		if err != nil {
			t.Fatal(err)
		}
		p, err := d.Cases(today)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range factsIn(p.Cases) {
			if says(one, f) != says(other, f) {
				t.Errorf("%s: %s is heard as %s", a.ID, law.FactsText(f), says(other, f))
			}
		}
	}
}

// Whatever and, or, not and brackets make of atoms: what is said is heard as the same,
// which is found by trying all facts.
func TestWhatIsSaidIsHeardAsTheSame(t *testing.T) {
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		src := drawExpression(t, 2)
		back, ok := law.Heard(w.Say(src))
		if !ok {
			t.Fatalf("%s\n said %s", src, w.Say(src))
		}
		_, right := ruleOf(t, "true", src)
		_, again := ruleOf(t, "true", back)
		for _, f := range everything(src) {
			if says(right, f) != says(again, f) {
				t.Fatalf("%s\n said %s\n heard %s\n of %s", src, w.Say(src), back, law.FactsText(f))
			}
		}
	})
}

// No two facts, and no two words of one, are said alike.
func TestNoTwoFactsAreSaidAlike(t *testing.T) {
	w, err := law.NewWording()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	put := func(said, of string) {
		if was, ok := seen[strings.ToLower(said)]; ok && was != of {
			t.Errorf("%q is said of %s and of %s", said, was, of)
		}
		seen[strings.ToLower(said)] = of
	}
	for _, d := range fact.Schema() {
		switch d.Type {
		case fact.Bool:
			put(w.Say(d.Name), d.Name)
			put(w.Say("!"+d.Name), "!"+d.Name)
		case fact.Enum:
			for _, v := range d.Values {
				put(w.Say(d.Name+" == '"+v+"'"), d.Name+" == "+v)
			}
		default:
			put(w.Say(d.Name+" == x"), d.Name)
		}
	}
}
