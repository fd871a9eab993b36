package browser_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/pickup"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

// pickSite is a gate with the page for officers, and what an officer's browser asked of it.
type pickSite struct {
	*gatetest.World
	t      *testing.T
	gate   *gate.Gate
	folder string // the gate's
	origin string

	mu    sync.Mutex
	asked []string                                        // every request as the server saw it
	amid  func(w http.ResponseWriter) http.ResponseWriter // what happens on the way of a package; nil: nothing
}

// sized is a store whose released mail has about that many bytes.
func sized(n int) *gatetest.Store {
	store, jan := gatetest.Mailbox(), gatetest.Mail("acct-a1").From
	store.Held = []source.Item{gatetest.Message("acct-a1", "big", jan, jan, n), gatetest.Message("acct-a1", "small", jan, jan, 3000), gatetest.Message("acct-a1", "none", jan, jan, 0)}
	return store
}

func newPickSite(t *testing.T, store source.Source) *pickSite {
	t.Helper()
	s := &pickSite{World: gatetest.NewWorld(), t: t}
	s.First.Policy.ByteCap = 2 << 30
	s.First.Agencies[0].Recipients = append(s.First.Agencies[0].Recipients, grant.Recipient{Since: gatetest.Start.AddDate(-1, 0, 0), Key: grant.ByZip, Content: true})
	s.First.Emergency = &grant.Emergency{Log: s.Journal.SpareLines(), Wait: time.Second, Late: 72 * time.Hour}
	s.Reword(s.First)
	var pages http.Handler
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := must(io.ReadAll(r.Body))
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.mu.Lock()
		s.asked = append(s.asked, fmt.Sprint(r.Method, " ", r.URL, " ", r.Header, " ", string(body)))
		amid := s.amid
		s.mu.Unlock()
		if amid != nil && (r.URL.Path == "/file/package.tar.age" || r.URL.Path == "/file/package.zip") {
			w = amid(w)
		}
		pages.ServeHTTP(w, r)
	}))
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.origin = "http://localhost:" + port
	s.folder = t.TempDir()
	s.gate, err = gate.Open(context.Background(), gate.Config{ID: "gate-1", Dir: s.folder, Key: s.GateKey, Sources: []source.Source{store}, Journal: s.Journal, Docket: agrees{},
		Now: s.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Patience: 20 * time.Second, Downloads: 3, PickUpPage: s.origin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.gate.Close() })
	if _, err := s.gate.ExtendCharter(context.Background(), s.Text, s.Signed); err != nil {
		t.Fatal(err)
	}
	p, err := pickup.New(pickup.Outside{Gate: s.gate, Provider: "Lindworm Mail", Origin: s.origin, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	pages = p.Handler()
	srv.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	srv.Start()
	t.Cleanup(srv.Close)
	return s
}

// release makes a package visible and gives a link to it.
func (s *pickSite) release(n byte) gate.Link { return s.releaseTo(n, s.Grant(n).Recipient) }

func (s *pickSite) releaseTo(n byte, recipient string) gate.Link {
	g := s.Grant(n)
	g.ByteCap, g.Recipient = 2<<30, recipient
	return s.leaves(g)
}

// leaves goes a grant's whole way.
func (s *pickSite) leaves(g grant.Grant) gate.Link {
	s.t.Helper()
	ctx := context.Background()
	if err := s.Journal.Commit(ctx, g.Digest(), true); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.gate.Offer(ctx, gate.Offer{Text: gatetest.Text(g), Document: s.Order}); err != nil {
		s.t.Fatal(err)
	}
	for _, p := range []string{"anna", "bo"} {
		if _, err := s.gate.Approve(ctx, g.ID, s.Sign(p, signature.Grant, gatetest.Text(g))); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.gate.Release(ctx, g.ID); err != nil {
		s.t.Fatal(err)
	}
	return must(s.gate.Link(ctx, g.ID, "R. Sample, Harbor District"))
}

func (s *pickSite) fetch(id, file string) []byte {
	s.t.Helper()
	r, _, err := s.gate.Fetch(context.Background(), id, file, "a test")
	if err != nil {
		s.t.Fatal(err)
	}
	defer r.Close()
	return must(io.ReadAll(r))
}

// key lays an identity file, as age-keygen writes one.
func keyFile(t *testing.T, id *age.X25519Identity) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key.txt")
	if err := os.WriteFile(path, []byte("# created: 2031-01-01T00:00:00Z\n# public key: "+id.Recipient().String()+"\n"+id.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// officer is a browser that saves into a folder and writes down what it asks of anybody.
type officer struct {
	t      *testing.T
	ctx    context.Context
	folder string
	owed   bool // a later proof may be missing
	mu     sync.Mutex
	sent   []string
}

func newOfficer(t *testing.T) *officer {
	t.Helper()
	o := &officer{t: t, ctx: chromium(t), folder: t.TempDir()}
	if _, err := chromedp.Call(o.ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(o.ctx, func(ev any) {
		if e, ok := ev.(*network.EventRequestWillBeSent); ok {
			o.mu.Lock()
			o.sent = append(o.sent, e.Request.URL)
			o.mu.Unlock()
		}
	}); err != nil {
		t.Fatal(err)
	}
	o.saving(o.ctx)
	return o
}

func (o *officer) saving(ctx context.Context) {
	o.t.Helper()
	if _, err := chromedp.Call(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: o.folder}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *officer) open(url string) {
	o.t.Helper()
	do(o.t, o.ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(url))
	o.wait(`document.documentElement.dataset.ready === "yes"`)
}

func (o *officer) wait(js string) {
	o.t.Helper()
	for end := time.Now().Add(4 * time.Minute); !get(o.t, o.ctx, chromedp.Evaluate[bool](js)); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			o.t.Fatalf("never: %s; the page says %q", js, get(o.t, o.ctx, chromedp.Evaluate[string](`document.body.innerText`)))
		}
	}
}

// pick opens a link with a key and gives the code of what went wrong; "" where the
// package was handed out.
func (o *officer) pick(url, key string) string {
	o.t.Helper()
	o.open(url)
	if !get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("pick").hidden`)) {
		do(o.t, o.ctx, chromedp.SetUploadFiles(chromedp.CSS("#key"), []string{key}))
		o.wait(`!document.getElementById("go").disabled || !document.getElementById("alert").hidden`)
		if get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("alert").hidden`)) {
			do(o.t, o.ctx, chromedp.Click(chromedp.CSS("#go")))
			o.wait(`!document.getElementById("done").hidden || !document.getElementById("alert").hidden`)
		}
	}
	if get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("alert").hidden`)) {
		return ""
	}
	return get(o.t, o.ctx, chromedp.Evaluate[string](`document.querySelector("#alert code").textContent`))
}

// notThere is what a browser's console says of a file that may lie beside any package, where
// there is none: the gate says so.
func (o *officer) notThere(line string) bool {
	return strings.HasSuffix(line, "/file/declaration.txt") || strings.HasSuffix(line, "/file/timestamp.tsr") || o.owed && strings.HasSuffix(line, "/file/proof-late.tlog")
}

// nothing says that no file was handed out and none is left in the browser.
func (o *officer) nothing() {
	o.t.Helper()
	if n := get(o.t, o.ctx, chromedp.Evaluate[int](`document.querySelectorAll("#done a").length`)); n != 0 || !get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("done").hidden`)) {
		o.t.Errorf("%d files are handed out", n)
	}
	const left = `(async () => { const out = []; for await (const n of (await navigator.storage.getDirectory()).keys()) out.push(n); return out; })()`
	if names := get(o.t, o.ctx, chromedp.Evaluate[[]string](left, chromedp.EvalAwaitPromise)); len(names) > 0 {
		o.t.Errorf("the browser keeps %v", names)
	}
	if files := must(os.ReadDir(o.folder)); len(files) > 0 {
		o.t.Errorf("%d files were saved", len(files))
	}
}

// save clicks every link and gives what is on the disk then.
func (o *officer) save() map[string][]byte {
	o.t.Helper()
	out := map[string][]byte{}
	for i, name := range get(o.t, o.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#done a[download]")].map(a => a.download)`)) {
		get(o.t, o.ctx, chromedp.Evaluate[bool](fmt.Sprintf(`(document.querySelectorAll("#done a[download]")[%d].click(), true)`, i)))
		out[name] = saved(o.t, filepath.Join(o.folder, name))
	}
	return out
}

// saved waits for a download; it gets its name when it is whole.
func saved(t *testing.T, path string) []byte {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if b, err := os.ReadFile(path); err == nil {
			return b
		}
		if time.Now().After(end) {
			t.Fatalf("%s was never saved; there are %v", filepath.Base(path), must(os.ReadDir(filepath.Dir(path))))
		}
	}
}

func TestAnOfficerPicksUpInTheBrowserWhatAgeDecryptsToTheByte(t *testing.T) {
	s, o := newPickSite(t, sized(9<<20)), newOfficer(t)
	link := s.release(1)
	said := listen(t, o.ctx)
	key := keyFile(t, s.Agency)
	if code := o.pick(link.URL, key); code != "" {
		t.Fatal(code)
	}
	for _, line := range said.take() {
		if !o.notThere(line) {
			t.Errorf("the console says: %s", line)
		}
	}
	got := o.save()
	names := append([]string{"package.tar"}, release.Files[:]...)
	if len(got) != len(names) {
		t.Errorf("%d files are handed out, not %v", len(got), names)
	}
	for _, name := range release.Files {
		if !bytes.Equal(got[name], s.fetch(link.ID, name)) {
			t.Errorf("%s is another than the gate's", name)
		}
	}
	if program, err := exec.LookPath("age"); err != nil {
		t.Log("age is not installed: its result was not compared")
	} else {
		want, err := exec.Command(program, "-d", "-i", key, filepath.Join(o.folder, release.PackageFile)).Output()
		if err != nil || !bytes.Equal(want, got["package.tar"]) || len(want) < 9<<20 {
			t.Error("age decrypts to something else:", err, len(want), len(got["package.tar"]))
		}
	}
	if shown := get(t, o.ctx, chromedp.Text(chromedp.CSS("#bag code"))); shown != "SHA-256 "+sum(got["package.tar"]) {
		t.Error(shown)
	}
	if text := get(t, o.ctx, chromedp.Text(chromedp.CSS("#held"))); !strings.HasPrefix(text, "3 items, ") {
		t.Error(text)
	}

	// The key is in no request, in no form; nothing was asked of anybody else.
	secret := s.Agency.String()
	bits := get(t, o.ctx, chromedp.Evaluate[string](`(async () => { const m = await import("/static/age.js"); return m.hex(m.unbech32("`+secret+`").bytes); })()`, chromedp.EvalAwaitPromise))
	b := must(hex.DecodeString(bits))
	for _, part := range []string{secret, secret[16:40], bits, base64.StdEncoding.EncodeToString(b)[:40], base64.RawURLEncoding.EncodeToString(b)[:40]} {
		for _, r := range s.asked {
			if strings.Contains(strings.ToUpper(r), strings.ToUpper(part)) {
				t.Errorf("a request holds the key: %.80s", r)
			}
		}
	}
	for _, u := range o.sent {
		if !strings.HasPrefix(u, s.origin+"/") && !strings.HasPrefix(u, "blob:"+s.origin+"/") && u != "about:blank" {
			t.Errorf("%s was asked for", u)
		}
	}
	for _, r := range s.asked {
		if head, _, _ := strings.Cut(r, " map["); strings.Contains(head, strings.Split(link.URL, "#")[1]) {
			t.Errorf("an address holds the link's secret: %s", head)
		}
	}
	if len(s.asked) < 10 || len(o.sent) < 10 {
		t.Error("the requests were not recorded", len(s.asked), len(o.sent))
	}

	// What the browser kept goes when the officer says so.
	do(t, o.ctx, chromedp.Click(chromedp.CSS("#remove")))
	o.wait(`!document.getElementById("removed").hidden`)
	if n := get(t, o.ctx, chromedp.Evaluate[int](`(async () => { let n = 0; for await (const _ of (await navigator.storage.getDirectory()).keys()) n++; return n; })()`, chromedp.EvalAwaitPromise)); n != 0 {
		t.Errorf("%d files are left in the browser", n)
	}
}

func TestAnotherKeyGetsNothingAndCountsNoDownload(t *testing.T) {
	s, o := newPickSite(t, gatetest.Mailbox()), newOfficer(t)
	link := s.release(1)
	for range 5 { // more than may be downloaded
		if code := o.pick(link.URL, keyFile(t, s.New)); code != "pickup.other_key" {
			t.Fatal(code)
		}
		o.nothing()
	}
	other := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(other, []byte("ssh-ed25519 AAAA\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := o.pick(link.URL, other); code != "pickup.no_key" {
		t.Error(code)
	}
	for _, r := range s.asked {
		if strings.Contains(r, "POST /file/") {
			t.Error("something was fetched without the key")
		}
	}
	if code := o.pick(link.URL, keyFile(t, s.Agency)); code != "" {
		t.Error("the right key afterwards:", code)
	}
}

// way is what a network in between, or a gate that ends, does to a package.
type way struct {
	http.ResponseWriter
	n    int
	does func(n int, b []byte) ([]byte, bool) // false: the connection ends
}

func (w *way) Write(b []byte) (int, error) {
	out, goes := w.does(w.n, bytes.Clone(b))
	w.n += len(b)
	if _, err := w.ResponseWriter.Write(out); err != nil {
		return 0, err
	}
	if !goes {
		panic(http.ErrAbortHandler)
	}
	return len(b), nil
}

func TestWhatIsCutOffOrChangedOnTheWayIsNotHandedOut(t *testing.T) {
	s, o := newPickSite(t, sized(3<<20)), newOfficer(t)
	key := keyFile(t, s.Agency)
	flip := func(at int) func(int, []byte) ([]byte, bool) {
		return func(n int, b []byte) ([]byte, bool) {
			if at >= n && at < n+len(b) {
				b[at-n] ^= 1
			}
			return b, true
		}
	}
	size := 0
	for i, x := range []struct {
		name, code string
		does       func(int, []byte) ([]byte, bool)
		short      bool // what is cut off claims to be whole
	}{
		{"the connection ends", "pickup.cut", func(n int, b []byte) ([]byte, bool) { return b, n < 1<<20 }, false},
		{"a byte of a chunk in the middle", "pickup.changed", flip(2 << 20), false},
		{"a byte of the last tag", "pickup.changed", func(n int, b []byte) ([]byte, bool) {
			if n+len(b) == size {
				b[len(b)-1] ^= 0x80
			}
			return b, true
		}, false},
		{"a byte of the header", "pickup.header", flip(100), false},
		{"cut at a chunk, and said to be whole", "pickup.cut", nil, true},
	} {
		link := s.release(byte(i + 1))
		size = len(s.fetch(link.ID, release.PackageFile))
		s.mu.Lock()
		s.amid = func(w http.ResponseWriter) http.ResponseWriter {
			if x.short {
				head := bytes.Index(s.fetch(link.ID, release.PackageFile), []byte("\n--- ")) + 49
				return &shorter{ResponseWriter: w, left: head + 16 + 10*(65536+16)}
			}
			return &way{ResponseWriter: w, does: x.does}
		}
		s.mu.Unlock()
		if code := o.pick(link.URL, key); code != x.code && !(x.code == "pickup.header" && code == "pickup.other_key") {
			t.Errorf("%s: %q", x.name, code)
		}
		o.nothing()
	}
}

// shorter claims that a part is the whole.
type shorter struct {
	http.ResponseWriter
	left int
}

func (w *shorter) Write(b []byte) (int, error) {
	w.Header().Set("Content-Length", fmt.Sprint(w.left))
	part := b[:min(len(b), w.left)]
	w.left -= len(part)
	if len(part) == 0 {
		return len(b), nil
	}
	_, err := w.ResponseWriter.Write(part)
	return len(b), err
}

func TestAStopInTheMiddleOfAPickUpHandsNothingOut(t *testing.T) {
	s, o := newPickSite(t, sized(20<<20)), newOfficer(t)
	link := s.release(1)
	var once sync.Once
	stops := 0
	s.amid = func(w http.ResponseWriter) http.ResponseWriter {
		return &way{ResponseWriter: w, does: func(n int, b []byte) ([]byte, bool) {
			if n > 2<<20 {
				once.Do(func() {
					stops++
					if _, err := s.gate.Stop(context.Background(), s.Stop("dan", "grant g-1")); err != nil {
						t.Error(err)
					}
				})
			}
			return b, true
		}}
	}
	key := keyFile(t, s.Agency)
	if code := o.pick(link.URL, key); code != "gate.stopped" || stops != 1 {
		t.Error(code, stops)
	}
	o.nothing()
	if text := get(t, o.ctx, chromedp.Text(chromedp.CSS("#alert"))); strings.Contains(text, "dan") || !strings.Contains(text, "Call your contact") {
		t.Error(text)
	}
	if code := o.pick(link.URL, key); code != "gate.stopped" {
		t.Error("again:", code)
	}
	o.nothing()
}

func TestALinkIsReplacedEndsAndIsUsedUp(t *testing.T) {
	s, o := newPickSite(t, gatetest.Mailbox()), newOfficer(t)
	key := keyFile(t, s.Agency)
	first := s.release(1)
	second := must(s.gate.Link(context.Background(), first.ID, "R. Sample, Harbor District"))
	if code := o.pick(first.URL, key); code != "gate.pickup_link" {
		t.Error("replaced:", code)
	}
	o.nothing()
	for i := range 3 {
		if code := o.pick(second.URL, key); code != "" {
			t.Fatal(i, code)
		}
		o.wait(`document.querySelectorAll("#done a").length > 3`)
	}
	if code := o.pick(second.URL, key); code != "gate.pickup_limit" {
		t.Error("used up:", code)
	}
	o.nothing()
	third := s.release(2)
	s.Clock.Add(7 * 24 * time.Hour)
	if code := o.pick(third.URL, key); code != "gate.pickup_link" {
		t.Error("over:", code)
	}
	for _, bad := range []string{s.origin + "/en", third.URL[:len(third.URL)-1], third.URL + "x"} {
		if code := o.pick(bad, key); code != "pickup.no_link" {
			t.Errorf("%s: %s", bad, code)
		}
	}
}

func TestTheOfficersPagesLoadAndReachNothingElse(t *testing.T) {
	s, o := newPickSite(t, gatetest.Mailbox()), newOfficer(t)
	var reached int
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached++
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, "1")
	}))
	defer elsewhere.Close()
	for page, out := range map[string][]string{s.origin + "/en": {elsewhere.URL + "/"}, s.origin + "/en/key": {elsewhere.URL + "/", s.origin + "/ask"}} {
		o.open(page)
		for _, url := range out {
			if got := get(t, o.ctx, chromedp.Evaluate[string](`fetch("`+url+`", {method: "POST"}).then(r => "reached", () => "blocked")`, chromedp.EvalAwaitPromise)); got != "blocked" {
				t.Errorf("%s reaches %s", page, url)
			}
			if got := get(t, o.ctx, chromedp.Evaluate[bool](`navigator.sendBeacon("`+url+`", "x")`)); got {
				time.Sleep(200 * time.Millisecond) // what was queued would arrive
			}
		}
		const tags = `new Promise(done => { let n = 0; const seen = (x) => { document.body.append(x); x.onload = () => done("loaded " + x.tagName); x.onerror = () => { if (++n === 3) done("blocked"); }; };
			const i = document.createElement("img"); i.src = "%[1]s/i.png"; seen(i); const l = document.createElement("link"); l.rel = "stylesheet"; l.href = "%[1]s/s.css"; seen(l);
			const f = document.createElement("video"); f.src = "%[1]s/v.mp4"; seen(f); })`
		if got := get(t, o.ctx, chromedp.Evaluate[string](fmt.Sprintf(tags, elsewhere.URL), chromedp.EvalAwaitPromise)); got != "blocked" {
			t.Errorf("%s: %s", page, got)
		}
		if got := get(t, o.ctx, chromedp.Evaluate[string](`(() => { try { const s = document.createElement("script"); s.textContent = "window.ran = 1"; document.body.append(s); } catch {} try { document.body.innerHTML += "<p>x</p>"; return "text became a page"; } catch {} return window.ran ? "a script ran" : "blocked"; })()`)); got != "blocked" {
			t.Errorf("%s: %s", page, got)
		}
	}
	if reached != 0 {
		t.Errorf("another place was reached %d times", reached)
	}
}

var identityText = regexp.MustCompile(`^# created: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n# public key: (age1[a-z0-9]{58})\n(AGE-SECRET-KEY-1[A-Z0-9]{58})\n$`)

func TestAKeyIsMadeInTheBrowserAndAgeKeygenAgrees(t *testing.T) {
	s, o := newPickSite(t, gatetest.Mailbox()), newOfficer(t)
	seen := map[string]bool{}
	for range 3 {
		o.open(s.origin + "/en/key")
		before := len(s.asked)
		do(t, o.ctx, chromedp.Click(chromedp.CSS("#make")))
		o.wait(`!document.getElementById("made").hidden`)
		recipient := get(t, o.ctx, chromedp.Evaluate[string](`document.getElementById("recipient").textContent`))
		if read := get(t, o.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#groups li")].map(l => l.textContent)`)); strings.Join(read, "") != recipient || len(read) != 16 || len(read[15]) > 4 {
			t.Error(read)
		}
		if strings.Contains(get(t, o.ctx, chromedp.Evaluate[string](`document.documentElement.outerHTML`)), "AGE-SECRET-KEY") {
			t.Error("the secret key is in the page")
		}
		do(t, o.ctx, chromedp.Click(chromedp.CSS("#save")))
		path := filepath.Join(o.folder, "key-"+recipient[len(recipient)-8:]+".txt")
		text := saved(t, path)
		m := identityText.FindStringSubmatch(string(text))
		if m == nil || m[1] != recipient || seen[recipient] {
			t.Fatalf("%q", strings.ReplaceAll(string(text), "AGE-SECRET", "…"))
		}
		seen[recipient] = true
		if id, err := age.ParseX25519Identity(m[2]); err != nil || id.Recipient().String() != recipient {
			t.Error(err)
		}
		if program, err := exec.LookPath("age-keygen"); err != nil {
			t.Log("age-keygen is not installed: it was not asked")
		} else if out, err := exec.Command(program, "-y", path).Output(); err != nil || strings.TrimSpace(string(out)) != recipient {
			t.Errorf("%v %s", err, out)
		}
		if len(s.asked) != before {
			t.Errorf("making a key asked for something: %v", s.asked[before:])
		}
	}
}

// looks gives what holds an open page, at a sight, to what every page keeps to.
func (o *officer) looks() func(name string, at sight) {
	said := listen(o.t, o.ctx)
	return func(name string, at sight) {
		o.t.Run(name+"-"+at.name, func(t *testing.T) {
			at.set(t, o.ctx)
			inspect(t, o.ctx)
			shoot(t, o.ctx, name+"-"+at.name)
			axe(t, o.ctx)
			for _, line := range said.take() {
				if o.notThere(line) {
					continue
				}
				t.Errorf("the console says: %s", line)
			}
		})
	}
}

func TestTheOfficersPagesCanBeReadWideAndNarrowLightAndDarkInEachLanguage(t *testing.T) {
	s, o := newPickSite(t, sized(2<<20)), newOfficer(t)
	look := o.looks()
	key, other := keyFile(t, s.Agency), keyFile(t, s.New)
	for i, lang := range []string{"en", "de", "da", "it"} {
		link := s.release(byte(i + 1))
		link.URL = strings.Replace(link.URL, "/en#", "/"+lang+"#", 1)
		all := sights
		if lang != "en" {
			all = []sight{sights[i%4]}
		}
		o.open(link.URL)
		for _, at := range all {
			look("pickup-"+lang, at)
		}
		do(t, o.ctx, chromedp.SetUploadFiles(chromedp.CSS("#key"), []string{key}))
		o.wait(`!document.getElementById("go").disabled`)
		look("pickup-chosen-"+lang, sights[i%4])
		if code := o.pick(link.URL, key); code != "" {
			t.Fatal(lang, code)
		}
		for _, at := range all {
			look("pickup-done-"+lang, at)
		}
		if code := o.pick(link.URL, other); code != "pickup.other_key" {
			t.Error(code)
		}
		look("pickup-wrong-"+lang, sights[(i+2)%4])
		o.open(s.origin + "/" + lang + "/key")
		for _, at := range all {
			look("pickup-key-"+lang, at)
		}
		do(t, o.ctx, chromedp.Click(chromedp.CSS("#make")))
		o.wait(`!document.getElementById("made").hidden`)
		for _, at := range all {
			look("pickup-made-"+lang, at)
		}
	}
}
