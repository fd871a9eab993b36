package table

import (
	"counterseal/internal/gate/source"

	"strconv"
	"strings"
	"time"
)

// TimeForm is how a column states its times.
type TimeForm string

const (
	Text      TimeForm = "text"    // 2006-01-02[T15:04[:05[.9]][ ][Z|±hh[:mm]]]; without an offset the column's zone counts
	Unix      TimeForm = "unix"    // seconds since 1970, with decimals or without
	UnixMilli TimeForm = "unix-ms" // milliseconds since 1970
)

// Reasons for a time that is not known exactly. Those of the first group have a
// moment with a spread, those of the second none.
const (
	ZoneUnknown = "zone_unknown" // neither it nor its column states a zone
	LocalTwice  = "local_twice"  // the clock showed it twice, when it was set back
	LocalNever  = "local_never"  // the clock never showed it, when it was set forward
	DateOnly    = "date_only"    // it is a day

	NoTime   = "no_time"
	BadTime  = "time_form"
	BadRange = "time_range"
)

// Moment is what a cell says about a time: the instant lies somewhere from From
// to Until, both inside, whole seconds of UTC. They are equal where it is known.
type Moment struct {
	From, Until time.Time
	Why         string // "" where it is known
}

// Known reports whether anything is known of the time.
func (m Moment) Known() bool { return !m.From.IsZero() }

// Spread is how far apart its ends are.
func (m Moment) Spread() time.Duration { return m.Until.Sub(m.From) }

// The greatest distances of a zone from UTC.
const (
	westmost = 12 * time.Hour
	eastmost = 14 * time.Hour
)

// ParseTime reads a cell. zone is the column's, nil where it states none.
func ParseTime(cell string, form TimeForm, zone *time.Location) Moment {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return Moment{Why: NoTime}
	}
	var m Moment
	if form == Text {
		m = textTime(cell, zone)
	} else {
		m = unixTime(cell, form)
	}
	if m.Known() && (m.From.Unix() < 0 || m.Until.Year() > 2099) {
		return Moment{Why: BadRange}
	}
	return m
}

// unixTime keeps whole seconds: a fraction is cut off, as everywhere.
func unixTime(cell string, form TimeForm) Moment {
	whole, fraction, _ := strings.Cut(cell, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(fraction, "0123456789") != "" || len(fraction) > 20 {
		return Moment{Why: BadTime}
	}
	if form == UnixMilli {
		n /= 1000
	}
	if n < 0 || n > 1<<40 {
		return Moment{Why: BadRange}
	}
	at := time.Unix(n, 0).UTC()
	return Moment{From: at, Until: at}
}

func textTime(cell string, zone *time.Location) Moment {
	if len(cell) < 10 {
		return Moment{Why: BadTime}
	}
	day, err := time.Parse(time.DateOnly, cell[:10])
	if err != nil {
		return Moment{Why: BadTime}
	}
	if day.Year() < 1969 { // the year 1 begins with the zero of package time, which stands for nothing known
		return Moment{Why: BadRange}
	}
	if len(cell) == 10 {
		first, last := place(day, zone), place(day.Add(24*time.Hour-time.Second), zone)
		return Moment{first.From, last.Until, DateOnly}
	}
	if cell[10] != 'T' && cell[10] != ' ' {
		return Moment{Why: BadTime}
	}
	clock, offset := cutOffset(cell[11:])
	since, ok := sinceMidnight(clock)
	if !ok {
		return Moment{Why: BadTime}
	}
	local := day.Add(since)
	if offset == "" {
		return place(local, zone)
	}
	ahead, ok := parseOffset(offset)
	if !ok {
		return Moment{Why: BadTime}
	}
	at := local.Add(-ahead)
	return Moment{From: at, Until: at}
}

// cutOffset divides "06:00:00.5 +02:00" into clock and offset.
func cutOffset(s string) (clock, offset string) {
	i := strings.IndexAny(s, "Zz+-")
	if i < 0 {
		return s, ""
	}
	return strings.TrimSuffix(s[:i], " "), s[i:]
}

func parseOffset(s string) (time.Duration, bool) {
	if s == "Z" || s == "z" {
		return 0, true
	}
	h, m, _ := strings.Cut(s[1:], ":")
	if len(h) == 4 && m == "" {
		h, m = h[:2], h[2:]
	}
	hours, ok := digits(h, 14)
	minutes := 0
	if m != "" && ok {
		minutes, ok = digits(m, 59)
	}
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		d = -d
	}
	return d, ok && d <= eastmost && d >= -westmost
}

// digits reads two digits up to a limit.
func digits(s string, limit int) (int, bool) {
	if len(s) != 2 || s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0, false
	}
	n := int(s[0]-'0')*10 + int(s[1]-'0')
	return n, n <= limit
}

// sinceMidnight reads hh:mm[:ss[.fraction]]; a leap second counts as the second
// before it, and a fraction is cut off.
func sinceMidnight(s string) (time.Duration, bool) {
	s, fraction, dotted := strings.Cut(s, ".")
	part := strings.Split(s, ":")
	if len(part) < 2 || len(part) > 3 || dotted && (len(part) != 3 || fraction == "" || len(fraction) > 20 || strings.Trim(fraction, "0123456789") != "") {
		return 0, false
	}
	h, okH := digits(part[0], 23)
	m, okM := digits(part[1], 59)
	sec, okS := 0, true
	if len(part) == 3 {
		sec, okS = digits(part[2], 60)
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(min(sec, 59))*time.Second, okH && okM && okS
}

// place says when a clock in the zone showed a local time (given as if in UTC).
// time.Date would silently choose one of two instants, or make one up.
func place(local time.Time, zone *time.Location) Moment {
	if zone == nil {
		return Moment{local.Add(-eastmost), local.Add(westmost), ZoneUnknown}
	}
	var earliest, latest time.Time // of the offsets around
	var found []time.Time
	for _, around := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, ahead := local.Add(around).In(zone).Zone()
		at := local.Add(-time.Duration(ahead) * time.Second)
		if earliest.IsZero() || at.Before(earliest) {
			earliest = at
		}
		if latest.IsZero() || at.After(latest) {
			latest = at
		}
		if _, shown := at.In(zone).Zone(); shown == ahead {
			found = append(found, at)
		}
	}
	switch {
	case len(found) == 0:
		return Moment{earliest, latest, LocalNever}
	case earliest.Equal(latest) || len(found) == 1:
		return Moment{found[0], found[0], ""}
	}
	return Moment{earliest, latest, LocalTwice}
}

// AppendTime writes a cell's time as JSON: as it stands, and what it means in UTC
// or why that cannot be told.
func AppendTime(b []byte, cell string, m Moment) []byte {
	b = source.AppendJSON(append(b, `{"stated":`...), cell)
	switch {
	case m.Known() && m.From.Equal(m.Until):
		b = appendInstant(b, `,"utc":"`, m.From)
	case m.Known():
		b = appendInstant(b, `,"earliest":"`, m.From)
		b = appendInstant(b, `,"latest":"`, m.Until)
	}
	if m.Why != "" {
		b = source.AppendJSON(append(b, `,"unclear":`...), m.Why)
	}
	return append(b, '}')
}

func appendInstant(b []byte, name string, t time.Time) []byte {
	return append(t.AppendFormat(append(b, name...), time.RFC3339), '"')
}
