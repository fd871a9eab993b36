package app

import (
	"context"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// ClockText is what a quorum signs to say that the clock is right as it stands.
func (o *Office) ClockText(reason string) ([]byte, error) {
	return grant.ClockWord{Provider: o.Config.Provider, At: o.Clock.Now().UTC().Truncate(time.Second), Reason: canon.Text(reason)}.Bytes()
}

// TrustClock takes the clock for right on the quorum's word, after it jumped or
// the office stood still for longer than a week. The word goes into the journal.
// Without a charter there is no quorum, and nothing can leave either: then the
// word of whoever has the folder is enough. Codes: those of grant.CheckClock and
// docket.TrustClock.
func (o *Office) TrustClock(ctx context.Context, text []byte, signatures [][]byte) error {
	c, err := o.charter()
	switch {
	case problem.Code(err) == "app.no_charter":
		_, err = grant.ParseClockWord(text)
	case err == nil:
		_, err = grant.CheckClock(c, text, signatures, o.Clock.Now())
	}
	if err != nil {
		return err
	}
	if err := o.journal.Commit(ctx, grant.Signed{Text: text}.Digest(), false); err != nil {
		return err
	}
	return o.Docket.TrustClock(ctx)
}
