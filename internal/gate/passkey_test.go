package gate_test

import (
	"slices"
	"testing"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
	"counterseal/internal/signature/signaturetest"
)

const (
	gatePage = "https://gate.lindworm.example"
	gateHost = "gate.lindworm.example"
)

// withPasskeys is a scene whose charter names the gate's page, and a passkey of anna's
// and of bo's beside their other keys.
func withPasskeys(t *testing.T) (*scene, map[string]signaturetest.Passkey) {
	t.Helper()
	s := &scene{World: gatetest.NewWorld(), t: t, dir: t.TempDir(), store: gatetest.Mailbox(), docket: &docket{}, log: &logged{}}
	keys := map[string]signaturetest.Passkey{"anna": signaturetest.NewPasskey(gateHost), "bo": signaturetest.NewPasskey(gateHost)}
	s.First.Gates[0].Page = gatePage
	for i, p := range s.First.Roster {
		if k, ok := keys[p.ID]; ok {
			s.First.Roster[i].Keys = append(slices.Clone(p.Keys), k.Public)
		}
	}
	s.Reword(s.First)
	s.open()
	s.charter()
	return s, keys
}

// records is a grant of traffic data, which several are approved with at once.
func (s *scene) records(n byte) grant.Grant {
	g := s.Grant(n)
	sel := gatetest.Mail("acct-a1")
	sel.Category = scope.Traffic
	of, err := scope.New(sel)
	if err != nil {
		s.t.Fatal(err)
	}
	g.Scope, g.Compelled = of, of
	return g
}

func (s *scene) byPasskey(k signaturetest.Passkey, g grant.Grant, change func(*signaturetest.Ceremony)) error {
	c := signaturetest.Ordinary(signature.Grant, string(gatetest.Text(g)), gatePage)
	if change != nil {
		change(&c)
	}
	armored, err := k.Sign(c)
	if err != nil {
		s.t.Fatal(err)
	}
	_, err = s.gate.Approve(ctx, g.Digest().String(), armored)
	return err
}

func TestTwoPasskeysApproveAndThePackageLeaves(t *testing.T) {
	s, keys := withPasskeys(t)
	g := s.Grant(1)
	if err := s.offered(g); err != nil {
		t.Fatal(err)
	}
	for _, person := range []string{"anna", "bo"} {
		if err := s.byPasskey(keys[person], g, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.gate.InForce(ctx, s.InForce("anna", g)); err != nil {
		t.Fatal(err)
	}
	out, err := s.gate.Release(ctx, g.Digest().String())
	if err != nil || out.Items == 0 {
		t.Fatal(out, err)
	}
}

func TestAPasskeyCountsOnTheGatesOwnPageAndForWhatItCannotBeCopied(t *testing.T) {
	s, keys := withPasskeys(t)
	g, other := s.Grant(1), s.records(2)
	for _, x := range []grant.Grant{g, other} {
		if err := s.offered(x); err != nil {
			t.Fatal(err)
		}
	}
	for name, x := range map[string]struct {
		change func(*signaturetest.Ceremony)
		code   string
	}{
		"the office's page":           {func(c *signaturetest.Ceremony) { c.Origin = "https://office.lindworm.example" }, "signature.page"},
		"only present":                {func(c *signaturetest.Ceremony) { c.Flags = 0x01 }, "signature.not_verified"},
		"a passkey that may be moved": {func(c *signaturetest.Ceremony) { c.Flags |= 0x08 }, "approval.synced"},
		"one that was moved":          {func(c *signaturetest.Ceremony) { c.Flags |= 0x18 }, "approval.synced"},
		"another grant":               {func(c *signaturetest.Ceremony) { c.Text = string(gatetest.Text(other)) }, "signature.wrong"},
		"a look":                      {func(c *signaturetest.Ceremony) { c.NS = signature.Look }, "signature.namespace"},
	} {
		if err := s.byPasskey(keys["anna"], g, x.change); problem.Code(err) != x.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.byPasskey(keys["anna"], other, func(c *signaturetest.Ceremony) { c.Flags |= 0x18 }); err != nil {
		t.Errorf("records by a passkey that may be moved: %v", err)
	}
	if err := s.byPasskey(signaturetest.NewPasskey(gateHost), g, nil); problem.Code(err) != "approval.not_on_roster" {
		t.Errorf("a stranger's: %v", err)
	}
	st, err := s.gate.Status(ctx, g.Digest().String())
	if err != nil || len(st.Approvals) != 0 {
		t.Errorf("%v %v", st.Approvals, err)
	}
}

func TestADeviceThatCountsBackwardsDoesNotCount(t *testing.T) {
	s, keys := withPasskeys(t)
	a, b := s.records(1), s.records(2)
	for _, x := range []grant.Grant{a, b} {
		if err := s.offered(x); err != nil {
			t.Fatal(err)
		}
	}
	at := func(n uint32) func(*signaturetest.Ceremony) {
		return func(c *signaturetest.Ceremony) { c.Count = n }
	}
	if err := s.byPasskey(keys["anna"], a, at(9)); err != nil {
		t.Fatal(err)
	}
	s.reopen() // what it counted is in the record
	for _, n := range []uint32{9, 8, 0} {
		if err := s.byPasskey(keys["anna"], b, at(n)); problem.Code(err) != "approval.counter" {
			t.Errorf("%d after 9: %v", n, err)
		}
	}
	if err := s.byPasskey(keys["anna"], b, at(10)); err != nil {
		t.Error(err)
	}
	if err := s.byPasskey(keys["bo"], a, at(0)); err != nil {
		t.Error("a device that does not count:", err)
	}
	if err := s.byPasskey(keys["bo"], b, at(0)); err != nil {
		t.Error("a device that does not count:", err)
	}
}

// batch approves several with one signature.
func (s *scene) batch(b grant.Batch, k signaturetest.Passkey) []byte {
	text, err := b.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	armored, err := k.Sign(signaturetest.Ordinary(signature.Batch, string(text), gatePage))
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.Concat(text, armored)
}

func TestOneSignatureApprovesSeveralGrantsOfOneClassWithoutContent(t *testing.T) {
	s, keys := withPasskeys(t)
	a, b, content := s.records(1), s.records(2), s.Grant(3)
	for _, x := range []grant.Grant{a, b, content} {
		if err := s.offered(x); err != nil {
			t.Fatal(err)
		}
	}
	ordered := []grant.Digest{a.Digest(), b.Digest()}
	slices.SortFunc(ordered, func(x, y grant.Digest) int { return slices.Compare(x[:], y[:]) })
	good := grant.Batch{Provider: "Lindworm Mail", Gate: "gate-1", Class: "traffic", Grants: ordered}
	one := s.batch(good, keys["anna"])
	for _, g := range []grant.Grant{a, b} {
		st, err := s.gate.Approve(ctx, g.Digest().String(), one)
		if err != nil || !slices.Equal(st.Approvals, []string{"anna"}) {
			t.Fatal(st.Approvals, err)
		}
	}
	approval := s.batch(good, keys["bo"])
	if _, err := s.gate.Approve(ctx, content.Digest().String(), approval); problem.Code(err) != "approval.other_batch" {
		t.Errorf("a grant that the batch does not name: %v", err)
	}
	lies := good
	lies.Grants = []grant.Digest{content.Digest()}
	if _, err := s.gate.Approve(ctx, content.Digest().String(), s.batch(lies, keys["bo"])); problem.Code(err) != "approval.other_batch" {
		t.Errorf("content under another class: %v", err)
	}
	elsewhere := good
	elsewhere.Gate = "gate-2"
	if _, err := s.gate.Approve(ctx, a.Digest().String(), s.batch(elsewhere, keys["bo"])); problem.Code(err) != "approval.other_batch" {
		t.Errorf("another gate's batch: %v", err)
	}
	for name, bad := range map[string]grant.Batch{"content": {Gate: "gate-1", Class: "content", Grants: ordered}, "nothing": {Gate: "gate-1", Class: "traffic"},
		"out of order": {Gate: "gate-1", Class: "traffic", Grants: []grant.Digest{ordered[1], ordered[0]}}, "twice": {Gate: "gate-1", Class: "traffic", Grants: []grant.Digest{ordered[0], ordered[0]}},
		"too many": {Gate: "gate-1", Class: "traffic", Grants: many(26)}} {
		bad.Provider = "Lindworm Mail"
		if _, err := bad.Bytes(); problem.Code(err) != "approval.batch" {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Each is still a grant of its own: one that was not offered needs its own offer.
	if _, err := s.gate.Approve(ctx, s.records(9).Digest().String(), approval); problem.Code(err) != "gate.unknown" {
		t.Error(err)
	}
	if _, err := s.gate.Approve(ctx, a.Digest().String(), approval); err != nil {
		t.Fatal(err)
	}
	if err := s.gateWord(a); err != nil {
		t.Fatal(err)
	}
	if st, err := s.gate.Status(ctx, a.Digest().String()); err != nil || len(st.Approvals) != 2 {
		t.Error(st.Approvals, err)
	}
}

func (s *scene) gateWord(g grant.Grant) error {
	_, err := s.gate.InForce(ctx, s.InForce("anna", g))
	return err
}

func many(n int) (out []grant.Digest) {
	for i := range n {
		out = append(out, grant.Digest{byte(i)})
	}
	return out
}

func TestAPageIsOneGatesAndStandsInTheCharter(t *testing.T) {
	w := gatetest.NewWorld()
	st := w.First
	st.Gates = slices.Clone(st.Gates)
	st.Gates[0].Page, st.Gates[1].Page = gatePage, gatePage
	text, err := st.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var signed [][]byte
	for _, p := range gatetest.Persons {
		signed = append(signed, w.Sign(p[0], signature.Charter, text))
	}
	if _, err := (&grant.Charter{}).Extend(text, signed); problem.Code(err) != "charter.twice" {
		t.Error(err)
	}
	st.Gates[0].Page = "http://gate.lindworm.example"
	if _, err := st.Bytes(); problem.Code(err) != "grant.text" {
		t.Error(err)
	}
}
