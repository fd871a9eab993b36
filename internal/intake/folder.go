package intake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
)

// Bounds of a folder.
const (
	maxEntries = 200_000 // names read in one look
	maxSeen    = 1_000_000
)

// Found is one file of a folder, read whole.
type Found struct {
	Place string   // its path inside the folder; inert, for people
	Key   [32]byte // SHA-256 of its bytes
	Bytes []byte
	Mail  bool // it lies in a Maildir, or its name ends in .eml: to be read as mail
}

// Skipped is a file that was not given, with the reason.
type Skipped struct {
	Place string
	Err   error // codes: folder.link, folder.special, folder.unreadable, folder.empty, folder.too_large
}

// Look is what one look into a folder brought.
type Look struct {
	Given   int       // new files given
	Known   int       // files whose bytes were given before
	Waiting int       // still being written; they come at a later look
	Skipped []Skipped // each file and reason once, until the file changes
}

// Folder reads files that people or programs drop into a folder: flat, or a
// Maildir (https://cr.yp.to/proto/maildir.html), of which new and cur are read and
// tmp is not. Nothing is ever moved, renamed, marked or written. A file is given
// once: its key is the SHA-256 of its bytes, so a second copy under another name is
// known, and other bytes under an old name are new. A file is left until two looks,
// Settle apart, see the same size and time; files of a Maildir are whole when they
// appear. Symbolic links, devices, pipes, sockets and folders inside are refused
// and nothing outside the folder can be reached through it (os.Root). Names that
// begin with a dot are not looked at.
//
// A Folder is for one goroutine. It remembers in memory; what must survive a
// restart is the caller's, through Known.
type Folder struct {
	// Known says whether bytes of this key were taken in before. Nil: none were.
	Known func(key [32]byte) (bool, error)
	// Settle is how long a file must not change before it is read.
	Settle time.Duration
	// Now is the clock. It is compared with earlier readings of its own alone.
	Now func() time.Time

	root  *os.Root
	seen  map[string]entry
	given map[[32]byte]bool
}

// entry is what was last seen at a place.
type entry struct {
	size  int64
	time  time.Time
	since time.Time // first seen so
	done  bool      // given or known, as it is
	told  bool      // refused, and that was said
}

// OpenFolder opens the folder of this name. Code: folder.open.
func OpenFolder(path string, settle time.Duration, now func() time.Time) (*Folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, problem.New(problem.Unavailable, "folder.open", "the folder cannot be opened").At("%s", display(path)).
			Fix("name a folder that exists and that this program may read").Because(err)
	}
	return &Folder{Settle: settle, Now: now, root: root, seen: map[string]entry{}, given: map[[32]byte]bool{}}, nil
}

// Close releases the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Look lists the folder and gives each new file to take, in order of its time of
// change and then of its name. An error of take leaves that file for the next look
// and does not stop the others; the first such error is returned at the end. It
// stops when ctx ends. Codes: folder.list, folder.interrupted, and those of take.
func (f *Folder) Look(ctx context.Context, take func(Found) error) (Look, error) {
	var look Look
	files, err := f.list(&look)
	if err != nil {
		return look, err
	}
	var first error
	for _, file := range files {
		if ctx.Err() != nil {
			return look, problem.New(problem.Unavailable, "folder.interrupted", "reading the folder was interrupted; what was taken in is kept").Because(ctx.Err())
		}
		if err := f.one(file, &look, take); err != nil && first == nil {
			first = err
		}
	}
	return look, first
}

type listed struct {
	place string
	info  fs.FileInfo
	mail  bool
}

// list gives the files that are new or have changed since they were done with.
func (f *Folder) list(look *Look) ([]listed, error) {
	folders := []string{"."}
	if f.isFolder("new") && f.isFolder("cur") {
		folders = []string{"new", "cur"}
	}
	var out []listed
	present := map[string]bool{}
	for _, folder := range folders {
		names, err := f.names(folder)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			place := name
			if folder != "." {
				place = folder + "/" + name
			}
			info, err := f.root.Lstat(place)
			if errors.Is(err, fs.ErrNotExist) || strings.HasPrefix(name, ".") || err == nil && info.IsDir() && folder == "." && isMaildirPart(name) {
				continue
			}
			present[place] = true
			if err != nil {
				f.refuse(place, f.seen[place], look, problem.New(problem.Unavailable, "folder.unreadable", "this file cannot be read").Because(err))
				continue
			}
			out = append(out, listed{place, info, folder != "." || strings.HasSuffix(strings.ToLower(name), ".eml")})
		}
	}
	for place := range f.seen { // what is gone is forgotten, so that memory follows the folder
		if !present[place] {
			delete(f.seen, place)
		}
	}
	slices.SortStableFunc(out, func(a, b listed) int {
		return cmp.Or(a.info.ModTime().Compare(b.info.ModTime()), cmp.Compare(a.place, b.place))
	})
	return out, nil
}

func isMaildirPart(name string) bool { return name == "new" || name == "cur" || name == "tmp" }

func (f *Folder) isFolder(name string) bool {
	info, err := f.root.Lstat(name)
	return err == nil && info.IsDir()
}

func (f *Folder) names(folder string) ([]string, error) {
	bad := func(err error) error {
		return problem.New(problem.Unavailable, "folder.list", "the folder cannot be listed, or holds more than %d files", maxEntries).Because(err)
	}
	d, err := f.root.Open(folder)
	if err != nil {
		return nil, bad(err)
	}
	defer d.Close()
	names, err := d.Readdirnames(maxEntries + 1)
	if err != nil && !errors.Is(err, io.EOF) || len(names) > maxEntries {
		return nil, bad(err)
	}
	return names, nil
}

// one decides on one file.
func (f *Folder) one(file listed, look *Look, take func(Found) error) error {
	now := entry{size: file.info.Size(), time: file.info.ModTime(), since: f.Now()}
	before, known := f.seen[file.place]
	if known && before.size == now.size && before.time.Equal(now.time) {
		if before.done {
			return nil
		}
		now.since, now.told = before.since, before.told
	}
	if err := f.regular(file); err != nil {
		f.refuse(file.place, now, look, err)
		return nil
	}
	maildir := strings.Contains(file.place, "/")
	if waited := f.Now().Sub(now.since); !maildir && f.Settle > 0 && (waited < f.Settle || !known) {
		f.seen[file.place] = now
		look.Waiting++
		return nil
	}
	found, err := f.read(file)
	if problem.Code(err) == "folder.changed" {
		look.Waiting++
		now.since = f.Now()
		f.seen[file.place] = now
		return nil
	}
	if err != nil {
		f.refuse(file.place, now, look, err)
		return nil
	}
	return f.give(found, file.place, now, look, take)
}

func (f *Folder) regular(file listed) error {
	switch mode := file.info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		return problem.New(problem.Refused, "folder.link", "this is a link to another place").Fix("put the file itself here")
	case !mode.IsRegular():
		return problem.New(problem.Refused, "folder.special", "this is not an ordinary file").Fix("put the file itself here")
	case file.info.Size() == 0:
		return problem.New(problem.Invalid, "folder.empty", "this file has no bytes").Fix("put the whole file here")
	case file.info.Size() > MaxOriginal:
		return problem.New(problem.Invalid, "folder.too_large", "a file has at most %d MiB", MaxOriginal>>20).Fix("hand in the instrument without its annexes")
	}
	return nil
}

// read takes the bytes, and looks again afterwards, so that a file which was put in
// the place of another, or written on meanwhile, is left for later.
func (f *Folder) read(file listed) (Found, error) {
	unreadable := problem.New(problem.Unavailable, "folder.unreadable", "this file cannot be read").Fix("let this program read it")
	changing := problem.New(problem.Unavailable, "folder.changed", "this file is being written")
	in, err := f.root.OpenFile(file.place, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return Found{}, unreadable.Because(err)
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil || !info.Mode().IsRegular() || !os.SameFile(info, file.info) { // before reading: a pipe would wait for ever
		return Found{}, changing.Because(err)
	}
	b, err := io.ReadAll(io.LimitReader(in, MaxOriginal+1))
	if err != nil {
		return Found{}, unreadable.Because(err)
	}
	after, err := in.Stat()
	if err != nil || int64(len(b)) != file.info.Size() || !after.ModTime().Equal(file.info.ModTime()) || after.Size() != file.info.Size() {
		return Found{}, changing.Because(err)
	}
	return Found{Place: canon.Text(file.place), Key: sha256.Sum256(b), Bytes: b, Mail: file.mail}, nil
}

func (f *Folder) give(found Found, place string, now entry, look *Look, take func(Found) error) error {
	known := f.given[found.Key]
	if !known && f.Known != nil {
		var err error
		known, err = f.Known(found.Key)
		if err != nil {
			return err
		}
	}
	if known {
		look.Known++
	} else {
		if err := take(found); err != nil {
			f.seen[place] = now
			return err
		}
		look.Given++
	}
	if len(f.given) < maxSeen {
		f.given[found.Key] = true
	}
	now.done = true
	f.seen[place] = now
	return nil
}

// refuse reports a file once, until it changes. It is tried again at every look,
// since it may become readable without changing.
func (f *Folder) refuse(place string, now entry, look *Look, err error) {
	told := now.told
	now.told = true
	f.seen[place] = now
	if !told {
		look.Skipped = append(look.Skipped, Skipped{Place: canon.Text(place), Err: err})
	}
}
