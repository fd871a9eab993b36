package app

import (
	"sync/atomic"
	"time"
)

// ShortestTick is the shortest time between two leaves of the journal.
const ShortestTick = 125 * time.Millisecond

// Clock is the time that an office goes by: the machine's, or in a demo the
// machine's moved by an offset. Safe for concurrent use.
type Clock struct{ offset atomic.Int64 }

// NewClock starts at a moment; the zero time is now.
func NewClock(start time.Time) *Clock {
	c := new(Clock)
	if !start.IsZero() {
		c.offset.Store(int64(time.Until(start)))
	}
	return c
}

// NewClock is the clock of a folder. Of a demo, clock says what time it was when
// the machine's clock said since, so that its processes, at once or one after the
// other, agree to the second; without since each begins at clock.
func (c Config) NewClock() *Clock {
	if c.Demo.Clock.IsZero() || c.Demo.Since.IsZero() {
		return NewClock(c.Demo.Clock)
	}
	out := new(Clock)
	out.Advance(c.Demo.Clock.Sub(c.Demo.Since))
	return out
}

// Now is the office's time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.offset.Load())).Round(0) }

// Advance moves a demo's time forward.
func (c *Clock) Advance(d time.Duration) { c.offset.Add(int64(d)) }
