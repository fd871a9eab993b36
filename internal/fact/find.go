package fact

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Word is something that can be looked for: a fact, or a word that a fact takes.
type Word struct {
	Name    string
	Meaning string
	Also    []string // other words for it
	values  []string
}

// Names lists all facts to be looked for.
func Names() (out []Word) {
	for k := range schema {
		d := &schema[k]
		w := Word{Name: d.Name, Meaning: d.Meaning, Also: apart(called[k]), values: d.Values}
		if Key(k) == USState || Key(k) == EntityUSState {
			w.values = append(slices.Clone(d.Values), strings.Split(stateNames, ";")...)
		}
		if Key(k) == Forum {
			w.values = nil // they are looked for by themselves
		}
		out = append(out, w)
	}
	return out
}

// Words lists the words that a fact takes, with what they mean.
func Words(k Key) (out []Word) {
	for _, v := range schema[k].Values {
		meaning := meaningOf(k, v)
		switch k {
		case Instrument:
			meaning = papers[v]
		case Forum:
			meaning = courtName(v)
		case USState, EntityUSState:
			meaning = StateName(v)
		}
		meaning, also, _ := strings.Cut(meaning, " | ")
		out = append(out, Word{Name: v, Meaning: meaning, Also: apart(also)})
	}
	return out
}

func apart(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "; ")
}

// Find gives those in which all words of a text stand, or as many as stand in any: first
// those whose name holds it, then those of which it is another word, then those that
// hold it whole, then the rest.
func Find(in []Word, text string) []Word {
	type hit struct {
		Word
		missed, rank int
	}
	asked := tokens(text)
	if long := slices.DeleteFunc(slices.Clone(asked), func(s string) bool { return len(s) < 3 }); len(long) > 0 {
		asked = long // "is" and "of" stand everywhere
	}
	var hits []hit
	for _, w := range in {
		h := hit{Word: w, missed: len(asked)}
		for _, s := range asked {
			if r := w.rank(s); r < nowhere {
				h.missed, h.rank = h.missed-1, h.rank+r
			}
		}
		if h.missed < len(asked) {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(a.missed, b.missed), cmp.Compare(a.rank, b.rank)) })
	var out []Word
	for _, h := range hits {
		if h.missed == hits[0].missed {
			out = append(out, h.Word)
		}
	}
	return out
}

// Meant gives the facts that the words of a text name, or for which they are other words,
// each with that word; the first fact of a word, and each fact once.
func Meant(text string) (words []string, facts []Word) {
	all := Names()
	for _, s := range tokens(text) {
		var best *Word
		rank := 2
		for i := range all {
			r := all[i].rank(s)
			if all[i].Name == s {
				r = -1
			}
			if len(s) > 2 && r < rank && !slices.Contains(common, s) {
				best, rank = &all[i], r
			}
		}
		if best != nil && !slices.ContainsFunc(facts, func(w Word) bool { return w.Name == best.Name }) {
			words, facts = append(words, s), append(facts, *best)
		}
	}
	return words, facts
}

// common are words that stand in conditions of every kind.
var common = strings.Fields("the and not for day days date time within after before when who from that was has have been must may order only other than more least most")

const nowhere = 4

// rank says where a word stands: 0 in the name, 1 whole among the other words for it, 2
// whole in its meaning or values, 3 as a part of a word.
func (w *Word) rank(s string) int {
	also := tokens(strings.Join(w.Also, " "))
	said := tokens(strings.Join(append([]string{w.Meaning}, w.values...), " "))
	switch {
	case slices.Contains(tokens(w.Name), s):
		return 0
	case slices.Contains(also, s):
		return 1
	case slices.Contains(said, s):
		return 2
	case slices.ContainsFunc(slices.Concat(also, said, []string{w.Name}), func(t string) bool { return strings.Contains(t, s) }):
		return 3
	}
	return nowhere
}

func tokens(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}
