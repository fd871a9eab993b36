package access

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// Folder keeps sessions as files, so that they outlast the program and any process
// of the folder can end them. A session is the file whose name is the SHA-256 of its
// secret in hex; its last use lies beside it, as NAME.used. Without the first the
// second says nothing: whoever ends a session while another process notes its use
// has ended it.
type Folder string

const (
	usedSuffix  = ".used"
	maxSession  = 4 << 10
	sessionForm = 1
)

// onDisk is a session's file, as docs/formats.md has it.
type onDisk struct {
	Version int       `json:"version"`
	Person  string    `json:"person"`
	By      string    `json:"by"`
	Key     string    `json:"key,omitempty"`
	Issued  time.Time `json:"issued"`
	Until   time.Time `json:"until"`
}

func (f Folder) file(h secretHash) string {
	return filepath.Join(string(f), hex.EncodeToString(h[:]))
}

func (f Folder) begin(h secretHash, s Session) error {
	err := os.MkdirAll(string(f), 0o700)
	if err != nil {
		return sessionsProblem(err)
	}
	b, err := json.Marshal(onDisk{Version: sessionForm, Person: s.Person, By: s.By, Key: s.Key, Issued: s.Issued, Until: s.Until})
	if err != nil {
		return sessionsProblem(err)
	}
	err = f.replace(f.file(h), append(b, '\n'))
	if err != nil {
		return sessionsProblem(err)
	}
	return nil
}

// replace writes a file whole under another name first.
func (f Folder) replace(path string, content []byte) error {
	temp, err := os.CreateTemp(string(f), ".incoming-") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err != nil {
		return err
	}
	err = os.Rename(temp.Name(), path)
	if err != nil {
		return err
	}
	return f.sync()
}

func (f Folder) sync() error {
	d, err := os.Open(string(f))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f Folder) find(h secretHash) (Session, bool, error) {
	b, err := readSmall(f.file(h))
	if errors.Is(err, fs.ErrNotExist) {
		return Session{}, false, nil
	}
	if err != nil {
		return Session{}, false, sessionsProblem(err)
	}
	s, ok := parseSession(h, b)
	if !ok { // no session of ours: it lets nobody in, and the next one to begin drops it
		return Session{}, false, nil
	}
	last, err := readSmall(f.file(h) + usedSuffix)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s, true, nil // not used since it began
	case err != nil:
		return Session{}, false, sessionsProblem(err)
	}
	s.Used, err = time.Parse(time.RFC3339, strings.TrimSuffix(string(last), "\n"))
	return s, err == nil, nil
}

// parseSession reads a session's file; anything that we would not have written is none.
func parseSession(h secretHash, b []byte) (Session, bool) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var x onDisk
	err := d.Decode(&x)
	if err != nil || d.More() || x.Version != sessionForm || x.Person == "" || len(x.Person) > maxPerson || x.Until.Sub(x.Issued) > SessionLife {
		return Session{}, false
	}
	if x.By != ByLink && x.By != ByPasskey && x.By != ByOpenID {
		return Session{}, false
	}
	return Session{ID: h.id(), Person: x.Person, By: x.By, Key: x.Key, Issued: x.Issued, Until: x.Until, Used: x.Issued}, true
}

func readSmall(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSession))
}

func (f Folder) used(h secretHash, at time.Time) error {
	err := f.replace(f.file(h)+usedSuffix, []byte(at.UTC().Format(time.RFC3339)+"\n"))
	if err != nil {
		return sessionsProblem(err)
	}
	return nil
}

func (f Folder) end(h secretHash) error {
	for _, path := range []string{f.file(h), f.file(h) + usedSuffix} {
		err := os.Remove(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return sessionsProblem(err)
		}
	}
	err := f.sync()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return sessionsProblem(err)
	}
	return nil
}

// all lists every file that is named like a session; one that is none counts as over.
func (f Folder) all() (map[secretHash]Session, error) {
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, sessionsProblem(err)
	}
	out := map[secretHash]Session{}
	for _, e := range entries {
		raw, err := hex.DecodeString(strings.TrimSuffix(e.Name(), usedSuffix))
		if err != nil || len(raw) != len(secretHash{}) {
			continue
		}
		h := secretHash(raw)
		s, ok, err := f.find(h)
		if err != nil {
			return nil, err
		}
		if !ok {
			s = Session{ID: h.id()}
		}
		out[h] = s
	}
	return out, nil
}

func sessionsProblem(err error) error {
	return problem.New(problem.Unavailable, "access.sessions", "the sessions cannot be read or written").Fix("see that the folder docket/sessions can be read and written, and that the disk has room").Because(err)
}
