package scope

import (
	"slices"
	"time"
)

// A pair is one participant and one item of a selector. A selector that names
// several is the union of its pairs, so the set operations compare single names.
type pair struct{ participant, item string } // "" is not narrowed

type interval struct{ from, until int64 } // closed, Unix seconds

func (s *Selector) span() interval { return interval{s.From.Unix(), s.Until.Unix()} }

// maxPairs bounds how many pairs one set operation compares: each of two scopes
// may name millions. Beyond it the answer is the cautious one.
const maxPairs = 4 << 20

func (s *Selector) pairs() int { return max(1, len(s.Participants)) * max(1, len(s.Items)) }

func orOne(names []string) []string {
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

// covers reports whether every item of the pair (times aside) is one of s.
func (s *Selector) covers(p pair) bool {
	return holdsName(s.Participants, p.participant) && holdsName(s.Items, p.item)
}

// holdsAll reports whether a canonical (sorted) list narrows no more than names,
// which is one, does.
func holdsAll(list, names []string) bool {
	if len(list) == 0 {
		return true
	}
	for _, n := range names {
		for len(list) > 0 && list[0] < n {
			list = list[1:]
		}
		if len(list) == 0 || list[0] != n {
			return false
		}
	}
	return len(names) > 0
}

func sameRow(a, b *Selector) bool {
	return a.Account == b.Account && a.Service == b.Service && a.Category == b.Category
}

// uncovered gives the seconds of want that no selector of s covers for all its
// names, and the selectors that cover some of its names in those seconds.
func (s Scope) uncovered(want *Selector) (left []interval, partial []*Selector) {
	var whole []interval
	for i := range s.selectors {
		have := &s.selectors[i]
		if !sameRow(have, want) || have.Basis != want.Basis || have.Until.Before(want.From) || want.Until.Before(have.From) {
			continue
		}
		if holdsAll(have.Participants, want.Participants) && holdsAll(have.Items, want.Items) {
			whole = append(whole, have.span())
			continue
		}
		if sharesOne(have.Participants, want.Participants) && sharesOne(have.Items, want.Items) {
			partial = append(partial, have)
		}
	}
	return subtract([]interval{want.span()}, whole), partial
}

// sharesOne reports whether a list covers at least one of the names.
func sharesOne(list, names []string) bool { return len(list) == 0 || shareName(list, names) }

// Contains reports whether everything in o is in s. Where two selectors are
// narrowed differently it answers by names, not by what a store happens to
// hold: it never says true when an item could lie outside. It may say false
// where more than maxPairs pairs of names would have to be compared. The empty
// scope contains nothing but the empty scope.
func (s Scope) Contains(o Scope) bool {
	budget := maxPairs
	for i := range o.selectors {
		want := &o.selectors[i]
		left, partial := s.uncovered(want)
		if len(left) == 0 {
			continue
		}
		budget -= want.pairs() * len(partial)
		if len(partial) == 0 || budget < 0 {
			return false
		}
		for _, p := range orOne(want.Participants) {
			for _, i := range orOne(want.Items) {
				if len(subtract(left, spansCovering(partial, pair{p, i}))) > 0 {
					return false
				}
			}
		}
	}
	return true
}

func spansCovering(selectors []*Selector, p pair) []interval {
	var out []interval
	for _, s := range selectors {
		if s.covers(p) {
			out = append(out, s.span())
		}
	}
	return out
}

// Intersects reports whether s and o may share an item. Differently narrowed
// selectors, and intervals read on different time bases, may share one whatever
// they name, so the answer is then true: a stay must rather stop too much.
func (s Scope) Intersects(o Scope) bool {
	for i := range s.selectors {
		for j := range o.selectors {
			a, b := &s.selectors[i], &o.selectors[j]
			if !sameRow(a, b) {
				continue
			}
			if a.Basis == b.Basis && (a.Until.Before(b.From) || b.Until.Before(a.From)) {
				continue
			}
			if len(a.Items) > 0 && len(b.Items) > 0 && !shareName(a.Items, b.Items) {
				continue
			}
			return true
		}
	}
	return false
}

// shareName reports whether two canonical (sorted) lists have a name in common.
func shareName(a, b []string) bool {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			return true
		}
	}
	return false
}

// Minus returns what is in s and not in o, as a scope that can be written down:
// a selector that o narrows (to participants, items or another time basis)
// stays whole, because "everything but these" cannot be expressed, and so does
// one whose rest would take more than a scope may hold. So s ⊆ (s minus o) ∪ o
// always, and nothing outside s appears. The second result is false when
// nothing is left.
func (s Scope) Minus(o Scope) (Scope, bool) {
	var rest []Selector
	budget := maxPairs
	for i := range s.selectors {
		have := &s.selectors[i]
		left, partial := o.uncovered(have)
		if len(left) == 0 {
			continue
		}
		budget -= have.pairs() * len(partial)
		if len(partial) == 0 || budget < 0 {
			rest = append(rest, have.over(left)...)
		} else {
			rest = append(rest, have.without(left, partial)...)
		}
		if len(rest) > MaxSelectors {
			return s, true
		}
	}
	if len(rest) == 0 {
		return Scope{}, false
	}
	out, ok := canonicalSet(rest)
	if !ok {
		return s, true
	}
	return out, true
}

// A share is the items of one participant for which the same seconds are left.
type share struct {
	participants, items []string
	left                []interval
}

// without cuts what the partial selectors cover out of s, pair by pair, and puts
// pairs with the same rest together again.
func (s *Selector) without(left []interval, partial []*Selector) []Selector {
	var shares []share
	for _, p := range orOne(s.Participants) {
		for _, mine := range s.sharesOf(p, left, partial) {
			i := slices.IndexFunc(shares, func(x share) bool { return slices.Equal(x.items, mine.items) && slices.Equal(x.left, mine.left) })
			if i < 0 {
				shares = append(shares, mine)
				continue
			}
			shares[i].participants = append(shares[i].participants, p)
		}
		if len(shares) > MaxSelectors {
			return s.over(left) // more than a scope may hold
		}
	}
	var out []Selector
	for _, x := range shares {
		one := *s
		one.Participants, one.Items = named(x.participants), named(x.items)
		out = append(out, one.over(x.left)...)
	}
	return out
}

func (s *Selector) sharesOf(participant string, left []interval, partial []*Selector) []share {
	var out []share
	for _, item := range orOne(s.Items) {
		rest := subtract(left, spansCovering(partial, pair{participant, item}))
		if len(rest) == 0 {
			continue
		}
		i := slices.IndexFunc(out, func(x share) bool { return slices.Equal(x.left, rest) })
		if i < 0 {
			out = append(out, share{participants: []string{participant}, left: rest})
			i = len(out) - 1
		}
		out[i].items = append(out[i].items, item)
	}
	return out
}

// named turns the one name that stands for "not narrowed" back into none.
func named(names []string) []string {
	if len(names) == 1 && names[0] == "" {
		return nil
	}
	return names
}

// Union returns everything in either. Codes: those of New (scope.too_large).
func Union(a, b Scope) (Scope, error) { return New(append(a.Selectors(), b.Selectors()...)...) }

func (s Selector) over(spans []interval) []Selector {
	var out []Selector
	for _, sp := range spans {
		one := s
		one.From, one.Until = time.Unix(sp.from, 0).UTC(), time.Unix(sp.until, 0).UTC()
		out = append(out, one)
	}
	return out
}

// subtract removes closed intervals from closed intervals at whole seconds.
func subtract(from, remove []interval) []interval {
	left := slices.Clone(from)
	for _, r := range remove {
		var next []interval
		for _, l := range left {
			if r.until < l.from || r.from > l.until {
				next = append(next, l)
				continue
			}
			if l.from < r.from {
				next = append(next, interval{l.from, r.from - 1})
			}
			if r.until < l.until {
				next = append(next, interval{r.until + 1, l.until})
			}
		}
		left = next
	}
	return left
}
