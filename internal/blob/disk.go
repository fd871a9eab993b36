package blob

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// disk is the folder of segments. Tests put one between that fails, forgets what
// was not synced, or fills up.
type disk interface {
	// Names lists the files of the folder.
	Names() ([]string, error)
	Open(name string, write bool) (file, error)
	// Create makes a file that must not be there, mode 0600.
	Create(name string) (file, error)
	Rename(old, name string) error
	Remove(name string) error
	// Sync makes the folder's entries durable.
	Sync() error
}

type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Sync() error
	Truncate(size int64) error
	Size() (int64, error)
	// Lock takes the file's lock, which ends with Close. Without wait it is
	// errLocked when another has it.
	Lock(exclusive, wait bool) error
}

var errLocked = errors.New("another has the file")

type folder string

func (d folder) path(name string) string { return filepath.Join(string(d), name) }

func (d folder) Names() ([]string, error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

func (d folder) Open(name string, write bool) (file, error) {
	how := os.O_RDONLY
	if write {
		how = os.O_RDWR
	}
	f, err := os.OpenFile(d.path(name), how, 0)
	if err != nil {
		return nil, err
	}
	return onDisk{f}, nil
}

// Create makes the folder with its first file.
func (d folder) Create(name string) (file, error) {
	f, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.Mkdir(string(d), 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if err = syncDir(filepath.Dir(string(d))); err != nil {
			return nil, err
		}
		f, err = os.OpenFile(d.path(name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err != nil {
		return nil, err
	}
	return onDisk{f}, nil
}

func (d folder) Rename(old, name string) error { return os.Rename(d.path(old), d.path(name)) }
func (d folder) Remove(name string) error      { return os.Remove(d.path(name)) }
func (d folder) Sync() error                   { return syncDir(string(d)) }

type onDisk struct{ *os.File }

func (f onDisk) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (f onDisk) Lock(exclusive, wait bool) error {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		case !errors.Is(err, syscall.EINTR):
			return err
		}
	}
}
