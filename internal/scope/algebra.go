package scope

import (
	"slices"
	"time"
)

// An atom is a selector with at most one participant and one item. A selector
// that names several is the union of its atoms, so the set operations need to
// compare single names only.
type atom struct {
	account     AccountID
	service     Service
	category    Category
	basis       Basis
	participant string // "" is not narrowed
	item        string // "" is not narrowed
}

type interval struct{ from, until int64 } // closed, Unix seconds

func (s Selector) span() interval { return interval{s.From.Unix(), s.Until.Unix()} }

func (s Selector) atoms() []atom {
	base := atom{account: s.Account, service: s.Service, category: s.Category, basis: s.Basis}
	var out []atom
	for _, p := range orOne(s.Participants) {
		for _, i := range orOne(s.Items) {
			a := base
			a.participant, a.item = p, i
			out = append(out, a)
		}
	}
	return out
}

func orOne(names []string) []string {
	if len(names) == 0 {
		return []string{""}
	}
	return names
}

// covers reports whether every item of b (times aside) is one of a.
func (a atom) covers(b atom) bool {
	return a.account == b.account && a.service == b.service && a.category == b.category && a.basis == b.basis &&
		(a.participant == "" || a.participant == b.participant) && (a.item == "" || a.item == b.item)
}

// Contains reports whether everything in o is in s. Where two selectors are
// narrowed differently it answers by names, not by what a store happens to
// hold: it never says true when an item could lie outside. The empty scope
// contains nothing but the empty scope.
func (s Scope) Contains(o Scope) bool {
	for _, want := range o.selectors {
		for _, a := range want.atoms() {
			if len(subtract([]interval{want.span()}, s.spansCovering(a))) > 0 {
				return false
			}
		}
	}
	return true
}

// spansCovering gives the intervals in which s holds all of atom a.
func (s Scope) spansCovering(a atom) []interval {
	var out []interval
	for _, have := range s.selectors {
		if slices.ContainsFunc(have.atoms(), func(h atom) bool { return h.covers(a) }) {
			out = append(out, have.span())
		}
	}
	return out
}

// Intersects reports whether s and o may share an item. Differently narrowed
// selectors, and intervals read on different time bases, may share one whatever
// they name, so the answer is then true: a stay must rather stop too much.
func (s Scope) Intersects(o Scope) bool {
	for _, a := range s.selectors {
		for _, b := range o.selectors {
			if a.Account != b.Account || a.Service != b.Service || a.Category != b.Category {
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

func shareName(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

// Minus returns what is in s and not in o, as the smallest scope that can be
// written down: a selector that o narrows (to participants, items or another
// time basis) stays whole, because "everything but these" cannot be expressed.
// So s ⊆ (s minus o) ∪ o always, and nothing outside s appears. The second
// result is false when nothing is left.
func (s Scope) Minus(o Scope) (Scope, bool) {
	var rest []Selector
	for _, have := range s.selectors {
		atoms := have.atoms()
		whole := []interval{have.span()}
		if len(atoms) == 1 {
			rest = append(rest, have.over(subtract(whole, o.spansCovering(atoms[0])))...)
			continue
		}
		for _, a := range atoms {
			one := have
			one.Participants, one.Items = nameOf(a.participant), nameOf(a.item)
			rest = append(rest, one.over(subtract(whole, o.spansCovering(a)))...)
		}
	}
	if len(rest) == 0 {
		return Scope{}, false
	}
	slices.SortFunc(rest, compareLines)
	rest = slices.CompactFunc(rest, func(a, b Selector) bool { return a.line() == b.line() })
	return Scope{selectors: rest, canonical: encode(rest)}, true
}

// Union returns everything in either. Codes: those of New (scope.too_large).
func Union(a, b Scope) (Scope, error) { return New(append(a.Selectors(), b.Selectors()...)...) }

func nameOf(n string) []string {
	if n == "" {
		return nil
	}
	return []string{n}
}

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
