package docket

import (
	"context"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// opened is a demand whose whole history has been decrypted and verified.
type opened struct {
	id      demand.ID
	vault   *vault
	stream  Stream
	history []demand.Recorded
	state   *demand.State
	leaves  uint64 // journaled events so far
	waiting []leaf // their entries, in order
	row     Row
}

// leaf is a journaled event and the digest that its entry must hold.
type leaf struct {
	seq    demand.Seq
	digest demand.Digest
}

// load reads, decrypts, verifies and folds a demand that the reader may see.
// Problems: docket.not_found, docket.tampered, keys.missing, keys.corrupt,
// store.unavailable.
func (d *Docket) load(ctx context.Context, id demand.ID) (*opened, error) {
	if !ValidID(id) {
		return nil, NotFound()
	}
	s, err := d.Store.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.Last == 0 && len(s.Records) == 0 {
		return nil, NotFound()
	}
	// Before anything of a demand can be told apart, permission is asked.
	if err = d.permitted(ctx, s.Row.Compartment); err != nil {
		return nil, err
	}
	v, err := d.vaultOf(ctx, id)
	if err != nil {
		return nil, err
	}
	o := &opened{id: id, vault: v, stream: s, row: s.Row, state: new(demand.State)}
	if err = o.verify(); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *opened) verify() error {
	if err := o.verifyRecords(); err != nil {
		return err
	}
	if err := o.verifyMarks(); err != nil {
		return err
	}
	_, err := o.vault.open(rowPlace(o.id, o.row), o.row.Sealed)
	return err
}

// verifyRecords finds records that were edited, moved, swapped, added or
// removed: each opens only in its place, and the chain over all of them ends in
// the stream's head.
func (o *opened) verifyRecords() error {
	chain := o.vault.name(place("stream", []byte(o.id)))
	for i, r := range o.stream.Records {
		if r.Seq != demand.Seq(i+1) {
			return tampered(nil)
		}
		plain, err := o.vault.open(recordPlace(o.id, r.Seq), r.Sealed)
		if err != nil {
			return err
		}
		chain = o.vault.link(chain, uint64(r.Seq), plain)
		if chain != r.Chain {
			return tampered(nil)
		}
		if err = o.add(plain, r.Seq); err != nil {
			return err
		}
	}
	if o.stream.Last != o.state.Last || o.stream.Head != chain {
		return tampered(nil)
	}
	return nil
}

// add decodes a record and folds it in.
func (o *opened) add(plain []byte, seq demand.Seq) error {
	id, rec, err := demand.Decode(plain)
	if err != nil {
		return err
	}
	if id != o.id || rec.Seq != seq {
		return tampered(nil)
	}
	if digest, ok := demand.Leaf(rec.Event, plain); ok {
		o.leaves++
		o.waiting = append(o.waiting, leaf{seq: seq, digest: digest})
	}
	o.history = append(o.history, rec)
	o.state.Apply(rec)
	return nil
}

// verifyMarks asks that every event came of a command that is still on record,
// so that no removed or renamed mark lets a command be done twice.
func (o *opened) verifyMarks() error {
	covered := make([]bool, len(o.history)+1)
	var byKey, byOriginal bool
	for _, m := range o.stream.Marks {
		w, err := o.vault.openMark(m)
		if err != nil {
			return err
		}
		byKey = byKey || w.kind == markKey
		byOriginal = byOriginal || w.kind == markOriginal
		if w.first == 0 || w.last > uint64(len(o.history)) {
			return tampered(nil)
		}
		for n := w.first; n <= w.last; n++ {
			covered[n] = true
		}
	}
	for _, c := range covered[1:] {
		if !c {
			return tampered(nil)
		}
	}
	if !byKey || !byOriginal {
		return tampered(nil)
	}
	return nil
}

// last is when the newest event happened.
func (o *opened) last() time.Time { return o.history[len(o.history)-1].At }

// journaled compares the history with the ledger's outbox and says which events
// are in the journal with a proof at hand. It finds an end that was cut off
// together with the stream's head: the entry of the next journaled event would
// still be there, and the writer of the ledger guards its outbox.
func (d *Docket) journaled(ctx context.Context, o *opened) (map[demand.Seq]bool, error) {
	published, err := d.Journal.Published(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[demand.Seq]bool, len(o.waiting))
	for i, l := range o.waiting {
		p, err := d.Journal.Find(ctx, o.vault.entry(string(o.id), uint64(i+1)))
		if problem.Code(err) == "ledger.unknown" {
			return nil, tampered(err)
		}
		if err != nil {
			return nil, err
		}
		if p.Entry.Event.Digest != l.digest {
			return nil, tampered(nil)
		}
		out[l.seq] = p.Sequenced && p.Sequence < published
	}
	_, err = d.Journal.Find(ctx, o.vault.entry(string(o.id), o.leaves+1))
	if err == nil {
		return nil, d.movedOrCut(ctx, o)
	}
	if problem.Code(err) != "ledger.unknown" {
		return nil, err
	}
	return out, nil
}

// movedOrCut explains an entry beyond the end of the history: somebody has
// appended since it was loaded (docket.stale: look again), or its end was cut off.
func (d *Docket) movedOrCut(ctx context.Context, o *opened) error {
	s, err := d.Store.Load(ctx, o.id)
	if err != nil {
		return err
	}
	if s.Last > o.stream.Last {
		return ErrStale
	}
	return tampered(nil)
}

// current loads a demand with its Env, and looks again while others append.
func (d *Docket) current(ctx context.Context, id demand.ID) (o *opened, env demand.Env, err error) {
	for n := range attempts {
		if o, err = d.load(ctx, id); err != nil {
			return nil, env, err
		}
		_, env, err = d.env(ctx, o)
		if !isStale(err) {
			return o, env, err
		}
		if err = backOff(ctx, n); err != nil {
			return nil, env, err
		}
	}
	return nil, env, ErrStale
}

func recordPlace(id demand.ID, seq demand.Seq) []byte {
	return place("record", []byte(id), number(uint64(seq)))
}

func rowPlace(id demand.ID, r Row) []byte {
	return place("row", []byte(id), []byte(r.Compartment), []byte(r.Status), number(uint64(r.Due.UnixMilli())))
}
