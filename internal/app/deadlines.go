package app

import (
	"context"
	"slices"

	"counterseal/internal/demand"
	"counterseal/internal/law"
)

// deadlineKinds put the packs' kinds of deadline into the core's. How long secrecy
// lasts is on the duty of secrecy, and the customer's time to object is the waiting
// period: neither is a deadline of the demand beside them.
var deadlineKinds = map[law.DeadlineKind]string{law.DueAnswer: "answer", law.DueObject: "object", law.DueReview: "review", law.DueAwait: "respond", law.DueConfirm: "confirm",
	law.DuePreserveEnd: "preserve"}

// SetDeadlines records the deadlines that the packs count for a demand as it stands:
// new ones, and those that have moved. What was stated by hand, met or suspended is
// left alone. It returns those that ask for facts. Codes: those of docket.Do.
func (o *Office) SetDeadlines(ctx context.Context, id demand.ID, actor demand.Person) (asks []law.Deadline, err error) {
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := o.facts(c.State)
	if err != nil {
		return nil, err
	}
	engine, err := o.Law()
	if err != nil {
		return nil, err
	}
	for _, d := range engine.Deadlines(f) {
		if d.Outcome == law.AskFirst {
			asks = append(asks, d)
		}
		kind, ours := deadlineKinds[d.Kind]
		if d.Outcome != law.Counted || !ours || standsSo(c.State, d) {
			continue
		}
		_, err := o.act(ctx, id, actor, nil, "", demand.SetDeadline{ID: d.Rule, Kind: kind, NotBefore: d.NotBefore, Latest: d.Latest, Rule: d.Rule, Cite: d.Cite,
			Zone: d.Zone, Calendar: d.Calendar, Says: d.Says})
		if err != nil {
			return asks, err
		}
	}
	return asks, nil
}

// standsSo reports whether a deadline is on record as the packs count it, or is no
// longer theirs to move.
func standsSo(s *demand.State, d law.Deadline) bool {
	return slices.ContainsFunc(s.Deadlines, func(x demand.Deadline) bool {
		return x.ID == d.Rule && (x.Met > 0 || x.Suspended > 0 || (x.NotBefore.Equal(d.NotBefore) && x.Latest.Equal(d.Latest)))
	})
}
