package table

import (
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// FuzzValues maps the cells of a row, wherever it came from, and holds the result
// to encoding/json: each value is the cell, and of a column that is not mapped
// there is nothing.
func FuzzValues(f *testing.F) {
	f.Add("June", "4 Elm Street\n", "", "2013-11-03 01:30:00", "hunter2")
	f.Add("=cmd|' /C calc'!A0", "\u2028", "</script>", "soon", "x")
	f.Fuzz(func(t *testing.T, name, street, town, at, secret string) {
		cells := []string{secret, name, street, town, at}
		for _, c := range cells {
			if !utf8.ValidString(c) {
				return // a bad row
			}
		}
		b := &Binding{Columns: map[string]Column{"at": {Zone: "America/New_York"}}}
		place := map[string]Place{}
		for _, column := range []string{"account", "name", "street", "town", "at"} {
			p, err := b.Place(column)
			if err != nil {
				t.Fatal(err)
			}
			place[column] = p
		}
		var vs Values
		vs.Add(Field{Name: "name"}, place["name"])
		vs.Add(Field{Name: "postal_address"}, place["street"])
		vs.Add(Field{Name: "postal_address"}, place["town"])
		vs.Add(Field{Name: "session_start", Time: true}, place["at"])
		var got struct {
			Name    string   `json:"name"`
			Address []string `json:"postal_address"`
			Start   struct {
				Stated string `json:"stated"`
			} `json:"session_start"`
		}
		text := vs.Append(nil, cells)
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var want []string
		for _, c := range []string{street, town} {
			if c != "" {
				want = append(want, c)
			}
		}
		again, err := json.Marshal(got.Address)
		if err != nil {
			t.Fatal(err)
		}
		other, err := json.Marshal(want)
		if err != nil || got.Name != name || got.Start.Stated != at || string(again) != string(other) {
			t.Fatalf("%q of %q: %v", text, cells, err)
		}
		cells[0] = secret + "another"
		if string(vs.Append(nil, cells)) != string(text) || vs.Filled(cells) != (string(text) != "{}") {
			t.Fatalf("a column that is not mapped changes %q", text)
		}
	})
}
