package maildir

import (
	"crypto/sha256"
	"hash"
	"strings"
)

// A block gathers names as parts of one text, which takes half the memory of a text each.
type block struct {
	into  *folder
	text  []byte
	ends  []int
	first int // of the messages whose names stand in it
}

const blockSize = 64 << 10

func (b *block) put(unseen bool, name []byte, regular bool) error {
	if len(b.text)+len(name) > blockSize {
		b.cut()
	}
	b.text = append(b.text, name...)
	b.ends = append(b.ends, len(b.text))
	b.into.messages = append(b.into.messages, message{unseen: unseen, regular: regular})
	return nil
}

// cut gives the names that have been gathered to their messages.
func (b *block) cut() {
	all, from := string(b.text), 0
	for i, end := range b.ends {
		m := &b.into.messages[b.first+i]
		m.name = all[from:end]
		m.keyLen = int32(end - from)
		if colon := strings.IndexByte(m.name, ':'); colon >= 0 {
			m.keyLen = int32(colon)
		}
		from = end
	}
	b.first += len(b.ends)
	b.text, b.ends = b.text[:0], b.ends[:0]
}

// A digest is that of what lists say, in their order. No name has a zero byte in it.
type digest struct {
	hash hash.Hash
	text []byte
}

func newDigest() *digest { return &digest{hash: sha256.New(), text: make([]byte, 0, blockSize)} }

// add takes a name and what it is.
func (d *digest) add(name []byte, what byte) {
	if len(d.text)+len(name)+2 > cap(d.text) {
		d.hash.Write(d.text)
		d.text = d.text[:0]
	}
	d.text = append(append(d.text, name...), 0, what)
}

func (d *digest) sum() (sum [sha256.Size]byte) {
	d.hash.Write(d.text)
	d.hash.Sum(sum[:0])
	return sum
}
