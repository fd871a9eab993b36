package gate_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// saved copies the gate's folder; restored puts the copy in its place.
func (s *scene) saved() string {
	s.t.Helper()
	s.gate.Close()
	dst := s.t.TempDir()
	if err := os.CopyFS(dst, os.DirFS(s.dir)); err != nil {
		s.t.Fatal(err)
	}
	s.open()
	return dst
}

func (s *scene) restored(from string) {
	s.t.Helper()
	s.gate.Close()
	s.dir = from
	s.open()
}

func TestAnOlderFolderIsNoticedAndReleasesNothing(t *testing.T) {
	for name, between := range map[string]func(*scene) error{
		"after a release":   func(s *scene) error { _, err := s.gate.Release(ctx, "g-1"); return err },
		"after a stop":      stopBy("dan", "demand k7wq-93"),
		"after a statement": func(s *scene) error { return removed(s, "frida") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.mustReady(s.Grant(1))
			old := s.saved()
			if err := between(s); err != nil {
				t.Fatal(err)
			}
			s.restored(old)
			for _, id := range []string{"g-1"} {
				if _, err := s.gate.Release(ctx, id); problem.Code(err) != "gate.restored" {
					t.Fatalf("release: %v", err)
				}
			}
			if len(s.out()) != 0 {
				t.Fatalf("visible: %v", s.out())
			}
			// A stop still counts, and the way back is a new gate.
			if err := stopBy("carla", "everything")(s); err != nil {
				t.Fatal(err)
			}
			st, err := s.gate.Status(ctx, "g-1")
			if err != nil || !slices.Contains(st.Obstacles, "gate.restored") {
				t.Fatalf("%+v, %v", st, err)
			}
		})
	}
}

func removed(s *scene, person string) error {
	text, sigs := s.Next(statementRemoving(person), s.gate.Charter(), "anna")
	_, err := s.gate.ExtendCharter(ctx, text, sigs)
	return err
}

// This is the limit that doc.go states: who restores the folder and also rules
// the journal's keeper is not noticed. It shows that the counter, and nothing
// else, is what notices.
func TestAnOlderFolderPassesOnlyWithAKeeperThatLies(t *testing.T) {
	s := newScene(t)
	s.mustReady(s.Grant(1))
	old := s.saved()
	n, _, err := s.Journal.Counter(ctx, "gate-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.Release(ctx, "g-1"); err != nil {
		t.Fatal(err)
	}
	s.Journal.Forget("gate-1", int(n))
	s.restored(old)
	if _, err := s.gate.Release(ctx, "g-1"); err != nil {
		t.Fatalf("refused by something else than the counter: %v", err)
	}
}

func TestACopyOfTheFolderThatRunsElsewhereIsNoticed(t *testing.T) {
	s := newScene(t)
	s.mustReady(s.Grant(1))
	s.mustReady(s.Grant(2))
	second := *s
	second.dir = s.saved()
	second.open() // both agree with the journal now
	if _, err := second.gate.Release(ctx, "g-1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.Release(ctx, "g-2"); problem.Code(err) != "gate.restored" {
		t.Fatalf("the first: %v", err)
	}
	if len(s.out()) != 0 {
		t.Fatalf("visible: %v", s.out())
	}
	if _, err := s.gate.Release(ctx, "g-1"); problem.Code(err) != "gate.restored" {
		t.Fatalf("the first, again: %v", err)
	}
	s.reopen()
	if _, err := s.gate.Release(ctx, "g-1"); problem.Code(err) != "gate.restored" {
		t.Fatalf("the first, after a restart: %v", err)
	}
}

func TestAJournalThatForgetsACounterIsNoticed(t *testing.T) {
	s := newScene(t)
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	s.Journal.Forget("gate-1", 0)
	s.reopen()
	if _, err := s.released(s.Grant(2)); problem.Code(err) != "gate.log_rolled_back" {
		t.Fatal(err)
	}
	if _, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "x"); problem.Code(err) != "gate.log_rolled_back" {
		t.Fatalf("fetch: %v", err)
	}
}

func TestADamagedFolderIsNotOpened(t *testing.T) {
	s := newScene(t)
	if err := stopBy("dan", "account acct-c3")(s); err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	whole := s.saved()
	s.gate.Close()
	for name, c := range map[string]struct {
		file   string
		change func([]byte) []byte
	}{
		"an edited line":     {"record", func(b []byte) []byte { return bytes.Replace(b, []byte(`"stop"`), []byte(`"stap"`), 1) }},
		"a line taken out":   {"record", func(b []byte) []byte { return slices.Concat(bytes.SplitAfter(b, []byte("\n"))[2:]...) }},
		"no record":          {"record", nil},
		"an empty record":    {"record", func([]byte) []byte { return []byte{} }},
		"an edited charter":  {"charter/1.txt", func(b []byte) []byte { return bytes.Replace(b, []byte("quorum=3"), []byte("quorum=2"), 1) }},
		"no charter":         {"charter/1.txt", nil},
		"a signature gone":   {"charter/1.3.sig", nil},
		"a signature edited": {"charter/1.2.sig", func(b []byte) []byte { return b[:100] }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, c.file)
			if c.change == nil {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			} else {
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, c.change(b), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cfg := s.config()
			cfg.Dir = dir
			g, err := gate.Open(ctx, cfg)
			if problem.Code(err) != "gate.record_damaged" {
				t.Fatalf("%v", err)
			}
			if g != nil {
				t.Fatal("a damaged gate was opened")
			}
		})
	}
}

// Whole lines cut from the end leave a record that reads well; the journal knows
// better. A line cut in the middle is what a crash leaves.
func TestLinesCutFromTheEndAreNoticed(t *testing.T) {
	s := newScene(t)
	s.mustReady(s.Grant(1))
	if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
		t.Fatal(err)
	}
	s.gate.Close()
	path := filepath.Join(s.dir, "record")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(bytes.TrimSuffix(whole, []byte("\n")), []byte("\n"))
	at := slices.IndexFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(`"kind":"stop"`)) })
	for n := at; n < len(lines)-1; n++ {
		if err := os.WriteFile(path, slices.Concat(lines[:n]...), 0o600); err != nil {
			t.Fatal(err)
		}
		s.open()
		_, err := s.gate.Release(ctx, "g-1")
		if code := problem.Code(err); code != "gate.restored" && (n <= at || code != "gate.stopped") {
			t.Errorf("%d of %d lines: %v", n, len(lines), err)
		}
		s.gate.Close()
	}
}

func TestAPackageThatTheRecordDoesNotKnowBlocksTheGate(t *testing.T) {
	for name, plant := range map[string]func(*scene) error{
		"one too many": func(s *scene) error { return os.Mkdir(filepath.Join(s.dir, "out", "k7wq-93_g-9"), 0o700) },
		"in the place of one that was not released": func(s *scene) error {
			return os.Mkdir(filepath.Join(s.dir, "out", "k7wq-93_g-2"), 0o700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			if _, err := s.released(s.Grant(1)); err != nil {
				t.Fatal(err)
			}
			s.mustReady(s.Grant(2))
			s.gate.Close()
			if err := plant(s); err != nil {
				t.Fatal(err)
			}
			s.open()
			if _, err := s.gate.Release(ctx, "g-2"); problem.Code(err) != "gate.record_damaged" {
				t.Fatal(err)
			}
			if _, _, err := s.gate.Fetch(ctx, "g-1", release.ReleaseFile, "x"); problem.Code(err) != "gate.record_damaged" {
				t.Fatal(err)
			}
		})
	}
}

func TestOneFolderHasOneProcess(t *testing.T) {
	s := newScene(t)
	_, err := gate.Open(ctx, s.config())
	if problem.Code(err) != "gate.busy" {
		t.Fatal(err)
	}
	s.reopen()
}

func TestAGateWaitsForTheJournalBeforeAnythingLeavesButTakesStopsAtOnce(t *testing.T) {
	s := newScene(t)
	if _, err := s.released(s.Grant(1)); err != nil {
		t.Fatal(err)
	}
	s.cfg = hasty
	s.Journal.Hang = true
	s.reopen()
	if _, _, err := s.gate.Fetch(ctx, "g-1", release.ReleaseFile, "x"); problem.Code(err) != "gate.ledger_unavailable" {
		t.Fatalf("fetch: %v", err)
	}
	begin := time.Now()
	if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a stop took %v", took)
	}
	// A removal holds as well, an addition waits.
	if err := removed(s, "frida"); err != nil {
		t.Fatal(err)
	}
	p := *s.First.Policy
	p.PerDay++
	text, sigs := s.Next(statementOf(p), s.gate.Charter(), "anna", "bo", "carla")
	if _, err := s.gate.ExtendCharter(ctx, text, sigs); problem.Code(err) != "gate.ledger_unavailable" {
		t.Fatalf("an addition: %v", err)
	}
	s.Journal.Lock()
	s.Journal.Hang = false
	s.Journal.Unlock()
	if _, err := s.gate.ExtendCharter(ctx, text, sigs); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.gate.Fetch(ctx, "g-1", release.ReleaseFile, "x"); problem.Code(err) != "gate.stopped" {
		t.Fatalf("fetch: %v", err)
	}
}

func TestARefusalAfterTheBeginningIsToldAgainAfterARestart(t *testing.T) {
	s := newScene(t)
	s.docket.refuse = problem.New(problem.Refused, "release.stayed", "a stay stands")
	_, first := s.released(s.Grant(1))
	s.docket.refuse = nil
	for range 2 {
		_, err := s.gate.Release(ctx, "g-1")
		if err == nil || err.Error() != first.Error() {
			t.Fatalf("first %v, then %v", first, err)
		}
		s.reopen()
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Refused || st.Code != "gate.not_permitted" || s.docket.asked != 1 {
		t.Fatalf("%+v, %v", st, err)
	}
	if !strings.Contains(first.Error(), "release.stayed") {
		t.Errorf("the docket's code is lost: %v", first)
	}
	if list, err := s.gate.Interrupted(ctx); err != nil || len(list) != 0 {
		t.Errorf("a refusal is no interruption: %v, %v", list, err)
	}
}
