package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"counterseal/internal/grant"
	"counterseal/internal/law"
	"counterseal/internal/problem"
)

// Which rules count here. Once there is a charter, the packs that it lists by their
// digests, and no other: a pack that the quorum has not signed does not load, be it
// newer, be it the program's own. Before there is a charter, the packs that came with
// the program count, since there is nobody yet who could have signed for others.

// OwnPacks is where a provider's own packs lie, as us/sca.yaml. They are laid over the
// program's, and count from the charter statement that lists them.
func (f Folder) OwnPacks() string { return f.path("law") }

// keptPack is the text of a listed pack, by its digest. It stays when the program is
// replaced by one that brings other packs.
func (f Folder) keptPack(d grant.Digest) string {
	return f.path("charter", "packs", d.String()+".yaml")
}

// rules are the packs in force, compiled when somebody first asks them.
type rules struct {
	mu     sync.Mutex
	listed []grant.Pack
	engine *law.Engine
}

// Law is the engine of the packs in force. It is compiled anew when the charter comes
// to list others. Codes: law.unlisted, law.pack_lost, and those of Folder.Charter and
// package law.
func (o *Office) Law() (*law.Engine, error) {
	listed, err := o.listedPacks()
	if err != nil {
		return nil, err
	}
	o.rules.mu.Lock()
	defer o.rules.mu.Unlock()
	if o.rules.engine != nil && slices.Equal(o.rules.listed, listed) {
		return o.rules.engine, nil
	}
	sources, err := o.Folder.inForce(listed)
	if err != nil {
		return nil, err
	}
	engine, err := compile(sources)
	if err != nil {
		return nil, err
	}
	o.rules.listed, o.rules.engine = listed, engine
	return engine, nil
}

// listedPacks are those of the charter; nil where there is no charter yet.
func (o *Office) listedPacks() ([]grant.Pack, error) {
	c, err := o.charter()
	if problem.Code(err) == "app.no_charter" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(c.Packs) == 0 {
		return nil, problem.New(problem.Refused, "law.unlisted", "the charter lists no rule pack, so no rule counts and no demand can be assessed").
			Fix("list them with: counterseal gate amend")
	}
	return c.Packs, nil
}

func compile(sources []law.Source) (*law.Engine, error) {
	packs, err := law.Parse(sources)
	if err != nil {
		return nil, err
	}
	return law.NewEngine(packs...)
}

// inForce finds the texts of listed packs by their digests: among those that were
// kept, the program's, and the folder's own. nil lists those of the program. Codes:
// law.pack_lost.
func (f Folder) inForce(listed []grant.Pack) ([]law.Source, error) {
	embedded, err := law.EmbeddedSources()
	if err != nil || listed == nil {
		return embedded, err
	}
	known := embedded
	out := make([]law.Source, 0, len(listed))
	var amiss error
	for _, p := range listed {
		s, found := ofDigest(known, p)
		if !found {
			s, found = f.readKept(p)
		}
		if !found && amiss == nil {
			own, err := f.ownPacks()
			known, amiss = append(slices.Clone(known), own...), err
			s, found = ofDigest(known, p)
		}
		if !found {
			return nil, problem.New(problem.Unavailable, "law.pack_lost", "the charter lists a rule pack whose text is not here, so no demand can be assessed").
				At("%s %s", p.Name, p.Digest).Fix("put the file with this SHA-256 back as %s, or list another with: counterseal gate amend", f.keptPack(p.Digest)).Because(amiss)
		}
		out = append(out, s)
	}
	return out, nil
}

func ofDigest(sources []law.Source, p grant.Pack) (law.Source, bool) {
	i := slices.IndexFunc(sources, func(s law.Source) bool { return s.Name == p.Name && digestOf(s) == p.Digest })
	if i < 0 {
		return law.Source{}, false
	}
	return sources[i], true
}

func digestOf(s law.Source) grant.Digest { return sha256.Sum256(s.Data) }

func (f Folder) readKept(p grant.Pack) (law.Source, bool) {
	path := f.keptPack(p.Digest)
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > law.MaxPack {
		return law.Source{}, false
	}
	text, err := os.ReadFile(path)
	s := law.Source{File: path, Name: p.Name, Data: text}
	return s, err == nil && digestOf(s) == p.Digest
}

// ownPacks are the provider's own; none where the folder is missing or empty.
func (f Folder) ownPacks() ([]law.Source, error) {
	entries, err := os.ReadDir(f.OwnPacks())
	if errors.Is(err, fs.ErrNotExist) || (err == nil && len(entries) == 0) {
		return nil, nil
	}
	return law.Sources(os.DirFS(f.OwnPacks()), ".", f.OwnPacks())
}

// draftPacks are those that the next charter statement lists: the program's, with the
// provider's own laid over them. An own pack that law check finds an error in is not
// drafted, so what is in force stays. Codes: law.check, and those of package law.
func (f Folder) draftPacks() ([]law.Source, error) {
	sources, err := law.EmbeddedSources()
	if err != nil {
		return nil, err
	}
	own, err := f.ownPacks()
	if err != nil || len(own) == 0 {
		return sources, err
	}
	sources = law.Over(sources, own)
	ours := func(s law.Source) bool {
		return slices.ContainsFunc(own, func(o law.Source) bool { return o.File == s.File })
	}
	for _, r := range law.CheckOf(sources, ours) {
		if r.Severity == law.Defect {
			return nil, problem.New(problem.Invalid, "law.check", "a pack is not in order: %s", r.Says).At("%s:%d %s (%s)", r.File, r.Line, r.Rule, r.Code).
				Fix("see all of it with: counterseal law check %s", f.OwnPacks())
		}
	}
	_, err = compile(sources)
	return sources, err
}

// keepPacks keeps the text of every listed pack, before the charter that lists them
// is handed to the gate. Codes: law.pack_lost, app.folder.
func (f Folder) keepPacks(listed []grant.Pack) error {
	if len(listed) == 0 {
		return nil
	}
	sources, err := f.inForce(listed)
	if err != nil {
		return err
	}
	err = os.MkdirAll(filepath.Dir(f.keptPack(grant.Digest{})), 0o755)
	if err != nil {
		return folderProblem(err)
	}
	for _, s := range sources {
		path := f.keptPack(digestOf(s))
		if s.File == path {
			continue
		}
		err = keepOnce(path, 0o644, s.Data)
		if err != nil {
			return folderProblem(err)
		}
	}
	return nil
}

// PackState is one rule pack: as it is in force, and as the next charter statement
// would list it.
type PackState struct {
	Name    string   `json:"name"`
	Title   string   `json:"title"`
	InForce *PackRef `json:"in_force"` // null: it is listed nowhere yet
	Next    *PackRef `json:"next"`     // null: gate amend would drop it
	Own     bool     `json:"own"`      // the next one is the provider's own
}

// PackRef names one text of a pack.
type PackRef struct {
	Version string `json:"version"`
	Digest  string `json:"sha256"`
	Rules   int    `json:"rules"` // rules, deadlines and rules of reach
}

// Waits reports whether the next charter statement would change the pack.
func (p PackState) Waits() bool {
	return p.InForce == nil || p.Next == nil || p.InForce.Digest != p.Next.Digest
}

// Packs are the rule packs in force, and what the program and the provider's own
// folder hold beside them. Without a charter, the provider's own wait for one. Codes:
// those of Law, and of package law.
func (o *Office) Packs() (statement int, packs []PackState, err error) {
	engine, err := o.Law()
	if err != nil {
		return 0, nil, err
	}
	sources, err := o.Folder.draftPacks()
	if err != nil {
		return 0, nil, err
	}
	next, err := law.Parse(sources)
	if err != nil {
		return 0, nil, err
	}
	own, err := o.Folder.ownPacks()
	if err != nil {
		return 0, nil, err
	}
	c, err := o.charter()
	if err != nil && problem.Code(err) != "app.no_charter" {
		return 0, nil, err
	}
	if c != nil {
		statement = c.Number
	}
	byName := map[string]*PackState{}
	named := func(p *law.Pack) *PackState {
		if byName[p.Name] == nil {
			byName[p.Name] = &PackState{Name: p.Name, Title: p.Title}
		}
		return byName[p.Name]
	}
	for _, p := range engine.Packs() {
		named(p).InForce = refOf(p)
	}
	for _, p := range next {
		s := named(p)
		s.Next, s.Title = refOf(p), p.Title
		s.Own = slices.ContainsFunc(own, func(x law.Source) bool { return x.Name == p.Name })
	}
	for _, s := range byName {
		packs = append(packs, *s)
	}
	slices.SortFunc(packs, func(a, b PackState) int { return strings.Compare(a.Name, b.Name) })
	return statement, packs, nil
}

func refOf(p *law.Pack) *PackRef {
	return &PackRef{Version: p.Version, Digest: hex.EncodeToString(p.Digest[:]), Rules: len(p.IDs())}
}

// nextPacks are the packs that the next charter statement would list.
func (o *Office) nextPacks() ([]*law.Pack, error) {
	sources, err := o.Folder.draftPacks()
	if err != nil {
		return nil, err
	}
	return law.Parse(sources)
}

// examineLaw says which rules count, and whether others wait for the quorum.
func (o *Office) examineLaw(h *Health) {
	statement, packs, err := o.Packs()
	if err != nil {
		h.check("rules", "", err)
		return
	}
	inForce, waiting := 0, []string{}
	for _, p := range packs {
		if p.InForce != nil {
			inForce++
		}
		if p.Waits() {
			waiting = append(waiting, p.Name)
		}
	}
	says := fmt.Sprintf("%d packs, as charter statement %d lists them", inForce, statement)
	if statement == 0 {
		says = fmt.Sprintf("%d packs, those that came with the program", inForce)
	}
	if len(waiting) > 0 {
		says += fmt.Sprintf("; others wait to be listed: %s (counterseal law packs)", strings.Join(waiting, ", "))
	}
	h.check("rules", says, nil)
}
