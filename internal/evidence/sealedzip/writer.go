package sealedzip

import (
	"encoding/binary"
	"io"
	"time"

	"counterseal/internal/problem"
)

// The fields of a ZIP that are always the same.
const (
	version   = 51     // that AES asks for
	flags     = 0x0809 // encrypted, sizes behind the data, names in UTF-8
	methodAES = 99
	extraZip  = 0x0001 // sizes of eight bytes
	extraAES  = 0x9901
	many      = 0xffffffff
)

// aes is the extra field: AE-2, AES-256, stored within.
var aesExtra = []byte{0x01, 0x99, 7, 0, 2, 0, 'A', 'E', 3, 0, 0}

// Writer takes the one file. Close ends the ZIP; one that is not closed cannot be read.
type Writer struct {
	to     io.Writer
	name   string
	stamp  [4]byte
	seal   *sealing
	salt   []byte
	inside uint64 // bytes of the file
	err    error
	buf    []byte
}

// NewWriter begins the ZIP. name is seen by everybody; 1 to 64 plain letters, digits,
// dots and hyphens.
func NewWriter(to io.Writer, random io.Reader, passphrase, name string, at time.Time) (*Writer, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, err
	}
	s, err := newSealing(passphrase, salt)
	if err != nil {
		return nil, err
	}
	if !plainName(name) {
		return nil, malformed("name")
	}
	w := &Writer{to: to, name: name, stamp: dosTime(at), seal: s, salt: salt, buf: make([]byte, 32<<10)}
	for _, part := range [][]byte{w.header(), salt, s.check[:]} {
		if _, err := to.Write(part); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Head is header and salt: what the ZIP begins with.
func (w *Writer) Head() []byte { return append(w.header(), w.salt...) }

func plainName(name string) bool {
	for _, c := range []byte(name) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-') {
			return false
		}
	}
	return name != "" && len(name) <= 64 && name[0] != '.'
}

// dosTime is the time in UTC as a ZIP states it, to two seconds.
func dosTime(at time.Time) (b [4]byte) {
	at = at.UTC()
	binary.LittleEndian.PutUint16(b[:], uint16(at.Hour()<<11|at.Minute()<<5|at.Second()/2))
	binary.LittleEndian.PutUint16(b[2:], uint16((at.Year()-1980)<<9|int(at.Month())<<5|at.Day()))
	return b
}

// Write seals some more of the file.
func (w *Writer) Write(p []byte) (n int, err error) {
	for len(p) > 0 && w.err == nil {
		k := copy(w.buf, p)
		w.seal.turn(w.buf[:k])
		w.seal.mac.Write(w.buf[:k])
		_, w.err = w.to.Write(w.buf[:k])
		if w.err == nil {
			n, w.inside, p = n+k, w.inside+uint64(k), p[k:]
		}
	}
	return n, w.err
}

// Close writes what stands behind the file.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	_, w.err = w.to.Write(append(w.seal.mac.Sum(nil)[:macSize], w.tail()...))
	if w.err != nil {
		return w.err
	}
	w.err = problem.New(problem.Internal, "sealedzip.closed", "this ZIP is closed")
	return nil
}

func u16(b []byte, v ...uint16) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint16(b, x)
	}
	return b
}

func u32(b []byte, v ...uint32) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

func u64(b []byte, v ...uint64) []byte {
	for _, x := range v {
		b = binary.LittleEndian.AppendUint64(b, x)
	}
	return b
}

// header is the local file header (APPNOTE 4.3.7). Sizes stand behind the data, in
// eight bytes, as the extra field announces.
func (w *Writer) header() []byte {
	b := u16(u32(nil, 0x04034b50), version, flags, methodAES)
	b = append(b, w.stamp[:]...)
	b = u32(b, 0, many, many)
	b = u16(b, uint16(len(w.name)), uint16(20+len(aesExtra)))
	b = append(b, w.name...)
	b = u64(u16(b, extraZip, 16), 0, 0)
	return append(b, aesExtra...)
}

// sealed is the length of what is encrypted, with all that belongs to it.
func (w *Writer) sealed() uint64 { return saltSize + checkSize + w.inside + macSize }

// tail is the data descriptor, the central directory and its two ends (APPNOTE 4.3.9,
// 4.3.12, 4.3.14 to 4.3.16).
func (w *Writer) tail() []byte {
	b := u64(u32(nil, 0x08074b50, 0), w.sealed(), w.inside)
	directory := uint64(len(w.header())) + w.sealed() + uint64(len(b))
	c := u16(u32(nil, 0x02014b50), version|3<<8, version, flags, methodAES)
	c = append(c, w.stamp[:]...)
	c = u32(c, 0, many, many)
	c = u16(c, uint16(len(w.name)), uint16(20+len(aesExtra)), 0, 0, 0)
	c = u32(c, 0o100600<<16, 0)
	c = append(c, w.name...)
	c = u64(u16(c, extraZip, 16), w.inside, w.sealed())
	c = append(c, aesExtra...)
	size := uint64(len(c))
	c = u64(u32(c, 0x06064b50), 44)
	c = u32(u16(c, version|3<<8, version), 0, 0)
	c = u64(c, 1, 1, size, directory)
	c = u32(u64(u32(c, 0x07064b50, 0), directory+size), 1)
	c = u16(u32(c, 0x06054b50), 0, 0, 1, 1)
	c = u16(u32(c, uint32(size), uint32(min(directory, many))), 0)
	return append(b, c...)
}

func malformed(what string) *problem.Error {
	return problem.New(problem.Unverified, "sealedzip.form", "this is not a ZIP in the form that is read").At("%s", what)
}
