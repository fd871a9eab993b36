package policy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

func TestTheRulesThatTheProgramCarriesAreWhatItPrints(t *testing.T) {
	office, err := policy.Office()
	if err != nil {
		t.Fatal(err)
	}
	printed, err := policy.Parse("office.toml", []byte(policy.Text()))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(office.Rules(), printed.Rules()); d != "" || len(office.Rules()) < 8 {
		t.Error(d)
	}
}

const look = "[[rule]]\nname = \"look\"\nsays = \"x\"\neffect = \"permit\"\nactions = [\"GET /queue\"]\n"

func TestAFileThatDoesNotHoldTogetherIsRefusedWhole(t *testing.T) {
	for name, x := range map[string]struct{ text, where string }{
		"a slip in a key":         {strings.Replace(look, "says", "say", 1), "rule.say"},
		"no name":                 {strings.Replace(look, `"look"`, `""`, 1), ""},
		"a name in capitals":      {strings.Replace(look, `"look"`, `"Look"`, 1), "Look"},
		"one name twice":          {look + look, "look"},
		"nothing said":            {strings.Replace(look, `"x"`, `" "`, 1), "look"},
		"two lines said":          {strings.Replace(look, `"x"`, `"x\ny"`, 1), "look"},
		"neither":                 {strings.Replace(look, `"permit"`, `"allow"`, 1), "look"},
		"about nothing":           {strings.Replace(look, `"GET /queue"`, ``, 1), "look"},
		"an empty action":         {strings.Replace(look, `"GET /queue"`, `""`, 1), "look"},
		"an action twice":         {strings.Replace(look, `"GET /queue"`, `"a", "a"`, 1), "look"},
		"everything permitted":    {strings.Replace(look, `"GET /queue"`, `"*"`, 1), "look"},
		"a seat that is not":      {look + "seats = [\"janitor\"]\n", "look"},
		"a seat twice":            {look + "seats = [\"counsel\", \"counsel\"]\n", "look"},
		"forbids what nobody may": {strings.Replace(look, `"permit"`, `"forbid"`, 1), "GET /queue"},
		"too large":               {look + "#" + strings.Repeat("x", 70<<10), "office.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := policy.Parse("office.toml", []byte(x.text))
			e := problem.Of(err)
			if p != nil || problem.Code(err) != "policy.form" || !strings.Contains(e.Field, x.where) {
				t.Errorf("%v, %v", p, err)
			}
		})
	}
}

func TestWhatNoRulePermitsIsDeniedAndWhatARuleForbidsTooWhateverTheirOrder(t *testing.T) {
	permit := policy.Rule{Name: "a", Says: "x", Effect: policy.Permit, Actions: []string{"read", "write"}, Seats: []string{"counsel", "privacy"}}
	forbid := policy.Rule{Name: "b", Says: "x", Effect: policy.Forbid, Actions: []string{"write"}, Seats: []string{"privacy"}}
	for _, rules := range [][]policy.Rule{{permit, forbid}, {forbid, permit}} {
		p, err := policy.New(rules...)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			action string
			seats  []string
			want   bool
		}{
			{"read", nil, false}, {"read", []string{"reviewer"}, false}, {"read", []string{"reviewer", "counsel"}, true}, {"write", []string{"counsel"}, true},
			{"write", []string{"privacy"}, false}, {"write", []string{"counsel", "privacy"}, false}, {"burn", []string{"counsel"}, false}, {"*", []string{"counsel"}, false},
		} {
			d := p.Decide(policy.Question{Seats: x.seats, Action: x.action})
			if d.Allowed() != x.want {
				t.Errorf("%s for %v: %+v", x.action, x.seats, d)
			}
		}
	}
	var none policy.Policy
	if none.Decide(policy.Question{Seats: []string{"counsel"}, Action: "read"}).Allowed() {
		t.Error("a policy without rules permits")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(policy.Text()))
	f.Add([]byte(look))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := policy.Parse("x", text)
		if err != nil {
			if problem.Code(err) != "policy.form" {
				t.Fatal(err)
			}
			return
		}
		again, err := policy.New(p.Rules()...)
		if err != nil || !cmp.Equal(p.Rules(), again.Rules()) {
			t.Fatal(err)
		}
		if d := p.Decide(policy.Question{Action: "\x00"}); d.Allowed() { // no rule can name it: TOML has no such text
			t.Fatalf("what no rule names is permitted: %+v", d)
		}
	})
}
