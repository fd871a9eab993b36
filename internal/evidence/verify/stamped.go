package verify

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"strings"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/problem"
)

// stamp checks a time stamp, where one lies in the folder: it is about the journal's
// checkpoint in the proof, somebody whom the trust file names signed it, and its time
// is one that can be. Where there is none, nothing is missing.
func (c *check) stamp() error {
	if _, err := c.root.Lstat(timestamp.File); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	file, err := c.upTo(timestamp.File, timestamp.MaxAnswer)
	if err != nil {
		return err
	}
	if len(c.trust.Stamps) == 0 {
		c.step("timestamp", false, "The time stamp was not checked: the trust file names no time-stamping authority.")
		return nil
	}
	proof, err := c.small(release.ProofFile)
	if err != nil {
		return err
	}
	// What follows the first empty line of a proof is the checkpoint (c2sp.org/tlog-proof).
	_, checkpoint, _ := strings.Cut(string(proof), "\n\n")
	token, err := timestamp.Read(file)
	if err != nil {
		return unstamped(err)
	}
	s, err := token.CheckTidy(sha256.Sum256([]byte(checkpoint)), c.trust.Stamps)
	if err != nil {
		return unstamped(err)
	}
	at := s.At.UTC().Format("2006-01-02 15:04:05")
	if s.At.Before(c.report.Release.CollectedAt.Add(-skew)) || s.At.Before(c.report.LoggedAt.Add(-skew)) || !c.opt.Now.IsZero() && s.At.After(c.opt.Now.Add(skew)) {
		return unstamped(nil).At("it states a time that cannot be: %s", at)
	}
	c.report.Stamped = s
	c.step("timestamp", true, "The journal's checkpoint was stamped at "+at+" UTC by "+s.By+".")
	return nil
}

func unstamped(err error) *problem.Error {
	p := failed("verify.timestamp", "the time stamp beside the package does not hold").Because(err)
	if inner := problem.Of(err); inner != nil {
		p = p.At("%s", inner.Message)
	}
	return p
}
