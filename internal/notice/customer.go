package notice

import (
	"slices"
	"time"

	"counterseal/internal/scope"
)

// DemandNotice tells a customer of a demand that may be told at once. With
// Accounts it goes to the representative whom an organisation named, about these.
type DemandNotice struct {
	Head
	Accounts    []string `notice:"optional,max=40"`
	Received    time.Time
	Authority   string
	Instrument  string
	Asked       []Line
	Outcome     Outcome
	Emergency   bool      `notice:"optional"` // given freely, to avert a danger to life; only for WasGiven
	Given       []Line    `notice:"optional"` // not for NotGiven
	GivenAt     time.Time `notice:"optional"` // not for NotGiven
	Items       int64     `notice:"optional"` // only for WasGiven
	Beyond      bool      `notice:"optional"` // a package with it held more than was compelled; only for WasGiven
	ObjectUntil time.Time `notice:"optional"` // only for WillBeGiven
	Opening     Opening
}

// Kind implements Letter.
func (*DemandNotice) Kind() Kind { return "demand-notice" }

func (l *DemandNotice) agree() string {
	if l.Received.After(l.Date) {
		return "received"
	}
	if l.Emergency && l.Outcome != WasGiven {
		return "emergency"
	}
	if l.Beyond && l.Outcome != WasGiven {
		return "beyond"
	}
	if l.Outcome == WillBeGiven && (l.ObjectUntil.Before(l.Date) || l.ObjectUntil.After(l.GivenAt)) {
		return "object until"
	}
	return outcome(l.Outcome, l.Given, l.GivenAt, l.Items, l.Received, l.Date)
}

// outcome says what is at odds between what is said to be given and when.
func outcome(o Outcome, given []Line, at time.Time, items int64, received, date time.Time) string {
	gives := len(given) > 0 && !at.IsZero()
	switch o {
	case WillBeGiven:
		if !gives || at.Before(date) || items != 0 {
			return "given"
		}
	case WasGiven:
		if !gives || at.After(date) || at.Before(received) || items < 1 {
			return "given"
		}
	case NotGiven:
		if len(given) > 0 || !at.IsZero() || items != 0 {
			return "given"
		}
	default:
		return "outcome"
	}
	return ""
}

// Fact names something that a secrecy duty still covers after the rest has ended.
type Fact string

const (
	FactAuthority  Fact = "authority"  // who asked
	FactInstrument Fact = "instrument" // the order and its number
	FactAsked      Fact = "asked"      // what was asked for
	FactGiven      Fact = "given"      // what was given, and when
)

// Production is one delivery to the authority.
type Production struct {
	At    time.Time
	Items int64
	Lines []Line
}

// SecrecyEnded tells a customer of a demand that could not be told before. A
// fact in Untold still may not be told: its field must be empty, and the letter
// says that it is kept back, and under what. Nothing in Given: nothing was given.
// An opening shows all that the leaf says, so with Untold it can be left out.
type SecrecyEnded struct {
	Head
	Accounts   []string `notice:"optional,max=40"`
	Received   time.Time
	Authority  string       `notice:"optional"`
	Instrument string       `notice:"optional"`
	Asked      []Line       `notice:"optional"`
	Given      []Production `notice:"optional,max=8"`
	Beyond     bool         `notice:"optional"` // a package of these held more than was compelled
	Duties     []Secrecy    `notice:"max=8"`
	Untold     []Fact       `notice:"optional,max=4"`
	UntoldBy   string       `notice:"optional"` // the duty that remains, as far as it may be named
	Opening    *Opening     `notice:"optional"`
}

// Kind implements Letter.
func (*SecrecyEnded) Kind() Kind { return "secrecy-ended" }

// Withholds reports whether the fact is among those that may not be told.
func (l *SecrecyEnded) Withholds(f Fact) bool {
	for _, u := range l.Untold {
		if u == f {
			return true
		}
	}
	return false
}

func (l *SecrecyEnded) agree() string {
	if l.Received.After(l.Date) {
		return "received"
	}
	told := map[Fact]bool{FactAuthority: l.Authority != "", FactInstrument: l.Instrument != "", FactAsked: len(l.Asked) > 0}
	for f, there := range told {
		if there == l.Withholds(f) {
			return string(f)
		}
	}
	seen := map[Fact]bool{}
	for _, f := range l.Untold {
		if _, known := told[f]; (!known && f != FactGiven) || seen[f] {
			return "untold"
		}
		seen[f] = true
	}
	if (l.UntoldBy != "") != (len(l.Untold) > 0) {
		return "untold by"
	}
	if l.Opening == nil && len(l.Untold) == 0 {
		return "opening"
	}
	if l.Beyond && len(l.Given) == 0 {
		return "beyond"
	}
	if len(l.Given) > 0 && l.Withholds(FactGiven) {
		return "given"
	}
	for _, p := range l.Given {
		if p.At.Before(l.Received) || p.At.After(l.Date) || p.Items < 1 {
			return "given"
		}
	}
	for _, d := range l.Duties {
		if d.Until.Before(d.From) || d.Until.After(l.Date) {
			return "duties"
		}
	}
	return ""
}

// ControllerNotice tells a controller that its processor received a European
// order, Regulation (EU) 2023/1543 Art. 5(7).
type ControllerNotice struct {
	Head
	Accounts   []string `notice:"max=40"`
	Received   time.Time
	Authority  string
	Instrument string
	Asked      []Line
	Outcome    Outcome
	Given      []Line    `notice:"optional"`
	GivenAt    time.Time `notice:"optional"`
	Items      int64     `notice:"optional"`
}

// Kind implements Letter.
func (*ControllerNotice) Kind() Kind { return "controller-notice" }

func (l *ControllerNotice) agree() string {
	if l.Received.After(l.Date) {
		return "received"
	}
	return outcome(l.Outcome, l.Given, l.GivenAt, l.Items, l.Received, l.Date)
}

// Excess is what was given too much, of one kind. The days are of UTC, both inside; left
// out where the items bear no time.
type Excess struct {
	Service  scope.Service
	Category scope.Category
	Items    int64
	From     time.Time `notice:"optional"`
	Until    time.Time `notice:"optional"`
}

// Correction tells a customer who was told of a demand that a package held more of their
// data than was compelled, which was found out after it had left.
type Correction struct {
	Head
	Accounts []string  `notice:"optional,max=40"`
	Earlier  time.Time // date of the letter that told of the demand
	Given    time.Time // when the package could be fetched
	Found    time.Time // since when it cannot
	Beyond   []Excess
	Recalled time.Time `notice:"optional"` // when it was asked back
}

// Kind implements Letter.
func (*Correction) Kind() Kind { return "correction" }

// Items is how many went beyond, of all kinds.
func (l *Correction) Items() (n int64) {
	for _, x := range l.Beyond {
		n += x.Items
	}
	return n
}

func (l *Correction) agree() string {
	if l.Earlier.After(l.Date) {
		return "earlier"
	}
	if l.Given.After(l.Found) {
		return "given"
	}
	if l.Found.After(l.Date) {
		return "found"
	}
	if !l.Recalled.IsZero() && (l.Recalled.Before(l.Given) || l.Recalled.After(l.Date)) {
		return "recalled"
	}
	type kind struct {
		scope.Service
		scope.Category
	}
	seen := map[kind]bool{}
	for _, x := range l.Beyond {
		k := kind{x.Service, x.Category}
		if !slices.Contains(scope.Services, x.Service) || !slices.Contains(scope.Categories, x.Category) || seen[k] || x.From.IsZero() != x.Until.IsZero() || x.Until.Before(x.From) {
			return "beyond"
		}
		seen[k] = true
	}
	return ""
}

// Ruling is how a contest ended.
type Ruling string

const (
	Barred   Ruling = "barred"   // nothing is given
	Narrowed Ruling = "narrowed" // less is given: Given
	Upheld   Ruling = "upheld"   // what was held back is given after all: Given
)

// ContestDecided tells that a contest changed what becomes of a demand.
type ContestDecided struct {
	Head
	Accounts []string  `notice:"optional,max=40"`
	Earlier  time.Time // date of the letter that told of the demand
	Court    string
	File     string
	Decided  time.Time
	Ruling   Ruling
	Given    []Line     `notice:"optional"` // not for Barred
	GivenAt  time.Time  `notice:"optional"` // not for Barred
	Reasons  []Sentence `notice:"optional,max=12"`
}

// Kind implements Letter.
func (*ContestDecided) Kind() Kind { return "contest-decided" }

func (l *ContestDecided) agree() string {
	if l.Decided.After(l.Date) {
		return "decided"
	}
	if l.Earlier.After(l.Date) {
		return "earlier"
	}
	switch l.Ruling {
	case Barred:
		if len(l.Given) > 0 || !l.GivenAt.IsZero() {
			return "given"
		}
	case Narrowed, Upheld:
		if len(l.Given) == 0 || l.GivenAt.Before(l.Decided) {
			return "given"
		}
	default:
		return "ruling"
	}
	return ""
}
