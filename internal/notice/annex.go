package notice

import (
	_ "embed"
	"slices"
	"strings"
)

// ReasonCode is a reason that section D(a) of Annex III of Regulation (EU)
// 2023/1543 lists. Codes are ours; the order is the form's.
type ReasonCode string

const (
	Incomplete         ReasonCode = "incomplete"          // Art. 10(6)
	ManifestErrors     ReasonCode = "manifest-errors"     // Art. 10(6)
	TooLittleToGoOn    ReasonCode = "insufficient"        // Art. 10(6)
	NotStored          ReasonCode = "not-stored"          // Art. 10(7)
	OtherImpossibility ReasonCode = "other-impossibility" // Art. 10(7)
	NotByAuthority     ReasonCode = "issuing-authority"   // Art. 4
	OffenceNotCovered  ReasonCode = "offence"             // Art. 5(4)
	ServiceNotCovered  ReasonCode = "service"             // Art. 2, 3(3)
	PrivilegeOrPress   ReasonCode = "privilege-or-press"  // Art. 10(5)
	ThirdCountryLaw    ReasonCode = "third-country"       // Art. 17
)

// annex-three.tsv: code, then the sentence in each language, in the form's order.
// The English follows the form's text; the others are ours, to be read against
// the Regulation's own language versions.
//
//go:embed templates/annex-three.tsv
var reasonTable string

// ReasonCodes lists the codes in the form's order.
func ReasonCodes() []ReasonCode {
	var out []ReasonCode
	for _, row := range reasonRows() {
		out = append(out, ReasonCode(row[0]))
	}
	return out
}

// Sentence is the reason in words, or "" for an unknown code or language.
func (c ReasonCode) Sentence(language string) string {
	at := slices.Index(Languages, language)
	for _, row := range reasonRows() {
		if row[0] == string(c) && at >= 0 {
			return row[1+at]
		}
	}
	return ""
}

func reasonRows() (rows [][]string) {
	for line := range strings.Lines(reasonTable) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

// Kind implements Letter.
func (*AnnexThree) Kind() Kind { return "annex-three" }

func (l *AnnexThree) agree() string {
	if l.Certificate != EPOC && l.Certificate != EPOCPR {
		return "certificate"
	}
	if l.Issued.After(l.Received) {
		return "issued"
	}
	if l.Received.After(l.Date) {
		return "received"
	}
	if l.Enforcing == "" && l.EnforcingFile != "" || l.Validating == "" && l.ValidatingFile != "" {
		return "file"
	}
	known, seen := ReasonCodes(), map[ReasonCode]bool{}
	for _, r := range l.Reasons {
		if !slices.Contains(known, r) || seen[r] {
			return "reasons"
		}
		seen[r] = true
	}
	if seen[ThirdCountryLaw] != (l.Conflict != nil) {
		return "conflict"
	}
	return ""
}

// Has reports whether the reason is given.
func (l *AnnexThree) Has(c ReasonCode) bool { return slices.Contains(l.Reasons, c) }
