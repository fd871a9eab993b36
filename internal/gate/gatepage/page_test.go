package gatepage_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatepage"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

const (
	origin = "https://gate.lindworm.example"
	host   = "gate.lindworm.example"
)

type agrees struct{}

func (agrees) PermitKeep(context.Context, string, string) error { return nil }

func (agrees) PermitPreview(context.Context, string, string) error { return nil }

func (agrees) Permit(context.Context, string, string, [32]byte, int64) error { return nil }

// house is a gate with its page, anna's passkey on the roster and one grant that waits.
type house struct {
	*gatetest.World
	t       *testing.T
	gate    *gate.Gate
	handler http.Handler
	anna    signaturetest.Passkey
	cookie  string
}

func newHouse(t *testing.T, changes ...func(*house)) *house {
	t.Helper()
	h := &house{World: gatetest.NewWorld(), t: t, anna: signaturetest.NewPasskey(host)}
	h.First.Gates[0].Page = origin
	h.First.Roster[0].Keys = append(slices.Clone(h.First.Roster[0].Keys), h.anna.Public)
	for _, change := range changes {
		change(h)
	}
	h.Reword(h.First)
	g, err := gate.Open(context.Background(), gate.Config{ID: "gate-1", Dir: t.TempDir(), Key: h.GateKey, Sources: []source.Source{gatetest.Mailbox()}, Journal: h.Journal, Docket: agrees{},
		Now: h.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	if _, err := g.ExtendCharter(context.Background(), h.Text, h.Signed); err != nil {
		t.Fatal(err)
	}
	h.gate = g
	h.serve(g)
	return h
}

func (h *house) serve(g gatepage.Gate) {
	h.t.Helper()
	p, err := gatepage.New(gatepage.Outside{Gate: g, ID: "gate-1", Region: "ie", Provider: "Lindworm Mail", Origin: origin, Now: h.Clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		h.t.Fatal(err)
	}
	h.handler = p.Handler()
}

func (h *house) offer(g grant.Grant) string {
	h.t.Helper()
	if err := h.Journal.Commit(context.Background(), g.Digest(), true); err != nil {
		h.t.Fatal(err)
	}
	st, err := h.gate.Offer(context.Background(), gate.Offer{Text: gatetest.Text(g), Document: h.Order})
	if err != nil {
		h.t.Fatal(err)
	}
	return st.ID
}

func (h *house) ask(method, path string, body any, change func(*http.Request)) *httptest.ResponseRecorder {
	h.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		h.t.Fatal(err)
	}
	r := httptest.NewRequest(method, origin+path, bytes.NewReader(b))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if h.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "counterseal-gate-gate-1", Value: h.cookie})
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// answer is what a passkey and its browser answer, as the page's script sends it.
func answer(t *testing.T, p signaturetest.Passkey, c signaturetest.Ceremony) signature.Assertion {
	t.Helper()
	a, err := p.Assert(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// invited is the nonce of the page's way in, as somebody sees it who does not look yet.
func (h *house) invited() string {
	h.t.Helper()
	kept := h.cookie
	h.cookie = ""
	defer func() { h.cookie = kept }()
	m := regexp.MustCompile(`data-nonce="([0-9a-f]+)"`).FindStringSubmatch(h.ask("GET", "/", nil, nil).Body.String())
	if m == nil {
		h.t.Fatal("the page invites nobody")
	}
	return m[1]
}

func (h *house) look(p signaturetest.Passkey, nonce string, change func(*signaturetest.Ceremony)) *httptest.ResponseRecorder {
	h.t.Helper()
	text, err := canon.Encode("counterseal-look-v1", []canon.Field{{Key: "page", Value: origin}, {Key: "gate", Value: "gate-1"}, {Key: "nonce", Value: nonce}})
	if err != nil {
		h.t.Fatal(err)
	}
	c := signaturetest.Ordinary(signature.Look, string(text), origin)
	if change != nil {
		change(&c)
	}
	return h.ask("POST", "/look", map[string]any{"nonce": nonce, "answer": answer(h.t, p, c)}, nil)
}

func (h *house) enter() {
	h.t.Helper()
	w := h.look(h.anna, h.invited(), nil)
	c := w.Result().Cookies()
	if w.Code != 200 || len(c) != 1 || !c[0].HttpOnly || !c[0].Secure || c[0].SameSite != http.SameSiteStrictMode {
		h.t.Fatal(w.Code, w.Body, c)
	}
	h.cookie = c[0].Value
}

func code(w *httptest.ResponseRecorder) string {
	var f gate.Fault
	if json.Unmarshal(w.Body.Bytes(), &f) == nil && f.Code != "" {
		return f.Code
	}
	if m := regexp.MustCompile(`<code>([a-z]+\.[a-z_]+)</code>`).FindStringSubmatch(w.Body.String()); m != nil && w.Code != 200 {
		return m[1]
	}
	return fmt.Sprint(w.Code)
}

func TestNothingIsShownToWhoHasShownNoPasskey(t *testing.T) {
	h := newHouse(t)
	id := h.offer(h.Grant(1))
	for _, path := range []string{"/", "/grant/" + id, "/grant/" + id + "/order", "/batch?grant=" + id, "/stop?reach=everything&reason=x"} {
		w := h.ask("GET", path, nil, nil)
		if strings.Contains(w.Body.String(), "k7wq-93") || strings.Contains(w.Body.String(), "court of Nowhere") || (path != "/" && w.Code != http.StatusSeeOther) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	h.enter()
	for _, path := range []string{"/", "/grant/" + id} {
		if w := h.ask("GET", path, nil, nil); !strings.Contains(w.Body.String(), "k7wq-93") {
			t.Errorf("%s shows nothing to who looks", path)
		}
	}
	if w := h.ask("GET", "/grant/"+id+"/order", nil, nil); w.Body.String() != string(h.Order) || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Error(w.Code, w.Header())
	}
}

func TestALookEndsAndIsOpenedOnceByWhoIsOnTheRoster(t *testing.T) {
	h := newHouse(t)
	nonce := h.invited()
	if w := h.look(signaturetest.NewPasskey(host), nonce, nil); code(w) != "gatepage.nobody" {
		t.Error("a stranger:", w.Body)
	}
	if w := h.look(h.anna, nonce, func(c *signaturetest.Ceremony) { c.Flags = 0x01 }); code(w) != "signature.not_verified" {
		t.Error("only present:", w.Body)
	}
	if w := h.look(h.anna, nonce, func(c *signaturetest.Ceremony) { c.NS = signature.SignIn }); code(w) != "gatepage.nobody" {
		t.Error("a sign-in to the office:", w.Body)
	}
	if w := h.look(h.anna, strings.Repeat("0", len(nonce)), nil); code(w) != "gatepage.late" {
		t.Error("an invitation of nobody's:", w.Body)
	}
	h.enter()
	used := h.invited()
	if w := h.look(h.anna, used, nil); w.Code != 200 {
		t.Fatal(w.Body)
	}
	if w := h.look(h.anna, used, nil); code(w) != "gatepage.late" {
		t.Error("twice:", w.Body)
	}
	if w := h.look(h.anna, strings.ToUpper(used), nil); code(w) != "gatepage.late" {
		t.Error("twice, in other letters:", w.Body)
	}
	late := h.invited()
	h.Clock.Add(5 * time.Minute)
	if w := h.look(h.anna, late, nil); code(w) != "gatepage.late" {
		t.Error("late:", w.Body)
	}
	if w := h.ask("GET", "/stop", nil, nil); w.Code != 200 {
		t.Error("a look ends early", w.Code)
	}
	h.Clock.Add(10 * time.Minute)
	if w := h.ask("GET", "/stop", nil, nil); w.Code != http.StatusSeeOther {
		t.Error("a look does not end", w.Code)
	}
	h.enter()
	text, signed := h.Next(grant.Statement{Removed: []string{"anna"}}, h.gate.Charter(), "bo")
	if _, err := h.gate.ExtendCharter(context.Background(), text, signed); err != nil {
		t.Fatal(err)
	}
	if w := h.ask("GET", "/stop", nil, nil); w.Code != http.StatusSeeOther {
		t.Error("who was taken off the roster goes on looking", w.Code)
	}
}

func TestALookApprovesNothingAndWhatIsSignedIsSignedForOneThing(t *testing.T) {
	h := newHouse(t)
	id, g := h.offer(h.Grant(1)), h.Grant(1)
	h.enter()
	body := func(text string, ns signature.Namespace) map[string]any {
		return map[string]any{"grants": []string{id}, "answer": answer(t, h.anna, signaturetest.Ordinary(ns, text, origin))}
	}
	if w := h.ask("POST", "/approve", map[string]any{"grants": []string{id}}, nil); code(w) != "signature.assertion" {
		t.Error("no signature:", w.Body)
	}
	if w := h.ask("POST", "/approve", body("another\n", signature.Grant), nil); code(w) != "gatepage.nobody" {
		t.Error("another text:", w.Body)
	}
	if w := h.ask("POST", "/approve", body(string(gatetest.Text(g)), signature.Stop), nil); code(w) != "gatepage.nobody" {
		t.Error("another kind:", w.Body)
	}
	if w := h.ask("POST", "/approve", body(string(gatetest.Text(g)), signature.SignIn), nil); code(w) != "gatepage.nobody" {
		t.Error("a sign-in to the office:", w.Body)
	}
	if w := h.ask("POST", "/approve", map[string]any{"grants": []string{}, "answer": signature.Assertion{}}, nil); code(w) != "gatepage.request" {
		t.Error("no grant:", w.Body)
	}
	if w := h.ask("POST", "/approve", body(string(gatetest.Text(g)), signature.Grant), nil); w.Code != 200 {
		t.Fatal(w.Body)
	}
	st, err := h.gate.Status(context.Background(), id)
	if err != nil || !slices.Equal(st.Approvals, []string{"anna"}) {
		t.Error(st.Approvals, err)
	}
}

// What is only kept is shown as that: nothing leaves, one person suffices, and it is in
// no batch. What is taken from a copy says so.
func TestThePageSaysWhatIsKeptAndWhatIsTakenFromACopy(t *testing.T) {
	h := newHouse(t)
	g := h.KeepGrant(1)
	id := h.offer(g)
	h.enter()
	page := h.ask("GET", "/grant/"+id, nil, nil).Body.String()
	for _, want := range []string{"a copy would be kept here", "once 1 person has approved; nothing leaves", "Kept until", "(0 of 1)", "inside its region and under a key that only a later release opens"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "Encrypted to") {
		t.Error("the page names a recipient of what does not leave")
	}
	if home := h.ask("GET", "/", nil, nil).Body.String(); !strings.Contains(home, "0 of 1 approvals") || !strings.Contains(home, "nothing leaves") {
		t.Error(home)
	}
	text := string(gatetest.Text(g))
	if w := h.ask("POST", "/approve", map[string]any{"grants": []string{id}, "answer": answer(t, h.anna, signaturetest.Ordinary(signature.Grant, text, origin))}, nil); w.Code != 200 {
		t.Fatal(w.Body)
	}
	word := h.InForce("carla", g)
	if _, err := h.gate.InForce(context.Background(), word); err != nil {
		t.Fatal(err)
	}
	k, err := h.gate.Keep(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	stated, err := h.gate.CopyText(context.Background(), k.Copy)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := grant.ParseKept(stated)
	if err != nil {
		t.Fatal(err)
	}
	page = h.ask("GET", "/grant/"+h.offer(h.CopyGrant(2, kept)), nil, nil).Body.String()
	for _, want := range []string{"would be given, once 2 persons have approved", "kept for demand k7wq-93", "taken from the copy made on 5 April 2031"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestThePageAnswersAtItsOwnAddressAndToItsOwnScriptAlone(t *testing.T) {
	h := newHouse(t)
	for name, change := range map[string]func(*http.Request){
		"another host": func(r *http.Request) { r.Host = "office.lindworm.example" },
		"another port": func(r *http.Request) { r.Host = host + ":8443" },
		"another page's fetch": func(r *http.Request) {
			r.Header.Set("Origin", "https://evil.example")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		},
	} {
		if w := h.ask("POST", "/statement", map[string]any{"text": "x"}, change); code(w) != "gatepage.foreign" {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
	for name, x := range map[string]func(*http.Request){
		"a form":         func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") },
		"plain text":     func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		"nothing stated": func(r *http.Request) { r.Header.Del("Content-Type") },
	} {
		if w := h.ask("POST", "/statement", map[string]any{"text": "x"}, x); code(w) != "gatepage.request" {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
	if w := h.ask("POST", "/statement", map[string]any{"text": "x", "more": 1}, nil); code(w) != "gatepage.request" {
		t.Error("an unknown member:", w.Body)
	}
	if w := h.ask("POST", "/statement", map[string]any{"text": strings.Repeat("x", 2<<20)}, nil); code(w) != "gatepage.request" {
		t.Error("too long:", w.Code)
	}
	w := h.ask("GET", "/", nil, nil)
	if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
		t.Error(csp)
	}
	for _, path := range []string{"/static/page.css", "/static/page.js"} {
		if w := h.ask("GET", path, nil, nil); w.Code != 200 || w.Body.Len() == 0 {
			t.Error(path, w.Code)
		}
	}
	for _, path := range []string{"/nowhere", "/static/../page.go", "/static/x", "/grant/"} {
		if w := h.ask("GET", path, nil, nil); w.Code == 200 {
			t.Error(path, w.Code)
		}
	}
}

func TestBeforeThereIsACharterThePageMakesPasskeysAndSignsTheFirstStatement(t *testing.T) {
	h := newHouse(t)
	h.serve(nil)
	if w := h.ask("GET", "/", nil, nil); !strings.Contains(w.Body.String(), "There is no charter yet") {
		t.Error(w.Body)
	}
	for _, path := range []string{"/grant/x", "/stop", "/batch"} {
		if w := h.ask("GET", path, nil, nil); w.Code != http.StatusNotFound {
			t.Error(path, w.Code)
		}
	}
	w := h.ask("POST", "/statement", map[string]any{"text": string(h.Text), "answer": answer(t, h.anna, signaturetest.Ordinary(signature.Charter, string(h.Text), origin))}, nil)
	var out struct{ Person, Signature string }
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Person != "anna" {
		t.Fatal(w.Body, err)
	}
	if _, err := signature.VerifyFrom([]string{origin}, []byte(out.Signature), signature.Charter, h.Text); err != nil {
		t.Error(err)
	}
	// In the place of anna's other signature it makes the charter.
	signed := append([][]byte{[]byte(out.Signature)}, h.Signed[1:]...)
	if _, err := (&grant.Charter{}).Extend(h.Text, signed); err != nil {
		t.Error(err)
	}
	if w := h.ask("POST", "/statement", map[string]any{"text": "no statement"}, nil); code(w) != "canon.text" {
		t.Error(w.Body)
	}
	if w := h.ask("POST", "/passkey", map[string]any{"publicKey": []byte("no key"), "flags": 5}, nil); code(w) != "signature.passkey" {
		t.Error(w.Body)
	}
}

func TestAPageNeedsAnOrigin(t *testing.T) {
	for _, o := range []string{"", "gate.example", "http://gate.example", "https://gate.example/"} {
		if _, err := gatepage.New(gatepage.Outside{Origin: o, Random: rand.Reader, Now: time.Now}); problem.Code(err) != "gatepage.origin" {
			t.Errorf("%q: %v", o, err)
		}
	}
}

// uncharted is a gate before the first ceremony.
type uncharted struct{ gatepage.Gate }

func (uncharted) Charter() *grant.Charter { return &grant.Charter{} }

func TestAGateWithoutACharterSaysHowToComeToOneAndAsksForNoPasskeyToLook(t *testing.T) {
	h := newHouse(t)
	for name, g := range map[string]gatepage.Gate{"no gate": nil, "a gate without a charter": uncharted{}} {
		h.serve(g)
		if body := h.ask("GET", "/", nil, nil).Body.String(); !strings.Contains(body, "There is no charter yet") {
			t.Errorf("%s: %s", name, body)
		}
	}
	h.serve(h.gate)
	if body := h.ask("GET", "/", nil, nil).Body.String(); strings.Contains(body, "There is no charter yet") {
		t.Error("a gate with a charter says that there is none")
	}
}
