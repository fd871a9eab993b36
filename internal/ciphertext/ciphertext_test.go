package ciphertext_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"counterseal/internal/ciphertext"
)

func sealed(t testing.TB, armored bool) []byte {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	to := io.WriteCloser(nopCloser{&b})
	if armored {
		to = armor.NewWriter(&b)
	}
	w, err := age.Encrypt(to, id.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, strings.Repeat("a secret of a customer\n", 1000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func mail(contentType string) string {
	return "From: ada@lindworm.example\r\nSubject: x\r\nContent-Type: " + contentType + "\r\n\r\nbody\r\n"
}

func TestAFormIsNamedWhereTheHeadSaysSo(t *testing.T) {
	for name, c := range map[string]struct{ head, want string }{
		"age":                   {string(sealed(t, false)), "age"},
		"age, armored":          {string(sealed(t, true)), "age"},
		"an OpenPGP message":    {"-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----\n", "openpgp"},
		"PGP/MIME":              {mail("multipart/encrypted;\r\n protocol=\"application/pgp-encrypted\"; boundary=b"), "openpgp"},
		"S/MIME":                {mail("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"), "smime"},
		"S/MIME, authenticated": {mail("application/pkcs7-mime; smime-type=authEnveloped-data"), "smime"},
		"LUKS":                  {"LUKS\xba\xbe\x00\x02rest", "luks"},
		"a LUKS":                {"LUKS is a form", ""},
		"a signed mail":         {mail("application/pkcs7-mime; smime-type=signed-data"), ""},
		"PGP, signed":           {mail("multipart/signed; protocol=\"application/pgp-signature\"; boundary=b"), ""},
		"a signature":           {"-----BEGIN PGP SIGNATURE-----\n", ""},
		"a public key":          {"-----BEGIN PGP PUBLIC KEY BLOCK-----\n", ""},
		"a quote of one":        {"He wrote:\n-----BEGIN PGP MESSAGE-----\n", ""},
		"two content types":     {"Content-Type: text/plain\r\n" + mail("application/pkcs7-mime; smime-type=enveloped-data"), ""},
		"a body that says so":   {mail("text/plain") + "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"\r\n", ""},
		"a mail":                {mail("text/plain"), ""},
		"nothing":               {"", ""},
		"a certificate":         {"0\x82\x03\x01\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", ""},
	} {
		if got := ciphertext.Of([]byte(c.head)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// OpenSSL and GnuPG write what they write, not what we think that they do.
func TestWhatOtherProgramsEncryptIsRecognised(t *testing.T) {
	dir := t.TempDir()
	plain, key, cert := filepath.Join(dir, "plain"), filepath.Join(dir, "key"), filepath.Join(dir, "cert")
	if err := os.WriteFile(plain, []byte("a secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) []byte {
		t.Helper()
		path, err := exec.LookPath(name)
		if err != nil {
			t.Skipf("%s is not installed", name)
		}
		out, err := exec.Command(path, args...).Output()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return out
	}
	run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "1", "-subj", "/CN=nobody")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"DER":    {[]string{"cms", "-encrypt", "-aes256", "-outform", "DER", "-in", plain, cert}, "cms"},
		"stream": {[]string{"cms", "-encrypt", "-stream", "-aes256", "-outform", "DER", "-in", plain, cert}, "cms"},
		"mail":   {[]string{"smime", "-encrypt", "-aes256", "-in", plain, "-from", "a@b.example", "-subject", "x", cert}, "smime"},
		"signed": {[]string{"cms", "-sign", "-outform", "DER", "-in", plain, "-signer", cert, "-inkey", key}, ""},
	} {
		if got := ciphertext.Of(run("openssl", c.args...)); got != c.want {
			t.Errorf("openssl, %s: %q, want %q", name, got, c.want)
		}
	}
	if got := ciphertext.Of(run("gpg", "--homedir", dir, "--batch", "--armor", "--symmetric", "--passphrase", "x", "--pinentry-mode", "loopback", "-o", "-", plain)); got != "openpgp" {
		t.Errorf("gpg: %q", got)
	}
}

// Whatever the bytes are: it names one of its forms or none, and reads no further than
// its bound.
func FuzzOf(f *testing.F) {
	f.Add([]byte(mail("application/pkcs7-mime; smime-type=enveloped-data")))
	f.Add([]byte("0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"))
	f.Add(sealed(f, false))
	f.Add([]byte("\x8c\x0d\x04\x09\x03\x08saltsalt\xff\xd2\x3f\x01rest"))
	f.Add([]byte("\x84\x5e\x03keyiden.\x12\x01\x07\x40"))
	f.Add([]byte("\xc1\x2c\x06\x00\x19"))
	f.Fuzz(func(t *testing.T, b []byte) {
		form := ciphertext.Of(b)
		if form != "" && !ciphertext.Known(form) {
			t.Fatalf("%q", form)
		}
		if again := ciphertext.Of(append(bytes.Clone(b[:min(len(b), ciphertext.MaxHead)]), make([]byte, ciphertext.MaxHead-min(len(b), ciphertext.MaxHead))...)); len(b) >= ciphertext.MaxHead && again != form {
			t.Fatalf("%q and %q", form, again)
		}
	})
}
