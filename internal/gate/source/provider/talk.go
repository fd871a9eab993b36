package provider

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// hello agrees on the version and the service.
func (t *talk) hello() error {
	err := t.say(fmt.Sprintf(`{"hello":{"version":%d,"service":%q,"limits":{"line":%d,"items":%d}}}`, Version, string(t.cfg.Service), maxLine, source.MaxItems))
	if err != nil {
		return err
	}
	l, err := t.next()
	if err != nil {
		return err
	}
	if l.hello == nil || l.hello.version != Version || l.hello.service != string(t.cfg.Service) {
		return t.protocol("it does not greet with version %d and the service %s", Version, t.cfg.Service)
	}
	return nil
}

func (t *talk) next() (line, error) {
	text, err := t.hear()
	if err != nil {
		return line{}, err
	}
	l, err := parse(text)
	if err != nil {
		return l, t.protocol("%w", err)
	}
	if l.fail != nil {
		return l, t.gaveUp(l.fail)
	}
	return l, nil
}

// gaveUp turns what the program says of itself into a problem. Its words stay at home.
func (t *talk) gaveUp(f *failure) error {
	const says = "the program that reads the store gave up"
	var p *problem.Error
	switch f.code {
	case "unreadable":
		p = problem.New(problem.Unavailable, "source.unreadable", says)
	case "changed":
		p = problem.New(problem.Conflict, "source.changed", says)
	case "outside":
		p = problem.New(problem.Refused, "source.outside", says)
	case "not_a_file":
		p = problem.New(problem.Invalid, "source.not_a_file", says)
	case "too_large":
		p = problem.New(problem.Invalid, "source.too_large", says)
	default:
		return t.protocol("it fails with the code %q", f.code)
	}
	return p.At("%s", t.cfg.Store).Because(errors.New(f.says))
}

// list asks for an account's items and takes them one by one.
func (t *talk) list(q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	asked, err := json.Marshal(map[string]map[string]*string{"list": {"account": (*string)(&q.Account), "from": stated(q.From), "until": stated(q.Until)}})
	if err != nil {
		return t.unreadable(err)
	}
	err = t.say(string(asked))
	if err != nil {
		return err
	}
	ids := source.NewIDs("provider", "provider-item-v1")
	var given totals
	for {
		err := t.ctx.Err()
		if err != nil {
			return err
		}
		l, err := t.next()
		switch {
		case err != nil:
			return err
		case l.item != nil:
			given.items++
			err = t.announced(q, l.item, ids, item)
		case l.gap != nil:
			given.gaps++
			if given.gaps > maxGaps {
				return t.protocol("gaps without end")
			}
			t.done = gap(source.Gap{Place: source.Escape(t.cfg.Store+": "+l.gap.place, maxName), Reason: "source." + l.gap.reason})
			err = t.done
		case l.unknown && given == totals{}:
			return source.Unknown(q.Account)
		case l.end != nil && *l.end == given:
			return nil
		default:
			return t.protocol("a line out of turn, or other totals than %d items and %d gaps", given.items, given.gaps)
		}
		if err != nil {
			return err
		}
	}
}

func stated(at time.Time) *string {
	if at.IsZero() {
		return nil
	}
	s := at.UTC().Format(time.RFC3339)
	return &s
}

// announced gives one item. Its bytes are asked for when the callback opens them.
func (t *talk) announced(q source.Query, a *announcement, ids *source.IDs, item func(source.Item) error) error {
	category := scope.Category(a.category)
	if a.account != string(q.Account) || !slices.Contains(t.cfg.Categories, category) {
		return t.protocol("an item of the account %.70q and the category %.40q", a.account, a.category)
	}
	id, err := ids.Of(string(q.Account), a.category, a.id)
	if err != nil {
		return err
	}
	it := source.Item{
		Item: scope.Item{ID: id, Account: q.Account, Service: t.cfg.Service, Category: category, Participants: a.people, Received: a.received, Sent: a.sent},
		Size: a.size, Undated: undated(a), Name: source.Escape(a.name, maxName), Filename: source.Plain(a.filename),
	}
	b := &body{talk: t, want: a, hash: sha256.New()}
	it.Open = b.open
	t.done = item(it)
	if t.done != nil {
		b.closed = true
		return t.done
	}
	return b.end()
}

func undated(a *announcement) string {
	switch {
	case a.received.IsZero() && a.sent.IsZero():
		return "received:no_date sent:no_date"
	case a.received.IsZero():
		return "received:no_date"
	case a.sent.IsZero():
		return "sent:no_date"
	}
	return ""
}

// A body gives one item's bytes while its callback runs.
type body struct {
	talk   *talk
	want   *announcement
	hash   hash.Hash
	left   int64
	asked  bool
	closed bool
	err    error
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed || b.asked {
		return nil, source.Overdue()
	}
	b.asked, b.left = true, b.want.size
	b.err = b.talk.say(`{"give":{}}`)
	if b.err != nil {
		return nil, b.err
	}
	return b, nil
}

// Read gives an error instead of the end where the bytes are not those announced.
func (b *body) Read(to []byte) (int, error) {
	switch {
	case b.closed:
		return 0, source.Overdue()
	case b.err != nil:
		return 0, b.err
	case b.left == 0:
		b.err = b.whole()
		return 0, b.err
	}
	n, err := b.talk.r.Read(to[:min(int64(len(to)), b.left)])
	b.left -= int64(n)
	b.hash.Write(to[:n])
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		b.err = b.talk.failed(err)
	}
	return n, b.err
}

// whole checks what follows the last byte, and the digest.
func (b *body) whole() error {
	c, err := b.talk.r.ReadByte()
	if err != nil {
		return b.talk.failed(io.ErrUnexpectedEOF)
	}
	if c != '\n' {
		return b.talk.protocol("an item has more bytes than were announced")
	}
	if !bytes.Equal(b.hash.Sum(nil), b.want.digest) {
		return problem.New(problem.Unavailable, "source.digest", "the program gives other bytes than it announced").At("%s", b.talk.cfg.Store)
	}
	return io.EOF
}

// Close implements io.Closer; what was not read is read when the callback has ended.
func (b *body) Close() error { return nil }

// end says that an item's bytes are not wanted, or reads what the callback left.
func (b *body) end() error {
	if !b.asked {
		b.closed = true
		return b.talk.say(`{"skip":{}}`)
	}
	if b.err == io.EOF {
		b.closed = true
		return nil
	}
	_, err := io.Copy(io.Discard, b)
	b.closed = true
	return err
}
