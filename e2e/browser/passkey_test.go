package browser_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatepage"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// gateSite is a gate with its own page, at an origin of its own.
type gateSite struct {
	*gatetest.World
	t      *testing.T
	origin string
	shown  atomic.Value // http.Handler
	gate   *gate.Gate
}

type agrees struct{}

func (agrees) PermitKeep(context.Context, string, string) error { return nil }

func (agrees) PermitPreview(context.Context, string, string) error { return nil }

func (agrees) Permit(context.Context, string, string, [32]byte, int64) error { return nil }

// siteOfAGate serves the page as it is before there is a charter.
func siteOfAGate(t *testing.T) *gateSite {
	t.Helper()
	s := &gateSite{World: gatetest.NewWorld(), t: t}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.shown.Load().(http.Handler).ServeHTTP(w, r) }))
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s.origin = "http://localhost:" + port
	s.show(nil)
	srv.Start()
	t.Cleanup(srv.Close)
	return s
}

func (s *gateSite) show(g gatepage.Gate) {
	s.t.Helper()
	p, err := gatepage.New(gatepage.Outside{Gate: g, ID: "gate-1", Region: "ie", Provider: "Lindworm Mail", Origin: s.origin, Now: s.Clock.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		s.t.Fatal(err)
	}
	s.shown.Store(p.Handler())
}

// found gives the persons their passkeys and opens the gate with the charter.
func (s *gateSite) found(keys map[string]string) {
	s.t.Helper()
	s.First.Gates[0].Page = s.origin
	for i, p := range s.First.Roster {
		if line := keys[p.ID]; line != "" {
			key, err := signature.ParseLine(line)
			if err != nil {
				s.t.Fatal(err)
			}
			s.First.Roster[i].Keys = append(slices.Clone(p.Keys), key)
		}
	}
	s.Reword(s.First)
	g, err := gate.Open(context.Background(), gate.Config{ID: "gate-1", Dir: s.t.TempDir(), Key: s.GateKey, Sources: []source.Source{gatetest.Mailbox()}, Journal: s.Journal, Docket: agrees{},
		Now: s.Clock.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Patience: 20 * time.Second})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { g.Close() })
	if _, err := g.ExtendCharter(context.Background(), s.Text, s.Signed); err != nil {
		s.t.Fatal(err)
	}
	s.gate = g
	s.show(g)
}

func (s *gateSite) offer(g grant.Grant) {
	s.t.Helper()
	if err := s.Journal.Commit(context.Background(), g.Digest(), true); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.gate.Offer(context.Background(), gate.Offer{Text: gatetest.Text(g), Document: s.Order}); err != nil {
		s.t.Fatal(err)
	}
}

// traffic is a grant without content.
func (s *gateSite) traffic(n byte) grant.Grant {
	g := s.Grant(n)
	sel := gatetest.Mail("acct-a1")
	sel.Category = scope.Traffic
	g.Scope = must(scope.New(sel))
	g.Compelled = g.Scope
	return g
}

// at is a browser with an authenticator of its own; synced: its passkeys may be copied.
func (s *gateSite) at(synced bool) context.Context {
	s.t.Helper()
	ctx := chromium(s.t)
	authenticator(s.t, ctx, synced)
	return ctx
}

func second[T any](_ T, err error) error { return err }

// passkey makes one on the page and gives its line.
func (s *gateSite) passkey(ctx context.Context, person string) string {
	s.t.Helper()
	do(s.t, ctx, chromedp.Navigate(s.origin+"/passkey"), chromedp.SendKeys(chromedp.CSS(`input[name="person"]`), person), chromedp.Click(chromedp.CSS("form.make button")))
	return s.until(ctx, "#line", func(text string) bool { return strings.HasPrefix(text, "sk-ecdsa-sha2-nistp256@openssh.com ") })
}

// until waits for what an element says.
func (s *gateSite) until(ctx context.Context, css string, fits func(string) bool) string {
	s.t.Helper()
	return waits(s.t, ctx, css, fits)
}

func (s *gateSite) says(ctx context.Context, words ...string) {
	s.t.Helper()
	for _, w := range words {
		s.until(ctx, "main", func(text string) bool { return strings.Contains(strings.Join(strings.Fields(text), " "), w) })
	}
}

// read shows the passkey, to be let look.
func (s *gateSite) read(ctx context.Context) {
	s.t.Helper()
	do(s.t, ctx, chromedp.Navigate(s.origin+"/"), chromedp.Click(chromedp.CSS("form.sign button")))
	s.says(ctx, "Waiting for approval")
}

func (s *gateSite) sign(ctx context.Context, path, form string) {
	s.t.Helper()
	do(s.t, ctx, chromedp.Navigate(s.origin+path), chromedp.Click(chromedp.CSS(form+" button")))
}

func TestPeopleApproveWithPasskeysOnTheGatesOwnPageAndSSHKeygenVerifiesThem(t *testing.T) {
	s := siteOfAGate(t)
	anna, bo, frida := s.at(false), s.at(false), s.at(true)
	do(t, anna, chromedp.Navigate(s.origin+"/"))
	s.says(anna, "There is no charter yet")
	keys := map[string]string{"anna": s.passkey(anna, "anna"), "bo": s.passkey(bo, "bo"), "frida": s.passkey(frida, "frida")}
	s.says(frida, "It does not count for content.")
	s.found(keys)

	content := s.Grant(1)
	id := "/grant/" + content.Digest().String()
	s.offer(content)

	// Nothing is shown to who has shown nothing.
	do(t, anna, chromedp.Navigate(s.origin+id))
	s.says(anna, "Approvals at this gate")
	if text := get(t, anna, chromedp.Evaluate[string](`document.body.innerText`)); strings.Contains(text, "k7wq-93") {
		t.Fatal("a demand is shown to a stranger")
	}

	s.read(anna)
	s.says(anna, "g-1 for demand k7wq-93", "0 of 2 approvals")
	do(t, anna, chromedp.Navigate(s.origin+id))
	s.says(anna, "an order of the court of Nowhere", "address ada@lindworm.example", "grant: g-1")
	s.sign(anna, id, `form[data-ceremony="approve"]`)
	s.says(anna, "✓ You have approved it.")

	// What may be copied to other devices does not count for content.
	s.read(frida)
	s.sign(frida, id, `form[data-ceremony="approve"]`)
	s.until(frida, "#alert", func(text string) bool { return strings.Contains(text, "(approval.synced)") })

	s.read(bo)
	s.sign(bo, id, `form[data-ceremony="approve"]`)
	s.says(bo, "✓ You have approved it.")
	s.sign(bo, id, `form[action="/in-force"]`)
	s.until(bo, "main", func(text string) bool {
		return !strings.Contains(text, "nobody has said that the order stands") && strings.Contains(text, "anna bo")
	})
	out, err := s.gate.Release(context.Background(), content.Digest().String())
	if err != nil || out.Items == 0 {
		t.Fatal(out, err)
	}
}

func TestSeveralGrantsAreApprovedAtOnceAndAStopIsSigned(t *testing.T) {
	s := siteOfAGate(t)
	anna := s.at(false)
	s.found(map[string]string{"anna": s.passkey(anna, "anna")})
	a, b := s.traffic(1), s.traffic(2)
	s.offer(a)
	s.offer(b)
	s.read(anna)
	s.says(anna, "Several at once: traffic")
	get(t, anna, chromedp.Evaluate[bool](`document.querySelectorAll('input[name="grant"]').forEach(i => i.checked = true), true`))
	press(t, anna, `form[action="/batch"] button`)
	s.says(anna, "2 grants, traffic", "counterseal-approvals-v1")
	do(t, anna, chromedp.Click(chromedp.CSS("form.sign button")))
	s.says(anna, "Waiting for approval", "1 of 2 approvals, yours among them")
	for _, g := range []grant.Grant{a, b} {
		st := must(s.gate.Status(context.Background(), g.Digest().String()))
		if !slices.Equal(st.Approvals, []string{"anna"}) {
			t.Errorf("%s: %v", g.ID, st.Approvals)
		}
	}
	do(t, anna, chromedp.Navigate(s.origin+"/stop?reach=demand+k7wq-93&reason=the+court+has+stayed+it"))
	s.says(anna, "stop: demand k7wq-93")
	do(t, anna, chromedp.Click(chromedp.CSS("form.sign button")))
	s.says(anna, "Waiting for approval")
	stops := must(s.gate.Stops(context.Background()))
	if len(stops) != 1 || stops[0].Person != "anna" || stops[0].Reason != "the court has stayed it" {
		t.Error(stops)
	}
}

func TestEveryPageOfTheGateCanBeReadWideAndNarrowLightAndDark(t *testing.T) {
	s := siteOfAGate(t)
	anna := s.at(false)
	said := listen(t, anna)
	look := func(pages map[string]string) {
		for name, path := range pages {
			for _, at := range sights {
				t.Run(name+"-"+at.name, func(t *testing.T) {
					at.set(t, anna)
					said.take()
					do(t, anna, chromedp.Navigate(s.origin+path))
					inspect(t, anna)
					for _, line := range said.take() {
						t.Errorf("the console says: %s", line)
					}
					shoot(t, anna, name+"-"+at.name)
					axe(t, anna)
				})
			}
		}
	}
	look(map[string]string{"gate-begin": "/"})
	s.found(map[string]string{"anna": s.passkey(anna, "anna")})
	g, a, b := s.Grant(1), s.traffic(2), s.traffic(3)
	stop := s.Stop("dan", "demand k7wq-93")
	must(s.gate.Stop(context.Background(), stop))
	b.Stops = []grant.Digest{stop.Digest()}
	for _, x := range []grant.Grant{g, a, b} {
		s.offer(x)
	}
	look(map[string]string{"gate-enter": "/", "gate-passkey": "/passkey", "gate-statement": "/statement"})
	s.read(anna)
	look(map[string]string{"gate-home": "/", "gate-grant": "/grant/" + g.Digest().String(), "gate-batch": "/batch?grant=" + a.Digest().String() + "&grant=" + b.Digest().String(), "gate-stop": "/stop",
		"gate-stop-text": "/stop?reach=everything&reason=x"})
}

func TestACharterStatementIsSignedOnThePageAndSSHKeygenVerifiesIt(t *testing.T) {
	s := siteOfAGate(t)
	anna := s.at(false)
	line := s.passkey(anna, "anna")
	s.found(map[string]string{"anna": line})
	text, _ := s.Next(grant.Statement{Policy: s.First.Policy}, s.gate.Charter())
	dir := t.TempDir()
	file := filepath.Join(dir, "2.txt")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(file, string(text))
	do(t, anna, chromedp.Navigate(s.origin+"/statement"), chromedp.SetUploadFiles(chromedp.CSS(`input[type="file"]`), []string{file}))
	s.until(anna, "#text", func(t string) bool { return t == string(text) })
	do(t, anna, chromedp.Click(chromedp.CSS("#signit")))
	armored := s.until(anna, "#armor", func(t string) bool { return strings.HasPrefix(t, signature.Begin) })
	if name := s.until(anna, "#name", func(string) bool { return true }); name != "2.anna.sig" {
		t.Error(name)
	}
	write(filepath.Join(dir, "sig"), armored)
	write(filepath.Join(dir, "allowed"), "anna "+line+"\n")
	c := exec.Command("ssh-keygen", "-Y", "verify", "-f", filepath.Join(dir, "allowed"), "-I", "anna", "-n", string(signature.Charter), "-s", filepath.Join(dir, "sig"))
	c.Stdin = strings.NewReader(string(text))
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := signature.VerifyFrom([]string{s.origin}, []byte(armored), signature.Charter, text); err != nil {
		t.Error(err)
	}
}
