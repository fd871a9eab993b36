package demand_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// accounts are n names of one account.
func accounts(n int) []scope.AccountID {
	out := make([]scope.AccountID, n)
	for i := range out {
		out[i] = "acc-one"
	}
	return out
}

func TestADutyOfSecrecyIsRefusedForEachReason(t *testing.T) {
	open := func(f func(*demand.OpenSecrecy)) demand.Command {
		g := gag(theDuty, end, "acc-one", "acc-three")
		g.Covers = append(g.Covers, demand.Silence{Demand: otherDemand, Accounts: []scope.AccountID{"acc-two"}})
		if f != nil {
			f(&g)
		}
		return g
	}
	opened := []given{{theDuty, open(nil)}}
	endless := []given{{theDuty, open(func(g *demand.OpenSecrecy) { g.Until = time.Time{} })}}
	before := func(more ...demand.Command) []given {
		out := opened[:1:1]
		for _, c := range more {
			out = append(out, given{theDuty, c})
		}
		return out
	}
	lift := demand.LiftSecrecy{Source: "the court", On: later}
	lifted := before(lift)
	late := demand.RenewSecrecy{Number: "2", Signed: end.Add(-time.Hour), Served: end.Add(time.Hour), Until: end.AddDate(1, 0, 0)}
	free := func(a ...scope.AccountID) demand.EaseSecrecy {
		return demand.EaseSecrecy{Source: "the court", On: later, Free: []demand.Silence{{Demand: theDemand, Accounts: a}}}
	}

	ask(t, pair, []askCase{
		{name: "open", on: theDuty, cmd: open(nil)},
		{name: "open without an end", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Until = time.Time{} })},
		{name: "open with all that it can state", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) {
			g.Binds, g.Reasons, g.MayTell, g.Effective, g.Review = demand.SecrecyBinds, "individual", []string{"counsel"}, later, end.AddDate(9, 0, 0)
		})},
		{name: "open without a day", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Signed, g.Served = time.Time{}, time.Time{} })},
		{name: "open twice", before: opened, on: theDuty, cmd: open(nil), code: "demand.exists"},
		{name: "an id of another kind", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.ID = aContest }), code: "secrecy.form"},
		{name: "a bare request", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Source = "request" }), code: "secrecy.source"},
		{name: "rests on nothing", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Cite = "" }), code: "secrecy.form"},
		{name: "rests on too much", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Cite = big }), code: "secrecy.form"},
		{name: "of nobody", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Authority = "" }), code: "secrecy.form"},
		{name: "a long number", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Number = big }), code: "secrecy.form"},
		{name: "reasons of no kind", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Reasons = "good" }), code: "secrecy.form"},
		{name: "binds nothing known", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Binds = []string{"existence", "everything"} }), code: "secrecy.form"},
		{name: "covers nothing", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Covers = nil }), code: "secrecy.covers"},
		{name: "covers too much", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) {
			g.Covers = nil
			for _, x := range many(demand.MaxCovered + 1) {
				g.Covers = append(g.Covers, demand.Silence{Demand: x.Demand})
			}
		}), code: "secrecy.covers"},
		{name: "the last cover is a contest", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Covers[1].Demand = aContest }), code: "secrecy.covers"},
		{name: "the last cover is the first", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Covers[1].Demand = theDemand }), code: "secrecy.covers"},
		{name: "the last account is an address", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Covers[1].Accounts[0] = "p@example.com" }), code: "secrecy.covers"},
		{name: "too many accounts", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Covers[1].Accounts = accounts(demand.MaxTargets + 1) }), code: "secrecy.covers"},
		{name: "ends when it was signed", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Until = start }), code: "secrecy.dates"},
		{name: "ends before it is effective", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Effective = end }), code: "secrecy.dates"},
		{name: "ends before it was served", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Served = end.Add(time.Second) }), code: "secrecy.dates"},
		{name: "looked at again in a year and a day", on: theDuty, cmd: open(func(g *demand.OpenSecrecy) { g.Until, g.Review = time.Time{}, later.AddDate(1, 0, 1) }), code: "secrecy.dates"},

		{name: "renew", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Signed: later, Served: later, Until: end.AddDate(1, 0, 0)}},
		{name: "renew without an end", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Signed: later, Served: later}},
		{name: "renew what has no end", before: endless, on: theDuty, cmd: demand.RenewSecrecy{Signed: later, Served: later, Until: end}},
		{name: "renew unsigned", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Served: later}, code: "secrecy.dates"},
		{name: "renew unserved", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Signed: later}, code: "secrecy.dates"},
		{name: "served before it was signed", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Signed: later, Served: later.Add(-time.Second)}, code: "secrecy.dates"},
		{name: "renew with a long number", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Number: big, Signed: later, Served: later}, code: "secrecy.dates"},
		{name: "a renewal that ends when it is served", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Signed: later, Served: later, Until: later}, code: "secrecy.dates"},
		{name: "signed at the end", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Signed: end, Served: end.Add(time.Hour)}, code: "secrecy.ended"},
		{name: "signed a second before the end", before: opened, on: theDuty, cmd: demand.RenewSecrecy{Signed: end.Add(-time.Second), Served: end.Add(time.Hour)}},
		{name: "renew the lifted", before: lifted, on: theDuty, cmd: demand.RenewSecrecy{Signed: later.Add(-time.Hour), Served: later.Add(time.Hour)}, code: "secrecy.ended"},
		{name: "renew nothing", on: theDuty, cmd: demand.RenewSecrecy{Signed: later, Served: later}, code: "demand.missing"},

		{name: "settle", before: before(late), on: theDuty, cmd: demand.SettleRenewal{Renewal: 2}},
		{name: "settle by privacy", before: before(late), on: theDuty, seats: "privacy", cmd: demand.SettleRenewal{Renewal: 2}, code: "secrecy.seat"},
		{name: "settle without a word", before: before(late), on: theDuty, mute: true, cmd: demand.SettleRenewal{Renewal: 2}, code: "secrecy.reason"},
		{name: "settle nothing", before: before(late), on: theDuty, cmd: demand.SettleRenewal{Renewal: 1}, code: "secrecy.renewal"},
		{name: "settle what came in time", before: before(demand.RenewSecrecy{Signed: later, Served: later, Until: end.AddDate(1, 0, 0)}), on: theDuty, cmd: demand.SettleRenewal{Renewal: 2}, code: "secrecy.renewal"},
		{name: "settle twice", before: before(late, demand.SettleRenewal{Renewal: 2}), on: theDuty, cmd: demand.SettleRenewal{Renewal: 2, Binds: true}, code: "secrecy.renewal"},

		{name: "ease", before: opened, on: theDuty, cmd: demand.EaseSecrecy{Source: "the court", On: later, Who: []string{demand.Representative}}},
		{name: "free the last", before: opened, on: theDuty, cmd: free("acc-one", "acc-three")},
		{name: "ease by nobody", before: opened, on: theDuty, cmd: demand.EaseSecrecy{On: later, Who: []string{demand.Representative}}, code: "secrecy.form"},
		{name: "ease on no day", before: opened, on: theDuty, cmd: demand.EaseSecrecy{Source: "the court", Who: []string{demand.Representative}}, code: "secrecy.form"},
		{name: "ease nothing", before: opened, on: theDuty, cmd: demand.EaseSecrecy{Source: "the court", On: later}, code: "secrecy.form"},
		{name: "ease for everybody", before: opened, on: theDuty, cmd: demand.EaseSecrecy{Source: "the court", On: later, Who: make([]string, demand.MaxTargets+1)}, code: "secrecy.form"},
		{name: "the last account is not covered", before: opened, on: theDuty, cmd: free("acc-one", "acc-two"), code: "secrecy.covers"},
		{name: "free all without a name", before: opened, on: theDuty, cmd: free(), code: "secrecy.covers"},
		{name: "free of a demand that it does not cover", before: opened, on: theDuty,
			cmd: demand.EaseSecrecy{Source: "the court", On: later, Free: []demand.Silence{{Demand: "d3xx-11", Accounts: []scope.AccountID{"acc-one"}}}}, code: "secrecy.covers"},
		{name: "free one of a demand that is covered whole", before: []given{{theDuty, gag(theDuty, end)}}, on: theDuty, cmd: free("acc-one"), code: "secrecy.covers"},
		{name: "free of the same demand twice", before: []given{{theDuty, gag(theDuty, end, "acc-one")}}, on: theDuty,
			cmd: demand.EaseSecrecy{Source: "the court", On: later, Free: []demand.Silence{{Demand: theDemand, Accounts: []scope.AccountID{"acc-one"}}, {Demand: theDemand, Accounts: []scope.AccountID{"acc-one"}}}}, code: "secrecy.covers"},
		{name: "ease the lifted", before: lifted, on: theDuty, cmd: free("acc-one"), code: "secrecy.ended"},

		{name: "lift", before: opened, on: theDuty, cmd: lift},
		{name: "lift twice", before: lifted, on: theDuty, cmd: lift, code: "secrecy.ended"},
		{name: "lift by nobody", before: opened, on: theDuty, cmd: demand.LiftSecrecy{On: later}, code: "secrecy.form"},
		{name: "lift on no day", before: opened, on: theDuty, cmd: demand.LiftSecrecy{Source: "the court"}, code: "secrecy.form"},
		{name: "lift tomorrow", before: opened, on: theDuty, cmd: demand.LiftSecrecy{Source: "the court", On: later.Add(time.Second)}, code: "secrecy.form"},

		{name: "ask", before: opened, on: theDuty, cmd: demand.AskSecrecy{End: end, Days: 30, Letter: "l"}},
		{name: "ask the other", before: before(demand.AskSecrecy{End: end, Days: 30, Letter: "l"}), on: theDuty, cmd: demand.AskSecrecy{End: end, Days: 7, Letter: "l"}},
		{name: "ask again", before: before(demand.AskSecrecy{End: end, Days: 30, Letter: "l"}), on: theDuty, cmd: demand.AskSecrecy{End: end, Days: 30, Letter: "l"}, code: "secrecy.asked"},
		{name: "ask about another end", before: opened, on: theDuty, cmd: demand.AskSecrecy{End: end.Add(time.Second), Days: 30, Letter: "l"}, code: "secrecy.form"},
		{name: "ask on another day", before: opened, on: theDuty, cmd: demand.AskSecrecy{End: end, Days: 8, Letter: "l"}, code: "secrecy.form"},
		{name: "ask without a letter", before: opened, on: theDuty, cmd: demand.AskSecrecy{End: end, Days: 30}, code: "secrecy.form"},
		{name: "ask about no end", before: endless, on: theDuty, cmd: demand.AskSecrecy{Days: 30, Letter: "l"}, code: "secrecy.form"},

		{name: "review", before: endless, on: theDuty, cmd: demand.ReviewSecrecy{Next: later.AddDate(0, 6, 0)}},
		{name: "review without a word", before: endless, on: theDuty, mute: true, cmd: demand.ReviewSecrecy{Next: later.AddDate(0, 6, 0)}, code: "secrecy.reason"},
		{name: "review for now", before: endless, on: theDuty, cmd: demand.ReviewSecrecy{Next: later}, code: "secrecy.dates"},
		{name: "review for ever", before: endless, on: theDuty, cmd: demand.ReviewSecrecy{Next: later.AddDate(1, 0, 1)}, code: "secrecy.dates"},

		{name: "arm", before: opened, on: theDuty, seats: "privacy", cmd: demand.ArmNotice{End: end}},
		{name: "arm by a reviewer", before: opened, on: theDuty, seats: "reviewer", cmd: demand.ArmNotice{End: end}, code: "secrecy.seat"},
		{name: "arm for another end", before: opened, on: theDuty, cmd: demand.ArmNotice{End: end.Add(time.Second)}, code: "secrecy.moved"},
		{name: "arm for the end before the renewal", before: before(demand.RenewSecrecy{Signed: later, Served: later, Until: end.AddDate(1, 0, 0)}), on: theDuty, cmd: demand.ArmNotice{End: end}, code: "secrecy.moved"},
		{name: "arm for no end", before: endless, on: theDuty, cmd: demand.ArmNotice{}, code: "secrecy.moved"},
		{name: "arm for the lifting", before: lifted, on: theDuty, cmd: demand.ArmNotice{End: later}},
		{name: "disarm", before: before(demand.ArmNotice{End: end}), on: theDuty, cmd: demand.DisarmNotice{}},
		{name: "disarm without a word", before: before(demand.ArmNotice{End: end}), on: theDuty, mute: true, cmd: demand.DisarmNotice{}, code: "secrecy.reason"},
		{name: "drain", before: opened, on: theDuty, cmd: demand.DrainChannels{Through: later}},
		{name: "drain what is to come", before: opened, on: theDuty, cmd: demand.DrainChannels{Through: later.Add(time.Second)}, code: "secrecy.dates"},
		{name: "drain through nothing", before: opened, on: theDuty, cmd: demand.DrainChannels{}, code: "secrecy.dates"},

		{name: "no secrecy beside a duty on some", before: opened, on: theDemand, cmd: demand.StateSecrecy{None: true}},
		{name: "no secrecy beside a duty on all of another demand", before: []given{{theDuty, open(func(g *demand.OpenSecrecy) { g.Covers[1].Accounts = nil })}}, on: theDemand, cmd: demand.StateSecrecy{None: true}},
		{name: "no secrecy beside a duty on all", before: []given{{theDuty, gag(theDuty, end)}}, on: theDemand, cmd: demand.StateSecrecy{None: true}, code: "secrecy.stands"},
		{name: "no secrecy when the duty on all was lifted", before: []given{{theDuty, gag(theDuty, end)}, {theDuty, lift}}, on: theDemand, cmd: demand.StateSecrecy{None: true}},
		{name: "no secrecy while a renewal of the duty on all is open", before: []given{{theDuty, gag(theDuty, end)}, {theDuty, late}, {theDuty, lift}}, on: theDemand, cmd: demand.StateSecrecy{None: true}, code: "secrecy.stands"},
		{name: "a notice to the press", before: []given{{theDemand, demand.StateSecrecy{None: true}}}, on: theDemand, cmd: demand.SendNotice{Account: "acc-one", Letter: "l", To: "the press"}, code: "notice.letter"},
		{name: "silence", on: theDemand, cmd: demand.AskSilence{}},
		{name: "silence twice", before: []given{{theDemand, demand.AskSilence{}}}, on: theDemand, cmd: demand.AskSilence{}, code: "secrecy.asked"},
	})
}

// A court that frees one account has said that nothing keeps it silent; nobody
// has to state it once more, and nobody is forgotten.
func TestAnAccountThatACourtFreedIsToldAndReleasedLikeOneThatNothingCovers(t *testing.T) {
	d := pair(t)
	d.must(theDuty, gag(theDuty, end, "acc-one", "acc-two", "acc-three"))
	d.must(theDuty, demand.EaseSecrecy{Source: "the court", On: later, Free: []demand.Silence{{Demand: theDemand, Accounts: []scope.AccountID{"acc-three"}}}})
	d.tells("acc-two", "secrecy.in_force")
	d.tells("acc-three")
	owed := demand.Duty{Kind: "notice.send", At: start, About: "acc-three", Seat: "clerk"}
	if got := demand.Agenda(d.s, d.env.Policy); !contains(got, owed) {
		t.Fatalf("the clerk does not tell it: %v", got)
	}
	if got := codes(demand.MayRelease(d.s, "g1", d.env)); len(got) != 1 || got[0] != "notice.not_sent" {
		t.Fatalf("a release waits for the letter alone, not %v", got)
	}
}

func TestTheOthersAreToldAndReleasedBesideADutyOnOneAccount(t *testing.T) {
	d := pair(t)
	d.must(theDuty, gag(theDuty, end, "acc-three"))
	d.tells("acc-one", "secrecy.unstated")
	d.must(theDemand, demand.StateSecrecy{None: true})
	d.tells("acc-one")
	d.tells("acc-three", "secrecy.in_force")
}

func contains(list []demand.Duty, want demand.Duty) bool {
	for _, x := range list {
		if x.Kind == want.Kind && x.About == want.About && x.Seat == want.Seat && x.At.Equal(want.At) {
			return true
		}
	}
	return false
}
