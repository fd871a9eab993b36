package verify_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/problem"
)

func TestATrustFileHasOneReading(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	good := trustText(w.gate.PublicKey())
	tr, err := verify.ParseTrust([]byte(good))
	must(t, err)
	if len(tr.Gates) != 1 || tr.Gates[0].Gate != "gate-mil-1" || tr.Gates[0].Region != "mil" || string(tr.LogPolicy) != "origin demo\n" {
		t.Fatalf("%+v", tr)
	}
	gate := strings.Split(good, "\n")[2]
	tr, err = verify.ParseTrust([]byte("counterseal-trust-v1\n\n" + gate + "\n" + strings.Split(trustText(other.gate.PublicKey()), "\n")[2]))
	must(t, err)
	if len(tr.Gates) != 2 || tr.LogPolicy != nil {
		t.Fatalf("%+v", tr)
	}
	tr, err = verify.ParseTrust([]byte(strings.Replace(good, "gate gate-mil-1 mil", "docket", 1)))
	must(t, err)
	if len(tr.Gates) != 0 || tr.Docket == nil || string(tr.LogPolicy) != "origin demo\n" {
		t.Fatalf("%+v", tr)
	}
	for name, bad := range map[string]string{
		"empty":          "",
		"other version":  strings.Replace(good, "-v1", "-v2", 1),
		"no key":         "counterseal-trust-v1\nlog-policy\n",
		"unknown line":   strings.Replace(good, "log-policy", "policy", 1),
		"last line bad":  "counterseal-trust-v1\n" + gate + "\n" + gate + " comment\n",
		"key options":    strings.Replace(good, "ssh-ed25519", "restrict ssh-ed25519", 1),
		"key cut":        strings.Replace(good, gate, gate[:len(gate)-8], 1),
		"key type lies":  strings.Replace(good, "ssh-ed25519", "ssh-rsa", 1),
		"gate's name":    strings.Replace(good, "gate-mil-1", "Gate", 1),
		"region missing": strings.Replace(good, " mil ", " ", 1),
		"carriage":       strings.Replace(good, gate, gate+"\r", 1),
		"too long":       good + strings.Repeat("x", verify.MaxTrust),
	} {
		_, err := verify.ParseTrust([]byte(bad))
		if bad == good || problem.Code(err) != "verify.trust" || problem.Of(err).Kind != problem.Unverified {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func FuzzParseTrust(f *testing.F) {
	f.Add([]byte(trustText(newWorld(f).gate.PublicKey())))
	f.Add([]byte("counterseal-trust-v1\ngate a b ssh-ed25519 AAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tr, err := verify.ParseTrust(b)
		if (err == nil) != (len(tr.Gates) > 0 || tr.Docket != nil) {
			t.Fatalf("%v with %d gates", err, len(tr.Gates))
		}
	})
}

// FuzzBag feeds decrypted bytes to the strict reader: nothing but the sealed bag
// may pass, and nothing may panic.
func FuzzBag(f *testing.F) {
	w := newWorld(f)
	var out bytes.Buffer
	s := w.seal(f, &out, "m2fd-10", 2)
	plain := decrypt(f, w, out.Bytes())
	f.Add(plain)
	f.Add(plain[:4096])
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := verify.ReadBag(bytes.NewReader(b), s.Release); err == nil && !bytes.Equal(b, plain) {
			// bytes that no digest covers: paddings, and tar header fields nobody reads
			if len(b) != len(plain) {
				t.Fatalf("another bag of %d bytes passed", len(b))
			}
		}
	})
}

func TestLinksAndFoldersAreNoFiles(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 1)
	must(t, os.Remove(dir+"/"+release.ProofFile))
	must(t, os.Mkdir(dir+"/"+release.ProofFile, 0o700))
	_, err := w.verify(dir)
	wantCode(t, err, "verify.missing")
	_, err = verify.Verify(context.Background(), dir+"/gone", w.trust, w.options())
	wantCode(t, err, "verify.missing")
	long := w.folder(t, "m2fd-10", 1)
	write(t, long, release.ProofFile, make([]byte, 2<<20))
	_, err = w.verify(long)
	wantCode(t, err, "verify.missing")
}

func TestATrustFileIsReadAsItWasWritten(t *testing.T) {
	key := func(seed byte) ssh.PublicKey {
		s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, 32)))
		if err != nil {
			t.Fatal(err)
		}
		return s.PublicKey()
	}
	want := verify.Trust{Docket: key(1), Gates: []verify.GateKey{{Gate: "gate-1", Region: "iad", Key: key(2)}, {Gate: "gate-2", Region: "dub", Key: key(3)}}, Register: "lindworm.example/register+11111111+AAAA", LogPolicy: []byte("log x\n")}
	got, err := verify.ParseTrust(want.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) || len(got.Gates) != 2 || got.Docket == nil || got.Register != want.Register {
		t.Fatalf("got %s", got.Bytes())
	}
	for _, bad := range []string{"docket x\n", "docket ssh-ed25519 AAAA\n", "docket ssh-ed25519 AAAA comment\n", "register \n", "register x y\n", "register x\r\n", "register another+11111111+AAAA\n"} {
		if _, err := verify.ParseTrust([]byte(strings.Replace(string(want.Bytes()), "gate gate-1", bad+"gate gate-1", 1))); problem.Code(err) != "verify.trust" {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}
