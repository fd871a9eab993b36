package provider

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzLine(f *testing.F) {
	for _, s := range []string{`{"hello":{"version":1,"service":"mail"}}`, `{"end":{"items":1,"gaps":0}}`, `{"unknown":{}}`, `{"gap":{"place":"p","reason":"r"}}`, `{"fail":{"code":"changed","says":""}}`,
		`{"item":{"id":"1","account":"a","category":"content","name":"","filename":"","received":null,"sent":"2026-03-05T12:00:00Z","participants":["a@b"],"size":4,"sha256":"` + strings.Repeat("0", 64) + `"}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parse(b)
		if err != nil {
			return
		}
		kinds := 0
		for _, is := range []bool{l.hello != nil, l.item != nil, l.gap != nil, l.end != nil, l.fail != nil, l.unknown} {
			if is {
				kinds++
			}
		}
		if kinds != 1 || !utf8.Valid(b) {
			t.Fatalf("%q is %+v", b, l)
		}
		if a := l.item; a != nil && (a.id == "" || len(a.digest) != 32 || a.size < 0 || a.size > maxSize || a.people == nil || len(a.people) > maxPeople) {
			t.Fatalf("%q is %+v", b, a)
		}
	})
}
