package gate

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate/record"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// What is owed after an emergency: until the log policy's witnesses have cosigned a
// journal that continues what was taken, a single witness's word stands for all of them.

// duty is open from the first checkpoint that was taken under the emergency policy until
// the log policy holds for one that continues the last.
type duty struct {
	since, due time.Time
	size       uint64 // of the largest checkpoint that was taken
	ids        []string
}

// taken is what one grant took under the emergency policy.
type taken struct {
	at, due time.Time
	covered time.Time // zero: still owed
	size    uint64
	late    string // SHA-256 of the proof that came later, beside the package
}

func (s *state) applyEmergency(l record.Line) error {
	switch l.Kind {
	case kindUnderEmergency:
		var b stepUnderEmergency
		return with(l, &b, func() error { return s.take(l.At, b) })
	case kindWitnessed:
		var b stepWitnessed
		return with(l, &b, func() error { return s.cover(l.At, b) })
	case kindContradicted:
		var b stepContradicted
		return with(l, &b, func() error { s.contradicted = true; return nil })
	}
	var b stepLateProof
	return with(l, &b, func() error {
		if t := s.taken[b.ID]; t == nil || t.covered.IsZero() {
			return errOutOfTurn
		}
		s.taken[b.ID].late = b.Proof
		return nil
	})
}

func (s *state) take(at time.Time, b stepUnderEmergency) error {
	c, err := proof.ParseCheckpoint(b.Text)
	if err != nil {
		return err
	}
	if c.Size > s.kept[c.Origin].Size {
		s.kept[c.Origin] = c
	}
	if s.duty == nil {
		s.duty = &duty{since: at, due: b.Due}
	}
	s.duty.size = max(s.duty.size, c.Size)
	if !slices.Contains(s.duty.ids, b.ID) {
		s.duty.ids = append(s.duty.ids, b.ID)
	}
	t := s.taken[b.ID]
	if t == nil {
		t = &taken{at: at}
		s.taken[b.ID] = t
	}
	t.size, t.due, t.covered = max(t.size, c.Size), s.duty.due, time.Time{}
	return nil
}

func (s *state) cover(at time.Time, b stepWitnessed) error {
	c, err := proof.ParseCheckpoint(b.Text)
	if err != nil {
		return err
	}
	if s.duty == nil || c.Size < s.duty.size {
		return errors.New("cosignatures out of turn")
	}
	for _, id := range s.duty.ids {
		s.taken[id].covered = at
	}
	s.duty = nil
	return nil
}

// noted records that a grant took a checkpoint under the emergency policy, once each; of
// any other it records that what was owed is there, where it is. The caller has held it
// against the kept one.
func (g *Gate) noted(c checkpoint) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if c.under == nil {
		return g.witnessed(c)
	}
	if t := g.taken[c.under.id]; t != nil && t.size >= c.Size && t.covered.IsZero() {
		return nil
	}
	return g.append(kindUnderEmergency, g.step(c))
}

func (g *Gate) step(c checkpoint) stepUnderEmergency {
	return stepUnderEmergency{ID: c.under.id, Text: c.text, Ordinary: c.under.ordinary, Due: g.cfg.Now().Add(c.under.late).UTC()}
}

// witnessed ends what is owed, if this checkpoint of the log policy continues all that was
// taken; mu is held.
func (g *Gate) witnessed(c checkpoint) error {
	if g.duty == nil || c.Size < g.duty.size {
		return nil
	}
	g.cfg.Log.Info("witnessed", "gate", g.cfg.ID, "since", g.duty.since, "late", g.cfg.Now().After(g.duty.due))
	return g.append(kindWitnessed, stepWitnessed{c.text})
}

// contradiction records that the log policy's witnesses have cosigned another journal than
// the one by which an emergency was released. Nothing leaves this gate any more.
func (g *Gate) contradiction(kept proof.Checkpoint, c checkpoint, err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if problem.Code(err) != "gate.log_forked" || c.under != nil || g.duty == nil || kept.Size != g.duty.size || g.contradicted {
		return err
	}
	g.cfg.Log.Error("the witnesses have cosigned another journal than an emergency was released by", "gate", g.cfg.ID, "code", "gate.emergency_contradicted")
	if err := g.append(kindContradicted, stepContradicted{kept.Size, kept.Root.String(), c.text}); err != nil {
		return err
	}
	g.blocked = contradicted()
	return g.blocked.Because(err)
}

func contradicted() *problem.Error {
	return problem.New(problem.Unverified, "gate.emergency_contradicted", "the witnesses have cosigned another journal than the one by which an emergency was released; nothing leaves this gate any more").
		Fix("tell the witnesses, the authority and the customer concerned; keep the gate's folder, which has both checkpoints, for the inquiry, and enrol a gate under a new id")
}

// look asks whether what is owed is there, and brings the later proofs to their packages.
func (g *Gate) look(ctx context.Context) error {
	g.mu.RLock()
	owed, blocked, charter := g.duty != nil, g.blocked, g.charter
	g.mu.RUnlock()
	if blocked != nil {
		return nil
	}
	if owed {
		policy, err := logPolicy(charter)
		if err != nil {
			return err
		}
		head, err := g.latest(ctx, policy)
		if err != nil {
			return err
		}
		if err := g.continues(ctx, head); err != nil {
			return err
		}
	}
	for _, id := range g.unproven() {
		if err := g.lateProof(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// unproven lists the packages that were proven under the emergency policy alone, now that
// more could be had.
func (g *Gate) unproven() (out []string) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for id, t := range g.taken {
		r := g.runs[id]
		if !t.covered.IsZero() && r != nil && r.last == kindVisible && g.cfg.Now().Sub(r.at) <= g.cfg.PickUp && !g.hasLate(r) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func (g *Gate) lateFile(r *run) string {
	return g.path("out", packageName(r.Demand, r.Grant), release.LateProofFile)
}

func (g *Gate) hasLate(r *run) bool {
	_, err := os.Lstat(g.lateFile(r))
	return err == nil && g.taken[r.ID].late != ""
}

// lateProof lays a proof that holds under the log policy beside a package. What was there
// before stays as it is.
func (g *Gate) lateProof(ctx context.Context, id string) error {
	g.mu.RLock()
	r := g.runs[id]
	policy, err := logPolicy(g.charter)
	g.mu.RUnlock()
	if err != nil {
		return err
	}
	digest, err := grant.ParseDigest(r.sealed.Release)
	if err != nil {
		return err
	}
	text, _, cp, err := g.proven(ctx, policy, digest)
	if err != nil {
		return err
	}
	if err := g.continues(ctx, cp); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.append(kindLateProof, stepLateProof{ID: id, Proof: hexSum(text)}); err != nil {
		return err
	}
	return writeWhole(g.lateFile(r), text)
}

// Witnessed says of a grant that the gate went by the charter's emergency policy for it.
type Witnessed struct {
	At           time.Time `json:"at"`
	Due          time.Time `json:"due"`                    // when the log policy's cosignatures were due
	Since        time.Time `json:"since,omitzero"`         // when they were there; zero: they are owed
	Contradicted bool      `json:"contradicted,omitempty"` // they are on another journal
}

// underEmergency is what Status says of it; mu is held.
func (s *state) underEmergency(id string) *Witnessed {
	t := s.taken[id]
	if t == nil {
		return nil
	}
	return &Witnessed{At: t.at, Due: t.due, Since: t.covered, Contradicted: s.contradicted && t.covered.IsZero()}
}
