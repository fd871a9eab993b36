package ledger_test

import (
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
	"counterseal/internal/ledger/proof"
)

// switched is a witness that answers while it is on.
func switched(on *atomic.Bool) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !on.Load() {
				http.Error(rw, "not now", http.StatusServiceUnavailable)
				return
			}
			h.ServeHTTP(rw, r)
		})
	}
}

// spare opens a journal of three witnesses, all of which must cosign, beside an emergency
// policy of one of the two that are not the world's own. far and near switch those.
func (w *world) spare(far, near *atomic.Bool) (*ledger.Journal, *ledger.Under) {
	w.t.Helper()
	c := w.config()
	c.Witnesses = append(c.Witnesses, w.outside("far.example", switched(far)), w.outside("near.example", switched(near)))
	keys := []string{c.Witnesses[0].Key, c.Witnesses[1].Key, c.Witnesses[2].Key}
	var err error
	w.policy, err = proof.NewPolicy(w.policy.LogKey(), keys, 3)
	must(w.t, err)
	c.Policy = w.policy
	c.Emergency, err = proof.NewPolicy(w.policy.LogKey(), keys[1:], 1)
	must(w.t, err)
	w.opened = c
	j, err := ledger.OpenJournal(w.t.Context(), c)
	must(w.t, err)
	w.t.Cleanup(func() { j.Close() })
	return j, ledger.NewUnder(c.Policy, c.Emergency)
}

func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatal(what)
		}
	}
}

func TestWhatTheEmergencyPolicyHoldsForIsPublishedApartAndForWhoeverAsksForIt(t *testing.T) {
	w := newWorld(t, "journal.example")
	var far, near atomic.Bool
	far.Store(true)
	near.Store(true)
	j, under := w.spare(&far, &near)
	w.tick(j)
	w.published(ledger.InJournal, 1)
	near.Store(false)
	e := ledgertest.Event(false)
	w.insert(e)
	w.tick(j)
	ordinary := ledger.NewReaderUnder(w.dir, ledger.InJournal, w.db, under)
	spare := ordinary.InEmergency()
	w.until("no emergency checkpoint", func() bool {
		head, err := spare.Latest(t.Context())
		return err == nil && head.Size == 2 && head.Emergency
	})
	if head, err := ordinary.Latest(t.Context()); err != nil || head.Size != 1 || head.Emergency {
		t.Fatalf("the log's own checkpoint: %+v, %v", head.Checkpoint, err)
	}
	_, err := ordinary.Prove(t.Context(), ledger.ByID(e.ID))
	wantCode(t, err, "ledger.pending")
	p, err := spare.Prove(t.Context(), ledger.ByID(e.ID))
	must(t, err)
	_, err = proof.Verify(p, e.Event.Digest, under.Emergency())
	must(t, err)
	_, err = proof.Verify(p, e.Event.Digest, w.policy)
	wantCode(t, err, "proof.too_few_witnesses")
	must(t, spare.Whole(t.Context(), 0))
	// The writer begins again, as after a restoration: what lay there is not believed, and
	// is made again.
	must(t, j.Close())
	file := filepath.Join(w.dir, "checkpoint-emergency")
	must(t, os.WriteFile(file, []byte("of another moment"), 0o644))
	c := w.opened
	j, err = ledger.OpenJournal(t.Context(), c)
	must(t, err)
	t.Cleanup(func() { j.Close() })
	w.until("no emergency checkpoint after a start", func() bool {
		head, err := spare.Latest(t.Context())
		return err == nil && head.Size == 2 && head.Emergency
	})

	near.Store(true)
	w.published(ledger.InJournal, 2)
	w.until("the emergency checkpoint stays", func() bool {
		_, err := os.Stat(filepath.Join(w.dir, "checkpoint-emergency"))
		return os.IsNotExist(err)
	})
	if head, err := spare.Latest(t.Context()); err != nil || head.Emergency || head.Size != 2 {
		t.Fatalf("afterwards: %+v, %v", head.Checkpoint, err)
	}
}

func TestTheOwnWitnessAloneIsNoEmergencyPolicy(t *testing.T) {
	w := newWorld(t, "journal.example")
	var far, near atomic.Bool
	far.Store(true)
	near.Store(true)
	j, under := w.spare(&far, &near)
	w.tick(j)
	w.published(ledger.InJournal, 1)
	far.Store(false)
	near.Store(false)
	w.tick(j)
	time.Sleep(time.Second) // in which it was asked for more than once
	head, err := ledger.NewReaderUnder(w.dir, ledger.InJournal, w.db, under).InEmergency().Latest(t.Context())
	if err != nil || head.Size != 1 || head.Emergency {
		t.Fatalf("%+v, %v", head.Checkpoint, err)
	}
}

// The quorum names another threshold and another witness while the log is written.
func TestAWitnessPolicyIsTakenUpWhileTheLogRuns(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	w.published(ledger.InJournal, 1)
	own := w.config().Witnesses[0]
	var on atomic.Bool
	other := w.outside("other.example", switched(&on))
	policy, err := proof.NewPolicy(w.policy.LogKey(), []string{own.Key, other.Key}, 2)
	must(t, err)
	under := ledger.NewUnder(w.policy, proof.Policy{})
	reader := ledger.NewReaderUnder(w.dir, ledger.InJournal, w.db, under)
	wantCode(t, j.Take(policy, proof.Policy{}, []ledger.WitnessAt{own}), "ledger.config")
	must(t, j.Take(policy, proof.Policy{}, []ledger.WitnessAt{own, other}))
	under.Set(policy, proof.Policy{})
	w.tick(j)
	_, err = reader.Latest(t.Context())
	wantCode(t, err, "ledger.pending")
	on.Store(true)
	w.until("nothing is published under the new policy", func() bool {
		head, err := reader.Latest(t.Context())
		return err == nil && head.Size == 2 && len(head.Witnesses) == 2
	})
	for range 3 { // and it can go back, and on again
		must(t, j.Take(w.policy, proof.Policy{}, []ledger.WitnessAt{own}))
		must(t, j.Take(policy, proof.Policy{}, []ledger.WitnessAt{own, other}))
	}
	w.tick(j)
	w.until("it does not go on", func() bool {
		head, err := reader.Latest(t.Context())
		return err == nil && head.Size == 3
	})
}
