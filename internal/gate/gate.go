package gate

import (
	"context"
	"io"
	"log/slog"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/scope"
)

// Journal is how the gate reaches the public journal. It believes proofs only,
// so whoever implements this can stop the gate and not deceive it. All methods
// are idempotent and end when ctx does.
type Journal interface {
	// Commit makes the digest durable in the journal's queue.
	Commit(ctx context.Context, digest [32]byte, urgent bool) error
	// Proof waits until the digest is in a cosigned checkpoint and returns the
	// proof's text (proof.Proof.Marshal). Problems: ledger.pending when ctx ended
	// first, ledger.unknown for a digest that was never committed.
	Proof(ctx context.Context, digest [32]byte) (text []byte, err error)
	// Checkpoint returns the latest signed and cosigned checkpoint.
	Checkpoint(ctx context.Context) ([]byte, error)
	// EmergencyProof is Proof under a checkpoint that too few witnesses for the log
	// policy have cosigned, and enough for the charter's emergency policy.
	EmergencyProof(ctx context.Context, digest [32]byte) (text []byte, err error)
	// EmergencyCheckpoint returns the latest such checkpoint, or the latest one if that
	// is larger.
	EmergencyCheckpoint(ctx context.Context) ([]byte, error)
	// Consistency returns the hashes for proof.Consistent between two sizes.
	Consistency(ctx context.Context, from, to uint64) ([][32]byte, error)
	// Counter returns the last counter that the gate committed; 0 before the first.
	Counter(ctx context.Context, gate string) (n uint64, digest [32]byte, err error)
	// CommitCounter raises the gate's counter and commits the digest, in one
	// step. The same n with the same digest again changes nothing. Problem:
	// ledger.counter when n does not follow the last one.
	CommitCounter(ctx context.Context, gate string, n uint64, digest [32]byte) error
}

// Docket is asked once, after sealing and before anything is visible. It can
// only refuse. Asking again with the same values gives the same answer.
type Docket interface {
	Permit(ctx context.Context, demand, grantID string, release [32]byte, items int64) error
	// PermitKeep is asked instead before a copy counts as made or is kept longer. It is
	// a question of its own, so that no release passes under the name of a grant to
	// keep.
	PermitKeep(ctx context.Context, demand, grantID string) error
	// PermitPreview is asked instead before a preview counts as made, as a question of
	// its own for the same reason.
	PermitPreview(ctx context.Context, demand, grantID string) error
}

// Config is what a gate is made of.
type Config struct {
	ID      string     // the gate's name in the charter
	Dir     string     // a folder of its own on a local disk, for no other user
	Key     ssh.Signer // signs releases; the charter names its public key
	Sources []source.Source
	Journal Journal
	Docket  Docket
	Now     func() time.Time
	Rand    io.Reader // cryptographic
	Log     *slog.Logger
	Version string // of the program, for the custody; may be empty

	// Stamps are the certificates under which time stamps count. nil: this gate asks for none.
	Stamps timestamp.Anchors
	// Cosigned gives the last checkpoint of a log that this gate has cosigned as its
	// witness (package ledger/witness: size 0 before the first, witness.unknown_log of a
	// log that it does not follow). nil: this gate is no witness.
	Cosigned func(origin string) (proof.Checkpoint, error)
	// OwnWitness is the key name of that witness: its clock is this gate's, and says
	// nothing about it.
	OwnWitness string

	// Readings are shared by the gates of one process, whose charter is one. nil: a
	// gate remembers its own.
	Readings *grant.Readings

	Walls []Wall // what the kernel holds this process back from; nil: nobody asked it to
	// CustomerKeys says whether an account's content in a service is encrypted under a
	// key of the customer's, which the provider does not have. It labels what leaves and
	// decides nothing. nil: nobody's.
	CustomerKeys func(scope.Service, scope.AccountID) bool

	Patience  time.Duration // one answer of the journal or docket; 0: one minute
	PickUp    time.Duration // a package can be fetched for so long; 0: 30 days
	Downloads int           // of the encrypted package, for each grant; 0: 10

	PickUpPage string        // origin of the page on which officers pick packages up; "": there is none
	Lists      time.Duration // the index of what left, and the list of an incident, are kept for so long; 0: two years
}

// Offer is a grant put before people, with the order's document as it came.
type Offer struct {
	Text     []byte `json:"text"`
	Document []byte `json:"document"`
}

// State is where a grant stands at this gate.
type State string

const (
	Offered     State = "offered"     // nothing has begun
	Expired     State = "expired"     // its life ended before anything began
	Running     State = "running"     // a release is under way
	Released    State = "released"    // a complete package is visible
	Refused     State = "refused"     // a release began and was refused; nothing left; spent
	Interrupted State = "interrupted" // the gate ended in the middle; nothing left; spent
	Kept        State = "kept"        // a copy was made, or is kept longer; nothing left
	Previewed   State = "previewed"   // rounded counts are kept here; nothing left
	Unknown     State = "unknown"     // the gate ended in the middle after the docket's permission; no package is visible; a person records the outcome
)

// Status is what a person may know about a grant. It holds no content.
type Status struct {
	ID         string    `json:"id"` // SHA-256 of the grant's text, lower-case hex
	Grant      string    `json:"grant"`
	Demand     string    `json:"demand"`
	State      State     `json:"state"`
	Collection string    `json:"collection"`           // gate, or by-hand: not gate-filtered
	Production string    `json:"production,omitempty"` // first, rolling, supplement, correction
	Emergency  bool      `json:"emergency,omitempty"`
	Caller     string    `json:"caller,omitempty"`  // person
	Export     string    `json:"export,omitempty"`  // SHA-256 of the manifest of an export by hand
	Call       string    `json:"call,omitempty"`    // SHA-256 of the caller's statement
	Purpose    string    `json:"purpose,omitempty"` // keep, keep-longer, release-from-copy or preview
	Copy       string    `json:"copy,omitempty"`    // the copy that it names, or has made
	Until      time.Time `json:"until,omitzero"`    // of a grant to keep: when the copy ends
	Approvals  []string  `json:"approvals"`         // persons
	InForce    time.Time `json:"in_force,omitzero"` // when it was last said that the order stands
	InForceBy  string    `json:"in_force_by,omitempty"`
	Obstacles  []string  `json:"obstacles,omitempty"` // codes of what stands in the way now, as far as that is known without the journal
	Expires    time.Time `json:"expires"`
	Code       string    `json:"code,omitempty"` // why it was refused or interrupted
	Progress   *Progress `json:"progress,omitempty"`
	Outcome    *Outcome  `json:"outcome,omitempty"`

	Passphrase     *Passphrase `json:"passphrase,omitempty"`             // of a visible ZIP: where its passphrase stands
	UnderEmergency *Witnessed  `json:"under_emergency_policy,omitempty"` // the gate went by the charter's emergency policy for it

	StampRequest []byte `json:"stamp_request,omitempty"` // of a visible package that waits for a time stamp: what an authority is asked (RFC 3161)
}

// Progress is how far a run has come that is under way: what its outcome will tell, as
// far as it is known. Of a preview there is none, whose numbers are rounded. How much else
// the stores hold is nobody's to know, so it says nothing of what lies outside.
type Progress struct {
	Items    int64 `json:"items"`
	Bytes    int64 `json:"bytes"` // as the stores state their items' sizes
	Withheld int64 `json:"withheld"`
}

// Outcome is a release that is visible.
type Outcome struct {
	ID         string    `json:"id"`
	Grant      string    `json:"grant"`
	Demand     string    `json:"demand"`
	Collection string    `json:"collection"` // gate, or by-hand: not gate-filtered
	Release    string    `json:"release"`    // SHA-256 of release.txt, lower-case hex
	Items      int64     `json:"items"`
	Bytes      int64     `json:"bytes"`
	Withheld   int64     `json:"withheld"`
	At         time.Time `json:"at"`
	StampedAt  time.Time `json:"stamped_at,omitzero"`  // as a time-stamping authority states it
	StampedBy  string    `json:"stamped_by,omitempty"` // that authority, as its certificate names it
}

// HeldStop is a stop that has reached this gate. It holds for good.
type HeldStop struct {
	Digest string    `json:"digest"` // what a later grant names
	Reach  string    `json:"reach"`
	Person string    `json:"person"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// HeldCall is a person's word that they called an agency back.
type HeldCall struct {
	Call      string    `json:"call"` // SHA-256 of the statement: what a grant names
	Demand    string    `json:"demand"`
	Agency    string    `json:"agency"`
	Contact   string    `json:"contact"`
	Reached   string    `json:"reached"`
	Caller    string    `json:"caller"`
	At        time.Time `json:"at"`
	Confirmed bool      `json:"confirmed"`
	Key       string    `json:"key_read_back,omitempty"`
}

// Interruption is a release that the gate did not bring to an end.
type Interruption struct {
	ID     string    `json:"id"`
	Grant  string    `json:"grant"`
	Demand string    `json:"demand"`
	State  State     `json:"state"` // Interrupted or Unknown
	At     time.Time `json:"at"`
}

// CharterHead says how far the gate's charter goes.
type CharterHead struct {
	Provider string `json:"provider"`
	Number   int    `json:"number"`
	Head     string `json:"head"`
}

// Store is a connected store as a light look finds it. It holds no data of anybody.
type Store struct {
	Service scope.Service `json:"service"`
	Name    string        `json:"name"`
	Looked  bool          `json:"looked"`          // false: the store cannot be looked at without reading it
	Code    string        `json:"code,omitempty"`  // why it cannot be read
	Says    string        `json:"says,omitempty"`  // the same in words
	Field   string        `json:"field,omitempty"` // what of it
}

// Wall is what the kernel holds a gate's process back from, or why it does not. Says
// is true as it stands.
type Wall struct {
	Gate  string `json:"gate"`
	About string `json:"about"` // memory, calls, files, network
	Holds bool   `json:"holds"`
	Says  string `json:"says"`
}

// Desk is everything that persons and the docket can ask of a gate; *Gate and
// gatehttp.Client offer it. An id is Status.ID, or the grant's own id where only
// one offer has it. All methods are safe for concurrent use. Codes beside those
// named: gate.unknown (no such offer), gate.damaged (the folder cannot be
// written), gate.closed.
type Desk interface {
	// CharterHead gives the charter in force.
	CharterHead(ctx context.Context) (CharterHead, error)
	// ExtendCharter takes the next statement. Codes: those of
	// grant.Charter.Extend, charter.log, charter.future, gate.ledger_unavailable.
	ExtendCharter(ctx context.Context, text []byte, signatures [][]byte) (CharterHead, error)
	// Offer keeps a grant and its order for approval. Repeating it changes
	// nothing. Codes: those of grant.Parse and grant.Rules (approvals aside),
	// gate.order_document, gate.unpackable, gate.offers_full.
	Offer(ctx context.Context, o Offer) (Status, error)
	// AnnounceExport takes the signed manifest of an export that a person collected
	// by hand. Kept says that its files are here already; otherwise BringExport
	// brings them. Repeating it changes nothing. Codes: those of
	// grant.CheckExport, gate.export_used, gate.exports_full.
	AnnounceExport(ctx context.Context, manifest grant.Signed) (Export, error)
	// BringExport takes the files of an announced export, one behind the other in
	// the order of the manifest, each as long as it says. When it returns they are
	// on the disk. Of an export that is kept nothing is read. Codes:
	// gate.export_unannounced, gate.export_running, gate.canceled, export.content,
	// and those of AnnounceExport.
	BringExport(ctx context.Context, export string, files io.Reader) (Export, error)
	// Exports lists the exports that are kept and have not left.
	Exports(ctx context.Context) ([]Export, error)
	// ExportText gives a kept export's manifest. Codes: gate.export_missing,
	// gate.export_used, gate.export_changed.
	ExportText(ctx context.Context, export string) ([]byte, error)
	// Called takes a person's word that they called the agency back. Codes: those
	// of grant.CheckCall, gate.calls_full.
	Called(ctx context.Context, s grant.Signed) (HeldCall, error)
	// Calls lists the calls about a demand, oldest first.
	Calls(ctx context.Context, demand string) ([]HeldCall, error)
	// CallText gives a caller's statement. Code: gate.call_missing.
	CallText(ctx context.Context, call string) ([]byte, error)
	// Text gives the exact bytes to sign, as the gate parsed and encoded them.
	Text(ctx context.Context, id string) ([]byte, error)
	// Document gives the order's document.
	Document(ctx context.Context, id string) ([]byte, error)
	// Approve keeps a person's approval of Text: see grant.Approval. Codes: those,
	// and approval.counter.
	Approve(ctx context.Context, id string, armored []byte) (Status, error)
	// Stop takes a person's stop; it is durable and holds when Stop returns.
	// Codes: those of grant.CheckStop.
	Stop(ctx context.Context, s grant.Signed) (HeldStop, error)
	// InForce takes a person's word that the order stands. Codes: those of
	// grant.CheckInForce.
	InForce(ctx context.Context, s grant.Signed) (Status, error)
	// Release collects, seals and makes visible. Repeating it returns the
	// recorded outcome or refusal. Codes: see the package.
	Release(ctx context.Context, id string) (Outcome, error)
	// Keep makes the copy that a grant to keep asks for, or moves a copy's end.
	// Nothing leaves, and nothing serves a copy: only a release grant that names it
	// opens it. Repeating it returns the recorded outcome or refusal. Codes: see the
	// package.
	Keep(ctx context.Context, id string) (Copy, error)
	// Preview counts what a grant to preview names, and gives the rounded table.
	// Repeating it reads no store and returns the recorded table or refusal. Codes:
	// gate.previews_only, gate.not_to_preview, gate.preview_changed; see the package.
	Preview(ctx context.Context, id string) (Preview, error)
	// Copies lists the copies, those that ended too.
	Copies(ctx context.Context) ([]Copy, error)
	// CopyText gives what the gate states about a copy. Codes: gate.copy_missing,
	// gate.copy_changed.
	CopyText(ctx context.Context, copy string) ([]byte, error)
	Status(ctx context.Context, id string) (Status, error)
	List(ctx context.Context) ([]Status, error)
	Stops(ctx context.Context) ([]HeldStop, error)
	Interrupted(ctx context.Context) ([]Interruption, error)
	// Stores looks at each connected store, without reading anybody's data.
	Stores(ctx context.Context) ([]Store, error)
	// Walls says what the kernel holds the gate's process back from.
	Walls(ctx context.Context) ([]Wall, error)
	// Declare keeps a custodian's signed declaration (evidence/declaration) beside a
	// visible package, with the gate's word that a person on the roster signed it. A
	// later one takes its place. Codes: those of declaration.Parse and Settled,
	// declaration.not_on_roster, declaration.other_person, gate.not_released,
	// gate.declaration_other, gate.declaration_date.
	Declare(ctx context.Context, id string, s grant.Signed) (Declared, error)
	// Link makes a link with which an officer picks a visible package up in a browser,
	// in the place of one before. By is who gets it, in plain words of at most 150
	// bytes: fetches are logged under it. Codes: gate.no_pickup_page, gate.pickup_form,
	// and those of Fetch.
	Link(ctx context.Context, id, by string) (Link, error)
	// ReportIncident takes a person's signed word (grant.Incident) that a release held
	// more than was compelled. The gate lists exactly what, records it, ends every
	// download of the package and tells the journal. The same word again changes
	// nothing. Codes: those of grant.CheckIncident, gate.incident_other,
	// gate.incident_date, gate.incidents_full, gate.incident_people,
	// gate.incident_no_item, gate.incident_nothing, gate.index_missing,
	// gate.index_ended, gate.list_changed.
	ReportIncident(ctx context.Context, s grant.Signed) (Incident, error)
	// Incidents lists what was over-produced, after it left and before; no item is named.
	Incidents(ctx context.Context) ([]Incident, error)
	// IncidentText gives what the gate states about one that had left. Code:
	// gate.incident_missing.
	IncidentText(ctx context.Context, incident string) ([]byte, error)
	// ReadIncident opens the list of an incident, for a person who says now, signed
	// (grant.ListRead), that they read it. Codes: those of grant.CheckListRead,
	// gate.incident_missing, gate.replayed, gate.index_ended, gate.list_changed.
	ReadIncident(ctx context.Context, s grant.Signed) (io.ReadCloser, int64, error)
	// TellPassphrase tells the passphrase of a ZIP, once, to a person on the roster who
	// says, signed (grant.Telling), that they are about to read it out on a call, and who
	// neither drafted nor approved. The gate's record has it before, what was kept is
	// destroyed, and the journal holds the text: whoever asks again is refused. Codes: those
	// of grant.CheckTelling, gate.replayed, gate.passphrase_other, gate.passphrase_people,
	// gate.passphrase_told, gate.passphrase_ended, gate.passphrase_changed,
	// gate.passphrase_lost, gate.pickup_over, gate.stopped, gate.incident, gate.clock,
	// gate.ledger_unavailable.
	TellPassphrase(ctx context.Context, s grant.Signed) (Told, error)
	// PassphraseReached takes the same person's word (grant.Reached) whom they reached on
	// the call. The same word again changes nothing. Codes: those of grant.CheckReached,
	// gate.reached_other, gate.reached_date, gate.reached_twice.
	PassphraseReached(ctx context.Context, s grant.Signed) (Status, error)
	// Stamp takes a time-stamping authority's answer to Status.StampRequest and keeps the time stamp beside the package, if
	// it is about the journal's checkpoint in the package's proof, answers this gate's
	// request and is signed by whom the gate's configuration names. The first one stays.
	// Codes: gate.not_released, gate.no_stamps, gate.stamp_time, and those of
	// evidence/timestamp.
	Stamp(ctx context.Context, id string, answer []byte) (Status, error)
	// Fetch opens a file of a visible package (evidence/release.Files, and
	// evidence/declaration.Files and evidence/timestamp.File where there is one) and logs
	// who fetches it, in plain words of at most 200 bytes. Reading stops when a
	// stop arrives. Codes: gate.not_released, gate.no_file, gate.package_gone, gate.stopped,
	// gate.pickup_over, gate.pickup_limit.
	Fetch(ctx context.Context, id, file, by string) (io.ReadCloser, int64, error)
}
