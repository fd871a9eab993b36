package docket_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func TestAnActIsStoredAndTheSameActAgainGivesTheSameResult(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	act := h.act(a.ID, "ann", demand.Authenticate{Genuine: true, How: "called"})
	first, err := h.Do(t.Context(), act)
	must(t, err)
	if first.First != 2 || first.Last != 2 || len(first.Events) != 1 || first.Events[0].By != "ann" || first.Again {
		t.Fatalf("%+v", first)
	}
	h.do(a.ID, "ann", demand.StateFacts{Facts: []byte{1, 0}})
	h.reopen()
	again, err := h.Do(t.Context(), act)
	must(t, err)
	if !again.Again {
		t.Error("it does not say that it was done before")
	}
	again.Again = false
	if diff := cmp.Diff(first, again); diff != "" {
		t.Fatal(diff)
	}
	history, err := h.History(t.Context(), a.ID)
	must(t, err)
	if len(history) != 3 {
		t.Fatalf("%d events, want 3", len(history))
	}
	must(t, h.Audit(t.Context(), a.ID))
}

func TestAnotherActUnderTheSameIdIsAConflict(t *testing.T) {
	h := build(t)
	a, other := h.submit("one"), h.submit("two")
	h.compel(a.ID)
	part, _ := h.state(a.ID).State.Asked(3)
	act := h.act(a.ID, "ann", demand.DecideLine{Line: 3, Decision: demand.InPart, Part: part})
	_, err := h.Do(t.Context(), act)
	must(t, err)
	last := part.Selectors()
	last[len(last)-1].Until = last[len(last)-1].Until.Add(-time.Second)
	narrower, err := scope.New(last...)
	must(t, err)
	changes := map[string]func(*docket.Act){
		"demand":      func(x *docket.Act) { x.ID = other.ID },
		"actor":       func(x *docket.Act) { x.Actor = "ben" },
		"reason":      func(x *docket.Act) { x.Reason = "" },
		"kind":        func(x *docket.Act) { x.Command = demand.Close{} },
		"scope alone": func(x *docket.Act) { x.Command = demand.DecideLine{Line: 3, Decision: demand.InPart, Part: narrower} },
	}
	for name, change := range changes {
		x := act
		change(&x)
		_, err := h.Do(t.Context(), x)
		if wantCode(t, err, "docket.conflict"); t.Failed() {
			t.Fatal(name)
		}
	}
}

func TestAnIncompleteActIsRefused(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	for _, spoil := range []func(*docket.Act){
		func(x *docket.Act) { x.CommandID = [16]byte{} },
		func(x *docket.Act) { x.Actor = "" },
		func(x *docket.Act) { x.Command = nil },
		func(x *docket.Act) { x.Command = received() },
		func(x *docket.Act) { x.Command = &demand.Close{} },
	} {
		x := h.act(a.ID, "ann", demand.Close{})
		spoil(&x)
		_, err := h.Do(t.Context(), x)
		wantCode(t, err, "docket.command")
	}
}

func TestOfManyActsThatExcludeEachOtherExactlyOneIsStored(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	reach := h.stayOf(a.ID)
	stay := h.do(a.ID, "carl", demand.RecordStay{Source: "court", Reach: reach}).Last
	var all sync.WaitGroup
	var mu sync.Mutex
	got := make(map[string]int)
	for range 8 {
		x := h.act(a.ID, "carl", demand.LiftStay{Stay: stay})
		all.Go(func() {
			_, err := h.Do(context.Background(), x)
			mu.Lock()
			got[problem.Code(err)]++
			mu.Unlock()
		})
	}
	all.Wait()
	if diff := cmp.Diff(map[string]int{"": 1, "stay.missing": 7}, got); diff != "" {
		t.Fatal(diff)
	}
	must(t, h.Audit(t.Context(), a.ID))
}

func TestTheSameActSentManyTimesAtOnceIsDoneOnce(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	act := h.act(a.ID, "carl", demand.RecordStay{Source: "court", Reach: h.stayOf(a.ID)})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			r, err := h.Do(context.Background(), act)
			if err != nil || r.Last != 2 {
				t.Errorf("%+v %v", r, err)
			}
		})
	}
	all.Wait()
	if n := len(h.state(a.ID).State.Stays); n != 1 {
		t.Fatalf("%d stays", n)
	}
}

func (h *house) stayOf(demand.ID) scope.Scope { return reach(h.t) }

func reach(t testing.TB) scope.Scope {
	t.Helper()
	sc, err := scope.New(scope.Selector{Account: "acc-joan", Service: scope.Mail, Category: scope.Content, From: start.Add(-90 * 24 * time.Hour),
		Until: start.Add(-30 * 24 * time.Hour), Basis: scope.Received})
	must(t, err)
	return sc
}

func TestAStayThatIsStoredFirstStopsTheRelease(t *testing.T) {
	for round := range 12 {
		h := build(t)
		a := h.submit("one")
		permit := h.act(a.ID, "gate", h.ready(a.ID))
		stay := h.act(a.ID, "carl", demand.RecordStay{Source: "court", Reach: h.stayOf(a.ID)})
		var all sync.WaitGroup
		var permitted, stayed docket.Result
		var refusal error
		if round%3 == 0 { // now and then certainly first
			stayed, _ = h.Do(t.Context(), stay)
		}
		all.Go(func() { permitted, refusal = h.Do(context.Background(), permit) })
		all.Go(func() { stayed, _ = h.Do(context.Background(), stay) })
		all.Wait()
		switch {
		case stayed.Last == 0:
			t.Fatal("a stay was not recorded")
		case refusal == nil && permitted.Last > stayed.Last:
			t.Fatal("released over a stay")
		case refusal != nil && (problem.Code(refusal) != "release.stayed" || permitted.Last != 0):
			t.Fatalf("got %v", refusal)
		}
		h.close()
	}
}

func TestNothingIsGrantedBeforeItIsInTheJournal(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	h.compel(a.ID)
	h.opens(h.secrecy(start.Add(365*24*time.Hour), a.ID))
	part, _ := h.state(a.ID).State.Compelled()
	grant := demand.DraftGrant{Grant: "g1", Digest: demand.Digest{1}, Scope: part, Region: "iad", Recipient: "officer", Expires: h.now.Add(time.Hour)}
	_, err := h.Do(t.Context(), h.act(a.ID, "ann", grant))
	wantCode(t, err, "ledger.not_journaled")
	h.publish()
	h.do(a.ID, "ann", grant)
}

func TestARefusalLeavesOneLogEntryOfIdAndCodeAndNothingElse(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	h.compel(a.ID)
	h.log.Reset()
	before, err := h.History(t.Context(), a.ID)
	must(t, err)
	_, err = h.Do(t.Context(), h.act(a.ID, "ann", demand.DraftGrant{Grant: "g", Digest: demand.Digest{1}, Scope: h.stayOf(a.ID), Region: "iad", Recipient: "r", Expires: h.now}))
	if err == nil || holdsSecret(err.Error()) {
		t.Fatalf("got %v", err)
	}
	_, err = h.Do(t.Context(), h.act("ada@example.org", "ann", demand.Close{}))
	wantCode(t, err, "docket.not_found")
	log := h.log.String()
	if strings.Count(log, "\n") != 2 || strings.Count(log, string(a.ID)) != 1 || holdsSecret(log) {
		t.Fatalf("log:\n%s", log)
	}
	after, err := h.History(t.Context(), a.ID)
	must(t, err)
	if len(after) != len(before) {
		t.Fatal("a refusal changed the history")
	}
}

func TestAbsentAndSealedAreOneAnswer(t *testing.T) {
	h := build(t)
	sealed := h.openCase("mia")
	s := submission("one")
	s.Compartment = string(sealed)
	a, err := h.Submit(t.Context(), s)
	must(t, err)
	open := h.submit("two")
	outside := docket.For(t.Context(), "eve")
	ask := func(id demand.ID) (out []string) {
		_, e1 := h.State(outside, id)
		_, e2 := h.History(outside, id)
		_, e3 := h.Do(outside, h.act(id, "eve", demand.Close{}))
		_, e4 := h.Receipt(outside, id)
		_, _, e5 := h.Original(outside, id)
		e6, e7 := h.Audit(outside, id), h.Rebuild(outside, id)
		_, e8 := h.Do(outside, h.act(open.ID, "eve", demand.LinkDemand{Other: id, Type: "follows"}))
		_, e9 := h.KeepDocument(outside, id, []byte("b"), "text/plain")
		_, _, e10 := h.Document(outside, id, demand.Digest{1})
		_, e11 := h.State(outside, demand.NotesOf(id))
		_, e12 := h.Open(outside, h.contest(id))
		for _, e := range []error{e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12} {
			wantCode(t, e, "docket.not_found")
			out = append(out, e.Error())
		}
		return out
	}
	if diff := cmp.Diff(ask("bbbb-22"), ask(a.ID)); diff != "" {
		t.Fatal(diff)
	}
	ask("K7WQ-93")
	for reader, want := range map[demand.Person]int{"eve": 1, "mia": 2} {
		for _, compartments := range [][]string{nil, {string(sealed), docket.General}} {
			items, err := h.Queue(docket.For(t.Context(), reader), docket.QueryArgs{Compartments: compartments, Limit: 10})
			must(t, err)
			if len(items) != want {
				t.Fatalf("%s: %+v", reader, items)
			}
		}
	}
	if _, err = h.State(docket.For(t.Context(), "mia"), a.ID); err != nil {
		t.Fatal(err)
	}
}

func TestWithoutKeysNothingIsReadAndNothingIsBegunAnew(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	must(t, h.keys.Destroy(t.Context(), string(a.ID)))
	_, err := h.State(t.Context(), a.ID)
	wantCode(t, err, "keys.missing")
	_, err = h.Do(t.Context(), h.act(a.ID, "ann", demand.Close{}))
	wantCode(t, err, "keys.missing")
	items, err := h.Queue(t.Context(), docket.QueryArgs{Compartments: []string{docket.General}, Limit: 10})
	must(t, err)
	if len(items) != 1 || items[0].Problem == nil || items[0].View.Agency != "" {
		t.Fatalf("%+v", items)
	}
	must(t, h.keys.Destroy(t.Context(), "docket.index"))
	_, err = docket.New(t.Context(), h.config)
	wantCode(t, err, "keys.missing")
}

func TestReadingWhileOthersAppendIsNeverTakenForTampering(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	reach := h.stayOf(a.ID)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for range 10 {
				if _, err := h.Do(context.Background(), h.act(a.ID, "carl", demand.RecordStay{Source: "court", Reach: reach})); err != nil && problem.Code(err) != "docket.stale" {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 20 {
				if _, err := h.State(context.Background(), a.ID); err != nil && problem.Code(err) != "docket.stale" {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	must(t, h.Audit(t.Context(), a.ID))
}
