package app

import (
	"context"
	"crypto/sha256"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Collected says how a person collected an export with a store's own tools.
type Collected struct {
	Person    demand.Person
	From, How string      // in words
	Covers    scope.Scope // what it covers; empty: everything that is compelled and not yet released
}

// Progress is told how many of how many bytes are done.
type Progress func(done, total int64)

// HandExport is a folder with what a person exported, read once and named file by
// file; its text waits for the collector's signature.
type HandExport struct {
	Manifest grant.Export
	Text     []byte
	root     *os.Root
}

// Close gives the folder back.
func (h *HandExport) Close() error { return h.root.Close() }

// ReadExport reads a folder and makes the manifest of everything in it. Where what
// the export covers is of one account, service and category, all files are of
// that; otherwise the first three folders of each file's name say
// ACCOUNT/SERVICE/CATEGORY. Nothing is left out: what cannot be given is refused.
// Codes: app.export_folder, app.export_file, app.export_place, grant.nothing, and
// those of grant.Export.Bytes.
func (o *Office) ReadExport(ctx context.Context, id demand.ID, folder string, by Collected, told Progress) (*HandExport, error) {
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return nil, err
	}
	if by.Covers.Empty() {
		part, some := unreleased(c.State)
		if !some {
			return nil, problem.New(problem.Refused, "grant.nothing", "nothing has been decided to be given").Fix("decide a line first")
		}
		by.Covers = part
	}
	root, err := openExportFolder(folder)
	if err != nil {
		return nil, err
	}
	h := &HandExport{root: root, Manifest: grant.Export{Provider: o.Config.Provider, Demand: string(id), Gate: o.Config.Gate.ID, Collector: string(by.Person),
		At: o.Clock.Now().UTC().Truncate(time.Second), From: canon.Text(by.From), How: canon.Text(by.How), Covers: by.Covers}}
	if err := h.read(ctx, told); err != nil {
		root.Close()
		return nil, err
	}
	return h, nil
}

// OpenExport is ReadExport where the manifest was made and signed before. The gate
// holds the files against it. Codes: app.export_folder, and those of
// grant.ParseExport.
func (o *Office) OpenExport(folder string, text []byte) (*HandExport, error) {
	e, err := grant.ParseExport(text)
	if err != nil {
		return nil, err
	}
	root, err := openExportFolder(folder)
	if err != nil {
		return nil, err
	}
	return &HandExport{Manifest: e, Text: text, root: root}, nil
}

func openExportFolder(folder string) (*os.Root, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, problem.New(problem.Invalid, "app.export_folder", "the folder of the export cannot be opened").At("%s", folder).Fix("name the folder that the store's tools wrote into").Because(err)
	}
	return root, nil
}

func (h *HandExport) read(ctx context.Context, told Progress) error {
	names, total, err := h.list()
	if err != nil {
		return err
	}
	slices.Sort(names)
	var done int64
	for _, name := range names {
		f, err := h.place(name)
		if err != nil {
			return err
		}
		f.SHA256, f.Size, err = h.sum(ctx, name, func(n int64) { done += n; told(done, total) })
		if err != nil {
			return err
		}
		h.Manifest.Files = append(h.Manifest.Files, f)
	}
	h.Text, err = h.Manifest.Bytes()
	return err
}

// list names every file. Whatever is neither a folder nor a plain file is refused:
// behind a link could lie anything.
func (h *HandExport) list() (names []string, total int64, err error) {
	err = fs.WalkDir(h.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return exportFile(name, err)
		}
		if d.IsDir() {
			return nil
		}
		if !d.Type().IsRegular() {
			return exportFile(name, nil)
		}
		if err := grant.ExportName(name); err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return exportFile(name, err)
		}
		if len(names) == grant.MaxExportFiles {
			return problem.New(problem.Invalid, "export.too_large", "an export has at most %d files", grant.MaxExportFiles).Fix("divide it, or put many small files into one archive")
		}
		names, total = append(names, name), total+info.Size()
		return nil
	})
	return names, total, err
}

func exportFile(name string, err error) error {
	return problem.New(problem.Invalid, "app.export_file", "an export holds plain files that can be read, and nothing else").At("%.120q", name).
		Fix("put the file itself there, not a link to it").Because(err)
}

// place says of which account, service and category a file is.
func (h *HandExport) place(name string) (grant.ExportFile, error) {
	f := grant.ExportFile{Name: name}
	type triple struct {
		account  scope.AccountID
		service  scope.Service
		category scope.Category
	}
	known := map[triple]bool{}
	for _, s := range h.Manifest.Covers.Selectors() {
		f.Account, f.Service, f.Category = s.Account, s.Service, s.Category
		known[triple{s.Account, s.Service, s.Category}] = true
	}
	if len(known) == 1 {
		return f, nil
	}
	w := strings.SplitN(name, "/", 4)
	if len(w) == 4 {
		f.Account, f.Service, f.Category = scope.AccountID(w[0]), scope.Service(w[1]), scope.Category(w[2])
	}
	if len(w) < 4 || !known[triple{f.Account, f.Service, f.Category}] {
		return f, problem.New(problem.Invalid, "app.export_place", "the export covers several accounts, services or categories, and this file does not say of which it is").At("%.120q", name).
			Fix("put the files into folders ACCOUNT/SERVICE/CATEGORY, such as ac-june/mail/content")
	}
	return f, nil
}

func (h *HandExport) sum(ctx context.Context, name string, more func(int64)) (d [sha256.Size]byte, size int64, err error) {
	f, err := h.root.Open(name)
	if err != nil {
		return d, 0, exportFile(name, err)
	}
	defer f.Close()
	sum, buf := sha256.New(), make([]byte, 256<<10)
	for {
		if ctx.Err() != nil {
			return d, 0, problem.New(problem.Unavailable, "app.stopped", "the export was given up before it was read").Because(ctx.Err())
		}
		n, err := f.Read(buf)
		sum.Write(buf[:n])
		size += int64(n)
		more(int64(n))
		if err == io.EOF {
			return [sha256.Size]byte(sum.Sum(nil)), size, nil
		}
		if err != nil {
			return d, 0, exportFile(name, err)
		}
	}
}

// BringExport takes a signed export to the gate, its files as a stream. Codes:
// those of gate.Desk.AnnounceExport and BringExport, app.export_file.
func (o *Office) BringExport(ctx context.Context, h *HandExport, signed []byte, told Progress) (gate.Export, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return gate.Export{}, err
	}
	out, err := o.Desk().AnnounceExport(ctx, grant.Signed{Text: h.Text, Signature: signed})
	if err != nil || out.Kept {
		return out, err
	}
	s := &stream{h: h, total: out.Bytes, told: told}
	defer s.close()
	return o.Desk().BringExport(ctx, out.Export, s)
}

// stream is the files one behind the other. The gate holds each against its digest.
type stream struct {
	h           *HandExport
	next        int
	f           *os.File
	left        int64
	done, total int64
	told        Progress
}

func (s *stream) Read(p []byte) (int, error) {
	for s.left == 0 {
		s.close()
		if s.next == len(s.h.Manifest.Files) {
			return 0, io.EOF
		}
		file := s.h.Manifest.Files[s.next]
		f, err := s.h.root.Open(file.Name)
		if err != nil {
			return 0, exportFile(file.Name, err)
		}
		s.f, s.left, s.next = f, file.Size, s.next+1
	}
	n, err := s.f.Read(p[:min(int64(len(p)), s.left)])
	s.left, s.done = s.left-int64(n), s.done+int64(n)
	s.told(s.done, s.total)
	if err == io.EOF && s.left > 0 {
		return n, problem.New(problem.Conflict, "app.export_changed", "a file became shorter after it was listed").At("%.120q", s.h.Manifest.Files[s.next-1].Name).
			Fix("collect again when the store's tools have ended")
	}
	if err != nil && err != io.EOF {
		return n, exportFile(s.h.Manifest.Files[s.next-1].Name, err)
	}
	return n, nil
}

func (s *stream) close() {
	if s.f != nil {
		s.f.Close()
		s.f = nil
	}
}

// OnlyExport is the one export that the gate keeps of a demand. Codes:
// gate.export_missing, app.export_which.
func (o *Office) OnlyExport(ctx context.Context, id demand.ID) (grant.Digest, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return grant.Digest{}, err
	}
	list, err := o.Desk().Exports(ctx)
	if err != nil {
		return grant.Digest{}, err
	}
	list = slices.DeleteFunc(list, func(e gate.Export) bool { return e.Demand != string(id) })
	switch len(list) {
	case 0:
		return grant.Digest{}, problem.New(problem.Missing, "gate.export_missing", "the gate keeps no export of this demand").At("%s", id).Fix("bring one: counterseal gate collect --help")
	case 1:
		return grant.ParseDigest(list[0].Export)
	}
	return grant.Digest{}, problem.New(problem.Invalid, "app.export_which", "the gate keeps %d exports of this demand", len(list)).At("%s", id).Fix("name one with --export; counterseal gate list shows them")
}

// LastCall is the last call about a demand on which the agency confirmed it. Code:
// grant.caller_missing.
func (o *Office) LastCall(ctx context.Context, id demand.ID) (grant.Digest, error) {
	if o.Desk() == nil {
		_, err := o.charter()
		return grant.Digest{}, err
	}
	calls, err := o.Desk().Calls(ctx, string(id))
	if err != nil {
		return grant.Digest{}, err
	}
	for _, c := range slices.Backward(calls) {
		if c.Confirmed {
			return grant.ParseDigest(c.Call)
		}
	}
	return grant.Digest{}, problem.New(problem.Refused, "grant.caller_missing", "nobody has called the agency back about this demand").At("%s", id).
		Fix("call a contact that the charter holds, and record it: counterseal gate called --help")
}

// setTerms writes the terms into a grant.
func (o *Office) setTerms(ctx context.Context, g *grant.Grant, s *demand.State, t Terms) error {
	g.Production, g.Emergency = t.Production, t.Emergency
	if g.Production == "" {
		g.Production = grant.First
		if slices.ContainsFunc(s.Grants, func(g demand.Grant) bool { return g.Outcome == demand.Released }) {
			g.Production = grant.Supplement
		}
	}
	if t.Emergency && t.Call == (grant.Digest{}) {
		var err error
		t.Call, err = o.LastCall(ctx, demand.ID(g.Demand))
		if err != nil {
			return err
		}
	}
	if t.Call != (grant.Digest{}) {
		if err := o.setCall(ctx, g, t.Call); err != nil {
			return err
		}
	}
	if t.Export == (grant.Digest{}) {
		return nil
	}
	text, err := o.Desk().ExportText(ctx, t.Export.String())
	if err != nil {
		return err
	}
	e, err := grant.ParseExport(text)
	if err != nil {
		return err
	}
	g.Export, err = e.Facts()
	g.Scope = e.Covers
	g.Targets = grantTargets(s, g.Scope)
	return err
}

func (o *Office) setCall(ctx context.Context, g *grant.Grant, digest grant.Digest) error {
	text, err := o.Desk().CallText(ctx, digest.String())
	if err != nil {
		return err
	}
	call, err := grant.ParseCall(text)
	if err != nil {
		return err
	}
	g.Caller, g.Call = call.Caller, digest
	if call.Key != "" && !g.ByZip() {
		g.Recipient = call.Key
	}
	return nil
}

func collected(g grant.Grant) string {
	if g.ByHand() {
		return string(release.ByHand)
	}
	return string(release.ByGate)
}

// CallBack is what the caller of an agency signs. The agency is the demand's;
// contact is "" for the one that the charter holds, and key "" where none was read
// back. Codes: app.no_charter, call.contact_unknown, and those of grant.Call.Bytes.
func (o *Office) CallBack(ctx context.Context, id demand.ID, caller demand.Person, contact, reached, key string, confirmed bool) ([]byte, error) {
	c, err := o.Docket.State(ctx, id)
	if err != nil {
		return nil, err
	}
	charter, err := o.charter()
	if err != nil {
		return nil, err
	}
	call := grant.Call{Provider: o.Config.Provider, Demand: string(id), Agency: c.State.Instrument.Agency, Contact: contact, Reached: canon.Text(reached), Caller: string(caller),
		At: o.Clock.Now().UTC().Truncate(time.Second), Confirmed: confirmed, Key: key}
	for _, a := range charter.Agencies {
		if a.ID == call.Agency && call.Contact == "" && len(a.Contacts) > 0 {
			call.Contact = a.Contacts[0]
		}
	}
	if call.Contact == "" {
		return nil, problem.New(problem.Refused, "call.contact_unknown", "the charter holds no contact of this agency").At("%s", call.Agency).
			Fix("register one in agencies.toml and run counterseal gate amend")
	}
	return call.Bytes()
}
