package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/problem"
)

// zipped lays an officer's folder whose package is a ZIP, and gives its passphrase.
func (w world) zipped(t testing.TB, demand string) (dir, passphrase string) {
	t.Helper()
	passphrase, err := sealedzip.Passphrase(rand.Reader)
	must(t, err)
	var out bytes.Buffer
	name := "zip:" + hexOf(sha256.Sum256([]byte("grant of "+demand)))
	s := w.sealTo(t, &out, &sealedzip.Recipient{Name: name, Passphrase: passphrase}, demand, 12)
	if s.Release.Recipient != name || bytes.Contains(out.Bytes(), []byte(passphrase)) {
		t.Fatal("the package says its passphrase, or not its name")
	}
	return w.lay(t, out.Bytes(), s.Release), passphrase
}

func (w world) verifyZip(dir, passphrase string) (verify.Report, error) {
	o := verify.Options{Proof: w.checkProof}
	o.Passphrase = func() (string, error) { return passphrase, nil }
	return verify.Verify(context.Background(), dir, w.trust, o)
}

func TestAZipIsCheckedWholeWithItsPassphraseAndInPartWithout(t *testing.T) {
	w := newWorld(t)
	dir, p := w.zipped(t, "m2fd-10")
	r, err := w.verifyZip(dir, p)
	if err != nil || !r.Complete || r.Items != 15 || !r.Release.Zip() {
		t.Fatalf("%+v, %v", r, err)
	}
	r, err = w.verifyZip(dir, "")
	if err != nil || r.Complete || !slices.ContainsFunc(r.Steps, func(s verify.Step) bool { return s.Name == "header" && s.Checked }) {
		t.Fatalf("%+v, %v", r, err)
	}
	other, err := sealedzip.Passphrase(rand.Reader)
	must(t, err)
	if _, err := w.verifyZip(dir, other); problem.Code(err) != "verify.passphrase" && problem.Code(err) != "verify.decrypt" {
		t.Error(err) // one of 65,536 others passes the ZIP's own two bytes of check
	}
	if r, err := verify.Verify(context.Background(), dir, w.trust, verify.Options{Proof: w.checkProof}); err != nil || r.Complete {
		t.Fatalf("with nobody to ask: %+v, %v", r, err)
	}
	gone := errors.New("nobody typed it")
	if _, err := verify.Verify(context.Background(), dir, w.trust, verify.Options{Passphrase: func() (string, error) { return "", gone }}); !errors.Is(err, gone) {
		t.Error(err)
	}
	// The ZIP of another release, or one byte of this one.
	elsewhere, _ := w.zipped(t, "m2fd-11")
	mine := read(t, dir, release.ZipFile)
	write(t, dir, release.ZipFile, read(t, elsewhere, release.ZipFile))
	if _, err := w.verifyZip(dir, p); problem.Code(err) != "verify.header" && problem.Code(err) != "verify.size" {
		t.Error(err)
	}
	for _, i := range []int{0, 31, 90, len(mine) / 2, len(mine) - 1} {
		bad := bytes.Clone(mine)
		bad[i] ^= 1
		write(t, dir, release.ZipFile, bad)
		if _, err := w.verifyZip(dir, p); problem.Of(err) == nil || problem.Of(err).Kind != problem.Unverified || !strings.HasPrefix(problem.Code(err), "verify.") {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// archiver is 7-Zip, under either of its names.
func archiver(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("7zz"); err == nil {
		return "7zz"
	}
	return tool(t, "7z")
}

// What READ-ME-FIRST.txt tells somebody who has 7-Zip and nothing of ours.
func TestSevenZipTarAndSha256sumOpenAZip(t *testing.T) {
	w := newWorld(t)
	dir, p := w.zipped(t, "m2fd-10")
	if out, err := run(t, dir, nil, archiver(t), "x", "-p"+p, release.ZipFile); err != nil || !strings.Contains(out, "Everything is Ok") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := run(t, dir, nil, "tar", "-xf", "package.tar"); err != nil || out != "" {
		t.Fatalf("tar: %v %s", err, out)
	}
	bag := filepath.Join(dir, "package")
	for _, list := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		if out, err := run(t, bag, nil, "sha256sum", "--strict", "-c", list); err != nil || strings.Contains(out, "FAILED") {
			t.Fatalf("sha256sum -c %s: %v\n%s", list, err, out)
		}
	}
	// And what 7-Zip gave is what verify finds in the ZIP.
	r, err := verify.Verify(context.Background(), dir, w.trust, verify.Options{Proof: w.checkProof, Decrypted: bytes.NewReader(read(t, dir, "package.tar"))})
	if err != nil || r.Items != 15 {
		t.Fatal(r, err)
	}
}
