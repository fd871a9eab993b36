package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
)

// Link is how a demand stands to another. From is set on the one that states it:
// a later demand supersedes an earlier one, and the earlier one knows by whom.
type Link struct {
	Other ID
	Type  string
	From  bool
	Seq   Seq
}

// LinkTypes are what a demand can be to another.
var LinkTypes = []string{"preserves", "follows", "amends", "supersedes", "duplicates", "confirms_emergency", "returns_by_treaty"}

// Linked records one end of a link.
type Linked struct {
	Other ID
	Type  string
	From  bool
}

func (e Linked) apply(s *State, m Meta) {
	s.Links = append(s.Links, Link{Other: e.Other, Type: e.Type, From: e.From, Seq: m.Seq})
}

func (e Linked) echoes(id ID) []Echo {
	if !e.From {
		return nil
	}
	return []Echo{{To: e.Other, Command: acceptLink{Other: id, Type: e.Type}}}
}

// LinkDemand states a link to another demand. Codes: link.type, link.self,
// link.exists.
type LinkDemand struct {
	Other ID
	Type  string
}

func (c LinkDemand) decide(s *State, _ Env) ([]Event, error) {
	if !slices.Contains(LinkTypes, c.Type) || StreamOf(c.Other) != DemandStream {
		return nil, problem.New(problem.Invalid, "link.type", "no such link between demands").At("%.40q", c.Type)
	}
	if c.Other == s.ID {
		return nil, problem.New(problem.Invalid, "link.self", "a demand is not linked to itself")
	}
	return linkOnce(s, Linked{Other: c.Other, Type: c.Type, From: true})
}

type acceptLink struct {
	Other ID
	Type  string
}

func (c acceptLink) decide(s *State, _ Env) ([]Event, error) {
	return linkOnce(s, Linked{Other: c.Other, Type: c.Type})
}

func linkOnce(s *State, e Linked) ([]Event, error) {
	for _, l := range s.Links {
		if l.Other == e.Other && l.Type == e.Type {
			return nil, problem.New(problem.Conflict, "link.exists", "the two demands are linked so already")
		}
	}
	return []Event{e}, nil
}

// Joined says that a contest or a duty of secrecy touches the demand from now on.
type Joined struct{ Stream ID }

func (e Joined) apply(s *State, _ Meta) { s.touch(e.Stream) }

// joinStream comes of the contest or the duty; it is accepted on a closed demand
// too: what a court orders afterwards still counts.
type joinStream struct{ To ID }

func (c joinStream) decide(s *State, _ Env) ([]Event, error) {
	if slices.Contains(s.touching, c.To) {
		return nil, nil
	}
	if len(s.touching) >= MaxTouching {
		return nil, problem.New(problem.Refused, "demand.too_long", "too many contests and duties touch this demand").Fix("continue it in a linked demand")
	}
	return []Event{Joined{Stream: c.To}}, nil
}

// MaxTouching bounds a dossier, so that loading it stays fast.
const MaxTouching = 64

// UnderMatter files a demand under a matter.
type UnderMatter struct{ Matter ID }

func (e UnderMatter) apply(s *State, _ Meta) { s.Matter = e.Matter }

func (e UnderMatter) echoes(id ID) []Echo {
	return []Echo{{To: e.Matter, Command: takeDemand{Demand: id}}}
}

// FileUnder files the demand under a matter; again elsewhere moves it. Code:
// matter.missing.
type FileUnder UnderMatter

func (c FileUnder) decide(s *State, _ Env) ([]Event, error) {
	if StreamOf(c.Matter) != MatterStream {
		return nil, problem.New(problem.Invalid, "matter.missing", "this is no matter").At("%.40q", string(c.Matter))
	}
	if s.Matter == c.Matter {
		return nil, nil
	}
	return []Event{UnderMatter(c)}, nil
}

// Matter is an investigation as far as a provider sees it: demands that belong
// together.
type Matter struct {
	ID      ID
	Opened  Meta
	Title   string
	Ref     string // the authority's own reference
	Demands []ID
}

// MatterOpened begins a matter's history.
type MatterOpened struct {
	ID    ID
	Title string
	Ref   string
}

func (e MatterOpened) apply(s *State, m Meta) {
	s.About = Matter{ID: e.ID, Opened: m, Title: e.Title, Ref: e.Ref}
}

// OpenMatter begins a matter. Code: matter.form.
type OpenMatter MatterOpened

func (OpenMatter) on() Stream { return MatterStream }
func (OpenMatter) begins()    {}

func (c OpenMatter) decide(*State, Env) ([]Event, error) {
	if StreamOf(c.ID) != MatterStream || !text(c.Title) || len(c.Ref) > MaxText {
		return nil, problem.New(problem.Invalid, "matter.form", "a matter has a title").At("title")
	}
	return []Event{MatterOpened(c)}, nil
}

// MatterTook records that a demand belongs to the matter.
type MatterTook struct{ Demand ID }

func (e MatterTook) apply(s *State, _ Meta) {
	if !slices.Contains(s.About.Demands, e.Demand) {
		s.About.Demands = append(s.About.Demands, e.Demand)
	}
}

type takeDemand MatterTook

func (takeDemand) on() Stream { return MatterStream }

func (c takeDemand) decide(*State, Env) ([]Event, error) { return []Event{MatterTook(c)}, nil }

// Case is a sealed case: who may see what is filed in it.
type Case struct {
	ID      ID
	Opened  Meta
	Why     string
	Members []Person
}

// CaseOpened begins a sealed case.
type CaseOpened struct {
	ID      ID
	Why     string
	Members []Person
}

func (e CaseOpened) apply(s *State, m Meta) {
	s.Case = Case{ID: e.ID, Opened: m, Why: e.Why, Members: e.Members}
}

// OpenCase opens a sealed case. Its members see what is in it; nobody else learns
// that it exists (invariant 16). Code: case.form.
type OpenCase CaseOpened

func (OpenCase) on() Stream { return CaseStream }
func (OpenCase) begins()    {}

func (c OpenCase) decide(_ *State, e Env) ([]Event, error) {
	members := slices.Clone(c.Members)
	slices.Sort(members)
	members = slices.Compact(members)
	if StreamOf(c.ID) != CaseStream || !text(c.Why) || len(members) == 0 || len(members) > MaxMembers || slices.Contains(members, "") {
		return nil, problem.New(problem.Invalid, "case.form", "a sealed case says why it is sealed and names its members, 1 to %d", MaxMembers).At("members")
	}
	return []Event{CaseOpened{ID: c.ID, Why: c.Why, Members: members}}, nil
}

// MaxMembers bounds a sealed case.
const MaxMembers = 64

// MemberChanged adds or removes a member.
type MemberChanged struct {
	Person Person
	In     bool
}

func (e MemberChanged) apply(s *State, _ Meta) {
	s.Case.Members = slices.DeleteFunc(slices.Clone(s.Case.Members), func(p Person) bool { return p == e.Person })
	if e.In {
		s.Case.Members = append(s.Case.Members, e.Person)
	}
}

// ChangeMember lets a person see the case, or no longer. A member does it, and
// the last one stays. Codes: case.member, case.form, case.last.
type ChangeMember MemberChanged

func (ChangeMember) on() Stream { return CaseStream }

func (c ChangeMember) decide(s *State, e Env) ([]Event, error) {
	in := slices.Contains(s.Case.Members, c.Person)
	switch {
	case !slices.Contains(s.Case.Members, e.Actor):
		return nil, problem.New(problem.Refused, "case.member", "only members of a sealed case say who is one")
	case c.Person == "" || len(c.Person) > MaxStated || (c.In && len(s.Case.Members) >= MaxMembers):
		return nil, problem.New(problem.Invalid, "case.form", "name a person; a case has at most %d members", MaxMembers).At("person")
	case in == c.In:
		return nil, nil
	case !c.In && len(s.Case.Members) == 1:
		return nil, problem.New(problem.Refused, "case.last", "the last member of a sealed case stays, or nobody could ever open it")
	}
	return []Event{MemberChanged(c)}, nil
}

// Sealed puts a demand into a sealed case, or takes it out when a court has
// unsealed it (Case empty).
type Sealed struct{ Case ID }

func (e Sealed) apply(s *State, _ Meta) { s.SealedIn = e.Case }

// SealDemand puts a demand into a sealed case; the docket moves it and all that
// touches it in one transaction. Codes: case.missing, case.joined.
type SealDemand Sealed

func (c SealDemand) decide(s *State, e Env) ([]Event, error) {
	if c.Case != "" && StreamOf(c.Case) != CaseStream {
		return nil, problem.New(problem.Invalid, "case.missing", "this is no sealed case").At("%.40q", string(c.Case))
	}
	if c.Case == "" && e.Reason == "" {
		return nil, problem.New(problem.Invalid, "case.missing", "name the order that unsealed it")
	}
	if len(s.touching) > 0 {
		return nil, problem.New(problem.Refused, "case.joined", "a contest or a duty of secrecy touches this demand; seal it before they are recorded")
	}
	if s.SealedIn == c.Case {
		return nil, nil
	}
	return []Event{Sealed(c)}, nil
}

// Note is counsel's, privileged: it lies under a key of its own, and the history
// of the demand does not know of it.
type Note struct {
	Seq  Seq
	At   time.Time
	By   Person
	Text string
}

// NoteWritten is one note.
type NoteWritten struct{ Text string }

func (e NoteWritten) apply(s *State, m Meta) {
	s.Notes = append(s.Notes, Note{Seq: m.Seq, At: m.At, By: m.By, Text: e.Text})
}

// MaxNote bounds one note.
const MaxNote = 16 << 10

// WriteNote adds a note. It is for counsel. Codes: note.seat, note.text.
type WriteNote NoteWritten

func (WriteNote) on() Stream { return NotesStream }

func (c WriteNote) decide(_ *State, e Env) ([]Event, error) {
	if !slices.Contains(e.Seats, "counsel") {
		return nil, forCounsel("note.seat", "privileged notes are counsel's")
	}
	if c.Text == "" || len(c.Text) > MaxNote {
		return nil, problem.New(problem.Invalid, "note.text", "a note has at most %d bytes", MaxNote).At("text")
	}
	return []Event{NoteWritten(c)}, nil
}
