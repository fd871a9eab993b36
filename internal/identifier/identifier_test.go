package identifier_test

import (
	"strings"
	"testing"
	"time"

	"counterseal/internal/identifier"
	"counterseal/internal/problem"
)

// read is one way of stating an identifier and what it is read as: a normal form,
// or a code.
type read struct{ name, stated, want string }

func check(t *testing.T, kind string, cases []read) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			id, err := identifier.Parse(kind, c.stated)
			got := id.Normal
			if err != nil {
				got = problem.Code(err)
			}
			if got != c.want {
				t.Fatalf("%q is read as %q, want %q (%v)", c.stated, got, c.want, err)
			}
		})
	}
}

const (
	form = "identifier.form"
	two  = "identifier.ambiguous"
)

func TestAnAddressIsFoldedInASCIIAloneAndLookAlikesAreNeverMapped(t *testing.T) {
	check(t, "address", []read{
		{"capitals", "Ada.Falk@Lindworm.Example", "ada.falk@lindworm.example"},
		{"a tag belongs to it", "ada+news@lindworm.example", "ada+news@lindworm.example"},
		{"the Kelvin sign is not k", "\u212aai@lindworm.example", "\u212aai@lindworm.example"},
		{"a Cyrillic a in the local part is another letter", "\u0430da@lindworm.example", "\u0430da@lindworm.example"},
		{"a Cyrillic o in the domain", "ada@lindw\u043erm.example", two},
		{"an ideographic full stop", "ada@lindworm\u3002example", two},
		{"a full-width full stop", "ada@lindworm\uff0eexample", two},
		{"a half-width ideographic full stop", "ada@lindworm\uff61example", two},
		{"a one-dot leader", "ada@lindworm\u2024example", two},
		{"a full-width at sign", "ada\uff20lindworm.example", two},
		{"letters of Danish", "bo@Blåbær.example", "bo@xn--blbr-roah.example"},
		{"the same domain as programs write it", "bo@xn--blbr-roah.example", "bo@xn--blbr-roah.example"},
		{"letters of German", "bo@bücher.example", "bo@xn--bcher-kva.example"},
		{"sharp s, on which IDNA disagrees with itself", "bo@straße.example", two},
		{"a combining ring", "bo@bla\u030abær.example", two},
		{"a zero-width joiner", "a\u200dda@lindworm.example", form},
		{"text that turns direction", "a\u202eda@lindworm.example", form},
		{"a soft hyphen", "a\u00adda@lindworm.example", form},
		{"two at signs", `"a@b"@lindworm.example`, `"a@b"@lindworm.example`},
		{"a display name", "Ada <ada@lindworm.example>", form},
		{"two addresses", "ada@lindworm.example,bo@lindworm.example", form},
		{"no domain", "ada@", form},
		{"no local part", "@lindworm.example", form},
		{"a dot at the end", "ada@lindworm.example.", form},
		{"an empty label", "ada@lindworm..example", form},
		{"not UTF-8", "ada\xff@lindworm.example", form},
		{"nothing", "  ", form},
		{"too long", strings.Repeat("a", 400) + "@b.example", form},
	})
}

func TestAPhoneNumberHasItsCountryOrIsRefusedAsAmbiguous(t *testing.T) {
	check(t, "phone", []read{
		{"as people write it", "+44 20 7946 0018", "+442079460018"},
		{"with the zero in brackets", "+44 (0)20 7946 0018", "+442079460018"},
		{"with the zero in brackets, spaced", "+44(0) 20-7946.0018", "+442079460018"},
		{"as a URI", "tel:+44-20-7946-0018", "+442079460018"},
		{"with hyphens and spaces of Unicode", "+45\u00a055\u201150\u201110\u201310", "+4555501010"},
		{"with an area code in brackets", "+1 (212) 555-0142", "+12125550142"},
		{"Italy keeps its zero", "+39 06 555 0142", "+39065550142"},
		{"but a bracketed one says nothing there", "+39 (0)6 555 0142", two},
		{"nor in Denmark, which has none", "+45 (0)55 50 10 10", two},
		{"a zero too many", "+44 020 7946 0018", two},
		{"no country", "020 7946 0018", two},
		{"an international prefix that is one in some countries", "0044 20 7946 0018", two},
		{"digits alone", "442079460018", two},
		{"a full-width plus", "\uff0b442079460018", two},
		{"digits of Arabic", "+44\u0662\u0660 7946 0018", form},
		{"an extension", "+44 20 7946 0018 x12", form},
		{"an extension of a URI", "tel:+44-20-7946-0018;ext=12", form},
		{"letters", "+1 800 FLOWERS", form},
		{"too short", "+44 20", form},
		{"sixteen digits", "+4420794600181234", form},
		{"no such country code", "+0 20 7946 0018", form},
	})
}

func TestANetworkAddressNamesOneInstant(t *testing.T) {
	check(t, "ip", []read{
		{"with port and offset", "198.51.100.7:4711 2026-09-14T14:40:12+01:00", "198.51.100.7"},
		{"an IPv4 address mapped into IPv6", "::ffff:198.51.100.7 2026-09-14T13:40:12Z", "198.51.100.7"},
		{"the same in brackets, with a port", "[::FFFF:198.51.100.7]:4711 2026-09-14T13:40:12Z", "198.51.100.7"},
		{"IPv6 in its long form", "2001:0DB8:0:0:0:0:0:1 2026-09-14T13:40:12Z", "2001:db8::1"},
		{"no time", "198.51.100.7:4711", two},
		{"no zone", "198.51.100.7:4711 2026-09-14T14:40:12", two},
		{"no seconds", "198.51.100.7:4711 2026-09-14T14:40Z", two},
		{"a day", "198.51.100.7:4711 2026-09-14", two},
		{"an abbreviation", "198.51.100.7:4711 2026-09-14 14:40:12 BST", two},
		{"a zone whose sign is turned", "198.51.100.7:4711 2026-09-14 14:40:12 Etc/GMT+1", two},
		{"an hour that came twice", "198.51.100.7:4711 2026-10-25 01:30:00 Europe/London", two},
		{"an hour that never came", "198.51.100.7:4711 2026-03-29 01:30:00 Europe/London", form},
		{"no such zone", "198.51.100.7:4711 2026-09-14 14:40:12 Mars/Base", form},
		{"a zone that leaves its folder", "198.51.100.7:4711 2026-09-14 14:40:12 ../../etc/passwd", form},
		{"two times, an interval", "198.51.100.7:4711 2026-09-14T14:40:12Z 2026-09-14T14:50:12Z", two},
		{"a leading zero, octal to some", "198.051.100.7 2026-09-14T14:40:12Z", form},
		{"a network", "198.51.100.0/24 2026-09-14T14:40:12Z", form},
		{"an interface", "fe80::1%eth0 2026-09-14T14:40:12Z", form},
		{"nobody's", "0.0.0.0 2026-09-14T14:40:12Z", form},
		{"port nought", "198.51.100.7:0 2026-09-14T14:40:12Z", form},
		{"a port too many", "198.51.100.7:4711 port 4712 at 2026-09-14T14:40:12Z", form},
	})
	want := time.Date(2026, 9, 14, 13, 40, 12, 0, time.UTC)
	for _, s := range []string{
		"198.51.100.7:4711 2026-09-14T14:40:12+01:00", "198.51.100.7 port 4711 at 2026-09-14 14:40:12 Europe/London", "198.51.100.7:4711 at 2026-09-14 13:40:12 UTC",
		"198.51.100.7:4711 2026-09-14 14:40:12 +0100", "198.51.100.7:4711 2026-09-14 13:40:12Z",
	} {
		id, err := identifier.Parse("ip", s)
		if err != nil || !id.At.Equal(want) || id.Port != 4711 || len(id.Notes) != 0 {
			t.Errorf("%s: %+v, %v", s, id, err)
		}
	}
	if id, err := identifier.Parse("ip", "198.51.100.7 2026-09-14T13:40:12Z"); err != nil || len(id.Notes) != 1 {
		t.Errorf("a missing port is not noted: %+v, %v", id, err)
	}
}

func TestAnIMEIHasARightCheckDigit(t *testing.T) {
	check(t, "imei", []read{
		{"fifteen digits", "49-015420-323751-8", "490154203237518"},
		{"fourteen digits", "49 015420 323751", "490154203237518"},
		{"another", "352099001761481", "352099001761481"},
		{"a wrong check digit", "490154203237517", form},
		{"as networks send it", "490154203237510", form},
		{"an IMEISV", "4901542032375101", form},
		{"thirteen digits", "4901542032375", form},
		{"a letter", "49015420323751O", form},
		{"digits of another script", "\u0664\u0669015420323751", form},
	})
}

func TestAURLIsComparedByHostAndPath(t *testing.T) {
	check(t, "url", []read{
		{"with scheme, query and fragment", "HTTPS://Files.Lindworm.Example/s/Ab3?dl=1#top", "files.lindworm.example/s/Ab3"},
		{"without a scheme", "files.lindworm.example/s/Ab3/", "files.lindworm.example/s/Ab3"},
		{"needless escapes", "https://files.lindworm.example/%73/Ab3", "files.lindworm.example/s/Ab3"},
		{"an escaped slash is no slash", "https://files.lindworm.example/s%2FAb3", "files.lindworm.example/s%2FAb3"},
		{"the usual port", "https://files.lindworm.example:443/s/Ab3", "files.lindworm.example/s/Ab3"},
		{"a page by its host alone", "http://ada.lindworm.example/", "ada.lindworm.example"},
		{"letters of Danish", "https://blåbær.example/øl", "xn--blbr-roah.example/%C3%B8l"},
		{"a host before an at sign", "https://files.lindworm.example@elsewhere.example/s/Ab3", form},
		{"the same without a scheme", "files.lindworm.example@elsewhere.example/s/Ab3", form},
		{"a look-alike dot", "https://files\u3002lindworm.example/s/Ab3", two},
		{"a Cyrillic letter", "https://files.lindw\u043erm.example/s/Ab3", two},
		{"dots in the path", "https://files.lindworm.example/s/../Ab3", two},
		{"an empty segment", "https://files.lindworm.example//s/Ab3", two},
		{"another port", "https://files.lindworm.example:8443/s/Ab3", form},
		{"another scheme", "ftp://files.lindworm.example/s/Ab3", form},
		{"a script", "javascript:alert(1)", form},
		{"a backslash", `https:\\files.lindworm.example\s`, form},
		{"no domain", "https://files/s/Ab3", form},
		{"an escape that is none", "https://files.lindworm.example/%zz", form},
		{"an escaped control", "https://files.lindworm.example/s%00", form},
	})
	if id, err := identifier.Parse("url", "https://files.lindworm.example/s/Ab3?folder=2"); err != nil || len(id.Notes) != 1 {
		t.Errorf("a query is not noted: %+v, %v", id, err)
	}
}

func TestTheOtherKindsAreComparedAsTheyStand(t *testing.T) {
	check(t, "account", []read{{"an id", " ac-falk ", "ac-falk"}, {"in capitals", "AC-FALK", form}, {"an address", "ada@lindworm.example", form}})
	check(t, "payment", []read{{"a token", "tok_9aB", "tok_9aB"}, {"a space", "tok 9aB", form}, {"too long", strings.Repeat("x", 257), form}})
	check(t, "device", []read{{"a serial", "SN/77-A", "SN/77-A"}})
	check(t, "name", []read{{"a name", "Ada  Falk", "Ada  Falk"}, {"invisible", "Ada\u200bFalk", form}})
	check(t, "everyone", []read{{"no such kind", "x", "identifier.kind"}})
}

func TestWhatLooksLikeSomethingElseIsNoted(t *testing.T) {
	id, err := identifier.Parse("address", "\u0430d\u0430@lindworm.example")
	if err != nil || len(id.Notes) != 1 || !strings.Contains(id.Notes[0], "U+0430") {
		t.Fatalf("got %+v, %v", id, err)
	}
}

func TestAMapStatesANetworkAddressAlone(t *testing.T) {
	if n, err := identifier.Normal("ip", "::ffff:198.51.100.7"); err != nil || n != "198.51.100.7" {
		t.Fatalf("got %q, %v", n, err)
	}
	for _, s := range []string{"198.51.100.7 2026-09-14T13:40:12Z", "198.51.100.7:4711"} {
		if _, err := identifier.Normal("ip", s); problem.Code(err) != form {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
