package customer_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/web/customer"
)

const (
	letter = "0123456789abcdef0123456789abcdef"
	form   = "ffeeddccbbaa99887766554433221100"
)

// desk is an office with one customer and one notice.
type desk struct {
	kept *[]customer.Objection
	fail error
}

func (d desk) Customer(_ context.Context, id, lang string) (customer.View, error) {
	if id != "c-1" {
		return customer.View{}, problem.New(problem.Missing, "customer.unknown", "there is no such customer")
	}
	return customer.View{Name: "Sofie Example", Language: "da", Kept: []customer.Kept{{Service: "mail", Accounts: 1, City: "Copenhagen", Country: "DK", Region: "cph", Contract: "Nordwind Cloud A/S", Controller: "controller"},
		{Service: "files", Accounts: 2998, City: "Ashburn", Country: "US", Region: "iad", Ciphertext: true, Controller: "processor"}},
		Unread: []string{"CH"},
		Laws: []customer.Law{{Role: "compels", Law: "DK", Certain: true, Says: lang + " says", Cite: "rpl. § 804", Storage: []string{"DK"}, Reaches: []string{"content"}, Channel: "direct", Checked: "text", On: "2026-11-27", Paper: "dk_order", By: []string{"DK"}},
			{Role: "permits", Law: "CE", Says: "consent", Cite: "32(b)", Channel: "consent", Checked: "unchecked", On: "2026-11-27"}},
		Notices: []customer.Notice{{ID: letter, Title: "Et krav", At: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)}}}, d.fail
}

func (d desk) Notice(_ context.Context, id, notice, lang string) (customer.Notice, error) {
	if id != "c-1" || notice != letter {
		return customer.Notice{}, problem.New(problem.Missing, "customer.no_notice", "there is no such notice")
	}
	return customer.Notice{ID: letter, Title: "Et krav", At: time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC), Until: time.Date(2026, 10, 8, 9, 0, 0, 0, time.UTC), Leaf: strings.Repeat("5a", 32),
		Blocks: []customer.Block{{Heading: "Et krav", Title: true}, {Text: "<script>alert(1)</script>"}, {List: []string{"mail"}}}}, nil
}

func (d desk) Proof(context.Context, string, string) ([]byte, error) { return []byte("proof\n"), nil }

func (d desk) Object(_ context.Context, id string, o customer.Objection) error {
	if d.fail != nil {
		return d.fail
	}
	*d.kept = append(*d.kept, o)
	return nil
}

func serve(d desk, reader, method, target string, body url.Values) *httptest.ResponseRecorder {
	mux := http.NewServeMux()
	customer.New(customer.Outside{Desk: d, Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return reader }, LeaveAt: "/customer/leave", Now: time.Now}).
		Mount(mux, func(h http.Handler) http.Handler { return h })
	r := httptest.NewRequest(method, target, strings.NewReader(body.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func TestThePagesSpeakTheCustomersLanguageUnlessAnotherIsChosen(t *testing.T) {
	for query, want := range map[string]string{"": "da", "?lang=it": "it", "?lang=fr": "da", "?lang=": "da"} {
		body := serve(desk{}, "c-1", "GET", "/customer"+query, nil).Body.String()
		if !strings.Contains(body, `<html lang="`+want+`">`) || !strings.Contains(body, want+" says") {
			t.Errorf("%q is not in %s", query, want)
		}
	}
	for lang, says := range map[string]string{"en": "their own authorities demand: Switzerland.", "de": "Behörden erlaubt: Schweiz.", "da": "at kræve: Schweiz.", "it": "alle loro autorità: Svizzera."} {
		if !strings.Contains(serve(desk{}, "c-1", "GET", "/customer?lang="+lang, nil).Body.String(), says) {
			t.Errorf("%s does not say whose law was not looked at", lang)
		}
	}
	body := serve(desk{}, "c-1", "GET", "/customer?lang=it", nil).Body.String()
	if !strings.Contains(body, `href="/customer/notice/`+letter+`?lang=it"`) {
		t.Error("the chosen language is lost on the way to a notice")
	}
}

// The same page in four languages: no text is missing and none was left in English.
func TestNoTextIsMissingInAnyLanguage(t *testing.T) {
	for _, text := range customer.Missing() {
		t.Error(text)
	}
}

func TestNothingInALetterBecomesMarkup(t *testing.T) {
	body := serve(desk{}, "c-1", "GET", "/customer/notice/"+letter, nil).Body.String()
	if strings.Contains(body, "<script>") || !strings.Contains(body, "&lt;script&gt;") {
		t.Error("a letter's text is markup")
	}
}

func TestWhatIsAbsentIsTheSameToTheByteWhateverWasAskedFor(t *testing.T) {
	first := serve(desk{}, "c-1", "GET", "/customer/notice/"+strings.Repeat("0", 32), nil)
	for _, path := range []string{"/customer/notice/zz", "/customer/notice/" + strings.Repeat("1", 32), "/customer/notice/k7wq-93", "/customer/notice/" + strings.Repeat("1", 32) + "/proof"} {
		w := serve(desk{}, "c-1", "GET", path, nil)
		if w.Code != 404 || w.Body.String() != first.Body.String() {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestAnObjectionThatCannotBeKeptComesBackAsItWasTyped(t *testing.T) {
	var kept []customer.Objection
	body := url.Values{"notice": {letter}, "form": {form}, "text": {"Nej tak."}}
	w := serve(desk{kept: &kept}, "c-1", "POST", "/customer/object?lang=de", body)
	if w.Code != 303 || w.Header().Get("Location") != "/customer/notice/"+letter+"?kept=1&lang=de" || len(kept) != 1 || kept[0].Text != "Nej tak." {
		t.Fatalf("%d %v", w.Code, kept)
	}
	for name, change := range map[string]func(url.Values){
		"no text": func(v url.Values) { v.Set("text", " \n") }, "too much text": func(v url.Values) { v.Set("text", strings.Repeat("å", customer.MaxObjection)) },
		"no letters": func(v url.Values) { v.Set("text", "\xff") }, "a form that is none": func(v url.Values) { v.Set("form", "1") },
	} {
		bad := url.Values{"notice": {letter}, "form": {form}, "text": {"Nej tak."}}
		change(bad)
		w := serve(desk{kept: &kept}, "c-1", "POST", "/customer/object", bad)
		if w.Code != 422 || len(kept) != 1 || !strings.Contains(w.Body.String(), "Ikke sendt") {
			t.Errorf("%s: %d, %d kept", name, w.Code, len(kept))
		}
	}
	bad := serve(desk{kept: &kept}, "c-1", "POST", "/customer/object", url.Values{"notice": {letter}, "form": {"1"}, "text": {"Nej, aldrig."}}).Body.String()
	if !strings.Contains(bad, ">Nej, aldrig.</textarea>") {
		t.Error("what was typed is lost")
	}
	if w := serve(desk{kept: &kept}, "c-1", "POST", "/customer/object", url.Values{"notice": {strings.Repeat("0", 32)}, "form": {form}, "text": {"x"}}); w.Code != 404 {
		t.Errorf("an objection against nothing: %d", w.Code)
	}
}

func TestTheDoorSaysInFourLanguagesHowItOpens(t *testing.T) {
	w := httptest.NewRecorder()
	customer.NewDoor("Nordwind Cloud").Problem(w, 0, problem.New(problem.Refused, "access.session", "nobody is signed in here"))
	for _, want := range []string{`<p lang="en">`, `<p lang="de">`, `<p lang="da">`, `<p lang="it">`, "access.session"} {
		if w.Code != 403 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%d lacks %q", w.Code, want)
		}
	}
	w = httptest.NewRecorder()
	customer.NewDoor("Nordwind Cloud").Confirm(w, "/customer/enter", "abc", "c-1", time.Hour)
	if body := w.Body.String(); !strings.Contains(body, `value="abc"`) || strings.Contains(body, "c-1") {
		t.Error("the door names whose link it is, or forgets the token")
	}
}

func FuzzObjectionForm(f *testing.F) {
	f.Add("notice=" + letter + "&form=" + form + "&text=no")
	f.Add("%zz")
	f.Fuzz(func(t *testing.T, body string) {
		var kept []customer.Objection
		mux := http.NewServeMux()
		customer.New(customer.Outside{Desk: desk{kept: &kept}, Reader: func(*http.Request) string { return "c-1" }, Now: time.Now}).Mount(mux, func(h http.Handler) http.Handler { return h })
		r := httptest.NewRequest("POST", "/customer/object", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if (w.Code == 303) != (len(kept) == 1) || len(kept) == 1 && (kept[0].Text == "" || len(kept[0].Text) > customer.MaxObjection || kept[0].Notice != letter) {
			t.Fatalf("%d, kept %v", w.Code, kept)
		}
	})
}
