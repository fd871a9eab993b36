package gate_test

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/scope"
)

// pgpBy is the secret as a message of OpenPGP, in binary, to a key of the customer's.
func pgpBy(t *testing.T) string {
	t.Helper()
	cfg := &packet.Config{}
	key, err := openpgp.NewEntity("ada", "", "ada@lindworm.example", cfg)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := openpgp.Encrypt(&b, []*openpgp.Entity{key}, nil, nil, nil, cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(w, strings.Repeat(secret+"\n", 8000))
	if err := errorsOf(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// ciphertexts are files as a customer encrypts them, by their forms.
func ciphertexts(t *testing.T) map[string]string {
	t.Helper()
	return map[string]string{sealedBy(t, false): "age", sealedBy(t, true): "age", pgpBy(t): "openpgp", "LUKS\xba\xbe\x00\x01small": "luks", "what the customer left open\n": ""}
}

// On servers too, what a customer has encrypted comes out to the byte, of S3, of WebDAV
// and of IMAP, where it is whole messages and attachments; and is labelled by what it is.
func TestCiphertextOnServersComesOutAsItIsStoredAndIsLabelled(t *testing.T) {
	for name, make := range map[string]func(t *testing.T) (f *far, want map[string]string){
		"s3": func(t *testing.T) (*far, map[string]string) {
			dir, want := t.TempDir(), ciphertexts(t)
			laid(t, filepath.Join(dir, "store", "home", "acct-a1"), want)
			return (&far{service: scope.Files, category: scope.Content}).servedBy(t, "s3", servers.S3(t, dir)), want
		},
		"webdav": func(t *testing.T) (*far, map[string]string) {
			dir, want := t.TempDir(), ciphertexts(t)
			laid(t, filepath.Join(dir, "store", "home", "acct-a1"), want)
			return (&far{service: scope.Files, category: scope.Content}).servedBy(t, "webdav", servers.WebDAV(t, dir)), want
		},
		"imap": func(t *testing.T) (*far, map[string]string) {
			d, want := servers.Mail(t, t.TempDir(), servers.Alone, "acct-a1"), map[string]string{}
			for i, m := range encryptedMail(t) {
				text := "Received: from a by b; " + thatJanuary(i).Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\nFrom: ada@lindworm.example\n" + m.text
				want[strings.ReplaceAll(text, "\n", "\r\n")] = m.form // as the protocol has lines
				d.Deliver(t, "acct-a1", "", thatJanuary(i), []byte(text))
			}
			d.Chown(t)
			f := (&far{service: scope.Mail, category: scope.Content}).servedBy(t, "imap", d.Server)
			f.Secret = d.Password
			return f, want
		},
	} {
		t.Run(name, func(t *testing.T) {
			f, want := make(t)
			s := &scene{World: gatetest.NewWorld(), t: t, dir: t.TempDir(), docket: &docket{}, log: &logged{}, sources: []source.Source{storeAt(t, f.state(), patient)}}
			allServices(s.World)
			s.cfg = func(c *gate.Config) {
				c.CustomerKeys = func(service scope.Service, account scope.AccountID) bool {
					return service == f.service && account == "acct-a1"
				}
			}
			s.open()
			s.charter()
			if _, err := s.released(f.asked(s.Grant(1))); err != nil {
				t.Fatal(err)
			}
			s.verified(s.out()[0], s.Agency)
			s.cameOutUnder(want, func(string) bool { return true })
			for _, b := range s.bag() {
				if strings.Contains(b, secret) {
					t.Error("the secret stands in the package")
				}
			}
		})
	}
}

func laid(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	n := 0
	for text := range want {
		written(t, filepath.Join(dir, string(rune('a'+n))+".bin"), text)
		n++
	}
}

// encryptedMail is mail as customers encrypt it, with what stands beside it.
func encryptedMail(t *testing.T) []struct{ text, form string } {
	return []struct{ text, form string }{
		{"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n" + sealedBy(t, true) + "--b--\n", "openpgp"},
		{"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\nContent-Transfer-Encoding: base64\n\nMIIB\n", "smime"},
		{"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nsee the file\n--b\nContent-Type: application/octet-stream\n\n" + sealedBy(t, true) + "--b--\n", ""}, // an attachment is not the mail
		{"Content-Type: text/plain\n\nhello\n", ""},
	}
}
