package staff

import (
	"context"
	"strings"
	"time"
)

// Docket is what the pages read. An error of kind problem.Missing or
// problem.Refused is answered as absence.
type Docket interface {
	// Queue lists what falls due for the reader, first what is due first. It is at
	// most one page long, and may be shorter than a page before the end.
	Queue(ctx context.Context, reader string, ask Ask) (Queue, error)
	// Demand is one demand as the reader may see it. Whether the reader may is
	// asked before anything else can fail: another kind of error tells that the
	// demand exists.
	Demand(ctx context.Context, reader, id string) (Demand, error)
}

// Obstacle is what stands in the way of an act.
type Obstacle struct {
	Code    string
	About   string
	Seat    string    // who can remove it
	Until   time.Time // zero: no end is known
	Because []uint64  // events that it rests on
	In      string    // address of the contest or duty whose events they are; "" for the page's own
}

// Demand is one demand on one page.
type Demand struct {
	ID         string
	Status     string
	Sealed     bool
	Kind       string // ui.Kinds
	Emergency  bool
	Unread     bool
	Last       uint64  `json:"-"` // the last event of this reading
	OnRoster   bool    `json:"-"` // the reader may act at all
	Offers     []Offer `json:"-"` // what the reader can do on the page, in the order of the walk
	Instrument Instrument
	Due        time.Time // zero: the paper names no day
	Why        string    // how that day was counted, one sentence
	Secrecy    Secrecy
	Targets    []Target
	Lines      []Line
	Findings   []Finding
	Others     *Others // null: the rules in force are those that were asked
	Next       Next
	Tracks     []Track
	Grants     []Grant
	Notices    []Notice
	Letters    []SentLetter `json:"-"` // of ours, in the thread
	Sections   []Section    // what else there is, in the order of the walk
	Record     []Section    `json:"-"` // acts of the parts of which there is nothing yet
	Asks       []Link       `json:"-"` // acts that name more of what it asks
	States     bool         `json:"-"` // the reader can state facts
	Stated     []Datum      // the facts as somebody stated them
	Silent     []Obstacle   // what touches the demand and cannot be read
	Document   *Document    `json:"-"` // the original, where it is short enough to stand on the page
	History    []Event      // in order
}

// Instrument is the document and who makes the demand.
type Instrument struct {
	Kind, Title, Number string
	Agency, Officer     string
	Signed              time.Time // zero: the paper does not say
	Channel             string    // how it came, in words
	Received            time.Time
	Original            string // SHA-256 of the bytes as they came, lower-case hex
	Checked             string // how it was checked and with whom; "" while nobody has
	Genuine             bool
	CheckedAt           uint64 // the event
}

// Secrecy is what the demand says about telling the customer.
type Secrecy struct {
	Stated bool
	Duties int // of secrecy that touch it
	None   bool
	Source string
	Until  time.Time
	Event  uint64
}

// Target is an identifier as the instrument states it, and what it stands for.
type Target struct {
	No           int
	Kind, Stated string
	Resolved     uint64 // 0 while nobody has looked it up
	Accounts     []string
	By           string // who looked it up
	Checked      uint64 // 0 while no second person has agreed
	Second       string
}

// Line is the unit that is decided.
type Line struct {
	No, Target        int
	Service, Category string
	From, Until       time.Time
	Basis             string
	Participants      []string
	Decision          string
	Decided           uint64
	Reason            string
	Gives             []string // what may be given, in words; empty for nothing
	Acts              []Link   `json:"-"`
}

// Finding is what a rule said.
type Finding struct {
	Rule                   string
	Outcome, Severity      string
	Respond                []string
	Cite, Quote, Says      string // Says: one sentence
	Checked                string // how well the rule was checked
	Missing                []string
	LeavesOut              []string // what a person has to look at, as no fact says it
	AnsweredBy, SecondedBy string
}

// Key is the finding's own name on the page.
func (f Finding) Key() string { return "finding-" + strings.ReplaceAll(f.Rule, ".", "-") }

// Open reports whether the finding waits for a person.
func (f Finding) Open() bool {
	return f.Severity == "blocking" && f.Outcome == "violated" && f.SecondedBy == ""
}

// Others are the rules in force, where they are not those that were asked: what they
// say otherwise on the same facts. The findings stand as they were recorded until
// somebody asks again.
type Others struct {
	Asked   time.Time // when the recorded ones were
	Changes []Change
}

// Change is one difference between what was recorded and what the rules in force say.
type Change struct {
	Rule     string
	Cite     string
	Deadline bool
	Was, Now string // outcomes (ui.Verdicts), or how a deadline is counted; "" for nothing
	Severity string // of the rule as it is now, else as it was; "" for a deadline
}

// Next is the next lawful act, the command that does it, and what stands in the
// way of where it leads.
type Next struct {
	Act     string // ui.Acts
	About   string // "line 1", "target 2", a grant
	No      int    // of that line or target; 0 for none
	Seat    string
	Yours   bool       // the reader can do it
	Href    string     // the page on which it is done; "" where the form stands here or there is none
	Command string     // exact, for the command line; "" where there is none
	Toward  string     // ui.Acts: the act that it leads to, such as "release"; "" for itself
	Way     []Obstacle // what stands in the way of Toward
}

// Track is one state machine as it ran.
type Track struct {
	Name  string // ui.Tracks
	About string // "", or the line, grant or account
	State string // the state now, in words
	Spans []Span
}

// Span is a stretch of a track. A zero Until means that it still runs.
type Span struct {
	From, Until time.Time
	Shape       string // done, running, stopped, ahead
	Says        string
}

// Grant is one permission to collect.
type Grant struct {
	ID, Digest        string
	Gives             []string // in words
	Region, Recipient string
	Drafter           string
	Approvals         []Approval
	Needed            int
	Expires           time.Time
	Asked             time.Time // when somebody asked that it go by itself; zero: nobody did, or it is over
	AskedBy           string
	Goes              time.Time // when its time comes; zero: as soon as nothing stands in the way
	Revoked           bool
	Outcome           string
	Permitted         bool
	Acts              []Link `json:"-"`
	Received          uint64 // the recipient acknowledged it
	Recalled          uint64
	Exceeded          []Exceeded
	ByHand            bool   // an export that a person collected: not gate-filtered
	Production        string // first, rolling, supplement, correction; "" for a grant of version 1
	Emergency         bool
	StampedAt         time.Time `json:",omitzero"`  // the time stamp beside the package, as the authority states it
	StampedBy         string    `json:",omitempty"` // that authority
	Unstamped         bool      `json:"-"`          // a package without one, as far as this office has heard
	StampCode         string    `json:"-"`          // why the last try to get one failed

	Collecting *Collecting `json:"-"`          // what the gate has of it by now, while it collects
	Passphrase *Passphrase `json:",omitempty"` // of a ZIP that has left; nil: there is none, as far as this office has heard
}

// Collecting is how far a gate has come with a collection.
type Collecting struct {
	Items, Withheld int
	MiB             int64
}

// Zip reports whether the package is a ZIP under a passphrase.
func (g Grant) Zip() bool { return g.Recipient == "zip" }

// Passphrase is where the passphrase of a ZIP stands.
type Passphrase struct {
	State   string    // waits, told, ended
	Until   time.Time `json:",omitzero"` // of one that waits: when it is destroyed
	Person  string    `json:",omitempty"`
	At      time.Time `json:",omitzero"`
	Reached string    `json:",omitempty"`
	ReadOut bool      `json:",omitempty"`
}

// Exceeded says of a grant's package that it held more than was compelled.
type Exceeded struct {
	Event          uint64
	At             time.Time
	Outside, Items int
	Apart          bool // it was caught before it left
	Digest         string
	Whose          []Whose `json:",omitempty"` // none: caught before, or the gate did not say
}

// Whose says of one account what went too far, and whether its customer knows.
type Whose struct {
	Account string
	Kinds   []Excess
	State   string
	At      time.Time `json:",omitzero"`
	Event   uint64    `json:",omitempty"`
}

// Where the duty to tell a customer that a package held too much stands.
const (
	Corrected = "corrected" // they had been told before, and a correction went
	ToTell    = "to_tell"   // they had been told before: a correction is due
	Silent    = "silent"    // it waits until a duty of secrecy ends
	NotTold   = "not_told"  // they hear it in the first letter
	Heard     = "heard"     // they heard it in the first letter
)

// Excess is how much of one kind went too far. The days are of UTC.
type Excess struct {
	Service, Category string
	Items             int
	From              time.Time `json:",omitzero"`
	Until             time.Time `json:",omitzero"`
}

// Days are the days as they are read; "" where the items bear no time.
func (x Excess) Days() string {
	if x.From.IsZero() {
		return ""
	}
	days := x.From.UTC().Format("2 January 2006")
	if last := x.Until.UTC().Format("2 January 2006"); last != days {
		days += " to " + last
	}
	return days + " (UTC)"
}

// Approval is one person's.
type Approval struct {
	Person string
	At     time.Time
}

// Notice is a letter that went out.
type Notice struct {
	Account    string
	At         time.Time
	Event      uint64
	Correction bool `json:",omitempty"` // of an incident, to somebody who had been told before
}

// Event is one row of the history.
type Event struct {
	Seq    uint64
	At     time.Time
	By     string
	Kind   string
	Says   string // the content in one sentence, may be empty
	Reason string
}
