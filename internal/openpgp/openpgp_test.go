package openpgp_test

import (
	"bytes"
	"crypto/rand"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
)

// gnupg is a folder of keys of GnuPG's, which is not ours.
type gnupg struct {
	t    testing.TB
	home string
}

func newGnupg(t testing.TB) gnupg {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the tool gpg is not installed")
		}
		t.Skip("SKIPPED: the tool gpg is not installed")
	}
	home, err := os.MkdirTemp("", "gpg") // its sockets need a short path
	if err != nil {
		t.Fatal(err)
	}
	g := gnupg{t, home}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "gpg-agent").Run()
		_ = os.RemoveAll(home)
	})
	return g
}

func (g gnupg) run(stdin []byte, args ...string) ([]byte, error) {
	g.t.Helper()
	c := exec.Command("gpg", append([]string{"--homedir", g.home, "--batch", "--quiet", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", "--trust-model", "always"}, args...)...)
	var errs bytes.Buffer
	c.Stdin, c.Stderr = bytes.NewReader(stdin), &errs
	out, err := c.Output()
	if err != nil {
		return out, &exec.Error{Name: strings.Join(args, " ") + ": " + errs.String(), Err: err}
	}
	return out, nil
}

func (g gnupg) must(stdin []byte, args ...string) []byte {
	g.t.Helper()
	out, err := g.run(stdin, args...)
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

// key makes a key with an encryption subkey and gives its certificate.
func (g gnupg) key(name, primary, subkey, expire string, more ...string) []byte {
	g.t.Helper()
	g.must(nil, append(more, "--quick-generate-key", name+" <"+name+"@agency.example>", primary, "cert", "0")...)
	if subkey != "" {
		g.must(nil, append(more, "--quick-add-key", g.fingerprint(name), subkey, "encr", expire)...)
	}
	return g.export(name)
}

func (g gnupg) export(name string) []byte {
	g.t.Helper()
	return g.must(nil, "--armor", "--export-options", "export-minimal", "--export", name+"@agency.example")
}

func (g gnupg) fingerprint(name string) string {
	g.t.Helper()
	for _, line := range strings.Split(string(g.must(nil, "--with-colons", "--list-keys", name+"@agency.example")), "\n") {
		if f := strings.Split(line, ":"); f[0] == "fpr" {
			return f[9]
		}
	}
	g.t.Fatal("no fingerprint")
	return ""
}

func certificate(t testing.TB, armored []byte) *openpgp.Certificate {
	t.Helper()
	raw, err := openpgp.Dearmor(string(armored))
	if err != nil {
		t.Fatal(err)
	}
	c, err := openpgp.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGpgDecryptsWhatIsEncryptedToEachSoundKind(t *testing.T) {
	g := newGnupg(t)
	body := bytes.Repeat([]byte("0123456789abcdef\n"), 100_000)
	for _, k := range []struct{ name, primary, subkey string }{
		{"curve", "ed25519", "cv25519"}, {"rsa", "rsa2048", "rsa2048"}, {"larger", "rsa4096", "rsa3072"}, {"nist", "nistp256", "nistp384"},
	} {
		c := certificate(t, g.key(k.name, k.primary, k.subkey, "1y"))
		if want := "openpgp:" + g.fingerprint(k.name); c.Recipient() != want || !openpgp.IsRecipient(want) {
			t.Fatalf("%s, want %s", c.Recipient(), want)
		}
		var out, head bytes.Buffer
		w, err := c.Encrypt(&out, io.MultiWriter(&out, &head), time.Now(), rand.Reader)
		if err != nil {
			t.Fatalf("%s: %v", k.name, err)
		}
		for rest := body; len(rest) > 0; rest = rest[min(len(rest), 70_001):] {
			if _, err := w.Write(rest[:min(len(rest), 70_001)]); err != nil {
				t.Fatal(err)
			}
		}
		unfinished := bytes.Clone(out.Bytes())
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, err := openpgp.Head(bytes.NewReader(out.Bytes()))
		if err != nil || !bytes.Equal(got, head.Bytes()) {
			t.Fatalf("%s: the head is not what was written first: %v", k.name, err)
		}
		if plain := g.must(out.Bytes(), "--decrypt"); !bytes.Equal(plain, body) {
			t.Fatalf("%s: gpg decrypts %d other bytes", k.name, len(plain))
		}
		if _, err := g.run(unfinished, "--decrypt"); err == nil {
			t.Fatalf("%s: gpg takes a message without its end", k.name)
		}
		bad := bytes.Clone(out.Bytes())
		bad[len(bad)-1000] ^= 1
		if _, err := g.run(bad, "--decrypt"); err == nil {
			t.Fatalf("%s: gpg takes a changed message", k.name)
		}
	}
}

func TestWhatIsNotSoundOrNotInForceIsRefused(t *testing.T) {
	g := newGnupg(t)
	now := time.Now().Add(time.Minute) // every key here was made by then
	unusable := func(name string, armored []byte, at time.Time) {
		t.Helper()
		c := certificate(t, armored)
		if err := c.Usable(at); problem.Code(err) != "openpgp.unusable" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.Encrypt(io.Discard, io.Discard, at, rand.Reader); problem.Code(err) != "openpgp.unusable" {
			t.Errorf("%s: encrypted: %v", name, err)
		}
	}
	unusable("without a subkey", g.key("bare", "ed25519", "", ""), now)
	unusable("RSA of 1024 bits", g.key("short", "ed25519", "rsa1024", "0"), now)
	unusable("a short primary key", g.key("weak", "rsa1024", "cv25519", "0"), now)
	unusable("ElGamal", g.key("elgamal", "dsa2048", "elg2048", "0"), now)
	unusable("a curve that does not count", g.key("brainpool", "ed25519", "brainpoolP256r1", "0"), now)
	unusable("secp256k1", g.key("coin", "ed25519", "secp256k1", "0"), now)
	unusable("signed by SHA-1", g.key("sha1", "rsa2048", "rsa2048", "0", "--cert-digest-algo", "SHA1"), now)
	short := g.key("brief", "ed25519", "cv25519", "1d")
	if err := certificate(t, short).Usable(now); err != nil { // so what is refused is not refused for its time
		t.Fatal(err)
	}
	unusable("expired", short, now.Add(25*time.Hour))
	unusable("before it was made", short, now.Add(-time.Hour))
	// A revoked key: its own revocation, which gpg keeps ready.
	g.key("revoked", "ed25519", "cv25519", "0")
	file := filepath.Join(g.home, "openpgp-revocs.d", g.fingerprint("revoked")+".rev")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g.must(bytes.Replace(text, []byte(":-----BEGIN"), []byte("-----BEGIN"), 1), "--import")
	unusable("revoked", g.export("revoked"), now)
}

// Of several subkeys one that is in force is taken.
func TestAnExpiredSubkeyDoesNotHideOneInForce(t *testing.T) {
	g := newGnupg(t)
	g.key("two", "ed25519", "cv25519", "1d")
	g.must(nil, "--quick-add-key", g.fingerprint("two"), "cv25519", "encr", "1y")
	c := certificate(t, g.export("two"))
	later := time.Now().Add(48 * time.Hour)
	var out bytes.Buffer
	w, err := c.Encrypt(&out, &out, later, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := g.must(out.Bytes(), "--decrypt"); string(got) != "x" {
		t.Fatalf("%q", got)
	}
}

func TestOnlyOnePublicCertificateIsRead(t *testing.T) {
	g := newGnupg(t)
	one, two := g.key("one", "ed25519", "cv25519", "0"), g.key("other", "ed25519", "cv25519", "0")
	a, err := openpgp.Dearmor(string(one))
	if err != nil {
		t.Fatal(err)
	}
	b, err := openpgp.Dearmor(string(two))
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name, code string, raw []byte) {
		t.Helper()
		if _, err := openpgp.Parse(raw); problem.Code(err) != code {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused("nothing", "openpgp.form", nil)
	refused("two", "openpgp.form", append(bytes.Clone(a), b...))
	refused("something behind it", "openpgp.form", append(bytes.Clone(a), 0xcb, 1, 'x'))
	refused("cut", "openpgp.form", a[:len(a)-1])
	refused("too large", "openpgp.too_large", make([]byte, openpgp.MaxCertificate+1))
	refused("a secret key", "openpgp.secret", g.must(nil, "--export-secret-keys", "one@agency.example"))
	if _, err := openpgp.Dearmor(string(g.must(nil, "--armor", "--export-secret-keys", "one@agency.example"))); problem.Code(err) != "openpgp.secret" {
		t.Errorf("an armored secret key: %v", err)
	}
	if _, err := openpgp.Dearmor("-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n"); problem.Code(err) != "openpgp.form" {
		t.Errorf("a message: %v", err)
	}
	// A subkey that another key's owner added does not count.
	mixed := append(bytes.Clone(a[:bytes.IndexByte(a, 0xb8)]), b[bytes.IndexByte(b, 0xb8):]...)
	if c, err := openpgp.Parse(mixed); err == nil && !bytes.Equal(mixed, a) && c.Usable(time.Now()) == nil {
		t.Error("a foreign subkey was taken")
	}
}

func TestSequoiaDecryptsToo(t *testing.T) {
	if _, err := exec.LookPath("sq"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the tool sq is not installed")
		}
		t.Skip("SKIPPED: the tool sq is not installed")
	}
	dir := t.TempDir()
	sq := func(args ...string) []byte {
		t.Helper()
		c := exec.Command("sq", args...)
		c.Dir = dir
		out, err := c.Output()
		if err != nil {
			t.Fatalf("sq %s: %v", strings.Join(args, " "), err)
		}
		return out
	}
	sq("key", "generate", "--userid", "R. Sample <r.sample@agency.example>", "--export", "key.pgp")
	c := certificate(t, sq("key", "extract-cert", "key.pgp"))
	var out bytes.Buffer
	w, err := c.Encrypt(&out, &out, time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("a package\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "m.gpg"), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := sq("decrypt", "--recipient-key", "key.pgp", "m.gpg"); string(got) != "a package\n" {
		t.Fatalf("%q", got)
	}
}

func TestARecipientHasOneForm(t *testing.T) {
	fpr := strings.Repeat("0A", 20)
	for s, want := range map[string]bool{"openpgp:" + fpr: true, "openpgp:" + fpr + fpr[:24]: true, "openpgp:" + strings.ToLower(fpr): false, fpr: false, "openpgp:" + fpr[1:]: false, "openpgp:" + fpr + " ": false, "OPENPGP:" + fpr: false} {
		if openpgp.IsRecipient(s) != want {
			t.Errorf("%q", s)
		}
	}
}

// A hostile certificate takes bounded time and does not end the program.
func FuzzParse(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".asc") {
			continue
		}
		text, err := os.ReadFile(filepath.Join("testdata", e.Name()))
		if err != nil {
			f.Fatal(err)
		}
		raw, err := openpgp.Dearmor(string(text))
		if err != nil {
			f.Fatal(e.Name(), err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := openpgp.Parse(raw)
		if err != nil {
			return
		}
		if !openpgp.IsRecipient(c.Recipient()) {
			t.Fatalf("recipient %q", c.Recipient())
		}
		at := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
		if c.Usable(at) != nil {
			return
		}
		w, err := c.Encrypt(io.Discard, io.Discard, at, rand.Reader)
		if err != nil {
			return
		}
		if _, err := w.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzHead(f *testing.F) {
	f.Add([]byte{0xc1, 2, 3, 4})
	f.Add([]byte{0xc1, 200, 1, 4})
	f.Fuzz(func(t *testing.T, b []byte) {
		head, err := openpgp.Head(bytes.NewReader(b))
		if err == nil && !bytes.HasPrefix(b, head) {
			t.Fatal("a head that is not there")
		}
	})
}

func FuzzDearmor(f *testing.F) {
	f.Add("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n-----END PGP PUBLIC KEY BLOCK-----\n")
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := openpgp.Dearmor(text)
		if err == nil && len(raw) > openpgp.MaxCertificate {
			t.Fatal("larger than it may be")
		}
	})
}
