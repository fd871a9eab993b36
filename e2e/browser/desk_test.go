package browser_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"counterseal/internal/demand"
)

// letter is a mail as it came, with something hanging on it and something hidden.
const letter = "From: R. Sample <r.sample@harbor.example>\r\nTo: legal@nordwind.example\r\nSubject: Order 13-mc-0555\r\nDate: Fri, 7 Jun 2013 12:00:00 -0400\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=xx\r\n\r\n--xx\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease hand over <script>alert(1)</script> what the attached order names, by 28 June 2013.\r\n" +
	"--xx\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"order.pdf\"\r\n\r\n%PDF-1.4\n%%EOF\n\r\n--xx--\r\n"

// unread takes a document in as bytes alone.
func (p *program) unread(t *testing.T) demand.ID {
	t.Helper()
	r, err := p.house.TakeUnread(t.Context(), "mail", "letter.eml", []byte(letter), "door:mail")
	if err != nil {
		t.Fatal(err)
	}
	return r.Demand
}

// fill puts values into the fields of the form of an act.
func fill(t *testing.T, ctx context.Context, values map[string]string) {
	t.Helper()
	if len(values) == 0 {
		return
	}
	b, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	missing := get(t, ctx, chromedp.Evaluate[[]string](`((values) => { const missing = [];
		for (const [name, value] of Object.entries(values)) {
			const all = [...document.getElementsByName(name)], e = all.length > 1 || all[0] && ["radio", "checkbox"].includes(all[0].type) ? all.find(x => x.value === value) : all[0];
			if (!e) { missing.push(name + "=" + value); continue; }
			if (["radio", "checkbox"].includes(e.type)) e.checked = true; else e.value = value;
			if (!["radio", "checkbox"].includes(e.type) && e.value !== value) missing.push(name + " took " + e.value);
		}
		return missing; })(`+string(b)+`)`))
	if len(missing) > 0 {
		t.Fatalf("the form does not take %q: %s", missing, text(t, ctx, "main"))
	}
}

// record follows a link to the page of an act, fills it and sends it.
func (p *program) record(t *testing.T, ctx context.Context, page, act string, values map[string]string) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(p.URL+page))
	press(t, ctx, chromedp.CSS("a.do[href^='"+page+"/act/"+act+"'], .next a[href^='"+page+"/act/"+act+"']"))
	fill(t, ctx, values)
	press(t, ctx, "form.deed button.act")
	if said := text(t, ctx, ".trouble"); said != "" {
		t.Fatalf("%s was not recorded: %s", act, said)
	}
}

// looks opens a page in every light and width.
func (p *program) looks(t *testing.T, ctx context.Context, name, path string) {
	t.Helper()
	for _, s := range sights {
		s.set(t, ctx)
		do(t, ctx, chromedp.Navigate(p.URL+path))
		inspect(t, ctx)
		shoot(t, ctx, "desk-"+name+"-"+s.name)
		axe(t, ctx)
	}
	sights[0].set(t, ctx)
}

// place is the address of the page that is open.
func place(t *testing.T, ctx context.Context) string {
	t.Helper()
	u, err := url.Parse(get(t, ctx, chromedp.Location()))
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func TestADocumentThatNobodyHasReadIsReadOnItsPage(t *testing.T) {
	ctx := chromium(t)
	p := open(t, arrived)
	said := listen(t, ctx)
	id := p.unread(t)
	page := "/demand/" + string(id)
	sights[0].set(t, ctx)
	p.enter(t, ctx, "p-halvorsen")
	do(t, ctx, chromedp.Navigate(p.URL+"/queue?show=unread"))
	sees(t, ctx, "table.queue", string(id), "nobody has read yet what it asks", "needs you")
	if strings.Contains(text(t, ctx, "table.queue"), "Search warrant") {
		t.Error("a demand that was read stands among the unread")
	}
	p.looks(t, ctx, "unread", page)
	do(t, ctx, chromedp.Navigate(p.URL+page))
	sees(t, ctx, "h1", "A document that nobody has read yet")
	sees(t, ctx, ".inert", "Please hand over <script>alert(1)</script>")
	sees(t, ctx, section("document"), "Order 13-mc-0555", "1 attachment")
	sum := sha256.Sum256([]byte(letter))
	p.looks(t, ctx, "document", page+"/document/"+hex.EncodeToString(sum[:]))
	sees(t, ctx, section("attachments"), "order.pdf", "PDF")
	do(t, ctx, chromedp.Navigate(p.URL+page+"/act/demand.read"))
	sees(t, ctx, "dl.facts", "It sets a day", "2013-06-28", "Fill in what is without doubt")
	press(t, ctx, "dl.facts a[href^='?']")
	if got := get(t, ctx, chromedp.Evaluate[string](`document.getElementsByName("f-due")[0].value`)); got != "2013-06-28" {
		t.Errorf("the day that is proposed is filled in as %q", got)
	}
	p.looks(t, ctx, "read", page+"/act/demand.read")
	p.record(t, ctx, page, "demand.read", map[string]string{"f-kind": "data", "f-instrument": "sca_d_order", "f-title": "Order, 18 USC 2703(d)", "f-number": "13-mc-0555", "f-agency": "us-harbor", "f-due": "2013-06-28"})
	sees(t, ctx, ".recorded", "Document read")
	sees(t, ctx, "h1", "Order, 18 USC 2703(d)")
	sees(t, ctx, section("document"), "Fri 28 Jun, 24:00 Copenhagen")
	p.record(t, ctx, page, "facts.state", map[string]string{"f-requester": "government", "f-asks_content": "false", "f-signed": "2013-06-07", "f-fields": "name"})
	sees(t, ctx, ".recorded", "Facts stated")
	do(t, ctx, chromedp.Navigate(p.URL+page+"/act/facts.state"))
	if got := get(t, ctx, chromedp.Evaluate[string](`[...document.querySelectorAll("form.deed :checked")].map(e => e.name + "=" + e.value).filter(s => !s.endsWith("=")).join(" ")`)); !strings.Contains(got, "f-requester=government") || !strings.Contains(got, "f-fields=name") || !strings.Contains(got, "f-asks_content=false") {
		t.Errorf("the form does not keep the facts: %s", got)
	}
	p.looks(t, ctx, "facts", page+"/act/facts.state")
	p.record(t, ctx, page, "demand.ask", map[string]string{"f-identifier": "address", "f-stated": "june.hartwell@nordwind.example", "f-service": "mail", "f-category": "traffic", "f-from": "2013-05-01", "f-until": "2013-05-31"})
	sees(t, ctx, section("lines"), "mail, traffic data", "1 May – 31 May 2013 Copenhagen")
	sees(t, ctx, section("targets"), "june.hartwell@nordwind.example")
	if lines := said.take(); len(lines) > 0 {
		t.Errorf("the console says: %q", lines)
	}
}

func TestAFileThatIsDroppedOnTheQueueIsADemandThatNobodyHasRead(t *testing.T) {
	p := open(t, arrived)
	drop := func(person, name, content string) (int, string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		f, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
		w.Close()
		r, err := p.client(t, person).Post(p.URL+"/queue/drop", w.FormDataContentType(), &b)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, r.Request.URL.Path + string(body)
	}
	code, first := drop("p-halvorsen", "letter.eml", letter)
	if code != 200 || !strings.HasPrefix(first, "/demand/") || !strings.Contains(first, "A document that nobody has read yet") {
		t.Fatalf("%d %.300s", code, first)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(first, "/demand/"), "<")
	if code, again := drop("p-brandt", "other name.eml", letter); code != 200 || !strings.HasPrefix(again, "/demand/"+id) {
		t.Errorf("the same bytes again are another demand: %d %.60s", code, again)
	}
	for name, x := range map[string]struct{ person, content, code string }{"empty": {"p-brandt", "", "intake.empty"}, "not on the roster": {"", "x", "app.roster"}} {
		if code, body := drop(x.person, "a.txt", x.content); code < 400 || !strings.Contains(body, x.code) {
			t.Errorf("%s: %d %.300s", name, code, body)
		}
	}
}

func TestATableOfPastDemandsIsJudgedFirstAndTakenInOnASecondWord(t *testing.T) {
	p := open(t, arrived)
	ctx := chromium(t)
	send := func(take string) string {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		f, err := w.CreateFormFile("f-table", "past.csv")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("Agency,Country,Instrument,Number,Received,Outcome\nHarbor Police,US,subpoena,11-1,2011-03-02,comply\nHarbor Police,US,subpoena,11-2,not a day,comply\n")); err != nil {
			t.Fatal(err)
		}
		if take != "" {
			if err := w.WriteField("f-take", take); err != nil {
				t.Fatal(err)
			}
		}
		w.Close()
		return sent(t, p.client(t, "p-okafor"), p.URL+"/import", w.FormDataContentType(), b.String())
	}
	if got := send(""); !strings.Contains(got, "1 row</strong> can be taken in") || !strings.Contains(got, "1 row needs a look") || !strings.Contains(got, "not a day") {
		t.Errorf("the table is judged so: %s", got)
	}
	if got := whole(t, p.client(t, "p-okafor"), p.URL+"/register/imports.csv"); strings.Contains(got, "11-1") {
		t.Error("looking at a table took something in")
	}
	if got := send("yes"); !strings.Contains(got, "1 row</strong> taken in") {
		t.Errorf("the table is taken in so: %s", got)
	}
	if got := send("yes"); !strings.Contains(got, "0 rows</strong> taken in") || !strings.Contains(got, "1 row is on file already") {
		t.Errorf("the same table again: %s", got)
	}
	if got := whole(t, p.client(t, "p-okafor"), p.URL+"/register/imports.csv"); !strings.Contains(got, "11-1") {
		t.Errorf("the register of past demands lacks it: %s", got)
	}
	p.enter(t, ctx, "p-okafor")
	p.looks(t, ctx, "import", "/import")
	p.looks(t, ctx, "registers", "/registers")
	p.looks(t, ctx, "find", "/find?q=13-mj-0417")
	sees(t, ctx, "table.queue", "Search warrant")
	p.looks(t, ctx, "queue", "/queue")
}

// looked has a demand whose account was looked up and checked.
func looked(t *testing.T, p *program) {
	t.Helper()
	until("the rules", "")(t, p)
}

func TestAContestIsOpenedAndItsStayStopsTheDemand(t *testing.T) {
	ctx := chromium(t)
	p := open(t, looked)
	id := p.demand(t)
	page := "/demand/" + id
	sights[0].set(t, ctx)
	p.enter(t, ctx, "p-okafor")
	p.looks(t, ctx, "contest-open", page+"/act/contest.open")
	p.record(t, ctx, page, "contest.open", map[string]string{"f-title": "In re warrant 13-mj-0417", "f-against": "production", "f-court": "Harbor District Court", "f-number": "13-mc-77", "f-filed": "2013-06-07", "f-lines": "1"})
	contest := place(t, ctx)
	sees(t, ctx, ".headline", "Contest", "pending", "In re warrant 13-mj-0417")
	sees(t, ctx, "main", "No stay is in force", "Harbor District Court, 13-mc-77", "no ruling yet")
	// What was typed is kept where it cannot be taken.
	do(t, ctx, chromedp.Navigate(p.URL+contest+"/act/contest.rule"))
	fill(t, ctx, map[string]string{"f-ruling": "denied", "f-on": "2013-06-01", "f-says": "The motion is denied."})
	press(t, ctx, "form.deed button.act")
	sees(t, ctx, ".trouble", "A court does not rule before it was asked", "contest.order")
	if got := get(t, ctx, chromedp.Evaluate[string](`document.getElementsByName("f-says")[0].value + document.getElementsByName("f-on")[0].value`)); got != "The motion is denied.2013-06-01" {
		t.Errorf("what was typed is %q", got)
	}
	p.record(t, ctx, contest, "contest.stay", map[string]string{"f-source": "Harbor District Court, order of 7 June", "f-on": "2013-06-07", "f-until": "2013-07-01"})
	sees(t, ctx, section("stays"), "Harbor District Court, order of 7 June", "in force", id)
	p.record(t, ctx, contest, "contest.filing", map[string]string{"f-who": "A civil society group", "f-what": "Brief as friend of the court", "f-on": "2013-06-07"})
	p.looks(t, ctx, "contest", contest)
	p.record(t, ctx, page, "line.decide", map[string]string{"f-line": "1", "f-decision": "comply"})
	do(t, ctx, chromedp.Navigate(p.URL+page))
	sees(t, ctx, section("way"), "A court has stayed this part", contest)
	sees(t, ctx, section("contests"), "In re warrant 13-mj-0417", "Stay, in force")
	sees(t, ctx, section("tracks"), "Contest", "Stay")
	if !strings.Contains(text(t, ctx, ".over-title"), "on hold by law") {
		t.Error("the demand is not on hold")
	}
	do(t, ctx, chromedp.Navigate(p.URL+"/queue?show=held"))
	sees(t, ctx, "table.queue", id, "A court has stayed this part")
	p.looks(t, ctx, "contests", "/register/contests?show=stayed")
	sees(t, ctx, "table.register", "In re warrant 13-mj-0417", "a stay is in force")
	// Somebody whose seat is not for it is not offered it, and cannot give it.
	p.enter(t, ctx, "p-halvorsen")
	do(t, ctx, chromedp.Navigate(p.URL+contest+"/act/contest.end"))
	if got := text(t, ctx, "main code"); got != "app.seat" {
		t.Errorf("a reviewer is offered the end of a contest: %q", got)
	}
}

func TestADutyOfSecrecyIsRecordedAndItsNoticeArmed(t *testing.T) {
	ctx := chromium(t)
	p := open(t, looked)
	page := "/demand/" + p.demand(t)
	sights[0].set(t, ctx)
	p.enter(t, ctx, "p-okafor")
	p.looks(t, ctx, "secrecy-open", page+"/act/secrecy.open")
	p.record(t, ctx, page, "secrecy.open", map[string]string{"f-source": "order", "f-cite": "18 USC 2705(b)", "f-authority": "Harbor District Court", "f-number": "13-mc-78", "f-signed": "2013-06-07", "f-until": "2013-12-07"})
	duty := place(t, ctx)
	sees(t, ctx, ".headline", "Duty of secrecy", "in force", "18 USC 2705(b)")
	sees(t, ctx, "main", "Nobody has armed the notice", "Sat 7 Dec, 24:00 Copenhagen")
	p.record(t, ctx, duty, "secrecy.arm", nil)
	sees(t, ctx, ".recorded", "Notice armed")
	sees(t, ctx, section("facts"), "armed by p-okafor")
	p.looks(t, ctx, "secrecy", duty)
	p.looks(t, ctx, "secrecy-register", "/register/secrecy")
	sees(t, ctx, "table.register", "18 USC 2705(b)", "armed", "in force")
	do(t, ctx, chromedp.Navigate(p.URL+page))
	sees(t, ctx, section("secrecy"), "18 USC 2705(b)", "in force", "armed by p-okafor")
	p.enter(t, ctx, "p-brandt")
	do(t, ctx, chromedp.Navigate(p.URL+duty))
	if got := text(t, ctx, section("record")); strings.Contains(got, "Record that it was lifted") {
		t.Error("privacy is offered counsel's act")
	}
}

// every address that a person can ask about one demand.
func (p *program) addresses(id, digest string) []string {
	at := "/demand/" + id
	return []string{at, at + "/act/demand.close", at + "/act/facts.state", at + "/act/contest.open", at + "/act/nothing.here", at + "/document/" + digest, at + "/file/" + digest, at + "/file/" + digest + "?attachment=1",
		at + "/letter", at + "/letter/no-records", at + "/letter/nothing"}
}

func TestWhatIsUnderSealIsNotThereForWhoIsNoMember(t *testing.T) {
	ctx := chromium(t)
	p := open(t, looked)
	id := p.demand(t)
	page := "/demand/" + id
	sights[0].set(t, ctx)
	p.enter(t, ctx, "p-okafor")
	do(t, ctx, chromedp.Navigate(p.URL+"/act/case.open"))
	fill(t, ctx, map[string]string{"f-why": "Order of the court, 13-mc-79", "f-members": "p-okafor, p-halvorsen"})
	press(t, ctx, "form.deed button.act")
	sealed := place(t, ctx)
	p.record(t, ctx, page, "case.seal", map[string]string{"f-case": strings.TrimPrefix(sealed, "/case/")})
	sees(t, ctx, ".headline", "under court seal")
	p.looks(t, ctx, "case", sealed)
	sees(t, ctx, "main", "Search warrant", "p-halvorsen")
	p.looks(t, ctx, "sealed-queue", "/queue?show=sealed")
	sees(t, ctx, "table.queue", id, "under court seal")

	state, err := p.house.Docket.State(t.Context(), demand.ID(id))
	if err != nil {
		t.Fatal(err)
	}
	digest := state.State.Original.String()
	member, outsider := p.client(t, "p-halvorsen"), p.client(t, "p-brandt")
	if got := whole(t, member, p.URL+page); !strings.HasPrefix(got, "200 ") {
		t.Fatal("a member does not see it")
	}
	// Asked, typed into, and sent to, it is what an absent one is, to the byte.
	absent := p.addresses("2222-22", digest)
	for i, at := range p.addresses(id, digest) {
		if got, want := whole(t, outsider, p.URL+at), whole(t, outsider, p.URL+absent[i]); got != want || !strings.HasPrefix(got, "404 ") {
			t.Errorf("%s has an answer of its own:\n%s\n%s", at, got, want)
		}
	}
	if got, want := whole(t, outsider, p.URL+sealed), whole(t, outsider, p.URL+"/case/x-2222-22"); got != want {
		t.Error("the sealed case itself has an answer of its own")
	}
	for _, x := range []struct{ path, act string }{{"", "act=assess&seen=1&command=000102030405060708090a0b0c0d0e0f"}, {"/act/hold.place", "seen=0&command=000102030405060708090a0b0c0d0e0f&f-kind=action&f-why=x"}} {
		got, want := sent(t, outsider, p.URL+page+x.path, "application/x-www-form-urlencoded", x.act), sent(t, outsider, p.URL+"/demand/2222-22"+x.path, "application/x-www-form-urlencoded", x.act)
		if got != want || !strings.HasPrefix(got, "404 ") {
			t.Errorf("POST %s has an answer of its own: %s", x.path, got)
		}
	}
	for _, x := range []string{"do=write", "do=send&seen=1&command=000102030405060708090a0b0c0d0e0f&written=2013-06-07T12:00:00Z&wording=x", "colour=red"} {
		got, want := sent(t, outsider, p.URL+page+"/letter/no-records", "application/x-www-form-urlencoded", x), sent(t, outsider, p.URL+"/demand/2222-22/letter/no-records", "application/x-www-form-urlencoded", x)
		if got != want || !strings.HasPrefix(got, "404 ") {
			t.Errorf("a letter of %s has an answer of its own: %s", x, got)
		}
	}
	kind, body := upload(t)
	if got, want := sent(t, outsider, p.URL+page+"/act/message.keep", kind, body), sent(t, outsider, p.URL+"/demand/2222-22/act/message.keep", kind, body); got != want || !strings.HasPrefix(got, "404 ") {
		t.Errorf("an upload has an answer of its own: %s", got)
	}
	// An act elsewhere that names it says what one that names nothing says.
	other := string(p.unread(t))
	link := func(to string) string {
		return strings.ReplaceAll(p.given(t, outsider, "/demand/"+other, "demand.link", url.Values{"f-type": {"follows"}, "f-other": {to}}), to, "ID")
	}
	if got, want := link(id), link("2222-22"); got != want || strings.Contains(got, "303") {
		t.Errorf("linking to it tells that it is there:\n%s\n%s", got, want)
	}
	// No list has it.
	find := func(what string) string {
		return strings.ReplaceAll(whole(t, outsider, p.URL+"/find?q="+what), what, "WHAT")
	}
	if find(id) != find("2222-22") || find("13-mj-0417") != find("13-mj-9999") {
		t.Error("a search tells that it is there")
	}
	lists := []string{"/queue", "/queue?show=sealed", "/queue?show=others", "/queue?show=closed", "/registers"}
	for _, name := range []string{"duties", "contests", "secrecy", "preservation", "notices", "grants", "matters", "cases", "imports"} {
		lists = append(lists, "/register/"+name, "/register/"+name+".csv")
	}
	for _, at := range lists {
		got := whole(t, outsider, p.URL+at)
		if strings.Contains(got, id) || strings.Contains(got, "13-mj-0417") || strings.Contains(got, "13-mc-79") || !strings.HasPrefix(got, "200 ") {
			t.Errorf("%s shows what is under seal: %.200s", at, got)
		}
	}
	if got := whole(t, outsider, p.URL+"/queue"); !strings.Contains(got, `show=sealed">under seal, open to me</a> <span class="quiet">0</span>`) || !strings.Contains(got, `all that is open</span> <span class="quiet">1</span>`) {
		t.Error("a count tells that it is there")
	}
}

// sent is the whole answer to a POST, to the byte, but for the time of day.
func sent(t *testing.T, c *http.Client, address, kind, body string) string {
	t.Helper()
	r, err := c.Post(address, kind, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Del("Date")
	return fmt.Sprintf("%d %v %s", r.StatusCode, r.Header, b)
}

func upload(t *testing.T) (kind, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, value := range map[string]string{"seen": "0", "command": "000102030405060708090a0b0c0d0e0f", "f-direction": "in", "f-party": "x", "f-channel": "mail", "f-subject": "x"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.CreateFormFile("f-document", "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("a document")); err != nil {
		t.Fatal(err)
	}
	w.Close()
	return w.FormDataContentType(), b.String()
}

// given sends the form of an act as the page rendered it, with these fields, and
// gives the answer without the id that each rendering has of its own.
func (p *program) given(t *testing.T, c *http.Client, page, act string, fields url.Values) string {
	t.Helper()
	form := whole(t, c, p.URL+page+"/act/"+act)
	for _, name := range []string{"seen", "command"} {
		_, rest, _ := strings.Cut(form, `name="`+name+`" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		fields.Set(name, value)
	}
	answer := sent(t, c, p.URL+page+"/act/"+act, "application/x-www-form-urlencoded", fields.Encode())
	before, rest, _ := strings.Cut(answer, `name="command" value="`)
	_, after, _ := strings.Cut(rest, `"`)
	return before + after
}
