package fact

import (
	"slices"
	"strings"
)

// Heading is what the words of a law are in the program: facts, each by the words that
// name it, and the words of which it knows nothing.
type Heading struct {
	Words   []string // that name the facts, by place
	Facts   []Word
	Unknown []string
}

// mostNamed is how many facts one word names: a magistrate signs, or authorises what
// another signs.
const mostNamed = 2

// About looks at what a rule is about, in words: phrases first, then single words. A word
// is known where it is one of a fact, of other words for it, or of the words that a fact
// takes and their meanings.
func About(text string) (h Heading) {
	asked := tokens(text)
	known := make([]bool, len(asked))
	all := Names()
	at := make([][]Word, len(asked))
	phrases := make([]string, len(asked))
	put := func(i int, words string, w Word) {
		at[i], phrases[i] = append(at[i], w), words
	}
	for _, w := range all {
		for _, also := range append(slices.Clone(w.Also), strings.ReplaceAll(w.Name, "_", " ")) {
			phrase := tokens(also)
			for i := 0; len(phrase) > 1 && i+len(phrase) <= len(asked); i++ {
				if slices.EqualFunc(asked[i:i+len(phrase)], phrase, Alike) {
					put(i, strings.Join(asked[i:i+len(phrase)], " "), w)
					for j := range phrase {
						known[i+j] = true
					}
				}
			}
		}
	}
	for i, s := range asked {
		if known[i] || len(s) < 3 || slices.Contains(plain, s) {
			continue
		}
		named := namesFact(all, s)
		for _, w := range named {
			put(i, s, w)
		}
		switch {
		case len(named) > 0:
		case !isWord(s) && !slices.Contains(h.Unknown, s):
			h.Unknown = append(h.Unknown, s)
		}
	}
	for i := range at {
		for _, w := range at[i] {
			if !slices.ContainsFunc(h.Facts, func(x Word) bool { return x.Name == w.Name }) {
				h.Words, h.Facts = append(h.Words, phrases[i]), append(h.Facts, w)
			}
		}
	}
	return h
}

// namesFact finds the facts that a word names, or for which it is another word; where it
// stands in what a fact takes alone, the first such.
func namesFact(all []Word, s string) (best []Word) {
	least := 4
	for _, w := range all {
		rank := 3
		if w.Name == Signer.String() {
			rank = 2 // whom a law names, it names as who orders
		}
		switch {
		case w.Name == s:
			return []Word{w}
		case slices.ContainsFunc(tokens(w.Name), func(t string) bool { return Alike(t, s) }):
			rank = 0
		case slices.ContainsFunc(w.Also, func(also string) bool { return Alike(also, s) }):
			rank = 1
		case !slices.ContainsFunc(tokens(strings.Join(slices.Concat(single(w.Also), w.values), " ")), func(t string) bool { return Alike(t, s) }):
			continue
		}
		switch {
		case rank < least:
			best, least = []Word{w}, rank
		case rank == least && rank == 1 && len(best) < mostNamed:
			best = append(best, w)
		}
	}
	return best
}

// single are those of other words that are one: of several, each alone says something else,
// as search does of an area search.
func single(also []string) []string {
	return slices.DeleteFunc(slices.Clone(also), func(a string) bool { return strings.Contains(a, " ") })
}

// isWord says whether a paper, a court or another word that a fact takes is called so.
func isWord(s string) bool {
	for k := range schema {
		for _, w := range Words(Key(k)) {
			said := tokens(strings.Join(append([]string{w.Name, w.Meaning}, w.Also...), " "))
			if slices.ContainsFunc(said, func(t string) bool { return Alike(t, s) }) {
				return true
			}
		}
	}
	return false
}

// Alike says whether two words are the same but for their endings.
func Alike(a, b string) bool { return stem(a) == stem(b) }

func stem(s string) string {
	s = strings.ToLower(s)
	for _, end := range []string{"ies", "ing", "ed", "es", "s", "y", "e"} {
		if rest, ok := strings.CutSuffix(s, end); ok && len(rest) > 3 {
			return rest
		}
	}
	return s
}

// plain are words that laws of every kind are written in.
var plain = append(strings.Fields(`a an of to in by on at or is it its as be no any all each such this these those where which whose who whom what with without
	may shall can will would should does do did not only than then there under upon into out over also other another same new our their his her him them they
	must need needs needed ask asks asked asking give gives given want wants wanted demand demands demanded require requires required request requests requested order orders ordered
	law laws rule rules act section article paragraph provider providers service services data information person persons people somebody someone anyone nobody use used make makes
	against about between if unless until while case cases kind so first last two three reason reasons prior written obtain obtained disclose disclosed disclosure committed authorities official state states agency agencies probable cause based basis held hold holds duly pre trial maximum minimum highest lowest enough preliminary inquiry inquest requisition requisitions requisitioned comes come bodily serious detention suspicion suspected enforcement produce production access user users`), common...)
