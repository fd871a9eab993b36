package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"counterseal/internal/problem"
)

// checkPrivate refuses what others may read or write, what is not of the
// expected kind (links included), and what belongs to somebody else.
func checkPrivate(path string, dir bool) error {
	info, err := os.Lstat(path)
	if err != nil {
		return unavailable(err)
	}
	kind := info.Mode().Type()
	if (dir && kind != fs.ModeDir) || (!dir && kind != 0) {
		return exposed("it is not a plain folder or file", info.Name())
	}
	if info.Mode().Perm()&0o077 != 0 {
		return exposed("others on this machine can read or change it", info.Name())
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && int(st.Uid) != os.Geteuid() {
		return exposed("it belongs to another user", info.Name())
	}
	return nil
}

func exposed(why, name string) *problem.Error {
	return problem.New(problem.Refused, "keys.exposed", "the keys are not private: %s", why).At("%.80q", name).
		Fix("make the folder mode 0700 and its files 0600, owned by the user that runs this, and ask who could have read them")
}

func unavailable(cause error) *problem.Error {
	return problem.New(problem.Unavailable, "keys.unavailable", "the keys could not be read or written").
		Fix("see that the keys' disk is there, has room and can be written, then try again").Because(cause)
}

func corrupt(cause error) *problem.Error {
	return problem.New(problem.Unverified, "keys.corrupt", "a key was changed or belongs to another epoch").
		Fix("restore the keys' folder from its own backup").Because(cause)
}

func missing() *problem.Error {
	return problem.New(problem.Missing, "keys.missing", "there is no such key: it was destroyed, or the keys' folder is not the one of this store").
		Fix("if it should exist, restore the keys' folder from its own backup")
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// place writes a whole file under a temporary name, syncs it and renames it.
func place(path string, write func(*os.File) error) error {
	f, err := os.OpenFile(path+".tmp", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = os.Rename(path+".tmp", path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// shred overwrites and removes a file; see the package comment for its limits.
func shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err = f.WriteAt(make([]byte, info.Size()), 0); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = os.Remove(path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func wrappedName(n uint64) string { return fmt.Sprintf("wrapped-%06d.keys", n) }

// asProblem keeps a problem and wraps anything else.
func asProblem(err error) error {
	var p *problem.Error
	if errors.As(err, &p) {
		return p
	}
	return unavailable(err)
}
