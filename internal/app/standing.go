package app

import (
	"context"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/ledger"
	"counterseal/internal/problem"
)

// grace is how long a leaf may take from the database to a cosigned checkpoint
// before doctor speaks of it.
const grace = 5 * time.Second

// journalStands asks that what the database has put into leaves reaches the
// published checkpoint. It does not where a witness refuses the log, as after a
// restoration of the log without the witness. Code: ledger.stalled.
func (o *Office) journalStands(ctx context.Context) error {
	size, err := o.db.Ledger().Size(ctx, ledger.InJournal)
	if err != nil {
		return err
	}
	for end := time.Now().Add(grace); ; {
		rung := o.published.Rung()
		head, err := o.journal.reader.Latest(ctx)
		if err != nil || head.Size >= size {
			return err
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return problem.New(problem.Refused, "ledger.stalled", "the journal shows %d leaves, and %d are written; nothing can leave", head.Size, size).
				Fix("see whether the witnesses answer, and whether log, database or witness was restored without the others")
		}
		_ = ledger.Wait(ctx, rung, 50*time.Millisecond) // that ctx has ended, the next look says
	}
}

// standing are the obstacles of a grant that no act on the grant removes: the
// gate itself lets nothing leave any more.
var standing = map[string]*problem.Error{
	"gate.restored": problem.New(problem.Refused, "gate.restored", "the gate's folder is older than what the gate has done, or it runs twice; nothing can leave").
		Fix("keep the folder for the inquiry and enrol a gate under a new id in the charter"),
	"gate.log_rolled_back": problem.New(problem.Refused, "gate.log_rolled_back", "the journal has forgotten what this gate did; nothing can leave").
		Fix("find out what was restored"),
	"gate.emergency_contradicted": problem.New(problem.Unverified, "gate.emergency_contradicted", "the witnesses have cosigned another journal than the one by which an emergency was released; nothing leaves this gate any more").
		Fix("tell the witnesses, the authority and the customer concerned; keep the gate's folder for the inquiry, and enrol a gate under a new id"),
	"gate.record_damaged": problem.New(problem.Refused, "gate.record_damaged", "the gate's record and its packages do not agree; nothing can leave").
		Fix("keep the folder for the inquiry"),
}

// gateStands asks the gate whether it stands still, which each waiting grant's
// obstacles say. Where no grant waits, it is not known.
func (o *Office) gateStands(ctx context.Context) error {
	list, err := o.Desk().List(ctx)
	for _, st := range list {
		for _, code := range st.Obstacles {
			if p, ok := standing[code]; ok {
				return p
			}
		}
	}
	return err // a gate that is down hides nothing of the others
}

// openDemands are those of the queue's first page, and those with a duty: a
// demand that somebody has taken out of the queue still has duties.
func (o *Office) openDemands(ctx context.Context) ([]demand.ID, error) {
	var out []demand.ID
	items, err := o.Docket.Queue(ctx, docket.QueryArgs{Compartments: []string{docket.General}, Limit: docket.MaxPage})
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		out = append(out, it.ID)
	}
	duties, err := o.Docket.DueDuties(ctx, docket.Never, docket.MaxPage)
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		out = append(out, d.ID)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// demandStands verifies one demand: history, read models, documents, and that
// the journal holds its receipt and its grants, or will.
func (o *Office) demandStands(ctx context.Context, id demand.ID) error {
	err := o.Docket.Audit(ctx, id)
	if err != nil || demand.StreamOf(id) != demand.DemandStream {
		return err // a contest or a duty came through no door
	}
	receipt, err := o.Docket.Receipt(ctx, id)
	if err != nil {
		return err
	}
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return err
	}
	digests := [][32]byte{receipt.Journal.Digest}
	for _, g := range c.State.Grants {
		digests = append(digests, g.Digest)
	}
	for _, d := range digests {
		row, err := o.journal.rows.FindDigest(ctx, d)
		if err != nil {
			return err
		}
		_, err = o.journal.reader.Prove(ctx, ledger.ByID(row))
		if err != nil && problem.Code(err) != "ledger.pending" {
			return err
		}
	}
	return nil
}
