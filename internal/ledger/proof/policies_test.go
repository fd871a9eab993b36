package proof_test

import (
	"bytes"
	"strings"
	"testing"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// onChange are policies that went from one witness to two of three when the log had
// three leaves.
func onChange(t testing.TB) proof.Policies {
	t.Helper()
	p, err := proof.InForce(policyOf(t, "journal.example", 1, "w1.example"), proof.Policy{}).Next(policyOf(t, "journal.example", 2, "w1.example", "w2.example", "w3.example"), proof.Policy{}, 3)
	must(t, err)
	return p
}

// provenAt is goodProof's event, alone in its tick, under a log of so many leaves that
// these have cosigned.
func provenAt(t testing.TB, size int64, witnesses ...string) proof.Proof {
	t.Helper()
	p, _ := goodProof(t)
	log := new(tree)
	log.add(t, p.Leaf.Marshal())
	for log.size < size {
		log.add(t, []byte{byte(log.size)})
	}
	p.Inclusion = log.include(t, 0)
	p.Checkpoint = sign(t, log.head(t, size), "journal.example", witnesses...)
	return p
}

func TestAProofCountsUnderThePolicyOfItsTimeAndNoneLater(t *testing.T) {
	p := onChange(t)
	for _, c := range []struct {
		size      int64
		witnesses []string
		code      string
	}{
		{2, []string{"w1.example"}, ""},
		{3, []string{"w1.example"}, ""},
		{4, []string{"w1.example"}, "proof.too_few_witnesses"},
		{4, []string{"w2.example", "w3.example"}, ""},
		{2, []string{"w2.example"}, "proof.too_few_witnesses"}, // it was no witness then
	} {
		pr := provenAt(t, c.size, c.witnesses...)
		_, err := p.Verify(pr, pr.Opening.Digest)
		if problem.Code(err) != c.code {
			t.Errorf("%d leaves, %v: got %v, want %q", c.size, c.witnesses, err, c.code)
		}
	}
}

func TestPoliciesAreReadAsTheyWereWritten(t *testing.T) {
	p := onChange(t)
	third, err := p.Next(policyOf(t, "journal.example", 1, "w4.example"), proof.Policy{}, 9)
	must(t, err)
	for _, want := range []proof.Policies{proof.InForce(p.Now(), proof.Policy{}), p, third} {
		got, err := proof.ParsePolicies(want.Marshal())
		must(t, err)
		if !bytes.Equal(got.Marshal(), want.Marshal()) || len(got.Former()) != len(want.Former()) {
			t.Errorf("got\n%s", got.Marshal())
		}
	}
	same, err := third.Next(third.Now(), proof.Policy{}, 20)
	must(t, err)
	if len(same.Former()) != 2 || same.Former()[0].Until != 9 || same.Former()[1].Until != 3 {
		t.Errorf("the same policy once more: %+v", same.Former())
	}
	text := string(third.Marshal())
	for name, bad := range map[string]string{
		"another order":  strings.Replace(text, "until 9", "until 1", 1),
		"no number":      strings.Replace(text, "until 9", "until nine", 1),
		"a loose number": strings.Replace(text, "until 9", "until 09", 1),
		"no policy":      text + "until 1\n",
		"no last line":   strings.TrimSuffix(text, "\n"),
		"a comment":      "# policy\n" + text,
		"nothing":        "",
	} {
		if _, err := proof.ParsePolicies([]byte(bad)); problem.Code(err) != "proof.policy_malformed" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := third.Next(p.Now(), proof.Policy{}, 8); problem.Code(err) != "proof.policy_malformed" {
		t.Errorf("a log that has shrunk: %v", err)
	}
}

// inEmergency are policies of two of three, beside which w3 alone is enough in an
// emergency, and before which, up to three leaves, w2 alone was.
func inEmergency(t testing.TB) proof.Policies {
	t.Helper()
	all := policyOf(t, "journal.example", 2, "w1.example", "w2.example", "w3.example")
	p, err := proof.InForce(all, policyOf(t, "journal.example", 1, "w2.example")).Next(all, policyOf(t, "journal.example", 1, "w3.example"), 3)
	must(t, err)
	return p
}

func TestWhatHoldsInAnEmergencyAloneHoldsNowhereElse(t *testing.T) {
	p := inEmergency(t)
	for _, c := range []struct {
		size            int64
		witnesses       []string
		code, emergency string
	}{
		{9, []string{"w3.example"}, "proof.too_few_witnesses", ""},
		{9, []string{"w2.example"}, "proof.too_few_witnesses", "proof.too_few_witnesses"}, // its time is over
		{3, []string{"w2.example"}, "proof.too_few_witnesses", ""},
		{9, []string{"w1.example"}, "proof.too_few_witnesses", "proof.too_few_witnesses"},
		{9, []string{"w1.example", "w3.example"}, "", ""},
	} {
		pr := provenAt(t, c.size, c.witnesses...)
		_, err := p.Verify(pr, pr.Opening.Digest)
		_, spare := p.VerifyEmergency(pr, pr.Opening.Digest)
		if problem.Code(err) != c.code || (spare == nil) != (c.emergency == "") {
			t.Errorf("%d leaves, %v: %v and %v, want %q and %q", c.size, c.witnesses, err, spare, c.code, c.emergency)
		}
	}
	pr := provenAt(t, 9, "w3.example")
	if _, err := onChange(t).VerifyEmergency(pr, pr.Opening.Digest); problem.Code(err) != "proof.no_emergency" {
		t.Error(err)
	}
}

func TestAnEmergencyPolicyIsWeakerAndOfTheSameWitnesses(t *testing.T) {
	all := policyOf(t, "journal.example", 2, "w1.example", "w2.example", "w3.example")
	for name, bad := range map[string]proof.Policy{
		"as strong":     policyOf(t, "journal.example", 2, "w2.example", "w3.example"),
		"another":       policyOf(t, "journal.example", 1, "w4.example"),
		"another's log": policyOf(t, "other.example", 1, "w2.example"),
	} {
		if err := all.CheckEmergency(bad); problem.Code(err) != "proof.policy_malformed" {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := proof.ParsePolicies(proof.InForce(all, bad).Marshal()); problem.Code(err) != "proof.policy_malformed" {
			t.Errorf("%s, read: %v", name, err)
		}
	}
	must(t, all.CheckEmergency(policyOf(t, "journal.example", 1, "w2.example", "w3.example")))
	want := inEmergency(t)
	got, err := proof.ParsePolicies(want.Marshal())
	must(t, err)
	if !bytes.Equal(got.Marshal(), want.Marshal()) || got.Emergency().None() || got.Former()[0].Emergency.None() {
		t.Errorf("got\n%s", got.Marshal())
	}
}

func FuzzParsePolicies(f *testing.F) {
	parses(f, proof.ParsePolicies, proof.Policies.Marshal, onChange(f).Marshal(), inEmergency(f).Marshal())
}

func TestAnotherLogHasTheSameWitnessesUnderANameAndAKeyOfItsOwn(t *testing.T) {
	journal := policyOf(t, "journal.example", 2, "w1.example", "w2.example", "w3.example")
	_, register := keyPair("register.example")
	got, err := journal.Beside(register)
	must(t, err)
	if want := policyOf(t, "register.example", 2, "w1.example", "w2.example", "w3.example"); !bytes.Equal(got.Marshal(), want.Marshal()) {
		t.Errorf("%s", got.Marshal())
	}
	_, witness := keyPair("w1.example")
	for name, bad := range map[string]string{
		"the same log": journal.LogKey(), "its key under another name": renamed(t, journal.LogKey(), "register.example"), "a witness's key": witness, "nothing": "", "no key": "register.example",
	} {
		if _, err := journal.Beside(bad); problem.Code(err) != "proof.policy_malformed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
