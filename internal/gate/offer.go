package gate

import (
	"context"
	"crypto/sha256"
	"os"
	"path/filepath"
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Offer keeps a grant and its order for approval: see Desk.
func (g *Gate) Offer(ctx context.Context, o Offer) (Status, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Status{}, err
	}
	defer leave()
	id, err := g.keepOffer(o)
	if err != nil {
		return Status{}, g.refused("offer", hexSum(o.Text), err)
	}
	return g.Status(ctx, id)
}

func (g *Gate) keepOffer(o Offer) (string, error) {
	parsed, err := grant.Parse(o.Text)
	if err != nil {
		return "", err
	}
	if len(o.Document) == 0 || len(o.Document) > MaxDocument {
		return "", problem.New(problem.Invalid, "gate.order_document", "a grant comes with the order's document, at most %d bytes", MaxDocument)
	}
	a := &attempt{g: g, id: hexSum(o.Text), digest: sha256.Sum256(o.Text), grant: parsed, text: o.Text, document: sha256.Sum256(o.Document)}
	known, err := g.welcomes(a)
	if known || err != nil {
		return a.id, err
	}
	// The document may be large and the disk slow: no stop waits for it.
	dir, err := g.writeOffer(o)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	return a.id, g.placeOffer(a, dir)
}

// welcomes says whether an offer is here already, and asks every check of one that is not.
func (g *Gate) welcomes(a *attempt) (known bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.mayOffer(a)
}

// mayOffer is welcomes; mu is held.
func (g *Gate) mayOffer(a *attempt) (known bool, err error) {
	if g.offers[a.id] != nil {
		return true, nil
	}
	a.charter, a.now, a.call = g.charter, g.cfg.Now().UTC(), g.readCall(a.grant.Call)
	if err := a.ask(atOffer); err != nil {
		return false, err
	}
	if err := a.askRules(func(name string) bool { return name != "approvals" }); err != nil {
		return false, err
	}
	return false, g.makeRoom(a.now)
}

// placeOffer gives an offer that was written its place, if it is still welcome.
func (g *Gate) placeOffer(a *attempt, dir string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	known, err := g.mayOffer(a)
	if known || err != nil {
		return err
	}
	if err := os.Rename(dir, g.path("offers", a.id)); err != nil {
		return unusable(err)
	}
	if err := syncDir(g.path("offers")); err != nil {
		return err
	}
	g.offers[a.id] = &offer{a.id, a.digest, a.grant}
	return nil
}

// makeRoom drops what expired a day ago without having begun.
func (g *Gate) makeRoom(now time.Time) error {
	open := 0
	for id, o := range g.offers {
		switch {
		case g.runs[id] != nil || g.running[id] != nil:
		case now.After(o.grant.Expires.Add(24 * time.Hour)):
			if err := os.RemoveAll(g.path("offers", id)); err != nil {
				return unusable(err)
			}
			delete(g.offers, id)
		default:
			open++
		}
	}
	if open >= MaxOffers {
		return problem.New(problem.Refused, "gate.offers_full", "%d grants wait for approval at this gate", open).Fix("wait until some have ended")
	}
	return nil
}

// writeOffer writes an offer into a folder that nobody looks into, durably.
func (g *Gate) writeOffer(o Offer) (dir string, err error) {
	dir, err = os.MkdirTemp(g.path("offers"), ".new-*")
	if err != nil {
		return "", unusable(err)
	}
	err = writeNew(filepath.Join(dir, "grant.txt"), o.Text)
	if err == nil {
		err = writeNew(filepath.Join(dir, "order"), o.Document)
	}
	if err == nil {
		err = syncDir(dir)
	}
	if err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	return dir, nil
}
