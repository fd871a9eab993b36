package gate

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"

	"counterseal/internal/canon"
	"counterseal/internal/evidence/release"
	"counterseal/internal/problem"
)

// Fetch opens a file of a visible package: see Desk. A download does not keep
// the gate open: it ends when the gate is closed.
func (g *Gate) Fetch(ctx context.Context, id, file, by string) (io.ReadCloser, int64, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return nil, 0, err
	}
	defer leave()
	r, size, full, err := g.fetch(ctx, id, file, by)
	if err != nil {
		return nil, 0, g.refused("fetch", full, err)
	}
	g.cfg.Log.Info("fetch", "gate", g.cfg.ID, "id", full, "file", file)
	return r, size, nil
}

func (g *Gate) fetch(ctx context.Context, id, file, by string) (*watched, int64, string, error) {
	full := logID(id)
	extra, _ := g.beside("", file)
	if !extra && !counted(file) && !slices.Contains(release.Files[:], file) {
		return nil, 0, full, problem.New(problem.Missing, "gate.no_file", "a package has no such file")
	}
	if err := named(by, 200); err != nil {
		return nil, 0, full, err
	}
	o, err := g.lookup(id)
	if err != nil {
		return nil, 0, full, err
	}
	if err := g.compare(ctx); err != nil {
		return nil, 0, o.id, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	r, a, err := g.leaving(ctx, o)
	if err != nil {
		return nil, 0, o.id, err
	}
	if file != release.PackageOf(o.grant.Recipient) && counted(file) {
		return nil, 0, o.id, problem.New(problem.Missing, "gate.no_file", "this package is encrypted in another form").Fix("fetch %s", release.PackageOf(o.grant.Recipient))
	}
	if err := g.limits(a, r, file); err != nil {
		return nil, 0, o.id, err
	}
	if _, there := g.beside(packageName(r.Demand, r.Grant), file); extra && !there {
		return nil, 0, o.id, problem.New(problem.Missing, "gate.no_file", "a package has no such file")
	}
	f, size, err := openRegular(g.path("out", packageName(r.Demand, r.Grant), file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, o.id, problem.New(problem.Missing, "gate.package_gone", "the package was given here, and is here no longer").Fix("whoever runs this gate knows where it was put; a new grant gives it again").Because(err)
	}
	if err != nil {
		return nil, 0, o.id, err
	}
	if err := g.append(kindFetch, stepFetch{o.id, file, by}); err != nil {
		f.Close()
		return nil, 0, o.id, err
	}
	return &watched{ReadCloser: f, look: a.lookDownload}, size, o.id, nil
}

// named says whether it is told who fetches.
func named(by string, most int) error {
	if by == "" || len(by) > most || canon.Text(by) != by {
		return problem.New(problem.Invalid, "gate.no_name", "who fetches is said in 1 to %d bytes of plain text", most).At("by")
	}
	return nil
}

// leaving gives the run of a visible package that may be fetched now; mu is held.
func (g *Gate) leaving(ctx context.Context, o *offer) (*run, *attempt, error) {
	r := g.runs[o.id]
	if r == nil || r.last != kindVisible || r.stays() {
		return nil, nil, problem.New(problem.Missing, "gate.not_released", "there is no package for this grant")
	}
	a := &attempt{ctx: ctx, g: g, id: o.id, grant: o.grant, charter: g.charter, now: g.cfg.Now().UTC()}
	return r, a, a.ask(atFetch)
}

// limits: a package is not there for ever, and not for everybody.
func (g *Gate) limits(a *attempt, r *run, file string) error {
	if a.now.Sub(r.at) > g.cfg.PickUp {
		return pickupOver()
	}
	if counted(file) && r.downloads >= g.cfg.Downloads {
		return refuse("gate.pickup_limit", "this package was fetched %d times", r.downloads).Fix("draft and approve a new grant")
	}
	return nil
}

func pickupOver() error {
	return refuse("gate.pickup_over", "the time to fetch this package is over").Fix("draft and approve a new grant")
}

// lookDownload is asked before each MiB.
func (a *attempt) lookDownload() error {
	if a.ctx.Err() != nil || a.g.life.Err() != nil {
		return problem.New(problem.Unavailable, "gate.cut", "the download was given up before its end").Because(a.ctx.Err())
	}
	if a.g.record.Broken() { // a stop would not be taken, so nothing says that there is none
		return a.g.refused("fetch", a.id, unusable(nil))
	}
	a.g.mu.RLock()
	a.now = a.g.cfg.Now().UTC()
	err := a.ask(atFetch)
	a.g.mu.RUnlock()
	if err != nil {
		return a.g.refused("fetch", a.id, err)
	}
	return nil
}

func openRegular(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, unusable(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, 0, unusable(err)
	}
	return f, info.Size(), nil
}
