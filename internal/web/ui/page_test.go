package ui_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"counterseal/internal/calendar"
	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := calendar.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTimesShowZoneAndDistance(t *testing.T) {
	now := time.Date(2026, 9, 18, 10, 0, 0, 0, time.UTC)
	c := ui.Clock{Now: now, Zone: zone(t, "Europe/Dublin")}
	for _, x := range []struct {
		at             time.Time
		due            bool
		text, distance string
		urgency        string
	}{
		{now.Add(6 * time.Hour), true, "Fri 18 Sep, 17:00 Dublin", "in 6 h", "soon"},
		{now.Add(38*time.Minute + 59*time.Second), true, "Fri 18 Sep, 11:38 Dublin", "in 38 min", "soon"},
		{now, true, "Fri 18 Sep, 11:00 Dublin", "now", "over"},
		{now.Add(-3 * 24 * time.Hour), true, "Tue 15 Sep, 11:00 Dublin", "3 days ago", "over"},
		{now.Add(-3 * 24 * time.Hour), false, "Tue 15 Sep, 11:00 Dublin", "3 days ago", ""},
		// A day ends at 24:00 where it is a deadline, and a new one begins at 00:00 where it is not.
		{time.Date(2026, 10, 8, 23, 0, 0, 0, time.UTC), true, "Thu 8 Oct, 24:00 Dublin", "in 20 days", ""},
		{time.Date(2026, 10, 8, 23, 0, 0, 0, time.UTC), false, "Fri 9 Oct, 00:00 Dublin", "in 20 days", ""},
		// The year is told where it is another; 24:00 of 31 December is still this year.
		{time.Date(2013, 12, 4, 12, 0, 0, 0, time.UTC), false, "Wed 4 Dec 2013, 12:00 Dublin", "12 years ago", ""},
		{time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), true, "Thu 31 Dec, 24:00 Dublin", "in 104 days", ""},
		// The hour that happens twice is told with its offset.
		{time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), false, "Sun 25 Oct, 01:30 (+01:00) Dublin", "in 36 days", ""},
		{time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), false, "Sun 25 Oct, 01:30 (+00:00) Dublin", "in 36 days", ""},
	} {
		m := c.At(x.at)
		if x.due {
			m = c.Due(x.at)
		}
		if m.Text != x.text || m.Distance != x.distance || m.Urgency != x.urgency {
			t.Errorf("%s: got %q, %q, %q, want %q, %q, %q", x.at, m.Text, m.Distance, m.Urgency, x.text, x.distance, x.urgency)
		}
	}
	if (c.At(time.Time{}) != ui.Moment{}) {
		t.Error("no time is told as a time")
	}
	if got := (ui.Clock{Now: now, Zone: zone(t, "America/New_York")}).At(now).Text; got != "Fri 18 Sep, 06:00 New York" {
		t.Error(got)
	}
}

func TestAWholeDayIntervalIsToldInDays(t *testing.T) {
	c := ui.Clock{}
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for want, x := range map[string][2]time.Time{
		"1 Mar – 30 Apr 2026 UTC":                         {day(2026, 3, 1), day(2026, 5, 1).Add(-time.Second)},
		"1 Dec 2025 – 31 Jan 2026 UTC":                    {day(2025, 12, 1), day(2026, 2, 1).Add(-time.Second)},
		"1 Mar 2026 00:00:00 – 1 May 2026 00:00:00 UTC":   {day(2026, 3, 1), day(2026, 5, 1)},
		"28 Feb 2026 23:00:00 – 30 Apr 2026 21:59:59 UTC": {day(2026, 3, 1).Add(-time.Hour), day(2026, 4, 30).Add(22*time.Hour - time.Second)},
	} {
		if got := c.Span(x[0], x[1]); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	c.Zone = zone(t, "Europe/Copenhagen")
	for want, x := range map[string][2]time.Time{
		"1 Jan – 31 Jan 2026 Copenhagen":                       {day(2026, 1, 1).Add(-time.Hour), day(2026, 2, 1).Add(-time.Hour - time.Second)},
		"1 Jan – 31 Jan 2026 UTC":                              {day(2026, 1, 1), day(2026, 2, 1).Add(-time.Second)},
		"1 Jan 2026 06:00:00 – 1 Feb 2026 05:59:59 Copenhagen": {day(2026, 1, 1).Add(5 * time.Hour), day(2026, 2, 1).Add(5*time.Hour - time.Second)},
	} {
		if got := c.Span(x[0], x[1]); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func answer(f func(http.ResponseWriter)) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f(w)
	return w
}

func TestAProblemPageSaysWhatHappenedWhatWasKeptAndWhatToDo(t *testing.T) {
	f := ui.NewFrame(nil, "", ui.WordsFor("en"))
	cause := errors.New("open store.db: disk I/O error")
	w := answer(func(w http.ResponseWriter) {
		f.Problem(w, 0, ui.Page{}, problem.New(problem.Unavailable, "ledger.pending", "the journal <does> not answer").At("journal").Fix("try again in a minute").Because(cause))
	})
	body := w.Body.String()
	for _, s := range []string{"The journal &lt;does&gt; not answer.", "Try again in a minute.", "Nothing was changed.", "ledger.pending", ">journal<", `lang="en"`} {
		if !strings.Contains(body, s) {
			t.Errorf("the page does not say %q", s)
		}
	}
	if w.Code != 503 || strings.Contains(body, "disk") {
		t.Errorf("%d, or an internal cause reached the page", w.Code)
	}
	w = answer(func(w http.ResponseWriter) { f.Problem(w, 0, ui.Page{}, cause) })
	if w.Code != 500 || strings.Contains(w.Body.String(), "disk") || strings.Contains(w.Body.String(), "Nothing was changed") {
		t.Error("an unexpected error shows its cause, or promises that nothing changed")
	}
}

func TestPagesForbidScriptFramesAndOtherHosts(t *testing.T) {
	f := ui.NewFrame(nil, "", ui.WordsFor("en"))
	w := answer(func(w http.ResponseWriter) { f.Absent(w, ui.Page{}) })
	csp := w.Header().Get("Content-Security-Policy")
	for _, s := range []string{"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(csp, s) {
			t.Errorf("the policy lacks %q", s)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") || strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Body.String(), " style=") {
		t.Error("script or inline style")
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Error("a page may be kept, or says where the reader came from")
	}
}

func TestTheStylesheetIsServedUnderAPathOfItsContent(t *testing.T) {
	mux := http.NewServeMux()
	ui.Mount(mux)
	for path, typ := range map[string]string{ui.StylePath(): "text/css; charset=utf-8", "/mark.svg": "image/svg+xml"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 200 || w.Header().Get("Content-Type") != typ || w.Body.Len() == 0 || strings.Contains(w.Body.String(), "url(") || strings.Contains(w.Body.String(), "@import") {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
	}
}

func TestTheDoorAsksBeforeItStartsASession(t *testing.T) {
	d := ui.NewDoor(ui.WordsFor("en"), "Nordwind Cloud")
	w := answer(func(w http.ResponseWriter) { d.Confirm(w, "/enter", `tok"en`, "n.holm", 8*time.Hour) })
	body := w.Body.String()
	for _, s := range []string{`method="post" action="/enter"`, `value="tok&#34;en"`, "Start the session of n.holm", "8 hours"} {
		if !strings.Contains(body, s) {
			t.Errorf("the page lacks %q", s)
		}
	}
}

func TestThePagesAfterAnIssuerRunNoScriptAndLeadNowhereElse(t *testing.T) {
	d := ui.NewDoor(ui.WordsFor("en"), "Nordwind Cloud").At("https://office.nordwind.example")
	in := answer(func(w http.ResponseWriter) { d.Entered(w, "/queue") })
	if in.Header().Get("Refresh") != "0; url=/queue" || !strings.Contains(in.Body.String(), `<a href="/queue">`) || in.Header().Get("Cache-Control") != "no-store" {
		t.Error(in.Header(), in.Body)
	}
	out := answer(func(w http.ResponseWriter) { d.Left(w, `https://id.example/end?a=1&b="x`) })
	if !strings.Contains(out.Body.String(), `href="https://id.example/end?a=1&amp;b=%22x"`) || out.Header().Get("Refresh") != "" {
		t.Error(out.Header(), out.Body)
	}
	for _, w := range []*httptest.ResponseRecorder{in, out} {
		if strings.Contains(w.Body.String(), "<script") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Error(w.Header(), w.Body)
		}
	}
}

func TestThePagesToSignInRunOurScriptAndNoOther(t *testing.T) {
	d := ui.NewDoor(ui.WordsFor("en"), "Nordwind Cloud").At("https://office.nordwind.example")
	for name, draw := range map[string]func(http.ResponseWriter){
		"sign in": func(w http.ResponseWriter) { d.SignIn(w, "00", `a"b`, `/en"ter`) },
		"make":    func(w http.ResponseWriter) { d.Make(w, `host"x`) },
	} {
		w := answer(draw)
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "script-src 'self'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", name, csp)
		}
		body := w.Body.String()
		if strings.Count(body, "<script") != 1 || !strings.Contains(body, `<script src="`+ui.SignInScriptPath()+`"></script>`) || strings.Contains(body, `a"b`) || strings.Contains(body, `host"x`) || strings.Contains(body, `en"ter`) {
			t.Errorf("%s: %s", name, body)
		}
		if w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Header().Get("Permissions-Policy"), "publickey-credentials-get=(self)") {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
	mux := http.NewServeMux()
	ui.Mount(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", ui.SignInScriptPath(), nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || strings.Contains(w.Body.String(), "http:") || strings.Contains(w.Body.String(), "https:") || strings.Contains(w.Body.String(), "innerHTML") {
		t.Error(w.Code, w.Header())
	}
	refused := answer(func(w http.ResponseWriter) {
		d.Problem(w, 0, problem.New(problem.Refused, "access.session", "nobody is signed in here"))
	})
	if refused.Code != http.StatusForbidden || !strings.Contains(refused.Body.String(), `href="https://office.nordwind.example/enter"`) || strings.Contains(refused.Body.String(), "<script") {
		t.Error(refused.Code, refused.Body)
	}
	told := answer(func(w http.ResponseWriter) {
		d.Fault(w, http.StatusTooManyRequests, problem.New(problem.Refused, "access.limited", "too many").Because(errors.New("a secret cause")))
	})
	if told.Code != http.StatusTooManyRequests || told.Body.String() != "{\"says\":\"Too many.\",\"code\":\"access.limited\"}\n" {
		t.Error(told.Code, told.Body)
	}
}
