package letter

import (
	"bytes"
	"time"

	"counterseal/internal/gate/source"
)

// Differs says that a store's own time of receipt and the trace do not agree: the
// time lies somewhere from one to the other.
const Differs = "store_differs"

// Times are a message's two times and what is wrong with each.
type Times struct {
	Received, Sent       Moment
	NoReceived, NoSent   bool
	receivedWhy, sentWhy string
}

// usable reports whether there is a moment where this is what is wrong with it.
func usable(why string) bool { return why == "" || why == zoneUnknown || why == Differs }

// Times reads the two times: received is the trace's, or what otherwise gives where
// that has no usable date; sent is that of the only Date field.
func (h *Head) Times(otherwise func() (Moment, string)) Times {
	var t Times
	t.Received, t.receivedWhy = receivedDate(h.received)
	if !usable(t.receivedWhy) {
		t.Received, t.receivedWhy = otherwise()
	}
	return h.sent(t)
}

// Stored reads the two times of a message whose store has a time of receipt of its
// own, in Unix seconds. That one is received where there is no trace or the trace
// allows it; where they differ, received is the span between them, because either
// can be wrong: a trace that somebody wrote into a message and put there, and a
// store that was copied without its times.
func (h *Head) Stored(at int64) Times {
	var t Times
	own := Moment{at, at}
	if at < 0 || at >= pastRange {
		t.Received, t.receivedWhy = receivedDate(h.received)
		if !usable(t.receivedWhy) {
			t.Received, t.receivedWhy = Moment{}, dateRange
		}
		t.NoReceived = !usable(t.receivedWhy)
		return h.sent(t)
	}
	trace, why := receivedDate(h.received)
	switch {
	case !usable(why), trace.from <= at && at <= trace.until:
		t.Received = own
	default:
		t.Received, t.receivedWhy = Moment{min(at, trace.from), max(at, trace.until)}, Differs
	}
	return h.sent(t)
}

func (h *Head) sent(t Times) Times {
	t.NoReceived = !usable(t.receivedWhy)
	switch h.dates {
	case 0:
		t.sentWhy = noDate
	case 1:
		t.Sent, t.sentWhy = parseDate(h.date)
	default:
		t.sentWhy = dateTwice
	}
	t.NoSent = !usable(t.sentWhy)
	return t
}

func receivedDate(field []byte) (Moment, string) {
	i := bytes.LastIndexByte(field, ';')
	if i < 0 {
		return Moment{}, noDate
	}
	return parseDate(field[i+1:])
}

// Outside reports whether both times are usable and certainly outside the span,
// in Unix seconds, both ends inside.
func (t Times) Outside(from, until int64) bool {
	return !t.NoReceived && !t.NoSent && t.Received.misses(from, until) && t.Sent.misses(from, until)
}

func (m Moment) misses(from, until int64) bool { return m.until < from || m.from > until }

// Ends gives the first and the last instant that the moment can be.
func (m Moment) Ends() (from, until time.Time) {
	return time.Unix(m.from, 0).UTC(), time.Unix(m.until, 0).UTC()
}

// Put writes the times into an item.
func (t Times) Put(it *source.Item) {
	if !t.NoReceived {
		it.Received, _ = t.Received.Ends()
		it.ReceivedSpread = t.Received.spread()
	}
	if !t.NoSent {
		it.Sent, _ = t.Sent.Ends()
		it.SentSpread = t.Sent.spread()
	}
	switch {
	case t.receivedWhy != "" && t.sentWhy != "":
		it.Undated = "received:" + t.receivedWhy + " sent:" + t.sentWhy
	case t.receivedWhy != "":
		it.Undated = "received:" + t.receivedWhy
	case t.sentWhy != "":
		it.Undated = "sent:" + t.sentWhy
	}
}

func (m Moment) spread() time.Duration { return time.Duration(m.until-m.from) * time.Second }
