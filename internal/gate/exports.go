package gate

import (
	"context"
	"os"
	"sort"
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Bounds of what is kept of exports.
const (
	MaxExports  = 32                 // that have not left and not expired
	KeepExports = 7 * 24 * time.Hour // how long one waits for its release
	maxAwaited  = 64
)

// Export is an export that a person collected by hand, as the gate knows it. It
// holds no content.
type Export struct {
	Export    string    `json:"export"` // SHA-256 of its manifest, lower-case hex
	Demand    string    `json:"demand"`
	Collector string    `json:"collector"`
	Collected time.Time `json:"collected"`
	From      string    `json:"from"`
	How       string    `json:"how"`
	Covers    []string  `json:"covers"`
	Files     int64     `json:"files"`
	Bytes     int64     `json:"bytes"`
	Kept      bool      `json:"kept"` // false: announced, and its files have not come
}

// kept is what is known of an export without its files.
type kept struct {
	manifest grant.Export
	facts    grant.ExportFacts
}

func (k kept) told(whole bool) Export {
	f := k.facts
	return Export{Export: f.Manifest.String(), Demand: k.manifest.Demand, Collector: f.Collector, Collected: f.At, From: f.From, How: f.How,
		Covers: k.manifest.Covers.Lines(), Files: f.Files, Bytes: f.Bytes, Kept: whole}
}

func (g *Gate) exportFile(digest, name string) string { return g.path("exports", digest, name) }

// AnnounceExport takes a manifest: see Desk. Nothing is written yet.
func (g *Gate) AnnounceExport(ctx context.Context, s grant.Signed) (Export, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Export{}, err
	}
	defer leave()
	out, err := g.announce(s)
	if err != nil {
		return Export{}, g.refused("export", hexSum(s.Text), err)
	}
	return out, nil
}

func (g *Gate) announce(s grant.Signed) (Export, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k, err := g.welcome(s)
	if err != nil {
		return Export{}, err
	}
	digest := k.facts.Manifest.String()
	if _, there := g.exports[digest]; there {
		return k.told(true), nil
	}
	if err := g.makeExportRoom(); err != nil {
		return Export{}, err
	}
	if _, there := g.awaited[digest]; !there && len(g.awaited) == maxAwaited {
		return Export{}, exportsFull(maxAwaited)
	}
	g.awaited[digest] = s
	return k.told(false), nil
}

// welcome checks a manifest as things are now; mu is held.
func (g *Gate) welcome(s grant.Signed) (kept, error) {
	e, err := grant.CheckExport(g.charter, s, g.cfg.ID, g.cfg.Now())
	if err != nil {
		return kept{}, err
	}
	facts, err := e.Facts()
	if err != nil {
		return kept{}, err
	}
	if g.sent[facts.Manifest.String()] {
		return kept{}, exportUsed()
	}
	return kept{e, facts}, nil
}

func exportUsed() error {
	return refuse("gate.export_used", "this export has left under another grant").Fix("collect anew; the new export has its own manifest and approvals")
}

func exportsFull(n int) error {
	return refuse("gate.exports_full", "%d exports wait at this gate", n).Fix("release them, or wait until some have expired")
}

// makeExportRoom drops exports that nobody released in time; mu is held.
func (g *Gate) makeExportRoom() error {
	now := g.cfg.Now()
	for digest, x := range g.exports {
		if now.Sub(x.at) <= KeepExports || g.exportInUse(digest, now) {
			continue
		}
		if err := g.append(kindExportExpired, stepExportExpired{digest}); err != nil {
			return err
		}
		if err := g.removeExport(digest); err != nil {
			return err
		}
	}
	if len(g.exports) >= MaxExports {
		return exportsFull(len(g.exports))
	}
	return nil
}

// exportInUse reports whether an open offer names the export.
func (g *Gate) exportInUse(digest string, now time.Time) bool {
	for id, o := range g.offers {
		if o.grant.Export.Manifest.String() == digest && (g.running[id] != nil || (g.runs[id] == nil && now.Before(o.grant.Expires))) {
			return true
		}
	}
	return false
}

// removeExport removes an export that the record no longer keeps. What a crash
// leaves of it is removed at the next start.
func (g *Gate) removeExport(digest string) error {
	g.manifests.Delete(digest)
	if err := os.RemoveAll(g.path("exports", digest)); err != nil {
		return unusable(err)
	}
	return syncDir(g.path("exports"))
}

// loadExports removes what the record does not know as kept: an export that a
// crash left in the making, one that has left, one that somebody planted.
func (g *Gate) loadExports() error {
	entries, err := os.ReadDir(g.path("exports"))
	if err != nil {
		return unusable(err)
	}
	for _, e := range entries {
		if _, known := g.exports[e.Name()]; known {
			continue
		}
		if err := os.RemoveAll(g.path("exports", e.Name())); err != nil {
			return unusable(err)
		}
	}
	return nil
}

// keptExport gives what an export's manifest says, held to its digest; mu is
// held, for reading at least.
func (g *Gate) keptExport(digest grant.Digest) (kept, error) {
	id := digest.String()
	if _, there := g.exports[id]; !there {
		if g.sent[id] {
			return kept{}, exportUsed()
		}
		return kept{}, problem.New(problem.Missing, "gate.export_missing", "this gate keeps no such export").Fix("collect it: counterseal gate collect --help")
	}
	if k, ok := g.manifests.Load(id); ok {
		return k.(kept), nil
	}
	text, err := readBounded(g.exportFile(id, "manifest.txt"), grant.MaxExportText)
	if err != nil || hexSum(text) != id {
		return kept{}, exportChanged(err)
	}
	e, err := grant.ParseExport(text)
	if err != nil {
		return kept{}, exportChanged(err)
	}
	facts, err := e.Facts()
	if err != nil {
		return kept{}, exportChanged(err)
	}
	k := kept{e, facts}
	g.manifests.Store(id, k)
	return k, nil
}

func exportChanged(err error) *problem.Error {
	return problem.New(problem.Unverified, "gate.export_changed", "the kept export is not what its manifest says; nothing of it leaves").
		Fix("find out who changed the gate's folder; then collect anew").Because(err)
}

// Exports lists what waits here: see Desk.
func (g *Gate) Exports(context.Context) ([]Export, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := []Export{}
	for id := range g.exports {
		digest, err := grant.ParseDigest(id)
		if err != nil {
			return nil, err
		}
		k, err := g.keptExport(digest)
		if err != nil {
			return nil, err
		}
		out = append(out, k.told(true))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Demand+out[i].Export < out[j].Demand+out[j].Export })
	return out, nil
}

// ExportText gives a manifest: see Desk.
func (g *Gate) ExportText(_ context.Context, export string) ([]byte, error) {
	digest, err := grant.ParseDigest(export)
	if err != nil {
		return nil, err
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	k, err := g.keptExport(digest)
	if err != nil {
		return nil, err
	}
	return k.manifest.Bytes()
}
