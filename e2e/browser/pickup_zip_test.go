package browser_test

import (
	"bytes"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/signature"
)

// pickZip opens a link to a ZIP and gives the code of what went wrong.
func (o *officer) pickZip(url string) string {
	o.t.Helper()
	o.open(url)
	if !get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("pick").hidden`)) {
		do(o.t, o.ctx, chromedp.Click(chromedp.CSS("#go")))
		o.wait(`!document.getElementById("done").hidden || !document.getElementById("alert").hidden`)
	}
	if get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("alert").hidden`)) {
		return ""
	}
	return get(o.t, o.ctx, chromedp.Evaluate[string](`document.querySelector("#alert code").textContent`))
}

// told has dan, who neither drafted nor approved, told the passphrase.
func (s *pickSite) told(l gate.Link) gate.Told {
	s.t.Helper()
	ctx := s.t.Context()
	st := must(s.gate.Status(ctx, l.ID))
	d, r := must(grant.ParseDigest(l.ID)), must(grant.ParseDigest(st.Outcome.Release))
	text := must(grant.Telling{Provider: "Lindworm Mail", Gate: "gate-1", Demand: l.Demand, Grant: d, Release: r, Agency: "garda", Contact: s.First.Agencies[0].Contacts[0], Person: "dan", At: s.Clock.Now()}.Bytes())
	return must(s.gate.TellPassphrase(ctx, grant.Signed{Text: text, Signature: s.Sign("dan", signature.Telling, text)}))
}

func TestAnOfficerPicksAZipUpInTheBrowserAndSevenZipOpensIt(t *testing.T) {
	s, o := newPickSite(t, sized(9<<20)), newOfficer(t)
	link := s.releaseTo(1, grant.ByZip)
	said := listen(t, o.ctx)
	if code := o.pickZip(link.URL); code != "" {
		t.Fatal(code)
	}
	for _, line := range said.take() {
		if !o.notThere(line) {
			t.Errorf("the console says: %s", line)
		}
	}
	got := o.save()
	names := release.FilesOf(grant.ByZip)
	if len(got) != len(names) {
		t.Errorf("%d files are handed out, not %v", len(got), names)
	}
	for _, name := range names {
		if !bytes.Equal(got[name], s.fetch(link.ID, name)) {
			t.Errorf("%s is another than the gate's", name)
		}
	}
	told := s.told(link)
	if zz, err := exec.LookPath("7zz"); err != nil {
		t.Log("7-Zip is not installed: the ZIP was not opened")
	} else {
		out, err := exec.Command(zz, "t", "-p"+told.Passphrase, filepath.Join(o.folder, release.ZipFile)).CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("Everything is Ok")) {
			t.Errorf("%v\n%s", err, out)
		}
	}
	// No field for a passphrase, on any of its pages.
	for _, l := range []string{"en", "de", "da", "it"} {
		o.open(s.origin + "/" + l + "/zip#" + strings.Repeat("x", 43))
		if n := get(t, o.ctx, chromedp.Evaluate[int](`document.querySelectorAll("input, textarea").length`)); n != 0 {
			t.Errorf("%s: %d fields", l, n)
		}
	}
}

func TestThePageOfAZipCanBeReadWideAndNarrowLightAndDarkInEachLanguage(t *testing.T) {
	s, o := newPickSite(t, sized(2<<20)), newOfficer(t)
	look := o.looks()
	for i, lang := range []string{"en", "de", "da", "it"} {
		link := s.releaseTo(byte(i+1), grant.ByZip)
		link.URL = strings.Replace(link.URL, "/en/", "/"+lang+"/", 1)
		all := sights
		if lang != "en" {
			all = []sight{sights[i%4]}
		}
		o.open(link.URL)
		for _, at := range all {
			look("zip-"+lang, at)
		}
		if code := o.pickZip(link.URL); code != "" {
			t.Fatal(lang, code)
		}
		for _, at := range all {
			look("zip-done-"+lang, at)
		}
		o.open(s.origin + "/" + lang + "/zip#" + strings.Repeat("x", 43))
		look("zip-no-link-"+lang, sights[(i+2)%4])
	}
}

func TestAZipThatIsCutOffOrChangedOnTheWayIsNotHandedOut(t *testing.T) {
	s, o := newPickSite(t, sized(3<<20)), newOfficer(t)
	link := s.releaseTo(1, grant.ByZip)
	for name, change := range map[string]func(b []byte) []byte{
		"its salt":   func(b []byte) []byte { b[80] ^= 1; return b },
		"its header": func(b []byte) []byte { b[10] ^= 1; return b },
	} {
		first := true
		s.mu.Lock()
		s.amid = func(w http.ResponseWriter) http.ResponseWriter {
			first = true
			return &meddled{w, func(b []byte) []byte {
				if !first {
					return b
				}
				first = false
				return change(slices.Clone(b))
			}}
		}
		s.mu.Unlock()
		if code := o.pickZip(link.URL); code != "pickup.changed" {
			t.Errorf("%s: %q", name, code)
		}
		o.nothing()
	}
}

// meddled changes what goes through it.
type meddled struct {
	http.ResponseWriter
	change func([]byte) []byte
}

func (m *meddled) Write(p []byte) (int, error) { return m.ResponseWriter.Write(m.change(p)) }
func (m *meddled) Unwrap() http.ResponseWriter { return m.ResponseWriter }
