package rooted

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"counterseal/internal/problem"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A store holds a file and a folder, and others beside them.
func store(t *testing.T) (*os.Root, string) {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{"f", "other", "d", "elsewhere"} {
		must(t, os.Mkdir(filepath.Join(dir, d), 0o700))
	}
	for _, f := range []string{"f/is", "other/is", "d/in", "elsewhere/in"} {
		must(t, os.WriteFile(filepath.Join(dir, f), []byte("some bytes"), 0o600))
	}
	root, err := os.OpenRoot(dir)
	must(t, err)
	t.Cleanup(func() { root.Close() })
	return root, dir
}

// soon fails where something is waited for that nobody will send.
func soon(t *testing.T, what func() error) (err error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- what() }()
	select {
	case err = <-done:
	case <-time.After(time.Minute):
		t.Fatal("it is waited for")
	}
	return err
}

// swaps put something else in the place of a path.
var swaps = map[string]func(path string) error{
	"a link to another inside": func(p string) error { return os.Symlink("../other/is", p) },
	"a link to another folder": func(p string) error { return os.Symlink("elsewhere", p) },
	"a link that leaves":       func(p string) error { return os.Symlink("/etc/hostname", p) },
	"a link to a device":       func(p string) error { return os.Symlink("/dev/zero", p) },
	"a link to itself":         func(p string) error { return os.Symlink(filepath.Base(p), p) },
	"a link to what it was":    func(p string) error { return os.Symlink(filepath.Base(p)+"-was", p) },
	"a pipe":                   func(p string) error { return syscall.Mkfifo(p, 0o600) },
	"a socket":                 func(p string) error { return socket(p) },
	"an empty folder":          func(p string) error { return os.Mkdir(p, 0o700) },
	"an equal file":            func(p string) error { return os.WriteFile(p, []byte("some bytes"), 0o600) },
	"an empty file":            func(p string) error { return os.WriteFile(p, nil, 0o600) },
	"another of its names":     another,
	"nothing":                  func(string) error { return nil },
}

// another gives a path a second name of another file.
func another(path string) error {
	to, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*ther", "is"))
	if len(to) == 0 {
		to = []string{filepath.Join(filepath.Dir(path), "..", "other", "is")}
	}
	return errors.Join(err, os.Link(to[0], path))
}

func socket(path string) error {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(fd)
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	name, err := filepath.Rel(here, path) // a socket's path is at most 108 bytes
	if err != nil || len(name) > 100 {
		name = path
	}
	return syscall.Bind(fd, &syscall.SockaddrUnix{Name: name})
}

// Between the look at a file and its opening whoever can write into the store can put
// there what he likes. It is never read instead, and never waited for.
func TestWhatIsPutInAFilesPlaceBeforeItIsOpenedIsNotRead(t *testing.T) {
	for name, put := range swaps {
		t.Run(name, func(t *testing.T) {
			root, dir := store(t)
			seen, err := look(root, "f/is")
			must(t, err)
			path := filepath.Join(dir, "f", "is")
			must(t, errors.Join(os.Rename(path, path+"-was"), put(path)))
			err = soon(t, func() error {
				f, err := take(root, "f/is", seen)
				if err != nil {
					return err
				}
				defer f.Close()
				_, err = io.Copy(io.Discard, f)
				return err
			})
			if c := code(err); c != "source.changed" && c != "source.unreadable" {
				t.Errorf("it was read: %v", err)
			}
		})
	}
}

func TestWhatIsPutInAFoldersPlaceBeforeItIsOpenedIsNotEntered(t *testing.T) {
	for name, put := range swaps {
		t.Run(name, func(t *testing.T) {
			root, dir := store(t)
			seen, err := lookFolder(root, "d", "d")
			must(t, err)
			path := filepath.Join(dir, "d")
			must(t, errors.Join(os.Rename(path, path+"-was"), put(path)))
			err = soon(t, func() error {
				in, err := takeFolder(root, "d", "d", seen)
				if err == nil {
					in.Close()
				}
				return err
			})
			if c := code(err); name != "a link to what it was" && c != "source.changed" && c != "source.unreadable" {
				t.Errorf("it was entered: %v", err)
			}
		})
	}
}

// A folder's list says what its names are; when they are opened, they are others.
func TestWhatIsPutInTheListsPlaceIsNotRead(t *testing.T) {
	for name, put := range swaps {
		for _, known := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, known %t", name, known), func(t *testing.T) {
				root, dir := store(t)
				d, err := List(root, "f")
				must(t, err)
				defer d.Close()
				path := filepath.Join(dir, "f", "is")
				must(t, errors.Join(os.Rename(path, path+"-was"), put(path)))
				err = soon(t, func() error {
					l, err := d.Take("is", known)
					l.Close()
					return err
				})
				want := map[string]string{"a pipe": "source.not_a_file", "a socket": "source.not_a_file", "an empty folder": "source.not_a_file", "nothing": "source.unreadable",
					"an equal file": "", "an empty file": "", "another of its names": ""}
				c, regular := want[name]
				if !regular {
					c = "source.outside"
				}
				if code(err) != c {
					t.Errorf("not %s: %v", c, err)
				}
			})
		}
	}
}

func code(err error) string {
	if err == nil {
		return ""
	}
	return problem.Code(err)
}

// The store's folder itself may be something else by now.
func TestAStoresFolderThatIsAPipeIsNotWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	must(t, syscall.Mkfifo(path, 0o600))
	err := soon(t, func() error { _, err := Folder(path); return err })
	if problem.Code(err) != "source.unreadable" {
		t.Error(err)
	}
	if _, err := Folder(""); !errors.Is(err, fs.ErrInvalid) {
		t.Errorf("no folder at all: %v", err)
	}
}

// Linux has file systems whose files are longer than they say (proc: they say that they
// are empty) or shorter (sysfs: they say a page), and that say so at every look.
func TestAFileThatRepeatsAnotherSizeThanItHasIsNotGiven(t *testing.T) {
	for _, name := range []string{"/proc/version", "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/kernel/uevent_seqnum", "/sys/devices/system/cpu/online"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Logf("SKIPPED: %v", err)
			continue
		}
		root, err := os.OpenRoot(filepath.Dir(name))
		must(t, err)
		f, err := Open(root, filepath.Base(name))
		must(t, err)
		n, err := io.Copy(io.Discard, f)
		if problem.Code(err) != "source.size" || n == info.Size() {
			t.Errorf("%s says %d bytes and has %d: %v", name, info.Size(), n, err)
		}
		must(t, errors.Join(f.Close(), root.Close()))
	}
}
