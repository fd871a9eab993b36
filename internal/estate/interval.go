package estate

import (
	"slices"
	"time"
)

// Interval is a closed one, in whole seconds. A zero From or Until is open.
type Interval struct{ From, Until time.Time }

// meets reports whether the two have a second in common.
func (i Interval) meets(o Interval) bool {
	return (i.Until.IsZero() || !o.From.After(i.Until)) && (o.Until.IsZero() || !i.From.After(o.Until))
}

// cut is what the two have in common.
func (i Interval) cut(o Interval) (Interval, bool) {
	if !i.meets(o) {
		return Interval{}, false
	}
	if o.From.After(i.From) {
		i.From = o.From
	}
	if i.Until.IsZero() || (!o.Until.IsZero() && o.Until.Before(i.Until)) {
		i.Until = o.Until
	}
	return i, true
}

// cutAll is what an interval has in common with any of the others.
func cutAll(i Interval, others []Interval) (out []Interval) {
	for _, o := range others {
		if c, ok := i.cut(o); ok {
			out = append(out, c)
		}
	}
	return out
}

// joined sorts intervals and joins those that overlap or adjoin.
func joined(in []Interval) []Interval {
	slices.SortFunc(in, func(a, b Interval) int { return a.From.Compare(b.From) })
	var out []Interval
	for _, i := range in {
		n := len(out) - 1
		if n < 0 || (!out[n].Until.IsZero() && i.From.After(out[n].Until.Add(time.Second))) {
			out = append(out, i)
			continue
		}
		if !out[n].Until.IsZero() && (i.Until.IsZero() || i.Until.After(out[n].Until)) {
			out[n].Until = i.Until
		}
	}
	return out
}

// covers reports whether the joined intervals hold all of o.
func covers(in []Interval, o Interval) bool {
	return slices.ContainsFunc(in, func(i Interval) bool {
		return !i.From.After(o.From) && (i.Until.IsZero() || (!o.Until.IsZero() && !i.Until.Before(o.Until)))
	})
}

// rightWay reports whether the interval begins before it ends, in whole seconds.
func (i Interval) rightWay() bool {
	return i.From.Nanosecond() == 0 && i.Until.Nanosecond() == 0 && (i.Until.IsZero() || !i.Until.Before(i.From))
}
