package staff

import (
	"context"

	"counterseal/internal/problem"
)

// Hand does what a person asks for on the page of a demand.
type Hand interface {
	// Do records an act in the reader's name: once, however often the same act is
	// sent, and only on the demand as the reader saw it. It gives ErrChanged where
	// something came in between. What is not for the reader to do is an error of
	// kind problem.Refused; a demand that is not for the reader to see is one of
	// kind problem.Missing, and is asked first.
	Do(ctx context.Context, reader string, a Act) (Done, error)
}

// ErrChanged: the demand has other events than the reader saw. Nothing was
// recorded.
var ErrChanged = problem.New(problem.Conflict, "staff.changed", "it has changed since you saw it").
	Fix("read what has happened, and send it again if it is still right")

// Act is one form as it was sent.
type Act struct {
	Demand  string
	Seen    uint64   // the last event that the reader saw
	Command [16]byte // of this rendered form: a double click is one act
	Deed    Deed
	Reason  string
}

// Done says which events came of an act; both 0 where it was so already.
type Done struct{ First, Last uint64 }

// Deed is what an act does. Grants, approvals, stops and releases are not among
// them: they take people's own keys, which no page has.
type Deed interface{ deed() }

// The deeds of these pages.
type (
	Authenticate struct {
		Genuine bool
		How     string
	}
	Resolve struct {
		Target   int
		Accounts []string // none: it stands for no account
	}
	Check struct {
		Target     int
		Resolution uint64 // the event that is agreed with
	}
	Assess struct{}
	Answer struct{ Rule string } // goes against a blocking finding, or agrees with that
	Decide struct {
		Line     int
		Decision string // comply, no_records, reject
	}
	StateNoSecrecy struct{}
)

func (Authenticate) deed()   {}
func (Resolve) deed()        {}
func (Check) deed()          {}
func (Assess) deed()         {}
func (Answer) deed()         {}
func (Decide) deed()         {}
func (StateNoSecrecy) deed() {}

// Offer is an act that the reader can do now, with what a person needs to know to
// do it.
type Offer struct {
	Act        string     // ui.Acts: authenticate, resolve, check, assess, answer, decide, state_secrecy
	No         int        // of the target or line; 0 where it is about the demand
	Rule       string     // of the finding that is answered
	Stated     string     // the identifier, as the instrument states it
	Contact    string     // where to call back: found independently of the letter
	Accounts   []Account  // what the estate says that the identifier stood for
	Found      []string   // what somebody looked up and a second person agrees with
	By         string     // who looked it up
	Resolution uint64     // the event of it
	Gives      []string   // what giving in full gives, in words
	Way        []Obstacle // what stands in the way of giving; empty where it can be given
	Why        string     // what our own map says of the identifier, with the times
	Notes      []string   // what the person who records and the one who checks should know
}

// Account is one that the provider's own map proposes.
type Account struct {
	ID, Holder, Region string
	Services           []string
	Part               bool // it stood for the account during a part of the time only
}
