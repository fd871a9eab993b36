package app

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/law"
	"counterseal/internal/ledger/proof"
)

// assess turns what the packs find into the core's findings, and names the packs
// by one digest.
func (o *Office) assess(s *demand.State) ([]demand.Finding, string, error) {
	f, err := o.facts(s)
	if err != nil {
		return nil, "", err
	}
	engine, err := o.Law()
	if err != nil {
		return nil, "", err
	}
	var out []demand.Finding
	for _, x := range engine.Assess(f) {
		out = append(out, demand.Finding{Rule: x.Rule, Outcome: string(x.Outcome), Severity: string(x.Severity), Respond: respond(x.Respond),
			Cite: x.Cite, Quote: x.Quote, Checked: string(x.Checked.Level), Facts: x.Facts, Missing: x.Missing, LeavesOut: x.LeavesOut})
	}
	return out, packsDigest(engine.Packs()), nil
}

// statedFacts are those that somebody stated; none of a document that was just read.
func statedFacts(s *demand.State) (fact.Facts, error) {
	if len(s.Facts) == 0 {
		return fact.Facts{}, nil
	}
	return fact.Decode(s.Facts)
}

// facts are those that were stated, and beside them what the record itself knows.
// What a person stated stands, but for what only the record can know.
func (o *Office) facts(s *demand.State) (fact.Facts, error) {
	f, err := statedFacts(s)
	if err != nil {
		return f, err
	}
	for name, value := range o.ofPaper(s) {
		_, stated, err := f.Get(name)
		if err != nil {
			return f, err
		}
		if stated {
			continue
		}
		if err := f.Set(name, value); err != nil {
			return f, err
		}
	}
	for name, value := range o.ofRecord(s) {
		if err := f.Set(name, value); err != nil {
			return f, err
		}
	}
	return f, nil
}

// ofPaper is what the record says of the paper and of its coming. Days are days of
// the office's zone.
func (o *Office) ofPaper(s *demand.State) map[string]any {
	day := func(t time.Time) string { return t.In(o.Zone()).Format(time.DateOnly) }
	known := map[string]any{"received": day(s.Received.At), "received_at": s.Received.At.UTC().Format(time.RFC3339), "as_of": day(o.Clock.Now())}
	if len(s.Lines) > 0 {
		known["targets_named"] = len(s.Targets)
	}
	if s.Kind != "" {
		known["kind"] = string(s.Kind)
	}
	if knownInstrument(s.Instrument.Kind) {
		known["instrument"] = s.Instrument.Kind
	}
	if !s.Instrument.Due.IsZero() {
		known["due"] = day(s.Instrument.Due.Add(-time.Second)) // a due time is the end of its day
	}
	for _, x := range s.Papers {
		for _, served := range x.Services {
			if !served.At.IsZero() && x.No == 1 {
				known["served"] = day(served.At)
			}
		}
	}
	return known
}

// knownInstrument reports whether the facts have a word for this paper.
func knownInstrument(kind string) bool {
	var f fact.Facts
	return f.Set("instrument", kind) == nil
}

// ofRecord is what nobody states, because the record knows it.
func (o *Office) ofRecord(s *demand.State) map[string]any {
	day := func(t time.Time) string { return t.In(o.Zone()).Format(time.DateOnly) }
	known := map[string]any{}
	if s.Authentic.Seq > 0 {
		known["verified"] = s.Authentic.Genuine
	}
	if s.Unread {
		return known
	}
	contested, silence := false, false
	for _, c := range s.Contests() {
		contested = contested || c.Against != "secrecy"
		silence = silence || c.Against == "secrecy"
	}
	known["objection_raised"], known["secrecy_contested"] = contested, silence
	known["stay_recorded"] = s.Status(o.Clock.Now()) == demand.StatusOnHold
	switch asked, open := questions(s); {
	case open:
		known["clarification"] = "asked"
	case asked.IsZero():
		known["clarification"] = "none"
	default:
		known["clarification"] = "given"
	}
	if asked, _ := questions(s); !asked.IsZero() {
		known["clarification_asked"] = day(asked)
	}
	if len(s.Notices) > 0 {
		known["notice_given"] = day(s.Notices[0].At)
	}
	if s.Emergency {
		known["paper_received"] = confirmedOnPaper(s)
		at, left := answeredAt(s)
		known["answered"] = left
		if left {
			known["answered_at"] = at.UTC().Format(time.RFC3339)
		}
	}
	if s.Channel == "mail" {
		known["sender_flagged"] = s.HeldFor("flagged mailbox")
	}
	return known
}

// questions are when the last question of ours went out, and whether one waits.
func questions(s *demand.State) (asked time.Time, open bool) {
	for _, m := range s.Thread {
		if m.Out && m.Question {
			asked = m.At
			open = !slices.ContainsFunc(s.Thread, func(x demand.Message) bool { return !x.Out && x.Answers == m.No })
		}
	}
	return asked, open
}

// answeredAt is when the first package left.
func answeredAt(s *demand.State) (first time.Time, left bool) {
	for _, g := range s.Grants {
		if !g.Left.IsZero() && (!left || g.Left.Before(first)) {
			first, left = g.Left, true
		}
	}
	return first, left
}

// confirmedOnPaper reports whether the paper that follows an emergency has come: as a
// further paper of the demand, or as a demand that confirms it.
func confirmedOnPaper(s *demand.State) bool {
	return len(s.Papers) > 1 || slices.ContainsFunc(s.Links, func(l demand.Link) bool { return l.Type == "confirms_emergency" && !l.From })
}

func respond(rs []law.Response) string {
	words := make([]string, len(rs))
	for i, r := range rs {
		words[i] = string(r)
	}
	return strings.Join(words, ", ")
}

// packsDigest is the SHA-256 over the packs' names and digests, in their order.
func packsDigest(packs []*law.Pack) string {
	h := sha256.New()
	for _, p := range packs {
		h.Write([]byte(p.Name + " " + hex.EncodeToString(p.Digest[:]) + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// instrumentClass is how an instrument counts in the register.
func instrumentClass(kind string) (proof.Instrument, proof.Class) {
	class := proof.ClassOrdinary
	if kind == "nsl" || kind == "fisa_directive" {
		class = proof.ClassBandOnly // 50 USC 1874: only in bands
	}
	code, ok := instrumentClasses[kind]
	if !ok {
		code = proof.InstrumentOther
	}
	return code, class
}

var instrumentClasses = map[string]proof.Instrument{
	"none": proof.InstrumentInformal, "sca_warrant": proof.InstrumentWarrant, "sca_d_order": proof.InstrumentCourtOrder,
	"admin_subpoena": proof.InstrumentSubpoena, "grand_jury_subpoena": proof.InstrumentSubpoena, "trial_subpoena": proof.InstrumentSubpoena,
	"civil_subpoena": proof.InstrumentCivil, "preservation_letter": proof.InstrumentPreservation, "emergency_request": proof.InstrumentEmergency,
	"nsl": proof.InstrumentNSL, "pen_trap_order": proof.InstrumentCourtOrder, "wiretap_order": proof.InstrumentCourtOrder, "fisa_directive": proof.InstrumentFISA,
	"all_writs_order": proof.InstrumentCourtOrder, "executive_agreement_order": proof.InstrumentTreaty, "epoc": proof.InstrumentEPOC,
	"epoc_pr": proof.InstrumentEPOCPR, "treaty_request": proof.InstrumentTreaty, "foreign_order": proof.InstrumentDomestic, "dsa_order": proof.InstrumentDomestic,
	"ipa_authorisation": proof.InstrumentDomestic, "ipa_urgent_authorisation": proof.InstrumentEmergency, "ipa_technical_notice": proof.InstrumentDomestic,
	"budapest_request": proof.InstrumentTreaty, "copo": proof.InstrumentTreaty, "ipa_warrant": proof.InstrumentDomestic, "ipa_notice": proof.InstrumentDomestic, "ie_order": proof.InstrumentDomestic,
	"state_warrant": proof.InstrumentWarrant, "state_order": proof.InstrumentCourtOrder, "state_grand_jury_subpoena": proof.InstrumentSubpoena,
	"state_admin_subpoena": proof.InstrumentSubpoena, "customer_consent": proof.InstrumentInformal, "telemarketing_request": proof.InstrumentInformal,
	"de_order": proof.InstrumentDomestic, "dk_order": proof.InstrumentDomestic, "it_order": proof.InstrumentDomestic,
}
