package app

import (
	"crypto/sha256"
	"encoding/hex"
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
	var out []demand.Finding
	for _, x := range o.Law.Assess(f) {
		out = append(out, demand.Finding{Rule: x.Rule, Outcome: string(x.Outcome), Severity: string(x.Severity), Respond: respond(x.Respond),
			Cite: x.Cite, Quote: x.Quote, Checked: string(x.Checked.Level), Facts: x.Facts, Missing: x.Missing})
	}
	return out, packsDigest(o.Law.Packs()), nil
}

// statedFacts are those that somebody stated; none of a document that was just read.
func statedFacts(s *demand.State) (fact.Facts, error) {
	if len(s.Facts) == 0 {
		return fact.Facts{}, nil
	}
	return fact.Decode(s.Facts)
}

// facts are those that were stated, and beside them what the record itself
// knows: whether the sender was verified, when the demand came, and, where nobody
// stated another day, that the question is asked today.
func (o *Office) facts(s *demand.State) (fact.Facts, error) {
	f, err := statedFacts(s)
	if err != nil {
		return f, err
	}
	known := map[string]any{"received": s.Received.At.UTC().Format(time.DateOnly), "as_of": o.Clock.Now().UTC().Format(time.DateOnly)}
	if s.Authentic.Seq > 0 {
		known["verified"] = s.Authentic.Genuine
	}
	for name, value := range known {
		_, stated, err := f.Get(name)
		if err != nil {
			return f, err
		}
		if stated && name != "verified" {
			continue
		}
		if err := f.Set(name, value); err != nil {
			return f, err
		}
	}
	return f, nil
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
	"copo": proof.InstrumentTreaty, "ipa_warrant": proof.InstrumentDomestic, "ipa_notice": proof.InstrumentDomestic, "ie_order": proof.InstrumentDomestic,
	"de_order": proof.InstrumentDomestic, "dk_order": proof.InstrumentDomestic, "it_order": proof.InstrumentDomestic,
}
