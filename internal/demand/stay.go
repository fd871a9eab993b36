package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// CourtStay is a court's stay of parts of the covered demands.
type CourtStay struct {
	Seq    Seq
	Source string
	On     time.Time
	Reach  map[ID]scope.Scope
	Until  time.Time // zero: until it is lifted

	Lifted   Seq
	LiftedOn time.Time // the day of the court's word
}

// ContestStayed is a court's stay within a contest. Covers say what it stops.
type ContestStayed struct {
	Source string
	On     time.Time
	Covers []Cover
	Until  time.Time
}

func (e ContestStayed) apply(s *State, m Meta) {
	st := CourtStay{Seq: m.Seq, Source: e.Source, On: e.On, Until: e.Until, Reach: map[ID]scope.Scope{}}
	for _, c := range e.Covers {
		if _, twice := st.Reach[c.Demand]; twice {
			s.misfit(m)
		}
		st.Reach[c.Demand] = s.parts(c.Reach, m)
	}
	s.Contest.Stays = append(s.Contest.Stays, st)
}

// StayContest records a stay. It is never refused because the contest is thought
// to be over: what a court stops is stopped. Codes: stay.source, stay.reach.
type StayContest ContestStayed

func (StayContest) on() Stream { return ContestStream }

func (c StayContest) decide(s *State, _ Env) ([]Event, error) {
	if !text(c.Source) || c.On.IsZero() {
		return nil, problem.New(problem.Invalid, "stay.source", "a stay names the court, its order and its day").At("source")
	}
	if len(c.Covers) == 0 {
		return nil, problem.New(problem.Invalid, "stay.reach", "a stay says what it stops").At("reach")
	}
	covered, seen := s.Covered(), map[ID]bool{}
	for _, x := range c.Covers {
		if seen[x.Demand] {
			return nil, problem.New(problem.Invalid, "stay.reach", "a stay says once of each demand what it stops").At("%.40q", string(x.Demand))
		}
		seen[x.Demand] = true
		if !slices.Contains(covered, x.Demand) {
			return nil, problem.New(problem.Invalid, "stay.reach", "the contest does not touch this demand").At("%.40q", string(x.Demand)).Fix("widen the contest first")
		}
		if _, err := scope.ParseLines(x.Reach); err != nil {
			return nil, problem.New(problem.Invalid, "stay.reach", "a stay says what it stops").At("%.40q", string(x.Demand)).Because(err)
		}
	}
	own := ContestStayed{Source: c.Source, On: instant(c.On), Covers: cloneCovers(c.Covers), Until: instant(c.Until)}
	return []Event{own}, nil
}

// ContestStayLifted ends a stay of a contest.
type ContestStayLifted struct {
	Stay   Seq
	Source string
	On     time.Time
}

func (e ContestStayLifted) apply(s *State, m Meta) {
	for i := range s.Contest.Stays {
		if s.Contest.Stays[i].Seq == e.Stay && s.Contest.Stays[i].Lifted == 0 {
			s.Contest.Stays[i].Lifted, s.Contest.Stays[i].LiftedOn = m.Seq, e.On
			return
		}
	}
	s.misfit(m)
}

// LiftContestStay records that a court lifted its stay. Codes: stay.missing,
// stay.reason.
type LiftContestStay ContestStayLifted

func (LiftContestStay) on() Stream { return ContestStream }

func (c LiftContestStay) decide(s *State, _ Env) ([]Event, error) {
	if !text(c.Source) || c.On.IsZero() {
		return nil, problem.New(problem.Invalid, "stay.reason", "name the order that lifted the stay, and its day")
	}
	for _, st := range s.Contest.Stays {
		if st.Seq == c.Stay && st.Lifted == 0 {
			if c.On.Before(st.On) {
				return nil, problem.New(problem.Invalid, "stay.reason", "a court does not lift a stay before it ordered it").At("on")
			}
			own := ContestStayLifted(c)
			own.On = instant(c.On)
			return []Event{own}, nil
		}
	}
	return nil, problem.New(problem.Missing, "stay.missing", "no such stay stands").At("event %d", c.Stay)
}

// stayed lists the obstacles that the contests of the dossier put before a part.
func (s *State) stayed(part scope.Scope, e Env) []Obstacle {
	var out []Obstacle
	for _, c := range s.Contests() {
		for _, st := range c.Stays {
			over := !st.Until.IsZero() && !e.Now.Before(st.Until)
			if reach, there := st.Reach[s.ID]; there && st.Lifted == 0 && !over && reach.Intersects(part) {
				out = append(out, Obstacle{Code: "release.stayed", Seat: "court", Until: st.Until, About: st.Source, In: c.ID, Because: []Seq{st.Seq}})
			}
		}
	}
	return out
}

// Stay is a court's order that stops a part.
type Stay struct {
	Seq    Seq
	Source string
	Reach  scope.Scope
	Until  time.Time // zero: until it is lifted
	Lifted Seq
}

// Stayed records a stay. Reach holds canonical scope lines.
type Stayed struct {
	Source string
	Reach  []string
	Until  time.Time
}

func (e Stayed) apply(s *State, m Meta) {
	s.Stays = append(s.Stays, Stay{Seq: m.Seq, Source: e.Source, Reach: s.parts(e.Reach, m), Until: e.Until})
}

// RecordStay records a court's stay. Code: stay.source, stay.reach.
type RecordStay struct {
	Source string
	Reach  scope.Scope
	Until  time.Time
}

func (c RecordStay) decide(_ *State, _ Env) ([]Event, error) {
	if c.Source == "" || len(c.Source) > MaxText {
		return nil, problem.New(problem.Invalid, "stay.source", "a stay names the court and its order").At("source")
	}
	if c.Reach.Empty() {
		return nil, problem.New(problem.Invalid, "stay.reach", "a stay says what it stops").At("reach")
	}
	return []Event{Stayed{Source: c.Source, Reach: c.Reach.Lines(), Until: instant(c.Until)}}, nil
}

// StayLifted ends a stay.
type StayLifted struct{ Stay Seq }

func (e StayLifted) apply(s *State, m Meta) {
	for i := range s.Stays {
		if s.Stays[i].Seq == e.Stay && s.Stays[i].Lifted == 0 {
			s.Stays[i].Lifted = m.Seq
			return
		}
	}
	s.misfit(m)
}

// LiftStay records that a court lifted its stay. Code: stay.missing, stay.reason.
type LiftStay StayLifted

func (c LiftStay) decide(s *State, e Env) ([]Event, error) {
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "stay.reason", "name the order that lifted the stay")
	}
	for _, st := range s.Stays {
		if st.Seq == c.Stay && st.Lifted == 0 {
			return []Event{StayLifted(c)}, nil
		}
	}
	return nil, problem.New(problem.Missing, "stay.missing", "no such stay stands").At("event %d", c.Stay)
}
