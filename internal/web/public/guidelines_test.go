package public_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"counterseal/internal/law"
	"counterseal/internal/law/book"
	"counterseal/internal/problem"
	"counterseal/internal/web/public"
	"counterseal/internal/web/ui"
)

// guide gives the guidelines of the program's own packs.
type guide struct{ engine *law.Engine }

func (g guide) Jurisdictions(_ context.Context, lang string) (out []public.Jurisdiction, err error) {
	for _, j := range law.Jurisdictions(g.engine.Packs()) {
		out = append(out, public.Jurisdiction{Code: j, Name: book.Name(j, lang)})
	}
	return out, nil
}

func (g guide) Guidelines(_ context.Context, j, lang string) ([]book.Block, error) {
	m, err := g.engine.Matrix("2026-11-27", j)
	if err != nil {
		return nil, problem.New(problem.Missing, "law.no_jurisdiction", "none")
	}
	return book.Guidelines(g.engine.Packs(), m, j, lang, ui.WordsFor(lang).Paper), nil
}

func guideAt(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	packs, err := law.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	engine, err := law.NewEngine(packs...)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	public.New(public.Outside{Ledger: ledger{}, Guide: guide{engine}, Now: func() time.Time { return time.Date(2026, 11, 27, 10, 0, 0, 0, time.UTC) }, Zone: time.UTC}).Mount(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestGuidelinesAreListedAndReadInFourLanguages(t *testing.T) {
	for lang, want := range map[string][2]string{"en": {"Germany", "Guidelines for authorities: Germany"}, "de": {"Deutschland", "Hinweise für Behörden: Deutschland"}, "da": {"Tyskland", "Vejledning til myndigheder: Tyskland"},
		"it": {"Germania", "Indicazioni per le autorità: Germania"}} {
		list := guideAt(t, "/guidelines?lang="+lang).Body.String()
		if !strings.Contains(list, `<a href="/guidelines/de?lang=`+lang+`">`+want[0]+`</a>`) || !strings.Contains(list, `<html lang="`+lang+`">`) {
			t.Errorf("the list in %s lacks %q", lang, want[0])
		}
		page := guideAt(t, "/guidelines/de?lang="+lang).Body.String()
		if !strings.Contains(page, "<h1>"+want[1]+"</h1>") || !strings.Contains(page, "StPO §§ 100(2), 100e(1), 98b(1)") || strings.Contains(page, "**") {
			t.Errorf("the page in %s lacks %q, or is not set", lang, want[1])
		}
	}
	for _, text := range public.MissingOfGuide() {
		t.Error(text)
	}
	if !strings.Contains(guideAt(t, "/").Body.String(), `<a href="/guidelines">`) {
		t.Error("nothing leads there")
	}
}

func TestGuidelinesAsATextAreThoseOfTheCommand(t *testing.T) {
	w := guideAt(t, "/guidelines/us.md?lang=de")
	if w.Code != 200 || !strings.HasPrefix(w.Body.String(), "# Hinweise für Behörden: ") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/markdown") || !strings.Contains(w.Header().Get("Content-Disposition"), "guidelines-us-de.md") {
		t.Errorf("%d %v %.80s", w.Code, w.Header(), w.Body)
	}
}

func TestGuidelinesOfAnotherJurisdictionAreAbsent(t *testing.T) {
	for _, path := range []string{"/guidelines/fr", "/guidelines/", "/guidelines/us.txt", "/guidelines/..%2f"} {
		if w := guideAt(t, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
