package gate

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Bounds of what is kept for approval.
const (
	MaxDocument = 32 << 20 // bytes of an order's document
	MaxOffers   = 256      // that have not begun and not expired
)

// offer is what is kept of a grant in memory; its texts lie in the folder. What
// lies there is believed only where digest or signature fit.
type offer struct {
	id     string
	digest grant.Digest
	grant  grant.Grant
}

func (g *Gate) offerFile(id, name string) string { return g.path("offers", id, name) }

func (g *Gate) loadOffers() error {
	entries, err := os.ReadDir(g.path("offers"))
	if err != nil {
		return unusable(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".new-") { // a crash while it was taken
			if err := os.RemoveAll(g.path("offers", e.Name())); err != nil {
				return unusable(err)
			}
			continue
		}
		if o, err := g.readOffer(e.Name()); err == nil {
			g.offers[o.id] = o
		} else {
			g.cfg.Log.Warn("an offer was left out", "gate", g.cfg.ID, "code", problem.Code(err))
		}
	}
	return nil
}

func (g *Gate) readOffer(id string) (*offer, error) {
	digest, err := grant.ParseDigest(id)
	if err != nil {
		return nil, err
	}
	text, err := g.readText(id)
	if err != nil {
		return nil, err
	}
	parsed, err := grant.Parse(text)
	if err != nil {
		return nil, err
	}
	return &offer{id, digest, parsed}, nil
}

// readText reads a grant's text and holds it to its digest.
func (g *Gate) readText(id string) ([]byte, error) {
	text, err := readBounded(g.offerFile(id, "grant.txt"), grant.MaxText)
	if err != nil {
		return nil, unusable(err)
	}
	if hexSum(text) != id {
		return nil, problem.New(problem.Unverified, "gate.offer_damaged", "this offer is not as it was taken").Fix("offer the grant again")
	}
	return text, nil
}

// find resolves an id; mu is held.
func (g *Gate) find(id string) (*offer, error) {
	if o := g.offers[id]; o != nil {
		return o, nil
	}
	// A grant that calls itself by another one's digest is not found under it.
	if _, err := grant.ParseDigest(id); err == nil {
		return nil, unknown()
	}
	var found *offer
	for _, o := range g.offers {
		if o.grant.ID != id {
			continue
		}
		if found != nil {
			return nil, problem.New(problem.Conflict, "gate.ambiguous", "several offers have this grant id").Fix("name the SHA-256 of the grant's text")
		}
		found = o
	}
	if found == nil {
		return nil, unknown()
	}
	return found, nil
}

func unknown() error {
	return problem.New(problem.Missing, "gate.unknown", "this gate has no such offer")
}

func (g *Gate) lookup(id string) (*offer, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.find(id)
}

// Text gives the exact bytes to sign: what the gate parsed, encoded again.
func (g *Gate) Text(_ context.Context, id string) ([]byte, error) {
	o, err := g.lookup(id)
	if err != nil {
		return nil, err
	}
	return o.grant.Bytes()
}

// Document gives the order's document, if it still is the one that the grant names.
func (g *Gate) Document(_ context.Context, id string) ([]byte, error) {
	o, err := g.lookup(id)
	if err != nil {
		return nil, err
	}
	b, err := readBounded(g.offerFile(o.id, "order"), MaxDocument)
	if err != nil {
		return nil, unusable(err)
	}
	if sha256.Sum256(b) != o.grant.OrderDigest {
		return nil, wrongDocument()
	}
	return b, nil
}

func wrongDocument() error {
	return problem.New(problem.Unverified, "gate.order_document", "this is not the document that the grant names")
}

// InForce takes a person's word that the order stands: see Desk.
func (g *Gate) InForce(ctx context.Context, s grant.Signed) (Status, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Status{}, err
	}
	defer leave()
	id, err := g.inForce(s)
	if err != nil {
		return Status{}, g.refused("in-force", hexSum(s.Text), err)
	}
	return g.Status(ctx, id)
}

func (g *Gate) inForce(s grant.Signed) (string, error) {
	w, err := grant.ParseInForce(s.Text)
	if err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	o, err := g.find(w.Grant.String())
	if err != nil {
		return "", err
	}
	if _, err := grant.CheckInForce(g.charter, s, o.grant, g.cfg.Now()); err != nil {
		return "", err
	}
	if old, ok := g.readInForce(o); ok {
		before, err := grant.ParseInForce(old.Text)
		if err == nil && !w.At.After(before.At) {
			return o.id, nil // what is kept was said later
		}
	}
	defer g.spoken.Delete(o.id)
	return o.id, writeWhole(g.offerFile(o.id, "inforce.txt"), slices.Concat(s.Text, []byte(armorStart), s.Signature))
}

// armorStart parts the text, whose last line has an end, from its signature.
const armorStart = "\n"

// readInForce reads the last word kept; it is checked where it is used.
func (g *Gate) readInForce(o *offer) (grant.Signed, bool) {
	b, err := readBounded(g.offerFile(o.id, "inforce.txt"), 64<<10)
	if err != nil {
		return grant.Signed{}, false
	}
	text, sig, ok := bytes.Cut(b, []byte("\n"+armorStart))
	return grant.Signed{Text: append(slices.Clone(text), '\n'), Signature: sig}, ok
}

// Stop takes a person's stop: see Desk.
func (g *Gate) Stop(ctx context.Context, s grant.Signed) (HeldStop, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return HeldStop{}, err
	}
	defer leave()
	held, fresh, err := g.stop(s)
	if err != nil {
		return HeldStop{}, g.refused("stop", hexSum(s.Text), err)
	}
	if fresh {
		g.cfg.Log.Info("stop", "gate", g.cfg.ID, "digest", held.Digest)
		g.mark(ctx, "stop", s.Digest())
		if strings.HasPrefix(held.Reach, "copy ") { // a copy's end: the journal is told now or at the next sweep
			soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(briefly, g.cfg.Patience))
			defer cancel()
			_ = g.sweep(soon)
		}
	}
	return held, nil
}

func (g *Gate) stop(s grant.Signed) (HeldStop, bool, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	stop, err := grant.CheckStop(g.charter, s)
	if err != nil {
		return HeldStop{}, false, err
	}
	held := heldStop{stop, s.Digest()}
	if slices.ContainsFunc(g.stops, func(h heldStop) bool { return h.digest == held.digest }) {
		return held.told(), false, nil
	}
	if err := g.append(kindStop, stepStop{s.Text, s.Signature}); err != nil {
		return HeldStop{}, false, err
	}
	return held.told(), true, g.endStopped(held)
}

func (h heldStop) told() HeldStop {
	return HeldStop{Digest: h.digest.String(), Reach: h.Reach.String(), Person: h.Person, At: h.At, Reason: h.Reason}
}

// Stops lists the stops that have reached this gate.
func (g *Gate) Stops(context.Context) ([]HeldStop, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := []HeldStop{}
	for _, h := range g.stops {
		out = append(out, h.told())
	}
	return out, nil
}

// Status says where a grant stands.
func (g *Gate) Status(_ context.Context, id string) (Status, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	o, err := g.find(id)
	if err != nil {
		return Status{}, err
	}
	return g.statusOf(o)
}

// List gives the status of every offer, the next to expire first. What stands in the way
// of one takes its time where the grant is large, so a stop waits for one and not for all.
func (g *Gate) List(context.Context) ([]Status, error) {
	g.mu.RLock()
	ids := slices.Collect(maps.Keys(g.offers))
	g.mu.RUnlock()
	out := []Status{}
	for _, id := range ids {
		s, there, err := g.statusIf(id)
		if err != nil {
			return nil, err
		}
		if there {
			out = append(out, s)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return cmp.Or(out[i].Expires.Compare(out[j].Expires), strings.Compare(out[i].ID, out[j].ID)) < 0
	})
	return out, nil
}

// statusIf is the status of an offer that has not been dropped meanwhile.
func (g *Gate) statusIf(id string) (s Status, there bool, err error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	o, there := g.offers[id]
	if !there {
		return Status{}, false, nil
	}
	s, err = g.statusOf(o)
	return s, true, err
}

func (g *Gate) statusOf(o *offer) (Status, error) {
	s := Status{ID: o.id, Grant: o.grant.ID, Demand: o.grant.Demand, State: Offered, Approvals: []string{}, Expires: o.grant.Expires}
	s.Collection, s.Production, s.Emergency, s.Caller = collectionWord(o.grant.ByHand()), string(o.grant.Production), o.grant.Emergency, o.grant.Caller
	if o.grant.ByHand() {
		s.Export = o.grant.Export.Manifest.String()
	}
	s.Purpose, s.Until = string(o.grant.Purpose), o.grant.Until
	if o.grant.Copy != (grant.CopyFacts{}) {
		s.Copy = o.grant.Copy.Statement.String()
	}
	if o.grant.Caller != "" {
		s.Call = o.grant.Call.String()
	}
	s.UnderEmergency = g.underEmergency(o.id)
	r := g.runs[o.id]
	h, a, err := g.whoSpoke(o, r != nil && (r.done() || r.last == kindEnded))
	if err != nil {
		return Status{}, err
	}
	s.Approvals = append(s.Approvals, h.approvals...)
	s.InForce, s.InForceBy = h.inForce, h.inForceBy
	switch {
	case r != nil && r.done() && r.keeps():
		s.State = Kept
		if r.Purpose == grant.ToKeep {
			s.Copy = r.sealed.Release
		}
	case r != nil && r.done() && r.stays():
		s.State = Previewed
	case r != nil && r.last == kindVisible:
		out := r.outcome()
		s.State, s.Outcome, s.StampRequest, s.Passphrase = Released, &out, g.stampRequest(r), g.passphraseOf(r)
	case r != nil && r.last == kindEnded:
		s.State, s.Code = r.ended.State, r.ended.Code
	case r != nil || g.running[o.id] != nil:
		s.State = Running
		if m := g.running[o.id]; m != nil && !o.grant.Previews() {
			s.Progress = m.progress()
		}
	case !g.cfg.Now().Before(o.grant.Expires):
		s.State = Expired
	default:
		s.Obstacles = a.obstacles()
	}
	return s, nil
}

// spoken is who spoke for a grant.
type spoken struct {
	charter   *grant.Charter // under which they count
	approvals []string
	inForce   time.Time
	inForceBy string
}

// whoSpoke reads who spoke for a grant, and gives the attempt with which it did. Of a
// grant with which the gate is through it is read once under each charter, and there is
// no attempt: a list of all grants is asked for again and again, and grows for years.
// Nothing that lets data out goes by it.
func (g *Gate) whoSpoke(o *offer, through bool) (spoken, *attempt, error) {
	if known, ok := g.spoken.Load(o.id); ok && through && known.(spoken).charter == g.charter {
		return known.(spoken), nil, nil
	}
	a, err := g.attemptLocked(o)
	if err != nil {
		return spoken{}, nil, err
	}
	h := spoken{charter: g.charter, approvals: slices.Sorted(slices.Values(a.persons))}
	if w, err := grant.ParseInForce(a.word.Text); err == nil {
		h.inForce, h.inForceBy = w.At, w.Person
	}
	if through {
		g.spoken.Store(o.id, h)
	}
	return h, a, nil
}

// Interrupted lists the releases that the gate did not bring to an end, oldest
// first.
func (g *Gate) Interrupted(context.Context) ([]Interruption, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := []Interruption{}
	for _, id := range g.order {
		// Where a copy or a table was to be made, nothing could have left.
		if r := g.runs[id]; !r.stays() && (r.state() == Interrupted || r.state() == Unknown) {
			out = append(out, Interruption{ID: id, Grant: r.Grant, Demand: r.Demand, State: r.ended.State, At: r.at})
		}
	}
	return out, nil
}

// logID keeps what a caller wrote out of the log unless it is a plain name.
func logID(id string) string {
	if grant.Name(id) {
		return id
	}
	return "sha256:" + hexSum([]byte(id))[:16]
}

func (g *Gate) documentDigest(id string) (d [32]byte, err error) {
	b, err := readBounded(g.offerFile(id, "order"), MaxDocument)
	if errors.Is(err, fs.ErrNotExist) {
		return d, wrongDocument()
	}
	if err != nil {
		return d, unusable(err)
	}
	return sha256.Sum256(b), nil
}
