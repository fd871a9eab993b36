package grant

import (
	"slices"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// checkKeys refuses a key that stands for two, be they persons or gates, in whatever
// form it is written: who has an Ed25519 key in a file can sign as the security key of
// the same point. It refuses kinds of key that signatures are not safe with (RSA may sign
// SHA-1; a certificate is somebody else's word).
func (c *Charter) checkKeys() error {
	owners, points := map[string]string{}, map[string]string{}
	own := func(owner string, k ssh.PublicKey) error {
		if !slices.Contains(keyTypes, k.Type()) {
			return problem.New(problem.Invalid, "charter.key", "a key is Ed25519 or ECDSA, in a file or on a security key").At("%s: %s", owner, k.Type())
		}
		if other, dup := owners[string(k.Marshal())]; dup {
			return problem.New(problem.Invalid, "charter.shared_key", "two cannot have one key").At("%s and %s", other, owner)
		}
		owners[string(k.Marshal())] = owner
		point := signature.Point(k)
		if other, known := points[point]; known && other != owner {
			return problem.New(problem.Invalid, "charter.shared_key", "two cannot have one key").At("%s and %s", other, owner)
		}
		points[point] = owner
		return nil
	}
	for _, p := range c.Roster {
		if len(p.Keys) == 0 {
			return problem.New(problem.Invalid, "charter.key", "every person has a key").At("person %s", p.ID)
		}
		for _, k := range p.Keys {
			if err := own("person "+p.ID, k); err != nil {
				return err
			}
		}
	}
	for _, g := range c.Gates {
		if err := own("gate "+g.ID, g.Key); err != nil {
			return err
		}
	}
	return nil
}

var keyTypes = []string{ssh.KeyAlgoED25519, ssh.KeyAlgoSKED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoSKECDSA256}
