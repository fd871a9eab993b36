package notice

import "time"

// Acknowledgement says that a document's bytes arrived. It accepts no service
// and waives no objection.
type Acknowledgement struct {
	Head
	Order
	Digest  string // SHA-256 of the document's bytes, hexadecimal
	Size    int64  // bytes
	Opening Opening
}

// ClarificationRequest asks what must be known before the order can be answered.
type ClarificationRequest struct {
	Head
	Order
	Questions []Sentence `notice:"max=12"`
	AnswerBy  time.Time  `notice:"optional"`
	Kept      bool       `notice:"optional"` // the data are kept meanwhile
}

// NoRecords says that nothing was found, for which identifiers and as of when.
type NoRecords struct {
	Head
	Order
	Identifiers []string `notice:"max=40"` // as the instrument states them
	Searched    []Line
	AsOf        time.Time
}

// Withheld is something that was asked for and is not given, and why.
type Withheld struct {
	Line Line
	Why  Sentence
}

// AnswerInPart says what is given, what is not, and why not.
type AnswerInPart struct {
	Head
	Order
	Given    []Line
	Items    int64
	Package  string // its name
	Withheld []Withheld
}

// Rejection says that nothing is given, and why.
type Rejection struct {
	Head
	Order
	Reasons []Sentence `notice:"max=12"`
	Kept    bool       `notice:"optional"` // a copy of the data is kept
}

// Channel is where a demand belongs that came to the wrong place.
type Channel string

const (
	TreatyChannel         Channel = "treaty"         // mutual legal assistance
	CustomerChannel       Channel = "customer"       // the organisation whose data it is
	RepresentativeChannel Channel = "representative" // the provider's designated establishment or legal representative
)

// Redirect names the channel that the law provides.
type Redirect struct {
	Head
	Order
	Channel Channel
	Contact string
	Reasons []Sentence `notice:"max=12"`
	Kept    bool       `notice:"optional"`
}

// Duplicate says that the same demand came before and is dealt with there.
type Duplicate struct {
	Head
	Order
	First         string // the number of the first
	FirstReceived time.Time
}

// NoInstrument answers a letter that compels nothing.
type NoInstrument struct {
	Head
	Received  time.Time
	Reference string     `notice:"optional"`
	Needed    []Sentence `notice:"max=12"` // what an instrument would have to be
}

// CallBackFailed refuses an emergency request that the independently held
// contact did not confirm. The contact itself is never named.
type CallBackFailed struct {
	Head
	Received  time.Time
	Reference string `notice:"optional"`
	Called    time.Time
	Denied    bool `notice:"optional"` // the contact said that the request is not theirs; else nobody was reached
}

// Preserved says that a copy is kept, of what and until when.
type Preserved struct {
	Head
	Order
	Lines  []Line
	Copied time.Time
	Until  time.Time
}

// Recall asks back what was given beyond what was compelled. What is known cannot be
// unknown; it says how much it is, and how the authority finds it in its package.
type Recall struct {
	Head
	Order
	Given  time.Time // when the package could be fetched
	Items  int64     // in it
	Beyond int64     // of them not compelled
	Digest string    // of the release statement that lies beside the package
	List   string    // of the list of those items
}

// Certificate is the form that Annex III answers.
type Certificate string

const (
	EPOC   Certificate = "EPOC"    // European Production Order Certificate
	EPOCPR Certificate = "EPOC-PR" // European Preservation Order Certificate
)

// LawConflict is section E of the form: the law of a third country.
type LawConflict struct {
	Law, Provisions, Interest, WhyApplies, WhyConflicts, Link, Consequences string
}

// AnnexThree has the fields of the form of Annex III of Regulation (EU)
// 2023/1543, section by section. It is a letter with these facts and claims no
// conformance with the form or with its electronic format.
type AnnexThree struct {
	Head                       // Ask: section H
	Certificate    Certificate // A
	Authority      string      // B
	AuthorityFile  string
	Validating     string `notice:"optional"`
	ValidatingFile string `notice:"optional"`
	Enforcing      string `notice:"optional"`
	EnforcingFile  string `notice:"optional"`
	Issued         time.Time
	Received       time.Time
	Addressee      string       // C; its file number is Demand
	Reasons        []ReasonCode `notice:"optional,max=10"` // D(a); none: then D(b) explains
	Explained      []Sentence   `notice:"max=12"`          // D(b)
	Conflict       *LawConflict `notice:"optional"`        // E, if and only if ThirdCountryLaw is among the reasons
	Needed         []Sentence   `notice:"optional,max=12"` // F
	Kept           bool         `notice:"optional"`        // G
}

// SecrecyInquiry asks, before a secrecy duty ends, whether it continues.
type SecrecyInquiry struct {
	Head
	Order
	Duty   Secrecy
	TellOn time.Time // when the customer is told if no answer comes
}

// PackageCover goes with a package: what is in it, how to open it, whom to ask.
type PackageCover struct {
	Head
	Order
	Package  string // its name
	Items    int64
	Size     int64 // bytes
	Digest   string
	Lines    []Line
	Key      string   // the recipient's key that opens it
	Commands []string // that check and open it
	Withheld bool     `notice:"optional"` // order.json inside says what was withheld
}

func (*Acknowledgement) Kind() Kind      { return "acknowledgement" }
func (*ClarificationRequest) Kind() Kind { return "clarification-request" }
func (*NoRecords) Kind() Kind            { return "no-records" }
func (*AnswerInPart) Kind() Kind         { return "answer-in-part" }
func (*Rejection) Kind() Kind            { return "rejection" }
func (*Redirect) Kind() Kind             { return "redirect" }
func (*Duplicate) Kind() Kind            { return "duplicate" }
func (*NoInstrument) Kind() Kind         { return "no-instrument" }
func (*CallBackFailed) Kind() Kind       { return "call-back-failed" }
func (*Preserved) Kind() Kind            { return "preserved" }
func (*Recall) Kind() Kind               { return "recall" }
func (*SecrecyInquiry) Kind() Kind       { return "secrecy-inquiry" }
func (*PackageCover) Kind() Kind         { return "package-cover" }

func (l *Acknowledgement) agree() string { return l.inTime(l.Date) }
func (l *ClarificationRequest) agree() string {
	if !l.AnswerBy.IsZero() && l.AnswerBy.Before(l.Date) {
		return "answer by"
	}
	return l.inTime(l.Date)
}
func (l *NoRecords) agree() string {
	if l.AsOf.After(l.Date) {
		return "as of"
	}
	return l.inTime(l.Date)
}
func (l *AnswerInPart) agree() string { return l.inTime(l.Date) }
func (l *Rejection) agree() string    { return l.inTime(l.Date) }
func (l *Redirect) agree() string {
	switch l.Channel {
	case TreatyChannel, CustomerChannel, RepresentativeChannel:
		return l.inTime(l.Date)
	}
	return "channel"
}
func (l *Duplicate) agree() string {
	if l.FirstReceived.After(l.Received) {
		return "first received"
	}
	return l.inTime(l.Date)
}
func (l *NoInstrument) agree() string {
	if l.Received.After(l.Date) {
		return "received"
	}
	return ""
}
func (l *CallBackFailed) agree() string {
	if l.Received.After(l.Called) {
		return "called"
	}
	if l.Called.After(l.Date) {
		return "called"
	}
	return ""
}
func (l *Preserved) agree() string {
	if l.Copied.After(l.Date) || l.Copied.Before(l.Received) {
		return "copied"
	}
	if l.Until.Before(l.Copied) {
		return "until"
	}
	return l.inTime(l.Date)
}
func (l *Recall) agree() string {
	if l.Given.Before(l.Received) || l.Given.After(l.Date) {
		return "given"
	}
	if l.Beyond > l.Items {
		return "beyond"
	}
	return l.inTime(l.Date)
}
func (l *SecrecyInquiry) agree() string {
	if l.Duty.Until.Before(l.Duty.From) || l.Duty.Until.Before(l.Date) {
		return "duty"
	}
	if l.TellOn.Before(l.Duty.Until) {
		return "tell on" // nobody is told while the duty is in force
	}
	return l.inTime(l.Date)
}
func (l *PackageCover) agree() string { return l.inTime(l.Date) }
