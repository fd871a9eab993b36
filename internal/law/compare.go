package law

import (
	"reflect"
	"slices"
	"strings"

	"counterseal/internal/calendar"
	"counterseal/internal/fact"
)

// How a finding or a deadline differs between two states of the packs.
type How string

const (
	Appears  How = "appears"
	Vanishes How = "vanishes"
	Changes  How = "changes"
)

// Standing is what one rule or deadline says of one demand: a violated rule, one
// that asks, or a deadline that applies.
type Standing struct {
	Outcome   string     `json:"outcome"`
	Severity  Severity   `json:"severity,omitempty"`
	Respond   []Response `json:"respond,omitempty"`
	Cite      string     `json:"cite"`
	Missing   []string   `json:"missing,omitempty"`
	NotBefore string     `json:"not_before,omitempty"` // local at the place
	Latest    string     `json:"latest,omitempty"`
	Suspended Suspension `json:"suspended,omitempty"`

	letter Sentences // a changed sentence is a change, too
}

// Change is one difference.
type Change struct {
	Rule   string    `json:"rule"`
	Is     string    `json:"is"` // rule or deadline
	How    How       `json:"how"`
	Before *Standing `json:"before"` // null: nothing
	After  *Standing `json:"after"`
	What   []string  `json:"what"` // for changes: what differs
}

// Compare says what differs between two engines about one demand, by rule. Rules that
// hold or do not apply are not findings: what becomes one of them vanishes.
func Compare(before, after *Engine, f fact.Facts) []Change {
	old, now := before.standings(f), after.standings(f)
	out := []Change{}
	for id, o := range old {
		n, still := now[id]
		switch {
		case !still:
			out = append(out, Change{id.rule, id.is, Vanishes, o, nil, []string{}})
		case !reflect.DeepEqual(o, n):
			out = append(out, Change{id.rule, id.is, Changes, o, n, o.differs(n)})
		}
	}
	for id, n := range now {
		if _, was := old[id]; !was {
			out = append(out, Change{id.rule, id.is, Appears, nil, n, []string{}})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Rule+a.Is, b.Rule+b.Is) })
	return out
}

type standingID struct{ rule, is string }

func (e *Engine) standings(f fact.Facts) map[standingID]*Standing {
	out := map[standingID]*Standing{}
	for _, x := range e.Assess(f) {
		if x.Outcome == Violated || x.Outcome == Ask {
			out[standingID{x.Rule, "rule"}] = &Standing{Outcome: string(x.Outcome), Severity: x.Severity, Respond: x.Respond, Cite: x.Cite, Missing: slices.Clone(x.Missing), letter: x.Letter}
		}
	}
	for _, d := range e.Deadlines(f) {
		s := &Standing{Outcome: string(d.Outcome), Cite: d.Cite, Missing: slices.Clone(d.Missing), Suspended: d.Suspended, letter: Sentences{EN: d.Says}}
		zone, err := calendar.Zone(d.Zone)
		if err == nil && d.Outcome == Counted {
			s.NotBefore, s.Latest = Face(d.NotBefore, zone), Face(d.Latest, zone)
		}
		out[standingID{d.Rule, "deadline"}] = s
	}
	return out
}

func (s *Standing) differs(o *Standing) (what []string) {
	for _, d := range []struct {
		name string
		same bool
	}{
		{"outcome", s.Outcome == o.Outcome}, {"severity", s.Severity == o.Severity}, {"respond", slices.Equal(s.Respond, o.Respond)}, {"cite", s.Cite == o.Cite},
		{"missing", slices.Equal(s.Missing, o.Missing)}, {"not_before", s.NotBefore == o.NotBefore}, {"latest", s.Latest == o.Latest},
		{"suspended", s.Suspended == o.Suspended}, {"letter", s.letter == o.letter},
	} {
		if !d.same {
			what = append(what, d.name)
		}
	}
	return what
}
