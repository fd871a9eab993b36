package intake

import "slices"

// ProposedWord is one value that the letter seems to give, with the words that it
// comes from.
type ProposedWord struct {
	Value  string `json:"value"`
	Stated string `json:"stated"`
	Place  Place  `json:"place"`
}

func proposedWord(value string, q Quote) *ProposedWord {
	return &ProposedWord{Value: value, Stated: q.Stated, Place: q.Place}
}

// byNature are the kinds of instrument that ask for one thing alone, whatever words
// they use.
var byNature = map[string]string{"epoc": "data", "copo": "data", "epoc_pr": "preservation", "preservation_letter": "preservation"}

// otherwise are those that may order something else than to give or to keep what is
// there.
var otherwise = []string{"pen_trap_order", "wiretap_order", "all_writs_order", "ipa_warrant", "ipa_technical_notice", "dsa_order"}

// asked is what a letter asks, by its words.
type asked struct {
	keep, give []span
	request    []span // a request about customers
	papers     []span // words for what orders, of what has come
	later      []span // the same, of what is still to come
	provision  bool
}

// asks says that anything at all is asked or ordered.
func (a asked) asks() bool { return len(a.keep)+len(a.give)+len(a.request)+len(a.papers) > 0 }

func (l letter) asked() asked {
	a := asked{keep: l.meant(keeping), give: l.givings()}
	for _, s := range l.meant(asking) {
		before, after := l.sentence(s)
		if aboutData().MatchString(before) || aboutData().MatchString(after) {
			a.request = append(a.request, s)
		}
	}
	for _, s := range l.meant(papers) {
		before, _ := l.sentence(s)
		start := s.begin - min(len(before), 12)
		switch {
		case l.onlyLooksLikePaper(start, s):
		case l.yetToCome(s):
			a.later = append(a.later, s)
		default:
			a.papers = append(a.papers, s)
		}
	}
	for _, m := range provisions().FindAllStringIndex(l.low, maxMeant) {
		s := span{m[0], m[1]}
		a.provision = a.provision || !l.denied(s) && !l.yetToCome(s)
	}
	return a
}

// onlyLooksLikePaper tells "in order to" from an order.
func (l letter) onlyLooksLikePaper(start int, s span) bool {
	for at := start; at <= s.begin; at++ {
		m := noPaper().FindStringIndex(l.low[at:min(len(l.low), s.end+16)])
		if m != nil && at+m[1] >= s.end && (at == 0 || !wordByte(l.low[at-1])) {
			return true
		}
	}
	return false
}

// givings are the words that ask for data, without those that ask for a receipt and
// without what a paper that is still to come will ask.
func (l letter) givings() []span {
	return slices.DeleteFunc(l.meant(giving), func(s span) bool {
		_, after := l.sentence(s)
		return acknowledgement().MatchString(after) || l.yetToCome(s) && papers().MatchString(after)
	})
}

// choose proposes a kind and an instrument where the letter leaves no doubt, and
// says where it does.
func (p *Proposals) choose(l letter, a asked) {
	if len(a.later) > 0 {
		p.remark("reading.to_follow", l.quote(a.later[0]))
	}
	switch {
	case len(p.Instruments) > 1:
		p.remark("reading.several_instruments", quotes(p.Instruments, func(i ProposedInstrument) Quote { return Quote{i.Stated, i.Place} })...)
	case len(p.Instruments) == 1:
		i := p.Instruments[0]
		p.Instrument = proposedWord(i.Kind, Quote{i.Stated, i.Place})
	}
	if len(a.keep) > 0 && len(a.give) > 0 {
		p.remark("reading.keep_and_give", l.quote(a.keep[0]), l.quote(a.give[0]))
		return
	}
	switch {
	case len(p.Instruments) > 1:
	case p.Instrument != nil:
		p.kindOf(l, a)
	case len(a.papers) == 0 && len(a.keep) > 0:
		p.Kind = proposedWord("preservation", l.quote(a.keep[0]))
		p.Instrument = proposedWord("preservation_letter", l.quote(a.keep[0]))
	case len(a.papers) > 0 && len(a.keep) > 0:
		p.Kind = proposedWord("preservation", l.quote(a.keep[0]))
	case len(a.papers) > 0 && len(a.give) > 0:
		p.Kind = proposedWord("data", l.quote(a.give[0]))
	case len(a.papers) == 0 && !a.provision && len(a.request) > 0:
		p.Kind = proposedWord("informal", l.quote(a.request[0]))
		p.Instrument = proposedWord("none", l.quote(a.request[0]))
	}
	if len(a.papers) == 0 && !a.provision && len(a.keep)+len(a.request) > 0 && len(p.Instruments) == 0 {
		p.remark("reading.no_order", l.quote(append(a.request, a.keep...)[0]))
	}
}

// kindOf proposes what the one instrument that is named asks.
func (p *Proposals) kindOf(l letter, a asked) {
	nature := byNature[p.Instrument.Value]
	switch {
	case slices.Contains(otherwise, p.Instrument.Value):
	case nature == "data" && len(a.keep) > 0, nature == "preservation" && len(a.give) > 0:
		word := Quote{p.Instrument.Stated, p.Instrument.Place}
		p.remark("reading.keep_and_give", word, l.quote(append(a.keep, a.give...)[0]))
	case nature != "":
		p.Kind = proposedWord(nature, Quote{p.Instrument.Stated, p.Instrument.Place})
	case len(a.keep) > 0:
		p.Kind = proposedWord("preservation", l.quote(a.keep[0]))
	case len(a.give) > 0:
		p.Kind = proposedWord("data", l.quote(a.give[0]))
	}
}

func quotes[T any](all []T, of func(T) Quote) []Quote {
	out := make([]Quote, len(all))
	for i, x := range all {
		out[i] = of(x)
	}
	return out
}
