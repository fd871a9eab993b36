package app_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// Regulation (EU) 2023/1543, Article 28(4)(d): issue to issue, of the first request.
func TestAPreservationCertificateCountsUntilTheFirstRequestForProduction(t *testing.T) {
	stage, v := nordwind(t)
	form, err := os.ReadFile(stage.Form)
	if err != nil {
		t.Fatal(err)
	}
	signed := regexp.MustCompile(`(?m)^signed = .*$`)
	certificate := func(kind, number, day string) demand.ID {
		text := strings.NewReplacer(`"sca_warrant"`, `"`+kind+`"`, "13-mj-0417", number).Replace(string(form))
		return receive(t, v, signed.ReplaceAllString(text, "signed = "+day))
	}
	kept, alone := certificate("epoc_pr", "pr-1", "2013-06-01"), certificate("epoc_pr", "pr-2", "2013-06-01")
	before, second, first := certificate("epoc", "p-0", "2013-05-30"), certificate("epoc", "p-2", "2013-06-03"), certificate("epoc", "p-1", "2013-06-02")
	links := byte(0)
	link := func(from, to demand.ID, kind string) {
		t.Helper()
		links++
		_, err := v.Docket.Do(t.Context(), docket.Act{ID: from, CommandID: [16]byte{links}, Actor: "p-halvorsen", Seats: []string{"reviewer"}, Command: demand.LinkDemand{Other: to, Type: kind}})
		if err != nil {
			t.Fatal(err)
		}
	}
	waited := func(id demand.ID) time.Duration {
		t.Helper()
		c, err := v.Docket.State(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		took, err := app.Followed(v.Office, t.Context(), c.State)
		if err != nil {
			t.Fatal(err)
		}
		return took
	}
	link(second, kept, "follows")
	if got := waited(kept); got != 48*time.Hour {
		t.Errorf("%v until the only request", got)
	}
	link(kept, first, "preserves")
	if got := waited(kept); got != 24*time.Hour {
		t.Errorf("%v until the first of two", got)
	}
	link(kept, alone, "amends")
	link(before, alone, "follows")
	if got := waited(alone); got != 0 {
		t.Errorf("%v though what is linked was issued before, or is something else", got)
	}
}

func TestTheYearsCertificatesAreForCounselWhenTheYearIsOver(t *testing.T) {
	_, v := nordwind(t)
	if _, err := v.Certificates(t.Context(), "p-okafor", 2013); problem.Code(err) != "report.period_open" {
		t.Errorf("a running year was counted: %v", err)
	}
	if _, err := v.Certificates(t.Context(), "p-halvorsen", 2012); problem.Code(err) != "app.seat" {
		t.Errorf("a reviewer counted: %v", err)
	}
}
