package gatehttp_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

var ctx = context.Background()

type yes struct{}

func (yes) PermitKeep(context.Context, string, string) error { return nil }

func (yes) PermitPreview(context.Context, string, string) error { return nil }

func (yes) Permit(context.Context, string, string, [32]byte, int64) error { return nil }

func opened(t *testing.T, store source.Source) (*gatetest.World, *gate.Gate) {
	t.Helper()
	w := gatetest.NewWorld()
	g, err := gate.Open(ctx, gate.Config{ID: "gate-1", Dir: t.TempDir(), Key: w.GateKey, Sources: []source.Source{store}, Journal: w.Journal, Docket: yes{},
		Now: w.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return w, g
}

// served puts a gate behind a socket and gives the client.
func served(t *testing.T, desk gate.Desk) *gatehttp.Client {
	t.Helper()
	dir, err := os.MkdirTemp("", "gate")
	if err != nil {
		t.Fatal(err)
	}
	address := "unix:" + filepath.Join(dir, "s")
	l, err := gatehttp.Listen(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- gatehttp.Serve(run, l, gatehttp.Handler(desk, slog.New(slog.DiscardHandler))) }()
	c := gatehttp.Unix(address)
	t.Cleanup(func() {
		c.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		os.RemoveAll(dir)
	})
	return c
}

// passphraseOverTheSocket asks for what is not there: a refusal comes whole.
func passphraseOverTheSocket(t *testing.T, w *gatetest.World, c *gatehttp.Client) {
	t.Helper()
	word := grant.Telling{Provider: "Lindworm Mail", Gate: "gate-1", Demand: "k7wq-93", Grant: w.Grant(1).Digest(), Agency: "garda", Contact: gatetest.Contact, Person: "dan", At: w.Clock.Now()}
	text, err := word.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if told, err := c.TellPassphrase(ctx, grant.Signed{Text: text, Signature: w.Sign("dan", signature.Telling, text)}); problem.Code(err) != "gate.passphrase_other" || told.Passphrase != "" {
		t.Error("of a package for a key:", err)
	}
	after, err := grant.Reached{Provider: "Lindworm Mail", Gate: "gate-1", Demand: "k7wq-93", Telling: word.Grant, Who: "nobody", Person: "dan", At: w.Clock.Now()}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PassphraseReached(ctx, grant.Signed{Text: after, Signature: w.Sign("dan", signature.Reached, after)}); problem.Code(err) != "gate.reached_other" {
		t.Error("of a call that was not made:", err)
	}
}

// The same walk that a person and a docket make, over the socket, and at each
// step the same answer as from the gate itself.
func TestTheClientIsADeskLikeTheGate(t *testing.T) {
	w, g := opened(t, gatetest.Mailbox())
	c := served(t, g)
	head, err := c.ExtendCharter(ctx, w.Text, w.Signed)
	if err != nil || head.Number != 1 {
		t.Fatal(head, err)
	}
	gr := w.Grant(1)
	if err := w.Journal.Commit(ctx, gr.Digest(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Offer(ctx, gate.Offer{Text: gatetest.Text(gr), Document: w.Order}); err != nil {
		t.Fatal(err)
	}
	text, err := c.Text(ctx, "g-1")
	if err != nil || !bytes.Equal(text, gatetest.Text(gr)) {
		t.Fatal(err)
	}
	if doc, err := c.Document(ctx, "g-1"); err != nil || !bytes.Equal(doc, w.Order) {
		t.Fatal(err)
	}
	for _, p := range []string{"anna", "bo"} {
		if _, err := c.Approve(ctx, "g-1", w.Sign(p, signature.Grant, text)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Release(ctx, "g-1"); problem.Code(err) != "inforce.missing" || problem.Of(err).Kind != problem.Refused || problem.Of(err).Remedy == "" {
		t.Fatal(err)
	}
	if _, err := c.InForce(ctx, w.InForce("carla", gr)); err != nil {
		t.Fatal(err)
	}
	out, err := c.Release(ctx, "g-1")
	if err != nil || out.Items != 4 {
		t.Fatal(out, err)
	}
	if _, err := c.Link(ctx, "g-1", "R. Sample"); problem.Code(err) != "gate.no_pickup_page" {
		t.Error(err)
	}
	if _, err := c.Stop(ctx, w.Stop("dan", "account acct-c3")); err != nil {
		t.Fatal(err)
	}
	keepOverTheSocket(t, w, c)
	previewOverTheSocket(t, w, c)
	passphraseOverTheSocket(t, w, c)
	same(t, "copies", c.Copies, g.Copies)
	table := func(d gate.Desk) func(context.Context) (gate.Preview, error) {
		return func(ctx context.Context) (gate.Preview, error) { return d.Preview(ctx, "g-3") }
	}
	same(t, "preview", table(c), table(g))
	same(t, "head", c.CharterHead, g.CharterHead)
	same(t, "list", c.List, g.List)
	same(t, "stops", c.Stops, g.Stops)
	same(t, "interrupted", c.Interrupted, g.Interrupted)
	same(t, "stores", c.Stores, g.Stores)
	same(t, "status", func(ctx context.Context) (gate.Status, error) { return c.Status(ctx, "g-1") }, func(ctx context.Context) (gate.Status, error) { return g.Status(ctx, "g-1") })
	for _, name := range release.Files {
		if far, near := read(t, c, name), read(t, g, name); !bytes.Equal(far, near) {
			t.Errorf("%s differs", name)
		}
	}
	if _, _, err := c.Fetch(ctx, "g-1", "../record", "x"); problem.Code(err) != "gate.no_file" {
		t.Error(err)
	}
	if _, err := c.Status(ctx, "no/such?grant"); problem.Code(err) != "gate.unknown" {
		t.Error(err)
	}
}

// keepOverTheSocket makes a copy, reads what is stated about it, and finds no way to it.
func keepOverTheSocket(t *testing.T, w *gatetest.World, c *gatehttp.Client) {
	t.Helper()
	gr := w.KeepGrant(2)
	if err := w.Journal.Commit(ctx, gr.Digest(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Offer(ctx, gate.Offer{Text: gatetest.Text(gr), Document: w.Order}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Approve(ctx, "g-2", w.Sign("anna", signature.Grant, gatetest.Text(gr))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Keep(ctx, "g-2"); problem.Code(err) != "inforce.missing" {
		t.Fatal(err)
	}
	if _, err := c.InForce(ctx, w.InForce("carla", gr)); err != nil {
		t.Fatal(err)
	}
	k, err := c.Keep(ctx, "g-2")
	if err != nil || k.Items != 4 || k.State != gate.CopyKept {
		t.Fatal(k, err)
	}
	text, err := c.CopyText(ctx, k.Copy)
	if err != nil {
		t.Fatal(err)
	}
	if stated, err := grant.ParseKept(text); err != nil || stated.Items != 4 {
		t.Fatal(stated, err)
	}
	if _, err := c.CopyText(ctx, strings.Repeat("0", 64)); problem.Code(err) != "gate.copy_missing" {
		t.Error(err)
	}
	for _, name := range []string{release.PackageFile, "copy.age"} {
		if _, _, err := c.Fetch(ctx, "g-2", name, "x"); err == nil {
			t.Errorf("%s of a copy was served", name)
		}
	}
}

// previewOverTheSocket counts, by a grant which does nothing else.
func previewOverTheSocket(t *testing.T, w *gatetest.World, c *gatehttp.Client) {
	t.Helper()
	gr := w.PreviewGrant(3)
	if err := w.Journal.Commit(ctx, gr.Digest(), true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Offer(ctx, gate.Offer{Text: gatetest.Text(gr), Document: w.Order}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Preview(ctx, "g-3"); problem.Code(err) != "inforce.missing" {
		t.Fatal(err)
	}
	if _, err := c.Approve(ctx, "g-3", w.Sign("anna", signature.Grant, gatetest.Text(gr))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.InForce(ctx, w.InForce("carla", gr)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Release(ctx, "g-3"); problem.Code(err) != "gate.previews_only" {
		t.Fatal(err)
	}
	p, err := c.Preview(ctx, "g-3")
	if err != nil || len(p.Rows) != 1 || p.Rows[0].Month != "2031-01" || p.Rows[0].Most != 10 || p.Preview == "" {
		t.Fatal(p, err)
	}
	if _, _, err := c.Fetch(ctx, "g-3", "preview.txt", "x"); err == nil {
		t.Error("a file of a preview was served")
	}
	if _, err := c.Preview(ctx, "g-1"); problem.Code(err) != "gate.not_to_preview" {
		t.Error(err)
	}
}

func same[T any](t *testing.T, name string, far, near func(context.Context) (T, error)) {
	t.Helper()
	a, err := far(ctx)
	if err != nil {
		t.Fatal(name, err)
	}
	b, err := near(ctx)
	if err != nil {
		t.Fatal(name, err)
	}
	if d := cmp.Diff(b, a); d != "" {
		t.Errorf("%s: %s", name, d)
	}
}

func read(t *testing.T, d gate.Desk, file string) []byte {
	t.Helper()
	r, size, err := d.Fetch(ctx, "g-1", file, "the desk of the police")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != size {
		t.Fatal(len(b), size, err)
	}
	return b
}

func TestAStopCutsADownloadSoThatNobodyTakesThePartForTheWhole(t *testing.T) {
	store := gatetest.Mailbox()
	jan := gatetest.Mail("acct-a1").From
	store.Held = []source.Item{gatetest.Message("acct-a1", "big", jan, jan, 20<<20)}
	w, g := opened(t, store)
	c := served(t, g)
	if _, err := g.ExtendCharter(ctx, w.Text, w.Signed); err != nil {
		t.Fatal(err)
	}
	gr := w.Grant(1)
	w.Journal.Add(gr.Digest())
	if _, err := c.Offer(ctx, gate.Offer{Text: gatetest.Text(gr), Document: w.Order}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"anna", "bo"} {
		if _, err := c.Approve(ctx, "g-1", w.Sign(p, signature.Grant, gatetest.Text(gr))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.InForce(ctx, w.InForce("carla", gr)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Release(ctx, "g-1"); err != nil {
		t.Fatal(err)
	}
	r, size, err := c.Fetch(ctx, "g-1", release.PackageFile, "the desk")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, 1000); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Stop(ctx, w.Stop("dan", "grant g-1")); err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	if problem.Code(err) != "gate.cut" || n > size-8<<20 {
		t.Fatalf("%d of %d bytes, %v", n, size, err)
	}
}

// stampDesk knows one package that waits for a time stamp.
type stampDesk struct{ gate.Desk }

func (stampDesk) Status(context.Context, string) (gate.Status, error) {
	return gate.Status{ID: "x", StampRequest: []byte{0x30, 0}, Outcome: &gate.Outcome{}}, nil
}

func (stampDesk) Stamp(_ context.Context, id string, answer []byte) (gate.Status, error) {
	if id != "x" || !bytes.Equal(answer, []byte{0x30, 0x80, 0}) {
		return gate.Status{}, problem.New(problem.Unverified, "timestamp.form", "not that")
	}
	return gate.Status{ID: "x", Outcome: &gate.Outcome{StampedBy: "CN=Fictional Stamp 1"}}, nil
}

func TestATimeStampIsBroughtThroughTheSocket(t *testing.T) {
	c := served(t, stampDesk{})
	st, err := c.Status(ctx, "x")
	if err != nil || !bytes.Equal(st.StampRequest, []byte{0x30, 0}) {
		t.Fatalf("%+v %v", st, err)
	}
	st, err = c.Stamp(ctx, "x", []byte{0x30, 0x80, 0})
	if err != nil || st.Outcome.StampedBy != "CN=Fictional Stamp 1" || st.StampRequest != nil {
		t.Fatalf("%+v %v", st, err)
	}
	if _, err := c.Stamp(ctx, "x", nil); problem.Code(err) != "timestamp.form" {
		t.Fatal(err)
	}
}

// nobody is a desk that must not be asked.
type nobody struct {
	gate.Desk
	t *testing.T
}

func (n nobody) Stop(context.Context, grant.Signed) (gate.HeldStop, error) {
	n.t.Error("the desk was asked")
	return gate.HeldStop{}, nil
}

func TestWebPagesAndOtherHostsAreKeptOut(t *testing.T) {
	h := gatehttp.Handler(nobody{t: t}, slog.New(slog.DiscardHandler))
	for name, change := range map[string]func(*http.Request){
		"a name pointed at loopback": func(r *http.Request) { r.Host = "gate.attacker.example:8080" },
		"a look-alike":               func(r *http.Request) { r.Host = "localhost.attacker.example" },
		"an address elsewhere":       func(r *http.Request) { r.Host = "192.0.2.7" },
		"no host":                    func(r *http.Request) { r.Host = "" },
		"another origin":             func(r *http.Request) { r.Header.Set("Origin", "https://attacker.example") },
		"a cross-site fetch":         func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		r := httptest.NewRequest("POST", "http://localhost/v1/stops", strings.NewReader(`{}`))
		r.Header.Set("Content-Type", "application/json")
		change(r)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if p, ok := gate.ParseFault(w.Body.Bytes()); !ok || p.Code != "gatehttp.foreign" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestBadRequestsAreRefusedBeforeTheDeskIsAsked(t *testing.T) {
	h := gatehttp.Handler(nobody{t: t}, slog.New(slog.DiscardHandler))
	for _, c := range []struct{ kind, body, code string }{
		{"text/plain", `{}`, "gatehttp.request"},
		{"application/x-www-form-urlencoded", `{}`, "gatehttp.request"},
		{"application/json", ``, "gatehttp.request"},
		{"application/json", `{"text":"!"}`, "gatehttp.request"},
		{"application/json", `{"more":1}`, "gatehttp.request"},
		{"application/json", `{} {}`, "gatehttp.request"},
		{"application/json", `{"text":"` + strings.Repeat("A", 2<<20) + `"}`, "gatehttp.too_large"},
	} {
		r := httptest.NewRequest("POST", "http://localhost/v1/stops", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if p, ok := gate.ParseFault(w.Body.Bytes()); !ok || p.Code != c.code || w.Code != 422 {
			t.Errorf("%s %.20q: %d %s", c.kind, c.body, w.Code, w.Body)
		}
	}
}

// leaving is a desk whose release outlives its caller.
type leaving struct {
	gate.Desk
	began, ended chan struct{}
	err          error
}

func (l *leaving) Release(ctx context.Context, _ string) (gate.Outcome, error) {
	close(l.began)
	time.Sleep(100 * time.Millisecond)
	l.err = ctx.Err()
	close(l.ended)
	return gate.Outcome{}, nil
}

func TestAReleaseGoesOnWhenItsCallerGoesAway(t *testing.T) {
	l := &leaving{began: make(chan struct{}), ended: make(chan struct{})}
	c := served(t, l)
	run, cancel := context.WithCancel(ctx)
	go func() { <-l.began; cancel() }()
	if _, err := c.Release(run, "g-1"); problem.Code(err) != "gate.unreachable" {
		t.Fatal(err)
	}
	<-l.ended
	if l.err != nil {
		t.Fatalf("the release was given up: %v", l.err)
	}
}

func TestAGateListensOnThisMachineOnly(t *testing.T) {
	for _, a := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:80", "localhost:0", "gate.example:80", ""} {
		l, err := gatehttp.Listen(ctx, a)
		if problem.Code(err) != "gatehttp.address" {
			t.Errorf("%q: %v", a, err)
		}
		if l != nil {
			l.Close()
		}
	}
	l, err := gatehttp.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	l, err = gatehttp.Listen(ctx, "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	if _, err := gatehttp.Listen(ctx, "unix:"+path); problem.Code(err) != "gatehttp.listen" {
		t.Fatalf("a socket in use: %v", err)
	}
	l.Close()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := gatehttp.Listen(ctx, "unix:"+file); problem.Code(err) != "gatehttp.listen" {
		t.Fatalf("a file in the way: %v", err)
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "mine" {
		t.Fatal("the file in the way was removed")
	}
}

func TestNobodyThereIsUnreachable(t *testing.T) {
	c := gatehttp.Unix(filepath.Join(t.TempDir(), "none"))
	if _, err := c.List(ctx); problem.Code(err) != "gate.unreachable" || problem.Of(err).Kind != problem.Unavailable {
		t.Fatal(err)
	}
}

// A hand export over the socket: the same answers as from the gate itself.
func TestAnExportAndACallGoOverTheSocket(t *testing.T) {
	w, g := opened(t, gatetest.Mailbox())
	c := served(t, g)
	if _, err := c.ExtendCharter(ctx, w.Text, w.Signed); err != nil {
		t.Fatal(err)
	}
	e, files := w.Collected()
	m := w.Manifest("emil", e)
	out, err := c.AnnounceExport(ctx, m)
	if err != nil || out.Kept {
		t.Fatal(out, err)
	}
	out, err = c.BringExport(ctx, out.Export, bytes.NewReader(files))
	if err != nil || !out.Kept || out.Files != 3 {
		t.Fatal(out, err)
	}
	same(t, "exports", c.Exports, g.Exports)
	if text, err := c.ExportText(ctx, out.Export); err != nil || !bytes.Equal(text, m.Text) {
		t.Fatal(err)
	}
	held, err := c.Called(ctx, w.Word("frida", w.Call()))
	if err != nil || held.Caller != "frida" {
		t.Fatal(held, err)
	}
	same(t, "calls", func(ctx context.Context) ([]gate.HeldCall, error) { return c.Calls(ctx, "k7wq-93") }, func(ctx context.Context) ([]gate.HeldCall, error) { return g.Calls(ctx, "k7wq-93") })
	if text, err := c.CallText(ctx, held.Call); err != nil || !bytes.Contains(text, []byte("\ncaller: frida\n")) {
		t.Fatal(err)
	}
	if _, err := c.CallText(ctx, strings.Repeat("0", 64)); problem.Code(err) != "gate.call_missing" {
		t.Error(err)
	}
	if _, err := c.Declare(ctx, strings.Repeat("0", 64), w.Word("frida", w.Call())); problem.Code(err) != "gate.unknown" {
		t.Error(err)
	}
	if _, err := c.ExportText(ctx, "../record"); problem.Code(err) != "grant.digest" {
		t.Error(err)
	}
}

// big is an export of one file of many megabytes.
func big(w *gatetest.World, size int) (grant.Export, []byte) {
	e, _ := w.Collected()
	body := bytes.Repeat([]byte("0123456789abcdef"), size/16)
	e.Files = e.Files[:1]
	e.Files[0].Size, e.Files[0].SHA256 = int64(len(body)), sha256.Sum256(body)
	return e, body
}

func TestARefusedUploadSaysWhyOverTheSocket(t *testing.T) {
	w, g := opened(t, gatetest.Mailbox())
	c := served(t, g)
	if _, err := c.ExtendCharter(ctx, w.Text, w.Signed); err != nil {
		t.Fatal(err)
	}
	e, body := big(w, 30<<20)
	other := e
	other.How = "another way"
	other.Files = slices.Clone(e.Files)
	other.Files[0].Size, other.Files[0].SHA256 = 100, sha256.Sum256(body[:100])
	m := w.Manifest("emil", other)
	out, err := c.AnnounceExport(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]io.Reader{"far too long": bytes.NewReader(body), "too short": bytes.NewReader(body[:99]), "empty": strings.NewReader(""), "another": strings.NewReader(strings.Repeat("x", 100))} {
		if _, err := c.BringExport(ctx, out.Export, body); problem.Code(err) != "export.content" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := c.BringExport(ctx, strings.Repeat("0", 64), bytes.NewReader(body)); problem.Code(err) != "gate.export_unannounced" {
		t.Error(err)
	}
	if list, err := c.Exports(ctx); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
	gone := problem.New(problem.Invalid, "app.export_file", "the file is gone")
	if _, err := c.BringExport(ctx, out.Export, io.MultiReader(bytes.NewReader(body[:50]), iotest.ErrReader(gone))); problem.Code(err) != "app.export_file" {
		t.Errorf("what could not be read here is told as it is: %v", err)
	}
	// The gate may still be hearing that the one before was given up, and says so.
	_, err = c.BringExport(ctx, out.Export, bytes.NewReader(body[:100]))
	for end := time.Now().Add(30 * time.Second); problem.Code(err) == "gate.export_running" && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
		_, err = c.BringExport(ctx, out.Export, bytes.NewReader(body[:100]))
	}
	if err != nil {
		t.Errorf("after all that, the right one: %v", err)
	}
}

// Somebody who goes away in the middle leaves nothing behind.
func TestAnUploadThatIsGivenUpLeavesNothing(t *testing.T) {
	w, g := opened(t, gatetest.Mailbox())
	c := served(t, g)
	if _, err := c.ExtendCharter(ctx, w.Text, w.Signed); err != nil {
		t.Fatal(err)
	}
	e, body := big(w, 8<<20)
	out, err := c.AnnounceExport(ctx, w.Manifest("emil", e))
	if err != nil {
		t.Fatal(err)
	}
	gone, leave := context.WithCancel(ctx)
	r, hold := io.Pipe()
	go func() {
		hold.Write(body[:4<<20])
		leave()
	}()
	if _, err := c.BringExport(gone, out.Export, r); err == nil {
		t.Fatal("half an export was taken")
	}
	for range 200 { // the server notices soon
		_, err = c.BringExport(ctx, out.Export, bytes.NewReader(body))
		if problem.Code(err) != "gate.export_running" {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnUploadOfAnotherKindIsRefused(t *testing.T) {
	_, g := opened(t, gatetest.Mailbox())
	h := gatehttp.Handler(g, slog.New(slog.DiscardHandler))
	r := httptest.NewRequest("PUT", "http://gate/v1/exports/"+strings.Repeat("0", 64)+"/files", strings.NewReader("x"))
	r.Header.Set("Content-Type", "text/plain")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), "gatehttp.request") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	r = httptest.NewRequest("PUT", "http://elsewhere.example/v1/exports/x/files", strings.NewReader("x"))
	rec = httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	if !strings.Contains(rec.Body.String(), "gatehttp.foreign") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
}
