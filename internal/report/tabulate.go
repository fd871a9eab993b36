package report

import (
	"cmp"
	"slices"
	"time"
)

// Policy is what counsel has approved for publication.
type Policy struct {
	Minimum  int      // the smallest number of demands that is told; at least 2
	Band     int      // width of the band of 50 USC 1874(a)(3); 0: no band is published
	LeftOut  []string // instruments of which no number is told, as the published policy says
	Provider string
	Counted  time.Time
	Heads    []Head
}

// Tabulate makes the report of a period from its entries.
func Tabulate(p Period, entries []Entry, y Policy) Report {
	r := Report{Version: 1, Provider: y.Provider, Period: p.String(), From: p.Begin().Format(time.DateOnly), To: p.Last().Format(time.DateOnly), Counted: y.Counted.UTC().Truncate(time.Second),
		Minimum: y.Minimum, Outcomes: map[Outcome]Figure{}, Together: []Outcome{}, Rows: []Row{}, LeftOut: append([]string{}, y.LeftOut...), Heads: append([]Head{}, y.Heads...)}
	var plain []Entry
	process, selectors, imported := 0, 0, 0
	for _, e := range entries {
		switch {
		case e.LeftOut:
		case e.BandOnly:
			process, selectors = process+1, selectors+e.Targets
		case e.Imported:
			imported++
		default:
			plain = append(plain, e)
		}
	}
	if y.Band > 0 {
		a, b := BandOf(process, y.Band), BandOf(selectors, y.Band)
		r.SecurityProcess, r.SecuritySelectors = &a, &b
	}
	r.Imported = atLeast(imported, y.Minimum)
	r.fill(newTable(plain), plain, y.Minimum)
	return r
}

// atLeast tells a number that is not small.
func atLeast(n, k int) Figure {
	if n < k {
		return Figure{FewerThan: k}
	}
	return Exact(n)
}

// place is a row's name.
type place struct {
	country, class string
	rest           bool
}

// table is the counts before anything is withheld.
type table struct {
	rows map[place]map[Outcome]int
}

func newTable(entries []Entry) table {
	t := table{map[place]map[Outcome]int{}}
	for _, e := range entries {
		at := place{country: e.Country, class: e.Class}
		if t.rows[at] == nil {
			t.rows[at] = map[Outcome]int{}
		}
		t.rows[at][e.Outcome]++
	}
	return t
}

func sum(row map[Outcome]int) (n int) {
	for _, v := range row {
		n += v
	}
	return n
}

// bySize lists row names, the smallest first, in an order that is always the same.
func (t table) bySize() []place {
	var out []place
	for at := range t.rows {
		out = append(out, at)
	}
	slices.SortFunc(out, func(a, b place) int {
		return cmp.Or(sum(t.rows[a])-sum(t.rows[b]), cmp.Compare(a.country, b.country), cmp.Compare(a.class, b.class))
	})
	return out
}

// nameless puts rows smaller than k into the rest, and then the next larger ones
// while the rest is too small itself.
func (t table) nameless(k int) {
	rest := map[Outcome]int{}
	for _, at := range t.bySize() {
		if sum(t.rows[at]) >= k && (sum(rest) == 0 || sum(rest) >= k) {
			break
		}
		for o, n := range t.rows[at] {
			rest[o] += n
		}
		delete(t.rows, at)
	}
	if len(rest) > 0 {
		t.rows[place{rest: true}] = rest
	}
}

func (t table) columns() map[Outcome]int {
	out := map[Outcome]int{}
	for _, row := range t.rows {
		for o, n := range row {
			out[o] += n
		}
	}
	return out
}

// together puts outcomes smaller than k into one column, and then the next larger
// ones while that is too small itself. It returns them, where there are any.
func (t table) together(k int) []Outcome {
	totals := t.columns()
	order := slices.Clone(Outcomes)
	slices.SortStableFunc(order, func(a, b Outcome) int { return totals[a] - totals[b] })
	var joined []Outcome
	n := 0
	for _, o := range order {
		if totals[o] == 0 {
			continue
		}
		if totals[o] >= k && (n == 0 || n >= k) {
			break
		}
		joined, n = append(joined, o), n+totals[o]
	}
	if len(joined) == 0 {
		return nil
	}
	if totals[Otherwise] > 0 && !slices.Contains(joined, Otherwise) { // its column is taken for the joined ones
		joined = append(joined, Otherwise)
	}
	for _, row := range t.rows {
		together := 0
		for _, o := range joined {
			together += row[o]
			delete(row, o)
		}
		if together > 0 {
			row[Otherwise] += together
		}
	}
	slices.SortFunc(joined, func(a, b Outcome) int { return slices.Index(Outcomes, a) - slices.Index(Outcomes, b) })
	return joined
}

// withhold says whose split is not told: rows with a small cell, and then others,
// the smallest first, until what they hold together tells nothing small.
func (t table) withhold(k int) map[place]bool {
	hidden := map[place]bool{}
	for at, row := range t.rows {
		for _, n := range row {
			if n > 0 && n < k {
				hidden[at] = true
			}
		}
	}
	for _, at := range t.bySize() {
		if !t.tells(hidden, k) {
			break
		}
		hidden[at] = true
	}
	return hidden
}

// tells reports whether the hidden rows could be computed: there is one alone, or
// together they hold a small number of some outcome.
func (t table) tells(hidden map[place]bool, k int) bool {
	sums := map[Outcome]int{}
	for at := range hidden {
		for o, n := range t.rows[at] {
			sums[o] += n
		}
	}
	for _, n := range sums {
		if n > 0 && n < k {
			return true
		}
	}
	return len(hidden) == 1
}

func (r *Report) fill(t table, entries []Entry, k int) {
	r.ByHand = byHand(entries, k)
	if len(entries) < k {
		r.Total = Figure{FewerThan: k}
		return
	}
	r.Total = Exact(len(entries))
	t.nameless(k)
	r.Together = append(r.Together, t.together(k)...)
	for _, o := range Outcomes {
		if !slices.Contains(r.Together, o) || o == Otherwise {
			r.Outcomes[o] = Exact(t.columns()[o])
		}
	}
	hidden := t.withhold(k)
	for at, row := range t.rows {
		out := Row{Country: at.country, Class: at.class, Rest: at.rest, Total: sum(row), Outcomes: map[Outcome]Figure{}}
		for o := range r.Outcomes {
			out.Outcomes[o] = Exact(row[o])
			if hidden[at] {
				out.Outcomes[o] = Figure{Withheld: true}
			}
		}
		r.Rows = append(r.Rows, out)
	}
	slices.SortFunc(r.Rows, func(a, b Row) int {
		if a.Rest != b.Rest {
			return map[bool]int{true: 1, false: -1}[a.Rest]
		}
		return cmp.Or(b.Total-a.Total, cmp.Compare(a.Country, b.Country), cmp.Compare(a.Class, b.Class))
	})
}

// byHand tells how many answers were exported by a person, unless what is left of
// all answers would then be small. How many were answered at all is told beside it
// in the outcomes, so a number that it differs from by less than k is withheld.
func byHand(entries []Entry, k int) Figure {
	hand, given := 0, 0
	for _, e := range entries {
		if e.Outcome == Full || e.Outcome == Part {
			given++
			if e.ByHand {
				hand++
			}
		}
	}
	if left := given - hand; hand >= k && left > 0 && left < k {
		return Figure{Withheld: true}
	}
	return atLeast(hand, k)
}
