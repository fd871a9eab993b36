package report_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/problem"
	"counterseal/internal/report"
)

var half = report.Period{Year: 2026, Half: 1}

func some(n int, country, class string, o report.Outcome) []report.Entry {
	out := make([]report.Entry, n)
	for i := range out {
		out[i] = report.Entry{Country: country, Class: class, Outcome: o, Targets: 1}
	}
	return out
}

func all(parts ...[]report.Entry) (out []report.Entry) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// shape is a report's table as text: what is withheld is a dash.
func shape(r report.Report) []string {
	var out []string
	for _, row := range r.Rows {
		name := row.Country + " " + row.Class
		if row.Rest {
			name = "rest"
		}
		s := fmt.Sprintf("%s %d", name, row.Total)
		for _, o := range report.Outcomes {
			if f, ok := row.Outcomes[o]; ok && (f.Withheld || f.N > 0) {
				cell := fmt.Sprint(f.N)
				if f.Withheld {
					cell = "-"
				}
				s += " " + string(o) + ":" + cell
			}
		}
		out = append(out, s)
	}
	return out
}

func TestATableOfLargeNumbersIsToldWhole(t *testing.T) {
	r := report.Tabulate(half, all(some(30, "US", "warrant", report.Full), some(12, "US", "warrant", report.Refused), some(20, "IT", "epoc", report.Full)), report.Policy{Minimum: 10})
	want := []string{"US warrant 42 full:30 refused:12", "IT epoc 20 full:20"}
	if d := cmp.Diff(want, shape(r)); d != "" {
		t.Error(d)
	}
	if r.Total != report.Exact(62) || r.Outcomes[report.Refused] != report.Exact(12) || len(r.Together) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestARowTooSmallToBeNamedTakesAnotherIntoTheRest(t *testing.T) {
	r := report.Tabulate(half, all(some(50, "US", "warrant", report.Full), some(15, "IT", "epoc", report.Full), some(1, "DK", "domestic", report.Full)), report.Policy{Minimum: 10})
	if d := cmp.Diff([]string{"US warrant 50 full:50", "rest 16 full:16"}, shape(r)); d != "" {
		t.Error(d)
	}
}

// One small cell closes its row; the row alone could be computed from the totals,
// so a second one is closed.
func TestASmallCellIsWithheldWithOneThatWouldGiveItAway(t *testing.T) {
	r := report.Tabulate(half, all(some(30, "US", "warrant", report.Full), some(3, "US", "warrant", report.Refused), some(25, "IT", "epoc", report.Full), some(15, "IT", "epoc", report.Refused),
		some(90, "DE", "domestic", report.Full)), report.Policy{Minimum: 10})
	want := []string{"DE domestic 90 full:90", "IT epoc 40 full:- part:- no_records:- refused:- redirected:- withdrawn:- otherwise:- open:-",
		"US warrant 33 full:- part:- no_records:- refused:- redirected:- withdrawn:- otherwise:- open:-"}
	if d := cmp.Diff(want, shape(r)); d != "" {
		t.Error(d)
	}
}

func TestAnOutcomeTooSmallIsPutTogetherWithAnother(t *testing.T) {
	r := report.Tabulate(half, all(some(30, "US", "warrant", report.Full), some(1, "US", "warrant", report.Redirected), some(12, "US", "warrant", report.Refused)), report.Policy{Minimum: 10})
	if d := cmp.Diff([]string{"US warrant 43 full:30 otherwise:13"}, shape(r)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]report.Outcome{report.Refused, report.Redirected}, r.Together); d != "" {
		t.Error(d)
	}
}

func TestOfFewDemandsNothingIsToldButThat(t *testing.T) {
	for _, n := range []int{0, 1, 9} {
		r := report.Tabulate(half, some(n, "US", "warrant", report.Full), report.Policy{Minimum: 10})
		if r.Total != (report.Figure{FewerThan: 10}) || len(r.Rows) != 0 || len(r.Outcomes) != 0 || r.ByHand != (report.Figure{FewerThan: 10}) {
			t.Errorf("%d: %+v", n, r)
		}
	}
}

// None, one and 249 are the same in public.
func TestWhatMayBeToldInBandsAloneIsInTheBandAndNowhereElse(t *testing.T) {
	plain := some(30, "US", "warrant", report.Full)
	var first []byte
	for _, n := range []int{0, 1, 249} {
		secret := some(n, "US", "other", report.Open)
		for i := range secret {
			secret[i].BandOnly = true
		}
		b, err := report.Tabulate(half, all(plain, secret), report.Policy{Minimum: 10, Band: 250}).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if string(b) != string(first) || !strings.Contains(string(b), `"from": 0,`) {
			t.Errorf("%d: %s", n, b)
		}
	}
	secret := some(250, "US", "other", report.Open)
	for i := range secret {
		secret[i].BandOnly = true
	}
	if r := report.Tabulate(half, all(plain, secret), report.Policy{Minimum: 10, Band: 250}); *r.SecurityProcess != (report.Band{From: 250, To: 499}) || r.Total != report.Exact(30) {
		t.Errorf("%+v", r)
	}
}

func TestWhatIsLeftOutOrImportedIsInNoNumber(t *testing.T) {
	left, old := some(40, "GB", "domestic", report.Open), some(12, "US", "warrant", report.Full)
	for i := range left {
		left[i].LeftOut = true
	}
	for i := range old {
		old[i].Imported = true
	}
	r := report.Tabulate(half, all(some(20, "US", "warrant", report.Full), left, old), report.Policy{Minimum: 10, LeftOut: []string{"ipa_warrant"}})
	if r.Total != report.Exact(20) || r.Imported != report.Exact(12) || r.Rows[0].Total != 20 {
		t.Errorf("%+v", r)
	}
}

func drawEntries(t *rapid.T) []report.Entry {
	country := rapid.SampledFrom([]string{"US", "DK", "IT", "DE", ""})
	class := rapid.SampledFrom([]string{"warrant", "epoc", "informal"})
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) report.Entry {
		return report.Entry{Country: country.Draw(t, "country"), Class: class.Draw(t, "class"), Outcome: rapid.SampledFrom(report.Outcomes).Draw(t, "outcome"),
			Targets: 1, ByHand: rapid.Bool().Draw(t, "by hand")}
	}), 0, 200).Draw(t, "entries")
}

// The heart of it (invariant 18). A reader of the report knows all totals and the
// splits that are told, and subtracts. Of the split of a withheld row they then know
// an interval for each cell; in a table with given margins that is
// [max(0, r+c−n), min(r, c)], and it is attained. It is at least k wide wherever the
// withheld rows have more than one outcome among them.
func TestWhatIsWithheldCannotBeComputed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 12).Draw(t, "k")
		entries := drawEntries(t)
		r := report.Tabulate(half, entries, report.Policy{Minimum: k})
		told := func(n int, what string) {
			if n != 0 && n < k {
				t.Fatalf("%s tells %d, fewer than %d", what, n, k)
			}
		}
		if r.Total.FewerThan > 0 {
			if len(entries) >= k || len(r.Rows)+len(r.Outcomes) > 0 {
				t.Fatalf("%d entries: %+v", len(entries), r)
			}
			return
		}
		left, hidden, total, sums := map[report.Outcome]int{}, 0, 0, 0
		for o, f := range r.Outcomes {
			told(f.N, string(o))
			left[o] = f.N
			sums += f.N
		}
		var rows []int
		for _, row := range r.Rows {
			told(row.Total, row.Country+" "+row.Class)
			total += row.Total
			open := 0
			for o, f := range row.Outcomes {
				if f.Withheld {
					continue
				}
				told(f.N, fmt.Sprintf("%s %s %s", row.Country, row.Class, o))
				open += f.N
				left[o] -= f.N
			}
			switch open {
			case row.Total:
			case 0:
				rows, hidden = append(rows, row.Total), hidden+row.Total
			default:
				t.Fatalf("a row of %d tells %d of them", row.Total, open)
			}
		}
		if total != len(entries) || sums != len(entries) || r.Total.N != len(entries) {
			t.Fatalf("the rows have %d, the columns %d, of %d", total, sums, len(entries))
		}
		if len(rows) == 1 {
			t.Fatal("a single withheld row is what is left of the totals")
		}
		for o, c := range left {
			told(c, "what is left of "+string(o))
			for _, n := range rows {
				least, most := max(0, n+c-hidden), min(n, c)
				if c > 0 && c < hidden && most-least < k {
					t.Fatalf("a withheld cell lies between %d and %d", least, most)
				}
			}
		}
		if r.ByHand.N > 0 {
			told(r.ByHand.N, "by hand")
		}
	})
}

// The same demands in another order make the same bytes.
func TestTheOrderOfDemandsIsNotToldByTheReport(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := drawEntries(t)
		a, err := report.Tabulate(half, entries, report.Policy{Minimum: 5}).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		b, err := report.Tabulate(half, rapid.Permutation(entries).Draw(t, "other order"), report.Policy{Minimum: 5}).Bytes()
		if err != nil || string(a) != string(b) {
			t.Fatalf("%s\n%s %v", a, b, err)
		}
	})
}

// Every moment lies in exactly one period, so every demand is in one report.
func TestPeriodsDivideTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 7e9).Draw(t, "at"), 0)
		p := report.PeriodOf(at)
		if at.Before(p.Begin()) || !at.Before(p.End()) || p.Before().End() != p.Begin() {
			t.Fatalf("%s lies outside %s", at, p)
		}
		if q, err := report.ParsePeriod(p.String()); err != nil || q != p {
			t.Fatalf("%s is read as %s: %v", p, q, err)
		}
	})
	for _, bad := range []string{"", "2026", "2026-H3", "2026-H1 ", "02026-H1", "2026-h1"} {
		if _, err := report.ParsePeriod(bad); problem.Code(err) != "report.period" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestAReportReadsAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := report.Tabulate(half, drawEntries(t), report.Policy{Minimum: 5, Band: 250, Provider: "Nordwind Cloud", Counted: time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC), Heads: []report.Head{{Log: "journal", Size: 7}}})
		b, err := r.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := report.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(r, again); d != "" {
			t.Fatal(d)
		}
		text, err := r.CSV()
		if err != nil {
			t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
		if err != nil || len(lines) != len(r.Rows)+3 {
			t.Fatalf("%d lines of %d rows: %v", len(lines), len(r.Rows), err)
		}
	})
}

func FuzzParse(f *testing.F) {
	b, err := report.Tabulate(half, some(20, "US", "warrant", report.Full), report.Policy{Minimum: 10, Band: 250}).Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"version":1,"period":"2026-H1","total":{"fewer_than":0}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := report.Parse(b)
		if err != nil {
			return
		}
		if _, err := report.ParsePeriod(r.Period); err != nil {
			t.Fatal("a report of no period was taken")
		}
		if _, err := r.CSV(); err != nil {
			t.Fatal(err)
		}
	})
}
