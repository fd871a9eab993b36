package calendar

import (
	"fmt"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Unit is what a period is counted in.
type Unit string

const (
	Hours       Unit = "hours"
	Days        Unit = "days" // calendar days
	WorkingDays Unit = "working_days"
	Months      Unit = "months"
)

// Units lists every unit.
var Units = []Unit{Hours, Days, WorkingDays, Months}

// Method is the rule by which a period is counted.
type Method string

const (
	// Plain: the day of the event is not counted, the period ends with its last
	// day, whatever day that is; hours run from the minute.
	Plain Method = "plain"
	// Inclusive: "beginning with the day", as statutes of the United Kingdom say:
	// the day of the event is day one. Otherwise as Plain.
	Inclusive Method = "inclusive"
	// EURegulation: Regulation (EEC, Euratom) 1182/71, Article 3. The day or hour
	// of the event is not counted; a last day that is a Saturday, Sunday or holiday
	// gives way to the next working day, but not for periods in hours; a period of
	// two days or more holds at least two working days.
	EURegulation Method = "eu_1182_71"
	// USRule: Federal Rule of Criminal Procedure 45(a), Civil Rule 6(a). The day of
	// the event is not counted; a last day that is a Saturday, Sunday or legal
	// holiday gives way to the next day that is none; hours run from the moment, and
	// a last hour on such a day gives way to the same time on the next other day.
	USRule Method = "us_rule_45"
)

// Methods lists every method.
var Methods = []Method{Plain, Inclusive, EURegulation, USRule}

// NeedsWorkdays says whether the method, or the unit, looks at working days.
func NeedsWorkdays(m Method, u Unit) bool {
	return u == WorkingDays || m == USRule || m == EURegulation && u != Hours
}

// EveryDay is what a deadline stores for its calendar where no day rests.
const EveryDay = "every_day@1"

const maxLength = 3660

// Period is what is counted and how.
type Period struct {
	N      int
	Unit   Unit
	Method Method
	Side   Side   // of the end: Earlier for what we owe, Later for what must not end too soon
	Event  string // what starts it, for the sentence: "receipt", "service"
	Cite   string // where the method stands, for the sentence; "" for that of the method
}

// Counted is a period that was counted.
type Counted struct {
	Start    string    // day or moment of the event, as read in the zone
	End      time.Time // the moment at which it ends; the end of a day is 24:00
	Calendar string    // Workdays.ID, or EveryDay
	Says     string    // the arithmetic in one sentence
}

// CountFromDay counts a period in days, working days or months from a civil
// date. workdays may be nil where NeedsWorkdays says no. Errors:
// calendar.period, calendar.unknown, calendar.not_covered, calendar.zone,
// calendar.date, calendar.range.
func CountFromDay(event Day, p Period, workdays *Workdays, zone *time.Location) (Counted, error) {
	err := p.check(workdays)
	if err != nil {
		return Counted{}, err
	}
	if p.Unit == Hours {
		return Counted{}, problem.New(problem.Invalid, "calendar.period", "a period in hours starts at a moment, not on a day")
	}
	last, err := p.lastDay(event, workdays)
	if err != nil {
		return Counted{}, err
	}
	end, moved, err := p.settle(event, last, workdays)
	if err != nil {
		return Counted{}, err
	}
	c := Counted{Start: Words(event), Calendar: calendarID(p, workdays)}
	c.End, err = EndOfDay(end, zone, p.Side)
	if err != nil {
		return Counted{}, err
	}
	say := p.rule()
	if p.Method == Inclusive {
		say += fmt.Sprintf("; the day of %s, %s, counts as the first", p.Event, c.Start)
	} else {
		say += fmt.Sprintf("; the day of %s, %s, is not counted", p.Event, c.Start)
	}
	c.Says = say + moved + fmt.Sprintf("; it ends on %s 24:00 %s.", Words(end), place(zone))
	return c, nil
}

// CountFromMoment counts a period from a moment: hours as hours, and longer
// units from the civil date of the moment in the zone. Errors as CountFromDay.
func CountFromMoment(event time.Time, p Period, workdays *Workdays, zone *time.Location) (Counted, error) {
	err := p.check(workdays)
	if err != nil {
		return Counted{}, err
	}
	if zone == nil || zone == time.Local {
		return Counted{}, problem.New(problem.Invalid, "calendar.zone", "a moment needs a named time zone")
	}
	if p.Unit != Hours {
		return CountFromDay(DayOf(event.In(zone)), p, workdays, zone)
	}
	local := event.In(zone)
	err = DayOf(local).check()
	if err != nil {
		return Counted{}, err
	}
	c := Counted{Start: clock(local), Calendar: calendarID(p, workdays)}
	say, end := p.rule()+fmt.Sprintf("; they run from %s, %s", p.Event, c.Start), event
	if p.Method == EURegulation {
		// The hour of the event is a clock hour where the act is done.
		end = event.Add(time.Hour - time.Duration(local.Minute())*time.Minute - time.Duration(local.Second())*time.Second - time.Duration(local.Nanosecond()))
		say = p.rule() + fmt.Sprintf("; the hour of %s, %s, is not counted", p.Event, c.Start)
	}
	end = end.Add(time.Duration(p.N) * time.Hour)
	if p.Method == USRule {
		day := DayOf(end.In(zone))
		next, err := workdays.Next(day)
		if err != nil {
			return Counted{}, err
		}
		if next != day {
			why, err := workdays.Rests(day)
			if err != nil {
				return Counted{}, err
			}
			h, m, s := end.In(zone).Clock()
			end, err = At(next, h, m, s, zone, p.Side)
			if err != nil {
				return Counted{}, err
			}
			say += fmt.Sprintf("; %s is %s, so the same time on the next other day", Words(day), article(why))
		}
	}
	err = DayOf(end.In(zone)).check()
	if err != nil {
		return Counted{}, outOfRange()
	}
	c.End = end.In(zone)
	c.Says = say + fmt.Sprintf("; they end on %s %s.", endWords(c.End), place(zone))
	return c, nil
}

func (p Period) check(workdays *Workdays) error {
	if p.N < 1 || p.N > maxLength || !listed(Units, p.Unit) || !listed(Methods, p.Method) || p.Event == "" {
		return problem.New(problem.Invalid, "calendar.period", "a period has a length of 1 to %d, a unit, a method and an event", maxLength)
	}
	if p.Side != Earlier && p.Side != Later {
		return problem.New(problem.Invalid, "calendar.side", "say whether the earlier or the later moment is safer")
	}
	if workdays == nil && NeedsWorkdays(p.Method, p.Unit) {
		return problem.New(problem.Missing, "calendar.unknown", "this period needs a calendar of working days")
	}
	return nil
}

func listed[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// lastDay counts the period itself, before a day that rests is looked at.
func (p Period) lastDay(event Day, workdays *Workdays) (Day, error) {
	first := 0 // days of the period that the event's own day uses up
	if p.Method == Inclusive {
		first = 1
	}
	switch p.Unit {
	case Days:
		return event.AddDays(p.N - first)
	case Months:
		d, err := event.AddMonths(p.N)
		// Where the month has no day of that number, its last one ends the period,
		// the first day counted or not: three months beginning with 30 November.
		if err != nil || d.Day < event.Day {
			return d, err
		}
		return d.AddDays(-first)
	}
	d, err := event.AddDays(-first)
	for n := 0; err == nil && n < p.N; {
		d, err = d.AddDays(1)
		if err != nil {
			break
		}
		var why string
		why, err = workdays.Rests(d)
		if why == "" {
			n++
		}
	}
	return d, err
}

// settle moves a last day that rests, as the method says, and tells it.
func (p Period) settle(event, last Day, workdays *Workdays) (Day, string, error) {
	if p.Method != EURegulation && p.Method != USRule || p.Unit == WorkingDays {
		return last, "", nil
	}
	why, err := workdays.Rests(last)
	if err != nil {
		return Day{}, "", err
	}
	moved := ""
	end, err := workdays.Next(last)
	if err != nil {
		return Day{}, "", err
	}
	if end != last {
		moved = fmt.Sprintf("; the last day, %s, is %s, so the next working day", Words(last), article(why))
	}
	if p.Method == USRule || p.Unit == Days && p.N < 2 {
		return end, moved, nil
	}
	// Article 3(5): at least two working days. Only a short period can hold fewer.
	worked := 0
	for d, i := event, 0; d != end && i < 31; i++ {
		d, err = d.AddDays(1)
		if err != nil {
			return Day{}, "", err
		}
		why, err = workdays.Rests(d)
		if err != nil {
			return Day{}, "", err
		}
		if why == "" {
			worked++
		}
	}
	if worked >= 2 {
		return end, moved, nil
	}
	for ; worked < 2; worked++ {
		end, err = end.AddDays(1)
		if err != nil {
			return Day{}, "", err
		}
		end, err = workdays.Next(end)
		if err != nil {
			return Day{}, "", err
		}
	}
	return end, moved + "; it must hold two working days", nil
}

func (p Period) rule() string {
	unit := map[Unit]string{Hours: "hour", Days: "day", WorkingDays: "working day", Months: "month"}[p.Unit]
	if p.N != 1 {
		unit += "s"
	}
	cite := p.Cite
	if cite == "" {
		cite = map[Method]string{Plain: "", Inclusive: "", EURegulation: "Reg. 1182/71 Art. 3", USRule: "Fed. R. Crim. P. 45(a)"}[p.Method]
	}
	if cite != "" {
		cite = ", " + cite
	}
	return fmt.Sprintf("%d %s%s", p.N, unit, cite)
}

func calendarID(p Period, w *Workdays) string {
	if NeedsWorkdays(p.Method, p.Unit) {
		return w.ID()
	}
	return EveryDay
}

// Words is a day as a sentence has it: "Thu 8 Oct 2026".
func Words(d Day) string { return d.utc().Format("Mon 2 Jan 2006") }

func clock(t time.Time) string {
	if t.Second() != 0 {
		return t.Format("Mon 2 Jan 2006 15:04:05")
	}
	return t.Format("Mon 2 Jan 2006 15:04")
}

// endWords writes midnight as the end of the day before.
func endWords(t time.Time) string {
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		day, err := DayOf(t).AddDays(-1)
		if err == nil {
			return Words(day) + " 24:00"
		}
	}
	return clock(t)
}

// place is the city of a zone: "Dublin", "New York".
func place(zone *time.Location) string {
	name := zone.String()
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], "_", " ")
}

func article(why string) string {
	if why == "Saturday" || why == "Sunday" {
		return "a " + why
	}
	return why
}
