package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/ledgertest"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"

	"crypto/rand"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

// logged gives the leaves in the log itself, up to the published checkpoint.
func (w *world) logged(size uint64) [][]byte {
	w.t.Helper()
	var out [][]byte
	tiles := client.FileFetcher{Root: w.dir}
	for i := uint64(0); uint64(len(out)) < size; i++ {
		b, err := client.GetEntryBundle(w.t.Context(), tiles.ReadEntryBundle, i, size)
		must(w.t, err)
		for _, e := range b.Entries {
			if uint64(len(out)) < size {
				out = append(out, e)
			}
		}
	}
	return out
}

// sameLeaves fails unless log and database hold the same leaves, all of them.
func (w *world) sameLeaves(log ledger.Log, want int) {
	w.t.Helper()
	w.published(log, uint64(want))
	kept, err := w.db.Leaves(w.t.Context(), log, 0, 1<<20)
	must(w.t, err)
	got := w.logged(uint64(want))
	if len(kept) != want {
		w.t.Fatalf("database: %d leaves, want %d", len(kept), want)
	}
	for i := range kept {
		if !bytes.Equal(kept[i], got[i]) {
			w.t.Fatalf("leaf %d differs", i)
		}
	}
}

// dying persists a batch and then the process dies: nothing is appended.
type dying struct{ *ledgertest.Memory }

func (d dying) Sequence(ctx context.Context, b ledger.Batch) error {
	err := d.Memory.Sequence(ctx, b)
	if err != nil {
		return err
	}
	return errors.New("killed between persist and add")
}

func TestKilledBetweenPersistAndAddItResumesWithoutGapOrDuplicate(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	w.tick(j)
	w.published(ledger.InJournal, 2)
	must(t, j.Close())

	c := w.config()
	c.Outbox = dying{w.db}
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	e := ledgertest.Event(false)
	w.insert(e)
	w.clock = w.clock.Add(time.Second)
	if err := j.Tick(t.Context()); err == nil {
		t.Fatal("the tick must fail")
	}
	must(t, j.Close())
	if head := w.published(ledger.InJournal, 2); head.Size != 2 {
		t.Fatalf("the leaf reached the log: size %d", head.Size)
	}

	j = w.journal()
	w.sameLeaves(ledger.InJournal, 3)
	_, err = w.reader().Await(t.Context(), ledger.ByID(e.ID))
	must(t, err)
	w.tick(j)
	w.sameLeaves(ledger.InJournal, 4)
}

// flaky persists but reports an error once: the outcome is unknown to the
// writer, which goes on living.
type flaky struct {
	*ledgertest.Memory
	left int
}

func (f *flaky) Sequence(ctx context.Context, b ledger.Batch) error {
	err := f.Memory.Sequence(ctx, b)
	if f.left--; err == nil && f.left >= 0 {
		return problem.New(problem.Unavailable, "store.unavailable", "no answer")
	}
	return err
}

func TestACommitWithoutAnswerIsFoundByTheNextTick(t *testing.T) {
	w := newWorld(t, "journal.example")
	c := w.config()
	c.Outbox = &flaky{w.db, 1}
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	defer j.Close()
	w.clock = w.clock.Add(time.Second)
	wantCode(t, j.Tick(t.Context()), "store.unavailable")
	w.tick(j)
	w.tick(j)
	w.sameLeaves(ledger.InJournal, 3)
}

func TestARolledBackDatabaseCannotStart(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	backup := w.db.Clone()
	w.tick(j)
	w.published(ledger.InJournal, 2)
	must(t, j.Close())
	w.db = backup
	_, err := ledger.OpenJournal(t.Context(), w.config())
	wantCode(t, err, "ledger.mismatch")
	if !strings.Contains(err.Error(), "more leaves than the database") {
		t.Errorf("got %v", err)
	}
	// Nor can it grow past the log on another history.
	rogue := newWorld(t, "journal.example")
	rogue.db = backup
	j = rogue.journal()
	rogue.clock = w.clock
	rogue.tick(j)
	rogue.tick(j)
	must(t, j.Close())
	_, err = ledger.OpenJournal(t.Context(), w.config())
	wantCode(t, err, "ledger.mismatch")
	// A refusal gives the lock back and leaves the log as it was.
	if head := w.published(ledger.InJournal, 2); head.Size != 2 {
		t.Fatalf("the log was written to: size %d", head.Size)
	}
	_, err = ledger.OpenJournal(t.Context(), w.config())
	wantCode(t, err, "ledger.mismatch")
}

func TestALostLogIsReplayedThoughItsWitnessRemembers(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	for range 5 {
		w.tick(j)
	}
	before := w.published(ledger.InJournal, 5)
	must(t, j.Close())
	must(t, os.RemoveAll(w.dir))
	j = w.journal()
	after := w.published(ledger.InJournal, 5)
	if after.Root != before.Root {
		t.Fatal("another history")
	}
	w.tick(j)
	w.sameLeaves(ledger.InJournal, 6)
}

func TestLogAndDatabaseRolledBackTogetherAreNotWitnessed(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	w.published(ledger.InJournal, 1)
	must(t, j.Close())
	backup := w.db.Clone()
	saved := filepath.Join(t.TempDir(), "saved")
	must(t, os.CopyFS(saved, os.DirFS(w.dir)))
	j = w.journal()
	w.tick(j)
	w.tick(j)
	w.published(ledger.InJournal, 3)
	must(t, j.Close())

	w.dir, w.db = saved, backup
	j = w.journal()
	e := ledgertest.Event(true)
	w.insert(e)
	for range 4 { // past the size that the witness saw, on another history
		w.clock = w.clock.Add(time.Second)
		must(t, j.Tick(t.Context()))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	_, err := w.reader().Await(ctx, ledger.ByID(e.ID))
	wantCode(t, err, "ledger.pending")
}

func TestADamagedLastBundleStopsTheWriter(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	w.tick(j)
	w.published(ledger.InJournal, 2)
	must(t, j.Close())
	flip(t, filepath.Join(w.dir, "tile", "entries", "000.p", "2"), -1)
	_, err := ledger.OpenJournal(t.Context(), w.config())
	wantCode(t, err, "ledger.mismatch")
}

func TestADamagedTileStopsTheWriter(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	w.tick(j)
	w.published(ledger.InJournal, 2)
	must(t, j.Close())
	flip(t, filepath.Join(w.dir, "tile", "0", "000.p", "2"), 0)
	_, err := ledger.OpenJournal(t.Context(), w.config())
	wantCode(t, err, "ledger.mismatch")
}

func TestACheckpointOfAnotherHistoryStopsTheWriter(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	w.tick(j)
	good := w.published(ledger.InJournal, 2)
	must(t, j.Close())
	path := filepath.Join(w.dir, "checkpoint")
	other := bytes.Replace(good.Text, []byte(good.Root.String()), []byte(proof.EmptyRoot().String()), 1)
	larger := bytes.Replace(good.Text, []byte("\n2\n"), []byte("\n3\n"), 1)
	renamed := bytes.Replace(good.Text, []byte("journal.example\n"), []byte("other.example\n"), 1)
	for name, bad := range map[string][]byte{"other root": other, "larger": larger, "other origin": renamed, "torn": good.Text[:40]} {
		must(t, os.WriteFile(path, bad, 0o644))
		_, err := ledger.OpenJournal(t.Context(), w.config())
		if problem.Code(err) != "ledger.mismatch" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	must(t, os.WriteFile(path, good.Text, 0o644))
	w.tick(w.journal())
}

func TestALeafOfSomebodyElseStopsTheWriter(t *testing.T) {
	w := newWorld(t, "journal.example")
	j := w.journal()
	w.tick(j)
	w.published(ledger.InJournal, 1)
	signer, err := note.NewSigner(w.key)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	driver, err := posix.New(ctx, posix.Config{Path: w.dir})
	must(t, err)
	foreign, _, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().WithCheckpointSigner(signer).
		WithBatching(1, time.Second).WithCheckpointInterval(time.Hour).WithCheckpointRepublishInterval(0))
	must(t, err)
	_, err = foreign.Add(ctx, tessera.NewEntry([]byte("foreign")))()
	must(t, err)
	w.clock = w.clock.Add(time.Second)
	wantCode(t, j.Tick(t.Context()), "ledger.mismatch")
	wantCode(t, j.Tick(t.Context()), "ledger.mismatch")
}

func TestAnEntryIsProvenFromItsOwnLogAlone(t *testing.T) {
	w := newWorld(t, "journal.example")
	demand, _ := ledgertest.Demand(t)
	w.insert(demand)
	_, err := w.reader().Prove(t.Context(), ledger.ByID(demand.ID))
	wantCode(t, err, "ledger.unknown")
}

// flip changes one bit of a file; a negative offset counts from its end.
func flip(t *testing.T, path string, at int) {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	must(t, os.WriteFile(path, b, 0o644))
}

func TestSettingsThatDoNotFitAreRefused(t *testing.T) {
	w := newWorld(t, "journal.example")
	otherKey, _, err := note.GenerateKey(rand.Reader, "journal.example")
	must(t, err)
	for name, change := range map[string]func(*ledger.Config){
		"another key":            func(c *ledger.Config) { c.Key = otherKey },
		"no key":                 func(c *ledger.Config) { c.Key = "" },
		"no policy":              func(c *ledger.Config) { c.Policy = proof.Policy{} },
		"too few witnesses":      func(c *ledger.Config) { c.Witnesses = nil },
		"a witness twice":        func(c *ledger.Config) { c.Witnesses = append(c.Witnesses, c.Witnesses[0]) },
		"an unknown witness":     func(c *ledger.Config) { c.Witnesses[0].Key = c.Policy.LogKey() },
		"a period that is short": func(c *ledger.Config) { c.Period = 100 * time.Millisecond },
		"no clock":               func(c *ledger.Config) { c.Now = nil },
		"no randomness":          func(c *ledger.Config) { c.Random = nil },
		"no database":            func(c *ledger.Config) { c.Outbox = nil },
	} {
		c := w.config()
		change(&c)
		_, err := ledger.OpenJournal(t.Context(), c)
		if problem.Code(err) != "ledger.config" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestOneSilentWitnessOfThreeDoesNotStopTheLog(t *testing.T) {
	w := newWorld(t, "journal.example")
	c := w.config()
	keys := []string{w.witness.VerifierKey()}
	inProcess := c.HTTP.Transport.(witness.Transport).InProcess
	for _, name := range []string{"w2", "w3"} {
		skey, _, err := note.GenerateKey(rand.Reader, name+".example")
		must(t, err)
		other, err := witness.Open(witness.Config{Dir: t.TempDir(), Key: skey, Logs: []string{w.policy.LogKey()}, Now: time.Now})
		must(t, err)
		defer other.Close()
		keys = append(keys, other.VerifierKey())
		c.Witnesses = append(c.Witnesses, ledger.WitnessAt{Key: other.VerifierKey(), URL: "http://" + name})
		if name != "w3" { // w3 does not answer
			inProcess[name] = other.Handler()
		}
	}
	var err error
	w.policy, err = proof.NewPolicy(w.policy.LogKey(), keys, 2)
	must(t, err)
	c.Policy = w.policy
	j, err := ledger.OpenJournal(t.Context(), c)
	must(t, err)
	defer j.Close()
	w.tick(j)
	if head := w.published(ledger.InJournal, 1); len(head.Witnesses) != 2 {
		t.Fatalf("witnesses %v", head.Witnesses)
	}
}
