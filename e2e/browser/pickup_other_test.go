package browser_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/grant"
)

// pick opens a link with a key, or without one that of a ZIP, and gives the code of what
// went wrong; "" where the package was handed out.
func (o *other) pick(url, key string) string {
	o.t.Helper()
	for took := false; !took; {
		o.open(url)
		took = key == "" || o.takes(key)
	}
	o.click("#go")
	o.wait(`!document.getElementById("done").hidden || !document.getElementById("alert").hidden`)
	if o.is(`document.getElementById("alert").hidden`) {
		return ""
	}
	return o.text(`document.querySelector("#alert code").textContent`)
}

// takes gives the page a key. A driver has been seen to choose a file of which its browser
// told the page nothing: then the page is opened again.
func (o *other) takes(key string) bool {
	o.t.Helper()
	if o.choices++; o.choices > 8 {
		o.t.Fatalf("no file is taken; the page says %q", o.text("document.body.innerText"))
	}
	o.choose("#key", key)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if o.is(`!document.getElementById("go").disabled || !document.getElementById("alert").hidden`) {
			return true
		}
	}
	o.t.Log("a file was chosen, and the page was not told")
	return false
}

// save clicks every link and gives what is on the disk then.
func (o *other) save() map[string][]byte {
	o.t.Helper()
	out := map[string][]byte{}
	var names []string
	o.eval(`[...document.querySelectorAll("#done a[download]")].map(a => a.download)`, &names)
	for _, name := range names {
		o.click(`#done a[download="` + name + `"]`)
		out[name] = o.saved(name)
	}
	return out
}

// saved waits for a download: Firefox gives its name to an empty file first, and fills
// another.
func (o *other) saved(name string) []byte {
	o.t.Helper()
	path := filepath.Join(o.folder, name)
	return sooner(o.t, func() ([]byte, error) {
		b, err := os.ReadFile(path)
		if _, more := os.Stat(path + ".part"); err == nil && (len(b) == 0 || more == nil) {
			err = errors.New("it is still being saved")
		}
		return b, err
	})
}

func TestAnOfficerPicksUpInFirefoxAndWebKitToo(t *testing.T) {
	for name, start := range others {
		t.Run(name, func(t *testing.T) {
			o, s := start(t), newPickSite(t, sized(9<<20))
			link := s.release(1)
			if code := o.pick(link.URL, keyFile(t, s.New)); code != "pickup.other_key" {
				t.Errorf("another key: %s", code)
			}
			if code := o.pick(link.URL, keyFile(t, s.Agency)); code != "" {
				t.Fatal(code)
			}
			want := must(io.ReadAll(must(age.Decrypt(bytes.NewReader(s.fetch(link.ID, release.PackageFile)), s.Agency))))
			if shown := o.text(`document.querySelector("#bag code").textContent`); shown != "SHA-256 "+sum(want) || len(want) < 9<<20 {
				t.Errorf("%s of %d bytes", shown, len(want))
			}
			if text := o.text(`document.getElementById("held").textContent`); !strings.HasPrefix(text, "3 items, ") {
				t.Error(text)
			}
			o.looks("pickup-done", 1280, 900)
			o.looks("pickup-done", 500, 844)
			if o.folder != "" {
				got := o.save()
				if !bytes.Equal(got["package.tar"], want) {
					t.Errorf("%d bytes were saved", len(got["package.tar"]))
				}
				for _, file := range release.Files {
					if !bytes.Equal(got[file], s.fetch(link.ID, file)) {
						t.Errorf("%s is another than the gate's", file)
					}
				}
			}
			o.click("#remove")
			o.wait(`!document.getElementById("removed").hidden`)
			if left := o.text(`(async () => { let n = ""; try { for await (const k of (await navigator.storage.getDirectory()).keys()) n += k; } catch {} return n; })()`); left != "" {
				t.Errorf("the browser keeps %s", left)
			}
			zip := s.releaseTo(2, grant.ByZip)
			if code := o.pick(zip.URL, ""); code != "" {
				t.Errorf("a ZIP: %s", code)
			}
			o.looks("pickup-zip", 500, 844)
		})
	}
}

func TestAKeyIsMadeInFirefoxAndWebKitToo(t *testing.T) {
	for name, start := range others {
		t.Run(name, func(t *testing.T) {
			o, s := start(t), newPickSite(t, sized(1))
			o.open(s.origin + "/en/key")
			o.click("#make")
			o.wait(`!document.getElementById("made").hidden`)
			recipient := o.text(`document.getElementById("recipient").textContent`)
			if _, err := age.ParseX25519Recipient(recipient); err != nil {
				t.Fatal(err)
			}
			o.looks("pickup-key", 500, 844)
			if o.folder == "" {
				return
			}
			o.click("#save")
			m := identityText.FindStringSubmatch(string(o.saved("key-" + recipient[len(recipient)-8:] + ".txt")))
			if m == nil || m[1] != recipient {
				t.Fatal("the file holds no key of that name")
			}
			if id, err := age.ParseX25519Identity(m[2]); err != nil || id.Recipient().String() != recipient {
				t.Error(err)
			}
		})
	}
}

func TestEveryPageCanBeReadInFirefoxAndWebKitToo(t *testing.T) {
	full := serve(t, docket{}, ledger{})
	for name, start := range others {
		t.Run(name, func(t *testing.T) {
			o := start(t)
			o.visit(full.link(t))
			o.click("button.act")
			o.wait(`location.pathname === "/queue"`)
			for _, page := range []string{"/queue", "/demand/m2fd-10", "/"} {
				o.visit(full.URL + page)
				for _, width := range []int{1280, 500} {
					o.looks(strings.ReplaceAll("page"+page, "/", "-"), width, 900)
				}
			}
		})
	}
}
