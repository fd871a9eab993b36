package docket

import (
	"context"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/ledger"
	"counterseal/internal/problem"
)

// What a Tx answers when somebody or something came first. They are matched
// with errors.Is.
var (
	// ErrDone: this command, with this very request, was done before.
	ErrDone = problem.New(problem.Conflict, "docket.done", "this was done before")
	// ErrReused: this command's id stands for another request.
	ErrReused = problem.New(problem.Conflict, "docket.conflict", "something else was sent under this id before").
			Fix("send it under an id of its own, or send the first again unchanged")
	// ErrStale: the stream is not where the caller saw it last.
	ErrStale = problem.New(problem.Conflict, "docket.stale", "this demand has just changed").Fix("look at it again and decide again")
	// ErrFull: the stream has as many documents as one may have.
	ErrFull = problem.New(problem.Refused, "docket.documents", "this has as many documents as one case may have").Fix("continue it in a linked demand")
)

// Digest is a keyed or plain SHA-256.
type Digest = [32]byte

// Record is one event at rest.
type Record struct {
	Seq    demand.Seq
	Chain  Digest // over this record and all before it
	Sealed []byte
}

// Mark says that a command was done. A store reads Token, Request and Demand and
// nothing else.
type Mark struct {
	Token   Digest // names the command
	Request Digest // says what it asked
	Demand  demand.ID
	Sealed  []byte // which events came of it
}

// Row is a stream's line of the queue, with the plain codes by which it is found.
type Row struct {
	Stream      string // kind of stream
	Compartment string
	Status      string
	Seat        string // who does the first duty
	Emergency   bool
	Due         time.Time // whole milliseconds; Never when nothing falls due
	Sealed      []byte
}

// Document is a document beside a stream's history. Token is its keyed name
// there; what is sealed says where its bytes lie.
type Document struct {
	Token  Digest
	Sealed []byte
}

// Duty is a duty at rest. Clerk tells the clerk's own from those that people
// are reminded of.
type Duty struct {
	Token  Digest // names the duty within its demand
	Clerk  bool
	Kind   string
	Seat   string
	Due    time.Time // whole milliseconds
	Sealed []byte    // what it is about
}

// Stream is all that a store holds of one demand, as of one moment. Last is 0
// when it holds nothing. Records are in order of Seq.
type Stream struct {
	ID      demand.ID
	Last    demand.Seq
	Head    Digest
	Records []Record
	Marks   []Mark
	Row     Row
	Duties  []Duty
	Receipt []byte
}

// DueDuty is a duty that falls due, and whose. Tries counts the claims on it.
type DueDuty struct {
	Demand demand.ID
	Duty
	Tries int
}

// Alarm is a person's duty that is to be escalated: At is the moment of which it
// is a step.
type Alarm struct {
	DueDuty
	At time.Time
}

// AlarmMove puts an alarm to another time.
type AlarmMove struct {
	Alarm
	To time.Time
}

// Listed is a row of the queue and whose.
type Listed struct {
	Demand demand.ID
	Row
}

// ClockMark is the highest time seen, with the seal that binds it.
type ClockMark struct {
	Highest time.Time // whole milliseconds
	Seal    Digest
}

// Page is a stretch of one compartment's queue, in order of (Due, Demand),
// beginning after (Due, After) and ending before Until.
type Page struct {
	Compartment string
	Stream      string
	Status      string // "" for any
	Seat        string // "" for any
	Emergency   bool   // emergencies alone
	Due         time.Time
	After       demand.ID
	Until       time.Time // zero: no end
	Limit       int
}

// Claim asks for clerk duties: due at Now, and neither leased to another beyond
// Now nor leased for longer than anyone may lease (MaxLease).
type Claim struct {
	Holder [16]byte
	Now    time.Time
	Until  time.Time // at most Now + MaxLease
	Limit  int
	Kind   string // "" for any
}

// MaxLease bounds a lease and a postponement: a duty is looked at again at least
// this often, whatever the store says.
const MaxLease = 24 * time.Hour

// Never is the due time of what never falls due.
var Never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Tx is one transaction. After an error of its own the caller gives up and
// returns the error, and nothing of the transaction remains.
type Tx interface {
	// Once records that a command was done. ErrDone, ErrReused.
	Once(ctx context.Context, m Mark) error
	// Append adds records, which are after+1 and so on, moving the stream's last
	// and head first: ErrStale if the stream is not at after (0: not there).
	Append(ctx context.Context, id demand.ID, after demand.Seq, rs []Record) error
	// Expect asks that a stream is still at last: ErrStale if not. From then until
	// the transaction ends nobody moves it: a store whose transactions run side by
	// side takes the lock of the stream's row, as an update of it to what it is
	// does. Callers come in the order of ids, so that no two wait for each other.
	Expect(ctx context.Context, id demand.ID, last demand.Seq) error
	// PutMembers replaces the index of a sealed case's members: their keyed names.
	PutMembers(ctx context.Context, id demand.ID, tokens []Digest) error
	// PutDocument adds a document; one that is there already is left as it is.
	// ErrFull where the stream has most of them.
	PutDocument(ctx context.Context, id demand.ID, doc Document, most int) error
	// Put replaces row and duties, and adds entries to the ledger's outbox. A duty
	// that stays keeps its lease.
	Put(ctx context.Context, id demand.ID, row Row, duties []Duty, entries []ledger.Entry) error
	// PutReceipt stores the receipt, once for a demand. ErrStale.
	PutReceipt(ctx context.Context, id demand.ID, sealed []byte) error
	// SetClock replaces the clock mark.
	SetClock(ctx context.Context, m ClockMark) error
}

// Store is what docket needs of a store; package storetest is its contract. It
// is safe for concurrent use. An answer without error is durable. What cannot be
// read or written is store.unavailable.
type Store interface {
	// Update runs do in one transaction: all of it or nothing. do runs at most
	// once, with a context that is not cancelled half-way.
	Update(ctx context.Context, do func(context.Context, Tx) error) error
	// Load gives one snapshot of a demand.
	Load(ctx context.Context, id demand.ID) (Stream, error)
	// Compartment tells where a stream's row lies; false if there is none.
	Compartment(ctx context.Context, id demand.ID) (string, bool, error)
	// Head gives the end of a stream; 0 when there is none.
	Head(ctx context.Context, id demand.ID) (demand.Seq, Digest, error)
	// Member tells whether the index names a member of a case; Cases lists the
	// cases of one, and Members all names of a case, in their order.
	Member(ctx context.Context, token Digest, id demand.ID) (bool, error)
	Cases(ctx context.Context, token Digest) ([]demand.ID, error)
	Members(ctx context.Context, id demand.ID) ([]Digest, error)
	// SealedCases lists the ids of all sealed cases after one, in their order.
	SealedCases(ctx context.Context, after demand.ID, limit int) ([]demand.ID, error)
	// Documents lists those of a stream; Document finds one.
	Documents(ctx context.Context, id demand.ID) ([]Document, error)
	Document(ctx context.Context, id demand.ID, token Digest) (Document, bool, error)
	// Done finds the mark of a command; false if there is none.
	Done(ctx context.Context, token Digest) (Mark, bool, error)
	// Clock gives the clock mark; false before the first.
	Clock(ctx context.Context) (ClockMark, bool, error)
	// Queue gives one page of one compartment.
	Queue(ctx context.Context, p Page) ([]Listed, error)
	// Count counts the rows of a page without its limit, up to at most Limit.
	Count(ctx context.Context, p Page) (int, error)
	// Due lists duties due at now, oldest first: the clerk's or those of people.
	Due(ctx context.Context, clerk bool, now time.Time, limit int) ([]DueDuty, error)
	// Alarms lists people's duties that are to be escalated at now, oldest first.
	Alarms(ctx context.Context, now time.Time, limit int) ([]Alarm, error)
	// MoveAlarms says when duties are escalated next, in one transaction, and gives
	// those that nobody else has moved and that are still there. A duty that is put
	// again with another due time begins anew at FirstAlarm.
	MoveAlarms(ctx context.Context, moves []AlarmMove) ([]AlarmMove, error)
	// Claim leases clerk duties, oldest first. No duty is leased to two.
	Claim(ctx context.Context, c Claim) ([]DueDuty, error)
	// Defer ends the holder's lease of a duty and lets nobody claim it before
	// until. A duty that is gone or another's is left alone.
	Defer(ctx context.Context, id demand.ID, token Digest, holder [16]byte, until time.Time) error
}
