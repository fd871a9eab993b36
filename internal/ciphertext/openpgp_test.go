package ciphertext_test

import (
	"bytes"
	"encoding/base64"
	"io"
	"io/fs"
	"math/rand/v2"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"counterseal/e2e/realmail/corpus"
	"counterseal/internal/ciphertext"
)

// gnupg runs gpg in a folder of its own, with a key of RSA, one of Curve25519, one of
// ElGamal.
type gnupg struct {
	t    *testing.T
	home string
}

func newGnuPG(t *testing.T) gnupg {
	t.Helper()
	if _, err := exec.LookPath("gpg"); err != nil {
		t.Skip("SKIPPED: gpg is not installed: apt-get install gpg gpg-agent")
	}
	home, err := os.MkdirTemp("/tmp", "gp") // an agent's socket has a short path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		os.RemoveAll(home)
	})
	g := gnupg{t, home}
	for _, key := range []string{"Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048\nName-Email: rsa@lindworm.example\n",
		"Key-Type: EDDSA\nKey-Curve: ed25519\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\nName-Email: ecc@lindworm.example\n",
		"Key-Type: DSA\nKey-Length: 1024\nSubkey-Type: ELG-E\nSubkey-Length: 1024\nName-Email: elg@lindworm.example\n",
		"Key-Type: ECDSA\nKey-Curve: nistp384\nSubkey-Type: ECDH\nSubkey-Curve: nistp384\nName-Email: nist@lindworm.example\n"} {
		g.run(key+"Expire-Date: 0\n%no-protection\n%commit\n", "--gen-key")
	}
	return g
}

func (g gnupg) run(in string, args ...string) []byte {
	g.t.Helper()
	c := exec.Command("gpg", append([]string{"--homedir", g.home, "--batch", "--quiet", "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase", "x"}, args...)...)
	c.Stdin = strings.NewReader(in)
	var amiss bytes.Buffer
	c.Stderr = &amiss
	out, err := c.Output()
	if err != nil {
		g.t.Fatalf("gpg %q: %v %s", args, err, amiss.Bytes())
	}
	return out
}

// What GnuPG encrypts without armor is recognised, and what it does not encrypt is not.
func TestBinaryMessagesOfGnuPGAreRecognisedAndNothingElseOfIts(t *testing.T) {
	g := newGnuPG(t)
	short, long := "a secret\n", strings.Repeat("a longer secret\n", 20_000)
	all := []string{"-r", "rsa@lindworm.example", "-r", "ecc@lindworm.example", "-r", "elg@lindworm.example", "-r", "nist@lindworm.example"}
	for name, args := range map[string][]string{
		"password":               {"--symmetric"},
		"password, unsalted":     {"--symmetric", "--s2k-mode", "0"},
		"password, salted":       {"--symmetric", "--s2k-mode", "1", "--s2k-digest-algo", "SHA1"},
		"password, of old":       {"--symmetric", "--rfc2440"},
		"RSA":                    {"--encrypt", "-r", "rsa@lindworm.example"},
		"Curve25519":             {"--encrypt", "-r", "ecc@lindworm.example"},
		"ElGamal":                {"--encrypt", "-r", "elg@lindworm.example"},
		"NIST":                   {"--encrypt", "-r", "nist@lindworm.example"},
		"all of them":            append([]string{"--encrypt"}, all...),
		"all, without a name":    append([]string{"--encrypt", "--throw-keyids"}, all...),
		"all, and a password":    append([]string{"--encrypt", "--symmetric"}, all...),
		"signed too":             append([]string{"--encrypt", "--sign", "-u", "rsa@lindworm.example"}, all...),
		"without a marker of it": append([]string{"--encrypt", "--rfc4880"}, all...),
	} {
		for _, in := range []string{"", short, long} {
			if got := ciphertext.Of(g.run(in, args...)); got != "openpgp" {
				t.Errorf("%s, %d bytes: %q", name, len(in), got)
			}
		}
	}
	for name, args := range map[string][]string{
		"signed":                 {"--sign", "-u", "rsa@lindworm.example"},
		"signed, not compressed": {"--sign", "-z", "0", "-u", "ecc@lindworm.example"},
		"a signature":            {"--detach-sign", "-u", "rsa@lindworm.example"},
		"stored":                 {"--store"},
		"public keys":            {"--export"},
		"secret keys":            {"--export-secret-keys"},
	} {
		if got := ciphertext.Of(g.run(long, args...)); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
	// A message that is cut in its keys, or whose keys are not as long as they say, is not
	// surely one.
	message := g.run(long, append([]string{"--encrypt"}, all...)...)
	for n := range 300 {
		if got := ciphertext.Of(message[:n]); got != "" {
			t.Errorf("the first %d bytes: %q", n, got)
		}
	}
	for i := range 14 {
		changed := bytes.Clone(message)
		changed[i] ^= 0x11
		if got := ciphertext.Of(changed); got != "" && (i < 4 || i > 11) { // 4 to 11 name the key
			t.Errorf("with another byte at %d: %q", i, got)
		}
	}
}

// The messages of RFC 9580, of an implementation that is not GnuPG.
func TestBinaryMessagesOfRFC9580AreRecognised(t *testing.T) {
	seipd2 := &packet.AEADConfig{}
	argon := &s2k.Config{S2KMode: s2k.Argon2S2K, Argon2Config: &s2k.Argon2Config{NumberOfPasses: 1, DegreeOfParallelism: 1, Memory: 64 << 10}}
	for name, cfg := range map[string]*packet.Config{
		"RFC 4880":           {},
		"X25519":             {Algorithm: packet.PubKeyAlgoEd25519},
		"X448":               {Algorithm: packet.PubKeyAlgoEd448, AEADConfig: seipd2},
		"version 6":          {Algorithm: packet.PubKeyAlgoEd25519, V6Keys: true, AEADConfig: seipd2, S2KConfig: argon},
		"version 6, AES-192": {Algorithm: packet.PubKeyAlgoEd448, V6Keys: true, AEADConfig: &packet.AEADConfig{DefaultMode: packet.AEADModeGCM}, DefaultCipher: packet.CipherAES192},
		"version 6, EAX":     {Algorithm: packet.PubKeyAlgoEd25519, V6Keys: true, AEADConfig: &packet.AEADConfig{DefaultMode: packet.AEADModeEAX}, DefaultCipher: packet.CipherAES128},
	} {
		key, err := openpgp.NewEntity("ada", "", "ada@lindworm.example", cfg)
		if err != nil {
			t.Fatal(name, err)
		}
		for how, begin := range map[string]func(io.Writer) (io.WriteCloser, error){
			"to a key": func(w io.Writer) (io.WriteCloser, error) {
				return openpgp.Encrypt(w, []*openpgp.Entity{key}, nil, nil, nil, cfg)
			},
			"to a hidden key": func(w io.Writer) (io.WriteCloser, error) {
				return openpgp.Encrypt(w, nil, []*openpgp.Entity{key}, nil, nil, cfg)
			},
			"to a password": func(w io.Writer) (io.WriteCloser, error) {
				return openpgp.SymmetricallyEncrypt(w, []byte("x"), nil, cfg)
			},
		} {
			for _, n := range []int{0, 10, 100_000} {
				var b bytes.Buffer
				w, err := begin(&b)
				if err != nil {
					t.Fatal(name, how, err)
				}
				if _, err := w.Write(make([]byte, n)); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				if got := ciphertext.Of(b.Bytes()); got != "openpgp" {
					t.Errorf("%s, %s, %d bytes: %q: %x", name, how, n, got, b.Bytes()[:min(b.Len(), 120)])
				}
			}
		}
		var public bytes.Buffer
		if err := key.Serialize(&public); err != nil {
			t.Fatal(err)
		}
		if got := ciphertext.Of(public.Bytes()); got != "" {
			t.Errorf("%s: a public key: %q", name, got)
		}
	}
}

// Bytes that begin as such a message does, and go on by chance, are none.
func TestChanceMakesNoMessage(t *testing.T) {
	rounds := 2_000_000
	if testing.Short() {
		rounds = 100_000
	}
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 600)
	beginnings := [][]byte{{0x84}, {0x85}, {0x85, 1, 0x0c, 3}, {0xc1}, {0xc1, 0xc0, 0x4c, 3}, {0x8c, 0x0d, 4}, {0xc3, 0x0d, 4}, {0x8c}, {0xc3}, {0xa8, 3, 'P', 'G', 'P'}}
	for i := range rounds {
		for j := 0; j < len(b); j += 8 {
			n := r.Uint64()
			for k := range 8 {
				b[j+k] = byte(n >> (8 * k))
			}
			if j > 64 && i%64 != 0 {
				break // the rest is as random as it was
			}
		}
		copy(b, beginnings[i%len(beginnings)])
		if got := ciphertext.Of(b); got != "" {
			t.Fatalf("round %d: %q: %x", i, got, b)
		}
	}
}

// The files of the Go distribution, of which none is encrypted: programs, archives,
// pictures, certificates, keys, tables.
func TestOrdinaryFilesAreNotTakenForCiphertext(t *testing.T) {
	n := 0
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := strings.TrimSpace(string(out))
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || testing.Short() && !strings.Contains(path, "testdata") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, ciphertext.MaxHead))
		if got := ciphertext.Of(b); got != "" {
			t.Errorf("%s: %q", path, got)
		}
		n++
		return err
	})
	if err != nil || n < 500 {
		t.Fatalf("%d files, %v", n, err)
	}
	t.Logf("%d files", n)
}

// Real mail and its attachments: what is encrypted there says so in words.
func TestRealMailAndItsAttachmentsAreNotTakenForBinaryCiphertext(t *testing.T) {
	messages := corpus.Real(t)
	parts, encrypted := 0, map[string]int{}
	for i, m := range messages {
		if form := ciphertext.Of(m.Bytes); form != "" {
			encrypted["message: "+form]++
		}
		msg, err := netmail.ReadMessage(bytes.NewReader(m.Bytes))
		if err != nil {
			continue
		}
		leaves(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body, func(b []byte) {
			parts++
			form := ciphertext.Of(b)
			if form != "" {
				encrypted["part: "+form]++
			}
			if form != "" && !bytes.HasPrefix(b, []byte("-----BEGIN PGP MESSAGE-----")) {
				t.Errorf("message %d has a part that is taken for %s: %x", i, form, b[:min(len(b), 40)])
			}
		})
	}
	t.Logf("%d messages, %d parts: %v", len(messages), parts, encrypted)
	if parts < len(messages)/2 {
		t.Error("hardly any part was looked at")
	}
}

// leaves gives each part of a mail as it is once it is decoded.
func leaves(contentType, encoding string, body io.Reader, each func([]byte)) {
	kind, with, err := mime.ParseMediaType(contentType)
	if err == nil && strings.HasPrefix(kind, "multipart/") && with["boundary"] != "" {
		for r := multipart.NewReader(body, with["boundary"]); ; {
			p, err := r.NextRawPart()
			if err != nil {
				return
			}
			leaves(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p, each)
		}
	}
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	b, _ := io.ReadAll(body)
	each(b)
}
