package ledgertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Store is a database under test: empty when Outbox gets it.
type Store interface {
	ledger.Outbox
	ledger.Placements
	Insert(context.Context, ledger.Entry) error
	FindAll(context.Context, []ledger.ID) (map[ledger.ID]ledger.Placement, error)
}

// Outbox runs the contract; open gives a new empty store each time.
func Outbox(t *testing.T, open func(*testing.T) Store) {
	for name, rule := range map[string]func(*testing.T, Store){
		"urgent entries come first, then the older ones":     pendingOrder,
		"an entry is inserted once and never changes":        insertOnce,
		"a bad entry does not reach the outbox":              insertChecks,
		"a batch is stored whole and read back":              sequenceReads,
		"a batch with one bad place, the last, does nothing": sequenceAtomic,
		"a batch of another size or epoch does nothing":      sequenceFenced,
		"the two logs do not mix":                            logsApart,
		"the register keeps leaf and padding":                registerReads,
		"what does not exist is ledger.unknown":              unknowns,
		"of many entries those are found that there are":     findsMany,
	} {
		t.Run(name, func(t *testing.T) { rule(t, open(t)) })
	}
}

// Event makes a journal entry with random salt and digest.
func Event(urgent bool) ledger.Entry {
	e := ledger.Entry{Log: ledger.InJournal, Urgent: urgent}
	rand.Read(e.ID[:])
	rand.Read(e.Event.Salt[:])
	rand.Read(e.Event.Digest[:])
	return e
}

// Demand makes a register entry and its opening.
func Demand(t testing.TB) (ledger.Entry, proof.RegisterOpening) {
	t.Helper()
	var digest [32]byte
	rand.Read(digest[:])
	country, err := proof.CountryOf("DK")
	must(t, err)
	o, err := proof.NewRegisterOpening(rand.Reader, proof.Fields{
		Country: country, Instrument: proof.InstrumentWarrant, Band: proof.BandOne, Class: proof.ClassOrdinary}, digest)
	must(t, err)
	leaf, err := o.Leaf()
	must(t, err)
	e := ledger.Entry{Log: ledger.InRegister, Leaf: leaf.Marshal()}
	rand.Read(e.ID[:])
	return e, o
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func insert(t testing.TB, s Store, entries ...ledger.Entry) {
	t.Helper()
	for _, e := range entries {
		must(t, s.Insert(t.Context(), e))
	}
}

func claim(t testing.TB, s Store, log ledger.Log) uint64 {
	t.Helper()
	epoch, err := s.Claim(t.Context(), log)
	must(t, err)
	return epoch
}

// tick makes a batch of one leaf that places the entries.
func tick(epoch, first uint64, entries ...ledger.Entry) ledger.Batch {
	key := make([]byte, 32)
	rand.Read(key)
	b := ledger.Batch{Log: ledger.InJournal, Epoch: epoch, First: first,
		Leaves: []ledger.Leaf{{Bytes: append([]byte{1}, key...), Key: key}}}
	for i, e := range entries {
		b.Places = append(b.Places, ledger.Place{Entry: e.ID, Sequence: first, Position: uint16(100 + i)})
	}
	return b
}

func pendingOrder(t *testing.T, s Store) {
	a, b, c, d := Event(false), Event(true), Event(false), Event(true)
	insert(t, s, a, b, c, d)
	for limit, want := range map[int][]ledger.Entry{1: {b}, 3: {b, d, a}, 9: {b, d, a, c}} {
		got, err := s.Pending(t.Context(), ledger.InJournal, limit)
		must(t, err)
		if len(got) != len(want) {
			t.Fatalf("limit %d: got %d entries", limit, len(got))
		}
		for i := range want {
			if got[i].ID != want[i].ID || got[i].Event != want[i].Event || got[i].Urgent != want[i].Urgent || got[i].Log != ledger.InJournal {
				t.Fatalf("limit %d, entry %d: got %+v, want %+v", limit, i, got[i], want[i])
			}
		}
	}
}

func findsMany(t *testing.T, s Store) {
	a, b, missing := Event(false), Event(true), Event(false)
	insert(t, s, a, b)
	must(t, s.Sequence(t.Context(), tick(claim(t, s, ledger.InJournal), 0, b)))
	got, err := s.FindAll(t.Context(), []ledger.ID{a.ID, missing.ID, b.ID})
	must(t, err)
	if len(got) != 2 || got[a.ID].Entry.Event != a.Event || got[a.ID].Sequenced || got[b.ID].Entry.Event != b.Event || !got[b.ID].Sequenced || got[b.ID].Position != 100 {
		t.Fatalf("got %+v", got)
	}
	none, err := s.FindAll(t.Context(), nil)
	must(t, err)
	if len(none) != 0 {
		t.Fatalf("got %+v", none)
	}
}

func insertOnce(t *testing.T, s Store) {
	a := Event(false)
	insert(t, s, a, a)
	other := Event(false)
	other.ID = a.ID
	wantCode(t, s.Insert(t.Context(), other), "ledger.entry_conflict")
	again := a
	again.ID = Event(false).ID
	wantCode(t, s.Insert(t.Context(), again), "ledger.entry_conflict")
	urgent := a
	urgent.Urgent = true
	wantCode(t, s.Insert(t.Context(), urgent), "ledger.entry_conflict")
	got, err := s.Pending(t.Context(), ledger.InJournal, 9)
	must(t, err)
	if len(got) != 1 || got[0].Event != a.Event || got[0].Urgent {
		t.Fatalf("got %+v", got)
	}
}

func insertChecks(t *testing.T, s Store) {
	noID, noSalt, noLog := Event(false), Event(false), Event(false)
	noID.ID, noSalt.Event.Salt, noLog.Log = ledger.ID{}, [32]byte{}, 3
	badLeaf, _ := Demand(t)
	badLeaf.Leaf = badLeaf.Leaf[:160]
	for _, e := range []ledger.Entry{noID, noSalt, noLog, badLeaf} {
		wantCode(t, s.Insert(t.Context(), e), "ledger.entry")
	}
}

func sequenceReads(t *testing.T, s Store) {
	ctx := t.Context()
	a, b, c := Event(false), Event(true), Event(false)
	insert(t, s, a, b, c)
	epoch := claim(t, s, ledger.InJournal)
	first, second := tick(epoch, 0, a, b), tick(epoch, 1)
	must(t, s.Sequence(ctx, first))
	must(t, s.Sequence(ctx, second))
	size, err := s.Size(ctx, ledger.InJournal)
	must(t, err)
	leaves, err := s.Leaves(ctx, ledger.InJournal, 0, 9)
	must(t, err)
	if size != 2 || len(leaves) != 2 || !bytes.Equal(leaves[0], first.Leaves[0].Bytes) || !bytes.Equal(leaves[1], second.Leaves[0].Bytes) {
		t.Fatalf("size %d, leaves %x", size, leaves)
	}
	one, err := s.Leaves(ctx, ledger.InJournal, 1, 1)
	must(t, err)
	if len(one) != 1 || !bytes.Equal(one[0], leaves[1]) {
		t.Fatalf("got %x", one)
	}
	p, err := s.Find(ctx, b.ID)
	must(t, err)
	byHash, err := s.FindHash(ctx, b.Hash())
	must(t, err)
	for _, p := range []ledger.Placement{p, byHash} {
		if !p.Sequenced || p.Sequence != 0 || p.Position != 101 || p.Entry.Event != b.Event || !p.Entry.Urgent {
			t.Fatalf("got %+v", p)
		}
	}
	in, err := s.Interval(ctx, 0)
	must(t, err)
	if !bytes.Equal(in.Leaf, leaves[0]) || !bytes.Equal(in.Key[:], first.Leaves[0].Key) || len(in.Events) != 2 {
		t.Fatalf("got %+v", in)
	}
	idle, err := s.Interval(ctx, 1)
	must(t, err)
	if len(idle.Events) != 0 {
		t.Fatalf("got %+v", idle)
	}
	left, err := s.Pending(ctx, ledger.InJournal, 9)
	must(t, err)
	waiting, err := s.Find(ctx, c.ID)
	must(t, err)
	if len(left) != 1 || left[0].ID != c.ID || waiting.Sequenced {
		t.Fatalf("got %+v, %+v", left, waiting)
	}
}

func nothingHappened(t *testing.T, s Store, log ledger.Log, size uint64, pending int) {
	t.Helper()
	n, err := s.Size(t.Context(), log)
	must(t, err)
	left, err := s.Pending(t.Context(), log, 99)
	must(t, err)
	if n != size || len(left) != pending {
		t.Fatalf("size %d, %d pending; want %d, %d", n, len(left), size, pending)
	}
}

func sequenceAtomic(t *testing.T, s Store) {
	a, b, unknown := Event(false), Event(false), Event(false)
	d, _ := Demand(t)
	insert(t, s, a, b, d)
	epoch := claim(t, s, ledger.InJournal)
	for _, last := range []ledger.Entry{unknown, a, d} {
		wantCode(t, s.Sequence(t.Context(), tick(epoch, 0, a, b, last)), "ledger.mismatch")
		nothingHappened(t, s, ledger.InJournal, 0, 2)
	}
	must(t, s.Sequence(t.Context(), tick(epoch, 0, a)))
	wantCode(t, s.Sequence(t.Context(), tick(epoch, 1, b, a)), "ledger.mismatch")
	nothingHappened(t, s, ledger.InJournal, 1, 1)
}

func sequenceFenced(t *testing.T, s Store) {
	a := Event(false)
	insert(t, s, a)
	old := claim(t, s, ledger.InJournal)
	claim(t, s, ledger.InRegister)
	must(t, s.Sequence(t.Context(), tick(old, 0)))
	current := claim(t, s, ledger.InJournal)
	if current <= old || old < 1 {
		t.Fatalf("epochs %d, %d", old, current)
	}
	wantCode(t, s.Sequence(t.Context(), tick(old, 1, a)), "ledger.busy")
	wantCode(t, s.Sequence(t.Context(), tick(current+1, 1, a)), "ledger.busy")
	wantCode(t, s.Sequence(t.Context(), tick(current, 0, a)), "ledger.mismatch")
	wantCode(t, s.Sequence(t.Context(), tick(current, 2, a)), "ledger.mismatch")
	nothingHappened(t, s, ledger.InJournal, 1, 1)
	must(t, s.Sequence(t.Context(), tick(current, 1, a)))
}

func logsApart(t *testing.T, s Store) {
	a := Event(false)
	d, _ := Demand(t)
	insert(t, s, a, d)
	nothingHappened(t, s, ledger.InJournal, 0, 1)
	nothingHappened(t, s, ledger.InRegister, 0, 1)
	must(t, s.Sequence(t.Context(), tick(claim(t, s, ledger.InJournal), 0, a)))
	nothingHappened(t, s, ledger.InJournal, 1, 0)
	nothingHappened(t, s, ledger.InRegister, 0, 1)
}

func registerReads(t *testing.T, s Store) {
	ctx := t.Context()
	d, _ := Demand(t)
	insert(t, s, d)
	padding, err := proof.NewPadding(rand.Reader)
	must(t, err)
	leaf, err := padding.Leaf()
	must(t, err)
	b := ledger.Batch{Log: ledger.InRegister, Epoch: claim(t, s, ledger.InRegister),
		Leaves: []ledger.Leaf{{Bytes: leaf.Marshal(), Padding: padding.Marshal()}, {Bytes: d.Leaf}},
		Places: []ledger.Place{{Entry: d.ID, Sequence: 1}}}
	must(t, s.Sequence(ctx, b))
	leaves, err := s.Leaves(ctx, ledger.InRegister, 0, 9)
	must(t, err)
	if len(leaves) != 2 || !bytes.Equal(leaves[1], d.Leaf) {
		t.Fatalf("got %x", leaves)
	}
	p, err := s.FindHash(ctx, d.Hash())
	must(t, err)
	if !p.Sequenced || p.Sequence != 1 || !bytes.Equal(p.Entry.Leaf, d.Leaf) || p.Entry.Log != ledger.InRegister {
		t.Fatalf("got %+v", p)
	}
}

func unknowns(t *testing.T, s Store) {
	_, err := s.Find(t.Context(), Event(false).ID)
	wantCode(t, err, "ledger.unknown")
	_, err = s.FindHash(t.Context(), Event(false).Hash())
	wantCode(t, err, "ledger.unknown")
	_, err = s.Interval(t.Context(), 0)
	wantCode(t, err, "ledger.unknown")
}
