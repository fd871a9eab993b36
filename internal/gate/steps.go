package gate

import (
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// The kinds of line in the record, with their bodies. A kind never changes
// meaning. Digests are lower-case hex.
type (
	stepCharter struct { // a statement is in force; its text lies in charter/
		Number int    `json:"number"`
		Digest string `json:"digest"`
	}
	stepCharterProven struct { // the journal's tick under which the statement stands
		Number int       `json:"number"`
		Tick   time.Time `json:"tick"`
	}
	stepStop struct {
		Text      []byte `json:"text"`
		Signature []byte `json:"signature"`
	}
	stepCheckpoint struct { // the highest that was accepted
		Text []byte `json:"text"`
	}
	stepUnderEmergency struct { // taken under the charter's emergency policy
		ID       string    `json:"id"` // of the grant
		Text     []byte    `json:"text"`
		Ordinary uint64    `json:"ordinary"` // leaves of the newest checkpoint that holds under the log policy
		Due      time.Time `json:"due"`      // when one that continues it is
	}
	stepWitnessed struct { // holds under the log policy and continues all that was taken
		Text []byte `json:"text"`
	}
	stepContradicted struct { // the log policy's witnesses cosigned another journal than was taken
		Size   uint64 `json:"size"`
		Root   string `json:"root"`   // of what was taken, as its checkpoint states it
		Theirs []byte `json:"theirs"` // their checkpoint
	}
	stepLateProof struct { // a proof under the log policy lies beside the package, or is about to
		ID    string `json:"id"`
		Proof string `json:"proof"` // SHA-256 of the file
	}
	stepCounter struct { // about to be committed
		N       uint64 `json:"n"`
		Why     string `json:"why"` // release, stop, charter
		Subject string `json:"subject"`
		Digest  string `json:"digest"`
	}
	stepCounterCommitted struct {
		N uint64 `json:"n"`
	}
	stepBegun struct { // the grant is spent
		ID       string   `json:"id"`
		Grant    string   `json:"grant"`
		Demand   string   `json:"demand"`
		Nonce    string   `json:"nonce"`
		Accounts []string `json:"accounts"`
		InForce  string   `json:"in_force"`
		Key      []byte   `json:"key"`              // of the opaque references in the package and the access file
		Export   string   `json:"export,omitempty"` // of a grant by hand: SHA-256 of the manifest

		Purpose grant.Purpose `json:"purpose,omitempty"` // of a grant that has one
		Copy    string        `json:"copy,omitempty"`    // the one that it names: SHA-256 of the statement
		Until   time.Time     `json:"until,omitzero"`    // of a grant to keep
	}
	stepID struct { // collecting, permit-asked, permitted, publishing, visible
		ID string `json:"id"`
	}
	stepSealed struct {
		ID       string `json:"id"`
		Release  string `json:"release"`
		Items    int64  `json:"items"`
		Bytes    int64  `json:"bytes"`
		Withheld int64  `json:"withheld"`
		Dropped  int64  `json:"dropped"` // over-delivered
		Access   string `json:"access"`

		Index      string    `json:"index,omitempty"` // SHA-256 of the kept index, encrypted
		IndexUntil time.Time `json:"index_until,omitzero"`

		Passphrase string   `json:"passphrase,omitempty"` // of a ZIP: SHA-256 of the file in which its passphrase is kept
		Approvers  []string `json:"approvers,omitempty"`  // of a ZIP: who approved, and so never asks for the passphrase
	}
	stepTold struct { // a passphrase is about to be destroyed, and told to who signed this
		ID        string `json:"id"`
		Text      []byte `json:"text"` // grant.Telling
		Signature []byte `json:"signature"`
	}
	stepReached struct { // whom they reached then
		ID        string `json:"id"`
		Text      []byte `json:"text"` // grant.Reached
		Signature []byte `json:"signature"`
	}
	stepPassphraseLogged struct { // the journal's keeper has such a text
		Statement string `json:"statement"`
	}
	stepPassphraseEnded struct { // the time of pick-up is over; it is about to be destroyed
		ID string `json:"id"`
	}
	stepListEnded struct { // its key is about to be destroyed
		List string `json:"list"` // its name in lists/
	}
	stepIncident struct { // a release held more than was compelled; its list lies in lists/
		ID        string    `json:"id"`
		Incident  string    `json:"incident"`  // SHA-256 of Text
		Statement string    `json:"statement"` // SHA-256 of the person's word; it lies in the list
		Text      []byte    `json:"text"`      // grant.Overproduced
		Signature []byte    `json:"signature"`
		Items     int64     `json:"items"`
		Outside   int64     `json:"not_compelled"`
		Bytes     int64     `json:"bytes"`
		List      string    `json:"list"` // SHA-256 of the list
		File      string    `json:"file"` // and of its encrypted file
		Plain     int64     `json:"plain"`
		Person    string    `json:"person"`
		Reason    string    `json:"reason"`
		Until     time.Time `json:"until"`
		Whose     []Excess  `json:"whose,omitempty"`
	}
	stepIncidentLogged struct { // the journal's keeper has it
		Incident string `json:"incident"`
	}
	stepIncidentRead struct { // a person is shown its list
		Incident  string `json:"incident"`
		Person    string `json:"person"`
		Statement string `json:"statement"` // SHA-256 of their word
	}
	stepOverproduced struct { // what was packed goes beyond the grant, and is about to be kept apart
		ID       string `json:"id"`
		Outside  int64  `json:"outside"`  // items, listed in outside.jsonl
		Unlisted int64  `json:"unlisted"` // items in the package less items in the index; 0 unless the two differ
		List     string `json:"list"`     // SHA-256 of outside.jsonl
	}
	stepEnded struct { // nothing left
		ID      string       `json:"id"`
		State   State        `json:"state"`
		Kind    problem.Kind `json:"kind"`
		Code    string       `json:"code"`
		Message string       `json:"message"`
		Field   string       `json:"field"`
		Remedy  string       `json:"remedy"`
		Dropped int64        `json:"dropped"`
		Access  string       `json:"access"` // digest, if anything was read
	}
	stepExport struct { // its files lie in exports/, whole
		Export    string `json:"export"` // SHA-256 of the manifest
		Demand    string `json:"demand"`
		Collector string `json:"collector"`
		Files     int64  `json:"files"`
		Bytes     int64  `json:"bytes"`
	}
	stepExportExpired struct { // nobody released it; its files are about to be removed
		Export string `json:"export"`
	}
	stepDevice struct { // a passkey or security key counted on
		Key       string `json:"key"`
		Count     uint32 `json:"count"`
		Signature string `json:"signature"` // SHA-256 of the approval as it came
	}
	stepDeclared struct { // a declaration lies beside the package, in the place of one before
		ID          string `json:"id"`
		Declaration string `json:"declaration"` // SHA-256 of its text
		Signature   string `json:"signature"`   // SHA-256 of the signature as it came
		Person      string `json:"person"`
	}
	stepStamped struct { // a time stamp lies beside the package, or is about to
		ID    string    `json:"id"`
		Stamp string    `json:"stamp"` // SHA-256 of the file
		At    time.Time `json:"at"`    // as the authority states it
		By    string    `json:"by"`
	}
	stepCopyExtended struct { // by that run
		ID    string    `json:"id"`
		Copy  string    `json:"copy"`
		Until time.Time `json:"until"`
	}
	stepCopyEnded struct { // its key is about to be destroyed
		Copy string `json:"copy"`
		Why  string `json:"why"` // expired, stopped, journal
	}
	stepCopyEndLogged struct { // the journal's keeper has it
		Copy string `json:"copy"`
	}
	stepLink struct { // an officer can pick the package up with it, in the place of one before
		ID    string    `json:"id"`
		Token string    `json:"token"` // SHA-256 of the link's secret
		For   string    `json:"for"`
		Until time.Time `json:"until"`
	}
	stepFetch struct {
		ID   string `json:"id"`
		File string `json:"file"`
		By   string `json:"by"`
	}
)

const (
	kindCharter          = "charter"
	kindCharterProven    = "charter-proven"
	kindStop             = "stop"
	kindCheckpoint       = "checkpoint"
	kindCounter          = "counter"
	kindCounterCommitted = "counter-committed"
	kindBegun            = "begun"
	kindCollecting       = "collecting"
	kindSealed           = "sealed"
	kindPermitAsked      = "permit-asked"
	kindPermitted        = "permitted"
	kindPublishing       = "publishing"
	kindVisible          = "visible"
	kindOverproduced     = "overproduced"
	kindEnded            = "ended"
	kindLink             = "link"
	kindFetch            = "fetch"
	kindExport           = "export"
	kindExportExpired    = "export-expired"
	kindDevice           = "device"
	kindDeclared         = "declared"
	kindStamped          = "stamped"
	kindCopyExtended     = "copy-extended"
	kindCopyEnded        = "copy-ended"
	kindCopyEndLogged    = "copy-end-logged"
	kindListEnded        = "list-ended"
	kindIncident         = "incident"
	kindIncidentLogged   = "incident-logged"
	kindIncidentRead     = "incident-read"

	kindTold             = "passphrase-told"
	kindReached          = "passphrase-reached"
	kindPassphraseLogged = "passphrase-logged"
	kindPassphraseEnded  = "passphrase-ended"
	kindUnderEmergency   = "under-emergency"
	kindWitnessed        = "witnessed"
	kindContradicted     = "contradicted"
	kindLateProof        = "late-proof"
)
