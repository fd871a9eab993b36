package letter

import (
	"net/mail"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func at(s string) int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

func TestDatesOfTheAcceptedForms(t *testing.T) {
	const want = "2002-08-22T11:36:16Z"
	for _, in := range []string{
		" Thu, 22 Aug 2002 12:36:16 +0100",
		"Thu, 22 Aug 2002 12:36:16 +0100 (IST)",
		"Thu, 22 Aug 2002 12:36:16 +0100(IST (a \\) nested) one)",
		"thursday, 22 AUG 2002 12:36:16 +0100",
		"Thu,22 Aug 2002 12:36:16 +0100",
		"Mon 22 Aug 2002 12:36:16 +0100", // the weekday is not compared
		"22 Aug 2002 12:36:16 +0100",
		"22 Aug 02 12:36:16 +0100",
		"\r\n\tThu, 22 Aug 2002\r\n 12:36:16\t+0100\r\n",
		"(comment) Thu, (x) 22 Aug 2002 12:36:16 +0100",
		"22 Aug 2002 11:36:16 GMT", "22 Aug 2002 11:36:16 ut", "22 Aug 2002 11:36:16 UTC", "22 Aug 2002 11:36:16 Z",
		"22 Aug 2002 11:36:16 -0000",
		"22 Aug 2002 07:36:16 EDT", "22 Aug 2002 6:36:16 EST", "22 Aug 2002 06:36:16 CDT", "22 Aug 2002 05:36:16 CST",
		"22 Aug 2002 5:36:16 MDT", "22 Aug 2002 4:36:16 MST", "22 Aug 2002 4:36:16 PDT", "22 Aug 2002 3:36:16 PST",
		"23 Aug 2002 01:36:16 +1400",
	} {
		m, why := parseDate([]byte(in))
		if why != "" || m.from != at(want) || m.until != m.from {
			t.Errorf("%q: %v %q, want %d", in, m, why, at(want))
		}
	}
}

func TestDatesAtTheEdges(t *testing.T) {
	for in, want := range map[string]string{
		"1 Jan 1970 00:00 +0000":     "1970-01-01T00:00:00Z",
		"31 Dec 2099 23:59:59 +0000": "2099-12-31T23:59:59Z",
		"29 Feb 2000 1:2:3 +0000":    "2000-02-29T01:02:03Z",
		"31 Dec 2016 23:59:60 +0000": "2016-12-31T23:59:59Z", // the leap second
		"1 Jan 49 00:00 GMT":         "2049-01-01T00:00:00Z",
		"1 Jan 70 00:00 GMT":         "1970-01-01T00:00:00Z",
	} {
		m, why := parseDate([]byte(in))
		if why != "" || m.from != at(want) {
			t.Errorf("%q: %v %q, want %s", in, m, why, want)
		}
	}
}

func TestADateWithoutAKnownZoneIsAnInterval(t *testing.T) {
	for _, in := range []string{"22 Aug 2002 12:00:00", "Thu, 22 Aug 2002 12:00:00 IST", "22 Aug 2002 12:00 (EST)", "22 Aug 2002 12:00:00 A"} {
		m, why := parseDate([]byte(in))
		if why != zoneUnknown || m.from != at("2002-08-21T22:00:00Z") || m.until != at("2002-08-23T00:00:00Z") {
			t.Errorf("%q: %v %q", in, m, why)
		}
	}
}

func TestDatesThatCannotBeUsed(t *testing.T) {
	for in, want := range map[string]string{
		"": noDate, " \r\n ": noDate, "(only a comment)": noDate,
		"soon": dateForm, "Thu": dateForm, "Thu,": dateForm, "(": dateForm, ",": dateForm, "22, Aug 2002 12:00:00 +0000": dateForm, "Thu, 22, Aug 2002 12:00:00 +0000": dateForm,
		"Thu , 22 Aug 2002 12:00:00 +0000": dateForm, "22 Aug 2002 12:00:00 +0000,": dateForm,
		"22 Aug 2002 12:00:00 +0000 x": dateForm, "22 Aug 2002 12:00:00 PM": dateForm, "22 Aug 2002 12:00:00 am": dateForm,
		"22 Aug 2002 12:00:00 PM +0000": dateForm, "22 Aug 2002 12:00:00 +-0400": dateForm, "22 Aug 2002 12:00:00 0400": dateForm,
		"22 Aug 2002 12:00:00 +0160": dateForm, "22 Aug 2002 12:00:00 +1401": dateForm, "22 Aug 2002 12:00:00 +100": dateForm,
		"22 Aug 2002 12:00:00 GMT+1": dateForm, "22 Aug 2002 12:00:00 Eastern": dateForm, "22 Aug 2002 12:00:00 Pacific Daylight Time": dateForm,
		"22 Aug 2002 24:00:00 +0000": dateForm, "22 Aug 2002 12:60:00 +0000": dateForm, "22 Aug 2002 12:00:61 +0000": dateForm,
		"22 Aug 2002 12 +0000": dateForm, "22 Aug 2002 12:00: +0000": dateForm, "22 Aug 2002 12:000 +0000": dateForm, "22 Aug 2002 1:2:3:4 +0000": dateForm,
		"31 Feb 2002 12:00:00 +0000": dateForm, "29 Feb 1900 12:00:00 +0000": dateForm, "0 Aug 2002 12:00:00 +0000": dateForm, "022 Aug 2002 12:00:00 +0000": dateForm,
		"22 Aug 102 12:00:00 +0000": dateForm, "22 Aug 20022 12:00:00 +0000": dateForm, "22 August 2002 12:00:00 +0000": dateForm,
		"22 Aug 2002 12:00:00 (never closed": dateForm, "22 Aug 2002 12:00:00 +0000)": dateForm,
		"31 Dec 1969 23:59:59 +0000": dateRange, "1 Jan 2100 00:00:00 +0000": dateRange, "22 Aug 9999 12:00:00 +0000": dateRange,
		"1 Jan 1970 13:59:59": dateRange, "31 Dec 2099 12:00:00": dateRange, "31 Dec 2099 23:59:59 -0001": dateRange,
	} {
		m, why := parseDate([]byte(in))
		if why != want {
			t.Errorf("%q: %v %q, want %q", in, m, why, want)
		}
	}
}

// Where net/mail reads a date with a numeric zone, it must be the same instant.
func TestDatesAgreeWithNetMail(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		when := time.Unix(rapid.Int64Range(86400, pastRange-86400).Draw(t, "seconds"), 0).
			In(time.FixedZone("", 60*rapid.IntRange(-12*60, 14*60).Draw(t, "minutes")))
		form := rapid.SampledFrom([]string{time.RFC1123Z, "2 Jan 2006 15:04:05 -0700", "Mon, _2 Jan 2006 15:04 -0700", "Mon, 2 Jan 2006 15:04:05 -0700 (ZZZ)"}).Draw(t, "form")
		in := when.Format(form)
		want, err := mail.ParseDate(in)
		if err != nil {
			t.Skip(err)
		}
		m, why := parseDate([]byte(in))
		if why != "" || m.from != want.Unix() || !m.Known() {
			t.Fatalf("%q: %v %q, net/mail says %d", in, m, why, want.Unix())
		}
	})
}

func TestSeparatorsEndInADate(t *testing.T) {
	const noon = "2002-08-22T12:00:00Z"
	for in, want := range map[string]string{
		"a@b Thu Aug 22 12:00:00 2002 +0000":           noon,
		"a@b Thu Aug 22 14:00:00 2002 +0200":           noon,
		"a@b Thu Aug 22 12:00:00 GMT 2002":             noon,
		"a@b Thu Aug 22 08:00 EDT 2002":                noon,
		"  some one at x  thu aug 22 12:00 2002 +0000": noon,
		"Thu Aug 22 12:00:00 2002 +0000  \r":           noon,
	} {
		m, why, ok := SeparatorDate([]byte(in), false)
		if !ok || why != "" || m.from != at(want) {
			t.Errorf("%q: %v %q %v", in, m, why, ok)
		}
	}
	m, why, ok := SeparatorDate([]byte("a b Thu Aug  2 12:00:00 2002"), false)
	if !ok || why != zoneUnknown || m.until-m.from != 26*3600 {
		t.Errorf("no zone: %v %q %v", m, why, ok)
	}
	m, why, ok = SeparatorDate([]byte("a b Thu Aug  2 12:00:00 2002"), true)
	if !ok || why != "" || m.from != at("2002-08-02T12:00:00Z") {
		t.Errorf("no zone in a store that writes UTC: %v %q %v", m, why, ok)
	}
	for _, in := range []string{
		"", "a", "afar, where dates are unknown", "a Thu Aug 22 2002", "a Thu Aug 22 12:00:00 02", "a Thu Aug 32 12:00:00 2002", "a Thu Xug 22 12:00:00 2002",
		"a Thursday Aug 22 12:00:00 2002", "a Thx Aug 22 12:00:00 2002", "aThu Aug 22 12:00:00 2002", "a Thu Aug 22 12:00:00 2002 remote from y",
		"a Thu Aug 22 12:00:00 2002 +9900", "a Thu, Aug 22 12:00:00 2002", "a Thu Aug 22 12:00:00 toolong 2002", "a Thu Aug 22 25:00:00 2002", "a Thu Aug 22 11:00:00 PM 2002 +0000", "a Thu Aug 22 11:00:00 am 2002",
	} {
		_, _, ok := SeparatorDate([]byte(in), false)
		if ok {
			t.Errorf("%q is taken for a separator", in)
		}
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"Thu, 22 Aug 2002 12:36:16 +0100 (IST)", "22 Aug 02 1:2", "((\\", "Thu Aug 22 12:00:00 EDT 2002 +0100", ",,,,"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, why := parseDate(b)
		check(t, m, why)
		if strings.ContainsRune(string(b), '\n') {
			return
		}
		m, why, ok := SeparatorDate(b, false)
		if ok {
			check(t, m, why)
		}
	})
}

func check(t *testing.T, m Moment, why string) {
	t.Helper()
	usable := why == "" || why == zoneUnknown
	if usable && (m.from < 0 || m.until >= pastRange || m.until < m.from || (why == "") != m.Known()) || !usable && m != (Moment{}) {
		t.Fatalf("%v %q", m, why)
	}
}

func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	at := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	for ; at.Year() < 2110; at = at.AddDate(0, 0, 1) {
		got := days(at.Year(), int(at.Month()), at.Day())
		if got*86400 != at.Unix() {
			t.Fatalf("%s is day %d", at.Format(time.DateOnly), got)
		}
	}
}
