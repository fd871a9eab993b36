package calls

import (
	"io"
	"os"
	"strings"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Reasons for a gap, beside those of package table.
const (
	gapNoAccount = "source.no_account"
	gapForm      = "source.account_form"
	gapPeople    = "source.address_form" // a number or address that no scope could name
)

// A pass is one reading of a store for one query.
type pass struct {
	*Source
	query       source.Query
	item        func(source.Item) error
	gap         func(source.Gap) error
	ids, sounds *source.IDs
	root        *os.Root // of the voicemail, once it was needed
	text        []byte
	parts       []string
}

func (p *pass) close() {
	if p.root != nil {
		p.root.Close()
	}
}

func (p *pass) row(r *table.Row) error {
	if r.Bad != "" {
		return p.report(r, r.Bad)
	}
	switch id := r.Cells[p.owner.Index]; {
	case id == string(p.query.Account):
	case id == "":
		return p.report(r, gapNoAccount)
	case !scope.ValidAccount(id):
		return p.report(r, gapForm)
	default:
		return nil
	}
	it, outside := p.timed(r.Cells)
	if outside {
		return nil
	}
	for _, at := range p.people {
		a, err := number(r.Cells[at.Index])
		if err != nil {
			return p.report(r, gapPeople)
		}
		if a != "" {
			it.Participants = append(it.Participants, a)
		}
	}
	if p.values.Filled(r.Cells) {
		err := p.call(it, r.Cells)
		if err != nil {
			return err
		}
	}
	if p.voicemail.Index >= 0 && r.Cells[p.voicemail.Index] != "" {
		return p.sound(it, r.Cells)
	}
	return nil
}

func (p *pass) report(r *table.Row, why string) error {
	return p.gap(source.Gap{Place: p.cfg.Store + ": " + r.Place(), Reason: why})
}

// number takes the spaces, hyphens and brackets out of a telephone number, because
// people write it with and without; an address keeps what it has.
func number(stated string) (string, error) {
	stated = strings.TrimSpace(stated)
	if stated == "" {
		return "", nil
	}
	if strings.Trim(stated, "+0123456789 -()./") == "" {
		stated = strings.Map(func(r rune) rune {
			if strings.ContainsRune(" -()./", r) {
				return -1
			}
			return r
		}, stated)
	}
	return scope.NormalAddress(stated)
}

// timed gives an item with its times alone; a call's one time is both of them.
func (p *pass) timed(cells []string) (it source.Item, outside bool) {
	m := p.time.Moment(cells)
	it.Item = scope.Item{Account: p.query.Account, Service: scope.Calls}
	if m.Why != "" {
		it.Undated = "received:" + m.Why + " sent:" + m.Why
	}
	if !m.Known() {
		return it, false
	}
	it.Received, it.ReceivedSpread = m.From, m.Spread()
	it.Sent, it.SentSpread = m.From, m.Spread()
	return it, !p.query.From.IsZero() && m.Until.Before(p.query.From.Truncate(time.Second)) || !p.query.Until.IsZero() && m.From.After(p.query.Until)
}

// call gives the row's fields.
func (p *pass) call(it source.Item, cells []string) error {
	b := source.AppendJSON(append(p.text[:0], `{"store":`...), p.cfg.Store)
	b = source.AppendJSON(append(b, `,"account":`...), string(p.query.Account))
	b = p.values.Append(append(b, `,"category":"traffic","fields":`...), cells)
	p.parts = p.values.Parts(append(p.parts[:0], p.cfg.Store, string(p.query.Account)), cells)
	if p.voicemail.Index >= 0 && cells[p.voicemail.Index] != "" {
		b = source.AppendJSON(append(b, `,"voicemail":`...), cells[p.voicemail.Index])
		p.parts = append(p.parts, cells[p.voicemail.Index])
	}
	p.text = append(b, "}\n"...)
	id, err := p.ids.Of(p.parts...)
	if err != nil {
		return err
	}
	it.ID, it.Category, it.Filename = id, scope.Traffic, p.cfg.Store+"-"+strings.TrimPrefix(id, "calls-")+".json"
	return source.Give(it, p.text, p.item)
}

// sound offers the voicemail that the row names. Whether it is there is found out
// when it is opened, so that a demand for traffic data does not tell of it.
func (p *pass) sound(it source.Item, cells []string) error {
	name := cells[p.voicemail.Index]
	id, err := p.sounds.Of(p.values.Parts(append(p.parts[:0], p.cfg.Store, string(p.query.Account), name), cells)...)
	if err != nil {
		return err
	}
	it.ID, it.Category, it.Filename, it.Name = id, scope.Content, source.Plain(name), source.Escape(name, 4096)
	b := &body{pass: p, name: name}
	it.Open = b.open
	err = p.item(it)
	b.end()
	return err
}

// A body gives one voicemail's bytes while its callback runs.
type body struct {
	pass   *pass
	name   string
	file   *rooted.File
	closed bool
}

func (b *body) open() (io.ReadCloser, error) {
	if b.closed {
		return nil, source.Overdue()
	}
	if !rooted.Local(b.name) {
		return nil, problem.New(problem.Invalid, "source.voicemail", "a voicemail's name is no plain path inside its folder").At("%s", source.Escape(b.name, 200))
	}
	if b.pass.root == nil {
		root, err := rooted.Folder(b.pass.cfg.VoicemailFiles)
		if err != nil {
			return nil, err
		}
		b.pass.root = root
	}
	f, err := rooted.Open(b.pass.root, b.name)
	if err != nil {
		return nil, err
	}
	b.file = f
	return b, nil
}

// Read gives a problem instead of the end where the file is not what it was.
func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, source.Overdue()
	}
	return b.file.Read(p)
}

// Close implements io.Closer; the file is closed when the callback has ended.
func (b *body) Close() error { return nil }

func (b *body) end() {
	b.closed = true
	if b.file != nil {
		b.file.Close()
	}
}
