package gate

import (
	"filippo.io/age"

	"counterseal/internal/evidence"
	"counterseal/internal/openpgp"
)

// recipient is whom the package is encrypted to: the age key that the grant states,
// or the certificate that the charter holds under the fingerprint that it states,
// if that can be used now. Codes: gate.unpackable's causes, openpgp.unusable.
func (a *attempt) recipient() (evidence.Recipient, error) {
	if !openpgp.Names(a.grant.Recipient) {
		return age.ParseX25519Recipient(a.grant.Recipient)
	}
	c, err := a.charter.Certificate(a.grant.Requester, a.grant.Recipient)
	if err != nil {
		return nil, err
	}
	return c, c.Usable(a.now)
}

// certificateText is the certificate as the charter writes it; "" for an age key.
func (a *attempt) certificateText() string {
	for _, agency := range a.charter.Agencies {
		for _, r := range agency.Recipients {
			if agency.ID == a.grant.Requester && r.Key == a.grant.Recipient {
				return r.Certificate
			}
		}
	}
	return ""
}
