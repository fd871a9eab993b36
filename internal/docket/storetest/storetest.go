// Package storetest is the contract of docket.Store: what every store of demands
// must do. It imports docket, demand, ledger and the standard library.
package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
)

// Opened is a store under test.
type Opened struct {
	Store docket.Store
	// HasEntry looks into the ledger's outbox.
	HasEntry func(t *testing.T, id ledger.ID) bool
	// Reopen ends the store and opens it again.
	Reopen func() Opened
}

// Run runs the contract on stores that fresh opens empty.
func Run(t *testing.T, fresh func(t *testing.T) Opened) {
	tests := []struct {
		name string
		test func(*testing.T, Opened)
	}{
		{"what was stored comes back, after reopening too", comesBack},
		{"a demand that is not there is an empty stream", isEmpty},
		{"eight writers of one stream leave no gap and lose nothing", eightWriters},
		{"eight writers of eight streams leave no gap and lose nothing", eightStreams},
		{"a transaction that fails at any step leaves nothing", leavesNothing},
		{"a command is done once, and its id stands for one request", once},
		{"appending to a stream that has moved is stale", stale},
		{"duties fall due oldest first, and what is not due does not count", dutiesInOrder},
		{"duties are replaced, and one that stays keeps its lease", dutiesReplaced},
		{"no duty is leased to two", leasedToOne},
		{"a lease ends, is given back by its holder alone, and never exceeds the bound", leaseEnds},
		{"the queue pages through a compartment in order, each demand once", queuePages},
		{"the clock mark is the last one set", clock},
		{"a receipt is stored once", receiptOnce},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) { c.test(t, fresh(t)) })
	}
}

// At is a whole second that the contract's times are relative to.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).Add(time.Duration(seconds) * time.Second)
}

func sum(parts ...any) docket.Digest { return sha256.Sum256([]byte(fmt.Sprint(parts...))) }

func records(id demand.ID, after demand.Seq, n int) (out []docket.Record) {
	for i := range n {
		seq := after + demand.Seq(i) + 1
		out = append(out, docket.Record{Seq: seq, Chain: sum(id, seq), Sealed: []byte(fmt.Sprint("record ", id, seq))})
	}
	return out
}

func mark(id demand.ID, name string) docket.Mark {
	return docket.Mark{Token: sum("token", name), Request: sum("request", name), Demand: id, Sealed: []byte("mark " + name)}
}

func row(due int) docket.Row {
	return docket.Row{Compartment: "general", Status: "received", Due: at(due), Sealed: []byte("row")}
}

func duty(name string, due int) docket.Duty {
	return docket.Duty{Token: sum("duty", name), Clerk: true, Kind: "notice.send", Seat: "clerk", Due: at(due), Sealed: []byte("about " + name)}
}

func entry(name string) ledger.Entry {
	id := sum("entry", name)
	return ledger.Entry{ID: ledger.ID(id[:16]), Log: ledger.InJournal, Event: proof.Opening{Salt: sum("salt", name), Digest: sum("digest", name)}}
}

func begin(t *testing.T, s docket.Store, id demand.ID, due int, duties ...docket.Duty) {
	t.Helper()
	must(t, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
		return errors.Join(tx.Append(ctx, id, 0, records(id, 0, 1)), tx.Put(ctx, id, row(due), duties, nil))
	}))
}

func comesBack(t *testing.T, o Opened) {
	s := o.Store
	want := docket.Stream{ID: "k7wq-93", Last: 3, Head: sum("k7wq-93", demand.Seq(3)), Records: records("k7wq-93", 0, 3),
		Marks: []docket.Mark{mark("k7wq-93", "a")}, Row: row(5), Duties: []docket.Duty{duty("x", 5)}, Receipt: []byte("receipt")}
	must(t, s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
		return errors.Join(tx.Append(ctx, want.ID, 0, want.Records), tx.Once(ctx, want.Marks[0]),
			tx.Put(ctx, want.ID, want.Row, want.Duties, []ledger.Entry{entry("e"), entry("f")}), tx.PutReceipt(ctx, want.ID, want.Receipt))
	}))
	begin(t, s, "bbbb-22", 1, duty("x", 1)) // another demand, with a duty of the same name
	for range 2 {
		got, err := s.Load(t.Context(), want.ID)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		m, found, err := s.Done(t.Context(), want.Marks[0].Token)
		must(t, err)
		if diff := cmp.Diff(want.Marks[0], m); !found || diff != "" {
			t.Fatal(diff)
		}
		if !o.HasEntry(t, entry("e").ID) || !o.HasEntry(t, entry("f").ID) {
			t.Fatal("an entry did not reach the outbox")
		}
		o = o.Reopen()
		s = o.Store
	}
}

func isEmpty(t *testing.T, o Opened) {
	begin(t, o.Store, "bbbb-22", 1)
	s, err := o.Store.Load(t.Context(), "k7wq-93")
	must(t, err)
	if s.Last != 0 || len(s.Records)+len(s.Marks)+len(s.Duties)+len(s.Receipt) != 0 {
		t.Fatalf("%+v", s)
	}
	_, found, err := o.Store.Done(t.Context(), sum("nothing"))
	must(t, err)
	if found {
		t.Fatal("a mark that nobody made")
	}
}

// write appends one event to the stream, trying again while others come first.
func write(t *testing.T, s docket.Store, id demand.ID, name string) {
	for n := 0; ; n++ {
		st, err := s.Load(t.Context(), id)
		if err != nil {
			t.Error(err)
			return
		}
		r := docket.Record{Seq: st.Last + 1, Chain: sum(name), Sealed: []byte(name)}
		err = s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			if err := tx.Append(ctx, id, st.Last, []docket.Record{r}); err != nil {
				return err
			}
			return tx.Put(ctx, id, row(1), nil, []ledger.Entry{entry(name)})
		})
		if err == nil {
			return
		}
		if !errors.Is(err, docket.ErrStale) || n > 10000 {
			t.Error(err)
			return
		}
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
	}
}

func writers(t *testing.T, o Opened, stream func(writer int) demand.ID) {
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 50 {
				write(t, o.Store, stream(w), fmt.Sprint("w", w, " i", i))
			}
		})
	}
	all.Wait()
	o = o.Reopen()
	seen := make(map[string]bool)
	for w := range 8 {
		st, err := o.Store.Load(t.Context(), stream(w))
		must(t, err)
		for i, r := range st.Records {
			if r.Seq != demand.Seq(i+1) {
				t.Fatalf("a gap before %d", r.Seq)
			}
			seen[string(r.Sealed)] = true
		}
		if int(st.Last) != len(st.Records) {
			t.Fatalf("last is %d of %d", st.Last, len(st.Records))
		}
	}
	if len(seen) != 400 {
		t.Fatalf("%d events of 400", len(seen))
	}
	for name := range seen {
		if !o.HasEntry(t, entry(name).ID) {
			t.Fatalf("the entry of %q is lost", name)
		}
	}
}

func eightWriters(t *testing.T, o Opened) {
	writers(t, o, func(int) demand.ID { return "k7wq-93" })
}

func eightStreams(t *testing.T, o Opened) {
	writers(t, o, func(w int) demand.ID { return demand.ID(fmt.Sprintf("bbbb-2%d", w+2)) })
}

func leavesNothing(t *testing.T, o Opened) {
	s := o.Store
	mine := errors.New("mine")
	steps := []func(context.Context, docket.Tx) error{
		func(ctx context.Context, tx docket.Tx) error {
			return tx.Append(ctx, "k7wq-93", 0, records("k7wq-93", 0, 2))
		},
		func(ctx context.Context, tx docket.Tx) error { return tx.Once(ctx, mark("k7wq-93", "m")) },
		func(ctx context.Context, tx docket.Tx) error {
			return tx.Put(ctx, "k7wq-93", row(1), []docket.Duty{duty("d", 1)}, []ledger.Entry{entry("first"), entry("last")})
		},
		func(ctx context.Context, tx docket.Tx) error { return tx.PutReceipt(ctx, "k7wq-93", []byte("r")) },
		func(ctx context.Context, tx docket.Tx) error {
			return tx.SetClock(ctx, docket.ClockMark{Highest: at(1), Seal: sum("c")})
		},
	}
	for n := 1; n <= len(steps); n++ {
		err := s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			for _, step := range steps[:n] {
				if err := step(ctx, tx); err != nil {
					t.Errorf("step %d: %v", n, err)
				}
			}
			return mine
		})
		if !errors.Is(err, mine) {
			t.Fatalf("got %v", err)
		}
		nothing(t, o)
	}
	// An entry that the outbox refuses takes everything with it, as the last of several too.
	err := s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
		must(t, tx.Append(ctx, "k7wq-93", 0, records("k7wq-93", 0, 2)))
		return tx.Put(ctx, "k7wq-93", row(1), nil, []ledger.Entry{entry("first"), {}})
	})
	if err == nil {
		t.Fatal("an impossible entry was stored")
	}
	nothing(t, o)
}

func nothing(t *testing.T, o Opened) {
	t.Helper()
	isEmptyNow, err := o.Store.Load(t.Context(), "k7wq-93")
	must(t, err)
	_, marked, err := o.Store.Done(t.Context(), mark("k7wq-93", "m").Token)
	must(t, err)
	due, err := o.Store.Due(t.Context(), true, at(100), 10)
	must(t, err)
	page, err := o.Store.Queue(t.Context(), docket.Page{Compartment: "general", Limit: 10})
	must(t, err)
	_, ticked, err := o.Store.Clock(t.Context())
	must(t, err)
	left := isEmptyNow.Last > 0 || len(isEmptyNow.Records) > 0 || len(isEmptyNow.Receipt) > 0 || marked || len(due) > 0 || len(page) > 0 || ticked
	if left || o.HasEntry(t, entry("first").ID) || o.HasEntry(t, entry("last").ID) {
		t.Fatal("something of a failed transaction remains")
	}
}

func once(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "k7wq-93", 1)
	do := func(m docket.Mark) error {
		return s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error { return tx.Once(ctx, m) })
	}
	must(t, do(mark("k7wq-93", "a")))
	if err := do(mark("k7wq-93", "a")); !errors.Is(err, docket.ErrDone) {
		t.Errorf("the same again: %v", err)
	}
	changed := mark("k7wq-93", "a")
	changed.Request[31] ^= 1 // only the last byte differs
	if err := do(changed); !errors.Is(err, docket.ErrReused) {
		t.Errorf("another request: %v", err)
	}
	must(t, do(mark("k7wq-93", "b")))
	err := s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
		must(t, tx.Once(ctx, mark("k7wq-93", "c")))
		return tx.Once(ctx, mark("k7wq-93", "c"))
	})
	if !errors.Is(err, docket.ErrDone) {
		t.Errorf("twice in one transaction: %v", err)
	}
}

func stale(t *testing.T, o Opened) {
	s := o.Store
	begin(t, s, "k7wq-93", 1)
	for _, after := range []demand.Seq{0, 2, 7} {
		err := s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			return tx.Append(ctx, "k7wq-93", after, records("k7wq-93", after, 1))
		})
		if !errors.Is(err, docket.ErrStale) {
			t.Errorf("after %d: %v", after, err)
		}
	}
	err := s.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
		return tx.Append(ctx, "nnnn-22", 1, records("nnnn-22", 1, 1))
	})
	if !errors.Is(err, docket.ErrStale) {
		t.Errorf("a stream that is not there: %v", err)
	}
}

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
	p := docket.Page{Compartment: "general", Limit: 4}
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
	page, err := s.Queue(t.Context(), docket.Page{Compartment: "sealed", Limit: 4})
	must(t, err)
	if len(page) != 1 || page[0].Demand != "ssss-22" {
		t.Errorf("sealed: %+v", page)
	}
}

func clock(t *testing.T, o Opened) {
	_, found, err := o.Store.Clock(t.Context())
	must(t, err)
	if found {
		t.Error("a clock that nobody set")
	}
	for _, seconds := range []int{5, 9, 3} {
		want := docket.ClockMark{Highest: at(seconds), Seal: sum(seconds)}
		must(t, o.Store.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error { return tx.SetClock(ctx, want) }))
		o = o.Reopen()
		got, found, err := o.Store.Clock(t.Context())
		must(t, err)
		if diff := cmp.Diff(want, got); !found || diff != "" {
			t.Error(diff)
		}
	}
}

func receiptOnce(t *testing.T, o Opened) {
	begin(t, o.Store, "k7wq-93", 1)
	put := func(b string) error {
		return o.Store.Update(t.Context(), func(ctx context.Context, tx docket.Tx) error {
			return tx.PutReceipt(ctx, "k7wq-93", []byte(b))
		})
	}
	must(t, put("first"))
	if err := put("second"); !errors.Is(err, docket.ErrStale) {
		t.Errorf("got %v", err)
	}
	st, err := o.Store.Load(t.Context(), "k7wq-93")
	must(t, err)
	if string(st.Receipt) != "first" {
		t.Errorf("got %q", st.Receipt)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
