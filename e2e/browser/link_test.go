package browser_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"counterseal/internal/app"
)

// withPickUp gives the gate inside a page for officers.
func withPickUp(t *testing.T) func(app.Folder) {
	return func(f app.Folder) {
		b, err := os.ReadFile(f.Config())
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(b), "[gate]\n", "[gate]\npickup = \"http://localhost:8704\"\npickup_listen = \"127.0.0.1:8704\"\n", 1)
		if err := os.WriteFile(f.Config(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var aLink = regexp.MustCompile(`^http://localhost:8704/[a-z]{2}#[A-Za-z0-9_-]{43}$`)

// From the demand's page somebody makes the link that an officer is sent; it stands on the
// page that answers the form, and nowhere else.
func TestALinkForTheOfficerIsMadeOnTheDemandsPageAndShownOnce(t *testing.T) {
	ctx := chromium(t)
	p := openAs(t, withPickUp(t), until("", ""))
	id := p.told.Kept("warrant")
	said := listen(t, ctx)
	p.enter(t, ctx, "p-halvorsen")
	look := func(name string) {
		for _, s := range sights {
			t.Run(name+"-"+s.name, func(t *testing.T) {
				s.set(t, ctx)
				inspect(t, ctx)
				shoot(t, ctx, name+"-"+s.name)
				axe(t, ctx)
			})
		}
		sights[0].set(t, ctx)
	}
	do(t, ctx, chromedp.Navigate(p.URL+"/demand/"+id))
	press(t, ctx, chromedp.CSS(fmt.Sprintf(`section[aria-labelledby="grants"] a[href^="/demand/%s/link"]`, id)))
	sees(t, ctx, "main", "Make a link for the officer", "A new link takes the place of the one before")
	look("link-form")
	do(t, ctx, chromedp.SendKeys(chromedp.CSS(`input[name="f-for"]`), "R. Sample, Harbor District"))
	press(t, ctx, "form.deed button.act")
	sees(t, ctx, "main", "For R. Sample, Harbor District", "It is shown here once.", "Valid until")
	look("link-made")
	url := get(t, ctx, chromedp.Evaluate[string](`document.querySelector("#url").value`))
	if !aLink.MatchString(url) {
		t.Fatalf("%q is no link", url)
	}
	_, secret, _ := strings.Cut(url, "#")
	for _, path := range []string{"/demand/" + id, "/demand/" + id + "/link"} {
		do(t, ctx, chromedp.Navigate(p.URL+path))
		if html := get(t, ctx, chromedp.Evaluate[string](`document.documentElement.outerHTML`)); strings.Contains(html, secret) {
			t.Errorf("%s shows the secret again", path)
		}
	}
	if lines := said.take(); len(lines) > 0 {
		t.Errorf("the console says: %q", lines)
	}
	// Who only looks on is not offered it, and is refused.
	client := p.client(t, "")
	if page := whole(t, client, p.URL+"/demand/"+id); strings.Contains(page, "/link?grant=") {
		t.Error("it is offered to who only looks on")
	}
	if got := whole(t, client, p.URL+"/demand/"+id+"/link"); !strings.HasPrefix(got, "403 ") {
		t.Errorf("who only looks on gets %s", got[:80])
	}
}
