package grant_test

import (
	"slices"
	"testing"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
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
