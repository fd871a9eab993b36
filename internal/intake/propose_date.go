package intake

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// months are the names of months in the four languages, and their short forms.
var months = map[string]time.Month{}

func init() {
	for i, names := range []string{"january januar gennaio jan", "february februar febbraio feb", "march märz marts marzo mar", "april aprile apr", "may mai maj maggio",
		"june juni giugno jun", "july juli luglio jul", "august agosto aug", "september settembre sep sept", "october oktober ottobre oct okt", "november novembre nov", "december dezember dicembre dec dez"} {
		for n := range strings.FieldsSeq(names) {
			months[n] = time.Month(i + 1)
		}
	}
}

const monthName = `([a-zä]{3,9})\.?`

// dateForms are the ways in which a day is written; the groups named y, m and d are
// year, month and day.
var dateForms = []expression{
	expressed(`(?P<y>[12][0-9]{3})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})`),
	expressed(`(?P<d>[0-9]{1,2})(?:\.|st|nd|rd|th|°|º)?\s+(?:of\s+|de[nl]\s+)?(?P<m>` + monthName + `),?\s+(?P<y>[12][0-9]{3})`),
	expressed(`(?P<m>` + monthName + `)\s+(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>[12][0-9]{3})`),
	expressed(`(?P<d>[0-9]{1,2})\.\s?(?P<m>[0-9]{1,2})\.\s?(?P<y>[12][0-9]{3})`),
	expressed(`(?P<d>[0-9]{1,2})(?P<slash>[/-])(?P<m>[0-9]{1,2})[/-](?P<y>[12][0-9]{3})`),
}

const weekday = `(?:(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:man|tirs|ons|tors|fre|lør|søn)dag|(?:lune|marte|mercole|giove|vener)dì|sabato|domenica),? )?`

var (
	// termWords set a term when they stand directly before a day.
	termWords = words(`(?:\bby(?: close of business(?: on)?| [0-9]{1,2}(?:[:.][0-9]{2})? ?[ap]\.?m\.?(?: on)?)?|(?:no|not) later than|on or before|\bdue(?: on| by)?|deadline:?(?: is)?|return date:?|` +
		`\bbis(?: zum| spätestens(?: zum)?)?|spätestens(?: am| bis(?: zum)?| zum)?|frist(?:ende)?:?(?: bis(?: zum)?)?|` +
		`\bsenest(?: den| d\.)?|inden(?: den)?|svarfrist(?:en)?:?(?: er)?(?: den)?|` +
		`\bentro(?: e non oltre)?(?: il(?: giorno)?| l['’]| la data del| le ore [0-9:.]+ del)?|non oltre (?:il(?: giorno)?|l['’])|scadenza:?|termine:?) ?(?:the |den )?` + weekday + `$`)

	// signedWords speak of signing or issuing when they stand directly before a day.
	signedWords = words(`(?:\bsigned(?: and sealed)?(?: on)?|\bdated:?|\bdate (?:of issue|of signature|signed|issued):?|\bissued(?: on)?|\b(?:order|warrant|subpoena|letter) of|` +
		`unterzeichnet(?: am)?|gezeichnet(?: am)?|ausgestellt(?: am)?|erlassen(?: am)?|ergangen(?: am)?|datiert(?: vom)?|(?:beschluss|anordnung|verfügung)(?:es)? vom|` +
		`dateret(?: den)?|underskrevet(?: den)?|afsagt(?: den)?|udstedt(?: den)?|(?:kendelsen?|pålæg) (?:af|dateret)|` +
		`firmat[oa](?: il)?|sottoscritt[oa](?: il)?|emess[oa](?: il)?|datat[oa](?: il)?|(?:decreto|ordine) (?:del|in data)) ?(?:the |den |di )?` + weekday + `$`)
)

// found is a day or a month in the text, by its first and last day.
type found struct {
	span
	first, last string
}

// days finds every day that is stated without doubt, in the order of the text.
func (l letter) days() []found {
	var out []found
	taken := map[int]bool{}
	for _, form := range dateForms {
		for _, m := range form().FindAllStringSubmatchIndex(l.low, 4*maxProposals) {
			begin, end := m[0], m[1]
			if !l.alone(begin, end) || partOfNumber(l.low, begin, end) || taken[begin] {
				continue
			}
			day, ok := dayOf(form, l.low, m)
			if !ok {
				continue
			}
			for i := begin; i < end; i++ {
				taken[i] = true
			}
			out = append(out, found{span{begin, end}, day, day})
		}
	}
	slices.SortStableFunc(out, func(a, b found) int { return a.begin - b.begin })
	return out[:min(len(out), maxProposals)]
}

// days lists the days, and proposes those that the letter sets once.
func (p *Proposals) days(l letter, days []found) {
	var due, signed []ProposedWord
	for _, d := range days {
		q := l.quote(d.span)
		x := ProposedDate{Day: d.first, Stated: q.Stated, Place: q.Place}
		ends := slices.ContainsFunc(p.Periods, func(x ProposedPeriod) bool { return d.within(span{x.Place.Begin, x.Place.End}) })
		if from, ok := l.term(d.begin); ok && !ends && !l.yetToCome(d.span) { // a warrant will follow by then
			x.Due = true
			due = append(due, *proposedWord(x.Day, l.quote(span{from, d.end})))
		} else if from, ok := l.signing(d.begin); ok && !ends {
			x.Signed = true
			signed = append(signed, *proposedWord(x.Day, l.quote(span{from, d.end})))
		}
		p.Dates = append(p.Dates, x)
	}
	p.Due = p.onlyOne(due, "reading.several_due")
	p.Signed = p.onlyOne(signed, "reading.several_signed")
}

// onlyOne is the value that all have; where they differ it is none, with a remark.
func (p *Proposals) onlyOne(all []ProposedWord, code string) *ProposedWord {
	if len(all) == 0 {
		return nil
	}
	seen := map[string]bool{}
	var differ []Quote
	for _, w := range all {
		if !seen[w.Value] {
			seen[w.Value] = true
			differ = append(differ, Quote{w.Stated, w.Place})
		}
	}
	if len(differ) > 1 {
		p.remark(code, differ...)
		return nil
	}
	return &all[0]
}

// term finds where the words begin that set a day as a term. Between two days they
// only end a period: vom 1.1.2026 bis zum 28.2.2026.
func (l letter) term(begin int) (int, bool) {
	start := max(0, begin-60)
	before := l.low[start:begin]
	m := termWords().FindStringIndex(before)
	if m == nil || yearLast().MatchString(before[:m[0]]) {
		return begin, false
	}
	return start + m[0], true
}

// signing finds where the words begin that call a day one of signing.
func (l letter) signing(begin int) (int, bool) {
	start := max(0, begin-60)
	m := signedWords().FindStringIndex(l.low[start:begin])
	if m == nil {
		return begin, false
	}
	return start + m[0], true
}

var yearLast = expressed(`[12][0-9]{3}\s*$`)

// partOfNumber: 1.2.3.2026 and 12/2026/04 are no dates.
func partOfNumber(s string, begin, end int) bool {
	joins := func(i, beyond int) bool {
		return i >= 0 && i < len(s) && strings.IndexByte("./-", s[i]) >= 0 && beyond >= 0 && beyond < len(s) && s[beyond] >= '0' && s[beyond] <= '9'
	}
	return joins(begin-1, begin-2) || joins(end, end+1)
}

// dayOf reads a match; a day that does not exist, or that could be another, is none.
func dayOf(form expression, s string, m []int) (string, bool) {
	part := func(name string) string {
		i := form().SubexpIndex(name)
		if i < 0 || m[2*i] < 0 {
			return ""
		}
		return s[m[2*i]:m[2*i+1]]
	}
	y, _ := strconv.Atoi(part("y"))
	d, _ := strconv.Atoi(part("d"))
	month, named := months[strings.TrimSuffix(part("m"), ".")]
	if !named {
		n, err := strconv.Atoi(part("m"))
		if err != nil {
			return "", false
		}
		if part("slash") != "" && n <= 12 && d <= 12 && n != d {
			return "", false // the third of April, or the fourth of March
		}
		if part("slash") != "" && n > 12 {
			n, d = d, n
		}
		month = time.Month(n)
	}
	t := time.Date(y, month, d, 0, 0, 0, 0, time.UTC)
	if y < 1970 || y > 2199 || month < 1 || month > 12 || t.Day() != d || t.Month() != month {
		return "", false
	}
	return t.Format(time.DateOnly), true
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
