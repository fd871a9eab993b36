package app_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/demand"
)

// routes is a mux that notes what is added to it.
type routes struct {
	*http.ServeMux
	patterns []string
}

func (m *routes) Handle(pattern string, h http.Handler) {
	m.patterns = append(m.patterns, pattern)
	m.ServeMux.Handle(pattern, h)
}

func (m *routes) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.Handle(pattern, http.HandlerFunc(h))
}

// openToAll is every route that needs no session of staff. Whatever else the program
// answers is for staff: a new route that is meant for others is added here by hand.
var openToAll = []string{
	"/", "GET /{$}", "GET /ledger/{log}/checkpoint", "GET /ledger/{log}/policy", "GET /report", "GET /report/{file}", "GET /guidelines", "GET /guidelines/{law}",
	"GET /mark.svg", "GET /style-", "GET /signin-",
	"GET /enter", "POST /enter", "POST /leave", "POST /enter/passkey", "GET /enter/make", "POST /enter/make", "GET /enter/openid", "GET /enter/openid/back",
	"GET /customer", "GET /customer/enter", "POST /customer/enter", "POST /customer/leave", "GET /customer/notice/{id}", "GET /customer/notice/{id}/proof", "POST /customer/object",
}

func isOpenToAll(pattern string) bool {
	return slices.ContainsFunc(openToAll, func(p string) bool { return p == pattern || strings.HasSuffix(p, "-") && strings.HasPrefix(pattern, p) })
}

// houseOfSeats is the demo's office with a demand, somebody of each seat alone, and a
// page to sign in on.
func houseOfSeats(t *testing.T) (*app.House, *routes, demand.ID) {
	t.Helper()
	stage, v := nordwind(t)
	id := submit(t, stage, v, 1)
	v.Close()
	configure(t, stage.Folder, "[[staff]]\nid = \"p-reviewer\"\nname = \"R\"\nseats = [\"reviewer\"]\n[[staff]]\nid = \"p-counsel\"\nname = \"C\"\nseats = [\"counsel\"]\n"+
		"[[staff]]\nid = \"p-privacy\"\nname = \"P\"\nseats = [\"privacy\"]\n"+signInPage+issuer)
	o, err := app.Open(t.Context(), stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	h := app.NewHouse(o)
	mux := &routes{ServeMux: http.NewServeMux()}
	app.Mount(h, mux)
	return h, mux, id
}

var hole = regexp.MustCompile(`\{[a-z]+\}`)

func TestNoPageOfTheStaffAnswersWithoutASessionAndEachRefusesWithTheSameBytes(t *testing.T) {
	_, mux, id := houseOfSeats(t)
	here := func(r *http.Request) { r.Host = "127.0.0.1:8780" }
	throughFront := func(r *http.Request) {
		r.Host = officeHost
		r.Header.Set("X-Forwarded-For", "192.0.2.7")
	}
	guess := func(r *http.Request) {
		here(r)
		r.AddCookie(&http.Cookie{Name: access.Cookie, Value: "guess"})
	}
	first, asked := "", 0
	for _, pattern := range mux.patterns {
		if isOpenToAll(pattern) {
			continue
		}
		method, path, ok := strings.Cut(pattern, " ")
		if !ok {
			t.Errorf("%q is for every method", pattern)
			continue
		}
		methods := []string{method}
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead) // which a pattern for GET answers too
		}
		for _, method := range methods {
			for _, word := range []string{string(id), "zzzz-00", "decide", "1"} {
				for _, change := range []func(*http.Request){here, throughFront, guess} {
					r := httptest.NewRequest(method, hole.ReplaceAllString(path, word), nil)
					r.RemoteAddr = "127.0.0.1:50000"
					change(r)
					w := httptest.NewRecorder()
					mux.ServeHTTP(w, r)
					var b strings.Builder
					if err := w.Result().Header.Write(&b); err != nil {
						t.Fatal(err)
					}
					answer := w.Result().Status + "\n" + b.String() + "\n" + w.Body.String()
					if first == "" {
						first = answer
					}
					if w.Code != http.StatusForbidden || answer != first {
						t.Fatalf("%s %s: %s", method, r.URL.Path, answer)
					}
					asked++
				}
			}
		}
	}
	if asked < 300 || !strings.Contains(first, "access.session") {
		t.Errorf("%d requests were made; the answer is %s", asked, first)
	}
	for _, p := range openToAll { // nothing stands here that is not there
		if !slices.ContainsFunc(mux.patterns, func(have string) bool { return have == p || strings.HasSuffix(p, "-") && strings.HasPrefix(have, p) }) {
			t.Errorf("there is no route %q", p)
		}
	}
}

// enter begins a person's session by a link.
func enter(t *testing.T, h *app.House, mux http.Handler, person string) *http.Cookie {
	t.Helper()
	token, err := h.Admit(person)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/enter", strings.NewReader(url.Values{"token": {token}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8780"
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		t.Fatal(w.Code, w.Body)
	}
	return w.Result().Cookies()[0]
}
