package gate

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// sweepEvery is how often a gate looks for copies whose end has come. Nothing opens one
// from its very second on, whether it was looked for or not.
// It looks for what the witnesses owe, where they do, after each lookEvery.
const (
	sweepEvery = time.Minute
	lookEvery  = 5 * time.Second

	sweepSoon = 10 * time.Second // of a list of copies, which does not wait for a slow journal
)

// tend sweeps until the gate ends.
func (g *Gate) tend() {
	defer g.work.Done()
	for n := 1; ; n++ {
		select {
		case <-g.life.Done():
			return
		case <-time.After(lookEvery):
		}
		sweep, what := g.look, "witnesses"
		if n%int(sweepEvery/lookEvery) == 0 {
			sweep, what = g.sweep, "copies"
		}
		if err := sweep(g.life); err != nil && g.life.Err() == nil {
			g.cfg.Log.Warn(what, "gate", g.cfg.ID, "code", problem.Code(err))
		}
	}
}

// sweep destroys the keys of copies whose end has come, and of those that the journal
// knows as ended although the record does not; then it tells the journal of every end
// that it has not told.
func (g *Gate) sweep(ctx context.Context) error {
	due, unasked, untold := g.toSweep()
	var first error
	note := func(err error) {
		if first == nil {
			first = err
		}
	}
	note(g.sweepLists(ctx))
	note(g.sweepPassphrases(ctx))
	note(g.tellPassphrases(ctx))
	note(g.tellIncidents(ctx))
	note(g.look(ctx))
	if len(due) > 0 {
		note(g.expire(ctx, due))
	}
	if len(unasked) > 0 {
		note(g.askEnds(ctx, unasked))
	}
	if len(due) > 0 {
		_, _, untold = g.toSweep()
	}
	for _, id := range untold {
		note(g.tellEnd(ctx, id))
	}
	return first
}

func (g *Gate) toSweep() (due, unasked, untold []string) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	now := g.latestTime()
	for id, c := range g.copies {
		switch {
		case !c.ended.IsZero() && !c.logged:
			untold = append(untold, id)
		case c.ended.IsZero() && c.over(now):
			due = append(due, id)
		case c.ended.IsZero() && !g.asked:
			unasked = append(unasked, id)
		}
	}
	for _, list := range [][]string{due, unasked, untold} {
		slices.Sort(list)
	}
	return due, unasked, untold
}

// expire destroys what is due. What is destroyed does not come back, so the journal's
// time must agree with the gate's; a folder that was restored has only its own.
func (g *Gate) expire(ctx context.Context, due []string) error {
	if err := g.timeAgrees(ctx, due); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range due {
		if c := g.copies[id]; !c.ended.IsZero() || !c.over(g.latestTime()) {
			continue
		}
		if err := g.endCopy(id, whyExpired); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gate) timeAgrees(ctx context.Context, due []string) error {
	g.mu.RLock()
	blocked, charter := g.blocked, g.charter
	g.mu.RUnlock()
	if blocked != nil {
		return nil
	}
	policy, err := logPolicy(charter)
	if err != nil {
		return err
	}
	all := sha256.New()
	for _, id := range due {
		all.Write([]byte(id))
	}
	drawn := g.cfg.Now()
	c, err := g.draw(ctx, "copies", [32]byte(all.Sum(nil)), func() error { return nil })
	if problem.Code(err) == "gate.restored" {
		return nil
	}
	if err != nil {
		return err
	}
	_, v, _, err := g.proven(ctx, policy, c.digest)
	if err != nil {
		return err
	}
	if err := journalClock(v.Tick, drawn, g.cfg.Now()); err != nil {
		return err
	}
	return g.witnessClock(v, drawn, g.cfg.Now(), charter.Policy.Skew)
}

// askEnds asks the journal of each copy whether it has ended: a folder that was
// restored does not know it any more. It is asked once after each start.
func (g *Gate) askEnds(ctx context.Context, ids []string) error {
	for _, id := range ids {
		digest, err := grant.ParseDigest(id)
		if err != nil {
			return err
		}
		ended, err := g.saidEnded(ctx, digest)
		if err != nil {
			return err
		}
		if !ended {
			continue
		}
		if err := g.endAgain(id); err != nil {
			return err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = true
	return nil
}

func (g *Gate) endAgain(id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c := g.copies[id]; !c.ended.IsZero() {
		return nil
	}
	return g.endCopy(id, whyJournal)
}

// saidEnded reports whether the journal is shown to hold the gate's word that this
// copy's key is destroyed.
func (g *Gate) saidEnded(ctx context.Context, digest grant.Digest) (bool, error) {
	end, err := g.endDigest(digest)
	if err != nil {
		return false, err
	}
	g.mu.RLock()
	policy, err := logPolicy(g.charter)
	g.mu.RUnlock()
	if err != nil {
		return false, err
	}
	_, _, _, err = g.proven(ctx, policy, end)
	if p := problem.Of(err); p != nil && p.Code == "gate.unlogged" && problem.Code(p.Unwrap()) == "ledger.unknown" {
		return false, nil
	}
	return err == nil, err
}

// tellEnd commits a copy's end.
func (g *Gate) tellEnd(ctx context.Context, id string) error {
	digest, err := grant.ParseDigest(id)
	if err != nil {
		return err
	}
	end, err := g.endDigest(digest)
	if err != nil {
		return err
	}
	if err := g.commit(ctx, end); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.copies[id].logged {
		return nil
	}
	return g.append(kindCopyEndLogged, stepCopyEndLogged{id})
}
