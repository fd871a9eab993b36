package demand

import (
	"slices"
	"strings"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Copy is data that is kept for an order that may follow. How says by what means:
// "gate", under a key that only a later grant opens, or "hand", by the store's own
// means, which holds only as far as the store does.
type Copy struct {
	ID     string
	Seq    Seq
	Scope  scope.Scope
	Region string
	How    string
	From   time.Time
	Until  time.Time
	Used   []string // grants that drew on it
	Ended  Seq
	End    string // produced, destroyed, released
}

// CopyMade records that a part is kept.
type CopyMade struct {
	Copy   string
	Scope  []string
	Region string
	How    string
	Until  time.Time
}

func (e CopyMade) apply(s *State, m Meta) {
	if s.copy(e.Copy) != nil {
		s.misfit(m)
		return
	}
	s.Copies = append(s.Copies, Copy{ID: e.Copy, Seq: m.Seq, Scope: s.parts(e.Scope, m), Region: e.Region, How: e.How, From: m.At, Until: e.Until})
}

// MakeCopy records a preservation. Its end is part of it: nothing is kept without
// one. Codes: preservation.form, preservation.exists.
type MakeCopy struct {
	Copy   string
	Scope  scope.Scope
	Region string
	How    string
	Until  time.Time
}

func (c MakeCopy) decide(s *State, e Env) ([]Event, error) {
	// The gate may tell of a copy when its end has come already.
	ahead := c.Until.After(e.Now) || (c.How == "gate" && e.Actor == TheGate && !c.Until.IsZero())
	if !text(c.Copy) || c.Scope.Empty() || !text(c.Region) || (c.How != "gate" && c.How != "hand") || !ahead {
		return nil, problem.New(problem.Invalid, "preservation.form", "a preservation names its scope, region and means, and an end that lies ahead").At("copy")
	}
	if s.copy(c.Copy) != nil {
		return nil, problem.New(problem.Conflict, "preservation.exists", "there is a copy of this id")
	}
	if !s.asksFor(c.Scope) {
		return nil, problem.New(problem.Refused, "preservation.not_asked", "what is kept lies inside what the demand asks for")
	}
	return []Event{CopyMade{Copy: c.Copy, Scope: c.Scope.Lines(), Region: c.Region, How: c.How, Until: instant(c.Until)}}, nil
}

// asksFor reports whether the lines ask for all of a part, decided or not: to
// keep is less than to give.
func (s *State) asksFor(part scope.Scope) bool {
	var all []scope.Selector
	for _, l := range s.Lines {
		if asked, some := s.Asked(l.No); some {
			all = append(all, asked.Selectors()...)
		}
	}
	if len(all) == 0 {
		return false
	}
	sc, err := scope.New(all...)
	return err == nil && sc.Contains(part)
}

// CopyExtended moves the end.
type CopyExtended struct {
	Copy   string
	Until  time.Time
	Source string
}

func (e CopyExtended) apply(s *State, m Meta) {
	c := s.copy(e.Copy)
	if c == nil || c.Ended > 0 {
		s.misfit(m)
		return
	}
	c.Until = e.Until
}

// ExtendCopy records it; of a copy at the gate, the gate's word alone. Codes:
// preservation.missing, preservation.form, preservation.gates_own.
type ExtendCopy CopyExtended

func (c ExtendCopy) decide(s *State, e Env) ([]Event, error) {
	x, err := s.kept(c.Copy)
	if err != nil {
		return nil, err
	}
	if err := x.gatesOwn(e); err != nil {
		return nil, err
	}
	if !c.Until.After(x.Until) || !text(c.Source) {
		return nil, problem.New(problem.Invalid, "preservation.form", "an extension ends later, and names what it rests on").At("until")
	}
	own := CopyExtended(c)
	own.Until = instant(c.Until)
	return []Event{own}, nil
}

// CopyEnded says that nothing is kept any more.
type CopyEnded struct {
	Copy string
	End  string
}

func (e CopyEnded) apply(s *State, m Meta) {
	c := s.copy(e.Copy)
	if c == nil || c.Ended > 0 {
		s.misfit(m)
		return
	}
	c.Ended, c.End = m.Seq, e.End
}

// EndCopy records the end of a preservation. While a contest about it is pending
// and it has not been produced it is kept: a court may still order it produced. A
// hold of retention keeps it whatever became of it (invariant 29). What the gate has
// destroyed it alone says, and nothing is in the way of that any more. Codes:
// preservation.missing, preservation.form, preservation.contested,
// preservation.gates_own, demand.held.
type EndCopy CopyEnded

func (c EndCopy) decide(s *State, e Env) ([]Event, error) {
	x, err := s.kept(c.Copy)
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"produced", "destroyed", "released"}, c.End) {
		return nil, problem.New(problem.Invalid, "preservation.form", "a copy ends produced, destroyed or released").At("end")
	}
	if err := x.gatesOwn(e); err != nil {
		return nil, err
	}
	if x.How == "gate" {
		return []Event{CopyEnded(c)}, nil
	}
	if k := s.contestOf(x.Scope); k != nil && !(c.End == "produced" && s.released(x.Scope)) {
		return nil, contested(k)
	}
	if s.heldBy("retention") {
		return nil, keptByHold()
	}
	return []Event{CopyEnded(c)}, nil
}

// contestOf is a pending contest that may be about a part; nil where none is. One
// of production that names no lines is about all of the demand.
func (s *State) contestOf(part scope.Scope) *Contest {
	for _, k := range s.Contests() {
		for _, v := range k.Covers {
			if !k.Pending() || v.Demand != s.ID {
				continue
			}
			reach, err := scope.ParseLines(v.Reach)
			if (len(v.Reach) == 0 && k.Against != "secrecy") || (err == nil && reach.Intersects(part)) {
				return k
			}
		}
	}
	return nil
}

func (s *State) copy(id string) *Copy {
	for i := range s.Copies {
		if s.Copies[i].ID == id {
			return &s.Copies[i]
		}
	}
	return nil
}

func (s *State) kept(id string) (*Copy, error) {
	c := s.copy(id)
	if c == nil || c.Ended > 0 {
		return nil, problem.New(problem.Missing, "preservation.missing", "no such copy is kept").At("%.40q", id)
	}
	return c, nil
}

// gatesOwn refuses that a person says what became of a copy that the gate keeps.
func (c Copy) gatesOwn(e Env) error {
	if c.How != "gate" || e.Actor == TheGate {
		return nil
	}
	return problem.New(problem.Refused, "preservation.gates_own", "what became of a copy that the gate keeps is told by the gate").
		Fix("counterseal demand keep DEMAND --longer COPY, or counterseal stop --copy COPY")
}

// MayEndCopy refuses to end a copy that a court may still want, or that a hold keeps:
// it is asked before a person tells the gate to destroy one. Codes:
// preservation.missing, preservation.contested, demand.held.
func MayEndCopy(s *State, id string) error {
	x, err := s.kept(id)
	if err != nil {
		return err
	}
	if k := s.contestOf(x.Scope); k != nil {
		return contested(k)
	}
	if s.heldBy("retention") {
		return keptByHold()
	}
	return nil
}

func contested(k *Contest) error {
	return problem.New(problem.Refused, "preservation.contested", "a contest about what is kept is pending; a court may still order it produced").At("%s", k.Title)
}

func keptByHold() error {
	return problem.New(problem.Refused, "demand.held", "a legal hold keeps everything of this demand")
}

func (s *State) copyDuties() []Duty {
	var out []Duty
	for _, c := range s.Copies {
		if c.Ended == 0 {
			out = append(out, Duty{Kind: "preservation.end", At: c.Until, About: c.ID, Seat: "reviewer"})
		}
	}
	return out
}

// Hold keeps everything ("retention"), or lets nothing leave ("action") while a
// person looks, as when the mailbox that a demand came from is found flagged.
type Hold struct {
	Seq    Seq
	Kind   string
	Why    string
	Lifted Seq
}

// HoldPlaced records it.
type HoldPlaced struct {
	Kind string
	Why  string
}

func (e HoldPlaced) apply(s *State, m Meta) {
	s.Holds = append(s.Holds, Hold{Seq: m.Seq, Kind: e.Kind, Why: e.Why})
}

// PlaceHold places a hold. Code: hold.form.
type PlaceHold HoldPlaced

func (c PlaceHold) decide(*State, Env) ([]Event, error) {
	if (c.Kind != "retention" && c.Kind != "action") || !text(c.Why) {
		return nil, problem.New(problem.Invalid, "hold.form", "a hold is of retention or of action, and says why").At("kind")
	}
	return []Event{HoldPlaced(c)}, nil
}

// HoldLifted ends a hold.
type HoldLifted struct{ Hold Seq }

func (e HoldLifted) apply(s *State, m Meta) {
	for i := range s.Holds {
		if s.Holds[i].Seq == e.Hold && s.Holds[i].Lifted == 0 {
			s.Holds[i].Lifted = m.Seq
			return
		}
	}
	s.misfit(m)
}

// LiftHold ends it. Codes: hold.missing, hold.form, hold.seat.
type LiftHold HoldLifted

func (c LiftHold) decide(s *State, e Env) ([]Event, error) {
	if !slices.Contains(e.Seats, "counsel") {
		return nil, forCounsel("hold.seat", "a hold is lifted by counsel")
	}
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "hold.form", "say why the hold is lifted")
	}
	for _, h := range s.Holds {
		if h.Seq == c.Hold && h.Lifted == 0 {
			return []Event{HoldLifted(c)}, nil
		}
	}
	return nil, problem.New(problem.Missing, "hold.missing", "no such hold stands").At("event %d", c.Hold)
}

func (s *State) heldBy(kind string) bool {
	return slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.Kind == kind && h.Lifted == 0 })
}

// HeldFor reports whether a hold on action stands whose reason begins so.
func (s *State) HeldFor(why string) bool {
	return slices.ContainsFunc(s.Holds, func(h Hold) bool { return h.Kind == "action" && h.Lifted == 0 && strings.HasPrefix(h.Why, why) })
}
