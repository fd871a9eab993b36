package gatepage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"counterseal/internal/canon"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// paper is one grant as the page shows it: of the gate's own parse.
type paper struct {
	gate.Status
	Parsed    grant.Grant
	Class     string
	Words     []string        // what it collects
	Asks      []string        // what the order compels
	Despite   []gate.HeldStop // stops that it names, and goes on in spite of
	Alike     []string        // names with letters that may be taken for others
	Agency    string
	Text      string
	Challenge string // to approve it
	Needs     int    // how many persons approve it
	Batched   bool   // it may be approved with others
	Mine      bool   // the looker has approved it
	Drafted   bool   // the looker drafted it, collected for it or made its call
}

func (p *Pages) paper(ctx context.Context, who grant.Person, s gate.Status) (paper, error) {
	text, err := p.out.Gate.Text(ctx, s.ID)
	if err != nil {
		return paper{}, err
	}
	g, err := grant.Parse(text)
	if err != nil {
		return paper{}, err
	}
	despite, err := p.despite(ctx, g)
	if err != nil {
		return paper{}, err
	}
	needs, _ := g.Needs(p.out.Gate.Charter().Policy)
	x := paper{Needs: needs, Status: s, Parsed: g, Class: grant.ClassOf(g.Scope), Words: grant.InWords(g.Scope), Asks: grant.InWords(g.Compelled), Despite: despite, Alike: grant.LooksAlike(g), Text: string(text), Challenge: challenge(signature.Grant, text),
		Batched: !g.Scope.Has(scope.Content) && g.Purpose == grant.ForRelease, Mine: slices.Contains(s.Approvals, who.ID), Agency: g.Requester,
		Drafted: who.ID == g.Drafter || who.ID == g.Caller || g.ByHand() && who.ID == g.Export.Collector}
	for _, a := range p.out.Gate.Charter().Agencies {
		if a.ID == g.Requester {
			x.Agency = a.Name
		}
	}
	return x, nil
}

// despite gives the stops that a grant names. In its text they are digests, which tell
// nobody who stopped what and why.
func (p *Pages) despite(ctx context.Context, g grant.Grant) (out []gate.HeldStop, err error) {
	if len(g.Stops) == 0 {
		return nil, nil
	}
	held, err := p.out.Gate.Stops(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range g.Stops {
		i := slices.IndexFunc(held, func(h gate.HeldStop) bool { return h.Digest == d.String() })
		if i < 0 {
			out = append(out, gate.HeldStop{Digest: d.String()}) // of an older offer: nobody can read it
			continue
		}
		out = append(out, held[i])
	}
	return out, nil
}

// beside is a grant with the texts that are read beside it.
type beside struct {
	paper
	besides
}

// besides are the texts that a grant rests on and names by their digests.
type besides struct {
	Files string // the manifest of an export by hand
	Call  string // what the caller said
}

func (p *Pages) besides(ctx context.Context, g grant.Grant) (out besides) {
	read := func(text []byte, err error) string {
		if err != nil {
			return problem.Of(err).Message + "\n" // what is in the way of the grant says so as well
		}
		return string(text)
	}
	if g.ByHand() {
		out.Files = read(p.out.Gate.ExportText(ctx, g.Export.Manifest.String()))
	}
	if g.Caller != "" {
		out.Call = read(p.out.Gate.CallText(ctx, g.Call.String()))
	}
	return out
}

// inSight writes a document's text so that nothing of it is unseen: what leaves no ink,
// or turns the direction of what follows, stands there by its number. White space stays.
func inSight(text string) (shown string, unseen bool) {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '\ufeff' && i == 0, r == '\r' && strings.HasPrefix(text[i:], "\r\n"):
		case unicode.IsSpace(r), canon.Visible(r):
			b.WriteRune(r)
		default:
			unseen = true
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		}
	}
	return b.String(), unseen
}
