package demand

import (
	"bytes"
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Bounds on one demand; a larger one is divided.
const (
	MaxTargets = 256
	MaxLines   = 1024
	MaxStated  = 320 // bytes of an identifier as stated
	MaxText    = 2000
	MaxFacts   = 64 << 10 // bytes of the compact facts
)

// Instrument is the paper that a demand rests on.
type Instrument struct {
	Kind    string    // the fact value, such as us.warrant
	Title   string    // as people call it: "Search warrant, 18 USC 2703(a)"
	Number  string    // the court's or agency's own number
	Agency  string    // id of the requester in the charter
	Officer string    // who serves it
	Signed  time.Time // zero where the paper does not say
	Due     time.Time // the day on its face; zero where it has none
}

// Target is an identifier as the instrument states it, and what it resolved to.
type Target struct {
	No       int
	Kind     string // address, account, phone, ip, name …
	Stated   string
	Accounts []scope.AccountID // after resolution: none, one or several
	Resolved Seq               // the event that resolved it; 0 while open
	By       Person
	Checked  Seq // the second person's check of that very resolution; 0 while open
}

// Line is the unit that is decided.
type Line struct {
	No           int
	Paper        int // the paper that it rests on
	Target       int
	Service      scope.Service
	Category     scope.Category
	From, Until  time.Time
	Basis        scope.Basis
	Participants []string
	Decision     Decision
	Decided      Seq
	Part         scope.Scope // what may be given, where the decision gives something
}

// DemandKind is what is demanded. Only stored data is given; the other kinds are
// registered, clocked and go to counsel (design §12).
type DemandKind string

const (
	ForData         DemandKind = "data"
	ForPreservation DemandKind = "preservation"
	Prospective     DemandKind = "prospective" // live interception, signalling
	Assistance      DemandKind = "assistance"  // help to get at data, as by weakening encryption
	Testimony       DemandKind = "testimony"
	Informal        DemandKind = "informal" // no instrument
	Private         DemandKind = "private"  // a private litigant's
	AboutUs         DemandKind = "about_us" // our own records
)

// DemandKinds lists them.
var DemandKinds = []DemandKind{ForData, ForPreservation, Prospective, Assistance, Testimony, Informal, Private, AboutUs}

// Stored reports whether the demand asks for something that could be given. Demands
// from before there were kinds were all for data.
func (k DemandKind) Stored() bool {
	return k == "" || k == ForData || k == ForPreservation || k == Private || k == AboutUs
}

// Received begins every demand's history. Unread: it came as bytes alone, and
// nobody has said yet what it asks; see ReadDemand.
type Received struct {
	Channel    string
	Original   Digest // of the bytes as they came
	Kind       DemandKind
	Unread     bool
	Emergency  bool
	Served     time.Time // zero where nobody said when it was served
	Entity     string    // the entity served; "" where nobody said
	Instrument Instrument
	Facts      []byte
	Targets    []StatedTarget
	Lines      []StatedLine
}

// receivedV1 is the shape before there were kinds of demand: all were for data.
type receivedV1 struct {
	Channel    string
	Original   Digest
	Instrument Instrument
	Facts      []byte
	Targets    []StatedTarget
	Lines      []StatedLine
}

func (e receivedV1) lift() Received {
	return Received{Channel: e.Channel, Original: e.Original, Kind: ForData, Instrument: e.Instrument, Facts: e.Facts, Targets: e.Targets, Lines: e.Lines}
}

// StatedTarget and StatedLine are what the instrument says, before anybody
// resolved or decided anything.
type StatedTarget struct {
	No     int
	Kind   string
	Stated string
}

type StatedLine struct {
	No           int
	Target       int
	Service      scope.Service
	Category     scope.Category
	From, Until  time.Time
	Basis        scope.Basis
	Participants []string
}

func (e Received) apply(s *State, m Meta) {
	s.Received, s.Channel, s.Original = m, e.Channel, e.Original
	s.Kind, s.Unread, s.Emergency = e.Kind, e.Unread, e.Emergency
	s.Instrument, s.Facts, s.FactsSeq = e.Instrument, e.Facts, m.Seq
	p := Paper{No: 1, Seq: m.Seq, Document: e.Original, On: e.Instrument}
	if !e.Served.IsZero() || e.Entity != "" {
		p.Services = []Service{{Seq: m.Seq, Entity: e.Entity, At: e.Served}}
	}
	s.Papers = []Paper{p}
	s.addAsked(1, e.Targets, e.Lines, m)
}

// addAsked adds what a paper names.
func (s *State) addAsked(paper int, targets []StatedTarget, lines []StatedLine, m Meta) {
	for _, t := range targets {
		s.Targets = append(s.Targets, Target{No: t.No, Kind: t.Kind, Stated: t.Stated})
	}
	for _, l := range lines {
		if s.target(l.Target) == nil {
			s.misfit(m)
		}
		s.Lines = append(s.Lines, Line{No: l.No, Paper: paper, Target: l.Target, Service: l.Service, Category: l.Category,
			From: l.From, Until: l.Until, Basis: l.Basis, Participants: l.Participants})
	}
}

// Receive records a demand. A demand may lack what it should have (findings will
// say so); what it does say must be well formed. Kind "" means data. Codes:
// demand.kind, demand.instrument, demand.targets, demand.lines, and those of scope.
type Receive Received

func (Receive) begins() {}

func (c Receive) decide(_ *State, _ Env) ([]Event, error) {
	if c.Kind == "" {
		c.Kind = ForData
	}
	if err := c.check(false); err != nil {
		return nil, err
	}
	return []Event{c.own()}, nil
}

// check asks for what every demand must state. One that is read later may leave
// names for still later.
func (c Receive) check(later bool) error {
	if len(c.Facts) > MaxFacts || len(c.Channel) > MaxStated || len(c.Entity) > MaxText {
		return problem.New(problem.Invalid, "demand.facts", "facts take at most %d bytes, a channel %d", MaxFacts, MaxStated).At("facts")
	}
	if c.Original == (Digest{}) {
		return problem.New(problem.Invalid, "demand.original", "a demand rests on a document").At("original").Fix("add the document as it came")
	}
	if c.Unread {
		if len(c.Targets)+len(c.Lines) > 0 {
			return problem.New(problem.Invalid, "demand.targets", "what nobody has read names nothing yet").At("targets")
		}
		return nil
	}
	if !slices.Contains(DemandKinds, c.Kind) {
		return problem.New(problem.Invalid, "demand.kind", "no such kind of demand").At("%.40q", string(c.Kind))
	}
	if err := c.checkInstrument(); err != nil {
		return err
	}
	if len(c.Targets)+len(c.Lines) == 0 && (later || !c.Kind.Stored()) {
		return nil // a letter that names nobody is one to answer, and names may be read later
	}
	if err := checkTargets(c.Targets); err != nil {
		return err
	}
	if len(c.Lines) == 0 && !c.Kind.Stored() {
		return nil
	}
	return checkLines(c.Lines, len(c.Targets))
}

func (c Receive) checkInstrument() error {
	for _, text := range []string{c.Instrument.Kind, c.Instrument.Title, c.Instrument.Number, c.Instrument.Agency, c.Instrument.Officer} {
		if len(text) > MaxText {
			return problem.New(problem.Invalid, "demand.instrument", "what an instrument states takes at most %d bytes each", MaxText).At("instrument")
		}
	}
	if c.Instrument.Kind == "" || c.Instrument.Title == "" || c.Instrument.Agency == "" {
		return problem.New(problem.Invalid, "demand.instrument", "a demand states its instrument and who makes it").At("instrument").
			Fix("state kind, title and agency")
	}
	return nil
}

// own copies what was received, so that nobody else holds its memory, with its
// times in UTC: a record written in another zone could lose part of the offset.
func (c Receive) own() Received {
	out := Received(c)
	out.Served, out.Facts = instant(c.Served), bytes.Clone(c.Facts)
	out.Instrument.Signed, out.Instrument.Due = instant(c.Instrument.Signed), instant(c.Instrument.Due)
	out.Targets = slices.Clone(c.Targets)
	out.Lines = slices.Clone(c.Lines)
	for i, l := range out.Lines {
		out.Lines[i].From, out.Lines[i].Until = instant(l.From), instant(l.Until)
		out.Lines[i].Participants = slices.Clone(l.Participants)
	}
	return out
}

func checkTargets(ts []StatedTarget) error {
	if len(ts) == 0 || len(ts) > MaxTargets {
		return problem.New(problem.Invalid, "demand.targets", "a demand names 1 to %d targets, not %d", MaxTargets, len(ts)).At("targets").
			Fix("name each account, address or other identifier")
	}
	return checkStated(0, ts)
}

func checkStated(there int, ts []StatedTarget) error {
	for i, t := range ts {
		if t.No != there+i+1 || t.Kind == "" || t.Stated == "" || len(t.Stated) > MaxStated || len(t.Kind) > 40 {
			return problem.New(problem.Invalid, "demand.targets", "a target has a kind and an identifier of at most %d bytes", MaxStated).At("target %d", there+i+1)
		}
	}
	return nil
}

func checkLines(ls []StatedLine, targets int) error {
	if len(ls) == 0 || len(ls) > MaxLines {
		return problem.New(problem.Invalid, "demand.lines", "a demand asks for 1 to %d lines, not %d", MaxLines, len(ls)).At("lines").
			Fix("name service, category and interval of what is asked for")
	}
	return checkStatedLines(0, ls, targets)
}

func checkStatedLines(there int, ls []StatedLine, targets int) error {
	for i, l := range ls {
		if l.No != there+i+1 || l.Target < 1 || l.Target > targets {
			return problem.New(problem.Invalid, "demand.lines", "a line names one of the demand's targets").At("line %d", there+i+1)
		}
		if _, err := scope.New(l.selector("any-account")); err != nil {
			return problem.Of(err).At("line %d", there+i+1)
		}
	}
	return nil
}

// checkAsked asks what a later paper adds: numbered on from what is there.
func checkAsked(targets int, ts []StatedTarget, lines int, ls []StatedLine) error {
	if targets+len(ts) > MaxTargets {
		return problem.New(problem.Invalid, "demand.targets", "a demand names at most %d targets", MaxTargets).At("targets")
	}
	if lines+len(ls) > MaxLines {
		return problem.New(problem.Invalid, "demand.lines", "a demand asks for at most %d lines", MaxLines).At("lines")
	}
	if err := checkStated(targets, ts); err != nil {
		return err
	}
	return checkStatedLines(lines, ls, targets+len(ts))
}

func (l StatedLine) selector(a scope.AccountID) scope.Selector {
	return scope.Selector{Account: a, Service: l.Service, Category: l.Category, From: l.From, Until: l.Until, Basis: l.Basis, Participants: l.Participants}
}

// Asked is everything that the line would reach, given the accounts that its
// target resolved to. False while it reaches none.
func (s *State) Asked(no int) (scope.Scope, bool) {
	l := s.line(no)
	if l == nil {
		return scope.Scope{}, false
	}
	t := s.target(l.Target)
	if t == nil {
		return scope.Scope{}, false
	}
	var sel []scope.Selector
	for _, a := range t.Accounts {
		sel = append(sel, StatedLine{Service: l.Service, Category: l.Category, From: l.From, Until: l.Until, Basis: l.Basis, Participants: l.Participants}.selector(a))
	}
	if len(sel) == 0 {
		return scope.Scope{}, false
	}
	sc, err := scope.New(sel...)
	return sc, err == nil
}

// Authenticity is whether the instrument comes from whom it says.
type Authenticity struct {
	Seq     Seq
	Genuine bool
	How     string
}

// Authenticated records the outcome of the check by an independent contact.
type Authenticated struct {
	Genuine bool
	How     string
}

func (e Authenticated) apply(s *State, m Meta) {
	s.Authentic = Authenticity{Seq: m.Seq, Genuine: e.Genuine, How: e.How}
}

// Authenticate records how the instrument was checked. Code: demand.how.
type Authenticate Authenticated

func (c Authenticate) decide(_ *State, _ Env) ([]Event, error) {
	if c.How == "" || len(c.How) > MaxText {
		return nil, problem.New(problem.Invalid, "demand.how", "say how the instrument was checked, and with whom").At("how")
	}
	return []Event{Authenticated(c)}, nil
}

// FactsStated replaces the facts after a person has read the document.
type FactsStated struct{ Facts []byte }

func (e FactsStated) apply(s *State, m Meta) { s.Facts, s.FactsSeq = e.Facts, m.Seq }

// StateFacts records corrected facts. Findings made on earlier facts no longer
// count: see guard findingsCurrent.
type StateFacts FactsStated

func (c StateFacts) decide(_ *State, _ Env) ([]Event, error) {
	if len(c.Facts) == 0 || len(c.Facts) > MaxFacts {
		return nil, problem.New(problem.Invalid, "demand.facts", "state at least one fact, in at most %d bytes", MaxFacts).At("facts")
	}
	return []Event{FactsStated{Facts: bytes.Clone(c.Facts)}}, nil
}

// Resolved records what an identifier stands for.
type Resolved struct {
	Target   int
	Accounts []scope.AccountID
}

func (e Resolved) apply(s *State, m Meta) {
	t := s.target(e.Target)
	if t == nil {
		s.misfit(m)
		return
	}
	t.Accounts, t.Resolved, t.By, t.Checked = e.Accounts, m.Seq, m.By, 0
	for i := range s.Lines { // a decision rests on the accounts it was made for
		if s.Lines[i].Target == e.Target && s.Lines[i].Decision != Superseded {
			s.Lines[i].Decision, s.Lines[i].Decided, s.Lines[i].Part = Undecided, 0, scope.Scope{}
		}
	}
}

// Resolve says which accounts a target stands for: none, one or several. A
// second person checks it. Resolving again voids the check and the decisions
// that rested on the first. Codes: demand.target, scope.account.
type Resolve Resolved

func (c Resolve) decide(s *State, _ Env) ([]Event, error) {
	if s.target(c.Target) == nil {
		return nil, noTarget(c.Target)
	}
	if len(c.Accounts) > MaxTargets {
		return nil, problem.New(problem.Invalid, "demand.targets", "one identifier cannot stand for %d accounts", len(c.Accounts)).At("target %d", c.Target)
	}
	for i, a := range c.Accounts {
		if !scope.ValidAccount(string(a)) {
			return nil, problem.New(problem.Invalid, "scope.account", "an account id is 3 to 64 of a–z, 0–9 and inner hyphens").At("account %d", i+1)
		}
	}
	return []Event{Resolved{Target: c.Target, Accounts: slices.Clone(c.Accounts)}}, nil
}

// Checked is the second person's agreement with a resolution.
type Checked struct {
	Target     int
	Resolution Seq
}

func (e Checked) apply(s *State, m Meta) {
	t := s.target(e.Target)
	if t == nil || t.Resolved == 0 || t.Resolved != e.Resolution || t.By == m.By {
		s.misfit(m)
		return
	}
	t.Checked = m.Seq
}

// Check agrees with one resolution. Codes: demand.target, target.unresolved,
// target.changed, target.same_person.
type Check Checked

func (c Check) decide(s *State, e Env) ([]Event, error) {
	t := s.target(c.Target)
	switch {
	case t == nil:
		return nil, noTarget(c.Target)
	case t.Resolved == 0:
		return nil, problem.New(problem.Refused, "target.unresolved", "nobody has said yet which account this is").At("target %d", c.Target)
	case t.Resolved != c.Resolution:
		return nil, problem.New(problem.Conflict, "target.changed", "the resolution has changed since you saw it").At("target %d", c.Target).Fix("look again")
	case t.By == e.Actor:
		return nil, problem.New(problem.Refused, "target.same_person", "a second person checks which account this is").At("target %d", c.Target)
	}
	return []Event{Checked(c)}, nil
}

func noTarget(no int) error {
	return problem.New(problem.Missing, "demand.target", "the demand has no such target").At("target %d", no)
}
