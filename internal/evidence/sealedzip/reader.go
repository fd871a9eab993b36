package sealedzip

import (
	"bytes"
	"crypto/hmac"
	"encoding/binary"
	"io"

	"counterseal/internal/problem"
)

// Open checks the whole ZIP and gives its file. The second pass decrypts what the first
// one has found to be as it was sealed; r must not change in between. Codes:
// sealedzip.form, sealedzip.passphrase, sealedzip.changed.
func Open(r io.ReaderAt, size int64, passphrase string) (name string, file io.Reader, length int64, err error) {
	w, begin, err := readHeader(r)
	if err != nil {
		return "", nil, 0, err
	}
	tail := int64(len(w.tail()))
	length = size - begin - saltSize - checkSize - macSize - tail
	if length < 0 {
		return "", nil, 0, malformed("length")
	}
	w.inside = uint64(length)
	end := make([]byte, macSize+tail)
	if _, err := r.ReadAt(end, size-int64(len(end))); err != nil && err != io.EOF {
		return "", nil, 0, malformed("end").Because(err)
	}
	if !bytes.Equal(end[macSize:], w.tail()) {
		return "", nil, 0, malformed("directory")
	}
	head := make([]byte, saltSize+checkSize)
	if _, err := r.ReadAt(head, begin); err != nil {
		return "", nil, 0, malformed("salt").Because(err)
	}
	s, err := newSealing(passphrase, head[:saltSize])
	if err != nil {
		return "", nil, 0, malformed("passphrase").Because(err)
	}
	if !bytes.Equal(s.check[:], head[saltSize:]) {
		return "", nil, 0, wrong()
	}
	begin += int64(len(head))
	if _, err := io.Copy(s.mac, io.NewSectionReader(r, begin, length)); err != nil {
		return "", nil, 0, malformed("data").Because(err)
	}
	if !hmac.Equal(s.mac.Sum(nil)[:macSize], end[:macSize]) {
		return "", nil, 0, problem.New(problem.Unverified, "sealedzip.changed", "this ZIP is not as it was sealed, or the passphrase is another one").Fix("compare the passphrase; fetch the file again")
	}
	return w.name, &opened{io.NewSectionReader(r, begin, length), s}, length, nil
}

// Head gives what tells one ZIP from every other: its header and its salt, as a writer's
// Head does. Code: sealedzip.form.
func Head(r io.ReaderAt) ([]byte, error) {
	w, begin, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	w.salt = make([]byte, saltSize)
	if _, err := r.ReadAt(w.salt, begin); err != nil {
		return nil, malformed("salt").Because(err)
	}
	return w.Head(), nil
}

func wrong() *problem.Error {
	return problem.New(problem.Unverified, "sealedzip.passphrase", "this passphrase does not open the ZIP").Fix("read it back, group by group")
}

// readHeader reads the beginning as a writer writes it.
func readHeader(r io.ReaderAt) (*Writer, int64, error) {
	fixed := make([]byte, 30)
	if _, err := r.ReadAt(fixed, 0); err != nil {
		return nil, 0, malformed("beginning").Because(err)
	}
	n := int(binary.LittleEndian.Uint16(fixed[26:]))
	w := &Writer{name: string(make([]byte, min(n, 64))), stamp: [4]byte(fixed[10:14])}
	whole := make([]byte, len(w.header()))
	if _, err := r.ReadAt(whole, 0); err != nil {
		return nil, 0, malformed("beginning").Because(err)
	}
	w.name = string(whole[30 : 30+len(w.name)])
	if !plainName(w.name) || !bytes.Equal(whole, w.header()) {
		return nil, 0, malformed("beginning")
	}
	return w, int64(len(whole)), nil
}

type opened struct {
	from io.Reader
	seal *sealing
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.from.Read(p)
	o.seal.turn(p[:n])
	return n, err
}
