package ledger

import (
	"bytes"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"counterseal/internal/problem"

	"golang.org/x/mod/sumdb/note"
)

// lockDir makes the log's directory and takes its OS lock, which ends with the
// process. Problems: ledger.busy, ledger.directory.
func lockDir(dir string) (*os.File, error) {
	unusable := problem.New(problem.Unavailable, "ledger.directory", "the log's directory cannot be used")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, unusable.Because(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, ".writer"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusable.Because(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, problem.New(problem.Conflict, "ledger.busy", "another process writes this log").Because(err)
	}
	return f, nil
}

// fencedSigner stops signing when the writer stops: Tessera's publisher may
// still run for a moment after its context has ended.
type fencedSigner struct {
	note.Signer
	closed *atomic.Bool
}

func (s fencedSigner) Sign(msg []byte) ([]byte, error) {
	if s.closed.Load() {
		return nil, Fenced()
	}
	return s.Signer.Sign(msg)
}

// emptySigner signs the checkpoint of an empty log and nothing else.
type emptySigner struct{ note.Signer }

func (s emptySigner) Sign(msg []byte) ([]byte, error) {
	lines := bytes.Split(msg, []byte("\n"))
	if len(lines) < 2 || string(lines[1]) != "0" {
		return nil, problem.New(problem.Refused, "ledger.recovering", "nothing is published while the log is being replayed")
	}
	return s.Signer.Sign(msg)
}
