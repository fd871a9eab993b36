package app

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/law"
	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// objecting is a demand on which rules are violated, with the sentences that they
// and a person give.
func objecting(t *testing.T, instrument string, rules ...string) (*demand.State, []notice.Sentence) {
	t.Helper()
	s := &demand.State{}
	s.Instrument.Kind = instrument
	var says []notice.Sentence
	for _, r := range rules {
		s.Findings.All = append(s.Findings.All, demand.Finding{Rule: r, Outcome: "violated"})
		says = append(says, notice.Sentence{Text: "It is so.", Cite: "A provision", Finding: r})
	}
	return s, append(says, notice.Sentence{Text: "A ground of ours.", Cite: "The order", Finding: notice.Stated})
}

func objectionTo(t *testing.T, s *demand.State, kind string, says []notice.Sentence, ticked ...string) (notice.Letter, error) {
	t.Helper()
	at := time.Date(2026, 10, 1, 8, 0, 0, 0, time.UTC)
	h := notice.Head{Language: "en", Zone: time.UTC, Provider: "Nordlys Cloud A/S", Date: at, To: "Procura di Portoscuro", Demand: "m2fd-10", Ask: "legal@nordlys.example"}
	return objection(s, h, notice.Order{Instrument: "EPOC", Received: at}, kind, says, Answer{Contact: "District Court, Dublin", Reasons: ticked})
}

func TestAnObjectionToEnforcementTakesItsGroundsFromTheFindings(t *testing.T) {
	s, says := objecting(t, "epoc", "eu.evidence.authority", "eu.evidence.offence", "eu.evidence.channel")
	l, err := objectionTo(t, s, "objection-recognition", says)
	if err != nil {
		t.Fatal(err)
	}
	got := l.(*notice.RecognitionObjection)
	if d := cmp.Diff([]notice.ReasonCode{notice.NotByAuthority, notice.OffenceNotCovered}, got.Grounds); d != "" || len(got.Reasons) != 3 {
		t.Error(d, got.Reasons) // the channel is no ground of Article 16(4)
	}
	if got.To != "District Court, Dublin" || got.Issuing != "Procura di Portoscuro" {
		t.Error(got.To, got.Issuing)
	}
	_, err = notice.Write(got)
	if err != nil {
		t.Fatal(err)
	}
	if fitsRecognition(s) == "" || fitsLaw(s) != "" || fitsMotion(s) != "" {
		t.Error("the wrong letters are proposed")
	}
}

func TestTheOffenceIsNoGroundAgainstAPreservationCertificate(t *testing.T) {
	s, says := objecting(t, "epoc_pr", "eu.evidence.authority_identity")
	l, err := objectionTo(t, s, "objection-recognition", says, string(notice.OffenceNotCovered))
	if err != nil {
		t.Fatal(err)
	}
	_, err = notice.Write(l)
	if problem.Code(err) != "notice.field" || problem.Of(err).Field != "grounds" {
		t.Fatal(err)
	}
}

func TestEachObjectionNeedsWhatItRestsOn(t *testing.T) {
	warrant, says := objecting(t, "sca_warrant", "us.sca.warrant_dates")
	for kind, code := range map[string]string{"objection-recognition": "letter.no_certificate", "objection-law": "letter.no_certificate", "motion-cover": "letter.no_conflict", "billet": "letter.kind"} {
		_, err := objectionTo(t, warrant, kind, says)
		if problem.Code(err) != code || problem.Of(err).Remedy == "" {
			t.Errorf("%s: %v", kind, err)
		}
	}
	open, says := objecting(t, "sca_warrant", comityOpen, "us.sca.warrant_dates")
	l, err := objectionTo(t, open, "motion-cover", says)
	if err != nil {
		t.Fatal(err)
	}
	got := l.(*notice.MotionCover)
	if len(got.Reasons) != 2 || got.To != "District Court, Dublin" || fitsMotion(open) == "" {
		t.Error(got)
	}
	forbidden, says := objecting(t, "epoc", lawForbids)
	l, err = objectionTo(t, forbidden, "objection-law", says)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.(*notice.LawObjection).Reasons) != 2 || fitsLaw(forbidden) == "" {
		t.Error(l)
	}
}

// The rules that letters name by their ids are in the packs.
func TestTheRulesThatObjectionsRestOnExist(t *testing.T) {
	packs, err := law.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, p := range packs {
		for _, r := range p.Rules {
			have[r.ID] = true
		}
	}
	for _, id := range []string{comityOpen, lawForbids} {
		if !have[id] {
			t.Errorf("no rule %s", id)
		}
	}
	for id := range groundOfRule {
		if !have[id] {
			t.Errorf("no rule %s", id)
		}
	}
}
