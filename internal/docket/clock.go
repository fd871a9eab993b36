package docket

import (
	"context"
	"time"

	"counterseal/internal/demand"
)

func (b Bounds) orDefault() Bounds {
	if b.Back == 0 {
		b.Back = 10 * time.Second
	}
	if b.Ahead == 0 {
		b.Ahead = 7 * 24 * time.Hour
	}
	if b.Drift == 0 {
		b.Drift = time.Hour
	}
	return b
}

// beat is how far the clock moves before its mark is written again.
const beat = time.Second

// moment is one reading of the clock.
type moment struct {
	now  time.Time
	sane bool
	mark *ClockMark // to be written with what is done at this moment; nil: no need
}

// moment reads the clock and judges it: against the highest time ever recorded,
// so that a clock set back or far ahead while nothing ran is noticed, and against
// the steady clock while running. An unsound clock moves neither reference, so
// setting it right is enough.
func (d *Docket) moment(ctx context.Context) (moment, error) {
	highest, err := d.highest(ctx)
	if err != nil {
		return moment{}, err
	}
	d.timing.Lock()
	defer d.timing.Unlock()
	wall, steady := d.Clock(), d.Steady()
	m := moment{now: wall.UTC().Truncate(time.Millisecond)}
	drift := wall.Sub(d.wall) - (steady - d.steady)
	since := m.now.Sub(highest)
	m.sane = drift.Abs() <= d.Bounds.Drift && since >= -d.Bounds.Back && since <= d.Bounds.Ahead
	if !m.sane {
		// What may still be done, such as recording a stay, gets the last time
		// that was known: a time from the future would outlive the wrong clock.
		m.now = highest
		return m, nil
	}
	d.wall, d.steady = wall, steady
	if since >= beat {
		m.mark = d.clockMark(m.now)
	}
	return m, nil
}

// soundFor also asks that the clock has not fallen behind the demand's own
// history, which an old copy of the mark cannot hide.
func (d *Docket) soundFor(m moment, last time.Time) bool {
	return m.sane && m.now.Sub(last) >= -d.Bounds.Back
}

func (d *Docket) highest(ctx context.Context) (time.Time, error) {
	m, found, err := d.Store.Clock(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if !found || d.clockMark(m.Highest).Seal != m.Seal {
		return time.Time{}, tampered(nil).At("clock")
	}
	return m.Highest, nil
}

func (d *Docket) clockMark(at time.Time) *ClockMark {
	at = at.UTC().Truncate(time.Millisecond)
	return &ClockMark{Highest: at, Seal: d.index.name(place("clock", number(uint64(at.UnixMilli()))))}
}

// keepTime writes the clock mark of a moment in the transaction of what was done
// then.
func keepTime(ctx context.Context, tx Tx, m moment) error {
	if m.mark == nil {
		return nil
	}
	return tx.SetClock(ctx, *m.mark)
}

// Beat records the time while nothing else happens, so that an idle day is not
// taken for a jump of the clock. It reports whether the clock is sound.
func (d *Docket) Beat(ctx context.Context) (sound bool, err error) {
	defer func() { d.refused(ctx, "beat", "", err) }()
	m, err := d.moment(ctx)
	if err != nil || m.mark == nil {
		return m.sane, err
	}
	return m.sane, d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return keepTime(ctx, tx, m) })
}

// TrustClock takes the clock as it stands for right: after a long standstill, or
// when a clock that was wrong has been set right. It is a person's act; the caller
// asks for the quorum that a change of the clock needs (invariant 15) and records
// it.
func (d *Docket) TrustClock(ctx context.Context) error {
	d.timing.Lock()
	d.wall, d.steady = d.Clock(), d.Steady()
	m := moment{mark: d.clockMark(d.wall)}
	d.timing.Unlock()
	err := d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return keepTime(ctx, tx, m) })
	d.refused(ctx, "trust clock", demand.ID(""), err)
	return err
}
