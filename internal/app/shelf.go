package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"counterseal/internal/notice"
	"counterseal/internal/problem"
)

// Shelf is where the letters that customers were sent stand for them to read: all
// that a customer's page knows of demands. What was not sent is not there, so the
// page of somebody who may not be told is the page of somebody of whom nobody
// asked. Like the spool it holds letters in the clear.
func (f Folder) Shelf() string { return f.path("spool", "told") }

// shelf keeps facts of letters as SHELF/<customer>/<letter>.json, the customer
// under a name that says nothing.
type shelf struct{ dir string }

// letterName is the form of a letter's id.
var letterName = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (s shelf) of(customer string) string {
	sum := sha256.Sum256([]byte("counterseal-shelf-v1\n" + customer))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:16]))
}

// put keeps a letter that was sent; durable when it returns. One that stands there
// already is left as it is: it is what was sent first.
func (s shelf) put(customer, letter string, facts []byte) error {
	dir := s.of(customer)
	err := os.MkdirAll(dir, 0o700)
	if err != nil {
		return shelfProblem(err)
	}
	err = errors.Join(keepOnce(filepath.Join(dir, letter+".json"), 0o600, facts), syncFolder(s.dir))
	if err != nil {
		return shelfProblem(err)
	}
	return nil
}

// told is a letter on the shelf.
type told struct {
	ID    string
	Facts notice.Letter
}

// list gives the letters that a customer was sent, the latest first.
func (s shelf) list(ctx context.Context, customer string) ([]told, error) {
	entries, err := os.ReadDir(s.of(customer))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, shelfProblem(err)
	}
	var out []told
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok || !letterName.MatchString(id) {
			continue
		}
		err = ctx.Err()
		if err != nil {
			return nil, shelfProblem(err)
		}
		t, err := s.get(customer, id)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b told) int {
		at, bt := notice.HeadOf(a.Facts).Date, notice.HeadOf(b.Facts).Date
		if !at.Equal(bt) {
			return bt.Compare(at)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// get finds one. A letter of another customer and one that is not there are one
// answer.
func (s shelf) get(customer, id string) (told, error) {
	missing := problem.New(problem.Missing, "customer.no_notice", "there is no such notice")
	if !letterName.MatchString(id) {
		return told{}, missing
	}
	text, err := os.ReadFile(filepath.Join(s.of(customer), id+".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return told{}, missing
	}
	if err != nil {
		return told{}, shelfProblem(err)
	}
	l, err := notice.Decode(bytes.TrimSpace(text))
	if err != nil {
		return told{}, shelfProblem(err)
	}
	return told{ID: id, Facts: l}, nil
}

func shelfProblem(err error) error {
	return problem.New(problem.Unavailable, "customer.shelf", "the letters that customers were sent cannot be read or kept").
		Fix("see that the folder exists, can be written and has room").Because(err)
}
