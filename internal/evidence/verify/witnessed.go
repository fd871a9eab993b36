package verify

import (
	"errors"
	"io/fs"
	"time"

	"counterseal/internal/evidence/release"
)

// Witnesses says whose cosignatures a release of the emergency lane rests on.
type Witnesses string

const (
	AsAlways    Witnesses = "ordinary"  // the log's policy holds
	InEmergency Witnesses = "emergency" // the emergency policy alone does
	Late        Witnesses = "late"      // that did, and the log's policy holds for the proof that came later
)

// proven checks the proof under the log's policy; of a release of the emergency lane,
// which says so, also under the emergency policy.
func (c *check) proven(text []byte, digest [32]byte) (time.Time, error) {
	at, err := c.opt.Proof(text, digest)
	if c.report.Release.Witnesses == "" {
		return at, err
	}
	if err == nil {
		c.report.Witnesses = AsAlways
		return at, nil
	}
	if c.opt.Emergency == nil {
		return at, err
	}
	spare, e := c.opt.Emergency(text, digest)
	if e != nil {
		return at, err
	}
	c.report.Witnesses = InEmergency
	return spare, nil
}

// witnesses says what follows where the emergency policy alone holds, and looks at the
// proof that came later. Codes: verify.proof_late.
func (c *check) witnesses(digest [32]byte) error {
	if c.opt.Proof == nil || c.report.Release.Witnesses == "" {
		return nil
	}
	_, err := c.root.Lstat(release.LateProofFile)
	late := !errors.Is(err, fs.ErrNotExist)
	switch {
	case late:
		return c.late(digest)
	case c.report.Witnesses == InEmergency:
		c.step("witnesses", false, "Held under the emergency policy: fewer witnesses than the log's policy asks for had cosigned. Whoever ran the log together with those who did could have shown this gate another log; that nobody did is shown by proof-late.tlog, which the provider owes you.")
	case c.report.Release.Witnesses == release.Emergency:
		c.step("witnesses", true, "It began under the emergency policy, and its proof holds under the log's policy.")
	default:
		c.step("witnesses", true, "The log's policy of witnesses held; the emergency policy was not needed.")
	}
	return nil
}

func (c *check) late(digest [32]byte) error {
	text, err := c.small(release.LateProofFile)
	if err != nil {
		return err
	}
	at, err := c.opt.Proof(text, digest)
	if err != nil {
		return failed("verify.proof_late", "the proof that came later does not hold for this release").Because(err)
	}
	if !at.Equal(c.report.LoggedAt) {
		return failed("verify.proof_late", "the witnesses hold this release at another place of the journal than it was released by").
			At("%s and %s", c.report.LoggedAt.UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339)).Fix("keep both proofs, and ask the provider and the witnesses")
	}
	if c.report.Witnesses == InEmergency {
		c.report.Witnesses = Late
		c.step("witnesses", true, "Held under the emergency policy when it was released; since then the witnesses of the log's policy have cosigned a journal that holds it at the same place.")
		return nil
	}
	c.step("witnesses", true, "The log's policy of witnesses held, and holds for the proof that came later.")
	return nil
}
