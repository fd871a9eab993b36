package app

import (
	"context"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
	"counterseal/internal/web/ui"
)

// NotSentBefore asks that no letter of the kind has gone for the demand: sending the
// same command again sends a second letter. Code: letter.sent_before, and those of docket.
func (o *Office) NotSentBefore(ctx context.Context, reader string, id demand.ID, kind string) error {
	c, err := o.answered(docket.For(ctx, demand.Person(reader)), id)
	if err != nil {
		return err
	}
	m, sent := sentLetter(c.State, kind)
	if !sent {
		return nil
	}
	return problem.New(problem.Conflict, "letter.sent_before", "the letter “%s” has gone to them already, and nothing was sent now", words.Of(ui.Letters, kind)).
		At("message %d, %s", m.No, o.Told().At(m.At).Text).Fix("read it in the correspondence; if another one is meant, add --again")
}

// sentLetter is the last letter of the kind that went to whoever demands.
func sentLetter(s *demand.State, kind string) (last demand.Message, sent bool) {
	for _, m := range s.Thread {
		if m.Out && m.Letter == kind {
			last, sent = m, true
		}
	}
	return last, sent
}
