package ledger

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"counterseal/internal/ledger/proof"
)

const (
	checkpointFile = "checkpoint" // C2SP tlog-tiles
	// emergencyFile is the newest checkpoint for which the emergency policy alone holds;
	// it goes as soon as the log's policy holds for one as large.
	emergencyFile = "checkpoint-emergency"
	retryEvery    = time.Second // where the witnesses did not cosign
	soonest       = 100 * time.Millisecond
	renewEvery    = 10 * time.Minute // a checkpoint of a log that has not grown, with cosignatures of now
)

// edge is how far the log has got, and its root as the database tells it.
type edge struct {
	size uint64
	root proof.Hash
}

// signs is what makes checkpoints: the log's key and its witnesses.
type signs interface {
	run(context.Context) (wait func())
	cosign(ctx context.Context, size uint64, root []byte) ([]byte, error)
	later() <-chan struct{} // somebody has cosigned what was given out
	again() []byte          // it, with all that have; nil: nothing was
}

// publisher gives the log's checkpoints out, one after the other: as soon as the log
// has grown, without a pause in which somebody would wait for a proof that could be
// there. What comes while one is being cosigned goes with the next. Tessera's own
// publisher, which holds a pause of 100 ms and forgets what grows meanwhile, is left
// without a key that signs and asks no witness.
type publisher struct {
	dir string
	signs
	ends  func() // waits until nobody is asked any more
	retry time.Duration
	bell  *Bell
	told  Bell
	now   atomic.Pointer[edge]      // how far the log is
	shown atomic.Pointer[edge]      // how far the published checkpoint is
	at    time.Time                 // of the published checkpoint; zero: there is none
	stale atomic.Pointer[time.Time] // what at has to become; nil: nothing
	grown chan struct{}             // holds one
	done  chan struct{}             // closed once it has ended
}

// newPublisher goes on from what is published. It runs until ctx ends.
func (w *writer) newPublisher(ctx context.Context, c signs, was proof.Checkpoint) *publisher {
	p := &publisher{
		dir: w.Dir, signs: c, ends: c.run(ctx), retry: min(max(w.Period/8, soonest), retryEvery), bell: w.Bell,
		grown: make(chan struct{}, 1), done: make(chan struct{}),
	}
	p.shown.Store(&edge{was.Size, was.Root})
	p.at = w.publishedAt()
	p.grow(edge{w.edge.size, w.edge.root()})
	go p.run(ctx)
	return p
}

// publishedAt is when the checkpoint was published; zero where none was that this policy
// accepts, so that one which the witnesses of a new policy have not cosigned is replaced
// at once, whether or not the log grows.
func (w *writer) publishedAt() time.Time {
	path := filepath.Join(w.Dir, checkpointFile)
	text, err := os.ReadFile(path)
	if err == nil {
		_, err = w.Policy.OpenCheckpoint(text)
	}
	if err != nil {
		return time.Time{}
	}
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// grow says how far the log has got.
func (p *publisher) grow(e edge) {
	p.now.Store(&e)
	select {
	case p.grown <- struct{}{}:
	default: // it has yet to look, and will see this
	}
}

func (p *publisher) run(ctx context.Context) {
	defer close(p.done)
	defer p.ends()
	for {
		next := renewEvery
		if err := p.publish(ctx); err != nil {
			next = p.retry // the log stays as it is, and whoever waits for a proof goes on waiting
		}
		if !p.wait(ctx, next) {
			return
		}
	}
}

// wait waits until the log has grown, for at most so long, and lets late cosignatures
// join the published checkpoint meanwhile. False: ctx has ended.
func (p *publisher) wait(ctx context.Context, most time.Duration) bool {
	t := time.NewTimer(most)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-p.grown:
			return true
		case <-t.C:
			return true
		case <-p.later():
		}
		if text := p.again(); text != nil {
			// If this fails, the published one stands: enough have cosigned it.
			_ = replaceFile(filepath.Join(p.dir, checkpointFile), text)
		}
	}
}

// renew says when the checkpoint that counts was published: under a new policy that may
// be none.
func (p *publisher) renew(at time.Time) {
	p.stale.Store(&at)
	select {
	case p.grown <- struct{}{}:
	default:
	}
}

// drain waits until all that has grown is published, for at most so long.
func (p *publisher) drain(most time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	for {
		shown := p.told.Rung()
		if *p.now.Load() == *p.shown.Load() || Wait(ctx, shown, most) != nil {
			return
		}
	}
}

// publish makes a checkpoint where the log has grown or the last one is old.
func (p *publisher) publish(ctx context.Context) error {
	if at := p.stale.Swap(nil); at != nil {
		p.at = *at
	}
	e := *p.now.Load()
	if e == *p.shown.Load() && !p.at.IsZero() && time.Since(p.at) < renewEvery {
		return nil
	}
	text, err := p.cosign(ctx, e.size, e.root[:])
	if err != nil {
		if text != nil && replaceFile(filepath.Join(p.dir, emergencyFile), text) == nil {
			p.bell.ring()
		}
		return err
	}
	if err := replaceFile(filepath.Join(p.dir, checkpointFile), text); err != nil {
		return err
	}
	// If this fails it stays as what it is: a checkpoint smaller than the published one,
	// which nobody takes.
	_ = os.Remove(filepath.Join(p.dir, emergencyFile))
	p.at = time.Now()
	p.shown.Store(&e)
	p.told.ring()
	p.bell.ring()
	return nil
}

// replaceFile puts a file in the place of another, whole and on disk, or leaves it.
func replaceFile(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name()) // if this fails it stays as what it is: a name that nobody reads
		}
	}()
	_, err = f.Write(b)
	if err == nil {
		err = f.Chmod(0o644) // the log is public
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
