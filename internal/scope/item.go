package scope

import (
	"slices"
	"time"
)

// Item is what a source says about one stored thing, as far as a scope can ask.
// A zero time is unknown. Times count at whole seconds (fractions are cut off).
//
// A time whose zone was not stated is an interval: the instant lies somewhere
// from the time to the time plus its spread, both inside. The spread is zero
// for an instant that is known. Such a time answers a scope only where every
// instant of it gives the same answer; otherwise it counts as unknown.
type Item struct {
	ID             string
	Account        AccountID
	Service        Service
	Category       Category
	Received       time.Time
	Sent           time.Time
	ReceivedSpread time.Duration
	SentSpread     time.Duration
	Participants   []string // in the form of NormalAddress

	// Lasting says that the item is no event but a state of things, such as a
	// subscriber's name: it held at every instant from Received to Received plus
	// its spread. A scope asks for it, on either basis, where it asks for any of
	// those instants.
	Lasting bool
}

// Verdict is a scope's answer about one item.
type Verdict uint8

const (
	Outside Verdict = iota // the scope does not ask for it
	Inside                 // the scope asks for it, and its other time agrees or is unknown
	Split                  // the scope asks for it by one time, but by its other time it lies outside: given, and listed
	Near                   // the scope does not ask for it, but would by the item's other time: withheld, and listed
	Undated                // the scope would ask for it, but it has no usable time on the scope's basis: withheld, and listed
)

var verdicts = [...]string{"outside", "inside", "split", "near", "undated"}

func (v Verdict) String() string { return verdicts[min(int(v), len(verdicts)-1)] }

// Judge says whether the scope asks for the item. Where selectors on different
// bases speak about it the strongest word wins: Inside, Split, Undated, Near,
// Outside. Selectors on one basis count together, so the answer depends on what
// the scope covers and not on how it is cut into selectors. Of 6,046 real
// messages, 87 change side in one month between their two times, so an item is
// never silently put on either.
func (s Scope) Judge(it Item) Verdict {
	best := Outside
	for _, basis := range [...]Basis{Received, Sent} {
		v := s.judge(basis, &it)
		if rank(v) > rank(best) {
			best = v
		}
	}
	return best
}

func rank(v Verdict) int { return [...]int{0, 4, 3, 1, 2}[v] }

// judge answers with the selectors of one basis alone.
func (s Scope) judge(basis Basis, it *Item) Verdict {
	asked := false
	for i := range s.selectors {
		asked = asked || s.selectors[i].names(basis, it)
	}
	if !asked {
		return Outside
	}
	if it.Lasting {
		return s.lasting(basis, it)
	}
	counts, other := it.received(), it.sent()
	if basis == Sent {
		counts, other = other, counts
	}
	in, otherIn := s.side(basis, it, counts), s.side(basis, it, other)
	switch {
	case in == unsure:
		return Undated
	case in == inside && otherIn == outside:
		return Split
	case in == inside:
		return Inside
	case otherIn == inside:
		return Near
	}
	return Outside
}

// lasting answers about a state of things, which is never split or near: it has
// one stretch of time, and any second of it is enough.
func (s Scope) lasting(basis Basis, it *Item) Verdict {
	held := it.received()
	if !held.known {
		return Undated
	}
	for i := range s.selectors {
		sel := &s.selectors[i]
		have := sel.span()
		if sel.names(basis, it) && have.until >= held.from && have.from <= held.until {
			return Inside
		}
	}
	return Outside
}

// A stretch holds the seconds in which an item's time may lie, if it is known.
type stretch struct {
	interval
	known bool
}

func (it *Item) received() stretch { return stretched(it.Received, it.ReceivedSpread) }
func (it *Item) sent() stretch     { return stretched(it.Sent, it.SentSpread) }

func stretched(t time.Time, spread time.Duration) stretch {
	if t.IsZero() || spread < 0 {
		return stretch{}
	}
	return stretch{interval{t.Unix(), t.Add(spread).Unix()}, true}
}

// A side is where a time lies, as far as that can be told.
type side uint8

const (
	unsure side = iota
	inside
	outside
)

// side says where a time lies with respect to the selectors that name the item.
// They may hold it together where none holds it alone.
func (s Scope) side(basis Basis, it *Item, when stretch) side {
	if !when.known {
		return unsure
	}
	next, touched := when.from, false
	for grown := true; grown; {
		grown = false
		for i := range s.selectors {
			sel := &s.selectors[i]
			have := sel.span()
			if have.until < when.from || have.from > when.until || !sel.names(basis, it) {
				continue
			}
			touched = true
			if have.from <= next && next <= have.until {
				next, grown = have.until+1, true
			}
			if next > when.until {
				return inside
			}
		}
	}
	if touched {
		return unsure
	}
	return outside
}

// names reports whether the selector speaks about the item, times aside.
func (s *Selector) names(basis Basis, it *Item) bool {
	return s.Basis == basis && s.Account == it.Account && s.Service == it.Service && s.Category == it.Category &&
		holdsName(s.Items, it.ID) &&
		(len(s.Participants) == 0 || slices.ContainsFunc(it.Participants, func(p string) bool { return holdsName(s.Participants, p) }))
}

// holdsName reports whether a canonical (sorted) list names n, or narrows nothing.
func holdsName(list []string, n string) bool {
	if len(list) == 0 {
		return true
	}
	_, ok := slices.BinarySearch(list, n)
	return ok
}
