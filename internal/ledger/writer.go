package ledger

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// MinPeriod is the shortest tick: what a witness somewhere else takes to answer.
const MinPeriod = 125 * time.Millisecond

const (
	page      = 4096            // leaves read from the database at once
	bundle    = 256             // leaves in a tile, tlog-tiles
	drainTime = 2 * time.Second // what close grants the publisher
)

// WitnessAt is a witness that the writer asks to cosign.
type WitnessAt struct {
	Key  string       // verifier key
	URL  string       // prefix of its add-checkpoint call
	HTTP *http.Client // reaches it; nil: Config.HTTP
}

// Config is what the writer of one log needs.
type Config struct {
	Dir    string       // the log's directory, on a local disk
	Key    string       // signed-note private key; its name is the log's origin
	Policy proof.Policy // the log's public policy; its log key must fit Key
	// Emergency is the policy beside it for emergencies, of the same log. Where it holds
	// and Policy does not, the checkpoint is published apart: nobody who does not ask for
	// it takes it. None: nothing is.
	Emergency proof.Policy
	// Witnesses must be at least Policy.K of the policy's. A checkpoint is
	// published once K of them have cosigned it, and once more with what comes
	// later. One that the policy does not name (yet) is asked too and does not count.
	Witnesses []WitnessAt
	// HTTP reaches the witnesses; see witness.Transport for those in process. nil:
	// http.DefaultClient.
	HTTP *http.Client
	// WitnessTimeout bounds one round of asking and one witness's answer; 0 means five
	// seconds.
	WitnessTimeout time.Duration
	Outbox         Outbox
	Random         io.Reader        // cryptographic: crypto/rand.Reader
	Now            func() time.Time // wall clock
	Period         time.Duration    // of ticks or batches, ≥ MinPeriod
	// Trees are shared with a reader in this process; nil: none is kept.
	Trees *Trees
	// Bell rings at each checkpoint that is published; nil: nobody hears.
	Bell *Bell
	// Failed hears of each tick or batch that could not be done and will be
	// tried again; nil ignores.
	Failed func(error)
}

// writer appends sequenced leaves to one log. mu serialises its work.
type writer struct {
	Config
	log    Log
	lock   *os.File
	epoch  uint64
	tiles  client.FileFetcher
	closed atomic.Bool
	stop   context.CancelFunc
	batch  uint64 // most leaves that Tessera is given at once

	mu       sync.Mutex
	appender *tessera.Appender
	reader   tessera.LogReader
	asks     *cosigners
	out      *publisher // nil while the log is being compared and replayed
	size     uint64     // leaves in the database
	edge     frontier   // of the leaves in the log, as the database tells them
	grew     bool       // since it was opened
	unsure   bool       // something failed half-way: reconcile before going on
	fatal    error      // why this writer must not go on
	released bool       // the lock was given back
}

// openWriter locks, claims, reconciles and replays. On error nothing is held.
func openWriter(ctx context.Context, c Config, log Log, batch uint64) (*writer, error) {
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	if c.WitnessTimeout == 0 {
		c.WitnessTimeout = witnessTimeout
	}
	signer, err := c.check()
	if err != nil {
		return nil, err
	}
	w := &writer{Config: c, log: log, tiles: client.FileFetcher{Root: c.Dir}}
	group, err := c.witnesses(w.tiles.ReadTile)
	if err != nil {
		return nil, err
	}
	if w.lock, err = lockDir(c.Dir); err != nil {
		return nil, err
	}
	if err := w.start(ctx, fencedSigner{signer, &w.closed}, group, batch); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (c Config) check() (note.Signer, error) {
	bad := problem.New(problem.Invalid, "ledger.config", "the log's settings do not fit together")
	signer, err := note.NewSigner(c.Key)
	if err != nil {
		return nil, bad.At("key").Because(err)
	}
	logKey := c.Policy.LogVerifier()
	if logKey == nil || logKey.Name() != signer.Name() || logKey.KeyHash() != signer.KeyHash() {
		return nil, bad.At("policy")
	}
	if c.Outbox == nil || c.Random == nil || c.Now == nil || c.Dir == "" || c.Period < MinPeriod || c.Period%time.Millisecond != 0 {
		return nil, bad.At("period, outbox, random or clock")
	}
	return signer, nil
}

func (w *writer) start(ctx context.Context, signer note.Signer, group []*cosigner, batch uint64) error {
	var err error
	if w.epoch, err = w.Outbox.Claim(ctx, w.log); err != nil {
		return err
	}
	if err := w.prepare(ctx, signer); err != nil {
		return err
	}
	w.batch = batch
	running, err := w.open(emptySigner{signer})
	if err != nil {
		return err
	}
	was, err := w.published()
	if err != nil {
		return err
	}
	// One that is still needed is made again at once; one of another moment is not taken.
	if err := os.Remove(filepath.Join(w.Dir, emergencyFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unreadable(err)
	}
	w.asks = w.newCosigners(signer, group)
	w.out = w.newPublisher(running, w.asks, was)
	return w.replay(ctx, 1)
}

// prepare reconciles before anything is appended or published, and replays
// whole bundles. The appender that it opens asks no witness and can sign only
// the empty checkpoint of a new log: so a log that was lost can be replayed
// although its witnesses remember a larger one.
func (w *writer) prepare(ctx context.Context, signer note.Signer) error {
	w.batch = bundle
	if _, err := w.open(emptySigner{signer}); err != nil {
		return err
	}
	defer func() { w.stop(); w.stop = nil }()
	if err := w.reconcile(ctx); err != nil {
		return err
	}
	return w.replay(ctx, bundle)
}

// open starts Tessera's background work, which w.stop ends, and gives the context
// in which it runs. A batch goes when it is full; its age matters only to what is
// left of a register batch after a crash. Tessera publishes nothing but an empty
// log's checkpoint, as it has no other signer: see publisher.
func (w *writer) open(signer emptySigner) (context.Context, error) {
	opts := tessera.NewAppendOptions().WithCheckpointSigner(signer).WithBatching(uint(w.batch), time.Second).
		WithCheckpointInterval(time.Hour).WithCheckpointRepublishInterval(0)
	ctx, cancel := context.WithCancel(context.Background())
	failed := problem.New(problem.Unavailable, "ledger.directory", "the log's directory cannot be used")
	driver, err := posix.New(ctx, posix.Config{Path: w.Dir, HTTPClient: w.HTTP})
	if err != nil {
		cancel()
		return nil, failed.Because(err)
	}
	w.appender, _, w.reader, err = tessera.NewAppender(ctx, driver, opts)
	if err != nil {
		cancel()
		return nil, failed.Because(err)
	}
	w.stop = cancel
	return ctx, nil
}

// close ends the writer after the work in progress. It may be called again. It
// gives the publisher a moment to publish what was added, and waits for its end, so
// that none is at work in the directory after the lock is gone; without witnesses
// that moment passes and nothing is published.
func (w *writer) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.released {
		return nil
	}
	w.released = true
	if w.grew && w.out != nil && w.fatal == nil {
		w.out.drain(drainTime) // what is missing then is published at the next start
	}
	w.closed.Store(true)
	if w.stop != nil {
		w.stop()
	}
	if w.out != nil {
		<-w.out.done
	}
	w.fatal = problem.New(problem.Unavailable, "ledger.closed", "this writer has been closed")
	return w.lock.Close()
}

// reconcile compares all that the log holds with the database: every leaf (by
// the root over them), the published checkpoint, and the last entries bundle.
func (w *writer) reconcile(ctx context.Context) error {
	added, err := w.reader.IntegratedSize(ctx)
	if err != nil {
		return unreadable(err)
	}
	size, err := w.Outbox.Size(ctx, w.log)
	if err != nil {
		return err
	}
	if added > size {
		return Mismatch("the log holds more leaves than the database")
	}
	published, err := w.published()
	if err != nil {
		return err
	}
	if published.Size > added || published.Origin != w.Policy.Origin() {
		return Mismatch("the published checkpoint is not of this log's history")
	}
	var f frontier
	for f.size < added {
		leaves, err := w.Outbox.Leaves(ctx, w.log, f.size, int(min(page, added-f.size)))
		if err != nil {
			return err
		}
		if len(leaves) == 0 {
			return Mismatch("the database lacks leaves that it counts")
		}
		for _, leaf := range leaves {
			f.append(tlog.RecordHash(leaf))
			if f.size == published.Size && f.root() != published.Root {
				return Mismatch("the published checkpoint and the database tell two histories")
			}
		}
	}
	root, err := tiledRoot(ctx, w.tiles, added)
	if err != nil {
		return unreadable(err)
	}
	if root != f.root() {
		return Mismatch("log and database hold different leaves")
	}
	if err := w.compareLastBundle(ctx, added); err != nil {
		return err
	}
	w.size, w.edge, w.unsure = size, f, false
	return nil
}

// take goes on under other policies, and asks these witnesses from now on. The published
// checkpoint is made anew where the new policy does not hold for it.
func (w *writer) take(policy, emergency proof.Policy, witnesses []WitnessAt) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.released || w.out == nil {
		return nil
	}
	c := w.Config
	c.Policy, c.Emergency, c.Witnesses = policy, emergency, witnesses
	if _, err := c.check(); err != nil {
		return err
	}
	group, err := c.witnesses(w.tiles.ReadTile)
	if err != nil {
		return err
	}
	w.Policy, w.Emergency, w.Witnesses = policy, emergency, witnesses // and nothing that run reads without the lock
	w.asks.reset(policy, emergency, group)
	w.out.renew(w.publishedAt())
	return nil
}

// published reads the published checkpoint; its own signature guards nothing
// here, the database does.
func (w *writer) published() (proof.Checkpoint, error) {
	text, err := w.tiles.ReadCheckpoint(context.Background())
	if errors.Is(err, fs.ErrNotExist) {
		return proof.Checkpoint{Origin: w.Policy.Origin(), Root: proof.EmptyRoot()}, nil
	}
	if err != nil {
		return proof.Checkpoint{}, unreadable(err)
	}
	cp, err := proof.ParseCheckpoint(text)
	if err != nil {
		return proof.Checkpoint{}, Mismatch("the published checkpoint is damaged").Because(err)
	}
	return cp, nil
}

// compareLastBundle checks the one bundle that Tessera will read and rewrite.
func (w *writer) compareLastBundle(ctx context.Context, added uint64) error {
	if added == 0 {
		return nil
	}
	first := (added - 1) / bundle * bundle
	b, err := client.GetEntryBundle(ctx, w.tiles.ReadEntryBundle, first/bundle, added)
	if err != nil {
		return unreadable(err)
	}
	want, err := w.Outbox.Leaves(ctx, w.log, first, int(added-first))
	if err != nil {
		return err
	}
	if uint64(len(b.Entries)) < added-first || uint64(len(want)) != added-first {
		return Mismatch("the log's last entries are not all there")
	}
	for i, leaf := range want {
		if !bytes.Equal(leaf, b.Entries[i]) {
			return Mismatch("the log's last entries are not those of the database")
		}
	}
	return nil
}

// ready returns an error when the writer must not or cannot sequence now.
func (w *writer) ready(ctx context.Context) error {
	if w.fatal != nil {
		return w.fatal
	}
	if w.unsure {
		if err := w.reconcile(ctx); err != nil {
			return w.settle(err)
		}
		w.grown()
	}
	return w.replay(ctx, 1)
}

// grown lets the publisher know how far the log is.
func (w *writer) grown() {
	if w.out != nil {
		w.out.grow(edge{w.edge.size, w.edge.root()})
	}
}

// commit makes a batch durable and then appends it.
func (w *writer) commit(ctx context.Context, leaves []Leaf, places []Place) error {
	b := Batch{Log: w.log, Epoch: w.epoch, First: w.size, Leaves: leaves, Places: places}
	w.unsure = true // until the database has answered, the commit may or may not have happened
	if err := w.Outbox.Sequence(ctx, b); err != nil {
		return w.settle(err)
	}
	w.unsure = false
	w.size += uint64(len(leaves))
	return w.replay(ctx, 1)
}

// replay appends what the database has and the log lacks, as long as that is at
// least so many leaves.
func (w *writer) replay(ctx context.Context, least uint64) error {
	for w.size-w.edge.size >= least {
		leaves, err := w.Outbox.Leaves(ctx, w.log, w.edge.size, int(min(w.batch, w.size-w.edge.size)))
		if err != nil {
			return w.settle(err)
		}
		if len(leaves) == 0 {
			return w.settle(Mismatch("the database lacks leaves that it counts"))
		}
		if err := w.append(ctx, leaves); err != nil {
			return w.settle(err)
		}
	}
	return nil
}

// append adds at most one Tessera batch of leaves and checks each index that
// comes back. It waits for every answer, however long that takes: a leaf that
// is still on its way would otherwise be replayed and land twice. For the same
// reason no second batch is under way at once, or it could overtake a first one
// that fails.
func (w *writer) append(ctx context.Context, leaves [][]byte) error {
	w.unsure = true
	futures := make([]tessera.IndexFuture, len(leaves))
	for i, leaf := range leaves {
		// Not the caller's context: what is durable in the database is appended
		// whether or not somebody still waits.
		futures[i] = w.appender.Add(context.WithoutCancel(ctx), tessera.NewEntry(leaf))
	}
	var failed error
	for i, f := range futures {
		at, err := f()
		if err != nil {
			failed = problem.New(problem.Unavailable, "ledger.append", "the log could not be written").Because(err)
			continue
		}
		if at.Index != w.edge.size+uint64(i) || at.IsDup {
			return Mismatch("the log gave a leaf another index than the database")
		}
	}
	if failed != nil {
		return failed
	}
	for _, leaf := range leaves {
		w.edge.append(tlog.RecordHash(leaf))
	}
	w.grew, w.unsure = true, false
	w.grown()
	return nil
}

// settle remembers a problem that ends this writer.
func (w *writer) settle(err error) error {
	switch problem.Code(err) {
	case "ledger.mismatch", "ledger.busy":
		w.fatal = err
		w.closed.Store(true) // no more checkpoints are signed
	}
	return err
}

func unreadable(err error) error {
	var p *problem.Error
	if errors.As(err, &p) {
		return p
	}
	return problem.New(problem.Unavailable, "ledger.unreadable", "the log's files cannot be read").Because(err)
}

// run calls work at each multiple of the period until ctx ends or the writer
// must stop; only the latter is an error.
func (w *writer) run(ctx context.Context, work func(context.Context, time.Time) error) error {
	for {
		now := w.Now()
		next := now.Truncate(w.Period).Add(w.Period)
		timer := time.NewTimer(next.Sub(now))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if at := w.Now().Truncate(w.Period); at.After(next) {
			next = at // the clock was set, or the machine slept: what waits is of now, not of then
		}
		err := work(ctx, next)
		if err == nil || ctx.Err() != nil {
			continue
		}
		w.mu.Lock()
		fatal := w.fatal
		w.mu.Unlock()
		if fatal != nil {
			return fatal
		}
		if w.Failed != nil {
			w.Failed(err)
		}
	}
}
