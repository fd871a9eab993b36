package prosody

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

// Reasons for a gap, beside those of package table.
const (
	gapStanza  = "source.stanza"       // it is not one XML element
	gapTime    = "source.time_form"    // its time is none
	gapAddress = "source.address_form" // a side of it cannot be compared
)

// Config says where the archive is.
type Config struct {
	Store    string // the store's name in the data dictionary
	Host     string // Prosody's virtual host
	Table    table.Config
	Accounts map[scope.AccountID]string // the user of each account; nil: the id is the user
}

// A Source reads one archive. It may be used from several goroutines.
type Source struct {
	cfg   Config
	place source.Place
	table *table.Store
}

var (
	_ source.Source    = (*Source)(nil)
	_ source.Describer = (*Source)(nil)
	_ source.Divided   = (*Source)(nil)
	_ source.Prober    = (*Source)(nil)
)

// columns are those of the query, in its order.
var columns = []string{"entry", "at", "other", "kind", "stanza"}

// New checks a configuration. It does not touch the store. Code: source.config.
func New(cfg Config) (*Source, error) {
	switch {
	case cfg.Store == "" || source.Plain(cfg.Store) != cfg.Store:
		return nil, table.Misconfigured("a store has a plain name", "store")
	case cfg.Host == "" || len(cfg.Host) > 255 || strings.Trim(cfg.Host, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "":
		return nil, table.Misconfigured("the host of an archive is a name of a–z, 0–9, dots and hyphens", "host")
	case cfg.Table.Form != table.SQLite && cfg.Table.Form != table.Postgres:
		return nil, table.Misconfigured("an archive of Prosody lies in sqlite or postgres", "database")
	case cfg.Table.Query != "":
		return nil, table.Misconfigured("the query of an archive is fixed", "query")
	}
	s := &Source{cfg: cfg, place: source.Place{Pattern: source.Mark, Names: cfg.Accounts}}
	// Prosody writes users in lower case (RFC 7622, section 3.3), so any other has no rows.
	err := s.place.Check("user", func(user string) bool {
		return len(user) < 1024 && !strings.ContainsAny(user, "@/\x00 ") && strings.ToLower(user) == user
	})
	if err != nil {
		return nil, err
	}
	cfg.Table.Query = `SELECT "key" AS entry, CAST("when" AS BIGINT) AS at, "with" AS other, "type" AS kind, "value" AS stanza FROM prosodyarchive WHERE "host" = '` + cfg.Host + `' AND "store" = 'archive' AND "user" = $1 ORDER BY sort_id`
	s.table, err = table.New(cfg.Table, columns)
	return s, err
}

// Service is scope.Messages.
func (s *Source) Service() scope.Service { return scope.Messages }

// Categories are traffic and content.
func (s *Source) Categories() []scope.Category { return []scope.Category{scope.Traffic, scope.Content} }

// Store is the store's name.
func (s *Source) Store() string { return s.cfg.Store }

// Probe opens the database and looks for the archive's columns.
func (s *Source) Probe(ctx context.Context) error { return s.table.Probe(ctx) }

// Fields tells what is given.
func (s *Source) Fields() (out []source.Field) {
	const (
		traffic = "18 USC 2703(c)(1); Reg. (EU) 2023/1543 Art. 3(11)"
		content = "18 USC 2703(a), (b); Reg. (EU) 2023/1543 Art. 3(12)"
	)
	for _, f := range [][3]string{{"id", "The archive's own name of the message.", "key"}, {"received", "When the server took it.", "when"}, {"with", "The other side's address.", "with"},
		{"from", "The address that it came from, as the message states it.", "value"}, {"to", "The address that it was for, as the message states it.", "value"}} {
		out = append(out, source.Field{Store: s.cfg.Store, Category: scope.Traffic, Name: f[0], Means: f[1], Column: f[2], Statute: traffic})
	}
	return append(out, source.Field{Store: s.cfg.Store, Category: scope.Content, Name: "stanza", Means: "The message as the server keeps it, in XML.", Column: "value", Statute: content})
}

// Items implements source.Source. It leaves out what the server took outside the
// query. Codes: those of source.Source.
func (s *Source) Items(ctx context.Context, q source.Query, item func(source.Item) error, gap func(source.Gap) error) error {
	user, err := s.place.Of(q.Account)
	if err != nil {
		return err
	}
	p := &pass{Source: s, query: q, user: user, item: item, gap: gap, ids: source.NewIDs("prosody", "prosody-item-v1")}
	return s.table.Rows(ctx, table.Ask{Account: user, From: q.From, Until: q.Until}, p.row)
}

// A pass is one reading of the archive for one query.
type pass struct {
	*Source
	query   source.Query
	user    string
	item    func(source.Item) error
	gap     func(source.Gap) error
	ids     *source.IDs
	text    []byte
	traffic []byte
}

func (p *pass) row(r *table.Row) error {
	why := r.Bad
	if why == "" {
		var err error
		why, err = p.stanza(r.Cells)
		if err != nil {
			return err
		}
	}
	if why == "" {
		return nil
	}
	return p.gap(source.Gap{Place: p.cfg.Store + ": " + r.Place(), Reason: why})
}

// stanza gives one message twice, or says why it is a gap.
func (p *pass) stanza(cells []string) (why string, err error) {
	entry, other, kind, text := cells[0], cells[2], cells[3], cells[4]
	m := table.ParseTime(cells[1], table.Unix, nil)
	if !m.Known() {
		return gapTime, nil
	}
	if !p.query.From.IsZero() && m.Until.Before(p.query.From.Truncate(time.Second)) || !p.query.Until.IsZero() && m.From.After(p.query.Until) {
		return "", nil
	}
	from, to, ok := sides([]byte(text))
	if !ok || kind != "xml" {
		return gapStanza, nil
	}
	own := p.user + "@" + p.cfg.Host
	var people []string
	for _, a := range []string{own, other, from, to} {
		a, _, _ = strings.Cut(a, "/")
		if a == "" {
			continue
		}
		n, err := scope.NormalAddress(a)
		if err != nil {
			return gapAddress, nil
		}
		people = append(people, n)
	}
	it := source.Item{Item: scope.Item{Account: p.query.Account, Service: scope.Messages, Participants: people, Received: m.From, Sent: m.From}, Name: source.Escape(entry, 1024)}
	p.text = append(p.text[:0], text...)
	err = p.give(it, scope.Content, entry, ".xml", p.text)
	if err != nil {
		return "", err
	}
	b := source.AppendJSON(append(p.traffic[:0], `{"id":`...), entry)
	b = source.AppendJSON(append(b, `,"received":`...), m.From.UTC().Format(time.RFC3339))
	b = source.AppendJSON(append(b, `,"with":`...), other)
	b = source.AppendJSON(append(b, `,"from":`...), from)
	b = source.AppendJSON(append(b, `,"to":`...), to)
	p.traffic = append(b, "}\n"...)
	return "", p.give(it, scope.Traffic, entry, ".json", p.traffic)
}

func (p *pass) give(it source.Item, c scope.Category, entry, extension string, content []byte) error {
	id, err := p.ids.Of(string(c), string(p.query.Account), entry)
	if err != nil {
		return err
	}
	it.ID, it.Category, it.Filename = id, c, p.cfg.Store+"-"+strings.TrimPrefix(id, "prosody-")+extension
	return source.Give(it, content, p.item)
}

// sides gives the two addresses of a stanza; false where it is not one XML element.
// Prosody keeps no prologue, no comments and no instructions. What names a side twice, or
// ends elements otherwise than it began them, encoding/xml reads all the same.
func sides(text []byte) (from, to string, ok bool) {
	d := xml.NewDecoder(bytes.NewReader(text))
	var open []xml.Name
	elements := 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return from, to, len(open) == 0 && elements == 1
		}
		if err != nil {
			return "", "", false
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(open) == 0 {
				elements++
				if from, to, ok = addresses(t.Attr); !ok {
					return "", "", false
				}
			}
			open = append(open, t.Name)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name {
				return "", "", false
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) == 0 && len(bytes.TrimSpace(t)) > 0 {
				return "", "", false
			}
		default:
			return "", "", false
		}
	}
}

// addresses gives the two among a stanza's attributes; false where one stands twice.
func addresses(attributes []xml.Attr) (from, to string, ok bool) {
	seen := map[xml.Name]bool{}
	for _, a := range attributes {
		if seen[a.Name] {
			return "", "", false
		}
		seen[a.Name] = true
		switch a.Name {
		case xml.Name{Local: "from"}:
			from = a.Value
		case xml.Name{Local: "to"}:
			to = a.Value
		}
	}
	return from, to, true
}
