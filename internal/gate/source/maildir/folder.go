package maildir

import (
	"bytes"
	"errors"
	"io"
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
	name     string    // of the directory; "" is the inbox
	label    string    // what people call it
	messages []message // by key
	dirs     map[string]*os.Root
	odd      []source.Gap
	looks    int
}

// A message is a name in a mail folder. A large folder has as many as a gate's memory
// has room for, so nothing is kept twice.
type message struct {
	name   string // of its file
	unseen bool   // it lies in new, not in cur
}

// key is what names a message for as long as it is there; the rest are its flags.
func (m message) key() string {
	key, _, _ := strings.Cut(m.name, ":")
	return key
}

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
	for _, dir := range f.dirs {
		dir.Close()
	}
	f.dirs = nil
}

// dir gives new or cur, opened once: a path of two parts costs each message more.
func (p *pass) dir(f *folder, name string) (*os.Root, error) {
	if f.dirs[name] == nil {
		in, err := rooted.Enter(p.root, f.path(name))
		if err != nil {
			return nil, err
		}
		f.dirs[name] = in
	}
	return f.dirs[name], nil
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
		f, err := p.once(name, last)
		if err != nil {
			return nil, err
		}
		if last != nil && !f.adds(last) {
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

func (f *folder) sort() {
	slices.SortStableFunc(f.messages, func(a, b message) int { return strings.Compare(a.key(), b.key()) })
}

// once reads the names in new and cur, of which there are about as many as before.
func (p *pass) once(name string, before *folder) (*folder, error) {
	f := &folder{name: name, label: label(name), dirs: map[string]*os.Root{}}
	if before != nil {
		f.messages = make([]message, 0, len(before.messages)+1)
	}
	found := 0
	for _, d := range []string{"new", "cur"} { // a message goes from the first to the second
		err := p.ctx.Err()
		if err != nil {
			return nil, err
		}
		in, err := rooted.Enter(p.root, f.path(d))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found++
		err = f.names(in, d)
		in.Close()
		if err != nil {
			return nil, err
		}
	}
	if found == 0 {
		return nil, problem.New(problem.Unavailable, "source.unreadable", "this is no Maildir: it has neither cur nor new").At("%s", shown(f.path(".")))
	}
	f.sort()
	p.judge(f)
	return f, nil
}

// names lists a directory without looking at what the names stand for: whoever opens
// one does, and a mail folder is listed several times.
func (f *folder) names(in *os.Root, dir string) error {
	d, err := in.Open(".")
	if err != nil {
		return rooted.Unreadable(shown(f.path(dir)), err)
	}
	defer d.Close()
	first := len(f.messages)
	for {
		some, err := d.Readdirnames(1024)
		f.put(dir, some)
		if len(f.messages)-first > maxMessages {
			return problem.New(problem.Invalid, "source.too_large", "a mail folder holds more than %d names", maxMessages).At("%s", shown(f.path(dir)))
		}
		if err == io.EOF {
			slices.SortFunc(f.messages[first:], func(a, b message) int { return strings.Compare(a.name, b.name) })
			return nil
		}
		if err != nil {
			return rooted.Unreadable(shown(f.path(dir)), err)
		}
	}
}

// put adds names as parts of one text, which takes half the memory of a text each.
func (f *folder) put(dir string, names []string) {
	all := strings.Join(names, "")
	for _, n := range names {
		f.messages = append(f.messages, message{all[:len(n)], dir == "new"})
		all = all[len(n):]
	}
}

// judge takes out the names that are no message's, which are odd. Those of one key
// stand in a row, the one in new before that in cur.
func (p *pass) judge(f *folder) {
	kept := f.messages[:0]
	for _, m := range f.messages {
		key, reason, again := m.key(), "", false
		if len(kept) > 0 {
			again = kept[len(kept)-1].key() == key
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

// A file is a message while it is read. It may be renamed meanwhile.
type file struct {
	*os.File
	before fs.FileInfo
	read   []byte // from its start, for its header block; until the next message
	whole  bool   // that is all of it
}

// open opens a message, and looks where it is now if it is not where it was.
func (p *pass) open(f *folder, key string) (*file, error) {
	for missed := 0; ; {
		at, _ := f.find(key)
		opened, err := p.named(f, f.messages[at])
		if err == nil {
			return &file{File: opened.File, before: opened.Before}, nil
		}
		code := problem.Code(err)
		if !errors.Is(err, fs.ErrNotExist) && code != "source.changed" {
			return nil, problem.Of(err).At("%s", f.shown(key))
		}
		if f.looks == maxLooks {
			return nil, rooted.Changed(f.shown(key))
		}
		f.looks++
		now, err := p.list(f.name, quiet)
		if err != nil {
			return nil, err
		}
		if _, there := now.find(key); !there {
			missed++
		}
		if missed == 3 {
			return nil, rooted.Changed(f.shown(key))
		}
		f.adopt(now)
	}
}

// named opens the file of a message.
func (p *pass) named(f *folder, m message) (*rooted.File, error) {
	in, err := p.dir(f, m.dir())
	if err != nil {
		return nil, err
	}
	return rooted.Open(in, m.name)
}

// A body gives one message's bytes while its callback runs.
type body struct {
	file   *file
	memory []byte // all of it, where it was read for its header block
	whole  bool
	r      io.Reader
	shown  string
	closed bool
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed {
		return nil, source.Overdue()
	}
	if b.whole {
		b.r = bytes.NewReader(b.memory)
		return b, nil
	}
	_, err := b.file.Seek(0, io.SeekStart)
	if err != nil {
		return nil, rooted.Unreadable(b.shown, err)
	}
	b.r = b.file
	return b, nil
}

// Read gives an error instead of the end where the file is not what it was.
func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, source.Overdue()
	}
	n, err := b.r.Read(p)
	if err == io.EOF {
		now, serr := b.file.Stat()
		if serr != nil {
			return n, rooted.Unreadable(b.shown, serr)
		}
		if now.Size() != b.file.before.Size() || !now.ModTime().Equal(b.file.before.ModTime()) {
			return n, rooted.Changed(b.shown)
		}
		return n, io.EOF
	}
	if err != nil {
		err = rooted.Unreadable(b.shown, err)
	}
	return n, err
}

// Close implements io.Closer; the file is closed when the callback has ended.
func (b *body) Close() error { return nil }

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
