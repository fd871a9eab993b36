package docket

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Bounds of a submission.
const (
	MaxOriginal = 63 << 20 // bytes; sealing adds a few, and Originals take 64 MiB
	MaxForm     = 1 << 20
	maxName     = 64
)

// Submission is a demand as it came through a channel.
type Submission struct {
	Channel     string // portal, api, mail, files, etsi …
	Key         Digest // names this delivery within its channel; the same again is the same delivery
	Original    []byte // the bytes as they came
	MediaType   string
	Form        []byte         // what was filled in beside the original, if anything
	Compartment string         // who may see it; "" means General
	By          demand.Person  // who received it: the channel's own name, or a person
	Receive     demand.Receive // Channel and Original may be left empty
	// Then is what is decided right after it, in the same transaction: a demand of
	// former days is received, concluded as imported and closed at once.
	Then []Step
}

// Step is a command that is part of a submission.
type Step struct {
	Command demand.Command
	Seats   []string
	Reason  string
}

const maxSteps = 16

// General is the compartment of what is not sealed.
const General = "general"

// Accepted says what was stored, with everything that a receipt needs. It is the
// same for each delivery of one demand, but for Known.
type Accepted struct {
	ID              demand.ID     `json:"id"`
	At              time.Time     `json:"at"`
	Channel         string        `json:"channel"`
	MediaType       string        `json:"media_type"`
	Compartment     string        `json:"compartment"`
	OriginalDigest  Digest        `json:"original"`
	Journal         proof.Opening `json:"journal"`       // of the event "received"
	JournalEntry    ledger.ID     `json:"journal_entry"` // by which its proof is found
	RegisterLeaf    []byte        `json:"register_leaf"` // proof.RegisterLeaf
	RegisterOpening []byte        `json:"register_opening"`
	RegisterEntry   ledger.ID     `json:"register_entry"`
	OriginalAt      Digest        `json:"original_at"` // address among Originals
	FormAt          Digest        `json:"form_at"`     // zero without a form
	Known           bool          `json:"-"`           // it was here before this delivery
	Stated          demand.Digest `json:"-"`           // the document that keeps what a later delivery stated; zero for none
}

// Submit stores a demand and gives it its case number: the original's bytes
// first, then, in one transaction, history, queue, duties, ledger entries and
// receipt. All is durable when it returns, so a receipt may be given.
//
// The same delivery again gives the same Accepted; changed content under its key
// is docket.conflict. The same original of the same agency, through whatever
// channel, is the same case (invariant 25), and so are the same bytes when they came
// first without a word about who demands; what a later delivery states is kept as a
// document beside the demand (Stated). Problems: docket.submission, docket.conflict, clock.unsound, those
// of demand.Receive, and those of store, keys and blob. On store.unavailable the
// outcome may be open: sending the same delivery again settles it.
func (d *Docket) Submit(ctx context.Context, s Submission) (a Accepted, err error) {
	defer func() { d.refused(ctx, "submit", a.ID, err) }()
	if s.Compartment == "" {
		s.Compartment = General
	}
	digest := sha256.Sum256(s.Original)
	if err = s.check(digest); err != nil {
		return Accepted{}, err
	}
	if err = d.mayUse(ctx, s.Compartment); err != nil {
		return Accepted{}, err
	}
	s.Receive.Channel, s.Receive.Original = s.Channel, digest
	in, err := d.deliveryOf(s)
	if err != nil {
		return Accepted{}, err
	}
	for n := range attempts {
		a, err = d.accept(ctx, s, in)
		if !again(err) {
			return a, err
		}
		if err = backOff(ctx, n); err != nil {
			return Accepted{}, err
		}
	}
	return Accepted{}, ErrStale
}

func (s Submission) check(digest Digest) error {
	bad := problem.New(problem.Invalid, "docket.submission", "this cannot be taken in as it is")
	switch {
	case len(s.Original) == 0 || len(s.Original) > MaxOriginal:
		return bad.At("original").Fix("add the document as it came, at most %d MiB", MaxOriginal>>20)
	case len(s.Form) > MaxForm:
		return bad.At("form").Fix("at most %d KiB", MaxForm>>10)
	case s.Channel == "" || len(s.Channel) > maxName:
		return bad.At("channel")
	case len(s.Compartment) > maxName:
		return bad.At("compartment")
	case len(s.MediaType) > 4*maxName:
		return bad.At("media type")
	case s.Key == (Digest{}):
		return bad.At("key")
	case s.By == "":
		return bad.At("by")
	case len(s.Then) > maxSteps || slices.ContainsFunc(s.Then, func(x Step) bool { return x.Command == nil }):
		return bad.At("then")
	case s.Receive.Channel != "" && s.Receive.Channel != s.Channel:
		return bad.At("channel")
	case s.Receive.Original != (demand.Digest{}) && s.Receive.Original != digest:
		return bad.At("original").Fix("state the SHA-256 of the document that is added")
	}
	return nil
}

// delivery is a submission's names: by its channel's key, by its original and
// who demands with it, and by its original alone.
type delivery struct {
	byKey, byOriginal, byBytes Digest
	request                    Digest
	bytesKnown                 bool // another demand came with the same bytes
}

func (d *Docket) deliveryOf(s Submission) (delivery, error) {
	stated, err := json.Marshal(s.Receive)
	if err != nil {
		return delivery{}, broken(err)
	}
	form := sha256.Sum256(s.Form)
	parts := [][]byte{[]byte(s.MediaType), []byte(s.Compartment), form[:], stated}
	for _, step := range s.Then {
		command, err := describe(step.Command)
		if err != nil {
			return delivery{}, err
		}
		parts = append(parts, command, []byte(step.Reason))
	}
	agency := []byte(s.Receive.Instrument.Agency)
	if s.Receive.Unread {
		agency = nil // nobody has read yet who demands
	}
	return delivery{
		byKey:      d.index.name(place("delivery", []byte(s.Channel), s.Key[:])),
		byOriginal: d.index.name(place("original", s.Receive.Original[:], agency)),
		byBytes:    d.index.name(place("original", s.Receive.Original[:], nil)),
		request:    d.index.name(place("delivery request", parts...)),
	}, nil
}

// Delivered reports whether a delivery of this key came through one of the channels
// before, so that who watches a folder need not bring it again. Problem:
// store.unavailable.
func (d *Docket) Delivered(ctx context.Context, key Digest, channels ...string) (bool, error) {
	for _, c := range channels {
		_, found, err := d.Store.Done(ctx, d.index.name(place("delivery", []byte(c), key[:])))
		if err != nil || found {
			return found, err
		}
	}
	return false, nil
}

// accept finds what a delivery belongs to, or makes it a new demand.
func (d *Docket) accept(ctx context.Context, s Submission, in delivery) (Accepted, error) {
	done, found, err := d.Store.Done(ctx, in.byKey)
	if err != nil {
		return Accepted{}, err
	}
	if found {
		if done.Request != in.request {
			return Accepted{}, ErrReused
		}
		a, err := d.accepted(ctx, done, markKey)
		if err != nil {
			return Accepted{}, err
		}
		err = d.findStated(ctx, s, &a)
		return a, err
	}
	done, found, err = d.Store.Done(ctx, in.byOriginal)
	if err != nil {
		return Accepted{}, err
	}
	if found {
		return d.another(ctx, s, in, done)
	}
	done, found, err = d.Store.Done(ctx, in.byBytes)
	if err != nil {
		return Accepted{}, err
	}
	if found && in.byBytes != in.byOriginal {
		unread, err := d.beganUnread(ctx, done)
		if err != nil {
			return Accepted{}, err
		}
		if unread {
			return d.another(ctx, s, in, done)
		}
		in.bytesKnown = true
	}
	return d.begin(ctx, s, in)
}

// beganUnread tells a demand that came as bytes alone, whoever it was from, from
// one of another agency that happened to come with the same bytes.
func (d *Docket) beganUnread(ctx context.Context, done Mark) (bool, error) {
	v, err := d.vaultOf(ctx, done.Demand)
	if err != nil {
		return false, err
	}
	w, err := v.openMark(done)
	return w.kind == markOriginal, err
}

// another records one more delivery of a demand that is here already. What it
// states beside the original is kept as a document: nobody else may have said it.
func (d *Docket) another(ctx context.Context, s Submission, in delivery, done Mark) (Accepted, error) {
	a, err := d.accepted(ctx, done, markOriginal, markBytes)
	if err != nil {
		return Accepted{}, err
	}
	v, err := d.vaultOf(ctx, a.ID)
	if err != nil {
		return Accepted{}, err
	}
	if err = d.keepStated(ctx, s, v, &a); err != nil {
		return Accepted{}, err
	}
	mark, err := v.sealMark(d.Rand, Mark{Token: in.byKey, Request: in.request, Demand: a.ID}, work{kind: markKey, first: 1, last: 1})
	if err != nil {
		return Accepted{}, err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx Tx) error { return tx.Once(ctx, mark) })
	if err != nil {
		return Accepted{}, err
	}
	return a, nil
}

// accepted opens the receipt that a delivery's mark leads to.
func (d *Docket) accepted(ctx context.Context, done Mark, kinds ...byte) (Accepted, error) {
	v, err := d.vaultOf(ctx, done.Demand)
	if err != nil {
		return Accepted{}, err
	}
	w, err := v.openMark(done)
	if err != nil {
		return Accepted{}, err
	}
	if !slices.Contains(kinds, w.kind) {
		return Accepted{}, tampered(nil)
	}
	s, err := d.Store.Load(ctx, done.Demand)
	if err != nil {
		return Accepted{}, err
	}
	a, err := v.openReceipt(done.Demand, s.Receipt)
	a.Known = true
	return a, err
}

func (v *vault) openReceipt(id demand.ID, sealed []byte) (a Accepted, err error) {
	err = v.receipt(id, sealed, &a)
	if err == nil && a.ID != id {
		err = tampered(nil)
	}
	if err != nil {
		return Accepted{}, err
	}
	return a, nil
}

// bornIn reads only where a demand began: whoever loads a demand needs no more of its
// receipt.
func (v *vault) bornIn(id demand.ID, sealed []byte) (compartment string, err error) {
	var a struct {
		ID          demand.ID `json:"id"`
		Compartment string    `json:"compartment"`
	}
	err = v.receipt(id, sealed, &a)
	if err == nil && a.ID != id {
		err = tampered(nil)
	}
	return a.Compartment, err
}

func (v *vault) receipt(id demand.ID, sealed []byte, into any) error {
	plain, err := v.open(place("receipt", []byte(id)), sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return tampered(err)
	}
	return nil
}

// begin makes a new demand. Nothing is stored before the demand is known to be
// well formed.
func (d *Docket) begin(ctx context.Context, s Submission, in delivery) (Accepted, error) {
	w := d.session()
	var err error
	if w.at, err = d.moment(ctx); err != nil {
		return Accepted{}, err
	}
	events, err := demand.Decide(demand.NewState(""), s.Receive, demand.Env{Now: w.at.now, Actor: s.By, Policy: d.Policy, ClockSane: w.at.sane})
	if err != nil {
		return Accepted{}, err
	}
	o, err := d.number(ctx, demand.DemandStream)
	if err != nil {
		return Accepted{}, err
	}
	o.born = s.Compartment
	w.streams[o.id] = o
	if err = w.extend(o, giver{actor: s.By}, events); err != nil {
		return Accepted{}, err
	}
	if err = w.then(ctx, o, s); err != nil {
		return Accepted{}, err
	}
	if err = w.derive(ctx); err != nil {
		return Accepted{}, err
	}
	c := w.changes[o.id]
	a := Accepted{ID: o.id, At: w.at.now, Channel: s.Channel, MediaType: s.MediaType, Compartment: s.Compartment, OriginalDigest: s.Receive.Original,
		Journal: c.entries[0].Event, JournalEntry: c.entries[0].ID}
	if err = d.register(c, o, s.Receive, &a); err != nil {
		return Accepted{}, err
	}
	if err = d.putOriginals(ctx, o, s, &a); err != nil {
		return Accepted{}, err
	}
	err = w.received(ctx, o, in, a)
	if again(err) || errors.Is(err, ErrReused) {
		d.dropOriginals(ctx, a) // certainly not stored; after any other error they stay
	}
	if err != nil {
		return Accepted{}, err
	}
	return a, nil
}

// then decides the steps of a submission, one after the other, on what was just
// received. They are about this demand alone.
func (s *session) then(ctx context.Context, o *opened, x Submission) error {
	for _, step := range x.Then {
		env := demand.Env{Now: s.at.now, Policy: s.Policy, ClockSane: s.at.sane, Actor: x.By, Seats: step.Seats, Reason: step.Reason}
		events, err := demand.Decide(o.state, step.Command, env)
		if err != nil {
			return err
		}
		if len(demand.Echoes(o.id, events)) > 0 {
			return problem.New(problem.Invalid, "docket.submission", "what is done at once with a submission is about this demand alone").At("then")
		}
		if err = s.extend(o, giver{x.By, step.Seats, step.Reason}, events); err != nil {
			return err
		}
	}
	return nil
}

// number draws an id that no stream has or had, and its key.
func (d *Docket) number(ctx context.Context, kind demand.Stream) (*opened, error) {
	for range 16 {
		id, err := newID(d.Rand, kind)
		if err != nil {
			return nil, err
		}
		err = d.Keys.Create(ctx, string(id))
		if problem.Code(err) == "keys.exists" {
			continue
		}
		if err != nil {
			return nil, err
		}
		v, err := d.vaultOf(ctx, id)
		return &opened{id: id, vault: v, state: demand.NewState(id)}, err
	}
	return nil, problem.New(problem.Unavailable, "docket.numbers", "no free case number was found").Fix("try again")
}

// register makes the demand's leaf of the register and its entry.
func (d *Docket) register(c *change, o *opened, r demand.Receive, a *Accepted) error {
	fields, err := d.Fields(r)
	if err != nil {
		return err
	}
	opening, err := proof.NewRegisterOpening(d.Rand, fields, c.entries[0].Event.Digest)
	if err != nil {
		return err
	}
	leaf, err := opening.Leaf()
	if err != nil {
		return err
	}
	name := o.vault.name(place("register", []byte(o.id)))
	a.RegisterLeaf, a.RegisterOpening, a.RegisterEntry = leaf.Marshal(), opening.Marshal(), ledger.ID(name[:16])
	c.entries = append(c.entries, ledger.Entry{ID: a.RegisterEntry, Log: ledger.InRegister, Leaf: a.RegisterLeaf})
	return nil
}

// putOriginals stores document and form, at the same time, so that they share a
// sync where Originals let them.
func (d *Docket) putOriginals(ctx context.Context, o *opened, s Submission, a *Accepted) error {
	form := make(chan error, 1)
	go func() {
		var err error
		if len(s.Form) > 0 {
			a.FormAt, err = d.putSealed(ctx, o, "form", s.Form)
		}
		form <- err
	}()
	at, err := d.putSealed(ctx, o, "original", s.Original)
	a.OriginalAt = at
	also := <-form
	if err == nil {
		err = also
	}
	return err
}

func (d *Docket) putSealed(ctx context.Context, o *opened, what string, plain []byte) (Digest, error) {
	sealed, err := o.vault.seal(d.Rand, place(what, []byte(o.id)), plain)
	if err != nil {
		return Digest{}, err
	}
	return d.Originals.Put(ctx, sealed)
}

// dropOriginals takes back what lost a race. What cannot be removed is noise
// under a key of its own.
func (d *Docket) dropOriginals(ctx context.Context, a Accepted) {
	_ = d.Originals.Remove(ctx, a.OriginalAt)
	if a.FormAt != (Digest{}) {
		_ = d.Originals.Remove(ctx, a.FormAt)
	}
}

// received stores a new demand with its receipt and the marks of its delivery.
func (s *session) received(ctx context.Context, o *opened, in delivery, a Accepted) error {
	plain, err := json.Marshal(a)
	if err != nil {
		return broken(err)
	}
	receipt, err := o.vault.seal(s.Rand, place("receipt", []byte(o.id)), plain)
	if err != nil {
		return err
	}
	names := []struct {
		kind           byte
		token, request Digest
	}{{markKey, in.byKey, in.request}, {markOriginal, in.byOriginal, in.byOriginal}, {markBytes, in.byBytes, in.byBytes}}
	var marks []Mark
	for _, n := range names {
		if n.kind == markBytes && (in.bytesKnown || in.byBytes == in.byOriginal) {
			continue
		}
		mark, err := o.vault.sealMark(s.Rand, Mark{Token: n.token, Request: n.request, Demand: o.id}, work{kind: n.kind, first: 1, last: uint64(o.state.Last)})
		if err != nil {
			return err
		}
		marks = append(marks, mark)
	}
	return s.store(ctx, marks, func(ctx context.Context, tx Tx) error { return tx.PutReceipt(ctx, o.id, receipt) })
}
