package demand_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
)

// What only takes something back is done whatever else is amiss: a clock that
// cannot be trusted, a contest that cannot be read, a closed demand.
func TestWhatOnlyStopsIsNeverHeldUp(t *testing.T) {
	covers := motion(nil).Covers[:1]
	stops := []given{{theDemand, demand.RecordStay{Source: "court", Reach: whole("acc-one")}}, {theDemand, demand.RevokeGrant{Grant: "g1"}}, {theDemand, demand.PlaceHold{Kind: "action", Why: "w"}},
		{aContest, demand.StayContest{Source: "court", On: later, Covers: covers}}, {theDuty, demand.DisarmNotice{}}}
	works := []given{{theDemand, demand.Authenticate{Genuine: true, How: "call"}}, {theDemand, demand.SetTask{What: "w", Seat: "s", Due: end}}, {theDemand, demand.LiftHold{Hold: 3}},
		{aContest, demand.EndContest{How: "moot", On: later}}, {theDuty, demand.ArmNotice{End: end}}}
	fresh := func() *dossier {
		d := silent(t)
		d.must(theDuty, gag(theDuty, end))
		d.must(aContest, motion(func(c *demand.OpenContest) { c.Covers = covers }))
		return d
	}
	for name, c := range map[string]struct {
		amiss func(*dossier)
		code  string
		on    []demand.ID // where it matters
	}{
		"the clock":    {func(d *dossier) { d.env.ClockSane = false }, "clock.unsound", []demand.ID{theDemand, aContest, theDuty}},
		"the dossier":  {func(d *dossier) { d.s.Join(aContest, demand.NewState(aContest)) }, "dossier.incomplete", []demand.ID{theDemand}},
		"a full story": {func(d *dossier) { d.s.Last = demand.MaxEvents - 100 }, "demand.too_long", []demand.ID{theDemand}},
	} {
		for _, id := range c.on {
			for _, x := range stops {
				d := fresh()
				c.amiss(d)
				if _, err := demand.Decide(d.all[x.on], x.cmd, d.env); err != nil {
					t.Errorf("%s: %T: %v", name, x.cmd, err)
				}
			}
			for _, x := range works {
				if x.on != id {
					continue
				}
				d := fresh()
				c.amiss(d)
				_, err := demand.Decide(d.all[id], x.cmd, d.env)
				if err == nil {
					t.Errorf("%s: %T is done", name, x.cmd)
					continue
				}
				wantCode(t, err, c.code)
			}
		}
	}
}

// What a court or an authority still brings is recorded on a closed demand; the
// work on it is not taken up again.
func TestAClosedDemandTakesWhatStillComesAndNoWork(t *testing.T) {
	closed := func() *dossier {
		d := released(t)
		d.must(theDemand, demand.MakeCopy{Copy: "k1", Scope: whole("acc-one"), Region: "iad", How: "hand", Until: end})
		d.must(theDemand, demand.Close{})
		return d
	}
	line := demand.StatedLine{No: 4, Target: 1, Service: "mail", Category: "content", From: april, Until: endMay, Basis: "received"}
	for _, c := range []demand.Command{demand.Authenticate{Genuine: true, How: "h"}, demand.StateFacts{Facts: []byte{1, 0}}, demand.Assess{Packs: "p", Facts: 1}, demand.AnswerFinding{Rule: "us.last"}, demand.Resolve{Target: 1},
		demand.Check{Target: 1, Resolution: 6}, demand.DecideLine{Line: 1, Decision: demand.Reject}, demand.SeeApproval{Grant: "g1", Person: "eve"}, demand.ReadDemand{}, demand.AddAsked{Paper: 1, Lines: []demand.StatedLine{line}},
		demand.AddPaper{Document: digestR, Instrument: received().Instrument}, demand.AuthenticatePaper{Paper: 2, Genuine: true, How: "h"}, demand.MakeCopy{Copy: "k2", Scope: whole("acc-one"), Region: "iad", How: "hand", Until: end},
		demand.Conclude{How: "withdrawn"}, demand.Close{}} {
		d := closed()
		err := d.do(theDemand, c)
		if err == nil {
			t.Errorf("%T is done", c)
			continue
		}
		wantCode(t, err, "demand.closed")
	}
	for _, x := range []given{{theDemand, demand.RecordStay{Source: "court", Reach: whole("acc-one")}}, {theDemand, demand.PlaceHold{Kind: "retention", Why: "w"}}, {theDemand, demand.EndCopy{Copy: "k1", End: "produced"}},
		{theDemand, demand.ExtendCopy{Copy: "k1", Until: end.Add(time.Hour), Source: "s"}}, {theDemand, demand.AcknowledgeRelease{Grant: "g1", By: "r"}}, {theDemand, demand.RecallProduction{Grant: "g1"}},
		{aContest, motion(nil)}, {another, gag(another, end)}, {theDemand, demand.LinkDemand{Other: otherDemand, Type: "follows"}}, {theDemand, demand.NoteCost{What: "w", Currency: "USD", State: "noted"}}} {
		closed().must(x.on, x.cmd)
	}
}

func TestOnlyDemandsForStoredDataAreDecided(t *testing.T) {
	gives := map[demand.DemandKind]bool{"": true, demand.ForData: true, demand.ForPreservation: true, demand.Private: true, demand.AboutUs: true}
	for _, k := range append(demand.DemandKinds, "") {
		r := received()
		r.Kind = k
		s, e := ready().change("received", r).play()
		if got := len(demand.MayDecide(s, 3, e)) == 0; got != gives[k] {
			t.Errorf("%q: %v", k, got)
		}
		named := full()
		named.Kind, named.Targets, named.Lines = k, nil, nil
		_, err := demand.Decide(new(demand.State), named, e)
		if (err == nil) == gives[k] {
			t.Errorf("%q that names nothing: %v", k, err)
		}
		named.Targets = full().Targets
		_, err = demand.Decide(new(demand.State), named, e)
		if (err == nil) == gives[k] {
			t.Errorf("%q that names no lines: %v", k, err)
		}
	}
}

// To preserve is to keep, and no more: a copy meets it, whatever becomes of the copy,
// nothing is compelled to be given, and nobody is told that something will be.
func TestAPreservationIsMetByItsCopiesAndCompelsNothingElse(t *testing.T) {
	r := received()
	r.Kind = demand.ForPreservation
	s, e := ready().drop("grant", "approval 1", "approval 2", "notice 1", "notice 2", "notice 3").change("received", r).play()
	s.ID = theDemand
	e.Actor, e.Seats, e.Reason = "carl", []string{"counsel"}, "because"
	d := &dossier{t: t, s: s, env: e, all: map[demand.ID]*demand.State{theDemand: s}}
	if _, some := s.Compelled(); some {
		t.Error("something is compelled to be given")
	}
	if got := len(demand.InTheWay(s, d.env)); got != 3 {
		t.Errorf("%d obstacles before three copies: %v", got, demand.InTheWay(s, d.env))
	}
	d.must(theDemand, demand.MakeCopy{Copy: "k1", Scope: whole(names...), Region: "iad", How: "hand", Until: end})
	for range 2 {
		if blocked := demand.MayClose(s, d.env); len(blocked) > 0 {
			t.Error(blocked)
		}
		for _, y := range demand.Agenda(s, d.env.Policy) {
			if y.Kind == "notice.send" || y.Kind == "answer" || y.Kind == "decide" {
				t.Errorf("%+v is left to do", y)
			}
		}
		if len(s.Copies) > 0 && s.Copies[0].Ended == 0 {
			d.must(theDemand, demand.EndCopy{Copy: "k1", End: "destroyed"})
		}
	}
}
