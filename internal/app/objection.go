package app

import (
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// comityOpen is the rule that finds a motion under 18 USC 2703(h) still open; the
// facts that the motion swears to are those that it applies to.
const comityOpen = "us.abroad.comity_open"

// lawForbids is the rule that finds an objection under Article 17 not made yet.
const lawForbids = "eu.evidence.conflict"

// groundOfRule is the ground of Article 16(4) or (5) that a violated rule gives.
var groundOfRule = map[string]notice.ReasonCode{
	"eu.evidence.authority": notice.NotByAuthority, "eu.evidence.authority_identity": notice.NotByAuthority, "eu.evidence.offence": notice.OffenceNotCovered,
	"eu.evidence.stored": notice.NotStored, "eu.evidence.privilege": notice.PrivilegeOrPress,
}

// objection writes the letters that object before an authority or a court. Codes:
// letter.kind, letter.no_certificate, letter.no_conflict.
func objection(s *demand.State, h notice.Head, order notice.Order, kind string, grounds []notice.Sentence, a Answer) (notice.Letter, error) {
	issuing := h.To
	switch kind {
	case "objection-recognition":
		certificate, ok := certificateOf(s)
		if !ok {
			return nil, problem.New(problem.Conflict, "letter.no_certificate", "the demand is no European certificate, so no enforcing authority decides on it").Fix("write a rejection, or open a contest")
		}
		l := &notice.RecognitionObjection{Head: h, Order: order, Issuing: issuing, Certificate: certificate, Kept: a.Kept}
		l.To = a.Contact
		l.Reasons = slices.DeleteFunc(grounds, func(x notice.Sentence) bool { return x.Finding != notice.Stated && groundOfRule[x.Finding] == "" })
		l.Grounds = groundsOpen(l.Reasons, a.Reasons)
		return l, nil
	case "objection-law":
		if s.Instrument.Kind != "epoc" {
			return nil, problem.New(problem.Conflict, "letter.no_certificate", "Article 17 serves production orders alone, and the demand is none").Fix("write a rejection, or open a contest")
		}
		return &notice.LawObjection{Head: h, Order: order, Enforcing: a.Contact, Reasons: only(grounds, lawForbids)}, nil
	case "motion-cover":
		if !violated(s, comityOpen) {
			return nil, problem.New(problem.Conflict, "letter.no_conflict", "the record does not say that a motion under 18 USC 2703(h) is open").
				Fix("state the facts of the customer, the conflict and the service, and ask the rules")
		}
		l := &notice.MotionCover{Head: h, Order: order, Government: issuing, Reasons: only(grounds, comityOpen)}
		l.To = a.Contact
		return l, nil
	}
	return nil, problem.New(problem.Invalid, "letter.kind", "there is no such letter to an authority").At("%.40q", kind).Fix("one of %s", strings.Join(AnswerKinds, ", "))
}

// certificateOf is which of the two certificates the demand is.
func certificateOf(s *demand.State) (notice.Certificate, bool) {
	switch s.Instrument.Kind {
	case "epoc":
		return notice.EPOC, true
	case "epoc_pr":
		return notice.EPOCPR, true
	}
	return "", false
}

// groundsOpen are the grounds that a person ticked, else those of the findings.
func groundsOpen(reasons []notice.Sentence, ticked []string) (out []notice.ReasonCode) {
	for _, t := range ticked {
		out = append(out, notice.ReasonCode(t))
	}
	if len(out) > 0 {
		return out
	}
	for _, x := range reasons {
		if c := groundOfRule[x.Finding]; c != "" && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// only are the sentences of one rule and those that a person stated.
func only(grounds []notice.Sentence, rule string) []notice.Sentence {
	return slices.DeleteFunc(grounds, func(x notice.Sentence) bool { return x.Finding != notice.Stated && x.Finding != rule })
}

func violated(s *demand.State, rule string) bool {
	return slices.ContainsFunc(s.Findings.All, func(f demand.Finding) bool { return f.Rule == rule && f.Outcome == "violated" })
}

func fitsRecognition(s *demand.State) string {
	_, certificate := certificateOf(s)
	for rule := range groundOfRule {
		if certificate && violated(s, rule) {
			return "a ground of Article 16 is found"
		}
	}
	return ""
}

func fitsLaw(s *demand.State) string {
	if !violated(s, lawForbids) {
		return ""
	}
	return "a third country’s law stands against it"
}

func fitsMotion(s *demand.State) string {
	if !violated(s, comityOpen) {
		return ""
	}
	return "a motion under 18 USC 2703(h) is open"
}
