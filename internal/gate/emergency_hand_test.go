package gate_test

import (
	"slices"
	"testing"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// collected takes an export to the gate, of which there are several of one demand.
func (s *scene) collected(how string) grant.Export {
	s.t.Helper()
	e, files := s.Collected()
	e.How = how
	if err := s.brought("emil", e, files); err != nil {
		s.t.Fatal(err)
	}
	return e
}

// rescueByHand goes the whole way with a call, in the emergency lane, with an export.
func (s *scene) rescueByHand(n byte, e grant.Export) (gate.Outcome, error) {
	s.t.Helper()
	life, err := s.called(n)
	if err != nil {
		s.t.Fatal(err)
	}
	g := s.HandGrant(n, e)
	g.Emergency, g.Caller, g.Call, g.Recipient, g.Charter = true, life.Caller, life.Call, life.Recipient, life.Charter
	return s.released(g)
}

// waits says that the gate keeps an export for the next grant.
func (s *scene) waits(e grant.Export) bool {
	s.t.Helper()
	list, err := s.gate.Exports(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	facts, err := e.Facts()
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.ContainsFunc(list, func(x gate.Export) bool { return x.Export == facts.Manifest.String() && x.Kept })
}

// What a person collected goes to a rescue under the emergency policy as what the gate
// collects does, and to nothing else; past the limit it waits, whole, and leaves once the
// witnesses are heard.
func TestALifeIsAnsweredByHandUnderTheEmergencyPolicyAndNotPastItsLimit(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.outage(1); err != nil {
		t.Fatal(err)
	}
	out, err := s.rescueByHand(1, s.collected("the first"))
	if err != nil || out.Collection != "by-hand" || out.Items != 3 {
		t.Fatalf("%+v, %v\n%s", out, err, s.log.all())
	}
	r, err := release.Parse(s.inPackage("k7wq-93_g-1", release.ReleaseFile))
	if ordinary, spare := s.holds("k7wq-93_g-1", release.ProofFile); err != nil || r.Witnesses != release.Emergency || ordinary || !spare {
		t.Fatalf("%+v, %v; the proof holds under the log policy: %v, under the emergency policy: %v", r, err, ordinary, spare)
	}

	second := s.collected("the second")
	g := s.HandGrant(2, second)
	g.Charter = s.gate.Charter().Head
	if _, err := s.released(g); problem.Code(err) != "gate.ledger_unavailable" || !s.waits(second) {
		t.Fatalf("an ordinary grant by hand: %v; its export waits: %v", err, s.waits(second))
	}
	s.Clock.Add(73 * time.Hour)
	if _, err := s.rescueByHand(3, second); problem.Code(err) != "gate.emergency_overdue" || !s.waits(second) {
		t.Fatalf("past the limit: %v; its export waits: %v", err, s.waits(second))
	}
	if names := s.out(); !slices.Equal(names, []string{"k7wq-93_g-1"}) {
		t.Fatalf("left: %v", names)
	}

	s.Journal.Over()
	if err := s.gate.Look(ctx); err != nil {
		t.Fatal(err)
	}
	if ordinary, _ := s.holds("k7wq-93_g-1", release.LateProofFile); !ordinary {
		t.Error("the later proof does not hold")
	}
	if _, err := s.rescueByHand(4, second); err != nil || s.waits(second) {
		t.Fatalf("once they are heard: %v; its export still waits: %v", err, s.waits(second))
	}
	if ordinary, _ := s.holds("k7wq-93_g-4", release.ProofFile); !ordinary || s.status("g-4").UnderEmergency != nil {
		t.Error("it rests on less than the log policy")
	}
}

// Once the quorum has taken the emergency policy back, what a person collected for a life
// waits for all witnesses.
func TestAnEmergencyPolicyThatWasTakenBackLetsNothingThatWasCollectedByHandLeave(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.spared(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.statement(grant.Statement{Emergency: grant.Withdrawn()}, "anna", "bo", "carla"); err != nil {
		t.Fatal(err)
	}
	e := s.collected("its own export")
	s.Journal.Hurried = true
	s.Journal.Outage(1)
	if _, err := s.rescueByHand(1, e); problem.Code(err) != "gate.ledger_unavailable" || !s.waits(e) || len(s.out()) != 0 || s.status("g-1").UnderEmergency != nil {
		t.Fatalf("%v; its export waits: %v", err, s.waits(e))
	}
	s.Journal.Over()
	if _, err := s.rescueByHand(2, e); err != nil {
		t.Fatal(err)
	}
}
