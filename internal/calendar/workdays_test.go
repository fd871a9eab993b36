package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterseal/internal/calendar"
	"counterseal/internal/problem"
)

func workdays(t testing.TB, id string) *calendar.Workdays {
	t.Helper()
	w, err := calendar.WorkdaysOf(id)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func on(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// easter is by the anonymous Gregorian algorithm.
func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	return on(y, time.Month((h+l-7*m+114)/31), (h+l-7*m+114)%31+1)
}

// nth is the n-th weekday of a month; n = 0 is the last.
func nth(y int, m time.Month, day time.Weekday, n int) time.Time {
	if n == 0 {
		d := on(y, m+1, 0)
		return d.AddDate(0, 0, -int(d.Weekday()-day+7)%7)
	}
	d := on(y, m, 1)
	return d.AddDate(0, 0, int(day-d.Weekday()+7)%7+7*(n-1))
}

// rules states each calendar's holidays of a year once more, as its statute does.
var rules = map[string]func(y int) []time.Time{
	"us": func(y int) []time.Time {
		days := []time.Time{nth(y, 1, time.Monday, 3), nth(y, 2, time.Monday, 3), nth(y, 5, time.Monday, 0), nth(y, 9, time.Monday, 1), nth(y, 10, time.Monday, 2), nth(y, 11, time.Thursday, 4)}
		fixed := []time.Time{on(y, 1, 1), on(y, 7, 4), on(y, 11, 11), on(y, 12, 25), on(y+1, 1, 1)}
		if y >= 2021 {
			fixed = append(fixed, on(y, 6, 19))
		}
		for _, d := range fixed {
			days = append(days, d)
			switch d.Weekday() {
			case time.Saturday:
				days = append(days, d.AddDate(0, 0, -1))
			case time.Sunday:
				days = append(days, d.AddDate(0, 0, 1))
			}
		}
		return days
	},
	"ie": func(y int) []time.Time {
		days := []time.Time{on(y, 1, 1), on(y, 3, 17), easter(y).AddDate(0, 0, 1), nth(y, 5, time.Monday, 1), nth(y, 6, time.Monday, 1), nth(y, 8, time.Monday, 1), nth(y, 10, time.Monday, 0), on(y, 12, 25), on(y, 12, 26)}
		switch {
		case y >= 2023 && on(y, 2, 1).Weekday() == time.Friday:
			days = append(days, on(y, 2, 1))
		case y >= 2023:
			days = append(days, nth(y, 2, time.Monday, 1))
		case y == 2022:
			days = append(days, on(y, 3, 18))
		}
		return days
	},
	"dk": func(y int) []time.Time {
		days := []time.Time{on(y, 1, 1), on(y, 12, 25), on(y, 12, 26)}
		for _, n := range []int{-3, -2, 0, 1, 26, 39, 49, 50} {
			if n != 26 || y < 2024 {
				days = append(days, easter(y).AddDate(0, 0, n))
			}
		}
		return days
	},
	"de": func(y int) []time.Time {
		days := []time.Time{on(y, 1, 1), on(y, 5, 1), on(y, 10, 3), on(y, 12, 25), on(y, 12, 26)}
		for _, n := range []int{-2, 1, 39, 50} {
			days = append(days, easter(y).AddDate(0, 0, n))
		}
		if y == 2017 {
			days = append(days, on(y, 10, 31))
		}
		return days
	},
	"it": func(y int) []time.Time {
		days := []time.Time{on(y, 1, 1), on(y, 1, 6), on(y, 4, 25), on(y, 5, 1), on(y, 6, 2), on(y, 8, 15), on(y, 11, 1), on(y, 12, 8), on(y, 12, 25), on(y, 12, 26), easter(y), easter(y).AddDate(0, 0, 1)}
		if y >= 2026 {
			days = append(days, on(y, 10, 4))
		}
		return days
	},
	"gb": func(y int) []time.Time {
		free := func(d time.Time, taken ...time.Time) time.Time {
			for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || len(taken) > 0 && d.Equal(taken[0]) {
				d = d.AddDate(0, 0, 1)
			}
			return d
		}
		christmas, boxing := on(y, 12, 25), on(y, 12, 26)
		switch christmas.Weekday() {
		case time.Sunday: // Boxing Day stays on the Monday
			christmas = on(y, 12, 27)
		default:
			christmas = free(christmas)
			boxing = free(boxing, christmas)
		}
		early, spring := nth(y, 5, time.Monday, 1), nth(y, 5, time.Monday, 0)
		days := []time.Time{free(on(y, 1, 1)), easter(y).AddDate(0, 0, -2), easter(y).AddDate(0, 0, 1), nth(y, 8, time.Monday, 0), christmas, boxing}
		switch y {
		case 2020:
			early = on(y, 5, 8)
		case 2022:
			spring = on(y, 6, 2)
			days = append(days, on(y, 6, 3), on(y, 9, 19))
		case 2023:
			days = append(days, on(y, 5, 8))
		}
		return append(days, early, spring)
	},
}

func TestEveryHolidayStandsWhereItsRulePutsIt(t *testing.T) {
	for name, rule := range rules {
		w := workdays(t, name)
		from, to := w.Years()
		if from != 2013 || to != 2028 {
			t.Errorf("%s covers %d to %d", name, from, to)
		}
		want := map[calendar.Day]bool{}
		for y := from - 1; y <= to; y++ {
			for _, d := range rule(y) {
				want[calendar.DayOf(d)] = true
			}
		}
		for d := on(from, 1, 1); d.Year() <= to; d = d.AddDate(0, 0, 1) {
			day := calendar.DayOf(d)
			got, err := w.Holiday(day)
			if err != nil {
				t.Fatal(err)
			}
			if (got != "") != want[day] {
				t.Errorf("%s %s: the file says %q, the rule %v", name, day, got, want[day])
			}
		}
	}
}

func TestAYearThatNobodyLookedAtIsNotFullOfWorkingDays(t *testing.T) {
	w := workdays(t, "ie")
	for _, s := range []string{"2012-12-31", "2029-01-01"} {
		if _, err := w.Holiday(day(t, s)); problem.Code(err) != "calendar.not_covered" {
			t.Errorf("%s: %v", s, err)
		}
		if _, err := w.Next(day(t, s)); problem.Code(err) != "calendar.not_covered" {
			t.Errorf("%s: %v", s, err)
		}
	}
	for _, id := range []string{"", "fr", "ie@2020-01", "ie@"} {
		if _, err := calendar.WorkdaysOf(id); problem.Code(err) != "calendar.unknown" {
			t.Errorf("%q: %v", id, err)
		}
	}
	if got := workdays(t, "ie@2026-11").ID(); got != w.ID() {
		t.Errorf("the newest version is %s, by its own name %s", w.ID(), got)
	}
}

func TestAFileOfHolidaysIsReadStrictly(t *testing.T) {
	const head = "calendar ie\nversion 2026-11\nfrom 2020\nto 2021\n"
	if _, err := calendar.ParseWorkdays([]byte("# c\n" + head + "\n2020-01-01 a\n2021-01-01 b\n")); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"empty": "", "no head": "2020-01-01 a\n", "head out of order": "version 2026-11\ncalendar ie\nfrom 2020\nto 2021\n",
		"name": "calendar IE\nversion 2026-11\nfrom 2020\nto 2021\n", "version": "calendar ie\nversion 1\nfrom 2020\nto 2021\n",
		"years inverted": "calendar ie\nversion 2026-11\nfrom 2021\nto 2020\n", "year": "calendar ie\nversion 2026-11\nfrom x\nto 2020\n",
		"no such day": head + "2021-02-29 a\n", "no name": head + "2020-01-01\n", "only the last twice": head + "2020-01-01 a\n2020-01-02 b\n2020-01-02 c\n",
		"descending": head + "2020-01-02 a\n2020-01-01 b\n", "outside": head + "2022-01-01 a\n", "not UTF-8": head + "2020-01-01 \xff\n",
	} {
		if _, err := calendar.ParseWorkdays([]byte(text)); problem.Code(err) != "calendar.holidays" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParseWorkdays(f *testing.F) {
	f.Add([]byte("# c\ncalendar ie\nversion 2026-11\nfrom 2020\nto 2021\n2020-01-01 a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		w, err := calendar.ParseWorkdays(b)
		if err != nil {
			return
		}
		from, to := w.Years()
		if from > to || from < 1970 || to > 2199 {
			t.Fatalf("covers %d to %d", from, to)
		}
		if _, err := w.Holiday(calendar.Day{Year: from, Month: 1, Day: 1}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPeriodsAreCountedAsTheirRuleSays(t *testing.T) {
	for _, c := range []struct {
		name      string
		method    calendar.Method
		n         int
		unit      calendar.Unit
		cal, zone string
		event     string // a day, or a moment in the zone
		want      string
	}{
		{"ten days from a Monday", calendar.EURegulation, 10, calendar.Days, "ie", "Europe/Dublin", "2026-09-28", "2026-10-08 24:00"},
		{"a last day on a Saturday", calendar.EURegulation, 10, calendar.Days, "ie", "Europe/Dublin", "2026-09-30", "2026-10-12 24:00"},
		{"a last day on the October holiday", calendar.EURegulation, 10, calendar.Days, "ie", "Europe/Dublin", "2026-10-16", "2026-10-27 24:00"},
		{"no holiday in Copenhagen that day", calendar.EURegulation, 10, calendar.Days, "dk", "Europe/Copenhagen", "2026-10-16", "2026-10-26 24:00"},
		{"Christmas: Friday, Saturday and holiday, Sunday", calendar.EURegulation, 10, calendar.Days, "ie", "Europe/Dublin", "2026-12-15", "2026-12-28 24:00"},
		{"two working days over Christmas", calendar.EURegulation, 3, calendar.Days, "ie", "Europe/Dublin", "2026-12-24", "2026-12-29 24:00"},
		{"one day need not hold two working days", calendar.EURegulation, 1, calendar.Days, "ie", "Europe/Dublin", "2026-12-24", "2026-12-28 24:00"},
		{"five working days over Easter", calendar.EURegulation, 5, calendar.WorkingDays, "dk", "Europe/Copenhagen", "2026-04-01", "2026-04-13 24:00"},
		{"a month from the 31st", calendar.EURegulation, 1, calendar.Months, "ie", "Europe/Dublin", "2025-10-31", "2025-12-01 24:00"},
		{"a month from the 31st of January", calendar.Plain, 1, calendar.Months, "", "Europe/Dublin", "2026-01-31", "2026-02-28 24:00"},
		{"eight hours, the hour of receipt not counted", calendar.EURegulation, 8, calendar.Hours, "", "Europe/Dublin", "2026-09-14T15:25", "2026-09-14 24:00"},
		{"eight hours from the full hour", calendar.EURegulation, 8, calendar.Hours, "", "Europe/Dublin", "2026-09-14T15:00", "2026-09-14 24:00"},
		{"hours do not wait for Monday", calendar.EURegulation, 8, calendar.Hours, "", "Europe/Dublin", "2026-10-24T10:10", "2026-10-24 19:00"},
		{"eight hours over the end of summer time", calendar.EURegulation, 8, calendar.Hours, "", "Europe/Dublin", "2026-10-24T23:10", "2026-10-25 07:00"},
		{"96 hours in Dublin", calendar.EURegulation, 96, calendar.Hours, "", "Europe/Dublin", "2026-09-14T15:25", "2026-09-18 16:00"},
		{"fourteen days, a holiday in New York", calendar.USRule, 14, calendar.Days, "us", "America/New_York", "2026-10-28", "2026-11-12 24:00"},
		{"fourteen days, a Saturday", calendar.USRule, 14, calendar.Days, "us", "America/New_York", "2026-10-31", "2026-11-16 24:00"},
		{"fourteen days, an ordinary day", calendar.USRule, 14, calendar.Days, "us", "America/New_York", "2026-11-02", "2026-11-16 24:00"},
		{"two days need not hold two working days in New York", calendar.USRule, 2, calendar.Days, "us", "America/New_York", "2026-11-25", "2026-11-27 24:00"},
		{"hours that end on a Saturday", calendar.USRule, 24, calendar.Hours, "us", "America/New_York", "2026-10-30T15:30", "2026-11-02 15:30"},
		{"hours that end on a Tuesday", calendar.USRule, 24, calendar.Hours, "us", "America/New_York", "2026-11-02T15:30", "2026-11-03 15:30"},
		{"ninety days, whatever day that is", calendar.Plain, 90, calendar.Days, "", "America/New_York", "2026-01-03", "2026-04-03 24:00"},
		{"48 hours over the change to summer time", calendar.Plain, 48, calendar.Hours, "", "Europe/Copenhagen", "2026-03-28T12:00", "2026-03-30 13:00"},
		{"three days beginning with the day", calendar.Inclusive, 3, calendar.Days, "", "Europe/London", "2026-09-14", "2026-09-16 24:00"},
		{"three months beginning with the day", calendar.Inclusive, 3, calendar.Months, "", "Europe/London", "2026-09-14", "2026-12-13 24:00"},
		{"three months beginning with a day that the last month lacks", calendar.Inclusive, 3, calendar.Months, "", "Europe/London", "2026-11-30", "2027-02-28 24:00"},
		{"three months beginning with a day that a leap year's February has", calendar.Inclusive, 3, calendar.Months, "", "Europe/London", "2027-11-29", "2028-02-28 24:00"},
		{"one month beginning with the last day of January", calendar.Inclusive, 1, calendar.Months, "", "Europe/London", "2027-01-31", "2027-02-28 24:00"},
		{"three months beginning with the first", calendar.Inclusive, 3, calendar.Months, "", "Europe/London", "2026-12-01", "2027-02-28 24:00"},
		{"two working days beginning with the day", calendar.Inclusive, 2, calendar.WorkingDays, "gb", "Europe/London", "2026-09-18", "2026-09-21 24:00"},
	} {
		z := zone(t, c.zone)
		var w *calendar.Workdays
		if c.cal != "" {
			w = workdays(t, c.cal)
		}
		p := calendar.Period{N: c.n, Unit: c.unit, Method: c.method, Side: calendar.Earlier, Event: "receipt"}
		var got calendar.Counted
		var err error
		if len(c.event) > len(time.DateOnly) {
			at, perr := time.ParseInLocation("2006-01-02T15:04", c.event, z)
			if perr != nil {
				t.Fatal(perr)
			}
			got, err = calendar.CountFromMoment(at, p, w, z)
		} else {
			got, err = calendar.CountFromDay(day(t, c.event), p, w, z)
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		end := got.End.Format("2006-01-02 15:04")
		if got.End.Hour() == 0 && got.End.Minute() == 0 {
			end = got.End.AddDate(0, 0, -1).Format(time.DateOnly) + " 24:00"
		}
		if end != c.want {
			t.Errorf("%s: ends %s, want %s (%s)", c.name, end, c.want, got.Says)
		}
	}
}

func TestTheArithmeticIsSaidInOneSentence(t *testing.T) {
	dublin := zone(t, "Europe/Dublin")
	for _, c := range []struct {
		p     calendar.Period
		event string
		want  string
	}{
		{calendar.Period{N: 10, Unit: calendar.Days, Method: calendar.EURegulation}, "2026-09-28",
			"10 days, Reg. 1182/71 Art. 3; the day of receipt, Mon 28 Sep 2026, is not counted; it ends on Thu 8 Oct 2026 24:00 Dublin."},
		{calendar.Period{N: 10, Unit: calendar.Days, Method: calendar.EURegulation}, "2026-10-16",
			"10 days, Reg. 1182/71 Art. 3; the day of receipt, Fri 16 Oct 2026, is not counted; the last day, Mon 26 Oct 2026, is October holiday, so the next working day; it ends on Tue 27 Oct 2026 24:00 Dublin."},
		{calendar.Period{N: 1, Unit: calendar.Days, Method: calendar.Inclusive, Cite: "s.5(5)"}, "2026-09-28",
			"1 day, s.5(5); the day of receipt, Mon 28 Sep 2026, counts as the first; it ends on Mon 28 Sep 2026 24:00 Dublin."},
	} {
		c.p.Side, c.p.Event = calendar.Earlier, "receipt"
		got, err := calendar.CountFromDay(day(t, c.event), c.p, workdays(t, "ie"), dublin)
		if err != nil || got.Says != c.want {
			t.Errorf("got %q, %v\nwant %q", got.Says, err, c.want)
		}
	}
	eight := calendar.Period{N: 8, Unit: calendar.Hours, Method: calendar.EURegulation, Side: calendar.Earlier, Event: "receipt"}
	got, err := calendar.CountFromMoment(time.Date(2026, 9, 14, 14, 25, 0, 0, time.UTC), eight, nil, dublin)
	if want := "8 hours, Reg. 1182/71 Art. 3; the hour of receipt, Mon 14 Sep 2026 15:25, is not counted; they end on Mon 14 Sep 2026 24:00 Dublin."; err != nil || got.Says != want {
		t.Errorf("got %q, %v\nwant %q", got.Says, err, want)
	}
	if got.Calendar != calendar.EveryDay {
		t.Errorf("hours look at no holiday, but name %s", got.Calendar)
	}
}

func TestAPeriodThatCannotBeCountedIsRefused(t *testing.T) {
	z := zone(t, "Europe/Dublin")
	good := calendar.Period{N: 10, Unit: calendar.Days, Method: calendar.EURegulation, Side: calendar.Earlier, Event: "receipt"}
	ie := workdays(t, "ie")
	for name, c := range map[string]struct {
		change func(*calendar.Period)
		w      *calendar.Workdays
		event  string
		code   string
	}{
		"no length":     {func(p *calendar.Period) { p.N = 0 }, ie, "2026-01-01", "calendar.period"},
		"too long":      {func(p *calendar.Period) { p.N = 4000 }, ie, "2026-01-01", "calendar.period"},
		"unknown unit":  {func(p *calendar.Period) { p.Unit = "weeks" }, ie, "2026-01-01", "calendar.period"},
		"unknown rule":  {func(p *calendar.Period) { p.Method = "x" }, ie, "2026-01-01", "calendar.period"},
		"no event":      {func(p *calendar.Period) { p.Event = "" }, ie, "2026-01-01", "calendar.period"},
		"no side":       {func(p *calendar.Period) { p.Side = 0 }, ie, "2026-01-01", "calendar.side"},
		"no calendar":   {func(*calendar.Period) {}, nil, "2026-01-01", "calendar.unknown"},
		"hours of days": {func(p *calendar.Period) { p.Unit = calendar.Hours }, ie, "2026-01-01", "calendar.period"},
		"not covered":   {func(*calendar.Period) {}, ie, "2028-12-28", "calendar.not_covered"},
	} {
		p := good
		c.change(&p)
		if _, err := calendar.CountFromDay(day(t, c.event), p, c.w, z); problem.Code(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := calendar.CountFromMoment(time.Now(), good, ie, time.Local); problem.Code(err) != "calendar.zone" {
		t.Errorf("the machine's own zone: %v", err)
	}
}

func TestALongerPeriodNeverEndsSooner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		method := rapid.SampledFrom(calendar.Methods).Draw(t, "method")
		unit := rapid.SampledFrom(calendar.Units).Draw(t, "unit")
		w, err := calendar.WorkdaysOf(rapid.SampledFrom([]string{"us", "ie", "dk", "de", "it", "gb"}).Draw(t, "calendar"))
		if err != nil {
			t.Fatal(err)
		}
		z, err := calendar.Zone(rapid.SampledFrom([]string{"Europe/Dublin", "America/New_York", "Pacific/Guam"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, 20).Draw(t, "n")
		at := time.Unix(rapid.Int64Range(1_360_000_000, 1_780_000_000).Draw(t, "event"), 0)
		p := calendar.Period{N: n, Unit: unit, Method: method, Side: calendar.Earlier, Event: "receipt"}
		a, err := calendar.CountFromMoment(at, p, w, z)
		if err != nil {
			t.Fatal(err)
		}
		p.N++
		b, err := calendar.CountFromMoment(at, p, w, z)
		if err != nil {
			t.Fatal(err)
		}
		if b.End.Before(a.End) || !a.End.After(at) {
			t.Fatalf("%d: %s\n%d: %s", n, a.Says, n+1, b.Says)
		}
		if method == calendar.EURegulation && unit != calendar.Hours {
			why, err := w.Rests(calendar.DayOf(a.End.Add(-time.Second).In(z)))
			if err != nil || why != "" {
				t.Fatalf("ends on %s: %s", why, a.Says)
			}
		}
	})
}
