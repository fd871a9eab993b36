package law

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/country"
	"counterseal/internal/fact"
)

// Proposed is a condition for words by which a law was described: with what people say of
// the fact that it looks at.
type Proposed struct {
	Words     string // that name the fact
	Fact      fact.Key
	Condition string // "": which word, number or day of the fact is meant was not said
}

// mostProposed are read, and more are not.
const mostProposed = 12

// Propose gives conditions for what a rule looks at, in words, its parts apart by commas:
// "traffic data, ordered by a prosecutor, authorised by a judge, an offence over one year".
// The ranks and words that a jurisdiction does not have are left out; papers and courts are
// asked for by themselves. unknown are words of which no fact says anything.
func Propose(about, jurisdiction string) (out []Proposed, unknown []string) {
	for _, part := range partsOf.Split(strings.ToLower(about), -1) {
		h := fact.About(lengths.ReplaceAllString(part, " "))
		for _, s := range h.Unknown {
			if _, known := country.Code(s); !known {
				unknown = append(unknown, s)
			}
		}
		for _, p := range proposedFor(part, jurisdiction, h) {
			if len(out) < mostProposed && !slices.ContainsFunc(out, func(x Proposed) bool { return x.Fact == p.Fact && x.Condition == p.Condition }) {
				out = append(out, p)
			}
		}
	}
	// A fact alone says nothing beside one of its words.
	bare := slices.Clone(out)
	out = slices.DeleteFunc(out, func(p Proposed) bool {
		return p.Condition == "" && slices.ContainsFunc(bare, func(x Proposed) bool { return x.Fact == p.Fact && x.Condition != "" })
	})
	return out, unknown
}

// proposedFor gives the conditions of one part. Who authorises is not also who signs; and who
// can be no signer is the authority.
func proposedFor(part, jurisdiction string, h fact.Heading) (out []Proposed) {
	for i, w := range h.Facts {
		k, _ := fact.Lookup(w.Name)
		if k == fact.Instrument || k == fact.Forum {
			continue
		}
		p := Proposed{h.Words[i], k, proposed(k, part, jurisdiction)}
		for _, other := range []fact.Key{fact.AuthorityKind, fact.Validator} {
			says := proposed(other, part, jurisdiction)
			if k == fact.Signer && p.Condition == "" && says != "" {
				p.Fact, p.Condition = other, says
			}
		}
		out = append(out, p)
	}
	explicit := slices.ContainsFunc(out, who)
	return slices.DeleteFunc(out, func(p Proposed) bool {
		return explicit && !who(p) && (p.Fact == fact.Signer || p.Fact == fact.Validator || p.Fact == fact.AuthorityKind)
	})
}

// who says whether the words of a condition say who signs, or who authorises, and not a rank
// alone.
func who(p Proposed) bool {
	if p.Fact != fact.Signer && p.Fact != fact.Validator || p.Condition == "" {
		return false
	}
	return !slices.ContainsFunc(fact.Words(p.Fact), func(w fact.Word) bool { return saysWord(p.Words, w) })
}

var (
	partsOf = regexp.MustCompile(`[,;.]+|\band\b`)
	lengths = regexp.MustCompile(`\b(\d{1,3}|one|two|three|four|five|six|eight|ten) (year|month)s?\b`)
	above   = regexp.MustCompile(`\b(over|more than|exceed\w*|above)\b`)
	below   = regexp.MustCompile(`\b(at most|up to|not more than|no more than)\b`)
	spelled = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "eight": 8, "ten": 10}
)

// proposed is a condition on a fact, by the words of a part.
func proposed(k fact.Key, part, jurisdiction string) string {
	def := k.Def()
	switch def.Type {
	case fact.Bool:
		return def.Name
	case fact.Enum, fact.Set:
		var named []string
		for _, w := range fact.Words(k) {
			if saysWord(part, w) && fact.Exists(k, w.Name, jurisdiction) {
				named = append(named, "'"+w.Name+"'")
			}
		}
		switch {
		case len(named) == 0:
			return ""
		case def.Type == fact.Set:
			return named[0] + " in " + def.Name
		case len(named) == 1:
			return def.Name + " == " + named[0]
		}
		return def.Name + " in [" + strings.Join(named, ", ") + "]"
	case fact.Country:
		for _, s := range strings.FieldsFunc(part, func(c rune) bool { return c == ' ' }) {
			if code, known := country.Code(s); known {
				return fmt.Sprintf("%s == '%s'", def.Name, code)
			}
		}
	case fact.Int:
		return months(k, part)
	}
	return ""
}

// saysWord says whether a part says a word of a fact, or another word for it.
func saysWord(part string, w fact.Word) bool {
	said := strings.Fields(part)
	for _, name := range append(slices.Clone(w.Also), strings.ReplaceAll(w.Name, "_", " ")) {
		words := strings.Fields(strings.ToLower(name))
		if len(words) > 0 && !slices.ContainsFunc(words, func(s string) bool {
			return !slices.ContainsFunc(said, func(x string) bool { return fact.Alike(x, s) })
		}) {
			return true
		}
	}
	return false
}

// months reads how grave an offence is.
func months(k fact.Key, part string) string {
	m := lengths.FindStringSubmatch(part)
	if k != fact.OffenceMaxMonths || m == nil {
		return ""
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		n = spelled[m[1]]
	}
	if m[2] == "year" {
		n *= 12
	}
	sign := ">="
	switch {
	case below.MatchString(part):
		sign = "<="
	case above.MatchString(part):
		sign = ">"
	}
	return fmt.Sprintf("%s %s %d", k, sign, n)
}
