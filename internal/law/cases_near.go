package law

import (
	"cmp"
	"slices"
	"strings"

	"counterseal/internal/country"
	"counterseal/internal/fact"
)

// near are words of ranks that are mistaken for another, or forgotten beside it, the
// likeliest first; an attorney is in American statutes a prosecutor, too, and who lists
// everybody down to a clerk may forget what nobody signed.
var near = map[fact.Key]map[string]string{
	fact.Signer:        ranks,
	fact.SecrecySigner: ranks,
	fact.Validator:     {"judge": "court investigating_judge prosecutor", "court": "judge investigating_judge prosecutor", "investigating_judge": "judge court prosecutor", "prosecutor": "judge investigating_judge"},
}

var ranks = map[string]string{
	"judge": "investigating_judge magistrate_judge prosecutor", "magistrate_judge": "judge court_clerk", "investigating_judge": "judge prosecutor",
	"prosecutor": "judge investigating_judge attorney police_officer", "police_officer": "prosecutor supervisory_official agency_official", "agency_official": "supervisory_official prosecutor",
	"supervisory_official": "agency_official police_officer minister", "minister": "supervisory_official judge", "attorney": "prosecutor court_clerk judge", "court_clerk": "judge attorney none",
}

// rank is what a word of a rank has in common with others of it.
func rank(word string) string {
	switch word {
	case "magistrate_judge", "investigating_judge", "court":
		return "judge"
	}
	return word
}

// ranked says whether the words of a fact are ranks.
func ranked(k fact.Key) bool {
	return k == fact.Signer || k == fact.Validator || k == fact.SecrecySigner || k == fact.AuthorityKind
}

// outranks says whether a rank in some facts is another than in others: who judges one of
// them has not judged the other.
func outranks(f, g fact.Facts) bool {
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		a, _ := f.Raw(k)
		b, _ := g.Raw(k)
		if words := k.Def().Values; ranked(k) && a != b && f.Known().Has(k) && g.Known().Has(k) && rank(words[a]) != rank(words[b]) {
			return true
		}
	}
	return false
}

// Of an ordinary rule there are at most so many cases; ranks near to those that are named
// take a few more.
const (
	ordinarily = 9
	most       = 12
)

// full says that with those that always follow (a fact unstated, a day, a court) there are
// as many cases as an ordinary rule has.
func (w *sitting) full(limit int) bool {
	return len(w.cases)+1+btoi(w.rule.From != "" || w.rule.To != "")+btoi(w.study.forums != nil) >= limit
}

// nearWords adds for each rank that the draft compares a case with a word of each rank that
// it does not name and that stands near to one of those, or puts it beside one: who forgot
// it, or wrote the one for the other, sees it there.
func (w *sitting) nearWords() {
	for _, k := range []fact.Key{fact.Signer, fact.Validator, fact.SecrecySigner} {
		w.nearWord(k)
	}
}

func (w *sitting) nearWord(k fact.Key) {
	note := written{words: map[string]bool{}}
	for i := range w.atoms {
		if w.atoms[i].facts.Has(k) {
			note.read(w.atoms[i].expr)
		}
	}
	if note.paired { // compared with another fact, and not with words
		return
	}
	words := w.nearTo(k, note.words)
	seen := map[string]bool{}
	for _, word := range words {
		if !seen[rank(word)] && w.addNear(k, word, len(seen) == 0) {
			seen[rank(word)] = true
		}
	}
}

// addNear shows a word where what is compared with that fact decides; true: it is shown.
// The first has a case of its own where there are few.
func (w *sitting) addNear(k fact.Key, word string, first bool) bool {
	for _, is := range []truth{no, yes} {
		for i := range w.atoms {
			if !w.atoms[i].facts.Has(k) {
				continue
			}
			for like := range w.cases {
				f := w.cases[like].Facts
				if so, _ := w.look(&f).shown(goal{i, is, nil}); so != yes {
					continue
				}
				g := f
				if g.Set(k.String(), word) != nil || odd(g) > odd(f) {
					continue
				}
				apart := first && !w.full(ordinarily)
				if g == f || !apart && w.also(like, g) || !w.full(most) && w.addAs(g, like) {
					return true
				}
			}
		}
	}
	return false
}

// nearTo are the words near to those that are named, and not among them, which exist in the
// country of the rule; those of judges first.
func (w *sitting) nearTo(k fact.Key, named map[string]bool) (out []string) {
	for _, v := range k.Def().Values {
		if !named[v] {
			continue
		}
		for _, word := range strings.Fields(near[k][v]) {
			lawyers := word == "attorney" && v == "prosecutor" || word == "prosecutor" && v == "attorney"
			if !named[word] && fact.Exists(k, word, w.country) && (!lawyers || w.country == "US") && !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(btoi(a != "judge"), btoi(b != "judge")) })
	return out
}

// Country is whose law a draft is, by its pack's name: two letters, US for a State of it, EU
// for the Union's; "" where it is of no one.
func (d *Draft) Country() string {
	k, code, one := d.Home()
	switch {
	case k == fact.USState:
		return "US"
	case one || code == "EU":
		return code
	}
	return ""
}

// Home is where the law of a draft is in force, by its pack's name: the fact by which a
// paper from there is told, and its word, "" for a State of the United States that the
// name does not say; false where the law is of no one country.
func (d *Draft) Home() (k fact.Key, code string, one bool) {
	words := strings.Split(d.Pack, ".")
	if words[0] == "us_state" {
		name := "_" + strings.Join(words[1:], "_") + "_"
		long := 0
		for _, state := range fact.USState.Def().Values {
			for _, said := range []string{state, strings.ReplaceAll(fact.StateName(state), " ", "_")} {
				if len(said) > long && strings.HasPrefix(name, "_"+strings.ToLower(said)+"_") {
					code, long = state, len(said)
				}
			}
		}
		return fact.USState, code, true
	}
	code = strings.ToUpper(words[0])
	if code == "UK" {
		code = "GB"
	}
	return fact.IssuingCountry, code, code != "EU" && slices.Contains(country.Codes(), code) // which is none
}

// AtHome says whether a draft is about papers of its own State or country alone, as far
// as it can be seen: by its papers, its courts, or because it looks at where they are from.
func (d *Draft) AtHome() bool {
	k, code, one := d.Home()
	if !one {
		return true
	}
	for _, src := range []string{d.Applies, d.Requires} {
		if slices.Contains((&Wording{d.env}).reads(src), k.String()) {
			return true
		}
	}
	if k == fact.USState {
		return false
	}
	own := country.Name(code, "en") + ": "
	foreign := func(paper string) bool {
		return !slices.ContainsFunc(fact.Words(fact.Instrument), func(w fact.Word) bool {
			return w.Name == paper && strings.HasPrefix(w.Meaning, own)
		})
	}
	if len(d.Instruments) > 0 && !slices.ContainsFunc(d.Instruments, foreign) {
		return true
	}
	courts := strings.Split(d.Pack, ".")[0]
	return len(d.Inside) > 0 && !slices.ContainsFunc(d.Inside, func(court string) bool {
		return court != courts && !strings.HasPrefix(court, courts+".")
	})
}

// abroad adds the first case with a paper of another State or country, where the draft
// does not look at where it is from.
func (w *sitting) abroad(d *Draft) {
	k, code, _ := d.Home()
	if d.AtHome() {
		return
	}
	for _, other := range map[fact.Key][]string{fact.USState: {"TX", "CA"}, fact.IssuingCountry: {"FR", "DE"}}[k] {
		f := w.cases[0].Facts
		if other != code && f.Set(k.String(), other) == nil && w.addAs(f, 0) {
			return
		}
	}
}
