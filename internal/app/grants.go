package app

import (
	"context"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"counterseal/internal/authority"
	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/ledger"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func (o *Office) fill(b []byte) error {
	if _, err := io.ReadFull(o.random, b); err != nil {
		return problem.New(problem.Internal, "app.random", "no randomness could be had").Because(err)
	}
	return nil
}

// Assess runs the rule packs over the demand's facts and records what they find.
func (o *Office) Assess(ctx context.Context, id demand.ID, actor demand.Person) ([]demand.Finding, error) {
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return nil, err
	}
	w, err := o.reader(string(actor))
	if err == nil {
		err = w.may("demand.assess", resourceOf(c))
	}
	o.refusedSeat(string(actor), "demand.assess", err)
	if err != nil {
		return nil, err
	}
	findings, packs, err := o.assess(c.State)
	if err != nil {
		return nil, err
	}
	_, err = o.act(ctx, id, actor, nil, "", demand.Assess{Packs: packs, Facts: c.State.FactsSeq, Findings: findings})
	if err != nil {
		return findings, err
	}
	_, err = o.SetDeadlines(ctx, id, actor)
	return findings, err
}

// AwaitJournaled waits until the events that compel the demand's parts are in
// the journal, so that a grant may be drafted; one of the emergency lane also where
// the emergency policy alone holds. It ends with ctx.
func (o *Office) AwaitJournaled(ctx context.Context, id demand.ID, emergency bool) error {
	o.journal.hurried(ctx)
	for {
		rung := o.published.Rung()
		c, err := o.Docket.State(ctx, id)
		if err != nil {
			return err
		}
		c.Env.Emergency = emergency
		part, some := c.State.Compelled()
		if !some || !waitsForJournal(demand.MayGrant(c.State, part, c.Env)) {
			return nil
		}
		if err := ledger.Wait(ctx, rung, 20*time.Millisecond); err != nil {
			return problem.New(problem.Unavailable, "ledger.pending", "the journal has not taken the decisions in yet").
				Fix("try again; if this stays so, see: counterseal doctor").Because(err)
		}
	}
}

func waitsForJournal(b demand.Blocked) bool {
	for _, obstacle := range b {
		if obstacle.Code == "ledger.not_journaled" {
			return true
		}
	}
	return false
}

// Terms say how a grant answers. The zero value lets the gate collect, in the
// ordinary lane, a first production, or a supplement where one was released.
type Terms struct {
	Production grant.Production
	Export     grant.Digest // of a kept export by hand; zero: the gate collects
	Emergency  bool
	Call       grant.Digest // of the caller's statement; zero: nobody called
	Copy       string       // a kept copy from which the release is taken, by its grant or digest; "": from the stores
	Region     string       // whose gate collects; "": the first in which something waits
	Zip        bool         // a ZIP under a passphrase, though the agency has a key
}

// Draft is DraftOn without terms of its own.
func (o *Office) Draft(ctx context.Context, id demand.ID, drafter demand.Person) (gate.Status, error) {
	return o.DraftOn(ctx, id, drafter, Terms{})
}

// DraftOn makes the grant for everything that is compelled of the demand and not
// yet released, or for what an export by hand covers of it, records it and puts
// it before approvers at the gate. It returns the gate's status of it. Codes:
// app.no_charter, grant.nothing, grant.caller_missing, the obstacles of
// demand.MayGrant, and those of gate.Desk.Offer, ExportText and CallText.
func (o *Office) DraftOn(ctx context.Context, id demand.ID, drafter demand.Person, terms Terms) (gate.Status, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return gate.Status{}, err
	}
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return gate.Status{}, err
	}
	w, err := o.reader(string(drafter))
	if err == nil {
		err = w.may("grant.draft", resourceOf(c))
	}
	o.refusedSeat(string(drafter), "grant.draft", err)
	if err != nil {
		return gate.Status{}, err
	}
	part, some := unreleased(c.State)
	if !some {
		return gate.Status{}, problem.New(problem.Refused, "grant.nothing", "nothing has been decided to be given").Fix("decide a line first")
	}
	var from gate.Copy
	if terms.Copy != "" {
		from, err = o.CopyNamed(ctx, terms.Copy)
		if err != nil {
			return gate.Status{}, err
		}
		terms.Region = from.Region
	}
	part, region, err := o.partIn(part, terms.Region)
	if err != nil {
		return gate.Status{}, err
	}
	if terms.Copy != "" {
		part, err = inCopy(part, from)
		if err != nil {
			return gate.Status{}, err
		}
	}
	g, err := o.grantFor(ctx, c.State, id, part, drafter, region, terms.Zip)
	if err != nil {
		return gate.Status{}, err
	}
	err = o.setTerms(ctx, &g, c.State, terms)
	if err != nil {
		return gate.Status{}, err
	}
	if terms.Copy != "" {
		if err := o.drawOn(ctx, &g, from); err != nil {
			return gate.Status{}, err
		}
	}
	return o.offered(ctx, id, drafter, g, demand.DraftGrant{Grant: g.ID, Digest: demand.Digest(g.Digest()), Scope: g.Scope, Region: g.Region, Recipient: g.Recipient, Expires: g.Expires,
		Collection: collected(g), Production: string(g.Production), Emergency: g.Emergency})
}

// offered records that a grant was drafted and puts it before an approver at its gate:
// what an approver can read is on record first. Codes: those of Docket.Original, act and
// gate.Desk.Offer.
func (o *Office) offered(ctx context.Context, id demand.ID, drafter demand.Person, g grant.Grant, drafted demand.Command) (gate.Status, error) {
	text, err := g.Bytes()
	if err != nil {
		return gate.Status{}, err
	}
	original, _, err := o.Docket.Original(ctx, id)
	if err != nil {
		return gate.Status{}, err
	}
	_, err = o.act(ctx, id, drafter, nil, "", drafted)
	if err != nil {
		return gate.Status{}, err
	}
	return o.Desk().Offer(ctx, gate.Offer{Text: text, Document: original})
}

// unreleased is what was decided to be given and has not left.
func unreleased(s *demand.State) (scope.Scope, bool) {
	part, some := s.Compelled()
	for _, g := range s.Grants {
		if some && g.Outcome == demand.Released {
			part, some = part.Minus(g.Scope)
		}
	}
	return part, some
}

// partIn is what of a part lies in one region: each region's gate collects its own.
// Without a region it is the one of the first account and service. Codes:
// grant.nothing, grant.account_region.
func (o *Office) partIn(part scope.Scope, region string) (scope.Scope, string, error) {
	var here []scope.Selector
	e := o.Estate.Now()
	for _, sel := range part.Selectors() {
		r, known := e.RegionOf(sel.Account, sel.Service)
		if !known {
			return part, "", problem.New(problem.Refused, "grant.account_region", "the estate does not say where this account's %s lies", sel.Service).At("%s", sel.Account).
				Fix("add the service to the account, with its region")
		}
		if region == "" {
			region = r
		}
		if r == region {
			here = append(here, sel)
		}
	}
	if len(here) == 0 {
		return part, region, problem.New(problem.Refused, "grant.nothing", "nothing that waits lies in this region").At("%.64q", region)
	}
	out, err := scope.New(here...)
	return out, region, err
}

func (o *Office) grantFor(ctx context.Context, s *demand.State, id demand.ID, part scope.Scope, drafter demand.Person, region string, zip bool) (grant.Grant, error) {
	agency, _ := o.Agencies.Agency(s.Instrument.Agency)
	to, err := recipientOf(agency, s.Instrument.Agency, zip)
	if err != nil {
		return grant.Grant{}, err
	}
	g, err := o.grantBasis(ctx, s, id, part, drafter, region)
	g.Recipient, g.Language = to, agency.Language
	return g, err
}

// recipientOf is the agency's newest key, and a ZIP where it has none or where that is
// asked for. Codes: grant.recipient_unknown, grant.zip_not_said.
func recipientOf(a authority.Agency, id string, zip bool) (string, error) {
	switch {
	case zip && a.Zip == nil:
		return "", problem.New(problem.Refused, "grant.zip_not_said", "this agency may get no ZIP under a passphrase").At("%s", id).
			Fix("leave out --zip; or write [agency.zip] into agencies.toml and into the charter, a day before the first release")
	case a.Zip != nil && (zip || len(a.Recipients) == 0):
		return grant.ByZip, nil
	case len(a.Recipients) == 0:
		return "", problem.New(problem.Refused, "grant.recipient_unknown", "the requester has no key that a package could be encrypted to").
			At("%s", id).Fix("register its key in agencies.toml and in the charter, a day before the first release")
	}
	return a.Recipients[len(a.Recipients)-1].Key, nil
}

// grantBasis is a grant about a part, without a recipient.
func (o *Office) grantBasis(ctx context.Context, s *demand.State, id demand.ID, part scope.Scope, drafter demand.Person, region string) (grant.Grant, error) {
	gateID, err := o.gateIn(region)
	if err != nil {
		return grant.Grant{}, err
	}
	receipt, err := o.Docket.Receipt(ctx, id)
	if err != nil {
		return grant.Grant{}, err
	}
	charter, err := o.charter()
	if err != nil {
		return grant.Grant{}, err
	}
	stops, err := o.stopsAt(ctx, gateID)
	if err != nil {
		return grant.Grant{}, err
	}
	now := o.Clock.Now().UTC().Truncate(time.Second)
	g := grant.Grant{Provider: o.Config.Provider, Demand: string(id), Received: grant.Digest(receipt.Journal.Digest),
		Order: canon.Text(s.Instrument.Title + ", No. " + s.Instrument.Number), OrderDigest: grant.Digest(s.Original), Requester: s.Instrument.Agency,
		Targets: grantTargets(s, part), Compelled: part, Scope: part,
		Region: region, Gate: gateID, Drafter: string(drafter), Charter: charter.Head, ByteCap: charter.Policy.ByteCap,
		Issued: now, Expires: now.Add(charter.Policy.GrantLife)}
	if err := o.fill(g.Nonce[:]); err != nil {
		return g, err
	}
	g.ID = "g-" + hex.EncodeToString(g.Nonce[:5])
	return g, nameStops(&g, stops)
}

// stopsAt lists the stops that have reached one gate: it takes no grant that names others.
func (o *Office) stopsAt(ctx context.Context, id string) ([]gate.HeldStop, error) {
	desk := o.Desk()
	if d, several := desk.(desks); several {
		at, err := d.at(id)
		if err != nil {
			return nil, err
		}
		desk = at
	}
	return desk.Stops(ctx)
}

// nameStops names the stops that reach the grant, so that its approvers see them.
func nameStops(g *grant.Grant, stops []gate.HeldStop) error {
	g.Stops = nil
	for _, st := range stops {
		reach, err := grant.ParseReach(st.Reach)
		if err != nil {
			return err
		}
		if !reach.Meets(*g) {
			continue
		}
		d, err := grant.ParseDigest(st.Digest)
		if err != nil {
			return err
		}
		g.Stops = append(g.Stops, d)
	}
	return nil
}

// grantTargets lists, for each account of the part, the identifiers of the order
// that stand for it.
func grantTargets(s *demand.State, part scope.Scope) []grant.Target {
	var out []grant.Target
	for _, t := range s.Targets {
		for _, a := range t.Accounts {
			stands := grant.Target{Kind: t.Kind, Stated: t.Stated, Account: a}
			if slices.Contains(part.Accounts(), a) && !slices.Contains(out, stands) {
				out = append(out, stands)
			}
		}
	}
	return out
}

// Release asks the gate to collect and seal, and records how it ended.
func (o *Office) Release(ctx context.Context, id string) (gate.Outcome, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return gate.Outcome{}, err
	}
	out, err := o.Desk().Release(ctx, id)
	if err != nil {
		_ = o.TakeNews(ctx) // the next round takes it again
		return out, err
	}
	return out, o.takeApprovals(ctx, demand.ID(out.Demand))
}

// ProveReceipt waits for the proof that a demand's receipt is in the journal and
// returns its text with the digest that it proves.
func (o *Office) ProveReceipt(ctx context.Context, id string, emergency bool) (text []byte, digest string, err error) {
	r, err := o.Docket.Receipt(ctx, demand.ID(id))
	if err != nil {
		return nil, "", err
	}
	prove := o.journal.Proof
	if emergency {
		prove = o.journal.EmergencyProof
	}
	text, err = prove(ctx, r.Journal.Digest)
	return text, hex.EncodeToString(r.Journal.Digest[:]), err
}
