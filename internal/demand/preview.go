package demand

import (
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// PreviewGrant is a grant to preview, put before an approver: the gate counts, and gives
// rounded numbers.
type PreviewGrant struct {
	Seq     Seq
	ID      string
	Digest  Digest // of the grant's canonical text
	Scope   scope.Scope
	Region  string
	Drafter Person
	Expires time.Time
}

// PreviewDrafted is a grant to preview, put before an approver.
type PreviewDrafted struct {
	Grant   string
	Digest  Digest
	Scope   []string
	Region  string
	Expires time.Time
}

func (e PreviewDrafted) apply(s *State, m Meta) {
	if s.drafted(e.Grant) {
		s.misfit(m)
		return
	}
	s.Previews = append(s.Previews, PreviewGrant{Seq: m.Seq, ID: e.Grant, Digest: e.Digest, Scope: s.parts(e.Scope, m), Region: e.Region, Drafter: m.By, Expires: e.Expires})
}

// Subject makes the grant's own text what the journal commits to, as of any grant.
func (e PreviewDrafted) Subject() Digest { return e.Digest }

// DraftPreview puts a grant to preview before an approver. Codes: grant.incomplete,
// grant.exists, and the obstacles of MayPreview.
type DraftPreview struct {
	Grant   string
	Digest  Digest
	Scope   scope.Scope
	Region  string
	Expires time.Time
}

func (c DraftPreview) decide(s *State, e Env) ([]Event, error) {
	if !text(c.Grant) || len(c.Grant) > MaxStated || c.Digest == (Digest{}) || !text(c.Region) || len(c.Region) > MaxStated || c.Scope.Empty() || !e.Now.Before(c.Expires) {
		return nil, problem.New(problem.Invalid, "grant.incomplete", "a grant to preview names its scope and region, and ends in the future")
	}
	if s.drafted(c.Grant) {
		return nil, problem.New(problem.Conflict, "grant.exists", "there is a grant of this id")
	}
	if blocked := MayPreview(s, c.Scope, e); len(blocked) > 0 {
		return nil, blocked.Problem()
	}
	return []Event{PreviewDrafted{Grant: c.Grant, Digest: c.Digest, Scope: c.Scope.Lines(), Region: c.Region, Expires: instant(c.Expires)}}, nil
}

// drafted reports whether a grant of any kind has this id.
func (s *State) drafted(id string) bool {
	return s.preview(id) != nil || s.keeping(id) != nil || s.grantRef(id) != nil
}

func (s *State) preview(id string) *PreviewGrant {
	for i := range s.Previews {
		if s.Previews[i].ID == id {
			return &s.Previews[i]
		}
	}
	return nil
}

// MayPreviewBy lists what stands in the way of what a grant to preview is for.
func MayPreviewBy(s *State, grant string, e Env) Blocked {
	p := s.preview(grant)
	if p == nil {
		return Blocked{{Code: "grant.missing", Seat: "reviewer"}}
	}
	return MayPreview(s, p.Scope, e)
}
