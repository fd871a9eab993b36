package gate

import (
	"cmp"
	"context"
	"crypto/sha256"
	"os"
	"sort"
	"strings"
	"time"

	"counterseal/internal/gate/record"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// Copy is a preserved copy, as the gate knows it. It holds no content.
type Copy struct {
	Copy     string    `json:"copy"` // SHA-256 of the gate's statement about it, lower-case hex
	Grant    string    `json:"grant"`
	Demand   string    `json:"demand"` // for which it is kept
	State    CopyState `json:"state"`
	Covers   []string  `json:"covers"`
	Region   string    `json:"region"`
	Items    int64     `json:"items"`
	Bytes    int64     `json:"bytes"`
	Withheld int64     `json:"withheld"`
	Made     time.Time `json:"made"`
	Until    time.Time `json:"until"`          // when its key is destroyed
	LastBy   string    `json:"last_by"`        // the grant that set the end
	Ended    time.Time `json:"ended,omitzero"` // when its key was destroyed
	Why      string    `json:"why,omitempty"`  // expired, stopped or journal (it had ended before this folder was restored)
	Opened   []string  `json:"opened"`         // grants whose packages were taken from it
}

// CopyState is where a copy stands.
type CopyState string

const (
	CopyKept  CopyState = "kept"
	CopyDue   CopyState = "due"   // its end has come: nothing opens it, and its key is about to be destroyed
	CopyEnded CopyState = "ended" // its key is destroyed
)

// Why a copy has ended.
const (
	whyExpired = "expired"
	whyStopped = "stopped"
	whyJournal = "journal"
)

// heldCopy is what the record knows of a copy.
type heldCopy struct {
	id     string // of the run that made it: names its folder and its key
	grant  string
	until  time.Time
	lastBy string // id of the run that set the end
	ended  time.Time
	why    string
	logged bool // the journal's keeper has its end
}

func (c *heldCopy) over(now time.Time) bool { return !c.ended.IsZero() || !now.Before(c.until) }

// applyCopy adds a line about a copy.
func (s *state) applyCopy(l record.Line) error {
	switch l.Kind {
	case kindCopyExtended:
		var b stepCopyExtended
		return with(l, &b, func() error {
			c := s.copies[b.Copy]
			if c == nil || !c.ended.IsZero() || !b.Until.After(c.until) {
				return errOutOfTurn
			}
			return s.advance(l, b.ID, func(r *run) { c.until, c.lastBy = b.Until, r.Grant })
		})
	case kindCopyEnded:
		var b stepCopyEnded
		return with(l, &b, func() error {
			c := s.copies[b.Copy]
			if c == nil || !c.ended.IsZero() {
				return errOutOfTurn
			}
			c.ended, c.why = l.At, b.Why
			return nil
		})
	}
	var b stepCopyEndLogged
	return with(l, &b, func() error {
		c := s.copies[b.Copy]
		if c == nil || c.ended.IsZero() {
			return errOutOfTurn
		}
		c.logged = true
		return nil
	})
}

// keep notes the copy of a run that has made one.
func (s *state) keep(r *run) {
	if r.last == kindVisible && r.Purpose == grant.ToKeep {
		s.copies[r.sealed.Release] = &heldCopy{id: r.ID, grant: r.Grant, until: r.Until, lastBy: r.Grant}
	}
}

func (g *Gate) copyFile(id, name string) string { return g.path("copies", id, name) }

// The files of a copy. What it says of itself stays when its data are gone.
const (
	copyData      = "copy.age"
	copyStatement = "copy.txt"
	copySignature = "copy.sig"
	copyProof     = "proof.txt"
)

// aCopy gives what the gate stated about a copy, held to its digest; mu is held, for
// reading at least. Codes: gate.copy_missing, gate.copy_changed.
func (g *Gate) aCopy(digest grant.Digest) (grant.Kept, *heldCopy, error) {
	c := g.copies[digest.String()]
	if c == nil {
		return grant.Kept{}, nil, problem.New(problem.Missing, "gate.copy_missing", "this gate has no such copy").Fix("see: counterseal gate copies")
	}
	if k, ok := g.stated.Load(digest); ok {
		return k.(grant.Kept), c, nil
	}
	text, err := readBounded(g.copyFile(c.id, copyStatement), grant.MaxText)
	if err != nil || hexSum(text) != digest.String() {
		return grant.Kept{}, c, unwrappable(err)
	}
	k, err := grant.ParseKept(text)
	if err != nil {
		return grant.Kept{}, c, unwrappable(err)
	}
	g.stated.Store(digest, k)
	return k, c, nil
}

// alive is aCopy for one that can still be opened. Code beside: gate.copy_ended.
func (g *Gate) alive(digest grant.Digest) (grant.Kept, *heldCopy, error) {
	k, c, err := g.aCopy(digest)
	if err == nil && c.over(g.latestTime()) {
		err = refuse("gate.copy_ended", "this copy has ended; its key is destroyed").Fix("release from the stores")
	}
	return k, c, err
}

// latestTime is now, or the highest time in the record where the clock was set back: no
// clock brings a copy back.
func (g *Gate) latestTime() time.Time {
	now := g.cfg.Now()
	if g.high.After(now) {
		return g.high
	}
	return now
}

// Copies lists the copies, those that ended too: see Desk. What is due is destroyed
// before, as far as the journal answers in time.
func (g *Gate) Copies(ctx context.Context) ([]Copy, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	soon, cancel := context.WithTimeout(ctx, min(sweepSoon, g.cfg.Patience))
	defer cancel()
	_ = g.sweep(soon) // what it could not do is told by the list
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := []Copy{}
	for id := range g.copies {
		digest, err := grant.ParseDigest(id)
		if err != nil {
			return nil, err
		}
		c, err := g.tellCopy(digest)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	sort.Slice(out, func(i, j int) bool {
		return cmp.Or(out[i].Until.Compare(out[j].Until), strings.Compare(out[i].Copy, out[j].Copy)) < 0
	})
	return out, nil
}

// CopyText gives the gate's statement: see Desk.
func (g *Gate) CopyText(_ context.Context, id string) ([]byte, error) {
	digest, err := grant.ParseDigest(id)
	if err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	k, _, err := g.aCopy(digest)
	if err != nil {
		return nil, err
	}
	return k.Bytes()
}

// tellCopy is what may be known about a copy; mu is held.
func (g *Gate) tellCopy(digest grant.Digest) (Copy, error) {
	k, c, err := g.aCopy(digest)
	if err != nil {
		return Copy{}, err
	}
	out := Copy{Copy: digest.String(), Grant: c.grant, Demand: k.Demand, State: CopyKept, Covers: k.Covers.Lines(), Region: k.Region, Items: k.Items, Bytes: k.Payload, Withheld: k.Withheld,
		Made: k.At, Until: c.until, LastBy: c.lastBy, Ended: c.ended, Why: c.why, Opened: []string{}}
	switch {
	case !c.ended.IsZero():
		out.State = CopyEnded
	case c.over(g.latestTime()):
		out.State = CopyDue
	}
	for _, id := range g.order {
		if r := g.runs[id]; r.Purpose == grant.FromCopy && r.Copy == out.Copy && r.last == kindVisible {
			out.Opened = append(out.Opened, r.Grant)
		}
	}
	return out, nil
}

// loadCopies removes what the record does not know as kept: a copy that a crash left in
// the making, data and keys of one that has ended and came back from a backup, anything
// that was planted.
func (g *Gate) loadCopies() error {
	made, keys := map[string]bool{}, map[string]bool{}
	for _, c := range g.copies {
		made[c.id], keys[c.id] = true, c.ended.IsZero()
	}
	entries, err := os.ReadDir(g.path("copykeys"))
	if err != nil {
		return unusable(err)
	}
	for _, e := range entries {
		if !keys[e.Name()] {
			if err := g.shred(copyKeys, e.Name()); err != nil {
				return err
			}
		}
	}
	entries, err = os.ReadDir(g.path("copies"))
	if err != nil {
		return unusable(err)
	}
	for _, e := range entries {
		switch {
		case !made[e.Name()]:
			err = os.RemoveAll(g.path("copies", e.Name()))
		case !keys[e.Name()]:
			_, err = removeIfThere(g.copyFile(e.Name(), copyData))
		}
		if err != nil {
			return unusable(err)
		}
	}
	for _, h := range g.stops { // a crash came between the stop and the end
		if err := g.endStopped(h); err != nil {
			return err
		}
	}
	return nil
}

// endStopped ends the copy that a stop names; mu is held, or the caller is alone.
func (g *Gate) endStopped(h heldStop) error {
	c := g.copies[h.Reach.Name]
	if h.Reach.Kind != "copy" || c == nil || !c.ended.IsZero() {
		return nil
	}
	return g.endCopy(h.Reach.Name, whyStopped)
}

// endCopy destroys a copy's key, and removes its data: into the record first, so that
// no crash leaves it half done. mu is held, or the caller is alone.
func (g *Gate) endCopy(digest, why string) error {
	c := g.copies[digest]
	if err := g.append(kindCopyEnded, stepCopyEnded{digest, why}); err != nil {
		return err
	}
	if err := g.shred(copyKeys, c.id); err != nil {
		return err
	}
	g.hook("copy-shredded")
	if _, err := removeIfThere(g.copyFile(c.id, copyData)); err != nil {
		return err
	}
	g.cfg.Log.Info("copy ended", "gate", g.cfg.ID, "copy", digest, "why", why)
	return nil
}

// endDigest is what the journal holds of a copy's end.
func (g *Gate) endDigest(digest grant.Digest) ([32]byte, error) {
	text, err := grant.KeptEnd(g.cfg.ID, digest)
	if err != nil {
		return [32]byte{}, err
	}
	sig, err := signature.Sign(g.cfg.Key, signature.CopyEnd, text)
	return sha256.Sum256(sig), err
}
