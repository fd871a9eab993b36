//go:build !linux

package rooted

import (
	"errors"
	"io"
	"io/fs"
)

type handle struct{ file *File }

// Take opens a regular file of the folder, and follows no link. Codes: those of Open.
func (d *Dir) Take(name string, known bool) (Leaf, error) {
	if !single(name) {
		return Leaf{}, Unreadable(name, fs.ErrInvalid)
	}
	f, err := Open(d.root, name)
	if err != nil {
		return Leaf{}, err
	}
	return Leaf{f.Before.Size(), modified(f.Before), handle{f}}, nil
}

func modified(i fs.FileInfo) Instant {
	return Instant{i.ModTime().Unix(), int64(i.ModTime().Nanosecond())}
}

// Read reads the file from a place until p is full or the file ends.
func (l *Leaf) Read(p []byte, from int64) (int, error) {
	n, err := l.open.file.ReadAt(p, from)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// Same reports whether the file has the size and the time that it was opened with.
func (l *Leaf) Same() (bool, error) {
	now, err := l.open.file.file.Stat()
	return err == nil && now.Size() == l.Size && modified(now) == l.Modified, err
}

// Close closes the file, once.
func (l *Leaf) Close() {
	if l.open.file != nil {
		l.open.file.Close()
	}
	l.open.file = nil
}

// State is not known here.
func (d *Dir) State() State { return State{} }

// Names reads the folder's list from its start, in the file system's order. regular says
// that the list calls it a regular file. The name is the callback's while it runs.
func (d *Dir) Names(each func(name []byte, regular bool) error) error {
	f, err := d.root.Open(".") // with a place of its own in the list
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		some, err := f.ReadDir(1024)
		for _, e := range some {
			err := each([]byte(e.Name()), e.Type().IsRegular())
			if err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
