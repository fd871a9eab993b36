package gate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"os"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// stampRequest is what a time-stamping authority is to be asked for a visible package;
// nil where nothing is. mu is held.
func (g *Gate) stampRequest(r *run) []byte {
	if len(g.cfg.Stamps) == 0 || g.cfg.Now().Sub(r.at) > g.cfg.PickUp || g.hasStamp(r) {
		return nil
	}
	digest, err := g.checkpointOf(r)
	if err != nil { // keeps no status from being told
		g.cfg.Log.Warn("unstamped", "gate", g.cfg.ID, "id", r.ID, "code", problem.Code(err))
		return nil
	}
	return timestamp.Request(digest, stampNonce(r, digest))
}

// hasStamp reports whether the stamp of the record lies there: after a crash between
// the two it does not, and is asked for again.
func (g *Gate) hasStamp(r *run) bool {
	_, err := os.Lstat(g.path("out", packageName(r.Demand, r.Grant), timestamp.File))
	return err == nil && r.stamp.Stamp != ""
}

// checkpointOf gives the SHA-256 of the checkpoint that ends a package's proof.
func (g *Gate) checkpointOf(r *run) ([32]byte, error) {
	text, err := readBounded(g.path("out", packageName(r.Demand, r.Grant), release.ProofFile), 1<<20)
	if err != nil {
		return [32]byte{}, unusable(err)
	}
	p, err := proof.ParseProof(text)
	return sha256.Sum256(p.Checkpoint), err
}

// stampNonce follows from what only this gate knows, so that it stands after a restart.
func stampNonce(r *run, digest [32]byte) uint64 {
	mac := hmac.New(sha256.New, r.Key)
	mac.Write([]byte("counterseal time stamp\n"))
	mac.Write(digest[:])
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

// Stamp keeps a time stamp beside a package: see Desk.
func (g *Gate) Stamp(ctx context.Context, id string, answer []byte) (Status, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Status{}, err
	}
	defer leave()
	g.mu.Lock()
	defer g.mu.Unlock()
	o, err := g.find(id)
	if err != nil {
		return Status{}, g.refused("stamp", logID(id), err)
	}
	if err := g.stamp(g.runs[o.id], answer); err != nil {
		return Status{}, g.refused("stamp", o.id, err)
	}
	return g.statusOf(o)
}

// stamp checks an authority's answer in full, and keeps it; mu is held. The first one
// stays.
func (g *Gate) stamp(r *run, answer []byte) error {
	if len(g.cfg.Stamps) == 0 {
		return refuse("gate.no_stamps", "this gate knows no time-stamping authority").Fix("name a file with its certificate in the gate's configuration")
	}
	if r == nil || r.last != kindVisible || r.stays() {
		return problem.New(problem.Missing, "gate.not_released", "there is no package for this grant")
	}
	if g.hasStamp(r) {
		return nil
	}
	digest, err := g.checkpointOf(r)
	if err != nil {
		return err
	}
	token, err := timestamp.Answer(answer)
	if err != nil {
		return err
	}
	if err := token.Answers(stampNonce(r, digest)); err != nil {
		return err
	}
	s, err := token.Tidy(digest, g.cfg.Stamps)
	if err != nil {
		return err
	}
	// The package was not there before, and it is not later than now.
	if s.At.Before(r.at.Add(-grant.MaxSkew-s.Accuracy)) || s.At.After(g.cfg.Now().Add(grant.MaxSkew+s.Accuracy)) || s.Accuracy > grant.MaxSkew {
		return refuse("gate.stamp_time", "the time stamp states a time that cannot be").Fix("compare the gate's clock with the authority's")
	}
	file := token.Bytes()
	if err := g.append(kindStamped, stepStamped{ID: r.ID, Stamp: hexSum(file), At: s.At, By: s.By}); err != nil {
		return err
	}
	g.cfg.Log.Info("stamped", "gate", g.cfg.ID, "id", r.ID)
	return writeWhole(g.path("out", packageName(r.Demand, r.Grant), timestamp.File), file)
}
