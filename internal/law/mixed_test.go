package law_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"counterseal/internal/law"
)

func TestAndBesideOrHasTwoReadings(t *testing.T) {
	for _, c := range []struct{ src, and, or string }{
		{"binding || control && verified", "binding || (control && verified)", "(binding || control) && verified"},
		{"binding && control || verified && bulk", "(binding && control) || (verified && bulk)", "binding && (control || verified) && bulk"},
		{"!(binding && control || verified)", "!((binding && control) || verified)", "!(binding && (control || verified))"},
		{"signer == 'a && b || c' && binding", "", ""},
		{"(binding || control) && verified", "", ""},
		{"binding && control && verified", "", ""},
		{"(binding ? control || bulk : verified && bulk)", "", ""},
		{"binding", "", ""},
	} {
		and, or, mixed := law.Readings(c.src)
		if and != c.and || or != c.or || mixed != (c.and != "") {
			t.Errorf("%s\n and %s\n or  %s", c.src, and, or)
		}
	}
}

// Whatever is joined: the first reading says what packs say of the condition as it is
// written, the second is another one somewhere only if they are two, and neither is mixed
// at the level that was.
func TestTheFirstReadingIsThatOfThePacks(t *testing.T) {
	mixed, differ := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		for range rapid.IntRange(2, 4).Draw(t, "parts") {
			atom := rapid.SampledFrom([]string{"binding", "control", "!binding", "signer == 'judge'", "(control || binding)", "'name' in fields"}).Draw(t, "atom")
			parts = append(parts, atom, rapid.SampledFrom([]string{"&&", "||"}).Draw(t, "sign"))
		}
		src := strings.Join(parts[:len(parts)-1], " ")
		and, or, isMixed := law.Readings(src)
		if isMixed != (slices.Contains(parts[:len(parts)-1], "&&") && slices.Contains(parts[:len(parts)-1], "||")) {
			t.Fatalf("%s: mixed: %v", src, isMixed)
		}
		if !isMixed {
			return
		}
		mixed++
		_, asIs := ruleOf(t, "true", src)
		_, first := ruleOf(t, "true", and)
		_, second := ruleOf(t, "true", or)
		for _, f := range everything(src) {
			if says(asIs, f) != says(first, f) {
				t.Fatalf("%s is read as %s", src, and)
			}
			if says(first, f) != says(second, f) {
				differ++
			}
		}
		for _, reading := range []string{and, or} {
			if _, _, again := law.Readings(reading); again {
				t.Fatalf("%s is mixed", reading)
			}
		}
	})
	if mixed < 20 || differ < 20 {
		t.Errorf("%d mixed, %d differ", mixed, differ)
	}
}

func TestAMixedConditionIsRefusedWhereItIsTypedAndTakenFromAPack(t *testing.T) {
	d := penRule(t)
	was := d.Rule
	for _, text := range []string{"binding || control && verified", "the paper binds in law or control and verified", "binding or control and verified"} {
		readings, err := d.Typed("applies", text)
		if err != nil || len(readings) != 2 || d.Applies != was.Applies || d.Said("applies") != was.Applies {
			t.Errorf("%s: %q %v %s", text, readings, err, d.Applies)
			continue
		}
		again, err := d.Typed("requires", readings[1])
		if err != nil || again != nil || d.Requires != "(binding || control) && verified" {
			t.Errorf("%q %v %s", again, err, d.Requires)
		}
	}
	mixed := was
	mixed.Requires = "binding || control && verified"
	if _, err := law.DraftOf(mixed); err != nil {
		t.Error(err)
	}
}
