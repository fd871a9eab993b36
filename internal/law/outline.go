package law

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// Outline proposes, of the conditions for what a law looks at, to what its rule applies and
// what it requires there. A rule applies to what is asked for, any of it, and by whom; a paper that
// is excepted it is not about. It requires who signs and who authorises, or where neither is said
// who demands, how grave the offence is, a paper, a term, and what must not be asked for. Ranks of
// one fact are alternatives; danger to life, the customer's consent, and what follows on or, unless
// or except are enough by themselves. It requires nothing where it cannot be seen how the
// conditions hang together.
func Outline(named []Proposed) (applies, requires string) {
	var data, asks, needs, enough []string
	clear := true
	signed := slices.ContainsFunc(named, func(p Proposed) bool {
		return (p.Fact == fact.Signer || p.Fact == fact.Validator) && p.Condition != ""
	})
	for i, p := range named {
		denies := strings.HasPrefix(p.Condition, "!") || strings.Contains(p.Condition, " != ")
		asked := ofDemand(p.Fact) && !(p.Fact == fact.AuthorityKind && !signed)
		switch {
		case p.Condition == "" || p.Hangs == Aside || second(named, i):
		case ofData(p.Fact) && !denies && p.Hangs == Unclear:
			data, clear = append(data, p.Condition), false
		case p.Hangs == Unclear || asked && p.Hangs == Alternative:
			clear = false
		case ofData(p.Fact) && !denies:
			data = append(data, p.Condition)
		case asked && !denies, p.Fact == fact.Instrument && denies:
			asks = append(asks, p.Condition)
		case p.Hangs == Alternative, p.Fact == fact.Emergency, p.Fact == fact.Instrument && p.So == "customer_consent":
			enough = append(enough, p.Condition)
		case asked, required(p):
			needs = append(needs, p.Condition)
		default:
			clear = false
		}
	}
	if len(data) > 1 && len(asks) > 0 {
		data = []string{"(" + strings.Join(data, " || ") + ")"}
	}
	if len(data) > 0 {
		asks = append([]string{strings.Join(data, " || ")}, asks...)
	}
	applies = strings.Join(asks, " && ")
	if !clear || len(needs) == 0 {
		return applies, ""
	}
	needs = oneOfEach(needs)
	requires = strings.Join(needs, " && ")
	if len(needs) > 1 && len(enough) > 0 {
		requires = "(" + requires + ")"
	}
	return applies, strings.Join(append([]string{requires}, oneOfEach(enough)...), " || ")
}

// ofDemand says whether a fact says what is demanded, by whom, of whom.
func ofDemand(k fact.Key) bool {
	return ofData(k) || slices.Contains([]fact.Key{fact.Prospective, fact.Kind, fact.Binding, fact.Requester, fact.AuthorityKind, fact.AuthorityLevel, fact.CustomerKind, fact.Geofence, fact.ContentAge, fact.ProviderRole}, k)
}

// second says whether a condition is another meaning of words that have one already: a judge
// signs, or authorises what another signs.
func second(list []Proposed, i int) bool {
	return slices.ContainsFunc(list[:i], func(p Proposed) bool {
		return p.Words == list[i].Words && p.Fact != list[i].Fact && p.Condition != ""
	})
}

// required says whether a law asks for what a condition looks at.
func required(p Proposed) bool {
	switch p.Fact {
	case fact.Signer, fact.Validator, fact.AuthorityKind, fact.OffenceMaxMonths, fact.Instrument:
		return true
	}
	return p.Fact.Def().Type == fact.Date
}

var (
	excepts = regexp.MustCompile(`^\s*(?:unless|except\w*|save|or)\b`)
	within  = regexp.MustCompile(`\b(?:if|when|where|urgen\w*|in (?:an )?emergenc\w+|unless|except\w*|exempt\w*|otherwise|either|alternatively|save)\b`)
)

// linkOf says how a part of what a law looks at hangs together with those before it, by the facts
// on which it has conditions, and those of the part before.
func linkOf(part string, now, before []fact.Key) Link {
	or := strings.HasPrefix(strings.TrimSpace(part), "or ")
	rest := excepts.ReplaceAllString(part, "")
	switch {
	case within.MatchString(rest), strings.Contains(rest, " or ") && len(now) > 1:
		return Unclear
	case or && slices.Equal(now, before):
		return Joint
	case rest != part:
		return Alternative
	}
	return Joint
}

// namedIn are the facts on which a part has conditions.
func namedIn(part []Proposed) (keys []fact.Key) {
	for i, p := range part {
		if p.Condition != "" && !second(part, i) && !slices.Contains(keys, p.Fact) {
			keys = append(keys, p.Fact)
		}
	}
	return keys
}

// oneOfEach puts conditions on the words of one fact together.
func oneOfEach(conditions []string) (out []string) {
	words := map[string][]string{}
	for _, c := range conditions {
		name, list, is := wordsOf(c)
		if !is {
			out = append(out, c)
			continue
		}
		if words[name] == nil {
			out = append(out, name)
		}
		for _, w := range list {
			if !slices.Contains(words[name], w) {
				words[name] = append(words[name], w)
			}
		}
	}
	for i, c := range out {
		if words[c] != nil {
			out[i] = OneOf(c, words[c])
		}
	}
	return out
}

var (
	isWords  = regexp.MustCompile(`^(\w+) (?:== ('\w+')|in \[([^]]+)\])$`)
	oneQuote = regexp.MustCompile(`'(\w+)'`)
)

// wordsOf reads a condition of oneOf.
func wordsOf(condition string) (name string, words []string, is bool) {
	m := isWords.FindStringSubmatch(condition)
	if m == nil {
		return "", nil, false
	}
	for _, w := range oneQuote.FindAllStringSubmatch(m[2]+m[3], -1) {
		words = append(words, w[1])
	}
	return m[1], words, true
}

// ConditionOf reads a condition that is written as packs have it, or as Wording says it; false: it is
// none. It stands aside: how it hangs together with others its author writes herself.
func (d *Draft) ConditionOf(text string) (Proposed, bool) {
	e := *d
	e.said = maps.Clone(d.said)
	if e.State("requires", text) != nil { // which may name papers
		return Proposed{}, false
	}
	p := Proposed{Words: text, Condition: e.Requires, Hangs: Aside}
	facts := e.looksAt(e.Requires)
	for k := range facts {
		p.Fact = k
	}
	return p, len(facts) > 0
}
