package browser_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"counterseal/internal/access"
)

// issuing runs an issuer of OpenID Connect that others wrote: npm oidc-provider.
func issuing(t *testing.T) (issuer string, stop func()) {
	t.Helper()
	folder := os.Getenv("COUNTERSEAL_OIDC")
	if folder == "" {
		t.Skip("COUNTERSEAL_OIDC names no folder with oidc-provider in node_modules (npm install oidc-provider@9.13.3): a real issuer was not run")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("node is not installed: a real issuer was not run")
	}
	c := exec.Command("node", "issuer.mjs", folder, "counterseal", issuerSecret, officeOrigin)
	out := must(c.StdoutPipe())
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			c.Process.Kill()
			c.Wait()
		}
	}
	t.Cleanup(stop)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
			return at, stop
		}
	}
	t.Fatal("the issuer did not start")
	return "", nil
}

const issuerSecret = "for this test: 32 bytes and / some"

// atIssuer signs in at the issuer's own pages under a name, and agrees.
func (s *officeSite) atIssuer(ctx context.Context, name string) {
	s.t.Helper()
	do(s.t, ctx, chromedp.Navigate(officeOrigin+"/enter"), chromedp.Click(chromedp.CSS("a.issuer")),
		chromedp.WaitVisible(chromedp.CSS("input[name=login]")), chromedp.SendKeys(chromedp.CSS("input[name=login]"), name), chromedp.SendKeys(chromedp.CSS("input[name=password]"), "x"),
		chromedp.Click(chromedp.CSS("button[type=submit]")), chromedp.WaitReady(chromedp.CSS("body")))
	waits(s.t, ctx, "body", func(text string) bool { return strings.Contains(text, "Authorize") })
	do(s.t, ctx, chromedp.Click(chromedp.CSS("button[type=submit]")))
}

func TestStaffSignInThroughAnIssuerThatOthersWrote(t *testing.T) {
	issuer, stop := issuing(t)
	s := siteOfAnOffice(t)
	if err := os.WriteFile(s.folder.Secret("openid"), []byte(issuerSecret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	named := "[sign_in.openid]\nissuer = \"" + issuer + "\"\nclient = \"counterseal\"\n"
	okafor := "[[sign_in.person]]\nid = \"p-okafor\"\nsubject = \"ada\"\n"
	lind := "[[sign_in.person]]\nid = \"p-lind\"\nemail = \"bo@lindworm.example\"\n"
	s.configure(named + okafor + lind)
	s.start()

	ada := s.at()
	s.atIssuer(ada, "ada")
	waits(t, ada, "h1", func(text string) bool { return text == "What falls due" })
	sees(t, ada, ".reader", "p-okafor")
	if seen := get(t, ada, chromedp.Evaluate[string](`document.cookie`)); seen != "" {
		t.Errorf("a script can read the cookie: %q", seen)
	}
	open, err := s.folder.OpenSessions(time.Now())
	if err != nil || len(open) != 1 || open[0].By != access.ByOpenID || open[0].Key != access.SubjectID(issuer, "ada") {
		t.Fatal(open, err)
	}
	s.start()
	if got := s.asks(ada); got != "What falls due" {
		t.Errorf("after a restart: %q", got)
	}

	bo := s.at()
	s.atIssuer(bo, "bo") // known by an address that the issuer has verified
	waits(t, bo, "h1", func(text string) bool { return text == "What falls due" })
	sees(t, bo, ".reader", "p-lind")

	eve := s.at()
	s.atIssuer(eve, "eve")
	waits(t, eve, "main code", func(text string) bool { return text == "access.nobody" })
	if got := s.asks(eve); got != "access.session" {
		t.Errorf("somebody whom the file does not name: %q", got)
	}

	// Out of the file, out at once; and to leave here leads to where one leaves there.
	s.configure(named + lind)
	if got := s.asks(ada); got != "access.session" {
		t.Errorf("after the line was taken out: %q", got)
	}
	do(t, bo, chromedp.Navigate(officeOrigin+"/queue"))
	press(t, bo, "form[action='/leave'] button")
	waits(t, bo, "h1", func(text string) bool { return text == "You are signed out here" })
	do(t, bo, chromedp.Click(chromedp.CSS("a.issuer")))
	waits(t, bo, "body", func(text string) bool { return strings.Contains(text, "Do you want to sign-out") })
	do(t, bo, chromedp.Click(chromedp.CSS("button[name=logout]")))
	waits(t, bo, "h1", func(text string) bool { return strings.Contains(text, "promises when a government asks") })
	if at := get(t, bo, chromedp.Evaluate[string](`location.href`)); at != officeOrigin+"/" && !strings.HasPrefix(at, officeOrigin+"/?") {
		t.Errorf("after leaving at the issuer the browser is at %s", at)
	}
	if got := s.asks(bo); got != "access.session" {
		t.Errorf("after leaving: %q", got)
	}

	// An issuer that is gone keeps nobody with a passkey out.
	stop()
	lines := s.makes(ada, "p-okafor")
	s.configure(named + lines)
	s.start()
	do(t, ada, chromedp.Navigate(officeOrigin+"/enter"), chromedp.Click(chromedp.CSS("a.issuer")))
	waits(t, ada, "main code", func(text string) bool { return text == "access.issuer" })
	s.signIn(ada)
	sees(t, ada, ".reader", "p-okafor")
}
