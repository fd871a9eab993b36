package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

func expects(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "k7wq-93", 1)
	begin(t, s, "c-bbbb-22", 1)
	for _, c := range []struct {
		id   demand.ID
		last demand.Seq
		want error
	}{{"k7wq-93", 1, nil}, {"k7wq-93", 0, docket.ErrStale}, {"k7wq-93", 2, docket.ErrStale}, {"nnnn-22", 0, docket.ErrStale}, {"nnnn-22", 1, docket.ErrStale}} {
		err := s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			if err := tx.Append(ctx, "c-bbbb-22", 1, records("c-bbbb-22", 1, 1)); err != nil {
				return err
			}
			if err := tx.Expect(ctx, c.id, c.last); err != nil {
				return err
			}
			return errors.New("taken back")
		})
		if c.want != nil && !errors.Is(err, c.want) || c.want == nil && errors.Is(err, docket.ErrStale) {
			t.Errorf("%s at %d: %v", c.id, c.last, err)
		}
	}
}

// Two streams, and two kinds of writer: each asks that the other's stream is where
// it saw it. Of two that saw the same, one is stored.
func expectsAtOnce(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "aaaa-22", 1)
	begin(t, s, "bbbb-22", 1)
	var stored atomic.Int64
	var all sync.WaitGroup
	for w := range 8 {
		mine, other := demand.ID("aaaa-22"), demand.ID("bbbb-22")
		if w%2 == 1 {
			mine, other = other, mine
		}
		all.Go(func() {
			for range 10 {
				a, errA := s.Load(t.Context(), mine)
				b, errB := s.Load(t.Context(), other)
				err := errors.Join(errA, errB, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
					steps := []func() error{
						func() error { return tx.Append(ctx, mine, a.Last, records(mine, a.Last, 1)) },
						func() error { return tx.Expect(ctx, other, b.Last) },
					}
					if mine > other {
						slices.Reverse(steps)
					}
					for _, step := range steps {
						if err := step(); err != nil {
							return err
						}
					}
					return nil
				}))
				if err == nil {
					stored.Add(1)
				} else if !errors.Is(err, docket.ErrStale) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	a, err := s.Load(t.Context(), "aaaa-22")
	must(t, err)
	b, err := s.Load(t.Context(), "bbbb-22")
	must(t, err)
	if n := int64(a.Last + b.Last - 2); n != stored.Load() || n == 0 {
		t.Fatalf("%d events of %d that were answered", n, stored.Load())
	}
}

func findsStreams(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "k7wq-93", 1)
	compartment, found, err := s.Compartment(t.Context(), "k7wq-93")
	must(t, err)
	if compartment != "general" || !found {
		t.Errorf("%q %v", compartment, found)
	}
	_, found, err = s.Compartment(t.Context(), "bbbb-22")
	must(t, err)
	if found {
		t.Error("a row that nobody put")
	}
	last, head, err := s.Head(t.Context(), "k7wq-93")
	must(t, err)
	if last != 1 || head != sum("k7wq-93", demand.Seq(1)) {
		t.Errorf("%d %x", last, head)
	}
	last, _, err = s.Head(t.Context(), "bbbb-22")
	must(t, err)
	if last != 0 {
		t.Errorf("a head of nothing: %d", last)
	}
}

func membersReplaced(t *testing.T, o Opened) {
	s := o.Store
	put := func(id demand.ID, names ...string) {
		must(t, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			var tokens []docket.Digest
			for _, n := range names {
				tokens = append(tokens, sum(n))
			}
			return tx.PutMembers(ctx, id, tokens)
		}))
	}
	begin(t, s, "x-bbbb-22", 1)
	begin(t, s, "x-cccc-22", 1)
	put("x-bbbb-22", "mia", "max")
	put("x-cccc-22", "mia", "eve")
	put("x-bbbb-22", "mia", "ann", "mia")
	o = o.Reopen()
	s = o.Store
	for name, want := range map[string][]demand.ID{"mia": {"x-bbbb-22", "x-cccc-22"}, "max": nil, "ann": {"x-bbbb-22"}, "eve": {"x-cccc-22"}} {
		got, err := s.Cases(t.Context(), sum(name))
		must(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		in, err := s.Member(t.Context(), sum(name), "x-bbbb-22")
		must(t, err)
		if in != slices.Contains(want, "x-bbbb-22") {
			t.Errorf("%s: member %v", name, in)
		}
	}
	begin(t, s, "k7wq-93", 1)
	begin(t, s, "z2222-22", 1)
	for _, c := range []struct {
		after demand.ID
		limit int
		want  []demand.ID
	}{{"", 10, []demand.ID{"x-bbbb-22", "x-cccc-22"}}, {"", 1, []demand.ID{"x-bbbb-22"}}, {"x-bbbb-22", 10, []demand.ID{"x-cccc-22"}}, {"x-cccc-22", 10, nil}} {
		got, err := s.SealedCases(t.Context(), c.after, c.limit)
		must(t, err)
		if !slices.Equal(got, c.want) {
			t.Errorf("%d sealed cases after %q: %v, want %v", c.limit, c.after, got, c.want)
		}
	}
	list, err := s.Members(t.Context(), "x-bbbb-22")
	must(t, err)
	if len(list) != 2 {
		t.Errorf("%d members, want 2", len(list))
	}
}

func documentsKept(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "k7wq-93", 1)
	begin(t, s, "bbbb-22", 1)
	doc := func(n int) docket.Document {
		return docket.Document{Token: sum("doc", n), Sealed: fmt.Append(nil, "document ", n)}
	}
	put := func(id demand.ID, d docket.Document) error {
		return s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error { return tx.PutDocument(ctx, id, d, 2) })
	}
	must(t, put("k7wq-93", doc(1)))
	must(t, put("bbbb-22", doc(1)))
	again := doc(1)
	again.Sealed = []byte("other bytes")
	must(t, put("k7wq-93", again))
	must(t, put("k7wq-93", doc(2)))
	if err := put("k7wq-93", doc(3)); !errors.Is(err, docket.ErrFull) {
		t.Errorf("one too many: %v", err)
	}
	must(t, put("k7wq-93", again))
	s = o.Reopen().Store
	list, err := s.Documents(t.Context(), "k7wq-93")
	must(t, err)
	if len(list) != 2 {
		t.Fatalf("%d documents, want 2", len(list))
	}
	got, found, err := s.Document(t.Context(), "k7wq-93", doc(1).Token)
	must(t, err)
	if diff := cmp.Diff(doc(1), got); !found || diff != "" {
		t.Error(diff)
	}
	_, found, err = s.Document(t.Context(), "bbbb-22", doc(2).Token)
	must(t, err)
	if found {
		t.Error("a document of another stream")
	}
}

func rowsFound(t *testing.T, o Opened) {
	s := o.Store
	rows := map[demand.ID]docket.Row{}
	put := func(id demand.ID, change func(*docket.Row)) {
		r := row(len(rows))
		change(&r)
		rows[id] = r
		must(t, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			return errors.Join(tx.Append(ctx, id, 0, records(id, 0, 1)), tx.Put(ctx, id, r, nil, nil))
		}))
	}
	put("aaaa-22", func(*docket.Row) {})
	put("bbbb-22", func(r *docket.Row) { r.Seat = "counsel" })
	put("cccc-22", func(r *docket.Row) { r.Status = "closed" })
	put("dddd-22", func(r *docket.Row) { r.Emergency = true })
	put("c-eeee-22", func(r *docket.Row) { r.Stream = "contest" })
	put("ffff-22", func(r *docket.Row) { r.Status, r.Seat, r.Due = "closed", "counsel", docket.Never })
	s = o.Reopen().Store
	for id, want := range rows {
		st, err := s.Load(t.Context(), id)
		must(t, err)
		if diff := cmp.Diff(want, st.Row); diff != "" {
			t.Error(diff)
		}
	}
	for name, c := range map[string]struct {
		change func(*docket.Page)
		want   []demand.ID
	}{
		"demands":          {func(*docket.Page) {}, []demand.ID{"aaaa-22", "bbbb-22", "cccc-22", "dddd-22", "ffff-22"}},
		"a seat":           {func(p *docket.Page) { p.Seat = "counsel" }, []demand.ID{"bbbb-22", "ffff-22"}},
		"a status":         {func(p *docket.Page) { p.Status = "closed" }, []demand.ID{"cccc-22", "ffff-22"}},
		"both":             {func(p *docket.Page) { p.Seat, p.Status = "counsel", "closed" }, []demand.ID{"ffff-22"}},
		"emergencies":      {func(p *docket.Page) { p.Emergency = true }, []demand.ID{"dddd-22"}},
		"contests":         {func(p *docket.Page) { p.Stream = "contest" }, []demand.ID{"c-eeee-22"}},
		"before a day":     {func(p *docket.Page) { p.Until = at(2) }, []demand.ID{"aaaa-22", "bbbb-22"}},
		"after another":    {func(p *docket.Page) { p.Due, p.After = at(1), "bbbb-22" }, []demand.ID{"cccc-22", "dddd-22", "ffff-22"}},
		"seat, after":      {func(p *docket.Page) { p.Seat, p.Due, p.After = "counsel", at(1), "bbbb-22" }, []demand.ID{"ffff-22"}},
		"nothing of it":    {func(p *docket.Page) { p.Stream = "matter" }, nil},
		"at most two":      {func(p *docket.Page) { p.Limit = 2 }, []demand.ID{"aaaa-22", "bbbb-22"}},
		"elsewhere sealed": {func(p *docket.Page) { p.Compartment = "x-2222-22" }, nil},
	} {
		p := docket.Page{Compartment: "general", Stream: "demand", Limit: 10, Due: time.UnixMilli(-1 << 60)}
		c.change(&p)
		list, err := s.Queue(t.Context(), p)
		must(t, err)
		var got []demand.ID
		for _, l := range list {
			got = append(got, l.Demand)
		}
		n, err := s.Count(t.Context(), p)
		must(t, err)
		if !slices.Equal(got, c.want) || n != len(c.want) {
			t.Errorf("%s: %v, counted %d, want %v", name, got, n, c.want)
		}
	}
}

func alarmsMove(t *testing.T, o Opened) {
	s := o.Store
	person := func(name string, due int) docket.Duty {
		y := duty(name, due)
		y.Clerk, y.Seat = false, "reviewer"
		return y
	}
	const day = 24 * 60 * 60
	begin(t, s, "k7wq-93", 1, person("near", day+10), person("far", 9*day), duty("clerk's", day))
	alarms := func(now int) []docket.Alarm {
		list, err := s.Alarms(t.Context(), at(now), 10)
		must(t, err)
		return list
	}
	if n := len(alarms(9)); n != 0 {
		t.Fatalf("%d before the time", n)
	}
	list := alarms(10)
	if len(list) != 1 || string(list[0].Sealed) != "about near" || !list[0].At.Equal(at(10)) {
		t.Fatalf("%+v", list)
	}
	gone := list[0]
	gone.Token = sum("gone")
	for n, want := range []int{1, 0} {
		moved, err := s.MoveAlarms(t.Context(), []docket.AlarmMove{{Alarm: gone, To: at(500)}, {Alarm: list[0], To: at(500)}})
		must(t, err)
		if len(moved) != want || want == 1 && string(moved[0].Sealed) != "about near" {
			t.Errorf("move %d: %v", n+1, moved)
		}
	}
	put := func(duties ...docket.Duty) {
		must(t, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error { return tx.Put(ctx, "k7wq-93", row(1), duties, nil) }))
	}
	put(person("near", day+10))
	if n := len(alarms(499)); n != 0 {
		t.Error("a duty that stays as it is began anew")
	}
	if n := len(alarms(500)); n != 1 {
		t.Error("the next step did not come")
	}
	put(person("near", day+20))
	if n := len(alarms(20)); n != 1 {
		t.Error("a duty of another time did not begin anew")
	}
}
