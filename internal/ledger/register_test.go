package ledger_test

import (
	"path/filepath"
	"testing"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

func (w *world) register() *ledger.Register {
	w.t.Helper()
	r, err := ledger.OpenRegister(w.t.Context(), w.config())
	must(w.t, err)
	w.t.Cleanup(func() { r.Close() })
	return r
}

func TestARegisterBatchHidesItsDemandsAndProvesEach(t *testing.T) {
	w := newWorld(t, "register.example")
	r := w.register()
	var entries []ledger.Entry
	var openings []proof.RegisterOpening
	for range 3 {
		e, o := ledgertest.Demand(t)
		entries, openings = append(entries, e), append(openings, o)
	}
	w.insert(entries...)
	must(t, r.Batch(t.Context()))
	w.sameLeaves(ledger.InRegister, 256)
	reader := ledger.NewReader(w.dir, ledger.InRegister, w.db, w.policy)
	inOrder := true
	for i, e := range entries {
		p, err := reader.ProveRegister(t.Context(), ledger.ByID(e.ID))
		must(t, err)
		parsed, err := proof.ParseRegisterProof(p.Marshal())
		must(t, err)
		_, err = proof.VerifyRegister(parsed, openings[i], w.policy)
		must(t, err)
		_, err = proof.VerifyRegister(parsed, openings[(i+1)%3], w.policy)
		wantCode(t, err, "proof.opening_mismatch")
		inOrder = inOrder && p.Index == uint64(i)
		_, err = reader.Prove(t.Context(), ledger.ByID(e.ID))
		wantCode(t, err, "ledger.unknown")
	}
	if inOrder {
		t.Error("the batch is not permuted")
	}
	// An empty day looks the same.
	must(t, r.Batch(t.Context()))
	w.sameLeaves(ledger.InRegister, 512)
	must(t, r.Close())
	rep, err := ledger.Check(t.Context(), w.dir, w.policy)
	must(t, err)
	if rep.Log != ledger.InRegister || rep.Size != 512 {
		t.Fatalf("got %+v", rep)
	}
}

func TestARegisterBatchGrowsToTheNextSize(t *testing.T) {
	w := newWorld(t, "register.example")
	r := w.register()
	for range 257 {
		e, _ := ledgertest.Demand(t)
		w.insert(e)
	}
	must(t, r.Batch(t.Context()))
	w.sameLeaves(ledger.InRegister, 1024)
}

func TestARegisterKilledBetweenPersistAndAddResumes(t *testing.T) {
	w := newWorld(t, "register.example")
	c := w.config()
	c.Outbox = dying{w.db}
	r, err := ledger.OpenRegister(t.Context(), c)
	must(t, err)
	if err := r.Batch(t.Context()); err == nil {
		t.Fatal("the batch must fail")
	}
	must(t, r.Close())
	again := w.register()
	must(t, again.Batch(t.Context()))
	w.sameLeaves(ledger.InRegister, 512)
}

func TestCheckFindsEachKindOfDamage(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	for range 300 { // one full tile and a partial one, two levels
		w.tick(j)
	}
	w.published(ledger.InJournal, 300)
	must(t, j.Close())
	rep, err := ledger.Check(t.Context(), w.dir, w.policy)
	must(t, err)
	if rep.Log != ledger.InJournal || rep.Size != 300 || !rep.Last.After(rep.First) || len(rep.Witnesses) != 1 {
		t.Fatalf("got %+v", rep)
	}
	for file, field := range map[string]string{
		"tile/entries/000":      "tile 0 of level 0",
		"tile/entries/001.p/44": "root",
		"tile/0/000":            "tile 0 of level 0",
		"tile/0/001.p/44":       "tile 1 of level 0",
		"tile/1/000.p/1":        "tile 0 of level 1",
	} {
		path := filepath.Join(w.dir, file)
		flip(t, path, -1)
		_, err := ledger.Check(t.Context(), w.dir, w.policy)
		wantCode(t, err, "ledger.damaged")
		if got := problem.Of(err).Field; got != field {
			t.Errorf("%s: found at %q, want %q", file, got, field)
		}
		flip(t, path, -1)
	}
	flip(t, filepath.Join(w.dir, "tile/entries/000"), 2)
	_, err = ledger.Check(t.Context(), w.dir, w.policy)
	wantCode(t, err, "ledger.unknown_leaf")
	flip(t, filepath.Join(w.dir, "tile/entries/000"), 2)
	_, err = ledger.Check(t.Context(), w.dir, newWorld(t, "journal.example").policy)
	wantCode(t, err, "proof.log_signature")
	_, err = ledger.Check(t.Context(), t.TempDir(), w.policy)
	wantCode(t, err, "ledger.pending")
}

func TestCheckRefusesTicksThatDoNotGoForward(t *testing.T) {
	w := newWorld(t, "journal.example")
	epoch, err := w.db.Claim(t.Context(), ledger.InJournal)
	must(t, err)
	leaf := ledger.Leaf{Bytes: proof.JournalLeaf{TickMillis: 1}.Marshal(), Key: make([]byte, 32)}
	must(t, w.db.Sequence(t.Context(), ledger.Batch{Log: ledger.InJournal, Epoch: epoch, Leaves: []ledger.Leaf{leaf, leaf}}))
	j := w.journal()
	w.published(ledger.InJournal, 2)
	must(t, j.Close())
	_, err = ledger.Check(t.Context(), w.dir, w.policy)
	wantCode(t, err, "ledger.unknown_leaf")
	if got := problem.Of(err).Field; got != "leaf 1" {
		t.Errorf("found at %q", got)
	}
}
