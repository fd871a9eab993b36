package docket

import (
	"io"

	"counterseal/internal/demand"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
)

// change is what one transaction writes of a stream. Without records it is the
// read models alone.
type change struct {
	after   demand.Seq
	records []Record
	entries []ledger.Entry
	row     Row
	duties  []Duty
}

// extend encodes, seals and folds new events into a stream, and prepares their
// records and entries. What is folded is what a later reader will decode.
func (s *session) extend(o *opened, g giver, events []demand.Event) error {
	c := s.changes[o.id]
	if c == nil {
		c = &change{after: o.state.Last}
		s.changes[o.id] = c
	}
	chain := o.stream.Head
	if o.state.Last == 0 {
		chain = o.vault.name(place("stream", []byte(o.id)))
	}
	for _, e := range events {
		seq := o.state.Last + 1
		m := demand.Meta{Seq: seq, At: s.at.now, By: g.actor, Reason: g.reason}
		if _, err := io.ReadFull(s.Rand, m.Salt[:]); err != nil {
			return noRandomness(err)
		}
		plain, err := demand.Encode(o.id, m, e)
		if err != nil {
			return err
		}
		sealed, err := o.vault.seal(s.Rand, recordPlace(o.id, seq), plain)
		if err != nil {
			return err
		}
		if err = o.add(plain, seq); err != nil {
			return err
		}
		chain = o.vault.link(chain, uint64(seq), plain)
		c.records = append(c.records, Record{Seq: seq, Chain: chain, Sealed: sealed})
		if err = s.enter(c, o, e, plain); err != nil {
			return err
		}
	}
	o.stream.Head = chain
	return nil
}

// enter adds the outbox entry of a journaled event.
func (d *Docket) enter(c *change, o *opened, e demand.Event, plain []byte) error {
	digest, ok := demand.Leaf(e, plain)
	if !ok {
		return nil
	}
	entry := ledger.Entry{ID: o.vault.entry(string(o.id), o.leaves), Log: ledger.InJournal, Urgent: urgent(e),
		Event: proof.Opening{Digest: digest}}
	if _, err := io.ReadFull(d.Rand, entry.Event.Salt[:]); err != nil {
		return noRandomness(err)
	}
	c.entries = append(c.entries, entry)
	return nil
}

// urgent entries never wait behind unverified intake: what a gate waits for and
// what stops it.
func urgent(e demand.Event) bool {
	switch e.(type) {
	case demand.GrantDrafted, demand.GrantRevoked, demand.ApprovalSeen, demand.ReleasePermitted, demand.Stayed, demand.StayLifted,
		demand.ContestStayed, demand.ContestStayLifted, demand.HoldPlaced, demand.Joined:
		return true
	}
	return false
}
