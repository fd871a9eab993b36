package messages

import (
	"encoding/json"
	"slices"
	"testing"
)

// FuzzParse holds the schema to encoding/json with unknown keys refused: what is
// accepted says the same there, and its traffic item is JSON without the text.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"account":"ac-june","id":"m-1","received":null,"sent":"2013-04-02T06:00:00Z","from":"a@x","to":["b@x"],"text":"hello"}`))
	f.Add([]byte(`{"account":"ac-june","id":"m-1","received":null,"sent":null,"from":"a@x","to":[],"text":"","text":"x"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		m, why := parse(line)
		if why != "" {
			return
		}
		var keys map[string]json.RawMessage
		if json.Unmarshal(line, &keys) != nil || len(keys) != 7 {
			t.Fatalf("%q was accepted", line)
		}
		var other struct {
			Account, ID, From, Text string
			To                      []string
		}
		if err := json.Unmarshal(line, &other); err != nil || other.Account != m.account || other.ID != m.id || other.From != m.from || other.Text != m.text || !slices.Equal(other.To, m.to) {
			t.Fatalf("%q is read as %+v, and by another reader as %+v: %v", line, m, other, err)
		}
		var traffic map[string]json.RawMessage
		if err := json.Unmarshal(appendTraffic(nil, m), &traffic); err != nil || len(traffic) != 5 || traffic["text"] != nil {
			t.Fatalf("%q: %v", line, traffic)
		}
	})
}
