// Package storetest is the contract of docket.Store: what every store of demands
// must do. It imports docket, demand, ledger and the standard library.
package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
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
		{"a stream that has moved is not where it is expected", expects},
		{"of two that expect each other's stream unmoved one is stored", expectsAtOnce},
		{"a stream's compartment and head are found", findsStreams},
		{"a case's members are replaced, and found by either", membersReplaced},
		{"documents are kept once, and at most so many", documentsKept},
		{"rows are found by kind, seat, status, emergency and day, and counted", rowsFound},
		{"a duty's alarm moves once, and begins anew with another time", alarmsMove},
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
	return docket.Row{Stream: "demand", Compartment: "general", Status: "received", Seat: "reviewer", Due: at(due), Sealed: []byte("row")}
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
	page, err := o.Store.Queue(t.Context(), docket.Page{Compartment: "general", Stream: "demand", Limit: 10})
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
