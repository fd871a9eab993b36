package demand

import (
	"cmp"
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Grant is one permission to collect, on its way from draft to release.
type Grant struct {
	Seq       Seq
	ID        string
	Digest    Digest // of the grant's canonical text
	Scope     scope.Scope
	Region    string
	Recipient string
	Drafter   Person
	Expires   time.Time
	Approvals []Person
	Asked     Wish // somebody asked that it go by itself
	Revoked   Seq
	Permitted Seq
	Release   Digest // of the release statement that was permitted
	Outcome   Outcome
	Left      time.Time // when it was released; zero: it was not
	Received  Seq       // the recipient acknowledged it
	Recalled  Seq

	Collection string // gate, or by-hand: an export that a person collected, not gate-filtered
	Production string // one of Productions
	Emergency  bool
}

// ByHand reports whether the grant sends an export that no gate filtered: such
// productions are labelled and counted apart.
func (g Grant) ByHand() bool { return g.Collection == "by-hand" }

// Productions are what a release can be; a recall is an act on one that left.
// Collections are who collected it.
var (
	Productions = []string{"first", "rolling", "supplement", "correction"}
	Collections = []string{"gate", "by-hand"}
)

// Outcome is how a permitted release ended.
type Outcome string

const (
	Pending  Outcome = ""
	Released Outcome = "released" // the recipient can fetch a complete package
	Unknown  Outcome = "unknown"  // a crash between permission and release; a person finds out
	Nothing  Outcome = "nothing"  // a person found that nothing left
)

// GrantDrafted is a grant put before approvers. Scope holds canonical lines.
type GrantDrafted struct {
	Grant     string
	Digest    Digest
	Scope     []string
	Region    string
	Recipient string
	Expires   time.Time

	Collection string
	Production string
	Emergency  bool
}

type grantDraftedV1 struct {
	Grant     string
	Digest    Digest
	Scope     []string
	Region    string
	Recipient string
	Expires   time.Time
}

func (e grantDraftedV1) lift() GrantDrafted {
	return GrantDrafted{Grant: e.Grant, Digest: e.Digest, Scope: e.Scope, Region: e.Region, Recipient: e.Recipient, Expires: e.Expires,
		Collection: Collections[0], Production: Productions[0]}
}

func (e GrantDrafted) apply(s *State, m Meta) {
	if s.grantRef(e.Grant) != nil {
		s.misfit(m)
		return
	}
	sc := s.parts(e.Scope, m)
	s.Grants = append(s.Grants, Grant{Seq: m.Seq, ID: e.Grant, Digest: e.Digest, Scope: sc, Region: e.Region,
		Recipient: e.Recipient, Drafter: m.By, Expires: e.Expires,
		Collection: e.Collection, Production: e.Production, Emergency: e.Emergency})
}

// Subject makes the grant's own text what the journal commits to: the gate
// checks it without knowing anything about events.
func (e GrantDrafted) Subject() Digest { return e.Digest }

// DraftGrant puts a grant before approvers. Codes: grant.incomplete,
// grant.exists, and the obstacles of MayGrant.
type DraftGrant struct {
	Grant     string
	Digest    Digest
	Scope     scope.Scope
	Region    string
	Recipient string
	Expires   time.Time

	Collection string // one of Collections; "" means gate
	Production string // one of Productions; "" means first
	Emergency  bool
}

func (c DraftGrant) decide(s *State, e Env) ([]Event, error) {
	if c.Grant == "" || c.Digest == (Digest{}) || c.Recipient == "" || c.Region == "" || c.Scope.Empty() || !e.Now.Before(c.Expires) {
		return nil, problem.New(problem.Invalid, "grant.incomplete", "a grant names its scope, region and recipient, and ends in the future")
	}
	if len(c.Grant) > MaxStated || len(c.Recipient) > MaxText || len(c.Region) > MaxStated {
		return nil, problem.New(problem.Invalid, "grant.incomplete", "a grant's id, region or recipient is too long")
	}
	c.Collection, c.Production = cmp.Or(c.Collection, Collections[0]), cmp.Or(c.Production, Productions[0])
	if !slices.Contains(Collections, c.Collection) || !slices.Contains(Productions, c.Production) {
		return nil, problem.New(problem.Invalid, "grant.incomplete", "a grant is collected by the gate or by hand, and is a first, rolling, supplementary or correcting production")
	}
	if _, there := s.grant(c.Grant); there || s.keeping(c.Grant) != nil {
		return nil, problem.New(problem.Conflict, "grant.exists", "there is a grant of this id")
	}
	e.Emergency = c.Emergency
	if blocked := MayGrant(s, c.Scope, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{GrantDrafted{Grant: c.Grant, Digest: c.Digest, Scope: c.Scope.Lines(), Region: c.Region, Recipient: c.Recipient, Expires: instant(c.Expires),
		Collection: c.Collection, Production: c.Production, Emergency: c.Emergency}}, nil
}

// ApprovalSeen is what the gate reported: this person has signed this grant. It
// informs; the gate checks the signatures themselves.
type ApprovalSeen struct {
	Grant  string
	Person Person
}

func (e ApprovalSeen) apply(s *State, m Meta) {
	g := s.grantRef(e.Grant)
	if g == nil || e.Person == "" || e.Person == g.Drafter || slices.Contains(g.Approvals, e.Person) {
		s.misfit(m)
		return
	}
	g.Approvals = append(g.Approvals, e.Person)
}

// SeeApproval records an approval that the gate holds. Codes: grant.missing,
// approval.seen, approval.drafter, approval.person.
type SeeApproval ApprovalSeen

func (c SeeApproval) decide(s *State, _ Env) ([]Event, error) {
	g, ok := s.grant(c.Grant)
	if !ok {
		return nil, noGrant()
	}
	if c.Person == "" || len(c.Person) > MaxStated {
		return nil, problem.New(problem.Invalid, "approval.person", "an approval is a person's").At("person")
	}
	if g.Drafter == c.Person {
		return nil, problem.New(problem.Refused, "approval.drafter", "who drafted a grant does not approve it")
	}
	if slices.Contains(g.Approvals, c.Person) {
		return nil, problem.New(problem.Conflict, "approval.seen", "this person's approval is recorded")
	}
	return []Event{ApprovalSeen(c)}, nil
}

// Wish is a person's wish that a grant be released once nothing stands in the way
// any more; the zero value is none.
type Wish struct {
	Seq Seq
	At  time.Time
	By  Person
}

// ReleaseAsked records the wish. It permits nothing: everything is asked again at
// the time, and the gate needs a person's fresh word that the order stands.
type ReleaseAsked struct{ Grant string }

func (e ReleaseAsked) apply(s *State, m Meta) {
	g := s.grantRef(e.Grant)
	if g == nil || g.Asked.Seq > 0 || g.Permitted > 0 || g.Revoked > 0 {
		s.misfit(m)
		return
	}
	g.Asked = Wish{m.Seq, m.At, m.By}
}

// AskRelease asks that a grant go by itself when its time has come; to take that
// back, take the grant back. Codes: grant.missing, grant.revoked, grant.permitted,
// release.asked.
type AskRelease ReleaseAsked

func (c AskRelease) decide(s *State, _ Env) ([]Event, error) {
	g, ok := s.grant(c.Grant)
	switch {
	case !ok:
		return nil, noGrant()
	case g.Revoked > 0:
		return nil, problem.New(problem.Refused, "grant.revoked", "this grant was taken back").Fix("draft another grant")
	case g.Permitted > 0:
		return nil, problem.New(problem.Conflict, "grant.permitted", "the release has been permitted")
	case g.Asked.Seq > 0:
		return nil, problem.New(problem.Conflict, "release.asked", "somebody has asked for that")
	}
	return []Event{ReleaseAsked(c)}, nil
}

// GrantRevoked takes a grant back before it is released.
type GrantRevoked struct{ Grant string }

func (e GrantRevoked) apply(s *State, m Meta) {
	g := s.grantRef(e.Grant)
	if g == nil || g.Revoked > 0 || g.Permitted > 0 {
		s.misfit(m)
		return
	}
	g.Revoked = m.Seq
}

// RevokeGrant takes a grant back; a grant that was taken back already gives no
// event and no error. Codes: grant.missing, grant.permitted, grant.reason.
type RevokeGrant GrantRevoked

func (c RevokeGrant) decide(s *State, e Env) ([]Event, error) {
	g, ok := s.grant(c.Grant)
	switch {
	case !ok:
		return nil, noGrant()
	case g.Permitted > 0:
		return nil, problem.New(problem.Conflict, "grant.permitted", "the release has been permitted").Fix("send a stop to the gate")
	case e.Reason == "":
		return nil, problem.New(problem.Invalid, "grant.reason", "say why the grant is taken back")
	case g.Revoked > 0:
		return nil, nil
	}
	return []Event{GrantRevoked(c)}, nil
}

// ReleasePermitted is the point of no return: appended under optimistic
// concurrency after the package is sealed, so a stay that was committed before
// it wins. Release is the digest of the gate's signed release statement.
type ReleasePermitted struct {
	Grant   string
	Release Digest
	Items   int64
}

func (e ReleasePermitted) apply(s *State, m Meta) {
	g := s.grantRef(e.Grant)
	if g == nil || g.Permitted > 0 || g.Revoked > 0 {
		s.misfit(m)
		return
	}
	g.Permitted, g.Release = m.Seq, e.Release
}

// Subject makes the release statement what the journal commits to.
func (e ReleasePermitted) Subject() Digest { return e.Release }

// PermitRelease asks whether a sealed package may leave. Wish again for the
// same statement gives no event and no error; for another statement
// release.other. Codes: grant.missing, release.other, release.statement, and the
// obstacles of MayRelease.
type PermitRelease ReleasePermitted

func (c PermitRelease) decide(s *State, e Env) ([]Event, error) {
	g, ok := s.grant(c.Grant)
	if !ok {
		return nil, noGrant()
	}
	if g.Permitted > 0 {
		if g.Release == c.Release {
			return nil, nil
		}
		return nil, problem.New(problem.Conflict, "release.other", "another package was permitted for this grant")
	}
	if c.Release == (Digest{}) || c.Items < 0 {
		return nil, problem.New(problem.Invalid, "release.statement", "a release rests on the gate's signed statement of what is in the package").At("release")
	}
	if blocked := MayRelease(s, c.Grant, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{ReleasePermitted(c)}, nil
}

// ReleaseEnded records how a permitted release ended.
type ReleaseEnded struct {
	Grant   string
	Outcome Outcome
}

func (e ReleaseEnded) apply(s *State, m Meta) {
	g := s.grantRef(e.Grant)
	if g == nil || g.Permitted == 0 || !e.Outcome.ends() || g.Outcome == Released || g.Outcome == Nothing {
		s.misfit(m)
		return
	}
	g.Outcome = e.Outcome
	if e.Outcome == Released {
		g.Left = m.At
	}
}

func (o Outcome) ends() bool { return o == Released || o == Unknown || o == Nothing }

// EndRelease records an outcome. Unknown may later become released or nothing;
// a released package stays released. Codes: grant.missing, release.not_permitted,
// release.ended, release.outcome.
type EndRelease ReleaseEnded

func (c EndRelease) decide(s *State, _ Env) ([]Event, error) {
	g, ok := s.grant(c.Grant)
	switch {
	case !ok:
		return nil, noGrant()
	case g.Permitted == 0:
		return nil, problem.New(problem.Refused, "release.not_permitted", "this release was not permitted")
	case !c.Outcome.ends():
		return nil, problem.New(problem.Invalid, "release.outcome", "a release ends as released, unknown or nothing")
	case g.Outcome == c.Outcome:
		return nil, nil
	case g.Outcome == Released || g.Outcome == Nothing:
		return nil, problem.New(problem.Conflict, "release.ended", "the outcome of this release is recorded")
	}
	return []Event{ReleaseEnded(c)}, nil
}

// ReleaseAcknowledged says that the recipient has it.
type ReleaseAcknowledged struct {
	Grant string
	By    string
}

func (e ReleaseAcknowledged) apply(s *State, m Meta) {
	g := s.grantRef(e.Grant)
	if g == nil || g.Outcome != Released || g.Received > 0 {
		s.misfit(m)
		return
	}
	g.Received = m.Seq
}

// AcknowledgeRelease records it, once. Codes: grant.missing, release.not_released,
// release.by.
type AcknowledgeRelease ReleaseAcknowledged

func (c AcknowledgeRelease) decide(s *State, _ Env) ([]Event, error) {
	g, err := s.left(c.Grant)
	if err != nil {
		return nil, err
	}
	if !text(c.By) {
		return nil, problem.New(problem.Invalid, "release.by", "say who acknowledged it").At("by")
	}
	if g.Received > 0 {
		return nil, nil
	}
	return []Event{ReleaseAcknowledged(c)}, nil
}

// ProductionRecalled says that what left is asked back, and why. What is known
// cannot be unknown; the recall is on record, and a correction may follow.
type ProductionRecalled struct{ Grant string }

func (e ProductionRecalled) apply(s *State, m Meta) {
	g := s.grantRef(e.Grant)
	if g == nil || g.Outcome != Released || g.Recalled > 0 {
		s.misfit(m)
		return
	}
	g.Recalled = m.Seq
}

// RecallProduction records it. Codes: grant.missing, release.not_released,
// release.reason, release.recalled.
type RecallProduction ProductionRecalled

func (c RecallProduction) decide(s *State, e Env) ([]Event, error) {
	g, err := s.left(c.Grant)
	if err != nil {
		return nil, err
	}
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "release.reason", "say why the production is asked back")
	}
	if g.Recalled > 0 {
		return nil, problem.New(problem.Conflict, "release.recalled", "this production was recalled")
	}
	return []Event{ProductionRecalled(c)}, nil
}

func (s *State) left(id string) (*Grant, error) {
	g := s.grantRef(id)
	if g == nil {
		return nil, noGrant()
	}
	if g.Outcome != Released {
		return nil, problem.New(problem.Refused, "release.not_released", "nothing of this grant has left")
	}
	return g, nil
}

// Closed ends the work on a demand.
type Closed struct{}

func (Closed) apply(s *State, m Meta) {
	if s.Closed > 0 {
		s.misfit(m)
		return
	}
	s.Closed = m.Seq
}

// Close ends the work. Codes: demand.closed, and the obstacles of MayClose.
type Close Closed

func (c Close) decide(s *State, e Env) ([]Event, error) {
	if s.Closed > 0 {
		return nil, problem.New(problem.Conflict, "demand.closed", "this demand is closed")
	}
	if blocked := MayClose(s, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{Closed(c)}, nil
}

func (s *State) grant(id string) (Grant, bool) {
	if g := s.grantRef(id); g != nil {
		return *g, true
	}
	return Grant{}, false
}

func (s *State) grantRef(id string) *Grant {
	for i := range s.Grants {
		if s.Grants[i].ID == id {
			return &s.Grants[i]
		}
	}
	return nil
}

func noGrant() error {
	return problem.New(problem.Missing, "grant.missing", "the demand has no such grant")
}
