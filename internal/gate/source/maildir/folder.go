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
	name  string // of the directory; "" is the inbox
	label string // what people call it
	keys  []string
	at    map[string]string // where each message is, below the Maildir
	dirs  map[string]*os.Root
	odd   []source.Gap
	looks int
}

// adopt takes over where messages are now.
func (f *folder) adopt(now *folder) {
	for key, at := range now.at {
		f.at[key] = at
	}
}

// forget gives back what only reading needs.
func (f *folder) forget() {
	f.at = nil
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
		f, err := p.once(name)
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
	for key, at := range before.at {
		if f.at[key] == "" {
			f.at[key] = at
			f.keys = append(f.keys, key)
		}
	}
	slices.Sort(f.keys)
	return len(f.keys) > len(before.keys)
}

// once reads the names in new and cur.
func (p *pass) once(name string) (*folder, error) {
	f := &folder{name: name, label: label(name), at: map[string]string{}, dirs: map[string]*os.Root{}}
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
		all, err := names(in, shown(f.path(d)))
		in.Close()
		if err != nil {
			return nil, err
		}
		for _, name := range all {
			p.place(f, d, name)
		}
	}
	if found == 0 {
		return nil, problem.New(problem.Unavailable, "source.unreadable", "this is no Maildir: it has neither cur nor new").At("%s", shown(f.path(".")))
	}
	for key := range f.at {
		f.keys = append(f.keys, key)
	}
	slices.Sort(f.keys)
	return f, nil
}

// names lists a directory without looking at what the names stand for: whoever opens
// one does, and a mail folder is listed several times.
func names(in *os.Root, shown string) ([]string, error) {
	d, err := in.Open(".")
	if err != nil {
		return nil, rooted.Unreadable(shown, err)
	}
	defer d.Close()
	var out []string
	for {
		some, err := d.Readdirnames(1024)
		out = append(out, some...)
		if len(out) > maxMessages {
			return nil, problem.New(problem.Invalid, "source.too_large", "a mail folder holds more than %d names", maxMessages).At("%s", shown)
		}
		if err == io.EOF {
			slices.Sort(out)
			return out, nil
		}
		if err != nil {
			return nil, rooted.Unreadable(shown, err)
		}
	}
}

// place keeps where a message is; a name that is none's is odd.
func (p *pass) place(f *folder, dir, name string) {
	if strings.HasPrefix(name, ".") {
		return // no message (the format's own rule)
	}
	path := f.path(dir + "/" + name)
	key, _, _ := strings.Cut(name, ":")
	reason := ""
	switch {
	case key == "":
		reason = gapKey
	case f.at[key] != "" && p.both(f.at[key], path):
		reason = gapTwice
	}
	if reason != "" {
		f.odd = append(f.odd, source.Gap{Place: shown(path), Reason: reason})
		return
	}
	f.at[key] = path
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
		opened, err := p.named(f, f.at[key])
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
		if now.at[key] == "" {
			missed++
		}
		if missed == 3 {
			return nil, rooted.Changed(f.shown(key))
		}
		f.adopt(now)
	}
}

// named opens what has this path below the Maildir.
func (p *pass) named(f *folder, path string) (*rooted.File, error) {
	dir, name := "cur", strings.TrimPrefix(path, f.path("cur/"))
	if name == path {
		dir, name = "new", strings.TrimPrefix(path, f.path("new/"))
	}
	in, err := p.dir(f, dir)
	if err != nil {
		return nil, err
	}
	return rooted.Open(in, name)
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
