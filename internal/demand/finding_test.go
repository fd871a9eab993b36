package demand_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
)

func TestEachBlockingFindingIsAnsweredByTwoOfItsOwn(t *testing.T) {
	blocked := func(rule string) demand.Finding {
		return demand.Finding{Rule: rule, Outcome: "violated", Severity: "blocking"}
	}
	sc := ready().drop("answer", "second answer").change("assessed", demand.Assessed{Packs: "p1", Facts: 1, Findings: []demand.Finding{blocked("us.first"), blocked("us.last")}})
	s, e := sc.play()
	e.Seats, e.Reason = []string{"counsel"}, "because"
	open := func() (out []string) {
		for _, o := range demand.MayRelease(s, "g1", e) {
			out = append(out, o.Code+" "+o.About)
		}
		return out
	}
	answer := func(by demand.Person, rule string) {
		t.Helper()
		e.Actor = by
		events, err := demand.Decide(s, demand.AnswerFinding{Rule: rule}, e)
		if err != nil {
			t.Fatal(err)
		}
		s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: later, By: by}, Event: events[0]})
	}
	answer("carl", "us.first")
	answer("carl", "us.last") // the first of two on the other
	answer("pia", "us.first")
	if diff := cmp.Diff([]string{"finding.open us.last"}, open()); diff != "" {
		t.Fatal(diff)
	}
	answer("pia", "us.last")
	if diff := cmp.Diff([]string(nil), open()); diff != "" {
		t.Fatal(diff)
	}
}

func TestAssessingAgainVoidsAnswers(t *testing.T) {
	again := demand.Assessed{Packs: "p2", Facts: 1, Findings: []demand.Finding{{Rule: "us.last", Outcome: "violated", Severity: "blocking"}}}
	s, e := ready().then(again).play()
	if got := codes(demand.MayRelease(s, "g1", e)); len(got) != 1 || got[0] != "finding.open" {
		t.Fatalf("got %v", got)
	}
}
