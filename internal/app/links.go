package app

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"counterseal/internal/access"
	"counterseal/internal/problem"
)

// Links is where the folder remembers which customers' links were used.
func (f Folder) Links() string { return f.path("docket", "links") }

// customerLinks makes and takes customers' links. The key is made when it is
// first needed, so that older folders have one too.
func (o *Office) customerLinks() (access.SignedLinks, error) {
	key, err := o.Folder.linkKey()
	if err != nil {
		return access.SignedLinks{}, err
	}
	return access.SignedLinks{Key: key, Now: o.Clock.Now, Random: o.random, Spent: usedLinks{o.Folder.Links(), o.Clock.Now}}, nil
}

// folderLinks takes the links that any process of the folder made. It implements
// access.Links.
type folderLinks struct{ *Office }

// Look implements access.Links.
func (l folderLinks) Look(token string) (string, error) {
	s, err := l.customerLinks()
	if err != nil {
		return "", err
	}
	return s.Look(token)
}

// Spend implements access.Links.
func (l folderLinks) Spend(token string) (string, error) {
	s, err := l.customerLinks()
	if err != nil {
		return "", err
	}
	return s.Spend(token)
}

func (f Folder) linkKey() (key [32]byte, err error) {
	const name = "customer-links"
	_, err = os.Stat(f.Secret(name))
	if errors.Is(err, fs.ErrNotExist) {
		err = f.makeLinkKey(name)
		if err != nil {
			return key, err
		}
	}
	text, err := f.readSecret(name)
	if err != nil {
		return key, err
	}
	n, err := hex.Decode(key[:], []byte(strings.TrimSpace(string(text))))
	if err != nil || n != len(key) {
		return key, problem.New(problem.Unavailable, "app.key_missing", "a key of this folder cannot be read").At("%s", name).Fix("remove it: links that were given out end, and a new key is made").Because(err)
	}
	return key, nil
}

func (f Folder) makeLinkKey(name string) error {
	var key [32]byte
	rand.Read(key[:])
	err := keepOnce(f.Secret(name), 0o600, []byte(hex.EncodeToString(key[:])+"\n"))
	if err != nil {
		return folderProblem(err)
	}
	return nil
}

// usedLinks remembers in a folder: a file for each link, until it would have ended
// anyway. It implements access.Spent for any number of processes.
type usedLinks struct {
	dir string
	now func() time.Time
}

func (u usedLinks) file(id [16]byte) string { return filepath.Join(u.dir, hex.EncodeToString(id[:])) }

// Used implements access.Spent. Code: access.links.
func (u usedLinks) Used(id [16]byte) (bool, error) {
	_, err := os.Lstat(u.file(id))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, linksProblem(err)
	}
	return true, nil
}

// Use implements access.Spent. Code: access.links.
func (u usedLinks) Use(id [16]byte, until time.Time) (bool, error) {
	err := os.MkdirAll(u.dir, 0o700)
	if err != nil {
		return false, linksProblem(err)
	}
	u.forget()
	f, err := os.OpenFile(u.file(id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, linksProblem(err)
	}
	_, err = f.WriteString(until.UTC().Format(time.RFC3339) + "\n")
	err = errors.Join(err, f.Sync(), f.Close(), syncFolder(u.dir))
	if err != nil {
		return false, linksProblem(err)
	}
	return true, nil
}

// forget removes what has ended by itself. What cannot be removed stays: it only
// takes room.
func (u usedLinks) forget() {
	entries, err := os.ReadDir(u.dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(u.dir, e.Name())
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		until, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
		if err == nil && u.now().After(until.Add(access.LinkLife)) {
			_ = os.Remove(path)
		}
	}
}

func linksProblem(err error) error {
	return problem.New(problem.Unavailable, "access.links", "it cannot be seen whether this link was used before").Fix("see that the disk can be written, and open the link again").Because(err)
}
