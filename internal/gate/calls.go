package gate

import (
	"context"
	"os"
	"sort"
	"strings"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// Called keeps a caller's statement: see Desk.
func (g *Gate) Called(ctx context.Context, s grant.Signed) (HeldCall, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return HeldCall{}, err
	}
	defer leave()
	held, err := g.called(s)
	if err != nil {
		return HeldCall{}, g.refused("called", hexSum(s.Text), err)
	}
	return held, nil
}

func (g *Gate) called(s grant.Signed) (HeldCall, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	call, err := grant.CheckCall(g.charter, s, g.cfg.Now())
	if err != nil {
		return HeldCall{}, err
	}
	held := toldCall(call, s.Digest())
	entries, err := os.ReadDir(g.path("calls"))
	if err != nil {
		return HeldCall{}, unusable(err)
	}
	if len(entries) >= 2*maxCalls {
		if err := g.dropOldCalls(entries); err != nil {
			return HeldCall{}, err
		}
	}
	if err := writeWhole(g.path("calls", held.Call+".sig"), s.Signature); err != nil {
		return HeldCall{}, err
	}
	return held, writeWhole(g.path("calls", held.Call+".txt"), s.Text)
}

// maxCalls bounds the statements that are kept. No grant can rest on one that is
// two days old, or of somebody who is no longer on the roster: whoever fills the folder
// is taken off it, and the emergency lane is free again.
const maxCalls = 1024

func (g *Gate) dropOldCalls(entries []os.DirEntry) error {
	dropped := false
	for _, e := range entries {
		text, err := readBounded(g.path("calls", e.Name()), signature.MaxArmor)
		if err != nil || !strings.HasSuffix(e.Name(), ".txt") {
			continue
		}
		call, err := grant.ParseCall(text)
		_, there := g.charter.PersonByID(call.Caller)
		if err == nil && there && g.cfg.Now().Sub(call.At) < 2*grant.CallLife {
			continue
		}
		dropped = true
		for _, end := range []string{".txt", ".sig"} {
			if _, err := removeIfThere(g.path("calls", strings.TrimSuffix(e.Name(), ".txt")+end)); err != nil {
				return err
			}
		}
	}
	if !dropped {
		return refuse("gate.calls_full", "%d calls were recorded in two days", maxCalls).Fix("if one person recorded them, take that person off the roster; their calls then count no longer")
	}
	return nil
}

func toldCall(c grant.Call, digest grant.Digest) HeldCall {
	return HeldCall{Call: digest.String(), Demand: c.Demand, Agency: c.Agency, Contact: c.Contact, Reached: c.Reached, Caller: c.Caller, At: c.At, Confirmed: c.Confirmed, Key: c.Key}
}

// readCall reads a kept statement; it is checked where it is used.
func (g *Gate) readCall(digest grant.Digest) grant.Signed {
	text, err := readBounded(g.path("calls", digest.String()+".txt"), signature.MaxArmor)
	if err != nil {
		return grant.Signed{}
	}
	sig, err := readBounded(g.path("calls", digest.String()+".sig"), signature.MaxArmor)
	if err != nil {
		return grant.Signed{}
	}
	return grant.Signed{Text: text, Signature: sig}
}

// CallText gives a caller's statement: see Desk.
func (g *Gate) CallText(_ context.Context, call string) ([]byte, error) {
	digest, err := grant.ParseDigest(call)
	if err != nil {
		return nil, err
	}
	s := g.readCall(digest)
	if s.Digest() != digest {
		return nil, problem.New(problem.Missing, "gate.call_missing", "this gate has no such statement of a call")
	}
	return s.Text, nil
}

// Calls lists the calls about a demand: see Desk.
func (g *Gate) Calls(_ context.Context, demand string) ([]HeldCall, error) {
	entries, err := os.ReadDir(g.path("calls"))
	if err != nil {
		return nil, unusable(err)
	}
	out := []HeldCall{}
	for _, e := range entries {
		name, text := strings.CutSuffix(e.Name(), ".txt")
		digest, err := grant.ParseDigest(name)
		if err != nil || !text {
			continue
		}
		s := g.readCall(digest)
		call, err := grant.ParseCall(s.Text)
		if err != nil || s.Digest() != digest || call.Demand != demand {
			continue
		}
		out = append(out, toldCall(call, digest))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].At.Before(out[j].At) })
	return out, nil
}
