package public_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/report"
	"counterseal/internal/web/public"
)

// published is one report, made as the program makes them.
type published struct{ entries []report.Entry }

var half = report.Period{Year: 2026, Half: 1}

func (p published) report() report.Report {
	return report.Tabulate(half, p.entries, report.Policy{Minimum: 10, Band: 250, LeftOut: []string{"ipa_warrant"}, Provider: "Nordwind Cloud", Counted: time.Date(2026, 7, 3, 0, 0, 0, 0, time.UTC),
		Heads: []report.Head{{Log: "journal", Size: 1209600, Root: "cm9vdA=="}}})
}

func (p published) Published(context.Context) ([]report.Report, error) {
	if p.entries == nil {
		return nil, nil
	}
	return []report.Report{p.report()}, nil
}

func (p published) ReportFile(_ context.Context, of report.Period) ([]byte, error) {
	if of != half || p.entries == nil {
		return nil, problem.New(problem.Missing, "report.missing", "no report of this period is published")
	}
	return p.report().Bytes()
}

func (p published) ReportProof(context.Context, report.Period) ([]byte, error) {
	return []byte("proof\n"), nil
}

func entries(n int, country, class string, o report.Outcome) []report.Entry {
	out := make([]report.Entry, n)
	for i := range out {
		out[i] = report.Entry{Country: country, Class: class, Outcome: o, Targets: 1}
	}
	return out
}

func many() published {
	var all []report.Entry
	for _, e := range [][]report.Entry{entries(512, "US", "warrant", report.Full), entries(206, "US", "subpoena", report.Refused), entries(41, "DE", "domestic", report.Full), entries(3, "DE", "domestic", report.Refused),
		entries(22, "IT", "epoc", report.Full), entries(12, "IT", "epoc", report.Refused), entries(1, "FR", "informal", report.Refused)} {
		all = append(all, e...)
	}
	return published{all}
}

func reportAt(p published, path string) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	public.New(public.Outside{Ledger: ledger{}, Reports: p, Provider: "Nordwind Cloud", Now: func() time.Time { return time.Date(2026, 10, 2, 10, 0, 0, 0, time.UTC) }, Zone: time.UTC}).Mount(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestThePageOfReportsShowsTheTableBeneathItsChart(t *testing.T) {
	body := reportAt(many(), "/report").Body.String()
	for _, want := range []string{"797 demands, received from 1 January 2026 to 30 June 2026", "<svg", `class="bar-of-refused"`, "United States · warrant", "All others, each too few to be named", "0–249",
		"Checkable, not proven", "1\u202f209\u202f600", `href="/report/2026-H1.csv"`, "withheld", "<code>ipa_warrant</code>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "France") || strings.Contains(body, ">3<") || strings.Contains(body, ">1<") {
		t.Error("a small number is told")
	}
	if strings.Index(body, "<svg") > strings.Index(body, "<table") {
		t.Error("the table does not stand beneath the chart")
	}
}

func TestThePageOfReportsIsInFourLanguages(t *testing.T) {
	for lang, want := range map[string]string{"en": "What was received", "de": "Vereinigte Staaten · Durchsuchungsbeschluss", "da": "USA · ransagningskendelse", "it": "Stati Uniti · mandato"} {
		body := reportAt(many(), "/report?lang="+lang).Body.String()
		if !strings.Contains(body, want) || !strings.Contains(body, `<html lang="`+lang+`">`) {
			t.Errorf("%s lacks %q", lang, want)
		}
	}
	for _, text := range public.Missing() {
		t.Error(text)
	}
}

func TestAReportsFilesAreWhatWasPublished(t *testing.T) {
	want, err := many().report().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	w := reportAt(many(), "/report/2026-H1.json")
	if w.Code != 200 || w.Body.String() != string(want) || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := reportAt(many(), "/report/2026-H1.csv"); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "period,country,instrument,total,full,") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := reportAt(many(), "/report/2026-H1.proof"); w.Code != 200 || w.Body.String() != "proof\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, path := range []string{"/report/2026-H2.json", "/report/2026-H2.csv", "/report/2026-H1", "/report/2026-H1.xml", "/report/x.json"} {
		if w := reportAt(many(), path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestWithoutAReportThePageSaysSo(t *testing.T) {
	body := reportAt(published{}, "/report").Body.String()
	if !strings.Contains(body, "No report has been published yet.") || !strings.Contains(body, "The report for 2026-H1 has not been published yet.") || strings.Contains(body, "<figure") {
		t.Error(body)
	}
	if w := get(ledger{}, public.SetUp{}, "/report"); w.Code != 404 {
		t.Errorf("a page of reports that nobody gave: %d", w.Code)
	}
}
