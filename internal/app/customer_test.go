package app_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/web/customer"
)

// visitor is somebody's browser at the pages.
type visitor struct {
	t       *testing.T
	handler http.Handler
	cookie  *http.Cookie
}

func at(t *testing.T, h *app.House) *visitor { return &visitor{t: t, handler: h.Handler()} }

func (v *visitor) do(method, target string, form url.Values) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.RemoteAddr, r.Host = "127.0.0.1:50000", "127.0.0.1:8780"
	if v.cookie != nil {
		r.AddCookie(v.cookie)
	}
	w := httptest.NewRecorder()
	v.handler.ServeHTTP(w, r)
	return w
}

func (v *visitor) get(target string) string {
	v.t.Helper()
	w := v.do("GET", target, nil)
	if w.Code != 200 {
		v.t.Fatalf("%s: %d %s", target, w.Code, w.Body)
	}
	return w.Body.String()
}

// enterAs opens the link that the command line would print for a customer.
func enterAs(t *testing.T, h *app.House, id string) *visitor {
	t.Helper()
	token, _, err := app.Customers{Office: h.Office}.Link(id)
	if err != nil {
		t.Fatal(err)
	}
	v := at(t, h)
	w := v.do("POST", "/customer/enter", url.Values{"token": {token}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("the link: %d %s", w.Code, w.Body)
	}
	v.cookie = w.Result().Cookies()[0]
	return v
}

// decided takes in the demo's warrant for June Hartwell's mail and decides it, so
// that only secrecy stands between it and a notice.
func decided(t *testing.T, stage *demo.Stage, v app.Staff, n int) demand.ID {
	t.Helper()
	id := submit(t, stage, v, n)
	do := func(who, reason string, c demand.Command) {
		t.Helper()
		if _, err := v.Act(t.Context(), id, demand.Person(who), reason, c); err != nil {
			t.Fatal(err)
		}
	}
	do("p-halvorsen", "", demand.Authenticate{Genuine: true, How: "called back"})
	resolve(t, v, id)
	c, err := v.Docket.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	do("p-brandt", "", demand.Check{Target: 1, Resolution: c.State.Targets[0].Resolved})
	if _, err := v.Assess(t.Context(), id, "p-halvorsen"); err != nil {
		t.Fatal(err)
	}
	do("p-okafor", "a warrant", demand.DecideLine{Line: 1, Decision: demand.Comply})
	return id
}

func tellable(t *testing.T, v app.Staff, id demand.ID) {
	t.Helper()
	if _, err := v.Act(t.Context(), id, "p-okafor", "none is known", demand.StateSecrecy{None: true}); err != nil {
		t.Fatal(err)
	}
	if err := v.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var noticeLink = regexp.MustCompile(`/customer/notice/([0-9a-f]{32})`)

func TestACustomerInDenmarkReadsInDanishWhereHerDataLieAndWhoCanDemandThem(t *testing.T) {
	_, v := officeAbroad(t)
	body := enterAs(t, app.NewHouse(v.Office), "c-sofie").get("/customer")
	for _, want := range []string{`<html lang="da">`, "Copenhagen, Danmark", "Frankfurt, Tyskland", "En dansk domstol kan pålægge", "En tysk domstol kan kræve data, der ligger i Tyskland",
		"danske myndigheder kan ikke, men data, der ligger i Danmark, nås alligevel", "Den Europæiske Union", "Article 48", "25 stater", "Nordwind Cloud A/S",
		"Denne side kan ikke sige, om der er en", "Der er endnu ikke offentliggjort tal"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(body, "USA kan") || strings.Contains(body, "amerikanske selskab at udlevere alle data") {
		t.Error("American law reaches what no American company can open")
	}
	for lang, want := range map[string]string{"en": "A Danish court can order", "de": "Wo Ihre Daten liegen", "it": "Dove sono i Suoi dati"} {
		if got := enterAs(t, app.NewHouse(v.Office), "c-sofie").get("/customer?lang=" + lang); !strings.Contains(got, want) || !strings.Contains(got, `<html lang="`+lang+`">`) {
			t.Errorf("%s: lacks %q", lang, want)
		}
	}
}

func TestAnOrganisationsPageIsItsRepresentatives(t *testing.T) {
	_, v := officeAbroad(t)
	_, to, err := app.Customers(v).Link("c-studio")
	if err != nil || to != "Giulia Example" {
		t.Fatalf("the link is for %q: %v", to, err)
	}
	body := enterAs(t, app.NewHouse(v.Office), "c-studio").get("/customer")
	for _, want := range []string{`<html lang="it">`, "Giulia Example", "Ashburn, Stati Uniti", "Le chiavi sono Sue. Abbiamo solo dati cifrati", "Le chiavi sono nostre", "Un giudice degli Stati Uniti può ordinare"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if _, _, err := (app.Customers(v)).Link("c-nobody"); problem.Code(err) != "customer.unknown" {
		t.Error(err)
	}
}

// Whoever may not be told sees what somebody sees of whom nobody asked, to the byte.
func TestACustomerUnderSecrecySeesWhatOneWithoutDemandsSees(t *testing.T) {
	stage, v := nordwind(t)
	house := app.NewHouse(v.Office)
	june := enterAs(t, house, "c-1")
	pages := func() (out []string) {
		for _, p := range []string{"/customer", "/customer?lang=it"} {
			out = append(out, june.get(p))
		}
		return append(out, june.do("GET", "/customer/notice/"+strings.Repeat("0", 32), nil).Body.String())
	}
	before := pages()
	id := decided(t, stage, v, 1)
	var command [16]byte
	rand.Read(command[:])
	_, err := v.Docket.Open(t.Context(), docket.Opening{Stream: demand.SecrecyStream, CommandID: command, Actor: "p-okafor", Seats: []string{"counsel"}, Reason: "the order says so",
		Command: func(s demand.ID) demand.Command {
			return demand.OpenSecrecy{ID: s, Source: "order", Cite: "18 USC 2705(b)", Authority: "the court", Reasons: "individual", Covers: []demand.Silence{{Demand: id, Accounts: []scope.AccountID{"ac-hartwell"}}},
				Until: v.Clock.Now().Add(90 * 24 * time.Hour)}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, pages()) {
		t.Error("the page of a customer under secrecy has changed")
	}
	// And it is the secrecy that keeps it back: without one, she is told.
	tellable(t, v, decided(t, stage, v, 2))
	if slices.Equal(before, pages()) {
		t.Error("a customer who may be told was not")
	}
}

func TestANoticeSaysWhatWasToldAndOpensItsLeaf(t *testing.T) {
	stage, v := nordwind(t)
	id := decided(t, stage, v, 1)
	tellable(t, v, id)
	june := enterAs(t, app.NewHouse(v.Office), "c-1")
	home := june.get("/customer")
	m := noticeLink.FindStringSubmatch(home)
	if m == nil || strings.Contains(home, string(id)) {
		t.Fatal("the first page names the notice by its digest alone")
	}
	receipt, err := v.Docket.Receipt(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	page := june.get("/customer/notice/" + m[1])
	for _, want := range []string{"A demand for your data", "Harbor District", "How to object", string(id), demand.Digest(receipt.Journal.Digest).String(), "By itself it stops nothing and releases nothing"} {
		if !strings.Contains(page, want) {
			t.Errorf("the notice lacks %q", want)
		}
	}
	if title := page[strings.Index(page, "<title>"):strings.Index(page, "</title>")]; strings.Contains(title, string(id)) || strings.Contains(title, "Harbor") {
		t.Errorf("the title tells: %s", title)
	}
	if got := june.get("/customer/notice/" + m[1] + "?lang=da"); !strings.Contains(got, "<h1>En anmodning om dine data</h1>") {
		t.Error("the notice is not in Danish")
	}
	// Another customer's notice and one that is not there are one answer.
	alan := enterAs(t, app.NewHouse(v.Office), "c-2")
	other, absent := alan.do("GET", "/customer/notice/"+m[1], nil), alan.do("GET", "/customer/notice/"+strings.Repeat("0", 32), nil)
	if other.Code != 404 || other.Body.String() != absent.Body.String() {
		t.Errorf("%d, %d", other.Code, absent.Code)
	}
}

func TestAnObjectionComesBeforeCounselAndChangesNothingElse(t *testing.T) {
	stage, v := nordwind(t)
	id := decided(t, stage, v, 1)
	tellable(t, v, id)
	june := enterAs(t, app.NewHouse(v.Office), "c-1")
	letter := noticeLink.FindStringSubmatch(june.get("/customer"))[1]
	before := state(t, v, id)
	form := url.Values{"notice": {letter}, "form": {strings.Repeat("ab", 16)}, "text": {"I was never in Harbor.\r\nPlease ask the court."}}
	for range 2 { // sent twice, kept once
		w := june.do("POST", "/customer/object", form)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/customer/notice/"+letter+"?kept=1" {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	after := state(t, v, id)
	if len(after.Thread) != 1 || after.Thread[0].Out || len(after.Tasks) != 1 || after.Tasks[0].Seat != "counsel" {
		t.Fatalf("thread %+v, tasks %+v", after.Thread, after.Tasks)
	}
	text, _, err := v.Docket.Document(t.Context(), id, after.Thread[0].Document)
	if err != nil || string(text) != "I was never in Harbor.\nPlease ask the court." {
		t.Errorf("%q %v", text, err)
	}
	if len(after.Stays) != 0 || after.Lines[0].Decision != before.Lines[0].Decision || len(after.Holds) != 0 || len(after.Grants) != 0 {
		t.Error("an objection changed more than the thread and the tasks")
	}
	if !strings.Contains(june.get("/customer/notice/"+letter+"?kept=1"), "Your objection is in the file") {
		t.Error("nobody is told that it was kept")
	}
	for name, bad := range map[string]url.Values{
		"empty": {"notice": {letter}, "form": {strings.Repeat("ac", 16)}, "text": {"  "}}, "too long": {"notice": {letter}, "form": {strings.Repeat("ac", 16)}, "text": {strings.Repeat("x", customer.MaxObjection+1)}},
		"no form": {"notice": {letter}, "text": {"typed"}},
	} {
		if w := june.do("POST", "/customer/object", bad); w.Code != 400 && w.Code != 422 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	alan := enterAs(t, app.NewHouse(v.Office), "c-2")
	form.Set("form", strings.Repeat("ad", 16))
	if w := alan.do("POST", "/customer/object", form); w.Code != 404 {
		t.Errorf("another customer objects: %d", w.Code)
	}
	if got := state(t, v, id); len(got.Thread) != 1 {
		t.Errorf("%d messages", len(got.Thread))
	}
}

func state(t *testing.T, v app.Staff, id demand.ID) *demand.State {
	t.Helper()
	c, err := v.Docket.State(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c.State
}

func TestThePagesOfACustomerAreShutToStaffAndTheOtherWayRound(t *testing.T) {
	_, v := nordwind(t)
	house := app.NewHouse(v.Office)
	june := enterAs(t, house, "c-1")
	june.cookie.Path = "/"
	if w := june.do("GET", "/queue", nil); w.Code != 403 {
		t.Errorf("a customer's session at the queue: %d", w.Code)
	}
	nobody := at(t, house)
	for _, path := range []string{"/customer", "/customer/notice/" + strings.Repeat("a", 32)} {
		w := nobody.do("GET", path, nil)
		if w.Code != 403 || !strings.Contains(w.Body.String(), "Bed os om et nyt") || !strings.Contains(w.Body.String(), "access.session") {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// A key that others can read lets nobody in; a link that was used stays used when
// the program starts again.
func TestLinksRestOnAKeyOfTheFolderAndStayUsed(t *testing.T) {
	stage, v := nordwind(t)
	token, _, err := app.Customers(v).Link("c-1")
	if err != nil {
		t.Fatal(err)
	}
	if w := at(t, app.NewHouse(v.Office)).do("POST", "/customer/enter", url.Values{"token": {token}}); w.Code != 303 {
		t.Fatal(w.Code)
	}
	if w := at(t, app.NewHouse(v.Office)).do("POST", "/customer/enter", url.Values{"token": {token}}); w.Code != 403 {
		t.Errorf("a second door took a used link: %d", w.Code)
	}
	if err := os.Chmod(stage.Folder.Secret("customer-links"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (app.Customers(v)).Link("c-1"); problem.Code(err) != "keys.exposed" {
		t.Error(err)
	}
}

func TestTheShelfNamesNobodyAndIsShutToOthers(t *testing.T) {
	stage, v := nordwind(t)
	id := decided(t, stage, v, 1)
	tellable(t, v, id)
	files, err := filepath.Glob(filepath.Join(stage.Folder.Shelf(), "*", "*.json"))
	if err != nil || len(files) != 1 || strings.Contains(files[0], "c-1") || strings.Contains(files[0], string(id)) {
		t.Errorf("the shelf: %v %v", files, err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others can read a letter: %v %v", info, err)
	}
}
