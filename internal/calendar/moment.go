package calendar

import (
	"time"

	"counterseal/internal/problem"
)

// Side chooses between the moments that a local time may mean.
type Side uint8

const (
	Earlier Side = 1 + iota // for what we owe
	Later                   // for what must not end too soon
)

// Zone loads an IANA zone by name. "Local" and "" are refused: a deadline does
// not depend on the machine. The error is calendar.zone.
func Zone(name string) (*time.Location, error) {
	if name != "" && name != "Local" {
		z, err := time.LoadLocation(name)
		if err == nil {
			return z, nil
		}
	}
	return nil, problem.New(problem.Invalid, "calendar.zone", "there is no such time zone").At("%.64q", name).Fix("use an IANA name such as Europe/Copenhagen")
}

// At is the moment of a local time of day, hour 0 to 24 (24 only as 24:00:00,
// the end of the day). A time that happens twice gives its first or last
// moment. A time that the clocks skip is read with the offset before and the
// offset after the change: Earlier gives the earlier reading, Later the later.
// Errors: calendar.date, calendar.time, calendar.zone, calendar.side.
func At(d Day, hour, minute, second int, zone *time.Location, side Side) (time.Time, error) {
	err := d.check()
	if err != nil {
		return time.Time{}, err
	}
	if zone == nil || zone == time.Local {
		return time.Time{}, problem.New(problem.Invalid, "calendar.zone", "a moment needs a named time zone")
	}
	if side != Earlier && side != Later {
		return time.Time{}, problem.New(problem.Invalid, "calendar.side", "say whether the earlier or the later moment is safer")
	}
	whole := hour == 24 && minute == 0 && second == 0
	if !whole && (hour < 0 || hour > 23) || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return time.Time{}, problem.New(problem.Invalid, "calendar.time", "the time of day does not exist")
	}
	wall := time.Date(d.Year, d.Month, d.Day, hour, minute, second, 0, time.UTC)
	return resolve(wall, zone, side), nil
}

// EndOfDay is 24:00 of the day. A day without midnight ends at the reading that
// side chooses.
func EndOfDay(d Day, zone *time.Location, side Side) (time.Time, error) {
	return At(d, 24, 0, 0, zone, side)
}

// resolve finds the moments whose local time in zone is wall (given as if it
// were UTC). Offsets are within 26 hours, so every offset that could matter is
// in force within that distance.
func resolve(wall time.Time, zone *time.Location, side Side) time.Time {
	const reach = 26 * time.Hour
	var real, skipped []time.Time
	last := wall.Add(reach)
	for t := wall.Add(-reach); ; {
		_, offset := t.In(zone).Zone()
		reading := wall.Add(-time.Duration(offset) * time.Second)
		if _, o := reading.In(zone).Zone(); o == offset {
			real = append(real, reading)
		}
		skipped = append(skipped, reading)
		_, next := t.In(zone).ZoneBounds()
		if next.IsZero() || next.After(last) {
			break
		}
		t = next
	}
	if len(real) == 0 {
		real = skipped
	}
	best := real[0]
	for _, t := range real[1:] {
		if side == Earlier && t.Before(best) || side == Later && t.After(best) {
			best = t
		}
	}
	return best.In(zone)
}
