package clerk

import (
	"context"
	"slices"
	"time"

	"counterseal/internal/docket"
)

// Escalation is a person's duty that has just come to a step, and who hears of
// it: a day before its time whose it is, at its time the next seat, from an hour
// after it everybody.
type Escalation struct {
	docket.Escalation
	To string // a seat, or Everybody
}

// Everybody is all of the staff.
const Everybody = "all"

// ladder is the order in which seats hear of what another has not done.
var ladder = []string{"reviewer", "counsel", Everybody}

func climbs(seat string, step int) string {
	if step == 0 {
		return seat
	}
	at := max(slices.Index(ladder, seat), 0) + step
	return ladder[min(at, len(ladder)-1)]
}

// climb takes the steps that people's duties have come to.
func (k *Clerk) climb(ctx context.Context, now time.Time, r *Report) error {
	list, more, err := k.Docket.Escalate(ctx, now, k.MaxAlarm)
	if err != nil {
		return err
	}
	r.More = r.More || more
	for _, e := range list {
		r.Escalations = append(r.Escalations, Escalation{Escalation: e, To: climbs(e.Seat, e.Step)})
	}
	return nil
}
