package staff_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// catalogue has one form, and keeps what it was given.
type catalogue struct {
	form  staff.Form
	err   error
	given []staff.Given
	done  staff.Result
	fails error
}

func (c *catalogue) Form(_ context.Context, _, page, act string) (staff.Form, error) {
	f := c.form
	f.Page, f.Act = page, act
	f.Fields = slices.Clone(f.Fields)
	return f, c.err
}

func (c *catalogue) Give(_ context.Context, _ string, g staff.Given) (staff.Result, error) {
	c.given = append(c.given, g)
	return c.done, c.fails
}

func actMux(c *catalogue) http.Handler {
	mux := http.NewServeMux()
	staff.New(staff.Outside{Docket: docket{}, Acts: c, Random: zeros(), Now: func() time.Time { return now }, Zone: time.UTC, Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return "n.holm" }}).
		Mount(mux, func(h http.Handler) http.Handler { return h })
	return mux
}

func option(v string) staff.Option { return staff.Option{Value: v, Says: "says " + v, Quiet: "quiet"} }

// everyKind is a form with a field of every kind.
func everyKind() staff.Form {
	choices := []staff.Option{option("one"), option("two")}
	long := []staff.Option{option("1"), option("2"), option("3"), option("4"), option("5"), option("6")}
	return staff.Form{Title: "Its <title>", Seen: 7, Zone: "Europe/Dublin", Warns: "It cannot be taken back.", Reason: true, Facts: []staff.Datum{{Name: "Contact on file", Text: "+1 <555>"}},
		Fields: []staff.Field{{Name: "line_", Kind: "line", Required: true, Label: "A line"}, {Name: "text_", Kind: "text"}, {Name: "day_", Kind: "day"}, {Name: "last", Kind: "last_day"}, {Name: "moment_", Kind: "moment"},
			{Name: "choice_", Kind: "choice", Choices: choices, Required: true}, {Name: "long", Kind: "choice", Choices: long}, {Name: "yes_", Kind: "yes"}, {Name: "number_", Kind: "number"}, {Name: "lines", Kind: "lines", Many: true, Choices: choices},
			{Name: "none", Kind: "choice"}, {Name: "suggest_", Kind: "suggest", Choices: choices}, {Name: "document", Kind: "document", Part: "A heading"}}}
}

func TestEveryKindOfFieldIsDrawnAndReadBack(t *testing.T) {
	c := &catalogue{form: everyKind(), done: staff.Result{Stream: "k7wq-93", First: 8, Last: 9}}
	mux := actMux(c)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", "/demand/k7wq-93/act/hold.place?lines=two&line_=<typed>", nil))
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, said(w))
	}
	says(t, w, "Place a hold", "Its &lt;title&gt;", "Europe/Dublin", "It cannot be taken back.", "Contact on file &#43;1 &lt;555&gt;", "A line", "says two quiet", "A heading", "There is nothing to choose from yet.")
	for _, has := range []string{`action="/demand/k7wq-93/act/hold.place"`, `enctype="multipart/form-data"`, `name="seen" value="7"`, `name="f-line_" value="&lt;typed&gt;"`, `value="two" checked`, `type="date" name="f-last"`, `name="f-last.time"`,
		`<textarea id="reason" name="reason" rows="2" maxlength="1000" required>`, `<select id="f-long"`, `type="file" name="f-document"`} {
		if !strings.Contains(w.Body.String(), has) {
			t.Errorf("the page lacks %s", has)
		}
	}
	body, kind := multi(t, map[string][]string{"seen": {"7"}, "command": {commandID}, "reason": {" why "}, "f-line_": {"words"}, "f-last": {"2026-10-02"}, "f-last.time": {"17:30"}, "f-moment_": {"2026-10-03"}, "f-moment_.time": {""},
		"f-choice_": {"one"}, "f-yes_": {"yes"}, "f-lines": {"one", "two"}, "f-text_": {""}}, "a document")
	r := httptest.NewRequest("POST", "/demand/k7wq-93/act/hold.place", bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w = httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if w.Code != 303 || w.Header().Get("Location") != "/demand/k7wq-93?recorded=9" {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Location"), said(w))
	}
	want := []staff.Given{{Act: "hold.place", Page: "k7wq-93", Seen: 7, Command: [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, Reason: "why",
		Values:    map[string][]string{"line_": {"words"}, "last": {"2026-10-02 17:30"}, "moment_": {"2026-10-03"}, "choice_": {"one"}, "yes_": {"yes"}, "lines": {"one", "two"}},
		Documents: map[string]staff.Upload{"document": {Name: "a.txt", MediaType: "application/octet-stream", Bytes: []byte("a document")}}}}
	if d := cmp.Diff(want, c.given); d != "" {
		t.Error(d)
	}
}

func multi(t *testing.T, fields map[string][]string, file string) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range fields {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if file != "" {
		f, err := w.CreateFormFile("f-document", "a.txt")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(file)); err != nil {
			t.Fatal(err)
		}
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

func TestWhatTheFormDoesNotHaveIsNotTakenAndWhatWasTypedIsKept(t *testing.T) {
	for name, x := range map[string]struct {
		more url.Values
		code string
	}{
		"a field that it has not":  {url.Values{"f-seats": {"counsel"}}, "staff.form"},
		"a field without its mark": {url.Values{"line_": {"x"}}, "staff.form"},
		"one choice twice":         {url.Values{"f-choice_": {"one", "two"}}, "staff.form"},
		"no id":                    {url.Values{"command": {""}}, "staff.form"},
		"a negative event":         {url.Values{"seen": {"-1"}}, "staff.form"},
		"a long reason":            {url.Values{"reason": {strings.Repeat("ø", 501)}}, "staff.too_long"},
		"a body too large":         {url.Values{"f-text_": {strings.Repeat("x", 70<<10)}}, "staff.form"},
	} {
		c := &catalogue{form: everyKind()}
		f := url.Values{"seen": {"7"}, "command": {commandID}, "f-line_": {"typed <b>"}}
		for k, v := range x.more {
			f[k] = v
		}
		w := send(actMux(c), "/demand/k7wq-93/act/hold.place", f)
		if w.Code != 422 || len(c.given) != 0 || !strings.Contains(w.Body.String(), "<code>"+x.code+"</code>") {
			t.Errorf("%s: %d, %d given: %s", name, w.Code, len(c.given), said(w))
		}
	}
	c := &catalogue{form: everyKind(), fails: problem.New(problem.Invalid, "hold.form", "a hold says why")}
	w := send(actMux(c), "/demand/k7wq-93/act/hold.place", url.Values{"seen": {"7"}, "command": {commandID}, "f-line_": {"typed <b>"}, "f-lines": {"two"}, "f-last": {"2026-10-02"}, "f-last.time": {"17:30"}, "reason": {"because"}})
	for _, kept := range []string{`value="typed &lt;b&gt;"`, `value="two" checked`, `value="2026-10-02"`, `value="17:30"`, `>because</textarea>`, "A hold says why."} {
		if w.Code != 422 || !strings.Contains(w.Body.String(), kept) {
			t.Errorf("%d, lost %s", w.Code, kept)
		}
	}
}

func TestWhatSomebodyRecordedInBetweenIsToldOnTheForm(t *testing.T) {
	c := &catalogue{form: everyKind(), fails: staff.ErrChanged}
	c.form.History = []staff.Event{{Seq: 7, Kind: "hold.placed", By: "A"}, {Seq: 8, Kind: "hold.lifted", By: "B"}}
	w := send(actMux(c), "/demand/k7wq-93/act/hold.place", url.Values{"seen": {"7"}, "command": {commandID}, "f-line_": {"x"}})
	says(t, w, "It has changed since you saw it.", "event 8 : Hold lifted by B")
	if w.Code != 409 || strings.Contains(said(w), "Hold placed") {
		t.Error(w.Code)
	}
}

func TestTheFormOfWhatIsNotThereIsAbsentBeforeItIsRead(t *testing.T) {
	missing := &catalogue{form: everyKind(), err: problem.New(problem.Missing, "docket.not_found", "no")}
	ask := func(path string) string {
		w := httptest.NewRecorder()
		actMux(missing).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		return w.Body.String()
	}
	want := ask("/demand/zzzz-00/act/hold.place")
	for _, path := range []string{"/demand/k7wq-93/act/hold.place?line_=x", "/demand/k7wq-93/act/nothing", "/demand/K7WQ/act/hold.place", "/demand/c-k7wq-93/act/hold.place", "/demand/k7wq-93/act/Hold..place"} {
		if d := cmp.Diff(want, ask(path)); d != "" {
			t.Errorf("%s: %s", path, d)
		}
	}
	w := send(actMux(missing), "/demand/k7wq-93/act/hold.place", url.Values{"f-seats": {strings.Repeat("x", 1<<17)}})
	if w.Code != 404 || w.Body.String() != want || len(missing.given) != 0 {
		t.Error(w.Code)
	}
	c := &catalogue{form: everyKind()}
	w = send(actMux(c), "/demand/k7wq-93/act/hold.place", url.Values{"seen": {"7"}, "command": {commandID}}, "Sec-Fetch-Site", "cross-site")
	if w.Code != 404 || len(c.given) != 0 {
		t.Errorf("from another site: %d", w.Code)
	}
	refused := &catalogue{err: problem.New(problem.Refused, "app.seat", "this is for another seat: counsel")}
	w = httptest.NewRecorder()
	actMux(refused).ServeHTTP(w, httptest.NewRequest("GET", "/contest/c-k7wq-93/act/contest.end", nil))
	if w.Code != 403 {
		t.Errorf("another seat: %d", w.Code)
	}
}

func TestADocumentThatIsTooLargeOrEmptyOrNotAskedForIsNotTaken(t *testing.T) {
	plain := everyKind()
	plain.Fields = plain.Fields[:1]
	for name, x := range map[string]struct {
		form staff.Form
		file string
		code string
	}{
		"too large": {everyKind(), strings.Repeat("x", staff.MaxUpload+1), "staff.upload"}, "not asked for": {plain, "x", "staff.form"},
	} {
		c := &catalogue{form: x.form}
		body, kind := multi(t, map[string][]string{"seen": {"7"}, "command": {commandID}}, x.file)
		r := httptest.NewRequest("POST", "/demand/k7wq-93/act/hold.place", bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		actMux(c).ServeHTTP(w, r)
		if w.Code != 422 || len(c.given) != 0 || !strings.Contains(w.Body.String(), "<code>"+x.code+"</code>") {
			t.Errorf("%s: %d %s", name, w.Code, said(w))
		}
	}
}

func FuzzGiven(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "seen=7&command="+commandID+"&f-line_=x&f-lines=one&f-lines=two&f-last=2026-10-02&f-last.time=17%3A00")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f-document\"; filename=\"a\"\r\n\r\nbytes\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"seen\"\r\n\r\n7")
	f.Add("text/plain", "x")
	f.Fuzz(func(t *testing.T, kind, body string) {
		c := &catalogue{form: everyKind(), done: staff.Result{Stream: "k7wq-93", Last: 9}}
		r := httptest.NewRequest("POST", "/demand/k7wq-93/act/hold.place", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		actMux(c).ServeHTTP(w, r)
		switch {
		case w.Code == 303 && len(c.given) == 1 && len(c.given[0].Reason) <= 1000:
		case w.Code == 422 && len(c.given) == 0:
		default:
			t.Errorf("%d, %d given", w.Code, len(c.given))
		}
	})
}
