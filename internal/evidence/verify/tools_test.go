package verify_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence/release"
)

// tool finds a program that no one here wrote. Without it the test is skipped,
// by name; on the build server that is a failure.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("the tool %s is not installed", name)
	}
	t.Skipf("SKIPPED: the tool %s is not installed", name)
	return ""
}

func run(t *testing.T, dir string, stdin []byte, name string, args ...string) (string, error) {
	t.Helper()
	c := exec.Command(tool(t, name), args...)
	c.Dir, c.Stdin = dir, bytes.NewReader(stdin)
	out, err := c.CombinedOutput()
	return string(out), err
}

// unpack does what READ-ME-FIRST.txt says, with age and tar.
func unpack(t *testing.T, w world, dir string) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key.txt")
	must(t, os.WriteFile(key, []byte(w.officer.String()+"\n"), 0o600))
	out, err := run(t, dir, nil, "age", "-d", "-i", key, "-o", "package.tar", release.PackageFile)
	if err != nil {
		t.Fatalf("age: %s", out)
	}
	out, err = run(t, dir, nil, "tar", "-xf", "package.tar")
	if err != nil || out != "" {
		t.Fatalf("tar: %v %s", err, out)
	}
	return filepath.Join(dir, "package")
}

func TestAgeTarAndSha256sumAgree(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 30)
	bag := unpack(t, w, dir)
	for _, list := range []string{"manifest-sha256.txt", "tagmanifest-sha256.txt"} {
		out, err := run(t, bag, nil, "sha256sum", "--strict", "-c", list)
		if err != nil || strings.Contains(out, "FAILED") || strings.Count(out, ": OK") < 10 {
			t.Fatalf("sha256sum -c %s: %v\n%s", list, err, out)
		}
	}
	out, err := run(t, bag, nil, "sha256sum", "tagmanifest-sha256.txt")
	r, perr := release.Parse(read(t, dir, release.ReleaseFile))
	must(t, perr)
	if err != nil || !strings.HasPrefix(out, hexOf(r.TagManifest)) {
		t.Fatalf("tag manifest: %v %s", err, out)
	}
	large := filepath.Join("data", "acct-rossi", "mail", "00000031-large.eml")
	write(t, bag, large, append(read(t, bag, large), 'x'))
	if out, err := run(t, bag, nil, "sha256sum", "-c", "manifest-sha256.txt"); err == nil || !strings.Contains(out, "FAILED") {
		t.Fatalf("sha256sum did not notice a changed file: %s", out)
	}
}

func TestABagValidatorAgrees(t *testing.T) {
	w := newWorld(t)
	for _, n := range []int{0, 30} {
		bag := unpack(t, w, w.folder(t, "m2fd-10", n))
		checker, err := filepath.Abs(filepath.Join("..", "testdata", "bagcheck.py"))
		must(t, err)
		out, err := run(t, bag, nil, "python3", checker, ".")
		if err != nil || strings.TrimSpace(out) != "valid" {
			t.Fatalf("bagcheck.py: %v %s", err, out)
		}
		if _, missing := exec.LookPath("bagit.py"); missing == nil { // the Library of Congress's, where somebody has it
			out, err := run(t, bag, nil, "bagit.py", "--validate", ".")
			if err != nil {
				t.Fatalf("bagit.py: %v %s", err, out)
			}
		}
		write(t, bag, "data/extra", []byte("x"))
		if out, err := run(t, bag, nil, "python3", checker, "."); err == nil {
			t.Fatalf("bagcheck.py did not notice an extra file: %s", out)
		}
	}
}

func TestSshKeygenAgrees(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	allowed := filepath.Join(t.TempDir(), "allowed")
	must(t, os.WriteFile(allowed, []byte(`gate-mil-1 namespaces="`+release.Namespace+`" `+string(ssh.MarshalAuthorizedKey(w.gate.PublicKey()))), 0o600))
	text := read(t, dir, release.ReleaseFile)
	verify := []string{"-Y", "verify", "-f", allowed, "-I", "gate-mil-1", "-n", release.Namespace, "-s", release.SignatureFile}
	out, err := run(t, dir, text, "ssh-keygen", verify...)
	if err != nil || !strings.Contains(out, "Good") {
		t.Fatalf("ssh-keygen: %v %s", err, out)
	}
	text[len(text)/2] ^= 1
	if out, err := run(t, dir, text, "ssh-keygen", verify...); err == nil {
		t.Fatalf("ssh-keygen accepted a changed release: %s", out)
	}
}

func TestASignatureByTheSshKeygenProgramIsAccepted(t *testing.T) {
	w := newWorld(t)
	keyFile := filepath.Join(t.TempDir(), "gate")
	if out, err := run(t, t.TempDir(), nil, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", keyFile); err != nil {
		t.Fatalf("ssh-keygen: %v %s", err, out)
	}
	raw, err := os.ReadFile(keyFile)
	must(t, err)
	w.gate, err = ssh.ParsePrivateKey(raw)
	must(t, err)
	w.trust.Gates[0].Key = w.gate.PublicKey()
	dir := w.folder(t, "m2fd-10", 3)
	must(t, os.Remove(filepath.Join(dir, release.SignatureFile)))
	if out, err := run(t, dir, nil, "ssh-keygen", "-Y", "sign", "-f", keyFile, "-n", release.Namespace, release.ReleaseFile); err != nil {
		t.Fatalf("ssh-keygen -Y sign: %v %s", err, out)
	}
	_, err = w.verify(dir)
	must(t, err)
}
