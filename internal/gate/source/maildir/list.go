package maildir

import (
	"crypto/sha256"
	"hash"
	"strings"
)

// Names are those of a list while it is read. They are kept as parts of a few texts, which
// takes half the memory of a text each.
type names struct {
	text  []byte   // of the block that is being filled
	texts []string // of those that are full
	count []int    // of the names in each
	ends  []uint32 // of each name in its text, and two bits that say where and what it is
}

const blockSize = 64 << 10

const isUnseen, isRegular, markBits = 1, 2, 2

func (n *names) put(unseen bool, name []byte, regular bool) error {
	if len(n.text)+len(name) > blockSize {
		n.cut()
	}
	n.text = append(n.text, name...)
	end := uint32(len(n.text)) << markBits
	if unseen {
		end |= isUnseen
	}
	if regular {
		end |= isRegular
	}
	n.ends = append(n.ends, end)
	return nil
}

func (n *names) cut() {
	before := 0
	for _, c := range n.count {
		before += c
	}
	n.texts = append(n.texts, string(n.text))
	n.count = append(n.count, len(n.ends)-before)
	n.text = n.text[:0]
}

// messages makes messages of the names, as many as there are and no room for more.
func (n *names) messages() []message {
	n.cut()
	out := make([]message, len(n.ends))
	i := 0
	for block, text := range n.texts {
		from := uint32(0)
		for range n.count[block] {
			end := n.ends[i] >> markBits
			name := text[from:end]
			key := strings.IndexByte(name, ':')
			if key < 0 {
				key = len(name)
			}
			out[i] = message{name, int32(key), n.ends[i]&isUnseen != 0, n.ends[i]&isRegular != 0}
			from = end
			i++
		}
	}
	return out
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
