package openid_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"counterseal/internal/access"
	"counterseal/internal/access/openid"
	"counterseal/internal/problem"
)

const (
	client = "counterseal"
	secret = "a secret/of 32 bytes: at the least" // the escaping of it counts
)

// issuer is one that answers as the standard has it, but for what a test changes.
type issuer struct {
	*httptest.Server
	mu    sync.Mutex
	codes map[string]url.Values // what was asked for each that is not spent
	key   *ecdsa.PrivateKey
	down  bool

	metadata func(map[string]any)
	claims   func(map[string]any)
	signed   func(claims []byte) string               // nil: with its key
	answer   func(http.ResponseWriter, *http.Request) // of the place of tokens; nil: as the standard has it
	back     func(url.Values)                         // what the browser brings back
}

func newIssuer(t *testing.T) *issuer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		m := map[string]any{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys", "end_session_endpoint": i.URL + "/end",
			"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}, "authorization_response_iss_parameter_supported": true}
		if i.metadata != nil {
			i.metadata(m)
		}
		reply(w, m)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", i.authorize)
	mux.HandleFunc("POST /token", i.token)
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if i.down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// authorize knows who is there, and sends the browser back with a code.
func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != client || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || len(q.Get("code_challenge")) != 43 || q.Get("nonce") == "" || !strings.Contains(q.Get("scope"), "openid") {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {i.URL}, "code": {i.code(q)}}
	if i.back != nil {
		i.back(back)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

func (i *issuer) code(asked url.Values) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	code := rand.Text()
	i.codes[code] = asked
	return code
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	if i.answer != nil {
		i.answer(w, r)
		return
	}
	i.mu.Lock()
	asked, known := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	i.mu.Unlock()
	id, pass, _ := r.BasicAuth()
	pass, _ = url.QueryUnescape(pass)
	verifier := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || id != client || pass != secret || r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") || base64.RawURLEncoding.EncodeToString(verifier[:]) != asked.Get("code_challenge") {
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now := time.Now().Unix()
	claims := map[string]any{"iss": i.URL, "sub": "ada", "aud": client, "exp": now + 300, "iat": now, "nonce": asked.Get("nonce")}
	if i.claims != nil {
		i.claims(claims)
	}
	b, _ := json.Marshal(claims)
	sign := i.signed
	if sign == nil {
		sign = func(b []byte) string { return jws(jose.ES256, i.key, "1", b) }
	}
	reply(w, map[string]any{"access_token": "at", "token_type": "Bearer", "id_token": sign(b)})
}

func jws(alg jose.SignatureAlgorithm, key any, kid string, b []byte) string {
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", kid))
	if err != nil {
		panic(err)
	}
	o, err := s.Sign(b)
	if err != nil {
		panic(err)
	}
	out, err := o.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return out
}

// unsigned is a token of the algorithm none.
func unsigned(b []byte) string {
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + base64.RawURLEncoding.EncodeToString(b) + "."
}

// words draws the door's pages as words.
type words struct{}

func (words) Confirm(http.ResponseWriter, string, string, string, time.Duration) {}
func (words) Problem(w http.ResponseWriter, status int, err error) {
	if status == 0 {
		status = problem.Of(err).Kind.HTTPStatus()
	}
	w.WriteHeader(status)
	fmt.Fprint(w, problem.Code(err), " ", problem.Of(err).Field)
}
func (words) SignIn(w http.ResponseWriter, _, _, issuer string) { fmt.Fprint(w, "sign in at ", issuer) }
func (words) Entered(w http.ResponseWriter, home string)        { fmt.Fprint(w, "entered ", home) }
func (words) Left(w http.ResponseWriter, at string)             { fmt.Fprint(w, "left ", at) }
func (words) Make(http.ResponseWriter, string)                  {}
func (p words) Fault(w http.ResponseWriter, s int, e error)     { p.Problem(w, s, e) }

// office is a door before an issuer.
type office struct {
	t      *testing.T
	issuer *issuer
	page   string
	at     time.Duration // by which our clock is ahead
	people []access.Signer
	began  []access.Session
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, issuer: newIssuer(t)}
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	o.page = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	o.people = []access.Signer{{Person: "p-ada", IDs: []string{access.SubjectID(o.issuer.URL, "ada")}}, {Person: "p-bo", IDs: []string{access.EmailID(o.issuer.URL, "bo@office.example")}}}
	now := func() time.Time { return time.Now().Add(o.at) }
	door := access.New(access.Outside{Now: now, Random: rand.Reader, Pages: words{}, Home: "/queue", Sessions: access.Folder(t.TempDir()), Idle: access.IdleLife,
		Began: func(s access.Session) { o.began = append(o.began, s) },
		Counts: func(s access.Session) (bool, error) {
			return slices.ContainsFunc(o.people, func(p access.Signer) bool { return p.Person == s.Person && slices.Contains(p.IDs, s.Key) }), nil
		},
		SignIn: &access.SignIn{Page: o.page, Pages: words{}, People: func() ([]access.Signer, error) { return o.people, nil },
			OpenID: openid.New(openid.Config{Issuer: o.issuer.URL, Client: client, Secret: secret, Now: now})}})
	door.Mount(mux)
	mux.Handle("GET /queue", door.Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello "+access.Person(r)) })))
	return o
}

// browser keeps cookies and follows no redirection.
func (o *office) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (o *office) get(c *http.Client, at string) (*http.Response, string) {
	o.t.Helper()
	a, err := c.Get(at)
	if err != nil {
		o.t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return a, string(b)
}

// asked sends a browser to the issuer, and gives the address that it comes back to.
func (o *office) asked(c *http.Client) string {
	o.t.Helper()
	a, said := o.get(c, o.page+"/enter/openid")
	if a.StatusCode != http.StatusSeeOther {
		return said
	}
	a, said = o.get(c, a.Header.Get("Location"))
	if a.StatusCode != http.StatusFound {
		o.t.Fatal("the issuer:", a.Status, said)
	}
	return a.Header.Get("Location")
}

func (o *office) signIn(c *http.Client) string {
	o.t.Helper()
	at := o.asked(c)
	if !strings.HasPrefix(at, o.page+"/enter/openid/back?") {
		return at
	}
	_, said := o.get(c, at)
	return said
}

func (o *office) queue(c *http.Client) string {
	o.t.Helper()
	_, said := o.get(c, o.page+"/queue")
	return said
}

func TestWhomTheIssuerNamesIsInUntilTheyAreTakenOut(t *testing.T) {
	o := newOffice(t)
	ada := o.browser()
	if _, said := o.get(ada, o.page+"/enter"); said != "sign in at /enter/openid" {
		t.Error(said)
	}
	if said := o.signIn(ada); said != "entered /queue" || o.queue(ada) != "hello p-ada" {
		t.Fatal(said, o.queue(ada))
	}
	if s := o.began[0]; s.By != access.ByOpenID || s.Key != access.SubjectID(o.issuer.URL, "ada") || s.Until.Sub(s.Issued) != access.SessionLife {
		t.Errorf("%+v", s)
	}
	o.issuer.claims = func(c map[string]any) { c["sub"], c["email"], c["email_verified"] = "77", "bo@office.example", true }
	bo := o.browser()
	if said := o.signIn(bo); said != "entered /queue" || o.queue(bo) != "hello p-bo" {
		t.Error(said)
	}
	kept := o.people
	o.people = o.people[1:]
	if said := o.queue(ada); !strings.HasPrefix(said, "access.session") {
		t.Error("taken out:", said)
	}
	o.people = kept
	if said := o.queue(ada); !strings.HasPrefix(said, "access.session") {
		t.Error("put in again:", said)
	}
	a, err := bo.Post(o.page+"/leave", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	said, _ := io.ReadAll(a.Body)
	a.Body.Close()
	if want := "left " + o.issuer.URL + "/end?client_id=counterseal&post_logout_redirect_uri=" + url.QueryEscape(o.page+"/"); string(said) != want || !strings.HasPrefix(o.queue(bo), "access.session") {
		t.Errorf("%s, not %s", said, want)
	}
}

func TestASessionByAnIssuerEndsAfterHalfAnHourWithoutUse(t *testing.T) {
	o := newOffice(t)
	ada := o.browser()
	o.signIn(ada)
	o.at = 29 * time.Minute
	if said := o.queue(ada); said != "hello p-ada" {
		t.Fatal(said)
	}
	o.at = 60 * time.Minute
	if said := o.queue(ada); !strings.HasPrefix(said, "access.session") {
		t.Error(said)
	}
}

func TestWhatDoesNotHoldLetsNobodyIn(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := func(change func(map[string]any)) func(*office) { return func(o *office) { o.issuer.claims = change } }
	set := func(name string, v any) func(*office) { return claims(func(c map[string]any) { c[name] = v }) }
	without := func(name string) func(*office) { return claims(func(c map[string]any) { delete(c, name) }) }
	at := func(name string, d time.Duration) func(*office) { return set(name, time.Now().Add(d).Unix()) }
	signed := func(sign func(*office) func([]byte) string) func(*office) {
		return func(o *office) { o.issuer.signed = sign(o) }
	}
	meta := func(name string, v any) func(*office) {
		return func(o *office) { o.issuer.metadata = func(m map[string]any) { m[name] = v } }
	}
	back := func(name, v string) func(*office) {
		return func(o *office) { o.issuer.back = func(q url.Values) { q.Set(name, v) } }
	}
	answers := func(f http.HandlerFunc) func(*office) { return func(o *office) { o.issuer.answer = f } }
	for name, x := range map[string]struct {
		change func(*office)
		code   string // "" for what is right
	}{
		"as it should be":                     {func(*office) {}, ""},
		"with an age within a minute":         {at("iat", 50*time.Second), ""},
		"with us as one of two and the party": {claims(func(c map[string]any) { c["aud"], c["azp"] = []string{"other", client}, client }), ""},
		"a nonce of another sign-in":          {set("nonce", "bm9uY2U"), "access.issuer_token"},
		"no nonce":                            {without("nonce"), "access.issuer_token"},
		"not signed":                          {signed(func(*office) func([]byte) string { return unsigned }), "access.issuer_token"},
		"signed with our secret": {signed(func(*office) func([]byte) string {
			return func(b []byte) string { return jws(jose.HS256, []byte(secret), "1", b) }
		}), "access.issuer_token"},
		"signed with the public key as secret": {signed(func(o *office) func([]byte) string {
			return func(b []byte) string { pub, _ := o.issuer.key.PublicKey.Bytes(); return jws(jose.HS256, pub, "1", b) }
		}), "access.issuer_token"},
		"another's key under the same name": {signed(func(*office) func([]byte) string {
			return func(b []byte) string { return jws(jose.ES256, stranger, "1", b) }
		}), "access.issuer_token"},
		"another kind of key": {signed(func(*office) func([]byte) string {
			return func(b []byte) string { return jws(jose.RS256, weak, "1", b) }
		}), "access.issuer_token"},
		"changed after it was signed": {signed(func(o *office) func([]byte) string {
			return func(b []byte) string {
				p := strings.Split(jws(jose.ES256, o.issuer.key, "1", b), ".")
				return p[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(b), "}", `,"x":1}`, 1))) + "." + p[2]
			}
		}), "access.issuer_token"},
		"over":                             {at("exp", -2*time.Minute), "access.issuer_token"},
		"without an end":                   {without("exp"), "access.issuer_token"},
		"of tomorrow":                      {at("iat", 24*time.Hour), "access.issuer_token"},
		"of an hour ago":                   {at("iat", -time.Hour), "access.issuer_token"},
		"of no time":                       {without("iat"), "access.issuer_token"},
		"not yet":                          {at("nbf", 2*time.Minute), "access.issuer_token"},
		"for another":                      {set("aud", "other"), "access.issuer_token"},
		"for two, and no party":            {set("aud", []string{client, "other"}), "access.issuer_token"},
		"for another party":                {set("azp", "other"), "access.issuer_token"},
		"of another issuer":                {set("iss", "https://evil.example"), "access.issuer_token"},
		"about nobody":                     {set("sub", ""), "access.issuer_token"},
		"about somebody with a long name":  {set("sub", strings.Repeat("a", 256)), "access.issuer_token"},
		"beside another access token":      {set("at_hash", "bm90aGluZ2F0YWxs"), "access.issuer_token"},
		"somebody else":                    {set("sub", "eve"), "access.nobody"},
		"an address that is not verified":  {claims(func(c map[string]any) { c["sub"], c["email"], c["email_verified"] = "9", "bo@office.example", false }), "access.nobody"},
		"an address verified in words":     {claims(func(c map[string]any) { c["sub"], c["email"], c["email_verified"] = "9", "bo@office.example", "true" }), "access.nobody"},
		"an address of a person's subject": {claims(func(c map[string]any) { c["sub"], c["email"], c["email_verified"] = "9", "ada", true }), "access.nobody"},
		"an answer of another issuer":      {back("iss", "https://evil.example"), "access.issuer_token"},
		"an answer of none":                {back("iss", ""), "access.issuer_token"},
		"another's state":                  {back("state", "AAAA"), "access.late"},
		"no state":                         {back("state", ""), "access.late"},
		"an error":                         {back("error", "access_denied"), "access.issuer_refused"},
		"no code":                          {back("code", ""), "access.issuer_refused"},
		"a code that is none":              {back("code", "AAAA"), "access.issuer_token"},
		"a code of another's sign-in": {func(o *office) { // that somebody asked for with a nonce and a verifier of their own
			o.issuer.back = func(q url.Values) {
				q.Set("code", o.issuer.code(url.Values{"redirect_uri": {o.page + "/enter/openid/back"}, "nonce": {"n"}, "code_challenge": {"c"}}))
			}
		}, "access.issuer_token"},
		"no token": {answers(func(w http.ResponseWriter, _ *http.Request) {
			reply(w, map[string]string{"access_token": "at", "token_type": "Bearer"})
		}), "access.issuer_token"},
		"an endless one": {answers(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, `{"id_token":"`+strings.Repeat("a", 2<<20))
		}), "access.issuer"},
		"a fault": {answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }), "access.issuer"},
		"a redirection": {answers(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/token", http.StatusTemporaryRedirect)
		}), "access.issuer"},
		"metadata of another":              {meta("issuer", "https://evil.example"), "access.issuer"},
		"people are sent away from TLS":    {meta("authorization_endpoint", "http://id.example/authorize"), "access.issuer"},
		"tokens are sent away from TLS":    {meta("token_endpoint", "http://id.example/token"), "access.issuer"},
		"keys are fetched away from TLS":   {meta("jwks_uri", "http://id.example/keys"), "access.issuer_token"},
		"the place to ask is a script":     {meta("authorization_endpoint", "javascript:alert(1)"), "access.issuer"},
		"metadata that is not to be read":  {meta("token_endpoint", 7), "access.issuer"},
		"the browser was away for an hour": {func(o *office) { o.issuer.back = func(url.Values) { o.at = time.Hour } }, "access.late"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			x.change(o)
			c := o.browser()
			said := o.signIn(c)
			code, _, _ := strings.Cut(said, " ")
			in := strings.HasPrefix(o.queue(c), "hello ")
			if x.code == "" && (said != "entered /queue" || !in) || x.code != "" && (code != x.code || in) {
				t.Errorf("%s, in: %t", said, in)
			}
		})
	}
}

func TestASignInIsOneBrowsersAndOnce(t *testing.T) {
	o := newOffice(t)
	eve, ada := o.browser(), o.browser()
	// Somebody brings another the end of a sign-in of their own: login CSRF.
	if _, said := o.get(ada, o.asked(eve)); !strings.HasPrefix(said, "access.late") || strings.HasPrefix(o.queue(ada), "hello") {
		t.Error("another's sign-in:", said)
	}
	// A browser that has begun one of its own takes no other's.
	theirs := o.asked(eve)
	o.asked(ada)
	if _, said := o.get(ada, theirs); !strings.HasPrefix(said, "access.late") {
		t.Error("another's, after one of its own:", said)
	}
	// What came back once does not come back again.
	mine := o.asked(ada)
	if _, said := o.get(ada, mine+"&next=https%3A%2F%2Fevil.example"); said != "entered /queue" { // nor leads anywhere else
		t.Fatal(said)
	}
	if _, said := o.get(ada, mine); !strings.HasPrefix(said, "access.late") {
		t.Error("again:", said)
	}
	if len(o.began) != 1 {
		t.Errorf("%d sessions began", len(o.began))
	}
}

func TestTheCookieOfASignInIsForThisPageAndFiveMinutes(t *testing.T) {
	o := newOffice(t)
	a, _ := o.get(o.browser(), o.page+"/enter/openid")
	c := a.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].MaxAge != 300 || c[0].Domain != "" {
		t.Fatalf("%+v", c)
	}
	at, err := url.Parse(a.Header.Get("Location"))
	if err != nil || at.Query().Get("redirect_uri") != o.page+"/enter/openid/back" || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Error(at, a.Header)
	}
	for _, part := range []string{"state", "nonce", "code_challenge"} { // what the issuer sees tells nothing of the cookie, nor of each other
		if v := at.Query().Get(part); len(v) != 43 || strings.Contains(c[0].Value, v) {
			t.Errorf("%s is %q", part, v)
		}
	}
}

func TestAnIssuerThatIsSilentKeepsNoPasskeyOut(t *testing.T) {
	o := newOffice(t)
	o.issuer.down = true
	c := o.browser()
	if a, said := o.get(c, o.page+"/enter/openid"); a.StatusCode != http.StatusServiceUnavailable || !strings.HasPrefix(said, "access.issuer") {
		t.Error(a.Status, said)
	}
	if a, said := o.get(c, o.page+"/enter"); a.StatusCode != http.StatusOK || said != "sign in at /enter/openid" {
		t.Error(a.Status, said)
	}
	o.issuer.down = false
	if said := o.signIn(c); said != "entered /queue" {
		t.Error("when it answers again:", said)
	}
}

func TestGuessesAreSlowedDown(t *testing.T) {
	o := newOffice(t)
	c := o.browser()
	said := ""
	for range 11 {
		_, said = o.get(c, o.page+"/enter/openid/back?state=x&code=y")
	}
	if !strings.HasPrefix(said, "access.limited") {
		t.Error(said)
	}
}

func TestAnIssuerIsNamedByHTTPSOrOnThisMachine(t *testing.T) {
	for name, want := range map[string]bool{
		"https://id.example": true, "https://id.example/realms/a": true, "http://127.0.0.1:4000": true, "http://localhost:4000": true, "http://[::1]:4000": true,
		"http://id.example": false, "https://id.example?x=1": false, "https://id.example?": false, "https://id.example#x": false, "https://a:b@id.example": false, "id.example": false, "": false, "ftp://id.example": false,
		"http://127.0.0.1.id.example": false, "https://": false,
	} {
		if openid.ValidIssuer(name) != want {
			t.Errorf("%q", name)
		}
	}
}
