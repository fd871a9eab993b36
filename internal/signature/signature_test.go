package signature_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"

	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

var text = []byte("counterseal-test-v1\nwhat: æ\n")

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v, want code %q", err, code)
	}
}

func fixedKey(t testing.TB) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sign(t testing.TB, k ssh.Signer) []byte {
	t.Helper()
	b, err := signature.Sign(k, signature.Grant, text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestASignatureCountsForItsTextKeyAndNamespaceOnly(t *testing.T) {
	k := fixedKey(t)
	armored := sign(t, k)
	got, err := signature.Verify(armored, signature.Grant, text)
	if err != nil || signature.Line(got) != signature.Line(k.PublicKey()) {
		t.Fatal(got, err)
	}
	if !bytes.Equal(armored, sign(t, k)) {
		t.Error("an Ed25519 key gave two signatures of one text")
	}
	_, err = signature.Verify(armored, signature.Grant, append(bytes.Clone(text), '\n'))
	wantCode(t, err, "signature.wrong")
	for _, ns := range []signature.Namespace{signature.Stop, signature.InForce, signature.Charter, signature.Receipt, signature.Release, ""} {
		_, err = signature.Verify(armored, ns, text)
		wantCode(t, err, "signature.namespace")
	}
	// The namespace is part of what is signed, not only of the envelope.
	_, err = signature.Verify(rearmor(t, armored, func(s *sshsig.Signature) { s.Namespace = string(signature.Stop) }), signature.Stop, text)
	wantCode(t, err, "signature.wrong")
	other, _, err := signature.NewKey(rand.Reader, "other")
	if err != nil {
		t.Fatal(err)
	}
	_, err = signature.Verify(rearmor(t, armored, func(s *sshsig.Signature) { s.PublicKey = other.PublicKey() }), signature.Grant, text)
	wantCode(t, err, "signature.wrong")
}

func rearmor(t testing.TB, armored []byte, change func(*sshsig.Signature)) []byte {
	t.Helper()
	s, err := sshsig.Unarmor(armored)
	if err != nil {
		t.Fatal(err)
	}
	change(s)
	return sshsig.Armor(s)
}

func wrap(blob []byte) string {
	return "-----BEGIN SSH SIGNATURE-----\n" + base64.StdEncoding.EncodeToString(blob) + "\n-----END SSH SIGNATURE-----\n"
}

func TestArmorHasOneSignatureAndNothingBesideIt(t *testing.T) {
	armored := string(sign(t, fixedKey(t)))
	s, err := sshsig.Unarmor([]byte(armored))
	if err != nil {
		t.Fatal(err)
	}
	blob := s.Marshal()
	for name, good := range map[string]string{"as it is": armored, "no last line end": strings.TrimSuffix(armored, "\n"),
		"from a web form": strings.ReplaceAll(armored, "\n", "\r\n"), "one long line": wrap(blob)} {
		if _, err := signature.Verify([]byte(good), signature.Grant, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, bad := range map[string]string{
		"nothing": "", "no armor": "hello", "before": "x" + armored, "a line before": "\n" + armored, "after": armored + "x", "an empty line after": armored + "\n",
		"a space after": armored + " ", "twice": armored + armored, "a header": strings.Replace(armored, "-----\n", "-----\nA: b\n\n", 1),
		"another kind": strings.ReplaceAll(armored, "SSH SIGNATURE", "PGP SIGNATURE"), "a return": strings.Replace(armored, "AAAA", "AA\rAA", 1),
		"a space inside": strings.Replace(armored, "AAAA", "AA AA", 1), "no end": armored[:len(armored)-10],
		"a byte after the blob": wrap(append(bytes.Clone(blob), 0)), "a byte less": wrap(blob[:len(blob)-1]), "half": wrap(blob[:len(blob)/2]), "empty": wrap(nil),
		"another version":            wrap(bytes.Replace(blob, []byte("SSHSIG\x00\x00\x00\x01"), []byte("SSHSIG\x00\x00\x00\x02"), 1)),
		"a byte after the signature": string(rearmor(t, []byte(armored), func(s *sshsig.Signature) { s.Signature.Rest = []byte{0} })),
		"too long":                   armored + strings.Repeat("\n", signature.MaxArmor),
	} {
		if _, err := signature.Verify([]byte(bad), signature.Grant, text); problem.Code(err) != "signature.form" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOneHashOnly(t *testing.T) {
	s, err := sshsig.Sign(bytes.NewReader(text), fixedKey(t), sshsig.HashSHA256, string(signature.Grant))
	if err != nil {
		t.Fatal(err)
	}
	_, err = signature.Verify(sshsig.Armor(s), signature.Grant, text)
	wantCode(t, err, "signature.hash")
}

func TestWeakKeysDoNotCount(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	weak, err := ssh.NewSignerFromKey(small)
	if err != nil {
		t.Fatal(err)
	}
	_, err = signature.Sign(weak, signature.Grant, text)
	wantCode(t, err, "signature.key_weak")
	s, err := sshsig.Sign(bytes.NewReader(text), weak, sshsig.HashSHA512, string(signature.Grant))
	if err != nil {
		t.Fatal(err)
	}
	_, err = signature.Verify(sshsig.Armor(s), signature.Grant, text)
	wantCode(t, err, "signature.key_weak")
	wantCode(t, signature.AllowedKey(nil), "signature.key_weak")

	k := fixedKey(t)
	cert := &ssh.Certificate{Key: k.PublicKey(), CertType: ssh.UserCert, ValidBefore: ssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, k); err != nil {
		t.Fatal(err)
	}
	wantCode(t, signature.AllowedKey(cert), "signature.key_weak")
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		p, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ssh.NewSignerFromKey(p)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := signature.Verify(sign(t, s), signature.Grant, text); err != nil {
			t.Errorf("%s: %v", s.PublicKey().Type(), err)
		}
	}
}

// touch signs as a security key does (OpenSSH PROTOCOL.u2f): over the hash of
// its application, flags, a counter and the hash of the message.
func touch(t *testing.T, flags byte, extra ...byte) []byte {
	t.Helper()
	const app = "ssh:"
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, 32))
	pub, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Kind        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, private.Public().(ed25519.PublicKey), app}))
	if err != nil {
		t.Fatal(err)
	}
	inner := sha512.Sum512(text)
	message := append([]byte("SSHSIG"), ssh.Marshal(struct{ Namespace, Reserved, Hash, Sum string }{string(signature.Grant), "", "sha512", string(inner[:])})...)
	rest := append([]byte{flags, 0, 0, 0, 5}, extra...)
	appSum, msgSum := sha256.Sum256([]byte(app)), sha256.Sum256(message)
	signed := append(append(appSum[:], rest[:5]...), msgSum[:]...)
	return sshsig.Armor(&sshsig.Signature{Version: 1, PublicKey: pub, Namespace: string(signature.Grant), HashAlgorithm: sshsig.HashSHA512,
		Signature: &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(private, signed), Rest: rest}})
}

func TestASecurityKeySaysThatItWasTouched(t *testing.T) {
	for _, flags := range []byte{0x01, 0x05} { // present; present and verified
		if _, err := signature.Verify(touch(t, flags), signature.Grant, text); err != nil {
			t.Fatalf("flags %#x: %v", flags, err)
		}
	}
	for _, flags := range []byte{0x00, 0x04} {
		_, err := signature.Verify(touch(t, flags), signature.Grant, text)
		wantCode(t, err, "signature.presence")
	}
	_, err := signature.Verify(touch(t, 0x01, 0), signature.Grant, text)
	wantCode(t, err, "signature.form")
	lifted := rearmor(t, touch(t, 0x00), func(s *sshsig.Signature) { s.Signature.Rest[0] = 1 }) // the flag is signed
	_, err = signature.Verify(lifted, signature.Grant, text)
	wantCode(t, err, "signature.wrong")
}

func TestAKeyIsWrittenAndReadBack(t *testing.T) {
	k, file, err := signature.NewKey(rand.Reader, "gate-1")
	if err != nil {
		t.Fatal(err)
	}
	again, err := signature.ReadKey(file)
	if err != nil || signature.Line(again.PublicKey()) != signature.Line(k.PublicKey()) {
		t.Fatal(err)
	}
	line := signature.Line(k.PublicKey())
	pub, err := signature.ParseLine(line)
	if err != nil || signature.Line(pub) != line {
		t.Fatal(err)
	}
	for _, bad := range []string{"", line + " comment", " " + line, line + "\n", `no-touch-required ` + line, line + "\n" + line, line[:40], strings.Repeat("x", signature.MaxArmor+1)} {
		_, err := signature.ParseLine(bad)
		wantCode(t, err, "signature.key")
	}
	for _, bad := range [][]byte{nil, []byte("x"), file[:100], make([]byte, signature.MaxArmor+1)} {
		_, err := signature.ReadKey(bad)
		wantCode(t, err, "signature.key")
	}
	_, err = signature.ReadKey(bytes.Repeat([]byte("\n"), signature.MaxArmor+1))
	wantCode(t, err, "signature.key")
}

func TestNoChangedByteVerifies(t *testing.T) {
	k := fixedKey(t)
	armored := sign(t, k)
	s, err := sshsig.Unarmor(armored)
	if err != nil {
		t.Fatal(err)
	}
	blob := s.Marshal()
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(blob)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := signature.Verify([]byte(wrap(b)), signature.Grant, text); err == nil {
			t.Fatal("a changed signature verifies")
		}
	})
}

func FuzzVerify(f *testing.F) {
	armored := sign(f, fixedKey(f))
	f.Add(armored, text)
	f.Add([]byte(wrap(nil)), text)
	want := signature.Line(fixedKey(f).PublicKey())
	f.Fuzz(func(t *testing.T, armored, b []byte) {
		k, err := signature.Verify(armored, signature.Grant, b)
		if err != nil {
			return
		}
		if signature.Line(k) == want && !bytes.Equal(b, text) {
			t.Fatalf("a signature of another text: %q", b)
		}
	})
}

func FuzzParseLine(f *testing.F) {
	f.Add(signature.Line(fixedKey(f).PublicKey()))
	f.Fuzz(func(t *testing.T, s string) {
		k, err := signature.ParseLine(s)
		if err == nil && signature.Line(k) != s {
			t.Fatalf("%q is read as %q", s, signature.Line(k))
		}
		if err == nil {
			_ = signature.AllowedKey(k)
		}
	})
}

// keygen runs OpenSSH's own program. Where it is missing the tests against it
// cannot run, which on CI is a failure.
func keygen(t *testing.T, stdin []byte, args ...string) error {
	t.Helper()
	path, err := exec.LookPath("ssh-keygen")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("ssh-keygen is missing; install the OpenSSH client")
		}
		t.Skip("ssh-keygen is missing, so nothing was tested against it")
	}
	c := exec.Command(path, args...)
	c.Stdin = bytes.NewReader(stdin)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Logf("ssh-keygen %s: %s", args[1], out)
	}
	return err
}

func TestOpenSSHAndThisProgramAgreeBothWays(t *testing.T) {
	for _, kind := range [][]string{{"ed25519"}, {"ecdsa", "-b", "256"}, {"ecdsa", "-b", "384"}, {"ecdsa", "-b", "521"}, {"rsa", "-b", "3072"}} {
		t.Run(strings.Join(kind, ""), func(t *testing.T) {
			dir := t.TempDir()
			key, file, signers := filepath.Join(dir, "key"), filepath.Join(dir, "text"), filepath.Join(dir, "signers")
			if err := keygen(t, nil, append([]string{"-q", "-N", "", "-C", "", "-f", key, "-t"}, kind...)...); err != nil {
				t.Fatal(err)
			}
			write(t, file, text)
			// ssh-keygen signs, this program verifies
			if err := keygen(t, nil, "-Y", "sign", "-n", string(signature.Grant), "-f", key, file); err != nil {
				t.Fatal(err)
			}
			made := read(t, file+".sig")
			pub, err := signature.Verify(made, signature.Grant, text)
			if err != nil || signature.Line(pub) != strings.TrimSpace(string(read(t, key+".pub"))) {
				t.Fatalf("%v: %v", pub, err)
			}
			_, err = signature.Verify(made, signature.Stop, text)
			wantCode(t, err, "signature.namespace")
			// this program signs, ssh-keygen verifies
			signer, err := signature.ReadKey(read(t, key))
			if err != nil {
				t.Fatal(err)
			}
			ours := filepath.Join(dir, "ours.sig")
			write(t, ours, sign(t, signer))
			write(t, signers, []byte("ann "+signature.Line(signer.PublicKey())+"\n"))
			verify := func(ns signature.Namespace, b []byte) error {
				return keygen(t, b, "-Y", "verify", "-f", signers, "-I", "ann", "-n", string(ns), "-s", ours)
			}
			if err := verify(signature.Grant, text); err != nil {
				t.Fatal(err)
			}
			if verify(signature.Stop, text) == nil || verify(signature.Grant, text[1:]) == nil {
				t.Fatal("ssh-keygen accepted another namespace or text")
			}
		})
	}
}

func TestTheHashThatIsRefusedIsOneThatOpenSSHCanMake(t *testing.T) {
	dir := t.TempDir()
	key, file := filepath.Join(dir, "key"), filepath.Join(dir, "text")
	if err := keygen(t, nil, "-q", "-N", "", "-C", "", "-f", key, "-t", "ed25519"); err != nil {
		t.Fatal(err)
	}
	write(t, file, text)
	if err := keygen(t, nil, "-Y", "sign", "-O", "hashalg=sha256", "-n", string(signature.Grant), "-f", key, file); err != nil {
		t.Fatal(err)
	}
	_, err := signature.Verify(read(t, file+".sig"), signature.Grant, text)
	wantCode(t, err, "signature.hash")
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAKeyThatIsWrittenInAnotherFormIsRefused(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	armored := sign(t, signer)
	s, err := sshsig.Unarmor(armored)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signature.Verify(armored, signature.Grant, text); err != nil {
		t.Fatal(err)
	}
	// The same number with a zero before it: the same key, other bytes.
	key := bytes.Replace(s.PublicKey.Marshal(), []byte("\x00\x00\x00\x03\x01\x00\x01"), []byte("\x00\x00\x00\x04\x00\x01\x00\x01"), 1)
	blob := ssh.Marshal(struct {
		Magic                                     [6]byte
		Version                                   uint32
		Key, Namespace, Reserved, Hash, Signature string
	}{[6]byte([]byte("SSHSIG")), 1, string(key), string(signature.Grant), "", "sha512", string(ssh.Marshal(s.Signature))})
	_, err = signature.Verify([]byte(wrap(blob)), signature.Grant, text)
	wantCode(t, err, "signature.form")
}

func TestARawSignatureIsTheOneInsideTheArmor(t *testing.T) {
	k, _, err := signature.NewKey(rand.Reader, "")
	if err != nil {
		t.Fatal(err)
	}
	armored, err := signature.Sign(k, signature.Copy, []byte("a text\n"))
	if err != nil {
		t.Fatal(err)
	}
	sig, err := sshsig.Unarmor(armored)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signature.Raw(k, signature.Copy, []byte("a text\n"))
	if err != nil || !bytes.Equal(raw, sig.Signature.Blob) {
		t.Errorf("%x, %v", raw, err)
	}
	if other, err := signature.Raw(k, signature.CopyKey, []byte("a text\n")); err != nil || bytes.Equal(raw, other) {
		t.Errorf("under another namespace: %x, %v", other, err)
	}
}
