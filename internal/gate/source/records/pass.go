package records

import (
	"strings"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

// Reasons for a gap, beside those of package table.
const (
	gapNoAccount = "source.no_account"    // the account's column is empty
	gapForm      = "source.account_form"  // what stands there has not the form of an account's id
	gapAccount   = "source.not_resolved"  // the identifier named no single account then
	gapOrder     = "source.ends_too_soon" // until lies before from
)

// What stands for a beginning and an end that a store does not state.
var (
	ever  = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	still = time.Date(2099, 12, 31, 23, 59, 59, 0, time.UTC)
)

// A pass is one reading of a store for one query.
type pass struct {
	*Source
	query source.Query
	item  func(source.Item) error
	gap   func(source.Gap) error
	ids   *source.IDs
	text  []byte   // of the record that is given now
	parts []string // of its id
}

func (p *pass) row(r *table.Row) error {
	if r.Bad != "" {
		return p.report(r, r.Bad)
	}
	if p.cfg.Kind == "" {
		switch id := r.Cells[p.owner]; {
		case id == string(p.query.Account):
		case id == "":
			return p.report(r, gapNoAccount)
		case !scope.ValidAccount(id):
			return p.report(r, gapForm)
		default:
			return nil
		}
	}
	for i := range p.groups {
		err := p.record(&p.groups[i], r)
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) report(r *table.Row, why string) error {
	return p.gap(source.Gap{Place: p.cfg.Store + ": " + r.Place(), Reason: why})
}

// record gives what the row holds in one group.
func (p *pass) record(g *group, r *table.Row) error {
	if !g.values.Filled(r.Cells) {
		return nil
	}
	it, why := p.timed(g, r.Cells)
	if why != "" {
		return p.report(r, why)
	}
	if p.outside(it) {
		return nil
	}
	if p.cfg.Kind != "" {
		account, why := p.holder(it, r.Cells[p.owner])
		if why != "" {
			return p.report(r, why)
		}
		if account != p.query.Account {
			return nil
		}
	}
	p.write(g, r.Cells)
	id, err := p.ids.Of(p.parts...)
	if err != nil {
		return err
	}
	it.ID, it.Filename = id, p.cfg.Store+"-"+strings.TrimPrefix(id, "records-")+".json"
	it.Account, it.Service, it.Category = p.query.Account, scope.Records, g.Category
	return source.Give(it, p.text, p.item)
}

// timed gives an item with its times alone. An event's one time is both of the
// times that an item has.
func (p *pass) timed(g *group, cells []string) (it source.Item, why string) {
	if g.Category == scope.Subscriber {
		return lasting(g, cells)
	}
	m := g.time.Moment(cells)
	if m.Why != "" {
		it.Undated = "received:" + m.Why + " sent:" + m.Why
	}
	if m.Known() {
		it.Received, it.ReceivedSpread = m.From, m.Spread()
		it.Sent, it.SentSpread = m.From, m.Spread()
	}
	return it, ""
}

// lasting says from when until when a state of things certainly held, so that
// what was so on one day alone is not given for the day before. Where a time
// stands that cannot be read the item has none.
func lasting(g *group, cells []string) (it source.Item, why string) {
	it.Lasting = true
	from, until := ever, still
	for _, end := range []struct {
		at   table.Place
		to   *time.Time
		pick func(table.Moment) time.Time
	}{{g.from, &from, func(m table.Moment) time.Time { return m.Until }}, {g.until, &until, func(m table.Moment) time.Time { return m.From }}} {
		if end.at.Index < 0 || strings.TrimSpace(cells[end.at.Index]) == "" {
			continue
		}
		m := end.at.Moment(cells)
		if m.Why == table.DateOnly { // the day itself belongs to it
			m.From, m.Until = m.Until, m.From
		} else if m.Why != "" {
			it.Undated = "received:" + m.Why
		}
		if !m.Known() {
			return it, ""
		}
		*end.to = end.pick(m)
	}
	if until.Before(from) {
		return it, gapOrder
	}
	it.Received, it.ReceivedSpread = from, until.Sub(from)
	return it, ""
}

// outside reports whether an item certainly lies outside the query.
func (p *pass) outside(it source.Item) bool {
	if it.Received.IsZero() {
		return false
	}
	last := it.Received.Add(it.ReceivedSpread)
	return !p.query.From.IsZero() && last.Before(p.query.From) || !p.query.Until.IsZero() && it.Received.After(p.query.Until)
}

// holder says whose the row is by an identifier, asked at both ends of its time,
// which must agree. Of what lasted, and of what has no time, it is certain only if
// nobody else ever had the identifier.
func (p *pass) holder(it source.Item, identifier string) (id scope.AccountID, why string) {
	if strings.TrimSpace(identifier) == "" {
		return "", gapNoAccount
	}
	at, until := it.Received, it.Received.Add(it.ReceivedSpread)
	if it.Received.IsZero() || it.Lasting {
		at, until = time.Time{}, time.Time{}
	}
	id, ok := p.cfg.Resolve(p.cfg.Kind, identifier, at)
	if ok && !until.Equal(at) {
		var last scope.AccountID
		last, ok = p.cfg.Resolve(p.cfg.Kind, identifier, until)
		ok = ok && last == id
	}
	if !ok {
		return "", gapAccount
	}
	return id, ""
}

// write makes the record's text and the parts of its id.
func (p *pass) write(g *group, cells []string) {
	p.parts = append(p.parts[:0], p.cfg.Store, string(p.query.Account), string(g.Category))
	b := append(p.text[:0], `{"store":`...)
	b = source.AppendJSON(b, p.cfg.Store)
	b = append(b, `,"account":`...)
	b = source.AppendJSON(b, string(p.query.Account))
	b = append(b, `,"category":`...)
	b = source.AppendJSON(b, string(g.Category))
	b = g.values.Append(append(b, `,"fields":`...), cells)
	p.parts = g.values.Parts(p.parts, cells)
	p.text = append(b, "}\n"...)
}
