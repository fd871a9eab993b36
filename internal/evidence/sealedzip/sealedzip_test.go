package sealedzip_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/problem"
)

var at = time.Date(2026, 5, 4, 12, 30, 8, 0, time.UTC)

func sealed(t testing.TB, passphrase string, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := sealedzip.NewWriter(&b, rand.Reader, passphrase, "package.tar", at)
	if err != nil {
		t.Fatal(err)
	}
	for len(content) > 0 { // in pieces of odd lengths
		n := min(len(content), 1+len(content)/3)
		if _, err := w.Write(content[:n]); err != nil {
			t.Fatal(err)
		}
		content = content[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func drawn(t testing.TB) string {
	t.Helper()
	p, err := sealedzip.Passphrase(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func random(t testing.TB, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

// archiver is 7-Zip, or the test is skipped.
func archiver(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"7zz", "7z"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("7-Zip is not installed")
	return ""
}

var sizes = []int{0, 1, 15, 16, 17, 4095, 4096, 4097, 1 << 20}

func TestWhatIsSealedIsOpenedAgain(t *testing.T) {
	for _, n := range sizes {
		content, p := random(t, n), drawn(t)
		zip := sealed(t, p, content)
		name, r, length, err := sealedzip.Open(bytes.NewReader(zip), int64(len(zip)), p)
		if err != nil {
			t.Fatal(n, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || name != "package.tar" || length != int64(n) || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes: %s, %d, %v", n, name, length, err)
		}
	}
}

func TestSevenZipTestsAndExtractsIt(t *testing.T) {
	zz := archiver(t)
	for _, n := range sizes {
		content, p := random(t, n), drawn(t)
		dir := t.TempDir()
		path := filepath.Join(dir, "package.zip")
		if err := os.WriteFile(path, sealed(t, p, content), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(zz, "t", "-p"+p, path).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Everything is Ok") || strings.Contains(string(out), "Warning") {
			t.Fatalf("%d bytes: %v\n%s", n, err, out)
		}
		if out, err := exec.Command(zz, "x", "-p"+p, "-o"+dir, path).CombinedOutput(); err != nil {
			t.Fatalf("%d bytes: %v\n%s", n, err, out)
		}
		got, err := os.ReadFile(filepath.Join(dir, "package.tar"))
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes come out as %d, %v", n, len(got), err)
		}
		out, err = exec.Command(zz, "l", "-slt", path).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "Method = AES-256 Store") || !strings.Contains(string(out), "Encrypted = +") {
			t.Fatalf("%v\n%s", err, out)
		}
		if out, err := exec.Command(zz, "t", "-p"+drawn(t), path).CombinedOutput(); err == nil {
			t.Fatalf("7-Zip takes another passphrase:\n%s", out)
		}
	}
}

func TestAChangedByteIsFoundBeforeAnythingIsGiven(t *testing.T) {
	p := drawn(t)
	zip := sealed(t, p, []byte("a small file"))
	for i := range zip {
		bad := bytes.Clone(zip)
		bad[i] ^= 0x04
		if _, _, _, err := sealedzip.Open(bytes.NewReader(bad), int64(len(bad)), p); problem.Of(err) == nil || problem.Of(err).Kind != problem.Unverified {
			// the time of the entry stands in two places and says nothing; both must agree
			t.Errorf("byte %d: %v", i, err)
		}
	}
	for _, bad := range [][]byte{nil, zip[:len(zip)-1], append(bytes.Clone(zip), 0), append([]byte{0}, zip...), zip[:60]} {
		if _, _, _, err := sealedzip.Open(bytes.NewReader(bad), int64(len(bad)), p); problem.Code(err) != "sealedzip.form" {
			t.Errorf("%d of %d bytes: %v", len(bad), len(zip), err)
		}
	}
	wrongs := 0
	for range 40 {
		_, _, _, err := sealedzip.Open(bytes.NewReader(zip), int64(len(zip)), drawn(t))
		if problem.Code(err) == "sealedzip.passphrase" {
			wrongs++
		} else if problem.Code(err) != "sealedzip.changed" { // one in 65,536 passes the two bytes of check
			t.Fatal(err)
		}
	}
	if wrongs < 38 {
		t.Errorf("%d of 40 other passphrases were told to be others", wrongs)
	}
}

// A release names a ZIP by its head: no two have the same.
func TestTheHeadIsWhatAZipBeginsWithAndItsOwn(t *testing.T) {
	p := drawn(t)
	a, b := sealed(t, p, []byte("a small file")), sealed(t, p, []byte("a small file"))
	x, err := sealedzip.Head(bytes.NewReader(a))
	if err != nil || len(x) != 88 || !bytes.HasPrefix(a, x) {
		t.Fatal(len(x), err)
	}
	y, err := sealedzip.Head(bytes.NewReader(b))
	if err != nil || bytes.Equal(x, y) {
		t.Fatal("two ZIPs begin alike", err)
	}
	var out bytes.Buffer
	w, err := sealedzip.NewWriter(&out, rand.Reader, p, "package.tar", at)
	if err != nil || !bytes.Equal(w.Head(), out.Bytes()[:88]) {
		t.Fatal("the writer names another head", err)
	}
	for n := range 88 {
		if _, err := sealedzip.Head(bytes.NewReader(a[:n])); problem.Code(err) != "sealedzip.form" {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
}

func TestTwoOfTheSameShareNothing(t *testing.T) {
	p, content := drawn(t), make([]byte, 1<<16)
	a, b := sealed(t, p, content), sealed(t, p, content)
	same := 0
	for i := 200; i < 1<<16; i++ {
		if a[i] == b[i] {
			same++
		}
	}
	if same > 1<<10 || bytes.Contains(a, make([]byte, 64)) {
		t.Errorf("%d bytes are the same", same)
	}
}

func TestAPassphraseIsReadAsItIsHeard(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := drawn(t)
		if seen[p] || len(p) != 41 || strings.ContainsAny(p, "ILOU") {
			t.Fatal(p)
		}
		seen[p] = true
		loose := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(p, "0", "o"), "1", "l"), "-", "  "))
		if got, wrong := sealedzip.ReadPassphrase(loose); wrong != 0 || got != p {
			t.Fatalf("%s typed as %s: %s, %d", p, loose, got, wrong)
		}
		for i := range p {
			if p[i] == '-' {
				continue
			}
			for _, c := range []byte("0123456789ABCDEFGHJKMNPQRSTVWXYZ") {
				if c == p[i] {
					continue
				}
				misheard := p[:i] + string(c) + p[i+1:]
				if _, wrong := sealedzip.ReadPassphrase(misheard); wrong != i/6+1 {
					t.Fatalf("%s heard as %s: group %d", p, misheard, wrong)
				}
			}
		}
	}
	p := drawn(t)
	g := strings.Split(p, "-")
	g[0], g[1] = g[1], g[0]
	if _, wrong := sealedzip.ReadPassphrase(strings.Join(g, "-")); wrong == 0 && g[0] != g[1] {
		t.Error("two groups changed places and nobody noticed")
	}
	for _, bad := range []string{"", p[:len(p)-1], p + "0", p + "-00000"} {
		if _, wrong := sealedzip.ReadPassphrase(bad); wrong == 0 {
			t.Errorf("%q is read", bad)
		}
	}
}

// A file of more than 4 GiB needs sizes of eight bytes. Takes minutes and as much disk.
func TestAFileBeyondFourGiBIsExtracted(t *testing.T) {
	if os.Getenv("COUNTERSEAL_LONG") == "" {
		t.Skip("COUNTERSEAL_LONG is not set")
	}
	zz := archiver(t)
	p := drawn(t)
	path := filepath.Join(t.TempDir(), "package.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, err := sealedzip.NewWriter(f, rand.Reader, p, "package.tar", at)
	if err != nil {
		t.Fatal(err)
	}
	const size = math.MaxUint32 + 1<<20
	sum := sha256.New()
	piece := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	for left := int64(size); left > 0; left -= int64(len(piece)) {
		piece = piece[:min(left, int64(len(piece)))]
		sum.Write(piece)
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got := sha256.New()
	c := exec.Command(zz, "x", "-so", "-p"+p, path)
	c.Stdout = got
	if err := c.Run(); err != nil || !bytes.Equal(got.Sum(nil), sum.Sum(nil)) {
		t.Fatalf("7-Zip gives another file: %v", err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	_, r, length, err := sealedzip.Open(f, info.Size(), p)
	if err != nil || length != size {
		t.Fatal(length, err)
	}
	got.Reset()
	if _, err := io.Copy(got, r); err != nil || !bytes.Equal(got.Sum(nil), sum.Sum(nil)) {
		t.Fatalf("another file: %v", err)
	}
}

// FuzzOpen: nothing panics, and nothing opens but what was sealed.
func FuzzOpen(f *testing.F) {
	p := drawn(f)
	zip := sealed(f, p, []byte("a small file"))
	f.Add(zip)
	f.Add(zip[:100])
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _, _, err := sealedzip.Open(bytes.NewReader(b), int64(len(b)), p)
		if err == nil && !bytes.Equal(b, zip) {
			t.Fatal("another ZIP opens")
		}
		head, err := sealedzip.Head(bytes.NewReader(b))
		if err == nil && !bytes.HasPrefix(b, head) {
			t.Fatal("a head that the ZIP does not begin with")
		}
	})
}

// FuzzReadPassphrase: what is read is in its one form.
func FuzzReadPassphrase(f *testing.F) {
	f.Add(drawn(f))
	f.Add("oooo-0")
	f.Fuzz(func(t *testing.T, typed string) {
		p, wrong := sealedzip.ReadPassphrase(typed)
		if again, w := sealedzip.ReadPassphrase(p); wrong == 0 && (w != 0 || again != p) {
			t.Fatalf("%q is read as %q, and that as %q", typed, p, again)
		}
	})
}
