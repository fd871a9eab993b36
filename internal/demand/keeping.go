package demand

import (
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// TheGate is who says what the gate's record says. What it says of a copy of its own has
// happened already, so nothing stands in its way.
const TheGate Person = "gate"

// Keeping is a grant to keep, put before an approver: it makes a copy or moves one's end.
// What becomes of it is told by the copies, which bear its id.
type Keeping struct {
	Seq     Seq
	ID      string
	Digest  Digest // of the grant's canonical text
	Scope   scope.Scope
	Region  string
	Until   time.Time // when the copy is to end
	Longer  string    // the copy whose end it moves; "" where it makes one
	Drafter Person
	Expires time.Time
}

// KeepingDrafted is a grant to keep, put before an approver.
type KeepingDrafted struct {
	Grant   string
	Digest  Digest
	Scope   []string
	Region  string
	Until   time.Time
	Longer  string
	Expires time.Time
}

func (e KeepingDrafted) apply(s *State, m Meta) {
	if s.drafted(e.Grant) {
		s.misfit(m)
		return
	}
	s.Keepings = append(s.Keepings, Keeping{Seq: m.Seq, ID: e.Grant, Digest: e.Digest, Scope: s.parts(e.Scope, m), Region: e.Region, Until: e.Until, Longer: e.Longer, Drafter: m.By, Expires: e.Expires})
}

// Subject makes the grant's own text what the journal commits to, as of any grant.
func (e KeepingDrafted) Subject() Digest { return e.Digest }

// DraftKeeping puts a grant to keep before an approver. Codes: grant.incomplete,
// grant.exists, preservation.form, preservation.missing, and the obstacles of MayKeep.
type DraftKeeping struct {
	Grant   string
	Digest  Digest
	Scope   scope.Scope
	Region  string
	Until   time.Time
	Longer  string // a copy that the gate keeps; "" makes one
	Expires time.Time
}

func (c DraftKeeping) decide(s *State, e Env) ([]Event, error) {
	if !text(c.Grant) || len(c.Grant) > MaxStated || c.Digest == (Digest{}) || !text(c.Region) || len(c.Region) > MaxStated || c.Scope.Empty() || !e.Now.Before(c.Expires) {
		return nil, problem.New(problem.Invalid, "grant.incomplete", "a grant to keep names its scope and region, and ends in the future")
	}
	if !c.Until.After(e.Now) {
		return nil, problem.New(problem.Invalid, "preservation.form", "a preservation names its scope, region and means, and an end that lies ahead").At("until")
	}
	if s.drafted(c.Grant) {
		return nil, problem.New(problem.Conflict, "grant.exists", "there is a grant of this id")
	}
	if c.Longer != "" {
		x, err := s.kept(c.Longer)
		if err != nil {
			return nil, err
		}
		if x.How != "gate" || !c.Until.After(x.Until) || !x.Scope.Equal(c.Scope) {
			return nil, problem.New(problem.Invalid, "preservation.form", "an extension is of a copy that the gate keeps, whole, and ends later").At("until")
		}
	}
	if blocked := MayKeep(s, c.Scope, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{KeepingDrafted{Grant: c.Grant, Digest: c.Digest, Scope: c.Scope.Lines(), Region: c.Region, Until: instant(c.Until), Longer: c.Longer, Expires: instant(c.Expires)}}, nil
}

func (s *State) keeping(id string) *Keeping {
	for i := range s.Keepings {
		if s.Keepings[i].ID == id {
			return &s.Keepings[i]
		}
	}
	return nil
}

// MayKeepBy lists what stands in the way of what a grant to keep is for.
func MayKeepBy(s *State, grant string, e Env) Blocked {
	k := s.keeping(grant)
	if k == nil {
		return Blocked{{Code: "grant.missing", Seat: "reviewer"}}
	}
	return MayKeep(s, k.Scope, e)
}

// askedFor asks that the demand asks for all of a part, decided or not: to keep is less
// than to give.
func askedFor(s *State, part scope.Scope, _ Env) []Obstacle {
	if part.Empty() || !s.asksFor(part) {
		return []Obstacle{{Code: "preservation.not_asked", Seat: "reviewer"}}
	}
	return nil
}

// AskedAll is everything that the lines ask for, decided or not. The second result is
// false while that is nothing.
func (s *State) AskedAll() (scope.Scope, bool) {
	var all []scope.Selector
	for _, l := range s.Lines {
		if asked, some := s.Asked(l.No); some && l.Decision != Superseded {
			all = append(all, asked.Selectors()...)
		}
	}
	if len(all) == 0 {
		return scope.Scope{}, false
	}
	sc, err := scope.New(all...)
	return sc, err == nil
}
