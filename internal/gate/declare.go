package gate

import (
	"context"
	"crypto/sha256"
	"os"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/evidence/declaration"
	"counterseal/internal/evidence/release"
	"counterseal/internal/evidence/timestamp"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// Declared is a custodian's declaration that lies beside a package.
type Declared struct {
	ID          string    `json:"id"` // of the grant
	Demand      string    `json:"demand"`
	Person      string    `json:"person"`
	Name        string    `json:"name"`
	At          time.Time `json:"at"`
	Declaration string    `json:"declaration"` // SHA-256 of its text
	Release     string    `json:"release"`     // SHA-256 of the release that it is about
}

// declareWithin is how long a declaration may take from its date to the gate: it
// says on which day it was signed.
const declareWithin = 48 * time.Hour

// Declare keeps a declaration beside a package: see Desk.
func (g *Gate) Declare(ctx context.Context, id string, s grant.Signed) (Declared, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Declared{}, err
	}
	defer leave()
	o, err := g.lookup(id)
	if err != nil {
		return Declared{}, g.refused("declare", logID(id), err)
	}
	out, err := g.declare(o, s)
	if err != nil {
		return Declared{}, g.refused("declare", o.id, err)
	}
	g.cfg.Log.Info("declared", "gate", g.cfg.ID, "id", o.id)
	return out, nil
}

func (g *Gate) declare(o *offer, s grant.Signed) (Declared, error) {
	d, err := declaration.Parse(s.Text)
	if err != nil {
		return Declared{}, err
	}
	if err := d.Settled(); err != nil {
		return Declared{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.runs[o.id]
	if r == nil || r.last != kindVisible || r.stays() {
		return Declared{}, problem.New(problem.Missing, "gate.not_released", "there is no package for this grant")
	}
	release, err := grant.ParseDigest(r.sealed.Release)
	if err != nil || release != grant.Digest(d.Release) || d.Demand != r.Demand {
		return Declared{}, refuse("gate.declaration_other", "this declaration is about another release").Fix("draft it again: counterseal declaration draft")
	}
	p, key, err := g.declarant(d, s)
	if err != nil {
		return Declared{}, err
	}
	now := g.cfg.Now().UTC()
	skew := g.charter.Policy.Skew
	if d.At.After(now.Add(skew)) || d.At.Before(now.Add(-declareWithin)) || d.At.Before(r.at.Add(-skew)) {
		return Declared{}, refuse("gate.declaration_date", "a declaration is dated when it is signed: after the release, and in the last two days").At("at").Fix("put the time of signing into its head, and sign again")
	}
	w := declaration.Word{Release: release, Declaration: s.Digest(), Signature: sha256.Sum256(s.Signature), Person: p.ID, Group: p.Group, Key: ssh.FingerprintSHA256(key), At: now.Truncate(time.Second)}
	err = g.keepDeclaration(r, s, w)
	return Declared{ID: o.id, Demand: r.Demand, Person: p.ID, Name: p.Name, At: d.At, Declaration: s.Digest().String(), Release: release.String()}, err
}

// declarant checks that who signed is on the roster under that id and name.
func (g *Gate) declarant(d declaration.Declaration, s grant.Signed) (p grant.Person, key ssh.PublicKey, err error) {
	if err := g.charter.SignedBy(s, signature.Declaration, d.Person, "declaration"); err != nil {
		return p, nil, err
	}
	made, err := signature.VerifyFrom(g.charter.Pages(), s.Signature, signature.Declaration, s.Text)
	if err != nil {
		return p, nil, err
	}
	p, _ = g.charter.PersonOf(made.Key)
	if p.Name != d.Name {
		return p, nil, refuse("declaration.other_person", "the roster has another name for this person").At("name")
	}
	return p, made.Key, nil
}

// keepDeclaration records it and lays it beside the package, in the place of one
// before; mu is held. Where a crash comes between, the last file is missing and
// nothing is shown: declaring again mends it.
func (g *Gate) keepDeclaration(r *run, s grant.Signed, w declaration.Word) error {
	word, err := w.Bytes()
	if err != nil {
		return err
	}
	sig, err := signature.Sign(g.cfg.Key, signature.Declared, word)
	if err != nil {
		return err
	}
	if err := g.append(kindDeclared, stepDeclared{ID: r.ID, Declaration: s.Digest().String(), Signature: hexSum(s.Signature), Person: w.Person}); err != nil {
		return err
	}
	dir := packageName(r.Demand, r.Grant)
	if _, err := removeIfThere(g.path("out", dir, declaration.WordSignatureFile)); err != nil {
		return err
	}
	for i, content := range [...][]byte{s.Text, s.Signature, word, sig} {
		if err := writeWhole(g.path("out", dir, declaration.Files[i]), content); err != nil {
			return err
		}
	}
	return nil
}

// beside says whether a package can have a file of that name beside it, and
// whether this one has it, whole.
func (g *Gate) beside(dir, file string) (known, there bool) {
	if file == timestamp.File || file == release.LateProofFile {
		_, err := os.Lstat(g.path("out", dir, file))
		return true, err == nil
	}
	if !slices.Contains(declaration.Files[:], file) {
		return false, false
	}
	_, err := os.Lstat(g.path("out", dir, declaration.WordSignatureFile))
	return true, err == nil
}
