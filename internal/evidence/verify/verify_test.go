package verify_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/verify"
	"counterseal/internal/problem"
)

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v (cause %v), want %s", err, errors.Unwrap(err), code)
	}
}

func TestAWholeFolderIsCompletelyChecked(t *testing.T) {
	w := newWorld(t)
	var said []string
	o := w.options()
	o.Step = func(s verify.Step) { said = append(said, s.Name) }
	r, err := verify.Verify(context.Background(), w.folder(t, "m2fd-10", 30), w.trust, o)
	must(t, err)
	if !r.Complete || r.Items != 33 || r.Release.Withheld != 2 || r.LoggedAt.IsZero() {
		t.Fatalf("%+v", r)
	}
	if got, want := strings.Join(said, " "), "release signature readme proof size header recipient payload tags order"; got != want {
		t.Fatalf("steps %q, want %q", got, want)
	}
}

func TestWithoutKeyOrPolicyTheReportSaysWhatWasNotChecked(t *testing.T) {
	w := newWorld(t)
	r, err := verify.Verify(context.Background(), w.folder(t, "m2fd-10", 3), w.trust, verify.Options{})
	must(t, err)
	var missing []string
	for _, s := range r.Steps {
		if !s.Checked {
			missing = append(missing, s.Name+": "+s.Words)
		}
	}
	if r.Complete || len(missing) != 2 || !strings.Contains(missing[0], "log policy") || !strings.Contains(missing[1], "recipient's key") {
		t.Fatalf("complete %v, not checked %q", r.Complete, missing)
	}
}

func TestAnyFlippedByteIsFound(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 12)
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, name := range release.Files {
		whole := read(t, dir, name)
		for i := range 250 {
			at := rnd.IntN(len(whole))
			if i < 60 { // both ends, where headers and paddings are
				at = []int{i / 2, len(whole) - 1 - i/2}[i%2]
			}
			bad := append([]byte(nil), whole...)
			bad[at] ^= 1 << rnd.IntN(8)
			write(t, dir, name, bad)
			_, err := w.verify(dir)
			if problem.Of(err) == nil || problem.Of(err).Kind != problem.Unverified {
				t.Fatalf("%s: byte %d of %d changed from %q to %q: %v", name, at, len(whole), whole[at], bad[at], err)
			}
		}
		write(t, dir, name, whole)
	}
	_, err := w.verify(dir)
	must(t, err)
}

func TestAnyTruncationOrAdditionIsFound(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 12)
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, name := range release.Files {
		whole := read(t, dir, name)
		for i := range 60 {
			at := rnd.IntN(len(whole))
			if i < 4 {
				at = []int{0, len(whole) - 1, len(whole) - 16, 1}[i]
			}
			write(t, dir, name, whole[:at])
			_, err := w.verify(dir)
			if problem.Of(err) == nil || problem.Of(err).Kind != problem.Unverified {
				t.Fatalf("%s cut at %d of %d: %v", name, at, len(whole), err)
			}
		}
		for _, tail := range []string{"\n", " ", "\x00", "x"} {
			write(t, dir, name, append(append([]byte(nil), whole...), tail...))
			if _, err := w.verify(dir); err == nil {
				t.Fatalf("%s with %q behind it passed", name, tail)
			}
		}
		must(t, os.Remove(filepath.Join(dir, name)))
		_, err := w.verify(dir)
		wantCode(t, err, "verify.missing")
		must(t, os.Symlink(name+".elsewhere", filepath.Join(dir, name)))
		write(t, dir, name+".elsewhere", whole)
		_, err = w.verify(dir)
		wantCode(t, err, "verify.missing")
		must(t, os.Remove(filepath.Join(dir, name)))
		write(t, dir, name, whole)
	}
}

func TestPartsOfTwoFoldersDoNotMix(t *testing.T) {
	w := newWorld(t)
	one, two := w.folder(t, "m2fd-10", 8), w.folder(t, "k7wq-93", 8)
	for mask := 1; mask < 1<<len(release.Files)-1; mask++ {
		mixed := t.TempDir()
		for i, name := range release.Files {
			from := one
			if mask>>i&1 == 1 {
				from = two
			}
			write(t, mixed, name, read(t, from, name))
		}
		if _, err := w.verify(mixed); problem.Of(err) == nil || problem.Of(err).Kind != problem.Unverified {
			t.Fatalf("mixture %05b passed: %v", mask, err)
		}
	}
}

func TestTwoFilesOfOneFolderCannotChangePlaces(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	for i, a := range release.Files {
		for _, b := range release.Files[i+1:] {
			ta, tb := read(t, dir, a), read(t, dir, b)
			write(t, dir, a, tb)
			write(t, dir, b, ta)
			if _, err := w.verify(dir); err == nil {
				t.Fatalf("%s and %s changed places unnoticed", a, b)
			}
			write(t, dir, a, ta)
			write(t, dir, b, tb)
		}
	}
}

func TestAPackageWithAnotherValidReleaseIsFoundWithoutAKey(t *testing.T) {
	w := newWorld(t)
	one, two := w.folder(t, "aaaa-10", 8), w.folder(t, "bbbb-93", 8)
	write(t, one, release.PackageFile, read(t, two, release.PackageFile))
	_, err := verify.Verify(context.Background(), one, w.trust, verify.Options{})
	wantCode(t, err, "verify.header") // the two are equally long
}

func TestOnlyAKeyOfThisGateAndRegionCounts(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	_, err := verify.Verify(context.Background(), dir, other.trust, w.options())
	wantCode(t, err, "verify.signature")
	elsewhere := w.trust
	elsewhere.Gates = append([]verify.GateKey(nil), w.trust.Gates...)
	elsewhere.Gates[0].Region = "fra"
	_, err = verify.Verify(context.Background(), dir, elsewhere, w.options())
	wantCode(t, err, "verify.gate")
	both := verify.Trust{Gates: append(append([]verify.GateKey(nil), other.trust.Gates...), w.trust.Gates...)}
	_, err = verify.Verify(context.Background(), dir, both, w.options())
	must(t, err)
}

func TestASignatureForAnotherPurposeDoesNotCount(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	write(t, dir, release.SignatureFile, signAs(t, w, read(t, dir, release.ReleaseFile), "counterseal-grant-v1"))
	_, err := w.verify(dir)
	wantCode(t, err, "verify.signature")
}

func TestAProofOlderThanThePackageIsRefused(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	write(t, dir, release.ProofFile, w.prove(read(t, dir, release.ReleaseFile), start.Add(-time.Hour)))
	_, err := w.verify(dir)
	wantCode(t, err, "verify.proof_time")
}

func TestAnotherOfficersKeyIsRefused(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	o := w.options()
	o.Identities = []age.Identity{other.officer}
	_, err := verify.Verify(context.Background(), dir, w.trust, o)
	wantCode(t, err, "verify.recipient")
	o.Identities = []age.Identity{other.officer, w.officer}
	_, err = verify.Verify(context.Background(), dir, w.trust, o)
	must(t, err)
}

func TestAStoppedCheckSaysSo(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := verify.Verify(ctx, dir, w.trust, w.options())
	wantCode(t, err, "verify.stopped")
}

func TestATruncatedPackageIsFoundWithoutAKey(t *testing.T) {
	w := newWorld(t)
	dir := w.folder(t, "m2fd-10", 3)
	whole := read(t, dir, release.PackageFile)
	for _, cut := range [][]byte{whole[:len(whole)-1], append(append([]byte(nil), whole...), 0)} {
		write(t, dir, release.PackageFile, cut)
		_, err := verify.Verify(context.Background(), dir, w.trust, verify.Options{})
		wantCode(t, err, "verify.size")
	}
}
