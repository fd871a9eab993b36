package calendar

import (
	"time"

	"counterseal/internal/problem"
)

const (
	minYear = 1970
	maxYear = 2199
)

// Day is a civil date. The zero Day is not valid.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDay reads YYYY-MM-DD. The error is calendar.date.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Day{}, problem.New(problem.Invalid, "calendar.date", "a date is written YYYY-MM-DD")
	}
	d := DayOf(t)
	err = d.check()
	if err != nil {
		return Day{}, err
	}
	return d, nil
}

// DayOf is the civil date of a moment in the moment's own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// String is YYYY-MM-DD.
func (d Day) String() string { return d.utc().Format(time.DateOnly) }

// Before says whether d comes before e.
func (d Day) Before(e Day) bool { return d.utc().Before(e.utc()) }

func (d Day) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

func (d Day) check() error {
	if d.Year < minYear || d.Year > maxYear || DayOf(d.utc()) != d {
		return problem.New(problem.Invalid, "calendar.date", "the date does not exist, or lies outside the years %d to %d", minYear, maxYear)
	}
	return nil
}

const maxDays = (maxYear - minYear + 1) * 366

// AddDays counts n days on, or back when n is negative; the day itself is day
// zero. The error is calendar.date or calendar.range.
func (d Day) AddDays(n int) (Day, error) {
	err := d.check()
	if err != nil {
		return Day{}, err
	}
	if n < -maxDays || n > maxDays {
		return Day{}, outOfRange()
	}
	return within(DayOf(d.utc().AddDate(0, 0, n)))
}

// AddMonths counts n months on, or back when n is negative, and keeps to the
// last day of a shorter month: 31 January plus one month is 28 or 29 February.
// The error is calendar.date or calendar.range.
func (d Day) AddMonths(n int) (Day, error) {
	err := d.check()
	if err != nil {
		return Day{}, err
	}
	if n < -maxDays || n > maxDays {
		return Day{}, outOfRange()
	}
	first := time.Date(d.Year, d.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return within(Day{first.Year(), first.Month(), min(d.Day, last)})
}

func within(d Day) (Day, error) {
	if d.check() != nil {
		return Day{}, outOfRange()
	}
	return d, nil
}

func outOfRange() error {
	return problem.New(problem.Invalid, "calendar.range", "the result lies outside the years %d to %d", minYear, maxYear)
}
