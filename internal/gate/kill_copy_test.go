package gate_test

import (
	"os"
	"path/filepath"
	"testing"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// actAsChild does with the gate what a test of copies wants done where it is killed.
func actAsChild(t *testing.T, g *gate.Gate, act string) {
	var err error
	switch act {
	case "keep":
		_, err = g.Keep(ctx, "g-1")
	case "preview":
		_, err = g.Preview(ctx, "g-1")
	case "open":
		_, err = g.Release(ctx, "g-3")
	case "longer":
		_, err = g.Keep(ctx, "g-2")
	case "incident":
		dir := os.Getenv("COUNTERSEAL_CHILD_DIR")
		_, err = g.ReportIncident(ctx, grant.Signed{Text: must(os.ReadFile(filepath.Join(dir, "stop"))), Signature: must(os.ReadFile(filepath.Join(dir, "stop.sig")))})
	case "passphrase":
		dir := os.Getenv("COUNTERSEAL_CHILD_DIR")
		_, err = g.TellPassphrase(ctx, grant.Signed{Text: must(os.ReadFile(filepath.Join(dir, "stop"))), Signature: must(os.ReadFile(filepath.Join(dir, "stop.sig")))})
	case "stop":
		text := must(os.ReadFile(filepath.Join(os.Getenv("COUNTERSEAL_CHILD_DIR"), "stop")))
		sig := must(os.ReadFile(filepath.Join(os.Getenv("COUNTERSEAL_CHILD_DIR"), "stop.sig")))
		_, err = g.Stop(ctx, grant.Signed{Text: text, Signature: sig})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAKillWhileACopyIsMadeLeavesItWholeOrNotAtAll(t *testing.T) {
	for _, c := range []struct {
		at   string
		want gate.State
	}{
		{"begun", gate.Interrupted}, {"counter", gate.Interrupted}, {"collecting", gate.Interrupted}, {"sealed", gate.Interrupted},
		{"permit-asked", gate.Interrupted}, {"permitted", gate.Interrupted}, {"publishing", gate.Interrupted}, {"renamed", gate.Kept}, {"visible", gate.Kept},
	} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			g := v.KeepGrant(1)
			if err := errorsOf(v.offered(g), v.approved(g, "anna")); err != nil {
				t.Fatal(err)
			}
			if _, err := v.gate.InForce(ctx, v.InForce("carla", g)); err != nil {
				t.Fatal(err)
			}
			v.gate.Close()
			killed(t, v.child(c.at, "COUNTERSEAL_CHILD_ACT=keep"))
			v.open()
			st, err := v.gate.Status(ctx, "g-1")
			if err != nil || st.State != c.want || v.staging() != 0 {
				t.Fatalf("%+v, %v; staging %d", st, err, v.staging())
			}
			if list, err := v.gate.Interrupted(ctx); err != nil || len(list) != 0 {
				t.Errorf("nothing could have left, and %+v is for a person to look at: %v", list, err)
			}
			data, keys := v.files()
			if c.want == gate.Interrupted {
				if data != 0 || keys != 0 {
					t.Errorf("of what was not made: data %d, keys %d", data, keys)
				}
				v.kept(2) // the gate goes on
				return
			}
			k := v.statedOf(v.aCopyOf(gate.CopyKept))
			if _, err := v.released(v.CopyGrant(3, k)); err != nil || data != 1 || keys != 1 {
				t.Fatalf("%v; data %d, keys %d", err, data, keys)
			}
			if r := v.verified("k7wq-93_g-3", v.Agency); !r.Complete || r.Items != 304 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestAKillWhileACopysEndMovesLeavesTheOldEndOrTheNew(t *testing.T) {
	for at, moved := range map[string]bool{"begun": false, "counter-committed": false, "copy-extended": true} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			c, k := v.kept(1)
			until := v.Clock.Now().Add(80 * day)
			g := v.LongerGrant(2, k, until)
			if err := errorsOf(v.offered(g), v.approved(g, "anna")); err != nil {
				t.Fatal(err)
			}
			if _, err := v.gate.InForce(ctx, v.InForce("carla", g)); err != nil {
				t.Fatal(err)
			}
			v.gate.Close()
			killed(t, v.child(at, "COUNTERSEAL_CHILD_ACT=longer"))
			v.open()
			if !moved {
				until = c.Until
			}
			if got := v.aCopyOf(gate.CopyKept); !got.Until.Equal(until) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestAKillWhileACopyIsDestroyedLeavesItDestroyed(t *testing.T) {
	for _, at := range []string{"stop", "copy-ended", "copy-shredded", "copy-end-logged"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			c, k := v.kept(1)
			s := v.Stop("dan", "copy "+c.Copy)
			if err := errorsOf(os.WriteFile(filepath.Join(v.base, "stop"), s.Text, 0o600), os.WriteFile(filepath.Join(v.base, "stop.sig"), s.Signature, 0o600)); err != nil {
				t.Fatal(err)
			}
			v.gate.Close()
			killed(t, v.child(at, "COUNTERSEAL_CHILD_ACT=stop"))
			v.open()
			if data, keys := v.files(); data != 0 || keys != 0 {
				t.Errorf("data %d, keys %d", data, keys)
			}
			v.aCopyOf(gate.CopyEnded)
			end, err := v.gate.EndDigest(grant.Digest(gatetest.Facts(k).Statement))
			if err != nil || !v.Journal.Holds(end) {
				t.Errorf("the journal was not told: %v", err)
			}
		})
	}
}

// A backup of the whole folder is older than what the journal knows: the copy that it
// brings back is destroyed at the start, although the record holds it as kept.
func TestARestoredFolderBringsNoCopyBack(t *testing.T) {
	for name, between := range map[string]func(*scene, gate.Copy) error{
		"that a person ended": func(s *scene, c gate.Copy) error { return stopBy("dan", "copy "+c.Copy)(s) },
		"that expired": func(s *scene, _ gate.Copy) error {
			s.Clock.Add(60 * day)
			s.aCopyOf(gate.CopyEnded)
			s.Clock.Add(-30 * day) // whoever restores it sets the clock back too
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			c, k := s.kept(1)
			old := s.saved()
			if err := between(s, c); err != nil {
				t.Fatal(err)
			}
			s.restored(old)
			if data, keys := s.files(); data != 0 || keys != 0 {
				t.Errorf("at the start: data %d, keys %d", data, keys)
			}
			if got := s.aCopyOf(gate.CopyEnded); got.Why != "journal" {
				t.Errorf("%+v", got)
			}
			if _, err := s.released(s.CopyGrant(2, k)); problem.Code(err) != "gate.copy_ended" {
				t.Error(err)
			}
		})
	}
}

// A restored gate is not asked for its time: what has expired by its own clock goes.
func TestARestoredGateDestroysWhatHasExpired(t *testing.T) {
	s := newScene(t)
	s.kept(1)
	old := s.saved()
	if err := stopBy("dan", "demand k7wq-93")(s); err != nil {
		t.Fatal(err)
	}
	s.Clock.Add(61 * day)
	s.restored(old)
	if data, keys := s.files(); data != 0 || keys != 0 {
		t.Errorf("data %d, keys %d", data, keys)
	}
	s.aCopyOf(gate.CopyEnded)
}

func TestAFolderThatFailsWhileACopyIsMadeKeepsNothing(t *testing.T) {
	for name, c := range map[string]struct{ at, part string }{
		"copykeys is gone before the first item": {"collecting", "copykeys"},
		"staging is gone before the first item":  {"collecting", "staging"},
		"staging is gone after sealing":          {"sealed", "staging"},
		"copies is gone before the copy is":      {"publishing", "copies"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			g := s.KeepGrant(1)
			if err := errorsOf(s.offered(g), s.approved(g, "anna")); err != nil {
				t.Fatal(err)
			}
			if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(s.dir, c.part)
			s.gate.SetHook(func(kind string) {
				if kind == c.at {
					if err := os.Rename(dir, dir+"-away"); err != nil {
						t.Error(err)
					}
				}
			})
			_, err := s.gate.Keep(ctx, "g-1")
			if rerr := os.Rename(dir+"-away", dir); rerr != nil {
				t.Fatal(rerr)
			}
			if problem.Code(err) != "gate.damaged" {
				t.Fatal(err)
			}
			s.reopen()
			if data, keys := s.files(); data != 0 || keys != 0 || s.staging() != 0 {
				t.Errorf("data %d, keys %d, staging %d", data, keys, s.staging())
			}
			s.kept(2)
		})
	}
}
