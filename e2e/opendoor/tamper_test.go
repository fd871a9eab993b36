package opendoor_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"counterseal/e2e/opendoor/walk"
	"counterseal/internal/evidence/release"
)

// officer verifies a fetched folder as the officer would.
type officer struct{ trust, key string }

func (o officer) verify(t *testing.T, folder string) said {
	t.Helper()
	return command(t, "verify", folder, "--trust", o.trust, "--identity", o.key)
}

// refuses holds that the folder does not verify, with exit code 8 and a stable
// code of this command, which it returns.
func (o officer) refuses(t *testing.T, folder, what string) string {
	t.Helper()
	s := o.verify(t, folder)
	if s.exit != 8 || !strings.HasPrefix(s.code(), "verify.") || s.out != "" {
		t.Errorf("%s: exit %d, code %q, said %.200q", what, s.exit, s.code(), s.out)
	}
	return s.code()
}

func demoOfficer(p played) officer {
	return officer{p.path("trust.txt"), p.path("people", "us-harbor.agekey")}
}

// Of each of the five files 120 bits are flipped, one at a time, and as many of
// the package's age header alone, which is a small part of it. The places are
// the same in each run.
func TestEveryFlippedBitOfAFetchedFolderIsFound(t *testing.T) {
	t.Parallel()
	p := theDemo(t)
	o, folder := demoOfficer(p), copyFolder(t, p.kept("grant.package"))
	r := rand.New(rand.NewPCG(13, 417))
	codes, flips := map[string]int{}, 0
	flip := func(name string, within func(int) int) {
		whole := []byte(read(t, folder, name))
		for range 120 {
			b := bytes.Clone(whole)
			b[r.IntN(within(len(b)))] ^= 1 << r.IntN(8)
			write(t, string(b), folder, name)
			codes[o.refuses(t, folder, name)]++
			flips++
		}
		write(t, string(whole), folder, name)
	}
	for _, name := range release.Files {
		flip(name, func(size int) int { return size })
	}
	flip(release.PackageFile, func(int) int { return 150 })
	if s := o.verify(t, folder); s.exit != 0 || flips < 300 {
		t.Errorf("after %d flips the folder is as it was, and verify says %d %s", flips, s.exit, s.code())
	}
	for _, code := range []string{"verify.release", "verify.signature", "verify.readme", "verify.proof", "verify.header"} {
		if codes[code] == 0 {
			t.Errorf("no flip was found as %s, only %v", code, codes)
		}
	}
	t.Log(codes)
}

func TestWhatIsCutOffAddedMissingOrLinkedInAFetchedFolderIsFound(t *testing.T) {
	t.Parallel()
	p := theDemo(t)
	o, folder := demoOfficer(p), copyFolder(t, p.kept("grant.package"))
	for _, name := range release.Files {
		whole := read(t, folder, name)
		for _, keep := range []int{0, 1, len(whole) / 3, len(whole) - 2, len(whole) - 1} {
			write(t, whole[:keep], folder, name)
			o.refuses(t, folder, name+" cut off")
		}
		for _, more := range []string{"\n", "x", whole} {
			write(t, whole+more, folder, name)
			o.refuses(t, folder, name+" with more behind it")
		}
		must(t, os.Remove(filepath.Join(folder, name)))
		if code := o.refuses(t, folder, name+" missing"); code != "verify.missing" {
			t.Errorf("%s is missing, and the code is %s", name, code)
		}
		must(t, os.Symlink(filepath.Join(p.kept("grant.package"), name), filepath.Join(folder, name)))
		o.refuses(t, folder, name+" is a link")
		must(t, os.Remove(filepath.Join(folder, name)))
		write(t, whole, folder, name)
	}
	if s := o.verify(t, folder); s.exit != 0 {
		t.Errorf("the folder is as it was, and verify says %s", s.err)
	}
}

// Two packages of one gate, for one officer, under one trust file: nothing of
// either passes for the other's, whatever is exchanged between them.
func TestNoMixtureOfTwoReleasesVerifies(t *testing.T) {
	t.Parallel()
	h := walk.Nordwind(t)
	months := []walk.Ask{
		{Number: "13-mj-0501", Targets: []string{"june.hartwell@nordwind.example"}, From: "2013-03-01", Until: "2013-03-31", Basis: "received"},
		{Number: "13-mj-0502", Targets: []string{"june.hartwell@nordwind.example"}, From: "2013-02-01", Until: "2013-02-28", Basis: "received"},
	}
	var folders []string
	for _, id := range h.Decided(months...) {
		st := h.Approved(id)
		out, err := h.Release(st)
		must(t, err)
		if out.Items == 0 {
			t.Fatal("a release without items mixes with nothing")
		}
		folders = append(folders, h.Fetch(st))
	}
	o := officer{h.Folder.Trust(), h.Officer}
	mixed := copyFolder(t, folders[0])
	for from := range 1 << len(release.Files) {
		for i, name := range release.Files {
			write(t, read(t, folders[from>>i&1], name), mixed, name)
		}
		if from == 0 || from == 1<<len(release.Files)-1 { // one of the two as it is
			if s := o.verify(t, mixed); s.exit != 0 {
				t.Errorf("an unmixed package does not verify: %s", s.err)
			}
			continue
		}
		o.refuses(t, mixed, "a mixture")
	}
}

func TestAPackageVerifiesUnderItsOwnTrustAndKeyAlone(t *testing.T) {
	t.Parallel()
	p, h := theDemo(t), walk.Nordwind(t)
	o := demoOfficer(p)
	for _, c := range []struct {
		what string
		officer
		code string
	}{
		{"another provider's trust file", officer{h.Folder.Trust(), o.key}, "verify.signature"},
		{"another officer's key", officer{o.trust, h.Officer}, "verify.recipient"},
	} {
		if code := c.refuses(t, p.kept("grant.package"), c.what); code != c.code {
			t.Errorf("%s: %s, want %s", c.what, code, c.code)
		}
	}
}
