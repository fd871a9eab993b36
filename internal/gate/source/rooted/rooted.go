// Package rooted opens files of a store: inside its folder, never through a
// symbolic link, and held against what they were when they have been read. A Dir does
// it for a folder of many files, with as few calls as that takes.
//
// It imports the standard library and problem. It never writes.
package rooted

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"counterseal/internal/problem"
)

// File is a regular file of a store while it is read.
type File struct {
	Before fs.FileInfo // as it was when it was opened

	file *os.File // not embedded: what it can do else would pass by what Read counts
	read int64    // bytes that Read gave
	root *os.Root
	name string
}

// Read gives the file's bytes in a row, and a problem instead of the end where the file
// is not what it was. Codes: those of Unchanged.
func (f *File) Read(p []byte) (int, error) {
	n, err := f.file.Read(p)
	f.read += int64(n)
	switch {
	case err == io.EOF:
		if moved := f.Unchanged(); moved != nil {
			return n, moved
		}
	case err != nil:
		err = Unreadable(f.name, err)
	}
	return n, err
}

// ReadAt gives bytes again that Read gave before.
func (f *File) ReadAt(p []byte, from int64) (int, error) { return f.file.ReadAt(p, from) }

// Close closes the file.
func (f *File) Close() error { return f.file.Close() }

// Local reports whether a name is a plain path inside a folder: not absolute,
// without "..", in its shortest form, and of at most 4,096 bytes without NUL.
func Local(name string) bool {
	return filepath.IsLocal(name) && filepath.Clean(name) == name && name != "." && len(name) <= 4096 && !strings.Contains(name, "\x00")
}

// Folder opens a store's folder. Code: source.unreadable.
func Folder(path string) (*os.Root, error) {
	var root *os.Root
	err := fs.ErrInvalid
	if path != "" {
		root, err = os.OpenRoot(path + aFolder)
	}
	if err != nil {
		return nil, problem.New(problem.Unavailable, "source.unreadable", "the store's directory cannot be opened").At("%s", path).Because(err)
	}
	return root, nil
}

// aFolder at the end of a path has the kernel open nothing but a folder: os.Root alone
// would first open what is there, and wait for whoever writes into a FIFO.
const aFolder = string(filepath.Separator) + "."

// Open opens a regular file inside the root. Codes: source.unreadable,
// source.outside (a part of its path is a link), source.not_a_file,
// source.changed.
func Open(root *os.Root, name string) (*File, error) {
	seen, err := look(root, name)
	if err != nil {
		return nil, err
	}
	return take(root, name, seen)
}

// look says what a name stands for. Every part of its path is looked at, because os.Root
// follows symbolic links that stay inside.
func look(root *os.Root, name string) (seen fs.FileInfo, err error) {
	part := ""
	for _, p := range strings.Split(name, string(filepath.Separator)) {
		part = filepath.Join(part, p)
		seen, err = root.Lstat(part)
		if err != nil {
			return nil, Unreadable(name, err)
		}
		if seen.Mode()&fs.ModeSymlink != 0 {
			return nil, link(part)
		}
	}
	if !seen.Mode().IsRegular() {
		return nil, noFile(name)
	}
	return seen, nil
}

// take opens what was seen, and nothing that was put there in between: a link to another
// file is not read, and a FIFO not waited for, hence O_NONBLOCK.
func take(root *os.Root, name string, seen fs.FileInfo) (*File, error) {
	f, err := openQuietly(root, name)
	if err != nil {
		return nil, Unreadable(name, err)
	}
	got, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, Unreadable(name, err)
	}
	if !os.SameFile(seen, got) {
		f.Close()
		return nil, Changed(name)
	}
	return &File{Before: got, file: f, root: root, name: name}, nil
}

// openQuietly leaves the time of last access as it is where the system allows it:
// only to a file's owner.
func openQuietly(root *os.Root, name string) (*os.File, error) {
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|noAtime, 0)
	if errors.Is(err, syscall.EPERM) {
		f, err = root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	}
	return f, err
}

// Unchanged compares the file that Read gave to its end, and the one that has its name
// now, with what was there before. A file system can end a file before its size, or go
// on behind it, and say the same size as before. Codes: source.changed,
// source.size, source.unreadable.
func (f *File) Unchanged() error {
	read, err := f.file.Stat()
	if err != nil {
		return Unreadable(f.name, err)
	}
	named, err := f.root.Lstat(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return Changed(f.name)
	}
	if err != nil {
		return Unreadable(f.name, err)
	}
	for _, now := range []fs.FileInfo{read, named} {
		if !os.SameFile(f.Before, now) || now.Size() != f.Before.Size() || !now.ModTime().Equal(f.Before.ModTime()) {
			return Changed(f.name)
		}
	}
	if f.read != f.Before.Size() {
		return Size(f.name)
	}
	return nil
}

func link(name string) error {
	return problem.New(problem.Refused, "source.outside", "a symbolic link in the store is not followed").
		At("%s", name).Fix("name the file itself, inside the store")
}

func noFile(name string) error {
	return problem.New(problem.Invalid, "source.not_a_file", "this is not a regular file").At("%s", name)
}

// Changed says that a file is no longer what it was.
func Changed(name string) error {
	return problem.New(problem.Conflict, "source.changed", "the file changed while it was read").
		At("%s", name).Fix("collect again, from a snapshot if the store is always busy")
}

// Size says that a file has other bytes than its size says.
func Size(name string) error {
	return problem.New(problem.Unavailable, "source.size", "the store announced another number of bytes than it gives").At("%s", name)
}

// Unreadable says that a file could not be read.
func Unreadable(name string, err error) error {
	return problem.New(problem.Unavailable, "source.unreadable", "a file of the store cannot be read").At("%s", name).Because(err)
}

// Enter opens a folder below another, part by part, through no link.
func Enter(root *os.Root, path string) (*os.Root, error) {
	at := root
	for _, part := range strings.Split(path, string(filepath.Separator)) {
		next, err := Step(at, part, path)
		if at != root {
			at.Close()
		}
		if err != nil {
			return nil, err
		}
		at = next
	}
	return at, nil
}

// Step opens one folder of a folder; shown is what an error calls it. Codes: those of
// Open.
func Step(in *os.Root, name, shown string) (*os.Root, error) {
	seen, err := lookFolder(in, name, shown)
	if err != nil {
		return nil, err
	}
	return takeFolder(in, name, shown, seen)
}

func lookFolder(in *os.Root, name, shown string) (fs.FileInfo, error) {
	seen, err := in.Lstat(name)
	if err != nil {
		return nil, Unreadable(shown, err)
	}
	if seen.Mode()&fs.ModeSymlink != 0 {
		return nil, problem.New(problem.Refused, "source.outside", "a symbolic link in the store is not followed").
			At("%s", shown).Fix("name the folder itself, inside the store")
	}
	if !seen.IsDir() {
		return nil, problem.New(problem.Invalid, "source.not_a_file", "this is not a folder").At("%s", shown)
	}
	return seen, nil
}

// takeFolder opens the folder that was seen: a link put there in between is not gone
// through.
func takeFolder(in *os.Root, name, shown string, seen fs.FileInfo) (*os.Root, error) {
	next, err := in.OpenRoot(name + aFolder)
	if err != nil {
		return nil, Unreadable(shown, err)
	}
	got, err := next.Stat(".")
	if err == nil && !os.SameFile(seen, got) {
		err = Changed(shown)
	}
	if err != nil {
		next.Close()
		return nil, err
	}
	return next, nil
}
