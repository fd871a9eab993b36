package browser_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"counterseal/internal/access"
	"counterseal/internal/app"
)

const officeOrigin = "https://office.lindworm.example"

// officeSite is an office whose staff sign in, behind a server that ends TLS as one on
// the same machine does.
type officeSite struct {
	t      *testing.T
	folder app.Folder
	config string // without persons who sign in
	inside *url.URL
	front  *httptest.Server
	shown  atomic.Value // http.Handler
	house  *app.House
	office *app.Office
}

func siteOfAnOffice(t *testing.T) *officeSite {
	t.Helper()
	folder, err := app.Found(t.TempDir(), app.Founding{
		Provider: "Lindworm Mail", Origin: "lindworm.example", Contact: "privacy@lindworm.example",
		Staff: []app.Member{{ID: "p-okafor", Name: "Ada Okafor", Seats: []string{"reviewer", "counsel"}}, {ID: "p-lind", Name: "Bo Lind", Seats: []string{"reviewer"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &officeSite{t: t, folder: folder}
	text, err := os.ReadFile(folder.Config())
	if err != nil {
		t.Fatal(err)
	}
	s.config = string(text) + "\n[sign_in]\npage = \"" + officeOrigin + "\"\n"
	s.configure("")
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.shown.Load().(http.Handler).ServeHTTP(w, r) }))
	t.Cleanup(inner.Close)
	s.inside = must(url.Parse(inner.URL))
	s.front = httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(s.inside)
		r.Out.Host = r.In.Host
		r.SetXForwarded()
	}})
	t.Cleanup(s.front.Close)
	s.start()
	t.Cleanup(func() { s.office.Close() })
	return s
}

// configure writes counterseal.toml with these lines after the page's.
func (s *officeSite) configure(lines string) {
	s.t.Helper()
	if err := os.WriteFile(s.folder.Config(), []byte(s.config+lines+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// start begins the program anew.
func (s *officeSite) start() {
	s.t.Helper()
	if s.office != nil {
		if err := s.office.Close(); err != nil {
			s.t.Fatal(err)
		}
	}
	o, err := app.Open(s.t.Context(), s.folder, app.Options{})
	if err != nil {
		s.t.Fatal(err)
	}
	s.office, s.house = o, app.NewHouse(o)
	s.shown.Store(s.house.Handler())
}

// at is a browser that knows the office's name, with an authenticator of its own.
func (s *officeSite) at() context.Context {
	s.t.Helper()
	_, port, err := net.SplitHostPort(s.front.Listener.Addr().String())
	if err != nil {
		s.t.Fatal(err)
	}
	ctx := chromium(s.t, chromedp.Flag("host-resolver-rules", "MAP office.lindworm.example 127.0.0.1:"+port), chromedp.Flag("ignore-certificate-errors", true))
	authenticator(s.t, ctx, false)
	return ctx
}

// authenticator gives a browser a device for passkeys; synced: they may be copied.
func authenticator(t *testing.T, ctx context.Context, synced bool) {
	t.Helper()
	for _, err := range []error{
		second(chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{})),
		second(chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol:  webauthn.AuthenticatorProtocolCtap2,
			Transport: webauthn.AuthenticatorTransportUsb, HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true, DefaultBackupEligibility: synced, DefaultBackupState: synced,
		}})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// waits until an element says something that fits.
func waits(t *testing.T, ctx context.Context, css string, fits func(string) bool) string {
	t.Helper()
	said := ""
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		said = get(t, ctx, chromedp.Evaluate[string](`(document.querySelector(`+"`"+css+"`"+`)||{}).textContent||""`))
		if fits(said) {
			return said
		}
	}
	t.Fatalf("%s says %q; the page says %q", css, said, get(t, ctx, chromedp.Evaluate[string](`document.body.innerText`)))
	return ""
}

// makes makes a passkey on the page and gives the lines for counterseal.toml.
func (s *officeSite) makes(ctx context.Context, person string) string {
	s.t.Helper()
	do(s.t, ctx, chromedp.Navigate(officeOrigin+"/enter/make"), chromedp.SendKeys(chromedp.CSS(`input[name="person"]`), person), chromedp.Click(chromedp.CSS("form.make button")))
	return waits(s.t, ctx, "#line", func(text string) bool { return strings.Contains(text, "sk-ecdsa-sha2-nistp256@openssh.com ") })
}

func (s *officeSite) signIn(ctx context.Context) {
	s.t.Helper()
	do(s.t, ctx, chromedp.Navigate(officeOrigin+"/enter"), chromedp.Click(chromedp.CSS("form.signin button")))
	waits(s.t, ctx, "h1", func(text string) bool { return text == "What falls due" })
}

// asks opens the queue and says what it answers: its title, or the code of a refusal.
func (s *officeSite) asks(ctx context.Context) string {
	s.t.Helper()
	do(s.t, ctx, chromedp.Navigate(officeOrigin+"/queue"))
	return get(s.t, ctx, chromedp.Evaluate[string](`(document.querySelector("main code") || document.querySelector("h1")).textContent`))
}

func TestStaffSignInWithAPasskeyBehindTLSAndStayInAcrossARestart(t *testing.T) {
	s := siteOfAnOffice(t)
	ada := s.at()
	if got := s.asks(ada); got != "access.session" {
		t.Errorf("before: %q", got)
	}
	lines := s.makes(ada, "p-okafor")
	do(t, ada, chromedp.Navigate(officeOrigin+"/enter"), chromedp.Click(chromedp.CSS("form.signin button")))
	waits(t, ada, "#alert", func(text string) bool { return strings.Contains(text, "(access.nobody)") })

	s.configure(lines) // which counts at once
	s.signIn(ada)
	sees(t, ada, ".reader", "p-okafor")
	if seen := get(t, ada, chromedp.Evaluate[string](`document.cookie`)); seen != "" {
		t.Errorf("a script can read the cookie: %q", seen)
	}
	s.start()
	if got := s.asks(ada); got != "What falls due" {
		t.Errorf("after a restart: %q", got)
	}

	open, err := s.folder.OpenSessions(time.Now())
	if err != nil || len(open) != 1 || open[0].Person != "p-okafor" || open[0].By != access.ByPasskey {
		t.Fatal(open, err)
	}
	if _, err := s.folder.EndSessions(open[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	if got := s.asks(ada); got != "access.session" {
		t.Errorf("after it was ended: %q", got)
	}

	s.signIn(ada)
	s.configure("") // the key is taken out of the file
	if got := s.asks(ada); got != "access.session" {
		t.Errorf("after the key was taken out: %q", got)
	}
	s.configure(lines)
	if got := s.asks(ada); got != "access.session" {
		t.Errorf("the key's return brings the session back: %q", got)
	}

	s.signIn(ada)
	press(t, ada, "form[action='/leave'] button")
	if got := s.asks(ada); got != "access.session" {
		t.Errorf("after leaving: %q", got)
	}
}

func TestALinkWorksStraightAtTheMachineAndNotThroughWhatEndsTLS(t *testing.T) {
	s := siteOfAnOffice(t)
	ada := s.at()
	lines := s.makes(ada, "p-okafor")
	s.configure(lines)
	token, err := s.house.Admit("p-okafor")
	if err != nil {
		t.Fatal(err)
	}
	do(t, ada, chromedp.Navigate(access.EnterURL(officeOrigin, token)))
	if got := get(t, ada, chromedp.Text(chromedp.CSS("main code"))); got != "access.link" {
		t.Error(got)
	}
	do(t, ada, chromedp.Navigate(access.EnterURL(s.inside.String(), token)))
	press(t, ada, "button.act")
	if got := get(t, ada, chromedp.Text(chromedp.CSS("h1"))); got != "What falls due" {
		t.Errorf("the link at the machine itself: %q", got)
	}
	if got := s.asks(ada); got != "access.session" {
		t.Errorf("a link's session counts at the page: %q", got)
	}
}

func TestThePagesToSignInCanBeReadWideAndNarrowLightAndDark(t *testing.T) {
	s := siteOfAnOffice(t)
	ada := s.at()
	said := listen(t, ada)
	look := func(name string) {
		for _, at := range sights {
			t.Run(name+"-"+at.name, func(t *testing.T) {
				at.set(t, ada)
				inspect(t, ada)
				for _, line := range said.take() {
					if !strings.Contains(line, "the server responded with a status of 403") {
						t.Errorf("the console says: %s", line)
					}
				}
				shoot(t, ada, name+"-"+at.name)
				axe(t, ada)
			})
		}
	}
	do(t, ada, chromedp.Navigate(officeOrigin+"/enter"))
	look("signin")
	do(t, ada, chromedp.Click(chromedp.CSS("form.signin button")))
	waits(t, ada, "#alert", func(text string) bool { return text != "" })
	look("signin-refused")
	do(t, ada, chromedp.Navigate(officeOrigin+"/enter/make"))
	look("signin-make")
	s.makes(ada, "p-okafor")
	said.take() // Chromium would have RS256 offered too, for which OpenSSH has no form
	look("signin-made")
	s.asks(ada)
	look("signin-nobody")
}
