package browser_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"counterseal/internal/access"
	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/demo"
	"counterseal/internal/web/staff"
)

// program is the real program with Nordwind's folder, its pages open on loopback.
type program struct {
	*httptest.Server
	house *app.House
	stage *demo.Stage
	told  *demo.Play
}

// open makes Nordwind's folder and lets play do what comes before the pages open.
func open(t *testing.T, play func(*testing.T, *program)) *program {
	t.Helper()
	return openAs(t, func(app.Folder) {}, play)
}

// openAs is open where the folder is configured first.
func openAs(t *testing.T, configure func(app.Folder), play func(*testing.T, *program)) *program {
	t.Helper()
	p := &program{}
	var err error
	p.stage, err = demo.NewStage(t.TempDir(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	configure(p.stage.Folder)
	o, err := app.Open(t.Context(), p.stage.Folder, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	p.house = app.NewHouse(o)
	play(t, p)
	p.Server = httptest.NewServer(p.house.Handler())
	t.Cleanup(p.Server.Close)
	return p
}

// until plays the demo up to and with the first step that somebody begins so; ""
// is the end. It stops as a person would who leaves: what stands is not undone.
func until(who, what string) func(*testing.T, *program) {
	return func(t *testing.T, p *program) {
		t.Helper()
		ended := make(chan error, 1)
		go func() {
			reached := false
			defer func() {
				if reached {
					ended <- nil
				}
			}()
			story := []demo.Story{demo.OpenDoor().Only("warrant", "package")}
			told, err := demo.Tell(t.Context(), p.stage, p.house.Office, story, demo.Telling{Tell: func(s demo.Step) {
				if who != "" && s.Who == who && strings.HasPrefix(s.What, what) {
					reached = true
					runtime.Goexit()
				}
			}})
			if err == nil {
				p.told = told[0]
			}
			ended <- err
		}()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
}

// arrived has a charter and one demand, and nobody has looked at it. Nothing runs
// beside it, so the journal has not taken it in.
func arrived(t *testing.T, p *program) {
	t.Helper()
	if err := p.stage.Sign(p.house.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.house.InitGate(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(p.stage.Form)
	if err != nil {
		t.Fatal(err)
	}
	form := strings.NewReader(mailLineAlone(string(text)))
	order, err := os.Open(p.stage.Order)
	if err != nil {
		t.Fatal(err)
	}
	defer order.Close()
	_, err = p.house.TakeIn(t.Context(), app.Delivery{Channel: "portal", FormName: "demand.toml", Form: form, OriginalName: "warrant.txt", Original: order})
	if err != nil {
		t.Fatal(err)
	}
}

// mailLineAlone leaves of a form's lines the one that asks for mail.
func mailLineAlone(form string) string {
	parts := strings.Split(form, "[[line]]")
	last := len(parts) - 1
	line, facts, _ := strings.Cut(parts[last], "[facts]")
	out := parts[0]
	for _, x := range append(parts[1:last:last], line) {
		if strings.Contains(x, `service = "mail"`) {
			out += "[[line]]" + x
		}
	}
	return out + "[facts]" + facts
}

// demand is the one demand of the queue.
func (p *program) demand(t *testing.T) string {
	t.Helper()
	for _, show := range []string{"", "closed"} {
		q, err := app.Staff{Office: p.house.Office}.Queue(t.Context(), "", staff.Ask{Show: show})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range q.Rows {
			return r.ID
		}
	}
	t.Fatal("the queue is empty")
	return ""
}

func (p *program) page(t *testing.T) string { return p.URL + "/demand/" + p.demand(t) }

func (p *program) link(t *testing.T, person string) string {
	t.Helper()
	token, err := p.house.Admit(person)
	if err != nil {
		t.Fatal(err)
	}
	return access.EnterURL(p.URL, token)
}

// enter signs a person in; whoever was signed in before is out.
func (p *program) enter(t *testing.T, ctx context.Context, person string) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(p.link(t, person)))
	press(t, ctx, "button.act")
}

// standingWork lets logs, clerk and gate's news run, as serve does.
func (p *program) standingWork(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.house.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
}

func text(t *testing.T, ctx context.Context, css string) string {
	t.Helper()
	return get(t, ctx, chromedp.Evaluate[string](`((e) => e ? e.innerText.replace(/\s+/g, " ").trim() : "")(document.querySelector("`+css+`"))`))
}

func sees(t *testing.T, ctx context.Context, css string, want ...string) {
	t.Helper()
	got := text(t, ctx, css)
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("%s does not say %q: %q", css, w, got)
		}
	}
}

// section is what stands beside a section's title.
func section(id string) string { return "section[aria-labelledby='" + id + "']" }

func TestTheProgramShowsADemandThatWasAnswered(t *testing.T) {
	ctx := chromium(t)
	p := open(t, until("", ""))
	id := p.told.Kept("warrant")
	said := listen(t, ctx)
	link := p.link(t, "p-halvorsen")
	do(t, ctx, chromedp.Navigate(link))
	press(t, ctx, "button.act")
	sees(t, ctx, "main", id, "Office of the Prosecutor, Harbor District", "Search warrant", "1 target · traffic, content", "answered in part", "close the demand", "needs you")
	for _, s := range sights {
		s.set(t, ctx)
		do(t, ctx, chromedp.Navigate(p.URL+"/queue"))
		inspect(t, ctx)
		shoot(t, ctx, "program-queue-"+s.name)
		axe(t, ctx)
		do(t, ctx, chromedp.Navigate(p.URL+"/demand/"+id))
		inspect(t, ctx)
		shoot(t, ctx, "program-demand-"+s.name)
		axe(t, ctx)
	}
	sees(t, ctx, ".headline", id, "Search warrant, 18 USC 2703(a)", "13-mj-0417")
	sees(t, ctx, section("document"), "R. Sample", "Genuine: called back on the number in the court's printed directory", "None: the customer may be told", "ac-hartwell", "SHA-256")
	sees(t, ctx, section("targets"), "june.hartwell@nordwind.example", "ac-hartwell", "looked up by p-halvorsen, checked by p-brandt")
	sees(t, ctx, section("lines"), "mail, content of target 1", "give in full", "a warrant with account and dates")
	sees(t, ctx, section("findings"), "15 hold", "Show what holds")
	if n := get(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll("#findings + div details .item")].filter(e => e.innerHTML.includes("USC")).length`)); n == 0 {
		t.Error("no finding names its source")
	}
	sees(t, ctx, section("grants"), "released", "2 of 2 approvals", "p-okafor", "p-brandt", "Drafted by p-halvorsen, who does not approve it", "age1")
	sees(t, ctx, section("history"), "Demand received", "Instrument checked by p-halvorsen", "Account checked by a second person by p-brandt", "Customer told", "Grant drafted", "Release permitted", p.told.Kept("grant.items")+" items", "Release ended")
	sees(t, ctx, section("tracks"), "genuine", "5 of 5 lines decided", "told", "released")
	bars := get(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll(".tracks svg line.done").length`))
	if bars < 4 {
		t.Errorf("the time line draws %d things that are done, want authenticity, review, notice and release", bars)
	}
	sees(t, ctx, section("next"), "Close the demand")
	if got := get(t, ctx, chromedp.Evaluate[string](`document.querySelector(".next a.act").getAttribute("href") + " " + document.querySelector(".next .command").textContent`)); got != "/demand/"+id+"/act/demand.close counterseal demand close "+id+" --as p-halvorsen" {
		t.Errorf("it is closed by %q", got)
	}
	if lines := said.take(); len(lines) > 0 {
		t.Errorf("the console says: %q", lines)
	}

	// A used link lets nobody in again.
	do(t, ctx, chromedp.Navigate(link))
	if got := text(t, ctx, "main code"); got != "access.token" {
		t.Errorf("the link again: %q", got)
	}
	// What does not exist and what cannot exist are one answer, to the byte.
	client := p.client(t, "p-brandt")
	var first string
	for _, other := range []string{"/demand/zzzz-zz", "/demand/ZZ%20..", "/demand/" + strings.Repeat("z", 70), "/demand/" + id + "x", "/demand/2222-22"} {
		got := whole(t, client, p.URL+other)
		if first == "" {
			first = got
		}
		if got != first || !strings.HasPrefix(got, "404 ") {
			t.Errorf("%s has an answer of its own:\n%s\n%s", other, first, got)
		}
	}
}

// client is a browser without a screen, with a session of its own.
func (p *program) client(t *testing.T, person string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	_, token, _ := strings.Cut(p.link(t, person), "token=")
	r, err := c.PostForm(p.URL+"/enter", url.Values{"token": {token}})
	if err != nil || r.StatusCode != http.StatusOK {
		t.Fatal(err, "nobody was let in")
	}
	r.Body.Close()
	return c
}

// whole is an answer to the byte, but for the time of day.
func whole(t *testing.T, c *http.Client, address string) string {
	t.Helper()
	r, err := c.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Del("Date")
	return fmt.Sprintf("%d %v %s", r.StatusCode, r.Header, body)
}

func TestThePublicPageTellsWhatHoldsHereAndTheLogsRealHeads(t *testing.T) {
	ctx := chromium(t)
	p := open(t, until("", ""))
	for _, s := range sights {
		s.set(t, ctx)
		do(t, ctx, chromedp.Navigate(p.URL+"/"))
		inspect(t, ctx)
		shoot(t, ctx, "program-public-"+s.name)
		axe(t, ctx)
	}
	for n, want := range map[string]string{
		"1": "Holds in part on this set-up", "2": "Holds on this set-up", "3": "A gate on a host of its own would obey a stop", "4": "as soon after the end of secrecy as somebody posts it", "5": "Nobody outside the provider cosigns these logs yet",
	} {
		sees(t, ctx, section("promise-"+n), want)
	}
	if got := text(t, ctx, section("promise-1")); strings.Contains(got, "No data store is connected") {
		t.Error("a store is connected, and the page says that none is")
	}
	if got := text(t, ctx, section("promise-2")); strings.Contains(got, "A single person can approve") {
		t.Error("two persons approve, and the page says that one can")
	}
	picture(t, ctx, "readme-public", p.URL+"/", 1300)
	heads := text(t, ctx, section("heads"))
	for log, dir := range map[string]string{"journal": p.stage.Folder.Journal(), "register": p.stage.Folder.Register()} {
		file, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(file), "\n")
		if lines[1] == "0" { // signed, and nothing is under it: the register's first batch comes after a day
			sees(t, ctx, section("heads"), "No checkpoint has been published yet.")
			continue
		}
		for _, want := range []string{lines[0], lines[1] + " lea", lines[2]} {
			if !strings.Contains(strings.ReplaceAll(heads, "\u202f", ""), want) {
				t.Errorf("%s: the page lacks %q: %s", log, want, heads)
			}
		}
		if served := whole(t, http.DefaultClient, p.URL+"/ledger/"+log+"/checkpoint"); !strings.HasSuffix(served, " "+string(file)) {
			t.Errorf("%s: served %q, the file is %q", log, served, file)
		}
	}
}

// codes are the obstacles on the page of a demand, in order.
func codes(t *testing.T, ctx context.Context) []string {
	t.Helper()
	return get(t, ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#way + div .item > :last-child > code")].map(e => e.textContent)`))
}

func stands(t *testing.T, ctx context.Context, p *program, act, command string, want ...string) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(p.page(t)))
	if got := text(t, ctx, ".next .title"); got != act {
		t.Errorf("next is %q, want %q", got, act)
	}
	got := strings.TrimSpace(get(t, ctx, chromedp.Evaluate[string](`(document.querySelector(".next .command") || {textContent: ""}).textContent`)))
	if got != command {
		t.Errorf("%s: the command is %q, want %q", act, got, command)
	}
	if got := strings.Join(codes(t, ctx), " "); got != strings.Join(want, " ") {
		t.Errorf("%s: in the way are %q, want %q", act, got, strings.Join(want, " "))
	}
	inspect(t, ctx)
}

func TestTheProgramSaysAtEachStageWhatStandsInTheWay(t *testing.T) {
	ctx := chromium(t)
	sights[0].set(t, ctx)
	t.Run("as it came", func(t *testing.T) {
		p := open(t, arrived)
		p.enter(t, ctx, "p-brandt")
		sees(t, ctx, "main", "needs you", "Nobody has checked yet that the instrument is genuine", "things more")
		stands(t, ctx, p, "Check that the instrument is genuine", `counterseal paper authenticate `+p.demand(t)+` --outcome genuine --how "called back on …" --as p-brandt`,
			"instrument.unverified", "target.unresolved", "findings.missing", "line.undecided", "secrecy.unstated", "ledger.not_journaled")
	})
	t.Run("before the notice", func(t *testing.T) {
		p := open(t, until("the rules", ""))
		counsel := demand.Person("p-okafor")
		commands := []demand.Command{demand.StateSecrecy{None: true}}
		for line := 1; line <= 5; line++ {
			commands = append(commands, demand.DecideLine{Line: line, Decision: demand.Comply})
		}
		for _, c := range commands {
			if _, err := p.house.Act(t.Context(), demand.ID(p.demand(t)), counsel, "", c); err != nil {
				t.Fatal(err)
			}
		}
		p.enter(t, ctx, "p-okafor")
		stands(t, ctx, p, "Tell the customer: ac-hartwell", "", "notice.not_sent", "ledger.not_journaled")
		sees(t, ctx, ".next", "Next, for the program, by rule")
		if err := p.house.Round(t.Context()); err != nil {
			t.Fatal(err)
		}
		stands(t, ctx, p, "Nothing to do now but wait", "", "ledger.not_journaled") // a grant waits for the journal first
		p.standingWork(t)
		if err := p.house.AwaitJournaled(t.Context(), demand.ID(p.demand(t)), false); err != nil {
			t.Fatal(err)
		}
		stands(t, ctx, p, "Nothing to do now but wait", "", "notice.waiting")
		sees(t, ctx, "#way + div", "until Fri 14 Jun, ", "in 6 days", "event 13")
		counted, err := p.house.DraftPreview(t.Context(), demand.ID(p.demand(t)), "p-halvorsen", "")
		if err != nil {
			t.Fatal(err)
		}
		do(t, ctx, chromedp.Navigate(p.page(t)))
		sees(t, ctx, "#previews + div", counted.Grant, "put before an approver; its table lies at the gate", "p-halvorsen", "counterseal gate preview "+counted.Grant)
		inspect(t, ctx)
	})
	t.Run("before the approvals", func(t *testing.T) {
		p := open(t, until("Mira Halvorsen", "drafts"))
		p.enter(t, ctx, "p-okafor")
		do(t, ctx, chromedp.Navigate(p.page(t)))
		id := text(t, ctx, "#grants + div li code")
		stands(t, ctx, p, "Approve the grant at the gate: "+id, "counterseal approve "+id+" --key ~/.ssh/id_ed25519", "approval.missing")
		sees(t, ctx, ".next", "it needs you", "your own key, which no page has")
		shoot(t, ctx, "program-approve-wide-light")
		picture(t, ctx, "readme-demand", p.page(t), 1300)
		p.enter(t, ctx, "p-halvorsen")
		do(t, ctx, chromedp.Navigate(p.page(t)))
		if got := text(t, ctx, ".next"); strings.Contains(got, "needs you") {
			t.Error("the drafter is told that the approval needs her")
		}
		if n := get(t, ctx, chromedp.Evaluate[int](`document.querySelectorAll("form.deed").length`)); n != 0 {
			t.Errorf("%d forms on a demand that is with the approvers", n)
		}
		p.house.Clock.Advance(25 * time.Hour)
		stands(t, ctx, p, "Draft a grant", "counterseal demand grant "+p.demand(t)+" --as p-halvorsen")
	})
}
