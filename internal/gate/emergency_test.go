package gate_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

func (s *scene) status(id string) gate.Status {
	s.t.Helper()
	st, err := s.gate.Status(ctx, id)
	if err != nil {
		s.t.Fatal(err)
	}
	return st
}

func (s *scene) inPackage(dir, file string) []byte {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "out", dir, file))
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

// holds says under which of the two policies a proof of a package holds.
func (s *scene) holds(dir, file string) (ordinary, emergency bool) {
	s.t.Helper()
	p, err := proof.ParseProof(s.inPackage(dir, file))
	if err != nil {
		s.t.Fatal(err)
	}
	digest := sum(s.inPackage(dir, release.ReleaseFile))
	_, err = proof.Verify(p, digest, s.Journal.Policy())
	_, spare := proof.Verify(p, digest, s.Journal.Spare())
	return err == nil, spare == nil
}

// An emergency while too few witnesses answer goes out, and nothing else does; what is
// owed is open until the witnesses have cosigned what it went by, and a proof of theirs
// then lies beside the package.
func TestALifeDoesNotWaitForTheWitnessesAndTheyAreHeardAfterwards(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.outage(1); err != nil {
		t.Fatal(err)
	}
	out, err := s.rescue(1)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log.all())
	}
	r, err := release.Parse(s.inPackage("k7wq-93_g-1", release.ReleaseFile))
	if err != nil || r.Witnesses != release.Emergency || out.Items != 4 {
		t.Fatalf("%+v, %v", r, err)
	}
	if ordinary, spare := s.holds("k7wq-93_g-1", release.ProofFile); ordinary || !spare {
		t.Fatalf("the proof holds under the log policy: %v, under the emergency policy: %v", ordinary, spare)
	}
	g := s.Grant(2)
	g.Charter = s.gate.Charter().Head
	if _, err := s.released(g); problem.Code(err) != "gate.ledger_unavailable" {
		t.Fatalf("an ordinary release: %v", err)
	}
	for range 2 {
		w := s.status("g-1").UnderEmergency
		if w == nil || !w.Since.IsZero() || w.Due.Sub(w.At) != 72*time.Hour {
			t.Fatalf("what is owed: %+v", w)
		}
		if err := s.gate.Look(ctx); err != nil {
			t.Fatal(err)
		}
		s.reopen() // and it knows it still
	}
	s.Clock.Add(25 * time.Hour)
	if _, err := s.rescue(3); err != nil {
		t.Fatalf("the next life: %v", err)
	}
	s.Journal.Over()
	if err := s.gate.Look(ctx); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"g-1", "g-3"} {
		if w := s.status(id).UnderEmergency; w == nil || w.Since.IsZero() || w.Contradicted {
			t.Fatalf("%s afterwards: %+v", id, w)
		}
		if ordinary, _ := s.holds("k7wq-93_"+id, release.LateProofFile); !ordinary {
			t.Errorf("%s: the later proof does not hold", id)
		}
		if f, _, err := s.gate.Fetch(ctx, id, release.LateProofFile, "the desk"); err != nil {
			t.Error(err)
		} else {
			f.Close()
		}
	}
	s.Clock.Add(25 * time.Hour)
	last := s.Grant(4)
	last.Charter = s.gate.Charter().Head
	if _, err := s.released(last); err != nil {
		t.Fatalf("an ordinary release afterwards: %v", err)
	}
	if _, _, err := s.gate.Fetch(ctx, "g-4", release.LateProofFile, "the desk"); problem.Code(err) != "gate.no_file" {
		t.Errorf("an ordinary package has a later proof: %v", err)
	}
}

// While what is owed is open, a grant that the journal held before is refused in its own
// words, and not as if something had been restored.
func TestAnOrdinaryReleaseWaitsForWhatIsOwed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.spared(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.rescue(1); err != nil {
		t.Fatal(err)
	}
	s.Clock.Add(25 * time.Hour)
	g := s.Grant(2)
	g.Charter = s.gate.Charter().Head
	s.journaled(g)
	s.Journal.Hurried = true
	s.Journal.Outage(2)
	if _, err := s.rescue(3); err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(g); problem.Code(err) != "gate.witnesses_behind" || s.status("g-2").State != gate.Offered {
		t.Fatal(err)
	}
}

func TestAnEmergencyWhileTheWitnessesAnswerRestsOnAllOfThem(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.spared(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.rescue(1); err != nil {
		t.Fatal(err)
	}
	r, err := release.Parse(s.inPackage("k7wq-93_g-1", release.ReleaseFile))
	if ordinary, _ := s.holds("k7wq-93_g-1", release.ProofFile); err != nil || r.Witnesses != release.Ordinary || !ordinary {
		t.Fatalf("%+v, %v", r, err)
	}
	if w := s.status("g-1").UnderEmergency; w != nil || s.Journal.Calls["EmergencyProof"] != 0 {
		t.Fatalf("%+v", w)
	}
}

// They fall silent between the first item and the last: what was begun goes out.
func TestWitnessesThatFallSilentWhileItIsCollectedStopNoRescue(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.spared(); err != nil {
		t.Fatal(err)
	}
	s.store.Before = func(i int) error {
		if i == 1 {
			s.Journal.Hurried = true
			s.Journal.Outage(1)
		}
		return nil
	}
	if _, err := s.rescue(1); err != nil {
		t.Fatal(err)
	}
	r, err := release.Parse(s.inPackage("k7wq-93_g-1", release.ReleaseFile))
	ordinary, spare := s.holds("k7wq-93_g-1", release.ProofFile)
	if err != nil || r.Witnesses != release.Ordinary || ordinary || !spare || s.status("g-1").UnderEmergency == nil {
		t.Fatalf("%+v, %v, %v, %v", r, ordinary, spare, err)
	}
}

// One person takes another off the roster, whose key is stolen. That alone stops no
// rescue.
func TestARemovalStopsNoRescue(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.outage(1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.statement(grant.Statement{Removed: []string{"emil"}}, "dan"); err != nil {
		t.Fatal(err)
	}
	g, err := s.called(1)
	if err != nil {
		t.Fatal(err)
	}
	g.Drafter = "dan"
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
}

// Whatever a crash leaves of a rescue: what is visible is known to rest on too few
// witnesses, and what rested on them is known although nothing is visible.
func TestWhereverARescueEndsItIsKnownWhatIsOwed(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.outage(1); err != nil {
		t.Fatal(err)
	}
	type image struct{ line, dir string }
	var images []image
	taken := false
	s.gate.SetHook(func(kind string) {
		taken = taken || kind == "under-emergency"
		if taken {
			dir := filepath.Join(t.TempDir(), "gate")
			if err := os.CopyFS(dir, os.DirFS(s.dir)); err != nil {
				t.Error(err)
			}
			images = append(images, image{kind, dir})
		}
	})
	if _, err := s.rescue(1); err != nil {
		t.Fatal(err)
	}
	s.gate.Close()
	visible := 0
	for _, m := range images {
		s.dir = m.dir
		s.open()
		w := s.status("g-1").UnderEmergency
		if w == nil || !w.Since.IsZero() {
			t.Errorf("after %s: %+v", m.line, w)
		}
		if len(s.out()) > 0 {
			visible++
		}
		if s.staging() > 0 {
			t.Errorf("after %s something is left in the making", m.line)
		}
		s.gate.Close()
	}
	if len(images) < 8 || visible < 2 || visible == len(images) {
		t.Errorf("%d images, %d with a package", len(images), visible)
	}
}

// A crash between the record's line and the file: the next look brings it.
func TestALaterProofThatACrashTookComesAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.outage(1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.rescue(1); err != nil {
		t.Fatal(err)
	}
	s.Journal.Over()
	var lines []string
	s.gate.SetHook(func(kind string) { lines = append(lines, kind) })
	if err := s.gate.Look(ctx); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(lines, []string{"witnessed", "late-proof"}) {
		t.Errorf("the record has got %v", lines)
	}
	late := filepath.Join(s.dir, "out", "k7wq-93_g-1", release.LateProofFile)
	if err := os.Remove(late); err != nil {
		t.Fatal(err)
	}
	s.reopen()
	if ordinary, _ := s.holds("k7wq-93_g-1", release.LateProofFile); !ordinary {
		t.Error("it is not there")
	}
	n := s.Journal.Calls["Proof"]
	if err := s.gate.Look(ctx); err != nil || s.Journal.Calls["Proof"] != n {
		t.Errorf("the journal is asked again: %v", err)
	}
}
