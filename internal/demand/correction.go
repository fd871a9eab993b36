package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Correction is a letter to a customer who had been told of a demand before it was known
// that a package held too much of their data.
type Correction struct {
	Incident Digest
	Account  scope.AccountID
	Letter   string
	To       string
	Seq      Seq
	At       time.Time
}

// NoticeCorrected records that such a letter left.
type NoticeCorrected struct {
	Incident Digest
	Account  scope.AccountID
	Letter   string
	To       string
}

func (e NoticeCorrected) apply(s *State, m Meta) {
	if s.incident(e.Incident) == nil || s.corrected(e.Incident, e.Account) || (e.To != Holder && e.To != Representative) {
		s.misfit(m)
		return
	}
	s.Corrections = append(s.Corrections, Correction{Incident: e.Incident, Account: e.Account, Letter: e.Letter, To: e.To, Seq: m.Seq, At: m.At})
}

// SendCorrection records one letter, once for an incident and an account, whoever got it.
// Codes: notice.corrected, notice.letter, notice.no_correction, and the obstacles of
// MayCorrect.
type SendCorrection NoticeCorrected

func (c SendCorrection) decide(s *State, e Env) ([]Event, error) {
	if s.corrected(c.Incident, c.Account) {
		return nil, problem.New(problem.Conflict, "notice.corrected", "this customer has been told of this incident").At("account")
	}
	if !text(c.Letter) || (c.To != Holder && c.To != Representative) {
		return nil, problem.New(problem.Invalid, "notice.letter", "a notice is a letter to the holder or to the representative").At("letter")
	}
	if !slices.ContainsFunc(s.Uncorrected(c.Account), func(x Incident) bool { return x.Digest == c.Incident }) {
		return nil, problem.New(problem.Refused, "notice.no_correction", "of this incident nothing was told that could be put right").At("account")
	}
	if blocked := MayCorrect(s, c.Account, c.To, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{NoticeCorrected(c)}, nil
}

func (s *State) corrected(incident Digest, a scope.AccountID) bool {
	return slices.ContainsFunc(s.Corrections, func(c Correction) bool { return c.Incident == incident && c.Account == a })
}

// Uncorrected lists, for an account, the incidents of which its customer has to be told
// once more: they were told of the demand, and that letter did not know of them. A
// customer who has not been told yet hears it in the first letter. Of an incident of
// which the gate did not say whose the items are, a person tells.
func (s *State) Uncorrected(a scope.AccountID) []Incident {
	n := s.Told(a)
	if n.Seq == 0 {
		return nil
	}
	var out []Incident
	for _, x := range s.Incidents {
		if x.Kind == HadLeft && x.Seq > n.knew() && len(x.Of(a)) > 0 && !s.corrected(x.Digest, a) {
			out = append(out, x)
		}
	}
	return out
}

// Told is the letter that an account's customer has gone by since: the holder's, and
// where there is none yet, the representative's. Seq is 0 where nobody was told.
func (s *State) Told(a scope.AccountID) (last Notice) {
	for _, n := range s.Notices {
		if n.Account == a && (last.Seq == 0 || n.To == Holder) {
			last = n
		}
	}
	return last
}

// ToCorrect lists the accounts whose customers have to be told once more.
func (s *State) ToCorrect() []scope.AccountID {
	var out []scope.AccountID
	for _, n := range s.Notices {
		if !slices.Contains(out, n.Account) && len(s.Uncorrected(n.Account)) > 0 {
			out = append(out, n.Account)
		}
	}
	return out
}

// correctionDuties fall due as the first notices do: at once where no secrecy stands, and
// else at its end, once a person has armed it. Each is one account's, for all that has to
// be put right.
func (s *State) correctionDuties() []Duty {
	var out []Duty
	for _, a := range s.ToCorrect() {
		y := Duty{Kind: "notice.correct", At: latest(s.Uncorrected(a)[0].At, s.Silence), About: string(a), Seat: "clerk"}
		lawful := true
		if len(s.DutiesOn(a)) == 0 {
			lawful = len(MayCorrect(s, a, Holder, Env{ClockSane: true, Now: y.At})) == 0
		} else {
			y.At, lawful = s.lawfulFrom(a, y.At, true)
		}
		if lawful {
			out = append(out, y)
		}
	}
	return out
}
