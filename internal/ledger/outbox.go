package ledger

import (
	"context"
	"crypto/sha256"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Log names one of the two logs; the numbers are stored.
type Log uint8

const (
	InJournal  Log = 1
	InRegister Log = 2
)

// ID names an entry: 16 random bytes, chosen by whoever writes the row.
type ID [16]byte

// Entry is a row of the outbox, not yet in a log.
type Entry struct {
	ID     ID
	Log    Log
	Urgent bool          // grants, stops, gate counters: sequenced before all others
	Event  proof.Opening // for the journal
	Leaf   []byte        // for the register: proof.RegisterLeaf.Marshal
}

// Hash is what makes an entry unique: the event hash, or SHA-256 of the leaf.
func (e Entry) Hash() proof.Hash {
	if e.Log == InRegister {
		return sha256.Sum256(e.Leaf)
	}
	return e.Event.EventHash()
}

// Validate refuses what must not reach the outbox. Problem: ledger.entry.
func (e Entry) Validate() error {
	bad := problem.New(problem.Invalid, "ledger.entry", "this cannot be an entry of a log")
	if e.ID == (ID{}) {
		return bad.At("id")
	}
	switch e.Log {
	case InJournal:
		if e.Event.Salt == ([32]byte{}) || e.Leaf != nil {
			return bad.At("event")
		}
	case InRegister:
		if _, err := proof.ParseRegisterLeaf(e.Leaf); err != nil || e.Event != (proof.Opening{}) {
			return bad.At("leaf").Because(err)
		}
	default:
		return bad.At("log")
	}
	return nil
}

// Leaf is a leaf to be sequenced.
type Leaf struct {
	Bytes []byte
	// Key is the interval key of a journal leaf; nil in the register. Secret.
	Key []byte
	// Padding is the opening of a padding leaf of the register, needed to prove
	// the report; nil otherwise. Secret.
	Padding []byte
}

// Place says where an entry went.
type Place struct {
	Entry    ID
	Sequence uint64
	Position uint16 // in the private tree; 0 in the register
}

// Batch is what one transaction of the writer makes durable.
type Batch struct {
	Log    Log
	Epoch  uint64 // of the writer
	First  uint64 // sequence of Leaves[0]
	Leaves []Leaf
	Places []Place
}

// Outbox is what the writer needs of the database. ledgertest.Outbox is the
// contract. Safe for concurrent use; an answer without error is durable.
type Outbox interface {
	// Claim raises the log's epoch and returns it, from 1. Batches of a lower
	// epoch are refused from then on.
	Claim(ctx context.Context, log Log) (epoch uint64, err error)
	// Size is the number of sequenced leaves.
	Size(ctx context.Context, log Log) (uint64, error)
	// Leaves gives the bytes of at most limit leaves from a sequence on.
	Leaves(ctx context.Context, log Log, from uint64, limit int) ([][]byte, error)
	// Pending gives at most limit entries without a place: urgent ones first,
	// then in the order of their insertion.
	Pending(ctx context.Context, log Log, limit int) ([]Entry, error)
	// Sequence stores leaves and places in one transaction: all or nothing.
	// Problems: ledger.busy (the epoch is not the current one), ledger.mismatch
	// (First is not Size, or an entry is unknown, of another log or has a place).
	Sequence(ctx context.Context, b Batch) error
}

// Placement is an entry and where it went.
type Placement struct {
	Entry     Entry
	Sequenced bool
	Sequence  uint64
	Position  uint16
}

// Interval is what one tick's private tree is rebuilt from.
type Interval struct {
	Leaf   []byte
	Key    [32]byte
	Events []proof.Placed
}

// Placements is what a reader needs of the database.
type Placements interface {
	// Find looks an entry up by its id. Problem: ledger.unknown.
	Find(ctx context.Context, id ID) (Placement, error)
	// FindHash looks an entry up by Entry.Hash. Problem: ledger.unknown.
	FindHash(ctx context.Context, hash proof.Hash) (Placement, error)
	// Interval gives one tick of the journal. Problem: ledger.unknown.
	Interval(ctx context.Context, sequence uint64) (Interval, error)
}

// Unknown is the problem for an entry or tick that does not exist.
func Unknown() *problem.Error {
	return problem.New(problem.Missing, "ledger.unknown", "the ledger does not know this entry")
}

// Fenced is the problem for a writer whose epoch has passed.
func Fenced() *problem.Error {
	return problem.New(problem.Conflict, "ledger.busy", "another writer has taken over this log")
}

// Mismatch is the problem when log and database do not tell one history. A
// person has to look: nothing repairs it by itself.
func Mismatch(sentence string) *problem.Error {
	return problem.New(problem.Unverified, "ledger.mismatch", "%s", sentence).
		Fix("do not write to either; find out which of log and database was rolled back or changed")
}
