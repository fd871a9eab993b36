package docket

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// Case is a demand as it stands, and what guards may know at this moment: ask
// them with State and Env. Env names no actor.
type Case struct {
	ID          demand.ID
	Compartment string
	State       *demand.State
	Env         demand.Env
}

// State gives a demand as it stands. Everything that it rests on has been
// verified: see the package comment. Problems: docket.not_found (also for who
// may not see it), docket.tampered, keys.missing, keys.corrupt,
// store.unavailable, and those of the journal.
func (d *Docket) State(ctx context.Context, id demand.ID) (c Case, err error) {
	defer func() { d.refused(ctx, "state", id, err) }()
	o, env, err := d.current(ctx, id)
	if err != nil {
		return Case{}, err
	}
	return Case{ID: id, Compartment: o.row.Compartment, State: o.state, Env: env}, nil
}

// History gives all events of a demand, verified like State.
func (d *Docket) History(ctx context.Context, id demand.ID) (h []demand.Recorded, err error) {
	defer func() { d.refused(ctx, "history", id, err) }()
	o, _, err := d.current(ctx, id)
	if err != nil {
		return nil, err
	}
	return o.history, nil
}

// Receipt gives what Submit gave for the demand.
func (d *Docket) Receipt(ctx context.Context, id demand.ID) (a Accepted, err error) {
	defer func() { d.refused(ctx, "receipt", id, err) }()
	o, err := d.load(ctx, id)
	if err != nil {
		return Accepted{}, err
	}
	a, err = o.vault.openReceipt(id, o.stream.Receipt)
	if err == nil && a.OriginalDigest != Digest(o.state.Original) {
		err = tampered(nil)
	}
	if err != nil {
		return Accepted{}, err
	}
	a.Known = true
	return a, nil
}

// Original gives the document as it came, and its media type as it was stated,
// which proves nothing about it. Problems also: blob.missing, blob.corrupt.
func (d *Docket) Original(ctx context.Context, id demand.ID) (b []byte, mediaType string, err error) {
	defer func() { d.refused(ctx, "original", id, err) }()
	a, err := d.Receipt(ctx, id)
	if err != nil {
		return nil, "", err
	}
	v, err := d.vaultOf(ctx, id)
	if err != nil {
		return nil, "", err
	}
	b, err = d.getSealed(ctx, v, id, "original", a.OriginalAt)
	if err == nil && sha256.Sum256(b) != a.OriginalDigest {
		err = tampered(nil)
	}
	if err != nil {
		return nil, "", err
	}
	return b, a.MediaType, nil
}

func (d *Docket) getSealed(ctx context.Context, v *vault, id demand.ID, what string, at Digest) ([]byte, error) {
	sealed, err := d.Originals.Get(ctx, at)
	if err != nil {
		return nil, err
	}
	return v.open(place(what, []byte(id)), sealed)
}

// Item is one line of the queue. Where it cannot be opened, Problem says why and
// View is empty: one bad line does not hide the others.
type Item struct {
	ID          demand.ID
	Compartment string
	Status      demand.Status
	Due         time.Time // of the first duty; Never when none
	View        View
	Problem     *problem.Error
}

// QueryArgs asks for a page of the queue. Compartments are those that the reader
// may see: none gives nothing. The next page begins after the last item of this
// one.
type QueryArgs struct {
	Compartments []string
	Due          time.Time // of the last item of the page before
	After        demand.ID // its id
	Limit        int       // 1 to MaxPage
}

// MaxPage bounds a page.
const MaxPage = 200

// Queue lists demands by what falls due first. Compartments that Permit refuses
// are passed over like empty ones.
func (d *Docket) Queue(ctx context.Context, q QueryArgs) (items []Item, err error) {
	defer func() { d.refused(ctx, "queue", "", err) }()
	if q.Limit < 1 || q.Limit > MaxPage {
		return nil, problem.New(problem.Invalid, "docket.query", "a page has 1 to %d lines", MaxPage).At("limit")
	}
	if q.Due.IsZero() {
		q.Due = time.UnixMilli(-1 << 60)
	}
	var all []Listed
	for _, compartment := range q.Compartments {
		if d.permitted(ctx, compartment) != nil {
			continue
		}
		page, err := d.Store.Queue(ctx, Page{Compartment: compartment, Due: q.Due, After: q.After, Limit: q.Limit})
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
	}
	slices.SortFunc(all, func(a, b Listed) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Demand, b.Demand))
	})
	for _, l := range all[:min(len(all), q.Limit)] {
		items = append(items, d.item(ctx, l))
	}
	return items, nil
}

func (d *Docket) item(ctx context.Context, l Listed) Item {
	out := Item{ID: l.Demand, Compartment: l.Compartment, Status: demand.Status(l.Status), Due: l.Due}
	v, err := d.vaultOf(ctx, l.Demand)
	if err != nil {
		out.Problem = problem.Of(err)
		return out
	}
	plain, err := v.open(rowPlace(l.Demand, l.Row), l.Sealed)
	if err == nil {
		err = json.Unmarshal(plain, &out.View)
	}
	if err != nil {
		out.Problem = problem.Of(err)
	}
	return out
}

// Audit verifies everything that is kept of a demand, read models, duties,
// receipt and documents included, and changes nothing.
func (d *Docket) Audit(ctx context.Context, id demand.ID) (err error) {
	defer func() { d.refused(ctx, "audit", id, err) }()
	o, _, err := d.current(ctx, id)
	if err != nil {
		return err
	}
	if err = d.auditDuties(o); err != nil {
		return err
	}
	a, err := o.vault.openReceipt(id, o.stream.Receipt)
	if err != nil {
		return err
	}
	if _, err = d.getSealed(ctx, o.vault, id, "original", a.OriginalAt); err != nil {
		return err
	}
	if a.FormAt != (Digest{}) {
		_, err = d.getSealed(ctx, o.vault, id, "form", a.FormAt)
	}
	return err
}

// auditDuties compares the stored duties with those that the history gives.
func (d *Docket) auditDuties(o *opened) error {
	want := make(map[Digest]Duty)
	for _, y := range demand.Agenda(o.state, d.Policy) {
		duty, err := d.sealDuty(o, y)
		if err != nil {
			return err
		}
		want[duty.Token] = duty
	}
	for _, y := range o.stream.Duties {
		if _, err := o.vault.open(dutyPlace(o.id, y), y.Sealed); err != nil {
			return err
		}
		w, ok := want[y.Token]
		if !ok || !bytes.Equal(dutyPlace(o.id, w), dutyPlace(o.id, y)) {
			return tampered(nil)
		}
		delete(want, y.Token)
	}
	if len(want) > 0 {
		return tampered(nil)
	}
	return nil
}

// Rebuild derives queue row and duties anew from the verified history: after a
// version that derives them differently, or when Audit found them changed.
func (d *Docket) Rebuild(ctx context.Context, id demand.ID) (err error) {
	defer func() { d.refused(ctx, "rebuild", id, err) }()
	s, err := d.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	if s.Last == 0 {
		return NotFound()
	}
	v, err := d.vaultOf(ctx, id)
	if err != nil {
		return err
	}
	a, err := v.openReceipt(id, s.Receipt)
	if err != nil {
		return err
	}
	if err = d.permitted(ctx, a.Compartment); err != nil {
		return err
	}
	o := &opened{id: id, vault: v, stream: s, row: Row{Compartment: a.Compartment}, state: new(demand.State)}
	if err = o.verifyRecords(); err != nil {
		return err
	}
	if err = o.verifyMarks(); err != nil {
		return err
	}
	m, err := d.moment(ctx)
	if err != nil {
		return err
	}
	c := new(change)
	if err = d.readModels(c, o, m.now); err != nil {
		return err
	}
	return d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.Put(ctx, id, c.row, c.duties, nil) })
}
