package calendar

import (
	"fmt"
	"time"

	"counterseal/internal/problem"
)

// Deadline is when something may first and must last be done, and how that was
// counted. A zero NotBefore or Latest means there is none; not both.
type Deadline struct {
	Rule      string    // the rule it comes from: a citation or a rule's id
	Zone      string    // IANA zone in which it was counted
	Calendar  string    // version of the calendar it was counted by
	NotBefore time.Time // the first moment at which it may be done
	Latest    time.Time // the moment by which it must be done; the end of a day is 24:00
}

// Check refuses a deadline that says nothing, that ends before it begins, or
// that does not say how it was counted: calendar.deadline, calendar.zone.
func (d Deadline) Check() error {
	_, err := Zone(d.Zone)
	if err != nil {
		return err
	}
	switch {
	case d.Rule == "" || d.Calendar == "":
		return problem.New(problem.Invalid, "calendar.deadline", "a deadline names its rule and the version of its calendar")
	case d.NotBefore.IsZero() && d.Latest.IsZero():
		return problem.New(problem.Invalid, "calendar.deadline", "a deadline has a first or a last moment")
	case !d.NotBefore.IsZero() && !d.Latest.IsZero() && d.Latest.Before(d.NotBefore):
		return problem.New(problem.Invalid, "calendar.deadline", "the last moment comes before the first")
	}
	return nil
}

// Explain is one sentence for a screen or a letter, in the deadline's own zone.
// The end of a day is written 24:00 of that day. A deadline that Check refuses
// has no sentence.
func (d Deadline) Explain() (string, error) {
	err := d.Check()
	if err != nil {
		return "", err
	}
	zone, err := Zone(d.Zone)
	if err != nil {
		return "", err
	}
	var when string
	switch {
	case d.NotBefore.IsZero():
		when = "Due by " + write(d.Latest, zone, true)
	case d.Latest.IsZero():
		when = "Not before " + write(d.NotBefore, zone, false)
	default:
		when = "Not before " + write(d.NotBefore, zone, false) + " and due by " + write(d.Latest, zone, true)
	}
	return fmt.Sprintf("%s (%s), under %s, counted by calendar %s.", when, d.Zone, d.Rule, d.Calendar), nil
}

func write(t time.Time, zone *time.Location, last bool) string {
	t = t.In(zone)
	if last && t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		day, err := DayOf(t).AddDays(-1)
		if err == nil {
			return day.String() + " 24:00"
		}
	}
	if t.Second() != 0 {
		return t.Format("2006-01-02 15:04:05 -07:00")
	}
	return t.Format("2006-01-02 15:04 -07:00")
}
