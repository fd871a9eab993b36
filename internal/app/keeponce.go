package app

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// keepOnce writes a file whole under another name first and then gives it its own:
// whoever comes at the same time finds one file, not half of one. One that stands
// there already is left as it is. Durable when it returns; the folder must exist.
func keepOnce(path string, mode fs.FileMode, content []byte) error {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, ".incoming-")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Chmod(mode), temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	err = os.Link(temp.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(dir)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
