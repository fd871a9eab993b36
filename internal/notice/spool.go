package notice

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"counterseal/internal/problem"
)

// The files of a delivered letter, in a folder named by the letter's id.
const (
	TextFile = "letter.txt"
	HTMLFile = "letter.html"
)

// incoming begins the names of folders that are being written. One that a crash
// left behind holds no delivered letter and can be removed.
const incoming = ".incoming-"

// Spool delivers letters into a folder, as DIR/<id>/letter.txt and letter.html.
// Any number of goroutines and processes may use it.
type Spool struct{ dir string }

// NewSpool names the folder, which must exist when a letter is delivered.
func NewSpool(dir string) *Spool { return &Spool{dir} }

// Deliver writes the letter and returns when it is durable. Both files appear at
// once or not at all: they are written and synced in a folder of their own, which
// is then renamed; renaming onto a folder with content fails, so nothing is ever
// overwritten. The same letter under the same id again is no error. id is 1 to
// 64 of a–z, 0–9 and inner hyphens. Codes: notice.id, notice.field,
// notice.template, notice.conflict (another letter has this id), notice.spool.
func (s *Spool) Deliver(ctx context.Context, id string, l Letter) error {
	if !validID(id) {
		return problem.New(problem.Invalid, "notice.id", "a letter's id is 1 to 64 of a–z, 0–9 and inner hyphens")
	}
	r, err := Render(l)
	if err != nil {
		return err
	}
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

func validID(id string) bool {
	return id != "" && len(id) <= 64 && id[0] != '-' && id[len(id)-1] != '-' && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
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
	err := writeSynced(filepath.Join(dir, TextFile), r.Text)
	if err != nil {
		return err
	}
	err = writeSynced(filepath.Join(dir, HTMLFile), r.HTML)
	if err != nil {
		return err
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
	for name, want := range map[string][]byte{TextFile: r.Text, HTMLFile: r.HTML} {
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

func (s *Spool) failed(err error) error {
	return problem.New(problem.Unavailable, "notice.spool", "the letter could not be put into the spool folder for certain").
		Fix("see that the folder exists, can be written and has room; delivering again is safe").Because(err)
}
