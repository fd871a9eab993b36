package gate_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// wider asks for two months more than any grant of these tests.
func wider() scope.Scope {
	m := gatetest.Mail("acct-a1")
	m.Until = m.Until.AddDate(0, 2, 0)
	return scopeOf(m)
}

// february leaves one item in the store that only broken filters give.
func february(s *gatetest.Store) {
	feb := time.Date(2031, 2, 12, 8, 0, 0, 0, time.UTC)
	jan := gatetest.Mail("acct-a1").From
	s.Held = append(s.Held[:0:0], gatetest.Message("acct-a1", "first", jan, jan, 100), gatetest.Message("acct-a1", "second", jan, jan, 100),
		gatetest.Message("acct-a1", "the-last", feb, feb, 100))
	s.Gaps = nil
}

func (s *scene) quarantined(g grant.Grant) (files []string) {
	s.t.Helper()
	entries, err := os.ReadDir(filepath.Join(s.dir, "quarantine", g.Digest().String()))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		files = append(files, e.Name())
	}
	return files
}

func (s *scene) recorded() string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.dir, "record"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// keptApart holds what must be true of a release that was caught, now and after each
// start.
func (s *scene) keptApart(g grant.Grant, want ...string) {
	s.t.Helper()
	if got := strings.Join(s.quarantined(g), " "); got != strings.Join(want, " ") {
		s.t.Fatalf("kept apart are %s", got)
	}
	list, err := os.ReadFile(filepath.Join(s.dir, "quarantine", g.Digest().String(), "outside.jsonl"))
	if err != nil {
		s.t.Fatal(err)
	}
	var row struct{ Ref, Account, Service, Category, Verdict string }
	if err := json.Unmarshal(list, &row); err != nil || len(row.Ref) != 32 || row.Account != "acct-a1" || row.Category != "content" || row.Verdict != "outside" {
		s.t.Fatalf("the list is %s, %v", list, err)
	}
	access, err := os.ReadFile(filepath.Join(s.dir, "access", g.Digest().String()+".jsonl"))
	if err != nil || len(access) > 0 && strings.Count(string(access), row.Ref) != 1 {
		s.t.Errorf("the access file does not name what was outside: %v", err)
	}
	sum := sha256.Sum256(list)
	if record := s.recorded(); !strings.Contains(record, hex.EncodeToString(sum[:])) || !strings.Contains(record, `"outside":1,`) {
		s.t.Error("the record does not hold the list's digest")
	}
	if len(s.out()) != 0 || s.staging() != 0 || s.docket.asked != 0 || s.docket.keeps != 0 {
		s.t.Errorf("out %v, staging %d, docket asked %d", s.out(), s.staging(), s.docket.asked)
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Refused || st.Code != "gate.overproduced" {
		s.t.Fatalf("%+v, %v", st, err)
	}
	for _, file := range append(want, release.ReleaseFile) {
		if _, _, err := s.gate.Fetch(ctx, "g-1", file, "the desk"); err == nil {
			s.t.Errorf("%s is served", file)
		}
	}
}

func TestWhatBrokenFiltersPackIsCaughtBeforeItIsSignedAndKeptApart(t *testing.T) {
	s := newScene(t)
	february(s.store)
	s.gate.BreakFilters(wider())
	g := s.Grant(1)
	if _, err := s.released(g); problem.Code(err) != "gate.overproduced" {
		t.Fatal(err)
	}
	s.keptApart(g, "outside.jsonl", release.PackageFile)
	if !strings.Contains(s.log.all(), `"level":"ERROR","msg":"overproduced"`) || strings.Contains(s.log.all(), "the-last") {
		t.Errorf("the log:\n%s", s.log.all())
	}
	s.reopen()
	s.keptApart(g, "outside.jsonl", release.PackageFile)
	if _, err := s.gate.Release(ctx, "g-1"); problem.Code(err) != "gate.overproduced" {
		t.Fatal(err)
	}
	if _, err := s.released(s.Grant(2)); err != nil {
		t.Fatalf("a gate that filters: %v", err)
	}
}

// A copy has one filter, so the second pass is all that stands behind it.
func TestACopyBeyondItsGrantIsCaughtAndItsKeyDestroyed(t *testing.T) {
	s := newScene(t)
	february(s.store)
	s.gate.BreakFilters(wider())
	g := s.KeepGrant(1)
	if _, err := s.keep(g); problem.Code(err) != "gate.overproduced" {
		t.Fatal(err)
	}
	s.keptApart(g, "copy.age", "outside.jsonl")
	keys, err := os.ReadDir(filepath.Join(s.dir, "copykeys"))
	if err != nil || len(keys) != 0 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
	s.reopen()
	s.keptApart(g, "copy.age", "outside.jsonl")
}

// What the index does not list was not judged again, so it does not leave.
func TestAPackageWithMoreThanItsIndexIsOverProduced(t *testing.T) {
	s := newScene(t)
	s.gate.Forget("in-acct-a1-2")
	g := s.Grant(1)
	if _, err := s.released(g); problem.Code(err) != "gate.overproduced" || len(s.out()) != 0 {
		t.Fatal(err, s.out())
	}
	if got := s.quarantined(g); len(got) != 2 || !strings.Contains(s.recorded(), `"outside":0,"unlisted":1,`) {
		t.Fatalf("kept apart are %v", got)
	}
}

// A scope that names people is judged by them the second time, too.
func TestTheSecondPassKnowsWhoTookPart(t *testing.T) {
	s := newScene(t)
	jan := gatetest.Mail("acct-a1").From
	one, other := gatetest.Message("acct-a1", "one", jan, jan, 10), gatetest.Message("acct-a1", "other", jan, jan, 10)
	one.Participants, other.Participants = []string{"zoe@elsewhere.example", "bea@lindworm.example"}, []string{"zoe@elsewhere.example"}
	s.store.Held, s.store.Gaps = append(s.store.Held[:0:0], one, other), nil
	sel := gatetest.Mail("acct-a1")
	sel.Participants = []string{"bea@lindworm.example"}
	narrow := func(n byte) grant.Grant {
		g := s.Grant(n)
		g.Scope = scopeOf(sel)
		return g
	}
	if out, err := s.released(narrow(1)); err != nil || out.Items != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	s.gate.BreakFilters(wider())
	if _, err := s.released(narrow(2)); problem.Code(err) != "gate.overproduced" {
		t.Fatal(err)
	}
}

func TestACrashAfterOverProductionWasFoundKeepsItApart(t *testing.T) {
	for _, at := range []string{"overproduced", "quarantined", "ended"} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			v := waiting(t)
			killed(t, v.child(at, "COUNTERSEAL_CHILD_BREAKS=1"))
			v.open()
			v.keptApart(v.grant, "outside.jsonl", release.PackageFile)
			v.reopen()
			v.keptApart(v.grant, "outside.jsonl", release.PackageFile)
			if list, err := v.gate.Interrupted(ctx); err != nil || len(list) != 0 {
				t.Errorf("nothing could have left, and %+v is for a person to look at: %v", list, err)
			}
			if _, err := v.released(v.Grant(2)); err != nil {
				t.Errorf("the next grant: %v", err)
			}
		})
	}
}

// Before it is in the record it is a release that was interrupted.
func TestACrashBeforeOverProductionWasFoundLeavesNothing(t *testing.T) {
	v := waiting(t)
	c := v.child("collecting", "COUNTERSEAL_CHILD_BREAKS=1")
	c.Wait()
	if s, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || s.Signal() != syscall.SIGKILL {
		t.Fatal(c.ProcessState)
	}
	if got := v.sound(); got != gate.Interrupted {
		t.Error(got)
	}
}
