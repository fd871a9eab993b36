package mbox

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"counterseal/internal/problem"
)

// open opens a regular file inside the root. Every part of its path is looked
// at first, because os.Root follows symbolic links that stay inside; and a FIFO
// put there in between must not block, hence O_NONBLOCK.
func open(root *os.Root, name string) (*os.File, fs.FileInfo, error) {
	part := ""
	var seen fs.FileInfo
	for _, p := range strings.Split(name, string(filepath.Separator)) {
		part = filepath.Join(part, p)
		var err error
		seen, err = root.Lstat(part)
		if err != nil {
			return nil, nil, unreadable(name, err)
		}
		if seen.Mode()&fs.ModeSymlink != 0 {
			return nil, nil, problem.New(problem.Refused, "source.outside", "a symbolic link in the store is not followed").
				At("%s", part).Fix("name the file itself, inside the store")
		}
	}
	if !seen.Mode().IsRegular() {
		return nil, nil, problem.New(problem.Invalid, "source.not_a_file", "this is not a regular file").At("%s", name)
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, unreadable(name, err)
	}
	got, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, nil, unreadable(name, err)
	}
	if !os.SameFile(seen, got) {
		f.Close()
		return nil, nil, changed(name)
	}
	return f, got, nil
}

// unchanged compares the file that was read, and the one that has its name now,
// with what was there before.
func unchanged(root *os.Root, name string, f *os.File, before fs.FileInfo) error {
	read, err := f.Stat()
	if err != nil {
		return unreadable(name, err)
	}
	named, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return changed(name)
	}
	if err != nil {
		return unreadable(name, err)
	}
	for _, now := range []fs.FileInfo{read, named} {
		if !os.SameFile(before, now) || now.Size() != before.Size() || !now.ModTime().Equal(before.ModTime()) {
			return changed(name)
		}
	}
	return nil
}

func changed(name string) error {
	return problem.New(problem.Conflict, "source.changed", "the file changed while it was read").
		At("%s", name).Fix("collect again, from a snapshot if the store is always busy")
}

func unreadable(name string, err error) error {
	return problem.New(problem.Unavailable, "source.unreadable", "a file of the store cannot be read").At("%s", name).Because(err)
}
