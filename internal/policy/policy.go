package policy

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/problem"
	"counterseal/internal/strict"
)

// Effect is what a rule does.
type Effect string

const (
	Permit Effect = "permit"
	Forbid Effect = "forbid"
)

// Seats are those that a rule can name, in the order in which people are sent to them.
var seats = []string{"reviewer", "counsel", "privacy"}

// every stands for each action that a rule permits.
const every = "*"

// Rule permits or forbids actions.
type Rule struct {
	Name    string   `toml:"name" json:"name"`
	Says    string   `toml:"says" json:"says"`
	Effect  Effect   `toml:"effect" json:"effect"`
	Seats   []string `toml:"seats" json:"seats"` // any of them; none: whoever asks
	Actions []string `toml:"actions" json:"actions"`
	Sealed  bool     `toml:"sealed" json:"sealed"` // only of what lies in a sealed case, for who is no member of it
	Closed  bool     `toml:"closed" json:"closed"` // only of a demand that is closed
}

// Resource is what is acted on or read. The zero one is nothing in particular.
type Resource struct {
	Sealed bool // it lies in a sealed case
	Member bool // of which whoever asks is a member
	Closed bool
}

// Question asks for one action of somebody.
type Question struct {
	Seats    []string
	Action   string
	Resource Resource
}

// Decision is the answer, with the names of the rules that it rests on.
type Decision struct {
	Permits []string // none: denied
	Forbids []string // some: denied
}

// Allowed reports whether a rule permits and none forbids.
func (d Decision) Allowed() bool { return len(d.Permits) > 0 && len(d.Forbids) == 0 }

// Policy is a set of rules. The zero one denies everything. It does not change.
type Policy struct{ rules []Rule }

//go:embed office.toml
var office []byte

// Office gives the rules that the program carries. Code: policy.form, which a test
// keeps from happening.
func Office() (*Policy, error) { return Parse("office.toml", office) }

// Text is the file of the rules that the program carries.
func Text() string { return string(office) }

type file struct {
	Rules []Rule `toml:"rule"`
}

const maxFile = 64 << 10

// Parse reads a file of rules. Code: policy.form.
func Parse(name string, text []byte) (*Policy, error) {
	var f file
	err := strict.TOML(name, text, maxFile, "policy.form", &f)
	if err != nil {
		return nil, err
	}
	return New(f.Rules...)
}

// New makes a policy of rules. Code: policy.form.
func New(rules ...Rule) (*Policy, error) {
	names, permitted := map[string]bool{}, map[string]bool{}
	for _, r := range rules {
		what := r.amiss()
		if names[r.Name] {
			what = "has another's name"
		}
		if what != "" {
			return nil, problem.New(problem.Invalid, "policy.form", "a rule %s", what).At("rule %.40q", r.Name)
		}
		names[r.Name] = true
		for _, a := range r.Actions {
			permitted[a] = permitted[a] || r.Effect == Permit
		}
	}
	for a, some := range permitted { // to forbid what nobody may do is a slip of the pen
		if !some && a != every {
			return nil, problem.New(problem.Invalid, "policy.form", "no rule permits this, so none needs to forbid it").At("action %.60q", a)
		}
	}
	return &Policy{slices.Clone(rules)}, nil
}

// amiss says what does not hold together in a rule; "" where everything does.
func (r Rule) amiss() string {
	seen := map[string]bool{}
	for _, x := range slices.Concat(r.Seats, r.Actions) {
		if seen[x] || x == "" {
			return "names the same twice, or nothing"
		}
		seen[x] = true
	}
	switch {
	case !word(r.Name):
		return "has no name of small letters and strokes"
	case strings.TrimSpace(r.Says) == "" || strings.ContainsAny(r.Says, "\n\r"):
		return "does not say in one line what it is for"
	case r.Effect != Permit && r.Effect != Forbid:
		return "neither permits nor forbids"
	case len(r.Actions) == 0:
		return "is about no action"
	case seen[every] && (r.Effect == Permit || len(r.Actions) > 1):
		return "permits everything"
	case slices.ContainsFunc(r.Seats, func(s string) bool { return !slices.Contains(seats, s) }):
		return fmt.Sprintf("names a seat that there is not: there are %s", strings.Join(seats, ", "))
	}
	return ""
}

func word(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// Rules lists them in the order of the file.
func (p *Policy) Rules() []Rule { return slices.Clone(p.rules) }

// Decide answers a question.
func (p *Policy) Decide(q Question) (d Decision) {
	for _, r := range p.rules {
		switch {
		case !r.applies(q):
		case r.Effect == Forbid:
			d.Forbids = append(d.Forbids, r.Name)
		default:
			d.Permits = append(d.Permits, r.Name)
		}
	}
	return d
}

func (r Rule) applies(q Question) bool {
	switch {
	case r.Actions[0] != every && !slices.Contains(r.Actions, q.Action):
		return false
	case len(r.Seats) > 0 && !slices.ContainsFunc(r.Seats, func(s string) bool { return slices.Contains(q.Seats, s) }):
		return false
	case r.Sealed && !(q.Resource.Sealed && !q.Resource.Member):
		return false
	case r.Closed && !q.Resource.Closed:
		return false
	}
	return true
}

// Seats are those to which an action is permitted; anybody where a rule permits it to
// whoever asks.
func (p *Policy) Seats(action string) (list []string, anybody bool) {
	for _, s := range seats {
		if p.Decide(Question{Seats: []string{s}, Action: action}).Allowed() {
			list = append(list, s)
		}
	}
	return list, p.Decide(Question{Action: action}).Allowed()
}

// Actions lists every action that a rule permits, in the order of the file.
func (p *Policy) Actions() (out []string) {
	for _, r := range p.rules {
		for _, a := range r.Actions {
			if r.Effect == Permit && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// Cedar writes the rules in the Cedar policy language, for who wants to read or to
// examine them with its tools. The program does not read it.
func (p *Policy) Cedar() string {
	var b strings.Builder
	for i, r := range p.rules {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "// %s\n@id(%q)\n%s (\n  principal,\n  action", r.Says, r.Name, r.Effect)
		if r.Actions[0] != every {
			fmt.Fprintf(&b, " in [\n    %s\n  ]", listed("Action", r.Actions, ",\n    "))
		}
		b.WriteString(",\n  resource\n)")
		if len(r.Seats) > 0 {
			fmt.Fprintf(&b, "\nwhen { principal in [%s] }", listed("Seat", r.Seats, ", "))
		}
		if r.Sealed {
			b.WriteString("\nwhen { resource has sealed_in && !(principal in resource.sealed_in) }")
		}
		if r.Closed {
			b.WriteString("\nwhen { resource has closed && resource.closed }")
		}
		b.WriteString(";\n")
	}
	return b.String()
}

func listed(kind string, ids []string, between string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = fmt.Sprintf("%s::%q", kind, id)
	}
	return strings.Join(out, between)
}
