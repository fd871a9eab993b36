package gatepage_test

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

// callers is a house whose gate has made a ZIP visible, with a passkey for each of two who
// neither drafted nor approved it.
func callers(t *testing.T, contacts ...string) (h *house, id string, dan, frida signaturetest.Passkey) {
	t.Helper()
	dan, frida = signaturetest.NewPasskey(host), signaturetest.NewPasskey(host)
	h = newHouse(t, func(h *house) {
		for person, key := range map[string]signaturetest.Passkey{"dan": dan, "frida": frida} {
			i := slices.IndexFunc(h.First.Roster, func(p grant.Person) bool { return p.ID == person })
			h.First.Roster[i].Keys = append(slices.Clone(h.First.Roster[i].Keys), key.Public)
		}
		a := &h.First.Agencies[0]
		a.Contacts = append(slices.Clone(a.Contacts), contacts...)
		a.Recipients = append(slices.Clone(a.Recipients), grant.Recipient{Since: gatetest.Start.AddDate(-1, 0, 0), Key: grant.ByZip, Content: true})
	})
	g := h.Grant(1)
	g.Recipient = grant.ByZip
	id = h.offer(g)
	for _, p := range []string{"anna", "bo"} {
		if _, err := h.gate.Approve(context.Background(), id, h.Sign(p, signature.Grant, gatetest.Text(g))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.gate.InForce(context.Background(), h.InForce("carla", g)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.gate.Release(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	return h, id, dan, frida
}

// looksAs lets somebody look.
func (h *house) looksAs(p signaturetest.Passkey) {
	h.t.Helper()
	h.cookie = ""
	w := h.look(p, h.invited(), nil)
	if w.Code != 200 {
		h.t.Fatal(w.Body)
	}
	h.cookie = w.Result().Cookies()[0].Value
}

var textOf = regexp.MustCompile(`data-text="([^"]+)" action="(/[a-z]+)"`)

// shownText is the text that a page asks the looker to sign, and where it goes.
func (h *house) shownText(path string) (text, to string) {
	h.t.Helper()
	m := textOf.FindStringSubmatch(h.ask("GET", path, nil, nil).Body.String())
	if m == nil {
		h.t.Fatalf("%s shows no text to sign", path)
	}
	return html.UnescapeString(m[1]), m[2]
}

func (h *house) says(ns signature.Namespace, to, text string, p signaturetest.Passkey, change func(*signaturetest.Ceremony)) *httptest.ResponseRecorder {
	h.t.Helper()
	c := signaturetest.Ordinary(ns, text, origin)
	if change != nil {
		change(&c)
	}
	return h.ask("POST", to, map[string]any{"text": text, "answer": answer(h.t, p, c)}, nil)
}

var groups = regexp.MustCompile(`^([A-Z0-9a-z]{5}-){6}[A-Z0-9a-z]{5}$`)

// The passphrase is in one answer, to whoever signed for it, and on no page before or
// after; then the same person says whom they reached.
func TestAPassphraseIsInOneAnswerAndOnNoPage(t *testing.T) {
	h, id, dan, frida := callers(t)
	h.looksAs(dan)
	if home := h.ask("GET", "/", nil, nil).Body.String(); !strings.Contains(home, "/passphrase/"+id) || !strings.Contains(home, "waits to be told") {
		t.Fatal(home)
	}
	text, to := h.shownText("/passphrase/" + id)
	if to != "/passphrase" || !strings.Contains(text, "about-to-call: "+gatetest.Contact) || !strings.Contains(text, "person: dan") {
		t.Fatal(to, text)
	}
	w := h.says(signature.Telling, to, text, dan, nil)
	var out map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || len(out) != 1 || !groups.MatchString(out["passphrase"]) {
		t.Fatal(w.Body, err)
	}
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("the answer may be kept: %q", got)
	}
	if again := h.says(signature.Telling, to, text, dan, nil); code(again) != "gate.replayed" || strings.Contains(again.Body.String(), out["passphrase"]) {
		t.Error("again:", again.Body)
	}
	for _, p := range []signaturetest.Passkey{dan, frida, h.anna} {
		h.looksAs(p)
		for _, path := range []string{"/", "/passphrase/" + id, "/grant/" + id} {
			if page := h.ask("GET", path, nil, nil).Body.String(); strings.Contains(page, out["passphrase"]) || strings.Contains(page, `data-ceremony="tell"`) {
				t.Errorf("%s after it was told: %s", path, page)
			}
		}
	}
	h.looksAs(frida)
	if page := h.ask("GET", "/passphrase/"+id, nil, nil).Body.String(); !strings.Contains(page, "It was told to dan") || strings.Contains(page, "Whom did you reach?") {
		t.Error(page)
	}
	h.looksAs(dan)
	if page := h.ask("GET", "/", nil, nil).Body.String(); !strings.Contains(page, "you were told it; say whom you reached") {
		t.Error(page)
	}
	said, to := h.shownText("/passphrase/" + id + "?" + url.Values{"who": {"R. Sample, duty desk"}, "read": {"out"}}.Encode())
	if to != "/reached" || !strings.Contains(said, "R. Sample, duty desk") {
		t.Fatal(to, said)
	}
	if w := h.says(signature.Reached, to, said, dan, nil); w.Code != 200 {
		t.Fatal(w.Body)
	}
	st, err := h.gate.Status(context.Background(), id)
	if err != nil || st.Passphrase.State != gate.PassphraseTold || st.Passphrase.Person != "dan" || st.Passphrase.Reached != "R. Sample, duty desk" || !st.Passphrase.ReadOut {
		t.Errorf("%+v, %v", st.Passphrase, err)
	}
	if page := h.ask("GET", "/passphrase/"+id, nil, nil).Body.String(); !strings.Contains(page, "R. Sample, duty desk; read out") {
		t.Error(page)
	}
}

// A look, another's passkey, a passkey that only was there or may be copied, and a
// signature for anything else are told nothing, and nothing is destroyed.
func TestNobodyIsToldAPassphraseByLessThanTheirOwnSignature(t *testing.T) {
	h, id, dan, frida := callers(t)
	h.looksAs(dan)
	text, to := h.shownText("/passphrase/" + id)
	late := func() string {
		h.Clock.Add(20 * time.Minute)
		defer h.looksAs(dan)
		return code(h.says(signature.Telling, to, text, dan, nil))
	}
	for name, x := range map[string]struct{ got, want string }{
		"only a look":        {code(h.ask("POST", to, map[string]any{"text": text}, nil)), "signature.assertion"},
		"another's passkey":  {code(h.says(signature.Telling, to, text, frida, nil)), "passphrase.other_person"},
		"a stranger's":       {code(h.says(signature.Telling, to, text, signaturetest.NewPasskey(host), nil)), "gatepage.nobody"},
		"only present":       {code(h.says(signature.Telling, to, text, dan, func(c *signaturetest.Ceremony) { c.Flags = 0x01 })), "signature.not_verified"},
		"may be copied":      {code(h.says(signature.Telling, to, text, dan, func(c *signaturetest.Ceremony) { c.Flags |= 0x08 })), "passphrase.synced"},
		"an approval":        {code(h.says(signature.Grant, to, text, dan, nil)), "gatepage.nobody"},
		"another page":       {code(h.says(signature.Telling, to, text, dan, func(c *signaturetest.Ceremony) { c.Origin = "https://office.lindworm.example" })), "signature.page"},
		"an address changed": {code(h.says(signature.Telling, to, strings.Replace(text, gatetest.Contact, "+353 1 555 0199", 1), dan, nil)), "passphrase.contact_unknown"},
		"too late":           {late(), "passphrase.stale"},
	} {
		if x.got != x.want {
			t.Errorf("%s: %s, want %s", name, x.got, x.want)
		}
	}
	st, err := h.gate.Status(context.Background(), id)
	if err != nil || st.Passphrase.State != gate.PassphraseWaits {
		t.Fatalf("%+v, %v", st.Passphrase, err)
	}
	fresh, to := h.shownText("/passphrase/" + id)
	if w := h.says(signature.Telling, to, fresh, dan, nil); w.Code != 200 {
		t.Error("what was refused has destroyed it:", w.Body)
	}
}

// Who approved sees that somebody else is told; a stranger sees nothing; and where the
// charter holds several contacts one is chosen before anything is signed.
func TestThePageOfAPassphraseAsksWhomToCallAndTellsNoApprover(t *testing.T) {
	h, id, dan, _ := callers(t, "desk@garda.example")
	if w := h.ask("GET", "/passphrase/"+id, nil, nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Fatal(w.Code, w.Body)
	}
	h.enter() // anna, who approved
	page := h.ask("GET", "/passphrase/"+id, nil, nil).Body.String()
	if !strings.Contains(page, "somebody else on the roster is told") || strings.Contains(page, "data-text") {
		t.Error(page)
	}
	h.looksAs(dan)
	page = h.ask("GET", "/passphrase/"+id, nil, nil).Body.String()
	if !strings.Contains(page, "Whom do you call?") || !strings.Contains(page, "desk@garda.example") || strings.Contains(page, "data-text") {
		t.Error(page)
	}
	if page := h.ask("GET", "/passphrase/"+id+"?contact=%2B353+1+555+0199", nil, nil).Body.String(); strings.Contains(page, "data-text") {
		t.Error("a number that the charter does not hold is called")
	}
	if text, _ := h.shownText("/passphrase/" + id + "?contact=desk%40garda.example"); !strings.Contains(text, "about-to-call: desk@garda.example") {
		t.Error(text)
	}
	other := h.offer(h.Grant(2))
	if w := h.ask("GET", "/passphrase/"+other, nil, nil); code(w) != "gatepage.absent" {
		t.Error("a package under a key has a page for its passphrase:", w.Code)
	}
}
