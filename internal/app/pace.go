package app

import (
	"context"
	"errors"
	"sync"
	"time"

	"counterseal/internal/docket"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// A demo's days pass in a moment, so nobody in it waits for a tick, and the clock is
// moved. All of this is for folders whose configuration has a clock of their own; in
// every other the machine's clock decides.

// demoAhead is how far a demo's clock may be ahead of the highest time that was
// recorded: stories are years apart.
const demoAhead = 40 * 365 * 24 * time.Hour

func (o *Office) isDemo() bool { return !o.Config.Demo.Clock.IsZero() }

// MoveTo moves a demo's clock forward to a moment. What waits for the journal gets
// into it first, under the time at which it happened; whatever falls due for the
// clerk on the way is done at its own minute. A moment that has passed moves
// nothing. Codes: app.no_demo, ledger.busy where another process writes the logs.
func (o *Office) MoveTo(ctx context.Context, at time.Time) error {
	if !o.isDemo() {
		return problem.New(problem.Refused, "app.no_demo", "only a demo's clock can be moved").Fix("use a folder that counterseal demo has made")
	}
	for {
		if err := o.settle(ctx, true); err != nil {
			return err
		}
		next, some, err := o.nextDuty(ctx, at)
		if err != nil {
			return err
		}
		if !some {
			break
		}
		o.advanceTo(next)
		if err := o.Round(ctx); err != nil {
			return err
		}
	}
	o.advanceTo(at)
	if err := o.Round(ctx); err != nil {
		return err
	}
	o.going.wait() // what another has begun is found done
	return o.releaseDue(ctx, func(over <-chan struct{}) { <-over })
}

func (o *Office) advanceTo(at time.Time) {
	if d := at.Sub(o.Clock.Now()); d > 0 {
		o.Clock.Advance(d)
	}
}

// nextDuty is when the clerk's next duty falls due that has not fallen due yet.
func (o *Office) nextDuty(ctx context.Context, until time.Time) (time.Time, bool, error) {
	list, err := o.db.Docket().Due(ctx, true, until, docket.MaxPage)
	if err != nil {
		return time.Time{}, false, err
	}
	now := o.Clock.Now()
	for _, y := range list {
		if y.Due.After(now) {
			return y.Due, true, nil
		}
	}
	return time.Time{}, false, nil
}

// Settle brings into the journal what waits for it, without waiting for its tick.
// Codes: ledger.busy where another process writes, and those of ledger.Journal.Tick.
func (o *Office) Settle(ctx context.Context) error {
	return o.settle(ctx, false)
}

// settle waits until the leaf is written, or lets it be written beside what happens
// next.
func (o *Office) settle(ctx context.Context, beside bool) error {
	logs := o.logs.Load()
	if logs == nil {
		return ledger.Fenced()
	}
	for {
		if err := o.ticking.wait(); err != nil {
			return err
		}
		waiting, err := o.db.Ledger().Pending(ctx, ledger.InJournal, 1)
		if err != nil || len(waiting) == 0 {
			return err
		}
		if beside {
			err = o.tickBeside(ctx)
		} else {
			err = logs.journal.Tick(ctx)
		}
		if problem.Code(err) == "ledger.clock" { // this tick has been written; go to the next
			tick, _ := time.ParseDuration(o.Config.Ledger.Tick)
			now := o.Clock.Now()
			o.Clock.Advance(now.Truncate(tick).Add(tick).Sub(now))
			continue
		}
		if err != nil || beside {
			return err
		}
	}
}

// tickBeside begins a tick, under the time that it is, and lets it be written while
// the play goes on, as the ticks of any other folder are.
func (o *Office) tickBeside(ctx context.Context) error {
	finish, err := o.logs.Load().journal.Begin(ctx)
	if err != nil {
		return err
	}
	o.ticking.begin(func() error { return finish(context.WithoutCancel(ctx)) })
	return nil
}

// BatchWaiting lets a batch of the register be written, where something waits for one,
// while the play goes on; Written gives its error. Where the one before it is still
// being written, what waits is left to the next, as in any office that is busy.
func (o *Office) BatchWaiting(ctx context.Context) error {
	if o.batching.busy() {
		return nil
	}
	waiting, err := o.db.Ledger().Pending(ctx, ledger.InRegister, 1)
	if err != nil || len(waiting) == 0 {
		return err
	}
	o.batching.begin(func() error { return o.BatchRegister(context.WithoutCancel(ctx)) })
	return nil
}

// Written waits until the logs hold what a play has let be written beside it. Codes:
// those of Settle and BatchRegister.
func (o *Office) Written() error {
	return errors.Join(o.ticking.wait(), o.batching.wait())
}

// beside is work that goes on beside other work, one piece at a time. The zero value
// has none. Safe for concurrent use.
type beside struct {
	mu   sync.Mutex
	done chan struct{} // of the piece that was begun last, until somebody has its error
	err  error
}

func (b *beside) begin(work func() error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	before, done := b.done, make(chan struct{})
	b.done = done
	go func() {
		defer close(done)
		if before != nil {
			<-before
		}
		err := work()
		b.mu.Lock()
		defer b.mu.Unlock()
		b.err = errors.Join(b.err, err)
	}()
}

// busy reports whether something that was begun goes on.
func (b *beside) busy() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.done:
		return false
	default:
		return b.done != nil
	}
}

// wait waits for what was begun, and gives its error, once.
func (b *beside) wait() error {
	b.mu.Lock()
	done := b.done
	b.mu.Unlock()
	if done == nil {
		return nil
	}
	<-done
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done == done {
		b.done = nil
	}
	err := b.err
	b.err = nil
	return err
}

// Shown settles, and waits until the journal's checkpoint shows it, and until the
// register has what it was given. Codes: those of Settle and BatchRegister,
// ledger.stalled.
func (o *Office) Shown(ctx context.Context) error {
	if err := o.Settle(ctx); err != nil {
		return err
	}
	if err := o.Written(); err != nil {
		return err
	}
	return o.journalStands(ctx)
}

// hurried brings a demo's entries into the journal before somebody waits for their
// proof.
func (j journal) hurried(ctx context.Context) {
	if j.hurry != nil {
		_ = j.hurry(ctx) // if this fails, the next tick does it
	}
}

// await gives the proof of an entry once there is one.
func (j journal) await(ctx context.Context, digest [32]byte) (proof.Proof, error) {
	id, err := j.rows.FindDigest(ctx, digest)
	if err != nil {
		return proof.Proof{}, err
	}
	j.hurried(ctx)
	return j.reader.Await(ctx, ledger.ByID(id))
}
