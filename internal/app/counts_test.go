package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/report"
)

var first2013 = report.Period{Year: 2013, Half: 1}

// refused takes in a warrant and rejects its line.
func refused(t *testing.T, stage *demo.Stage, v app.Staff, n int) demand.ID {
	t.Helper()
	id := submit(t, stage, v, n)
	rejectAll(t, v, id)
	return id
}

func rejectAll(t *testing.T, v app.Staff, id demand.ID) {
	t.Helper()
	c, err := v.Docket.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range c.State.Lines {
		if _, err := v.Act(t.Context(), id, "p-okafor", "no particularity", demand.DecideLine{Line: l.No, Decision: demand.Reject}); err != nil {
			t.Fatal(err)
		}
	}
}

// later opens the folder again some days on, as the office is open on other days.
func later(t *testing.T, v app.Staff, days int) {
	t.Helper()
	for range days {
		v.Clock.Advance(24 * time.Hour)
		if err := v.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func nordwindWithSmallCells(t *testing.T) (*demo.Stage, app.Staff) {
	stage, v := nordwind(t)
	if v.Config.Report.Minimum != 3 {
		t.Fatalf("Nordwind's cells are of %d", v.Config.Report.Minimum)
	}
	return stage, v
}

func TestNothingIsToldOfARunningHalfYear(t *testing.T) {
	_, v := nordwind(t)
	if _, err := v.Count(t.Context(), first2013); problem.Code(err) != "report.period_open" {
		t.Errorf("%v", err)
	}
	if _, err := v.Publish(t.Context(), "p-okafor", first2013); problem.Code(err) != "report.period_open" {
		t.Errorf("%v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(v.Folder.Reports(), "*")); len(files) != 0 {
		t.Error("something was published")
	}
}

func TestAReportCountsEachDemandOnceByHowItEndedSealedOnesToo(t *testing.T) {
	stage, v := nordwindWithSmallCells(t)
	for n := range 4 {
		refused(t, stage, v, n)
	}
	submit(t, stage, v, 10)
	sealed := submit(t, stage, v, 11)
	directive := strings.NewReplacer(`kind = "sca_warrant"`, `kind = "fisa_directive"`, `instrument = "sca_warrant"`, `instrument = "fisa_directive"`)
	form, err := os.ReadFile(stage.Form)
	if err != nil {
		t.Fatal(err)
	}
	receive(t, v, strings.ReplaceAll(directive.Replace(string(form)), "13-mj-0417", "secret-1"))
	x, err := v.Docket.Open(t.Context(), docket.Opening{Stream: demand.CaseStream, CommandID: [16]byte{9}, Actor: "p-okafor", Seats: []string{"counsel"}, Reason: "under court seal", Command: func(id demand.ID) demand.Command {
		return demand.OpenCase{ID: id, Why: "court seal", Members: []demand.Person{"p-okafor"}}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Act(t.Context(), sealed, "p-okafor", "under court seal", demand.SealDemand{Case: x.ID}); err != nil {
		t.Fatal(err)
	}
	cases, err := v.Docket.Compartments(t.Context())
	if err != nil || len(cases) != 2 {
		t.Fatalf("%v %v", cases, err)
	}
	later(t, v, 24) // into July
	refused(t, stage, v, 20)
	r, err := v.Count(t.Context(), first2013)
	if err != nil {
		t.Fatal(err)
	}
	if r.Total != report.Exact(6) || len(r.Rows) != 1 || r.Rows[0].Country != "US" || r.Rows[0].Class != "warrant" || *r.SecurityProcess != (report.Band{From: 0, To: 249}) {
		t.Errorf("%+v", r)
	}
	if d := cmp.Diff([]report.Outcome{report.Refused, report.Open}, r.Together); d != "" {
		t.Error(d)
	}
	outside, err := v.Docket.Compartments(docket.For(t.Context(), "p-halvorsen"))
	if err != nil || len(outside) != 1 {
		t.Errorf("who is no member learns of %v: %v", outside, err)
	}
}

func TestADocumentThatNobodyHasReadIsCountedAsUnstated(t *testing.T) {
	_, v := nordwind(t)
	for _, bytes := range []string{"one", "two", "three", "four"} {
		if _, err := v.TakeUnread(t.Context(), "post", bytes+".txt", []byte(bytes), "door:post"); err != nil {
			t.Fatal(err)
		}
	}
	later(t, v, 24)
	r, err := v.Count(t.Context(), first2013)
	if err != nil {
		t.Fatal(err)
	}
	if r.Total != report.Exact(4) || len(r.Rows) != 1 || r.Rows[0].Class != "unstated" {
		t.Errorf("%+v", r)
	}
}

// What was published stands: a demand that ends later, and one that is counted
// again, change nothing of it (invariant 18).
func TestAPublishedReportNeverChanges(t *testing.T) {
	stage, v := nordwindWithSmallCells(t)
	for n := range 5 {
		refused(t, stage, v, n)
	}
	var open []demand.ID
	for n := range 3 {
		open = append(open, submit(t, stage, v, 10+n))
	}
	later(t, v, 24)
	if _, err := v.Publish(t.Context(), "p-halvorsen", first2013); problem.Code(err) != "app.seat" {
		t.Errorf("a reviewer publishes: %v", err)
	}
	if _, err := v.Publish(t.Context(), "p-okafor", first2013); err != nil {
		t.Fatal(err)
	}
	was, err := v.ReportFile(t.Context(), first2013)
	if err != nil {
		t.Fatal(err)
	}
	rejectAll(t, v, open[0])
	if now, err := v.Count(t.Context(), first2013); err != nil || now.Outcomes[report.Refused] == report.Exact(5) {
		t.Fatalf("the test looks at nothing: %+v %v", now, err)
	}
	if _, err := v.Publish(t.Context(), "p-okafor", first2013); err != nil {
		t.Fatal(err)
	}
	is, err := v.ReportFile(t.Context(), first2013)
	if err != nil || !bytes.Equal(was, is) {
		t.Errorf("the published report has changed: %v", err)
	}
	page := at(t, app.NewHouse(v.Office)).get("/report")
	if !strings.Contains(page, "8 demands, received from 1 January 2013") {
		t.Error("the page does not show it")
	}
	june := enterAs(t, app.NewHouse(v.Office), "c-1").get("/customer")
	if !strings.Contains(june, "8 demands received; 5 refused; 0 answered in full or in part") {
		t.Error("a customer does not read what was refused")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- v.Run(ctx) }()
	proof, err := v.ReportProof(t.Context(), first2013)
	cancel()
	<-ran
	if err != nil || len(proof) == 0 {
		t.Errorf("the journal does not hold it: %v", err)
	}
}

// A report without a demand that cannot be read would be wrong.
func TestADemandThatCannotBeReadStopsTheCount(t *testing.T) {
	stage, v := nordwindWithSmallCells(t)
	for n := range 4 {
		refused(t, stage, v, n)
	}
	last := refused(t, stage, v, 5)
	later(t, v, 24)
	if _, err := v.Count(t.Context(), first2013); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", stage.Folder.Database())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE events SET sealed = zeroblob(64) WHERE demand = ?`, string(last)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Count(t.Context(), first2013); problem.Code(err) != "docket.tampered" {
		t.Error("a demand that nobody can read was left out in silence")
	}
}
