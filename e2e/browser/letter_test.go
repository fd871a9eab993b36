package browser_test

import (
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"counterseal/internal/demand"
)

// nobodys has a demand about an address that is no account of ours.
func nobodys(t *testing.T, p *program) {
	t.Helper()
	arrived(t, p)
	id := demand.ID(p.demand(t))
	for _, x := range []struct {
		who demand.Person
		c   demand.Command
	}{{"p-halvorsen", demand.Authenticate{Genuine: true, How: "called back"}}, {"p-halvorsen", demand.Resolve{Target: 1}}, {"p-brandt", demand.Check{Target: 1, Resolution: 3}}} {
		if _, err := p.house.Act(t.Context(), id, x.who, "", x.c); err != nil {
			t.Fatal(err)
		}
	}
}

// inSpool is how many letters lie in the spool.
func (p *program) inSpool(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir(p.house.Folder.Spool())
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return len(all)
}

func TestALetterIsWrittenFromTheRecordReadAndSent(t *testing.T) {
	ctx := chromium(t)
	p := open(t, nobodys)
	said := listen(t, ctx)
	page := "/demand/" + p.demand(t)
	sights[0].set(t, ctx)
	p.enter(t, ctx, "p-okafor")
	do(t, ctx, chromedp.Navigate(p.URL+page))
	press(t, ctx, chromedp.CSS("a.do[href='"+page+"/letter']"))
	sees(t, ctx, section("fit"), "No records", "It fits: no account of ours: june.hartwell@nordwind.example", "Acknowledgement")
	sees(t, ctx, section("other"), "Rejection", "Duplicate", "No instrument")
	p.looks(t, ctx, "letters", page+"/letter")

	// What the record lacks is said, and what is added is taken.
	p.looks(t, ctx, "letter-lacks", page+"/letter/clarification-request")
	sees(t, ctx, "section.next", "It cannot be written yet", "What it needs: questions", "Write one question at least", "notice.field")
	fill(t, ctx, map[string]string{"f-say": "Which May is meant?\nIs mail meant that was sent, or received?", "f-language": "de", "f-kept": "yes"})
	press(t, ctx, "button[value='write']")
	sees(t, ctx, "article.letter", "Which May is meant?", "Is mail meant that was sent, or received?")
	sees(t, ctx, section("grounds"), "stated by a person")
	if got := get(t, ctx, chromedp.Evaluate[string](`document.querySelector("article.letter").lang + " " + document.querySelector("#wording").lang`)); got != "de de" {
		t.Errorf("the letter is in %q", got)
	}
	for _, kind := range []string{"duplicate", "preserved", "call-back-failed"} {
		do(t, ctx, chromedp.Navigate(p.URL+page+"/letter/"+kind))
		sees(t, ctx, "section.next", "It cannot be written yet", "letter.")
	}

	// The letter that fits: read, put into other words, shown, sent.
	do(t, ctx, chromedp.Navigate(p.URL+page+"/letter"))
	press(t, ctx, chromedp.CSS("a[href='"+page+"/letter/no-records']"))
	p.looks(t, ctx, "letter", page+"/letter/no-records")
	sees(t, ctx, "article.letter", "june.hartwell@nordwind.example")
	before := p.events(t)
	edit := `(() => { const e = document.querySelector("#wording"); e.value = e.value.replace("june.hartwell", "the account june.hartwell"); return e.value.includes("the account june") })()`
	if !get(t, ctx, chromedp.Evaluate[bool](edit)) {
		t.Fatal("the wording does not name the address")
	}
	press(t, ctx, "button[value='show']")
	sees(t, ctx, "article.letter", "the account june.hartwell@nordwind.example")
	if p.events(t) != before || p.inSpool(t) != 0 {
		t.Error("writing a letter recorded or sent something")
	}
	press(t, ctx, "button[value='send']")
	sees(t, ctx, ".recorded", "Sent as message 1: No records, to", "It lies in the spool, to be posted.")
	sees(t, ctx, section("thread"), "No records", "Write a letter")
	if p.inSpool(t) != 1 {
		t.Errorf("%d letters in the spool", p.inSpool(t))
	}
	sees(t, ctx, section("notes"), "the account june.hartwell@nordwind.example")
	for _, s := range sights {
		s.set(t, ctx)
		inspect(t, ctx)
		shoot(t, ctx, "desk-letter-sent-"+s.name)
	}
	axe(t, ctx)
	sights[0].set(t, ctx)
	press(t, ctx, "#message-1 a.digest")
	sees(t, ctx, "main", "Save the file")
	if lines := said.take(); len(lines) > 0 {
		t.Errorf("the console says: %q", lines)
	}
}

func TestEachGroundOfALetterLeadsToItsFinding(t *testing.T) {
	ctx := chromium(t)
	p := open(t, arrived)
	id := p.unread(t)
	page := "/demand/" + string(id)
	sights[0].set(t, ctx)
	p.enter(t, ctx, "p-okafor")
	p.record(t, ctx, page, "demand.read", map[string]string{"f-kind": "data", "f-instrument": "grand_jury_subpoena", "f-title": "Subpoena", "f-number": "13-gj-0007", "f-agency": "us-harbor", "f-due": "2013-06-28"})
	p.record(t, ctx, page, "facts.state", map[string]string{"f-requester": "government", "f-asks_content": "true", "f-signed": "2013-06-07"})
	if _, err := p.house.Assess(t.Context(), id, "p-okafor"); err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Navigate(p.URL+page+"/letter"))
	sees(t, ctx, section("fit"), "Rejection", "It fits: reject is proposed: 18 USC 2703")
	p.looks(t, ctx, "letter-rejection", page+"/letter/rejection")
	sees(t, ctx, section("grounds"), "18 USC 2703", "finding us.")
	press(t, ctx, "section[aria-labelledby='grounds'] a")
	if target := get(t, ctx, chromedp.Evaluate[string](`document.querySelector(":target").textContent`)); !strings.Contains(target, "18 USC 2703") {
		t.Errorf("the ground leads to %q", target)
	}
}

// letterForm is the form that sends a letter, as the page rendered it.
func (p *program) letterForm(t *testing.T, body string) url.Values {
	t.Helper()
	form := url.Values{"do": {"send"}}
	for _, name := range []string{"seen", "command", "written", "f-language"} {
		_, rest, ok := strings.Cut(body, `type="hidden" name="`+name+`" value="`)
		if !ok {
			t.Fatalf("the page has no %s", name)
		}
		value, _, _ := strings.Cut(rest, `"`)
		form.Set(name, strings.ReplaceAll(value, "&#43;", "+"))
	}
	_, rest, _ := strings.Cut(body, `<textarea id="wording"`)
	_, rest, _ = strings.Cut(rest, ">")
	wording, _, _ := strings.Cut(rest, "</textarea>")
	form.Set("wording", strings.ReplaceAll(wording, "&#39;", "'"))
	return form
}

func TestALetterIsSentOnceFromThePageThatWasSeenByWhoeverMay(t *testing.T) {
	p := open(t, nobodys)
	at := p.page(t) + "/letter/no-records"
	const kind = "application/x-www-form-urlencoded"
	counsel, reviewer, onlooker := p.client(t, "p-okafor"), p.client(t, "p-halvorsen"), p.client(t, "")
	if got := whole(t, onlooker, at); !strings.Contains(got, "june.hartwell") || strings.Contains(got, `value="send"`) {
		t.Error("whoever looks on cannot read the letter, or is offered to send it")
	}
	form, older := p.letterForm(t, whole(t, counsel, at)), p.letterForm(t, whole(t, reviewer, at))
	if got := sent(t, onlooker, at, kind, form.Encode()); !strings.HasPrefix(got, "403 ") || !strings.Contains(got, "app.roster") {
		t.Errorf("whoever looks on sends: %.200s", got)
	}
	before := p.events(t)
	for range 3 {
		if got := sent(t, counsel, at, kind, form.Encode()); !strings.HasPrefix(got, "200 ") || !strings.Contains(got, "Sent as <a href=\"#message-1\">message 1</a>") {
			t.Fatalf("%.300s", got)
		}
	}
	if p.events(t) != before+1 || p.inSpool(t) != 1 {
		t.Errorf("one form is %d events and %d letters", p.events(t)-before, p.inSpool(t))
	}
	older.Set("wording", older.Get("wording")+"\nIn other words.")
	got := sent(t, reviewer, at, kind, older.Encode())
	for _, want := range []string{"409 ", "staff.changed", "not sent", "No records", "In other words."} {
		if !strings.Contains(got, want) {
			t.Errorf("an older page is not told %q", want)
		}
	}
	changed := form
	changed.Set("wording", form.Get("wording")+"\nIn other words.")
	if got := sent(t, counsel, at, kind, changed.Encode()); !strings.HasPrefix(got, "409 ") {
		t.Errorf("the same form with other words: %.60s", got)
	}
	if p.events(t) != before+1 || p.inSpool(t) != 1 {
		t.Error("an older page sent a letter")
	}
}
