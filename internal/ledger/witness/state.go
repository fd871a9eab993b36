package witness

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

const stateHeader = "counterseal-witness-state-v1"

// state is the durable memory of a witness; its caller serialises.
type state struct {
	dir  string
	lock *os.File
}

func openState(dir string, begun bool) (*state, error) {
	if begun {
		if _, err := os.Stat(filepath.Join(dir, "lock")); errors.Is(err, fs.ErrNotExist) {
			return nil, problem.New(problem.Refused, "witness.lost", "this witness has lost its memory, and it does not begin again: it could sign another history").
				Fix("end this witness, and name another with a new key in the log's policy")
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusable(err)
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, problem.New(problem.Conflict, "witness.busy", "another process holds this witness's memory").Because(err)
	}
	return &state{dir: dir, lock: f}, nil
}

func (s *state) close() error { return s.lock.Close() }

func (s *state) path(origin string) string {
	return filepath.Join(s.dir, fmt.Sprintf("%x", sha256.Sum256([]byte(origin))))
}

func (s *state) last(origin string) (proof.Checkpoint, error) {
	text, err := os.ReadFile(s.path(origin))
	if errors.Is(err, fs.ErrNotExist) {
		return proof.Checkpoint{Origin: origin, Root: proof.EmptyRoot()}, nil
	}
	if err != nil {
		return proof.Checkpoint{}, unusable(err)
	}
	cp, err := parseState(text)
	if err != nil || cp.Origin != origin {
		return proof.Checkpoint{}, unusable(err)
	}
	return cp, nil
}

func (s *state) keep(cp proof.Checkpoint) (err error) {
	path := s.path(cp.Origin)
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return unusable(err)
	}
	_, err = f.Write(marshalState(cp))
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		err = syncDir(s.dir)
	}
	if err != nil {
		return unusable(err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func marshalState(cp proof.Checkpoint) []byte {
	return fmt.Appendf(nil, "%s\n%s\n%d\n%s\n", stateHeader, cp.Origin, cp.Size, base64.StdEncoding.EncodeToString(cp.Root[:]))
}

// parseState accepts only what marshalState writes: a torn or edited state must
// stop the witness, not reset it.
func parseState(text []byte) (proof.Checkpoint, error) {
	lines := strings.Split(string(text), "\n")
	if len(lines) != 5 {
		return proof.Checkpoint{}, errors.New("witness state: not five lines")
	}
	cp := proof.Checkpoint{Origin: lines[1]}
	if _, err := fmt.Sscanf(lines[2], "%d", &cp.Size); err != nil || cp.Size > math.MaxInt64 {
		return proof.Checkpoint{}, errors.New("witness state: size")
	}
	root, err := base64.StdEncoding.DecodeString(lines[3])
	if err != nil || len(root) != len(cp.Root) {
		return proof.Checkpoint{}, errors.New("witness state: root")
	}
	copy(cp.Root[:], root)
	if string(marshalState(cp)) != string(text) {
		return proof.Checkpoint{}, errors.New("witness state: not canonical")
	}
	return cp, nil
}

func unusable(err error) *problem.Error {
	return problem.New(problem.Unavailable, "witness.state", "the witness's memory cannot be used").Because(err)
}
