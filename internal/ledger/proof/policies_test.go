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
	p, err := proof.InForce(policyOf(t, "journal.example", 1, "w1.example")).Next(policyOf(t, "journal.example", 2, "w1.example", "w2.example", "w3.example"), 3)
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
	third, err := p.Next(policyOf(t, "journal.example", 1, "w4.example"), 9)
	must(t, err)
	for _, want := range []proof.Policies{proof.InForce(p.Now()), p, third} {
		got, err := proof.ParsePolicies(want.Marshal())
		must(t, err)
		if !bytes.Equal(got.Marshal(), want.Marshal()) || len(got.Former()) != len(want.Former()) {
			t.Errorf("got\n%s", got.Marshal())
		}
	}
	same, err := third.Next(third.Now(), 20)
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
	if _, err := third.Next(p.Now(), 8); problem.Code(err) != "proof.policy_malformed" {
		t.Errorf("a log that has shrunk: %v", err)
	}
}

func FuzzParsePolicies(f *testing.F) {
	parses(f, proof.ParsePolicies, proof.Policies.Marshal, onChange(f).Marshal())
}
