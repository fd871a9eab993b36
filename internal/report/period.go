package report

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"counterseal/internal/problem"
)

// Period is a half-year of the calendar, in UTC.
type Period struct {
	Year int
	Half int // 1, 2
}

// PeriodOf is the period in which a moment lies.
func PeriodOf(t time.Time) Period {
	t = t.UTC()
	return Period{Year: t.Year(), Half: (int(t.Month())-1)/6 + 1}
}

var periodForm = regexp.MustCompile(`^([12][0-9]{3})-H([12])$`)

// ParsePeriod reads 2026-H1. Code: report.period.
func ParsePeriod(s string) (Period, error) {
	m := periodForm.FindStringSubmatch(s)
	if m == nil {
		return Period{}, problem.New(problem.Invalid, "report.period", "a period is a half-year of the calendar").At("%.20q", s).Fix("write, for example, 2026-H1")
	}
	year, _ := strconv.Atoi(m[1])
	half, _ := strconv.Atoi(m[2])
	return Period{year, half}, nil
}

func (p Period) String() string { return fmt.Sprintf("%04d-H%d", p.Year, p.Half) }

// Begin is its first moment, and End the first one after it.
func (p Period) Begin() time.Time {
	return time.Date(p.Year, time.Month(6*p.Half-5), 1, 0, 0, 0, 0, time.UTC)
}

// End is the first moment after the period.
func (p Period) End() time.Time { return p.Begin().AddDate(0, 6, 0) }

// Last is its last day.
func (p Period) Last() time.Time { return p.End().AddDate(0, 0, -1) }

// Holds reports whether a moment lies in it.
func (p Period) Holds(t time.Time) bool { return PeriodOf(t) == p }

// Over reports whether it is over.
func (p Period) Over(now time.Time) bool { return !now.Before(p.End()) }

// Before is the period before it.
func (p Period) Before() Period { return PeriodOf(p.Begin().AddDate(0, 0, -1)) }
