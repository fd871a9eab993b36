package ui

import (
	"fmt"
	"strings"
	"time"

	"counterseal/internal/calendar"
)

// Clock tells times to one reader: now, and the zone that the reader works in.
type Clock struct {
	Now  time.Time
	Zone *time.Location
}

// Moment is a time as a page tells it.
type Moment struct {
	ISO      string // RFC 3339 in UTC, for the datetime attribute
	Text     string // "Fri 18 Sep, 17:00 Dublin"
	Distance string // "in 6 h"
	Urgency  string // "", "soon" (within a day) or "over"
}

// At tells when something happened, or an instant that is no deadline. The zero
// time gives the zero Moment.
func (c Clock) At(t time.Time) Moment { return c.moment(t, false) }

// Due tells a deadline: midnight is told as 24:00 of the day before, and the
// moment carries its urgency.
func (c Clock) Due(t time.Time) Moment { return c.moment(t, true) }

// End tells when something ends or ended that is no deadline of anybody's: midnight
// is told as 24:00 of the day before.
func (c Clock) End(t time.Time) Moment {
	m := c.moment(t, true)
	m.Urgency = ""
	return m
}

// Day tells a date without an hour, for the text of an instrument.
func (c Clock) Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(c.zone()).Format("Mon 2 Jan 2006")
}

// Span tells an interval whose two ends are inside: in days where it is whole days of
// the reader's zone or of UTC, and else to the second.
func (c Clock) Span(from, until time.Time) string {
	for _, zone := range []*time.Location{c.zone(), time.UTC} {
		first, last := from.In(zone), until.In(zone)
		if wholeDays(first, last) {
			return days(first, last) + " " + place(last)
		}
	}
	const whole = "2 Jan 2006 15:04:05"
	first, last := from.In(c.zone()), until.In(c.zone())
	return first.Format(whole) + " – " + last.Format(whole) + " " + place(last)
}

func wholeDays(first, last time.Time) bool {
	return first.Format(time.TimeOnly) == "00:00:00" && last.Format(time.TimeOnly) == "23:59:59"
}

func days(first, last time.Time) string {
	layout := "2 Jan 2006"
	if first.Year() == last.Year() {
		layout = "2 Jan"
	}
	return first.Format(layout) + " – " + last.Format("2 Jan 2006")
}

func (c Clock) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

func (c Clock) moment(t time.Time, deadline bool) Moment {
	if t.IsZero() {
		return Moment{}
	}
	m := Moment{ISO: t.UTC().Format(time.RFC3339), Text: c.write(t, deadline), Distance: Distance(c.Now, t)}
	if deadline {
		switch left := t.Sub(c.Now); {
		case left <= 0:
			m.Urgency = "over"
		case left <= 24*time.Hour:
			m.Urgency = "soon"
		}
	}
	return m
}

func (c Clock) write(t time.Time, deadline bool) string {
	local := t.In(c.zone())
	hour := local.Format("15:04")
	day := local
	if deadline && local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
		day, hour = local.AddDate(0, 0, -1), "24:00"
	}
	layout := "Mon 2 Jan"
	if day.Year() != c.Now.In(c.zone()).Year() {
		layout = "Mon 2 Jan 2006"
	}
	s := day.Format(layout) + ", " + hour
	if c.twice(local) {
		s += local.Format(" (-07:00)")
	}
	return s + " " + place(local)
}

// twice reports whether the local hour happens twice, so that only the offset
// tells which is meant.
func (c Clock) twice(local time.Time) bool {
	h, m, s := local.Clock()
	first, err1 := calendar.At(calendar.DayOf(local), h, m, s, c.zone(), calendar.Earlier)
	last, err2 := calendar.At(calendar.DayOf(local), h, m, s, c.zone(), calendar.Later)
	return err1 == nil && err2 == nil && !first.Equal(last)
}

// place is what people call a time's zone: the city, or the short name of a zone
// that only this machine knows the city of.
func place(t time.Time) string {
	name := t.Location().String()
	if name == "Local" {
		name, _ = t.Zone()
	}
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

// Distance says how far t lies from now: "in 38 min", "in 6 h", "in 10 days",
// "3 days ago", "now". It rounds towards now, so that nobody is told of more time
// than there is.
func Distance(now, t time.Time) string {
	d := t.Sub(now)
	past := d < 0
	if past {
		d = -d
	}
	var s string
	switch {
	case d < time.Minute:
		return "now"
	case d < 2*time.Hour:
		s = fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		s = fmt.Sprintf("%d h", d/time.Hour)
	case d < 730*24*time.Hour:
		s = fmt.Sprintf("%d days", d/(24*time.Hour))
	default:
		s = fmt.Sprintf("%d years", d/(8766*time.Hour))
	}
	if past {
		return s + " ago"
	}
	return "in " + s
}
