package docket_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// stay is a court's stay in a contest, of what the contest is about.
func (h *house) stay(contest demand.ID, ids ...demand.ID) docket.Act {
	var covers []demand.Cover
	for _, id := range ids {
		covers = append(covers, demand.Cover{Demand: id, Reach: reach(h.t).Lines()})
	}
	return h.act(contest, "carl", demand.StayContest{Source: "the court", On: start, Covers: covers})
}

func (h *house) row(id demand.ID) docket.Item {
	h.t.Helper()
	items, err := h.Queue(context.Background(), docket.QueryArgs{Limit: docket.MaxPage})
	must(h.t, err)
	for _, it := range items {
		if it.ID == id {
			return it
		}
	}
	h.t.Fatalf("%s is in no queue", id)
	return docket.Item{}
}

func TestAContestIsWrittenIntoEachDemandThatItTouches(t *testing.T) {
	h := build(t)
	a, b, c := h.submit("one"), h.submit("two"), h.submit("three")
	opening := h.contest(a.ID, b.ID)
	o, err := h.Open(t.Context(), opening)
	must(t, err)
	if !docket.ValidID(o.ID) || demand.StreamOf(o.ID) != demand.ContestStream || o.First != 1 || o.Again {
		t.Fatalf("%+v", o)
	}
	h.reopen()
	for id, want := range map[demand.ID]int{a.ID: 1, b.ID: 1, c.ID: 0} {
		s := h.state(id)
		if n := len(s.State.Contests()); n != want || len(s.Amiss) > 0 {
			t.Errorf("%s: %d contests, %v", id, n, s.Amiss)
		}
		must(t, h.Audit(t.Context(), id))
	}
	must(t, h.Audit(t.Context(), o.ID))
	again, err := h.Open(t.Context(), opening)
	must(t, err)
	if again.ID != o.ID || !again.Again || len(again.Events) != 1 {
		t.Fatalf("%+v", again)
	}
	opening.Reason = "another"
	_, err = h.Open(t.Context(), opening)
	wantCode(t, err, "docket.conflict")
}

func TestAnActThatAnotherStreamRefusesLeavesNothingAnywhere(t *testing.T) {
	h := build(t)
	a, b := h.submit("one"), h.submit("two")
	h.do(a.ID, "ann", demand.LinkDemand{Other: b.ID, Type: "follows"})
	_, err := h.Do(t.Context(), h.act(a.ID, "ann", demand.LinkDemand{Other: "bbbb-22", Type: "amends"}))
	wantCode(t, err, "docket.not_found")
	_, err = h.Open(t.Context(), h.contest(a.ID, "bbbb-22"))
	wantCode(t, err, "docket.not_found")
	twice := h.contest(a.ID, a.ID)
	_, err = h.Open(t.Context(), twice)
	wantCode(t, err, "contest.covers")
	for _, spoil := range []func(*docket.Opening){
		func(p *docket.Opening) { p.Stream = demand.DemandStream },
		func(p *docket.Opening) { p.Stream = demand.NotesStream },
		func(p *docket.Opening) { p.CommandID = [16]byte{} },
		func(p *docket.Opening) { p.Actor = "" },
		func(p *docket.Opening) { p.Command = nil },
	} {
		p := h.contest(a.ID)
		spoil(&p)
		_, err = h.Open(t.Context(), p)
		wantCode(t, err, "docket.command")
	}
	other := h.contest(a.ID)
	other.Compartment = "x-bbbb-22"
	_, err = h.Open(t.Context(), other)
	wantCode(t, err, "docket.not_found")
	_, err = h.Do(t.Context(), h.act(b.ID, "ann", demand.LinkDemand{Other: a.ID, Type: "follows"}))
	wantCode(t, err, "link.exists")
	for id, want := range map[demand.ID]int{a.ID: 2, b.ID: 2} {
		history, err := h.History(t.Context(), id)
		must(t, err)
		if len(history) != want {
			t.Errorf("%s has %d events, want %d", id, len(history), want)
		}
		must(t, h.Audit(t.Context(), id))
	}
	items, err := h.List(t.Context(), demand.ContestStream, docket.QueryArgs{Limit: 10})
	must(t, err)
	if len(items) != 0 {
		t.Fatalf("%+v", items)
	}
}

func TestAStayInAContestThatIsStoredFirstStopsTheRelease(t *testing.T) {
	for round := range 12 {
		h := build(t)
		a := h.submit("one")
		contest := h.opens(h.contest(a.ID))
		permit := h.act(a.ID, "gate", h.ready(a.ID))
		stay := h.stay(contest, a.ID)
		var all sync.WaitGroup
		var permitted, stayed docket.Result
		var refusal, failed error
		if round%3 == 0 { // now and then certainly first
			stayed, failed = h.Do(t.Context(), stay)
		}
		all.Go(func() { permitted, refusal = h.Do(context.Background(), permit) })
		all.Go(func() { stayed, failed = h.Do(context.Background(), stay) })
		all.Wait()
		must(t, failed)
		switch {
		case stayed.Last == 0:
			t.Fatal("a stay was not recorded")
		case refusal == nil && permitted.Events[0].At.After(h.now):
			t.Fatal("released at another time")
		case refusal == nil && round%3 == 0:
			t.Fatal("released over a stay")
		case refusal != nil && (problem.Code(refusal) != "release.stayed" || permitted.Last != 0):
			t.Fatalf("got %v", refusal)
		}
		must(t, h.Audit(t.Context(), a.ID))
		h.close()
	}
}

// Between the decision to permit and its storing, the stay comes: the decision is
// made again, and refused.
func TestAStayBetweenDecisionAndStoringIsSeen(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	contest := h.opens(h.contest(a.ID))
	permit := h.act(a.ID, "gate", h.ready(a.ID))
	between := &between{Store: h.config.Store, do: func() { _, err := h.Do(context.Background(), h.stay(contest, a.ID)); must(t, err) }}
	h.config.Store = between
	d, err := docket.New(t.Context(), h.config)
	must(t, err)
	between.armed = true
	_, err = d.Do(t.Context(), permit)
	wantCode(t, err, "release.stayed")
}

// between does something before one transaction.
type between struct {
	docket.Store
	armed bool
	do    func()
}

func (b *between) Update(ctx context.Context, do func(context.Context, docket.Tx) error) error {
	if b.armed {
		b.armed = false
		b.do()
	}
	return b.Store.Update(ctx, do)
}

func TestSixteenWritersAcrossStreamsLoseNothing(t *testing.T) {
	h := build(t)
	var ids []demand.ID
	for i := range 4 {
		ids = append(ids, h.submit(fmt.Sprint(i)).ID)
	}
	contest := h.opens(h.contest(ids...))
	matter := h.opens(docket.Opening{Stream: demand.MatterStream, Actor: "ann", Command: func(id demand.ID) demand.Command {
		return demand.OpenMatter{ID: id, Title: "the matter"}
	}})
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for i := range 3 {
				act := h.act(ids[w%4], "ann", demand.SetTask{What: fmt.Sprint("task ", w, i), Seat: "reviewer", Due: start.Add(time.Hour)})
				switch w {
				case 0:
					act = h.stay(contest, ids...)
				case 1:
					act = h.act(ids[i], "ann", demand.FileUnder{Matter: matter})
				case 2:
					act = h.act(ids[i], "ann", demand.LinkDemand{Other: ids[i+1], Type: "follows"})
				}
				for range 2 { // each is sent twice
					if _, err := h.Do(context.Background(), act); err != nil {
						t.Errorf("%d: %v", w, err)
					}
				}
			}
		})
	}
	all.Wait()
	tasks := 0
	for _, id := range ids {
		s := h.state(id).State
		tasks += len(s.Tasks)
		if n := len(s.Contests()[0].Stays); n != 3 {
			t.Errorf("%d stays, want 3", n)
		}
		must(t, h.Audit(t.Context(), id))
	}
	if tasks != 13*3 {
		t.Errorf("%d tasks, want 39", tasks)
	}
	if n := len(h.state(matter).State.About.Demands); n != 3 {
		t.Errorf("%d demands in the matter, want 3", n)
	}
}

func TestTheRowsOfTheDemandsFollowFromAContest(t *testing.T) {
	h := build(t)
	a, b := h.submit("one"), h.submit("two")
	h.compel(a.ID)
	h.compel(b.ID)
	contest := h.opens(h.contest(a.ID, b.ID))
	stay := h.stay(contest, a.ID, b.ID)
	h.do(contest, "carl", stay.Command)
	for _, id := range []demand.ID{a.ID, b.ID} {
		it := h.row(id)
		stayed := false
		for _, o := range it.View.Way {
			stayed = stayed || o.Code == "release.stayed" && o.In == contest
		}
		if it.Status != demand.StatusOnHold || !stayed {
			t.Errorf("%s: %s, %+v", id, it.Status, it.View.Way)
		}
	}
	h.do(contest, "carl", demand.LiftContestStay{Stay: 2, Source: "the court", On: start})
	if it := h.row(b.ID); it.Status == demand.StatusOnHold {
		t.Error("a lifted stay still holds the row")
	}
}

func TestWhatIsSealedAndWhatIsNotAreNotJoined(t *testing.T) {
	h := build(t)
	sealed := h.openCase("mia")
	s := submission("one")
	s.Compartment = string(sealed)
	a, err := h.Submit(t.Context(), s)
	must(t, err)
	b := h.submit("two")
	_, err = h.Open(t.Context(), h.contest(a.ID, b.ID))
	wantCode(t, err, "docket.compartment")
	_, err = h.Do(t.Context(), h.act(b.ID, "ann", demand.LinkDemand{Other: a.ID, Type: "follows"}))
	wantCode(t, err, "docket.compartment")
	opening := h.contest(a.ID)
	opening.Compartment = docket.General
	_, err = h.Open(t.Context(), opening)
	wantCode(t, err, "docket.compartment")
	contest := h.opens(h.contest(a.ID))
	if c := h.state(contest); c.Compartment != string(sealed) {
		t.Errorf("the contest lies in %q", c.Compartment)
	}
	_, err = h.State(docket.For(t.Context(), "eve"), contest)
	wantCode(t, err, "docket.not_found")
}

func TestASealedDemandMovesWithItsRowAndMembersAloneFollow(t *testing.T) {
	h := build(t)
	a, sealed := h.submit("one"), h.openCase("mia", "max")
	h.do(demand.NotesOf(a.ID), "carl", demand.WriteNote{Text: "privileged"})
	_, err := h.Do(docket.For(t.Context(), "eve"), h.act(a.ID, "eve", demand.SealDemand{Case: sealed}))
	wantCode(t, err, "docket.not_found")
	h.do(a.ID, "mia", demand.SealDemand{Case: sealed})
	must(t, h.Audit(t.Context(), a.ID))
	sees := func(reader demand.Person) bool {
		ctx := docket.For(t.Context(), reader)
		_, err := h.State(ctx, a.ID)
		_, notes := h.State(ctx, demand.NotesOf(a.ID))
		items, failed := h.Queue(ctx, docket.QueryArgs{Limit: 10})
		must(t, failed)
		cases, failed := h.List(ctx, demand.CaseStream, docket.QueryArgs{Limit: 10})
		must(t, failed)
		duties, failed := h.DueDuties(ctx, start.Add(1000*time.Hour), 10)
		must(t, failed)
		if (err == nil) != (len(duties) > 0) {
			t.Fatalf("%s: %v, %d duties", reader, err, len(duties))
		}
		if (err == nil) != (len(items) == 1) || (err == nil) != (notes == nil) || (err == nil) != (len(cases) == 1) {
			t.Fatalf("%s: %v, %d items, notes %v, %d cases", reader, err, len(items), notes, len(cases))
		}
		return err == nil
	}
	if sees("eve") || !sees("mia") || !sees("max") {
		t.Fatal("members alone see it")
	}
	h.do(sealed, "mia", demand.ChangeMember{Person: "eve", In: true})
	h.do(sealed, "mia", demand.ChangeMember{Person: "max"})
	if !sees("eve") || sees("max") {
		t.Fatal("membership did not follow the case")
	}
	must(t, h.Audit(t.Context(), sealed))
	must(t, h.Rebuild(t.Context(), a.ID))
	h.do(a.ID, "mia", demand.SealDemand{})
	if !sees2(h, "max", a.ID) {
		t.Fatal("what was unsealed is still hidden")
	}
}

func sees2(h *house, reader demand.Person, id demand.ID) bool {
	_, err := h.State(docket.For(context.Background(), reader), id)
	return err == nil
}

func TestNotesAreForThoseWhoMayReadThem(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	type seat struct{}
	h.config.MayRead = func(ctx context.Context, a docket.Asked) bool {
		return a.Stream != demand.NotesStream || ctx.Value(seat{}) != nil
	}
	d, err := docket.New(t.Context(), h.config)
	must(t, err)
	notes := demand.NotesOf(a.ID)
	counsel := context.WithValue(docket.For(t.Context(), "carl"), seat{}, true)
	act := h.act(notes, "carl", demand.WriteNote{Text: "privileged"})
	for range 2 {
		r, err := d.Do(counsel, act)
		must(t, err)
		if r.First != 1 {
			t.Fatalf("%+v", r)
		}
	}
	_, err = d.Do(counsel, h.act(notes, "carl", demand.WriteNote{Text: "more"}))
	must(t, err)
	c, err := d.State(counsel, notes)
	must(t, err)
	if len(c.State.Notes) != 2 || c.State.Notes[1].Text != "more" {
		t.Fatalf("%+v", c.State.Notes)
	}
	for _, id := range []demand.ID{notes, "n-bbbb-22"} {
		_, err = d.State(docket.For(t.Context(), "ann"), id)
		wantCode(t, err, "docket.not_found")
		_, err = d.Do(docket.For(t.Context(), "ann"), h.act(id, "ann", demand.WriteNote{Text: "x"}))
		wantCode(t, err, "docket.not_found")
	}
	must(t, h.Audit(t.Context(), notes))
	must(t, h.Audit(t.Context(), a.ID))
	items, err := h.Queue(t.Context(), docket.QueryArgs{Limit: 10, Streams: []demand.Stream{demand.DemandStream, demand.NotesStream}})
	must(t, err)
	if len(items) != 1 {
		t.Fatal("notes are in a queue")
	}
}

func TestOneOfManyOpeningsAtOnceBegins(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	opening := h.contest(a.ID)
	var all sync.WaitGroup
	var mu sync.Mutex
	ids := map[demand.ID]int{}
	for range 16 {
		all.Go(func() {
			o, err := h.Open(context.Background(), opening)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			ids[o.ID]++
			mu.Unlock()
		})
	}
	all.Wait()
	if len(ids) != 1 {
		t.Fatalf("%v", ids)
	}
	if diff := cmp.Diff(1, len(h.state(a.ID).State.Contests())); diff != "" {
		t.Fatal(diff)
	}
}
