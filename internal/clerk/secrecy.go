package clerk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// Inquiries write the question to the authority whether a duty of secrecy
// continues. It must not change anything outside.
type Inquiries interface {
	Inquire(ctx context.Context, c docket.Case, days int, id string) ([]byte, error)
}

// Channels are everything through which a renewal can come in.
type Channels interface {
	// DrainedThrough is a moment up to which everything that came in has been
	// received by the docket.
	DrainedThrough(ctx context.Context) (time.Time, error)
}

// drain is the duty to say that the channels were read past the end of a duty of
// secrecy.
const drain = "secrecy.drain"

// ask asks the authority once for each of the days before the end. Where the
// later question is due already, the earlier one is that same letter.
func (k *Clerk) ask(ctx context.Context, id demand.ID, days int) error {
	if k.Inquiries == nil {
		return noRule()
	}
	c, err := k.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	y := c.State.Duty
	end := y.End()
	if end.IsZero() || slices.ContainsFunc(y.Asked, func(a demand.Asking) bool { return a.Days == days && a.End.Equal(end) }) {
		return nil // renewed or recorded since it was claimed
	}
	if !c.Env.Now.Before(end) {
		return problem.New(problem.Refused, "clerk.late", "the duty of secrecy ended before the authority was asked").Fix("ask whether it continues, and record what they say")
	}
	letter := 30
	if days == 7 || !c.Env.Now.Before(end.AddDate(0, 0, -7)) {
		letter = 7
	}
	l := Letter{ID: inquiryID(id, end, letter), Demand: id, To: Authority}
	if l.Body, err = k.Inquiries.Inquire(ctx, c, letter, l.ID); err != nil {
		return err
	}
	if _, err = k.Notifier.Deliver(ctx, l); err != nil {
		return err
	}
	_, err = k.Docket.Do(ctx, docket.Act{ID: id, CommandID: commandID(fmt.Sprint("inquiry-", days), l.ID), Actor: Actor, Seats: []string{"clerk"},
		Reason: "the question fell due", Command: demand.AskSecrecy{End: end, Days: days, Letter: l.ID}})
	if problem.Code(err) == "secrecy.asked" {
		return nil
	}
	return err
}

func inquiryID(id demand.ID, end time.Time, days int) string {
	s := sha256.Sum256(fmt.Appendf(nil, "counterseal-inquiry-v1\n%s\n%d\n%d", id, end.UnixMilli(), days))
	return hex.EncodeToString(s[:16])
}

// drain records that every channel was read past the end of a duty of secrecy,
// once it was: a renewal that was served in time is not overlooked.
func (k *Clerk) drain(ctx context.Context, id demand.ID) error {
	if k.Channels == nil {
		return noRule()
	}
	c, err := k.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	end := c.State.Duty.End()
	if end.IsZero() || !c.State.Duty.Drained.Before(end) {
		return nil
	}
	through, err := k.Channels.DrainedThrough(ctx)
	if err != nil {
		return err
	}
	if through.Before(end) || c.Env.Now.Before(end) {
		return problem.New(problem.Unavailable, "clerk.undrained", "a channel has not been read past the end of a duty of secrecy").
			Fix("see whether every channel answers")
	}
	_, err = k.Docket.Do(ctx, docket.Act{ID: id, CommandID: commandID("drained", string(id)+end.Format(time.RFC3339Nano)), Actor: Actor, Seats: []string{"clerk"},
		Reason: "every channel was read past the end", Command: demand.DrainChannels{Through: end}})
	return err
}
