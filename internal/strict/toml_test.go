package strict_test

import (
	"strings"
	"testing"

	"counterseal/internal/problem"
	"counterseal/internal/strict"
)

type sample struct {
	Name string `toml:"name"`
	Rows []struct {
		N int `toml:"n"`
	} `toml:"row"`
}

func TestAnErrorNamesFileLineAndKey(t *testing.T) {
	cases := map[string]struct{ text, field string }{
		"unknown key":    {"name = 'a'\n[[row]]\nn = 1\n[[row]]\nm = 2\n", "x.toml, line 5: row.m"},
		"wrong type":     {"name = 'a'\n[[row]]\nn = 'one'\n", "x.toml, line 3"},
		"not TOML":       {"name = \n", "x.toml, line 1"},
		"key twice":      {"name = 'a'\nname = 'b'\n", "x.toml, line 2"},
		"too large":      {"name = '" + strings.Repeat("a", 300) + "'\n", "x.toml"},
		"not UTF-8":      {"name = '\xff'\n", "x.toml"},
		"truncated file": {"name = 'a", "x.toml, line 1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var s sample
			err := strict.TOML("x.toml", []byte(c.text), 200, "room.form", &s)
			p := problem.Of(err)
			if p == nil || p.Code != "room.form" || !strings.HasPrefix(p.Field, c.field) {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestAGoodFileIsRead(t *testing.T) {
	var s sample
	if err := strict.TOML("x.toml", []byte("name = 'a'\n[[row]]\nn = 1\n"), 200, "room.form", &s); err != nil || s.Rows[0].N != 1 {
		t.Fatalf("got %+v, %v", s, err)
	}
}

func FuzzTOML(f *testing.F) {
	f.Add([]byte("name = 'a'\n[[row]]\nn = 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s sample
		if err := strict.TOML("x.toml", text, 1<<16, "room.form", &s); err != nil && problem.Code(err) != "room.form" {
			t.Fatal(err)
		}
	})
}
