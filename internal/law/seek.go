package law

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"counterseal/internal/fact"
)

// maxViews bounds the search for the cases of one draft: each of its two ways.
const maxViews = 60_000

// asked is a question about facts of which some are unknown, and what it needs to know.
type asked func(*view) (truth, fact.Bits)

// seek states facts that are needed, one after the other, until something is so. Values
// are tried in the order of choices, so what is found first reads best.
func (w *sitting) seek(f fact.Facts, so asked) (fact.Facts, answer) {
	steps := 0
	var search func(f fact.Facts) (fact.Facts, answer)
	search = func(f fact.Facts) (fact.Facts, answer) {
		steps++
		w.sought++
		if steps > maxSteps || w.sought > maxViews {
			return f, notDecided
		}
		is, need := so(w.look(&f))
		switch is {
		case no:
			return f, cannotBe
		case yes:
			return f, canBe
		}
		k, values := w.next(need.Without(f.Known()))
		if len(values) == 0 {
			return f, notDecided
		}
		result := cannotBe
		for _, g := range w.ways(f, k, values) {
			found, a := search(g)
			if a == canBe {
				return found, a
			}
			if a == notDecided {
				result = a
			}
		}
		return f, result
	}
	return search(f)
}

// ways state a fact in each of its values; those first that go together with what stands.
func (w *sitting) ways(f fact.Facts, k fact.Key, values []any) (out []fact.Facts) {
	for _, v := range values {
		g := f
		err := g.Set(k.String(), v)
		if err == nil && g.Validate() == nil {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b fact.Facts) int { return cmp.Compare(odd(a), odd(b)) })
	return out
}

// next is the needed fact with the fewest values.
func (w *sitting) next(need fact.Bits) (best fact.Key, values []any) {
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		if v := w.values[k]; need.Has(k) && len(v) > 0 && (values == nil || len(v) < len(values)) {
			best, values = k, v
		}
	}
	return best, values
}

// shows counts the open goals that facts show.
func (w *sitting) shows(f *fact.Facts) (n int) {
	w.spent++
	v := w.look(f)
	for _, g := range w.open {
		is, _ := v.shown(g)
		n += btoi(is == yes)
	}
	return n
}

// richer changes facts one by one as long as something stays so and more is shown.
func (w *sitting) richer(f fact.Facts, so asked) fact.Facts {
	for n := w.shows(&f); ; {
		best, most := f, n
		w.changes(f, func(g fact.Facts) {
			if is, _ := so(w.look(&g)); is != yes {
				return
			}
			if m := w.shows(&g); m > most {
				best, most = g, m
			}
		})
		if most == n {
			return f
		}
		f, n = best, most
	}
}

// changes gives facts with one fact changed that the draft reads.
func (w *sitting) changes(f fact.Facts, to func(fact.Facts)) { w.changesTo(&w.values, f, to) }

func (w *sitting) changesTo(values *[fact.Count][]any, f fact.Facts, to func(fact.Facts)) {
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		for _, v := range values[k] {
			if w.spent > maxViews {
				return
			}
			g := f
			err := g.Set(k.String(), v)
			if err == nil && g != f && g.Validate() == nil {
				to(g)
			}
		}
	}
}

// oneAway is what shows most with one fact of a case changed: where it can be, one that
// goes together with the others as well as before, so that no second one must change.
func (w *sitting) oneAway() (best fact.Facts, found bool) {
	most, alone := 0, false
	for _, values := range []*[fact.Count][]any{&w.values, &w.spare} {
		for _, c := range w.cases {
			w.changesTo(values, c.Facts, func(g fact.Facts) {
				n, fits := w.shows(&g), odd(g) <= odd(c.Facts)
				if n == 0 || alone && !fits {
					return
				}
				if fits && !alone || n > most || n == most && w.strange(g) < w.strange(best) {
					best, most, alone = g, n, fits
				}
			})
		}
		if alone {
			return best, true
		}
	}
	if most > 0 {
		best = w.fit(best, anything)
	}
	return best, most > 0
}

// strange counts what is otherwise than in ordinary cases: dates that lie on the other
// side of the day in question, and facts that do not go together.
func (w *sitting) strange(f fact.Facts) (n int) {
	n = odd(f)
	day, known := f.Raw(fact.AsOf)
	if !known {
		day = w.anchor
	}
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		raw, known := f.Raw(k)
		if known && k.Def().Type == fact.Date && k != fact.AsOf && !slices.Contains(ahead, k) {
			n += btoi(raw > day)
		}
	}
	return n
}

// afresh seeks facts for the first open goal from the start, or from nothing, and brings
// them as near to a case as they come.
func (w *sitting) afresh() (fact.Facts, bool) {
	g := w.open[0]
	shown := func(v *view) (truth, fact.Bits) { return v.shown(g) }
	for _, from := range []fact.Facts{w.start, {}} {
		f, a := w.seek(from, shown)
		if a == canBe {
			return w.fit(w.nearer(f, shown), shown), true
		}
	}
	return fact.Facts{}, false
}

// nearer gives facts the values of a case wherever something stays so, of that case of
// which they keep the least.
func (w *sitting) nearer(f fact.Facts, so asked) fact.Facts {
	best, least := f, fact.Count+1
	for _, c := range w.cases {
		g := f
		for _, name := range f.Differs(&c.Facts).Names() {
			h := g
			v, known, _ := c.Facts.Get(name) // its name is the schema's
			if !known {
				v = fact.Unknown
			}
			err := h.Set(name, v)
			if err != nil || h.Validate() != nil {
				continue
			}
			if is, _ := so(w.look(&h)); is == yes {
				g = h
			}
		}
		if n := g.Differs(&c.Facts).Len(); n < least {
			best, least = g, n
		}
	}
	return best
}

// choices are the values to try of each fact that the draft reads, those first that
// read best in a case. The words and numbers of a fact are those that stand in one atom
// with it; days and lengths are of all.
func (w *sitting) choices(today string) (values [fact.Count][]any) {
	all := written{words: map[string]bool{}}
	for _, e := range []*studied{&w.study.applies, w.study.requires} {
		all.read(e.tree.NativeRep().Expr())
	}
	facts := all.facts.Union(w.rule.gates)
	w.anchor = dayNumber(dayInForce(w.rule.Rule, today), 0)
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		if !facts.Has(k) {
			continue
		}
		note := written{words: map[string]bool{}}
		with := w.compared(k)
		for i := range w.atoms {
			if with.Without(w.atoms[i].facts) != with {
				note.read(w.atoms[i].expr)
			}
		}
		note.days, note.apart = all.days, all.apart
		values[k] = w.choicesOf(k, &note)
		for _, word := range k.Def().Values {
			if goesTogether(k) && word != "none" && fact.Exists(k, word, w.country) && !slices.Contains(values[k], any(word)) {
				w.spare[k] = append(w.spare[k], word)
			}
		}
	}
	return values
}

// goesTogether says whether a fact is one of those of one paper that go together.
func goesTogether(k fact.Key) bool {
	for _, t := range together {
		if t.of == k || t.has == k {
			return true
		}
	}
	return false
}

// compared are the facts that are compared with one, with those compared with them, and
// so on.
func (w *sitting) compared(k fact.Key) (all fact.Bits) {
	all.Add(k)
	for was := (fact.Bits{}); was != all; {
		was = all
		for i := range w.atoms {
			if facts := w.atoms[i].facts; facts.Without(all) != facts {
				all = all.Union(facts)
			}
		}
	}
	return all
}

func (w *sitting) choicesOf(k fact.Key, note *written) []any {
	def := k.Def()
	switch def.Type {
	case fact.Enum:
		return w.wordsFor(k, note)
	case fact.Country:
		return countriesFor(note)
	case fact.Date, fact.Instant:
		return daysFor(k, note, w.anchor)
	case fact.Int:
		all := note.numbersOf(def)
		slices.SortStableFunc(all, func(a, b any) int { return cmp.Compare(note.far(a.(int64)), note.far(b.(int64))) })
		return all
	}
	return note.valuesOf(question{}, k, nil, &domains{})
}

// far is how far a number is from those that are written.
func (w *written) far(n int64) int64 {
	least := int64(1 << 40)
	for _, m := range w.numbers {
		least = min(least, max(n-m, m-n))
	}
	return least
}

// ordinary are words to stand for all that a draft does not name, those first that read
// as of any country.
var ordinary = map[fact.Key][]string{
	fact.Signer: {"police_officer", "prosecutor", "agency_official", "attorney"}, fact.SecrecySigner: {"police_officer", "prosecutor", "agency_official"},
	fact.Validator: {"none"}, fact.Emergency: {"none"}, fact.Kind: {"data"}, fact.Requester: {"private_litigant"}, fact.AuthorityKind: {"police"},
	fact.Channel: {"mail"}, fact.CustomerKind: {"consumer"}, fact.Assistance: {"none"}, fact.Privilege: {"none"}, fact.USState: {"NY"}, fact.EntityUSState: {"NY"},
}

// wordsFor are the words that a draft names, and one that it does not; where two facts
// are compared, all.
func (w *sitting) wordsFor(k fact.Key, note *written) (out []any) {
	all := k.Def().Values
	mask := map[fact.Key][]bool{fact.Instrument: w.study.instruments, fact.Forum: w.study.forums}[k]
	named := func(word string) bool {
		i := slices.Index(all, word)
		return note.words[word] || note.paired || mask != nil && mask[i] && k == fact.Instrument
	}
	for _, word := range all {
		if named(word) {
			out = append(out, word)
		}
	}
	if k == fact.Forum {
		for _, in := range []bool{true, false} {
			if i := slices.Index(mask, in); i >= 0 && !slices.Contains(out, any(all[i])) {
				out = append(out, all[i])
			}
		}
		if mask != nil {
			return out
		}
	}
	for _, word := range slices.Concat(ordinary[k], sisters(k, out), all) {
		if !fact.Exists(k, word, w.country) {
			continue
		}
		if !named(word) && word != "none" || !named(word) && slices.Contains(ordinary[k], word) {
			return append(out, word)
		}
	}
	for _, word := range all {
		if !named(word) {
			return append(out, word)
		}
	}
	return out
}

// sisters are the papers of whoever issues those that a draft names: beside a State's warrant,
// its orders and subpoenas.
func sisters(k fact.Key, named []any) (out []string) {
	if k != fact.Instrument {
		return nil
	}
	for _, n := range named {
		of, _, apart := strings.Cut(n.(string), "_")
		for _, word := range k.Def().Values {
			if apart && of != "treaty" && of != "customer" && of != "emergency" && strings.HasPrefix(word, of+"_") {
				out = append(out, word)
			}
		}
	}
	return out
}

// elsewhere are states to stand for any that a draft does not write.
var elsewhere = []string{"BR", "IN", "JP", "ZA", "CA", "AU", "MX", "KE"}

func countriesFor(note *written) (out []any) {
	for _, code := range note.countriesOf() {
		if note.words[code.(string)] {
			out = append(out, code)
		}
	}
	for _, code := range elsewhere {
		if !note.words[code] {
			out = append(out, code)
		}
	}
	return out[:min(len(out), len(note.words)+4)]
}

// ahead are the dates that lie ahead of the day in question, in ordinary cases.
var ahead = []fact.Key{fact.Effective, fact.Expiry, fact.SecrecyUntil, fact.Due, fact.EnforcementDue}

// daysFor are the days at, beside and written lengths away from the day in question and
// the written days; the nearest first, and those before it sooner than those after.
func daysFor(k fact.Key, note *written, anchor int64) []any {
	pool := map[int64]bool{}
	steps := []int64{-1, 0, 1}
	for _, n := range note.apart {
		for _, m := range []int64{n - 1, n, n + 1} {
			steps = append(steps, m, -m)
		}
	}
	for _, day := range append([]int64{anchor}, note.days...) {
		for _, a := range steps {
			pool[day+a] = true
			for _, n := range note.apart {
				pool[day+a+n], pool[day+a-n] = true, true
			}
		}
	}
	days := make([]int64, 0, len(pool))
	for day := range pool {
		days = append(days, day)
	}
	before := !slices.Contains(ahead, k)
	far := func(day int64) int64 {
		d := day - anchor
		switch {
		case d == 0:
			return 0
		case (d < 0) == before:
			return max(d, -d)
		}
		return max(d, -d) + 1_000_000
	}
	slices.SortFunc(days, func(a, b int64) int { return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a, b)) })
	out := make([]any, 0, len(days))
	for _, day := range days[:min(len(days), maxValues)] {
		text := fact.DayTime(day).Format(time.DateOnly)
		if k.Def().Type == fact.Instant {
			text += "T12:00:00Z"
		}
		out = append(out, text)
	}
	return out
}
