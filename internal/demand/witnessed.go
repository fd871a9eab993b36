package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
)

// What a gate says of the journal's witnesses after it went by the charter's emergency
// policy for a grant.
const (
	WitnessesOwed       = "owed"         // too few have cosigned what it went by
	WitnessesHeard      = "heard"        // enough have, since
	WitnessesContradict = "contradicted" // they have cosigned another journal
)

// Witnessing is the last that the gate said of it about a grant.
type Witnessing struct {
	Seq   Seq
	At    time.Time
	Grant string
	Word  string
	Due   time.Time // when they were to be heard
}

// WitnessesSaid says what became of the journal's witnesses after an emergency.
type WitnessesSaid struct {
	Grant string
	Word  string
	Due   time.Time
}

func (e WitnessesSaid) apply(s *State, m Meta) {
	w := Witnessing{Seq: m.Seq, At: m.At, Grant: e.Grant, Word: e.Word, Due: e.Due}
	i := slices.IndexFunc(s.Witnessings, func(x Witnessing) bool { return x.Grant == e.Grant })
	switch {
	case s.grantRef(e.Grant) == nil, i < 0 && e.Word == WitnessesHeard, i >= 0 && s.Witnessings[i].Word == e.Word:
		s.misfit(m)
	case i < 0:
		s.Witnessings = append(s.Witnessings, w)
	default:
		s.Witnessings[i] = w
	}
}

// RecordWitnesses records what the gate says of the journal's witnesses after an
// emergency; it is the gate's word alone. Codes: witnesses.gates_own, witnesses.form,
// grant.missing.
type RecordWitnesses WitnessesSaid

func (c RecordWitnesses) decide(s *State, e Env) ([]Event, error) {
	switch {
	case e.Actor != TheGate:
		return nil, problem.New(problem.Refused, "witnesses.gates_own", "by what a gate went, it alone says").Fix("see: counterseal doctor")
	case c.Due.IsZero() || !slices.Contains([]string{WitnessesOwed, WitnessesHeard, WitnessesContradict}, c.Word):
		return nil, problem.New(problem.Invalid, "witnesses.form", "of witnesses it is said that they are owed, heard or contradicted, and when they are due").At("witnesses")
	case s.grantRef(c.Grant) == nil:
		return nil, noGrant()
	}
	c.Due = c.Due.UTC().Truncate(time.Second)
	i := slices.IndexFunc(s.Witnessings, func(x Witnessing) bool { return x.Grant == c.Grant })
	switch {
	case i >= 0 && s.Witnessings[i].Word == c.Word:
		return nil, nil
	case i < 0 && c.Word == WitnessesHeard: // both came while nobody asked
		return []Event{WitnessesSaid{c.Grant, WitnessesOwed, c.Due}, WitnessesSaid(c)}, nil
	}
	return []Event{WitnessesSaid(c)}, nil
}

// witnessDuties outlive the closing of the demand: until the witnesses are heard, what
// left rests on the word of fewer than the provider's policy asks for. That they
// contradict it stays.
func (s *State) witnessDuties() []Duty {
	var out []Duty
	for _, w := range s.Witnessings {
		switch w.Word {
		case WitnessesOwed:
			out = append(out, Duty{Kind: "witnesses.hear", At: w.Due, About: w.Grant, Seat: "counsel"})
		case WitnessesContradict:
			out = append(out, Duty{Kind: "witnesses.inquire", At: w.At, About: w.Grant, Seat: "counsel"})
		}
	}
	return out
}
