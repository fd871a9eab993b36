package demand_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
)

func named(os []demand.Obstacle) []string {
	out := []string{}
	for _, o := range os {
		out = append(out, o.Code+" "+o.About)
	}
	return out
}

func TestWhatIsInTheWayIsWhatTheGuardsSayOfTheNextStep(t *testing.T) {
	undrafted := func() *scene { return ready().drop("grant", "approval 1", "approval 2") }
	revoked := ready().then(demand.GrantRevoked{Grant: "g1"})
	expired := ready()
	expired.env.Now = later.Add(24 * time.Hour)
	for name, c := range map[string]struct {
		sc   *scene
		want []string
	}{
		"just received": {(&scene{env: ready().env}).add("received", "door", plain(received())), []string{"instrument.unverified ", "target.unresolved target 1", "target.unresolved target 2", "target.unresolved target 3",
			"findings.missing ", "line.undecided line 1", "line.undecided line 2", "line.undecided line 3", "secrecy.unstated "}},
		"the last line undecided":           {undrafted().drop("decide 3"), []string{"line.undecided line 3"}},
		"the last target unchecked as well": {undrafted().drop("decide 3", "check 3"), []string{"target.unchecked target 3", "line.undecided line 3"}},
		"nothing but a grant":               {undrafted(), []string{}},
		"the last customer untold":          {undrafted().drop("notice 3"), []string{"notice.not_sent acc-three"}},
		"a grant that waits for a person":   {ready().drop("approval 2"), []string{"approval.missing "}},
		"a grant, and less is decided":      {ready().then(narrower), []string{"release.not_compelled "}},
		"a grant that was taken back":       {revoked, []string{}},
		"a grant that expired":              {expired, []string{}},
		"permitted":                         {ready().then(demand.ReleasePermitted{Grant: "g1", Release: digestR}), []string{}},
		"released":                          {done(), []string{}},
		"released, with a task":             {done().then(demand.TaskSet{What: "bill", Seat: "reviewer", Due: end}), []string{"task.open 1 bill"}},
		"the last line rejected, released":  {done().then(demand.LineDecided{Line: 3, Decision: demand.Reject}), []string{}},
		"closed":                            {done().then(demand.Closed{}), []string{}},
		"closed, the last customer untold":  {done().drop("notice 3", "secrecy").then(demand.Closed{}), []string{"secrecy.unstated "}},
		"closed with nothing given":         {(&scene{env: ready().env}).add("received", "door", plain(received())).then(demand.Closed{}), []string{}},
	} {
		s, e := c.sc.play()
		if diff := cmp.Diff(c.want, named(demand.InTheWay(s, e))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(s.Grants) > 1 {
			t.Errorf("%s: a grant was drafted by asking", name)
		}
	}
	_, e := ready().play()
	for name, s := range map[string]*demand.State{"nothing": demand.NewState(theDemand), "a contest": demand.Fold(contestHistory()), "a duty": demand.Fold(secrecyHistory())} {
		if got := demand.InTheWay(s, e); got != nil {
			t.Errorf("%s: %v", name, named(got))
		}
	}
}

func TestMomentsAreWhenTimeAloneChangesSomething(t *testing.T) {
	d := pair(t)
	at := func(days int) time.Time { return later.AddDate(0, 0, days) }
	d.must(theDemand, demand.StateSecrecy{None: true})
	d.must(theDemand, demand.SendNotice{Account: "acc-one", Letter: "l"})
	d.must(theDuty, gag(theDuty, at(20), "acc-three"))
	d.must(another, gag(another, time.Time{}, "acc-three"))
	d.must(aContest, motion(nil))
	for _, until := range []time.Time{at(30), {}, at(31)} {
		d.must(aContest, demand.StayContest{Source: "c", On: later, Covers: motion(nil).Covers[:1], Until: until})
		d.must(theDemand, demand.RecordStay{Source: "c", Reach: whole("acc-one"), Until: until.AddDate(0, 0, 10)})
	}
	d.must(aContest, demand.LiftContestStay{Stay: 4, Source: "c", On: later})
	d.must(theDemand, demand.LiftStay{Stay: d.s.Stays[2].Seq})
	d.must(theDemand, demand.AskSilence{})
	for id, first := range map[string]int{"a": 50, "b": 51} {
		d.must(theDemand, demand.SetDeadline{ID: id, Kind: "answer", NotBefore: at(first), Latest: at(60), Rule: "r", Says: "s"})
	}
	d.must(theDemand, demand.ClearDeadline{ID: "b", Source: "s"})
	year1 := time.Time{}.AddDate(0, 0, 10)
	want := []time.Time{year1, at(1), at(2), at(7), at(20), at(30), at(40), at(50)}
	if diff := cmp.Diff(want, demand.Moments(d.s, d.env.Policy)); diff != "" {
		t.Errorf("the demand (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]time.Time{at(30)}, demand.Moments(d.all[aContest], d.env.Policy)); diff != "" {
		t.Errorf("the contest (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]time.Time{at(20)}, demand.Moments(d.all[theDuty], d.env.Policy)); diff != "" {
		t.Errorf("the duty (-want +got):\n%s", diff)
	}
	for _, e := range []demand.Event{demand.GrantRevoked{Grant: "g1"}, demand.ReleasePermitted{Grant: "g1", Release: digestR}} {
		s, env := ready().then(e).play()
		if got := demand.Moments(s, env.Policy); slices.ContainsFunc(got, later.Add(24*time.Hour).Equal) {
			t.Errorf("%T: a grant that is over expires: %v", e, got)
		}
	}
}
