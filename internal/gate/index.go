package gate

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"time"

	"counterseal/internal/gate/copyfile"
	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// hidden is a file without a name, encrypted under a key that is never written, as the
// spools of a package are, because the blocks of a deleted file stay on the disk. It is
// written, and then read as often as wanted.
type hidden struct {
	f      *os.File
	block  cipher.Block
	iv     [aes.BlockSize]byte
	buffer *bufio.Writer
}

func (a *attempt) newHidden() (*hidden, error) {
	var key [32 + aes.BlockSize]byte
	if _, err := io.ReadFull(a.g.cfg.Rand, key[:]); err != nil {
		return nil, noRandomness(err)
	}
	block, err := aes.NewCipher(key[:32])
	if err != nil {
		return nil, unusable(err)
	}
	f, err := os.CreateTemp(a.staged(""), "index-*")
	if err != nil {
		return nil, unusable(err)
	}
	if err := os.Remove(f.Name()); err != nil {
		f.Close()
		return nil, unusable(err)
	}
	h := &hidden{f: f, block: block, iv: [aes.BlockSize]byte(key[32:])}
	h.buffer = bufio.NewWriterSize(cipher.StreamWriter{S: h.stream(), W: f}, 64<<10)
	return h, nil
}

func (h *hidden) stream() cipher.Stream { return cipher.NewCTR(h.block, h.iv[:]) }

func (h *hidden) reader() (io.Reader, error) {
	err := h.buffer.Flush()
	if err == nil {
		_, err = h.f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, unusable(err)
	}
	return bufio.NewReaderSize(cipher.StreamReader{S: h.stream(), R: h.f}, 64<<10), nil
}

// index says of each item that went into a package or a copy what a scope judges it
// by, and of a package the size and digest that it has there. The package itself is for
// its recipient alone: the gate cannot read it again.
type index struct {
	items *hidden
	sums  *hidden // of a package, in the same order: eight bytes of size, SHA-256
	w     *copyfile.Writer
	ended bool
	named map[string]bool // participants whom the scope names
}

func (a *attempt) newIndex() (*index, error) {
	x := &index{named: a.namesPeople()}
	var err error
	x.items, err = a.newHidden()
	if err == nil {
		x.sums, err = a.newHidden()
	}
	if err == nil {
		x.w, err = copyfile.NewWriter(x.items.buffer, a.id)
	}
	if err != nil {
		x.close()
		return nil, problem.Of(err)
	}
	return x, nil
}

func (a *attempt) namesPeople() map[string]bool { return namedIn(a.grant.Scope) }

// namedIn are the participants whom a scope names.
func namedIn(s scope.Scope) map[string]bool {
	out := map[string]bool{}
	for _, sel := range s.Selectors() {
		for _, p := range sel.Participants {
			out[p] = true
		}
	}
	return out
}

func (x *index) close() {
	if x == nil {
		return
	}
	for _, h := range []*hidden{x.items, x.sums} {
		if h != nil {
			h.f.Close()
		}
	}
}

// add notes an item that was given.
func (x *index) add(it scope.Item) error {
	_, err := x.w.Item(copyfile.Item{Item: it}, bytes.NewReader(nil), func(error) bool { return false })
	if problem.Code(err) == "copy.too_large" {
		return err
	}
	if err != nil {
		return unusable(err)
	}
	return nil
}

// packed notes what an item is in the package; the package's writer calls it.
func (x *index) packed(size int64, sum [sha256.Size]byte) error {
	_, err := x.sums.buffer.Write(append(binary.BigEndian.AppendUint64(nil, uint64(size)), sum[:]...))
	if err != nil {
		return unusable(err)
	}
	return nil
}

func (x *index) facts() (io.Reader, error) {
	if !x.ended {
		if _, err := x.w.Close(); err != nil {
			return nil, unusable(err)
		}
		x.ended = true
	}
	return x.items.reader()
}

// indexed notes an item that was given. Of who took part it keeps whom the scope names:
// nothing else can change the answer, and a mail may name ten thousand.
func (c *collection) indexed(it source.Item) error {
	if !c.a.g.notes(it.Item) {
		return nil
	}
	facts := it.Item
	facts.Participants = nil
	for _, p := range it.Participants {
		if c.a.index.named[p] {
			facts.Participants = append(facts.Participants, p)
		}
	}
	return c.a.index.add(facts)
}

// keepIndex keeps the index beside the release, for the day on which it turns out that
// something of it was not compelled. A gate whose key is not Ed25519 keeps none.
func (a *attempt) keepIndex(s *stepSealed) error {
	if a.index == nil || a.g.ableToKeep() != nil {
		return nil
	}
	kept, err := a.g.writeList(indexList(a.id), func(w io.Writer) error { return a.copyIndex(w) })
	if err != nil {
		return err
	}
	s.Index, s.IndexUntil = kept.String(), a.g.cfg.Now().Add(a.g.cfg.Lists).UTC().Truncate(time.Second)
	return nil
}

func (a *attempt) copyIndex(to io.Writer) error {
	items, err := a.index.facts()
	if err != nil {
		return err
	}
	sums, err := a.index.sums.reader()
	if err != nil {
		return err
	}
	w, err := copyfile.NewWriter(to, a.id)
	if err != nil {
		return unusable(err)
	}
	var row [8 + sha256.Size]byte
	_, err = copyfile.Read(items, a.id, func(it copyfile.Item, _ io.Reader) error {
		if _, err := io.ReadFull(sums, row[:]); err != nil {
			return unusable(err)
		}
		it.Size = int64(binary.BigEndian.Uint64(row[:]))
		_, err := w.Item(it, bytes.NewReader(row[8:]), func(error) bool { return false })
		return err
	}, func(copyfile.Withheld) error { return unusable(errors.New("an index that lists what was withheld")) })
	if err == nil {
		_, err = w.Close()
	}
	if err != nil {
		return unusable(err)
	}
	return nil
}

// indexRow is one item of a kept index.
type indexRow struct {
	scope.Item
	size int64
	sum  [sha256.Size]byte
}

// readIndex gives every item of a release's kept index. Codes: gate.list_changed,
// gate.index_missing, gate.index_ended.
func (g *Gate) readIndex(id string, row func(indexRow) error) error {
	from, err := g.openList(indexList(id))
	if err != nil {
		return err
	}
	defer from.Close()
	var fatal error
	_, err = copyfile.Read(from, id, func(it copyfile.Item, sum io.Reader) error {
		b, err := io.ReadAll(io.LimitReader(sum, sha256.Size+1))
		if err != nil || len(b) != sha256.Size {
			return listChanged(err)
		}
		fatal = row(indexRow{it.Item, it.Size, [sha256.Size]byte(b)})
		return fatal
	}, func(copyfile.Withheld) error { return listChanged(nil) })
	if fatal != nil {
		return fatal
	}
	if err != nil {
		return listChanged(err)
	}
	return nil
}
