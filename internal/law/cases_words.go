package law

import (
	"slices"

	"counterseal/internal/fact"
)

// lists shows that each word of a list counts: beside a case in which the list decides
// stand the same facts with the other words; a list of a set takes cases of its own.
func (w *sitting) lists() {
	w.open = nil
	for i := range w.atoms {
		for j := range w.atoms[i].slips {
			s := &w.atoms[i].slips[j]
			if s.word == "" {
				continue
			}
			g := goal{i, perhaps, s}
			if len(w.unshown([]goal{g})) == 1 && (s.list == noList || !w.beside(g)) {
				w.open = append(w.open, g)
			}
		}
	}
	for len(w.open) > 0 && len(w.cases) < enough {
		f, found := w.oneAway()
		if !found || !w.add(f) {
			break
		}
	}
	for i := range w.rule.Instruments {
		f := w.cases[0].Facts
		_ = f.Set(fact.Instrument.String(), w.rule.Instruments[i]) // it has loaded
		w.also(0, f)
	}
	for i := range w.cases {
		w.otherWords(i)
	}
}

// fewWords are so many that all of them are read.
const fewWords = 4

// otherWords puts beside a case that is other in one word the other words of that fact of
// which the draft says the same: who shuts one out may shut out more.
func (w *sitting) otherWords(i int) {
	c := &w.cases[i]
	if len(c.Changed) != 1 {
		return
	}
	k, _ := fact.Lookup(c.Changed[0])
	def := k.Def()
	was, known := w.cases[c.Like].Facts.Raw(k)
	if def.Type != fact.Enum || len(def.Values) > fewWords || !known || !c.Facts.Known().Has(k) || ranked(k) {
		return
	}
	for _, v := range def.Values {
		f := c.Facts
		_ = f.Set(def.Name, v) // a word of the schema
		if is, _ := f.Raw(k); is != was && odd(f) <= odd(c.Facts) {
			w.also(i, f)
		}
	}
}

// beside puts a word of a list beside a case in which another word of it decides, or
// beside any, or beside one with another fact changed, too.
func (w *sitting) beside(g goal) bool {
	list := g.slip.list.String()
	shows := func(i int, f fact.Facts) bool {
		is, _ := w.look(&f).shown(g)
		return is == yes && w.also(i, f)
	}
	for _, alike := range []bool{true, false} {
		for i := range w.cases {
			f := w.cases[i].Facts
			if alike {
				is, _ := w.look(&f).shown(goal{g.atom, yes, nil})
				if is != yes {
					continue
				}
			}
			if f.Known().Has(g.slip.list) && f.Set(list, g.slip.word) == nil && shows(i, f) {
				return true
			}
		}
	}
	for i := range w.cases {
		f, done := w.cases[i].Facts, false
		if f.Set(list, g.slip.word) != nil {
			continue
		}
		w.changes(f, func(f fact.Facts) {
			v, _, _ := f.Get(list) // its name is the schema's
			done = done || v == any(g.slip.word) && shows(i, f)
		})
		if done {
			return true
		}
	}
	return false
}

// also puts facts beside a case, where the same is said of them.
func (w *sitting) also(i int, f fact.Facts) bool {
	c := &w.cases[i]
	if f == c.Facts || f.Validate() != nil || slices.Contains(c.Also, f) || slices.Contains(c.Ranks, f) || w.judge(f).Says != c.Says {
		return false
	}
	if outranks(f, c.Facts) {
		c.Ranks = append(c.Ranks, f)
	} else {
		c.Also = append(c.Also, f)
	}
	return true
}

// otherPaper adds the first case with a paper that the draft is not about, one of its own
// country where there is one, that stands beside its own in the schema.
func (w *sitting) otherPaper() {
	if w.study.instruments == nil || w.full(most) {
		return
	}
	words := fact.Instrument.Def().Values
	at := slices.Index(words, w.rule.Instruments[0])
	home := fact.Home(fact.Instrument, words[at])
	for _, near := range []func(paper string) bool{
		func(paper string) bool { return home != "" && fact.Home(fact.Instrument, paper) == home },
		func(paper string) bool { return fact.Exists(fact.Instrument, paper, w.country) },
		func(string) bool { return true },
	} {
		for n := 1; n < len(words); n++ {
			for _, i := range []int{at + n, at - n} {
				if i < 0 || i >= len(words) || w.study.instruments[i] || words[i] == "none" || words[i] == "other" || !near(words[i]) {
					continue
				}
				f := w.cases[0].Facts
				_ = f.Set(fact.Instrument.String(), words[i]) // a word of the schema
				if w.add(f) {
					return
				}
			}
		}
	}
}
