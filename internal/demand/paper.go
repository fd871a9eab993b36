package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Paper is one instrument of a demand: the one that it came with, an amendment,
// a second order. Lines say which paper they rest on.
type Paper struct {
	No        int
	Seq       Seq
	Amends    int // the paper that this one amends; 0 for one of its own
	Document  Digest
	On        Instrument
	Authentic Authenticity
	Services  []Service
}

// Service is the paper's being served, which is not its being received, and on
// whom.
type Service struct {
	Seq    Seq
	Entity string
	Manner string
	At     time.Time
}

// Reading is what a person read in a document that came as bytes alone: who asks,
// with what, by when; and, as far as the document says so, what for.
type Reading struct {
	Kind       DemandKind
	Emergency  bool
	Instrument Instrument
	Facts      []byte
	Targets    []StatedTarget
	Lines      []StatedLine
}

// DemandRead records a reading.
type DemandRead Reading

func (e DemandRead) apply(s *State, m Meta) {
	if !s.Unread {
		s.misfit(m)
		return
	}
	s.Unread, s.Kind, s.Emergency, s.Instrument = false, e.Kind, e.Emergency, e.Instrument
	s.Facts, s.FactsSeq = e.Facts, m.Seq
	if len(s.Papers) > 0 {
		s.Papers[0].On = e.Instrument
	}
	s.addAsked(1, e.Targets, e.Lines, m)
}

// ReadDemand says what a document asks. The three facts that it cannot do
// without are who asks, with what instrument, and the day, or that none is
// stated. Codes: demand.read, demand.instrument, demand.targets, demand.lines.
type ReadDemand DemandRead

func (c ReadDemand) decide(s *State, _ Env) ([]Event, error) {
	if !s.Unread {
		return nil, problem.New(problem.Conflict, "demand.read", "this demand has been read").Fix("add a paper, or state other facts")
	}
	r := Receive{Kind: c.Kind, Emergency: c.Emergency, Instrument: c.Instrument, Facts: c.Facts, Targets: c.Targets, Lines: c.Lines, Original: s.Original}
	if err := r.check(true); err != nil {
		return nil, err
	}
	own := r.own()
	return []Event{DemandRead{Kind: own.Kind, Emergency: own.Emergency, Instrument: own.Instrument, Facts: own.Facts, Targets: own.Targets, Lines: own.Lines}}, nil
}

// AskedAdded names more of what a paper asks, as a person read it later.
type AskedAdded struct {
	Paper   int
	Targets []StatedTarget // numbered on from those that are there
	Lines   []StatedLine
}

func (e AskedAdded) apply(s *State, m Meta) {
	if s.paper(e.Paper) == nil || s.Unread {
		s.misfit(m)
		return
	}
	s.addAsked(e.Paper, e.Targets, e.Lines, m)
}

// AddAsked names it. Codes: paper.missing, demand.unread, demand.not_stored_data,
// demand.targets, demand.lines.
type AddAsked AskedAdded

func (c AddAsked) decide(s *State, _ Env) ([]Event, error) {
	if s.paper(c.Paper) == nil {
		return nil, problem.New(problem.Missing, "paper.missing", "the demand has no such paper").At("paper %d", c.Paper)
	}
	if s.Unread {
		return nil, unreadYet()
	}
	if !s.Kind.Stored() {
		return nil, noLines()
	}
	if err := checkAsked(len(s.Targets), c.Targets, len(s.Lines), c.Lines); err != nil {
		return nil, err
	}
	own := Receive{Targets: c.Targets, Lines: c.Lines}.own()
	return []Event{AskedAdded{Paper: c.Paper, Targets: own.Targets, Lines: own.Lines}}, nil
}

func unreadYet() error {
	return problem.New(problem.Refused, "demand.unread", "say first who asks, with what and by when")
}

func noLines() error {
	return problem.New(problem.Refused, "demand.not_stored_data", "only a demand for stored data names lines")
}

// PaperAdded is another paper of the same demand.
type PaperAdded struct {
	Amends     int
	Document   Digest
	Instrument Instrument
	Targets    []StatedTarget // numbered on from those that are there
	Lines      []StatedLine
	Supersedes []int // lines that this paper replaces
}

func (e PaperAdded) apply(s *State, m Meta) {
	if s.Unread { // the first paper's targets and lines are numbered from 1
		s.misfit(m)
		return
	}
	no := len(s.Papers) + 1
	s.Papers = append(s.Papers, Paper{No: no, Seq: m.Seq, Amends: e.Amends, Document: e.Document, On: e.Instrument})
	for _, n := range e.Supersedes {
		l := s.line(n)
		if l == nil {
			s.misfit(m)
			continue
		}
		l.Decision, l.Decided, l.Part = Superseded, m.Seq, scope.Scope{}
	}
	s.addAsked(no, e.Targets, e.Lines, m)
}

// AddPaper records an amendment or a further instrument. Its authenticity is a
// question of its own. Lines that it replaces can no longer be decided. Codes:
// paper.missing, demand.unread, demand.not_stored_data, demand.original, demand.instrument,
// demand.targets, demand.lines, demand.line, line.superseded.
type AddPaper PaperAdded

func (c AddPaper) decide(s *State, _ Env) ([]Event, error) {
	if c.Amends < 0 || c.Amends > len(s.Papers) || len(s.Papers) >= MaxPapers {
		return nil, problem.New(problem.Missing, "paper.missing", "the demand has no such paper, or has %d papers already", MaxPapers).At("paper %d", c.Amends)
	}
	if s.Unread {
		return nil, unreadYet()
	}
	if !s.Kind.Stored() && len(c.Lines) > 0 {
		return nil, noLines()
	}
	if c.Document == (Digest{}) {
		return nil, problem.New(problem.Invalid, "demand.original", "a demand rests on a document").At("document").Fix("add the document as it came")
	}
	r := Receive{Kind: s.Kind, Instrument: c.Instrument, Targets: c.Targets, Lines: c.Lines, Original: c.Document}
	if err := r.checkInstrument(); err != nil {
		return nil, err
	}
	if err := checkAsked(len(s.Targets), c.Targets, len(s.Lines), c.Lines); err != nil {
		return nil, err
	}
	for _, n := range c.Supersedes {
		l := s.line(n)
		if l == nil {
			return nil, problem.New(problem.Missing, "demand.line", "the demand has no such line").At("line %d", n)
		}
		if l.Decision == Superseded {
			return nil, superseded(n)
		}
	}
	own := r.own()
	return []Event{PaperAdded{Amends: c.Amends, Document: c.Document, Instrument: own.Instrument, Targets: own.Targets, Lines: own.Lines, Supersedes: slices.Clone(c.Supersedes)}}, nil
}

// MaxPapers bounds the papers of one demand.
const MaxPapers = 50

func superseded(line int) error {
	return problem.New(problem.Conflict, "line.superseded", "an amended order has replaced this line").At("line %d", line).Fix("decide the line that replaced it")
}

// PaperAuthenticated is the outcome of the check of one paper.
type PaperAuthenticated struct {
	Paper   int
	Genuine bool
	How     string
}

func (e PaperAuthenticated) apply(s *State, m Meta) {
	p := s.paper(e.Paper)
	if p == nil {
		s.misfit(m)
		return
	}
	p.Authentic = Authenticity{Seq: m.Seq, Genuine: e.Genuine, How: e.How}
}

// AuthenticatePaper records it. The first paper's is Authenticate. Codes:
// paper.missing, demand.how.
type AuthenticatePaper PaperAuthenticated

func (c AuthenticatePaper) decide(s *State, _ Env) ([]Event, error) {
	if c.Paper < 2 || s.paper(c.Paper) == nil {
		return nil, problem.New(problem.Missing, "paper.missing", "the demand has no such paper beside its first").At("paper %d", c.Paper)
	}
	if !text(c.How) {
		return nil, problem.New(problem.Invalid, "demand.how", "say how the instrument was checked, and with whom").At("how")
	}
	return []Event{PaperAuthenticated(c)}, nil
}

func (s *State) paper(no int) *Paper {
	if no < 1 || no > len(s.Papers) {
		return nil
	}
	return &s.Papers[no-1]
}

// genuineness is a paper's: that of the first is the demand's.
func (s *State) genuineness(no int) Authenticity {
	if p := s.paper(no); p != nil && no > 1 {
		return p.Authentic
	}
	return s.Authentic
}

// papersOf are the papers of the lines that give something and are among those
// asked about; the first where none is yet.
func (s *State) papersOf(about func(Line) bool) []int {
	var out []int
	for _, l := range s.Lines {
		if l.Decision.gives() && about(l) && !slices.Contains(out, max(l.Paper, 1)) {
			out = append(out, max(l.Paper, 1))
		}
	}
	if len(out) == 0 {
		out = []int{1}
	}
	return out
}

// ServiceRecorded says when, how and on whom a paper was served.
type ServiceRecorded struct {
	Paper  int
	Entity string
	Manner string
	At     time.Time
}

func (e ServiceRecorded) apply(s *State, m Meta) {
	p := s.paper(e.Paper)
	if p == nil {
		s.misfit(m)
		return
	}
	p.Services = append(p.Services, Service{Seq: m.Seq, Entity: e.Entity, Manner: e.Manner, At: e.At})
}

// RecordService records it. Codes: paper.missing, service.form.
type RecordService ServiceRecorded

func (c RecordService) decide(s *State, e Env) ([]Event, error) {
	p := s.paper(c.Paper)
	if p == nil || len(p.Services) >= MaxPapers {
		return nil, problem.New(problem.Missing, "paper.missing", "the demand has no such paper").At("paper %d", c.Paper)
	}
	if !text(c.Entity) || !text(c.Manner) || c.At.IsZero() || c.At.After(e.Now) {
		return nil, problem.New(problem.Invalid, "service.form", "service names the entity, the manner and a time that has come").At("entity")
	}
	own := ServiceRecorded(c)
	own.At = instant(c.At)
	return []Event{own}, nil
}

// Party is somebody with a role in the demand.
type Party struct {
	Seq  Seq
	Role string
	Name string
	Note string
}

// PartyRoles are the roles that somebody can have.
var PartyRoles = []string{"issuing", "validating", "enforcing", "serving", "officer", "customer", "counsel", "amicus"}

// PartyNamed names a party.
type PartyNamed struct {
	Role string
	Name string
	Note string
}

func (e PartyNamed) apply(s *State, m Meta) {
	s.Parties = append(s.Parties, Party{Seq: m.Seq, Role: e.Role, Name: e.Name, Note: e.Note})
}

// NameParty names one. Code: party.form.
type NameParty PartyNamed

func (c NameParty) decide(s *State, _ Env) ([]Event, error) {
	if !slices.Contains(PartyRoles, c.Role) || !text(c.Name) || len(c.Note) > MaxText || len(s.Parties) >= MaxTargets {
		return nil, problem.New(problem.Invalid, "party.form", "a party has a role and a name").At("role")
	}
	return []Event{PartyNamed(c)}, nil
}

// Callback is a call to a contact that was found independently of the demand
// (invariant 8). Who made it does not approve what it confirmed.
type Callback struct {
	Seq       Seq
	Caller    Person
	Contact   string // as it stands on file
	Reached   string // who answered
	At        time.Time
	Confirmed bool
}

// CallbackMade records one.
type CallbackMade struct {
	Contact   string
	Reached   string
	At        time.Time
	Confirmed bool
}

func (e CallbackMade) apply(s *State, m Meta) {
	s.Callbacks = append(s.Callbacks, Callback{Seq: m.Seq, Caller: m.By, Contact: e.Contact, Reached: e.Reached, At: e.At, Confirmed: e.Confirmed})
}

// RecordCallback records a call. Code: callback.form.
type RecordCallback CallbackMade

func (c RecordCallback) decide(s *State, e Env) ([]Event, error) {
	if !text(c.Contact) || !text(c.Reached) || c.At.IsZero() || c.At.After(e.Now) || len(s.Callbacks) >= MaxTargets {
		return nil, problem.New(problem.Invalid, "callback.form", "a call-back names the contact on file, who answered, and when").At("contact")
	}
	own := CallbackMade(c)
	own.At = instant(c.At)
	return []Event{own}, nil
}

// confirmed is the last word of those who were called back: a later "not ours"
// outweighs an earlier yes.
func (s *State) confirmed() (Callback, bool) {
	if len(s.Callbacks) == 0 {
		return Callback{}, false
	}
	last := s.Callbacks[len(s.Callbacks)-1]
	return last, last.Confirmed
}
