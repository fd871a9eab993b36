package demand_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
)

func list(ds []demand.Duty) []string {
	out := []string{}
	for _, y := range ds {
		out = append(out, fmt.Sprintf("%s %s %s %s", y.Kind, y.At.Format(time.DateOnly), y.Seat, y.About))
	}
	slices.Sort(out)
	return out
}

func (d *dossier) owes(id demand.ID, want ...string) {
	d.t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(append([]string{}, want...), list(demand.Agenda(d.all[id], d.env.Policy))); diff != "" {
		d.t.Fatalf("%s (-want +got):\n%s", id, diff)
	}
}

func TestADutyOfSecrecyHasADutyUntilItHasEndedWasArmedAndDrained(t *testing.T) {
	d := silent(t)
	g := gag(theDuty, end)
	d.must(theDuty, g)
	ask30, ask7 := "secrecy.ask_30 2027-02-10 clerk 18-mc-1", "secrecy.ask_7 2027-03-05 clerk 18-mc-1"
	arm, drain := "notice.arm 2027-03-05 counsel 18-mc-1", "secrecy.drain 2027-03-12 clerk 18-mc-1"
	d.owes(theDuty, ask30, ask7, arm, drain)
	d.must(theDuty, demand.AskSecrecy{End: end, Days: 30, Letter: "l"})
	d.owes(theDuty, ask7, arm, drain)
	d.must(theDuty, demand.AskSecrecy{End: end, Days: 7, Letter: "l"})
	d.must(theDuty, demand.ArmNotice{End: end})
	d.owes(theDuty, drain)
	d.must(theDuty, demand.RenewSecrecy{Number: "2", Signed: later, Served: later, Until: end.AddDate(1, 0, 0)})
	d.owes(theDuty, "secrecy.ask_30 2028-02-11 clerk 18-mc-1", "secrecy.ask_7 2028-03-05 clerk 18-mc-1", "notice.arm 2028-03-05 counsel 18-mc-1", "secrecy.drain 2028-03-12 clerk 18-mc-1")
	d.env.Now = end
	d.must(theDuty, demand.LiftSecrecy{Source: "the court", On: end})
	d.owes(theDuty, arm, drain)
	d.must(theDuty, demand.ArmNotice{End: end})
	d.must(theDuty, demand.DrainChannels{Through: end})
	d.owes(theDuty)
}

func TestADutyThatIsRenewedWithoutAnEndIsLookedAtAgain(t *testing.T) {
	for _, late := range []bool{false, true} {
		d := silent(t)
		d.must(theDuty, gag(theDuty, end))
		served := later
		if late {
			served = end
		}
		d.must(theDuty, demand.RenewSecrecy{Signed: later, Served: served})
		if late {
			d.owes(theDuty, "secrecy.settle 2026-03-12 counsel 18-mc-1")
			d.must(theDuty, demand.SettleRenewal{Renewal: 2, Binds: true})
		}
		d.owes(theDuty, "secrecy.review 2026-09-10 counsel 18 USC 2705(b)")
		d.must(theDuty, demand.ReviewSecrecy{Next: later.AddDate(0, 11, 0)})
		d.owes(theDuty, "secrecy.review 2027-02-12 counsel 18 USC 2705(b)")
	}
}

func TestAContestIsLookedAtWhileItIsPendingOrAStayWithoutAnEndOutlivesIt(t *testing.T) {
	d := pair(t)
	d.must(aContest, motion(nil))
	d.owes(aContest, "contest.look 2026-04-11 counsel S.D.N.Y., magistrate")
	d.must(aContest, demand.MoveContest{Court: "2d Cir.", Filed: end})
	d.owes(aContest, "contest.look 2027-04-11 counsel 2d Cir.")
	d.must(aContest, demand.RecordRuling{Instance: 2, Ruling: "reversed", On: end.AddDate(0, 1, 0), Says: "Reversed."})
	d.owes(aContest, "contest.look 2027-05-12 counsel 2d Cir.")
	covers := motion(nil).Covers[:1]
	d.must(aContest, demand.StayContest{Source: "judge", On: start, Covers: covers, Until: end})
	d.must(aContest, demand.StayContest{Source: "judge", On: start, Covers: covers})
	d.must(aContest, demand.EndContest{How: "final", On: end.AddDate(0, 2, 0)})
	d.owes(aContest, "contest.look 2027-06-11 counsel 2d Cir.")
	d.must(aContest, demand.LiftContestStay{Stay: 5, Source: "judge", On: end})
	d.owes(aContest)
}

func TestClosingLosesNothingThatFallsDue(t *testing.T) {
	d := released(t)
	d.must(theDemand, demand.MakeCopy{Copy: "k1", Scope: whole("acc-one"), Region: "iad", How: "hand", Until: end})
	d.must(theDemand, demand.KeepMessage{Out: true, Party: "S.D.N.Y.", Channel: "post", Subject: "A question", Document: digestO, Question: true})
	d.must(theDuty, demand.ArmNotice{End: end})
	told := []string{"notice.send 2027-03-12 clerk acc-one", "notice.send 2027-03-12 clerk acc-three", "notice.send 2027-03-12 clerk acc-two", "preservation.end 2027-03-12 reviewer k1"}
	d.owes(theDemand, append(told[:4:4], "close 2026-03-16 reviewer ", "message.remind 2026-03-17 reviewer 1 S.D.N.Y.")...)
	d.must(theDemand, demand.Close{})
	d.owes(theDemand, told...)
	// What comes after the closing falls due as it would have before.
	d.must(theDemand, demand.SetTask{What: "send the bill", Seat: "reviewer", Due: end})
	d.must(theDemand, demand.SetDeadline{ID: "d", Kind: "notify", Latest: end, Rule: "r", Says: "s"})
	d.must(theDemand, demand.SetDeadline{ID: "e", Kind: "answer", Latest: end, Rule: "r", Says: "s"})
	d.owes(theDemand, append(told[:4:4], "task 2027-03-12 reviewer 1 send the bill", "deadline.notify 2027-03-12 counsel d")...)
}

func TestTwoThingsInTheSameWordsAreTwoDuties(t *testing.T) {
	d := silent(t)
	for range 2 {
		d.must(theDemand, demand.SetTask{What: "call", Seat: "reviewer", Due: end})
		d.must(theDemand, demand.KeepMessage{Out: true, Party: "S.D.N.Y.", Channel: "post", Subject: "A question", Document: digestO, Question: true})
	}
	d.must(theDemand, demand.FinishTask{Task: 1})
	d.must(theDemand, demand.KeepMessage{Party: "S.D.N.Y.", Channel: "post", Subject: "An answer", Document: digestO, Answers: 1})
	got := list(demand.Agenda(d.s, d.env.Policy))
	for _, want := range []string{"task 2027-03-12 reviewer 2 call", "message.remind 2026-03-17 reviewer 2 S.D.N.Y."} {
		if !slices.Contains(got, want) {
			t.Errorf("%q is lost: %v", want, got)
		}
	}
}

func TestWhatNobodyHasReadFallsDueAndSoDoesWhatWasSetBesideIt(t *testing.T) {
	d := unread(t)
	const bytes = demand.ID("u7wq-93")
	d.must(bytes, demand.SetTask{What: "translate", Seat: "reviewer", Due: end})
	d.must(bytes, demand.SetDeadline{ID: "d", Kind: "answer", Latest: end, Rule: "face", Says: "s"})
	task, day := "task 2027-03-12 reviewer 1 translate", "deadline.answer 2027-03-12 counsel d"
	d.owes(bytes, "read 2026-03-03 reviewer ", task, day)
	d.must(bytes, demand.Conclude{How: "refused"})
	d.owes(bytes, "close 2027-03-12 reviewer ", task, day)
}

func TestACustomerWhoMayBeToldAlthoughADutyStandsIsTold(t *testing.T) {
	for _, who := range []string{demand.Holder, demand.Representative} {
		d := silent(t)
		g := gag(theDuty, end)
		g.MayTell = []string{who}
		d.must(theDuty, g)
		d.must(another, gag(another, end, "acc-one"))
		got := list(demand.Agenda(d.s, d.env.Policy))
		if !slices.Contains(got, "notice.send 2026-03-02 clerk acc-three") || slices.Contains(got, "notice.send 2026-03-02 clerk acc-one") {
			t.Errorf("%s: %v", who, got)
		}
	}
}

func TestTheClerkIsSentOnlyWhenItIsKnownWhen(t *testing.T) {
	sends := func(d *dossier) bool {
		return slices.Contains(list(demand.Agenda(d.s, d.env.Policy)), "notice.send "+d.all[theDuty].Duty.End().Format(time.DateOnly)+" clerk acc-one")
	}
	for name, c := range map[string]struct {
		cmds []given
		want bool
	}{
		"armed":                  {[]given{{theDuty, demand.ArmNotice{End: end}}}, true},
		"not armed":              {nil, false},
		"another duty not armed": {[]given{{theDuty, demand.ArmNotice{End: end}}, {another, gag(another, end.Add(-time.Hour))}}, false},
		"another without an end": {[]given{{theDuty, demand.ArmNotice{End: end}}, {another, gag(another, time.Time{})}}, false},
		"a late renewal is open": {[]given{{theDuty, demand.ArmNotice{End: end}}, {theDuty, demand.RenewSecrecy{Signed: later, Served: end}}}, false},
		"forged":                 {[]given{{theDuty, demand.ArmNotice{End: end}}, {theDemand, demand.Authenticate{How: "call"}}}, false},
	} {
		d := silent(t)
		d.must(theDuty, gag(theDuty, end))
		for _, x := range c.cmds {
			d.must(x.on, x.cmd)
		}
		if got := sends(d); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestADossierThatCannotBeReadIsForCounselToLookAt(t *testing.T) {
	s, e := ready().then(demand.Joined{Stream: aContest}).play()
	if got := list(demand.Agenda(s, e.Policy)); !slices.Contains(got, "history.check 2026-03-02 counsel ") {
		t.Fatal(got)
	}
}

func TestABareRequestHoldsNoticeAsLongAsThePolicySays(t *testing.T) {
	d := silent(t)
	d.must(theDemand, demand.StateSecrecy{None: true})
	d.env.Policy.Silence = time.Hour
	d.must(theDemand, demand.AskSilence{})
	d.env.Now = later.Add(time.Hour - time.Second)
	d.tells("acc-one", "notice.silence_asked")
	d.env.Now = later.Add(time.Hour)
	d.tells("acc-one")
}

func TestAMatterHasEachOfItsDemandsOnce(t *testing.T) {
	d := pair(t)
	other := demand.ID("m-b3xt-77")
	for _, id := range []demand.ID{aMatter, other} {
		d.must(id, demand.OpenMatter{ID: id, Title: "Harbor"})
	}
	for _, id := range []demand.ID{aMatter, other, aMatter} {
		d.must(theDemand, demand.FileUnder{Matter: id})
	}
	if got := d.all[aMatter].About.Demands; !slices.Equal(got, []demand.ID{theDemand}) || d.s.Matter != aMatter {
		t.Fatalf("%v, and the demand says %s", got, d.s.Matter)
	}
}
