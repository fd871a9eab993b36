package law

import (
	"regexp"
	"slices"
	"strings"

	"counterseal/internal/fact"
)

// described is a part of what a law looks at, as it is read for each fact.
type described struct {
	text         string
	asked        string // as it was said: in text, courts and the police stand for who signs for them
	signs        string // what stands before the words by which somebody authorises
	authorises   string // and those with what follows
	both         bool   // there is one who signs, and one who authorises
	jurisdiction string
}

var (
	ofCourt = regexp.MustCompile(`\bcourts?\b`)
	asksBy  = regexp.MustCompile(`\b(?:(?:asked|requested|demanded|requisitioned|sought|request|demand|requisition)(?: for)? by|requisitions?|asks?|asking|requests?|requesting|demands?)\b`)
	agrees  = regexp.MustCompile(`\b(?:authori[sz]ed|approved|confirmed|validated|endorsed|countersigned|authori[sz]ation)\b`)
	orders  = regexp.MustCompile(`\b(?:signed|signs?|ordered|issued|decided)\b`)
)

func describe(part, jurisdiction string, h fact.Heading) described {
	s := described{asked: part, jurisdiction: jurisdiction}
	if orders.MatchString(part) || agrees.MatchString(part) {
		part = strings.ReplaceAll(strings.ReplaceAll(part, "police officer", "police"), "police", "police officer") // who signs for the police
	}
	authorises := slices.ContainsFunc(h.Facts, func(w fact.Word) bool { return w.Name == fact.Validator.String() })
	if !authorises && !strings.Contains(part, "clerk") {
		part = ofCourt.ReplaceAllString(part, "judge") // a court's order is signed by a judge of it
	}
	s.text, s.signs, s.authorises = part, part, part
	if m := agrees.FindStringIndex(part); m != nil && m[0] > 0 {
		s.both, s.signs, s.authorises = true, part[:m[0]], part[m[0]:]
	}
	return s
}

// says is the condition on one fact.
func (s described) says(k fact.Key) Proposed {
	switch k {
	case fact.Signer, fact.AuthorityKind:
		return proposed(k, s.signs, s.jurisdiction)
	case fact.Validator:
		return proposed(k, s.authorises, s.jurisdiction)
	}
	return proposed(k, s.text, s.jurisdiction)
}

// condition is the condition for words that name a fact: who demands is the authority, and who can
// be no signer is it, or authorises.
func (s described) condition(k fact.Key) Proposed {
	p := s.says(k)
	switch {
	case k == fact.Signer && asksBy.MatchString(s.text):
		return proposed(fact.AuthorityKind, s.asked, s.jurisdiction)
	case k == fact.AuthorityKind && (s.both || p.Condition == ""):
		return s.says(fact.Signer)
	}
	for _, other := range []fact.Key{fact.AuthorityKind, fact.Validator} {
		if says := s.says(other); k == fact.Signer && p.Condition == "" && says.Condition != "" {
			p = says
		}
	}
	return p
}

// touches says whether words only touch a fact, and name nothing of it: answering is not that an
// answer left us. Identifiers of our own are not named either, and where a paper is from is
// proposed anyway.
func touches(p Proposed, k fact.Key, words string, w fact.Word) bool {
	kind := k.Def().Type
	switch {
	case p.Condition == "" && (k == fact.USState || kind == fact.Token || kind == fact.Country):
		return true
	case calls(words, w):
		return false
	case kind == fact.Bool:
		return !ofData(k)
	}
	return p.Condition == "" && kind != fact.Date && !ranked(k)
}

// calls says whether words are a fact's name, or another for it.
func calls(words string, w fact.Word) bool {
	return slices.ContainsFunc(append(slices.Clone(w.Also), strings.ReplaceAll(w.Name, "_", " ")), func(s string) bool {
		return strings.EqualFold(words, s) || strings.Contains(words, " ") && fact.Alike(words, s)
	})
}

// foreign says whether a fact is one of another law's than the jurisdiction's alone.
func (s described) foreign(k fact.Key) bool {
	return k == fact.Instrument || k == fact.Forum || // which are asked for by themselves
		slices.Contains(ofCertificates, k) && s.jurisdiction != "EU" || slices.Contains(ofUnitedStates, k) && s.jurisdiction != "US"
}

// proposedFor gives the conditions of one part. Who authorises is not also who signs.
func proposedFor(part, jurisdiction string, h fact.Heading) (out []Proposed) {
	s := describe(part, jurisdiction, h)
	for i, w := range h.Facts {
		k, _ := fact.Lookup(w.Name)
		if s.foreign(k) {
			continue
		}
		p := s.condition(k)
		if touches(p, k, h.Words[i], w) {
			continue
		}
		p.Words = h.Words[i]
		out = append(out, s.qualified(p))
	}
	explicit := slices.ContainsFunc(out, who)
	signs := slices.ContainsFunc(out, func(p Proposed) bool { return p.Fact == fact.Signer && p.Condition != "" })
	return slices.DeleteFunc(out, func(p Proposed) bool {
		switch p.Fact {
		case fact.Signer:
			return explicit && !who(p) && !s.both
		case fact.Validator:
			return explicit && !who(p) || signs && !explicit
		}
		return explicit && p.Fact == fact.AuthorityKind
	})
}

// qualified is a condition with what the words about it say: a day is what must happen in time, and
// not from when that is counted; whose paper it is was not said; the lowest penalty is no fact.
func (s described) qualified(p Proposed) Proposed {
	at := terms.FindStringIndex(s.text)
	switch {
	case p.Fact == fact.AuthorityKind && !asksBy.MatchString(s.text):
		p.Hangs = Aside
	case at != nil && p.Fact.Def().Type == fact.Date && !strings.Contains(s.text[at[1]:], p.Words):
		p.Condition = ""
	case p.Fact == fact.OffenceMaxMonths && p.Condition != "" && lowest.MatchString(s.text) && !highest.MatchString(s.text):
		p.Words += ", if its highest penalty is meant"
		p.Hangs = Aside
	}
	return p
}
