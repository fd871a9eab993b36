package demand

import (
	"cmp"
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Incident is over-production: a package held more than was compelled. Which items, the
// gate alone knows.
type Incident struct {
	Seq     Seq
	At      time.Time
	Digest  Digest // of the gate's statement; of a package kept apart, of its list
	Grant   string
	Kind    string // HadLeft or KeptApart
	Items   int64  // in the package that left
	Outside int64  // of them not compelled
	List    Digest
	Beyond  []Excess // whose those are; none: the gate did not say
}

// Excess is what a package held too much of one account's data of one kind. The days are
// of UTC, and both inside; zero: the items bear no time.
type Excess struct {
	Account  scope.AccountID
	Service  scope.Service
	Category scope.Category
	Items    int64
	From     time.Time
	Until    time.Time
}

// Of is what an incident says of one account.
func (x Incident) Of(a scope.AccountID) []Excess {
	return slices.DeleteFunc(slices.Clone(x.Beyond), func(e Excess) bool { return e.Account != a })
}

// Where the package was when it was found out.
const (
	HadLeft   = "left"
	KeptApart = "kept-apart"
)

// OverProduced says that a package of a grant held more than was compelled: found out
// after it left, or before, and then nothing left.
type OverProduced struct {
	Incident Digest
	Grant    string
	Kind     string
	Items    int64
	Outside  int64
	List     Digest
	Beyond   []Excess
}

type overProducedV1 struct {
	Incident Digest
	Grant    string
	Kind     string
	Items    int64
	Outside  int64
	List     Digest
}

func (e overProducedV1) lift() OverProduced {
	return OverProduced{Incident: e.Incident, Grant: e.Grant, Kind: e.Kind, Items: e.Items, Outside: e.Outside, List: e.List}
}

func (e OverProduced) apply(s *State, m Meta) {
	if s.incident(e.Incident) != nil || !s.drafted(e.Grant) {
		s.misfit(m)
		return
	}
	s.Incidents = append(s.Incidents, Incident{Seq: m.Seq, At: m.At, Digest: e.Incident, Grant: e.Grant, Kind: e.Kind, Items: e.Items, Outside: e.Outside, List: e.List, Beyond: e.Beyond})
}

// Subject makes the gate's own statement what the journal commits to.
func (e OverProduced) Subject() Digest { return e.Incident }

// RecordIncident records what the gate says of over-production, once; it is the gate's
// word alone. Codes: incident.gates_own, incident.form, grant.missing,
// release.not_released.
type RecordIncident OverProduced

func (c RecordIncident) decide(s *State, e Env) ([]Event, error) {
	switch {
	case e.Actor != TheGate:
		return nil, problem.New(problem.Refused, "incident.gates_own", "what a package held, the gate alone says").Fix("see: counterseal gate incident --help")
	case c.Incident == (Digest{}) || c.List == (Digest{}) || c.Items < 0 || c.Outside < 0 || c.Kind != HadLeft && c.Kind != KeptApart || !c.addsUp():
		return nil, problem.New(problem.Invalid, "incident.form", "an incident has a digest, a kind and counts that add up").At("incident")
	case s.incident(c.Incident) != nil:
		return nil, nil
	case !s.drafted(c.Grant):
		return nil, noGrant()
	}
	if g := s.grantRef(c.Grant); c.Kind == HadLeft && (g == nil || g.Outcome != Released) {
		return nil, problem.New(problem.Refused, "release.not_released", "nothing of this grant has left")
	}
	own := OverProduced(c)
	own.Beyond = slices.Clone(c.Beyond)
	for i, e := range own.Beyond {
		own.Beyond[i].From, own.Beyond[i].Until = instant(e.From), instant(e.Until)
	}
	return []Event{own}, nil
}

// addsUp asks that what is said of single accounts is all that was not compelled, each
// account's data of a kind once and in order, or nothing.
func (c RecordIncident) addsUp() bool {
	if len(c.Beyond) == 0 {
		return true
	}
	var sum int64
	for i, e := range c.Beyond {
		sum += e.Items
		known := scope.ValidAccount(string(e.Account)) && slices.Contains(scope.Services, e.Service) && slices.Contains(scope.Categories, e.Category)
		if !known || e.Items < 1 || e.From.IsZero() != e.Until.IsZero() || e.Until.Before(e.From) || i > 0 && c.Beyond[i-1].compare(e) >= 0 {
			return false
		}
	}
	return c.Kind == HadLeft && len(c.Beyond) <= MaxLines && sum == c.Outside
}

func (e Excess) compare(o Excess) int {
	return cmp.Or(cmp.Compare(e.Account, o.Account), cmp.Compare(e.Service, o.Service), cmp.Compare(e.Category, o.Category))
}

func (s *State) incident(d Digest) *Incident {
	for i := range s.Incidents {
		if s.Incidents[i].Digest == d {
			return &s.Incidents[i]
		}
	}
	return nil
}

// Unrecalled lists the incidents of packages that left, one a grant, whose productions
// nobody has asked back.
func (s *State) Unrecalled() []Incident {
	var out []Incident
	seen := map[string]bool{}
	for _, x := range s.Incidents {
		g := s.grantRef(x.Grant)
		if x.Kind == HadLeft && g != nil && g.Recalled == 0 && !seen[x.Grant] {
			seen[x.Grant] = true
			out = append(out, x)
		}
	}
	return out
}

// MoreGiven reports whether a package is known to have held more of an account's data
// than was compelled, so that whoever is told of it is told that too. Where the gate did
// not say whose the items are, it may be each account of the grant.
func (s *State) MoreGiven(a scope.AccountID) bool {
	for _, x := range s.Incidents {
		g := s.grantRef(x.Grant)
		if x.Kind == HadLeft && g != nil && (len(x.Of(a)) > 0 || len(x.Beyond) == 0 && slices.Contains(g.Scope.Accounts(), a)) {
			return true
		}
	}
	return false
}

// recallWithin is how soon counsel asks back what should not have left.
const recallWithin = 24 * time.Hour

// recallDuties outlive the closing of the demand.
func (s *State) recallDuties() []Duty {
	var out []Duty
	for _, x := range s.Unrecalled() {
		out = append(out, Duty{Kind: "production.recall", At: x.At.Add(recallWithin), About: x.Grant, Seat: "counsel"})
	}
	return out
}

// unrecalled lists what stands between an incident and the end of a demand.
func (s *State) unrecalled() []Obstacle {
	var out []Obstacle
	for _, x := range s.Unrecalled() {
		out = append(out, Obstacle{Code: "production.not_recalled", Because: []Seq{x.Seq}, Seat: "counsel", About: x.Grant})
	}
	return out
}
