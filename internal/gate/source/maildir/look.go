package maildir

import (
	"errors"
	"io"
	"io/fs"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
)

// firstRead is how much of a message is read at first: nearly every header block ends
// in it, and most messages do. Where a query has bounds, most lie outside, and half of that
// has their header blocks.
const firstRead = 8 << 10

// A look is what one look at a message found.
type look struct {
	leaf    rooted.Leaf
	read    []byte // from its start
	head    letter.Head
	times   letter.Times
	gap     string // why it is no item
	outside bool   // it need not be given
	longer  bool   // its header block goes on behind what was read
	ended   bool   // the file ended with what was read
}

// at opens a message and judges it by as much as room holds. The leaf is open then,
// unless there is an error.
func (l *look) at(p *pass, in *rooted.Dir, m message, room []byte) error {
	leaf, err := in.Take(m.name, m.regular)
	if err != nil {
		return err
	}
	l.leaf = leaf
	err = l.judge(p, 0, room)
	if err != nil {
		l.leaf.Close()
		return rooted.Unreadable(m.name, err)
	}
	return nil
}

// judge reads on to the end of room, whose first bytes have been read, and judges.
func (l *look) judge(p *pass, had int, room []byte) error {
	l.gap, l.outside, l.longer = "", false, false
	n, err := l.leaf.Read(room[had:], int64(had)) // more than there should be, to find the end
	if err != nil {
		return err
	}
	l.read, l.ended = room[:had+n], had+n < len(room)
	if !plain(l.read) {
		l.gap = gapPlain
		return nil
	}
	end, ok := l.head.Parse(l.read, "")
	if !ok {
		l.gap = letter.GapHead
		return nil
	}
	l.longer = end == len(l.read) && len(l.read) == len(room)
	l.times = l.head.Stored(l.leaf.Modified.Sec)
	l.outside = l.times.Outside(p.from, p.until)
	return nil
}

// message looks at one message alone. then is called with it unless it lies outside the
// query.
func (p *pass) message(f *folder, at int, then func(f *folder, at int, l *look) error) error {
	l := &p.own
	err := p.find(f, at, l)
	switch problem.Code(err) {
	case "source.outside":
		return p.gap(source.Gap{Place: f.shown(f.messages[at].key()), Reason: gapLink})
	case "source.not_a_file":
		return p.gap(source.Gap{Place: f.shown(f.messages[at].key()), Reason: gapKind})
	}
	if err != nil {
		return err
	}
	defer l.leaf.Close()
	return p.judged(f, at, l, then)
}

// judged says what a look found.
func (p *pass) judged(f *folder, at int, l *look, then func(f *folder, at int, l *look) error) error {
	if l.longer {
		err := l.judge(p, copy(p.room, l.read), p.room)
		if err != nil {
			return rooted.Unreadable(f.shown(f.messages[at].key()), err)
		}
	}
	switch {
	case l.gap != "":
		return p.gap(source.Gap{Place: f.shown(f.messages[at].key()), Reason: l.gap})
	case l.outside:
		return nil
	}
	return then(f, at, l)
}

// find looks at a message, and looks where it is now if it is not where it was.
func (p *pass) find(f *folder, at int, l *look) error {
	key := f.messages[at].key()
	for missed := 0; ; {
		in, err := p.dir(f, f.messages[at])
		if err == nil {
			err = l.at(p, in, f.messages[at], p.room[:p.first])
		}
		if err == nil {
			return nil
		}
		code := problem.Code(err)
		if !errors.Is(err, fs.ErrNotExist) && code != "source.changed" {
			return problem.Of(err).At("%s", f.shown(key))
		}
		if f.looks == maxLooks {
			return rooted.Changed(f.shown(key))
		}
		f.looks++
		now, err := p.list(f.name, quiet)
		if err != nil {
			return err
		}
		if _, there := now.find(key); !there {
			missed++
		}
		if missed == 3 {
			return rooted.Changed(f.shown(key))
		}
		f.adopt(now)
	}
}

// A body gives one message's bytes while its callback runs.
type body struct {
	look   *look
	next   int64
	shown  string
	closed bool
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed {
		return nil, source.Overdue()
	}
	b.next = 0
	return b, nil
}

// Read gives an error instead of the end where the file is not what it was.
func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, source.Overdue()
	}
	l := b.look
	if b.next < int64(len(l.read)) {
		n := copy(p, l.read[b.next:])
		b.next += int64(n)
		return n, nil
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !l.ended || int64(len(l.read)) != l.leaf.Size {
		n, err := l.leaf.Read(p, b.next)
		b.next += int64(n)
		if err != nil {
			return n, rooted.Unreadable(b.shown, err)
		}
		if n > 0 {
			return n, nil
		}
	}
	same, err := l.leaf.Same()
	if err != nil {
		return 0, rooted.Unreadable(b.shown, err)
	}
	if !same {
		return 0, rooted.Changed(b.shown)
	}
	if b.next != l.leaf.Size {
		return 0, rooted.Size(b.shown)
	}
	return 0, io.EOF
}

// Close implements io.Closer; the file is closed when the callback has ended.
func (b *body) Close() error { return nil }

// plain reports whether a message's first bytes are not those that Dovecot's
// plugins for compression (gzip, bzip2, xz, LZ4, Zstandard) and encryption write.
func plain(b []byte) bool {
	for _, mark := range []string{"\x1f\x8b", "BZh", "\xfd7zXZ\x00", "Dovecot-LZ4\r*\x9b\xc5", "\x04\x22\x4d\x18", "\x28\xb5\x2f\xfd", "CRYPTED\x03\x07"} {
		if strings.HasPrefix(string(b[:min(len(b), 24)]), mark) {
			return false
		}
	}
	return true
}
