package law

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"counterseal/internal/problem"
)

// Source is the file of a pack, not read yet.
type Source struct {
	File string // as it is shown
	Name string // that the pack must have
	Data []byte
}

// Embedded parses the packs that come with the program, sorted by name. The
// pack in packs/us/sca.yaml is named us.sca.
//
// They are parsed once in a process; nobody changes what is given.
func Embedded() ([]*Pack, error) { return parsedOnce() }

var parsedOnce = sync.OnceValues(func() ([]*Pack, error) { return Load(embedded, "packs") })

// EmbeddedSources are the files of the packs that come with the program.
func EmbeddedSources() ([]Source, error) { return Sources(embedded, "packs", "packs") }

// Load parses every dir/*/*.yaml of a file system, sorted by path.
func Load(fsys fs.FS, dir string) ([]*Pack, error) {
	sources, err := Sources(fsys, dir, dir)
	if err != nil {
		return nil, err
	}
	return Parse(sources)
}

// Parse parses packs. The first refusal ends it; Check lists all of them.
func Parse(sources []Source) ([]*Pack, error) { return parseBy(ParsePack, sources) }

// ParseDrafts parses packs to be tried: ParseDraft says how they may be unfinished.
func ParseDrafts(sources []Source) ([]*Pack, error) { return parseBy(ParseDraft, sources) }

func parseBy(parse func(string, []byte) (*Pack, error), sources []Source) ([]*Pack, error) {
	packs := make([]*Pack, 0, len(sources))
	for _, s := range sources {
		p, err := parse(s.File, s.Data)
		if err != nil {
			return nil, err
		}
		err = s.named(p)
		if err != nil {
			return nil, err
		}
		packs = append(packs, p)
	}
	return packs, nil
}

func (s Source) named(p *Pack) error {
	if p.Name == s.Name {
		return nil
	}
	return problem.New(problem.Invalid, "law.pack_name", "the pack in this file must be named %s", s.Name).At("%s", s.File)
}

// Sources reads every dir/*/*.yaml of a file system, sorted by path, and shows the
// files as lying in shown. Codes: law.read, law.size, law.no_packs, law.pack_place,
// law.too_many_packs.
func Sources(fsys fs.FS, dir, shown string) ([]Source, error) {
	files, err := glob(fsys, dir, "*/*.yaml")
	if err != nil {
		return nil, err
	}
	for _, elsewhere := range []string{"*.yaml", "*.yml", "*/*.yml"} {
		stray, err := glob(fsys, dir, elsewhere)
		if err != nil {
			return nil, err
		}
		if len(stray) > 0 {
			return nil, problem.New(problem.Invalid, "law.pack_place", "a pack lies in a folder of its jurisdiction, and its name ends in .yaml").
				At("%s", path.Join(shown, under(dir, stray[0]))).Fix("us.sca is the file us/sca.yaml")
		}
	}
	if len(files) == 0 {
		return nil, problem.New(problem.Invalid, "law.no_packs", "no pack lies in this folder").At("%s", shown).Fix("put a pack named us.sca into the file us/sca.yaml of the folder")
	}
	if len(files) > MaxPacks {
		return nil, problem.New(problem.Invalid, "law.too_many_packs", "the folder has %d packs, more than %d", len(files), MaxPacks).At("%s", shown)
	}
	out, total := make([]Source, 0, len(files)), 0
	for _, file := range files {
		as := path.Join(shown, under(dir, file))
		data, err := readLimited(fsys, file, as)
		if err != nil {
			return nil, err
		}
		total += len(data)
		if total > MaxFolder {
			return nil, tooLarge(shown)
		}
		out = append(out, Source{as, path.Base(path.Dir(file)) + "." + strings.TrimSuffix(path.Base(file), ".yaml"), data})
	}
	return out, nil
}

func glob(fsys fs.FS, dir, pattern string) ([]string, error) {
	files, err := fs.Glob(fsys, path.Join(dir, pattern))
	if err != nil {
		return nil, problem.New(problem.Internal, "law.read", "the rule packs cannot be listed").Because(err)
	}
	return files, nil
}

func under(dir, file string) string { return strings.TrimPrefix(strings.TrimPrefix(file, dir), "/") }

// Over lays packs over others: one of the same name takes the other's place.
func Over(base, over []Source) []Source {
	out := slices.DeleteFunc(slices.Clone(base), func(b Source) bool {
		return slices.ContainsFunc(over, func(o Source) bool { return o.Name == b.Name })
	})
	out = append(out, over...)
	slices.SortStableFunc(out, func(a, b Source) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func readLimited(fsys fs.FS, file, shown string) ([]byte, error) {
	info, err := fs.Stat(fsys, file)
	if err != nil || !info.Mode().IsRegular() {
		return nil, problem.New(problem.Unavailable, "law.read", "a rule pack cannot be read").At("%s", shown).Because(err)
	}
	if info.Size() > MaxPack {
		return nil, tooLarge(shown)
	}
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "law.read", "a rule pack cannot be read").At("%s", shown).Because(err)
	}
	return data, nil
}
