package browser_test

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/grant"
)

// pick opens a link with a key, or without one that of a ZIP, and gives the code of what
// went wrong; "" where the package was handed out.
func (o *other) pick(url, key string) string {
	o.t.Helper()
	o.open(url)
	if key != "" {
		o.choose("#key", key)
		o.wait(`!document.getElementById("go").disabled`)
	}
	o.click("#go")
	o.wait(`!document.getElementById("done").hidden || !document.getElementById("alert").hidden`)
	if o.is(`document.getElementById("alert").hidden`) {
		return ""
	}
	return o.text(`document.querySelector("#alert code").textContent`)
}

// save clicks every link and gives what is on the disk then.
func (o *other) save() map[string][]byte {
	o.t.Helper()
	out := map[string][]byte{}
	var names []string
	o.eval(`[...document.querySelectorAll("#done a[download]")].map(a => a.download)`, &names)
	for _, name := range names {
		o.click(`#done a[download="` + name + `"]`)
		out[name] = saved(o.t, filepath.Join(o.folder, name))
	}
	return out
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
			m := identityText.FindStringSubmatch(string(saved(t, filepath.Join(o.folder, "key-"+recipient[len(recipient)-8:]+".txt"))))
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
