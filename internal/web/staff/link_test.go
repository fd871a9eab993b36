package staff_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// pickUps makes one link, and keeps what it was asked for.
type pickUps struct {
	form  staff.LinkForm
	asked []staff.LinkAsked
	err   error // of the form
	fails error // of making one
}

func (p *pickUps) LinkForm(context.Context, string, string) (staff.LinkForm, error) {
	return p.form, p.err
}

func (p *pickUps) MakeLink(_ context.Context, _ string, a staff.LinkAsked) (staff.PickUpLink, error) {
	p.asked = append(p.asked, a)
	return staff.PickUpLink{Grant: a.Grant, For: a.For, URL: "https://pickup.nordwind.example/en#s3cret", Until: now.Add(7 * 24 * time.Hour)}, p.fails
}

func (p *pickUps) ask(method string, form url.Values) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	staff.New(staff.Outside{Docket: docket{}, PickUps: p, Random: zeros(), Now: func() time.Time { return now }, Zone: time.UTC, Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return "n.holm" }}).
		Mount(mux, func(h http.Handler) http.Handler { return h })
	r := httptest.NewRequest(method, "/demand/k7wq-93/link", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

var one = staff.LinkForm{Title: "Its <title>", Grants: []staff.Option{{Value: "g-1", Says: "g-1", Quiet: "mail"}}}

func TestALinkStandsInTheAnswerToItsFormAndIsKeptByNobody(t *testing.T) {
	p := &pickUps{form: one}
	if w := p.ask("GET", nil); strings.Contains(w.Body.String(), "s3cret") || !strings.Contains(w.Body.String(), `value="g-1" checked`) {
		t.Errorf("%s", w.Body)
	}
	w := p.ask("POST", url.Values{"f-grant": {"g-1"}, "f-for": {" R. Sample <desk> "}})
	if w.Code != 200 || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if body := w.Body.String(); strings.Count(body, "s3cret") != 1 || !strings.Contains(body, `>https://pickup.nordwind.example/en#s3cret</textarea>`) || strings.Contains(body, "<desk>") {
		t.Errorf("%s", body)
	}
	says(t, w, "For R. Sample &lt;desk&gt;", "Valid until", "It is shown here once.")
	if len(p.asked) != 1 || p.asked[0] != (staff.LinkAsked{Demand: "k7wq-93", Grant: "g-1", For: "R. Sample <desk>"}) {
		t.Errorf("%+v", p.asked)
	}
}

func TestNoLinkIsMadeOfAFormThatSaysTooLittleOrWhereTheGateRefuses(t *testing.T) {
	p := &pickUps{form: one}
	for name, form := range map[string]url.Values{"nothing": nil, "nobody": {"f-grant": {"g-1"}, "f-for": {"  "}}, "no package": {"f-for": {"R. Sample"}}, "more": {"f-grant": {"g-1"}, "f-for": {"R."}, "x": {"1"}}} {
		if w := p.ask("POST", form); w.Code != http.StatusBadRequest && w.Code != http.StatusUnprocessableEntity || !strings.Contains(said(w), "no link was made") {
			t.Errorf("%s: %d %s", name, w.Code, said(w))
		}
	}
	if len(p.asked) != 0 {
		t.Errorf("%+v", p.asked)
	}
	p.fails = problem.New(problem.Invalid, "gate.no_pickup_page", "this gate has no page for picking packages up")
	w := p.ask("POST", url.Values{"f-grant": {"g-1"}, "f-for": {"R. Sample"}})
	says(t, w, "no link was made", "This gate has no page for picking packages up", "gate.no_pickup_page")
	if strings.Contains(w.Body.String(), "s3cret") || !strings.Contains(w.Body.String(), `value="R. Sample"`) {
		t.Errorf("%s", w.Body)
	}
	none := &pickUps{}
	says(t, none.ask("GET", nil), "No package of this demand can be fetched, so there is nothing to pick up.")
	absent := &pickUps{err: problem.New(problem.Missing, "docket.not_found", "there is no such stream")}
	for _, method := range []string{"GET", "POST"} {
		if w := absent.ask(method, url.Values{"f-grant": {"g-1"}, "f-for": {"R."}}); w.Code != http.StatusNotFound || len(absent.asked) != 0 || strings.Contains(w.Body.String(), "k7wq-93") {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}
