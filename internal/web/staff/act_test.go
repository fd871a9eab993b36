package staff_test

import (
	"bytes"
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// hand keeps what it was asked for and answers what it is told to.
type hand struct {
	asked []staff.Act
	by    []string
	done  staff.Done
	err   error
}

func (h *hand) Do(_ context.Context, reader string, a staff.Act) (staff.Done, error) {
	h.asked, h.by = append(h.asked, a), append(h.by, reader)
	return h.done, h.err
}

const commandID = "000102030405060708090a0b0c0d0e0f"

func pages(d staff.Docket, h staff.Hand, random io.Reader, reader string) http.Handler {
	mux := http.NewServeMux()
	p := staff.New(staff.Outside{Docket: d, Hand: h, Random: random, Now: func() time.Time { return now }, Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return reader }})
	p.Mount(mux, func(h http.Handler) http.Handler { return h })
	return mux
}

func send(mux http.Handler, path string, form url.Values, more ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return w
}

func form(pairs ...string) url.Values {
	f := url.Values{"seen": {"4"}, "command": {commandID}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	return f
}

func zeros() io.Reader { return bytes.NewReader(make([]byte, 1<<12)) }

func offered() staff.Demand {
	d := demand()
	d.Last, d.OnRoster = 4, true
	d.Next = staff.Next{Act: "authenticate", Yours: true, Command: "counterseal demand authenticate m2fd-10"}
	d.Offers = []staff.Offer{{Act: "authenticate", Contact: "+1 <555>"}, {Act: "resolve", No: 3, Stated: "192.0.2.1", Accounts: []staff.Account{{ID: "acc-1", Holder: "June"}, {ID: "acc-2"}}},
		{Act: "check", No: 2, Stated: "+1", By: "A", Resolution: 3}, {Act: "assess"}, {Act: "decide", No: 2, Way: []staff.Obstacle{{Code: "target.unchecked"}}}, {Act: "state_secrecy"}}
	return d
}

func TestEachFormIsTheActThatItsButtonSays(t *testing.T) {
	id := [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	for name, x := range map[string]struct {
		form   url.Values
		deed   staff.Deed
		reason string
	}{
		"genuine":     {form("act", "authenticate", "no", "0", "choice", "genuine", "text", " called back\n"), staff.Authenticate{Genuine: true, How: "called back"}, ""},
		"not genuine": {form("act", "authenticate", "choice", "forged", "text", "no answer"), staff.Authenticate{How: "no answer"}, ""},
		"accounts":    {form("act", "resolve", "no", "3", "choice", "accounts", "account", "acc-1", "account", "acc-2", "text", "both"), staff.Resolve{Target: 3, Accounts: []string{"acc-1", "acc-2"}}, "both"},
		"no account":  {form("act", "resolve", "no", "3", "choice", "none"), staff.Resolve{Target: 3}, ""},
		"check":       {form("act", "check", "no", "2", "resolution", "3"), staff.Check{Target: 2, Resolution: 3}, ""},
		"assess":      {form("act", "assess", "no", "0"), staff.Assess{}, ""},
		"comply":      {form("act", "decide", "no", "2", "choice", "comply"), staff.Decide{Line: 2, Decision: "comply"}, ""},
		"no records":  {form("act", "decide", "no", "2", "choice", "no_records", "text", "r"), staff.Decide{Line: 2, Decision: "no_records"}, "r"},
		"reject":      {form("act", "decide", "no", "2", "choice", "reject", "text", strings.Repeat("r", 1000)), staff.Decide{Line: 2, Decision: "reject"}, strings.Repeat("r", 1000)},
		"no secrecy":  {form("act", "state_secrecy", "text", "read it"), staff.StateNoSecrecy{}, "read it"},
	} {
		h := &hand{done: staff.Done{First: 5, Last: 6}}
		w := send(pages(docket{demand: offered()}, h, zeros(), "n.holm"), "/demand/m2fd-10", x.form)
		if w.Code != 303 || w.Header().Get("Location") != "/demand/m2fd-10?recorded=6" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		want := []staff.Act{{Demand: "m2fd-10", Seen: 4, Command: id, Deed: x.deed, Reason: x.reason}}
		if d := cmp.Diff(want, h.asked); d != "" || len(h.by) != 1 || h.by[0] != "n.holm" {
			t.Errorf("%s: by %v %s", name, h.by, d)
		}
	}
}

func TestAFormThatCannotBeReadDoesNothingAndKeepsWhatWasTyped(t *testing.T) {
	many := form("act", "resolve", "no", "3", "choice", "accounts")
	for range 257 {
		many.Add("account", "a")
	}
	for name, x := range map[string]struct {
		form url.Values
		code string
	}{
		"no act":               {form("choice", "genuine", "text", "typed"), "staff.form"},
		"an act of the gate":   {form("act", "approve"), "staff.form"},
		"no choice":            {form("act", "authenticate", "text", "typed"), "staff.form"},
		"another choice":       {form("act", "decide", "no", "2", "choice", "in_part"), "staff.form"},
		"no id":                {url.Values{"act": {"assess"}, "seen": {"4"}}, "staff.form"},
		"a short id":           {url.Values{"act": {"assess"}, "command": {commandID[2:]}}, "staff.form"},
		"an id that is no hex": {url.Values{"act": {"assess"}, "command": {"zz" + commandID[2:]}}, "staff.form"},
		"a negative event":     {url.Values{"act": {"assess"}, "command": {commandID}, "seen": {"-1"}}, "staff.form"},
		"an event too large":   {url.Values{"act": {"assess"}, "command": {commandID}, "seen": {"99999999999"}}, "staff.form"},
		"a line that is none":  {form("act", "decide", "no", "x", "choice", "reject"), "staff.form"},
		"a field twice":        {form("act", "assess", "act", "decide"), "staff.form"},
		"a field too many":     {form("act", "assess", "seats", "counsel"), "staff.form"},
		"nothing ticked":       {form("act", "resolve", "no", "3", "choice", "accounts"), "staff.choice"},
		"ticked and none":      {form("act", "resolve", "no", "3", "choice", "none", "account", "acc-1"), "staff.choice"},
		"too many accounts":    {many, "staff.form"},
		"a long text":          {form("act", "state_secrecy", "text", strings.Repeat("ø", 501)), "staff.too_long"},
		"a body too large":     {form("act", "state_secrecy", "text", strings.Repeat("x", 70<<10)), "staff.form"},
	} {
		h := &hand{}
		w := send(pages(docket{demand: offered()}, h, zeros(), "n.holm"), "/demand/m2fd-10", x.form)
		if w.Code != 422 || len(h.asked) != 0 || !strings.Contains(w.Body.String(), "<code>"+x.code+"</code>") {
			t.Errorf("%s: %d, %d acts", name, w.Code, len(h.asked))
		}
	}
	w := send(pages(docket{demand: offered()}, &hand{}, zeros(), "n.holm"), "/demand/m2fd-10", form("act", "authenticate", "no", "0", "text", "called <b>back"))
	if !strings.Contains(w.Body.String(), ">called &lt;b&gt;back</textarea>") || strings.Count(w.Body.String(), "called &lt;b&gt;back") != 1 {
		t.Error("what was typed is lost, or stands in another form")
	}
}

func TestWhatIsNotForTheReaderIsAbsentToAFormToo(t *testing.T) {
	missing := problem.New(problem.Missing, "docket.not_found", "no")
	want := send(pages(docket{err: missing}, &hand{err: missing}, zeros(), "n.holm"), "/demand/zzzz-00", form("act", "assess"))
	if want.Code != 404 {
		t.Fatal(want.Code)
	}
	h := &hand{done: staff.Done{Last: 5}}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"a form that cannot be read": send(pages(docket{err: missing}, h, zeros(), "n.holm"), "/demand/zzzz-00", form("act", "x")),
		"no member":                  send(pages(docket{err: problem.New(problem.Refused, "access.member", "no")}, &hand{err: problem.New(problem.Refused, "app.seat", "no")}, zeros(), "n.holm"), "/demand/zzzz-00", form("act", "assess")),
		"an id that cannot be":       send(pages(docket{demand: offered()}, h, zeros(), "n.holm"), "/demand/ZZ%20", form("act", "assess")),
		"pages without a hand":       send(pages(docket{demand: offered()}, nil, nil, "n.holm"), "/demand/zzzz-00", form("act", "assess")),
		"another site":               send(pages(docket{demand: offered()}, h, zeros(), "n.holm"), "/demand/m2fd-10", form("act", "assess"), "Sec-Fetch-Site", "cross-site"),
		"another origin":             send(pages(docket{demand: offered()}, h, zeros(), "n.holm"), "/demand/m2fd-10", form("act", "assess"), "Origin", "http://evil.example"),
	} {
		if d := cmp.Diff(want.Body.String(), w.Body.String()); d != "" || w.Code != 404 {
			t.Errorf("%s: %d %s", name, w.Code, d)
		}
	}
	if w := send(pages(docket{demand: offered()}, h, zeros(), ""), "/demand/m2fd-10", form("act", "assess")); w.Code != 404 {
		t.Errorf("nobody: %d", w.Code)
	}
	if len(h.asked) != 0 {
		t.Errorf("%d acts were done", len(h.asked))
	}
}

func TestAnActThatIsNotRecordedSaysWhyOnTheDemandAsItIs(t *testing.T) {
	cause := errors.New("SQLITE at /srv")
	for name, x := range map[string]struct {
		err  error
		code int
		says []string
	}{
		"changed": {staff.ErrChanged.Because(cause), 409, []string{"Something came first: not recorded", "It has changed since you saw it.", "event 3 : Account looked up by A", "event 4 : Line decided by B", "Nothing was changed.", "staff.changed"}},
		"seat":    {problem.New(problem.Refused, "app.seat", "this is for counsel").Fix("ask counsel").At("line 2"), 403, []string{"Not allowed now: not recorded", "This is for counsel.", "Where: line 2", "Ask counsel.", "app.seat"}},
		"disk":    {problem.New(problem.Unavailable, "store.unavailable", "the disk does not answer").Because(cause), 503, []string{"It may have been recorded, or not: the history below says which.", "store.unavailable"}},
		"ours":    {cause, 500, []string{"look at the history before you try again", "internal.unexpected"}},
	} {
		f := form("act", "decide", "no", "2", "choice", "reject", "text", "my reason")
		f.Set("seen", "2")
		w := send(pages(docket{demand: offered()}, &hand{err: x.err}, zeros(), "n.holm"), "/demand/m2fd-10", f)
		if w.Code != x.code || strings.Contains(w.Body.String(), "SQLITE") || !strings.Contains(w.Body.String(), ">my reason</textarea>") {
			t.Errorf("%s: %d, an internal cause is shown, or what was typed is lost", name, w.Code)
		}
		says(t, w, x.says...)
		if name != "changed" && strings.Contains(said(w), "Since then") {
			t.Errorf("%s: says that it has changed", name)
		}
	}
}

func TestEveryOfferIsOneFormWithAnIdOfItsOwn(t *testing.T) {
	random := bytes.NewReader([]byte(strings.Repeat("a", 16) + strings.Repeat("b", 16) + strings.Repeat("c", 16) + strings.Repeat("d", 16) + strings.Repeat("e", 16) + strings.Repeat("f", 16)))
	w := httptest.NewRecorder()
	pages(docket{demand: offered()}, &hand{}, random, "n.holm").ServeHTTP(w, httptest.NewRequest("GET", "/demand/m2fd-10", nil))
	body := w.Body.String()
	if n := strings.Count(body, `<form class="deed" method="post" action="/demand/m2fd-10"`); n != 6 {
		t.Fatalf("%d forms", n)
	}
	for _, s := range []string{"61", "62", "63", "64", "65", "66"} {
		if strings.Count(body, `name="command" value="`+strings.Repeat(s, 16)+`"`) != 1 {
			t.Errorf("the id %s… is not in one form", s)
		}
	}
	if strings.Count(body, `name="seen" value="4"`) != 6 || strings.Count(body, "checked") > 6 {
		t.Error("a form does not say what was seen, or ticks one of several accounts by itself")
	}
	for _, s := range []string{"Call back here, never on a number in the letter: +1 <555>", "Nothing can be given on this line yet: The account was looked up by one person only", "A recorded that +1 stands for no account of ours"} {
		if !strings.Contains(html.UnescapeString(said(w)), s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if strings.Contains(body, `value="comply"`) {
		t.Error("a line that cannot be given can be given")
	}
	for _, b := range regexp.MustCompile(`(?s)<button[^>]*>(.*?)</button>`).FindAllStringSubmatch(body, -1) {
		if regexp.MustCompile(`(?i)approve|release|stop|grant`).MatchString(b[1]) {
			t.Errorf("a button offers to %q", b[1])
		}
	}
}

func TestWithoutRandomnessThereIsNoFormAndNoHalfPage(t *testing.T) {
	w := httptest.NewRecorder()
	pages(docket{demand: offered()}, &hand{}, strings.NewReader("short"), "n.holm").ServeHTTP(w, httptest.NewRequest("GET", "/demand/m2fd-10", nil))
	if w.Code != 503 || strings.Contains(w.Body.String(), "<form class") {
		t.Error(w.Code)
	}
}

func TestWhatWasRecordedIsToldFromTheHistoryAlone(t *testing.T) {
	for query, want := range map[string]string{"recorded=2": "Recorded as event 2 : Instrument checked, Genuine.", "recorded=0": "It was so already. Nothing new was recorded.", "recorded=9": "", "recorded=x": "", "recorded=-1": "", "": ""} {
		w := httptest.NewRecorder()
		pages(docket{demand: offered()}, &hand{}, zeros(), "n.holm").ServeHTTP(w, httptest.NewRequest("GET", "/demand/m2fd-10?"+query, nil))
		if got := strings.Contains(w.Body.String(), `class="recorded"`); got != (want != "") || !strings.Contains(said(w), want) {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func FuzzForm(f *testing.F) {
	f.Add("act=decide&no=2&choice=reject&text=r&seen=4&command=" + commandID)
	f.Add("act=resolve&no=3&choice=accounts&account=a&account=b&seen=4&command=" + commandID)
	f.Add("act=%zz;;&&=&seen=-1")
	f.Fuzz(func(t *testing.T, body string) {
		h := &hand{done: staff.Done{Last: 5}}
		r := httptest.NewRequest("POST", "/demand/m2fd-10", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		pages(docket{demand: offered()}, h, zeros(), "n.holm").ServeHTTP(w, r)
		switch {
		case w.Code == 303 && len(h.asked) == 1 && h.asked[0].Deed != nil && len(h.asked[0].Reason) <= 1000:
		case w.Code == 422 && len(h.asked) == 0:
		default:
			t.Errorf("%d, %d acts", w.Code, len(h.asked))
		}
	})
}
