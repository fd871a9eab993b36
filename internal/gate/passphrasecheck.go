package gate

import (
	"encoding/hex"
	"slices"

	"counterseal/internal/grant"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// The checks of a word on which a passphrase is told, and of the word after the call.
// tellChecks are asked once more under the lock under which it is recorded.
var (
	tellChecks = []wordCheck{{"tell-signed", checkTellSigned}, {"tell-synced", checkTellSynced}, {"tell-replay", checkTellReplay}, {"tell-package", checkTellPackage}, {"tell-people", checkTellPeople},
		{"tell-once", checkTellOnce}, {"tell-pick-up", checkTellPickUp}, {"tell-leaving", checkTellLeaving}}
	reachedChecks = []wordCheck{{"reached-signed", checkReachedSigned}, {"reached-person", checkReachedPerson}, {"reached-date", checkReachedDate}, {"reached-once", checkReachedOnce}}
)

func otherPackage() error {
	return refuse("gate.passphrase_other", "no package of this gate is the one, for this agency, that the text names").Fix("see the grant and its release: counterseal gate list")
}

func otherTelling() error {
	return refuse("gate.reached_other", "no passphrase was told on the text that this word names").Fix("see the grant: counterseal gate list")
}

// checkTellSigned: a person on the roster, minutes ago, in their own name, about to call a
// contact that the charter holds.
func checkTellSigned(w *word) error {
	_, err := grant.CheckTelling(w.g.charter, w.said, w.g.cfg.ID, w.g.cfg.Now())
	return err
}

// checkTellSynced: a passkey that may be copied to other devices does not count for content,
// here as for an approval: what it is told opens the package.
func checkTellSynced(w *word) error {
	made, err := signature.VerifyFrom(w.g.charter.Pages(), w.said.Signature, signature.Telling, w.said.Text)
	if err == nil && made.Synced && w.o.grant.Scope.Has(scope.Content) {
		return refuse("passphrase.synced", "this passkey may be copied to other devices, and is not told what opens content").Fix("ask with one that stays on its device, or with an SSH key")
	}
	return nil // whether it is signed at all, the check before asks
}

// checkTellReplay: a word that somebody saw on its way, or its nonce, brings nothing.
func checkTellReplay(w *word) error {
	if w.g.tellings[hex.EncodeToString(w.t.Nonce[:])] {
		return refuse("gate.replayed", "a passphrase was told on this word before").Fix("nobody is told it again; draft and approve a new grant")
	}
	return nil
}

// checkTellPackage: what was said is about this very package, and the call goes to whom
// the grant answers.
func checkTellPackage(w *word) error {
	if w.r.last != kindVisible || w.r.sealed.Passphrase == "" || w.r.Demand != w.t.Demand || w.r.sealed.Release != w.t.Release.String() || w.o.grant.Requester != w.t.Agency {
		return otherPackage()
	}
	return nil
}

// checkTellPeople: who drafted or approved does not also hold what opens it.
func checkTellPeople(w *word) error {
	if w.t.Person == w.o.grant.Drafter || slices.Contains(w.r.sealed.Approvers, w.t.Person) {
		return refuse("gate.passphrase_people", "who drafted or approved the grant is not told its passphrase").At("%s", w.t.Person).Fix("somebody else on the roster calls")
	}
	return nil
}

func checkTellOnce(w *word) error {
	h := w.r.passphrase
	switch {
	case h.told != nil:
		return refuse("gate.passphrase_told", "this passphrase was told, and is destroyed").At("to %s", h.told.Person).Fix("if nobody was reached, draft and approve a new grant")
	case h.ended:
		return refuse("gate.passphrase_ended", "the time of pick-up was over before anybody asked for this passphrase, and it is destroyed").Fix("draft and approve a new grant")
	}
	return nil
}

// checkTellPickUp: for a package that nobody fetches any more nobody needs it.
func checkTellPickUp(w *word) error {
	if w.g.pickUpOver(w.r) {
		return pickupOver()
	}
	return nil
}

// checkTellLeaving asks what each MiB of a download is asked: clock, incidents, stops.
func checkTellLeaving(w *word) error {
	a := &attempt{ctx: w.ctx, g: w.g, id: w.r.ID, grant: w.o.grant, charter: w.g.charter, now: w.g.cfg.Now().UTC()}
	return a.ask(atFetch)
}

func checkReachedSigned(w *word) error {
	_, err := grant.CheckReached(w.g.charter, w.said, w.g.cfg.ID, w.g.cfg.Now())
	return err
}

// checkReachedPerson: whoever was told says whom they reached, and nobody for them.
func checkReachedPerson(w *word) error {
	if w.x.Person != w.r.passphrase.told.Person || w.x.Demand != w.r.Demand {
		return otherTelling()
	}
	return nil
}

func checkReachedDate(w *word) error {
	if w.x.At.Before(w.r.passphrase.at.Add(-w.g.charter.Policy.Skew)) {
		return refuse("gate.reached_date", "this was said before the passphrase was told")
	}
	return nil
}

func checkReachedOnce(w *word) error {
	if w.r.passphrase.reached != nil {
		return refuse("gate.reached_twice", "whom they reached was said before")
	}
	return nil
}
