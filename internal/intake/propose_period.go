package intake

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ProposedPeriod is from when to when: both days are part of it. Until is empty
// where the letter says "today" and not which day that is; Today are the words that
// say it.
type ProposedPeriod struct {
	From   string `json:"from"`  // YYYY-MM-DD
	Until  string `json:"until"` // YYYY-MM-DD
	Stated string `json:"stated"`
	Place  Place  `json:"place"`
	Today  *Quote `json:"today,omitempty"`
}

const (
	through = `(?:(?:up )?to(?: and including)?|until|till|through(?: to)?|–|—|-|bis(?: einschließlich)?(?: zum)?|(?:frem )?(?:ind)?til(?: og med)?|t\.o\.m\.|(?:fino |sino )?a(?:l|d|ll')?)`
	month   = `(?:januar[y]?|februar[y]?|march|märz|marts|april|may|mai|maj|june?|juni|july?|juli|august|september|o[ck]tober|november|de[cz]ember|gennaio|febbraio|marzo|aprile|maggio|giugno|luglio|agosto|settembre|ottobre|novembre|dicembre)`
)

var (
	monthForm = words(`(?P<m>` + month + `) (?P<y>[12][0-9]{3})`)
	between   = words(`^ ?,? ?` + through + ` ?(?:the |den |il )?` + weekday + `$`)
	and       = words(`^ ?(?:and|und|og|e)(?: the| dem| den| il)? $`)
	betweenIt = words(`\b(?:between|zwischen|mellem|tra|fra)(?: the| dem| den| il)? $`)

	// half is a day or a month whose year stands with the end of the period.
	half   = words(`(?:(?P<d>[0-9]{1,2})(?:\.|st|nd|rd|th|°|º)?)?(?: ?(?:of )?(?P<m>` + month + `))? ?` + through + ` ?(?:the |den )?$`)
	halves = words(`\b(?:between|zwischen|mellem|tra|fra)(?: the| dem| den| il)? (?:(?P<d>[0-9]{1,2})(?:\.|st|nd|rd|th|°|º)?)?(?: ?(?:of )?(?P<m>` + month + `))? (?:and|und|og|e)(?: the| dem| den| il)? $`)

	monthThrough = words(`\b` + month + ` ` + through + ` $`)

	// beside is a month that shares its year with the next one, without a period.
	beside = words(month + ` ?(?:,|and|und|og|e|/|or|oder|eller|o|&) $`)

	upToday = words(`^ ?,? ?(?:(?:up )?(?:to|until|till|through)|bis(?: zum)?|(?:frem )?(?:ind)?til|(?:fino |sino )?(?:a|ad|alla)) (?:and including |einschließlich |og med )?(?P<t>today|the present(?: day)?|the date of this (?:letter|order|request|notice)|heute|heutigen tage?|i dag|dags dato|oggi|data odierna|la data odierna)`)

	dayBefore = expressed(`[0-9](?:\.|st|nd|rd|th|°|º)?\s+(?:of\s+|de[nl]\s+)?$`)

	// dateline is the letter's own day, at the head or the foot.
	dateline = words(`(?:^|\s{3,}|,)\W*(?:(?:date|datum|dato|data)[.:] ?|(?:den|d\.|am|il|lì|li) )?$`)
)

// months finds months that are stated without a day and are neither the day of a
// letter nor of an answer.
func (l letter) months(days []found) (out []found) {
	for _, m := range monthForm().FindAllStringSubmatchIndex(l.low, 4*maxProposals) {
		s := span{m[0], m[1]}
		before := l.low[max(0, s.begin-60):s.begin]
		inDay := slices.ContainsFunc(days, func(d found) bool { return s.begin < d.end && d.begin < s.end })
		_, term := l.term(s.begin)
		term = term && !monthThrough().MatchString(before) // August bis Oktober 2026 sets no term
		_, signing := l.signing(s.begin)
		if inDay || term || signing || !l.alone(s.begin, s.end) || dayBefore().MatchString(before) || beside().MatchString(before) || l.stands(s) {
			continue
		}
		name := l.low[m[2]:m[3]]
		if name == "may" && l.text[s.begin] != 'M' {
			continue
		}
		y, err := strconv.Atoi(l.low[m[4]:m[5]])
		if err != nil || y < 1970 || y > 2199 {
			continue
		}
		first := time.Date(y, months[name], 1, 0, 0, 0, 0, time.UTC)
		out = append(out, found{s, first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly)})
	}
	return out
}

// stands says that a month is a paragraph of its own, or nearly: the head of a
// letter, or a title.
func (l letter) stands(s span) bool {
	start, end := max(0, s.begin-60), min(len(l.text), s.end+60)
	before, after := l.text[start:s.begin], l.text[s.end:end]
	line := strings.TrimLeft(before[strings.LastIndexByte(before, '\n')+1:], " \t")
	rest, _, _ := strings.Cut(after, "\n")
	head := start == 0 && !strings.Contains(before, "\n") || strings.Contains(before, "\n\n"+line) || strings.Contains(before, "\n\n "+line)
	return head && len(strings.Fields(line)) <= 2 && strings.TrimSpace(rest) == "" && (line == "" || strings.HasSuffix(strings.TrimSpace(line), ","))
}

// periods proposes the period that the letter states, where there is one.
func (p *Proposals) periods(l letter, days []found, asks bool) {
	points := slices.Concat(days, l.months(days))
	slices.SortFunc(points, func(a, b found) int { return cmp.Compare(a.begin, b.begin) })
	for i := 0; i < len(points); i++ {
		a := points[i]
		switch {
		case i+1 < len(points) && l.spans(a, points[i+1]):
			p.period(l, span{a.begin, points[i+1].end}, a.first, points[i+1].last)
			i++
		case p.untilToday(l, a, days):
		case p.fromHalf(l, a):
		case a.first != a.last:
			p.period(l, a.span, a.first, a.last)
		}
	}
	p.choosePeriod(asks)
}

func (p *Proposals) period(l letter, s span, from, until string) {
	q := l.quote(s)
	if until != "" && until < from {
		p.remark("reading.backwards", q)
	}
	p.Periods = append(p.Periods, ProposedPeriod{From: from, Until: until, Stated: q.Stated, Place: q.Place})
}

// spans says that two days, and what stands between them, are a period.
func (l letter) spans(a, b found) bool {
	if b.begin-a.end > 60 || b.begin < a.end {
		return false
	}
	middle := l.low[a.end:b.begin]
	return between().MatchString(middle) || and().MatchString(middle) && betweenIt().MatchString(l.low[max(0, a.begin-30):a.begin])
}

// untilToday finds a period that ends today: that is the letter's own day.
func (p *Proposals) untilToday(l letter, a found, days []found) bool {
	after := l.low[a.end:min(len(l.low), a.end+80)]
	m := upToday().FindStringSubmatchIndex(after)
	if m == nil || !l.alone(a.end+m[2], a.end+m[3]) {
		return false
	}
	s := span{a.begin, a.end + m[1]}
	own := l.ownDay(days)
	if own == nil {
		p.period(l, s, a.first, "")
		p.remark("reading.today", l.quote(s))
		return true
	}
	p.period(l, s, a.first, own.first)
	today := l.quote(own.span)
	p.Periods[len(p.Periods)-1].Today = &today
	return true
}

// ownDay is the day that the letter gives itself: of its signing, or in its
// dateline; none where it gives several.
func (l letter) ownDay(days []found) *found {
	var own *found
	for _, d := range days {
		before := l.low[max(0, d.begin-60):d.begin]
		line := before[strings.LastIndexByte(before, '\n')+1:]
		rest, _, _ := strings.Cut(l.low[d.end:min(len(l.low), d.end+60)], "\n")
		headed := strings.TrimSpace(rest) == "" && dateline().MatchString(line)
		if _, signing := l.signing(d.begin); !headed && !signing {
			continue
		}
		if own != nil && own.first != d.first {
			return nil
		}
		own = &d
	}
	return own
}

// fromHalf finds a period whose first day or month shares the year, or the month,
// of its end: 1 to 31 October 2026.
func (p *Proposals) fromHalf(l letter, b found) bool {
	start := max(0, b.begin-40)
	before := l.low[start:b.begin]
	m := half().FindStringSubmatchIndex(before)
	if m == nil {
		m = halves().FindStringSubmatchIndex(before)
	}
	if m == nil || m[2] < 0 && m[4] < 0 {
		return false
	}
	lead := max(m[2], m[4])
	if m[2] >= 0 {
		lead = m[2]
	}
	if lead > 0 && wordByte(before[lead-1]) {
		return false
	}
	end, err := time.Parse(time.DateOnly, b.first)
	if err != nil {
		return false
	}
	day, at := 1, end.Month()
	if m[2] >= 0 {
		day, err = strconv.Atoi(before[m[2]:m[3]])
	}
	if m[4] >= 0 {
		at = months[before[m[4]:m[5]]]
	}
	whole := b.first != b.last
	from := time.Date(end.Year(), at, day, 0, 0, 0, 0, time.UTC)
	if err != nil || from.Day() != day || from.Month() != at || whole != (m[2] < 0) {
		return false
	}
	p.period(l, span{start + lead, b.end}, from.Format(time.DateOnly), b.last)
	return true
}

// choosePeriod proposes the one period that the letter states. A letter that asks
// nothing states none: a month alone may be that of a catalogue.
func (p *Proposals) choosePeriod(asks bool) {
	type ends struct{ from, until string }
	seen := map[ends]bool{}
	var differ []Quote
	p.Periods = p.Periods[:min(len(p.Periods), maxProposals)]
	for _, x := range p.Periods {
		if e := (ends{x.From, x.Until}); !seen[e] {
			seen[e] = true
			differ = append(differ, Quote{x.Stated, x.Place})
		}
	}
	if len(differ) > 1 {
		p.remark("reading.several_periods", differ...)
		return
	}
	if asks && len(p.Periods) > 0 && p.Periods[0].From <= p.Periods[0].Until {
		p.Period = &p.Periods[0]
	}
}
