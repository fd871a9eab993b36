package evidence

import (
	"encoding/json"
	"strconv"
	"time"
)

// appendRow writes the item's row as json.Marshal does an ItemRow, which took
// half of the binder's time. Path, category and verdict are plain ASCII by
// construction.
func (f *framed) appendRow(b, path []byte) []byte {
	b = append(b, `{"path":"`...)
	b = append(b, path...)
	b = append(b, `","id":`...)
	b = appendText(b, f.id)
	if f.called != "" {
		b = append(b, `,"name":`...)
		b = appendText(b, f.called)
	}
	b = append(b, `,"category":"`...)
	b = append(b, f.category...)
	b = append(b, '"')
	b = appendTime(b, `,"received":"`, f.received)
	b = appendTime(b, `,"until":"`, f.until)
	b = appendTime(b, `,"sent":"`, f.sent)
	b = append(b, `,"size":`...)
	b = strconv.AppendInt(b, f.size, 10)
	b = append(b, `,"verdict":"`...)
	b = append(b, f.verdict...)
	b = append(b, '"')
	if f.keyed {
		b = append(b, `,"customer_key":true`...)
	}
	if f.form != "" {
		b = append(append(append(b, `,"encrypted":"`...), f.form...), '"')
	}
	return append(b, '}')
}

// row is the same as a value.
func (f *framed) row(path []byte) ItemRow {
	r := ItemRow{Path: string(path), ID: f.id, Name: f.called, Category: f.category, Size: f.size, Verdict: f.verdict, CustomerKey: f.keyed, Encrypted: f.form}
	if t := f.received; !t.IsZero() {
		r.Received = &t
	}
	if t := f.until; !t.IsZero() {
		r.Until = &t
	}
	if t := f.sent; !t.IsZero() {
		r.Sent = &t
	}
	return r
}

func appendTime(b []byte, name string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	b = append(b, name...)
	b = t.AppendFormat(b, time.RFC3339)
	return append(b, '"')
}

func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			q, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string
			}
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
