package law

import (
	"cmp"
	"slices"
	"strings"

	"counterseal/internal/country"
	"counterseal/internal/fact"
)

// near are words of ranks that are mistaken for another, or forgotten beside it, the
// likeliest first. A magistrate judge is one of the United States, an investigating judge
// one of elsewhere.
var near = map[fact.Key]map[string]string{
	fact.Signer:        ranks,
	fact.SecrecySigner: ranks,
	fact.Validator:     {"judge": "court investigating_judge prosecutor", "court": "judge investigating_judge prosecutor", "investigating_judge": "judge court prosecutor", "prosecutor": "judge investigating_judge"},
}

var ranks = map[string]string{
	"judge": "investigating_judge magistrate_judge prosecutor", "magistrate_judge": "judge court_clerk", "investigating_judge": "judge prosecutor",
	"prosecutor": "judge investigating_judge police_officer", "police_officer": "prosecutor supervisory_official", "agency_official": "supervisory_official prosecutor",
	"supervisory_official": "agency_official minister", "minister": "supervisory_official judge", "attorney": "court_clerk judge", "court_clerk": "judge attorney",
}

// most is how many cases an ordinary rule has at most.
const most = 9

// full says that with those that always follow (a fact unstated, a day, a court) there are
// as many cases as an ordinary rule has.
func (w *sitting) full() bool {
	return len(w.cases)+1+btoi(w.rule.From != "" || w.rule.To != "")+btoi(w.study.forums != nil) >= most
}

// nearWords adds for each rank that the draft compares a case with a word that it does
// not name and that stands near to one of those, or where there are many cases, puts it
// beside one: who forgot it, or wrote the one for the other, sees it there.
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
	for _, is := range []truth{no, yes} {
		for i := range w.atoms {
			if !w.atoms[i].facts.Has(k) {
				continue
			}
			for like := range w.cases {
				f := w.cases[like].Facts
				if so, _ := w.look(&f).shown(goal{i, is, nil}); so == yes && w.addNear(k, f, like, w.nearTo(k, note.words)) {
					return
				}
			}
		}
	}
}

func (w *sitting) addNear(k fact.Key, f fact.Facts, like int, words []string) bool {
	for _, word := range words {
		g := f
		if g.Set(k.String(), word) != nil || odd(g) > odd(f) {
			continue
		}
		if w.full() && w.also(like, g) || !w.full() && w.addAs(g, like) {
			return true
		}
	}
	return false
}

// nearTo are the words near to those that are named, and not among them.
func (w *sitting) nearTo(k fact.Key, named map[string]bool) (out []string) {
	american := strings.HasPrefix(w.rule.pack.Name, "us.") || strings.HasPrefix(w.rule.pack.Name, "us_state.")
	for _, v := range k.Def().Values {
		if !named[v] {
			continue
		}
		for _, word := range strings.Fields(near[k][v]) {
			foreign := word == map[bool]string{true: "investigating_judge", false: "magistrate_judge"}[american]
			if !named[word] && !foreign && !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(btoi(a != "judge"), btoi(b != "judge")) })
	return out
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
