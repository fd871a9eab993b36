package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/problem"
	"counterseal/internal/report"
)

func TestACertificateStandsInALineForEachTypeAndOnceInTheTotals(t *testing.T) {
	hours := func(n int) time.Duration { return time.Duration(n) * time.Hour }
	got := report.Certificates("Nordwind Cloud Inc.", 2026, time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC), []report.Certificate{
		{Form: "epoc", Data: []string{"subscriber", "content"}, State: "IT", Outcome: report.Full, Took: hours(10)},
		{Form: "epoc", Data: []string{"content"}, State: "IT", Outcome: report.Part, Took: hours(21)},
		{Form: "epoc", Data: []string{"content"}, State: "IT", Outcome: report.Refused, Took: hours(500)},
		{Form: "epoc", Data: []string{"content"}, State: "FR", Emergency: true, Outcome: report.NoRecords},
		{Form: "epoc", State: "FR", Outcome: report.Open},
		{Form: "epoc_pr", Data: []string{"traffic"}, State: "DE", Outcome: report.Full, Followed: hours(480)},
		{Form: "epoc_pr", Data: []string{"traffic"}, State: "DE", Outcome: report.Full},
	})
	text, err := got.CSV()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"year,form,data,issuing_state,emergency,received,fulfilled,fulfilled_in_part,not_fulfilled,open,average_hours_to_provide,average_hours_to_production,measured",
		"2026,epoc,subscriber,IT,false,1,1,0,0,0,10.0,,1",
		"2026,epoc,content,FR,true,1,0,0,1,0,,,0",
		"2026,epoc,content,IT,false,3,1,1,1,0,15.5,,2",
		"2026,epoc,unstated,FR,false,1,0,0,0,1,,,0",
		"2026,epoc_pr,traffic,DE,false,2,2,0,0,0,,480.0,1",
		"",
	}
	if d := cmp.Diff(want, strings.Split(string(text), "\r\n")); d != "" {
		t.Error(d)
	}
	if epoc, kept := got.Totals[0], got.Totals[1]; epoc.Received != 5 || epoc.Fulfilled != 1 || epoc.InPart != 1 || epoc.Not != 2 || epoc.Open != 1 || *epoc.Took != 15.5 || kept.Received != 2 || *kept.Followed != 480 {
		t.Errorf("%+v", got.Totals)
	}
}

func TestAYearHasFourDigits(t *testing.T) {
	for _, bad := range []string{"", "26", "2026-H1", "0026", "+202", "20266"} {
		if _, err := report.Year(bad); problem.Code(err) != "report.year" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if y, err := report.Year("2026"); y != 2026 || err != nil {
		t.Errorf("%d %v", y, err)
	}
}
