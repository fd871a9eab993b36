package messages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"counterseal/internal/gate/source"
	"counterseal/internal/gate/source/table"
	"counterseal/internal/scope"
)

// Reasons for a gap.
const (
	gapLong    = "source.row_too_long"
	gapText    = "source.row_text" // it is not UTF-8
	gapSchema  = "source.schema"   // it is no object of the schema
	gapAccount = "source.account_form"
	gapAddress = "source.address_form"
)

const maxAddresses = 1000

// message is a line as the schema has it.
type message struct {
	account        string
	id             string
	received, sent string // "" where it is null
	from           string
	to             []string
	text           string
}

// A pass is one reading of a store for one query.
type pass struct {
	store   string
	query   source.Query
	item    func(source.Item) error
	gap     func(source.Gap) error
	ids     *source.IDs
	traffic []byte
}

func (p *pass) line(file string, n int64, text []byte, long bool) error {
	if len(bytes.TrimSpace(text)) == 0 && !long {
		return nil
	}
	m, why := parse(text)
	if long {
		why = gapLong
	}
	var people []string
	if why == "" && m.account == string(p.query.Account) {
		people, why = participants(m)
	}
	if why != "" {
		return p.gap(source.Gap{Place: fmt.Sprintf("%s: %s, line %d", p.store, file, n), Reason: why})
	}
	if m.account != string(p.query.Account) {
		return nil
	}
	received, sent := moment(m.received), moment(m.sent)
	if p.outside(received) && p.outside(sent) {
		return nil
	}
	it := source.Item{Item: scope.Item{Account: p.query.Account, Service: scope.Messages, Participants: people}, Name: source.Escape(m.id, 1024)}
	it.Received, it.ReceivedSpread, it.Sent, it.SentSpread = received.From, received.Spread(), sent.From, sent.Spread()
	it.Undated = undated(received, sent)
	err := p.give(it, scope.Content, text)
	if err != nil {
		return err
	}
	p.traffic = appendTraffic(p.traffic[:0], m)
	return p.give(it, scope.Traffic, p.traffic)
}

func (p *pass) give(it source.Item, c scope.Category, content []byte) error {
	id, err := p.ids.Of(string(c), string(content))
	if err != nil {
		return err
	}
	it.ID, it.Category, it.Filename = id, c, p.store+"-"+strings.TrimPrefix(id, "messages-")+".json"
	return source.Give(it, content, p.item)
}

// moment reads a time of the schema, which may lack its offset.
func moment(stated string) table.Moment {
	if stated == "" {
		return table.Moment{Why: table.NoTime}
	}
	return table.ParseTime(stated, table.Text, nil)
}

func undated(received, sent table.Moment) string {
	var words []string
	if received.Why != "" {
		words = append(words, "received:"+received.Why)
	}
	if sent.Why != "" {
		words = append(words, "sent:"+sent.Why)
	}
	return strings.Join(words, " ")
}

// outside reports whether a time is known and certainly outside the query.
func (p *pass) outside(m table.Moment) bool {
	return m.Known() && (!p.query.From.IsZero() && m.Until.Before(p.query.From.Truncate(time.Second)) || !p.query.Until.IsZero() && m.From.After(p.query.Until))
}

func participants(m message) (out []string, why string) {
	for _, a := range append([]string{m.from}, m.to...) {
		n, err := scope.NormalAddress(a)
		if err != nil {
			return nil, gapAddress
		}
		out = append(out, n)
	}
	return out, ""
}

func appendTraffic(b []byte, m message) []byte {
	stated := func(b []byte, s string) []byte {
		if s == "" {
			return append(b, "null"...)
		}
		return source.AppendJSON(b, s)
	}
	b = source.AppendJSON(append(b, `{"id":`...), m.id)
	b = stated(append(b, `,"received":`...), m.received)
	b = stated(append(b, `,"sent":`...), m.sent)
	b = source.AppendJSON(append(b, `,"from":`...), m.from)
	b = append(b, `,"to":[`...)
	for i, a := range m.to {
		if i > 0 {
			b = append(b, ',')
		}
		b = source.AppendJSON(b, a)
	}
	return append(b, "]}"...)
}

// parse reads one line of the schema, or says why it is none. Keys are compared
// byte by byte, and each must stand once: encoding/json alone lets the last win.
func parse(text []byte) (m message, why string) {
	if !utf8.Valid(text) {
		return m, gapText
	}
	d := json.NewDecoder(bytes.NewReader(text))
	t, err := d.Token()
	if err != nil || t != json.Delim('{') {
		return m, gapSchema
	}
	left := map[string]bool{"account": true, "id": true, "received": true, "sent": true, "from": true, "to": true, "text": true}
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok || !left[key] {
			return m, gapSchema
		}
		var raw json.RawMessage
		err = d.Decode(&raw)
		if err != nil || !fits(raw, key, &m) {
			return m, gapSchema
		}
		delete(left, key)
	}
	if _, err := d.Token(); err != nil || len(left) > 0 {
		return m, gapSchema
	}
	if _, err := d.Token(); err != io.EOF {
		return m, gapSchema
	}
	if !scope.ValidAccount(m.account) {
		return m, gapAccount
	}
	if m.id == "" || len(m.id) > 512 || m.from == "" || len(m.to) > maxAddresses {
		return m, gapSchema
	}
	return m, ""
}

// fits puts a value of the kind that the schema has into the message.
func fits(raw json.RawMessage, key string, m *message) bool {
	if key == "to" {
		var list []*string
		if raw[0] != '[' || json.Unmarshal(raw, &list) != nil {
			return false
		}
		for _, a := range list {
			if a == nil {
				return false
			}
			m.to = append(m.to, *a)
		}
		return true
	}
	at := map[string]*string{"account": &m.account, "id": &m.id, "received": &m.received, "sent": &m.sent, "from": &m.from, "text": &m.text}[key]
	if string(raw) == "null" {
		return key == "received" || key == "sent"
	}
	return raw[0] == '"' && json.Unmarshal(raw, at) == nil
}
