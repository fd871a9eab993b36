package demand

import (
	"slices"
	"strings"

	"counterseal/internal/problem"
)

// Stream is the kind of thing that a history is about. A contest, a duty of
// secrecy, a matter and a sealed case may concern many demands, so each has a
// history of its own; privileged notes have one because they lie under a key of
// their own.
type Stream string

const (
	DemandStream  Stream = "demand"
	ContestStream Stream = "contest"
	SecrecyStream Stream = "secrecy"
	MatterStream  Stream = "matter"
	CaseStream    Stream = "case"  // a sealed case: who may see what is under court seal
	NotesStream   Stream = "notes" // counsel's, about one demand
)

// prefixes are how the id of a stream says its kind: a case number alone is a
// demand's.
var prefixes = []struct {
	prefix string
	stream Stream
}{{"c-", ContestStream}, {"s-", SecrecyStream}, {"m-", MatterStream}, {"x-", CaseStream}, {"n-", NotesStream}}

// StreamOf tells the kind of stream from its id.
func StreamOf(id ID) Stream {
	for _, p := range prefixes {
		if strings.HasPrefix(string(id), p.prefix) {
			return p.stream
		}
	}
	return DemandStream
}

// Prefix is what the ids of a kind of stream begin with; "" for demands.
func Prefix(s Stream) string {
	for _, p := range prefixes {
		if p.stream == s {
			return p.prefix
		}
	}
	return ""
}

// NotesOf is the stream of counsel's notes about a demand.
func NotesOf(id ID) ID { return ID(Prefix(NotesStream)) + id }

// stream is the kind of this history: what its first event says.
func (s *State) stream() Stream {
	if s.Stream == "" {
		return DemandStream
	}
	return s.Stream
}

// on tells the stream that a command is for: a demand's unless it says otherwise.
func on(c Command) Stream {
	if x, ok := c.(interface{ on() Stream }); ok {
		return x.on()
	}
	return DemandStream
}

// begins tells the commands that begin a history.
func begins(c Command) bool {
	_, ok := c.(interface{ begins() })
	return ok
}

// Echo is what an event of one stream makes of another: who files a demand under
// a matter adds to both histories. The two are stored together or not at all.
type Echo struct {
	To      ID
	Command Command
}

// Echoes lists what the events of stream id bring about elsewhere, in their order.
func Echoes(id ID, events []Event) []Echo {
	var out []Echo
	for _, e := range events {
		if x, ok := e.(interface{ echoes(ID) []Echo }); ok {
			out = append(out, x.echoes(id)...)
		}
	}
	return out
}

// Join lays a contest or a duty of secrecy beside the demand that it touches: a
// demand with all of them is its dossier, and guards refuse one that lacks any.
func (s *State) Join(id ID, other *State) {
	if s.beside == nil {
		s.beside = map[ID]*State{}
	}
	s.beside[id] = other
}

// Touching lists the contests and duties of secrecy that belong to the dossier.
func (s *State) Touching() []ID { return s.touching }

func (s *State) touch(id ID) {
	if !slices.Contains(s.touching, id) {
		s.touching = append(s.touching, id)
	}
}

// whole asks that everything that touches the demand was laid beside it, and can
// be read. What an absent contest would stop, nobody knows.
func (s *State) whole() bool {
	for _, id := range s.touching {
		other := s.beside[id]
		if other == nil || other.Unsound > 0 || other.stream() != StreamOf(id) {
			return false
		}
	}
	return true
}

func incomplete() *problem.Error {
	return problem.New(problem.Refused, "dossier.incomplete", "a contest or a duty of secrecy that touches this demand cannot be read; nothing is done until a person has looked")
}

// Contests are those of the dossier, in the order in which they were joined.
func (s *State) Contests() []*Contest {
	var out []*Contest
	for _, id := range s.touching {
		if other := s.beside[id]; other != nil && other.Contest.ID != "" {
			out = append(out, &other.Contest)
		}
	}
	return out
}

// Duties are the duties of secrecy of the dossier, in the order in which they
// were joined.
func (s *State) Duties() []*SecrecyDuty {
	var out []*SecrecyDuty
	for _, id := range s.touching {
		if other := s.beside[id]; other != nil && other.Duty.ID != "" {
			out = append(out, &other.Duty)
		}
	}
	return out
}

// Covered are the demands that a contest or a duty of secrecy touches: their
// queue and their duties follow from it.
func (s *State) Covered() []ID {
	var out []ID
	for _, c := range s.Contest.Covers {
		out = append(out, c.Demand)
	}
	for _, c := range s.Duty.Covers {
		out = append(out, c.Demand)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// MaxCovered bounds how many demands one contest or duty touches.
const MaxCovered = 256
