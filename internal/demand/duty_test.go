package demand_test

import (
	"slices"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// dossier is the demand of ready, with contests and duties laid beside it.
type dossier struct {
	t   *testing.T
	s   *demand.State
	env demand.Env
	all map[demand.ID]*demand.State
}

const (
	theDemand = demand.ID("k7wq-93")
	theDuty   = demand.ID("s-k7wq-93")
	another   = demand.ID("s-b3xt-77")
	aContest  = demand.ID("c-k7wq-93")
)

// silent is ready without any word on secrecy, and nobody told.
func silent(t *testing.T) *dossier {
	s, e := ready().drop("secrecy", "notice 1", "notice 2", "notice 3").play()
	s.ID = theDemand
	e.Actor, e.Seats, e.Reason = "carl", []string{"counsel"}, "because"
	return &dossier{t: t, s: s, env: e, all: map[demand.ID]*demand.State{theDemand: s}}
}

// do decides, applies, and follows the echoes, as the docket does.
func (d *dossier) do(id demand.ID, c demand.Command) error {
	d.t.Helper()
	s := d.all[id]
	if s == nil {
		s = demand.NewState(id)
	}
	events, err := demand.Decide(s, c, d.env)
	if err != nil {
		return err
	}
	for _, x := range demand.Echoes(id, events) {
		if d.all[x.To] == nil {
			continue
		}
		if err := d.do(x.To, x.Command); err != nil {
			return err
		}
	}
	for _, e := range events {
		s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: d.env.Now, By: d.env.Actor}, Event: e})
		d.env.Journaled[s.Last] = true
	}
	if s.Unsound > 0 {
		d.t.Fatalf("%T made an unsound history", c)
	}
	d.all[id] = s
	if demand.StreamOf(id) != demand.DemandStream {
		d.s.Join(id, s)
	}
	return nil
}

func (d *dossier) must(id demand.ID, c demand.Command) {
	d.t.Helper()
	if err := d.do(id, c); err != nil {
		d.t.Fatalf("%T: %v", c, err)
	}
}

func (d *dossier) tells(a scope.AccountID, want ...string) {
	d.t.Helper()
	if got := codes(demand.MayNotify(d.s, a, d.env)); !slices.Equal(got, append([]string{}, want...)) {
		d.t.Fatalf("%s: %v, want %v", a, got, want)
	}
}

var end = later.Add(365 * 24 * time.Hour)

func gag(id demand.ID, until time.Time, accounts ...scope.AccountID) demand.OpenSecrecy {
	return demand.OpenSecrecy{ID: id, Source: "order", Cite: "18 USC 2705(b)", Authority: "the court", Number: "18-mc-1", Covers: []demand.Silence{{Demand: theDemand, Accounts: accounts}},
		Signed: start, Served: start, Until: until}
}

func TestADutyOfSecrecyBlocksNoticeUntilItHasEndedWasArmedAndChannelsWereDrained(t *testing.T) {
	d := silent(t)
	d.tells("acc-three", "secrecy.unstated")
	d.must(theDuty, gag(theDuty, end))
	d.tells("acc-three", "secrecy.in_force")
	d.env.Now = end.Add(-time.Second)
	d.tells("acc-three", "secrecy.in_force")
	d.env.Now = end
	d.tells("acc-three", "notice.not_armed")
	d.must(theDuty, demand.ArmNotice{End: end})
	d.tells("acc-three", "notice.not_drained")
	d.must(theDuty, demand.DrainChannels{Through: end.Add(-time.Second)})
	d.tells("acc-three", "notice.not_drained")
	d.must(theDuty, demand.DrainChannels{Through: end})
	d.tells("acc-three")
	d.must(theDemand, demand.SendNotice{Account: "acc-three", Letter: "l"})
}

func TestProductionDoesNotWaitForSecrecyToEnd(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	if b := demand.MayRelease(d.s, "g1", d.env); len(b) > 0 {
		t.Fatal(codes(b))
	}
}

func TestTheLatestEndWinsAndADutyOnOneAccountLeavesTheOthersFree(t *testing.T) {
	d := silent(t)
	d.must(theDemand, demand.StateSecrecy{None: true})
	d.must(theDuty, gag(theDuty, end, "acc-three"))
	d.must(another, gag(another, end.Add(time.Hour), "acc-three"))
	d.tells("acc-one")
	d.tells("acc-three", "secrecy.in_force", "secrecy.in_force")
	for _, x := range []demand.ID{theDuty, another} {
		d.must(x, demand.ArmNotice{End: d.all[x].Duty.End()})
	}
	d.env.Now = end
	d.must(theDuty, demand.DrainChannels{Through: end})
	d.tells("acc-three", "secrecy.in_force")
	d.env.Now = end.Add(time.Hour)
	d.must(another, demand.DrainChannels{Through: d.env.Now})
	d.tells("acc-three")
}

func TestARenewalServedASecondBeforeTheEndKeepsTheDutyAndDisarmsTheNotice(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	d.must(theDuty, demand.ArmNotice{End: end})
	d.env.Now = end.Add(time.Hour)
	d.must(theDuty, demand.RenewSecrecy{Number: "2", Signed: end.Add(-time.Hour), Served: end.Add(-time.Second), Until: end.AddDate(1, 0, 0)})
	d.tells("acc-one", "secrecy.in_force")
	d.env.Now = end.AddDate(1, 0, 0)
	d.must(theDuty, demand.DrainChannels{Through: d.env.Now})
	d.tells("acc-one", "notice.not_armed")
}

func TestARenewalSignedBeforeTheEndAndServedAfterItBlocksUntilCounselHasSettledIt(t *testing.T) {
	for binds, want := range map[bool]string{true: "secrecy.in_force", false: ""} {
		d := silent(t)
		d.must(theDuty, gag(theDuty, end))
		d.must(theDuty, demand.ArmNotice{End: end})
		d.env.Now = end.Add(time.Minute)
		d.must(theDuty, demand.DrainChannels{Through: end.Add(time.Second)})
		d.must(theDuty, demand.RenewSecrecy{Number: "2", Signed: end.Add(-time.Second), Served: end, Until: end.AddDate(1, 0, 0)})
		d.tells("acc-one", "secrecy.unsettled")
		if k := kinds(demand.Agenda(d.all[theDuty], d.env.Policy)); !slices.Equal(k, []string{"secrecy.settle"}) {
			t.Fatalf("the alarm is %v", k)
		}
		d.env.Seats = []string{"reviewer"}
		wantCode(t, d.do(theDuty, demand.SettleRenewal{Renewal: d.all[theDuty].Last, Binds: binds}), "secrecy.seat")
		d.env.Seats = []string{"counsel"}
		d.must(theDuty, demand.SettleRenewal{Renewal: d.all[theDuty].Last, Binds: binds})
		if want == "" {
			d.tells("acc-one")
		} else {
			d.tells("acc-one", want)
		}
	}
}

func kinds(ds []demand.Duty) []string {
	out := []string{}
	for _, d := range ds {
		out = append(out, d.Kind)
	}
	return out
}

func TestARenewalSignedAfterTheEndIsRefusedAndALetterThatHasGoneStaysGone(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	d.must(theDuty, demand.ArmNotice{End: end})
	d.env.Now = end.Add(time.Second)
	d.must(theDuty, demand.DrainChannels{Through: end})
	d.must(theDemand, demand.SendNotice{Account: "acc-one", Letter: "l"})
	wantCode(t, d.do(theDuty, demand.RenewSecrecy{Signed: end, Served: end.Add(time.Second), Until: end.AddDate(1, 0, 0)}), "secrecy.ended")
	g := gag(another, end.AddDate(1, 0, 0))
	g.Signed, g.Served = end, end.Add(time.Second)
	d.must(another, g)
	d.tells("acc-two", "secrecy.in_force")
	if len(d.s.Notices) != 1 {
		t.Fatal("the letter was taken back")
	}
}

func TestADutyWithoutAnEndIsReviewedAndOnlyItsLiftingEndsIt(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, time.Time{}))
	if k := kinds(demand.Agenda(d.all[theDuty], d.env.Policy)); !slices.Equal(k, []string{"secrecy.review"}) {
		t.Fatal(k)
	}
	d.env.Now = end.AddDate(20, 0, 0)
	d.tells("acc-one", "secrecy.in_force")
	wantCode(t, d.do(theDuty, demand.ArmNotice{End: d.env.Now}), "secrecy.moved")
	d.must(theDuty, demand.LiftSecrecy{Source: "the court", On: d.env.Now})
	d.tells("acc-one", "notice.not_armed")
	wantCode(t, d.do(theDuty, demand.RenewSecrecy{Signed: end, Served: end, Until: d.env.Now.AddDate(1, 0, 0)}), "secrecy.ended")
}

func TestTheRepresentativeIsToldWhereTheDutyAllowsItAndNobodyElseIs(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	d.must(theDuty, demand.EaseSecrecy{Source: "the court, 24 Sep 2019", On: later, Who: []string{demand.Representative}})
	d.tells("acc-one", "secrecy.in_force")
	if b := demand.MayTell(d.s, "acc-one", demand.Representative, d.env); len(b) > 0 {
		t.Fatal(codes(b))
	}
	d.must(theDemand, demand.SendNotice{Account: "acc-one", Letter: "l", To: demand.Representative})
	wantCode(t, d.do(theDemand, demand.SendNotice{Account: "acc-one", Letter: "l", To: demand.Holder}), "secrecy.in_force")
}

func TestABareRequestHoldsNoticeAShortTimeAndIsNotDrawnOut(t *testing.T) {
	d := silent(t)
	d.must(theDemand, demand.StateSecrecy{None: true})
	d.must(theDemand, demand.AskSilence{})
	d.tells("acc-one", "notice.silence_asked")
	wantCode(t, d.do(theDemand, demand.AskSilence{}), "secrecy.asked")
	d.env.Now = d.env.Now.Add(48 * time.Hour)
	d.tells("acc-one")
}

func TestAnAbsentContestOrDutyBlocksEverything(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	alone := demand.Fold(nil)
	alone.ID = theDemand
	s, e := ready().play()
	s.ID = theDemand
	s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: start}, Event: demand.Joined{Stream: aContest}})
	for name, b := range map[string]demand.Blocked{"release": demand.MayRelease(s, "g1", e), "grant": demand.MayGrant(s, whole("acc-one"), e), "decide": demand.MayDecide(s, 1, e),
		"notify": demand.MayNotify(s, "acc-one", e), "close": demand.MayClose(s, e)} {
		if len(b) == 0 || b[0].Code != "dossier.incomplete" {
			t.Errorf("%s: %v", name, codes(b))
		}
	}
	e.Actor = "ann"
	_, err := demand.Decide(s, demand.Authenticate{Genuine: true, How: "call"}, e)
	wantCode(t, err, "dossier.incomplete")
}

func TestAStayOfAContestStopsItsPartAndNoOther(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	reach := []demand.Cover{{Demand: theDemand, Reach: whole("acc-three").Lines()}}
	d.must(aContest, demand.OpenContest{ID: aContest, Title: "Motion", Against: "production", Court: "S.D.N.Y.", Filed: later, Covers: reach})
	if b := demand.MayRelease(d.s, "g1", d.env); len(b) > 0 {
		t.Fatalf("contesting alone stops nothing: %v", codes(b))
	}
	d.must(aContest, demand.StayContest{Source: "the district judge", On: later, Covers: reach})
	if got := codes(demand.MayRelease(d.s, "g1", d.env)); !slices.Equal(got, []string{"release.stayed"}) {
		t.Fatal(got)
	}
	if b := demand.MayGrant(d.s, whole("acc-one"), d.env); len(b) > 0 {
		t.Fatalf("another part is free: %v", codes(b))
	}
	d.must(aContest, demand.EndContest{How: "moot", On: later})
	if got := codes(demand.MayRelease(d.s, "g1", d.env)); !slices.Equal(got, []string{"release.stayed"}) {
		t.Fatal("a stay outlives its contest until a court lifts it")
	}
	d.must(aContest, demand.LiftContestStay{Stay: 2, Source: "the court", On: later})
	if b := demand.MayRelease(d.s, "g1", d.env); len(b) > 0 {
		t.Fatal(codes(b))
	}
}

func TestADutyEndsAtTheFirstOfItsDayAndItsLifting(t *testing.T) {
	for name, c := range map[string]struct {
		until, liftedOn, at time.Time
		before, after       time.Time // the end that was armed before and after the lifting; zero: none
		want                []string
	}{
		"lifted before its day":                {end, later, later, time.Time{}, later, nil},
		"lifted before its day, and not armed": {end, later, later, time.Time{}, time.Time{}, []string{"notice.not_armed"}},
		"lifted, and armed for its day":        {end, later, later, end, time.Time{}, []string{"notice.not_armed"}},
		"lifted after its day":                 {end, end.Add(time.Hour), end.Add(2 * time.Hour), end, time.Time{}, nil},
		"lifted when it had no day":            {time.Time{}, later, later, time.Time{}, later, nil},
		"a clock that shows a time before":     {end, later, later.Add(-time.Second), time.Time{}, later, []string{"secrecy.in_force"}},
	} {
		d := silent(t)
		d.must(theDuty, gag(theDuty, c.until))
		d.env.Now = end.Add(2 * time.Hour)
		if !c.before.IsZero() {
			d.must(theDuty, demand.ArmNotice{End: c.before})
		}
		d.must(theDuty, demand.LiftSecrecy{Source: "the court", On: c.liftedOn})
		if !c.after.IsZero() {
			d.must(theDuty, demand.ArmNotice{End: c.after})
		}
		d.must(theDuty, demand.DrainChannels{Through: d.env.Now})
		d.env.Now = c.at
		if got := codes(demand.MayNotify(d.s, "acc-one", d.env)); !slices.Equal(got, append([]string{}, c.want...)) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		for _, y := range demand.Agenda(d.all[theDuty], d.env.Policy) {
			if y.Kind == "secrecy.ask_30" || y.Kind == "secrecy.ask_7" {
				t.Errorf("%s: the authority is asked about what was lifted", name)
			}
		}
	}
}

func TestARenewalNeverShortensADutyAndOneOfADutyWithoutAnEndIsInTime(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	d.must(theDuty, demand.RenewSecrecy{Signed: later, Served: later, Until: end.Add(-time.Hour)})
	if got := d.all[theDuty].Duty.End(); !got.Equal(end) {
		t.Fatalf("it ends %v", got)
	}
	d.must(another, gag(another, time.Time{}))
	d.must(another, demand.RenewSecrecy{Signed: later, Served: later, Until: end})
	if y := d.all[another].Duty; y.Open() || !y.End().IsZero() || len(y.Renewals) != 1 || !y.Renewals[0].Binds {
		t.Fatalf("%+v", y)
	}
	d.owes(another, "secrecy.review 2026-09-10 counsel 18 USC 2705(b)")
}

func TestOneOfTwoLateRenewalsIsSettledAndTheOtherStaysOpen(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	d.must(theDuty, demand.ArmNotice{End: end})
	for _, until := range []time.Time{end.AddDate(1, 0, 0), end.AddDate(2, 0, 0)} {
		d.must(theDuty, demand.RenewSecrecy{Signed: end.Add(-time.Hour), Served: end.Add(time.Hour), Until: until})
	}
	d.env.Now = end.Add(2 * time.Hour)
	d.must(theDuty, demand.DrainChannels{Through: d.env.Now})
	d.must(theDuty, demand.SettleRenewal{Renewal: 4})
	d.tells("acc-one", "secrecy.unsettled")
	d.must(theDuty, demand.SettleRenewal{Renewal: 3})
	d.tells("acc-one")
}

func TestFreeingTheLastAccountOfADemandFreesNoOtherDemandAndSilencesNobody(t *testing.T) {
	d := pair(t)
	g := gag(theDuty, end, "acc-one", "acc-two")
	g.Covers = append(g.Covers, demand.Silence{Demand: otherDemand, Accounts: []scope.AccountID{"acc-three"}})
	d.must(theDuty, g)
	d.must(theDemand, demand.StateSecrecy{None: true})
	d.tells("acc-three") // of the other demand it is silent
	d.must(theDuty, demand.EaseSecrecy{Source: "the court", On: later, Free: []demand.Silence{{Demand: theDemand, Accounts: []scope.AccountID{"acc-two", "acc-one"}}}})
	d.tells("acc-one")
	d.tells("acc-two")
	if got := d.all[theDuty].Covered(); !slices.Equal(got, []demand.ID{otherDemand}) {
		t.Fatalf("it covers %v", got)
	}
}

func TestChannelsAreNeverLessDrainedThanBefore(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, later.Add(time.Hour)))
	d.must(theDuty, demand.ArmNotice{End: later.Add(time.Hour)})
	d.env.Now = end
	d.must(theDuty, demand.DrainChannels{Through: later.Add(time.Hour)})
	d.must(theDuty, demand.DrainChannels{Through: later})
	d.tells("acc-one")
}

func TestADutyKnowsWhichContestsAreAgainstIt(t *testing.T) {
	d := pair(t)
	d.must(theDuty, gag(theDuty, end))
	d.must(another, gag(another, end))
	d.must(aContest, motion(func(c *demand.OpenContest) { c.Against, c.Duties = "secrecy", []demand.ID{theDuty, another} }))
	for _, id := range []demand.ID{theDuty, another} {
		if got := d.all[id].Duty.Contests; !slices.Equal(got, []demand.ID{aContest}) {
			t.Errorf("%s: %v", id, got)
		}
	}
	if got := d.s.Touching(); !slices.Equal(got, []demand.ID{theDuty, another, aContest}) {
		t.Errorf("the dossier is %v", got)
	}
}

func TestTheStayThatIsLiftedIsTheOneThatWasNamed(t *testing.T) {
	d := silent(t)
	d.must(theDuty, gag(theDuty, end))
	for _, a := range []scope.AccountID{"acc-one", "acc-three"} {
		d.must(theDemand, demand.RecordStay{Source: "court", Reach: whole(a)})
	}
	lift := demand.LiftStay{Stay: d.s.Stays[1].Seq}
	d.must(theDemand, lift)
	if got := demand.MayRelease(d.s, "g1", d.env); len(got) != 1 || got[0].Because[0] != d.s.Stays[0].Seq {
		t.Fatalf("%+v", got)
	}
	wantCode(t, d.do(theDemand, lift), "stay.missing")
	d.must(theDemand, demand.LiftStay{Stay: d.s.Stays[0].Seq})
	if got := demand.MayRelease(d.s, "g1", d.env); len(got) > 0 {
		t.Fatal(codes(got))
	}
}
