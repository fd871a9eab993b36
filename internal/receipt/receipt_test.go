package receipt_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	"pgregory.net/rapid"

	"counterseal/internal/problem"
	"counterseal/internal/receipt"
	"counterseal/internal/signature"
)

var update = flag.Bool("update", false, "write the vectors where there are none")

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v, want code %q", err, code)
	}
}

func docket(t testing.TB) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func one() receipt.Receipt {
	return receipt.Receipt{Provider: "Nordwind Cloud A/S", Demand: "7f3a-91c0", Received: time.Date(2026, 3, 2, 9, 0, 7, 0, time.UTC), Channel: "portal",
		OriginalSHA256: sha256.Sum256([]byte("original")), OriginalBytes: 8, JournalSalt: sha256.Sum256([]byte("salt")),
		JournalDigest: sha256.Sum256([]byte("leaf")), RegisterOpening: []byte("opening \xff!")}
}

func TestTheVectorsAreWhatIsWrittenAndSigned(t *testing.T) {
	text, armored, err := one().Sign(docket(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string][]byte{"receipt.txt": text, "receipt.sig": armored, "docket.pub": []byte(signature.Line(docket(t).PublicKey()) + "\n")} {
		path := filepath.Join("testdata", name)
		if _, err := os.Stat(path); *update && err != nil {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-recorded +now):\n%s", name, diff)
		}
	}
}

func TestAskingAgainGivesTheSameReceipt(t *testing.T) {
	a, sigA, err := one().Sign(docket(t))
	if err != nil {
		t.Fatal(err)
	}
	r := one()
	r.Received = r.Received.Add(300 * time.Millisecond).In(time.FixedZone("", 3600)) // the same second
	b, sigB, err := r.Sign(docket(t))
	if err != nil || !bytes.Equal(a, b) || !bytes.Equal(sigA, sigB) {
		t.Fatal("another receipt of the same bytes", err)
	}
}

func TestAReceiptVerifiesForItsDocketOnly(t *testing.T) {
	text, armored, err := one().Sign(docket(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := receipt.Verify(armored, text, docket(t).PublicKey())
	if err != nil || cmp.Diff(one(), got) != "" {
		t.Fatal(err, cmp.Diff(one(), got))
	}
	other, _, err := signature.NewKey(rand.Reader, "other")
	if err != nil {
		t.Fatal(err)
	}
	_, err = receipt.Verify(armored, text, other.PublicKey())
	wantCode(t, err, "receipt.signer")
	_, err = receipt.Verify(armored, text, nil)
	wantCode(t, err, "receipt.signer")
	_, err = receipt.Verify(armored, bytes.Replace(text, []byte("portal"), []byte("e-mail"), 1), docket(t).PublicKey())
	wantCode(t, err, "signature.wrong")
	_, err = receipt.Verify(armored, make([]byte, receipt.MaxText+1), docket(t).PublicKey())
	wantCode(t, err, "receipt.text")
	asGrant, err := signature.Sign(docket(t), signature.Grant, text)
	if err != nil {
		t.Fatal(err)
	}
	_, err = receipt.Verify(asGrant, text, docket(t).PublicKey())
	wantCode(t, err, "signature.namespace")
	// What the docket signed under this namespace and is no receipt is refused too.
	odd := bytes.Replace(text, []byte("does not accept service"), []byte("accepts service"), 1)
	signed, err := signature.Sign(docket(t), signature.Receipt, odd)
	if err != nil {
		t.Fatal(err)
	}
	_, err = receipt.Verify(signed, odd, docket(t).PublicKey())
	wantCode(t, err, "canon.text")
}

func TestAReceiptLacksNothing(t *testing.T) {
	long := strings.Repeat("x", receipt.MaxWord+1)
	for name, change := range map[string]func(*receipt.Receipt){
		"provider": func(r *receipt.Receipt) { r.Provider = "" }, "demand": func(r *receipt.Receipt) { r.Demand = "" }, "channel": func(r *receipt.Receipt) { r.Channel = "" },
		"long provider": func(r *receipt.Receipt) { r.Provider = long }, "long demand": func(r *receipt.Receipt) { r.Demand = long }, "long channel": func(r *receipt.Receipt) { r.Channel = long },
		"time": func(r *receipt.Receipt) { r.Received = time.Time{} }, "year": func(r *receipt.Receipt) { r.Received = r.Received.AddDate(300, 0, 0) },
		"digest": func(r *receipt.Receipt) { r.OriginalSHA256 = [32]byte{} }, "no bytes": func(r *receipt.Receipt) { r.OriginalBytes = 0 },
		"salt": func(r *receipt.Receipt) { r.JournalSalt = [32]byte{} }, "leaf": func(r *receipt.Receipt) { r.JournalDigest = [32]byte{} },
		"opening": func(r *receipt.Receipt) { r.RegisterOpening = nil }, "long opening": func(r *receipt.Receipt) { r.RegisterOpening = make([]byte, receipt.MaxOpening+1) },
	} {
		t.Run(name, func(t *testing.T) {
			r := one()
			change(&r)
			_, _, err := r.Sign(docket(t))
			wantCode(t, err, "receipt.incomplete")
		})
	}
	r := one()
	r.Channel = "portal\nstatement: we accept service"
	_, err := r.Bytes()
	wantCode(t, err, "canon.value")
}

func TestATextIsReadInItsOneFormOnly(t *testing.T) {
	b, err := one().Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	lines := strings.SplitAfter(text, "\n")
	for name, bad := range map[string]string{
		"nothing": "", "another version": strings.Replace(text, "receipt-v1", "receipt-v2", 1), "a line less": strings.Join(lines[:10], ""), "a line more": text + "x: y\n",
		"a line twice": text + lines[10], "another order": strings.Join(append([]string{lines[0], lines[2], lines[1]}, lines[3:]...), ""),
		"upper case hex":    strings.Replace(text, lines[5], strings.ToUpper(lines[5][:17])+lines[5][17:], 1),
		"capital digest":    strings.Replace(text, lines[5], "original-sha256: "+strings.ToUpper(lines[5][17:]), 1),
		"short digest":      strings.Replace(text, lines[7], "journal-salt: 00\n", 1),
		"no digest":         strings.Replace(text, lines[8], "journal-digest: "+strings.Repeat("x", 64)+"\n", 1),
		"plus sign":         strings.Replace(text, "bytes: 8", "bytes: +8", 1),
		"leading zero":      strings.Replace(text, "bytes: 8", "bytes: 08", 1),
		"huge":              strings.Replace(text, "bytes: 8", "bytes: 9223372036854775808", 1),
		"negative":          strings.Replace(text, "bytes: 8", "bytes: -8", 1),
		"fraction":          strings.Replace(text, "09:00:07Z", "09:00:07.0Z", 1),
		"base64 no padding": strings.Replace(text, "==\n", "\n", 1),
		"other base64":      strings.Replace(text, "register-opening: ", "register-opening: _", 1),
		"another statement": strings.Replace(text, "waive any", "waive an", 1),
		"too long":          text + strings.Repeat("x", receipt.MaxText),
	} {
		if bad == text {
			t.Fatalf("%s: nothing was changed", name)
		}
		if _, err := receipt.Parse([]byte(bad)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestWhatIsWrittenIsReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := one()
		r.Demand = rapid.StringMatching(`[a-z0-9]{1,20}`).Draw(t, "demand")
		r.OriginalBytes = rapid.Int64Range(1, 1<<62).Draw(t, "bytes")
		r.Received = time.Unix(rapid.Int64Range(0, 7258118399).Draw(t, "received"), 0).UTC()
		r.RegisterOpening = rapid.SliceOfN(rapid.Byte(), 1, 100).Draw(t, "opening")
		b, err := r.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := receipt.Parse(b)
		if err != nil || cmp.Diff(r, got) != "" {
			t.Fatal(err, cmp.Diff(r, got))
		}
	})
}

func FuzzParse(f *testing.F) {
	b, err := one().Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := receipt.Parse(b)
		if err != nil {
			return
		}
		again, err := r.Bytes()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("read, but written otherwise: %q %v", b, err)
		}
	})
}

func TestOpenSSHVerifiesAReceiptWithoutThisProgram(t *testing.T) {
	path, err := exec.LookPath("ssh-keygen")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("ssh-keygen is missing; install the OpenSSH client")
		}
		t.Skip("ssh-keygen is missing, so nothing was tested against it")
	}
	pub, err := os.ReadFile("testdata/docket.pub")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/receipt.txt")
	if err != nil {
		t.Fatal(err)
	}
	signers := filepath.Join(t.TempDir(), "signers")
	if err := os.WriteFile(signers, append([]byte("docket "), pub...), 0o600); err != nil {
		t.Fatal(err)
	}
	verify := func(b []byte) error {
		c := exec.Command(path, "-Y", "verify", "-f", signers, "-I", "docket", "-n", "counterseal-receipt-v1", "-s", "testdata/receipt.sig")
		c.Stdin = bytes.NewReader(b)
		return c.Run()
	}
	if err := verify(text); err != nil {
		t.Fatal(err)
	}
	if verify(bytes.Replace(text, []byte("portal"), []byte("Portal"), 1)) == nil {
		t.Fatal("ssh-keygen accepted a changed receipt")
	}
}
