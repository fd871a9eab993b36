package gate_test

import (
	"slices"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// spareTerms let a gate wait a second, and what is owed be three days late.
func (s *scene) spareTerms() *grant.Emergency {
	return &grant.Emergency{Log: s.Journal.SpareLines(), Wait: time.Second, Late: 72 * time.Hour}
}

// spared gives the charter an emergency policy.
func (s *scene) spared() error {
	_, err := s.statement(grant.Statement{Emergency: s.spareTerms()}, "anna", "bo", "carla")
	return err
}

// outage begins once the charter has its emergency policy: of the witnesses only these
// answer, and the office says so at once.
func (s *scene) outage(only ...int) error {
	err := s.spared()
	s.Journal.Hurried = true
	s.Journal.Outage(only...)
	return err
}

// rescue goes the whole way with a call, in the emergency lane.
func (s *scene) rescue(n byte) (gate.Outcome, error) {
	g, err := s.called(n)
	if err != nil {
		return gate.Outcome{}, err
	}
	return s.released(g)
}

func (s *scene) called(n byte) (grant.Grant, error) {
	c := s.Call()
	c.Key = ""
	if _, err := s.gate.Called(ctx, s.Word(c.Caller, c)); err != nil {
		return grant.Grant{}, err
	}
	g := s.EmergencyGrant(n, c)
	g.Recipient, g.Charter = s.Agency.Recipient().String(), s.gate.Charter().Head
	return g, nil
}

// inOutage rescues after something happened, while the second witness alone answers.
func inOutage(happen func(s *scene) error) func(*scene) error {
	return func(s *scene) error {
		if err := s.outage(1); err != nil {
			return err
		}
		if err := happen(s); err != nil {
			return err
		}
		_, err := s.rescue(1)
		return err
	}
}

// afterOne rescues a second time after something happened.
func afterOne(happen func(s *scene) error) func(*scene) error {
	return func(s *scene) error {
		if err := inOutage(func(*scene) error { return nil })(s); err != nil {
			s.t.Fatal(err)
		}
		if err := happen(s); err != nil {
			return err
		}
		_, err := s.rescue(2)
		return err
	}
}

var emergencyAttacks = []attack{
	{name: "an ordinary grant while too few witnesses answer", code: "gate.ledger_unavailable", without: "emergency-lane", run: func(s *scene) error {
		if err := s.outage(1); err != nil {
			return err
		}
		g := s.Grant(1)
		g.Charter = s.gate.Charter().Head
		_, err := s.released(g)
		return err
	}},
	{name: "an emergency, and no emergency policy in the charter", code: "gate.ledger_unavailable", run: func(s *scene) error {
		s.Journal.Hurried = true
		s.Journal.Outage(1)
		_, err := s.rescue(1)
		return err
	}},
	{name: "an emergency policy that was taken back", code: "gate.ledger_unavailable", run: inOutage(func(s *scene) error {
		s.Journal.Over()
		_, err := s.statement(grant.Statement{Emergency: grant.Withdrawn()}, "anna", "bo", "carla")
		s.Journal.Outage(1)
		return err
	})},
	{name: "an emergency policy made for the occasion", code: "gate.ledger_unavailable", without: "emergency-statement", run: func(s *scene) error {
		s.Journal.Hurried = true
		s.Journal.Outage(1)
		if err := s.spared(); err != nil {
			return err
		}
		_, err := s.rescue(1)
		return err
	}},
	{name: "a statement of the charter that one witness alone has seen", code: "gate.ledger_unavailable", without: "emergency-statement", run: inOutage(func(s *scene) error {
		_, err := s.statement(grant.Statement{Agencies: s.First.Agencies}, "anna", "bo", "carla")
		return err
	})},
	{name: "the provider's own witness alone", code: "gate.unwitnessed", run: func(s *scene) error {
		if err := s.outage(0); err != nil {
			return err
		}
		_, err := s.rescue(1)
		return err
	}},
	{name: "no witness at all", code: "gate.unwitnessed", run: func(s *scene) error {
		if err := s.outage(); err != nil {
			return err
		}
		_, err := s.rescue(1)
		return err
	}},
	{name: "an emergency policy that names this gate's own witness", code: "charter.emergency", without: "emergency-own", run: inOutage(func(*scene) error { return nil }),
		config: func(c *gate.Config) { c.OwnWitness = "witness-2.example" }},
	{name: "an emergency policy as strong as the log policy", code: "charter.emergency", run: naming(func(s *scene, e *grant.Emergency) { e.Log = s.Journal.PolicyLines() })},
	{name: "an emergency policy of another log", code: "charter.emergency", run: naming(func(_ *scene, e *grant.Emergency) { e.Log = gatetest.NewJournal(time.Now).SpareLines() })},
	{name: "an emergency policy that cannot be read", code: "charter.emergency", run: naming(func(_ *scene, e *grant.Emergency) { e.Log = e.Log[1:] })},
	{name: "an office that hides the proof and shows the checkpoint", code: "gate.emergency_needless", without: "emergency-needless", visible: 1, run: func(s *scene) error {
		if err := s.spared(); err != nil {
			return err
		}
		if _, err := s.rescue(2); err != nil { // the statement is proven
			return err
		}
		s.Journal.Withhold, s.Journal.Hurried = true, true
		_, err := s.rescue(1)
		return err
	}},
	{name: "a second rescue, four days after the first, of which the witnesses know nothing", code: "gate.emergency_overdue", without: "emergency-overdue", visible: 1, run: afterOne(func(s *scene) error {
		s.Clock.Add(73 * time.Hour)
		return nil
	})},
	{name: "another journal for the one witness that answers", code: "gate.log_forked", without: "continuity", run: func(s *scene) error {
		if err := s.outage(1); err != nil {
			return err
		}
		s.Journal.Other = s.Journal.Copy()
		s.Journal.Other.Add([32]byte{6})
		s.Journal.Add([32]byte{7})
		_, err := s.rescue(1)
		return err
	}},
	{name: "a journal from before the first rescue, for the second", code: "gate.log_forked", without: "continuity", visible: 1, run: func(s *scene) error {
		var other *gatetest.Journal
		if err := inOutage(func(s *scene) error { other = s.Journal.Copy(); return nil })(s); err != nil {
			return err
		}
		for i := byte(0); other.Size() < s.Journal.Size(); i++ {
			other.Add([32]byte{3, i})
		}
		s.Journal.Other = other
		_, err := s.rescue(2)
		return err
	}},
	{name: "the emergency checkpoint of the first rescue as the newest one", code: "gate.log_rolled_back", without: "continuity", visible: 2, run: func(s *scene) error {
		var old []byte
		return afterOne(func(s *scene) error {
			var err error
			old, err = s.Journal.EmergencyCheckpoint(ctx)
			if err != nil {
				return err
			}
			s.Journal.Add([32]byte{4})
			if _, err := s.rescue(3); err != nil {
				s.t.Fatal(err)
			}
			s.Clock.Add(25 * time.Hour) // the accounts of one day
			s.Journal.Stale = old
			return nil
		})(s)
	}},
	{name: "another journal that all have cosigned, while a second rescue runs", code: "gate.emergency_contradicted", without: "continuity", visible: 1, run: func(s *scene) error {
		var other *gatetest.Journal
		if err := inOutage(func(s *scene) error { other = s.Journal.Copy(); return nil })(s); err != nil {
			return err
		}
		other.Add([32]byte{8})
		s.Journal.Show(other)
		_, err := s.rescue(2)
		return err
	}},
	{name: "an emergency checkpoint that was cosigned yesterday", code: "gate.clock_witnesses", without: "witness-clock", run: inOutage(func(s *scene) error {
		s.Journal.Cosigned[1] = func(t time.Time) time.Time { return t.Add(-24 * time.Hour) }
		return nil
	})},
	{name: "a statement about the policy by one person", code: "charter.quorum", run: func(s *scene) error {
		_, err := s.statement(grant.Statement{Emergency: s.spareTerms(), Removed: []string{"frida"}}, "anna")
		return err
	}},
}

// naming hands the gate a policy that was changed.
func naming(change func(s *scene, e *grant.Emergency)) func(*scene) error {
	return func(s *scene) error {
		e := s.spareTerms()
		change(s, e)
		_, err := s.statement(grant.Statement{Emergency: e}, "anna", "bo", "carla")
		return err
	}
}

func TestEveryEmergencyCheckHasAnAttackThatOnlyItRefuses(t *testing.T) {
	for _, name := range gate.SpareCheckNames() {
		if name == "emergency-wait" {
			continue // TestAGateWaitsForTheWitnessesWhateverTheOfficeSays
		}
		if !slices.ContainsFunc(emergencyAttacks, func(a attack) bool { return a.without == name && a.then == "" }) {
			t.Errorf("no attack shows what %q is for", name)
		}
	}
}

// witnessesBackSoon are back before the charter's wait is over.
func witnessesBackSoon(t *testing.T, without ...string) *gate.Witnessed {
	s := attacked(t, attack{}, without...)
	if err := s.outage(1); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(300*time.Millisecond, s.Journal.Over)
	g, err := s.called(1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil {
		t.Fatal(err)
	}
	return st.UnderEmergency
}

func TestAGateWaitsForTheWitnessesWhateverTheOfficeSays(t *testing.T) {
	t.Parallel()
	if w := witnessesBackSoon(t); w != nil {
		t.Errorf("taken under the emergency policy: %+v", w)
	}
	if w := witnessesBackSoon(t, "emergency-wait"); w == nil {
		t.Error("the gate waits although that was taken out")
	}
}

func TestWhatTheWitnessesContradictStopsTheGateForGood(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	if err := s.spared(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.rescue(1); err != nil { // the statement is proven, and the witnesses agree
		t.Fatal(err)
	}
	forked := s.Journal.Copy()
	s.Journal.Hurried = true
	s.Journal.Outage(1)
	s.Clock.Add(25 * time.Hour)
	if _, err := s.rescue(2); err != nil {
		t.Fatal(err)
	}
	// Meanwhile the others were shown a journal without it.
	for i := range byte(40) {
		forked.Add([32]byte{5, i})
	}
	s.Journal.Over()
	s.Journal.Serve = forked
	if err := s.gate.Look(ctx); problem.Code(err) != "gate.emergency_contradicted" {
		t.Fatalf("the contradiction: %v", err)
	}
	s.Journal.Serve = nil // too late to be true
	for range 2 {
		if _, err := s.rescue(3); problem.Code(err) != "gate.emergency_contradicted" {
			t.Fatalf("a release afterwards: %v", err)
		}
		st, err := s.gate.Status(ctx, "g-2")
		if err != nil || st.UnderEmergency == nil || !st.UnderEmergency.Contradicted {
			t.Fatalf("%+v, %v", st.UnderEmergency, err)
		}
		s.reopen()
	}
}
