package grant_test

import (
	"slices"
	"testing"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

func TestWhatWasReadBeforeIsNotTakenForSomethingElse(t *testing.T) {
	w := gatetest.NewWorld()
	text, err := w.First.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var signed [][]byte
	for _, p := range everybody {
		signed = append(signed, w.Sign(p, signature.Charter, text))
	}
	var r grant.Readings
	first, err := r.Extend(&grant.Charter{}, text, signed)
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Extend(&grant.Charter{}, text, signed)
	if err != nil || again != first {
		t.Fatalf("read anew: %v", err)
	}
	for name, c := range map[string]struct {
		before     *grant.Charter
		text       []byte
		signatures [][]byte
	}{
		"fewer signatures":  {&grant.Charter{}, text, signed[1:]},
		"none":              {&grant.Charter{}, text, nil},
		"another charter":   {first, text, signed},
		"another text":      {&grant.Charter{}, slices.Concat(text[:len(text)-1], []byte(" \n")), signed},
		"a signature twice": {&grant.Charter{}, text, append(slices.Clone(signed[1:]), signed[1])},
	} {
		_, err := r.Extend(c.before, c.text, c.signatures)
		_, alone := c.before.Extend(c.text, c.signatures)
		if err == nil || alone == nil || err.Error() != alone.Error() {
			t.Errorf("%s: %v, and without readings: %v", name, err, alone)
		}
	}
}

func TestReadingsForgetAndNoneIsAllowed(t *testing.T) {
	w := gatetest.NewWorld()
	text, err := w.First.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var none *grant.Readings
	st, err := none.Statement(text)
	if err != nil || st.Number != 1 {
		t.Fatalf("%+v %v", st, err)
	}
	var r grant.Readings
	for n := range 40 { // more than are remembered
		other := w.First
		other.Provider = "Provider " + string(rune('A'+n))
		b, err := other.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		st, err := r.Statement(b)
		if err != nil || st.Provider != other.Provider {
			t.Fatalf("%s: %q %v", other.Provider, st.Provider, err)
		}
	}
}

func TestASignatureThatIsRememberedCountsForItsTextAndItsRosterAlone(t *testing.T) {
	w := gatetest.NewWorld()
	g := w.Grant(1)
	text, err := g.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	signed := w.Sign("anna", signature.Grant, text)
	var r grant.Readings
	for range 2 {
		who, err := r.Approvers(w.Charter(), g, text, [][]byte{signed})
		if err != nil || len(who) != 1 || who[0].ID != "anna" {
			t.Fatalf("%+v %v", who, err)
		}
	}
	if who, err := r.Approvers(w.Charter(), g, append(slices.Clone(text), '\n'), [][]byte{signed}); err == nil {
		t.Errorf("another text: %+v", who)
	}
	if who, err := r.Approvers(&grant.Charter{}, g, text, [][]byte{signed}); problem.Code(err) != "approval.not_on_roster" {
		t.Errorf("another roster: %+v %v", who, err)
	}
	g.Drafter = "anna"
	if who, err := r.Approvers(w.Charter(), g, text, [][]byte{signed}); problem.Code(err) != "approval.drafter" {
		t.Errorf("the drafter's own: %+v %v", who, err)
	}
}
