package docket

import (
	"context"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/ledger"
	"counterseal/internal/problem"
)

// opened is a stream whose whole history has been decrypted and verified. A
// demand has with it the contests and duties of secrecy that touch it.
type opened struct {
	id      demand.ID
	vault   *vault
	stream  Stream
	history []demand.Recorded
	state   *demand.State
	leaves  uint64 // journaled events so far
	waiting []leaf // their entries, in order
	row     Row
	born    string              // the compartment that it began in
	in      map[demand.Seq]bool // which events are in the journal; nil while nobody has asked
	spare   map[demand.Seq]bool // and which by the emergency policy
	beside  []*opened
	amiss   []Amiss
}

// Amiss is a contest or a duty of secrecy that touches a demand and cannot be
// read: what it would stop, nobody knows.
type Amiss struct {
	ID      demand.ID
	Problem *problem.Error
}

// leaf is a journaled event and the digest that its entry must hold.
type leaf struct {
	seq    demand.Seq
	digest demand.Digest
}

// load reads, decrypts, verifies and folds a stream that the reader may see, a
// demand with what touches it. Problems: docket.not_found, docket.tampered,
// keys.missing, keys.corrupt, store.unavailable.
func (d *Docket) load(ctx context.Context, id demand.ID) (*opened, error) {
	if err := d.admit(ctx, id); err != nil {
		return nil, err
	}
	return d.session().dossier(ctx, id)
}

// read is load of one stream, for the program itself. Counsel's notes that nobody
// has begun yet are a stream without history.
func (d *Docket) read(ctx context.Context, id demand.ID) (*opened, error) {
	s, err := d.Store.Load(ctx, id)
	if err != nil {
		return nil, err
	}
	if s.Last == 0 && len(s.Records) == 0 {
		if demand.StreamOf(id) == demand.NotesStream {
			return &opened{id: id, stream: s, state: demand.NewState(id)}, nil
		}
		return nil, NotFound()
	}
	v, err := d.vaultOf(ctx, id)
	if err != nil {
		return nil, err
	}
	o := &opened{id: id, vault: v, stream: s, row: s.Row, state: demand.NewState(id)}
	if err = o.verify(&d.readings); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *opened) verify(before *readings) error {
	if err := o.verifyRecords(before); err != nil {
		return err
	}
	if err := o.verifyMarks(); err != nil {
		return err
	}
	return o.verifyRow()
}

// verifyRow finds a row that was edited, and one of an earlier time that would
// show a sealed demand to everybody.
func (o *opened) verifyRow() error {
	if demand.StreamOf(o.id) == demand.NotesStream {
		return nil // they are in no queue
	}
	if o.row.Compartment != o.compartment() {
		return tampered(nil)
	}
	_, err := o.vault.openRow(o.id, o.row)
	return err
}

// compartment is where the stream lies, as its verified history says.
func (o *opened) compartment() string {
	for i := len(o.history) - 1; i >= 0; i-- {
		e, ok := o.history[i].Event.(demand.Sealed)
		switch {
		case ok && e.Case == "":
			return General
		case ok:
			return string(e.Case)
		}
	}
	return o.born
}

// verifyRecords finds records that were edited, moved, swapped, added or
// removed: each opens only in its place, and the chain over all of them ends in
// the stream's head.
func (o *opened) verifyRecords(before *readings) error {
	chain := o.vault.name(place("stream", []byte(o.id)))
	now := &reading{begins: chain}
	known := before.of(o.id, chain)
	for i, r := range o.stream.Records {
		if r.Seq != demand.Seq(i+1) {
			return tampered(nil)
		}
		if known.holds(i, r) {
			o.take(known.records[i].rec.Copy(), known.records[i].leaf)
			now.records = append(now.records, known.records[i])
			chain = r.Chain
			continue
		}
		known = nil // what follows hangs on a record that was not read before
		plain, err := o.vault.open(recordPlace(o.id, r.Seq), r.Sealed)
		if err != nil {
			return err
		}
		chain = o.vault.link(chain, uint64(r.Seq), plain)
		if chain != r.Chain {
			return tampered(nil)
		}
		rec, l, err := o.decode(plain, r.Seq)
		if err != nil {
			return err
		}
		now.records = append(now.records, readRecord{chain: r.Chain, sealed: r.Sealed, rec: rec.Copy(), leaf: l})
		o.take(rec, l)
	}
	if o.stream.Last != o.state.Last || o.stream.Head != chain {
		return tampered(nil)
	}
	before.keep(o.id, now)
	return nil
}

// add decodes a record and folds it in.
func (o *opened) add(plain []byte, seq demand.Seq) error {
	rec, l, err := o.decode(plain, seq)
	if err == nil {
		o.take(rec, l)
	}
	return err
}

// decode reads a record, and gives its leaf where it is journaled.
func (o *opened) decode(plain []byte, seq demand.Seq) (demand.Recorded, *leaf, error) {
	id, rec, err := demand.Decode(plain)
	if err != nil {
		return rec, nil, err
	}
	if id != o.id || rec.Seq != seq {
		return rec, nil, tampered(nil)
	}
	if digest, ok := demand.Leaf(rec.Event, plain); ok {
		return rec, &leaf{seq: seq, digest: digest}, nil
	}
	return rec, nil, nil
}

// take folds a record in.
func (o *opened) take(rec demand.Recorded, l *leaf) {
	if l != nil {
		o.leaves++
		o.waiting = append(o.waiting, *l)
	}
	o.history = append(o.history, rec)
	o.state.Apply(rec)
}

// verifyMarks asks that every event came of a command that is still on record,
// so that no removed or renamed mark lets a command be done twice, and that the
// marks by which the stream began are there.
func (o *opened) verifyMarks() error {
	covered := make([]bool, len(o.history)+1)
	seen := map[byte]bool{}
	for _, m := range o.stream.Marks {
		w, err := o.vault.openMark(m)
		if err != nil {
			return err
		}
		if w.first == 0 || w.last > uint64(len(o.history)) {
			return tampered(nil)
		}
		if w.kind == markBegin {
			o.born = w.born
		}
		seen[w.kind] = true
		for n := w.first; n <= w.last; n++ {
			covered[n] = true
		}
	}
	for _, c := range covered[1:] {
		if !c {
			return tampered(nil)
		}
	}
	return o.verifyBegin(seen)
}

func (o *opened) verifyBegin(seen map[byte]bool) (err error) {
	switch demand.StreamOf(o.id) {
	case demand.NotesStream:
		return nil
	case demand.DemandStream:
		if !seen[markKey] || !seen[markOriginal] {
			return tampered(nil)
		}
		o.born, err = o.vault.bornIn(o.id, o.stream.Receipt)
		return err
	}
	if !seen[markBegin] {
		return tampered(nil)
	}
	return nil
}

// last is when the newest event happened; the zero time before the first.
func (o *opened) last() time.Time {
	if len(o.history) == 0 {
		return time.Time{}
	}
	return o.history[len(o.history)-1].At
}

// journaled compares the history with the ledger's outbox and says which events
// are in the journal with a proof at hand. It finds an end that was cut off
// together with the stream's head: the entry of the next journaled event would
// still be there, and the writer of the ledger guards its outbox.
func (d *Docket) journaled(ctx context.Context, o *opened) (in, spare map[demand.Seq]bool, err error) {
	published, inEmergency, err := d.Journal.Published(ctx)
	if err != nil {
		return nil, nil, err
	}
	in, spare = make(map[demand.Seq]bool, len(o.waiting)), make(map[demand.Seq]bool, len(o.waiting))
	if len(o.history) == 0 {
		return in, spare, nil
	}
	ids := make([]ledger.ID, o.leaves+1) // and the one that nobody may have written yet
	for i := range ids {
		ids[i] = o.vault.entry(string(o.id), uint64(i+1))
	}
	found, err := d.Journal.FindAll(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	for i, l := range o.waiting {
		p, ok := found[ids[i]]
		if !ok || p.Entry.Event.Digest != l.digest {
			return nil, nil, tampered(nil)
		}
		in[l.seq] = p.Sequenced && p.Sequence < published
		spare[l.seq] = p.Sequenced && p.Sequence < inEmergency
	}
	if _, more := found[ids[o.leaves]]; more {
		return nil, nil, d.movedOrCut(ctx, o)
	}
	return in, spare, nil
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

// current loads a stream with its Env, and looks again while others append.
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
