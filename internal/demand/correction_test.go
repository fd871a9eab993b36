package demand_test

import (
	"slices"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// beyond is an incident of the first grant, of which single accounts are said.
func beyond(n byte, accounts ...scope.AccountID) demand.RecordIncident {
	c := demand.RecordIncident{Incident: demand.Digest{n}, Grant: "g1", Kind: demand.HadLeft, Items: 9, List: demand.Digest{n, 1}}
	for _, a := range accounts {
		c.Beyond = append(c.Beyond, demand.Excess{Account: a, Service: scope.Mail, Category: scope.Content, Items: 2, From: april, Until: april.AddDate(0, 0, 3)})
		c.Outside += 2
	}
	return c
}

// left is a demand of which nobody was told under a duty of secrecy, or everybody without
// one, and whose package has left.
func left(t *testing.T, tell ...scope.AccountID) *dossier {
	d := silent(t)
	d.must(theDemand, demand.StateSecrecy{None: true})
	for _, a := range names {
		if slices.Contains(tell, a) {
			d.must(theDemand, demand.SendNotice{Account: a, Letter: "first", To: demand.Holder, Knew: d.s.Last})
		}
	}
	if len(tell) < len(names) {
		var rest []scope.AccountID
		for _, a := range names {
			if !slices.Contains(tell, a) {
				rest = append(rest, a)
			}
		}
		d.must(theDuty, gag(theDuty, end, rest...))
	}
	d.env.Now = d.env.Now.Add(7 * 24 * time.Hour)
	d.must(theDemand, demand.DraftGrant{Grant: "g9", Digest: digestG, Scope: whole(names...), Region: "iad", Recipient: "officer", Expires: d.env.Now.Add(24 * time.Hour)})
	for _, p := range []demand.Person{"bob", "dan"} {
		d.must(theDemand, demand.SeeApproval{Grant: "g9", Person: p})
	}
	d.must(theDemand, demand.PermitRelease{Grant: "g9", Release: digestR, Items: 9})
	d.must(theDemand, demand.EndRelease{Grant: "g9", Outcome: demand.Released})
	return d
}

func (d *dossier) gate(c demand.RecordIncident) {
	d.t.Helper()
	person := d.env.Actor
	d.env.Actor = demand.TheGate
	c.Grant = "g9"
	d.must(theDemand, c)
	d.env.Actor = person
}

// corrects are the corrections on the agenda: of whom, and in how long.
func (d *dossier) corrects(want ...string) {
	d.t.Helper()
	got := []string{}
	for _, y := range demand.Agenda(d.s, d.env.Policy) {
		if y.Kind == "notice.correct" {
			got = append(got, y.About+" in "+y.At.Sub(d.env.Now).String())
		}
	}
	if !slices.Equal(got, append([]string{}, want...)) {
		d.t.Fatalf("the agenda says %q, want %q", got, want)
	}
}

func (d *dossier) correct(n byte, a scope.AccountID, to string) error {
	return d.do(theDemand, demand.SendCorrection{Incident: demand.Digest{n}, Account: a, Letter: "correction", To: to})
}

// Whoever was told before, and whose data went too far, is told once more, at once; the
// others are not.
func TestWhoWasToldBeforeIsToldOnceMoreAndNobodyElse(t *testing.T) {
	d := left(t, names...)
	d.corrects()
	d.gate(beyond(1, "acc-one", "acc-three"))
	d.corrects("acc-one in 0s", "acc-three in 0s")
	wantCode(t, d.correct(1, "acc-two", demand.Holder), "notice.no_correction")
	wantCode(t, d.correct(2, "acc-one", demand.Holder), "notice.no_correction")
	wantCode(t, d.do(theDemand, demand.SendCorrection{Incident: demand.Digest{1}, Account: "acc-one", To: demand.Holder}), "notice.letter")
	wantCode(t, d.correct(1, "acc-one", "the press"), "notice.letter")
	for _, a := range []scope.AccountID{"acc-one", "acc-three"} {
		if err := d.correct(1, a, demand.Holder); err != nil {
			t.Fatal(err)
		}
		wantCode(t, d.correct(1, a, demand.Holder), "notice.corrected")
		wantCode(t, d.correct(1, a, demand.Representative), "notice.corrected")
	}
	d.corrects()
	d.gate(beyond(2, "acc-one")) // another incident is another letter
	d.corrects("acc-one in 0s")
	if err := d.correct(2, "acc-one", demand.Holder); err != nil || len(d.s.Corrections) != 3 {
		t.Fatalf("%v, %+v", err, d.s.Corrections)
	}
	d.corrects()
}

// A customer who was not told yet hears it in the first letter, and by no other.
func TestWhoWasNotToldYetHearsItInTheFirstLetter(t *testing.T) {
	d := left(t, "acc-one", "acc-two")
	d.gate(beyond(1, "acc-three"))
	d.corrects()
	if !d.s.MoreGiven("acc-three") || d.s.MoreGiven("acc-one") {
		t.Error("the first letter is to say it, of whose data went too far")
	}
	wantCode(t, d.correct(1, "acc-three", demand.Holder), "notice.no_correction")
	d.must(theDuty, demand.ArmNotice{End: end})
	d.env.Now = end
	d.must(theDuty, demand.DrainChannels{Through: end})
	d.must(theDemand, demand.SendNotice{Account: "acc-three", Letter: "first", To: demand.Holder, Knew: d.s.Last})
	d.corrects()
	d.gate(beyond(2, "acc-three"))
	d.corrects("acc-three in 0s")
}

// A letter that was written before the incident was on record, and recorded after it, did
// not say it; of one that an earlier attempt delivered nobody knows.
func TestALetterThatCannotHaveKnownIsPutRight(t *testing.T) {
	for name, knew := range map[string]func(before, after demand.Seq) demand.Seq{
		"written before": func(before, _ demand.Seq) demand.Seq { return before },
		"nobody knows":   func(_, _ demand.Seq) demand.Seq { return 1 },
		"written after":  func(_, after demand.Seq) demand.Seq { return after },
		"left out":       func(_, _ demand.Seq) demand.Seq { return 0 },
	} {
		d := left(t, "acc-one", "acc-two")
		d.must(theDuty, demand.ArmNotice{End: end})
		d.env.Now = end
		d.must(theDuty, demand.DrainChannels{Through: end})
		before := d.s.Last
		d.gate(beyond(1, "acc-three"))
		wantCode(t, d.do(theDemand, demand.SendNotice{Account: "acc-three", Letter: "first", Knew: d.s.Last + 1}), "notice.letter")
		d.must(theDemand, demand.SendNotice{Account: "acc-three", Letter: "first", To: demand.Holder, Knew: knew(before, d.s.Last)})
		if owed := len(d.s.Uncorrected("acc-three")) > 0; owed != (name == "written before" || name == "nobody knows") {
			t.Errorf("%s: owed %v", name, owed)
		}
	}
}

// No correction breaks a gag that came after the first letter: it goes when that ends, as
// a first letter would.
func TestACorrectionWaitsForSecrecyAsAFirstLetterDoes(t *testing.T) {
	d := left(t, names...)
	d.must(another, gag(another, end, "acc-one"))
	d.gate(beyond(1, "acc-one", "acc-two"))
	d.corrects("acc-two in 0s")
	refused := func(code string) {
		t.Helper()
		wantCode(t, d.correct(1, "acc-one", demand.Holder), code)
	}
	refused("secrecy.in_force")
	d.must(another, demand.ArmNotice{End: end})
	d.corrects("acc-one in "+end.Sub(d.env.Now).String(), "acc-two in 0s")
	d.env.Now = end.Add(-time.Second)
	refused("secrecy.in_force")
	d.env.Now = end
	refused("notice.not_drained")
	d.must(another, demand.DrainChannels{Through: end})
	d.must(another, demand.DisarmNotice{})
	refused("notice.not_armed")
	if k := kinds(demand.Agenda(d.all[another], d.env.Policy)); !slices.Contains(k, "notice.arm") {
		t.Errorf("nobody is reminded: %v", k)
	}
	d.must(another, demand.ArmNotice{End: end})
	if err := d.correct(1, "acc-one", demand.Holder); err != nil {
		t.Fatal(err)
	}
}

// Where a duty lets the representative be told, and only them, the correction goes to
// them, once.
func TestACorrectionGoesToTheRepresentativeWhereOnlyTheyMayBeTold(t *testing.T) {
	d := left(t, names...)
	g := gag(another, end, "acc-one")
	g.MayTell = []string{demand.Representative}
	d.must(another, g)
	d.gate(beyond(1, "acc-one"))
	d.corrects("acc-one in 0s")
	wantCode(t, d.correct(1, "acc-one", demand.Holder), "secrecy.in_force")
	if err := d.correct(1, "acc-one", demand.Representative); err != nil {
		t.Fatal(err)
	}
	d.env.Now = end
	d.must(another, demand.ArmNotice{End: end})
	d.must(another, demand.DrainChannels{Through: end})
	wantCode(t, d.correct(1, "acc-one", demand.Holder), "notice.corrected")
	d.corrects()
}

// What was told is put right also where the paper turns out to be forged, nothing is given
// any more, or the work has ended; and without a sound clock nothing goes.
func TestNothingButSecrecyAndTheClockHoldsACorrectionBack(t *testing.T) {
	d := left(t, names...)
	d.gate(beyond(1, "acc-one", "acc-three", "acc-two"))
	d.must(theDemand, demand.RecallProduction{Grant: "g9"})
	for _, l := range d.s.Lines {
		d.must(theDemand, demand.DecideLine{Line: l.No, Decision: demand.Reject})
	}
	d.must(theDemand, demand.Authenticate{How: "the court has never heard of it"})
	d.corrects("acc-one in 0s", "acc-two in 0s", "acc-three in 0s")
	d.env.ClockSane = false
	wantCode(t, d.correct(1, "acc-one", demand.Holder), "clock.unsound")
	d.env.ClockSane = true
	d.must(theDemand, demand.AskSilence{})
	wantCode(t, d.correct(1, "acc-one", demand.Holder), "notice.silence_asked")
	d.corrects("acc-one in 48h0m0s", "acc-two in 48h0m0s", "acc-three in 48h0m0s")
	d.env.Now = d.env.Now.Add(48 * time.Hour)
	if err := d.correct(1, "acc-one", demand.Holder); err != nil {
		t.Fatal(err)
	}
	d.s.Apply(demand.Recorded{Meta: demand.Meta{Seq: d.s.Last + 1, At: d.env.Now, By: "carl"}, Event: demand.Closed{}})
	d.corrects("acc-two in 0s", "acc-three in 0s")
	if err := d.correct(1, "acc-two", demand.Holder); err != nil {
		t.Fatal(err)
	}
}

// Where the gate did not say whose the items are, no letter says it to whom it may not
// concern: a person tells, and who is told later reads it.
func TestWithoutWordOfWhoseItIsNobodyIsCorrectedByRule(t *testing.T) {
	d := left(t, "acc-one", "acc-two")
	c := beyond(1)
	c.Outside = 2
	d.gate(c)
	d.corrects()
	if !d.s.MoreGiven("acc-three") {
		t.Error("the first letter is to say it")
	}
}

func TestWhatTheGateSaysOfSingleAccountsAddsUp(t *testing.T) {
	with := func(f func(*demand.RecordIncident)) demand.Command {
		c := beyond(1, "acc-one", "acc-two")
		f(&c)
		return c
	}
	first := func(f func(*demand.Excess)) demand.Command {
		return with(func(c *demand.RecordIncident) { f(&c.Beyond[0]) })
	}
	ask(t, released, []askCase{
		{name: "as it is", on: theDemand, by: demand.TheGate, cmd: beyond(1, "acc-one", "acc-two")},
		{name: "another sum", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordIncident) { c.Outside++ }), code: "incident.form"},
		{name: "an account twice", on: theDemand, by: demand.TheGate, cmd: beyond(1, "acc-one", "acc-one"), code: "incident.form"},
		{name: "out of order", on: theDemand, by: demand.TheGate, cmd: beyond(1, "acc-two", "acc-one"), code: "incident.form"},
		{name: "of what was caught before", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordIncident) { c.Kind = demand.KeptApart }), code: "incident.form"},
		{name: "no account", on: theDemand, by: demand.TheGate, cmd: first(func(e *demand.Excess) { e.Account = "" }), code: "incident.form"},
		{name: "no service", on: theDemand, by: demand.TheGate, cmd: first(func(e *demand.Excess) { e.Service = "telex" }), code: "incident.form"},
		{name: "no category", on: theDemand, by: demand.TheGate, cmd: first(func(e *demand.Excess) { e.Category = "gossip" }), code: "incident.form"},
		{name: "half a period", on: theDemand, by: demand.TheGate, cmd: first(func(e *demand.Excess) { e.From = time.Time{} }), code: "incident.form"},
		{name: "a period that ends first", on: theDemand, by: demand.TheGate, cmd: first(func(e *demand.Excess) { e.Until = april.AddDate(0, 0, -1) }), code: "incident.form"},
		{name: "no items", on: theDemand, by: demand.TheGate, cmd: with(func(c *demand.RecordIncident) { c.Beyond[0].Items, c.Beyond[1].Items = 0, 4 }), code: "incident.form"},
	})
}
