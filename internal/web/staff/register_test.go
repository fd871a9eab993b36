package staff_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// desk is everything beside the queue and the demand's own page.
type desk struct {
	docket
	pages map[string]staff.Register
	asked []staff.RegisterAsk
	file  staff.File
	mu    sync.Mutex
	taken map[string]string
	found staff.Found
}

func (d *desk) Register(_ context.Context, _ string, ask staff.RegisterAsk) (staff.Register, error) {
	d.asked = append(d.asked, ask)
	return d.pages[ask.After], d.err
}

func (d *desk) Document(context.Context, string, string, string) (staff.Document, error) {
	return staff.Document{Kind: "mail", Size: 12345, Digest: strings.Repeat("ab", 32), Text: "<b>words</b>", Cut: true, Remarks: []string{"It is odd."}, Facts: []staff.Datum{{Name: "From", Text: "<a@b.example>"}},
		Attachments: []staff.Document{{Name: "<order>.pdf", Kind: "pdf", Size: 9, Text: "its words"}}}, d.err
}

func (d *desk) File(context.Context, string, string, string, int) (staff.File, error) {
	return d.file, d.err
}

func (d *desk) Find(_ context.Context, _, term, after string) (staff.Found, error) {
	return d.found, d.err
}

func (d *desk) Take(_ context.Context, _, name string, r io.Reader) (string, error) {
	b, err := io.ReadAll(r)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken[name] = string(b)
	return "k7wq-93", err
}

func deskMux(d *desk) http.Handler {
	d.taken = map[string]string{}
	mux := http.NewServeMux()
	staff.New(staff.Outside{Docket: d, Register: d, Files: d, Search: d, Door: d, Random: zeros(), Now: func() time.Time { return now }, Zone: time.UTC, Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return "n.holm" }}).
		Mount(mux, func(h http.Handler) http.Handler { return h })
	return mux
}

func ask(mux http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func TestARegisterIsATableAndAFileWithoutFormulas(t *testing.T) {
	d := &desk{pages: map[string]staff.Register{
		"":   {Name: "contests", Shows: []string{"", "pending"}, Columns: []string{"Contest", "=Title", "Ends"}, Next: "p2", Rows: [][]staff.Cell{{{Text: "c-k7wq-93", Href: "/contest/c-k7wq-93", Mono: true}, {Text: "=HYPERLINK(\"x\")"}, {At: now.Add(14 * time.Hour), End: true}}}},
		"p2": {Name: "contests", Columns: []string{"Contest", "=Title", "Ends"}, Rows: [][]staff.Cell{{{Text: "+1"}, {Text: "@a, \"b\""}, {Text: "-"}}}},
	}}
	mux := deskMux(d)
	w := ask(mux, "/register/contests?show=pending")
	says(t, w, "Contests", "=HYPERLINK(&#34;x&#34;)", "Fri 2 Oct, 24:00 UTC", "next page", "as a file (CSV)")
	if !strings.Contains(w.Body.String(), `href="/contest/c-k7wq-93"`) || !strings.Contains(w.Body.String(), `href="/register/contests?show=pending&amp;after=p2"`) {
		t.Error("the table leads nowhere")
	}
	w = ask(mux, "/register/contests.csv?show=pending")
	rows, err := csv.NewReader(w.Body).ReadAll()
	want := [][]string{{"Contest", "'=Title", "Ends"}, {"c-k7wq-93", "'=HYPERLINK(\"x\")", "2026-10-03T00:00:00Z"}, {"'+1", "'@a, \"b\"", "'-"}}
	if diff := cmp.Diff(want, rows); err != nil || diff != "" || w.Header().Get("Content-Disposition") != `attachment; filename="contests.csv"` || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%v %v %s", err, w.Header(), diff)
	}
	last := d.asked[len(d.asked)-1]
	if last != (staff.RegisterAsk{Name: "contests", Show: "pending", After: "p2", Large: true}) {
		t.Errorf("%+v", last)
	}
	for _, path := range []string{"/register/nothing", "/register/contests.xls", "/register/contests?after=" + strings.Repeat("x", 201)} {
		if w := ask(mux, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	says(t, ask(mux, "/registers"), "Contests", "Duties of secrecy", "What falls due")
	says(t, ask(deskMux(&desk{pages: map[string]staff.Register{"": {Name: "grants", Read: 100, Unread: 1, Next: "x"}}}), "/register/grants"), "None of those read here belongs in this view.", "100 demands were opened for this page.", "1 of them cannot be read")
}

func TestADocumentIsShownAsWordsAndLeavesAsAFileThatDoesNothing(t *testing.T) {
	at := "/demand/k7wq-93/file/" + strings.Repeat("ab", 32)
	d := &desk{file: staff.File{Name: "order \"1\".html", Bytes: []byte("<script>alert(1)</script>")}}
	mux := deskMux(d)
	w := ask(mux, "/demand/k7wq-93/document/"+strings.Repeat("ab", 32))
	says(t, w, "mail, 12 345 bytes", "&lt;b&gt;words&lt;/b&gt;", "There is more than is shown here.", "It is odd.", "&lt;a@b.example&gt;", "&lt;order&gt;.pdf", "its words")
	for _, path := range []string{at, at + "?in=frame", at + "?attachment=1&in=frame"} {
		h := ask(mux, path).Header()
		if h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox; default-src 'none'") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %v", path, h)
		}
	}
	d.file.PDF = true
	h := ask(mux, at+"?in=frame").Header()
	if h.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") || !strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'") || !strings.Contains(h.Get("Content-Security-Policy"), "frame-ancestors 'self'") {
		t.Errorf("a PDF for the frame: %v", h)
	}
	if h := ask(mux, at).Header(); !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("a PDF to save: %v", h)
	}
	missing := deskMux(&desk{docket: docket{err: problem.New(problem.Missing, "docket.no_document", "no")}})
	want := ask(missing, at).Body.String()
	for _, path := range []string{"/demand/zzzz-00/file/" + strings.Repeat("cd", 32), at + "?attachment=x", "/demand/k7wq-93/file/short", "/demand/c-k7wq-93/file/" + strings.Repeat("ab", 32)} {
		if got := ask(missing, path); got.Code != 404 || got.Body.String() != want {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
}

func TestWhatIsDroppedOnTheQueueIsTakenInAsItIs(t *testing.T) {
	d := &desk{}
	mux := deskMux(d)
	says(t, ask(mux, "/queue"), "Take in a document as it came")
	drop := func(body []byte, kind string, more ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/queue/drop", bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		for i := 0; i+1 < len(more); i += 2 {
			r.Header.Set(more[i], more[i+1])
		}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	body := func(field string) []byte {
		return []byte("--x\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"../a.eml\"\r\n\r\nbytes \x00 of it\r\n--x--\r\n")
	}
	w := drop(body("file"), "multipart/form-data; boundary=x")
	if w.Code != 303 || w.Header().Get("Location") != "/demand/k7wq-93" || d.taken["a.eml"] != "bytes \x00 of it" {
		t.Errorf("%d %v %q", w.Code, w.Header(), d.taken)
	}
	clear(d.taken)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"another field": drop(body("other"), "multipart/form-data; boundary=x"), "no file": drop([]byte("--x--\r\n"), "multipart/form-data; boundary=x"), "no form": drop([]byte("x"), "text/plain"),
	} {
		if w.Code != 422 || len(d.taken) != 0 {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	if w := drop(body("file"), "multipart/form-data; boundary=x", "Sec-Fetch-Site", "cross-site"); w.Code != 404 || len(d.taken) != 0 {
		t.Errorf("from another site: %d", w.Code)
	}
}

func TestASearchSaysWhatItLookedAtAndEchoesWhatWasTyped(t *testing.T) {
	d := &desk{found: staff.Found{Rows: []staff.Row{{ID: "k7wq-93", Title: "warrant"}}, Read: 3}}
	w := ask(deskMux(d), "/find?q=%3Cb%3E")
	says(t, w, "k7wq-93", "warrant")
	if !strings.Contains(w.Body.String(), `value="&lt;b&gt;"`) {
		t.Error("what was typed is lost, or is markup")
	}
	says(t, ask(deskMux(&desk{}), "/find?q=x"), "Nothing here has this number or agency, or it is not for you.")
	says(t, ask(deskMux(&desk{found: staff.Found{Read: 1000, Next: "1 k7wq-93"}}), "/find?q=x"), "Not among the 1 000 demands looked at so far.", "look on")
	if w := ask(deskMux(d), "/find?q="+strings.Repeat("x", 201)); w.Code != 404 {
		t.Error(w.Code)
	}
}
