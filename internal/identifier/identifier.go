package identifier

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// MaxStated bounds what is read, in bytes.
const MaxStated = 2048

// The kinds of identifier, by the word that forms and files use.
const (
	Address = "address"
	Account = "account"
	Phone   = "phone"
	IP      = "ip"
	IMEI    = "imei"
	Device  = "device"
	Payment = "payment"
	Name    = "name"
	URL     = "url"
)

// Kinds lists every kind, in the order of display.
var Kinds = []string{Address, Account, Phone, IP, IMEI, Device, Payment, Name, URL}

// Identifier is one that was read.
type Identifier struct {
	Kind   string
	Normal string
	Notes  []string

	// Of kind ip only. Port is 0 and At is zero where none was stated.
	Addr netip.Addr
	Port uint16
	At   time.Time // one instant, at a whole second, UTC
}

// Parse reads an identifier as an instrument states it. A network address comes
// with its time and zone, because it names nobody without. Codes:
// identifier.kind, identifier.form, identifier.ambiguous.
func Parse(kind, stated string) (Identifier, error) {
	id, err := read(kind, stated)
	if err == nil && kind == IP && id.At.IsZero() {
		return Identifier{}, ambiguous("a network address names nobody without the time, to the second and with its zone").
			Fix("ask for it as 198.51.100.7:4711 2026-09-14T14:40:12Z")
	}
	return id, err
}

// Normal is the normal form of an identifier in the provider's own map, where a
// network address stands alone. Codes: those of Parse.
func Normal(kind, value string) (string, error) {
	id, err := read(kind, value)
	if err == nil && (!id.At.IsZero() || id.Port != 0) {
		return "", malformed("a map states a network address alone; port and time belong to a session")
	}
	return id.Normal, err
}

func read(kind, stated string) (Identifier, error) {
	if !slices.Contains(Kinds, kind) {
		return Identifier{}, problem.New(problem.Invalid, "identifier.kind", "there is no such kind of identifier").At("%.40q", kind).
			Fix("use %s", strings.Join(Kinds, ", "))
	}
	stated = strings.Trim(stated, " \t\r\n\u00a0")
	if stated == "" || len(stated) > MaxStated {
		return Identifier{}, malformed("an identifier has 1 to %d bytes", MaxStated)
	}
	if r, bad := unprintable(stated); bad {
		return Identifier{}, malformed("it holds the character %U, which cannot be seen", r)
	}
	id, err := readers[kind](stated)
	if err != nil {
		return Identifier{}, err
	}
	id.Kind = kind
	return id, nil
}

var readers = map[string]func(string) (Identifier, error){
	Address: readAddress, Account: readAccount, Phone: readPhone, IP: readIP, IMEI: readIMEI, URL: readURL,
	Payment: readToken, Device: readToken, Name: readAsIs,
}

func readAccount(s string) (Identifier, error) {
	if !scope.ValidAccount(s) {
		return Identifier{}, malformed("an account id is 3 to 64 of a–z, 0–9 and inner hyphens")
	}
	return Identifier{Normal: s}, nil
}

// readToken takes what is compared as it stands, such as a payment token.
func readToken(s string) (Identifier, error) {
	if strings.ContainsFunc(s, unicode.IsSpace) || len(s) > 256 {
		return Identifier{}, malformed("a token has up to 256 bytes and no space")
	}
	return Identifier{Normal: s, Notes: beyondASCII(s)}, nil
}

func readAsIs(s string) (Identifier, error) { return Identifier{Normal: s}, nil }

// unprintable finds what leaves no ink: controls, direction marks, zero-width
// letters, bytes that are not UTF-8. Spaces of ASCII and the one that does not
// break are let through; the readers of each kind say what they do with them.
func unprintable(s string) (rune, bool) {
	for i, r := range s {
		if r >= ' ' && r <= '~' {
			continue
		}
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n < 2 {
				return rune(s[i]), true
			}
		}
		if r == '\t' || r == '\u00a0' {
			continue
		}
		if !unicode.IsPrint(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r) {
			return r, true
		}
	}
	return 0, false
}

// beyondASCII is a note on characters that may look like others.
func beyondASCII(s string) []string {
	var odd []string
	for _, r := range s {
		if r < utf8.RuneSelf || len(odd) == 8 {
			continue
		}
		if u := fmt.Sprintf("%U", r); !slices.Contains(odd, u) {
			odd = append(odd, u)
		}
	}
	if odd == nil {
		return nil
	}
	return []string{"It holds characters that may look like others (" + strings.Join(odd, ", ") + ") and was compared exactly as written."}
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

func malformed(format string, args ...any) *problem.Error {
	return problem.New(problem.Invalid, "identifier.form", "this identifier is not of its kind: %s", fmt.Sprintf(format, args...))
}

func ambiguous(format string, args ...any) *problem.Error {
	return problem.New(problem.Refused, "identifier.ambiguous", "this identifier can be read in more than one way: %s", fmt.Sprintf(format, args...))
}
