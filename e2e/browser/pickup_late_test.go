package browser_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
)

// rescue releases in the emergency lane.
func (s *pickSite) rescue(n byte, recipient string) gate.Link {
	s.t.Helper()
	c := s.Call()
	c.Key = ""
	must(s.gate.Called(context.Background(), s.Word(c.Caller, c)))
	g := s.EmergencyGrant(n, c)
	g.ByteCap, g.Recipient = 2<<30, recipient
	return s.leaves(g)
}

// heard waits until the gate has laid the later proof beside a package.
func (s *pickSite) heard(l gate.Link) {
	s.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		r, _, err := s.gate.Fetch(context.Background(), l.ID, release.LateProofFile, "a test")
		if err == nil {
			r.Close()
			return
		}
		if time.Now().After(end) {
			s.t.Fatal("the later proof never came:", err)
		}
	}
}

// only fetches what proves a package, without it; key is "" for a ZIP.
func (o *officer) only(url, key string) {
	o.t.Helper()
	o.open(url)
	if key != "" {
		do(o.t, o.ctx, chromedp.SetUploadFiles(chromedp.CSS("#key"), []string{key}))
	}
	o.wait(`!document.getElementById("only").disabled`)
	do(o.t, o.ctx, chromedp.Click(chromedp.CSS("#only")))
	o.wait(`!document.getElementById("done").hidden || !document.getElementById("alert").hidden`)
	if !get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("alert").hidden`)) {
		o.t.Fatal(get(o.t, o.ctx, chromedp.Text(chromedp.CSS("#alert"))))
	}
}

// offered are the files that the page hands out, and whether it says that a proof is owed.
func (o *officer) offered() (names []string, owed bool) {
	o.t.Helper()
	return get(o.t, o.ctx, chromedp.Evaluate[[]string](`[...document.querySelectorAll("#done a[download]")].map(a => a.download)`)),
		get(o.t, o.ctx, chromedp.Evaluate[bool](`document.getElementById("owed").checkVisibility()`))
}

// While the witnesses are owed the page says so; once they are heard it gives the later
// proof with the package, and without, which counts as no download. Of an ordinary release
// it asks for none.
func TestAnOfficerGetsTheLaterProofOfAnEmergencyOnceTheWitnessesAreHeard(t *testing.T) {
	s, o := newPickSite(t, sized(2<<20)), newOfficer(t)
	o.owed = true
	look := o.looks()
	key := keyFile(t, s.Agency)
	ordinary := s.release(9)
	s.Journal.Hurried = true
	s.Journal.Outage(1)
	links := map[string]gate.Link{"": s.rescue(1, s.Agency.Recipient().String()), "zip-": s.rescue(2, grant.ByZip)}
	pick := map[string]func(url string) string{"": func(url string) string { return o.pick(url, key) }, "zip-": o.pickZip}
	for form, link := range links {
		if code := pick[form](link.URL); code != "" {
			t.Fatal(form, code)
		}
		if names, owed := o.offered(); slices.Contains(names, release.LateProofFile) || !owed {
			t.Errorf("%smissing proof: %v, said to be owed: %v", form, names, owed)
		}
		for _, at := range sights {
			look("pickup-"+form+"owed", at)
		}
	}
	for i, lang := range []string{"de", "da", "it"} {
		form := []string{"", "", "zip-"}[i] // each may be fetched three times
		if code := pick[form](strings.Replace(links[form].URL, "/en", "/"+lang, 1)); code != "" {
			t.Fatal(lang, code)
		}
		look("pickup-"+form+"owed-"+lang, sights[i])
	}

	s.Journal.Over()
	for form, link := range links {
		s.heard(link)
		late := s.fetch(link.ID, release.LateProofFile)
		stamp := []byte("what a time-stamping authority said\n")
		if err := os.WriteFile(filepath.Join(s.folder, "out", "k7wq-93_"+link.Grant, timestamp.File), stamp, 0o600); err != nil {
			t.Fatal(err)
		}
		before := len(s.asked)
		o.only(link.URL, map[string]string{"": key}[form])
		for _, r := range s.asked[before:] {
			if strings.Contains(r, "POST /file/package.") {
				t.Error("the package was fetched")
			}
		}
		names, owed := o.offered()
		if want := []string{release.ReleaseFile, release.SignatureFile, release.ProofFile, release.ReadMeFile, timestamp.File, release.LateProofFile}; owed || !slices.Equal(names, want) {
			t.Errorf("%sonly what proves it: %v, not %v; owed: %v", form, names, want, owed)
		}
		o.folder = t.TempDir()
		o.saving(o.ctx)
		if got := o.save(); !bytes.Equal(got[release.LateProofFile], late) || !bytes.Equal(got[timestamp.File], stamp) {
			t.Errorf("%sthe page hands out other bytes than the gate", form)
		}
		for _, at := range sights {
			look("pickup-"+form+"only", at)
		}
	}
	if code := o.pickZip(links["zip-"].URL); code != "" {
		t.Fatal(code)
	}
	if names, owed := o.offered(); owed || !slices.Contains(names, release.LateProofFile) || !slices.Contains(names, release.ZipFile) {
		t.Errorf("with the package: %v; owed: %v", names, owed)
	}

	before := len(s.asked)
	if code := o.pick(ordinary.URL, key); code != "" {
		t.Fatal(code)
	}
	for _, r := range s.asked[before:] {
		if strings.Contains(r, "POST /file/"+release.LateProofFile) {
			t.Error("the later proof of an ordinary release was asked for")
		}
	}
	if names, owed := o.offered(); owed || slices.Contains(names, release.LateProofFile) {
		t.Errorf("an ordinary release: %v; owed: %v", names, owed)
	}
}
