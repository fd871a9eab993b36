package gate_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"bytes"

	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

type verifyStep = verify.Step

func sum(b []byte) [32]byte { return sha256.Sum256(b) }

func sumOf(s grant.Signed) []byte { d := s.Digest(); return d[:] }

func iotestOdd(b []byte) io.Reader {
	return iotest.HalfReader(iotest.DataErrReader(bytes.NewReader(b)))
}

// inEmergency goes the whole way with a call and a grant that were changed.
func inEmergency(call func(s *scene, c *grant.Call), change func(s *scene, g *grant.Grant)) func(*scene) error {
	return func(s *scene) error {
		c := s.Call()
		call(s, &c)
		if _, err := s.gate.Called(ctx, s.Word(c.Caller, c)); err != nil {
			return err
		}
		g := s.EmergencyGrant(1, c)
		change(s, &g)
		_, err := s.released(g)
		return err
	}
}

func asCalled(*scene, *grant.Call)   {}
func asDrafted(*scene, *grant.Grant) {}

var callAttacks = []attack{
	{name: "an emergency without a call", code: "grant.caller_missing", without: "grant: caller", run: variant(func(_ *scene, g *grant.Grant) { g.Production, g.Emergency = grant.First, true })},
	{name: "an emergency whose call never reached the gate", code: "grant.call_missing", without: "grant: caller", run: func(s *scene) error {
		g := s.EmergencyGrant(1, s.Call())
		g.Recipient = s.Agency.Recipient().String()
		_, err := s.released(g)
		return err
	}},
	{name: "a call about another demand", code: "grant.call_other", without: "grant: caller", run: inEmergency(func(_ *scene, c *grant.Call) { c.Demand, c.Key = "m2fd-10", "" }, old)},
	{name: "a call that another person made than the grant says", code: "grant.call_other", without: "grant: caller", run: inEmergency(noKey, func(s *scene, g *grant.Grant) {
		old(s, g)
		g.Caller = "dan"
	})},
	{name: "a call on which the agency knew of nothing", code: "grant.call_denied", without: "grant: caller", run: inEmergency(func(_ *scene, c *grant.Call) { c.Confirmed, c.Key = false, "" }, old)},
	{name: "a call of the day before yesterday", code: "grant.call_stale", without: "grant: caller", run: inEmergency(func(_ *scene, c *grant.Call) { c.At, c.Key = c.At.Add(-25*time.Hour), "" }, old)},
	{name: "a call after the grant", code: "grant.call_stale", without: "grant: caller", run: func(s *scene) error {
		c := s.Call()
		c.At, c.Key = c.At.Add(5*time.Minute), ""
		g := s.EmergencyGrant(1, c)
		old(s, &g)
		s.Clock.Add(6 * time.Minute)
		if _, err := s.gate.Called(ctx, s.Word("frida", c)); err != nil {
			return err
		}
		_, err := s.released(g)
		return err
	}},
	{name: "another key was read back on the call", code: "grant.call_key", without: "grant: caller", run: inEmergency(asCalled, old)},
	{name: "a young key in an emergency that nobody read back", code: "grant.recipient_new", without: "grant: recipient", run: inEmergency(noKey, asDrafted)},
	{name: "a young key that was read back, in the ordinary lane", code: "grant.recipient_new", without: "grant: recipient", run: inEmergency(asCalled, func(_ *scene, g *grant.Grant) { g.Emergency = false })},
	{name: "the number of the demand's own letterhead is called", code: "call.contact_unknown", run: inEmergency(func(_ *scene, c *grant.Call) { c.Contact = "+353 1 555 0199" }, asDrafted)},
	{name: "an outsider says that they called", code: "call.not_on_roster", run: func(s *scene) error {
		_, err := s.gate.Called(ctx, s.Word("outsider", s.Call()))
		return err
	}},
	{name: "one person says that another called", code: "call.other_person", run: func(s *scene) error {
		_, err := s.gate.Called(ctx, s.Word("dan", s.Call()))
		return err
	}},
	{name: "a call of tomorrow", code: "call.future", run: inEmergency(func(_ *scene, c *grant.Call) { c.At = c.At.Add(time.Hour) }, asDrafted)},
	{name: "the caller approves", code: "approval.caller", run: inEmergency(func(_ *scene, c *grant.Call) { c.Caller = "bo" }, asDrafted)},
	{name: "the caller is removed from the roster", code: "call.not_on_roster", without: "grant: caller", run: func(s *scene) error {
		c := s.Call()
		c.Key = ""
		if _, err := s.gate.Called(ctx, s.Word("frida", c)); err != nil {
			return err
		}
		if _, err := s.statement(grant.Statement{Removed: []string{"frida"}}, "anna"); err != nil {
			return err
		}
		g := s.EmergencyGrant(1, c)
		old(s, &g)
		g.Charter = s.gate.Charter().Head
		_, err := s.released(g)
		return err
	}},
}

// old sends to the agency's key of last year.
func old(s *scene, g *grant.Grant) { g.Recipient = s.Agency.Recipient().String() }

func noKey(_ *scene, c *grant.Call) { c.Key = "" }

func init() {
	attacks = slices.Concat(attacks, handAttacks, callAttacks, copyAttacks, previewAttacks, incidentAttacks, zipAttacks, emergencyAttacks)
}

func TestAKeyThatWasReadBackOnTheCallCountsAtOnce(t *testing.T) {
	s := newScene(t)
	if err := inEmergency(asCalled, asDrafted)(s); err != nil {
		t.Fatal(err)
	}
	if r := s.verified("k7wq-93_g-1", s.New); !r.Complete {
		t.Fatalf("%+v", r)
	}
	calls, err := s.gate.Calls(ctx, "k7wq-93")
	if err != nil || len(calls) != 1 || calls[0].Contact != gatetest.Contact || calls[0].Caller != "frida" {
		t.Fatalf("%+v, %v", calls, err)
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || !st.Emergency || st.Caller != "frida" || st.Call != calls[0].Call {
		t.Fatalf("%+v, %v", st, err)
	}
}

// A call is found whatever the gate's folder is called.
func TestCallsAreListedInAFolderOfAnyName(t *testing.T) {
	s := &scene{World: gatetest.NewWorld(), t: t, dir: filepath.Join(t.TempDir(), "gate[1]*"), store: gatetest.Mailbox(), docket: &docket{}, log: &logged{}}
	s.open()
	s.charter()
	if err := inEmergency(asCalled, asDrafted)(s); err != nil {
		t.Fatal(err)
	}
	if calls, err := s.gate.Calls(ctx, "k7wq-93"); err != nil || len(calls) != 1 {
		t.Errorf("%+v, %v", calls, err)
	}
}

// A key that only the journal knows to be young counts by the call as well.
func TestAKeyThatAQuorumJustAddedCountsWhereItWasReadBack(t *testing.T) {
	s := newScene(t)
	agencies := []grant.Agency{s.First.Agencies[0]}
	agencies[0].Recipients = []grant.Recipient{{Since: s.Clock.Now(), Key: s.New.Recipient().String()}}
	if _, err := s.statement(grant.Statement{Agencies: agencies}, "anna", "bo", "carla"); err != nil {
		t.Fatal(err)
	}
	err := inEmergency(asCalled, func(s *scene, g *grant.Grant) { g.Charter = s.gate.Charter().Head })(s)
	if err != nil {
		t.Fatal(err)
	}
}

// One person with a key fills the folder of calls, so that no emergency is answered for
// two days. Others take that person off the roster, and the next call is taken.
func TestWhoFillsTheFolderOfCallsHoldsUpNoRescueForLong(t *testing.T) {
	s := newScene(t)
	fill := func(caller string, from, n int) {
		for i := range n {
			c := s.Call()
			c.Caller, c.Reached = caller, fmt.Sprintf("nobody, time %d", from+i)
			text, err := c.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			for _, end := range []string{".txt", ".sig"} {
				if err := os.WriteFile(filepath.Join(s.dir, "calls", grant.Signed{Text: text}.Digest().String()+end), text, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	fill("emil", 0, 1024)
	honest := s.Call()
	if _, err := s.gate.Called(ctx, s.Word("frida", honest)); problem.Code(err) != "gate.calls_full" {
		t.Fatal(err)
	}
	if _, err := s.statement(grant.Statement{Removed: []string{"emil"}}, "anna"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.Called(ctx, s.Word("frida", honest)); err != nil {
		t.Fatal(err)
	}
	if calls, err := s.gate.Calls(ctx, "k7wq-93"); err != nil || len(calls) != 1 || calls[0].Caller != "frida" {
		t.Fatalf("%d calls, %v", len(calls), err)
	}
	fill("dan", 2000, 1023)
	s.Clock.Add(49 * time.Hour) // and what is two days old goes by itself
	late := s.Call()
	if _, err := s.gate.Called(ctx, s.Word("frida", late)); err != nil {
		t.Fatal(err)
	}
}
