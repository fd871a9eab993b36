package demand

import (
	"cmp"

	"counterseal/internal/problem"
)

// Finding is what a rule said, as it stood that day.
type Finding struct {
	Rule     string
	Outcome  string // holds, violated, ask
	Severity string // blocking, warning, information
	Respond  string
	Cite     string
	Checked  string   // text, secondary, unchecked
	Missing  []string // the facts that an ask needs
}

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

// Assess records what the rules say. Code: findings.stale.
type Assess Assessed

func (c Assess) decide(s *State, _ Env) ([]Event, error) {
	if c.Facts != s.FactsSeq {
		return nil, problem.New(problem.Conflict, "findings.stale", "the facts have changed since they were assessed").Fix("assess again")
	}
	return []Event{Assessed(c)}, nil
}

// Answered goes against a blocking finding.
type Answered struct{ Rule string }

func (e Answered) apply(s *State, m Meta) {
	for i, a := range s.Findings.Answers {
		if a.Rule == e.Rule {
			s.Findings.Answers[i].Second = m.By
			return
		}
	}
	s.Findings.Answers = append(s.Findings.Answers, Answer{Rule: e.Rule, By: m.By, Seq: m.Seq})
}

// AnswerFinding goes against a blocking finding. It takes a reason, and the same
// act by a second person. Codes: finding.missing, finding.reason,
// finding.same_person, finding.answered, finding.seat.
type AnswerFinding Answered

func (c AnswerFinding) decide(s *State, e Env) ([]Event, error) {
	var found *Finding
	for i := range s.Findings.All {
		if s.Findings.All[i].Rule == c.Rule && s.Findings.All[i].open() {
			found = &s.Findings.All[i]
		}
	}
	if found == nil {
		return nil, problem.New(problem.Missing, "finding.missing", "no blocking finding of that rule is open").At("%s", cmp.Or(c.Rule, "rule"))
	}
	if !has(e.Seats, "counsel") && !has(e.Seats, "privacy") {
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

// answered reports whether two persons went against the finding of this rule.
func (f Findings) answered(rule string) bool {
	for _, a := range f.Answers {
		if a.Rule == rule && a.Second != "" {
			return true
		}
	}
	return false
}
