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
	retryEvery     = time.Second  // where the witnesses did not cosign
	soonest        = 100 * time.Millisecond
	renewEvery     = 10 * time.Minute // a checkpoint of a log that has not grown, with cosignatures of now
)

// edge is how far the log has got, and its root as the database tells it.
type edge struct {
	size uint64
	root proof.Hash
}

// publisher gives the log's checkpoints out, one after the other: as soon as the log
// has grown, without a pause in which somebody would wait for a proof that could be
// there. What comes while one is being cosigned goes with the next. Tessera's own
// publisher, which holds a pause of 100 ms and forgets what grows meanwhile, is left
// without a key that signs.
type publisher struct {
	dir   string
	make  func(ctx context.Context, size uint64, root []byte) ([]byte, error) // signs, and asks the witnesses
	again time.Duration
	bell  *Bell
	told  Bell
	now   atomic.Pointer[edge] // how far the log is
	shown atomic.Pointer[edge] // how far the published checkpoint is
	at    time.Time            // of the published checkpoint; zero: there is none
	grown chan struct{}        // holds one
	done  chan struct{}        // closed once it has ended
}

// newPublisher goes on from what is published. It runs until ctx ends.
func (w *writer) newPublisher(ctx context.Context, sign func(context.Context, uint64, []byte) ([]byte, error), was proof.Checkpoint) *publisher {
	p := &publisher{
		dir: w.Dir, make: sign, again: min(max(w.Period/8, soonest), retryEvery), bell: w.Bell,
		grown: make(chan struct{}, 1), done: make(chan struct{}),
	}
	p.shown.Store(&edge{was.Size, was.Root})
	if info, err := os.Stat(filepath.Join(w.Dir, checkpointFile)); err == nil {
		p.at = info.ModTime()
	}
	p.grow(edge{w.edge.size, w.edge.root()})
	go p.run(ctx)
	return p
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
	for {
		next := renewEvery
		if err := p.publish(ctx); err != nil {
			next = p.again // the log stays as it is, and whoever waits for a proof goes on waiting
		}
		t := time.NewTimer(next)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-p.grown:
			t.Stop()
		case <-t.C:
		}
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
	e := *p.now.Load()
	if e == *p.shown.Load() && !p.at.IsZero() && time.Since(p.at) < renewEvery {
		return nil
	}
	text, err := p.make(ctx, e.size, e.root[:])
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(p.dir, checkpointFile), text); err != nil {
		return err
	}
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
