package intake

import (
	"slices"
	"strings"
)

// token is a number of a court or an agency: in one piece, or as German courts
// write it (123 Js 4567/26).
const token = `(?P<n>[0-9]{1,4} (?:[IVX]{1,4} )?[A-Z][A-Za-z]{0,4} [0-9]{1,6}/[0-9]{2,4}|[A-Za-z0-9][A-Za-z0-9./_-]{2,38}[A-Za-z0-9])`

// numberForms are the ways in which a letter gives its own number.
var numberForms = []expression{
	words(`(?i:\b(?:(?:our )?ref(?:erence)?s?(?: (?:no|number|nr))?|(?:case|docket|file|matter|subpoena|warrant|order|request|investigation|notice|certificate)(?: (?:no|number|nr))|case|nos?|` +
		`az|aktenzeichen|geschäftszeichen|geschäftsnummer|gesch\.-?z|gz|unser zeichen|` +
		`j\. ?nr|journal ?nr|journalnummer|sags?nr|sags? nr|sagsnummer|vores ref|` +
		`r\. ?g\. ?n\. ?r|rgnr|proc(?:edimento)?\.? (?:pen(?:ale)?\.? )?n|prot(?:ocollo)?\.? n|prot|rif)[.:]*)(?: (?i:n\.|nr\.?|no\.?))? ?` + token),
	words(`(?i:\bn\.?) ?(?P<n>[0-9]{1,7}/[0-9]{2,4}) (?i:r\. ?g\. ?n\. ?r)`),
}

// ofTheirs is the number under which we were written to, not theirs.
var ofTheirs = words(`\b(?:your|ihre?|deres|jeres|vostro|vs\.?)(?: [a-z]+)? ?$`)

// numbers finds the numbers that a letter gives itself, in the order of the text.
func (l letter) numbers() []ProposedWord {
	var out []ProposedWord
	for _, form := range numberForms {
		n := form().SubexpIndex("n")
		for _, m := range form().FindAllStringSubmatchIndex(l.text, maxProposals) {
			s := span{m[2*n], m[2*n+1]}
			value := oneLine(l.text[s.begin:s.end])
			if !isNumber(value) || !l.alone(s.begin, s.end) || ofTheirs().MatchString(l.low[max(0, m[0]-30):m[0]]) {
				continue
			}
			q := l.quote(span{m[0], m[1]})
			out = append(out, *proposedWord(value, q))
		}
	}
	out = byPlace(out, func(w ProposedWord) Place { return w.Place })
	return slices.CompactFunc(out, func(a, b ProposedWord) bool { return a.Place.Begin < b.Place.End && b.Place.Begin < a.Place.End })
}

// isNumber tells a number of a case from a word, a year and the number of a page.
func isNumber(s string) bool {
	digits := strings.Count(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, s), "0")
	return digits >= 3 && (digits > 4 || len(s) > digits)
}

// numbered proposes the number, where there is one.
func (p *Proposals) numbered() {
	all := slices.Clone(p.Numbers)
	for i := range all {
		all[i].Value = strings.ToUpper(all[i].Value)
	}
	if one := p.onlyOne(all, "reading.several_numbers"); one != nil {
		first := p.Numbers[0]
		p.Number = &first
	}
}
