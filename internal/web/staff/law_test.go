package staff_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

type lawyer map[string]staff.Conflict

func (l lawyer) Conflict(_ context.Context, _, id string) (staff.Conflict, error) {
	c, ok := l[id]
	if !ok {
		return c, problem.New(problem.Missing, "docket.not_found", "there is no such demand")
	}
	return c, nil
}

func law(certain, this bool, cite string) staff.Law {
	return staff.Law{Rule: "xx.rule", Law: "DK", Certain: certain, ThisPaper: this, Channel: "direct", Says: "A court can.", Cite: cite, Checked: "text", CheckedOn: "2026-11-27", Source: "the statute"}
}

func TestThePageOfLawAnswersItsOneQuestion(t *testing.T) {
	for name, c := range map[string]struct {
		is                staff.Conflict
		who, against, way string
	}{
		"two laws in conflict": {staff.Conflict{Country: "US", Paper: "sca_warrant", Compels: []staff.Law{law(true, false, "2518"), law(true, true, "2703")}, Forbids: []staff.Law{law(true, false, "Article 48")}},
			"By a paper of this kind it may be compelled, as far as the packs know: 2703.", "Against giving it on this demand alone stands Article 48.", "Two laws pull in two directions. Counsel decides whether to contest, to ask for another way, or to answer."},
		"the right way": {staff.Conflict{Country: "DK", Paper: "dk_order", Compels: []staff.Law{law(true, true, "804")}},
			"By a paper of this kind it may be compelled, as far as the packs know: 804.", "Nothing in the packs stands against it.", "The way that was taken, if the paper is what it says."},
		"another paper": {staff.Conflict{Country: "DK", Paper: "foreign_order", Compels: []staff.Law{law(true, false, "804")}, Ways: []staff.Law{law(true, false, "the treaty")}},
			"It may be compelled, but by another paper than this one: 804.", "Nothing in the packs stands against it.", "Point the authority to: the treaty."},
		"all of it open": {staff.Conflict{Compels: []staff.Law{law(false, true, "804")}, Forbids: []staff.Law{law(false, false, "Article 48")}, Ways: []staff.Law{law(false, false, "the treaty")}},
			"It may be that it can be compelled; facts are missing.", "Something may stand against it; facts are missing.", "The packs know no way. Ask counsel."},
		"what is permitted alone": {staff.Conflict{Country: "GB", Unread: []string{"IN", "CH"}, Permits: []staff.Law{law(true, false, "6(1)(d)")}},
			"No law of the packs lets this authority compel it directly.", "Nothing in the packs stands against it.", "Only what a law permits without compelling: 6(1)(d)."},
	} {
		if c.is.Who() != c.who || c.is.Against() != c.against || c.is.Way() != c.way {
			t.Errorf("%s:\n%s\n%s\n%s", name, c.is.Who(), c.is.Against(), c.is.Way())
		}
		c.is.ID = "k7wq-93"
		w := lawPage(t, lawyer{"k7wq-93": c.is}, "/demand/k7wq-93/law", "s.winther")
		body := w.Body.String()
		if strings.Contains(body, "No pack says") != (len(c.is.Unread) > 0) || len(c.is.Unread) > 0 && !strings.Contains(body, "authorities demand: India, Switzerland.") {
			t.Errorf("%s: the page does not name the states whose law is unread", name)
		}
		for _, answer := range []string{c.who, c.against, c.way} {
			if w.Code != 200 || !strings.Contains(body, "<strong>"+answer+"</strong>") {
				t.Errorf("%s: the page lacks %q", name, answer)
			}
		}
	}
}

func lawPage(t *testing.T, l lawyer, path, reader string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	staff.NewLawPage(staff.Outside{Now: time.Now, Zone: time.UTC, Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return reader }}, l).
		Mount(mux, func(h http.Handler) http.Handler { return h })
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestThePageOfLawSaysWhatARuleLeavesToAPerson(t *testing.T) {
	route := law(true, false, "the treaty")
	route.LeavesOut = []string{"whether there is one", "from when it is in force"}
	w := lawPage(t, lawyer{"k7wq-93": staff.Conflict{ID: "k7wq-93", Ways: []staff.Law{route}, Permits: []staff.Law{law(true, false, "6(1)(d)")}}}, "/demand/k7wq-93/law", "s.winther")
	if n := strings.Count(w.Body.String(), "<strong>Left to a person:</strong>"); n != 1 || !strings.Contains(w.Body.String(), "</strong> whether there is one; from when it is in force</p>") {
		t.Errorf("said %d times:\n%s", n, w.Body)
	}
}

func TestThePageOfLawOfWhatIsAbsentIsTheSameToTheByte(t *testing.T) {
	first := lawPage(t, lawyer{}, "/demand/k7wq-93/law", "s.winther")
	for _, path := range []string{"/demand/zzzz-00/law", "/demand/UPPER/law"} {
		w := lawPage(t, lawyer{}, path, "s.winther")
		if w.Code != 404 || w.Body.String() != first.Body.String() {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
