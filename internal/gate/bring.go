package gate

import (
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"syscall"

	"counterseal/internal/evidence"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// BringExport takes the files of an announced export: see Desk. They lie under
// their numbers, never under names from outside, and nobody sees them before all
// of them are on the disk and are what the manifest says.
func (g *Gate) BringExport(ctx context.Context, export string, files io.Reader) (Export, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return Export{}, err
	}
	defer leave()
	out, err := g.bring(ctx, export, files)
	if err != nil {
		return Export{}, g.refused("export", logID(export), err)
	}
	g.cfg.Log.Info("export kept", "gate", g.cfg.ID, "id", out.Export, "files", out.Files, "bytes", out.Bytes)
	return out, nil
}

func (g *Gate) bring(ctx context.Context, export string, files io.Reader) (Export, error) {
	s, k, whole, err := g.expect(export)
	if err != nil || whole {
		return k.told(true), err
	}
	defer g.settled(export)
	dir, err := os.MkdirTemp(g.path("exports"), ".new-*")
	if err != nil {
		return Export{}, unusable(err)
	}
	defer os.RemoveAll(dir)
	if err := g.receive(ctx, dir, s, k.manifest, files); err != nil {
		return Export{}, err
	}
	return k.told(true), g.keepExport(dir, k)
}

// expect finds the announced export and keeps a second upload of it away. whole
// says that it is kept already.
func (g *Gate) expect(export string) (s grant.Signed, k kept, whole bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if digest, derr := grant.ParseDigest(export); derr == nil && g.exports[export] != nil {
		k, err = g.keptExport(digest)
		return s, k, err == nil, err
	}
	s, ok := g.awaited[export]
	if !ok {
		return s, k, false, problem.New(problem.Missing, "gate.export_unannounced", "no manifest of this export has come").Fix("announce it first")
	}
	if g.bringing[export] {
		return s, k, false, problem.New(problem.Conflict, "gate.export_running", "this export is being taken in").Fix("wait, and look at the list of exports")
	}
	k, err = g.welcome(s)
	if err != nil {
		return s, k, false, err
	}
	if err := g.makeExportRoom(); err != nil {
		return s, k, false, err
	}
	if len(g.exports)+len(g.bringing) >= MaxExports {
		return s, k, false, exportsFull(len(g.exports) + len(g.bringing))
	}
	g.bringing[export] = true
	return s, k, false, nil
}

func (g *Gate) settled(export string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.bringing, export)
}

// receive writes everything into a folder that nobody looks into, durably.
func (g *Gate) receive(ctx context.Context, dir string, s grant.Signed, e grant.Export, files io.Reader) error {
	for name, content := range map[string][]byte{"manifest.txt": s.Text, "manifest.sig": s.Signature} {
		if err := writeNew(filepath.Join(dir, name), content); err != nil {
			return err
		}
	}
	in := filepath.Join(dir, "files")
	if err := os.Mkdir(in, 0o700); err != nil {
		return unusable(err)
	}
	buf := make([]byte, 256<<10)
	for i, f := range e.Files {
		if err := receiveFile(ctx, filepath.Join(in, strconv.Itoa(i+1)), f, files, buf); err != nil {
			return err
		}
		g.hook("export-file")
	}
	if n, err := io.ReadFull(files, buf[:1]); n != 0 || !errors.Is(err, io.EOF) {
		return wrongContent().At("something follows the last file").Because(err)
	}
	if err := syncDir(in); err != nil {
		return err
	}
	return syncDir(dir)
}

func wrongContent() *problem.Error {
	return problem.New(problem.Refused, "export.content", "what came is not what the manifest says").Fix("collect again: a file changed after it was listed, or the upload was cut short")
}

// receiveFile takes exactly the file's bytes.
func receiveFile(ctx context.Context, to string, f grant.ExportFile, from io.Reader, buf []byte) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return unusable(err)
	}
	defer out.Close()
	sum := sha256.New()
	for left := f.Size; left > 0; {
		if ctx.Err() != nil {
			return problem.New(problem.Unavailable, "gate.canceled", "the upload was given up before it was complete").Because(ctx.Err())
		}
		n, err := from.Read(buf[:min(int64(len(buf)), left)])
		left -= int64(n)
		sum.Write(buf[:n])
		if _, werr := out.Write(buf[:n]); werr != nil {
			return unusable(werr)
		}
		if err != nil && left > 0 {
			return wrongContent().At("%s", f.Name).Because(err)
		}
	}
	if [32]byte(sum.Sum(nil)) != f.SHA256 {
		return wrongContent().At("%s", f.Name)
	}
	if err := out.Sync(); err != nil {
		return unusable(err)
	}
	return nil
}

// keepExport gives the folder its name and records it. An export whose line is
// missing is removed at the next start, so a crash leaves it whole or not at all.
func (g *Gate) keepExport(dir string, k kept) error {
	digest := k.facts.Manifest.String()
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := os.Rename(dir, g.path("exports", digest)); err != nil {
		return unusable(err)
	}
	g.hook("export-renamed")
	if err := syncDir(g.path("exports")); err != nil {
		return err
	}
	err := g.append(kindExport, stepExport{Export: digest, Demand: k.manifest.Demand, Collector: k.facts.Collector, Files: k.facts.Files, Bytes: k.facts.Bytes})
	if err != nil {
		return err
	}
	g.manifests.Store(digest, k)
	delete(g.awaited, digest)
	return nil
}

// checkExport: the grant says of the export what the export's manifest says, and
// the manifest is of this demand and covers exactly what the grant collects.
func checkExport(a *attempt) error {
	if !a.grant.ByHand() {
		return nil
	}
	k, err := a.g.keptExport(a.grant.Export.Manifest)
	if err != nil {
		return err
	}
	switch {
	case k.manifest.Demand != a.grant.Demand || k.manifest.Gate != a.g.cfg.ID:
		return refuse("gate.export_other_demand", "this export was collected for another demand").At("%s", k.manifest.Demand)
	case k.facts != a.grant.Export:
		return refuse("gate.export_differs", "the grant says something else of the export than its manifest").Fix("draft the grant again")
	case !k.manifest.Covers.Equal(a.grant.Scope):
		return refuse("gate.export_scope", "the export covers something else than the grant collects").Fix("collect for exactly this part of the demand")
	}
	return nil
}

// checkExportWhole: every file is, byte for byte, what was approved. It is read
// before a release, not for each status; collecting reads it once more.
func checkExportWhole(a *attempt) error { return a.export }

// rehash reads the whole export. mu is not held: a stop must not wait for it.
func (a *attempt) rehash() error {
	a.g.mu.RLock()
	k, err := a.g.keptExport(a.grant.Export.Manifest)
	a.g.mu.RUnlock()
	if err != nil {
		return err
	}
	if err := a.onlyThese(len(k.manifest.Files)); err != nil {
		return err
	}
	for i, f := range k.manifest.Files {
		r, err := a.exported(i)
		if err != nil {
			return err
		}
		sum := sha256.New()
		n, err := io.Copy(sum, &watched{ReadCloser: r, look: func() error { return a.ctx.Err() }})
		r.Close()
		if a.ctx.Err() != nil {
			return canceled(a.ctx.Err())
		}
		if err != nil || n != f.Size || [32]byte(sum.Sum(nil)) != f.SHA256 {
			return exportChanged(err)
		}
	}
	return nil
}

// onlyThese holds that the folder has the files 1 to n and no other entry.
func (a *attempt) onlyThese(n int) error {
	entries, err := os.ReadDir(a.g.exportFile(a.grant.Export.Manifest.String(), "files"))
	if err != nil || len(entries) != n {
		return exportChanged(err)
	}
	for _, e := range entries {
		i, err := strconv.Atoi(e.Name())
		if err != nil || i < 1 || i > n || strconv.Itoa(i) != e.Name() || e.Type() != 0 {
			return exportChanged(err)
		}
	}
	return nil
}

// exported opens the file of that index, and no link.
func (a *attempt) exported(i int) (io.ReadCloser, error) {
	name := a.g.exportFile(a.grant.Export.Manifest.String(), filepath.Join("files", strconv.Itoa(i+1)))
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, exportChanged(err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrInvalid
	}
	if err != nil {
		f.Close()
		return nil, exportChanged(err)
	}
	return f, nil
}

// hand puts the export's files into the package, in the order of its manifest. A
// file that differs by now ends the package: what people approved leaves, or
// nothing.
func (c *collection) hand(k kept) error {
	for i, f := range k.manifest.Files {
		if err := c.look(); err != nil {
			return err
		}
		sum := &summed{h: sha256.New()}
		it := scope.Item{ID: f.Name, Account: f.Account, Service: f.Service, Category: f.Category}
		err := c.w.Add(evidence.Item{Item: it, Filename: path.Base(f.Name), Open: func() (io.ReadCloser, error) {
			r, err := c.a.exported(i)
			if err != nil {
				return nil, err
			}
			sum.ReadCloser = &watched{ReadCloser: r, look: c.look}
			return sum, nil
		}})
		switch {
		case c.fatal != nil:
			return c.fatal
		case problem.Code(err) == "evidence.item":
			return exportChanged(err)
		case err != nil:
			return c.a.packageFailed(err)
		case sum.n != f.Size || [32]byte(sum.h.Sum(nil)) != f.SHA256:
			return exportChanged(nil)
		}
		c.moving.gave(f.Size)
		if err := c.access.line(accessLine{Ref: c.ref(f.Account, f.Service, f.Name), Account: f.Account, Service: f.Service, Verdict: "by-hand"}); err != nil {
			return err
		}
	}
	return nil
}

// summed hashes what is read through it.
type summed struct {
	io.ReadCloser
	h hash.Hash
	n int64
}

func (s *summed) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.h.Write(p[:n])
	s.n += int64(n)
	return n, err
}
