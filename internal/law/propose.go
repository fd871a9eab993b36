package law

import (
	"cmp"
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
	So, Not   any    // values of the fact of which it is so, and not; with a condition
	Hangs     Link   // together with the conditions before it
}

// Link is how a condition hangs together with others, by the words that stand before it.
type Link string

const (
	Joint       Link = ""            // both are asked for, or of ranks one
	Alternative Link = "alternative" // it is enough by itself: or, unless, except
	Unclear     Link = "unclear"     // the words say it within
	Aside       Link = "aside"       // it only stands near to what was said, or hangs on what no fact says
)

// mostProposed are read, and more are not.
const mostProposed = 12

// Propose gives conditions for what a rule looks at, in words, its parts apart by commas:
// "traffic data, ordered by a prosecutor, authorised by a judge, an offence over one year".
// The ranks and words that a jurisdiction does not have are left out; of papers those are
// proposed that are given, and courts are asked for by themselves. unknown are words of which
// no fact says anything; silent are parts whose words are known and name no fact.
func Propose(about, jurisdiction string, papers ...string) (out []Proposed, unknown, silent []string) {
	var before []fact.Key
	for _, part := range partsOf.Split(strings.ToLower(about), -1) {
		if slices.Contains(before, fact.OffenceMaxMonths) && further.MatchString(part) {
			part = further.ReplaceAllString(part, "${1}an offence $2")
		}
		part = agreed.ReplaceAllString(ofService.ReplaceAllString(part, " "), "authorised by $1")
		h := fact.About(terms.ReplaceAllString(lengths.ReplaceAllString(part, " "), " "))
		found := saying(append(proposedFor(part, jurisdiction, h), ofPapers(part, papers)...))
		switch {
		case len(found)+len(h.Facts)+len(h.Unknown) == 0 && !ofPlace(part, jurisdiction):
			silent = append(silent, strings.TrimSpace(part))
		case lengths.MatchString(part) && !slices.ContainsFunc(found, func(p Proposed) bool { return p.Fact == fact.OffenceMaxMonths || p.Fact.Def().Type == fact.Date }):
			silent = append(silent, lengths.FindString(part))
		}
		had := len(unknown)
		for _, s := range h.Unknown {
			if _, known := country.Code(s); !known && !ofCountry(s, jurisdiction) {
				unknown = append(unknown, s)
			}
		}
		named := namedIn(found)
		link := linkOf(part, named, before)
		if len(unknown) > had && (link == Unclear || excepts.MatchString(part)) {
			link = Aside // an alternative that hangs on what no fact says is none
		}
		before = named
		for _, p := range found {
			p.Hangs = cmp.Or(p.Hangs, link)
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
	return out, unknown, silent
}

// saying leaves out facts that a part only touches that says others: but for those that it calls by
// their names, and for a day, which is what must happen in time.
func saying(list []Proposed) []Proposed {
	if !slices.ContainsFunc(list, func(p Proposed) bool { return p.Condition != "" }) {
		return list
	}
	return slices.DeleteFunc(list, func(p Proposed) bool { return p.Condition == "" && p.Fact.Def().Type != fact.Date && !p.byName() })
}

// byName says that the words are the fact's own name.
func (p Proposed) byName() bool { return p.Words == strings.ReplaceAll(p.Fact.String(), "_", " ") }

// ofCertificates are facts of European certificates alone.
var ofCertificates = []fact.Key{fact.Proceedings, fact.Enforcement, fact.EnforcementAsked, fact.EnforcingReply, fact.OffenceList}

// ofUnitedStates are facts of the law of the United States alone.
var ofUnitedStates = []fact.Key{fact.ReviewAsked, fact.GovernmentNotice, fact.ContentAge, fact.Library, fact.BackupCopy, fact.Publication, fact.CustomerUSPerson, fact.Attested, fact.ProtectedConduct}

// ofPapers are conditions on the paper, where a part says what one of them is called: a search
// warrant, consent.
func ofPapers(part string, papers []string) (out []Proposed) {
	for _, said := range strings.Fields(part) {
		var named []string
		for _, w := range fact.Words(fact.Instrument) {
			_, meaning, apart := strings.Cut(w.Meaning, ": ")
			if !apart {
				meaning = w.Meaning
			}
			called := strings.FieldsFunc(meaning, func(c rune) bool { return c == ' ' || c == ',' })
			if slices.Contains(papers, w.Name) && slices.Contains(paperWords, said) && slices.ContainsFunc(called, func(s string) bool { return fact.Alike(s, said) }) {
				named = append(named, w.Name)
			}
		}
		if len(named) > 0 {
			p := Proposed{Words: said, Fact: fact.Instrument, Condition: OneOf(fact.Instrument.String(), named), So: named[0], Not: "none"}
			out = append(out, p.unless(denied.MatchString(part)))
		}
	}
	return out
}

// paperWords are what papers are called by.
var paperWords = []string{"warrant", "warrants", "subpoena", "subpoenas", "consent", "consents", "consented"}

// OneOf is a condition that a fact is one of some words.
func OneOf(name string, words []string) string {
	if len(words) == 1 {
		return name + " == '" + words[0] + "'"
	}
	return name + " in ['" + strings.Join(words, "', '") + "']"
}

// ofPlace says whether a part says no more than whose it is, or nothing.
func ofPlace(part, jurisdiction string) bool {
	part = strings.TrimSpace(part)
	for _, code := range fact.USState.Def().Values {
		if strings.Contains(part, strings.ToLower(fact.StateName(code))) {
			return true
		}
	}
	return part == "" || slices.ContainsFunc(strings.Fields(part), func(s string) bool {
		_, known := country.Code(s)
		return known || ofCountry(s, jurisdiction)
	})
}

// ofCountry says whether a word is likely what a country's own is called, as Belgian is.
func ofCountry(s, jurisdiction string) bool {
	name := strings.ToLower(country.Name(jurisdiction, "en"))
	return len(s) > 3 && len(name) > 3 && jurisdiction != "" && s[:3] == name[:3]
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
	lengths = regexp.MustCompile(`\b(\d{1,3}|one|two|three|four|five|six|seven|eight|ten) (year|month)s?\b`)
	terms   = regexp.MustCompile(`\bwithin (\d{1,3}|one|two|three|four|five|six|seven|eight|ten) (?:calendar )?days?\b`)
	// Of whom it is asked: of no use for what is asked for.
	ofService = regexp.MustCompile(`\b(?:tele|electronic )?communications? (?:service|provider|network)s?(?: providers?)?\b`)
	// A magistrate's consent is no customer's.
	agreed  = regexp.MustCompile(`\b(?:consent|agreement|permission|leave) (?:of|by|from) (?:the |a |an )?((?:public |state |investigating )?(?:prosecutor|judge|magistrate|court|attorney))`)
	further = regexp.MustCompile(`^(\s*or )((?:over|more than|exceeding) \S+ (?:year|month)s?\b)`) // of an offence that was named before
	denied  = regexp.MustCompile(`^\s*(?:but )?(?:no|not|never|without)\b`)
	above   = regexp.MustCompile(`\b(over|more than|exceed\w*|above)\b`)
	below   = regexp.MustCompile(`\b(at most|up to)\b`)
	lowest  = regexp.MustCompile(`\b(at least|no less|not less|minimum|lowest)\b`)
	highest = regexp.MustCompile(`\b(maximum|highest)\b`)
	spelled = map[string]int{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
)

// proposed is a condition on a fact, by the words of a part.
func proposed(k fact.Key, part, jurisdiction string) Proposed {
	def := k.Def()
	p := Proposed{Fact: k}
	switch def.Type {
	case fact.Bool:
		if denied.MatchString(part) {
			return Proposed{Fact: k, Condition: "!" + def.Name, So: false, Not: true}
		}
		return Proposed{Fact: k, Condition: def.Name, So: true, Not: false}
	case fact.Enum, fact.Set:
		return p.ofWords(part, jurisdiction)
	case fact.Country:
		for _, s := range strings.Fields(part) {
			if code, known := country.Code(s); known {
				other := "FR"
				if code == other {
					other = "BR"
				}
				return Proposed{Fact: k, Condition: fmt.Sprintf("%s == '%s'", def.Name, code), So: code, Not: other}
			}
		}
	case fact.Int:
		return p.ofMonths(part)
	case fact.Date:
		if m := terms.FindStringSubmatch(part); m != nil && k != fact.AsOf {
			p.Condition = fmt.Sprintf("%s <= %s + days(%d)", fact.AsOf, k, number(m[1]))
		}
	}
	return p
}

// ofWords is a condition on a fact with words, by those that a part says.
func (p Proposed) ofWords(part, jurisdiction string) Proposed {
	def := p.Fact.Def()
	var named []string
	for _, w := range fact.Words(p.Fact) {
		if saysWord(part, w) && fact.Exists(p.Fact, w.Name, jurisdiction) {
			named = append(named, w.Name)
		}
	}
	named = wholeWords(part, named)
	if p.Fact == fact.Validator && (slices.Contains(named, "judge") || slices.Contains(named, "court")) {
		named = slices.DeleteFunc(slices.Clone(def.Values), func(v string) bool { return v != "judge" && v != "court" && !slices.Contains(named, v) }) // a judge of it, or where none is named it
	}
	if len(named) == 0 {
		return p
	}
	if def.Type == fact.Set {
		p.Condition, p.So, p.Not = "'"+named[0]+"' in "+def.Name, []string{named[0]}, []string{}
		return p.unless(denied.MatchString(part))
	}
	p.So, p.Condition = named[0], OneOf(def.Name, named)
	for _, v := range append([]string{"police_officer", "none"}, def.Values...) {
		if p.Not == nil && slices.Contains(def.Values, v) && !slices.Contains(named, v) && fact.Exists(p.Fact, v, jurisdiction) {
			p.Not = v
		}
	}
	return p.unless(denied.MatchString(part))
}

// unless turns a condition on one word round.
func (p Proposed) unless(denied bool) Proposed {
	if !denied {
		return p
	}
	p.So, p.Not = p.Not, p.So
	if is := strings.Replace(p.Condition, " == ", " != ", 1); is != p.Condition {
		p.Condition = is
		return p
	}
	p.Condition = "!(" + p.Condition + ")"
	return p
}

// wholeWords leaves out words that a part says only within others: of an investigating judge
// no judge, unless he is named beside him.
func wholeWords(part string, named []string) []string {
	said := strings.Fields(part)
	return slices.DeleteFunc(slices.Clone(named), func(short string) bool {
		within, alone := 0, 0
		for _, long := range named {
			within += btoi(long != short && slices.Contains(strings.Split(long, "_"), short))
		}
		for _, s := range said {
			alone += btoi(fact.Alike(s, short))
		}
		return within > 0 && alone <= within
	})
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

// number reads a number in figures or in words.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return spelled[s]
	}
	return n
}

// ofMonths is a condition on how grave an offence is.
func (p Proposed) ofMonths(part string) Proposed {
	m := lengths.FindStringSubmatch(part)
	if p.Fact != fact.OffenceMaxMonths || m == nil {
		return p
	}
	n := number(m[1])
	if m[2] == "year" {
		n *= 12
	}
	sign, so, not := ">=", n, n-1
	switch {
	case above.MatchString(part):
		sign, so, not = ">", n+1, n
	case below.MatchString(part):
		sign, not = "<=", n+1
	}
	p.Condition, p.So, p.Not = fmt.Sprintf("%s %s %d", p.Fact, sign, n), so, not
	return p
}
