package timestamp_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/evidence/timestamp/timestamptest"
	"counterseal/internal/problem"
)

var (
	about = sha256.Sum256([]byte("a checkpoint"))
	noon  = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
)

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestWhatOpensslStampsIsReadAndCheckedAndOpensslReadsTheFile(t *testing.T) {
	for _, key := range []string{"rsa:2048", "ec"} {
		a := timestamptest.NewOpenSSL(t, key)
		token := must[*timestamp.Token](t)(timestamp.Answer(a.Stamp(timestamp.Request(about, 42))))
		if err := token.Answers(42); err != nil {
			t.Error(err)
		}
		if err := token.Answers(43); problem.Code(err) != "timestamp.nonce" {
			t.Error(err)
		}
		stamp, err := token.Tidy(about, a.Anchors())
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(stamp.At); d < -time.Minute || d > time.Hour || stamp.By != "CN=Fictional Stamp 1,O=Fictional Time" || stamp.Accuracy != time.Second {
			t.Errorf("%+v", stamp)
		}
		file := token.Bytes()
		again := must[*timestamp.Token](t)(timestamp.Read(file))
		if got, err := again.CheckTidy(about, a.Anchors()); err != nil || got != stamp {
			t.Errorf("%+v %v", got, err)
		}
		if !bytes.Equal(again.Bytes(), file) {
			t.Error("a file that is read and written is another one")
		}
		path := filepath.Join(t.TempDir(), timestamp.File)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("openssl", "ts", "-verify", "-digest", hex.EncodeToString(about[:]), "-in", path, "-CAfile", a.CA()).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Verification: OK") {
			t.Fatalf("%v\n%s", err, out)
		}
	}
}

// Every byte of a file is covered: by a signature, or by having to be what it is.
func TestAChangedByteOfAFileIsFound(t *testing.T) {
	a := timestamptest.NewAuthority(t, noon, nil)
	token := must[*timestamp.Token](t)(timestamp.Answer(a.Answer(t, timestamptest.Wish{Digest: about, Nonce: 1, At: noon, Certificates: []*x509.Certificate{a.Signer, a.Root}})))
	if _, err := token.Tidy(about, a.Anchors()); err != nil {
		t.Fatal(err)
	}
	file := token.Bytes()
	for i := range file {
		for _, bit := range []byte{1, 0x80, 0x20} {
			bad := bytes.Clone(file)
			bad[i] ^= bit
			if passes(bad, a.Anchors()) {
				t.Errorf("byte %d (%02x) changed by %02x, and it counts", i, file[i], bit)
			}
		}
	}
	for _, bad := range [][]byte{file[:len(file)-1], append(bytes.Clone(file), 0), nil} {
		if passes(bad, a.Anchors()) {
			t.Errorf("%d of %d bytes count", len(bad), len(file))
		}
	}
}

func passes(file []byte, anchors timestamp.Anchors) bool {
	token, err := timestamp.Read(file)
	if err != nil {
		return false
	}
	_, err = token.CheckTidy(about, anchors)
	return err == nil
}

func TestATokenThatDoesNotHoldIsRefused(t *testing.T) {
	good := timestamptest.NewAuthority(t, noon, nil)
	other := timestamptest.NewAuthority(t, noon, nil)
	spoiled := func(change func(*x509.Certificate)) *timestamptest.Authority {
		return timestamptest.NewAuthority(t, noon, change)
	}
	code := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 3}
	wish := timestamptest.Wish{Digest: about, Nonce: 9, At: noon}
	with := func(change func(*timestamptest.Wish)) timestamptest.Wish { w := wish; change(&w); return w }
	for name, c := range map[string]struct {
		by   *timestamptest.Authority
		w    timestamptest.Wish
		code string
	}{
		"about something else":             {good, with(func(w *timestamptest.Wish) { w.Digest[0] ^= 1 }), "timestamp.imprint"},
		"of another authority":             {other, wish, "timestamp.signer"},
		"without the signer's certificate": {good, with(func(w *timestamptest.Wish) { w.Certificates = []*x509.Certificate{good.Root} }), "timestamp.signer"},
		"another signer's certificate":     {good, with(func(w *timestamptest.Wish) { w.Certificates = []*x509.Certificate{other.Signer} }), "timestamp.signer"},
		"no key usage":                     {spoiled(func(c *x509.Certificate) { c.ExtraExtensions = nil }), wish, "timestamp.signer"},
		"key usage not critical":           {spoiled(func(c *x509.Certificate) { c.ExtraExtensions[0] = timestamptest.Usage(false) }), wish, "timestamp.signer"},
		"a further key usage":              {spoiled(func(c *x509.Certificate) { c.ExtraExtensions[0] = timestamptest.Usage(true, code) }), wish, "timestamp.signer"},
		"signer may issue":                 {spoiled(func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }), wish, "timestamp.signer"},
		"expired when it stamped":          {spoiled(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Minute) }), wish, "timestamp.signer"},
		"not yet in force":                 {spoiled(func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Minute) }), wish, "timestamp.signer"},
		"two signers":                      {good, with(func(w *timestamptest.Wish) { w.Twice = true }), "timestamp.form"},
		"another content":                  {good, with(func(w *timestamptest.Wish) { w.Digested = about[:] }), "timestamp.signature"},
		"names another certificate":        {good, with(func(w *timestamptest.Wish) { w.Ess = about[:] }), "timestamp.signer"},
		"says what nobody understands":     {good, with(func(w *timestamptest.Wish) { w.Critical = true }), "timestamp.form"},
		"rejection":                        {good, with(func(w *timestamptest.Wish) { w.Status = 2 }), "timestamp.refused"},
		"granted with changes":             {good, with(func(w *timestamptest.Wish) { w.Status = 1 }), "timestamp.refused"},
	} {
		anchors := c.by.Anchors()
		if c.by == other {
			anchors = good.Anchors()
		}
		token, err := timestamp.Answer(c.by.Answer(t, c.w))
		if err == nil {
			_, err = token.Tidy(about, anchors)
		}
		if problem.Code(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	answer := good.Answer(t, wish)
	token := must[*timestamp.Token](t)(timestamp.Answer(answer))
	must[timestamp.Stamp](t)(token.Check(about, good.Anchors()))
	must[timestamp.Stamp](t)(token.Check(about, timestamp.Anchors{good.Signer})) // the signer's own certificate is pinned
	if _, err := token.Check(about, nil); problem.Code(err) != "timestamp.signer" {
		t.Error(err)
	}
	flipped := bytes.Clone(answer)
	flipped[len(flipped)-1] ^= 1
	token = must[*timestamp.Token](t)(timestamp.Answer(flipped))
	if _, err := token.Check(about, good.Anchors()); problem.Code(err) != "timestamp.signature" {
		t.Error(err)
	}
	for name, bad := range map[string][]byte{"nothing": nil, "text": []byte("<html>"), "one byte more": append(bytes.Clone(answer), 0), "cut": answer[:len(answer)-1],
		"too long": make([]byte, timestamp.MaxAnswer+1), "indefinite length": append([]byte{0x30, 0x80}, answer[4:]...)} {
		if _, err := timestamp.Answer(bad); problem.Code(err) != "timestamp.form" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatNobodyNeedsIsLeftAwayAndRefusedInAFile(t *testing.T) {
	a, other := timestamptest.NewAuthority(t, noon, nil), timestamptest.NewAuthority(t, noon, nil)
	for name, w := range map[string]timestamptest.Wish{
		"a stranger's certificate": {Certificates: []*x509.Certificate{other.Root, a.Signer}},
		"a certificate twice":      {Certificates: []*x509.Certificate{a.Signer, a.Signer}},
		"an unsigned attribute":    {Unsigned: true},
	} {
		w.Digest, w.At = about, noon
		token := must[*timestamp.Token](t)(timestamp.Answer(a.Answer(t, w)))
		if _, err := token.CheckTidy(about, a.Anchors()); problem.Code(err) != "timestamp.form" {
			t.Errorf("%s in a file: %v", name, err)
		}
		before := len(token.Bytes())
		if _, err := token.Tidy(about, a.Anchors()); err != nil {
			t.Fatal(err)
		}
		if _, err := token.CheckTidy(about, a.Anchors()); err != nil || len(token.Bytes()) >= before {
			t.Errorf("%s, tidied: %v", name, err)
		}
	}
}

func TestAnchorsAreCertificatesAndNothingElse(t *testing.T) {
	a := timestamptest.NewAuthority(t, noon, nil)
	if got, err := timestamp.ReadAnchors(timestamptest.PEM(a.Root, a.Signer)); err != nil || len(got) != 2 {
		t.Fatal(got, err)
	}
	good := string(timestamptest.PEM(a.Root))
	for name, bad := range map[string]string{"empty": "", "text": "hello", "a key": strings.ReplaceAll(good, "CERTIFICATE", "PRIVATE KEY"), "text behind": good + "x\n",
		"cut": good[:len(good)/2], "not a certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"} {
		if _, err := timestamp.ReadAnchors([]byte(bad)); problem.Code(err) != "timestamp.anchors" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzToken feeds the reader: nothing panics, and what counts is what was signed.
func FuzzToken(f *testing.F) {
	a := timestamptest.NewAuthority(f, noon, nil)
	answer := a.Answer(f, timestamptest.Wish{Digest: about, Nonce: 1, At: noon})
	f.Add(answer)
	f.Add(a.Answer(f, timestamptest.Wish{Status: 2}))
	f.Add(a.Answer(f, timestamptest.Wish{Digest: about, At: noon.Add(time.Millisecond), Twice: true, Critical: true, Unsigned: true}))
	f.Fuzz(func(t *testing.T, b []byte) {
		token, err := timestamp.Answer(b)
		if err != nil {
			return
		}
		stamp, err := token.Check(about, a.Anchors())
		if err == nil && !stamp.At.Equal(noon) {
			t.Fatalf("another time was signed: %+v", stamp)
		}
		if again, err := timestamp.Read(token.Bytes()); err != nil || !bytes.Equal(again.Bytes(), token.Bytes()) {
			t.Fatalf("%v", err)
		}
	})
}
