package gate

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// PreviewsPerDay is how many previews of one demand, and of one account, begin within 24
// hours. Each counts that has begun, also one that was refused or interrupted: a store
// may have been read.
const PreviewsPerDay = 3

// Preview is a table of rounded numbers, as the gate keeps it. It holds no item, no
// participant and no size.
type Preview struct {
	Preview  string       `json:"preview"` // SHA-256 of the gate's statement, lower-case hex
	Grant    string       `json:"grant"`
	Demand   string       `json:"demand"`
	Region   string       `json:"region"`
	Rows     []PreviewRow `json:"rows"`
	Unplaced grant.Band   `json:"unplaced"` // found, and could not be counted under a month
	At       time.Time    `json:"at"`
}

// PreviewRow is one service in one month of UTC.
type PreviewRow struct {
	Service scope.Service `json:"service"`
	Month   string        `json:"month"`
	grant.Band
}

// The files of a preview; its proof is named as a copy's.
const (
	previewStatement = "preview.txt"
	previewSignature = "preview.sig"
)

// task is what the gate was asked to do with a grant.
type task int

const (
	toRelease task = iota
	toKeep
	toPreview
)

// asAsked refuses to do with a grant what it is not for.
func asAsked(gr grant.Grant, wanted task) error {
	switch {
	case gr.Previews() && wanted != toPreview:
		return refuse("gate.previews_only", "this grant counts; nothing leaves by it, and nothing is copied").Fix("run it with: counterseal gate preview")
	case wanted == toPreview && !gr.Previews():
		return refuse("gate.not_to_preview", "this grant is for something else than a preview").Fix("draft one with: counterseal demand preview")
	case gr.Keeps() && wanted != toKeep:
		return refuse("gate.keeps_only", "this grant keeps a copy; nothing leaves by it").Fix("run it with: counterseal gate keep")
	case wanted == toKeep && !gr.Keeps():
		return refuse("gate.not_to_keep", "this grant releases, and keeps nothing").Fix("run it with: counterseal gate release")
	}
	return nil
}

// Preview counts, or gives the table that was kept: see Desk. It goes the way of a
// release, with the same checks.
func (g *Gate) Preview(ctx context.Context, id string) (Preview, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return Preview{}, err
	}
	defer leave()
	full, r, err := g.run(ctx, id, toPreview)
	if err != nil {
		return Preview{}, g.refused("preview", full, err)
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	out, err := g.tellPreview(r)
	if err != nil {
		return Preview{}, g.refused("preview", full, err)
	}
	g.cfg.Log.Info("previewed", "gate", g.cfg.ID, "id", r.ID)
	return out, nil
}

// tellPreview reads a kept table and holds it to the digest in the record; mu is held.
func (g *Gate) tellPreview(r *run) (Preview, error) {
	text, err := readBounded(g.path("previews", r.ID, previewStatement), grant.MaxText)
	if err != nil || hexSum(text) != r.sealed.Release {
		return Preview{}, previewChanged(err)
	}
	p, err := grant.ParsePreview(text)
	if err != nil {
		return Preview{}, previewChanged(err)
	}
	out := Preview{Preview: r.sealed.Release, Grant: r.Grant, Demand: r.Demand, Region: p.Region, Rows: []PreviewRow{}, Unplaced: p.Unplaced, At: p.At}
	for _, row := range p.Rows {
		out.Rows = append(out.Rows, PreviewRow{row.Service, row.Month, row.Items})
	}
	return out, nil
}

func previewChanged(err error) error {
	return problem.New(problem.Unverified, "gate.preview_changed", "the kept table is not as the gate wrote it").Fix("draft and approve a new preview").Because(err)
}

// checkPreviews: differences between many previews of one demand would tell what one
// does not, and so would many of one account under other demands' names.
func checkPreviews(a *attempt) error {
	if !a.grant.Previews() {
		return nil
	}
	demand, account := a.g.begunSince(a.grant, a.now.Add(-24*time.Hour))
	if max(demand, account) >= PreviewsPerDay {
		return refuse("gate.previews", "%d previews of this demand, or of an account that it names, have begun in the last 24 hours", PreviewsPerDay).Fix("wait, or read the tables that are kept")
	}
	return nil
}

// begunSince counts what of the grant's purpose has begun after t: of its demand, and of
// that of its accounts of which it was most.
func (s *state) begunSince(g grant.Grant, t time.Time) (demand, account int) {
	accounts := map[string]int{}
	for _, r := range s.runs {
		if r.Purpose != g.Purpose || !r.begun.After(t) || r.Purpose == grant.ToKeep && r.ended.Code == "gate.incomplete" {
			continue
		}
		if r.Demand == g.Demand {
			demand++
		}
		for _, id := range r.Accounts {
			accounts[id]++
		}
	}
	for _, id := range g.Scope.Accounts() {
		account = max(account, accounts[string(id)])
	}
	return demand, account
}

// tally is a table in the making. Its exact numbers never leave memory.
type tally struct {
	parts    []part
	counts   map[month]int64
	unplaced int64
}

type part struct {
	scope.Selector
	scope.Scope // of it alone
}

type month struct {
	service scope.Service
	name    string
}

// countAll counts everything and signs the rounded table.
func (a *attempt) countAll(access *accessFile) (stepSealed, error) {
	c := a.collection(access)
	c.tally = &tally{counts: map[month]int64{}}
	for _, sel := range a.grant.Scope.Selectors() {
		alone, err := scope.New(sel)
		if err != nil {
			return stepSealed{}, err
		}
		c.tally.parts = append(c.tally.parts, part{sel, alone})
	}
	if err := c.all(); err != nil {
		return stepSealed{}, err
	}
	return stepSealed{}, a.statePreview(c.tally)
}

// count counts one item under its month. It is not opened.
func (c *collection) count(it source.Item, v scope.Verdict) error {
	i := slices.IndexFunc(c.tally.parts, func(p part) bool {
		alone := p.Scope.Judge(it.Item)
		return alone == scope.Inside || alone == scope.Split
	})
	if i < 0 {
		return problem.New(problem.Refused, "gate.preview_outside", "the approved scope does not ask for this item")
	}
	c.tally.counts[month{it.Service, c.tally.parts[i].month(it.Item)}]++
	return c.access.line(accessLine{Ref: c.ref(it.Account, it.Service, it.ID), Account: it.Account, Service: it.Service, Verdict: v.String()})
}

// month is the one under which an item is counted: by the time that the order goes by,
// and inside its interval where that time has a spread.
func (p part) month(it scope.Item) string {
	at := it.Received
	if p.Basis == scope.Sent {
		at = it.Sent
	}
	if at.Before(p.From) {
		at = p.From
	}
	if at.After(p.Until) {
		at = p.Until
	}
	return at.UTC().Format("2006-01")
}

// statePreview writes what the gate says of what it has counted, rounded, and signs it.
func (a *attempt) statePreview(t *tally) error {
	p := grant.Preview{Provider: a.charter.Provider, Demand: a.grant.Demand, Grant: a.digest, Region: a.grant.Region, Gate: a.g.cfg.ID, Covers: a.grant.Scope,
		Rows: grant.Months(a.grant.Scope), Unplaced: grant.Banded(t.unplaced), At: a.g.cfg.Now().UTC().Truncate(time.Second)}
	for i, r := range p.Rows {
		p.Rows[i].Items = grant.Banded(t.counts[month{r.Service, r.Month}])
	}
	text, err := p.Bytes()
	if err != nil {
		return err
	}
	a.release = sha256.Sum256(text)
	sig, err := signature.Sign(a.g.cfg.Key, signature.Preview, text)
	if err != nil {
		return err
	}
	if err := writeNew(a.staged(previewStatement), text); err != nil {
		return err
	}
	return writeNew(a.staged(previewSignature), sig)
}
