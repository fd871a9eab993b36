package mbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// gapPreamble is the reason for a gap: bytes before the first separator.
const gapPreamble = "source.no_separator"

// A pass is one reading of a store for one query.
type pass struct {
	cfg         Config
	query       source.Query
	from, until int64 // the query's, Unix seconds
	item        func(source.Item) error
	gap         func(source.Gap) error
	deliveredTo string

	scan   scanner
	file   *rooted.File
	name   string
	header letter.Head
	people letter.People
	ids    source.Numbering

	hash      hash.Hash
	sum       [sha256.Size]byte
	idText    []byte // what is hashed before a header block
	idAccount int    // bytes of it that are the same for each message
}

func newPass(cfg Config, q source.Query, item func(source.Item) error, gap func(source.Gap) error) *pass {
	p := &pass{cfg: cfg, query: q, item: item, gap: gap, hash: sha256.New()}
	p.from, p.until = letter.Span(q)
	if cfg.Shared != nil {
		p.deliveredTo = cfg.Shared.Header
	}
	for _, part := range []string{"counterseal-mbox-item-v1", string(q.Account)} {
		p.idText = binary.BigEndian.AppendUint64(p.idText, uint64(len(part)))
		p.idText = append(p.idText, part...)
	}
	p.idAccount = len(p.idText)
	return p
}

// message judges one message of the file and gives it on as an item or a gap.
func (p *pass) message(m message) error {
	if m.separator == nil {
		return p.report(m, gapPreamble)
	}
	n, ok := p.header.Parse(m.head, p.deliveredTo)
	if !ok {
		return p.report(m, letter.GapHead)
	}
	block := m.head[:n]
	d := p.header.Times(func() (letter.Moment, string) {
		at, why, _ := letter.SeparatorDate(m.separator[len(fromMark):], p.cfg.SeparatorUTC)
		return at, why
	})
	if d.Outside(p.from, p.until) {
		return nil
	}
	if p.cfg.Shared != nil {
		account, why := p.people.Holder(&p.header, d, p.cfg.Shared.Resolve)
		if why != "" {
			return p.report(m, why)
		}
		if account != p.query.Account {
			return nil
		}
	}
	people, ok := p.people.Of(&p.header)
	if !ok {
		return p.report(m, letter.GapAddresses)
	}
	return p.give(m, block, d, people)
}

func (p *pass) report(m message, why string) error {
	return p.gap(source.Gap{Place: fmt.Sprintf("%s, byte %d", p.name, m.at), Reason: why})
}

func (p *pass) give(m message, block []byte, d letter.Times, people []string) error {
	name, err := p.filename(m.separator, block)
	if err != nil {
		return err
	}
	b := &body{pass: p, message: m}
	it := source.Item{
		Item: scope.Item{
			ID: name[:len(name)-len(".eml")], Account: p.query.Account, Service: scope.Mail, Category: scope.Content,
			Participants: people,
		},
		Size:     m.end - m.start,
		Filename: name,
		Open:     b.open,
	}
	d.Put(&it)
	err = p.item(it)
	b.closed = true
	return err
}

// filename gives the item's id with ".eml"; see the package comment for the id.
func (p *pass) filename(separator, block []byte) (string, error) {
	t := p.idText[:p.idAccount]
	t = binary.BigEndian.AppendUint64(t, uint64(len(separator)))
	t = append(t, separator...)
	t = binary.BigEndian.AppendUint64(t, uint64(len(block)))
	p.idText = t
	p.hash.Reset()
	p.hash.Write(t)
	p.hash.Write(block)
	sum := p.hash.Sum(p.sum[:0])
	nth, ok := p.ids.Count(binary.BigEndian.Uint64(sum))
	if !ok {
		return "", problem.New(problem.Invalid, "source.too_large", "one query gives at most %d messages", source.MaxItems).Fix("ask for a shorter interval at a time")
	}
	name := append(make([]byte, 0, 64), "mbox-"...)
	name = hex.AppendEncode(name, sum[:16])
	if nth > 1 {
		name = strconv.AppendUint(append(name, '-'), uint64(nth), 10)
	}
	return string(append(name, ".eml"...)), nil
}

// A body gives one item's bytes while its callback runs, and an error after
// that: its memory then holds another item.
type body struct {
	pass    *pass
	message message
	r       io.Reader
	memory  bytes.Reader // r, where the message is in the buffer
	closed  bool
}

// open implements source.Item.Open.
func (b *body) open() (io.ReadCloser, error) {
	if b.closed {
		return nil, overdue()
	}
	quoted := b.pass.cfg.Flavour == MboxRD
	if c := b.message.content; c != nil {
		b.memory.Reset(c)
		b.r = &b.memory
		quoted = quoted && bytes.Contains(c, quotedFrom)
	} else {
		b.r = exact{io.NewSectionReader(b.pass.file, b.message.start, b.message.end-b.message.start), b.pass.name}
	}
	if quoted {
		b.r = newUnquoter(b.r)
	}
	return b, nil
}

func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, overdue()
	}
	return b.r.Read(p)
}

func (b *body) Close() error { return nil }

func overdue() error {
	return problem.New(problem.Internal, "source.closed", "an item's bytes can be read only while it is given")
}

// exact reads a part of the file again: a failure becomes a problem, and an end
// before the part's end means that the file was cut.
type exact struct {
	r    *io.SectionReader
	name string
}

func (e exact) Read(b []byte) (int, error) {
	n, err := e.r.Read(b)
	if err == io.EOF {
		at, _ := e.r.Seek(0, io.SeekCurrent)
		if at < e.r.Size() {
			err = rooted.Changed(e.name)
		}
		return n, err
	}
	if err != nil {
		err = rooted.Unreadable(e.name, err)
	}
	return n, err
}
