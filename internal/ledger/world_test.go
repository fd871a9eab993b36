package ledger_test

import (
	"crypto/rand"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"

	"golang.org/x/mod/sumdb/note"
)

// world is a log with one witness in process, and its database.
type world struct {
	t       testing.TB
	dir     string
	db      *ledgertest.Memory
	key     string
	policy  proof.Policy
	witness *witness.Witness
	clock   time.Time
	opened  ledger.Config // by spare
}

func newWorld(t testing.TB, origin string) *world {
	t.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	must(t, err)
	wkey, _, err := note.GenerateKey(rand.Reader, "witness.example")
	must(t, err)
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "log"), db: ledgertest.NewMemory(), key: skey,
		clock: time.Date(2031, 3, 1, 12, 0, 0, 0, time.UTC)}
	w.witness, err = witness.Open(witness.Config{Dir: t.TempDir(), Key: wkey, Logs: []string{vkey}, Now: time.Now})
	must(t, err)
	t.Cleanup(func() { w.witness.Close() })
	w.policy, err = proof.NewPolicy(vkey, []string{w.witness.VerifierKey()}, 1)
	must(t, err)
	return w
}

func (w *world) config() ledger.Config {
	handlers := map[string]http.Handler{"w1": w.witness.Handler()}
	return ledger.Config{Dir: w.dir, Key: w.key, Policy: w.policy,
		Witnesses: []ledger.WitnessAt{{Key: w.witness.VerifierKey(), URL: "http://w1/"}},
		HTTP:      &http.Client{Transport: witness.Transport{InProcess: handlers}},
		Outbox:    w.db, Random: rand.Reader, Period: ledger.MinPeriod,
		Now: func() time.Time { return w.clock }}
}

func (w *world) journal() *ledger.Journal {
	w.t.Helper()
	j, err := ledger.OpenJournal(w.t.Context(), w.config())
	must(w.t, err)
	w.t.Cleanup(func() { j.Close() })
	return j
}

func (w *world) tick(j *ledger.Journal) {
	w.t.Helper()
	w.clock = w.clock.Add(ledger.MinPeriod)
	must(w.t, j.Tick(w.t.Context()))
}

func (w *world) reader() *ledger.Reader {
	return ledger.NewReader(w.dir, ledger.InJournal, w.db, w.policy)
}

func (w *world) insert(entries ...ledger.Entry) {
	w.t.Helper()
	for _, e := range entries {
		must(w.t, w.db.Insert(w.t.Context(), e))
	}
}

// published waits until the checkpoint covers size leaves.
func (w *world) published(log ledger.Log, size uint64) ledger.Head {
	w.t.Helper()
	r := ledger.NewReader(w.dir, log, w.db, w.policy)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		head, err := r.Latest(w.t.Context())
		if err == nil && head.Size >= size {
			return head
		}
		if time.Now().After(end) {
			w.t.Fatalf("no checkpoint of size %d: %v, %+v", size, err, head.Checkpoint)
		}
	}
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
