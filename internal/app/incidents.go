package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Compelled is what a person says was really compelled of a release.
type Compelled struct {
	Nothing bool     // the order is quashed
	Lines   []string // of a scope; with none, and not Nothing, the grant stands but for Items
	Items   []string // that should not have left, as grant.ItemName has them
	Reason  string
}

// IncidentText is the statement that a person signs: that the release of a grant held
// more than was compelled. Codes: gate.not_released, incident.form, grant.text, and those
// of gate.Desk.Status and scope.
func (o *Office) IncidentText(ctx context.Context, id string, person demand.Person, c Compelled) ([]byte, error) {
	i, err := o.incidentFor(ctx, id)
	if err != nil {
		return nil, err
	}
	i.Person, i.At, i.Reason = string(person), o.Clock.Now().UTC().Truncate(time.Second), canon.Text(strings.TrimSpace(c.Reason))
	i.AsGranted = !c.Nothing && len(c.Lines) == 0
	if i.Reason == "" || c.Nothing && len(c.Lines) > 0 || i.AsGranted && len(c.Items) == 0 {
		return nil, problem.New(problem.Invalid, "incident.form", "an incident says what was compelled, or names what was not, and why").At("--compelled, --nothing, --item, --reason").Fix("add --compelled, --nothing or --item, and --reason")
	}
	if len(c.Lines) > 0 {
		i.Compelled, err = scope.ParseLines(c.Lines)
		if err != nil {
			return nil, err
		}
	}
	for _, l := range c.Items {
		n, err := grant.ParseItemName(l)
		if err != nil {
			return nil, err
		}
		i.Named = append(i.Named, n)
	}
	i.Named = grant.NamedOnce(i.Named)
	return i.Bytes()
}

// incidentFor names the release of a grant as its gate does.
func (o *Office) incidentFor(ctx context.Context, id string) (grant.Incident, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return grant.Incident{}, err
	}
	st, err := o.Desk().Status(ctx, id)
	if err != nil {
		return grant.Incident{}, err
	}
	if st.Outcome == nil {
		return grant.Incident{}, problem.New(problem.Missing, "gate.not_released", "there is no package for this grant")
	}
	text, err := o.Desk().Text(ctx, st.ID)
	if err != nil {
		return grant.Incident{}, err
	}
	g, err := grant.Parse(text)
	if err != nil {
		return grant.Incident{}, err
	}
	released, err := grant.ParseDigest(st.Outcome.Release)
	return grant.Incident{Provider: g.Provider, Gate: g.Gate, Demand: g.Demand, Grant: g.Digest(), Release: released}, err
}

// ReportIncident hands a signed statement to the gate, and records what it says.
func (o *Office) ReportIncident(ctx context.Context, s grant.Signed) (gate.Incident, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return gate.Incident{}, err
	}
	out, err := o.Desk().ReportIncident(ctx, s)
	if err != nil {
		return out, err
	}
	return out, o.takeIncident(ctx, out)
}

// ListReadText is what a person signs who reads the list of an incident. Code:
// gate.incident_missing.
func (o *Office) ListReadText(ctx context.Context, incident string, person demand.Person) ([]byte, error) {
	list, err := o.Desk().Incidents(ctx)
	i := slices.IndexFunc(list, func(x gate.Incident) bool { return x.Incident == incident && x.Kind == gate.HadLeft })
	if i < 0 && err != nil {
		return nil, err
	}
	if i < 0 {
		return nil, problem.New(problem.Missing, "gate.incident_missing", "no gate knows such an incident").At("%.64q", incident).Fix("see: counterseal gate incident list")
	}
	text, err := o.Desk().Text(ctx, list[i].ID)
	if err != nil {
		return nil, err
	}
	g, err := grant.Parse(text)
	if err != nil {
		return nil, err
	}
	digest, err := grant.ParseDigest(incident)
	if err != nil {
		return nil, err
	}
	return grant.ListRead{Gate: g.Gate, Incident: digest, Person: string(person), At: o.Clock.Now().UTC().Truncate(time.Second)}.Bytes()
}

// takeIncidents records what the gates found of over-production and the docket does not
// know.
func (o *Office) takeIncidents(ctx context.Context, list []gate.Incident) (first error) {
	for _, x := range list {
		if o.news.is("incident "+x.Incident, x.List) {
			continue
		}
		err := o.takeIncident(ctx, x)
		if err == nil {
			o.news.note("incident "+x.Incident, x.List)
		} else if first == nil {
			first = err
		}
	}
	return first
}

func (o *Office) takeIncident(ctx context.Context, x gate.Incident) error {
	id := demand.ID(x.Demand)
	state, err := o.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	if !drafted(state.State, x.Grant) {
		return nil // a grant that this docket did not draft is none of its history
	}
	incident, err := grant.ParseDigest(x.Incident)
	if err != nil {
		return err
	}
	list, err := grant.ParseDigest(x.List)
	if err != nil {
		return err
	}
	said := demand.RecordIncident{Incident: demand.Digest(incident), Grant: x.Grant, Kind: string(x.Kind), Items: x.Items, Outside: max(0, x.Outside+x.Unlisted), List: demand.Digest(list)}
	for _, e := range x.Whose {
		said.Beyond = append(said.Beyond, demand.Excess{Account: e.Account, Service: e.Service, Category: e.Category, Items: e.Items, From: e.From, Until: e.Until})
	}
	_, err = o.act(ctx, id, demand.TheGate, nil, "the gate's record says so", said)
	return err
}

func drafted(s *demand.State, id string) bool {
	return slices.ContainsFunc(s.Grants, func(g demand.Grant) bool { return g.ID == id }) ||
		slices.ContainsFunc(s.Keepings, func(k demand.Keeping) bool { return k.ID == id }) ||
		slices.ContainsFunc(s.Previews, func(p demand.PreviewGrant) bool { return p.ID == id })
}

// settled reports whether nothing is left to do about an incident, as far as the reader
// may know: what lies in a sealed case is told to its members alone.
func (o *Office) settled(ctx context.Context, x gate.Incident) (bool, error) {
	c, err := o.Docket.State(ctx, demand.ID(x.Demand))
	if p := problem.Of(err); p != nil && p.Kind == problem.Missing {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if x.Kind == gate.KeptApart {
		return !x.Kept, nil
	}
	return !slices.ContainsFunc(c.State.Grants, func(g demand.Grant) bool { return g.ID == x.Grant && g.Recalled == 0 }), nil
}
