package app

import (
	"context"
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
		if err := o.Settle(ctx); err != nil {
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
	return o.releaseDue(ctx)
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
	if !o.Writes {
		return ledger.Fenced()
	}
	for {
		waiting, err := o.db.Ledger().Pending(ctx, ledger.InJournal, 1)
		if err != nil || len(waiting) == 0 {
			return err
		}
		err = o.writers.journal.Tick(ctx)
		if problem.Code(err) == "ledger.clock" { // this tick has been written; go to the next
			tick, _ := time.ParseDuration(o.Config.Ledger.Tick)
			now := o.Clock.Now()
			o.Clock.Advance(now.Truncate(tick).Add(tick).Sub(now))
			continue
		}
		if err != nil {
			return err
		}
	}
}

// BatchWaiting writes a batch of the register where something waits for one.
func (o *Office) BatchWaiting(ctx context.Context) error {
	waiting, err := o.db.Ledger().Pending(ctx, ledger.InRegister, 1)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return o.BatchRegister(ctx)
}

// Shown settles, and waits until the journal's checkpoint shows it. Codes: those
// of Settle, ledger.stalled.
func (o *Office) Shown(ctx context.Context) error {
	if err := o.Settle(ctx); err != nil {
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
