package letter

// A Moment is what a date field says: the instant lies somewhere from `from` to
// `until`, Unix seconds, both inside. They are equal when the zone is known.
type Moment struct{ from, until int64 }

func (m Moment) Known() bool { return m.from == m.until }

// Reasons for a date that cannot be used as an instant.
const (
	noDate      = "no_date"
	dateForm    = "date_form"
	dateTwice   = "date_twice"
	dateRange   = "date_range"
	zoneUnknown = "zone_unknown" // it is a Moment all the same, with a spread
)

const (
	westmost  = 12 * 3600 // the greatest distance of a zone behind UTC, seconds
	eastmost  = 14 * 3600 // and ahead of it
	pastRange = 4102444800
)

// parseDate reads a Date field's value, or what follows the last ';' of a
// Received field: [weekday[,]] day month year h:m[:s] [zone]. Comments count as
// white space. The reason is "" or zoneUnknown where there is a moment.
func parseDate(b []byte) (Moment, string) {
	w := words{b: b}
	day, sep := w.next()
	if len(day) == 0 && !sep && !w.bad {
		return Moment{}, noDate
	}
	if isWeekday(day) {
		day, sep = w.next()
	}
	mon, sep1 := w.next()
	year, sep2 := w.next()
	clock, sep3 := w.next()
	zone, sep4 := w.next()
	rest, sep5 := w.next()
	if w.bad || sep || sep1 || sep2 || sep3 || sep4 || sep5 || len(rest) > 0 {
		return Moment{}, dateForm
	}
	local, ok := civil(day, mon, fullYear(year), clock)
	if !ok {
		return Moment{}, dateForm
	}
	return place(local, zone)
}

// place turns local seconds into a moment by the zone's name or offset.
func place(local int64, zone []byte) (Moment, string) {
	off, known, ok := offset(zone)
	if !ok {
		return Moment{}, dateForm
	}
	m := Moment{local - off, local - off}
	if !known {
		m = Moment{local - eastmost, local + westmost}
	}
	if m.from < 0 || m.until >= pastRange {
		return Moment{}, dateRange
	}
	if !known {
		return m, zoneUnknown
	}
	return m, ""
}

// words cuts a date into words at white space and comments. A comma ends a word
// and is reported with it; anything else is for the caller to refuse.
type words struct {
	b   []byte
	bad bool // an unclosed comment
}

func (w *words) next() (word []byte, comma bool) {
	b, i := w.b, 0
	for i < len(b) && (isSpace(b[i]) || b[i] == '(') {
		if b[i] == '(' {
			rest, closed := skipComment(b[i:])
			w.bad = w.bad || !closed
			b, i = rest, 0
			continue
		}
		i++
	}
	from := i
	for i < len(b) && !isSpace(b[i]) && b[i] != '(' && b[i] != ',' {
		i++
	}
	word = b[from:i]
	if i < len(b) && b[i] == ',' {
		w.b = b[i+1:]
		return word, true
	}
	w.b = b[i:]
	return word, false
}

// skipComment returns what follows the comment that b begins with; comments
// nest, and a backslash quotes the next byte (RFC 5322 §3.2.2).
func skipComment(b []byte) (rest []byte, closed bool) {
	depth := 0
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			depth--
			if depth == 0 {
				return b[i+1:], true
			}
		}
	}
	return nil, false
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// SeparatorDate reads the date that ends a separator:
// Www Mmm d h:m[:s] [zone] yyyy [±hhmm]. It looks at the last words only, so the
// envelope address may hold anything. utc says what a date without zone means.
func SeparatorDate(line []byte, utc bool) (m Moment, reason string, ok bool) {
	w := lastWords{b: line}
	var zone []byte
	year := w.next()
	if len(year) == 5 && (year[0] == '+' || year[0] == '-') {
		zone, year = year, w.next()
	}
	clock := w.next()
	if isZoneName(clock) && !halfDay(clock) {
		if zone == nil {
			zone = clock
		}
		clock = w.next()
	}
	day, mon, weekday := w.next(), w.next(), w.next()
	if len(year) != 4 || len(weekday) != 3 || !isWeekday(weekday) {
		return Moment{}, "", false
	}
	y, digits := number(year)
	if !digits {
		return Moment{}, "", false
	}
	local, good := civil(day, mon, y, clock)
	if !good {
		return Moment{}, "", false
	}
	if zone == nil && utc {
		zone = []byte("UTC")
	}
	m, reason = place(local, zone)
	return m, reason, reason != dateForm
}

// lastWords cuts words off the end of a line; spaces and tabs separate them.
type lastWords struct{ b []byte }

func (w *lastWords) next() []byte {
	end := len(w.b)
	for end > 0 && isSpace(w.b[end-1]) {
		end--
	}
	start := end
	for start > 0 && !isSpace(w.b[start-1]) {
		start--
	}
	word := w.b[start:end]
	w.b = w.b[:start]
	return word
}

// civil gives seconds since 1970 of a local date and clock.
func civil(day, mon []byte, year int, clock []byte) (int64, bool) {
	d, okD := number(day)
	m := month(mon)
	if !okD || len(day) > 2 || m == 0 || year < 0 || d < 1 || d > daysIn(m, year) {
		return 0, false
	}
	s, ok := seconds(clock)
	if !ok {
		return 0, false
	}
	return days(year, m, d)*86400 + s, true
}

// days counts the days from 1970-01-01 to a date of the Gregorian calendar: years
// begin in March, so that the leap day is their last.
func days(year, month, day int) int64 {
	y, m := int64(year), int64(month)
	if m < 3 {
		y, m = y-1, m+12
	}
	leaps := floor(y, 4) - floor(y, 100) + floor(y, 400)
	return 365*y + leaps + (153*(m-3)+2)/5 + int64(day) - 719469
}

// floor divides towards minus infinity.
func floor(a, b int64) int64 {
	if a < 0 {
		a -= b - 1
	}
	return a / b
}

// seconds reads h:m or h:m:s, one or two digits each; a leap second counts as
// the second before it.
func seconds(b []byte) (int64, bool) {
	var part [3]int
	n, digits := 0, 0
	for _, c := range b {
		switch {
		case c == ':' && digits > 0 && n < 2:
			n, digits = n+1, 0
		case c >= '0' && c <= '9' && digits < 2:
			part[n], digits = part[n]*10+int(c-'0'), digits+1
		default:
			return 0, false
		}
	}
	if n == 0 || digits == 0 || part[0] > 23 || part[1] > 59 || part[2] > 60 {
		return 0, false
	}
	return int64(part[0]*3600 + part[1]*60 + min(part[2], 59)), true
}

// number reads one to four digits.
func number(b []byte) (int, bool) {
	if len(b) == 0 || len(b) > 4 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// fullYear reads four digits, or two as RFC 5322 §4.3 has them; -1 is neither.
func fullYear(b []byte) int {
	y, ok := number(b)
	switch {
	case !ok || len(b) != 4 && len(b) != 2:
		return -1
	case len(b) == 4:
		return y
	case y < 50:
		return 2000 + y
	}
	return 1900 + y
}

func daysIn(month, year int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return int("\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"[month-1])
}
