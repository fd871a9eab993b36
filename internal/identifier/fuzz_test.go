package identifier_test

import (
	"testing"
	"time"
	"unicode/utf8"

	"counterseal/internal/identifier"
	"counterseal/internal/problem"
)

// fuzz holds what every reader owes: a refusal with one of its codes, or a normal
// form that reads as itself.
func fuzz(f *testing.F, kind string, seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := identifier.Parse(kind, s)
		if err != nil {
			if c := problem.Code(err); c != "identifier.form" && c != "identifier.ambiguous" {
				t.Fatal(err)
			}
			return
		}
		again, err := identifier.Normal(kind, id.Normal)
		if err != nil || again != id.Normal || !utf8.ValidString(again) || again == "" {
			t.Fatalf("%q is read as %q and then as %q, %v", s, id.Normal, again, err)
		}
		if kind == identifier.IP && (id.At.Nanosecond() != 0 || id.At.Location() != time.UTC || !id.Addr.IsValid()) {
			t.Fatalf("%q: %+v", s, id)
		}
	})
}

func FuzzAddress(f *testing.F) {
	fuzz(f, "address", "Ada@Lindworm.example", "bo@blåbær.example", "ada@lindworm\u3002example", "\u212a@x.example", `"a@b"@c.example`)
}

func FuzzPhone(f *testing.F) {
	fuzz(f, "phone", "+44 (0)20 7946 0018", "tel:+1-212-555-0142", "0044 20", "+39 06 555 0142", "+")
}

func FuzzIP(f *testing.F) {
	fuzz(f, "ip", "198.51.100.7:4711 2026-09-14T14:40:12+01:00", "[2001:db8::1]:443 2026-09-14 14:40:12 Europe/London", "::ffff:198.51.100.7 port 1 at 2026-09-14 14:40:12 UTC", "[", "[]", "]:1")
}

func FuzzIMEI(f *testing.F) { fuzz(f, "imei", "49-015420-323751-8", "35209900176148") }

func FuzzURL(f *testing.F) {
	fuzz(f, "url", "https://files.lindworm.example/s/Ab3?x#y", "ada.lindworm.example", "https://a.example/%2F%c3%b8", "http://[::1]/x")
}

func FuzzToken(f *testing.F) {
	f.Add("device", "x y")
	f.Add("payment", "tok_9aB")
	f.Add("name", "Ada Falk")
	f.Add("account", "ac-falk")
	f.Fuzz(func(t *testing.T, kind, s string) {
		id, err := identifier.Parse(kind, s)
		if err == nil && kind != "ip" {
			if again, err := identifier.Normal(kind, id.Normal); err != nil || again != id.Normal {
				t.Fatalf("%q, %v", again, err)
			}
		}
	})
}
