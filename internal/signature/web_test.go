package signature_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

func byPasskey(t *testing.T, p signaturetest.Passkey, c signaturetest.Ceremony) []byte {
	t.Helper()
	armored, err := p.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	return armored
}

const (
	page = "https://gate.nordwind.example"
	host = "gate.nordwind.example"
)

func TestAPasskeysSignatureIsAnSSHSignatureThatSSHKeygenVerifies(t *testing.T) {
	p := signaturetest.NewPasskey(host)
	armored := byPasskey(t, p, signaturetest.Ordinary(signature.Grant, "a grant\n", page))
	made, err := signature.VerifyFrom([]string{page}, armored, signature.Grant, []byte("a grant\n"))
	if err != nil || signature.Line(made.Key) != signature.Line(p.Public) || !made.Hardware || made.Counter != 7 || made.Page != page || made.Synced {
		t.Fatal(made, err)
	}
	if signature.Host(made.Key) != host {
		t.Error(signature.Host(made.Key))
	}
	dir := t.TempDir()
	for name, text := range map[string]string{"allowed": "elin " + signature.Line(p.Public) + "\n", "text.sig": string(armored)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"-Y", "verify", "-f", filepath.Join(dir, "allowed"), "-I", "elin", "-n", string(signature.Grant), "-s", filepath.Join(dir, "text.sig")}
	if err := keygen(t, []byte("a grant\n"), args...); err != nil {
		t.Errorf("ssh-keygen: %v", err)
	}
	if err := keygen(t, []byte("another\n"), args...); err == nil {
		t.Error("ssh-keygen takes it for another text")
	}
}

func TestAPasskeysSignatureCountsOnItsPageForItsTextAndAVerifiedPersonAlone(t *testing.T) {
	p := signaturetest.NewPasskey(host)
	pages := []string{page, "https://other.example"}
	for name, x := range map[string]struct {
		change func(*signaturetest.Ceremony)
		code   string
	}{
		"another text":            {func(c *signaturetest.Ceremony) { c.Text = "another" }, "signature.wrong"},
		"another kind of text":    {func(c *signaturetest.Ceremony) { c.NS = signature.Stop }, "signature.namespace"},
		"a page of somebody else": {func(c *signaturetest.Ceremony) { c.Origin = "https://evil.example" }, "signature.page"},
		"another page of ours":    {func(c *signaturetest.Ceremony) { c.Origin = "https://other.example" }, "signature.page"},
		"another port":            {func(c *signaturetest.Ceremony) { c.Origin = page + ":8443" }, "signature.page"},
		"only touched":            {func(c *signaturetest.Ceremony) { c.Flags = 0x01 }, "signature.not_verified"},
		"nobody there":            {func(c *signaturetest.Ceremony) { c.Flags = 0x04 }, "signature.not_verified"},
		"a registration": {func(c *signaturetest.Ceremony) {
			c.Client = func(ch, o string) string {
				return `{"type":"webauthn.create","challenge":"` + ch + `","origin":"` + o + `"}`
			}
		}, "signature.wrong"},
		"in another page's frame": {func(c *signaturetest.Ceremony) {
			c.Client = func(ch, o string) string {
				return `{"type":"webauthn.get","challenge":"` + ch + `","origin":"` + o + `","crossOrigin":true}`
			}
		}, "signature.wrong"},
		"a second challenge behind the first": {func(c *signaturetest.Ceremony) {
			c.Client = func(ch, o string) string {
				return `{"type":"webauthn.get","challenge":"` + ch + `","origin":"` + o + `","challenge":"eA"}`
			}
		}, "signature.wrong"},
		"extensions that no flag announces": {func(c *signaturetest.Ceremony) { c.Extensions = []byte{0xa0} }, "signature.wrong"},
		"attested data":                     {func(c *signaturetest.Ceremony) { c.Flags |= 0x40 }, "signature.wrong"},
	} {
		c := signaturetest.Ordinary(signature.Grant, "a grant\n", page)
		x.change(&c)
		_, err := signature.VerifyFrom(pages, byPasskey(t, p, c), signature.Grant, []byte("a grant\n"))
		if problem.Code(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := signature.Verify(byPasskey(t, p, signaturetest.Ordinary(signature.Grant, "a grant\n", page)), signature.Grant, []byte("a grant\n")); problem.Code(err) != "signature.page" {
		t.Errorf("where no page counts: %v", err)
	}
	other := signaturetest.NewPasskey("other.example")
	other.Host = host // its device signed for this host, and its key is bound to another
	if _, err := signature.VerifyFrom(pages, byPasskey(t, other, signaturetest.Ordinary(signature.Grant, "a grant\n", page)), signature.Grant, []byte("a grant\n")); problem.Code(err) != "signature.page" {
		t.Errorf("a key of another host: %v", err)
	}
}

func TestASyncedPasskeySaysSo(t *testing.T) {
	c := signaturetest.Ordinary(signature.Grant, "a grant\n", page)
	c.Flags |= 0x18
	made, err := signature.VerifyFrom([]string{page}, byPasskey(t, signaturetest.NewPasskey(host), c), signature.Grant, []byte("a grant\n"))
	if err != nil || !made.Synced {
		t.Error(made, err)
	}
}

func TestWhatNoPasskeyAnswersIsRefused(t *testing.T) {
	p := signaturetest.NewPasskey(host)
	for name, a := range map[string]signature.Assertion{
		"nothing":      {},
		"no signature": {AuthenticatorData: make([]byte, 37), ClientDataJSON: []byte("{}")},
		"two objects":  {AuthenticatorData: make([]byte, 37), ClientDataJSON: []byte("{} {}"), Signature: []byte{0x30, 6, 2, 1, 1, 2, 1, 1}},
		"no browser":   {AuthenticatorData: make([]byte, 37), Signature: []byte{0x30, 6, 2, 1, 1, 2, 1, 1}},
		"too long":     {AuthenticatorData: make([]byte, 37), ClientDataJSON: bytes.Repeat([]byte(" "), 5000), Signature: []byte{0x30, 6, 2, 1, 1, 2, 1, 1}},
	} {
		if _, err := signature.FromAssertion(p.Public, signature.Grant, a); problem.Code(err) != "signature.assertion" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, der := range map[string][]byte{"nothing": nil, "no key": []byte("x")} {
		if _, err := signature.WebKey(der, host); problem.Code(err) != "signature.passkey" {
			t.Errorf("%s: %v", name, err)
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signature.WebKey(der, host); problem.Code(err) != "signature.passkey" {
		t.Errorf("another curve: %v", err)
	}
}

func TestAPageIsAnOriginAsBrowsersWriteIt(t *testing.T) {
	for origin, want := range map[string]bool{"https://gate.example": true, "https://gate.example:8443": true, "http://localhost:8702": true, "https://gate.example/": false, "https://Gate.example": false,
		"http://gate.example": false, "https://gate.example:443": false, "http://localhost:80": false, "gate.example": false, "https://": false, "": false, `https://a"b.example`: false, "https://u@gate.example": false} {
		if signature.ValidPage(origin) != want {
			t.Errorf("%q: %v", origin, !want)
		}
	}
}

func FuzzAPasskeysSignature(f *testing.F) {
	f.Add([]byte(`{"type":"webauthn.get"}`), make([]byte, 37), []byte{0x30, 6, 2, 1, 1, 2, 1, 1})
	der, err := base64.StdEncoding.DecodeString("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==")
	if err != nil {
		f.Fatal(err)
	}
	key, err := signature.WebKey(der, host)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, client, data, sig []byte) {
		armored, err := signature.FromAssertion(key, signature.Grant, signature.Assertion{AuthenticatorData: data, ClientDataJSON: client, Signature: sig})
		if err != nil {
			return
		}
		if _, err := signature.VerifyFrom([]string{page}, armored, signature.Grant, []byte("x")); err == nil {
			t.Error("something counts that nobody signed")
		}
	})
}

func TestOneKeyIsTheSameUnderAnyHostAndForm(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	a, err := signature.WebKey(spki, host)
	if err != nil {
		t.Fatal(err)
	}
	b, err := signature.WebKey(spki, "office.nordwind.example")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := ssh.NewPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if !signature.SameKey(a, b) || !signature.SameKey(a, plain) || !signature.SameKey(plain, a) {
		t.Error("one key is taken for two")
	}
	other := signaturetest.NewPasskey(host).Public
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	third, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	if signature.SameKey(a, other) || signature.SameKey(a, third) || signature.SameKey(third, a) || !signature.SameKey(third, third) {
		t.Error("two keys are taken for one")
	}
}
