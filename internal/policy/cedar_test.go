package policy_test

import (
	"fmt"
	"testing"

	"github.com/cedar-policy/cedar-go"
	"pgregory.net/rapid"

	"counterseal/internal/policy"
)

// cedarSays asks Cedar's own evaluator the same question of the same rules.
func cedarSays(rules *cedar.PolicySet, q policy.Question) bool {
	who, what, sealed := cedar.NewEntityUID("Person", "p"), cedar.NewEntityUID("Stream", "s"), cedar.NewEntityUID("Case", "c")
	var parents []cedar.EntityUID
	for _, s := range q.Seats {
		parents = append(parents, cedar.NewEntityUID("Seat", cedar.String(s)))
	}
	if q.Resource.Member {
		parents = append(parents, sealed)
	}
	has := cedar.RecordMap{"closed": cedar.Boolean(q.Resource.Closed)}
	if q.Resource.Sealed {
		has["sealed_in"] = sealed
	}
	entities := cedar.EntityMap{
		who:  {UID: who, Parents: cedar.NewEntityUIDSet(parents...)},
		what: {UID: what, Attributes: cedar.NewRecord(has)},
	}
	ok, diagnostic := cedar.Authorize(rules, entities, cedar.Request{Principal: who, Action: cedar.NewEntityUID("Action", cedar.String(q.Action)), Resource: what, Context: cedar.NewRecord(nil)})
	if len(diagnostic.Errors) > 0 {
		panic(fmt.Sprint(diagnostic.Errors))
	}
	return bool(ok)
}

func inCedar(t interface{ Fatalf(string, ...any) }, p *policy.Policy) *cedar.PolicySet {
	rules, err := cedar.NewPolicySetFromBytes("office.cedar", []byte(p.Cedar()))
	if err != nil {
		t.Fatalf("Cedar does not read it: %v\n%s", err, p.Cedar())
	}
	return rules
}

var everybody = [][]string{nil, {"reviewer"}, {"counsel"}, {"privacy"}, {"reviewer", "counsel"}, {"reviewer", "privacy"}, {"counsel", "privacy"}, {"reviewer", "counsel", "privacy"}, {"clerk"}}

func everywhere(ask func(policy.Resource)) {
	for bits := range 8 {
		ask(policy.Resource{Sealed: bits&1 != 0, Member: bits&3 == 3, Closed: bits&4 != 0})
	}
}

func TestCedarAnswersEveryQuestionAsWeDo(t *testing.T) {
	office, err := policy.Office()
	if err != nil {
		t.Fatal(err)
	}
	rules := inCedar(t, office)
	asked, allowed := 0, 0
	for _, action := range append(office.Actions(), "demand.burn", "*", "") {
		for _, seats := range everybody {
			everywhere(func(at policy.Resource) {
				q := policy.Question{Seats: seats, Action: action, Resource: at}
				ours := office.Decide(q).Allowed()
				if cedars := cedarSays(rules, q); cedars != ours {
					t.Errorf("%+v: Cedar says %t, we say %t", q, cedars, ours)
				}
				asked++
				if ours {
					allowed++
				}
			})
		}
	}
	if asked < 5000 || allowed < 1000 {
		t.Errorf("%d questions, %d allowed: the test asks little", asked, allowed)
	}
	t.Logf("%d questions, %d allowed", asked, allowed)
}

// Not only of our own rules: of any that can be written.
func TestCedarAnswersAsWeDoWhateverTheRules(t *testing.T) {
	actions := []string{"a", "b \"quoted\"", "GET /{id}", "ü\\"}
	rapid.Check(t, func(t *rapid.T) {
		rules := []policy.Rule{{Name: "base", Says: "x", Effect: policy.Permit, Seats: []string{"reviewer"}, Actions: actions}}
		for i := range rapid.IntRange(0, 5).Draw(t, "rules") {
			r := policy.Rule{Name: string(rune('c' + i)), Says: "// x */ \"", Effect: rapid.SampledFrom([]policy.Effect{policy.Permit, policy.Forbid}).Draw(t, "effect"),
				Seats:   rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"reviewer", "counsel", "privacy"}), 0, 3, rapid.ID).Draw(t, "seats"),
				Actions: rapid.SliceOfNDistinct(rapid.SampledFrom(actions), 1, 3, rapid.ID).Draw(t, "actions"),
				Sealed:  rapid.Bool().Draw(t, "sealed"), Closed: rapid.Bool().Draw(t, "closed")}
			if r.Effect == policy.Forbid && rapid.Bool().Draw(t, "every") {
				r.Actions = []string{"*"}
			}
			rules = append(rules, r)
		}
		p, err := policy.New(rules...)
		if err != nil {
			t.Fatal(err)
		}
		set := inCedar(t, p)
		q := policy.Question{Seats: rapid.SampledFrom(everybody).Draw(t, "who"), Action: rapid.SampledFrom(append(actions, "other")).Draw(t, "what")}
		everywhere(func(at policy.Resource) {
			q.Resource = at
			if cedars, ours := cedarSays(set, q), p.Decide(q).Allowed(); cedars != ours {
				t.Fatalf("%+v: Cedar says %t, we say %t\n%s", q, cedars, ours, p.Cedar())
			}
		})
	})
}
