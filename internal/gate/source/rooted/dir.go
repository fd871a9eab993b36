package rooted

import (
	"io/fs"
	"os"
	"strings"
)

// A Dir is a folder of which many files are read: a file is named by one part alone, so
// that what Open looks at part by part needs no look. It may be used from several
// goroutines.
type Dir struct {
	root *os.Root
	at   *os.File
}

// A Leaf is a regular file of a Dir while it is read. Its zero is one that is closed.
type Leaf struct {
	Size     int64 // as it was when it was opened
	Modified Instant

	open handle
}

// An Instant is a time as a file system has it.
type Instant struct{ Sec, Nsec int64 }

// A State is that of a folder's list. Where two are the same, and not the zero one, no
// name came, went or changed between them.
type State struct {
	device, file      uint64
	changed, modified Instant
}

// Known reports whether the state tells anything.
func (s State) Known() bool { return s != State{} }

// List opens a folder below another, through no link. Codes: those of Open.
func List(root *os.Root, path string) (*Dir, error) {
	in, err := Enter(root, path)
	if err != nil {
		return nil, err
	}
	at, err := in.Open(".")
	if err != nil {
		in.Close()
		return nil, Unreadable(path, err)
	}
	return &Dir{in, at}, nil
}

// single reports whether a name is one part of a path, and not a folder's own.
func single(name string) bool {
	return name != "" && name != "." && name != ".." && !strings.ContainsRune(name, os.PathSeparator)
}

// Close closes the folder; its leaves stay open.
func (d *Dir) Close() {
	d.at.Close()
	d.root.Close()
}

// look says what is not a regular file.
func (d *Dir) look(name string) error {
	seen, err := d.root.Lstat(name)
	switch {
	case err != nil:
		return Unreadable(name, err)
	case seen.Mode()&fs.ModeSymlink != 0:
		return link(name)
	case !seen.Mode().IsRegular():
		return noFile(name)
	}
	return nil
}
