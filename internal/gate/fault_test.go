package gate_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/problem"
)

// A disk that fails in the middle spends the grant and shows nothing, and the
// gate goes on when the disk does.
func TestAFailingFolderShowsNothing(t *testing.T) {
	gone := func(part string) func(*scene) func() {
		return func(s *scene) func() {
			dir := filepath.Join(s.dir, part)
			if err := os.Rename(dir, dir+"-away"); err != nil {
				t.Fatal(err)
			}
			return func() {
				if err := os.Rename(dir+"-away", dir); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for name, c := range map[string]struct {
		at    string
		spoil func(*scene) func()
	}{
		"staging is gone before the first item":     {"collecting", gone("staging")},
		"access is gone before the first item":      {"collecting", gone("access")},
		"staging is gone after sealing":             {"sealed", gone("staging")},
		"out is gone before the package gets there": {"publishing", gone("out")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.mustReady(s.Grant(1))
			mend := func() {}
			s.gate.SetHook(func(kind string) {
				if kind == c.at {
					mend = c.spoil(s)
				}
			})
			_, err := s.gate.Release(ctx, "g-1")
			mend()
			if problem.Code(err) != "gate.damaged" {
				t.Fatal(err)
			}
			if len(s.out()) != 0 {
				t.Fatalf("visible: %v", s.out())
			}
			if _, err := s.gate.Release(ctx, "g-1"); problem.Code(err) != "gate.damaged" {
				t.Fatalf("again: %v", err)
			}
			s.reopen()
			if s.staging() != 0 {
				t.Error("something is left in the making")
			}
			if st, err := s.gate.Status(ctx, "g-1"); err != nil || st.State != gate.Refused {
				t.Fatalf("%+v, %v", st, err)
			}
			if _, err := s.released(s.Grant(2)); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAnOfferIsNotFoundUnderAnotherOnesDigest(t *testing.T) {
	s := newScene(t)
	real, alien := s.Grant(1), s.Grant(2)
	alien.ID = real.Digest().String()
	if err := s.offered(alien); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.Text(ctx, real.Digest().String()); problem.Code(err) != "gate.unknown" {
		t.Fatal(err)
	}
	if err := s.offered(real); err != nil {
		t.Fatal(err)
	}
	if st, err := s.gate.Status(ctx, real.Digest().String()); err != nil || st.Grant != "g-1" {
		t.Fatal(st, err)
	}
}

func TestADownloadDoesNotKeepTheGateOpen(t *testing.T) {
	s := newScene(t)
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	r, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	done := make(chan struct{})
	go func() { s.gate.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("the gate does not close")
	}
	if _, err := io.Copy(io.Discard, r); problem.Code(err) != "gate.cut" {
		t.Fatal(err)
	}
}

func TestAHangingJournalDoesNotKeepAGateFromOpening(t *testing.T) {
	s := newScene(t)
	s.Journal.Hang = true
	begin := time.Now()
	s.reopen()
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("opening took %v", took)
	}
	if err := stopBy("dan", "everything")(s); err != nil {
		t.Fatal(err)
	}
}

// However names are spread over selectors, a grant that is taken is checked in
// bounded time.
func TestTheLargestGrantIsCheckedInBoundedTime(t *testing.T) {
	s := newScene(t)
	sel := gatetest.Mail("acct-a1")
	for i := range 64 {
		sel.Participants = append(sel.Participants, "p"+string(rune('a'+i/26))+string(rune('a'+i%26)))
		sel.Items = append(sel.Items, "i"+string(rune('a'+i/26))+string(rune('a'+i%26)))
	}
	g := s.Grant(1)
	g.Compelled, g.Scope = scopeOf(sel), scopeOf(sel)
	begin := time.Now()
	if err := s.offered(g); err != nil {
		t.Fatal(err)
	}
	t.Logf("offer of %d pairs: %v", 64*64, time.Since(begin))
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}
