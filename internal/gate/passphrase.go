package gate

import (
	"cmp"
	"context"
	"encoding/hex"
	"os"
	"slices"
	"time"

	"counterseal/internal/evidence"
	"counterseal/internal/evidence/sealedzip"
	"counterseal/internal/gate/record"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Told is the passphrase of a ZIP. It is told once, and lies nowhere any more.
type Told struct {
	ID         string    `json:"id"`
	Grant      string    `json:"grant"`
	Demand     string    `json:"demand"`
	Statement  string    `json:"statement"` // SHA-256 of the text on which it is told
	Person     string    `json:"person"`
	Contact    string    `json:"contact"` // that is called
	At         time.Time `json:"at"`
	Passphrase string    `json:"passphrase"`
}

// PassphraseState is where a passphrase stands.
type PassphraseState string

const (
	PassphraseWaits PassphraseState = "waits" // nobody has asked for it
	PassphraseTold  PassphraseState = "told"  // it was told, and is destroyed
	PassphraseEnded PassphraseState = "ended" // the time of pick-up was over before
)

// Passphrase is what may be known about the passphrase of a visible ZIP.
type Passphrase struct {
	State     PassphraseState `json:"state"`
	Since     time.Time       `json:"since"`               // the package is visible
	Until     time.Time       `json:"until,omitzero"`      // of one that waits: when it is destroyed
	Statement string          `json:"statement,omitempty"` // on which it was told
	Person    string          `json:"person,omitempty"`    // to whom
	Contact   string          `json:"contact,omitempty"`   // whom they were about to call
	At        time.Time       `json:"at,omitzero"`
	Reached   string          `json:"reached,omitempty"`  // whom they reached, as they said afterwards
	ReadOut   bool            `json:"read_out,omitempty"` // and whether they read it out
}

// heldPassphrase is what the record knows of one.
type heldPassphrase struct {
	told      *grant.Telling
	statement string // SHA-256 of the text of told
	at        time.Time
	reached   *grant.Reached
	ended     bool
}

// saidPassphrase is a text that somebody said about a passphrase.
type saidPassphrase struct{ logged bool }

// waits reports whether the run's package has a passphrase that is kept.
func (r *run) waits() bool {
	return r.last == kindVisible && r.sealed.Passphrase != "" && r.passphrase.told == nil && !r.passphrase.ended
}

func (s *state) applyPassphrase(l record.Line) error {
	switch l.Kind {
	case kindTold:
		var b stepTold
		return with(l, &b, func() error { return s.addTold(b, l.At) })
	case kindReached:
		var b stepReached
		return with(l, &b, func() error { return s.addReached(b) })
	case kindPassphraseEnded:
		var b stepPassphraseEnded
		return with(l, &b, func() error {
			r := s.runs[b.ID]
			if r == nil || !r.waits() {
				return errOutOfTurn
			}
			r.passphrase.ended = true
			return nil
		})
	}
	var b stepPassphraseLogged
	return with(l, &b, func() error {
		x := s.said[b.Statement]
		if x == nil || x.logged {
			return errOutOfTurn
		}
		x.logged = true
		return nil
	})
}

func (s *state) addTold(b stepTold, at time.Time) error {
	t, err := grant.ParseTelling(b.Text)
	r := s.runs[b.ID]
	if err != nil || r == nil || !r.waits() {
		return errOutOfTurn
	}
	digest := hexSum(b.Text)
	r.passphrase.told, r.passphrase.statement, r.passphrase.at = &t, digest, at
	s.tellings[hex.EncodeToString(t.Nonce[:])], s.said[digest] = true, &saidPassphrase{}
	return nil
}

func (s *state) addReached(b stepReached) error {
	w, err := grant.ParseReached(b.Text)
	r := s.runs[b.ID]
	if err != nil || r == nil || r.passphrase.told == nil || r.passphrase.reached != nil {
		return errOutOfTurn
	}
	r.passphrase.reached = &w
	s.said[hexSum(b.Text)] = &saidPassphrase{}
	return nil
}

// passphraseOf is what may be known of a run's passphrase; nil where it has none. mu is
// held.
func (g *Gate) passphraseOf(r *run) *Passphrase {
	if r.sealed.Passphrase == "" {
		return nil
	}
	h := r.passphrase
	p := &Passphrase{State: PassphraseWaits, Since: r.at}
	switch {
	case h.told != nil:
		p.State, p.Statement, p.Person, p.Contact, p.At = PassphraseTold, h.statement, h.told.Person, h.told.Contact, h.at
		if h.reached != nil {
			p.Reached, p.ReadOut = h.reached.Who, h.reached.ReadOut
		}
	case h.ended || g.pickUpOver(r):
		p.State = PassphraseEnded
	default:
		p.Until = r.at.Add(g.cfg.PickUp)
	}
	return p
}

func (g *Gate) pickUpOver(r *run) bool { return g.latestTime().Sub(r.at) > g.cfg.PickUp }

func passphraseChanged(err error) *problem.Error {
	return problem.New(problem.Unverified, "gate.passphrase_changed", "the kept passphrase is not as the gate wrote it, or is not there").
		Fix("nobody opens this package: find out who changed the gate's folder; then draft and approve a new grant").Because(err)
}

// drawPassphrase draws the passphrase of a ZIP and keeps it under the gate's own key. A
// run that comes to nothing destroys it, or the next start does.
func (a *attempt) drawPassphrase() (evidence.Recipient, error) {
	p, err := sealedzip.Passphrase(a.g.cfg.Rand)
	if err != nil {
		return nil, noRandomness(err)
	}
	kept, err := a.g.wrap(passKeys, a.id, []byte(p))
	if err != nil {
		return nil, err
	}
	a.passphrase = hexSum(kept)
	return &sealedzip.Recipient{Name: a.grant.Package(), Passphrase: p}, nil
}

// TellPassphrase tells a passphrase to a person: see Desk.
func (g *Gate) TellPassphrase(ctx context.Context, s grant.Signed) (Told, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return Told{}, err
	}
	defer leave()
	told, err := g.tell(ctx, s)
	if err != nil {
		return Told{}, g.refused("passphrase", hexSum(s.Text), err)
	}
	g.cfg.Log.Info("passphrase told", "gate", g.cfg.ID, "id", told.ID, "person", told.Person)
	return told, nil
}

// tell goes in the order in which no crash lets a passphrase be told twice: the record,
// then what was kept is destroyed, then the counter, by which a folder that was restored or copied
// is noticed, and the text's digest are with the journal, then the answer. What breaks off
// in between leaves a package that nobody opens.
func (g *Gate) tell(ctx context.Context, s grant.Signed) (Told, error) {
	if err := g.compare(ctx); err != nil {
		return Told{}, err
	}
	w, secret, err := g.mayTell(ctx, s)
	if err != nil {
		return Told{}, err
	}
	// Nothing is destroyed for a journal that does not answer.
	g.mu.RLock()
	policy, err := logPolicy(g.charter)
	g.mu.RUnlock()
	if err == nil {
		_, err = g.latest(ctx, policy)
	}
	if err != nil {
		return Told{}, err
	}
	gone := false
	digest := s.Digest()
	_, err = g.draw(ctx, "passphrase", digest, func() error {
		if err := g.askWord(w, tellChecks); err != nil {
			return err
		}
		gone = true // where the line may or may not be on the disk, nothing is told
		if err := g.append(kindTold, stepTold{w.r.ID, s.Text, s.Signature}); err != nil {
			return err
		}
		if err := g.shred(passKeys, w.r.ID); err != nil {
			return err
		}
		g.hook("passphrase-shredded")
		return nil
	})
	if err == nil {
		err = g.logPassphrase(ctx, digest.String())
	}
	if err != nil && gone {
		err = problem.New(problem.Unavailable, "gate.passphrase_lost", "the passphrase was destroyed before it could be told; nobody opens this package").
			Fix("see to the gate's disk and to the journal; then draft and approve a new grant").Because(err)
	}
	if err != nil {
		return Told{}, err
	}
	return Told{ID: w.r.ID, Grant: w.r.Grant, Demand: w.r.Demand, Statement: digest.String(), Person: w.t.Person, Contact: w.t.Contact, At: g.cfg.Now().UTC(), Passphrase: string(secret)}, nil
}

// mayTell asks every check and reads the passphrase, so that one which cannot be read is
// not recorded as told.
func (g *Gate) mayTell(ctx context.Context, s grant.Signed) (*word, []byte, error) {
	t, err := grant.ParseTelling(s.Text)
	if err != nil {
		return nil, nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	r, o := g.runs[t.Grant.String()], g.offers[t.Grant.String()]
	if r == nil || o == nil {
		return nil, nil, otherPackage()
	}
	w := &word{g: g, said: s, r: r, t: t, o: o, ctx: ctx}
	if err := g.askWord(w, tellChecks); err != nil {
		return nil, nil, err
	}
	b, err := readBounded(g.path(passKeys.dir, r.ID), maxCopyKey)
	if err != nil || hexSum(b) != r.sealed.Passphrase {
		return nil, nil, passphraseChanged(err)
	}
	secret, err := g.opened(passKeys, r.ID, b)
	return w, secret, err
}

// logPassphrase commits a text to the journal.
func (g *Gate) logPassphrase(ctx context.Context, statement string) error {
	d, err := grant.ParseDigest(statement)
	if err != nil {
		return err
	}
	if err := g.commit(ctx, d); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.said[statement].logged {
		return nil
	}
	return g.append(kindPassphraseLogged, stepPassphraseLogged{statement})
}

// tellPassphrases tells the journal of the texts that it has not been told.
func (g *Gate) tellPassphrases(ctx context.Context) (first error) {
	g.mu.RLock()
	var untold []string
	for digest, x := range g.said {
		if !x.logged {
			untold = append(untold, digest)
		}
	}
	g.mu.RUnlock()
	slices.Sort(untold)
	for _, digest := range untold {
		first = cmp.Or(first, g.logPassphrase(ctx, digest))
	}
	return first
}

// PassphraseReached takes the word of who called: see Desk.
func (g *Gate) PassphraseReached(ctx context.Context, s grant.Signed) (Status, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return Status{}, err
	}
	defer leave()
	id, err := g.reached(s)
	if err != nil {
		return Status{}, g.refused("passphrase-reached", hexSum(s.Text), err)
	}
	soon, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(briefly, g.cfg.Patience))
	defer cancel()
	_ = g.logPassphrase(soon, s.Digest().String()) // or at the next sweep
	return g.Status(ctx, id)
}

func (g *Gate) reached(s grant.Signed) (string, error) {
	x, err := grant.ParseReached(s.Text)
	if err != nil {
		return "", err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.runs {
		if r.passphrase.told == nil || r.passphrase.statement != x.Telling.String() {
			continue
		}
		if g.said[s.Digest().String()] != nil {
			return r.ID, nil // the same word again
		}
		if err := g.askWord(&word{g: g, said: s, r: r, x: x}, reachedChecks); err != nil {
			return "", err
		}
		return r.ID, g.append(kindReached, stepReached{r.ID, s.Text, s.Signature})
	}
	return "", otherTelling()
}

// loadPassphrases destroys what the record does not hold as kept: what a crash left in
// the making, what was told or has ended and came back from a backup, what was planted.
func (g *Gate) loadPassphrases() error {
	entries, err := os.ReadDir(g.path(passKeys.dir))
	if err != nil {
		return unusable(err)
	}
	for _, e := range entries {
		if r := g.runs[e.Name()]; r != nil && r.waits() {
			continue
		}
		if err := g.shred(passKeys, e.Name()); err != nil {
			return err
		}
	}
	return nil
}

// sweepPassphrases destroys those for which the time of pick-up is over. It goes by the
// journal's time, as what is destroyed does not come back.
func (g *Gate) sweepPassphrases(ctx context.Context) error {
	due := g.duePassphrases()
	if len(due) == 0 {
		return nil
	}
	if err := g.timeAgrees(ctx, due); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range due {
		if r := g.runs[id]; !r.waits() || !g.pickUpOver(r) {
			continue
		}
		if err := g.append(kindPassphraseEnded, stepPassphraseEnded{id}); err != nil {
			return err
		}
		if err := g.shred(passKeys, id); err != nil {
			return err
		}
		g.cfg.Log.Info("passphrase ended", "gate", g.cfg.ID, "id", id)
	}
	return nil
}

func (g *Gate) duePassphrases() (due []string) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for id, r := range g.runs {
		if r.waits() && g.pickUpOver(r) {
			due = append(due, id)
		}
	}
	slices.Sort(due)
	return due
}
