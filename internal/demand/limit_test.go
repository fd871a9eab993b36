package demand_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/demand"
)

func TestADossierIsBoundedAndWhatTouchesItIsNamedOnce(t *testing.T) {
	d := silent(t)
	join := func(id demand.ID) (demand.Echo, demand.OpenSecrecy) {
		g := gag(id, end)
		return demand.Echoes(id, []demand.Event{demand.SecrecyOpened(g)})[0], g
	}
	for i := range demand.MaxTouching {
		_, g := join(demand.ID(fmt.Sprintf("s-%d", i)))
		d.must(g.ID, g)
	}
	again, _ := join("s-0")
	events, err := demand.Decide(d.s, again.Command, d.env)
	if err != nil || len(events) > 0 {
		t.Errorf("joined again: %v, %v", events, err)
	}
	more, _ := join("s-more")
	_, err = demand.Decide(d.s, more.Command, d.env)
	wantCode(t, err, "demand.too_long")
	if n := len(d.s.Touching()); n != demand.MaxTouching {
		t.Errorf("%d touch it", n)
	}
}

func TestADemandHoldsNoMoreThanItsBounds(t *testing.T) {
	order := demand.Instrument{Kind: "us.warrant", Title: "Order", Agency: "agency-7"}
	members := make([]demand.Person, demand.MaxMembers)
	for i := range members {
		members[i] = demand.Person(fmt.Sprintf("p%d", i))
	}
	members[0] = "carl"
	full := demand.OpenCase{ID: aCase, Why: "by order", Members: members}
	for name, c := range map[string]struct {
		on   demand.ID
		most int
		cmd  func(i int) demand.Command
		code string
	}{
		"papers":   {theDemand, demand.MaxPapers - 1, func(int) demand.Command { return demand.AddPaper{Document: digestR, Instrument: order} }, "paper.missing"},
		"services": {theDemand, demand.MaxPapers, func(int) demand.Command { return demand.RecordService{Paper: 1, Entity: "e", Manner: "m", At: later} }, "paper.missing"},
		"parties":  {theDemand, demand.MaxTargets, func(int) demand.Command { return demand.NameParty{Role: "amicus", Name: "n"} }, "party.form"},
		"calls":    {theDemand, demand.MaxTargets, func(int) demand.Command { return demand.RecordCallback{Contact: "c", Reached: "r", At: later} }, "callback.form"},
		"deadlines": {theDemand, demand.MaxDeadlines, func(i int) demand.Command {
			return demand.SetDeadline{ID: fmt.Sprint(i), Kind: "answer", Latest: end, Rule: "r", Says: "s"}
		}, "deadline.too_many"},
		"costs": {theDemand, demand.MaxTargets, func(i int) demand.Command {
			return demand.NoteCost{What: fmt.Sprint(i), Currency: "USD", State: "noted"}
		}, "cost.too_many"},
		"members": {aCase, 1, func(i int) demand.Command {
			if i == 0 {
				return full
			}
			return demand.ChangeMember{Person: "one more", In: true}
		}, "case.form"},
	} {
		d := silent(t)
		for i := range c.most {
			d.must(c.on, c.cmd(i))
		}
		if got := d.do(c.on, c.cmd(c.most)); got == nil {
			t.Errorf("%s: one more is accepted", name)
		} else {
			wantCode(t, got, c.code)
		}
	}
	d := silent(t)
	full.Members = append(members, "one more")
	wantCode(t, d.do(aCase, full), "case.form")
	d.must("n-k7wq-93", demand.WriteNote{Text: strings.Repeat("x", demand.MaxNote)})
	wantCode(t, d.do("n-k7wq-93", demand.WriteNote{Text: strings.Repeat("x", demand.MaxNote+1)}), "note.text")
	for i := range demand.MaxDeadlines { // one that is there is still moved
		d.must(theDemand, demand.SetDeadline{ID: fmt.Sprint(i), Kind: "answer", Latest: end, Rule: "r", Says: "s"})
	}
	d.must(theDemand, demand.SetDeadline{ID: "7", Kind: "answer", Latest: later, Rule: "r", Says: "s"})
	if len(d.s.Deadlines) != demand.MaxDeadlines || !d.s.Deadlines[7].Latest.Equal(later) {
		t.Error("moving a deadline made another")
	}
}

func TestOnlyAQuestionOfOursThatNobodyAnsweredIsRemindedOf(t *testing.T) {
	kept := func(out, question bool, answers int) demand.Command {
		return demand.KeepMessage{Out: out, Question: question, Answers: answers, Party: "p", Channel: "post", Subject: "s", Document: digestO}
	}
	for name, c := range map[string]struct {
		cmds []demand.Command
		want bool
	}{
		"a question":                         {[]demand.Command{kept(true, true, 0)}, true},
		"a letter that asks nothing":         {[]demand.Command{kept(true, false, 0)}, false},
		"a question of theirs":               {[]demand.Command{kept(false, true, 0)}, false},
		"a question they answered":           {[]demand.Command{kept(true, true, 0), kept(false, false, 1)}, false},
		"a question that we wrote more to":   {[]demand.Command{kept(true, true, 0), kept(true, false, 1)}, true},
		"a question, and another's answered": {[]demand.Command{kept(true, true, 0), kept(true, true, 0), kept(false, false, 2)}, true},
	} {
		d := silent(t)
		for _, x := range c.cmds {
			d.must(theDemand, x)
		}
		if got := slices.Contains(kinds(demand.Agenda(d.s, d.env.Policy)), "message.remind"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestACostUnderTheSameWordsIsTheSameCost(t *testing.T) {
	d := silent(t)
	for _, c := range []demand.NoteCost{{What: "search", Minor: 1, State: "noted"}, {What: "copies", Minor: 2, State: "noted"}, {What: "search", Minor: 3, State: "billed", Basis: "18 USC 2706"}} {
		c.Currency = "USD"
		d.must(theDemand, c)
	}
	if len(d.s.Costs) != 2 || d.s.Costs[0].Minor != 3 || d.s.Costs[0].State != "billed" || d.s.Costs[1].Minor != 2 {
		t.Fatalf("%+v", d.s.Costs)
	}
}

func TestTheDutyThatSilencesIsTheOneThatEndsLast(t *testing.T) {
	for _, order := range [][]time.Time{{end, end.AddDate(1, 0, 0)}, {end.AddDate(1, 0, 0), end}, {time.Time{}, end}, {end, {}}} {
		d := silent(t)
		d.must(theDuty, gag(theDuty, order[0]))
		d.must(another, gag(another, order[1]))
		last := order[0]
		if !last.IsZero() && (order[1].IsZero() || order[1].After(last)) {
			last = order[1]
		}
		if y := d.s.Silenced("acc-one", later); y == nil || !y.End().Equal(last) {
			t.Errorf("%v: %+v", order, y)
		}
	}
	d := silent(t)
	d.must(theDuty, gag(theDuty, end, "acc-one"))
	if d.s.Silenced("acc-two", later) != nil || d.s.Silenced("acc-one", end) != nil {
		t.Error("a duty silences whom it does not cover, or after its end")
	}
	d.must(theDuty, demand.RenewSecrecy{Signed: later, Served: end, Until: end.AddDate(1, 0, 0)})
	if d.s.Silenced("acc-one", end) == nil {
		t.Error("a late renewal silences nobody")
	}
}

func TestOnlyWhatIsOpenFallsDue(t *testing.T) {
	d := silent(t)
	d.must(theDemand, demand.MakeCopy{Copy: "k1", Scope: whole("acc-one"), Region: "iad", How: "hand", Until: end})
	d.must(theDemand, demand.EndCopy{Copy: "k1", End: "destroyed"})
	d.must(theDemand, demand.RevokeGrant{Grant: "g1"})
	d.must(theDemand, demand.SetDeadline{ID: "a", Kind: "confirm", NotBefore: end, Rule: "r", Says: "s"})
	d.must(theDemand, demand.SetDeadline{ID: "b", Kind: "confirm", Latest: end, Rule: "r", Says: "s"})
	d.must(theDemand, demand.SuspendDeadline{ID: "b", Source: "order"})
	d.owes(theDemand, "answer 2026-03-16 reviewer line 1", "answer 2026-03-16 reviewer line 2", "answer 2026-03-16 reviewer line 3")
	d.must(theDemand, demand.ResumeDeadline{ID: "b", Latest: end, Says: "s"})
	if !slices.Contains(kinds(demand.Agenda(d.s, d.env.Policy)), "deadline.confirm") {
		t.Error("a deadline that runs again is forgotten")
	}
	u := unread(t)
	u.must("u7wq-93", demand.ReadDemand{Kind: demand.Informal, Instrument: received().Instrument, Facts: []byte{1, 0}})
	u.owes("u7wq-93", "conclude 2026-03-04 counsel ")
}
