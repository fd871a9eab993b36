package maildir

import (
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
)

const (
	maxMessages = 1 << 20 // of one mail folder
	maxLooks    = 100     // how often a mail folder is listed again for messages that were renamed
	maxName     = 4096
)

// A folder is a mail folder as it was listed.
type folder struct {
	name     string         // of the directory; "" is the inbox
	label    string         // what people call it
	messages []message      // by key
	read     reading        // of its list
	certain  bool           // no key stands in it twice
	dirs     [2]*rooted.Dir // cur and new
	odd      []source.Gap
	looks    int
}

// A message is a name in a mail folder. A large folder has as many as a gate's memory
// has room for, so nothing is kept twice.
type message struct {
	name    string // of its file
	keyLen  int32
	unseen  bool // it lies in new, not in cur
	regular bool // the list says that it is a file
}

// key is what names a message for as long as it is there; the rest are its flags.
func (m message) key() string { return m.name[:m.keyLen] }

// dir is the directory below the folder in which it lies.
func (m message) dir() string {
	if m.unseen {
		return "new"
	}
	return "cur"
}

func (m message) path() string { return m.dir() + "/" + m.name }

// find gives the place of a key, or where it would be.
func (f *folder) find(key string) (int, bool) {
	return slices.BinarySearchFunc(f.messages, key, func(m message, key string) int { return strings.Compare(m.key(), key) })
}

// adopt takes over where messages are now.
func (f *folder) adopt(now *folder) {
	for i, m := range f.messages {
		if n, ok := now.find(m.key()); ok {
			f.messages[i] = now.messages[n]
		}
	}
}

// forget gives back what only reading needs.
func (f *folder) forget() {
	for i, dir := range f.dirs {
		if dir != nil {
			dir.Close()
		}
		f.dirs[i] = nil
	}
}

// dir gives new or cur, opened once: a path of two parts costs each message more.
func (p *pass) dir(f *folder, m message) (*rooted.Dir, error) {
	i := 0
	if m.unseen {
		i = 1
	}
	if f.dirs[i] == nil {
		in, err := rooted.List(p.root, f.path(m.dir()))
		if err != nil {
			return nil, err
		}
		f.dirs[i] = in
	}
	return f.dirs[i], nil
}

// shown names a message for people: the mail folder and its key.
func (f *folder) shown(key string) string { return source.Escape(f.label+"/"+key, maxName) }

// path gives a name below the folder.
func (f *folder) path(name string) string {
	if f.name == "" {
		return name
	}
	return f.name + "/" + name
}

// list lists a mail folder until a list holds no key that those before it did not: a
// name that changes while a directory is read can stand in its list twice, or not at
// all. A key that is gone by then is found out when it is opened.
func (p *pass) list(name string, gap func(source.Gap) error) (*folder, error) {
	var last *folder
	for range 10 {
		f := last
		again, err := p.again(last)
		if err != nil {
			return nil, err
		}
		if !again {
			f, err = p.once(name)
		}
		if err != nil {
			return nil, err
		}
		if again || last != nil && !f.adds(last) {
			for _, g := range f.odd {
				err := gap(g)
				if err != nil {
					return nil, err
				}
			}
			return f, nil
		}
		last = f
	}
	return nil, rooted.Changed(shown(last.path(".")))
}

// again reports whether the list of a mail folder is, to the byte, what it was. Nothing
// is kept of it, and nothing sorted.
func (p *pass) again(f *folder) (bool, error) {
	if f == nil || !f.certain {
		return false, nil
	}
	if p.still(f) {
		return true, nil
	}
	now, err := p.scan(f, func(bool, []byte, bool) error { return nil })
	return err == nil && now.digest == f.read.digest, err
}

// still reports whether it is certain, without reading it, that a list is what it was
// before it was read.
func (p *pass) still(f *folder) bool {
	for i, d := range halves {
		if !f.read.states[i].Known() {
			return false
		}
		in, err := rooted.List(p.root, f.path(d))
		if err != nil {
			return false // reading the list says why
		}
		now := in.State()
		in.Close()
		if now != f.read.states[i] {
			return false
		}
	}
	return true
}

// adds puts in what an earlier list had, and reports whether there is more now.
func (f *folder) adds(before *folder) bool {
	var lost []message
	for _, m := range before.messages {
		if _, ok := f.find(m.key()); !ok {
			lost = append(lost, m)
		}
	}
	if lost != nil {
		f.messages = append(f.messages, lost...)
		f.sort()
	}
	return len(f.messages) > len(before.messages)
}

// sort puts those of one key in a row: the one in new before that in cur, and then by
// their names.
func (f *folder) sort() {
	slices.SortFunc(f.messages, func(a, b message) int {
		switch c := strings.Compare(a.key(), b.key()); {
		case c != 0:
			return c
		case a.unseen != b.unseen && a.unseen:
			return -1
		case a.unseen != b.unseen:
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
}

// once reads the names in new and cur.
func (p *pass) once(name string) (*folder, error) {
	f := &folder{name: name, label: label(name)}
	var n names
	read, err := p.scan(f, n.put)
	if err != nil {
		return nil, err
	}
	if read.found == 0 {
		return nil, problem.New(problem.Unavailable, "source.unreadable", "this is no Maildir: it has neither cur nor new").At("%s", shown(f.path(".")))
	}
	f.read, f.messages = read, n.messages()
	f.sort()
	p.judge(f)
	return f, nil
}

// halves are the two directories of a mail folder: a message goes from the first to the
// second, and they are read in that order.
var halves = [2]string{"new", "cur"}

// A reading is what there is to know of a mail folder's list after it was read.
type reading struct {
	found  int               // how many of the two there are
	digest [sha256.Size]byte // of all that was read
	states [2]rooted.State   // before it was read
}

// scan reads the lists of new and cur without looking at what the names stand for:
// whoever opens one does, and a mail folder is listed several times.
func (p *pass) scan(f *folder, each func(unseen bool, name []byte, regular bool) error) (r reading, err error) {
	all := newDigest()
	for i, d := range halves {
		err := p.ctx.Err()
		if err != nil {
			return r, err
		}
		in, err := rooted.List(p.root, f.path(d))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return r, err
		}
		r.found++
		r.states[i] = in.State()
		err = p.half(f, in, d, all, each)
		in.Close()
		if err != nil {
			return r, err
		}
	}
	r.digest = all.sum()
	return r, nil
}

func (p *pass) half(f *folder, in *rooted.Dir, d string, all *digest, each func(unseen bool, name []byte, regular bool) error) error {
	names := 0
	all.add([]byte(d), 'd')
	err := in.Names(func(name []byte, regular bool) error {
		names++
		if names > p.limits.messages {
			return problem.New(problem.Invalid, "source.too_large", "a mail folder holds more than %d names", p.limits.messages).At("%s", shown(f.path(d)))
		}
		what := byte('?')
		if regular {
			what = 'f'
		}
		all.add(name, what)
		return each(d == "new", name, regular)
	})
	if err != nil && problem.Code(err) != "source.too_large" {
		return rooted.Unreadable(shown(f.path(d)), err)
	}
	return err
}

// judge takes out the names that are no message's, which are odd. Those of one key
// stand in a row, the one in new before that in cur.
func (p *pass) judge(f *folder) {
	kept := f.messages[:0]
	f.certain = true
	for _, m := range f.messages {
		key, reason, again := m.key(), "", false
		if len(kept) > 0 {
			again = kept[len(kept)-1].key() == key
			f.certain = f.certain && !again
		}
		switch {
		case strings.HasPrefix(m.name, "."):
			continue // no message (the format's own rule)
		case key == "":
			reason = gapKey
		case again && p.both(f.path(kept[len(kept)-1].path()), f.path(m.path())):
			reason = gapTwice
		}
		switch {
		case reason != "":
			f.odd = append(f.odd, source.Gap{Place: shown(f.path(m.path())), Reason: reason})
		case again:
			kept[len(kept)-1] = m
		default:
			kept = append(kept, m)
		}
	}
	clear(f.messages[len(kept):])
	f.messages = kept
}

// both reports whether two names stand for two files: not one that was renamed
// while it was listed, and not two links of one.
func (p *pass) both(a, b string) bool {
	one, err := p.root.Lstat(a)
	if err != nil {
		return false
	}
	other, err := p.root.Lstat(b)
	return err == nil && !os.SameFile(one, other)
}

// label gives a mail folder's name as people write it: parts between slashes. A
// name that is not modified UTF-7 stays as it is.
func label(dir string) string {
	if dir == "" {
		return "INBOX"
	}
	parts := strings.Split(strings.TrimPrefix(dir, "."), ".")
	for i, p := range parts {
		if name, ok := letter.DecodeFolder(p); ok {
			parts[i] = name
		}
	}
	return strings.Join(parts, "/")
}
