package demand_test

import (
	"slices"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

var keepC1 = demand.DraftKeeping{Grant: "c-1", Digest: digestG, Scope: whole("acc-one"), Region: "iad", Until: later.AddDate(0, 0, 60), Expires: later.Add(time.Hour)}

func TestAGrantToKeepIsRefusedForEachReason(t *testing.T) {
	keep := func(f func(*demand.DraftKeeping)) demand.Command { c := keepC1; f(&c); return c }
	longer := func(f func(*demand.DraftKeeping)) demand.Command {
		c := keepC1
		c.Grant, c.Longer, c.Until = "c-2", "c-1", later.AddDate(0, 0, 90)
		f(&c)
		return c
	}
	same := func(*demand.DraftKeeping) {}
	made := demand.MakeCopy{Copy: "c-1", Scope: whole("acc-one"), Region: "iad", How: "gate", Until: later.AddDate(0, 0, 60)}
	kept := []given{{theDemand, keepC1}, {theDemand, made}}
	byHand := made
	byHand.How = "hand"
	ask(t, pair, []askCase{
		{name: "keep", on: theDemand, cmd: keepC1},
		{name: "keep what was refused", before: []given{{theDemand, demand.DecideLine{Line: 1, Decision: demand.Reject}}}, on: theDemand, cmd: keepC1},
		{name: "without an id", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Grant = "" }), code: "grant.incomplete"},
		{name: "without a text", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Digest = demand.Digest{} }), code: "grant.incomplete"},
		{name: "nowhere", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Region = "" }), code: "grant.incomplete"},
		{name: "nothing", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Scope = scope.Scope{} }), code: "grant.incomplete"},
		{name: "that is over", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Expires = later }), code: "grant.incomplete"},
		{name: "until now", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Until = later }), code: "preservation.form"},
		{name: "twice", before: []given{{theDemand, keepC1}}, on: theDemand, cmd: keepC1, code: "grant.exists"},
		{name: "under a release's name", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Grant = "g1" }), code: "grant.exists"},
		{name: "more than is asked", on: theDemand, cmd: keep(func(c *demand.DraftKeeping) { c.Scope = whole("acc-one", "acc-four") }), code: "target.not_named"},
		{name: "a release under its name", before: []given{{theDemand, keepC1}}, on: theDemand, cmd: demand.DraftGrant{Grant: "c-1", Digest: digestR, Scope: whole("acc-one"), Region: "iad", Recipient: "officer", Expires: later.Add(time.Hour)}, code: "grant.exists"},
		{name: "released by it", before: []given{{theDemand, keepC1}}, on: theDemand, cmd: demand.PermitRelease{Grant: "c-1", Release: digestR}, code: "grant.missing"},
		{name: "while held", before: []given{{theDemand, demand.PlaceHold{Kind: "action", Why: "flagged mailbox"}}}, on: theDemand, cmd: keepC1, code: "demand.held"},

		{name: "longer", before: kept, on: theDemand, cmd: longer(same)},
		{name: "longer, of no copy", on: theDemand, cmd: longer(same), code: "preservation.missing"},
		{name: "longer, by hand", before: []given{{theDemand, byHand}}, on: theDemand, cmd: longer(same), code: "preservation.form"},
		{name: "longer, to the same end", before: kept, on: theDemand, cmd: longer(func(c *demand.DraftKeeping) { c.Until = made.Until }), code: "preservation.form"},
		{name: "longer, of another part", before: kept, on: theDemand, cmd: longer(func(c *demand.DraftKeeping) { c.Scope = whole("acc-two") }), code: "preservation.form"},

		{name: "a person says that the gate keeps it longer", before: kept, on: theDemand, cmd: demand.ExtendCopy{Copy: "c-1", Until: later.AddDate(0, 0, 90), Source: "s"}, code: "preservation.gates_own"},
		{name: "a person says that the gate has destroyed it", before: kept, on: theDemand, cmd: demand.EndCopy{Copy: "c-1", End: "destroyed"}, code: "preservation.gates_own"},
		{name: "the gate says so", before: kept, on: theDemand, by: demand.TheGate, cmd: demand.EndCopy{Copy: "c-1", End: "destroyed"}},
		{name: "the gate says so while a contest is pending", before: append(slices.Clone(kept), given{aContest, motion(nil)}), on: theDemand, by: demand.TheGate, cmd: demand.EndCopy{Copy: "c-1", End: "destroyed"}},
		{name: "the gate says so while held", before: append(slices.Clone(kept), given{theDemand, demand.PlaceHold{Kind: "retention", Why: "a suit"}}), on: theDemand, by: demand.TheGate, cmd: demand.EndCopy{Copy: "c-1", End: "destroyed"}},
		{name: "the gate keeps it longer", before: kept, on: theDemand, by: demand.TheGate, cmd: demand.ExtendCopy{Copy: "c-1", Until: later.AddDate(0, 0, 90), Source: "grant c-2"}},
		{name: "the gate tells late of a copy", on: theDemand, by: demand.TheGate, cmd: demand.MakeCopy{Copy: "c-1", Scope: whole("acc-one"), Region: "iad", How: "gate", Until: later.AddDate(0, 0, -1)}},
	})
}

func TestACopyThatACourtMayWantIsNotEndedByAPerson(t *testing.T) {
	made := demand.MakeCopy{Copy: "c-1", Scope: whole("acc-one"), Region: "iad", How: "gate", Until: later.AddDate(0, 0, 60)}
	for name, c := range map[string]struct {
		before given
		code   string
	}{
		"contested":     {given{aContest, motion(nil)}, "preservation.contested"},
		"held":          {given{theDemand, demand.PlaceHold{Kind: "retention", Why: "a suit"}}, "demand.held"},
		"nothing of it": {given{theDemand, demand.PlaceHold{Kind: "action", Why: "a look"}}, ""},
	} {
		d := pair(t)
		d.must(theDemand, made)
		d.must(c.before.on, c.before.cmd)
		if err := demand.MayEndCopy(d.all[theDemand], "c-1"); problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := demand.MayEndCopy(pair(t).all[theDemand], "c-1"); problem.Code(err) != "preservation.missing" {
		t.Error(err)
	}
}

func TestEachObstacleAloneBlocksKeeping(t *testing.T) {
	for name, c := range map[string]struct {
		scene *scene
		part  scope.Scope
		code  string
	}{
		"nothing":    {ready(), whole("acc-one"), ""},
		"forged":     {ready().change("authentic", demand.Authenticated{How: "call"}), whole("acc-one"), "instrument.forged"},
		"unverified": {ready().drop("authentic"), whole("acc-one"), "instrument.unverified"},
		"unchecked":  {ready().drop("check 1", "decide 1", "grant", "approval 1", "approval 2", "notice 1"), whole("acc-one"), "target.unchecked"},
		"not asked":  {ready(), scope.Scope{}, "preservation.not_asked"},
		"closed":     {ready().then(demand.Closed{}), whole("acc-one"), "demand.closed"},
	} {
		s, e := c.scene.play()
		got := demand.MayKeep(s, c.part, e)
		if c.code == "" && len(got) > 0 || c.code != "" && !slices.ContainsFunc(got, func(o demand.Obstacle) bool { return o.Code == c.code }) {
			t.Errorf("%s: %v", name, got)
		}
	}
	s, e := ready().play()
	e.ClockSane = false
	if got := demand.MayKeep(s, whole("acc-one"), e); len(got) != 1 || got[0].Code != "clock.unsound" {
		t.Error(got)
	}
	for _, id := range []string{"c-9", "g1"} { // none, and a release's
		if got := demand.MayKeepBy(s, id, e); len(got) != 1 || got[0].Code != "grant.missing" {
			t.Error(id, got)
		}
	}
}
