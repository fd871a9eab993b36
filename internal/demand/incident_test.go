package demand_test

import (
	"slices"
	"testing"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

var exceeded = demand.RecordIncident{Incident: demand.Digest{8}, Grant: "g1", Kind: demand.HadLeft, Items: 3, Outside: 1, List: demand.Digest{9}}

func TestAnIncidentIsTheGatesWordAndRecordedOnce(t *testing.T) {
	with := func(f func(*demand.RecordIncident)) demand.Command { c := exceeded; f(&c); return c }
	ask(t, released, []askCase{
		{name: "record", on: theDemand, by: demand.TheGate, cmd: exceeded},
		{name: "a person's word", on: theDemand, cmd: exceeded, code: "incident.gates_own"},
		{name: "of no grant", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordIncident) { c.Grant = "g9" }), code: "grant.missing"},
		{name: "without a digest", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordIncident) { c.Incident = demand.Digest{} }), code: "incident.form"},
		{name: "of another kind", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordIncident) { c.Kind = "lost" }), code: "incident.form"},
		{name: "of what has not left", on: otherDemand, by: demand.TheGate, cmd: exceeded, code: "release.not_released"},
		{name: "caught before it left", on: otherDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordIncident) { c.Kind = demand.KeptApart })},
	})
}

// What went too far is asked back: it is a duty, and in the way of closing, until then.
func TestWhatWentTooFarIsAskedBackBeforeTheDemandEnds(t *testing.T) {
	d := released(t)
	owes := func() (duty, obstacle bool) {
		s := d.all[theDemand]
		for _, x := range demand.Agenda(s, d.env.Policy) {
			duty = duty || x.Kind == "production.recall" && x.About == "g1" && x.Seat == "counsel"
		}
		return duty, slices.ContainsFunc(demand.MayClose(s, d.env), func(o demand.Obstacle) bool { return o.Code == "production.not_recalled" })
	}
	if duty, obstacle := owes(); duty || obstacle {
		t.Fatal("owed before anything was found")
	}
	person := d.env.Actor
	d.env.Actor = demand.TheGate
	d.must(theDemand, exceeded)
	d.must(theDemand, exceeded) // the same once more is nothing
	d.env.Actor = person
	if duty, obstacle := owes(); !duty || !obstacle {
		t.Fatalf("duty %v, obstacle %v", duty, obstacle)
	}
	if s := d.all[theDemand]; len(s.Incidents) != 1 || !s.MoreGiven("acc-one") || s.MoreGiven("acc-nine") {
		t.Errorf("%+v", s.Incidents)
	}
	d.must(theDemand, demand.RecallProduction{Grant: "g1"})
	if duty, obstacle := owes(); duty || obstacle {
		t.Fatal("still owed")
	}
	if !d.all[theDemand].MoreGiven(scope.AccountID("acc-one")) {
		t.Error("a recall does not make it less")
	}
}
