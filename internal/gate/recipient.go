package gate

import (
	"filippo.io/age"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/grant"
	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
)

// recipient is whom the package is encrypted to: the age key that the grant states,
// or the certificate that the charter holds under the fingerprint that it states,
// if that can be used now. Of a ZIP it has no passphrase yet. Codes: gate.unpackable's
// causes, openpgp.unusable, gate.copy_key.
func (a *attempt) recipient() (evidence.Recipient, error) {
	if a.grant.ByZip() {
		return &sealedzip.Recipient{Name: a.grant.Package()}, a.g.ableToKeep()
	}
	if !openpgp.Names(a.grant.Recipient) {
		return age.ParseX25519Recipient(a.grant.Recipient)
	}
	c, err := a.charter.Certificate(a.grant.Requester, a.grant.Recipient)
	if err != nil {
		return nil, err
	}
	return c, c.Usable(a.now)
}

// known is the recipient as the charter has it.
func (a *attempt) known() grant.Recipient {
	for _, agency := range a.charter.Agencies {
		for _, r := range agency.Recipients {
			if agency.ID == a.grant.Requester && r.Key == a.grant.Recipient {
				return r
			}
		}
	}
	return grant.Recipient{Key: a.grant.Recipient}
}

// sealFor is recipient when it is packed: of a ZIP a passphrase is drawn, and kept.
func (a *attempt) sealFor() (evidence.Recipient, error) {
	to, err := a.recipient()
	if err != nil {
		return nil, problem.New(problem.Invalid, "gate.unpackable", "the recipient's key cannot be read").Because(err)
	}
	if a.grant.ByZip() {
		return a.drawPassphrase()
	}
	return to, nil
}
