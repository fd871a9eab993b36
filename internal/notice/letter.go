package notice

import (
	"time"

	"counterseal/internal/scope"
)

// Languages lists the languages of letters.
var Languages = []string{"en", "de", "da", "it"}

// Kind says what a letter is for. Kinds are stored; none is ever renamed.
type Kind string

// Letter is the facts of one letter. The kinds in this package implement it.
// Texts are neutralised before they are set: what is not printable becomes a space.
type Letter interface {
	Kind() Kind
	head() *Head
	// agree says which field is at odds with the rest, or "". It is asked when
	// each field that is needed has been found.
	agree() string
}

// Kinds lists an empty letter of each kind, customers' first.
func Kinds() []Letter {
	return []Letter{
		&DemandNotice{}, &SecrecyEnded{}, &ControllerNotice{}, &Correction{}, &ContestDecided{},
		&Acknowledgement{}, &ClarificationRequest{}, &NoRecords{}, &AnswerInPart{}, &Rejection{}, &Redirect{}, &Duplicate{}, &NoInstrument{},
		&CallBackFailed{}, &Preserved{}, &Recall{}, &AnnexThree{}, &SecrecyInquiry{}, &PackageCover{},
		&RecognitionObjection{}, &LawObjection{}, &MotionCover{},
	}
}

// Head is what every letter says.
type Head struct {
	Language string         // of the reader, one of Languages
	Zone     *time.Location `json:"-"` // of the reader, with an IANA name
	Provider string
	Date     time.Time // of the letter
	To       string    // the reader: a person, an organisation, an authority
	Demand   string    // the provider's number
	Ask      string    // whom to ask or object to: address, page or telephone
}

func (h *Head) head() *Head { return h }

// Order is the instrument that an authority's letter answers.
type Order struct {
	Instrument string
	Received   time.Time
	Reference  string `notice:"optional"` // the authority's own number
}

// inTime says what is wrong if the order came after the letter about it.
func (o Order) inTime(date time.Time) string {
	if o.Received.After(date) {
		return "received"
	}
	return ""
}

// Outcome is what happened, or will.
type Outcome string

const (
	WillBeGiven Outcome = "will-be-given" // after a waiting period that ends at GivenAt
	WasGiven    Outcome = "was-given"
	NotGiven    Outcome = "not-given"
)

// Bounds, so that a letter stays a page.
const (
	MaxLines     = 24 // of any list that has no bound of its own
	MaxAccounts  = 40
	MaxDuties    = 8
	MaxSentences = 12
	maxText      = 300 // bytes of each text
	maxSentence  = 600 // bytes of a finding's sentence
)

// Line is one thing that was asked for or given. From and Until are both inside.
type Line struct {
	Service     scope.Service
	Category    scope.Category
	From, Until time.Time
	Basis       scope.Basis
}

// Sentence is what a finding says, in the letter's language. Cite is the law or
// policy that it rests on; Finding names the finding and is not printed: it
// leads from the letter back to the record (Draft.Sentences).
type Sentence struct {
	Text    string `notice:"long"`
	Cite    string
	Finding string
}

// Stated is the Finding of a sentence that a person states. It stands in the letter
// without what it rests on: in brackets behind it, the title of the order reads as a
// requirement of ours.
const Stated = "stated"

// printed is the sentence as it stands in a letter.
func (s Sentence) printed() string {
	if s.Finding == Stated {
		return s.Text
	}
	return s.Text + " (" + s.Cite + ")"
}

// Secrecy is a duty that kept a letter back. Both ends are inside.
type Secrecy struct {
	Source      string // the order or statute
	From, Until time.Time
}

// Opening lets the reader check that the demand was in the public ledger.
type Opening struct {
	Log     string // the log's name
	Leaf    string // which leaf, as the log's reader names it
	Opening string // the secret that opens it, as text
	Check   string // where, or with what command, it is checked
}
