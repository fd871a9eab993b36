package demand

import (
	"cmp"
	"slices"
	"strings"

	"counterseal/internal/problem"
)

// Finding is what a rule said, as it stood that day.
type Finding struct {
	Rule     string
	Outcome  string // holds, violated, ask
	Severity string // blocking, warning, information
	Respond  string
	Cite     string
	Quote    string   // a few words of the source; empty where it has no text of its own
	Checked  string   // text, secondary, unchecked
	Facts    []string // the known facts that it rests on
	Missing  []string // the facts that an ask needs
	// LeavesOut is what the law hangs on and no fact says: a person looks at it.
	LeavesOut []string `json:",omitempty"`
}

// MaxFindings bounds one assessment.
const MaxFindings = 1000

var (
	outcomes   = []string{"holds", "violated", "ask"}
	severities = []string{"blocking", "warning", "information"}
)

// open reports whether the finding waits for a person: a rule that blocks and is
// violated. A rule that could not be judged asks, and asking never blocks.
func (f Finding) open() bool { return f.Severity == "blocking" && f.Outcome == "violated" }

// Answer is counsel's going against a finding, and the second person's agreement.
type Answer struct {
	Rule   string
	By     Person
	Seq    Seq
	Second Person // "" until a second person has agreed
}

// Findings are those of the latest assessment, with their answers.
type Findings struct {
	Seq     Seq
	Facts   Seq // the statement of facts that was assessed
	Packs   string
	All     []Finding
	Answers []Answer
}

// Assessed records an assessment. Answers given to an earlier one do not carry
// over: other facts or other rules are another question.
type Assessed struct {
	Packs    string // digest of the packs in force
	Facts    Seq
	Findings []Finding
}

func (e Assessed) apply(s *State, m Meta) {
	s.Findings = Findings{Seq: m.Seq, Facts: e.Facts, Packs: e.Packs, All: e.Findings}
}

// Assess records what the rules say. Codes: findings.stale, findings.form.
type Assess Assessed

func (c Assess) decide(s *State, _ Env) ([]Event, error) {
	if c.Packs == "" || len(c.Findings) > MaxFindings {
		return nil, problem.New(problem.Invalid, "findings.form", "an assessment names its packs and has at most %d findings", MaxFindings).At("packs")
	}
	rules := make(map[string]bool, len(c.Findings))
	for i, f := range c.Findings {
		// A word misspelt in a pack must not turn a blocking rule into none.
		if f.Rule == "" || rules[f.Rule] || !slices.Contains(outcomes, f.Outcome) || !slices.Contains(severities, f.Severity) {
			return nil, problem.New(problem.Invalid, "findings.form", "a finding has a rule of its own, an outcome and a severity").At("finding %d", i+1).
				Fix("outcomes: %s; severities: %s", strings.Join(outcomes, ", "), strings.Join(severities, ", "))
		}
		rules[f.Rule] = true
	}
	if c.Facts != s.FactsSeq {
		return nil, problem.New(problem.Conflict, "findings.stale", "the facts have changed since they were assessed").Fix("assess again")
	}
	own := Assessed{Packs: c.Packs, Facts: c.Facts, Findings: slices.Clone(c.Findings)}
	for i, f := range own.Findings {
		own.Findings[i].Missing = slices.Clone(f.Missing)
		own.Findings[i].LeavesOut = slices.Clone(f.LeavesOut)
	}
	return []Event{own}, nil
}

// Answered goes against a blocking finding.
type Answered struct{ Rule string }

func (e Answered) apply(s *State, m Meta) {
	if !s.Findings.opened(e.Rule) {
		s.misfit(m)
		return
	}
	for i, a := range s.Findings.Answers {
		if a.Rule == e.Rule {
			if a.Second != "" || a.By == m.By {
				s.misfit(m)
				return
			}
			s.Findings.Answers[i].Second = m.By
			return
		}
	}
	s.Findings.Answers = append(s.Findings.Answers, Answer{Rule: e.Rule, By: m.By, Seq: m.Seq})
}

// AnswerFinding goes against a blocking finding. It takes counsel and a reason,
// and the same act by a second person, of counsel or privacy. Codes: finding.missing, finding.reason,
// finding.same_person, finding.answered, finding.seat.
type AnswerFinding Answered

func (c AnswerFinding) decide(s *State, e Env) ([]Event, error) {
	if !s.Findings.opened(c.Rule) {
		return nil, problem.New(problem.Missing, "finding.missing", "no blocking finding of that rule is open").At("%s", cmp.Or(c.Rule, "rule"))
	}
	second := slices.ContainsFunc(s.Findings.Answers, func(a Answer) bool { return a.Rule == c.Rule })
	if !slices.Contains(e.Seats, "counsel") && !(second && slices.Contains(e.Seats, "privacy")) {
		return nil, problem.New(problem.Refused, "finding.seat", "going against a blocking finding is for counsel, and a second person of counsel or privacy")
	}
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "finding.reason", "going against a blocking finding needs a reason")
	}
	for _, a := range s.Findings.Answers {
		switch {
		case a.Rule != c.Rule:
		case a.Second != "":
			return nil, problem.New(problem.Conflict, "finding.answered", "two persons have answered this finding already")
		case a.By == e.Actor:
			return nil, problem.New(problem.Refused, "finding.same_person", "a second person agrees to going against a blocking finding")
		}
	}
	return []Event{Answered(c)}, nil
}

// opened reports whether a blocking finding of this rule waits or waited for a
// person.
func (f Findings) opened(rule string) bool {
	return slices.ContainsFunc(f.All, func(one Finding) bool { return one.Rule == rule && one.open() })
}

// answered reports whether two persons went against the finding of this rule.
func (f Findings) answered(rule string) bool {
	for _, a := range f.Answers {
		if a.Rule == rule && a.Second != "" {
			return true
		}
	}
	return false
}
