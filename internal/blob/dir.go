package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Dir is a directory of blobs. It is safe for concurrent use, by several
// processes too.
type Dir struct{ root string }

// Open opens the directory, which must exist, and makes its 256 folders, so
// that putting a blob never has to. Problem: blob.unavailable.
func Open(root string) (*Dir, error) {
	for i := range 256 {
		err := os.Mkdir(filepath.Join(root, hex.EncodeToString([]byte{byte(i)})), 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, unavailable(err)
		}
	}
	if err := syncDir(root); err != nil {
		return nil, unavailable(err)
	}
	return &Dir{root: root}, nil
}

// Put stores the bytes durably and returns their address. Problems:
// blob.too_large, blob.unavailable.
func (d *Dir) Put(ctx context.Context, b []byte) (Address, error) {
	if err := acceptable(ctx, b); err != nil {
		return Address{}, err
	}
	a := sha256.Sum256(b)
	path := d.path(a)
	err := write(path, b)
	if errors.Is(err, fs.ErrExist) {
		// It may be there from a Put that has not synced the folder yet.
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return Address{}, unavailable(err)
	}
	return a, nil
}

// Get returns the blob. Problems: blob.missing, blob.corrupt, blob.unavailable.
func (d *Dir) Get(ctx context.Context, a Address) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, unavailable(err)
	}
	f, err := os.Open(d.path(a))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing()
	}
	if err != nil {
		return nil, unavailable(err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, Max+1))
	if err != nil {
		return nil, unavailable(err)
	}
	if sha256.Sum256(b) != a {
		return nil, corrupt()
	}
	return b, nil
}

// Remove removes a blob; one that is not there is no error. Problem:
// blob.unavailable.
func (d *Dir) Remove(_ context.Context, a Address) error {
	err := os.Remove(d.path(a))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unavailable(err)
	}
	return nil
}

func (d *Dir) path(a Address) string {
	name := hex.EncodeToString(a[:])
	return filepath.Join(d.root, name[:2], name)
}

// write links the finished file to its name, which fails if the name is taken:
// renaming would replace.
func write(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err = f.Write(b); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = os.Link(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
