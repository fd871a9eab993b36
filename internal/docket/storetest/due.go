package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

func dutiesInOrder(t *testing.T, o Opened) {
	s := o.Store
	person := duty("p", 2)
	person.Clerk, person.Seat = false, "reviewer"
	begin(t, s, "bbbb-22", 1, duty("a", 30), duty("b", 10), person)
	begin(t, s, "cccc-22", 1, duty("c", 20), duty("later", 101))
	for i := range 200 {
		begin(t, s, demand.ID(fmt.Sprintf("dddd-%02d", i)), 1, duty("far", 1000+i))
	}
	var got []string
	due, err := s.Due(t.Context(), true, at(100), 10)
	must(t, err)
	for _, y := range due {
		got = append(got, string(y.Sealed))
	}
	if want := []string{"about b", "about c", "about a"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	due, err = s.Due(t.Context(), true, at(100), 2)
	must(t, err)
	if len(due) != 2 {
		t.Errorf("a limit of 2 gave %d", len(due))
	}
	due, err = s.Due(t.Context(), false, at(100), 10)
	must(t, err)
	if len(due) != 1 || due[0].Demand != "bbbb-22" || due[0].Tries != 0 || cmp.Diff(person, due[0].Duty) != "" {
		t.Errorf("of people: %+v", due)
	}
	due, err = s.Claim(t.Context(), docket.Claim{Holder: [16]byte{1}, Now: at(10), Until: at(20), Limit: 10})
	must(t, err)
	if len(due) != 1 || string(due[0].Sealed) != "about b" || due[0].Tries != 1 {
		t.Errorf("claimed at the very moment: %+v", due)
	}
}

func dutiesReplaced(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "k7wq-93", 1, duty("stays", 1), duty("goes", 1))
	begin(t, s, "bbbb-22", 1, duty("goes", 500))
	holder := docket.Claim{Holder: [16]byte{1}, Now: at(2), Until: at(50), Limit: 10}
	due, err := s.Claim(t.Context(), holder)
	must(t, err)
	if len(due) != 2 {
		t.Fatalf("claimed %d of 2", len(due))
	}
	must(t, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
		return tx.Put(ctx, "k7wq-93", row(1), []docket.Duty{duty("stays", 2), duty("new", 3)}, nil)
	}))
	holder.Now, holder.Holder = at(5), [16]byte{2}
	due, err = s.Claim(t.Context(), holder)
	must(t, err)
	if len(due) != 1 || string(due[0].Sealed) != "about new" {
		t.Errorf("got %+v", due)
	}
	st, err := s.Load(t.Context(), "bbbb-22")
	must(t, err)
	if len(st.Duties) != 1 {
		t.Error("another demand's duties were touched")
	}
}

func leasedToOne(t *testing.T, o Opened) {
	s := o.Store
	for i := range 40 {
		begin(t, s, demand.ID(fmt.Sprintf("dddd-%02d", i)), 1, duty("d", i))
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	holders := make(map[demand.ID]int)
	for w := range 8 {
		all.Go(func() {
			for range 3 {
				due, err := s.Claim(t.Context(), docket.Claim{Holder: [16]byte{byte(w + 1)}, Now: at(100), Until: at(200), Limit: 4})
				if err != nil {
					t.Error(err)
				}
				if len(due) > 4 {
					t.Errorf("a limit of 4 gave %d", len(due))
				}
				mu.Lock()
				for _, y := range due {
					holders[y.Demand]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(holders) != 40 {
		t.Errorf("%d of 40 were claimed", len(holders))
	}
	for id, n := range holders {
		if n != 1 {
			t.Errorf("%s was leased %d times", id, n)
		}
	}
}

func leaseEnds(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "k7wq-93", 1, duty("d", 0))
	claim := func(holder byte, now int, until time.Time) int {
		due, err := s.Claim(t.Context(), docket.Claim{Holder: [16]byte{holder}, Now: at(now), Until: until, Limit: 10})
		must(t, err)
		return len(due)
	}
	check := func(what string, got, want int) {
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	token := duty("d", 0).Token
	check("first", claim(1, 0, at(10)), 1)
	check("while leased", claim(2, 9, at(20)), 0)
	check("when it ends", claim(2, 10, at(20)), 1)
	must(t, s.Defer(t.Context(), "k7wq-93", token, [16]byte{1}, at(11)))
	check("given back by one who no longer holds it", claim(3, 12, at(30)), 0)
	must(t, s.Defer(t.Context(), "k7wq-93", token, [16]byte{2}, at(15)))
	check("put off", claim(3, 14, at(30)), 0)
	check("put off until now", claim(3, 15, at(30)), 1)
	must(t, s.Defer(t.Context(), "k7wq-93", token, [16]byte{3}, at(15)))
	check("a lease for ever", claim(4, 15, at(15).Add(1000*docket.MaxLease)), 1)
	check("after the longest lease", claim(5, 16+int(docket.MaxLease.Seconds()), at(20)), 1)
	must(t, s.Defer(t.Context(), "k7wq-93", token, [16]byte{5}, at(0).Add(1000*docket.MaxLease)))
	check("put off for ever", claim(6, 17+int(docket.MaxLease.Seconds()), at(20)), 1)
}

func queuePages(t *testing.T, o Opened) {
	s := o.Store
	var want []string
	for i := range 30 {
		id := demand.ID(fmt.Sprintf("dddd-%02d", i))
		begin(t, s, id, i/7) // several fall due at once
		want = append(want, string(id))
	}
	must(t, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
		r := row(0)
		r.Compartment = "sealed"
		return errors.Join(tx.Append(ctx, "ssss-22", 0, records("ssss-22", 0, 1)), tx.Put(ctx, "ssss-22", r, nil, nil))
	}))
	var got []string
	p := docket.Page{Compartment: "general", Stream: "demand", Limit: 4}
	for {
		page, err := s.Queue(t.Context(), p)
		must(t, err)
		if len(page) == 0 {
			break
		}
		for _, l := range page {
			got = append(got, string(l.Demand))
			p.Due, p.After = l.Due, l.Demand
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	page, err := s.Queue(t.Context(), docket.Page{Compartment: "sealed", Stream: "demand", Limit: 4})
	must(t, err)
	if len(page) != 1 || page[0].Demand != "ssss-22" {
		t.Errorf("sealed: %+v", page)
	}
}
