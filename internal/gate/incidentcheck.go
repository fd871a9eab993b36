package gate

import (
	"context"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// word is what a person said about an incident or a passphrase, as its checks look at it.
type word struct {
	g       *Gate
	said    grant.Signed
	i       grant.Incident
	r       *run
	missing int // items that it names and the package has not

	ctx context.Context
	o   *offer
	t   grant.Telling
	x   grant.Reached
}

// wordCheck is one check of a person's word, by name, so that a test takes the list
// apart.
type wordCheck struct {
	name string
	ask  func(*word) error
}

// The checks of a statement, of it once more when it is recorded, of the items that it
// names, and of the word on which a list is read.
var (
	signedChecks   = []wordCheck{{"incident-signed", checkIncidentSigned}}
	incidentChecks = []wordCheck{signedChecks[0], {"incident-release", checkIncidentRelease}, {"incident-date", checkIncidentDate}, {"incident-people", checkIncidentPeople}, {"incidents-full", checkIncidentsFull}}
	namedChecks    = []wordCheck{{"incident-named", checkIncidentNamed}}
	readChecks     = []wordCheck{{"read-signed", checkReadSigned}, {"read-once", checkReadOnce}}
)

// askWord asks the checks in their order; mu is held where they look at the state.
func (g *Gate) askWord(w *word, checks []wordCheck) error {
	for _, c := range checks {
		if g.unasked[c.name] {
			continue
		}
		if err := c.ask(w); err != nil {
			return err
		}
	}
	return nil
}

func checkIncidentSigned(w *word) error {
	_, err := grant.CheckIncident(w.g.charter, w.said, w.g.cfg.ID, w.g.cfg.Now())
	return err
}

func otherRelease() error {
	return refuse("gate.incident_other", "nothing has left this gate that is what the statement names").Fix("see the grant and its release: counterseal gate list")
}

// checkIncidentRelease: what was said is about this very release.
func checkIncidentRelease(w *word) error {
	if w.r.last != kindVisible || w.r.stays() || w.r.Demand != w.i.Demand || w.r.sealed.Release != w.i.Release.String() {
		return otherRelease()
	}
	return nil
}

func checkIncidentDate(w *word) error {
	if w.i.At.Before(w.r.at.Add(-w.g.charter.Policy.Skew)) {
		return refuse("gate.incident_date", "this was said before the package left")
	}
	return nil
}

// checkIncidentPeople: the index holds of who took part those alone whom the grant
// names, so a scope that names others cannot be judged by it.
func checkIncidentPeople(w *word) error {
	o := w.g.offers[w.r.ID]
	if o == nil {
		return unknown()
	}
	known := namedIn(o.grant.Scope)
	for p := range namedIn(w.i.Compelled) {
		if !known[p] {
			return refuse("gate.incident_people", "the index does not know who took part beyond whom the grant names").Fix("name the items that were not compelled, one by one")
		}
	}
	return nil
}

func checkIncidentsFull(w *word) error {
	n := 0
	for _, x := range w.g.incidents {
		if x.ID == w.r.ID {
			n++
		}
	}
	if n >= maxIncidents {
		return refuse("gate.incidents_full", "%d incidents of this release are recorded", n)
	}
	return nil
}

func checkIncidentNamed(w *word) error {
	if w.missing > 0 {
		return problem.New(problem.Missing, "gate.incident_no_item", "%d of the items that the statement names are not in this package", w.missing).Fix("name each as its store does")
	}
	return nil
}

// checkReadSigned: a person on the roster, minutes ago.
func checkReadSigned(w *word) error {
	_, err := grant.CheckListRead(w.g.charter, w.said, w.g.cfg.ID, w.g.cfg.Now())
	return err
}

// checkReadOnce: a word that somebody saw on its way opens nothing.
func checkReadOnce(w *word) error {
	if w.g.reads[w.said.Digest().String()] {
		return refuse("gate.replayed", "the list was read on this word before").Fix("say again that you read it")
	}
	return nil
}
