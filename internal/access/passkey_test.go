package access_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/access"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

const (
	office     = "office.lindworm.example"
	officePage = "https://" + office
	pageCookie = "__Host-" + access.Cookie
)

// bare draws the pages of sign-in as text.
type bare struct{ plain }

func (bare) SignIn(w http.ResponseWriter, nonce, challenge, _ string) {
	io.WriteString(w, nonce+" "+challenge)
}
func (bare) Entered(w http.ResponseWriter, home string)         { io.WriteString(w, "entered "+home) }
func (bare) Left(w http.ResponseWriter, at string)              { io.WriteString(w, "left "+at) }
func (bare) Make(w http.ResponseWriter, host string)            { io.WriteString(w, "make "+host) }
func (b bare) Fault(w http.ResponseWriter, status int, e error) { b.Problem(w, status, e) }

// lodge is a house whose staff sign in with passkeys.
type lodge struct {
	house
	t      *testing.T
	dir    string
	people []access.Signer
	broken error
	anna   signaturetest.Passkey
}

func openLodge(t *testing.T, page string) *lodge {
	t.Helper()
	host := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(page, "https://"), "http://"), ":8780")
	l := &lodge{t: t, dir: t.TempDir(), anna: signaturetest.NewPasskey(host)}
	l.now = time.Date(2026, 9, 18, 9, 0, 0, 0, time.UTC)
	l.people = []access.Signer{{Person: "anna", Keys: []ssh.PublicKey{l.anna.Public}}}
	l.start(page)
	return l
}

// start begins the program again, over the same folder.
func (l *lodge) start(page string) {
	people := func() ([]access.Signer, error) { return l.people, l.broken }
	l.door = access.New(access.Outside{
		Now: func() time.Time { return l.now }, Random: rand.Reader, Pages: plain{}, Home: "/queue", Sessions: access.Folder(l.dir), Idle: access.IdleLife,
		Counts: func(s access.Session) (bool, error) {
			if s.By == access.ByLink {
				return true, nil
			}
			for _, p := range l.people {
				for _, k := range p.Keys {
					if p.Person == s.Person && ssh.FingerprintSHA256(k) == s.Key {
						return true, l.broken
					}
				}
			}
			return false, l.broken
		},
		SignIn: &access.SignIn{Page: page, People: people, Pages: bare{}},
	})
	l.mux = http.NewServeMux()
	l.door.Mount(l.mux)
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello "+access.Person(r)) })
	l.mux.Handle("/queue", l.door.Require(hello))
}

// front is a request as what ends TLS sends it on.
func front(r *http.Request) {
	r.Host = office
	r.Header.Set("X-Forwarded-For", "192.0.2.7")
	r.Header.Set("X-Forwarded-Proto", "https")
	r.Header.Set("X-Forwarded-Host", office)
}

func (l *lodge) nonce(change ...func(*http.Request)) string {
	l.t.Helper()
	w := l.send(request("GET", "/enter", change...))
	nonce, _, ok := strings.Cut(w.Body.String(), " ")
	if w.Code != 200 || !ok {
		l.t.Fatal(w.Code, w.Body)
	}
	return nonce
}

func (l *lodge) text(page, nonce string) string {
	l.t.Helper()
	text, err := access.SignInText(page, nonce, l.now)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

func (l *lodge) answer(p signaturetest.Passkey, nonce string, c signaturetest.Ceremony, change ...func(*http.Request)) *httptest.ResponseRecorder {
	l.t.Helper()
	a, err := p.Assert(c)
	if err != nil {
		l.t.Fatal(err)
	}
	return l.post("/enter/passkey", map[string]any{"nonce": nonce, "answer": a}, change...)
}

func (l *lodge) post(path string, body any, change ...func(*http.Request)) *httptest.ResponseRecorder {
	l.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		l.t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, bytes.NewReader(b))
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("Content-Type", "application/json")
	for _, c := range change {
		c(r)
	}
	return l.send(r)
}

// signIn signs anna in through the front.
func (l *lodge) signIn() *http.Cookie {
	l.t.Helper()
	n := l.nonce(front)
	w := l.answer(l.anna, n, signaturetest.Ordinary(signature.SignIn, l.text(officePage, n), officePage), front)
	c := w.Result().Cookies()
	if w.Code != 200 || len(c) != 1 {
		l.t.Fatal(w.Code, w.Body)
	}
	return c[0]
}

func TestAPasskeySignsInAtThePageAndTheCookieIsThatHostsAlone(t *testing.T) {
	l := openLodge(t, officePage)
	c := l.signIn()
	if c.Name != pageCookie || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
		t.Errorf("%+v", c)
	}
	want(t, l.send(request("GET", "/queue", front, with(c))), 200, "hello anna")
	c.Name = access.Cookie // it does not count away from the page, under any name
	want(t, l.send(request("GET", "/queue", with(c))), 403, "access.session")
}

func TestASignInIsOverThisPageThisNonceAndThisMoment(t *testing.T) {
	l := openLodge(t, officePage)
	good := func(n string) signaturetest.Ceremony {
		return signaturetest.Ordinary(signature.SignIn, l.text(officePage, n), officePage)
	}
	for name, x := range map[string]struct {
		by     signaturetest.Passkey
		change func(n string, c *signaturetest.Ceremony)
		code   string
	}{
		"another's passkey":           {signaturetest.NewPasskey(office), nil, "access.nobody"},
		"a passkey of another host":   {signaturetest.NewPasskey("gate.lindworm.example"), nil, "access.nobody"},
		"only present":                {l.anna, func(_ string, c *signaturetest.Ceremony) { c.Flags = 0x01 }, "signature.not_verified"},
		"another page's script":       {l.anna, func(_ string, c *signaturetest.Ceremony) { c.Origin = "https://evil.example" }, "signature.page"},
		"a port of the same host":     {l.anna, func(_ string, c *signaturetest.Ceremony) { c.Origin = officePage + ":8443" }, "signature.page"},
		"a look at the gate":          {l.anna, func(_ string, c *signaturetest.Ceremony) { c.NS = signature.Look }, "access.nobody"},
		"a grant":                     {l.anna, func(_ string, c *signaturetest.Ceremony) { c.NS = signature.Grant }, "access.nobody"},
		"another page's text":         {l.anna, func(n string, c *signaturetest.Ceremony) { c.Text = l.text("https://other.example", n) }, "access.nobody"},
		"another moment":              {l.anna, func(n string, c *signaturetest.Ceremony) { c.Text = strings.Replace(c.Text, "09:", "10:", 1) }, "access.nobody"},
		"another nonce than it signs": {l.anna, func(_ string, c *signaturetest.Ceremony) { c.Text = l.text(officePage, l.nonce(front)) }, "access.nobody"},
		"framed": {l.anna, func(_ string, c *signaturetest.Ceremony) {
			c.Client = func(c, o string) string {
				return `{"type":"webauthn.get","challenge":"` + c + `","origin":"` + o + `","crossOrigin":true}`
			}
		}, "access.nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			l.now = l.now.Add(2 * time.Minute)
			n := l.nonce(front)
			c := good(n)
			if x.change != nil {
				x.change(n, &c)
			}
			w := l.answer(x.by, n, c, front)
			if w.Body.String() != x.code || len(w.Result().Cookies()) > 0 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			// What failed spends nothing.
			want(t, l.answer(l.anna, n, good(n), front), 200, "{\"at\":\"/queue\"}\n")
		})
	}
}

func TestAnInvitationWorksOnceForFiveMinutesAndInThisProcessAlone(t *testing.T) {
	l := openLodge(t, officePage)
	sign := func(n string, at time.Time) *httptest.ResponseRecorder {
		text, err := access.SignInText(officePage, n, at)
		if err != nil {
			t.Fatal(err)
		}
		return l.answer(l.anna, n, signaturetest.Ordinary(signature.SignIn, string(text), officePage), front)
	}
	begun := l.now
	n := l.nonce(front)
	want(t, sign(n, begun), 200, "{\"at\":\"/queue\"}\n")
	want(t, sign(n, begun), 403, "access.late")
	late := l.nonce(front)
	l.now = begun.Add(5 * time.Minute)
	want(t, sign(late, begun), 403, "access.late")
	ahead := l.nonce(front)
	l.now = l.now.Add(-time.Second) // the clock has jumped back
	want(t, sign(ahead, l.now.Add(time.Second)), 403, "access.late")
	l.now = l.now.Add(2 * time.Minute)
	good := l.nonce(front)
	changed := []byte(good)
	changed[20] ^= 1
	want(t, sign(string(changed), l.now), 403, "access.late")
	want(t, sign(strings.ToUpper(good), l.now), 403, "access.late")
	l.start(officePage)
	want(t, sign(good, l.now), 403, "access.late")
}

func TestLinksWorkStraightFromTheMachineAloneAndPasskeysAtThePageAlone(t *testing.T) {
	l := openLodge(t, officePage)
	token := l.issue(t, "bo")
	want(t, l.send(exchange(token, front)), 403, "access.link")
	want(t, l.send(request("GET", "/enter?token="+token, front)), 403, "access.link")
	c := l.enter(t, token)
	want(t, l.send(request("GET", "/queue", with(c))), 200, "hello bo")
	c.Name = pageCookie
	want(t, l.send(request("GET", "/queue", front, with(c))), 403, "access.session")

	n := l.nonce(front)
	want(t, l.answer(l.anna, n, signaturetest.Ordinary(signature.SignIn, l.text(officePage, n), officePage)), 421, "access.host")
	local := func(r *http.Request) { r.Host = "127.0.0.1:8080" }
	want(t, l.answer(l.anna, n, signaturetest.Ordinary(signature.SignIn, l.text(officePage, n), officePage), local), 403, "access.elsewhere")
	want(t, l.send(request("GET", "/enter")), 403, "access.token")
	want(t, l.send(request("GET", "/enter/make")), 403, "access.elsewhere")
}

func TestThePageAnswersBehindALoopbackFrontUnderItsOwnNameAlone(t *testing.T) {
	l := openLodge(t, officePage)
	c := l.signIn()
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, x := range map[string]struct {
		change func(*http.Request)
		status int
		body   string
	}{
		"as it is":                   {func(*http.Request) {}, 200, "hello anna"},
		"a front that says less":     {func(r *http.Request) { r.Header = http.Header{"Cookie": r.Header["Cookie"]} }, 200, "hello anna"},
		"a front that says more":     {set("Via", "1.1 front"), 200, "hello anna"},
		"two fronts":                 {set("X-Forwarded-Proto", "https, https"), 200, "hello anna"},
		"another machine":            {func(r *http.Request) { r.RemoteAddr = "192.0.2.7:1" }, 403, "access.peer"},
		"rebinding":                  {func(r *http.Request) { r.Host = "evil.example" }, 403, "access.forwarded"},
		"rebinding without a front":  {func(r *http.Request) { r.Host = "evil.example"; r.Header = http.Header{} }, 421, "access.host"},
		"a port that is not the one": {func(r *http.Request) { r.Host = office + ":8443" }, 403, "access.forwarded"},
		"a name that begins alike":   {func(r *http.Request) { r.Host = office + ".evil.example" }, 403, "access.forwarded"},
		"a dot at the end":           {func(r *http.Request) { r.Host = office + "." }, 403, "access.forwarded"},
		"loopback through the front": {func(r *http.Request) { r.Host = "127.0.0.1:8080" }, 403, "access.forwarded"},
		"another host before":        {set("X-Forwarded-Host", "evil.example"), 403, "access.forwarded"},
		"another host among them":    {set("X-Forwarded-Host", office+", evil.example"), 403, "access.forwarded"},
		"without TLS":                {set("X-Forwarded-Proto", "http"), 403, "access.forwarded"},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, l.send(request("GET", "/queue", front, with(c), x.change)), x.status, x.body)
		})
	}
	for name, origin := range map[string]string{"another site": "https://evil.example", "the same host without TLS": "http://" + office, "a port": officePage + ":8443", "none": "null"} {
		t.Run(name, func(t *testing.T) {
			want(t, l.send(request("POST", "/queue", front, with(c), set("Origin", origin))), 403, "access.cross_origin")
			want(t, l.post("/enter/passkey", map[string]any{}, front, set("Origin", origin)), 403, "access.cross_origin")
		})
	}
	for _, site := range []string{"cross-site", "same-site"} {
		want(t, l.send(request("POST", "/queue", front, with(c), set("Sec-Fetch-Site", site), set("Origin", officePage))), 403, "access.cross_origin")
	}
	want(t, l.send(request("POST", "/queue", front, with(c), set("Origin", officePage))), 200, "hello anna")
	// Our own forms send no referrer, and with that no origin.
	want(t, l.send(request("POST", "/queue", front, with(c), set("Sec-Fetch-Site", "same-origin"), set("Origin", "null"))), 200, "hello anna")
}

func TestWithoutAPageNothingIsForwarded(t *testing.T) {
	h := open(t)
	c := h.enter(t, h.issue(t, "n.holm"))
	want(t, h.send(request("GET", "/queue", with(c), front)), 403, "access.forwarded")
	if w := h.send(request("POST", "/enter/passkey")); w.Code != 404 {
		t.Error(w.Code, w.Body)
	}
}

func TestGuessingWithPasskeysSlowsDownTheOneWhoGuesses(t *testing.T) {
	l := openLodge(t, officePage)
	stranger := signaturetest.NewPasskey(office)
	try := func(p signaturetest.Passkey, change ...func(*http.Request)) *httptest.ResponseRecorder {
		n := l.nonce(front)
		return l.answer(p, n, signaturetest.Ordinary(signature.SignIn, l.text(officePage, n), officePage), append([]func(*http.Request){front}, change...)...)
	}
	for range 10 {
		want(t, try(stranger), 403, "access.nobody")
	}
	w := try(l.anna)
	want(t, w, 429, "access.limited")
	if w.Header().Get("Retry-After") == "" {
		t.Error("nobody is told how long to wait")
	}
	// What the caller wrote themselves before the front's word changes nothing.
	want(t, try(l.anna, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.99, 192.0.2.7") }), 429, "access.limited")
	// Somebody elsewhere signs in, and links at the machine work.
	want(t, try(l.anna, func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.8") }), 200, "{\"at\":\"/queue\"}\n")
	l.enter(t, l.issue(t, "bo"))
	l.now = l.now.Add(time.Minute)
	want(t, try(l.anna), 200, "{\"at\":\"/queue\"}\n")
}

func TestTheAnswerIsJSONAndNothingElse(t *testing.T) {
	l := openLodge(t, officePage)
	n := l.nonce(front)
	for name, x := range map[string]struct {
		body   any
		change func(*http.Request)
		code   string
	}{
		"a form":            {map[string]any{"nonce": n}, func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }, "access.request"},
		"an unknown member": {map[string]any{"nonce": n, "person": "anna"}, func(*http.Request) {}, "access.request"},
		"too long":          {map[string]any{"nonce": strings.Repeat("a", 1<<17)}, func(*http.Request) {}, "access.request"},
		"no nonce":          {map[string]any{}, func(*http.Request) {}, "access.late"},
		"no answer":         {map[string]any{"nonce": n}, func(*http.Request) {}, "signature.assertion"},
	} {
		t.Run(name, func(t *testing.T) {
			if w := l.post("/enter/passkey", x.body, front, x.change); w.Body.String() != x.code {
				t.Error(w.Code, w.Body)
			}
		})
	}
	want(t, l.post("/enter/make", map[string]any{"publicKey": []byte("no key"), "flags": 5}, front), 422, "signature.passkey")
}

func TestWhoMayComeInIsAskedAtEachRequest(t *testing.T) {
	l := openLodge(t, officePage)
	c := l.signIn()
	l.broken = problem.New(problem.Unavailable, "access.people", "the file is half written")
	want(t, l.send(request("GET", "/queue", front, with(c))), 503, "access.people")
	n := l.nonce(front)
	want(t, l.answer(l.anna, n, signaturetest.Ordinary(signature.SignIn, l.text(officePage, n), officePage), front), 503, "access.people")
	l.broken = nil
	want(t, l.send(request("GET", "/queue", front, with(c))), 200, "hello anna") // a problem ended nothing
	kept := l.people
	l.people = []access.Signer{{Person: "anna", Keys: []ssh.PublicKey{signaturetest.NewPasskey(office).Public}}}
	want(t, l.send(request("GET", "/queue", front, with(c))), 403, "access.session")
	l.people = kept // and the line's return does not bring the session back
	want(t, l.send(request("GET", "/queue", front, with(c))), 403, "access.session")
}

func TestOnLocalhostLinksAndPasskeysWorkSideBySide(t *testing.T) {
	page := "http://localhost:8780"
	l := openLodge(t, page)
	here := func(r *http.Request) { r.Host = "localhost:8780" }
	n := l.nonce(here)
	w := l.answer(l.anna, n, signaturetest.Ordinary(signature.SignIn, l.text(page, n), page), here)
	c := w.Result().Cookies()
	if w.Code != 200 || len(c) != 1 || c[0].Name != access.Cookie || c[0].Secure {
		t.Fatal(w.Code, w.Body, c)
	}
	want(t, l.send(request("GET", "/queue", here, with(c[0]))), 200, "hello anna")
	l.enter(t, l.issue(t, "bo"))
}

func TestTheDoorTakesNoCookieThatASignInElsewhereLeft(t *testing.T) {
	l := openLodge(t, officePage)
	first := l.signIn()
	n := l.nonce(front)
	w := l.answer(l.anna, n, signaturetest.Ordinary(signature.SignIn, l.text(officePage, n), officePage), front, with(first))
	want(t, w, 200, "{\"at\":\"/queue\"}\n")
	want(t, l.send(request("GET", "/queue", front, with(first))), 403, "access.session") // the browser's former session is over
	second := w.Result().Cookies()[0]
	if w := l.send(request("POST", "/leave", front, with(second))); w.Code != 303 {
		t.Fatal(w.Code, w.Body)
	}
	want(t, l.send(request("GET", "/queue", front, with(second))), 403, "access.session")
}

// FuzzPasskeyAnswer sends what somebody may write to the page: nothing that no passkey
// of anna's made begins a session, and nothing breaks.
func FuzzPasskeyAnswer(f *testing.F) {
	dir := f.TempDir()
	now := time.Date(2026, 9, 18, 9, 0, 0, 0, time.UTC)
	key := signaturetest.NewPasskey(office).Public
	door := access.New(access.Outside{
		Now: func() time.Time { now = now.Add(time.Minute); return now }, Random: rand.Reader, Pages: plain{}, Home: "/queue", Sessions: access.Folder(dir),
		SignIn: &access.SignIn{Page: officePage, Pages: bare{}, People: func() ([]access.Signer, error) {
			return []access.Signer{{Person: "anna", Keys: []ssh.PublicKey{key}}}, nil
		}},
	})
	mux := http.NewServeMux()
	door.Mount(mux)
	f.Add([]byte(`{"nonce":"00","answer":{"authenticatorData":"","clientDataJSON":"","signature":""}}`), "192.0.2.7")
	f.Add([]byte(`{}`), "192.0.2.7, ::1%x")
	f.Fuzz(func(t *testing.T, body []byte, through string) {
		r := httptest.NewRequest("POST", "/enter/passkey", bytes.NewReader(body))
		r.RemoteAddr, r.Host = "127.0.0.1:50000", office
		r.Header.Set("Content-Type", "application/json")
		r.Header["X-Forwarded-For"] = []string{through}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code == 200 || w.Code >= 500 || len(w.Result().Cookies()) > 0 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
