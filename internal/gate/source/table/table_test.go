package table

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/problem"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rowsOf collects what a store gives: cells joined, or the reason.
func rowsOf(t testing.TB, s *Store) (out []string, err error) {
	t.Helper()
	err = s.Rows(t.Context(), Ask{Account: "ac-1"}, func(r *Row) error {
		if (r.Bad == "") != (r.Cells != nil) || r.Line < 1 {
			t.Fatalf("%+v", r)
		}
		out = append(out, r.Bad+strings.Join(r.Cells, "|"))
		return nil
	})
	return out, err
}

func file(t testing.TB, form Form, text []byte) *Store {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "f"), text, 0o600))
	s, err := New(Config{Form: form, Root: dir, Files: []string{"f"}}, []string{"a", "c"})
	must(t, err)
	return s
}

// FuzzCSV holds the reader to encoding/csv, which reads all at once: the same
// cells in the same order, or an error, and nothing of column b.
func FuzzCSV(f *testing.F) {
	f.Add([]byte("a,b,c\n1,SECRET,2\n"))
	f.Add([]byte("\ufeffc,b,a\r\n\"x\ny\",SECRET,2\r\n3,SECRET\r\n"))
	f.Add([]byte("a,b,c\n\"1,2"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := rowsOf(t, file(t, CSV, text))
		want, clean := wholeCSV(text)
		if (err == nil) != clean {
			t.Fatalf("error %v, and another reader says %v", err, clean)
		}
		if err != nil && problem.Code(err) != "source.columns" && problem.Code(err) != "source.malformed" {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); clean && d != "" {
			t.Fatal(d)
		}
	})
}

func wholeCSV(text []byte) (out []string, clean bool) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 {
		return nil, false
	}
	at := map[string]int{}
	for i, c := range all[0] {
		if _, twice := at[c]; twice && (c == "a" || c == "c") {
			return nil, false
		}
		at[c] = i
	}
	a, okA := at["a"]
	c, okC := at["c"]
	for _, row := range all[1:] {
		switch {
		case len(row) != len(all[0]):
			out = append(out, badColumns)
		case okA && okC && (!utf8.ValidString(row[a]) || !utf8.ValidString(row[c])):
			out = append(out, badText)
		case okA && okC:
			out = append(out, row[a]+"|"+row[c])
		}
	}
	return out, okA && okC
}

// FuzzObject holds the reader of JSON lines to encoding/json, which must agree
// where each key stands once.
func FuzzObject(f *testing.F) {
	f.Add([]byte(`{"a":"x","b":"SECRET","c":1.50}`))
	f.Add([]byte(`{"a":"\ud83d\ude00","c":"\ud83d"}`))
	f.Add([]byte(`{"a":1,"A":2,"a":3}`))
	f.Add([]byte(`{"c":"\\ud800"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		cells, bad := newObject([]string{"a", "c"}).read(text)
		if (bad == "") != (cells != nil) {
			t.Fatalf("%q: %q %q", text, cells, bad)
		}
		var whole map[string]json.RawMessage
		if err := json.Unmarshal(text, &whole); err != nil {
			if bad == "" {
				t.Fatalf("%q is read as %q, and another reader says %v", text, cells, err)
			}
			return
		}
		if bad != "" {
			return
		}
		for i, name := range []string{"a", "c"} {
			var s string
			switch raw, ok := whole[name]; {
			case !ok || string(raw) == "null":
				s = ""
			case json.Unmarshal(raw, &s) != nil:
				s = string(raw)
			}
			if cells[i] != s {
				t.Fatalf("%q: %s is %q, want %q", text, name, cells[i], s)
			}
		}
	})
}

// FuzzTime: whatever a cell says, the moment has a reason or is exact, and lies in
// the years that a scope can ask for.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"2013-04-02 06:00:00", "2013-04-02T06:00:00.5+02:00", "2013-04-02", "1365000000.25", "2016-12-31T23:59:60Z", "-1", "2013-02-30", "0001-01-01 00:00", "0001-01-01"} {
		f.Add(s)
	}
	zone, err := time.LoadLocation("America/New_York")
	must(f, err)
	f.Fuzz(func(t *testing.T, cell string) {
		for _, form := range []TimeForm{Text, Unix, UnixMilli} {
			for _, z := range []*time.Location{nil, time.UTC, zone} {
				m := ParseTime(cell, form, z)
				switch {
				case !m.Known() && m.Why == "", m.Known() && m.From.After(m.Until), m.Known() && m.Why == "" && !m.From.Equal(m.Until):
					t.Fatalf("%q: %+v", cell, m)
				case m.Known() && (m.From.Unix() < 0 || m.Until.Year() > 2099 || m.From.Nanosecond() != 0 || m.Spread() > 52*time.Hour):
					t.Fatalf("%q: %+v", cell, m)
				}
				if !json.Valid(AppendTime(nil, strings.ToValidUTF8(cell, "?"), m)) {
					t.Fatalf("%q is no JSON", cell)
				}
			}
		}
	})
}

func TestATimeIsExactOnlyWhereTheClockShowedItOnce(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	must(t, err)
	for _, c := range []struct {
		cell        string
		form        TimeForm
		zone        *time.Location
		from, until string
		why         string
	}{
		{"2013-04-02 06:00:00", Text, zone, "2013-04-02T10:00:00Z", "2013-04-02T10:00:00Z", ""},
		{"2013-04-02T06:00", Text, zone, "2013-04-02T10:00:00Z", "2013-04-02T10:00:00Z", ""},
		{" 2013-04-02 06:00:00.999 ", Text, zone, "2013-04-02T10:00:00Z", "2013-04-02T10:00:00Z", ""},
		{"2013-04-02 06:00:00+02", Text, zone, "2013-04-02T04:00:00Z", "2013-04-02T04:00:00Z", ""},
		{"2013-04-02 06:00:00 -0530", Text, zone, "2013-04-02T11:30:00Z", "2013-04-02T11:30:00Z", ""},
		{"2013-04-02 06:00:00Z", Text, nil, "2013-04-02T06:00:00Z", "2013-04-02T06:00:00Z", ""},
		{"2013-04-02 06:00:00", Text, nil, "2013-04-01T16:00:00Z", "2013-04-02T18:00:00Z", ZoneUnknown},
		{"2013-11-03 01:30:00", Text, zone, "2013-11-03T05:30:00Z", "2013-11-03T06:30:00Z", LocalTwice},
		{"2013-11-03 02:00:00", Text, zone, "2013-11-03T07:00:00Z", "2013-11-03T07:00:00Z", ""},
		{"2013-11-03 00:59:59", Text, zone, "2013-11-03T04:59:59Z", "2013-11-03T04:59:59Z", ""},
		{"2013-03-10 02:30:00", Text, zone, "2013-03-10T06:30:00Z", "2013-03-10T07:30:00Z", LocalNever},
		{"2013-03-10", Text, zone, "2013-03-10T05:00:00Z", "2013-03-11T03:59:59Z", DateOnly},
		{"2016-12-31T23:59:60Z", Text, nil, "2016-12-31T23:59:59Z", "2016-12-31T23:59:59Z", ""},
		{"1365000000", Unix, zone, "2013-04-03T14:40:00Z", "2013-04-03T14:40:00Z", ""},
		{"1365000000.75", Unix, nil, "2013-04-03T14:40:00Z", "2013-04-03T14:40:00Z", ""},
		{"1365000000999", UnixMilli, nil, "2013-04-03T14:40:00Z", "2013-04-03T14:40:00Z", ""},
		{"1365000000", Text, zone, "", "", BadTime},
		{"2013-04-02 06:00:00", Unix, zone, "", "", BadTime},
		{"02/04/2013 06:00", Text, zone, "", "", BadTime},
		{"2013-02-30", Text, zone, "", "", BadTime},
		{"2013-04-02 24:00:00", Text, zone, "", "", BadTime},
		{"2013-04-02 06:00:00+15:00", Text, zone, "", "", BadTime},
		{"2013-04-02 06:00:00 EST", Text, zone, "", "", BadTime},
		{"1969-12-31", Text, time.UTC, "", "", BadRange},
		{"0001-01-01", Text, time.UTC, "", "", BadRange},
		{"0001-01-01 00:00", Text, time.UTC, "", "", BadRange},
		{"2100-01-01", Text, time.UTC, "", "", BadRange},
		{"99999999999999999999", Unix, nil, "", "", BadTime},
		{"  ", Text, zone, "", "", NoTime},
	} {
		m := ParseTime(c.cell, c.form, c.zone)
		from, until := "", ""
		if m.Known() {
			from, until = m.From.Format(time.RFC3339), m.Until.Format(time.RFC3339)
		}
		if from != c.from || until != c.until || m.Why != c.why {
			t.Errorf("%q as %s: %s to %s %q, want %s to %s %q", c.cell, c.form, from, until, m.Why, c.from, c.until, c.why)
		}
	}
}

// Each instant of a zone, shown on its clock and read back, is among the ends.
func TestWhatAClockShowsIsReadBack(t *testing.T) {
	var zones []*time.Location
	for _, name := range []string{"America/New_York", "Europe/Copenhagen", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca"} {
		z, err := time.LoadLocation(name)
		must(t, err)
		zones = append(zones, z)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		at := time.Unix(rapid.Int64Range(200_000, 4_000_000_000).Draw(t, "at"), 0)
		m := ParseTime(at.In(zone).Format(time.DateTime), Text, zone)
		if m.Why == LocalNever || (!m.From.Equal(at) && !m.Until.Equal(at)) {
			t.Fatalf("%v in %v: %+v", at, zone, m)
		}
	})
}

func TestALineIsBounded(t *testing.T) {
	long := `{"a":"` + strings.Repeat("x", maxRow) + `","c":"1"}`
	fits := `{"a":"` + strings.Repeat("x", maxRow-20) + `","c":"1"}`
	got, err := rowsOf(t, file(t, JSONL, []byte("\n"+long+"\n"+fits+"\n\n"+`{"a":"last","c":"2"}`)))
	must(t, err)
	if len(got) != 3 || got[0] != badLong || len(got[1]) != maxRow-18 || got[2] != "last|2" {
		t.Errorf("%d rows: %.40q", len(got), got)
	}
}

// A program that fails in any way is an error.
func TestAProgramThatFailsIsNeverEmpty(t *testing.T) {
	for script, code := range map[string]string{
		`echo '{"a":"1"}'; echo '{"end":1}'`:                          "",
		`echo '{"end":0}'`:                                            "",
		`read -r q; echo "$q" | sed 's/account/a/'; echo '{"end":1}'`: "",
		`true`:                                          "source.malformed",
		`false`:                                         "source.unreadable",
		`echo '{"a":"1"}'`:                              "source.malformed",
		`echo '{"a":"1"}'; echo '{"end":2}'`:            "source.malformed",
		`echo '{"end":0}'; exit 3`:                      "source.unreadable",
		`echo '{"end":0}'; echo '{"a":"1"}'`:            "source.malformed",
		`kill -9 $$`:                                    "source.unreadable",
		`echo '{"end":0}'; sleep 30`:                    "source.unreadable",
		`while true; do sleep 1; done`:                  "source.unreadable",
		`x=x; while true; do x="$x$x"; done`:            "source.unreadable",
		`exec env | grep -q SECRET && echo '{"end":0}'`: "source.unreadable",
	} {
		t.Run(script, func(t *testing.T) {
			t.Setenv("SECRET", "not for programs")
			s, err := New(Config{Form: Command, Argv: []string{"/bin/sh", "-c", script}, Patience: 2 * time.Second, Memory: 64 << 20}, []string{"a"})
			must(t, err)
			began := time.Now()
			rows, err := rowsOf(t, s)
			if problem.Code(err) != code && (err != nil || code != "") {
				t.Errorf("%v, want %q; %q", err, code, rows)
			}
			if time.Since(began) > 10*time.Second {
				t.Errorf("after %v", time.Since(began))
			}
		})
	}
	s, err := New(Config{Form: Command, Argv: []string{"/nonexistent/program"}}, []string{"a"})
	must(t, err)
	if err := s.Probe(t.Context()); problem.Code(err) != "source.unreadable" {
		t.Error(err)
	}
}

func ExampleRow_Place() {
	fmt.Println((&Row{File: "sessions.csv", Line: 7}).Place())
	// Output: sessions.csv, line 7
}
