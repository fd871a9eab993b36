package demand_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
)

// The word for people outside, in the order in which one wins over another.
func TestTheWordForPeopleOutsideOverEveryState(t *testing.T) {
	first := func() *scene { return (&scene{env: ready().env}).add("received", "door", plain(received())) }
	stay := demand.Stayed{Source: "court", Reach: whole("acc-three").Lines()}
	forged := demand.Authenticated{How: "call"}
	asked := demand.MessageKept{Out: true, Party: "p", Channel: "post", Subject: "s", Document: digestO, Question: true}
	answered := demand.MessageKept{Party: "p", Channel: "post", Subject: "s", Document: digestO, Answers: 1}
	letter := received()
	letter.Kind, letter.Targets, letter.Lines = demand.Informal, nil, nil
	informal := func() *scene { return (&scene{env: ready().env}).add("received", "door", plain(letter)) }
	reject := demand.LineDecided{Line: 3, Decision: demand.Reject}
	for _, c := range []struct {
		name string
		sc   *scene
		want demand.Status
	}{
		{"came", first(), demand.StatusReceived},
		{"came as bytes", (&scene{}).add("", "door", plain(demand.Received{Channel: "mail", Original: digestO, Unread: true})), demand.StatusReceived},
		{"resolved before it was checked", first().then(demand.Resolved{Target: 1}), demand.StatusReceived},
		{"genuine", first().then(demand.Authenticated{Genuine: true, How: "call"}), demand.StatusChecking},
		{"not genuine", first().then(forged), demand.StatusForYou},
		{"a question before it was checked", first().then(asked), demand.StatusForYou},
		{"a question that was answered", first().then(asked).then(answered), demand.StatusReceived},
		{"the last line undecided", ready().drop("decide 3"), demand.StatusChecking},
		{"the last line rejected", ready().then(reject), demand.StatusWaiting},
		{"decided", ready(), demand.StatusWaiting},
		{"a question when decided", ready().then(asked), demand.StatusForYou},
		{"stayed", ready().then(stay), demand.StatusOnHold},
		{"stayed, another part", ready().then(demand.Stayed{Source: "court", Reach: whole("acc-four").Lines()}), demand.StatusWaiting},
		{"stayed until now", ready().then(demand.Stayed{Source: "court", Reach: whole("acc-three").Lines(), Until: later}), demand.StatusWaiting},
		{"stayed, and what it reaches is rejected", ready().then(stay).then(reject), demand.StatusWaiting},
		{"stayed, and a question", ready().then(stay).then(asked), demand.StatusForYou},
		{"permitted", ready().then(demand.ReleasePermitted{Grant: "g1", Release: digestR}), demand.StatusWaiting},
		{"unknown", permitted2(demand.Unknown), demand.StatusWaiting},
		{"nothing left", permitted2(demand.Nothing), demand.StatusWaiting},
		{"left", done(), demand.StatusInPart},
		{"left, and stayed", done().then(stay), demand.StatusInPart},
		{"left, and forged", done().then(forged), demand.StatusForYou},
		{"a letter", informal(), demand.StatusReceived},
		{"a letter from whom it says", informal().then(demand.Authenticated{Genuine: true, How: "call"}), demand.StatusChecking},
		{"a letter concluded", informal().then(demand.Authenticated{Genuine: true, How: "call"}).then(demand.Concluded{How: "refused"}), demand.StatusWaiting},
		{"closed", done().then(demand.Closed{}), demand.StatusClosed},
		{"closed, with a question", done().then(asked).then(demand.Closed{}), demand.StatusClosed},
		{"closed, and stayed", done().then(demand.Closed{}).then(stay), demand.StatusClosed},
	} {
		s, _ := c.sc.play()
		if s.Unsound > 0 {
			t.Fatalf("%s: event %d does not fit", c.name, s.Unsound)
		}
		if got := s.Status(later); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What is contested, kept silent, held or sealed changes nothing that an outsider
// reads. A stay does, and then the word is the one for any stay.
func TestNoWordForPeopleOutsideTellsOfAContestASecrecyAHoldOrASeal(t *testing.T) {
	for name, from := range map[string]*scene{"came": (&scene{env: ready().env}).add("received", "door", plain(received())), "decided": ready(), "left": done(), "closed": done().then(demand.Closed{})} {
		sc := obstacleScene{from: from}
		d := sc.play(t)
		want := d.s.Status(later)
		step := func(id demand.ID, c demand.Command) {
			d.must(id, c)
			if got := d.s.Status(later); got != want {
				t.Fatalf("%s: %T makes %q of %q", name, c, got, want)
			}
		}
		if name != "closed" {
			step(theDemand, demand.SealDemand{Case: aCase})
		}
		step(aContest, motion(func(c *demand.OpenContest) { c.Covers = c.Covers[:1] }))
		step(aContest, demand.RecordRuling{Instance: 1, Ruling: "granted", On: later, Says: "Granted."})
		step(aContest, demand.RecordContempt{Court: "court", On: later, Terms: "t"})
		step(aContest, demand.RecordUnsealing{What: "w", On: later})
		step(theDuty, gag(theDuty, end))
		step(theDemand, demand.PlaceHold{Kind: "action", Why: "w"})
		step(theDemand, demand.PlaceHold{Kind: "retention", Why: "w"})
		step(theDemand, demand.RecordCallback{Contact: "c", Reached: "r", At: later})
		if name == "decided" {
			d.must(aContest, demand.StayContest{Source: "court", On: later, Covers: motion(nil).Covers[:1], Until: later.Add(time.Hour)})
			if got := d.s.Status(later); got != demand.StatusOnHold {
				t.Fatalf("stayed: %q", got)
			}
			if got := d.s.Status(later.Add(time.Hour)); got != want {
				t.Fatalf("after the stay: %q", got)
			}
			step(aContest, demand.LiftContestStay{Stay: d.all[aContest].Last, Source: "court", On: later})
		}
		step(aContest, demand.EndContest{How: "final", On: later})
	}
}
