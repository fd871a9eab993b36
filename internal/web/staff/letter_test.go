package staff_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// letters has one letter, and keeps what it was asked for.
type letters struct {
	letter staff.Letter
	err    error
	asked  []staff.LetterAsked
	sent   []staff.LetterSending
	fails  error
}

func (l *letters) LetterKinds(context.Context, string, string) (staff.LetterKinds, error) {
	return staff.LetterKinds{Title: "Its <title>", Fit: []staff.LetterKind{{Kind: "no-records", Why: "target <1>"}}, Other: []staff.LetterKind{{Kind: "redirect"}, {Kind: "rejection", Sent: now.Add(-time.Hour), Message: 2}}}, l.err
}

func (l *letters) Letter(_ context.Context, _ string, a staff.LetterAsked) (staff.Letter, error) {
	l.asked = append(l.asked, a)
	out := l.letter
	out.Kind = a.Kind
	if a.Wording != "" {
		out.Wording, out.Written = a.Wording, a.Written
	}
	out.Fields = nil
	for _, f := range l.letter.Fields {
		if v, ok := a.Stated[f.Name]; ok {
			f.Values = v
		}
		out.Fields = append(out.Fields, f)
	}
	return out, l.err
}

func (l *letters) SendLetter(_ context.Context, _ string, s staff.LetterSending) (int, error) {
	l.sent = append(l.sent, s)
	return 3, l.fails
}

func letterMux(l *letters) http.Handler {
	mux := http.NewServeMux()
	staff.New(staff.Outside{Docket: docket{demand: staff.Demand{ID: "k7wq-93", Letters: []staff.SentLetter{{Message: 3, Kind: "no-records", To: "Harbor <District>"}}}}, Letters: l, Random: zeros(), Now: func() time.Time { return now }, Zone: time.UTC,
		Provider: "Nordwind Cloud", Reader: func(*http.Request) string { return "n.holm" }}).Mount(mux, func(h http.Handler) http.Handler { return h })
	return mux
}

func fetch(mux http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

func aLetter() staff.Letter {
	return staff.Letter{Title: "Its <title>", To: "Harbor <District>", Language: "de", Seen: 7, Written: now, MaySend: true, Counsel: true, Wording: "# Title\n\nWords & <b>more</b>.\n",
		Blocks:  []staff.LetterBlock{{Title: "Title"}, {Text: "Words & <b>more</b>."}, {List: []string{"an item"}}},
		Grounds: []staff.Ground{{Text: "It needs a warrant.", Cite: "18 USC 2703", Rule: "us.sca.x", Href: "/demand/k7wq-93#finding-us-sca-x"}, {Text: "Mine.", Cite: "the order", Href: "/demand/k7wq-93#document"}},
		Fields: []staff.Field{{Name: "language", Kind: "choice", Required: true, Choices: []staff.Option{{Value: "en", Says: "English"}, {Value: "de", Says: "German"}}, Values: []string{"de"}},
			{Name: "say", Kind: "text"}, {Name: "ground", Kind: "choice", Many: true, Choices: []staff.Option{{Value: "one", Says: "One"}, {Value: "two", Says: "Two"}}}, {Name: "kept", Kind: "yes"}},
		History: []staff.Event{{Seq: 7, Kind: "hold.placed", By: "A"}, {Seq: 8, Kind: "hold.lifted", By: "B"}}}
}

const sendAt = "/demand/k7wq-93/letter/no-records"

func sending(more ...string) url.Values {
	f := url.Values{"do": {"send"}, "seen": {"7"}, "command": {commandID}, "written": {"2026-10-02T10:00:00.5Z"}, "wording": {"# Title\r\n\r\nTyped <b>.\r\n"}, "f-language": {"de"}}
	for i := 0; i+1 < len(more); i += 2 {
		f[more[i]] = []string{more[i+1]}
	}
	return f
}

func TestTheLettersThatFitTheRecordComeFirstWithTheReason(t *testing.T) {
	w := fetch(letterMux(&letters{}), "/demand/k7wq-93/letter")
	says(t, w, "Write a letter", "Its &lt;title&gt;", "What fits the record No records", "It fits: target &lt;1&gt;.", "Other letters Redirection")
}

func TestALetterIsShownAsItWillLookWithWhatItRestsOn(t *testing.T) {
	w := fetch(letterMux(&letters{letter: aLetter()}), sendAt)
	says(t, w, "No records", "As it will look", "Words &amp; &lt;b&gt;more&lt;/b&gt;.", "an item", "It needs a warrant.", "finding us.sca.x", "stated by a person", "Write again from the record", "Send it to Harbor &lt;District&gt;", "kept among counsel’s notes")
	for _, has := range []string{`lang="de"`, `href="/demand/k7wq-93#finding-us-sca-x"`, `name="seen" value="7"`, `type="hidden" name="f-language" value="de"`, `value="de" checked`} {
		if !strings.Contains(w.Body.String(), has) {
			t.Errorf("the page lacks %s", has)
		}
	}
	reading := aLetter()
	reading.MaySend = false
	w = fetch(letterMux(&letters{letter: reading}), sendAt)
	if strings.Contains(w.Body.String(), `value="send"`) || strings.Contains(w.Body.String(), "<textarea id=\"wording\"") {
		t.Error("somebody without the seat is offered to send it")
	}
	says(t, w, "You can read here.")
}

func TestALetterThatHasGoneIsSaidToHaveGone(t *testing.T) {
	says(t, fetch(letterMux(&letters{}), "/demand/k7wq-93/letter"), "Sent on ", "as message 2")
	l := aLetter()
	if w := fetch(letterMux(&letters{letter: l}), sendAt); strings.Contains(w.Body.String(), "It has gone already") {
		t.Error("a letter that has not gone is said to have gone")
	}
	l.Sent, l.Message = now.Add(-time.Hour), 2
	says(t, fetch(letterMux(&letters{letter: l}), sendAt), "It has gone already", "message 2 of the correspondence", "sends a second letter")
}

func TestWhatTheRecordLacksForALetterIsSaidOnItsPage(t *testing.T) {
	l := aLetter()
	l.Wording, l.Blocks, l.Grounds = "", nil, nil
	l.Lacks = problem.New(problem.Invalid, "notice.field", "a letter needs this").At("questions").Fix("write one question")
	w := fetch(letterMux(&letters{letter: l}), sendAt)
	says(t, w, "It cannot be written yet", "A letter needs this.", "What it needs: questions", "Write one question.", "notice.field", "Write it from the record")
	if w.Code != 200 || strings.Contains(w.Body.String(), `value="send"`) {
		t.Error(w.Code, "a letter that is not written is offered to be sent")
	}
}

func TestWritingALetterSendsNothing(t *testing.T) {
	l := &letters{letter: aLetter()}
	mux := letterMux(l)
	w := send(mux, sendAt, url.Values{"do": {"write"}, "f-language": {"en"}, "f-say": {"One.\r\nTwo."}, "f-ground": {"one", "two"}, "f-kept": {"yes"}})
	want := staff.LetterAsked{Demand: "k7wq-93", Kind: "no-records", Stated: map[string][]string{"language": {"en"}, "say": {"One.\r\nTwo."}, "ground": {"one", "two"}, "kept": {"yes"}}}
	if d := cmp.Diff(want, l.asked[len(l.asked)-1]); d != "" || w.Code != 200 {
		t.Error(w.Code, d)
	}
	w = send(mux, sendAt, sending("do", "show"))
	if got := l.asked[len(l.asked)-1].Wording; w.Code != 200 || got != "# Title\n\nTyped <b>.\n" {
		t.Errorf("%d, shown in the words %q", w.Code, got)
	}
	l.letter.Wrong = problem.New(problem.Invalid, "notice.edit", "an edited letter needs a title")
	w = send(mux, sendAt, sending("do", "show"))
	if w.Code != 422 || !strings.Contains(w.Body.String(), "<code>notice.edit</code>") {
		t.Errorf("%d %s", w.Code, said(w))
	}
	if len(l.sent) != 0 {
		t.Error("something was sent")
	}
}

func TestASentLetterIsNamedOnThePageOfItsDemand(t *testing.T) {
	l := &letters{letter: aLetter()}
	w := send(letterMux(l), sendAt, sending("f-say", "A ground."))
	if w.Code != 303 || w.Header().Get("Location") != "/demand/k7wq-93?sent=3" {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Location"), said(w))
	}
	want := []staff.LetterSending{{LetterAsked: staff.LetterAsked{Demand: "k7wq-93", Kind: "no-records", Stated: map[string][]string{"language": {"de"}, "say": {"A ground."}}, Wording: "# Title\n\nTyped <b>.\n",
		Written: time.Date(2026, 10, 2, 10, 0, 0, 5e8, time.UTC)}, Seen: 7, Command: [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}}}
	if d := cmp.Diff(want, l.sent); d != "" {
		t.Error(d)
	}
	says(t, fetch(letterMux(l), "/demand/k7wq-93?sent=3"), "Sent as message 3 : No records, to Harbor &lt;District&gt;.")
	for _, other := range []string{"1", "03", "x", "-3"} {
		if strings.Contains(said(fetch(letterMux(l), "/demand/k7wq-93?sent="+other)), "Sent as") {
			t.Errorf("sent=%s is told as a letter", other)
		}
	}
}

func TestALetterThatWasNotSentIsGivenBackAsItWasTyped(t *testing.T) {
	for name, x := range map[string]struct {
		err  error
		code int
		says string
	}{
		"something came in between": {staff.ErrChanged, 409, "event 8 : Hold lifted by B"}, "another seat": {problem.New(problem.Refused, "app.seat", "this is for another seat"), 403, "app.seat"},
		"its words": {problem.New(problem.Invalid, "notice.edit", "an edited letter needs a title"), 422, "notice.edit"},
	} {
		l := &letters{letter: aLetter(), fails: x.err}
		w := send(letterMux(l), sendAt, sending("f-say", "A <ground>."))
		if w.Code != x.code {
			t.Errorf("%s: %d", name, w.Code)
		}
		says(t, w, "not sent", x.says, "Typed &lt;b&gt;.", "A &lt;ground&gt;.")
		if strings.Contains(w.Body.String(), commandID) {
			t.Errorf("%s: the form has the id of the one that was refused", name)
		}
	}
}

func TestWhereNobodyKnowsWhetherALetterWentTheFormStaysTheSame(t *testing.T) {
	l := &letters{letter: aLetter(), fails: problem.New(problem.Unavailable, "store.unavailable", "the store does not answer")}
	l.letter.Seen = 8
	w := send(letterMux(l), sendAt, sending())
	if !strings.Contains(w.Body.String(), `name="seen" value="7"`) || !strings.Contains(w.Body.String(), commandID) {
		t.Error("a letter that may have gone can be sent a second time")
	}
}

func TestAFormThatIsNotThisLettersIsNotTaken(t *testing.T) {
	for name, x := range map[string]struct {
		form url.Values
		code string
	}{
		"a field of another letter": {sending("f-contact", "x"), "staff.form"}, "another button": {sending("do", "burn"), "staff.form"}, "no button": {sending("do", ""), "staff.form"}, "no id": {sending("command", ""), "staff.form"},
		"nothing seen": {sending("seen", "0"), "staff.form"}, "no time": {sending("written", "yesterday"), "staff.form"}, "no words": {sending("wording", " \r\n"), "staff.form"}, "too many words": {sending("wording", strings.Repeat("ø", 9<<10)), "staff.too_long"},
	} {
		l := &letters{letter: aLetter()}
		w := send(letterMux(l), sendAt, x.form)
		if w.Code != 422 || len(l.sent) != 0 || !strings.Contains(w.Body.String(), "<code>"+x.code+"</code>") {
			t.Errorf("%s: %d, %d sent: %s", name, w.Code, len(l.sent), said(w))
		}
	}
}

func TestTheLettersOfWhatIsNotThereAreAbsentBeforeAFormIsRead(t *testing.T) {
	missing := &letters{letter: aLetter(), err: problem.New(problem.Missing, "docket.not_found", "no")}
	mux := letterMux(missing)
	want := fetch(mux, "/demand/zzzz-00/letter").Body.String()
	for _, path := range []string{"/demand/k7wq-93/letter", sendAt, "/demand/k7wq-93/letter/nothing", "/demand/K7WQ/letter/no-records", "/demand/c-k7wq-93/letter", "/demand/k7wq-93/letter/No%20records"} {
		w := fetch(mux, path)
		if d := cmp.Diff(want, w.Body.String()); d != "" || w.Code != 404 {
			t.Errorf("%s: %d %s", path, w.Code, d)
		}
	}
	for _, f := range []url.Values{sending(), {"colour": {strings.Repeat("x", 1<<17)}}} {
		w := send(mux, sendAt, f)
		if w.Code != 404 || w.Body.String() != want || len(missing.sent) != 0 {
			t.Error(w.Code)
		}
	}
	l := &letters{letter: aLetter()}
	w := send(letterMux(l), sendAt, sending(), "Sec-Fetch-Site", "cross-site")
	if w.Code != 404 || len(l.sent) != 0 || len(l.asked) != 0 {
		t.Errorf("from another site: %d", w.Code)
	}
}
