package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const (
	maxDepth   = 200
	maxEntries = 1 << 20 // of one folder
	maxName    = 4096    // bytes of an item's name
)

// Reasons for a gap.
const (
	gapLink  = "source.link"       // a symbolic link: it is not followed
	gapKind  = "source.not_a_file" // a pipe, a socket, a device
	gapDeep  = "source.too_deep"   // a folder below maxDepth; nothing of it was looked at
	dateWord = "received:date_range sent:date_range"
)

// A walk is one reading of an account's folder for one query.
type walk struct {
	ctx   context.Context
	most  int // names in one folder
	query source.Query
	item  func(source.Item) error
	gap   func(source.Gap) error
	ids   *source.IDs
}

// folder gives the files of a folder and of those in it. path is that of the
// folder below the account's own, with a slash at its end, or "".
func (w *walk) folder(in *os.Root, path string, depth int) error {
	names, before, err := w.list(in, path)
	if err != nil {
		return err
	}
	var inner []string
	for _, name := range names {
		err := w.ctx.Err()
		if err != nil {
			return err
		}
		info, err := in.Lstat(name)
		if err != nil {
			return rooted.Unreadable(shown(path+name), err)
		}
		switch {
		case info.IsDir():
			inner = append(inner, name)
		case info.Mode().IsRegular():
			err = w.file(in, path, name, info)
		case info.Mode()&fs.ModeSymlink != 0:
			err = w.gap(source.Gap{Place: shown(path + name), Reason: gapLink})
		default:
			err = w.gap(source.Gap{Place: shown(path + name), Reason: gapKind})
		}
		if err != nil {
			return err
		}
	}
	for _, name := range inner {
		err := w.inner(in, path, name, depth)
		if err != nil {
			return err
		}
	}
	_, after, err := w.list(in, path)
	if err != nil {
		return err
	}
	if before != after {
		return rooted.Changed(shown(path + "."))
	}
	return nil
}

func (w *walk) inner(in *os.Root, path, name string, depth int) error {
	if depth == maxDepth {
		return w.gap(source.Gap{Place: shown(path + name), Reason: gapDeep})
	}
	next, err := rooted.Step(in, name, shown(path+name))
	if problem.Code(err) == "source.outside" { // it was a folder when it was listed
		return rooted.Changed(shown(path + name))
	}
	if err != nil {
		return err
	}
	defer next.Close()
	return w.folder(next, path+name+"/", depth+1)
}

// list gives the sorted names of a folder, and a digest of them.
func (w *walk) list(in *os.Root, path string) (names []string, digest string, err error) {
	d, err := in.Open(".")
	if err != nil {
		return nil, "", rooted.Unreadable(shown(path+"."), err)
	}
	defer d.Close()
	for {
		some, err := d.Readdirnames(1024)
		names = append(names, some...)
		if len(names) > w.most {
			return nil, "", problem.New(problem.Invalid, "source.too_large", "a folder holds more than %d names", w.most).At("%s", shown(path+"."))
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, "", rooted.Unreadable(shown(path+"."), err)
		}
	}
	slices.Sort(names)
	h := sha256.New()
	for _, n := range names {
		fmt.Fprintf(h, "%d %s", len(n), n)
	}
	return names, hex.EncodeToString(h.Sum(nil)), nil
}

// file gives one file, unless it was certainly last changed outside the query.
func (w *walk) file(in *os.Root, path, name string, info fs.FileInfo) error {
	it := source.Item{Item: scope.Item{Account: w.query.Account, Service: scope.Files, Category: scope.Content},
		Size: info.Size(), Name: source.Escape(path+name, maxName), Filename: source.Plain(name)}
	if at := info.ModTime().UTC().Truncate(time.Second); at.Unix() >= 0 && at.Year() < 2100 {
		if !w.query.From.IsZero() && at.Before(w.query.From.Truncate(time.Second)) || !w.query.Until.IsZero() && at.After(w.query.Until) {
			return nil
		}
		it.Received, it.Sent = at, at
	} else {
		it.Undated = dateWord
	}
	var err error
	it.ID, err = w.ids.Of(string(w.query.Account), path+name)
	if err != nil {
		return err
	}
	b := &body{in: in, name: name, path: path + name, seen: info}
	it.Open = b.open
	err = w.item(it)
	b.end()
	return err
}

// A body gives one file's bytes while its callback runs.
type body struct {
	in     *os.Root
	name   string
	path   string
	seen   fs.FileInfo
	file   *rooted.File
	closed bool
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed {
		return nil, source.Overdue()
	}
	f, err := rooted.Open(b.in, b.name)
	if err != nil {
		return nil, problem.Of(err).At("%s", shown(b.path))
	}
	b.file = f
	if !os.SameFile(b.seen, f.Before) || f.Before.Size() != b.seen.Size() || !f.Before.ModTime().Equal(b.seen.ModTime()) {
		return nil, rooted.Changed(shown(b.path))
	}
	return b, nil
}

// Read gives a problem instead of the end where the file is not what it was.
func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, source.Overdue()
	}
	n, err := b.file.Read(p)
	if err != nil && err != io.EOF {
		err = problem.Of(err).At("%s", shown(b.path))
	}
	return n, err
}

// Close implements io.Closer; the file is closed when the callback has ended.
func (b *body) Close() error { return nil }

func (b *body) end() {
	b.closed = true
	if b.file != nil {
		b.file.Close()
	}
}
