package docket

import (
	"context"
	"crypto/sha256"

	"counterseal/internal/demand"
)

// Case is a stream as it stands, a demand with all that touches it, and what
// guards may know at this moment: ask them with State and Env. Env names no actor.
type Case struct {
	ID          demand.ID
	Compartment string
	State       *demand.State
	Env         demand.Env
	Amiss       []Amiss // what touches the demand and cannot be read: the guards refuse
}

// State gives a stream as it stands. Everything that it rests on has been
// verified: see the package comment. Problems: docket.not_found (also for who
// may not see it), docket.tampered, keys.missing, keys.corrupt,
// store.unavailable, and those of the journal.
func (d *Docket) State(ctx context.Context, id demand.ID) (c Case, err error) {
	defer func() { d.refused(ctx, "state", id, err) }()
	o, env, err := d.current(ctx, id)
	if err != nil {
		return Case{}, err
	}
	return Case{ID: id, Compartment: o.compartment(), State: o.state, Env: env, Amiss: o.amiss}, nil
}

// History gives all events of a stream, verified like State.
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
