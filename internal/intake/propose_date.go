package intake

import (
	"regexp"
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
var dateForms = []*regexp.Regexp{
	regexp.MustCompile(`(?P<y>[12][0-9]{3})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})`),
	regexp.MustCompile(`(?P<d>[0-9]{1,2})(?:\.|st|nd|rd|th|°|º)?\s+(?:of\s+|de[nl]\s+)?(?P<m>` + monthName + `),?\s+(?P<y>[12][0-9]{3})`),
	regexp.MustCompile(`(?P<m>` + monthName + `)\s+(?P<d>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<y>[12][0-9]{3})`),
	regexp.MustCompile(`(?P<d>[0-9]{1,2})\.\s?(?P<m>[0-9]{1,2})\.\s?(?P<y>[12][0-9]{3})`),
	regexp.MustCompile(`(?P<d>[0-9]{1,2})(?P<slash>[/-])(?P<m>[0-9]{1,2})[/-](?P<y>[12][0-9]{3})`),
}

// termWords set a term when they stand directly before a day.
var termWords = regexp.MustCompile(`(?:\bby|no later than|not later than|on or before|\bdue|deadline:?|return date:?|\bbis(?: zum| spätestens(?: zum)?)?|spätestens(?: am| bis(?: zum)?)?|frist(?:ende)?:?|\bsenest(?: den)?|inden(?: den)?|svarfrist:?|\bentro(?: e non oltre)?(?: il| la data del)?|non oltre il|scadenza:?|termine:?)\s*(?:the\s*)?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s*)?$`)

func (l letter) dates() []ProposedDate {
	var out []ProposedDate
	taken := map[int]bool{}
	for _, form := range dateForms {
		for _, m := range form.FindAllStringSubmatchIndex(l.low, 4*maxProposals) {
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
			out = append(out, ProposedDate{Day: day, Due: l.term(begin), Stated: oneLine(l.text[begin:end]), Place: l.place(begin, end)})
		}
	}
	return byPlace(out, func(d ProposedDate) Place { return d.Place })
}

// term says whether the words before a day set a term. Between two days they only
// end a period: vom 1.1.2026 bis zum 28.2.2026.
func (l letter) term(begin int) bool {
	before := oneLine(l.low[max(0, begin-60):begin])
	m := termWords.FindStringIndex(before)
	return m != nil && !yearLast.MatchString(before[:m[0]])
}

var yearLast = regexp.MustCompile(`[12][0-9]{3}\s*$`)

// partOfNumber: 1.2.3.2026 and 12/2026/04 are no dates.
func partOfNumber(s string, begin, end int) bool {
	joins := func(i, beyond int) bool {
		return i >= 0 && i < len(s) && strings.IndexByte("./-", s[i]) >= 0 && beyond >= 0 && beyond < len(s) && s[beyond] >= '0' && s[beyond] <= '9'
	}
	return joins(begin-1, begin-2) || joins(end, end+1)
}

// dayOf reads a match; a day that does not exist, or that could be another, is none.
func dayOf(form *regexp.Regexp, s string, m []int) (string, bool) {
	part := func(name string) string {
		i := form.SubexpIndex(name)
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
