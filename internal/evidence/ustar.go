package evidence

import (
	"archive/tar"
	"bytes"
	"time"
)

// ustar makes the headers of regular files: what archive/tar makes, byte for
// byte (a test compares), in a tenth of the time, which with small items is a
// third of the binder's. Only name, prefix, size and checksum differ between
// headers. Offsets: POSIX.1-1988 ustar interchange format.
type ustar struct {
	template [headerSize]byte // of an empty file with an empty name
	sum      int              // of the template's bytes, without its checksum field
}

const headerSize = 512

const maxUstarSize = 1<<33 - 1 // eleven octal digits

func newUstar(mtime time.Time) (*ustar, error) {
	var b bytes.Buffer
	err := tar.NewWriter(&b).WriteHeader(fileHeader("x", 0, mtime))
	if err != nil {
		return nil, err
	}
	u := &ustar{template: [headerSize]byte(b.Bytes())}
	u.template[0] = 0
	copy(u.template[148:156], "        ") // the checksum counts as spaces
	for _, c := range u.template {
		u.sum += int(c)
	}
	return u, nil
}

func fileHeader(name string, size int64, mtime time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o644, ModTime: mtime}
}

// put writes the header to the front of to. It is false, and to is as it was,
// where a ustar header cannot say it.
func (u *ustar) put(to, name []byte, size int64) bool {
	var prefix []byte
	if len(name) > 100 {
		i := bytes.LastIndexByte(name[:min(len(name), 156)], '/')
		if i <= 0 || len(name)-i-1 > 100 {
			return false
		}
		prefix, name = name[:i], name[i+1:]
	}
	if size > maxUstarSize {
		return false
	}
	block := to[:headerSize]
	copy(block, u.template[:])
	copy(block, name)
	copy(block[345:], prefix)
	octal(block[124:135], size)
	sum := u.sum
	for _, part := range [][]byte{name, prefix, block[124:135]} {
		for _, c := range part {
			sum += int(c)
		}
	}
	sum -= 11 * '0' // the template's own size
	octal(block[148:154], int64(sum))
	block[154], block[155] = 0, ' '
	return true
}

func octal(field []byte, n int64) {
	for i := len(field) - 1; i >= 0; i-- {
		field[i] = '0' + byte(n&7)
		n >>= 3
	}
}

var zeros [headerSize]byte

// padding is what fills a file's last block.
func padding(size int64) []byte { return zeros[:-size&(headerSize-1)] }
