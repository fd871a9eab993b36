package gate

import (
	"bufio"
	"crypto/sha256"
	"hash"
	"io"
	"os"

	"counterseal/internal/scope"
)

// accessLine is one line of the access file. Ref is the same as in the package;
// the verdict is inside, split, near, undated or unreadable.
type accessLine struct {
	Ref     string
	Account scope.AccountID
	Service scope.Service
	Verdict string
}

// accessFile lists every item that was read, for the provider alone.
type accessFile struct {
	f *os.File
	w *bufio.Writer
	h hash.Hash
}

func newAccess(path string) (*accessFile, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, unusable(err)
	}
	h := sha256.New()
	return &accessFile{f, bufio.NewWriterSize(io.MultiWriter(f, h), 64<<10), h}, nil
}

// line writes JSON by hand: none of the values can hold a character that needs
// escaping, and a release writes one line for each of a hundred thousand items.
func (a *accessFile) line(l accessLine) error {
	for _, s := range [...]string{`{"ref":"`, l.Ref, `","account":"`, string(l.Account), `","service":"`, string(l.Service), `","verdict":"`, l.Verdict, "\"}\n"} {
		if _, err := a.w.WriteString(s); err != nil {
			return unusable(err)
		}
	}
	return nil
}

func (a *accessFile) close() (digest [sha256.Size]byte, err error) {
	err = a.w.Flush()
	if err == nil {
		err = a.f.Sync()
	}
	if cerr := a.f.Close(); err == nil {
		err = cerr
	}
	copy(digest[:], a.h.Sum(nil))
	if err != nil {
		return digest, unusable(err)
	}
	return digest, nil
}
