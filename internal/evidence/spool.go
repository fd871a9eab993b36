package evidence

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"io"
	"os"

	"counterseal/internal/problem"
)

// inMemory is how many bytes a spool holds before it goes to a file.
const inMemory = 1 << 20

// A spool holds bytes whose number is not known yet: first in memory, then in a
// file that has no name. The file is encrypted (AES-256-CTR, a fresh key for
// each spool, never used twice), because the blocks of a deleted file stay on
// the disk. It is written, then read once.
type spool struct {
	dir  string
	rand io.Reader
	mem  []byte
	file *os.File
	key  [32 + aes.BlockSize]byte
	enc  cipher.Stream
	size int64
}

func (s *spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	s.mem = append(s.mem, p...)
	if len(s.mem) <= inMemory {
		return len(p), nil
	}
	err := s.flush()
	return len(p), err
}

func (s *spool) flush() error {
	if s.file == nil {
		err := s.open()
		if err != nil {
			return spoolFailed(err)
		}
	}
	s.enc.XORKeyStream(s.mem, s.mem)
	_, err := s.file.Write(s.mem)
	s.mem = s.mem[:0]
	if err != nil {
		return spoolFailed(err)
	}
	return nil
}

func (s *spool) open() error {
	_, err := io.ReadFull(s.rand, s.key[:])
	if err != nil {
		return err
	}
	s.enc = stream(s.key)
	f, err := os.CreateTemp(s.dir, "spool-*")
	if err != nil {
		return err
	}
	err = os.Remove(f.Name())
	if err != nil {
		f.Close()
		return err
	}
	s.file = f
	return nil
}

func stream(key [32 + aes.BlockSize]byte) cipher.Stream {
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	return cipher.NewCTR(block, key[32:])
}

// reader gives the bytes from the beginning. Nothing may be written afterwards.
func (s *spool) reader() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.mem), nil
	}
	if len(s.mem) > 0 {
		err := s.flush()
		if err != nil {
			return nil, err
		}
	}
	_, err := s.file.Seek(0, io.SeekStart)
	if err != nil {
		return nil, spoolFailed(err)
	}
	return cipher.StreamReader{S: stream(s.key), R: s.file}, nil
}

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
	s.mem, s.key = nil, [32 + aes.BlockSize]byte{}
}

func spoolFailed(err error) error {
	return problem.New(problem.Unavailable, "evidence.spool", "the spool folder cannot be written or read").
		Fix("make room, or name another spool folder").Because(err)
}
