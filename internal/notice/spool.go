package notice

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// The files of a delivered letter, in a folder named by the letter's id.
const (
	TextFile = "letter.txt"
	HTMLFile = "letter.html"
	PDFFile  = "letter.pdf"
)

func (r Rendered) files() map[string][]byte {
	return map[string][]byte{TextFile: r.Text, HTMLFile: r.HTML, PDFFile: r.PDF}
}

// incoming begins the names of folders that are being written. One that a crash
// left behind holds no delivered letter and can be removed.
const incoming = ".incoming-"

// Spool delivers letters into a folder, as DIR/<id>/letter.txt and letter.html.
// Any number of goroutines and processes may use it.
type Spool struct{ dir string }

// NewSpool names the folder, which must exist when a letter is delivered.
func NewSpool(dir string) *Spool { return &Spool{dir} }

// Holds reports whether a letter was delivered under an id. Code: notice.spool.
func (s *Spool) Holds(id string) (bool, error) {
	err := CheckID(id)
	if err != nil {
		return false, err
	}
	_, err = os.Lstat(filepath.Join(s.dir, id))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, s.failed(err)
	}
	return true, nil
}

// Paper is the PDF of a letter that was delivered. Codes: notice.id, notice.spool.
func (s *Spool) Paper(id string) ([]byte, error) {
	err := CheckID(id)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(s.dir, id, PDFFile))
	if err != nil {
		return nil, s.failed(err)
	}
	return b, nil
}

// Deliver writes the letter and returns when it is durable. All files appear at
// once or not at all: they are written and synced in a folder of their own, which
// is then renamed; renaming onto a folder with content fails, so nothing is ever
// overwritten. The same letter under the same id again is no error. To is not
// used: whoever takes the letter from the spool reads it there. Codes:
// notice.dispatch, notice.conflict (another letter has this id), notice.spool.
func (s *Spool) Deliver(ctx context.Context, d Dispatch) error {
	err := d.Check()
	if err != nil {
		return err
	}
	id, r := d.ID, d.Letter
	err = ctx.Err()
	if err != nil {
		return s.failed(err)
	}
	final := filepath.Join(s.dir, id)
	_, err = os.Lstat(final)
	if err == nil {
		return s.compare(final, r)
	}
	if !errors.Is(err, os.ErrNotExist) {
		return s.failed(err)
	}
	err = s.write(final, id, r)
	if err == nil {
		return nil
	}
	_, there := os.Lstat(final)
	if there == nil { // somebody else was first
		return s.compare(final, r)
	}
	return s.failed(err)
}

func (s *Spool) write(final, id string, r Rendered) error {
	temp, err := os.MkdirTemp(s.dir, incoming+id+"-")
	if err != nil {
		return err
	}
	err = fill(temp, r)
	if err == nil {
		err = os.Rename(temp, final)
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(temp))
	}
	return syncDir(s.dir)
}

func fill(dir string, r Rendered) error {
	for name, content := range r.files() {
		err := writeSynced(filepath.Join(dir, name), content)
		if err != nil {
			return err
		}
	}
	return syncDir(dir)
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// compare accepts what is there if it is this letter. It syncs again, because
// whoever wrote it may have died before doing so.
func (s *Spool) compare(final string, r Rendered) error {
	for name, want := range r.files() {
		have, err := os.ReadFile(filepath.Join(final, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return s.failed(err)
		}
		if err != nil || !bytes.Equal(have, want) {
			return problem.New(problem.Conflict, "notice.conflict", "another letter was delivered under this id").
				Fix("compare the two; a corrected letter needs an id of its own").Because(err)
		}
	}
	err := syncDir(s.dir)
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// Unsent lists the ids of letters that were begun and are not in the spool, in
// order. The spool keeps no time of what it has not finished, so before is not
// asked: one that is being written at this moment is listed too. Code: notice.spool.
func (s *Spool) Unsent(ctx context.Context, _ time.Time) ([]string, error) {
	err := ctx.Err()
	if err != nil {
		return nil, s.failed(err)
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, s.failed(err)
	}
	var there, begun []string
	for _, e := range entries {
		name, unfinished := strings.CutPrefix(e.Name(), incoming)
		if !unfinished {
			there = append(there, name)
			continue
		}
		if at := strings.LastIndex(name, "-"); at > 0 {
			begun = append(begun, name[:at])
		}
	}
	begun = slices.DeleteFunc(begun, func(id string) bool { return slices.Contains(there, id) })
	slices.Sort(begun)
	return slices.Compact(begun), nil
}

func (s *Spool) failed(err error) error {
	return problem.New(problem.Unavailable, "notice.spool", "the letter could not be put into the spool folder for certain").
		Fix("see that the folder exists, can be written and has room; delivering again is safe").Because(err)
}
