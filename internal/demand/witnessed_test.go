package demand_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
)

func witnesses(word string) demand.RecordWitnesses {
	return demand.RecordWitnesses{Grant: "g1", Word: word, Due: start.Add(72 * time.Hour)}
}

func TestWhatTheWitnessesOweIsTheGatesWord(t *testing.T) {
	with := func(f func(*demand.RecordWitnesses)) demand.Command {
		c := witnesses(demand.WitnessesOwed)
		f(&c)
		return c
	}
	ask(t, released, []askCase{
		{name: "owed", on: theDemand, by: demand.TheGate, cmd: witnesses(demand.WitnessesOwed)},
		{name: "owed and heard at once", on: theDemand, by: demand.TheGate, cmd: witnesses(demand.WitnessesHeard)},
		{name: "a person's word", on: theDemand, cmd: witnesses(demand.WitnessesHeard), code: "witnesses.gates_own"},
		{name: "of no grant", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordWitnesses) { c.Grant = "g9" }), code: "grant.missing"},
		{name: "another word", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordWitnesses) { c.Word = "waived" }), code: "witnesses.form"},
		{name: "without a limit", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordWitnesses) { c.Due = time.Time{} }), code: "witnesses.form"},
	})
}

// The duty is open from the release on until the witnesses are heard; where they
// contradict it, somebody has to ask why, and nothing ends that.
func TestTheWitnessesAreOwedUntilTheyAreHeard(t *testing.T) {
	d := released(t)
	d.env.Actor = demand.TheGate
	owed := func() (kinds []string) {
		for _, x := range demand.Agenda(d.all[theDemand], d.env.Policy) {
			if x.About == "g1" && x.Seat == "counsel" {
				kinds = append(kinds, x.Kind)
			}
		}
		return kinds
	}
	for _, c := range []struct{ word, duty string }{
		{"", ""}, {demand.WitnessesOwed, "witnesses.hear"}, {demand.WitnessesHeard, ""}, {demand.WitnessesOwed, "witnesses.hear"}, {demand.WitnessesContradict, "witnesses.inquire"},
	} {
		if c.word != "" {
			d.must(theDemand, witnesses(c.word))
			d.must(theDemand, witnesses(c.word)) // the same once more is nothing
		}
		got := owed()
		if len(got) > 1 || (len(got) == 1) != (c.duty != "") || c.duty != "" && got[0] != c.duty {
			t.Errorf("%s: %v, want %q", c.word, got, c.duty)
		}
	}
	if n := len(d.all[theDemand].Witnessings); n != 1 {
		t.Errorf("%d", n)
	}
}
