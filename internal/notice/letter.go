package notice

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Languages lists the languages of letters.
var Languages = []string{"en", "de", "da", "it"}

// Outcome is what happened, or will.
type Outcome string

const (
	WillBeGiven Outcome = "will-be-given" // after a waiting period that ends at GivenAt
	WasGiven    Outcome = "was-given"
	NotGiven    Outcome = "not-given"
)

// Bounds, so that a letter stays a page.
const (
	MaxLines  = 24  // of Asked, of Given
	MaxDuties = 8   // of Secrecy
	maxText   = 300 // bytes of each text
)

// Line is one thing that was asked for or given. From and Until are both inside.
type Line struct {
	Service     scope.Service
	Category    scope.Category
	From, Until time.Time
	Basis       scope.Basis
}

// Secrecy is a duty that kept the letter back.
type Secrecy struct {
	Source      string // the order or statute
	From, Until time.Time
}

// Opening lets the customer check that the demand was in the public ledger.
type Opening struct {
	Log     string // the log's name
	Leaf    string // which leaf, as the log's reader names it
	Opening string // the secret that opens it, as text
	Check   string // where, or with what command, it is checked
}

// Letter has everything that the letter says. All fields are needed, except
// Secrecy (none: the paragraph is left out), Given and GivenAt (only for
// NotGiven), Items (only for WasGiven), ObjectUntil (only for WillBeGiven).
// Texts are neutralised: what is not printable becomes a space.
type Letter struct {
	Language    string
	Zone        *time.Location // the customer's
	Provider    string
	Date        time.Time // of the letter
	Customer    string    // name of the person or organisation
	Demand      string    // the provider's number
	Received    time.Time
	Authority   string
	Instrument  string
	Asked       []Line
	Outcome     Outcome
	Given       []Line
	GivenAt     time.Time
	Items       int64
	ObjectTo    string // address, page or telephone
	ObjectUntil time.Time
	Secrecy     []Secrecy
	Opening     Opening
}

// checked returns the letter with neutralised texts, or notice.field.
func (l Letter) checked() (Letter, error) {
	if !slices.Contains(Languages, l.Language) {
		return l, missing("language")
	}
	if l.Zone == nil || l.Zone == time.Local || l.Zone.String() == "" {
		return l, missing("zone")
	}
	l.Secrecy = slices.Clone(l.Secrecy)
	texts := []struct {
		name string
		text *string
	}{
		{"provider", &l.Provider}, {"customer", &l.Customer}, {"demand", &l.Demand}, {"authority", &l.Authority}, {"instrument", &l.Instrument},
		{"object to", &l.ObjectTo}, {"opening: log", &l.Opening.Log}, {"opening: leaf", &l.Opening.Leaf}, {"opening", &l.Opening.Opening}, {"opening: check", &l.Opening.Check},
	}
	for i := range l.Secrecy {
		texts = append(texts, struct {
			name string
			text *string
		}{"secrecy: source", &l.Secrecy[i].Source})
	}
	for _, t := range texts {
		*t.text = neutral(*t.text)
		if *t.text == "" || len(*t.text) > maxText {
			return l, missing(t.name)
		}
	}
	return l, l.checkFacts()
}

func (l Letter) checkFacts() error {
	switch {
	case !dated(l.Date):
		return missing("date")
	case !dated(l.Received) || l.Received.After(l.Date):
		return missing("received")
	case len(l.Asked) == 0 || !lines(l.Asked):
		return missing("asked")
	case !lines(l.Given):
		return missing("given")
	case len(l.Secrecy) > MaxDuties:
		return missing("secrecy")
	}
	for _, s := range l.Secrecy {
		if !dated(s.From) || !dated(s.Until) || s.Until.Before(s.From) {
			return missing("secrecy: dates")
		}
	}
	return l.checkOutcome()
}

func (l Letter) checkOutcome() error {
	gives := len(l.Given) > 0 && dated(l.GivenAt)
	switch l.Outcome {
	case WillBeGiven:
		if !gives || l.GivenAt.Before(l.Date) || l.Items != 0 {
			return missing("given")
		}
		if !dated(l.ObjectUntil) || l.ObjectUntil.Before(l.Date) || l.ObjectUntil.After(l.GivenAt) {
			return missing("object until")
		}
	case WasGiven:
		if !gives || l.GivenAt.After(l.Date) || l.GivenAt.Before(l.Received) || l.Items < 1 {
			return missing("given")
		}
	case NotGiven:
		if len(l.Given) > 0 || !l.GivenAt.IsZero() || l.Items != 0 {
			return missing("given")
		}
	default:
		return missing("outcome")
	}
	return nil
}

func dated(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9998 }

func lines(ls []Line) bool {
	for _, l := range ls {
		if !slices.Contains(scope.Services, l.Service) || !slices.Contains(scope.Categories, l.Category) ||
			(l.Basis != scope.Received && l.Basis != scope.Sent) || !dated(l.From) || !dated(l.Until) || l.Until.Before(l.From) {
			return false
		}
	}
	return len(ls) <= MaxLines
}

func missing(field string) error {
	return problem.New(problem.Invalid, "notice.field", "a letter needs this, in bounds and in agreement with the rest").At("%s", field)
}

// neutral makes one line of printable characters. Controls, line ends and the
// characters that turn the direction of writing become spaces; hyphens and
// number signs at the beginning go, because they would look like the letter's own.
func neutral(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	return strings.TrimLeft(strings.Join(strings.Fields(s), " "), "-# ")
}
