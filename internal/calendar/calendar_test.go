package calendar_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterseal/internal/calendar"
	"counterseal/internal/problem"
)

func day(t testing.TB, s string) calendar.Day {
	t.Helper()
	d, err := calendar.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := calendar.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestAmbiguousAndSkippedTimesTakeTheSideAskedFor(t *testing.T) {
	for _, c := range []struct {
		zone, day      string
		h, m           int
		earlier, later string
	}{
		// Clocks go forward: 02:30 does not exist.
		{"Europe/Copenhagen", "2026-03-29", 2, 30, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		{"America/New_York", "2026-03-08", 2, 30, "2026-03-08T06:30:00Z", "2026-03-08T07:30:00Z"},
		// Clocks go back: the hour happens twice.
		{"Europe/Copenhagen", "2026-10-25", 2, 30, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"America/New_York", "2026-11-01", 1, 30, "2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"},
		// The edges of the gap and of the repeated hour.
		{"Europe/Copenhagen", "2026-03-29", 1, 59, "2026-03-29T00:59:00Z", "2026-03-29T00:59:00Z"},
		{"Europe/Copenhagen", "2026-03-29", 3, 0, "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z"},
		{"Europe/Copenhagen", "2026-10-25", 2, 0, "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"},
		{"Europe/Copenhagen", "2026-10-25", 3, 0, "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z"},
		// An ordinary day, and a whole day that was skipped (Samoa crossed the date line).
		{"Europe/Copenhagen", "2026-06-01", 12, 0, "2026-06-01T10:00:00Z", "2026-06-01T10:00:00Z"},
		{"Pacific/Apia", "2011-12-30", 12, 0, "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"},
		// The end of a day is the next midnight.
		{"America/New_York", "2026-03-08", 24, 0, "2026-03-09T04:00:00Z", "2026-03-09T04:00:00Z"},
		{"Europe/Copenhagen", "2026-12-31", 24, 0, "2026-12-31T23:00:00Z", "2026-12-31T23:00:00Z"},
		// Midnight itself is skipped.
		{"America/Havana", "2026-03-07", 24, 0, "2026-03-08T04:00:00Z", "2026-03-08T05:00:00Z"},
	} {
		for side, want := range map[calendar.Side]string{calendar.Earlier: c.earlier, calendar.Later: c.later} {
			got, err := calendar.At(day(t, c.day), c.h, c.m, 0, zone(t, c.zone), side)
			if err != nil {
				t.Fatal(err)
			}
			if s := got.UTC().Format(time.RFC3339); s != want {
				t.Errorf("%s %s %02d:%02d side %d: got %s, want %s", c.zone, c.day, c.h, c.m, side, s, want)
			}
		}
	}
}

func TestEarlierIsNeverAfterLaterAndARealTimeReadsBackAsItself(t *testing.T) {
	zones := []string{"Europe/Copenhagen", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"}
	rapid.Check(t, func(t *rapid.T) {
		z, err := calendar.Zone(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		moment := time.Unix(rapid.Int64Range(86400, 7_258_000_000).Draw(t, "moment"), 0).In(z)
		d := calendar.DayOf(moment)
		h, m, s := moment.Clock()
		a, err := calendar.At(d, h, m, s, z, calendar.Earlier)
		if err != nil {
			t.Fatal(err)
		}
		b, err := calendar.At(d, h, m, s, z, calendar.Later)
		if err != nil {
			t.Fatal(err)
		}
		if a.After(moment) || b.Before(moment) {
			t.Fatalf("%s is not between %s and %s", moment, a, b)
		}
		for _, x := range []time.Time{a, b} {
			if x.Format(time.DateTime) != moment.Format(time.DateTime) {
				t.Fatalf("%s reads back as %s", moment, x)
			}
		}
	})
}

func TestMonthsKeepToTheLastDayOfAShorterMonth(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"}, {"2028-01-31", 1, "2028-02-29"}, {"2100-01-31", 1, "2100-02-28"},
		{"2026-01-31", 2, "2026-03-31"}, {"2026-03-31", 1, "2026-04-30"}, {"2026-03-31", -1, "2026-02-28"},
		{"2028-02-29", 12, "2029-02-28"}, {"2026-12-15", 1, "2027-01-15"}, {"2026-01-15", -1, "2025-12-15"}, {"2026-05-05", 0, "2026-05-05"},
	} {
		got, err := day(t, c.from).AddMonths(c.n)
		if err != nil || got.String() != c.want {
			t.Errorf("%s %+d months: got %v, %v, want %s", c.from, c.n, got, err, c.want)
		}
	}
}

func TestDaysCountAcrossLeapYears(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2028-02-28", 1, "2028-02-29"}, {"2027-02-28", 1, "2027-03-01"}, {"2028-03-01", -1, "2028-02-29"}, {"2026-01-01", 90, "2026-04-01"},
	} {
		got, err := day(t, c.from).AddDays(c.n)
		if err != nil || got.String() != c.want {
			t.Errorf("%s %+d: got %v, %v, want %s", c.from, c.n, got, err, c.want)
		}
	}
}

func TestWhatDoesNotExistIsRefused(t *testing.T) {
	utc := zone(t, "UTC")
	ok := day(t, "2026-01-01")
	check := func(code string, err error) {
		t.Helper()
		if problem.Code(err) != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	for _, s := range []string{"", "2026-02-29", "2026-2-1", "1969-12-31", "2200-01-01", "2026-01-01T00:00:00Z"} {
		_, err := calendar.ParseDay(s)
		check("calendar.date", err)
	}
	_, err := calendar.At(calendar.Day{}, 0, 0, 0, utc, calendar.Earlier)
	check("calendar.date", err)
	_, err = calendar.At(calendar.Day{Year: 2026, Month: 2, Day: 29}, 0, 0, 0, utc, calendar.Earlier)
	check("calendar.date", err)
	for _, c := range [][3]int{{25, 0, 0}, {24, 0, 1}, {24, 1, 0}, {-1, 0, 0}, {0, 60, 0}, {0, 0, 60}, {0, -1, 0}, {0, 0, -1}} {
		_, err = calendar.At(ok, c[0], c[1], c[2], utc, calendar.Later)
		check("calendar.time", err)
	}
	_, err = calendar.At(ok, 0, 0, 0, nil, calendar.Later)
	check("calendar.zone", err)
	_, err = calendar.At(ok, 0, 0, 0, time.Local, calendar.Later)
	check("calendar.zone", err)
	_, err = calendar.At(ok, 0, 0, 0, utc, 0)
	check("calendar.side", err)
	for _, z := range []string{"", "Local", "Europe/Nowhere", "../etc/passwd"} {
		_, err = calendar.Zone(z)
		check("calendar.zone", err)
	}
	for _, n := range []int{1 << 62, -(1 << 62), 999_999, -1} {
		_, err = day(t, "1970-01-01").AddDays(n)
		check("calendar.range", err)
		_, err = day(t, "1970-01-01").AddMonths(n)
		check("calendar.range", err)
	}
	_, err = calendar.Day{}.AddDays(1)
	check("calendar.date", err)
	_, err = calendar.Day{}.AddMonths(1)
	check("calendar.date", err)
}

func TestADeadlineExplainsItselfInOneSentence(t *testing.T) {
	cph := zone(t, "Europe/Copenhagen")
	first, err := calendar.At(day(t, "2026-10-08"), 9, 0, 0, cph, calendar.Later)
	if err != nil {
		t.Fatal(err)
	}
	last, err := calendar.EndOfDay(day(t, "2026-10-08"), cph, calendar.Earlier)
	if err != nil {
		t.Fatal(err)
	}
	d := calendar.Deadline{Rule: "Article 10(2)", Zone: "Europe/Copenhagen", Calendar: "2026-11", NotBefore: first, Latest: last}
	for want, d := range map[string]calendar.Deadline{
		"Not before 2026-10-08 09:00 +02:00 and due by 2026-10-08 24:00 (Europe/Copenhagen), under Article 10(2), counted by calendar 2026-11.": d,
		"Due by 2026-10-08 24:00 (Europe/Copenhagen), under Article 10(2), counted by calendar 2026-11.":                                        {Rule: d.Rule, Zone: d.Zone, Calendar: d.Calendar, Latest: last},
		"Not before 2026-10-08 09:00:01 +02:00 (Europe/Copenhagen), under Article 10(2), counted by calendar 2026-11.":                          {Rule: d.Rule, Zone: d.Zone, Calendar: d.Calendar, NotBefore: first.Add(time.Second)},
	} {
		got, err := d.Explain()
		if err != nil || got != want {
			t.Errorf("got %q, %v\nwant %q", got, err, want)
		}
	}
}

func TestADeadlineThatSaysNothingOrEndsBeforeItBeginsIsRefused(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	good := calendar.Deadline{Rule: "r", Zone: "UTC", Calendar: "c", NotBefore: now, Latest: now}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for code, change := range map[string][]func(*calendar.Deadline){
		"calendar.deadline": {
			func(d *calendar.Deadline) { d.Rule = "" },
			func(d *calendar.Deadline) { d.Calendar = "" },
			func(d *calendar.Deadline) { d.NotBefore, d.Latest = time.Time{}, time.Time{} },
			func(d *calendar.Deadline) { d.Latest = now.Add(-time.Nanosecond) },
		},
		"calendar.zone": {func(d *calendar.Deadline) { d.Zone = "" }, func(d *calendar.Deadline) { d.Zone = "Local" }},
	} {
		for i, f := range change {
			d := good
			f(&d)
			if problem.Code(d.Check()) != code {
				t.Errorf("%s %d: got %v", code, i, d.Check())
			}
			if _, err := d.Explain(); err == nil {
				t.Errorf("%s %d: a refused deadline has a sentence", code, i)
			}
		}
	}
}

func FuzzParseDay(f *testing.F) {
	f.Add("2028-02-29")
	f.Fuzz(func(t *testing.T, s string) {
		d, err := calendar.ParseDay(s)
		if err == nil && d.String() != s {
			t.Fatalf("%q reads back as %q", s, d)
		}
	})
}
