package app

import (
	"context"
	"slices"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// aZip gives a grant whose package is a visible ZIP, with its status. Code:
// gate.passphrase_other.
func (o *Office) aZip(ctx context.Context, id string) (grant.Grant, gate.Status, error) {
	st, err := o.Desk().Status(ctx, id)
	if err != nil {
		return grant.Grant{}, st, err
	}
	if st.Passphrase == nil {
		return grant.Grant{}, st, problem.New(problem.Refused, "gate.passphrase_other", "the package of this grant is no ZIP under a passphrase, or is not there").At("%s", st.Grant).Fix("see: counterseal gate list")
	}
	text, err := o.Desk().Text(ctx, st.ID)
	if err != nil {
		return grant.Grant{}, st, err
	}
	g, err := grant.Parse(text)
	return g, st, err
}

// PassphraseText is what a person signs who is about to call an agency and read the
// passphrase of a package out. contact is "" for the first that the charter holds. Codes:
// passphrase.contact_unknown, gate.passphrase_other.
func (o *Office) PassphraseText(ctx context.Context, id string, person demand.Person, contact string) ([]byte, error) {
	g, st, err := o.aZip(ctx, id)
	if err != nil {
		return nil, err
	}
	charter, err := o.charter()
	if err != nil {
		return nil, err
	}
	agency, _ := charter.AgencyByID(g.Requester)
	if contact == "" && len(agency.Contacts) > 0 {
		contact = agency.Contacts[0]
	}
	if !slices.Contains(agency.Contacts, contact) {
		return nil, problem.New(problem.Refused, "passphrase.contact_unknown", "the charter holds no such contact of this agency").At("%s", g.Requester).Fix("call a contact that was registered beforehand; counterseal gate amend adds one")
	}
	release, err := grant.ParseDigest(st.Outcome.Release)
	if err != nil {
		return nil, err
	}
	t := grant.Telling{Provider: o.Config.Provider, Gate: g.Gate, Demand: g.Demand, Grant: g.Digest(), Release: release, Agency: g.Requester, Contact: contact, Person: string(person), At: o.Clock.Now().UTC().Truncate(time.Second)}
	if err := o.fill(t.Nonce[:]); err != nil {
		return nil, err
	}
	return t.Bytes()
}

// ReachedText is what the same person signs after the call. Codes: gate.passphrase_other,
// gate.reached_other.
func (o *Office) ReachedText(ctx context.Context, id string, person demand.Person, who string, readOut bool) ([]byte, error) {
	g, st, err := o.aZip(ctx, id)
	if err != nil {
		return nil, err
	}
	if st.Passphrase.State != gate.PassphraseTold {
		return nil, problem.New(problem.Refused, "gate.reached_other", "the passphrase of this package was not told to anybody").At("%s", st.Grant)
	}
	told, err := grant.ParseDigest(st.Passphrase.Statement)
	if err != nil {
		return nil, err
	}
	return grant.Reached{Provider: o.Config.Provider, Gate: g.Gate, Demand: g.Demand, Telling: told, Who: canon.Text(who), ReadOut: readOut, Person: string(person), At: o.Clock.Now().UTC().Truncate(time.Second)}.Bytes()
}

// How long a passphrase waits, and a word about its call is out, before doctor speaks.
const (
	passphraseLate = 3 * 24 * time.Hour
	reachedLate    = 24 * time.Hour
)

// examinePassphrases says which passphrases nobody has told, and after which calls nobody
// has said whom they reached.
func (o *Office) examinePassphrases(ctx context.Context, h *Health) {
	list, err := o.Desk().List(ctx)
	now := o.Clock.Now()
	var waits, silent []string
	n := 0
	for _, st := range list {
		p := st.Passphrase
		switch {
		case p == nil:
			continue
		case p.State == gate.PassphraseWaits && now.Sub(p.Since) > passphraseLate:
			waits = append(waits, st.Grant)
		case p.State == gate.PassphraseTold && p.Reached == "" && now.Sub(p.At) > reachedLate:
			silent = append(silent, st.Grant)
		}
		if p.State == gate.PassphraseWaits {
			n++
		}
	}
	if n == 0 && len(silent) == 0 && err == nil {
		return
	}
	if err == nil && len(silent) > 0 {
		err = problem.New(problem.Refused, "passphrase.silent", "after %s nobody said whom they reached", plural(len(silent), "call")).At("%s", some(silent)).
			Fix("whoever called says it: counterseal gate passphrase reached GRANT")
	}
	if err == nil && len(waits) > 0 {
		err = problem.New(problem.Refused, "passphrase.waits", "for more than three days nobody has told %s; without it nobody opens the package", plural(len(waits), "passphrase")).At("%s", some(waits)).
			Fix("somebody who neither drafted nor approved calls the agency, and is told it on the gate's own page or by: counterseal gate passphrase tell GRANT")
	}
	h.check("passphrases", plural(n, "passphrase")+" to be told", err)
}

// showPassphrase puts on a page where a grant's passphrase stands.
func showPassphrase(g *staff.Grant, p *gate.Passphrase) {
	if p == nil {
		return
	}
	g.Passphrase = &staff.Passphrase{State: string(p.State), Until: p.Until, Person: p.Person, At: p.At, Reached: p.Reached, ReadOut: p.ReadOut}
}
