package imap

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/letter"
	"counterseal/internal/gate/source/wire"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

const (
	maxMessages = 1 << 20 // of one mail folder
	batch       = 50      // header blocks that are asked for at a time
)

// A pass is one reading of an account's mail for one query.
type pass struct {
	*session
	ctx         context.Context
	most        int // messages in one mail folder
	user        string
	password    string
	breaks      *wire.Breaks
	query       source.Query
	from, until int64
	item        func(source.Item) error
	gap         func(source.Gap) error
	ids         *source.IDs
	head        []byte
	parsed      letter.Head
	people      letter.People
}

// A folder is a mail folder as it was opened.
type folder struct {
	place
	label    string
	validity uint64
	next     uint64 // the lowest UID that no message has had
	exists   uint64
}

// An entry is a message as the server lists it.
type entry struct {
	uid      uint64
	size, at int64
}

func (f *folder) shown(uid uint64) string {
	return source.Escape(fmt.Sprintf("%s;UIDVALIDITY=%d/;UID=%d", f.label, f.validity, uid), 4096)
}

// all reads each mail folder, and then looks for what came meanwhile.
func (p *pass) all() error {
	places, err := p.listing()
	if err != nil {
		return err
	}
	var read []*folder
	for _, at := range places {
		f, err := p.opened(at)
		if err != nil {
			return err
		}
		err = p.messages(f, 1, p.give)
		if err != nil {
			return err
		}
		read = append(read, f)
	}
	again, err := p.listing()
	if err != nil {
		return err
	}
	if !slices.Equal(places, again) {
		return changed("its list of mail folders is another", "%s", p.server.Address)
	}
	for _, f := range read {
		err := p.since(f)
		if err != nil {
			return err
		}
	}
	return nil
}

// examine opens a mail folder for reading alone.
func (p *pass) examine(at place) (*folder, error) {
	f := &folder{place: at, label: label(at)}
	counted := false // one that does not say how many messages it has is not one without
	name, err := mailbox(at.name)
	if err != nil {
		return nil, p.failed(source.Escape(at.name, 500), err)
	}
	text, err := p.command("EXAMINE "+name, func(a answer) (bool, error) {
		switch a.name {
		case "EXISTS":
			f.exists, counted = a.number, true
		case "OK":
			text, err := p.line()
			if err != nil {
				return true, err
			}
			code, _, _ := strings.Cut(strings.TrimPrefix(text, " ["), "]")
			word, value, _ := strings.Cut(code, " ")
			switch strings.ToUpper(word) {
			case "UIDVALIDITY":
				f.validity, err = digits(value)
			case "UIDNEXT":
				f.next, err = digits(value)
			}
			return true, err
		}
		return false, nil
	})
	if err != nil {
		return nil, p.failed(source.Escape(f.label, 500), err)
	}
	if !strings.HasPrefix(strings.ToUpper(text), " [READ-ONLY]") || f.validity == 0 || f.next == 0 || !counted {
		return nil, p.failed(source.Escape(f.label, 500), fmt.Errorf("%w: a mail folder was opened with %.100q, UIDVALIDITY %d, UIDNEXT %d, EXISTS %t", errForm, text, f.validity, f.next, counted))
	}
	if f.exists > uint64(p.most) {
		return nil, problem.New(problem.Invalid, "source.too_large", "a mail folder holds more than %d messages", p.most).At("%s", source.Escape(f.label, 500))
	}
	return f, nil
}

// since looks for what came into a mail folder while the others were read.
func (p *pass) since(was *folder) error {
	now, err := p.opened(was.place)
	if err == nil {
		err = was.same(now)
	}
	if err != nil {
		return err
	}
	if now.next == was.next {
		return nil
	}
	return p.messages(now, was.next, func(f *folder, j judged) error { return changed("a message came", "%s", f.shown(j.uid)) })
}

// same holds that a mail folder which was opened again is the one that it was.
func (f *folder) same(now *folder) error {
	if now.validity != f.validity {
		return changed("its UIDs are no longer those of the same messages", "%s", f.label)
	}
	if now.next < f.next {
		return changed("it counts its messages anew", "%s", f.label)
	}
	return nil
}

// messages judges those from a UID on, and calls then with what may matter.
func (p *pass) messages(f *folder, from uint64, then func(*folder, judged) error) error {
	if f.exists == 0 {
		return nil
	}
	var entries []entry
	err := p.try(f, func() (err error) {
		entries, err = p.entries(f, from)
		return err
	})
	if err != nil {
		return err
	}
	for some := range slices.Chunk(entries, batch) {
		err := p.ctx.Err()
		if err != nil {
			return err
		}
		var found []judged
		err = p.try(f, func() (err error) {
			found, err = p.judge(f, some)
			return err
		})
		if err != nil {
			return err
		}
		for _, j := range found {
			if j.why != "" {
				err = p.gap(source.Gap{Place: f.shown(j.uid), Reason: j.why})
			} else {
				err = then(f, j)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// entries lists the messages of the open mail folder by their UIDs.
func (p *pass) entries(f *folder, from uint64) (out []entry, err error) {
	_, err = p.command(fmt.Sprintf("UID FETCH %d:* (UID INTERNALDATE RFC822.SIZE)", from), func(a answer) (bool, error) {
		if a.name != "FETCH" {
			return false, nil
		}
		var m message
		_, ended, err := p.attributes(&m, false)
		switch {
		case err != nil:
			return true, err
		case !ended:
			return true, fmt.Errorf("%w: bytes that nobody asked for", errForm)
		case !m.isAt && !m.hasSize: // it tells of flags
			return true, nil
		case m.uid == 0 || !m.isAt || !m.hasSize:
			return true, fmt.Errorf("%w: a message without UID, date or size", errForm)
		case m.uid >= from:
			out = append(out, entry{m.uid, m.size, m.at})
		}
		if len(out) > p.most {
			return true, problem.New(problem.Invalid, "source.too_large", "a mail folder holds more than %d messages", p.most).At("%s", source.Escape(f.label, 500))
		}
		return true, nil
	})
	if err != nil {
		return nil, p.failed(source.Escape(f.label, 500), err)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].uid < out[j].uid })
	for i := 1; i < len(out); i++ {
		if out[i].uid == out[i-1].uid {
			return nil, p.failed(source.Escape(f.label, 500), fmt.Errorf("%w: UID %d twice", errForm, out[i].uid))
		}
	}
	if from == 1 && uint64(len(out)) < f.exists {
		return nil, changed("it has fewer messages than it said", "%s", f.label)
	}
	return out, nil
}

// A judged message is one that may matter to the query, or a gap.
type judged struct {
	entry
	times  letter.Times
	people []string
	why    string
}

// judge reads the header blocks of some messages. Each must be answered.
func (p *pass) judge(f *folder, some []entry) (out []judged, err error) {
	var set strings.Builder
	left := map[uint64]entry{}
	for i, e := range some {
		if i > 0 {
			set.WriteByte(',')
		}
		set.WriteString(strconv.FormatUint(e.uid, 10))
		left[e.uid] = e
	}
	_, err = p.command("UID FETCH "+set.String()+fmt.Sprintf(" (UID BODY.PEEK[HEADER]<0.%d>)", letter.MaxHead+1), func(a answer) (bool, error) {
		if a.name != "FETCH" {
			return false, nil
		}
		var m message
		n, ended, err := p.attributes(&m, false)
		if err != nil || ended {
			return true, err
		}
		if n > int64(len(p.head)) {
			return true, fmt.Errorf("%w: a header block of %d bytes", errForm, n)
		}
		_, err = io.ReadFull(p.section, p.head[:n])
		if err != nil {
			return true, err
		}
		_, ended, err = p.attributes(&m, true)
		if err != nil {
			return true, err
		}
		e, asked := left[m.uid]
		if !ended || !asked {
			return true, fmt.Errorf("%w: a message that nobody asked for", errForm)
		}
		delete(left, m.uid)
		j, matters := p.weigh(e, p.head[:n])
		if matters {
			out = append(out, j)
		}
		return true, nil
	})
	if err != nil {
		return nil, p.failed(source.Escape(f.label, 500), err)
	}
	for uid := range left {
		return nil, changed("a message is gone", "%s", f.shown(uid))
	}
	sort.Slice(out, func(i, j int) bool { return out[i].uid < out[j].uid })
	return out, nil
}

// weigh says whether a message matters.
func (p *pass) weigh(e entry, head []byte) (j judged, matters bool) {
	j.entry = e
	_, ok := p.parsed.Parse(head, "")
	if !ok {
		j.why = letter.GapHead
		return j, true
	}
	j.times = p.parsed.Stored(e.at)
	if j.times.Outside(p.from, p.until) {
		return j, false
	}
	j.people, ok = p.people.Of(&p.parsed)
	if !ok {
		j.why = letter.GapAddresses
	}
	return j, true
}

func (p *pass) give(f *folder, j judged) error {
	id, err := p.ids.Of(string(p.query.Account), f.name, strconv.FormatUint(f.validity, 10), strconv.FormatUint(j.uid, 10))
	if err != nil {
		return err
	}
	it := source.Item{
		Item: scope.Item{ID: id, Account: p.query.Account, Service: scope.Mail, Category: scope.Content, Participants: j.people},
		Size: j.size, Name: f.shown(j.uid), Filename: id + ".eml",
	}
	j.times.Put(&it)
	b := &body{pass: p, folder: f, want: j.entry, shown: f.shown(j.uid), sum: sha256.New()}
	it.Open = b.open
	err = p.item(it)
	if err != nil {
		b.closed = true
		return err
	}
	return b.end()
}

// label gives a mail folder's name as people write it: parts between slashes.
func label(at place) string {
	parts := []string{at.name}
	if at.delimiter != "" {
		parts = strings.Split(at.name, at.delimiter)
	}
	for i, part := range parts {
		if name, ok := letter.DecodeFolder(part); ok {
			parts[i] = name
		}
	}
	return strings.Join(parts, "/")
}
