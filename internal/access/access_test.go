package access_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"counterseal/internal/access"
	"counterseal/internal/problem"
)

// plain writes codes and tokens as text, so that tests read them.
type plain struct{}

func (plain) Confirm(w http.ResponseWriter, action, token, person string, _ time.Duration) {
	io.WriteString(w, "confirm "+person+" "+action)
}

func (plain) Problem(w http.ResponseWriter, status int, err error) {
	if status == 0 {
		status = problem.Of(err).Kind.HTTPStatus()
	}
	w.WriteHeader(status)
	io.WriteString(w, problem.Code(err))
}

type house struct {
	door *access.Door
	now  time.Time
	mux  *http.ServeMux
}

func open(t *testing.T) *house {
	t.Helper()
	h := &house{now: time.Date(2026, 9, 18, 9, 0, 0, 0, time.UTC), mux: http.NewServeMux()}
	h.door = access.New(access.Outside{Now: func() time.Time { return h.now }, Random: rand.Reader, Pages: plain{}, Home: "/queue"})
	h.door.Mount(h.mux)
	staff := h.door.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello "+access.Person(r))
	}))
	h.mux.Handle("/queue", staff)
	h.mux.Handle("/demand/", staff)
	return h
}

func (h *house) issue(t *testing.T, person string) string {
	t.Helper()
	token, err := h.door.Issue(person)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func request(method, target string, change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8080"
	for _, c := range change {
		c(r)
	}
	return r
}

func (h *house) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.mux.ServeHTTP(w, r)
	return w
}

func exchange(token string, change ...func(*http.Request)) *http.Request {
	body := url.Values{"token": {token}}.Encode()
	r := httptest.NewRequest("POST", "/enter", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8080"
	for _, c := range change {
		c(r)
	}
	return r
}

func (h *house) enter(t *testing.T, token string) *http.Cookie {
	t.Helper()
	w := h.send(exchange(token))
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		t.Fatalf("enter: %d %s", w.Code, w.Body)
	}
	return w.Result().Cookies()[0]
}

func with(c *http.Cookie) func(*http.Request) { return func(r *http.Request) { r.AddCookie(c) } }

func want(t *testing.T, w *httptest.ResponseRecorder, status int, body string) {
	t.Helper()
	if w.Code != status || w.Body.String() != body {
		t.Errorf("got %d %q, want %d %q", w.Code, w.Body, status, body)
	}
}

func TestATokenIsExchangedOnceForASession(t *testing.T) {
	h := open(t)
	token := h.issue(t, "n.holm")
	if len(token) != 43 {
		t.Fatalf("a token of %d characters", len(token))
	}
	for range 2 { // opening the link does not spend it
		want(t, h.send(request("GET", "/enter?token="+token)), 200, "confirm n.holm /enter")
	}
	c := h.enter(t, token)
	want(t, h.send(request("GET", "/queue", with(c))), 200, "hello n.holm")
	want(t, h.send(exchange(token)), 403, "access.token")
	want(t, h.send(request("GET", "/enter?token="+token)), 403, "access.token")
}

func TestATokenInTheAddressOfAPostIsNotSpent(t *testing.T) {
	h := open(t)
	token := h.issue(t, "n.holm")
	want(t, h.send(request("POST", "/enter?token="+token)), 403, "access.token")
	h.enter(t, token)
}

func TestTheCookieIsForThisHostAndNoScript(t *testing.T) {
	h := open(t)
	c := h.enter(t, h.issue(t, "n.holm"))
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Domain != "" || c.Path != "/" || c.MaxAge != 8*3600 || len(c.Value) != 43 {
		t.Fatalf("%+v", c)
	}
}

func TestTokensAndSessionsEnd(t *testing.T) {
	h := open(t)
	late := h.issue(t, "n.holm")
	h.now = h.now.Add(access.TokenLife - time.Second)
	c := h.enter(t, late)
	other := h.issue(t, "n.holm")
	h.now = h.now.Add(access.TokenLife)
	want(t, h.send(exchange(other)), 403, "access.token")

	h.now = h.now.Add(access.SessionLife - access.TokenLife - time.Second)
	want(t, h.send(request("GET", "/queue", with(c))), 200, "hello n.holm")
	h.now = h.now.Add(time.Second)
	want(t, h.send(request("GET", "/queue", with(c))), 403, "access.session")
}

func TestAClockThatJumpsBackEndsSessions(t *testing.T) {
	h := open(t)
	c := h.enter(t, h.issue(t, "n.holm"))
	h.now = h.now.Add(-time.Hour)
	want(t, h.send(request("GET", "/queue", with(c))), 403, "access.session")
}

func TestEverythingUnderRequireAnswersAlikeWithoutASession(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/queue", "/demand/k7wq-93", "/demand/none"} {
		want(t, h.send(request("GET", path)), 403, "access.session")
		want(t, h.send(request("GET", path, with(&http.Cookie{Name: access.Cookie, Value: "guess"}))), 403, "access.session")
	}
}

func TestRevokeAndLeaveEndASessionAtOnce(t *testing.T) {
	h := open(t)
	a, b := h.enter(t, h.issue(t, "n.holm")), h.enter(t, h.issue(t, "p.lind"))
	open := h.issue(t, "n.holm")
	if err := h.door.Revoke("n.holm"); err != nil {
		t.Fatal(err)
	}
	want(t, h.send(request("GET", "/queue", with(a))), 403, "access.session")
	want(t, h.send(exchange(open)), 403, "access.token")
	want(t, h.send(request("GET", "/queue", with(b))), 200, "hello p.lind")
	if w := h.send(request("POST", "/leave", with(b))); w.Code != 303 {
		t.Fatal(w.Code)
	}
	want(t, h.send(request("GET", "/queue", with(b))), 403, "access.session")
}

func TestEnteringAnewEndsTheSessionOfTheSameBrowser(t *testing.T) {
	h := open(t)
	a := h.enter(t, h.issue(t, "n.holm"))
	if w := h.send(exchange(h.issue(t, "p.lind"), with(a))); w.Code != 303 {
		t.Fatal(w.Code)
	}
	want(t, h.send(request("GET", "/queue", with(a))), 403, "access.session")
}

func TestOnlyThisMachineUnderItsOwnNameGetsIn(t *testing.T) {
	h := open(t)
	c := h.enter(t, h.issue(t, "n.holm"))
	for _, x := range []struct {
		name, peer, host, header string
		status                   int
		body                     string
	}{
		{"address", "127.0.0.1:1", "127.0.0.1:8080", "", 200, "hello n.holm"},
		{"name", "127.0.0.1:1", "localhost:8080", "", 200, "hello n.holm"},
		{"name without port", "127.0.0.1:1", "LOCALHOST", "", 200, "hello n.holm"},
		{"six", "[::1]:1", "[::1]:8080", "", 200, "hello n.holm"},
		{"six without port", "[::1]:1", "[::1]", "", 200, "hello n.holm"},
		{"mapped", "[::ffff:127.0.0.1]:1", "127.0.0.1", "", 200, "hello n.holm"},
		{"another machine", "192.0.2.7:1", "127.0.0.1:8080", "", 403, "access.peer"},
		{"no peer", "", "127.0.0.1:8080", "", 403, "access.peer"},
		{"a unix socket", "@", "127.0.0.1:8080", "", 403, "access.peer"},
		{"rebinding", "127.0.0.1:1", "evil.example:8080", "", 421, "access.host"},
		{"a name that begins alike", "127.0.0.1:1", "localhost.evil.example", "", 421, "access.host"},
		{"an address as a label", "127.0.0.1:1", "127.0.0.1.evil.example:8080", "", 421, "access.host"},
		{"the long s", "127.0.0.1:1", "localhoſt", "", 421, "access.host"},
		{"no host", "127.0.0.1:1", "", "", 421, "access.host"},
		{"every address", "127.0.0.1:1", "0.0.0.0:8080", "", 421, "access.host"},
		{"a zone", "127.0.0.1:1", "[::1%lo]:8080", "", 421, "access.host"},
		{"forwarded", "127.0.0.1:1", "127.0.0.1:8080", "X-Forwarded-For", 403, "access.forwarded"},
		{"forwarded too", "127.0.0.1:1", "127.0.0.1:8080", "Forwarded", 403, "access.forwarded"},
	} {
		t.Run(x.name, func(t *testing.T) {
			change := func(r *http.Request) {
				r.RemoteAddr, r.Host = x.peer, x.host
				if x.header != "" {
					r.Header.Set(x.header, "for=192.0.2.7")
				}
			}
			want(t, h.send(request("GET", "/queue", with(c), change)), x.status, x.body)
			if x.status != 200 { // and the door itself is as shut, without spending the token
				token := h.issue(t, "p.lind")
				want(t, h.send(exchange(token, change)), x.status, x.body)
				want(t, h.send(request("GET", "/enter?token="+token, change)), x.status, x.body)
				h.enter(t, token)
			}
		})
	}
}

func TestAPostFromAnotherSiteIsRefused(t *testing.T) {
	h := open(t)
	token := h.issue(t, "n.holm")
	for _, head := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}, {"Origin", "http://127.0.0.1:9090"}, {"Origin", "null"}} {
		change := func(r *http.Request) { r.Header.Set(head[0], head[1]) }
		want(t, h.send(exchange(token, change)), 403, "access.cross_origin")
	}
	c := h.enter(t, token)
	want(t, h.send(request("POST", "/queue", with(c), func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })), 403, "access.cross_origin")
	want(t, h.send(request("POST", "/leave", with(c), func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") })), 403, "access.cross_origin")
	want(t, h.send(request("GET", "/queue", with(c))), 200, "hello n.holm")
}

func TestGuessingIsSlowedAndThenGoesOn(t *testing.T) {
	h := open(t)
	token := h.issue(t, "n.holm")
	for range 10 {
		want(t, h.send(exchange("guess")), 403, "access.token")
	}
	w := h.send(exchange(token)) // even the right one waits
	want(t, w, 429, "access.limited")
	if w.Header().Get("Retry-After") == "" {
		t.Error("nobody is told how long to wait")
	}
	want(t, h.send(request("GET", "/enter?token="+token)), 429, "access.limited")
	h.now = h.now.Add(time.Minute)
	h.enter(t, token)
}

func TestTokensAreBoundedAndFreedByTime(t *testing.T) {
	h := open(t)
	for range 16 {
		h.issue(t, "n.holm")
	}
	if _, err := h.door.Issue("n.holm"); problem.Code(err) != "access.full" {
		t.Fatal(err)
	}
	h.now = h.now.Add(access.TokenLife)
	h.issue(t, "n.holm")
}

func TestSessionsAreBounded(t *testing.T) {
	h := open(t)
	for range 256 {
		h.enter(t, h.issue(t, "n.holm"))
	}
	want(t, h.send(exchange(h.issue(t, "n.holm"))), 403, "access.full")
}

func TestATokenNeedsAPersonAndRandomness(t *testing.T) {
	h := open(t)
	if _, err := h.door.Issue(""); problem.Code(err) != "access.person" {
		t.Error(err)
	}
	poor := access.New(access.Outside{Now: time.Now, Random: bytes.NewReader(make([]byte, 31)), Pages: plain{}})
	_, err := poor.Issue("n.holm")
	if problem.Code(err) != "access.random" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func TestALargeBodyIsNotRead(t *testing.T) {
	h := open(t)
	token := h.issue(t, "n.holm")
	r := exchange(token)
	r.Body = io.NopCloser(strings.NewReader("pad=" + strings.Repeat("x", 8<<10) + "&token=" + token))
	want(t, h.send(r), 403, "access.token")
}

func TestTheLinkHoldsTheToken(t *testing.T) {
	if got := access.EnterURL("http://127.0.0.1:8080/", "abc"); got != "http://127.0.0.1:8080/enter?token=abc" {
		t.Error(got)
	}
}
