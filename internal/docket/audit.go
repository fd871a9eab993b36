package docket

import (
	"bytes"
	"context"
	"slices"
	"time"

	"counterseal/internal/demand"
)

// Audit verifies everything that is kept of a stream, read models, duties,
// receipt, documents and the index of members included, and of a demand all that
// touches it, and changes nothing.
func (d *Docket) Audit(ctx context.Context, id demand.ID) (err error) {
	defer func() { d.refused(ctx, "audit", id, err) }()
	o, env, err := d.current(ctx, id)
	if err != nil {
		return err
	}
	if len(o.amiss) > 0 {
		if p := o.amiss[0].Problem; p.Code != NotFound().Code {
			return p
		}
		return tampered(nil) // it was there: the demand's own history names it
	}
	if len(o.history) == 0 {
		return nil
	}
	if err = d.auditDuties(o, env.Now); err != nil {
		return err
	}
	if err = d.auditMembers(ctx, o); err != nil {
		return err
	}
	if err = d.auditDocuments(ctx, o); err != nil {
		return err
	}
	if demand.StreamOf(id) != demand.DemandStream {
		return nil
	}
	return d.auditReceipt(ctx, o)
}

func (d *Docket) auditReceipt(ctx context.Context, o *opened) error {
	a, err := o.vault.openReceipt(o.id, o.stream.Receipt)
	if err != nil {
		return err
	}
	if _, err = d.getSealed(ctx, o.vault, o.id, "original", a.OriginalAt); err != nil {
		return err
	}
	if a.FormAt != (Digest{}) {
		_, err = d.getSealed(ctx, o.vault, o.id, "form", a.FormAt)
	}
	return err
}

// auditDuties compares the stored duties with those that the history gives.
func (d *Docket) auditDuties(o *opened, now time.Time) error {
	want := make(map[Digest]Duty)
	if demand.StreamOf(o.id) != demand.NotesStream {
		for _, y := range demand.Agenda(o.state, d.Policy) {
			duty, err := d.sealDuty(o, y)
			if err != nil {
				return err
			}
			want[duty.Token] = duty
		}
	}
	var looks []Duty
	for _, y := range o.stream.Duties {
		if _, err := o.vault.open(dutyPlace(o.id, y), y.Sealed); err != nil {
			return err
		}
		if y.Kind == look {
			looks = append(looks, y)
			continue
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
	return d.auditLook(o, looks, now)
}

// auditLook asks that the next look at the row is not later than the next moment
// at which time changes it. One that is overdue is the clerk's to do.
func (d *Docket) auditLook(o *opened, looks []Duty, now time.Time) error {
	next, some := lookAgain(o.state, d.Policy, now)
	if len(looks) > 1 || some && len(looks) == 0 || some && looks[0].Due.After(next.At) {
		return tampered(nil)
	}
	return nil
}

// auditMembers compares the index of a sealed case's members with its history.
func (d *Docket) auditMembers(ctx context.Context, o *opened) error {
	if demand.StreamOf(o.id) != demand.CaseStream {
		return nil
	}
	got, err := d.Store.Members(ctx, o.id)
	if err != nil {
		return err
	}
	want := d.memberTokens(o.state)
	byBytes := func(a, b Digest) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(got, byBytes)
	slices.SortFunc(want, byBytes)
	if !slices.Equal(got, want) {
		return tampered(nil)
	}
	return nil
}

// Rebuild derives row, duties and the index of members anew from the verified
// history: when time alone has changed what they say, after a version that derives
// them differently, or when Audit found them changed.
func (d *Docket) Rebuild(ctx context.Context, id demand.ID) (err error) {
	defer func() { d.refused(ctx, "rebuild", id, err) }()
	if !ValidID(id) {
		return NotFound()
	}
	if _, named := Reader(ctx); named {
		if err = d.admit(ctx, id); err != nil {
			return err
		}
	}
	return d.insist(ctx, func() error { return d.rebuild(ctx, id) })
}

func (d *Docket) rebuild(ctx context.Context, id demand.ID) error {
	st, err := d.Store.Load(ctx, id)
	if err != nil {
		return err
	}
	if st.Last == 0 || demand.StreamOf(id) == demand.NotesStream {
		return NotFound()
	}
	v, err := d.vaultOf(ctx, id)
	if err != nil {
		return err
	}
	o := &opened{id: id, vault: v, stream: st, state: demand.NewState(id)}
	if err = o.verifyRecords(nil); err != nil {
		return err
	}
	if err = o.verifyMarks(); err != nil {
		return err
	}
	if person, named := Reader(ctx); named {
		in, err := d.mayRead(ctx, person, demand.StreamOf(id), o.compartment())
		if err != nil {
			return err
		}
		if !in {
			return NotFound()
		}
	}
	s := d.session()
	s.streams[id] = o
	if s.at, err = d.moment(ctx); err != nil {
		return err
	}
	s.changes[id] = &change{after: o.state.Last}
	if err = s.derive(ctx); err != nil {
		return err
	}
	return s.store(ctx, nil, func(ctx context.Context, tx Tx) error {
		if demand.StreamOf(id) != demand.CaseStream {
			return nil
		}
		return tx.PutMembers(ctx, id, s.memberTokens(o.state))
	})
}
