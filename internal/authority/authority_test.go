package authority_test

import (
	"strings"
	"testing"

	"counterseal/internal/authority"
	"counterseal/internal/problem"
)

const good = `
[[agency]]
id = "us-court-office"
name = "Harbor District Office"
country = "US"
language = "en"
contact = "+1 555 0100"
contact_source = "public directory, 3 May 2013"
[[agency.recipient]]
key = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
since = 2013-05-01T00:00:00Z

[[agency]]
id = "dk-police"
name = "Fictional Police, Denmark"
country = "DK"
language = "da"
contact = "+45 55 50 10 10"
contact_source = "public directory"
`

func TestAnAgencyIsFoundById(t *testing.T) {
	r, err := authority.Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	a, ok := r.Agency("us-court-office")
	if !ok || len(a.Recipients) != 1 || len(r.All()) != 2 {
		t.Fatalf("got %+v", a)
	}
	if _, ok := r.Agency("xx"); ok {
		t.Fatal("found an agency that is not there")
	}
}

func TestABadAgencyIsRefusedAlsoWhenItIsTheLast(t *testing.T) {
	row := func(s string) string {
		return "[[agency]]\nid='x'\nname='X'\ncountry='DK'\nlanguage='da'\ncontact='1'\ncontact_source='s'\n" + s
	}
	cases := map[string]struct{ add, code string }{
		"without an independent contact": {"[[agency]]\nid='x'\nname='X'\ncountry='DK'\nlanguage='da'\ncontact_source='s'\n", "authority.agency"},
		"contact found nowhere":          {"[[agency]]\nid='x'\nname='X'\ncountry='DK'\nlanguage='da'\ncontact='1'\n", "authority.agency"},
		"the same id twice":              {strings.Replace(row(""), "'x'", "'dk-police'", 1), "authority.agency"},
		"another language":               {strings.Replace(row(""), "language='da'", "language='xx'", 1), "authority.agency"},
		"a key that is none":             {row("[[agency.recipient]]\nkey='age1xyz'\nsince=2013-05-01T00:00:00Z\n"), "authority.recipient"},
		"a key known since never":        {row("[[agency.recipient]]\nkey='age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj'\n"), "authority.recipient"},
		"unknown key":                    {row("phone='1'\n"), "authority.form"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if _, err := authority.Parse([]byte(good + c.add)); problem.Code(err) != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := authority.Parse(text); err == nil {
			for _, a := range r.All() {
				if a.Contact == "" {
					t.Fatal("an agency without a contact was read")
				}
			}
		}
	})
}
