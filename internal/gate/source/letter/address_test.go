package letter

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"counterseal/internal/scope"
)

func TestAddressesOfAField(t *testing.T) {
	for in, want := range map[string][]string{
		"a@b.example":                            {"a@b.example"},
		"A@B.Example, c@d.example":               {"a@b.example", "c@d.example"},
		"Ann <a@b>":                              {"a@b"},
		"Ann <a@b> (home; c@d)":                  {"a@b"},
		"\"Ann, the; <x@y> first\" <a@b>, c@d":   {"a@b", "c@d"},
		"\"victim@bank\" <a@b>":                  {"a@b"},
		"victim@bank <a@b>":                      {"a@b"},
		"<a@b> trailing@words":                   {"a@b"},
		"Ann (victim@bank) <a@b>":                {"a@b"},
		"=?utf-8?q?victim=40bank?= <a@b>":        {"a@b"},
		"=?utf-8?q?victim@bank?=":                nil,
		"\n\tAnn\n <a@b>,\n\tc@d\r\n":            {"a@b", "c@d"},
		"friends: a@b, c@d;, e@f":                {"a@b", "c@d", "e@f"},
		"undisclosed-recipients:;":               nil,
		"<@relay.one,@relay.two:a@b>":            {"a@b"},
		"mailto:a@b":                             {"a@b"},
		"Ann a@b":                                {"a@b"},
		"<a@b, c@d":                              {"a@b", "c@d"},
		"<<a@b>>":                                {"a@b"},
		"\"a\"@b":                                {"a@b"},
		"\"a b\"@c":                              nil,
		"\"a@b\"@c":                              nil,
		"\"never closed <x@y>, a@b":              nil,
		"a@b \"never closed <x@y>, c@d":          {"a@b"},
		"a@b (never closed, c@d":                 {"a@b"},
		"(a \\) (nested) one) a@b":               {"a@b"},
		"a@, @b, @, a":                           nil,
		"\xff@b, a\x00@b, ü@b.example":           {"ü@b.example"},
		strings.Repeat("x", 330) + "@b, short@b": {"short@b"},
		"a@b;c@d":                                {"a@b", "c@d"},
		"":                                       nil,
		"Ann <a@b> <c@d>":                        {"a@b", "c@d"},
	} {
		var a addresses
		a.add([]byte(in))
		if d := cmp.Diff(want, a.found, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%q: %s", in, d)
		}
	}
}

func TestAddressesAreCountedAlsoWhereNoScopeCanNameThem(t *testing.T) {
	var a addresses
	a.add([]byte(strings.Repeat("\"a b\"@c, ", MaxAddresses+5)))
	if a.seen != MaxAddresses+5 || len(a.found) > 0 {
		t.Errorf("%d seen, %d found", a.seen, len(a.found))
	}
	a = addresses{}
	a.add([]byte(strings.Repeat("a@c, ", MaxAddresses+5)))
	if a.seen != MaxAddresses+5 || len(a.found) != MaxAddresses {
		t.Errorf("%d seen, %d found", a.seen, len(a.found))
	}
}

func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"Ann <a@b>, \"c\" (d) <e@f>", "<@x:a@b>", "g: a@b;", "\"\\", "((", "<<a@b>>"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var a addresses
		a.add(b)
		for _, got := range a.found {
			n, err := scope.NormalAddress(got)
			if err != nil || n != got || !strings.Contains(got, "@") {
				t.Fatalf("%q gives %q: %v", b, got, err)
			}
		}
		if len(a.found) > a.seen || a.seen > len(b) {
			t.Fatalf("%d found of %d", len(a.found), a.seen)
		}
	})
}
