package gate

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"time"

	"filippo.io/age"

	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
)

// Link is what an officer opens to pick a package up in a browser. Whoever has it and
// not the recipient's key gets nothing by it; of a ZIP they get what its passphrase opens.
type Link struct {
	ID     string    `json:"id"`
	Grant  string    `json:"grant"`
	Demand string    `json:"demand"`
	For    string    `json:"for"`
	Until  time.Time `json:"until"`
	URL    string    `json:"url"`
}

// Invited is what somebody with a link is asked: to say what Box holds, which only the
// recipient's key opens.
type Invited struct {
	Moment string `json:"moment"` // goes with the answer
	Box    []byte `json:"box"`    // an age file for the recipient of the package
}

// How long a link opens something, and how long an answer to Invited counts.
const (
	linkLife   = 7 * 24 * time.Hour
	answerLife = 5 * time.Minute
)

// maxLinkName leaves room for what the record adds to it.
const maxLinkName = 150

// Link makes a link: see Desk. What is kept of its secret is a digest, and it is in
// the record before anybody has it.
func (g *Gate) Link(ctx context.Context, id, by string) (Link, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Link{}, err
	}
	defer leave()
	l, full, err := g.link(ctx, id, by)
	if err != nil {
		return Link{}, g.refused("link", full, err)
	}
	g.cfg.Log.Info("link", "gate", g.cfg.ID, "id", full)
	return l, nil
}

func (g *Gate) link(ctx context.Context, id, by string) (Link, string, error) {
	full := logID(id)
	o, err := g.lookup(id) // first: who asks several gates goes on to the one that knows the grant
	if err != nil {
		return Link{}, full, err
	}
	if g.cfg.PickUpPage == "" {
		return Link{}, full, problem.New(problem.Invalid, "gate.no_pickup_page", "this gate has no page for picking packages up").Fix("write pickup and pickup_listen beside page, or use: counterseal gate fetch")
	}
	err = named(by, maxLinkName)
	if err != nil {
		return Link{}, full, err
	}
	err = g.compare(ctx)
	if err != nil {
		return Link{}, o.id, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r, a, err := g.leaving(ctx, o)
	if err != nil {
		return Link{}, o.id, err
	}
	if openpgp.Names(o.grant.Recipient) {
		return Link{}, o.id, problem.New(problem.Invalid, "gate.pickup_form", "this package is encrypted with OpenPGP, which the page does not open").Fix("fetch it with: counterseal gate fetch")
	}
	err = g.limits(a, r, "")
	if err != nil {
		return Link{}, o.id, err
	}
	var secret [32]byte
	_, err = io.ReadFull(g.cfg.Rand, secret[:])
	if err != nil {
		return Link{}, o.id, noRandomness(err)
	}
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	until := a.now.Add(linkLife).Truncate(time.Second)
	if end := r.at.Add(g.cfg.PickUp); end.Before(until) {
		until = end
	}
	err = g.append(kindLink, stepLink{ID: o.id, Token: hexSum([]byte(token)), For: by, Until: until})
	if err != nil {
		return Link{}, o.id, err
	}
	page := g.cfg.PickUpPage + "/" + o.grant.Language
	if o.grant.ByZip() {
		page += "/zip"
	}
	return Link{ID: o.id, Grant: o.grant.ID, Demand: o.grant.Demand, For: by, Until: until, URL: page + "#" + token}, o.id, nil
}

func noRandomness(err error) error {
	return problem.New(problem.Unavailable, "gate.randomness", "the source of randomness failed").Because(err)
}

// addLink puts a link in the place of the grant's one before.
func (s *state) addLink(b stepLink) error {
	r := s.runs[b.ID]
	if r == nil || r.last != kindVisible || s.links[b.Token] != nil {
		return errOutOfTurn
	}
	delete(s.links, r.link)
	r.link = b.Token
	s.links[b.Token] = &b
	return nil
}

// Invite asks whoever has a link for the recipient's key. Of the package it says
// nothing yet. Code: gate.pickup_link.
func (g *Gate) Invite(ctx context.Context, token string) (Invited, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Invited{}, err
	}
	defer leave()
	l, err := g.linked(token)
	if err != nil {
		return Invited{}, g.refused("invite", "", err)
	}
	o, err := g.lookup(l.ID)
	if err != nil {
		return Invited{}, g.refused("invite", l.ID, err)
	}
	if o.grant.ByZip() {
		return Invited{}, g.refused("invite", l.ID, problem.New(problem.Invalid, "gate.pickup_form", "this package is a ZIP under a passphrase, which has no key to be shown").Fix("open the link as it was sent"))
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(g.cfg.Now().Add(answerLife).Unix()))
	b = append(b, make([]byte, 16)...)
	_, err = io.ReadFull(g.cfg.Rand, b[8:])
	if err != nil {
		return Invited{}, noRandomness(err)
	}
	box, err := sealed(g.question(l, b), o.grant.Recipient)
	return Invited{hex.EncodeToString(b), box}, err
}

// sealed encrypts to an age recipient.
func sealed(text []byte, recipient string) ([]byte, error) {
	bad := func(err error) error {
		return problem.New(problem.Internal, "gate.unsealable", "nothing can be encrypted to this recipient").Because(err)
	}
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, bad(err)
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, bad(err)
	}
	_, err = w.Write(text)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, bad(err)
	}
	return b.Bytes(), nil
}

// linked is the link of a secret, while it opens something. One that never was, one
// that was replaced and one that is over are refused alike.
func (g *Gate) linked(token string) (stepLink, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	l := g.links[hexSum([]byte(token))]
	if l == nil || !g.cfg.Now().Before(l.Until) {
		return stepLink{}, problem.New(problem.Missing, "gate.pickup_link", "this link opens nothing: it is not whole, is over, or another has taken its place").Fix("ask the provider for a new one")
	}
	return *l, nil
}

// question is what a box holds: it follows from link and moment, so that whoever asks a
// million times takes no room.
func (g *Gate) question(l stepLink, moment []byte) []byte {
	m := hmac.New(sha256.New, g.asking[:])
	m.Write([]byte(l.Token))
	m.Write(moment)
	return m.Sum(nil)
}

// answerDomain keeps an answer from being anything else's: what the officer's browser
// opens is never given back as it is, so that no page makes it decrypt for others.
const answerDomain = "counterseal-pickup-v1\n"

// answered says whether the answer shows that the box was opened, in time.
func (g *Gate) answered(l stepLink, moment, answer string) bool {
	b, err := hex.DecodeString(moment)
	if err != nil || len(b) != 24 {
		return false
	}
	want := sha256.Sum256(append([]byte(answerDomain), g.question(l, b)...))
	got, err := hex.DecodeString(answer)
	return err == nil && hmac.Equal(got, want[:]) && g.cfg.Now().Before(time.Unix(int64(binary.BigEndian.Uint64(b)), 0))
}

// PickUp fetches a file by a link and the answer to Invite: a Fetch like any other, for
// whom the link was made. Of a ZIP no answer is asked: it opens with its passphrase alone. Codes: gate.pickup_link, gate.pickup_answer, and those of
// Fetch.
func (g *Gate) PickUp(ctx context.Context, token, moment, answer, file string) (io.ReadCloser, int64, error) {
	l, err := g.linked(token)
	if err != nil {
		return nil, 0, g.refused("pick-up", "", err)
	}
	o, err := g.lookup(l.ID)
	if err != nil {
		return nil, 0, g.refused("pick-up", l.ID, err)
	}
	if !o.grant.ByZip() && !g.answered(l, moment, answer) {
		return nil, 0, g.refused("pick-up", l.ID, refuse("gate.pickup_answer", "the recipient’s key was not shown, or too long ago").Fix("open the link again and choose the key"))
	}
	return g.Fetch(ctx, l.ID, file, l.For+" (by a link)")
}
