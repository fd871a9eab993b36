package source

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestJSONHoldsTheTextThatTheStoreHas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		var back string
		err := json.Unmarshal(AppendJSON(nil, s), &back)
		if err != nil || back != s {
			t.Fatalf("%q came back as %q: %v", s, back, err)
		}
	})
}

func FuzzEscape(f *testing.F) {
	f.Add("photos/älv.jpg")
	f.Add("a\nb\x00c\xff%2e/\u202egpj.exe")
	f.Fuzz(func(t *testing.T, name string) {
		s := Escape(name, 1<<20)
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\n\r\x00\u202e") {
			t.Fatalf("%q", s)
		}
		back, err := url.PathUnescape(s)
		if err != nil || back != name {
			t.Fatalf("%q came back as %q: %v", name, back, err)
		}
		short := Escape(name, 100)
		if len(short) > 100 || !utf8.ValidString(short) {
			t.Fatalf("%q", short)
		}
	})
}

func TestDifferentPartsHaveDifferentIds(t *testing.T) {
	d := NewIDs("records", "records-item-v1")
	seen := map[string]bool{}
	for _, parts := range [][]string{{"a", "b"}, {"ab", ""}, {"", "ab"}, {"a", "b", ""}, {"ab"}} {
		id, err := d.Of(parts...)
		if err != nil || seen[id] {
			t.Errorf("%q: %s again, %v", parts, id, err)
		}
		seen[id] = true
	}
	if id, err := d.Of("ab"); err != nil || !strings.HasSuffix(id, "-2") {
		t.Errorf("the second of its kind is %s, %v", id, err)
	}
}
