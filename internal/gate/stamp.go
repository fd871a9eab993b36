package gate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"os"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// Unstamped is a visible package that waits for its time stamp.
type Unstamped struct {
	ID         string    `json:"id"` // of the grant
	Grant      string    `json:"grant"`
	Demand     string    `json:"demand"`
	Since      time.Time `json:"since"`      // when the package became visible
	Checkpoint string    `json:"checkpoint"` // SHA-256 of the journal's checkpoint in the package's proof
	Request    []byte    `json:"request"`    // what the authority is asked (RFC 3161), with this gate's nonce
}

// Stamped is a time stamp that lies beside a package.
type Stamped struct {
	ID     string    `json:"id"` // of the grant
	Demand string    `json:"demand"`
	At     time.Time `json:"at"`    // as the authority states it
	By     string    `json:"by"`    // as its certificate names it
	Stamp  string    `json:"stamp"` // SHA-256 of the file
}

// Unstamped lists what waits for a time stamp: see Desk.
func (g *Gate) Unstamped(ctx context.Context) ([]Unstamped, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := []Unstamped{}
	if len(g.cfg.Stamps) == 0 {
		return out, nil
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	now := g.cfg.Now()
	for _, id := range g.order {
		r := g.runs[id]
		if r.last != kindVisible || r.stays() || now.Sub(r.at) > g.cfg.PickUp || g.hasStamp(r) {
			continue
		}
		digest, err := g.checkpointOf(r)
		if err != nil { // keeps no other's stamp away
			g.cfg.Log.Warn("unstamped", "gate", g.cfg.ID, "id", r.ID, "code", problem.Code(err))
			continue
		}
		out = append(out, Unstamped{ID: r.ID, Grant: r.Grant, Demand: r.Demand, Since: r.at, Checkpoint: hex.EncodeToString(digest[:]), Request: timestamp.Request(digest, stampNonce(r, digest))})
	}
	return out, nil
}

// hasStamp reports whether the stamp of the record lies there: after a crash between
// the two it does not, and is asked for again.
func (g *Gate) hasStamp(r *run) bool {
	if r.stamp.Stamp == "" {
		return false
	}
	_, err := os.Lstat(g.path("out", packageName(r.Demand, r.Grant), timestamp.File))
	return err == nil
}

// checkpointOf gives the SHA-256 of the checkpoint that ends a package's proof.
func (g *Gate) checkpointOf(r *run) ([32]byte, error) {
	text, err := readBounded(g.path("out", packageName(r.Demand, r.Grant), release.ProofFile), 1<<20)
	if err != nil {
		return [32]byte{}, unusable(err)
	}
	p, err := proof.ParseProof(text)
	if err != nil {
		return [32]byte{}, recordDamaged().At("%s", release.ProofFile).Because(err)
	}
	return sha256.Sum256(p.Checkpoint), nil
}

// stampNonce follows from what only this gate knows, so that it stands after a restart.
func stampNonce(r *run, digest [32]byte) uint64 {
	mac := hmac.New(sha256.New, r.Key)
	mac.Write([]byte("counterseal time stamp\n"))
	mac.Write(digest[:])
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

// Stamp keeps a time stamp beside a package: see Desk.
func (g *Gate) Stamp(ctx context.Context, id string, answer []byte) (Stamped, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Stamped{}, err
	}
	defer leave()
	out, full, err := g.stamp(id, answer)
	if err != nil {
		return Stamped{}, g.refused("stamp", full, err)
	}
	g.cfg.Log.Info("stamped", "gate", g.cfg.ID, "id", full)
	return out, nil
}

func (g *Gate) stamp(id string, answer []byte) (Stamped, string, error) {
	o, err := g.lookup(id)
	if err != nil {
		return Stamped{}, logID(id), err
	}
	if len(g.cfg.Stamps) == 0 {
		return Stamped{}, o.id, refuse("gate.no_stamps", "this gate knows no time-stamping authority").Fix("name a file with its certificate as stamps in the gate's configuration")
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.runs[o.id]
	if r == nil || r.last != kindVisible || r.stays() {
		return Stamped{}, o.id, problem.New(problem.Missing, "gate.not_released", "there is no package for this grant")
	}
	if g.hasStamp(r) { // the first one stays, and is the answer
		return r.stamped(), o.id, nil
	}
	token, step, err := g.believe(r, answer)
	if err != nil {
		return Stamped{}, o.id, err
	}
	if err := g.append(kindStamped, step); err != nil {
		return Stamped{}, o.id, err
	}
	err = writeWhole(g.path("out", packageName(r.Demand, r.Grant), timestamp.File), token)
	return r.stamped(), o.id, err
}

// believe checks an authority's answer in full; mu is held.
func (g *Gate) believe(r *run, answer []byte) ([]byte, stepStamped, error) {
	digest, err := g.checkpointOf(r)
	if err != nil {
		return nil, stepStamped{}, err
	}
	token, err := timestamp.Answer(answer)
	if err != nil {
		return nil, stepStamped{}, err
	}
	if err := token.Answers(stampNonce(r, digest)); err != nil {
		return nil, stepStamped{}, err
	}
	tidy, s, err := token.Tidy(digest, g.cfg.Stamps)
	if err != nil {
		return nil, stepStamped{}, err
	}
	// The package was not there before, and it is not later than now.
	if s.At.Before(r.at.Add(-grant.MaxSkew-s.Accuracy)) || s.At.After(g.cfg.Now().Add(grant.MaxSkew+s.Accuracy)) || s.Accuracy > grant.MaxSkew {
		return nil, stepStamped{}, refuse("gate.stamp_time", "the time stamp states a time that cannot be").Fix("compare the gate's clock with the authority's")
	}
	file := tidy.Bytes()
	return file, stepStamped{ID: r.ID, Stamp: hexSum(file), At: s.At, By: s.By}, nil
}

func (r *run) stamped() Stamped {
	return Stamped{ID: r.ID, Demand: r.Demand, At: r.stamp.At, By: r.stamp.By, Stamp: r.stamp.Stamp}
}
