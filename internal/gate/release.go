package gate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"

	"counterseal/internal/evidence/release"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Release runs one release from the checks to the visible package: see Desk.
// Refusals before the counter is drawn leave everything as it was; afterwards
// the grant is spent.
func (g *Gate) Release(ctx context.Context, id string) (Outcome, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return Outcome{}, err
	}
	defer leave()
	full, r, err := g.run(ctx, id, toRelease)
	if err != nil {
		return Outcome{}, g.refused("release", full, err)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := r.outcome()
	g.cfg.Log.Info("released", "gate", g.cfg.ID, "id", out.ID)
	return out, nil
}

// run goes from the checks to what the grant is for; wanted says what was asked of the
// gate, which is held against the grant.
func (g *Gate) run(ctx context.Context, id string, wanted task) (string, *run, error) {
	o, r, err := g.claim(id, wanted)
	if o == nil || err != nil {
		return logID(id), r, err
	}
	defer g.unclaim(o.id)
	a, err := g.prepare(ctx, o)
	if err != nil {
		return o.id, nil, err
	}
	if err := a.reread(); err != nil {
		return o.id, nil, err
	}
	begun, err := a.begin()
	if err != nil && !begun {
		return o.id, nil, err
	}
	visible := false
	if err == nil && a.grant.Purpose == grant.ToKeepLonger {
		err = a.keepLonger()
	} else if err == nil {
		visible, err = a.carry()
	}
	if err != nil {
		if !visible {
			g.abandon(a, err)
		}
		return o.id, nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	return o.id, g.runs[o.id], nil
}

// reread reads what the grant sends and the gate has: an export, a copy. What needs no
// reading is asked first: nobody makes the gate read it again and again.
func (a *attempt) reread() error {
	if !a.grant.ByHand() && a.grant.Purpose != grant.FromCopy {
		return nil
	}
	if err := a.askStart(); err != nil {
		return err
	}
	if a.grant.ByHand() {
		a.export = a.rehash()
	} else {
		a.copied = a.rehashCopy()
	}
	return nil
}

// claim finds the offer and keeps a second run away; of a run that is over it
// gives the recorded end and no offer.
func (g *Gate) claim(id string, wanted task) (*offer, *run, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, err := g.find(id)
	if err != nil {
		return nil, nil, err
	}
	if err := asAsked(o.grant, wanted); err != nil {
		return nil, nil, err
	}
	r := g.runs[o.id]
	switch {
	case g.running[o.id] != nil:
		return nil, nil, problem.New(problem.Conflict, "gate.running", "this release is under way").Fix("look at its status")
	case r == nil:
		g.running[o.id] = &moving{}
		return o, nil, nil
	case r.done():
		return nil, r, nil
	case r.last == kindEnded:
		return nil, nil, r.refusal()
	}
	// Its end could not be written; the next start of the gate writes it.
	return nil, nil, problem.New(problem.Unavailable, "gate.damaged", "the end of this release could not be written")
}

func (g *Gate) unclaim(id string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.running, id)
}

func (g *Gate) prepare(ctx context.Context, o *offer) (*attempt, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	a, err := g.attemptLocked(o)
	if err != nil {
		return nil, err
	}
	a.ctx = ctx
	a.document, err = g.documentDigest(o.id)
	return a, err
}

// begin asks everything, then draws the counter; begun says that the grant is
// spent. What needs no journal is asked once more under the lock under which
// the beginning is recorded, so nothing comes between.
func (a *attempt) begin() (begun bool, err error) {
	err = a.askStart()
	if err != nil {
		return false, err
	}
	err = a.g.compare(a.ctx)
	if err != nil {
		return false, err
	}
	err = a.ask(atProofs)
	if err != nil {
		return false, err
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(a.g.cfg.Rand, key); err != nil {
		return false, noRandomness(err)
	}
	a.drawn = a.g.cfg.Now()
	a.counter, err = a.g.draw(a.ctx, "release", a.digest, func() error {
		if err := a.recheck(atStart); err != nil {
			return err
		}
		// Where the line may or may not be on the disk nothing goes on, and the next start
		// reads which it is.
		err := a.g.append(kindBegun, a.beginning(key))
		begun = err == nil
		return err
	})
	if err != nil {
		return begun, err
	}
	return true, a.ask(atCounter)
}

func (a *attempt) beginning(key []byte) stepBegun {
	b := stepBegun{ID: a.id, Grant: a.grant.ID, Demand: a.grant.Demand, Nonce: hex.EncodeToString(a.grant.Nonce[:]), InForce: hexSum(a.word.Text), Key: key}
	if a.grant.ByHand() {
		b.Export = a.grant.Export.Manifest.String()
	}
	b.Purpose, b.Until = a.grant.Purpose, a.grant.Until
	if a.grant.Copy != (grant.CopyFacts{}) {
		b.Copy = a.grant.Copy.Statement.String()
	}
	if a.grant.Purpose == grant.ToKeepLonger {
		return b // nobody's data are read
	}
	for _, id := range a.grant.Scope.Accounts() {
		b.Accounts = append(b.Accounts, string(id))
	}
	return b
}

func (a *attempt) askStart() error {
	a.g.mu.RLock()
	defer a.g.mu.RUnlock()
	if err := a.ask(atStart); err != nil {
		return err
	}
	return a.askRules(all)
}

// recheck asks the phase and every rule again as things are now; mu is held.
func (a *attempt) recheck(p phase) error {
	if err := a.refresh(); err != nil {
		return err
	}
	if err := a.ask(p); err != nil {
		return err
	}
	return a.askRules(all)
}

func (a *attempt) mark(kind string) error {
	a.g.mu.Lock()
	defer a.g.mu.Unlock()
	return a.g.append(kind, stepID{a.id})
}

// carry goes from the first item to the visible package. visible says that the
// package's folder has its final name.
func (a *attempt) carry() (visible bool, err error) {
	if err := a.mark(kindCollecting); err != nil {
		return false, err
	}
	sealed, err := a.seal()
	if err != nil {
		return false, err
	}
	if err := a.settle(sealed); err != nil {
		return false, err
	}
	if err := a.g.commit(a.ctx, a.release); err != nil {
		return false, err
	}
	if err := a.mark(kindPermitAsked); err != nil {
		return false, err
	}
	if err := a.ask(atPermit); err != nil {
		return false, err
	}
	if err := a.mark(kindPermitted); err != nil {
		return false, err
	}
	if err := a.ask(atLogged); err != nil {
		return false, err
	}
	proof := release.ProofFile
	if a.grant.Stays() {
		proof = copyProof
	}
	if err := writeNew(a.staged(proof), a.proofText); err != nil {
		return false, err
	}
	if err := syncDir(a.staged("")); err != nil {
		return false, err
	}
	return a.publish()
}

// settle records what was sealed, if everything still stands.
func (a *attempt) settle(sealed stepSealed) error {
	a.g.mu.Lock()
	defer a.g.mu.Unlock()
	if err := a.recheck(atSealed); err != nil {
		return err
	}
	return a.g.append(kindSealed, sealed)
}

// publish gives the folder its final name. The last look and the name are under
// the lock that a stop takes: a stop comes before, and nothing appears, or
// after, and no download begins.
func (a *attempt) publish() (visible bool, err error) {
	a.g.mu.Lock()
	defer a.g.mu.Unlock()
	if err := a.recheck(atSealed); err != nil {
		return false, err
	}
	if a.ctx.Err() != nil {
		return false, canceled(a.ctx.Err())
	}
	if err := a.g.append(kindPublishing, stepID{a.id}); err != nil {
		return false, err
	}
	place := a.g.place(a.g.runs[a.id])
	err = os.Rename(a.staged(""), place)
	if err != nil {
		return false, unusable(err)
	}
	a.g.hook("renamed")
	if err := syncDir(filepath.Dir(place)); err != nil {
		return true, err
	}
	if err := a.g.append(kindVisible, stepID{a.id}); err != nil {
		return true, err
	}
	if a.grant.ByHand() {
		// What is left of a plain export after this is removed at the next start.
		_ = a.g.removeExport(a.grant.Export.Manifest.String())
	}
	return true, nil
}

func canceled(err error) error {
	return problem.New(problem.Unavailable, "gate.canceled", "the release was given up before it was complete").Because(err)
}

// staged is a file of the package in the making.
func (a *attempt) staged(name string) string { return a.g.path("staging", a.id, name) }

// abandon ends a begun release of which nothing is visible. If that cannot be
// recorded, the next start of the gate does it.
func (g *Gate) abandon(a *attempt, why error) {
	p := problem.Of(why)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.record.Broken() {
		// Whether the last line is on the disk, the next start reads, and does what follows
		// from it. If it says that too much was packed, what was packed must still be there.
		return
	}
	if g.runs[a.id].last == kindOverproduced {
		if g.quarantine(a.id) != nil {
			return // the next start of the gate does it
		}
	} else {
		_ = os.RemoveAll(a.staged(""))
	}
	if a.grant.Keeps() {
		_ = g.shred(copyKeys, a.id)
	}
	if a.grant.ByZip() {
		_ = g.shred(passKeys, a.id)
	}
	_ = g.dropList(indexList(a.id)) // or at the next start
	e := stepEnded{ID: a.id, State: Refused, Kind: p.Kind, Code: p.Code, Message: p.Message, Field: p.Field, Remedy: p.Remedy, Dropped: a.dropped}
	if a.access != ([sha256.Size]byte{}) {
		e.Access = hex.EncodeToString(a.access[:])
	}
	_ = a.g.append(kindEnded, e)
}
