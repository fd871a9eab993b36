package browser_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"counterseal/internal/demand"
)

// click presses the button of the next act that says this, and waits for the page
// that comes of it.
func click(t *testing.T, ctx context.Context, says string) {
	t.Helper()
	n := get(t, ctx, chromedp.Evaluate[int](`(() => { document.querySelectorAll("[data-test]").forEach(e => e.removeAttribute("data-test"));
		const all = [...document.querySelectorAll("main button")].filter(e => e.innerText.trim() === "`+says+`" && e.getClientRects().length);
		all.forEach(e => e.setAttribute("data-test", "it")); return all.length; })()`))
	if n != 1 {
		t.Fatalf("%d buttons say %q: %s", n, says, text(t, ctx, "main"))
	}
	press(t, ctx, "[data-test='it']")
}

func write(t *testing.T, ctx context.Context, area, words string) {
	t.Helper()
	do(t, ctx, chromedp.SendKeys(chromedp.CSS("#"+area), words))
}

func TestADemandIsClickedFromTheDoorToTheGrant(t *testing.T) {
	ctx := chromium(t)
	p := open(t, arrived)
	p.standingWork(t)
	said := listen(t, ctx)
	id := p.demand(t)
	look := func(name string) {
		t.Helper()
		for _, s := range sights {
			s.set(t, ctx)
			inspect(t, ctx)
			shoot(t, ctx, "act-"+name+"-"+s.name)
		}
		axe(t, ctx)
		sights[0].set(t, ctx)
	}
	sights[0].set(t, ctx)

	// The instrument, by the first person.
	p.enter(t, ctx, "p-halvorsen")
	press(t, ctx, "a[href='/demand/"+chromedp.CSS(id)+"']")
	sees(t, ctx, ".next", "it needs you", "+1 555 0142 (the court's printed directory, checked 3 May 2013)")
	look("authenticate")
	write(t, ctx, "authenticate-0", "called back on the number in the directory")
	click(t, ctx, "Record that it is genuine")
	sees(t, ctx, ".recorded", "Recorded as event 2: Instrument checked, called back on the number in the directory")

	// The account: what the estate proposes is shown and ticked.
	sees(t, ctx, ".next", "Look up the account: target 1", "ac-hartwell", "June Hartwell", "region iad")
	look("resolve")
	click(t, ctx, "Record the ticked account")
	sees(t, ctx, ".recorded", "event 3: Account looked up, target 1 is ac-hartwell")
	sees(t, ctx, ".next", "Next, for a second person", "Check the account as second person")
	if n := get(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll(".next form").length`)); n != 0 {
		t.Error("who looked it up can agree with it")
	}
	sees(t, ctx, section("findings"), "Ask the rules")

	// The second person.
	p.enter(t, ctx, "p-brandt")
	do(t, ctx, chromedp.Navigate(p.page(t)))
	sees(t, ctx, ".next", "it needs you", "p-halvorsen recorded that june.hartwell@nordwind.example stands for ac-hartwell", "Our own map says ac-hartwell (June Hartwell)")
	look("check")
	click(t, ctx, "Agree, as second person, that it is ac-hartwell")
	sees(t, ctx, ".recorded", "event 4: Account checked by a second person")

	// The rules.
	sees(t, ctx, ".next", "Ask the rules")
	click(t, ctx, "Ask the rules, and record what they say")
	sees(t, ctx, ".recorded", "event 5: Rules asked, 20 findings")
	sees(t, ctx, section("findings"), "15 hold", "5 ask for facts")
	sees(t, ctx, ".next", "Next, for counsel", "Decide the line: line 1")
	if n := get(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("form.deed").length`)); n != 0 {
		t.Error("somebody who is not counsel can decide")
	}

	// Counsel: a rejection without a reason is not taken, and says so.
	p.enter(t, ctx, "p-okafor")
	do(t, ctx, chromedp.Navigate(p.page(t)))
	sees(t, ctx, ".next", "it needs you", "In full means:", "mail content of account ac-hartwell")
	look("decide")
	said.take()
	click(t, ctx, "Reject line 1")
	sees(t, ctx, ".trouble", "not recorded", "A decision not to give all that is asked has a reason.", "Nothing was changed.", "line.reason", "line 1")
	look("trouble")
	write(t, ctx, "decide-1", "a warrant with account and dates")
	click(t, ctx, "Give line 1 in full")
	sees(t, ctx, ".recorded", "event 7: Line decided, line 1: give in full")
	sees(t, ctx, ".next", "State whether the customer may be told")
	look("secrecy")
	click(t, ctx, "Record that nothing forbids telling the customer")
	sees(t, ctx, ".recorded", "event 8: Secrecy stated")

	// From here it is the program's turn, and then time's.
	if err := p.house.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 7 {
		p.house.Clock.Advance(24 * time.Hour)
		if err := p.house.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p.house.Clock.Advance(30 * time.Minute)
	if err := p.house.AwaitJournaled(t.Context(), demand.ID(id), false); err != nil {
		t.Fatal(err)
	}
	stands(t, ctx, p, "Draft a grant", "counterseal demand grant "+id+" --as p-okafor")
	look("draft")
	for _, words := range []string{"approve", "release", "stop"} {
		if n := get(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll("main button")].filter(e => e.innerText.toLowerCase().includes("`+words+`")).length`)); n != 0 {
			t.Errorf("a button offers to %s", words)
		}
	}
	for _, line := range said.take() {
		if !strings.Contains(line, "status of 422") {
			t.Errorf("the console says: %s", line)
		}
	}
}

// sent is a form as the page rendered it, to be sent as it is.
func (p *program) sent(t *testing.T, c *http.Client, act string) url.Values {
	t.Helper()
	page := whole(t, c, p.page(t))
	form := regexp.MustCompile(`(?s)<form class="deed".*?</form>`).FindAllString(page, -1)
	for _, f := range form {
		if !strings.Contains(f, `name="act" value="`+act+`"`) {
			continue
		}
		out := url.Values{}
		for _, m := range regexp.MustCompile(`<input type="(?:hidden|checkbox)" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(f, -1) {
			out.Add(m[1], m[2])
		}
		return out
	}
	t.Fatalf("no form to %s", act)
	return nil
}

func (p *program) post(t *testing.T, c *http.Client, form url.Values) (int, string) {
	t.Helper()
	r, err := c.PostForm(p.page(t), form)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, r.Body); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Request.URL.RawQuery + b.String()
}

func (p *program) events(t *testing.T) int {
	t.Helper()
	h, err := p.house.Docket.History(t.Context(), demand.ID(p.demand(t)))
	if err != nil {
		t.Fatal(err)
	}
	return len(h)
}

func TestAFormIsDoneOnceOnTheDemandThatWasSeen(t *testing.T) {
	p := open(t, arrived)
	first, second := p.client(t, "p-halvorsen"), p.client(t, "p-brandt")
	check, late := p.sent(t, first, "authenticate"), p.sent(t, second, "authenticate")
	look := p.sent(t, second, "resolve")
	check.Set("text", "called back")
	check.Set("choice", "genuine")
	for range 2 { // a double click
		if code, body := p.post(t, first, check); code != 200 || !strings.HasPrefix(body, "recorded=2") || p.events(t) != 2 {
			t.Fatalf("%d, %d events: %.200s", code, p.events(t), body)
		}
	}
	check.Set("choice", "forged") // the same form, something else in it
	if code, body := p.post(t, first, check); code != 409 || !strings.Contains(body, "docket.conflict") || p.events(t) != 2 {
		t.Errorf("another request under one form: %d, %d events", code, p.events(t))
	}
	late.Set("text", "nobody answered <there>")
	late.Set("choice", "forged")
	code, body := p.post(t, second, late)
	if code != 409 || p.events(t) != 2 {
		t.Errorf("a page that is old: %d, %d events", code, p.events(t))
	}
	for _, want := range []string{"staff.changed", "It has changed since you saw it.", `<a href="#event-2">event 2</a>: Instrument checked by p-halvorsen, called back`} {
		if !strings.Contains(body, want) {
			t.Errorf("an old page does not say %q", want)
		}
	}
	// An act that the change does not touch is for the person to send again, too:
	// the program does not know what somebody decided on.
	look.Set("choice", "accounts")
	if code, body := p.post(t, second, look); code != 409 || !strings.Contains(body, "staff.changed") || p.events(t) != 2 {
		t.Errorf("an old page, another act: %d, %d events", code, p.events(t))
	}
	look = p.sent(t, second, "resolve")
	look.Set("choice", "accounts")
	look.Set("text", "the only one")
	if code, _ := p.post(t, second, look); code != 200 || p.events(t) != 3 {
		t.Errorf("a fresh page: %d, %d events", code, p.events(t))
	}
}

func TestNobodyActsWhoIsNotOnTheRosterOrNotInTheSeat(t *testing.T) {
	p := open(t, until("the rules", ""))
	before := p.events(t)
	counsel := p.client(t, "p-okafor")
	form := p.sent(t, counsel, "decide")
	form.Set("choice", "comply")
	for person, want := range map[string]string{"": "app.roster", "p-brandt": "app.seat"} {
		c := p.client(t, person)
		if page := whole(t, c, p.page(t)); strings.Contains(page, `class="deed"`) || strings.Contains(page, "needs you") || (person == "") != strings.Contains(page, "Only a person on the charter’s roster can act") {
			t.Errorf("%q is offered an act", person)
		}
		if code, body := p.post(t, c, form); code != 403 || !strings.Contains(body, want) || p.events(t) != before {
			t.Errorf("%q: %d, %d events, want %s", person, code, p.events(t)-before, want)
		}
	}
	if code, _ := p.post(t, new(http.Client), form); code != 403 || p.events(t) != before {
		t.Errorf("without a session: %d", code)
	}
	if _, err := p.house.Admit("p-nobody"); err == nil {
		t.Error("a link was made for somebody who is not on the roster")
	}
	cross, err := http.NewRequest("POST", p.page(t), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	cross.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	r, err := counsel.Do(cross)
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	if r.StatusCode != 403 || p.events(t) != before {
		t.Errorf("from another site: %d", r.StatusCode)
	}
	if code, _ := p.post(t, counsel, form); code != 200 || p.events(t) != before+1 {
		t.Errorf("counsel: %d", code)
	}
}

func TestAnAccountThatTheMapDoesNotProposeIsNotTaken(t *testing.T) {
	p := open(t, arrived)
	c := p.client(t, "p-halvorsen")
	form := p.sent(t, c, "resolve")
	form.Set("choice", "accounts")
	for _, bad := range [][]string{{"ac-mercer"}, {"ac-hartwell", "ac-mercer"}, {""}} {
		form["account"] = bad
		if code, body := p.post(t, c, form); code != 422 || !strings.Contains(body, "app.proposal") || p.events(t) != 1 {
			t.Errorf("%q: %d, %d events", bad, code, p.events(t))
		}
	}
}
