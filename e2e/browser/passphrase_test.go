package browser_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

// zipped makes a ZIP visible at the gate.
func (s *gateSite) zipped(n byte) grant.Grant {
	s.t.Helper()
	ctx, g := context.Background(), s.Grant(n)
	g.Recipient = grant.ByZip
	s.offer(g)
	for _, p := range []string{"anna", "bo"} {
		if _, err := s.gate.Approve(ctx, g.Digest().String(), s.Sign(p, signature.Grant, gatetest.Text(g))); err != nil {
			s.t.Fatal(err)
		}
	}
	if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.gate.Release(ctx, g.Digest().String()); err != nil {
		s.t.Fatal(err)
	}
	return g
}

// mayGetZip lets the charter say that the agency may get a ZIP, and hold these contacts too.
func (s *gateSite) mayGetZip(contacts ...string) {
	a := &s.First.Agencies[0]
	a.Contacts = append(slices.Clone(a.Contacts), contacts...)
	a.Recipients = append(slices.Clone(a.Recipients), grant.Recipient{Since: gatetest.Start.AddDate(-1, 0, 0), Key: grant.ByZip, Content: true})
}

func (s *gateSite) hears(ctx context.Context) (groups []string) {
	s.t.Helper()
	do(s.t, ctx, chromedp.Click(chromedp.CSS(`form[data-ceremony="tell"] button`)))
	s.until(ctx, "#groups", func(text string) bool { return len(text) == 35 })
	return get(s.t, ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#groups li")].map(l => l.textContent)`))
}

func TestAPassphraseIsToldOnTheGatesOwnPageOnceAndOpensTheZip(t *testing.T) {
	s := siteOfAGate(t)
	dan := s.at(false)
	key := s.passkey(dan, "dan")
	s.mayGetZip()
	s.found(map[string]string{"dan": key})
	g := s.zipped(1)
	id := g.Digest().String()
	s.read(dan)
	s.says(dan, "Passphrases", "waits to be told")
	do(t, dan, chromedp.Navigate(s.origin+"/passphrase/"+id))
	s.says(dan, "Call first", "about-to-call: "+gatetest.Contact)
	passphrase := strings.Join(s.hears(dan), "-")
	if focus := get(t, dan, chromedp.Evaluate[string](`document.activeElement.id`)); focus != "aloud" {
		t.Errorf("the focus is on %q", focus)
	}
	if zz, err := exec.LookPath("7zz"); err != nil {
		t.Log("7-Zip is not installed: the ZIP was not opened")
	} else {
		r, _, err := s.gate.Fetch(context.Background(), id, release.ZipFile, "the desk")
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), release.ZipFile)
		if err := os.WriteFile(file, must(io.ReadAll(r)), 0o600); err != nil {
			t.Fatal(err)
		}
		r.Close()
		if out, err := exec.Command(zz, "t", "-p"+passphrase, file).CombinedOutput(); err != nil || !bytes.Contains(out, []byte("Everything is Ok")) {
			t.Errorf("%v\n%s", err, out)
		}
	}
	// Nobody sees it again: not by going on and back, not by loading the page anew.
	gone := func() {
		t.Helper()
		if text := get(t, dan, chromedp.Evaluate[string](`document.documentElement.outerHTML`)); strings.Contains(text, passphrase[:5]) {
			t.Error("it is shown again")
		}
	}
	do(t, dan, chromedp.Navigate(s.origin+"/"))
	s.says(dan, "you were told it; say whom you reached")
	do(t, dan, chromedp.NavigateBack())
	s.says(dan, "It was told to dan")
	gone()
	do(t, dan, chromedp.SendKeys(chromedp.CSS(`input[name="who"]`), "R. Sample, duty desk"), chromedp.Click(chromedp.CSS(`input[value="out"]`)))
	press(t, dan, `form[action="/passphrase/`+chromedp.CSS(id)+`"] button`)
	s.says(dan, "reached: R. Sample, duty desk")
	do(t, dan, chromedp.Click(chromedp.CSS(`form[action="/reached"] button`)))
	s.says(dan, "R. Sample, duty desk; read out")
	gone()
	st := must(s.gate.Status(context.Background(), id))
	if st.Passphrase.State != gate.PassphraseTold || st.Passphrase.Person != "dan" || !st.Passphrase.ReadOut {
		t.Errorf("%+v", st.Passphrase)
	}
}

func TestThePagesOfAPassphraseCanBeReadWideAndNarrowLightAndDark(t *testing.T) {
	s := siteOfAGate(t)
	dan := s.at(false)
	key := s.passkey(dan, "dan")
	s.mayGetZip("duty desk, +353 1 555 0177")
	s.found(map[string]string{"dan": key})
	said := listen(t, dan)
	look := func(name string) {
		for _, at := range sights {
			t.Run(name+"-"+at.name, func(t *testing.T) {
				at.set(t, dan)
				inspect(t, dan)
				for _, line := range said.take() {
					t.Errorf("the console says: %s", line)
				}
				shoot(t, dan, name+"-"+at.name)
				axe(t, dan)
			})
		}
	}
	page := s.origin + "/passphrase/" + s.zipped(1).Digest().String()
	s.read(dan)
	look("gate-home-calls")
	do(t, dan, chromedp.Navigate(page))
	s.says(dan, "Whom do you call?")
	look("gate-passphrase-whom")
	do(t, dan, chromedp.Navigate(page+"?contact=duty+desk,+%2B353+1+555+0177"))
	s.says(dan, "Call first")
	look("gate-passphrase-call")
	s.hears(dan)
	look("gate-passphrase-told")
	do(t, dan, chromedp.Navigate(page))
	look("gate-passphrase-reached")
	do(t, dan, chromedp.Navigate(page+"?who=R.+Sample&read=not"))
	look("gate-passphrase-word")
	do(t, dan, chromedp.Click(chromedp.CSS(`form[action="/reached"] button`)))
	s.says(dan, "not read out, so nobody opens this package")
	look("gate-passphrase-done")
}
