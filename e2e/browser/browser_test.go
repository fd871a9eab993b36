package browser_test

import (
	"context"
	"crypto/rand"
	_ "embed"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"counterseal/internal/access"
	"counterseal/internal/web/public"
	"counterseal/internal/web/staff"
	"counterseal/internal/web/ui"
)

//go:embed page.js
var look string

// site is the pages as the program mounts them, with a door of its own.
type site struct {
	*httptest.Server
	door *access.Door
}

func serve(t *testing.T, d docket, l ledger) site {
	t.Helper()
	mux := http.NewServeMux()
	door := access.New(access.Outside{Now: time.Now, Random: rand.Reader, Pages: ui.NewDoor(ui.WordsFor("en"), "Nordwind Cloud"), Home: "/queue"})
	clock := func() time.Time { return now }
	ui.Mount(mux)
	door.Mount(mux)
	staff.New(staff.Outside{Docket: d, Now: clock, Zone: dublin, Provider: "Nordwind Cloud", Reader: access.Person, LeaveAt: access.LeaveAt}).Mount(mux, door.Require)
	public.New(public.Outside{Ledger: l, SetUp: func() public.SetUp {
		return public.SetUp{TwoPersons: true, StoreConnected: true, OutsideWitness: true}
	}, Provider: "Nordwind Cloud", Now: clock, Zone: dublin}).Mount(mux)
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return site{srv, door}
}

func (s site) link(t *testing.T) string {
	t.Helper()
	token, err := s.door.Issue(person)
	if err != nil {
		t.Fatal(err)
	}
	return access.EnterURL(s.URL, token)
}

// chromium starts a browser with a profile of its own.
func chromium(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed: pages were not opened")
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append(more, chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true))...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context of the first call
		t.Fatal(err)
	}
	ctx, end := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(end)
	return ctx
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func get[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// press clicks and waits for the page that it leads to.
func press(t *testing.T, ctx context.Context, what chromedp.CSS) {
	t.Helper()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(what)); err != nil {
		t.Fatal(err)
	}
}

// complaints collects what the browser says on its console.
type complaints struct {
	mu   sync.Mutex
	said []string
}

func listen(t *testing.T, ctx context.Context) *complaints {
	t.Helper()
	c := &complaints{}
	err := chromedp.Listen(ctx, func(ev any) {
		c.mu.Lock()
		defer c.mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			c.said = append(c.said, "console."+string(e.Type))
		case *runtime.EventExceptionThrown:
			c.said = append(c.said, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			c.said = append(c.said, e.Entry.Text+" "+e.Entry.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *complaints) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	said := c.said
	c.said = nil
	return said
}

type sight struct {
	name          string
	width, height int64
	scheme        string
}

var sights = []sight{
	{"wide-light", 1280, 900, "light"}, {"wide-dark", 1280, 900, "dark"}, {"narrow-light", 390, 844, "light"}, {"narrow-dark", 390, 844, "dark"},
}

func (s sight) set(t *testing.T, ctx context.Context) {
	t.Helper()
	do(t, ctx, chromedp.EmulateViewport(s.width, s.height))
	media(t, ctx, "", s.scheme)
}

func media(t *testing.T, ctx context.Context, kind, scheme string) {
	t.Helper()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: kind, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		t.Fatal(err)
	}
}

func enter(t *testing.T, ctx context.Context, s site) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(s.link(t)))
	press(t, ctx, "button.act")
	if where := get(t, ctx, chromedp.Location()); !strings.HasSuffix(where, "/queue") {
		t.Fatalf("entering led to %q", where)
	}
}

func TestEveryPageCanBeReadWideAndNarrowLightAndDark(t *testing.T) {
	ctx := chromium(t)
	full, bare := serve(t, docket{}, ledger{}), serve(t, docket{empty: true}, ledger{broken: true})
	hurried := serve(t, docket{}, ledger{emergency: true})
	said := listen(t, ctx)
	enter(t, ctx, full)
	open := []struct {
		name, url string
		refused   bool // the answer is a 4xx, which the browser reports on its console
	}{
		{"enter", full.link(t), false}, {"queue", full.URL + "/queue", false}, {"demand", full.URL + "/demand/m2fd-10", false}, {"demand-leaving", full.URL + "/demand/m2fd-11", false}, {"absent", full.URL + "/demand/zzzz-00", true},
		{"public", full.URL + "/", false}, {"public-emergency", hurried.URL + "/", false}, {"public-bare", bare.URL + "/", false}, {"not-found", full.URL + "/nowhere", true}, {"queue-part-empty", full.URL + "/queue?show=sealed", false},
	}
	for _, p := range open {
		for _, s := range sights {
			t.Run(p.name+"-"+s.name, func(t *testing.T) {
				s.set(t, ctx)
				said.take()
				do(t, ctx, chromedp.Navigate(p.url))
				inspect(t, ctx)
				for _, line := range said.take() {
					if !(p.refused && strings.Contains(line, "the server responded with a status of 4") && strings.HasSuffix(line, p.url)) {
						t.Errorf("the console says: %s", line)
					}
				}
				shoot(t, ctx, p.name+"-"+s.name)
				axe(t, ctx)
			})
		}
	}
	enter(t, ctx, bare)
	sights[0].set(t, ctx)
	do(t, ctx, chromedp.Navigate(bare.URL+"/queue"))
	inspect(t, ctx)
	shoot(t, ctx, "queue-empty-wide-light")
}

func inspect(t *testing.T, ctx context.Context) {
	t.Helper()
	type finding struct {
		Wrong []string `json:"wrong"`
		Texts int      `json:"texts"`
		Least float64  `json:"least"`
	}
	found := get(t, ctx, chromedp.Evaluate[finding](look))
	for _, w := range found.Wrong {
		t.Error(w)
	}
	t.Logf("%d texts, least contrast %.2f", found.Texts, found.Least)
}

// axe runs axe-core where there is one.
func axe(t *testing.T, ctx context.Context) {
	t.Helper()
	path := os.Getenv("COUNTERSEAL_AXE")
	if path == "" {
		t.Log("COUNTERSEAL_AXE is not set: axe-core was not run")
		return
	}
	code, err := os.ReadFile(path)
	if err != nil {
		t.Fatal("COUNTERSEAL_AXE names no file that can be read")
	}
	const run = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r => r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.target).join(" ")))`
	get(t, ctx, chromedp.Evaluate[int](string(code)+"\n;0"))
	for _, w := range get(t, ctx, chromedp.Evaluate[[]string](run, chromedp.EvalAwaitPromise)) {
		t.Error("axe: ", w)
	}
}

func shoot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	if os.Getenv("COUNTERSEAL_SHOTS") == "" {
		return
	}
	save(t, name, get(t, ctx, chromedp.FullScreenshot(100)))
}

// picture takes the first screen of a page, for the README.
func picture(t *testing.T, ctx context.Context, name, address string, height int64) {
	t.Helper()
	if os.Getenv("COUNTERSEAL_SHOTS") == "" {
		return
	}
	sight{width: 1280, height: height, scheme: "light"}.set(t, ctx)
	do(t, ctx, chromedp.Navigate(address))
	save(t, name, get(t, ctx, chromedp.CaptureScreenshot()))
	sights[0].set(t, ctx)
}

func save(t *testing.T, name string, png []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(os.Getenv("COUNTERSEAL_SHOTS"), name+".png"), png, 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTheKeyboardReachesEverythingAndFocusIsSeen(t *testing.T) {
	ctx := chromium(t)
	s := serve(t, docket{}, ledger{})
	enter(t, ctx, s)
	type focus struct {
		Tag  string `json:"tag"`
		Text string `json:"text"`
		Seen bool   `json:"seen"`
	}
	const ask = `(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
		return {tag: e.tagName, text: (e.textContent || "").trim().slice(0, 30), seen: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 && r.width > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0}; })()`
	sights[2].set(t, ctx)
	for _, path := range []string{"/queue", "/demand/m2fd-10", "/"} {
		do(t, ctx, chromedp.Navigate(s.URL+path))
		stops := get(t, ctx, chromedp.Evaluate[int](`[...document.querySelectorAll("a[href], button, summary, input")].filter(e => !e.closest("details:not([open]) > :not(summary)")).length`))
		if stops < 4 {
			t.Fatalf("%s: %d places to stop at", path, stops)
		}
		for i := range stops {
			do(t, ctx, chromedp.KeyEvent(kb.Tab))
			f := get(t, ctx, chromedp.Evaluate[focus](ask))
			if i == 0 && f.Text != "Skip to content" {
				t.Errorf("%s: the first stop is %s %q", path, f.Tag, f.Text)
			}
			if !f.Seen || f.Tag == "BODY" {
				t.Errorf("%s: stop %d of %d, %s %q, is not seen", path, i+1, stops, f.Tag, f.Text)
			}
		}
	}
}

func TestASessionBeginsByOneConfirmedLinkAndEndsByAButton(t *testing.T) {
	ctx := chromium(t)
	s := serve(t, docket{}, ledger{})
	link := s.link(t)
	code := func(url string) string {
		do(t, ctx, chromedp.Navigate(url))
		return get(t, ctx, chromedp.Text(chromedp.CSS("main code")))
	}
	if got := code(s.URL + "/queue"); got != "access.session" {
		t.Errorf("before: %q", got)
	}
	do(t, ctx, chromedp.Navigate(link))
	press(t, ctx, "button.act")
	if seen := get(t, ctx, chromedp.Evaluate[string](`document.cookie`)); seen != "" {
		t.Errorf("a script can read the cookie: %q", seen)
	}
	if got := code(link); got != "access.token" {
		t.Errorf("the link again: %q", got)
	}
	do(t, ctx, chromedp.Navigate(s.URL+"/queue"))
	if got := get(t, ctx, chromedp.Text(chromedp.CSS("h1"))); got != "What falls due" {
		t.Errorf("with a session: %q", got)
	}
	press(t, ctx, "form[action='/leave'] button")
	if got := code(s.URL + "/demand/m2fd-10"); got != "access.session" {
		t.Errorf("after: %q", got)
	}
}

func TestTheQueueOpensADemandAndItsObstaclesLeadToTheirEvents(t *testing.T) {
	ctx := chromium(t)
	s := serve(t, docket{}, ledger{})
	enter(t, ctx, s)
	sights[0].set(t, ctx)
	press(t, ctx, "a[href='/demand/m2fd-10']")
	if place := get(t, ctx, chromedp.Text(chromedp.CSS(".place"))); !strings.Contains(place, "m2fd-10") {
		t.Errorf("place %q", place)
	}
	do(t, ctx, chromedp.Click(chromedp.CSS("#way + div a[href='#event-11']")))
	if target := get(t, ctx, chromedp.Evaluate[string](`document.querySelector(":target").textContent`)); !strings.Contains(target, "Stay recorded") {
		t.Errorf("target %q", target)
	}
}

func TestPrintIsBlackOnWhiteWithoutControls(t *testing.T) {
	ctx := chromium(t)
	s := serve(t, docket{}, ledger{})
	enter(t, ctx, s)
	do(t, ctx, chromedp.Navigate(s.URL+"/demand/m2fd-10"))
	media(t, ctx, "print", "dark")
	paper := get(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.body).backgroundColor`))
	controls := get(t, ctx, chromedp.Evaluate[string](`getComputedStyle(document.querySelector(".reader")).display`))
	if paper != "rgb(255, 255, 255)" || controls != "none" {
		t.Errorf("paper %s, controls %s", paper, controls)
	}
	inspect(t, ctx)
}
