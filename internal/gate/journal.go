package gate

import (
	"context"
	"encoding/hex"
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// patient bounds one answer of the outside world.
func (g *Gate) patient(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, g.cfg.Patience)
}

// unanswered tells a journal that does not answer from one that answers wrongly.
func unanswered(err error) error {
	return problem.New(problem.Unavailable, "gate.ledger_unavailable", "the journal does not answer; nothing leaves without it").Fix("try again when it does").Because(err)
}

// commit puts a digest into the journal's queue.
func (g *Gate) commit(ctx context.Context, digest [32]byte) error {
	ctx, cancel := g.patient(ctx)
	defer cancel()
	if err := g.cfg.Journal.Commit(ctx, digest, true); err != nil {
		return unanswered(err)
	}
	return nil
}

// proven asks for the digest's proof and checks it in full. The checkpoint that
// it rests on must still be held against the kept one. Codes: gate.unlogged (not
// in the journal, or the proof is of something else), gate.unwitnessed,
// gate.ledger_unavailable.
func (g *Gate) proven(ctx context.Context, policy proof.Policy, digest [32]byte) (text []byte, v proof.Verified, cp checkpoint, err error) {
	ctx, cancel := g.patient(ctx)
	defer cancel()
	text, err = g.cfg.Journal.Proof(ctx, digest)
	if err != nil {
		if problem.Code(err) == "ledger.unknown" || problem.Of(err).Kind == problem.Unverified {
			return nil, v, cp, unlogged(err)
		}
		return nil, v, cp, unanswered(err)
	}
	p, err := proof.ParseProof(text)
	if err != nil {
		return nil, v, cp, unlogged(err)
	}
	v, err = proof.Verify(p, digest, policy)
	if err != nil {
		return nil, v, cp, disbelieved(err)
	}
	cp = checkpoint{Checkpoint: proof.Checkpoint{Origin: policy.Origin(), Size: v.Size, Root: v.Root}, text: p.Checkpoint}
	return text, v, cp, nil
}

func unlogged(err error) error {
	return problem.New(problem.Unverified, "gate.unlogged", "the journal is not shown to hold this").Because(err)
}

// disbelieved says what is wrong with a proof or checkpoint.
func disbelieved(err error) error {
	switch problem.Code(err) {
	case "proof.too_few_witnesses", "proof.cosignature_invalid", "proof.log_signature", "proof.wrong_origin":
		return problem.New(problem.Unverified, "gate.unwitnessed", "the journal's checkpoint lacks the signatures that the charter demands").Because(err)
	}
	return unlogged(err)
}

// checkpoint is a journal's head whose signatures were checked, with its text.
type checkpoint struct {
	proof.Checkpoint
	text  []byte
	under *under // it holds under the emergency policy alone
}

// latest fetches the journal's newest checkpoint.
func (g *Gate) latest(ctx context.Context, policy proof.Policy) (checkpoint, error) {
	ctx, cancel := g.patient(ctx)
	defer cancel()
	text, err := g.cfg.Journal.Checkpoint(ctx)
	if err != nil {
		return checkpoint{}, unanswered(err)
	}
	cp, err := policy.OpenCheckpoint(text)
	if err != nil {
		return checkpoint{}, disbelieved(err)
	}
	return checkpoint{Checkpoint: cp, text: text}, nil
}

// continues holds a checkpoint against what this gate's witness has cosigned and
// against the kept one, and keeps it if it is larger.
func (g *Gate) continues(ctx context.Context, c checkpoint) error {
	if err := g.cosigned(ctx, c.Checkpoint); err != nil {
		return err
	}
	for {
		g.mu.RLock()
		kept, ok := g.kept[c.Origin]
		g.mu.RUnlock()
		if ok {
			if err := g.consistent(ctx, kept, c.Checkpoint); err != nil {
				return g.contradiction(kept, c, err)
			}
			if c.Size <= kept.Size {
				return g.noted(c)
			}
		}
		done, err := g.keep(kept, ok, c)
		if err != nil {
			return err
		}
		if done {
			return g.noted(c)
		}
	}
}

// keep makes c the kept checkpoint, unless another came first.
func (g *Gate) keep(before proof.Checkpoint, known bool, c checkpoint) (bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now, ok := g.kept[c.Origin]
	if ok != known || (ok && (now.Size != before.Size || now.Root != before.Root)) {
		return false, nil
	}
	if c.under != nil {
		return true, g.append(kindUnderEmergency, g.step(c))
	}
	return true, g.append(kindCheckpoint, stepCheckpoint{c.text})
}

func (g *Gate) consistent(ctx context.Context, a, b proof.Checkpoint) error {
	if a.Size > b.Size {
		a, b = b, a
	}
	var hashes []proof.Hash
	if a.Size != b.Size {
		ctx, cancel := g.patient(ctx)
		defer cancel()
		raw, err := g.cfg.Journal.Consistency(ctx, a.Size, b.Size)
		if err != nil {
			return unanswered(err)
		}
		for _, h := range raw {
			hashes = append(hashes, h)
		}
	}
	if err := proof.Consistent(a, b, hashes); err != nil {
		return problem.New(problem.Unverified, "gate.log_forked", "the journal does not continue what it showed before").
			Fix("tell the witnesses and keep both checkpoints; nothing leaves").Because(err)
	}
	return nil
}

// compare holds the gate's own counter against the journal's, once. A folder
// that was restored or copied has the lower or another counter.
func (g *Gate) compare(ctx context.Context) error {
	g.mu.RLock()
	blocked, compared := g.blocked, g.compared
	g.mu.RUnlock()
	if blocked != nil {
		return blocked
	}
	if compared {
		return nil
	}
	ctx, cancel := g.patient(ctx)
	defer cancel()
	n, digest, err := g.cfg.Journal.Counter(ctx, g.cfg.ID)
	if err != nil {
		return unanswered(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.blocked != nil {
		return g.blocked
	}
	if g.compared {
		return nil // somebody else compared meanwhile, and has drawn counters since
	}
	own := g.counter
	switch {
	case n == own.n && (n == 0 || digest == own.digest):
		g.compared = true
		return nil
	case n+1 == own.n && !own.committed && (n == 0 || digest == own.before):
		g.compared = true // a crash came between the record and the journal
		return nil
	case n >= own.n:
		g.blocked = restored()
	default:
		g.blocked = problem.New(problem.Unverified, "gate.log_rolled_back", "the journal has forgotten a counter of this gate").
			Fix("find out what was restored; nothing leaves until the journal is whole")
	}
	return g.blocked
}

func restored() *problem.Error {
	return problem.New(problem.Refused, "gate.restored", "this gate's folder is older than what the gate has done, or runs twice").
		Fix("keep the folder for the inquiry and enrol a gate under a new id in the charter")
}

// draw takes the next counter: into the record, then to the journal. then runs
// under the lock before the counter is drawn and can refuse. Codes:
// gate.restored, gate.log_rolled_back, gate.ledger_unavailable, gate.damaged.
func (g *Gate) draw(ctx context.Context, why string, subject [32]byte, then func() error) (counter, error) {
	select {
	case g.turn <- struct{}{}:
		defer func() { <-g.turn }()
	case <-ctx.Done():
		return counter{}, unanswered(ctx.Err())
	}
	if err := g.compare(ctx); err != nil {
		return counter{}, err
	}
	if err := g.commitCounter(ctx); err != nil {
		return counter{}, err
	}
	if err := g.drawLocked(why, subject, then); err != nil {
		return counter{}, err
	}
	err := g.commitCounter(ctx)
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.counter, err
}

func (g *Gate) drawLocked(why string, subject [32]byte, then func() error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := then(); err != nil {
		return err
	}
	b := stepCounter{N: g.counter.n + 1, Why: why, Subject: hex.EncodeToString(subject[:])}
	digest, err := counterDigest(g.cfg.ID, b, g.record.Head())
	if err != nil {
		return err
	}
	b.Digest = hex.EncodeToString(digest[:])
	return g.append(kindCounter, b)
}

// commitCounter commits the last counter if that is not known to be done.
func (g *Gate) commitCounter(ctx context.Context) error {
	g.mu.RLock()
	c := g.counter
	g.mu.RUnlock()
	if c.n == 0 || c.committed {
		return nil
	}
	ctx, cancel := g.patient(ctx)
	defer cancel()
	err := g.cfg.Journal.CommitCounter(ctx, g.cfg.ID, c.n, c.digest)
	if problem.Code(err) == "ledger.counter" {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.blocked = restored()
		return g.blocked.Because(err)
	}
	if err != nil {
		return unanswered(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.append(kindCounterCommitted, stepCounterCommitted{c.n})
}

// mark draws a counter for what must not be forgotten by a restored folder. If
// the journal does not answer now, the next counter covers it.
func (g *Gate) mark(ctx context.Context, why string, subject grant.Digest) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(briefly, g.cfg.Patience))
	defer cancel()
	_, err := g.draw(ctx, why, subject, func() error { return nil })
	if err != nil {
		g.cfg.Log.Info("counter postponed", "gate", g.cfg.ID, "why", why, "code", problem.Code(err))
	}
}

// journalClock holds the gate's clock against the tick of a digest that was
// committed at the time given: a log leaf cannot be older than its content.
func journalClock(tick, committed, now time.Time) error {
	if tick.After(now.Add(grant.MaxSkew)) || tick.Before(committed.Add(-grant.MaxSkew)) {
		return badClock()
	}
	return nil
}

func badClock() *problem.Error {
	return problem.New(problem.Refused, "gate.clock", "the gate's clock is not what it was, or not the journal's").Fix("set the clock right")
}
