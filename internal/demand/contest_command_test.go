package demand_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// given is a command that was accepted before the one that is asked about.
type given struct {
	on  demand.ID
	cmd demand.Command
}

// askCase is one command on one stream of a dossier, after others.
type askCase struct {
	name   string
	before []given
	on     demand.ID
	cmd    demand.Command
	seats  string // counsel unless it says otherwise
	mute   bool   // no reason is given
	by     demand.Person
	nop    bool   // accepted, and there is nothing to record
	code   string // "" is accepted
}

var big = strings.Repeat("x", demand.MaxText+1)

// ask runs the cases over fresh dossiers: the code is the one wanted, what is
// refused changes nothing, and what is accepted fits.
func ask(t *testing.T, fresh func(*testing.T) *dossier, cases []askCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := fresh(t)
			for _, g := range c.before {
				d.must(g.on, g.cmd)
			}
			if c.seats != "" {
				d.env.Seats = []string{c.seats}
			}
			if c.mute {
				d.env.Reason = ""
			}
			if c.by != "" {
				d.env.Actor = c.by
			}
			s := d.all[c.on]
			if s == nil {
				s = demand.NewState(c.on)
			}
			before := *s
			events, err := demand.Decide(s, c.cmd, d.env)
			if problem.Code(err) != c.code {
				t.Fatalf("got %v, want code %q", err, c.code)
			}
			if (len(events) > 0) != (c.code == "" && !c.nop) {
				t.Fatalf("%v and %d events", err, len(events))
			}
			if !reflect.DeepEqual(before, *s) {
				t.Fatal("the state changed")
			}
			if err == nil {
				sameElsewhere(t, s, c.cmd, d.env, events)
				d.must(c.on, c.cmd)
			}
		})
	}
}

// sameElsewhere asks that the command says the same when its times are stated in
// another zone, and that what was decided shares no memory with it.
func sameElsewhere(t *testing.T, s *demand.State, c demand.Command, e demand.Env, want []demand.Event) {
	t.Helper()
	v := reflect.New(reflect.TypeOf(c)).Elem()
	v.Set(copied(reflect.ValueOf(c)))
	got, err := demand.Decide(s, v.Interface().(demand.Command), e)
	if err != nil {
		t.Fatalf("in another zone: %v", err)
	}
	scribble(v)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("in another zone, or changed with its command (-want +got):\n%s", diff)
	}
}

var elsewhere = time.FixedZone("", 5*3600)

// copied is a deep copy with every time in another zone.
func copied(v reflect.Value) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch x := v.Interface().(type) {
	case time.Time:
		out.Set(reflect.ValueOf(x.In(elsewhere)))
		return out
	case scope.Scope:
		return out
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(copied(v.Field(i)))
		}
	case reflect.Slice:
		if v.Len() > 0 {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		for i := range v.Len() {
			out.Index(i).Set(copied(v.Index(i)))
		}
	}
	return out
}

// scribble clears every element of every list, the inner ones first.
func scribble(v reflect.Value) {
	if _, ok := v.Interface().(scope.Scope); ok {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			scribble(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
			v.Index(i).SetZero()
		}
	}
}

const otherDemand = demand.ID("b3xt-77")

// pair is the dossier of silent, with a second demand beside it.
func pair(t *testing.T) *dossier {
	d := silent(t)
	other, _ := ready().play()
	other.ID = otherDemand
	d.all[otherDemand] = other
	return d
}

// many are covers of as many demands.
func many(n int) []demand.Cover {
	out := make([]demand.Cover, n)
	for i := range out {
		out[i].Demand = demand.ID(fmt.Sprintf("d%d", i))
	}
	return out
}

func motion(change func(*demand.OpenContest)) demand.OpenContest {
	c := demand.OpenContest{ID: aContest, Title: "Motion to vacate", Against: "production", Court: "S.D.N.Y., magistrate", Number: "13 Mag. 2814", Filed: start,
		Covers: []demand.Cover{{Demand: theDemand, Reach: whole("acc-one").Lines()}, {Demand: otherDemand, Reach: whole("acc-three").Lines()}}}
	if change != nil {
		change(&c)
	}
	return c
}

func TestAContestIsRefusedForEachReason(t *testing.T) {
	one := func(id demand.ID, a ...scope.AccountID) demand.Cover {
		return demand.Cover{Demand: id, Reach: whole(a...).Lines()}
	}
	stay := func(covers ...demand.Cover) demand.StayContest {
		return demand.StayContest{Source: "the district judge", On: start.Add(time.Hour), Covers: covers}
	}
	opened := []given{{aContest, motion(nil)}}
	stayed := append(opened[:1:1], given{aContest, stay(one(theDemand, "acc-one"))})
	ended := append(opened[:1:1], given{aContest, demand.EndContest{How: "moot", On: later}})
	moved := append(opened[:1:1], given{aContest, demand.MoveContest{Court: "S.D.N.Y.", Filed: later}})
	ruling := demand.RecordRuling{Instance: 1, Ruling: "denied", On: later, Says: "Denied."}
	open := func(f func(*demand.OpenContest)) demand.Command { return motion(f) }

	ask(t, pair, []askCase{
		{name: "open", on: aContest, cmd: motion(nil)},
		{name: "open against a statute, with no demand", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Against, c.Covers = "statute", nil })},
		{name: "open twice", before: opened, on: aContest, cmd: motion(nil), code: "demand.exists"},
		{name: "open under a demand's number", on: theDemand, cmd: motion(nil), code: "stream.kind"},
		{name: "an id of another kind", on: aContest, cmd: open(func(c *demand.OpenContest) { c.ID = theDuty }), code: "contest.form"},
		{name: "no title", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Title = "" }), code: "contest.form"},
		{name: "a long title", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Title = big }), code: "contest.form"},
		{name: "no court", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Court = "" }), code: "contest.form"},
		{name: "a long number", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Number = big }), code: "contest.form"},
		{name: "no day", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Filed = time.Time{} }), code: "contest.form"},
		{name: "against nothing known", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Against = "everything" }), code: "contest.form"},
		{name: "production of no demand", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Covers = nil }), code: "contest.covers"},
		{name: "the last demand is a duty", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Covers[1].Demand = theDuty }), code: "contest.covers"},
		{name: "the last demand named twice", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Covers[1].Demand = theDemand }), code: "contest.covers"},
		{name: "the last reach unreadable", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Covers[1].Reach = []string{"select everything"} }), code: "scope.text"},
		{name: "too many demands", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Covers = many(demand.MaxCovered + 1) }), code: "contest.covers"},
		{name: "secrecy without a duty", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Against = "secrecy" }), code: "contest.covers"},
		{name: "the last duty is a demand", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Duties = []demand.ID{theDuty, theDemand} }), code: "contest.covers"},
		{name: "the last duty named twice", on: aContest, cmd: open(func(c *demand.OpenContest) { c.Duties = []demand.ID{theDuty, another, theDuty} }), code: "contest.covers"},
		{name: "too many duties", on: aContest, cmd: open(func(c *demand.OpenContest) {
			c.Duties = nil
			for _, x := range many(demand.MaxCovered + 1) {
				c.Duties = append(c.Duties, "s-"+x.Demand)
			}
		}), code: "contest.covers"},

		{name: "widen", before: opened, on: aContest, cmd: demand.WidenContest{Covers: []demand.Cover{one("d3xx-11", "acc-one")}}},
		{name: "widen by nothing", before: opened, on: aContest, cmd: demand.WidenContest{}, code: "contest.covers"},
		{name: "widen by what it covers", before: opened, on: aContest, cmd: demand.WidenContest{Covers: []demand.Cover{one(otherDemand, "acc-two")}}, code: "contest.covers"},
		{name: "widen after its end", before: ended, on: aContest, cmd: demand.WidenContest{Covers: []demand.Cover{one("d3xx-11", "acc-one")}}, code: "contest.ended"},
		{name: "widen what was never opened", on: aContest, cmd: demand.WidenContest{Covers: []demand.Cover{one("d3xx-11", "acc-one")}}, code: "demand.missing"},

		{name: "move", before: opened, on: aContest, cmd: demand.MoveContest{Court: "S.D.N.Y., district judge", Filed: later}},
		{name: "move to no court", before: opened, on: aContest, cmd: demand.MoveContest{Filed: later}, code: "contest.form"},
		{name: "move on no day", before: opened, on: aContest, cmd: demand.MoveContest{Court: "S.D.N.Y."}, code: "contest.form"},
		{name: "move with a long number", before: opened, on: aContest, cmd: demand.MoveContest{Court: "S.D.N.Y.", Number: big, Filed: later}, code: "contest.form"},
		{name: "an appeal before what it appeals", before: opened, on: aContest, cmd: demand.MoveContest{Court: "S.D.N.Y.", Filed: start.Add(-time.Second)}, code: "contest.order"},
		{name: "move after its end", before: ended, on: aContest, cmd: demand.MoveContest{Court: "S.D.N.Y.", Filed: later}, code: "contest.ended"},

		{name: "rule", before: opened, on: aContest, cmd: ruling},
		{name: "rule again, as amended", before: append(opened[:1:1], given{aContest, ruling}), on: aContest, cmd: demand.RecordRuling{Instance: 1, Ruling: "granted", On: later, Says: "Granted."}},
		{name: "rule in the second of two", before: moved, on: aContest, cmd: demand.RecordRuling{Instance: 2, Ruling: "denied", On: later, Says: "Denied."}},
		{name: "rule in no instance", before: opened, on: aContest, cmd: demand.RecordRuling{Instance: 2, Ruling: "denied", On: later, Says: "Denied."}, code: "contest.instance"},
		{name: "rule in instance 0", before: opened, on: aContest, cmd: demand.RecordRuling{Ruling: "denied", On: later, Says: "Denied."}, code: "contest.instance"},
		{name: "rule nothing known", before: opened, on: aContest, cmd: demand.RecordRuling{Instance: 1, Ruling: "perhaps", On: later, Says: "Hm."}, code: "contest.ruling"},
		{name: "rule in no words", before: opened, on: aContest, cmd: demand.RecordRuling{Instance: 1, Ruling: "denied", On: later}, code: "contest.ruling"},
		{name: "rule on no day", before: opened, on: aContest, cmd: demand.RecordRuling{Instance: 1, Ruling: "denied", Says: "Denied."}, code: "contest.ruling"},
		{name: "rule before it was asked", before: moved, on: aContest, cmd: demand.RecordRuling{Instance: 2, Ruling: "denied", On: later.Add(-time.Second), Says: "Denied."}, code: "contest.order"},

		{name: "stay", before: opened, on: aContest, cmd: stay(one(theDemand, "acc-one"), one(otherDemand, "acc-two"))},
		{name: "stay after its end", before: ended, on: aContest, cmd: stay(one(theDemand, "acc-one"))},
		{name: "stay without a contest", on: aContest, cmd: stay(one(theDemand, "acc-one")), code: "demand.missing"},
		{name: "stay by nobody", before: opened, on: aContest, cmd: demand.StayContest{On: later, Covers: []demand.Cover{one(theDemand, "acc-one")}}, code: "stay.source"},
		{name: "stay on no day", before: opened, on: aContest, cmd: demand.StayContest{Source: "court", Covers: []demand.Cover{one(theDemand, "acc-one")}}, code: "stay.source"},
		{name: "stay of nothing", before: opened, on: aContest, cmd: stay(), code: "stay.reach"},
		{name: "the last demand untouched", before: opened, on: aContest, cmd: stay(one(theDemand, "acc-one"), one("d3xx-11", "acc-one")), code: "stay.reach"},
		{name: "the last reach empty", before: opened, on: aContest, cmd: stay(one(theDemand, "acc-one"), demand.Cover{Demand: otherDemand}), code: "stay.reach"},
		{name: "the last demand stayed twice", before: opened, on: aContest, cmd: stay(one(theDemand, "acc-one"), one(otherDemand, "acc-one"), one(theDemand, "acc-two")), code: "stay.reach"},

		{name: "lift", before: stayed, on: aContest, cmd: demand.LiftContestStay{Stay: 2, Source: "the court", On: later}},
		{name: "lift on the day of the stay", before: stayed, on: aContest, cmd: demand.LiftContestStay{Stay: 2, Source: "the court", On: start.Add(time.Hour)}},
		{name: "lift before the stay", before: stayed, on: aContest, cmd: demand.LiftContestStay{Stay: 2, Source: "the court", On: start}, code: "stay.reason"},
		{name: "lift what does not stand", before: stayed, on: aContest, cmd: demand.LiftContestStay{Stay: 1, Source: "the court", On: later}, code: "stay.missing"},
		{name: "lift twice", before: append(stayed[:2:2], given{aContest, demand.LiftContestStay{Stay: 2, Source: "the court", On: later}}), on: aContest,
			cmd: demand.LiftContestStay{Stay: 2, Source: "the court", On: later}, code: "stay.missing"},
		{name: "lift by nobody", before: stayed, on: aContest, cmd: demand.LiftContestStay{Stay: 2, On: later}, code: "stay.reason"},
		{name: "lift on no day", before: stayed, on: aContest, cmd: demand.LiftContestStay{Stay: 2, Source: "the court"}, code: "stay.reason"},

		{name: "contempt", before: opened, on: aContest, cmd: demand.RecordContempt{Court: "S.D.N.Y.", On: later, Terms: "by agreement"}},
		{name: "contempt of no court", before: opened, on: aContest, cmd: demand.RecordContempt{On: later, Terms: "by agreement"}, code: "contest.form"},
		{name: "contempt without terms", before: opened, on: aContest, cmd: demand.RecordContempt{Court: "S.D.N.Y.", On: later}, code: "contest.form"},
		{name: "contempt on no day", before: opened, on: aContest, cmd: demand.RecordContempt{Court: "S.D.N.Y.", Terms: "by agreement"}, code: "contest.form"},
		{name: "filing", before: opened, on: aContest, cmd: demand.RecordFiling{Who: "a foreign State", What: "brief", On: later}},
		{name: "filing by nobody", before: opened, on: aContest, cmd: demand.RecordFiling{What: "brief", On: later}, code: "contest.form"},
		{name: "filing of nothing", before: opened, on: aContest, cmd: demand.RecordFiling{Who: "a foreign State", On: later}, code: "contest.form"},
		{name: "filing on no day", before: opened, on: aContest, cmd: demand.RecordFiling{Who: "a foreign State", What: "brief"}, code: "contest.form"},
		{name: "unsealing", before: opened, on: aContest, cmd: demand.RecordUnsealing{What: "the decision", On: later}},
		{name: "unsealing of nothing", before: opened, on: aContest, cmd: demand.RecordUnsealing{On: later}, code: "contest.form"},
		{name: "unsealing on no day", before: opened, on: aContest, cmd: demand.RecordUnsealing{What: "the decision"}, code: "contest.form"},

		{name: "end", before: opened, on: aContest, cmd: demand.EndContest{How: "withdrawn", On: later}},
		{name: "end twice", before: ended, on: aContest, cmd: demand.EndContest{How: "moot", On: later}, code: "contest.ended"},
		{name: "end somehow", before: opened, on: aContest, cmd: demand.EndContest{How: "lost", On: later}, code: "contest.form"},
		{name: "end on no day", before: opened, on: aContest, cmd: demand.EndContest{How: "moot"}, code: "contest.form"},
		{name: "end before it was asked", before: moved, on: aContest, cmd: demand.EndContest{How: "moot", On: later.Add(-time.Second)}, code: "contest.order"},
		{name: "final without a ruling", before: opened, on: aContest, cmd: demand.EndContest{How: "final", On: later}, code: "contest.unruled"},
		{name: "final when the last of two has not ruled", before: append(opened[:1:1], given{aContest, ruling}, given{aContest, demand.MoveContest{Court: "2d Cir.", Filed: later}}), on: aContest,
			cmd: demand.EndContest{How: "final", On: later}, code: "contest.unruled"},
		{name: "final", before: append(opened[:1:1], given{aContest, ruling}), on: aContest, cmd: demand.EndContest{How: "final", On: later}},

		{name: "a demand's stay on a contest", before: opened, on: aContest, cmd: demand.RecordStay{Source: "court", Reach: whole("acc-one")}, code: "stream.kind"},
		{name: "a contest's stay on a demand", on: theDemand, cmd: stay(one(theDemand, "acc-one")), code: "stream.kind"},
	})
}
