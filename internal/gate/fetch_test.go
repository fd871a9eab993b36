package gate_test

import (
	"os"
	"path/filepath"
	"testing"

	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

// Whoever runs a gate may put an old package elsewhere: the gate opens without it and goes
// on, and who fetches it is told that it is gone.
func TestAPackageThatIsGoneIsSaidToBeGoneAndStopsNothing(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(s.dir, "out", s.out()[0])); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, _, err := s.gate.Fetch(ctx, g.Digest().String(), release.PackageFile, "R. Sample"); problem.Code(err) != "gate.package_gone" {
			t.Fatal(err)
		}
		s.reopen()
	}
	if _, err := s.released(s.Grant(2)); err != nil {
		t.Fatal(err)
	}
}
