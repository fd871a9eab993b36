package mbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Reasons for a gap.
const (
	gapPreamble  = "source.no_separator"       // bytes before the first separator
	gapHeader    = "source.header_too_long"    // over maxHeader
	gapAddresses = "source.too_many_addresses" // over maxAddresses
	gapDelivery  = "source.no_recipient"       // shared: no delivery header
	gapRecipient = "source.recipient_form"     // shared: it does not hold exactly one address
	gapAccount   = "source.not_resolved"       // shared: its address names no single account then
)

// A pass is one reading of a store for one query.
type pass struct {
	cfg         Config
	query       source.Query
	from, until int64 // the query's, Unix seconds
	item        func(source.Item) error
	gap         func(source.Gap) error
	deliveredTo string

	scan   scanner
	file   *os.File
	name   string
	header header
	addrs  addresses // of the message's people; given away with each item
	handed addresses // of its delivery header
	ids    source.Numbering

	hash      hash.Hash
	sum       [sha256.Size]byte
	idText    []byte // what is hashed before a header block
	idAccount int    // bytes of it that are the same for each message
}

func newPass(cfg Config, q source.Query, item func(source.Item) error, gap func(source.Gap) error) *pass {
	p := &pass{cfg: cfg, query: q, item: item, gap: gap, from: math.MinInt64, until: math.MaxInt64, hash: sha256.New()}
	if !q.From.IsZero() {
		p.from = q.From.Unix()
	}
	if !q.Until.IsZero() {
		p.until = q.Until.Unix()
	}
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

// dates are a message's two times and what is wrong with each.
type dates struct {
	received, sent       moment
	noReceived, noSent   bool
	receivedWhy, sentWhy string
}

// message judges one message of the file and gives it on as an item or a gap.
func (p *pass) message(m message) error {
	if m.separator == nil {
		return p.report(m, gapPreamble)
	}
	n, ok := p.header.parse(m.head, p.deliveredTo)
	if !ok {
		return p.report(m, gapHeader)
	}
	block := m.head[:n]
	d := p.dates(m.separator)
	if p.outside(d) {
		return nil
	}
	account, why := p.account(d)
	if why != "" {
		return p.report(m, why)
	}
	if account != p.query.Account {
		return nil
	}
	if !p.participants() {
		return p.report(m, gapAddresses)
	}
	return p.give(m, block, d)
}

func (p *pass) report(m message, why string) error {
	return p.gap(source.Gap{Place: fmt.Sprintf("%s, byte %d", p.name, m.at), Reason: why})
}

// dates reads the two times: received from the topmost Received field, or from
// the separator where that has no usable date; sent from the only Date field.
func (p *pass) dates(separator []byte) dates {
	var d dates
	d.received, d.receivedWhy = receivedDate(p.header.received)
	if d.receivedWhy != "" && d.receivedWhy != zoneUnknown {
		d.received, d.receivedWhy, _ = separatorDate(separator[len(fromMark):], p.cfg.SeparatorUTC)
	}
	d.noReceived = d.receivedWhy != "" && d.receivedWhy != zoneUnknown
	switch p.header.dates {
	case 0:
		d.sentWhy = noDate
	case 1:
		d.sent, d.sentWhy = parseDate(p.header.date)
	default:
		d.sentWhy = dateTwice
	}
	d.noSent = d.sentWhy != "" && d.sentWhy != zoneUnknown
	return d
}

func receivedDate(field []byte) (moment, string) {
	i := bytes.LastIndexByte(field, ';')
	if i < 0 {
		return moment{}, noDate
	}
	return parseDate(field[i+1:])
}

// outside reports whether both times are usable and certainly outside the query.
func (p *pass) outside(d dates) bool {
	return !d.noReceived && !d.noSent && p.misses(d.received) && p.misses(d.sent)
}

func (p *pass) misses(m moment) bool { return m.until < p.from || m.from > p.until }

// account says whose the message is. In shared files the address is resolved at
// both ends of the time of receipt, which must agree.
func (p *pass) account(d dates) (id scope.AccountID, why string) {
	if p.cfg.Shared == nil {
		return p.query.Account, ""
	}
	if !p.header.wasHanded {
		return "", gapDelivery
	}
	p.handed.found, p.handed.seen = p.handed.found[:0], 0
	p.handed.add(p.header.delivered)
	if p.handed.seen != 1 || len(p.handed.found) != 1 {
		return "", gapRecipient
	}
	at, until := time.Time{}, time.Time{}
	if !d.noReceived {
		at, until = unix(d.received.from), unix(d.received.until)
	}
	id, ok := p.cfg.Shared.Resolve(p.handed.found[0], at)
	if ok && !until.Equal(at) {
		var last scope.AccountID
		last, ok = p.cfg.Shared.Resolve(p.handed.found[0], until)
		ok = ok && last == id
	}
	if !ok {
		return "", gapAccount
	}
	return id, ""
}

// participants collects the message's addresses; false means too many.
func (p *pass) participants() bool {
	p.addrs.found, p.addrs.seen = make([]string, 0, 8), 0
	for _, value := range p.header.recipients {
		p.addrs.add(value)
		if p.addrs.seen > maxAddresses {
			return false
		}
	}
	return true
}

func (p *pass) give(m message, block []byte, d dates) error {
	name, err := p.filename(m.separator, block)
	if err != nil {
		return err
	}
	b := &body{pass: p, message: m}
	it := source.Item{
		Item: scope.Item{
			ID: name[:len(name)-len(".eml")], Account: p.query.Account, Service: scope.Mail, Category: scope.Content,
			Participants: p.addrs.found,
		},
		Size:     m.end - m.start,
		Undated:  undated(d),
		Filename: name,
		Open:     b.open,
	}
	if !d.noReceived {
		it.Received, it.ReceivedSpread = unix(d.received.from), spread(d.received)
	}
	if !d.noSent {
		it.Sent, it.SentSpread = unix(d.sent.from), spread(d.sent)
	}
	err = p.item(it)
	b.closed = true
	return err
}

func unix(s int64) time.Time { return time.Unix(s, 0).UTC() }

func spread(m moment) time.Duration { return time.Duration(m.until-m.from) * time.Second }

func undated(d dates) string {
	switch {
	case d.receivedWhy != "" && d.sentWhy != "":
		return "received:" + d.receivedWhy + " sent:" + d.sentWhy
	case d.receivedWhy != "":
		return "received:" + d.receivedWhy
	case d.sentWhy != "":
		return "sent:" + d.sentWhy
	}
	return ""
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
