package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Whom a notice goes to.
const (
	Holder         = "holder"
	Representative = "representative" // named at onboarding; may be told where a duty allows it
)

// Notice is a letter that went to an account's holder, or to the representative
// of the customer whose account it is.
type Notice struct {
	Account scope.AccountID
	Letter  string
	To      string
	Seq     Seq
	At      time.Time
	Knew    Seq // the last event that it took into account; 0: all before it
}

// knew is the last event that the letter can have told of.
func (n Notice) knew() Seq {
	if n.Knew > 0 {
		return n.Knew
	}
	return n.Seq - 1
}

// NoticeSent records that a letter left.
type NoticeSent struct {
	Account scope.AccountID
	Letter  string
	To      string
	Knew    Seq
}

type noticeSentV2 struct {
	Account scope.AccountID
	Letter  string
	To      string
}

func (e noticeSentV2) lift() NoticeSent {
	return NoticeSent{Account: e.Account, Letter: e.Letter, To: e.To}
}

type noticeSentV1 struct {
	Account scope.AccountID
	Letter  string
}

func (e noticeSentV1) lift() NoticeSent {
	return NoticeSent{Account: e.Account, Letter: e.Letter, To: Holder}
}

func (e NoticeSent) apply(s *State, m Meta) {
	if s.told(e.Account, e.To) || (e.To != Holder && e.To != Representative) || e.Knew >= m.Seq {
		s.misfit(m)
		return
	}
	s.Notices = append(s.Notices, Notice{Account: e.Account, Letter: e.Letter, To: e.To, Seq: m.Seq, At: m.At, Knew: e.Knew})
}

// SendNotice records one letter, once. To is Holder unless it says otherwise.
// Codes: notice.sent, notice.letter, and the obstacles of MayNotify.
type SendNotice NoticeSent

func (c SendNotice) decide(s *State, e Env) ([]Event, error) {
	if c.To == "" {
		c.To = Holder
	}
	if s.told(c.Account, c.To) {
		return nil, problem.New(problem.Conflict, "notice.sent", "this customer has been told").At("account")
	}
	if !text(c.Letter) || (c.To != Holder && c.To != Representative) || c.Knew > s.Last {
		return nil, problem.New(problem.Invalid, "notice.letter", "a notice is a letter to the holder or to the representative").At("letter")
	}
	if blocked := MayTell(s, c.Account, c.To, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{NoticeSent(c)}, nil
}

// notice is the first letter about an account, whoever got it.
func (s *State) notice(a scope.AccountID) (Notice, bool) {
	for _, n := range s.Notices {
		if n.Account == a {
			return n, true
		}
	}
	return Notice{}, false
}

func (s *State) told(a scope.AccountID, to string) bool {
	return slices.ContainsFunc(s.Notices, func(n Notice) bool { return n.Account == a && n.To == to })
}
