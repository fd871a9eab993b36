package calendar

import (
	"bytes"
	"embed"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"counterseal/internal/problem"
)

// Workdays says which days are working days in one place: every day but
// Saturdays, Sundays and the holidays it lists. It does not change.
type Workdays struct {
	name, version string
	from, to      int // first and last year covered
	holidays      map[Day]string
}

//go:embed holidays/*.txt
var holidayFiles embed.FS

// The files come with the program and are read once.
var embedded = sync.OnceValues(func() (map[string]*Workdays, error) {
	files, err := fs.Glob(holidayFiles, "holidays/*.txt")
	if err != nil {
		return nil, err
	}
	all := make(map[string]*Workdays, 2*len(files))
	for _, file := range files { // sorted, so that the last version of a name wins
		data, err := holidayFiles.ReadFile(file)
		if err != nil {
			return nil, err
		}
		w, err := ParseWorkdays(data)
		if err != nil {
			return nil, err
		}
		all[w.name], all[w.ID()] = w, w
	}
	return all, nil
})

// WorkdaysOf finds the calendar of a place: "ie" is its newest version,
// "ie@2026-11" exactly that one, so that a stored deadline can be counted again.
// There are us (federal courts), ie, dk, de (holidays of every Land), it and gb
// (England and Wales). The error is calendar.unknown.
func WorkdaysOf(id string) (*Workdays, error) {
	all, err := embedded()
	if err != nil {
		return nil, err
	}
	w := all[id]
	if w == nil {
		return nil, problem.New(problem.Missing, "calendar.unknown", "there is no calendar of this name and version").At("%.32q", id)
	}
	return w, nil
}

const maxHolidays = 64 << 10 // bytes of a file

var (
	nameForm    = regexp.MustCompile(`^[a-z]{2}(_[a-z]+)?$`)
	versionForm = regexp.MustCompile(`^20[0-9]{2}-[01][0-9](-[0-9])?$`)
)

// ParseWorkdays reads a file of holidays: comments, the lines "calendar NAME",
// "version YYYY-MM", "from YEAR" and "to YEAR" in this order, then one line a
// holiday, "YYYY-MM-DD NAME", ascending. Errors: calendar.holidays.
func ParseWorkdays(data []byte) (*Workdays, error) {
	if len(data) > maxHolidays || !utf8.Valid(data) {
		return nil, problem.New(problem.Invalid, "calendar.holidays", "the file of holidays is too large or not valid UTF-8")
	}
	w := &Workdays{holidays: map[Day]string{}}
	heads := []string{"calendar", "version", "from", "to"}
	var last Day
	no := 0
	for line := range bytes.Lines(data) {
		no++
		text := strings.TrimRight(string(line), "\n")
		if text == "" || text[0] == '#' {
			continue
		}
		word, rest, _ := strings.Cut(text, " ")
		if len(heads) > 0 {
			if word != heads[0] || !w.head(word, rest) {
				return nil, badHolidays(no, "the file begins with calendar, version, from and to")
			}
			heads = heads[1:]
			continue
		}
		d, err := ParseDay(word)
		if err != nil || strings.TrimSpace(rest) == "" {
			return nil, badHolidays(no, "a holiday is a date and its name")
		}
		if last != (Day{}) && !last.Before(d) || d.Year < w.from || d.Year > w.to {
			return nil, badHolidays(no, "holidays stand in ascending order, within the years that the file covers")
		}
		w.holidays[d], last = rest, d
	}
	if len(heads) > 0 {
		return nil, badHolidays(no, "the file begins with calendar, version, from and to")
	}
	return w, nil
}

func (w *Workdays) head(word, rest string) bool {
	var err error
	switch word {
	case "calendar":
		w.name = rest
		return nameForm.MatchString(rest)
	case "version":
		w.version = rest
		return versionForm.MatchString(rest)
	case "from":
		w.from, err = strconv.Atoi(rest)
		return err == nil && w.from >= minYear
	default:
		w.to, err = strconv.Atoi(rest)
		return err == nil && w.to <= maxYear && w.from <= w.to
	}
}

func badHolidays(line int, why string) error {
	return problem.New(problem.Invalid, "calendar.holidays", "%s", why).At("line %d", line)
}

// ID is name and version, as a deadline stores it: "ie@2026-11".
func (w *Workdays) ID() string { return w.name + "@" + w.version }

// Years are the first and the last year that the calendar covers.
func (w *Workdays) Years() (from, to int) { return w.from, w.to }

// Holiday is the name of the holiday that the day is, or "". The error is
// calendar.date, or calendar.not_covered for a year that nobody has looked at:
// the absence of a holiday is not a working day there.
func (w *Workdays) Holiday(d Day) (string, error) {
	err := d.check()
	if err != nil {
		return "", err
	}
	if d.Year < w.from || d.Year > w.to {
		return "", problem.New(problem.Missing, "calendar.not_covered", "the calendar %s covers the years %d to %d", w.ID(), w.from, w.to).At("%s", d)
	}
	return w.holidays[d], nil
}

// Rests says why the day is not a working day ("Saturday", "Sunday", or the name
// of a holiday), or "" where it is one. Errors are those of Holiday.
func (w *Workdays) Rests(d Day) (string, error) {
	name, err := w.Holiday(d)
	if err != nil || name != "" {
		return name, err
	}
	if day := d.utc().Weekday(); day == time.Saturday || day == time.Sunday {
		return day.String(), nil
	}
	return "", nil
}

// Next is the first working day on or after d. Errors are those of Holiday.
func (w *Workdays) Next(d Day) (Day, error) {
	for {
		why, err := w.Rests(d)
		if err != nil || why == "" {
			return d, err
		}
		d, err = d.AddDays(1)
		if err != nil {
			return Day{}, err
		}
	}
}
